package node

import (
	"context"

	"jishan/app/fault"
	"jishan/app/people"
	"jishan/app/selection"
	"jishan/crdt/store"
)

// Votes from phones, where a selection allows them.

func (n *Node) phoneSelectionCalls() map[string]handler {
	return map[string]handler{
		"phone.selections": phoneCall(n, (*community).phoneSelections),
		"phone.vote":       phoneCall(n, (*community).phoneVote),
	}
}

// phoneBallot is a selection as a resident sees it: names are masked, those in a reason,
// too, and nothing leads to a person.
type phoneBallot struct {
	ID      string      `json:"id"`
	Title   string      `json:"title"`
	Choices int64       `json:"choices"`
	Voted   bool        `json:"voted"` // by who asks
	Lines   []phoneLine `json:"lines"`
}

type phoneLine struct {
	N    int    `json:"n"`
	Name string `json:"name"`
	Text string `json:"text"`
}

type phoneSelectionsReply struct {
	Rows []phoneBallot `json:"rows"`
}

// votesOnPhones are the selections in which phones may vote now.
func (c *community) votesOnPhones(q store.Querier) (out []selection.Selection, err error) {
	all, err := c.selection.List(q, maxSelections)
	for _, s := range all {
		if s.Phone && s.State(c.node.now()) == selection.Vote {
			out = append(out, s)
		}
	}
	return out, err
}

func (c *community) phoneSelections(ctx context.Context, me people.ID, _ tokenRequest) (out phoneSelectionsReply, err error) {
	out.Rows = []phoneBallot{}
	err = c.view(ctx, func(q store.Querier) error {
		open, err := c.votesOnPhones(q)
		if err != nil {
			return err
		}
		records, err := c.recordsOf(q, me.String())
		if err != nil {
			return err
		}
		for _, s := range open {
			voted, err := c.votedOf(q, s.ID, records)
			if err != nil {
				return err
			}
			view, err := c.selectionOf(q, s)
			if err != nil {
				return err
			}
			row := phoneBallot{ID: s.ID, Title: s.Title, Choices: s.Choices, Voted: voted.Voted, Lines: []phoneLine{}}
			for _, n := range view.Nominees {
				if n.Line > 0 && n.Same == 0 && !n.Gone {
					row.Lines = append(row.Lines, phoneLine{n.Line, n.Masked, n.Shown})
				}
			}
			out.Rows = append(out.Rows, row)
		}
		return nil
	})
	return out, err
}

// phoneVote takes the vote of who is signed in. Faults: selection.phone where phones may
// not vote, those of selection.Take.
func (c *community) phoneVote(ctx context.Context, me people.ID, r struct {
	tokenRequest
	ID    string `json:"id"`
	Lines []int  `json:"lines"`
}) (out phoneSelectionsReply, err error) {
	if len(r.Lines) > selection.MaxChoices {
		return out, fault.New("selection.lines", "max", selection.MaxChoices)
	}
	err = c.writeAs(ctx, "", func(tx *store.Tx) error {
		s, err := c.selection.Get(tx, r.ID)
		if err != nil {
			return err
		}
		if !s.Phone {
			return fault.New("selection.phone")
		}
		records, err := c.recordsOf(tx, me.String())
		if err != nil {
			return err
		}
		return c.vote(tx, r.ID, records, r.Lines)
	})
	if err != nil {
		return out, err
	}
	return c.phoneSelections(ctx, me, r.tokenRequest)
}
