package node

import (
	"context"
	"errors"
	"slices"
	"strings"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/app/people"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Merchants: how far each takes points, those of other communities that are guests
// here, and the credit that these redeem on (docs/merchants.md).

func (n *Node) merchantCalls() map[string]handler {
	return map[string]handler{
		"merchants.list":  staff(n, (*community).listMerchants),
		"merchants.scope": staff(n, (*community).setScope),
		"merchants.renew": staff(n, (*community).renewGuest),
	}
}

type merchantReply struct {
	Place   string `json:"place"`
	Name    string `json:"name"`
	Scope   string `json:"scope"`
	Home    string `json:"home"`    // of a guest: its own community; "" for ours
	Until   int64  `json:"until"`   // of a guest: when its certificate runs out
	Devices int    `json:"devices"` // tills in force
	Credit  int64  `json:"credit"`  // of a guest: what its tills may still redeem, as far as it is known here

	Keepers []people.PersonRow `json:"keepers"` // who keeps it: their points are the merchant's
}

type scopeReply struct {
	Scope   string `json:"scope"`
	Only    int    `json:"only"`    // merchants with exactly this scope
	AtLeast int    `json:"atLeast"` // and those with a wider one
}

type merchantsReply struct {
	Merchants []merchantReply `json:"merchants"`
	Scopes    []scopeReply    `json:"scopes"`
	Registrar bool            `json:"registrar"`
	Sited     bool            `json:"sited"` // the community says in which city it lies: without that no scope reaches beyond it
}

func (c *community) listMerchants(ctx context.Context, _ none) (merchantsReply, error) {
	self, _ := c.self()
	out := merchantsReply{Merchants: []merchantReply{}, Scopes: []scopeReply{}, Registrar: self.Registrar, Sited: c.charter.Settings().Site.City != ""}
	shops := c.charter.Shops()
	for _, n := range govern.CountScopes(shops) {
		out.Scopes = append(out.Scopes, scopeReply(n))
	}
	err := c.view(ctx, func(q store.Querier) error {
		for _, s := range shops {
			r := merchantReply{Keepers: []people.PersonRow{}, Place: s.Place, Name: s.Name, Scope: s.Scope, Home: s.Home, Until: s.Until, Devices: len(s.Devices)}
			for _, d := range s.Devices {
				n, err := c.creditOf(q, d)
				if err != nil {
					return err
				}
				r.Credit += n
			}
			out.Merchants = append(out.Merchants, r)
		}
		return nil
	})
	if err != nil {
		return out, err
	}
	return out, c.addKeepers(ctx, out.Merchants)
}

// addKeepers says who keeps each of our own merchants, with the points.
func (c *community) addKeepers(ctx context.Context, list []merchantReply) error {
	keepers, err := c.people.Shopkeepers()
	for i, m := range list {
		ids := keepers[m.Place]
		if err != nil || m.Home != "" || len(ids) == 0 {
			continue
		}
		list[i].Keepers, err = c.people.Rows(ctx, ids)
	}
	return err
}

// creditOf is what a guest's device may still redeem; 0 for others.
func (c *community) creditOf(q store.Querier, device [32]byte) (int64, error) {
	guest, ok := c.charter.Guest(device)
	feed, known := c.incarnation(device)
	if !ok || !known {
		return 0, nil
	}
	return c.ledger.CreditAt(q, feed, ledger.Subject(guest.Root[:16]))
}

// setScope says how far a merchant takes points, and writes the certificates that
// its tills show elsewhere. Faults: those of govern.SetScope.
func (c *community) setScope(ctx context.Context, r struct {
	Place string `json:"place"`
	Scope string `json:"scope"`
}) (merchantsReply, error) {
	err := c.write(ctx, func(tx *store.Tx) error {
		if err := c.charter.SetScope(tx, r.Place, r.Scope); err != nil {
			return err
		}
		_, err := c.charter.CertifyScopes(tx, c.node.device.Load().Private, c.node.now())
		return err
	})
	if err != nil {
		return merchantsReply{}, err
	}
	return c.listMerchants(ctx, none{})
}

// renewGuest takes the later certificate of a guest, as text. Faults: those of
// govern.ReadScope and RenewGuest.
func (c *community) renewGuest(ctx context.Context, r textRequest) (merchantsReply, error) {
	cert, err := govern.ReadScope(r.Text)
	if err == nil {
		err = c.write(ctx, func(tx *store.Tx) error { return c.charter.RenewGuest(tx, cert) })
	}
	if err != nil {
		return merchantsReply{}, err
	}
	return c.listMerchants(ctx, none{})
}

// scopes writes the certificates that merchants show elsewhere: for tills that
// joined since, and before the old ones run out.
func (t *tender) scopes(ctx context.Context) error {
	if !t.registrar() {
		return nil
	}
	for {
		n := 0
		err := t.write(ctx, func(tx *store.Tx) (err error) {
			n, err = t.c.charter.CertifyScopes(tx, t.c.node.device.Load().Private, t.c.node.now())
			if err == nil && n == 0 {
				err = errNothing
			}
			return err
		})
		if err != nil || n == 0 {
			return err
		}
	}
}

// credit keeps the tills of guests able to redeem, within what was agreed with
// their communities. A guest's own till sends back what is more than its share.
func (t *tender) credit(ctx context.Context) error {
	tills := map[string][]wire.Actor{} // by home
	for device, feed := range t.feeds(func(d govern.Enrolled) bool { return d.Role == govern.Merchant && !d.Revoked }) {
		if guest, ok := t.c.charter.Guest(device); ok {
			tills[guest.Home()] = append(tills[guest.Home()], feed)
		}
	}
	self := t.c.store.Self()
	var failed error
	for home, feeds := range tills {
		p, ok := t.c.charter.Partner(home)
		if !ok || p.Ours == 0 {
			continue
		}
		share := t.creditShare(int64(p.Ours), len(feeds))
		switch {
		case t.registrar():
			failed = errors.Join(failed, t.creditFor(ctx, home, feeds, share))
		case slices.Contains(feeds, self):
			failed = errors.Join(failed, t.creditBack(ctx, share))
		}
	}
	return failed
}

// creditShare is what one of some guests' tills may hold: an equal share of what may be
// unsettled with their community, and no more than a till may hold of points.
func (t *tender) creditShare(agreed int64, tills int) int64 {
	return max(1, min(t.c.charter.Settings().Exposure, agreed/int64(tills)))
}

// creditBack gives back what another guest may need that joined later.
func (t *tender) creditBack(ctx context.Context, share int64) error {
	err := t.write(ctx, func(tx *store.Tx) error {
		n, err := t.c.ledger.ReturnCredit(tx, share)
		if err == nil && n == 0 {
			err = errNothing
		}
		return err
	})
	if errors.Is(err, errNothing) {
		return nil
	}
	return err
}

// creditFor tops tills up to their share.
func (t *tender) creditFor(ctx context.Context, home string, feeds []wire.Actor, share int64) error {
	for _, feed := range feeds {
		err := t.write(ctx, func(tx *store.Tx) error {
			ceiling, err := t.c.partners.Ceiling(tx, home, t.c.node.now())
			if err != nil {
				return err
			}
			n, err := t.c.ledger.GrantCredit(tx, feed, share, ceiling)
			if err == nil && n == 0 {
				err = errNothing
			}
			return err
		})
		if _, said := errors.AsType[*fault.Fault](err); err != nil && !errors.Is(err, errNothing) && !said {
			return err
		}
	}
	return nil
}

// guestOf reads what a joining device showed of its home. Refusals: those of
// govern.DecodeScope, guest.role where the ticket is for other work.
func guestOf(j joinMessage, role govern.Role) (*govern.ScopeCert, error) {
	if len(j.Scope) == 0 {
		return nil, nil
	}
	if role != govern.Merchant {
		return nil, fault.New("guest.role")
	}
	c, err := govern.DecodeScope(j.Scope)
	return &c, err
}

// shown is the certificate of a request to join, as the message holds it.
func shown(text string) ([]byte, error) {
	if strings.TrimSpace(text) == "" {
		return nil, nil
	}
	c, err := govern.ReadScope(text)
	if err != nil {
		return nil, err
	}
	return c.Encode(), nil
}
