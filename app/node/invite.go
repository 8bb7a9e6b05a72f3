package node

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"
	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/qr"
	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	crdtsync "jishan/crdt/sync"
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
	if err := r.check(c); err != nil {
		return ticketReply{}, err
	}
	t, err := c.newTicket(r, ticketLife)
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

// check tidies what is asked for. Faults: govern.registrar.only, govern.role.bad,
// devices.name.bad, devices.place.bad.
func (r *ticketRequest) check(c *community) error {
	if !c.tend.registrar() {
		return fault.New("govern.registrar.only")
	}
	if govern.ParseRole(r.Role) == 0 {
		return fault.New("govern.role.bad", "role", clip(r.Role, maxDeviceName))
	}
	r.Name, r.PlaceName = strings.TrimSpace(r.Name), strings.TrimSpace(r.PlaceName)
	if r.Name == "" || len([]rune(r.Name)) > maxDeviceName {
		return fault.New("devices.name.bad", "limit", maxDeviceName)
	}
	if len([]rune(r.PlaceName)) > maxDeviceName || r.PlaceName == "" && r.Role != "office" {
		return fault.New("devices.place.bad", "limit", maxDeviceName)
	}
	return nil
}

// newTicket draws a ticket of this device. Fault: net.off.
func (c *community) newTicket(r ticketRequest, life time.Duration) (pair.Ticket, error) {
	h := c.mesh.now()
	if h == nil {
		return pair.Ticket{}, fault.New("net.off")
	}
	self, _ := c.self()
	return pair.NewTicket(c.node.cfg.Rand, pair.Ticket{Device: c.node.device.Load().Public(), Addrs: h.Addrs(), Expires: c.node.now() + life.Milliseconds(),
		Community: c.charter.Settings().Name, Inviter: self.Name, Role: r.Role, Name: r.Name})
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

// accept enrols a device that knows a ticket's secret. The joiner has the whole
// charter before anything is written here, so that one that breaks off leaves no
// trace; then it gets what its certificate added. A device that was enrolled
// like this before and did not hear of it is not enrolled twice.
func (m *mesh) accept(ctx context.Context, r pair.Request, tell func([]byte) error) (in bool, err error) {
	j, cert, err := readJoin(r)
	if err != nil {
		return false, err
	}
	head, err := cbor.Marshal(welcome{Version: joinVersion, Community: m.c.charter.Community()})
	if err != nil {
		return false, err
	}
	if err := tell(head); err != nil {
		return false, err
	}
	told, err := m.tellCharter(ctx, r.Device, nil, tell)
	if err != nil {
		return false, err
	}
	m.mu.Lock()
	place := m.promised[r.Ticket.Secret]
	m.mu.Unlock()
	e := m.c.enrolment(r, j, place)
	if e.Guest, err = guestOf(j, e.Role); err != nil {
		return false, &pair.Refusal{Code: fault.Of(err).Code}
	}
	if e.Guest != nil { // a place of its own, whatever other places are called
		e.Place, e.PlaceName, e.Scope, e.NotAfter = "", cmp.Or(place, e.Guest.Merchant), e.Guest.Scope, e.Guest.NotAfter
	}
	err = m.c.write(ctx, func(tx *store.Tx) error {
		if _, err := tx.SetAdd(store.SetIncarnation, store.Item{ID: cert.ID(), Blob: j.Incarnation}); err != nil {
			return err
		}
		if m.c.enrolled(e) {
			return nil
		}
		_, err := m.c.charter.Certify(tx, e)
		return err
	})
	if err != nil {
		m.c.node.log.Warn("a device could not be enrolled", "device", deviceText(r.Device), "err", err.Error())
		return false, &pair.Refusal{Code: fault.Of(err).Code}
	}
	_, err = m.tellCharter(ctx, r.Device, told, tell)
	return true, err
}

func readJoin(r pair.Request) (joinMessage, seal.Certificate, error) {
	j, err := decodeJoin(r.Message)
	if err != nil || j.Version != joinVersion {
		return j, seal.Certificate{}, &pair.Refusal{Code: "ticket.newer"}
	}
	cert, err := seal.DecodeCertificate(j.Incarnation)
	if err != nil || cert.Verify() != nil || cert.Device != r.Device {
		return j, cert, &pair.Refusal{Code: "pair.failed"}
	}
	return j, cert, nil
}

// tellCharter tells the certificates and what of the charter stands behind
// known, as the frames of package sync with an empty part behind them. It
// returns how far the charter went before.
func (m *mesh) tellCharter(ctx context.Context, to [32]byte, known map[store.DocID][]store.Tip, tell func([]byte) error) (map[store.DocID][]store.Tip, error) {
	cfg := m.config(to)
	cfg.Policy = welcoming{policy{m.c}}
	docs, err := m.source.Documents(ctx, func(d store.DocID) bool { return cfg.Policy.MayRead(to, d) }, func(store.DocID, [32]byte) bool { return false })
	if err != nil {
		return nil, err
	}
	held := map[store.DocID][]store.Tip{}
	for _, d := range docs {
		held[d.ID] = d.Tips
	}
	for frame, err := range crdtsync.Export(ctx, cfg, known) {
		if err == nil {
			err = tell(frame)
		}
		if err != nil {
			return nil, err
		}
	}
	return held, tell(nil)
}

// welcoming is what a joiner is told and believes: the charter, who signs as
// whom, and proofs against those that forked. All of it is for everybody, and
// everything is judged by what it says itself.
type welcoming struct{ policy }

// MayRead implements crdtsync.Policy.
func (welcoming) MayRead(_ [32]byte, doc store.DocID) bool {
	p, err := govern.ParsePath(doc)
	return err == nil && p.Term > 0
}

// MaySet implements crdtsync.Policy.
func (welcoming) MaySet(_ [32]byte, set string) bool {
	return set == store.SetIncarnation || set == store.SetFork
}

// CheckItem implements crdtsync.Policy.
func (w welcoming) CheckItem(peer [32]byte, set string, _ store.Item) error {
	if !w.MaySet(peer, set) {
		return errors.New("a joiner takes no items of set " + set)
	}
	return nil
}

// Admit implements crdtsync.Policy.
func (w welcoming) Admit(ctx context.Context, from string, doc store.DocID, items []seal.Sealed) (admit.Result, error) {
	if !w.MayRead([32]byte{}, doc) {
		return admit.Result{Refused: len(items)}, nil
	}
	return w.policy.Admit(ctx, from, doc, items)
}

// enrolled tells whether a device is enrolled as wanted already.
func (c *community) enrolled(e govern.Enrol) bool {
	d, ok := c.charter.Device(e.Device)
	return ok && !d.Revoked && d.Role == e.Role && d.Name == e.Name && d.Place == e.Place && d.NotAfter == e.NotAfter
}

// enrolment puts the device at its place: an office joins the office, others
// get the place of that name, or a new one.
func (c *community) enrolment(r pair.Request, j joinMessage, place string) govern.Enrol {
	e := govern.Enrol{Device: r.Device, Role: govern.ParseRole(r.Ticket.Role), Name: j.Name, PlaceName: place, Recipient: j.Recipient}
	if place == "" {
		e.Place = govern.OfficePlace
	}
	for id, name := range c.charter.Settings().Places {
		if name == place {
			e.Place = id
		}
	}
	if e.Role == govern.Merchant {
		e.Scope = govern.ScopeCommunity
		for _, s := range c.charter.Shops() { // another till of a merchant
			if s.Place == e.Place && s.Home == "" {
				e.Scope = s.Scope
			}
		}
	}
	return e
}
