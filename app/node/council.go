package node

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"jishan/app/fault"
	"jishan/app/people"
	"jishan/app/publicity"
	"jishan/crdt/store"
)

// Minutes of the council, and what became of its decisions. Who came is named on
// staff screens alone, and by ids in the record: whoever was erased is nobody there.

func (n *Node) councilCalls() map[string]handler {
	return map[string]handler{
		"council.list":   staff(n, (*community).meetings),
		"council.get":    staff(n, (*community).minutes),
		"council.enter":  staff(n, (*community).enterMinutes),
		"council.strike": staff(n, (*community).strikeMinutes),
		"council.act":    staff(n, (*community).actOn),
		"council.seats":  staff(n, (*community).seats),
		"council.seat":   staff(n, (*community).seatMember),
		"council.unseat": staff(n, (*community).vacate),
	}
}

type presentReply struct {
	ID     string `json:"id"`
	Name   string `json:"name"` // "" = erased, or not readable here
	Masked string `json:"masked"`
	Member bool   `json:"member"` // of the council, on the day of the meeting
	Role   string `json:"role"`
}

type minutesReply struct {
	ID      string             `json:"id"`
	Title   string             `json:"title"`
	At      int64              `json:"at"`
	Place   string             `json:"place"`
	Came    int64              `json:"came"` // all of them
	Others  int64              `json:"others"`
	Present []presentReply     `json:"present"`
	Members int64              `json:"members"` // of the council on that day, whether they came or not
	Absent  []presentReply     `json:"absent"`  // members who didn't come
	Matters []publicity.Done   `json:"matters"`
	Made    int64              `json:"made"`
	By      string             `json:"by"`
	Off     int64              `json:"off"`
	Reason  string             `json:"reason"`
	Notices []publicity.Notice `json:"notices"` // that made it known
}

type meetingsReply struct {
	Meetings []minutesReply `json:"meetings"`
}

func minutesOf(m publicity.Minutes) minutesReply {
	return minutesReply{ID: m.ID, Title: m.Title, At: m.At, Place: m.Place, Came: int64(len(m.Present)) + m.Others, Others: m.Others, Present: []presentReply{}, Absent: []presentReply{}, Matters: m.Matters,
		Made: m.Made, By: m.By, Off: m.Off, Reason: m.Reason, Notices: []publicity.Notice{}}
}

// meetings lists minutes without who came.
func (c *community) meetings(ctx context.Context, _ none) (out meetingsReply, err error) {
	out.Meetings = []minutesReply{}
	err = c.view(ctx, func(q store.Querier) error {
		list, err := c.board.Meetings(q)
		for _, m := range list {
			out.Meetings = append(out.Meetings, minutesOf(m))
		}
		return err
	})
	return out, err
}

// minutes are of one meeting with who came. Fault: publicity.minutes.
func (c *community) minutes(ctx context.Context, r idRequest) (out minutesReply, err error) {
	var m publicity.Minutes
	var about []publicity.Notice
	var members map[people.ID]publicity.Seat
	err = c.view(ctx, func(q store.Querier) error {
		if m, err = c.board.Minutes(q, r.ID); err != nil {
			return err
		}
		if about, err = c.board.About(q, c.node.now(), r.ID); err != nil {
			return err
		}
		members, err = c.members(q, m.At)
		return err
	})
	if err != nil {
		return out, err
	}
	out = minutesOf(m)
	out.Notices, out.Members = append(out.Notices, about...), int64(len(members))
	names, err := c.people.Briefs(ctx, append(slices.Collect(maps.Keys(members)), m.Present...)...)
	for _, p := range m.Present {
		seat, member := members[c.people.Lead(p)]
		out.Present = append(out.Present, presentReply{p.String(), names[p].Name, people.Mask(names[p].Name), member, seat.Role})
		delete(members, c.people.Lead(p))
	}
	for p, seat := range members {
		out.Absent = append(out.Absent, presentReply{p.String(), names[p].Name, people.Mask(names[p].Name), true, seat.Role})
	}
	slices.SortFunc(out.Absent, func(a, b presentReply) int { return strings.Compare(a.ID, b.ID) })
	return out, err
}

type minutesRequest struct {
	Title   string          `json:"title"`
	At      int64           `json:"at"`
	Place   string          `json:"place"`
	Present []string        `json:"present"`
	Others  int64           `json:"others"`
	Matters []matterRequest `json:"matters"`
	Names   string          `json:"names"`
}

type matterRequest struct {
	publicity.Matter
	Proposal string `json:"proposal"` // that it came from, "" for none
}

// enterMinutes keeps what a meeting decided. Faults: people.unknown, publicity.names{names},
// those of publicity.Board.Enter.
func (c *community) enterMinutes(ctx context.Context, r minutesRequest) (out postedReply, err error) {
	m := publicity.Minutes{Title: r.Title, At: r.At, Place: r.Place, Others: r.Others, By: c.operator()}
	if len(r.Present) > publicity.MaxPresent {
		return out, fault.New("council.present", "max", publicity.MaxPresent)
	}
	if len(r.Matters) > publicity.MaxMatters {
		return out, fault.New("council.matters", "max", publicity.MaxMatters)
	}
	texts := []*string{&m.Title, &m.Place}
	for i := range r.Matters {
		texts = append(texts, &r.Matters[i].Title, &r.Matters[i].Decision)
	}
	if err := c.public(r.Names, texts...); err != nil {
		return out, err
	}
	for _, x := range r.Matters {
		m.Matters = append(m.Matters, publicity.Done{Matter: x.Matter, Proposal: x.Proposal})
	}
	for _, text := range r.Present {
		id, err := people.ParseID(text)
		if err != nil {
			return out, fault.New("people.unknown")
		}
		m.Present = append(m.Present, id)
	}
	keepAnswer(ctx, &out)
	err = c.write(ctx, func(tx *store.Tx) error {
		for _, id := range m.Present {
			if known, err := c.people.Known(tx, id); err != nil || !known {
				return cmp.Or(err, error(fault.New("people.unknown")))
			}
		}
		out.ID, err = c.board.Enter(tx, m)
		return err
	})
	return out, err
}

// strikeMinutes withdraws minutes that are wrong. Faults: those of publicity.Board.Strike.
func (c *community) strikeMinutes(ctx context.Context, r reasonRequest) (none, error) {
	return none{}, c.write(ctx, func(tx *store.Tx) error { return c.board.Strike(tx, r.ID, r.Reason, c.operator()) })
}

// actOn notes what was done about a matter. Faults: publicity.names{names}, those of
// publicity.Board.Act.
func (c *community) actOn(ctx context.Context, r struct {
	ID     string `json:"id"`
	Matter int    `json:"matter"`
	Text   string `json:"text"`
	Names  string `json:"names"`
}) (none, error) {
	if err := c.public(r.Names, &r.Text); err != nil {
		return none{}, err
	}
	return none{}, c.write(ctx, func(tx *store.Tx) error { return c.board.Act(tx, r.ID, r.Matter, r.Text, c.operator()) })
}
