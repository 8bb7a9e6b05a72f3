package node

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"jishan/app/assess"
	"jishan/app/fault"
	"jishan/app/people"
	"jishan/crdt/store"
)

// What a member of a household reads of a round on the phone: its own result, item by
// item, from when it stands in public, and what was objected; of other households nothing.

func (n *Node) phoneRoundCalls() map[string]handler {
	return map[string]handler{
		"phone.rounds":      phoneCall(n, (*community).phoneRounds),
		"phone.objectRound": phoneCall(n, (*community).phoneObjectRound),
	}
}

const (
	phoneRounds     = 6 // that a phone lists
	maxHomeObjected = 5 // objections of a household to a round, from phones: a child with the page open must not fill the desk
)

type phoneScore struct {
	Name   string `json:"name"`
	Unit   string `json:"unit"`
	N      int64  `json:"n"`
	Points int64  `json:"points"` // below 0 for a deduction
}

type phoneObjection struct {
	At       int64  `json:"at"`
	Text     string `json:"text"`
	Answered bool   `json:"answered"`
	Right    bool   `json:"right"`
	Answer   string `json:"answer"`
}

type phoneRound struct {
	ID         string           `json:"id"`
	Title      string           `json:"title"`
	Span       string           `json:"span"`
	State      string           `json:"state"`
	Until      int64            `json:"until"`
	Points     int64            `json:"points"`
	Scores     []phoneScore     `json:"scores"` // what was scored
	Objections []phoneObjection `json:"objections"`
	Objects    bool             `json:"objects"` // it may object here now
}

type phoneRoundsReply struct {
	Rounds []phoneRound `json:"rounds"`
}

// homeRound is a round with what was published of one household.
type homeRound struct {
	assess.Round
	final assess.Final
}

// roundsOf are the latest rounds that published something of somebody's household.
func (c *community) roundsOf(q store.Querier, me people.ID) (home string, out []homeRound, err error) {
	h, err := c.people.HomeOf(q, me)
	if err != nil {
		return "", nil, err
	}
	home = h.ID.String()
	list, err := c.assess.Rounds(q, maxRounds)
	if err != nil {
		return "", nil, err
	}
	for _, r := range list {
		if s := r.State(c.node.now()); s == assess.Open || s == assess.Dropped {
			continue
		}
		f, ok, err := c.assess.FinalOf(q, r.ID, home)
		if err != nil {
			return "", nil, err
		}
		if ok && len(out) < phoneRounds {
			out = append(out, homeRound{r, f})
		}
	}
	return home, out, nil
}

// phoneRounds lists them.
func (c *community) phoneRounds(ctx context.Context, me people.ID, _ tokenRequest) (out phoneRoundsReply, err error) {
	out.Rounds = []phoneRound{}
	err = c.view(ctx, func(q store.Querier) error {
		home, list, err := c.roundsOf(q, me)
		if err != nil {
			return err
		}
		for _, r := range list {
			row, err := c.phoneRound(q, home, r)
			if errors.Is(err, fault.New("scheme.version.unknown")) {
				continue // until its rulebook is here
			}
			if err != nil {
				return err
			}
			out.Rounds = append(out.Rounds, row)
		}
		return nil
	})
	return out, err
}

func (c *community) phoneRound(q store.Querier, home string, r homeRound) (phoneRound, error) {
	out := phoneRound{ID: r.ID, Title: r.Title, Span: r.Span, State: r.State(c.node.now()), Until: r.Until(), Scores: []phoneScore{}, Objections: []phoneObjection{}}
	book, err := c.scheme.At(q, r.Version)
	if err != nil {
		return out, err
	}
	for i, code := range r.Items {
		if i >= len(r.final.Scores) || r.final.Scores[i] == assess.Blank {
			continue
		}
		item, _ := book.Item(code)
		n := r.final.Scores[i]
		worth := scoreWorth(item, n)
		out.Scores = append(out.Scores, phoneScore{cmp.Or(item.Name, code), item.Unit, n, worth})
		out.Points += worth
	}
	said, err := c.saidOf(q, r.ID)
	for _, o := range said[home] {
		out.Objections = append(out.Objections, phoneObjection{o.At, people.Plain(o.Text), o.Answered, o.Right, people.Plain(o.Answer)})
	}
	slices.SortStableFunc(out.Objections, func(a, b phoneObjection) int { return cmp.Compare(a.At, b.At) })
	out.Objects = out.State == assess.Published && len(out.Objections) < maxHomeObjected
	return out, err
}

// phoneObjectRound objects for the household while the days of notice run. A page that
// heard no answer sends the same again: that is one objection. Faults: assess.text{max},
// assess.unknown of a round that says nothing of the household, assess.state{state},
// assess.many{max}.
func (c *community) phoneObjectRound(ctx context.Context, me people.ID, r struct {
	tokenRequest
	ID   string `json:"id"`
	Text string `json:"text"`
}) (phoneRoundsReply, error) {
	if err := assessText(&r.Text); err != nil {
		return phoneRoundsReply{}, err
	}
	err := c.writeAs(ctx, "", func(tx *store.Tx) error {
		home, list, err := c.roundsOf(tx, me)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(list, func(x homeRound) bool { return x.ID == r.ID })
		if i < 0 {
			return fault.New("assess.unknown")
		}
		if s := list[i].State(tx.Now()); s != assess.Published {
			return fault.New("assess.state", "state", s)
		}
		said, err := c.saidOf(tx, r.ID)
		if err != nil {
			return err
		}
		if slices.ContainsFunc(said[home], func(o roundObjection) bool { return !o.Answered && o.Text == r.Text }) {
			return errNothing
		}
		if len(said[home]) >= maxHomeObjected {
			return fault.New("assess.many", "max", maxHomeObjected)
		}
		text, err := c.sealedFor(tx, r.ID, home, "object", r.Text)
		if err != nil {
			return err
		}
		return c.assess.Object(tx, r.ID, home, text)
	})
	if err != nil && !errors.Is(err, errNothing) {
		return phoneRoundsReply{}, err
	}
	return c.phoneRounds(ctx, me, r.tokenRequest)
}
