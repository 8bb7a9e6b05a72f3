package node

import (
	"context"

	"jishan/app/bylaw"
	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/crdt/store"
)

// The written rules of redemption, as screens use them (docs/redemption.md).

func (n *Node) bylawCalls() map[string]handler {
	return map[string]handler{
		"bylaw.get":  in(n, (*community).getBylaw),
		"bylaw.save": staff(n, (*community).saveBylaw),
	}
}

type bylawReply struct {
	Now      bylaw.Rules   `json:"now"`
	Versions []bylaw.Rules `json:"versions"` // those ahead first, then the latest
	MaxText  int64         `json:"maxText"`
	MaxLeast int64         `json:"maxLeast"`
}

func (c *community) getBylaw(ctx context.Context, _ none) (out bylawReply, err error) {
	out.MaxText, out.MaxLeast = bylaw.MaxText, bylaw.MaxLeast
	err = c.view(ctx, func(q store.Querier) (err error) {
		if out.Now, err = c.bylaw.Now(q, c.node.now()); err != nil {
			return err
		}
		out.Versions, err = c.bylaw.Versions(q, c.node.now())
		return err
	})
	return out, err
}

// saveBylaw writes a version. Faults: app.role, those of bylaw.Book.Save.
func (c *community) saveBylaw(ctx context.Context, r struct {
	Text  string `json:"text"`
	Least int64  `json:"least"`
	From  int64  `json:"from"`
}) (bylawReply, error) {
	if d, _ := c.self(); d.Role != govern.Office {
		return bylawReply{}, fault.New("app.role")
	}
	if err := c.write(ctx, func(tx *store.Tx) error { return c.bylaw.Save(tx, r.Text, r.Least, r.From) }); err != nil {
		return bylawReply{}, err
	}
	return c.getBylaw(ctx, none{})
}
