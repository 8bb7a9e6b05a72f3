package node

import (
	"context"
	"encoding/base64"
	"errors"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/law"
	"jishan/app/photo"
	"jishan/crdt/admit"
	"jishan/crdt/store"
	"jishan/p2p"
)

type deviceReply struct {
	ID        string   `json:"id"`
	Name      string   `json:"name"`
	Role      string   `json:"role"`
	PlaceName string   `json:"placeName"`
	Home      string   `json:"home"` // of another community's merchant: that one's name
	Self      bool     `json:"self"`
	Registrar bool     `json:"registrar"`
	Standby   bool     `json:"standby"`
	Online    bool     `json:"online"`
	Last      int64    `json:"last"`
	Via       string   `json:"via"`
	Lacks     int64    `json:"lacks"` // -1: not known
	Revoked   bool     `json:"revoked"`
	Addresses []string `json:"addresses"`
}

type meeting struct {
	A  string `json:"a"`
	B  string `json:"b"`
	At int64  `json:"at"`
}

type exchanged struct {
	At       int64  `json:"at"`
	Device   string `json:"device"`
	Sent     int64  `json:"sent"`
	Received int64  `json:"received"`
	Via      string `json:"via"`
}

// refusal is a change that was not accepted: code and params are admission's,
// both empty for one from before there were codes. Or it is a device that broke
// the rules of the network: brokeCode with reason and times.
type refusal struct {
	At     int64             `json:"at"`
	From   string            `json:"from"`
	Code   string            `json:"code"`
	Params map[string]string `json:"params,omitempty"`
	Doc    string            `json:"doc"`
}

type devicesReply struct {
	Devices    []deviceReply `json:"devices"`
	Unknown    int           `json:"unknown"` // devices of which is not known what they hold
	OnlyHere   int64         `json:"onlyHere"`
	Synced     int64         `json:"synced"`
	Meetings   []meeting     `json:"meetings"`
	Log        []exchanged   `json:"log"`
	Quarantine []refusal     `json:"quarantine"`
	Unseen     []unseen      `json:"unseen"` // of revoked devices: held and not shown
	Paused     bool          `json:"paused"`
	Photos     photo.Count   `json:"photos"`
	Folder     string        `json:"folder"` // where this device keeps everything, on this machine
}

// devices tells who met whom, when, and what is still only here.
func (c *community) devices(ctx context.Context, _ none) (devicesReply, error) {
	out := devicesReply{Devices: []deviceReply{}, Meetings: []meeting{}, Log: []exchanged{}, Quarantine: []refusal{}, Unseen: []unseen{}, Paused: c.mesh.now() == nil, Folder: c.node.cfg.Data}
	online := c.mesh.online()
	err := c.view(ctx, func(q store.Querier) error {
		known, err := heldBy(q)
		if err != nil {
			return err
		}
		last, err := c.lastMet(q, known, online)
		if err != nil {
			return err
		}
		for _, d := range c.charter.Devices() {
			r, err := c.deviceReply(q, d, known[d.Device], last[d.Device], online[d.Device] != nil)
			if err != nil {
				return err
			}
			out.Devices = append(out.Devices, r)
			if r.Lacks < 0 && !r.Revoked {
				out.Unknown++
			}
			if !r.Self && r.Last > 0 {
				out.Meetings = append(out.Meetings, meeting{deviceText(c.node.device.Load().Public()), r.ID, r.Last})
			}
		}
		if out.OnlyHere, err = c.onlyHere(q, known); err != nil {
			return err
		}
		if out.Photos, err = c.photoCount(q); err != nil {
			return err
		}
		if out.Log, err = c.exchanges(q); err != nil {
			return err
		}
		if out.Unseen, err = c.unseenWork(q); err != nil {
			return err
		}
		list, err := c.brokenRules(q)
		out.Quarantine = append(out.Quarantine, list...)
		return err
	})
	if err != nil {
		return out, err
	}
	for _, t := range online {
		st := t.Stats()
		out.Synced += int64(st.ChangesSent + st.Admitted)
	}
	list, err := c.store.Quarantine(ctx)
	for _, q := range list {
		why := admit.ParseReason(q.Reason)
		out.Quarantine = append(out.Quarantine, refusal{q.At, c.fromName(q.From), why.Code, why.Params, string(q.Doc)})
	}
	return out, err
}

func (c *community) deviceReply(q store.Querier, d govern.Enrolled, known held, last met, online bool) (deviceReply, error) {
	r := deviceReply{
		ID: deviceText(d.Device), Name: d.Name, Role: d.Role.String(), PlaceName: d.PlaceName, Home: d.Home, Self: d.Device == c.node.device.Load().Public(),
		Registrar: d.Registrar, Standby: d.Standby, Revoked: d.Revoked, Online: online, Last: last.at, Via: last.via, Lacks: -1, Addresses: hostPorts(c.node.localCopy().Addresses[deviceText(d.Device)]),
	}
	if h := c.mesh.now(); r.Self && h != nil { // where others find this one: somebody may have to type it there
		r.Addresses = hostPorts(h.Addrs())
	}
	if r.Self {
		r.Lacks = 0
	}
	if r.Self || known.upto == 0 {
		return r, nil
	}
	var err error
	r.Lacks, err = c.lacks(q, d.Device, known.upto)
	return r, err
}

// fromName turns the origin of a refused change into a name.
func (c *community) fromName(from string) string {
	pub, err := govern.ParseDevice(from)
	if err != nil {
		return from
	}
	if d, ok := c.charter.Device(pub); ok {
		return d.Name
	}
	return from[:8]
}

func (c *community) exchanges(q store.Querier) ([]exchanged, error) {
	rows, err := q.Query(`SELECT at, device, sent, received, via FROM local_exchange ORDER BY n DESC LIMIT 50`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := []exchanged{}
	for rows.Next() {
		var x exchanged
		var pub []byte
		if err := rows.Scan(&x.At, &pub, &x.Sent, &x.Received, &x.Via); err != nil {
			return nil, err
		}
		if len(pub) == 32 {
			x.Device = c.fromName(deviceText([32]byte(pub)))
		}
		out = append(out, x)
	}
	return out, rows.Err()
}

type pill struct {
	Online       int   `json:"online"`
	Total        int   `json:"total"`
	Keepers      int   `json:"keepers"` // of the others those that may hold a second copy of everything
	Last         int64 `json:"last"`
	OnlyHere     int64 `json:"onlyHere"`
	OfflineSince int64 `json:"offlineSince"`
	Cut          bool  `json:"cut"` // nobody is connected and no network interface carries anything
	Attention    int   `json:"attention"`
}

// pill is the line that is always visible.
func (c *community) pill(ctx context.Context) (pill, error) {
	var p pill
	online := c.mesh.online()
	p.Online = len(online)
	err := c.view(ctx, func(q store.Querier) error {
		known, err := heldBy(q)
		if err != nil {
			return err
		}
		for _, d := range c.charter.Devices() {
			if d.Revoked || d.Device == c.node.device.Load().Public() {
				continue
			}
			p.Total++
			if d.Role.Staff() {
				p.Keepers++
			}
			p.Last = max(p.Last, known[d.Device].at)
		}
		if p.OnlyHere, err = c.onlyHere(q, known); err != nil {
			return err
		}
		broke, err := c.brokenRules(q)
		p.Attention = len(broke)
		return err
	})
	if err != nil {
		return p, err
	}
	if p.Online == 0 && p.Total > 0 {
		p.OfflineSince, p.Cut = c.mesh.offlineSince(), unplugged()
	}
	counts, err := c.store.Counts(ctx)
	p.Attention += counts.Quarantined + int(c.alarmed.Load())
	if c.diskFault() != nil {
		p.Attention++
	}
	return p, err
}

type idRequest struct {
	ID string `json:"id"`
}

// revoke ends a device's authority. Its ledger feed is closed where this
// device knows it to end.
func (c *community) revoke(ctx context.Context, r idRequest) (none, error) {
	pub, err := parseDevice(r.ID)
	if err != nil {
		return none{}, err
	}
	err = c.write(ctx, func(tx *store.Tx) error {
		w := govern.Withdrawal{Device: pub, Why: "revoked"}
		certs, err := govern.Incarnations(tx, pub)
		if err != nil {
			return err
		}
		for _, cert := range certs {
			cuts, err := law.Cuts(tx, c.ledger, cert.Actor(), "revoked")
			if err != nil {
				return err
			}
			for _, cut := range cuts {
				w.Cuts = append(w.Cuts, cut.(govern.Close))
			}
		}
		return c.charter.Revoke(tx, c.node.cfg.Rand, w)
	})
	if h := c.mesh.now(); err == nil && h != nil {
		h.Disconnect(pub)
	}
	return none{}, err
}

type addressRequest struct {
	ID      string `json:"id"`
	Address string `json:"address"`
}

// addAddress remembers an address that somebody typed: host:port.
func (c *community) addAddress(_ context.Context, r addressRequest) (none, error) {
	pub, err := parseDevice(r.ID)
	if err != nil {
		return none{}, err
	}
	if _, ok := c.charter.Device(pub); !ok {
		return none{}, fault.New("devices.unknown")
	}
	list, err := typedAddress(r.Address)
	if err != nil {
		return none{}, err
	}
	if err := c.node.rememberAddrs(r.ID, list); err != nil {
		return none{}, err
	}
	if h := c.mesh.now(); h != nil {
		return none{}, h.Sighted(pub, list)
	}
	return none{}, nil
}

// pause cuts this device off, or connects it again.
func (c *community) pause(ctx context.Context, r onRequest) (none, error) {
	if r.On {
		c.mesh.down()
	} else if err := c.mesh.up(ctx); err != nil {
		return none{}, netFault(err)
	}
	c.node.hub.tell("state", "devices")
	return none{}, nil
}

func netFault(err error) error {
	if p, ok := errors.AsType[*p2p.PortError](err); ok {
		return fault.New("net.port", "addresses", p.Missing)
	}
	return err
}

type fileRequest struct {
	File string `json:"file"` // base64
}

// maxUpload bounds a file that a screen sends, before base64.
const maxUpload = 16 << 20

func (r fileRequest) bytes() ([]byte, error) {
	if base64.StdEncoding.DecodedLen(len(r.File)) > maxUpload+3 {
		return nil, fault.New("file.large", "limit", maxUpload)
	}
	b, err := base64.StdEncoding.DecodeString(r.File)
	if err != nil {
		return nil, fault.New("file.bad")
	}
	return b, nil
}
