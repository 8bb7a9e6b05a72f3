package node

import (
	"cmp"
	"context"

	"jishan/app/fault"
	"jishan/app/people"
	"jishan/app/publicity"
	"jishan/crdt/store"
)

// The members of the council and their terms: who came to a meeting is counted against them.

type seatRow struct {
	ID     string `json:"id"`
	Person string `json:"person"`
	Name   string `json:"name"` // "" = erased, or not readable here
	Masked string `json:"masked"`
	Role   string `json:"role"` // "" = a member like others
	From   int64  `json:"from"`
	Until  int64  `json:"until"` // the end of the term, or when it ended before
	Reason string `json:"reason"`
	Made   int64  `json:"made"`
	By     string `json:"by"`
	State  string `json:"state"` // publicity.Ahead, InForce, Over
}

type seatsReply struct {
	Seats []seatRow `json:"seats"`
}

// seats lists them all, the latest term first: the dialog for minutes asks who held one on a day.
func (c *community) seats(ctx context.Context, _ none) (out seatsReply, err error) {
	out.Seats = []seatRow{}
	var list []publicity.Seat
	if err := c.view(ctx, func(q store.Querier) error { list, err = c.board.Seats(q); return err }); err != nil {
		return out, err
	}
	var ids []people.ID
	for _, s := range list {
		ids = append(ids, c.people.Lead(s.Person))
	}
	names, err := c.people.Briefs(ctx, ids...)
	now := c.node.now()
	for i, s := range list {
		state := publicity.InForce
		if now < s.From && s.Until > s.From {
			state = publicity.Ahead
		} else if !s.Held(now) {
			state = publicity.Over
		}
		out.Seats = append(out.Seats, seatRow{s.ID, ids[i].String(), names[ids[i]].Name, names[ids[i]].Masked, s.Role, s.From, s.Until, s.Reason, s.Made, s.By, state})
	}
	return out, err
}

// members are those who held a seat at a moment, each once, whatever records they have.
func (c *community) members(q store.Querier, at int64) (map[people.ID]publicity.Seat, error) {
	list, err := c.board.Seats(q)
	out := map[people.ID]publicity.Seat{}
	for _, s := range list {
		if s.Held(at) {
			out[c.people.Lead(s.Person)] = s
		}
	}
	return out, err
}

// seatMember gives somebody a seat. Faults: people.unknown, publicity.names{names}, those of
// publicity.Board.Appoint.
func (c *community) seatMember(ctx context.Context, r struct {
	Person string `json:"person"`
	Role   string `json:"role"`
	From   int64  `json:"from"`
	Until  int64  `json:"until"`
}) (out postedReply, err error) {
	who, err := people.ParseID(r.Person)
	if err != nil {
		return out, fault.New("people.unknown")
	}
	if err := c.public(namesAsk, &r.Role); err != nil {
		return out, err
	}
	who = c.people.Lead(who)
	return out, c.write(ctx, func(tx *store.Tx) error {
		if known, err := c.people.Known(tx, who); err != nil || !known {
			return cmp.Or(err, error(fault.New("people.unknown")))
		}
		out.ID, err = c.board.Appoint(tx, publicity.Seat{Person: who, Role: r.Role, From: r.From, Until: r.Until, By: c.operator()}, func(p people.ID) bool { return c.people.Lead(p) == who })
		return err
	})
}

// vacate ends a seat before its term. Faults: those of publicity.Board.Vacate.
func (c *community) vacate(ctx context.Context, r struct {
	ID     string `json:"id"`
	At     int64  `json:"at"`
	Reason string `json:"reason"`
}) (none, error) {
	return none{}, c.write(ctx, func(tx *store.Tx) error { return c.board.Vacate(tx, r.ID, r.At, r.Reason, c.operator()) })
}
