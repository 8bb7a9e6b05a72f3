package node

import (
	"jishan/app/assess"
	"jishan/app/publicity"
	"jishan/app/selection"
	"jishan/crdt/store"
)

// maxUnanswered bounds the rounds and selections whose objections are looked for: those
// before are over.
const maxUnanswered = 20

// unanswered adds what residents said and nobody answered: objections to rounds of
// assessment and to selections, and proposals.
func (c *community) unanswered(q store.Querier, out *homeReply) error {
	add := func(kind, title, link string, n int) {
		if n > 0 {
			out.Todo = append(out.Todo, todo{Kind: kind, Title: title, Link: link, Params: map[string]any{"n": n}})
		}
	}
	rounds, err := c.assess.Rounds(q, maxUnanswered)
	if err != nil {
		return err
	}
	for _, r := range rounds {
		if r.State(c.node.now()) == assess.Dropped {
			continue
		}
		list, err := c.assess.Objections(q, r.ID)
		if err != nil {
			return err
		}
		n := 0
		for _, o := range list {
			if !o.Answered {
				n++
			}
		}
		add("objection", r.Title, "/honours/assess/"+r.ID, n)
	}
	selections, err := c.selection.List(q, maxUnanswered)
	if err != nil {
		return err
	}
	for _, s := range selections {
		if s.State(c.node.now()) == selection.Dropped {
			continue
		}
		list, err := c.selection.Objections(q, s.ID)
		if err != nil {
			return err
		}
		n := 0
		for _, o := range list {
			if !o.Answered {
				n++
			}
		}
		add("objection", s.Title, "/honours/selection/"+s.ID, n)
	}
	proposals, err := c.board.Proposals(q, nil, publicity.MaxRows)
	if err != nil {
		return err
	}
	rows, err := c.proposalRows(q, proposals, false)
	n := 0
	for _, r := range rows {
		if r.State == "" {
			n++
		}
	}
	add("proposal", "", "/publicity/proposals", n)
	return err
}
