package node

import (
	"context"

	"jishan/app/people"
	"jishan/app/shop"
	"jishan/crdt/store"
)

// Award days as the screens use them: many people at one device. Screens go through
// the list one gift after another, so that the day shows how far it is and can be
// stopped between two people.

func (n *Node) awardCalls() map[string]handler {
	return map[string]handler{
		"award.days":    staff(n, (*community).awardDays),
		"award.open":    staff(n, (*community).openAward),
		"award.get":     staff(n, (*community).getAward),
		"award.list":    staff(n, (*community).listAward),
		"award.strike":  staff(n, (*community).strikeAward),
		"award.redeem":  staff(n, (*community).redeemAward),
		"award.deliver": staff(n, (*community).deliverAward),
	}
}

type awardDaysReply struct {
	Days []shop.Day `json:"days"`
}

func (c *community) awardDays(ctx context.Context, _ none) (out awardDaysReply, err error) {
	err = c.view(ctx, func(q store.Querier) error { out.Days, err = c.shop.Days(q); return err })
	return out, err
}

func (c *community) openAward(ctx context.Context, r struct {
	Title string `json:"title"`
}) (out shop.Day, err error) {
	keepAnswer(ctx, &out)
	err = c.write(ctx, func(tx *store.Tx) error { out, err = c.shop.OpenDay(tx, r.Title); return err })
	return out, err
}

// awardGift is a gift with where it is brought to.
type awardGift struct {
	shop.Gift
	Grid    string `json:"grid"` // name
	Phone   string `json:"phone"`
	Address string `json:"address"`
}

type awardReply struct {
	Day   shop.Day    `json:"day"`
	Gifts []awardGift `json:"gifts"`
}

// getAward is a day with its gifts. Telephone and address are told of what is to
// be delivered, for whoever goes there. Fault: award.unknown.
func (c *community) getAward(ctx context.Context, r idRequest) (out awardReply, err error) {
	var gifts []shop.Gift
	err = c.view(ctx, func(q store.Querier) error {
		if out.Day, err = c.shop.Day(q, r.ID); err == nil {
			gifts, err = c.shop.Gifts(q, r.ID)
		}
		return err
	})
	if err != nil {
		return out, err
	}
	ids := make([]people.ID, 0, len(gifts))
	for _, g := range gifts {
		if id, err := people.ParseID(g.Person); err == nil {
			ids = append(ids, id)
		}
	}
	rows, err := c.people.Rows(ctx, ids)
	if err != nil {
		return out, err
	}
	grids := map[string]string{}
	for _, p := range rows {
		grids[p.ID] = p.GridName
	}
	out.Gifts = make([]awardGift, len(gifts))
	for i, g := range gifts {
		out.Gifts[i] = awardGift{Gift: g, Grid: grids[g.Person]}
		if id, err := people.ParseID(g.Person); err == nil && g.Home {
			if out.Gifts[i].Phone, out.Gifts[i].Address, err = c.people.Reach(id); err != nil {
				return out, err
			}
		}
	}
	return out, nil
}

type awardListRequest struct {
	Day    string      `json:"day"`
	People []string    `json:"people"`
	Lines  []shop.Line `json:"lines"`
	Home   bool        `json:"home"` // to be delivered
}

func (c *community) listAward(ctx context.Context, r awardListRequest) (none, error) {
	return none{}, c.write(ctx, func(tx *store.Tx) error { return c.shop.List(tx, r.Day, r.People, r.Lines, r.Home) })
}

func (c *community) strikeAward(ctx context.Context, r idRequest) (none, error) {
	return none{}, c.write(ctx, func(tx *store.Tx) error { return c.shop.Strike(tx, r.ID) })
}

// redeemAward redeems one gift. Everybody on the list was looked at by the keeper:
// his word is the proof.
func (c *community) redeemAward(ctx context.Context, r idRequest) (out shop.Gift, err error) {
	err = c.write(ctx, func(tx *store.Tx) error { out, err = c.shop.RedeemGift(tx, r.ID, shop.ByKeeper); return err })
	return out, err
}

func (c *community) deliverAward(ctx context.Context, r struct {
	ID string `json:"id"`
	By string `json:"by"` // "" takes the note back
}) (out shop.Gift, err error) {
	err = c.write(ctx, func(tx *store.Tx) error { out, err = c.shop.Deliver(tx, r.ID, r.By); return err })
	return out, err
}
