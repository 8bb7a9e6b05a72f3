package node

import (
	"context"
	"slices"

	"jishan/app/fault"
	"jishan/app/people"
	"jishan/app/selection"
	"jishan/crdt/store"
)

// Votes of a selection: taken, and counted.

type voterRequest struct {
	ID     string `json:"id"`
	Person string `json:"person"`
}

type voterReply struct {
	Voted  bool   `json:"voted"`
	At     int64  `json:"at"`
	Device string `json:"device"` // that took the vote
}

// voterOf tells whether somebody has voted, and never for whom. Faults:
// selection.unknown, people.unknown.
func (c *community) voterOf(ctx context.Context, r voterRequest) (out voterReply, err error) {
	err = c.view(ctx, func(q store.Querier) error {
		if _, err := c.selection.Get(q, r.ID); err != nil {
			return err
		}
		records, err := c.recordsOf(q, r.Person)
		if err != nil {
			return err
		}
		out, err = c.votedOf(q, r.ID, records)
		return err
	})
	return out, err
}

func (c *community) votedOf(q store.Querier, id string, records []string) (out voterReply, err error) {
	for _, one := range records {
		list, err := c.selection.VotesOf(q, id, one)
		if err != nil {
			return out, err
		}
		for _, w := range list {
			if !out.Voted || w.At < out.At {
				out = voterReply{true, w.At, c.deviceName(w.By)}
			}
		}
	}
	return out, nil
}

// takeVote takes the vote of a resident who stands at the desk. Faults: people.unknown,
// those of selection.Take.
func (c *community) takeVote(ctx context.Context, r struct {
	ID     string `json:"id"`
	Person string `json:"person"`
	Lines  []int  `json:"lines"`
}) (out none, err error) {
	if len(r.Lines) > selection.MaxChoices {
		return out, fault.New("selection.lines", "max", selection.MaxChoices)
	}
	return out, c.write(ctx, func(tx *store.Tx) error {
		records, err := c.recordsOf(tx, r.Person)
		if err != nil {
			return err
		}
		return c.vote(tx, r.ID, records, r.Lines)
	})
}

// vote seals a ballot with the voter's key: who erases the voter erases it.
func (c *community) vote(tx *store.Tx, id string, records []string, lines []int) error {
	return c.selection.Take(tx, id, records, lines, func(field, ballot string) ([]byte, error) {
		who, err := people.ParseID(records[0])
		if err != nil {
			return nil, err
		}
		return c.people.SealText(tx, who, field, ballot)
	})
}

// leadOf is the id that stands for whom an id is of.
func (c *community) leadOf(id string) string {
	p, err := people.ParseID(id)
	if err != nil {
		return id
	}
	return c.people.Lead(p).String()
}

// castsOf opens votes, by the id that stands for the voter. Whoever is not registered
// has none that can be read.
func (c *community) castsOf(q store.Querier, s selection.Selection, votes []selection.Word, lines int) (map[string][]selection.Cast, error) {
	out, texts := map[string][]selection.Cast{}, c.people.Texts(q)
	for _, w := range votes {
		id, err := people.ParseID(w.Whose)
		if err != nil {
			continue // admission let none pass
		}
		cast := selection.Cast{Record: w.Whose, At: w.At, By: w.By}
		known, err := c.people.Known(q, id)
		if err != nil {
			return nil, err
		}
		if known {
			text, err := texts.Open(id, selection.TextField(s.ID, w.Whose, "vote"), w.Text)
			if err != nil {
				return nil, err
			}
			cast.Lines, cast.Read = selection.ReadBallot(text, lines, s.Choices)
		}
		lead := c.leadOf(w.Whose)
		out[lead] = append(out[lead], cast)
	}
	return out, nil
}

// sameLines gives for each line of a ballot the first one of that nominee: two records
// may have been joined since the vote began.
func (c *community) sameLines(lines []selection.Line) []int {
	out, first := make([]int, len(lines)), map[string]int{}
	for i, l := range lines {
		lead := c.leadOf(l.Nominee)
		if first[lead] == 0 {
			first[lead] = i + 1
		}
		out[i] = first[lead]
	}
	return out
}

// tallySelection counts, once: one vote for each person. Faults: govern.registrar.only,
// those of selection.Close.
func (c *community) tallySelection(ctx context.Context, r idRequest) (out none, err error) {
	if err := c.mainOnly(); err != nil {
		return out, err
	}
	return out, c.write(ctx, func(tx *store.Tx) error {
		s, err := c.selection.Get(tx, r.ID)
		if err != nil {
			return err
		}
		lines, err := c.selection.Lines(tx, r.ID)
		if err != nil {
			return err
		}
		votes, err := c.selection.Votes(tx, r.ID)
		if err != nil {
			return err
		}
		casts, err := c.castsOf(tx, s, votes, len(lines))
		if err != nil {
			return err
		}
		return c.selection.Close(tx, r.ID, selection.Count(casts, c.sameLines(lines)))
	})
}

// publishSelection puts who is to be honoured before the public. Faults:
// govern.registrar.only, selection.gone for who was erased, those of selection.Publish.
func (c *community) publishSelection(ctx context.Context, r struct {
	ID    string `json:"id"`
	Lines []int  `json:"lines"`
}) (out none, err error) {
	if err := c.mainOnly(); err != nil {
		return out, err
	}
	return out, c.write(ctx, func(tx *store.Tx) error {
		s, err := c.selection.Get(tx, r.ID)
		if err != nil {
			return err
		}
		lines, err := c.selection.Lines(tx, r.ID)
		if err != nil {
			return err
		}
		for _, l := range lines {
			if s.Kind != selection.People || !slices.Contains(r.Lines, l.N) {
				continue
			}
			if _, err := c.recordsOf(tx, l.Nominee); err != nil {
				return fault.New("selection.gone")
			}
		}
		return c.selection.Publish(tx, r.ID, r.Lines)
	})
}
