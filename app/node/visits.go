package node

import (
	"cmp"
	"context"
	"io"
	"os"
	"path/filepath"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/people"
	"jishan/app/voucher"
	"jishan/p2p/pair"
)

// visitCalls are about the communities in which this device is a guest.
func (n *Node) visitCalls() map[string]handler {
	return map[string]handler{
		"visits.list": in(n, (*community).visitsList),
		"visits.join": in(n, (*community).visitsJoin),
	}
}

type visitsReply struct {
	Visits []Visit `json:"visits"` // the device's own community first
	Scope  string  `json:"scope"`  // how far this merchant takes points; "" for others
	Text   string  `json:"text"`   // its certificate, "" while it has none
	Until  int64   `json:"until"`
}

// visitsList tells which communities this device belongs to, and what it shows
// elsewhere.
func (c *community) visitsList(ctx context.Context, _ none) (visitsReply, error) {
	out := visitsReply{Visits: []Visit{}}
	d, _ := c.self()
	if d.Role == govern.Merchant && d.Home == "" {
		out.Scope = cmp.Or(d.Scope, govern.ScopeCommunity)
		if cert, ok := c.charter.ScopeOf(d.Device); ok {
			out.Text, out.Until = cert.String(), cert.NotAfter
		}
	}
	if c.node.cfg.Visits == nil {
		return out, nil
	}
	list, err := c.node.cfg.Visits.List(ctx)
	out.Visits = append(out.Visits, list...)
	return out, err
}

type visitsJoined struct {
	ID string `json:"id"`
}

// visitsJoin joins another community as its guest, by a ticket of its office.
// Faults: visits.merchant, visits.scope, visits.none, those of setup.join.
func (c *community) visitsJoin(ctx context.Context, r textRequest) (visitsJoined, error) {
	d, _ := c.self()
	if d.Role != govern.Merchant || d.Home != "" {
		return visitsJoined{}, fault.New("visits.merchant")
	}
	cert, ok := c.charter.ScopeOf(d.Device)
	if !ok {
		return visitsJoined{}, fault.New("visits.scope")
	}
	if c.node.cfg.Visits == nil {
		return visitsJoined{}, fault.New("visits.none")
	}
	id, err := c.node.cfg.Visits.Join(ctx, r.Text, cert.String())
	return visitsJoined{id}, err
}

// Visit is this node's community as a list of communities shows it; false while it
// belongs to none.
func (n *Node) Visit(ctx context.Context) (v Visit, ok bool, err error) {
	c, err := n.here()
	if err != nil {
		return v, false, nil
	}
	v = Visit{ID: c.charter.Community(), Name: c.charter.Settings().Name, Home: n.cfg.Home == nil}
	v.Sync, err = c.pill(ctx)
	return v, true, err
}

// Community is the id of the community that this node belongs to, "" for none.
func (n *Node) Community() string { return n.localCopy().Community }

// DeviceName is what this device is called in its community.
func (n *Node) DeviceName() string {
	c, err := n.here()
	if err != nil {
		return ""
	}
	d, _ := c.self()
	return d.Name
}

// Operator is who is at the screen now, "" for nobody.
func (n *Node) Operator() string { return n.localCopy().Operator }

// Invites tells whether a ticket is of this node's own community: whoever joins
// again would be taken for a copy of itself.
func (n *Node) Invites(ticket string) bool {
	t, err := pair.ParseTicket(ticket, n.now())
	c, e := n.here()
	if err != nil || e != nil {
		return false
	}
	_, known := c.charter.Device(t.Device)
	return known
}

// Shown tells whether a scanned or typed text is of this node's own community: a
// card or a voucher by what it says, a card's digits where they are known here.
func (n *Node) Shown(ctx context.Context, text string) bool {
	c, err := n.here()
	if err != nil {
		return false
	}
	if id, ok := people.CardCommunity(text); ok {
		return id == c.charter.Community()
	}
	if voucher.Is(text) {
		_, err := c.readVoucher(text)
		return err == nil
	}
	_, known, err := buyers{c}.Card(nil, text)
	return err == nil && known
}

// Name is what the community is called, "" for none.
func (n *Node) Name() string {
	c, err := n.here()
	if err != nil {
		return ""
	}
	return c.charter.Settings().Name
}

// BelongsTo is the community that a data folder at rest belongs to, "" for none.
func BelongsTo(dir string) (string, error) {
	l, err := loadLocal(dir)
	return l.Community, err
}

// GiveKey puts this device's key into the folder of a community in which it shall
// be a guest: its certificate names that key.
func (n *Node) GiveKey(dir string) error {
	f, err := os.Open(filepath.Join(n.cfg.Data, govern.DeviceFile))
	if err != nil {
		return err
	}
	defer f.Close()
	return replaceBy(filepath.Join(dir, govern.DeviceFile), ".new-*", func(to *os.File) error {
		_, err := io.Copy(to, f)
		return err
	})
}
