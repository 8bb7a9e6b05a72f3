package node

import (
	"context"

	"jishan/app/activity"
	"jishan/crdt/store"
)

type madeReply struct {
	Rows []activity.Made `json:"rows"`
}

// madeToday lists the deeds that were recorded today, for the evening's sheet.
func (c *community) madeToday(ctx context.Context, _ none) (out madeReply, err error) {
	err = c.view(ctx, func(q store.Querier) (err error) { out.Rows, err = c.activity.MadeToday(q); return err })
	return out, err
}
