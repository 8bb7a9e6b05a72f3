package node

import (
	"context"
	"slices"
	"strings"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/people"
	"jishan/app/publicity"
	"jishan/crdt/store"
)

// Notices as screens and phones use them (docs/publicity.md).

func (n *Node) publicityCalls() map[string]handler {
	return map[string]handler{
		"publicity.list":     staff(n, (*community).noticeList),
		"publicity.shown":    in(n, (*community).noticesShown),
		"publicity.post":     staff(n, (*community).postNotice),
		"publicity.withdraw": staff(n, (*community).withdrawNotice),
	}
}

type noticesRequest struct {
	All bool `json:"all"` // also what is over, ahead or withdrawn
}

type noticesReply struct {
	Notices []publicity.Notice `json:"notices"`
}

func (c *community) noticeList(ctx context.Context, r noticesRequest) (out noticesReply, err error) {
	out.Notices = []publicity.Notice{}
	err = c.view(ctx, func(q store.Querier) error {
		list, err := c.board.List(q, c.node.now(), r.All)
		out.Notices = append(out.Notices, list...)
		return err
	})
	return out, err
}

// What is done with residents' names that were typed into a public text.
const (
	namesAsk  = ""     // refuse, and say which
	namesMask = "mask" // hide them as everywhere else
	namesKeep = "keep" // they agreed to be named
)

type noticeRequest struct {
	Kind    string `json:"kind"`
	Title   string `json:"title"`
	Body    string `json:"body"`
	Contact string `json:"contact"`
	Grid    string `json:"grid"` // the grid's id, "" = everybody, publicity.Merchants
	From    int64  `json:"from"`
	Until   int64  `json:"until"`
	About   string `json:"about"` // minutes
	Names   string `json:"names"` // namesAsk, namesMask, namesKeep
}

type postedReply struct {
	ID string `json:"id"`
}

// postNotice hangs a notice up. Faults: publicity.names{names}, publicity.grid, those of
// publicity.Board.Post.
func (c *community) postNotice(ctx context.Context, r noticeRequest) (out postedReply, err error) {
	if err := c.public(r.Names, &r.Title, &r.Body); err != nil {
		return out, err
	}
	if r.Grid != "" && r.Grid != publicity.Merchants && !slices.ContainsFunc(c.charter.Settings().Grids, func(g govern.Grid) bool { return g.ID == r.Grid }) {
		return out, fault.New("publicity.grid")
	}
	n := publicity.Notice{Kind: r.Kind, Title: r.Title, Body: r.Body, Contact: r.Contact, Grid: r.Grid, From: r.From, Until: r.Until, About: r.About, By: c.operator()}
	masked := n // what leaves staff devices names nobody, also not who agreed to hang on the board here
	if err := c.public(namesMask, &masked.Title, &masked.Body, &masked.Contact); err != nil {
		return out, err
	}
	keepAnswer(ctx, &out)
	err = c.write(ctx, func(tx *store.Tx) error {
		if out.ID, err = c.board.Post(tx, n); err != nil || !n.ForMerchants() {
			return err
		}
		return c.board.Show(tx, out.ID, masked)
	})
	return out, err
}

// noticesShown are the notices for merchants that hang now, as a merchant's device has them.
func (c *community) noticesShown(ctx context.Context, _ none) (out phoneBoardReply, err error) {
	out.Notices = []posted{}
	err = c.view(ctx, func(q store.Querier) error {
		list, err := c.board.Shown(q, c.node.now())
		for _, x := range list {
			out.Notices = append(out.Notices, posted{x.ID, x.Kind, x.Title, x.Body, x.Contact, x.From, x.Until})
		}
		return err
	})
	return out, err
}

// public sees to it that no resident is named in public without having agreed. Fault:
// publicity.names{names}: masked, as what is refused may be read by others.
func (c *community) public(how string, texts ...*string) error {
	if how == namesKeep {
		return nil
	}
	var found []string
	for _, t := range texts {
		names, err := c.people.InText(*t)
		if err != nil {
			return err
		}
		for _, name := range names {
			if how == namesMask {
				*t = strings.ReplaceAll(*t, name, people.Mask(name))
			} else if m := people.Mask(name); !strings.Contains("、"+strings.Join(found, "、")+"、", "、"+m+"、") {
				found = append(found, m)
			}
		}
	}
	if len(found) > 0 {
		return fault.New("publicity.names", "names", strings.Join(found, "、"))
	}
	return nil
}

type reasonRequest struct {
	ID     string `json:"id"`
	Reason string `json:"reason"`
}

// withdrawNotice takes a notice down. Faults: those of publicity.Board.Withdraw.
func (c *community) withdrawNotice(ctx context.Context, r reasonRequest) (none, error) {
	return none{}, c.write(ctx, func(tx *store.Tx) error { return c.board.Withdraw(tx, r.ID, r.Reason, c.operator()) })
}

// posted is a notice as residents read it: who typed it is the desk's business.
type posted struct {
	ID      string `json:"id"`
	Kind    string `json:"kind"`
	Title   string `json:"title"`
	Body    string `json:"body"`
	Contact string `json:"contact"`
	From    int64  `json:"from"`
	Until   int64  `json:"until"`
}

type phoneBoardReply struct {
	Notices []posted `json:"notices"`
}

// phoneBoard are the notices that hang now: for everybody, and to whoever is signed
// in those of the own grid.
func (c *community) phoneBoard(ctx context.Context, r tokenRequest) (out phoneBoardReply, err error) {
	out.Notices = []posted{}
	grid := ""
	if id, parseErr := people.ParseID(c.guestText(ctx, r.Token)); parseErr == nil {
		rows, err := c.people.Rows(ctx, []people.ID{id})
		if err != nil {
			return out, err
		}
		if len(rows) > 0 {
			grid = rows[0].Grid
		}
	}
	err = c.view(ctx, func(q store.Querier) error {
		list, err := c.board.List(q, c.node.now(), false)
		for _, x := range list {
			if x.Grid == "" || x.Grid == grid {
				out.Notices = append(out.Notices, posted{x.ID, x.Kind, x.Title, x.Body, x.Contact, x.From, x.Until})
			}
		}
		return err
	})
	return out, err
}
