package node

import (
	"context"
	"errors"

	"jishan/app/activity"
	"jishan/crdt/store"
)

type madeReply struct {
	Rows []madeRow `json:"rows"`
}

type madeRow struct {
	activity.Made
	TakeBack string `json:"takeBack"` // as in a passbook's lines
}

// madeToday lists the deeds that were recorded today, for the evening's sheet.
func (c *community) madeToday(ctx context.Context, _ none) (out madeReply, err error) {
	err = c.view(ctx, func(q store.Querier) error {
		list, err := c.activity.MadeToday(q)
		out.Rows = make([]madeRow, len(list))
		for i := range list {
			back, e := c.mayTakeBack(q, list[i].Deed)
			err = errors.Join(err, e)
			out.Rows[i] = madeRow{list[i], back}
		}
		return err
	})
	return out, err
}
