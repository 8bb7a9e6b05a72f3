package node

import (
	"context"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"
	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/qr"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
	"jishan/p2p/pair"
)

// ticketLife is how long a ticket can be used: long enough to carry it to the
// other end of the village, short enough to be forgotten on a desk.
const ticketLife = 2 * time.Hour

type ticketRequest struct {
	Role      string `json:"role"`
	Name      string `json:"name"`
	PlaceName string `json:"placeName"`
}

type ticketReply struct {
	Text    string `json:"text"`
	SVG     string `json:"svg"`
	Expires int64  `json:"expires"`
	Role    string `json:"role"`
	Name    string `json:"name"`
}

// ticket invites one device. Only the registrar's device can, since it alone
// enrols.
func (c *community) ticket(_ context.Context, r ticketRequest) (ticketReply, error) {
	n := c.node
	if !c.tend.registrar() {
		return ticketReply{}, fault.New("govern.registrar.only")
	}
	if govern.ParseRole(r.Role) == 0 {
		return ticketReply{}, fault.New("govern.role.bad", "role", clip(r.Role, 40))
	}
	r.Name, r.PlaceName = strings.TrimSpace(r.Name), strings.TrimSpace(r.PlaceName)
	if r.Name == "" || len([]rune(r.Name)) > 40 {
		return ticketReply{}, fault.New("devices.name.bad", "limit", 40)
	}
	if len([]rune(r.PlaceName)) > 40 || r.PlaceName == "" && r.Role != "office" {
		return ticketReply{}, fault.New("devices.place.bad", "limit", 40)
	}
	h := c.mesh.now()
	if h == nil {
		return ticketReply{}, fault.New("net.off")
	}
	self, _ := c.self()
	t, err := pair.NewTicket(n.cfg.Rand, pair.Ticket{Device: n.device.Public(), Addrs: h.Addrs(), Expires: n.now() + ticketLife.Milliseconds(),
		Community: c.charter.Settings().Name, Inviter: self.Name, Role: r.Role, Name: r.Name})
	if err != nil {
		return ticketReply{}, err
	}
	c.mesh.promise(t, r.PlaceName)
	if err := c.mesh.inviter.Open(t); err != nil {
		return ticketReply{}, fault.New("ticket.many")
	}
	text := t.String()
	svg, err := qr.SVG(text, qr.Low)
	return ticketReply{Text: text, SVG: svg, Expires: t.Expires, Role: r.Role, Name: r.Name}, err
}

// promise remembers at which place the ticket's device will stand.
func (m *mesh) promise(t pair.Ticket, place string) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.promised == nil {
		m.promised = map[[16]byte]string{}
	}
	m.promised[t.Secret] = place
}

// accept enrols a device that knows a ticket's secret.
func (m *mesh) accept(ctx context.Context, r pair.Request) ([]byte, error) {
	var j joinMessage
	if err := cbor.Unmarshal(r.Message, &j); err != nil || j.Version != joinVersion {
		return nil, &pair.Refusal{Code: "ticket.newer"}
	}
	cert, err := seal.DecodeCertificate(j.Incarnation)
	if err != nil || cert.Verify() != nil || cert.Device != r.Device {
		return nil, &pair.Refusal{Code: "pair.failed"}
	}
	m.mu.Lock()
	place := m.promised[r.Ticket.Secret]
	m.mu.Unlock()
	err = m.c.write(ctx, func(tx *store.Tx) error {
		if _, err := tx.SetAdd(store.SetIncarnation, store.Item{ID: cert.ID(), Blob: j.Incarnation}); err != nil {
			return err
		}
		_, err := m.c.charter.Certify(tx, m.c.enrolment(r, j, place))
		return err
	})
	if err != nil {
		m.c.node.log.Warn("a device could not be enrolled", "device", deviceText(r.Device), "err", err.Error())
		return nil, &pair.Refusal{Code: fault.Of(err).Code}
	}
	return m.c.welcome(ctx)
}

// enrolment puts the device at its place: an office joins the office, others
// get the place of that name, or a new one.
func (c *community) enrolment(r pair.Request, j joinMessage, place string) govern.Enrol {
	e := govern.Enrol{Device: r.Device, Role: govern.ParseRole(r.Ticket.Role), Name: j.Name, PlaceName: place, Recipient: j.Recipient}
	if e.Role == govern.Merchant {
		e.Scope = "community"
	}
	if place == "" {
		e.Place = govern.OfficePlace
	}
	for id, name := range c.charter.Settings().Places {
		if name == place {
			e.Place = id
		}
	}
	return e
}

// welcome gathers the charter and all certificates of incarnations.
func (c *community) welcome(ctx context.Context) ([]byte, error) {
	w := welcome{Version: joinVersion, Community: c.charter.Community()}
	err := c.view(ctx, func(q store.Querier) error {
		items, err := store.SetItems(q, store.SetIncarnation, -1)
		if err != nil {
			return err
		}
		for _, it := range items {
			w.Certificates = append(w.Certificates, it.Blob)
		}
		docs, err := store.Docs(q)
		if err != nil {
			return err
		}
		for _, d := range docs {
			if p, err := govern.ParsePath(d.ID); err != nil || p.Row.Doc != "gov" {
				continue
			}
			wd := welcomeDoc{ID: string(d.ID)}
			err := store.Each(q, d.ID, func(_ wire.Actor, s store.Stored) error {
				x := welcomeChange{Chunk: s.Chunk}
				if s.Seal != nil {
					x.Seal = s.Seal[:]
				}
				wd.Changes = append(wd.Changes, x)
				return nil
			})
			if err != nil {
				return err
			}
			w.Docs = append(w.Docs, wd)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return cbor.Marshal(w)
}
