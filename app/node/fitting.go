package node

import (
	"cmp"
	"context"
	"slices"

	"jishan/app/order"
	"jishan/app/people"
	"jishan/crdt/store"
)

// Who could do an order: volunteers whose skills fit what is wished for.

const (
	fittingRows  = 8  // that a dispatcher looks at
	fittingAsked = 60 // of those who fit best: whose orders are counted
)

type fittingRow struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Masked string `json:"masked"`
	Skills string `json:"skills"`
	Done   int64  `json:"done"` // orders
	Open   int64  `json:"open"` // orders that the person has and hasn't done yet
	Away   bool   `json:"away"`
	Unable bool   `json:"unable"`
	Free   bool   `json:"free"`
}

type fittingReply struct {
	Rows []fittingRow `json:"rows"`
}

// fitting lists who fits an order: who is free first, then whose skills have more in common
// with it, then who has done more. Whoever wished for it, or has it already or declined it last,
// is left out. Fault: order.unknown.
func (c *community) fitting(ctx context.Context, r idRequest) (out fittingReply, err error) {
	out.Rows = []fittingRow{}
	o, err := c.getOrder(ctx, r.ID)
	if err != nil {
		return out, err
	}
	list, err := c.people.Skilled(o.Type + " " + o.ProjectName + " " + people.Plain(o.Text))
	if err != nil {
		return out, err
	}
	common := map[string]int{}
	err = c.view(ctx, func(q store.Querier) error {
		for _, p := range list {
			id := p.ID.String()
			if c.isSame(id, o.Person) || o.Party.Kind == order.ToPerson && c.isSame(id, o.Party.ID) {
				continue
			}
			if len(out.Rows) == fittingAsked {
				break
			}
			w, err := c.order.Work(q, id)
			if err != nil {
				return err
			}
			common[id] = p.Common
			out.Rows = append(out.Rows, fittingRow{id, p.Name, p.Masked, p.Skills, w.Done, w.Open, p.Away, p.Unable, w.Open == 0 && !p.Away && !p.Unable})
		}
		return nil
	})
	slices.SortStableFunc(out.Rows, func(a, b fittingRow) int {
		free := func(x fittingRow) int {
			if x.Free {
				return 0
			}
			return 1
		}
		return cmp.Or(cmp.Compare(free(a), free(b)), cmp.Compare(common[b.ID], common[a.ID]), cmp.Compare(b.Done, a.Done))
	})
	out.Rows = out.Rows[:min(fittingRows, len(out.Rows))]
	return out, err
}

// isSame tells whether two ids are one person.
func (c *community) isSame(a, b string) bool {
	x, errX := people.ParseID(a)
	y, errY := people.ParseID(b)
	return errX == nil && errY == nil && c.people.Lead(x) == c.people.Lead(y)
}
