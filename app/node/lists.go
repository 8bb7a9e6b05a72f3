package node

import (
	"context"
	"slices"

	"jishan/app/govern"
	"jishan/app/people"
	"jishan/app/zone"
	"jishan/crdt/store"
)

// The red and the yellow list (红黄榜): off unless the community switches them on.

// keyLists is the setting that switches them on.
const keyLists = "public-lists"

// listRows is how many names a list has.
const listRows = 20

type onList struct {
	Masked string `json:"masked"`
	Text   string `json:"text"`
	Points int64  `json:"points"`
}

type listsReply struct {
	On        bool     `json:"on"`
	Registrar bool     `json:"registrar"` // this device may switch
	Red       []onList `json:"red"`
	Yellow    []onList `json:"yellow"`
}

func (c *community) publicLists(ctx context.Context, _ none) (out listsReply, err error) {
	out = listsReply{On: c.charter.Settings().Other[keyLists].Num == 1, Registrar: c.tend.registrar(), Red: []onList{}, Yellow: []onList{}}
	if !out.On {
		return out, nil
	}
	best, err := c.ranking(ctx, rankPeople, "", listRows)
	if err != nil {
		return out, err
	}
	for _, p := range best.Rows {
		out.Red = append(out.Red, onList{Masked: p.Masked, Points: p.Points})
	}
	out.Yellow, err = c.yellow(ctx)
	return out, err
}

// yellow are the deductions of this year that were told, could be appealed and stand:
// what was taken back since, or is objected to, is not shown.
func (c *community) yellow(ctx context.Context) ([]onList, error) {
	rows := []claimRow{}
	err := c.view(ctx, func(q store.Querier) error {
		homes, err := c.people.Households(q)
		if err != nil {
			return err
		}
		objects := unlisted(homes)
		list, err := c.claim.Taken(q, zone.YearStart(c.node.now(), 0), listRows)
		if err != nil {
			return err
		}
		for _, x := range list {
			if slices.ContainsFunc(c.people.IDs(x.Person), func(id people.ID) bool { return objects[id] }) {
				continue
			}
			row, err := c.claimRow(q, x)
			if err != nil {
				return err
			}
			rows = append(rows, row)
		}
		return nil
	})
	if err == nil {
		err = c.nameClaims(ctx, rows)
	}
	out := []onList{}
	for _, r := range rows {
		out = append(out, onList{r.Masked, r.Text, r.Points})
	}
	return out, err
}

// setPublicLists switches the lists. Fault: govern.registrar.only.
func (c *community) setPublicLists(ctx context.Context, r struct {
	On bool `json:"on"`
}) (none, error) {
	n := int64(0)
	if r.On {
		n = 1
	}
	return none{}, c.write(ctx, func(tx *store.Tx) error { return c.charter.SetPolicy(tx, govern.Setting{Key: keyLists, Num: n}) })
}
