package node

import (
	"context"
	"time"

	"jishan/app/activity"
	"jishan/app/people"
	"jishan/app/zone"
	"jishan/crdt/store"
)

// The screen in the hall (大屏): what would hang on a wall anyhow. It is answered on a
// locked device, too, as nobody sits at it; so nothing stands in it that a passer-by may not
// read: names are masked, who objects is left out, and lists are empty where the
// community has not switched them on.

// Rows of one page of the wall: what can be read from five metres.
const (
	wallRows  = 8
	wallAhead = 31 * 24 * time.Hour
)

func (n *Node) wallCalls() map[string]handler {
	return map[string]handler{"wall.get": staff(n, (*community).wall)}
}

type wallActivity struct {
	Title string `json:"title"`
	Start int64  `json:"start"`
	End   int64  `json:"end"`
	Place string `json:"place"`
	Free  int64  `json:"free"` // places; -1 = as many as come
}

type wallHonour struct {
	Masked string `json:"masked"`
	Level  string `json:"level"`
	At     int64  `json:"at"`
}

type wallReply struct {
	Notices    []posted       `json:"notices"`
	Activities []wallActivity `json:"activities"`
	Month      string         `json:"month"`
	Awarded    int64          `json:"awarded"`
	Redeemed   int64          `json:"redeemed"`
	Minutes    int64          `json:"minutes"`
	Volunteers int64          `json:"volunteers"`
	Honours    []wallHonour   `json:"honours"`
	Ranking    []phoneRanked  `json:"ranking"` // empty where it is off
	Red        []onList       `json:"red"`     // as above
	Yellow     []onList       `json:"yellow"`
}

func (c *community) wall(ctx context.Context, _ none) (out wallReply, err error) {
	out = wallReply{Activities: []wallActivity{}, Honours: []wallHonour{}, Ranking: []phoneRanked{}}
	board, err := c.phoneBoard(ctx, tokenRequest{})
	if err != nil {
		return out, err
	}
	out.Notices = board.Notices
	m, err := c.month(ctx, monthRequest{Month: zone.Month(c.node.now())})
	if err != nil {
		return out, err
	}
	out.Month, out.Awarded, out.Redeemed, out.Minutes, out.Volunteers = m.Month, m.Awarded, m.Redeemed, m.Minutes, m.Volunteers
	if err := c.wallComing(ctx, &out); err != nil {
		return out, err
	}
	if err := c.wallHonours(ctx, &out); err != nil {
		return out, err
	}
	if c.rankingLevel() != rankOff {
		best, err := c.ranking(ctx, rankPeople, "", wallRows)
		if err != nil {
			return out, err
		}
		for _, r := range best.Rows {
			out.Ranking = append(out.Ranking, phoneRanked{Rank: r.Rank, Masked: r.Masked, Points: r.Points})
		}
	}
	lists, err := c.publicLists(ctx, none{})
	out.Red, out.Yellow = lists.Red[:min(wallRows, len(lists.Red))], lists.Yellow[:min(wallRows, len(lists.Yellow))]
	return out, err
}

// wallComing are the activities that run or come.
func (c *community) wallComing(ctx context.Context, out *wallReply) error {
	now := c.node.now()
	return c.view(ctx, func(q store.Querier) error {
		rows, _, err := c.activity.List(q, activity.Filter{Limit: maxPage, From: now - phoneBack.Milliseconds(), To: now + wallAhead.Milliseconds()})
		for i := len(rows) - 1; i >= 0 && len(out.Activities) < wallRows; i-- { // the soonest first
			r := rows[i]
			if r.State == activity.Cancelled || r.End <= now {
				continue
			}
			free := int64(-1)
			if r.Places > 0 {
				free = max(0, r.Places-r.Confirmed)
			}
			out.Activities = append(out.Activities, wallActivity{r.Title, r.Start, r.End, r.Place, free})
		}
		return err
	})
}

// wallHonours are the newest levels, of whoever doesn't object.
func (c *community) wallHonours(ctx context.Context, out *wallReply) error {
	return c.view(ctx, func(q store.Querier) error {
		homes, err := c.people.Households(q)
		if err != nil {
			return err
		}
		objects, names := map[people.ID]bool{}, map[people.ID]string{}
		for _, h := range homes {
			for _, r := range h.Members {
				objects[r.ID], names[r.ID] = r.Unlisted, people.Mask(r.Name)
			}
		}
		list, err := c.honour.Latest(q, maxPage)
		for _, a := range list {
			for _, id := range c.people.IDs(people.ID(a.Person)) {
				if names[id] != "" && !objects[id] && len(out.Honours) < wallRows {
					out.Honours = append(out.Honours, wallHonour{names[id], a.Level, a.At})
					break
				}
			}
		}
		return err
	})
}
