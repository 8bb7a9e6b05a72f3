package node

import (
	"cmp"
	"context"
	"slices"

	"jishan/app/shop"
	"jishan/crdt/store"
)

// What merchants offer, as a phone shows it: their catalogues are at every device. Nothing
// is ordered there from the phone: points and goods would have to be set aside at the
// merchant's own till, which a station can't do for it (docs/mall.md).

// Bounds of what a phone is sent.
const (
	maxShopGoods = 60 // of one merchant
	maxShopsOut  = 60 // merchants
)

// shopRow is a merchant and what it offers.
type shopRow struct {
	Place string `json:"place"`
	Name  string `json:"name"`
	Home  string `json:"home"` // of a guest: its own community
	// At is up to when this device knows the shelf: when it met one of the merchant's
	// devices last, or when the shelf changed last if it heard that from others later.
	At     int64            `json:"at"`
	Offers []shop.Elsewhere `json:"offers"`
	shop.About
}

type phoneShopsReply struct {
	Shops []shopRow `json:"shops"`
}

// phoneShops shows the shelves of the merchants that take this community's points, to
// anybody. One without anything on its shelf is left out.
func (c *community) phoneShops(ctx context.Context, _ tokenRequest) (phoneShopsReply, error) {
	out := phoneShopsReply{Shops: []shopRow{}}
	online := c.mesh.online()
	err := c.view(ctx, func(q store.Querier) error {
		known, err := heldBy(q)
		if err != nil {
			return err
		}
		met, err := c.lastMet(q, known, online)
		if err != nil {
			return err
		}
		for _, s := range c.charter.Shops() {
			if len(s.Devices) == 0 || s.Until > 0 && s.Until <= c.node.now() {
				continue
			}
			r := shopRow{Place: s.Place, Name: s.Name, Home: s.Home}
			if r.About, err = shop.AboutOf(q, s.Place); err != nil {
				return err
			}
			if r.Offers, r.At, err = shop.At(q, s.Place, maxShopGoods); err != nil {
				return err
			}
			for _, d := range s.Devices {
				r.At = max(r.At, met[d].at)
			}
			if len(r.Offers) > 0 {
				out.Shops = append(out.Shops, r)
			}
		}
		return nil
	})
	slices.SortFunc(out.Shops, func(a, b shopRow) int { return cmp.Or(cmp.Compare(a.Name, b.Name), cmp.Compare(a.Place, b.Place)) })
	out.Shops = out.Shops[:min(len(out.Shops), maxShopsOut)]
	return out, err
}

// shopAbout is what this place says of itself.
func (c *community) shopAbout(ctx context.Context, _ none) (a shop.About, err error) {
	err = c.view(ctx, func(q store.Querier) (err error) { a, err = shop.AboutOf(q, c.shop.Place()); return err })
	return a, err
}

// saveShopAbout changes it. Fault: shop.about{max}.
func (c *community) saveShopAbout(ctx context.Context, r shop.About) (none, error) {
	return none{}, c.write(ctx, func(tx *store.Tx) error { return c.shop.SetAbout(tx, r) })
}
