package node

import (
	"cmp"
	"context"
	"math"
	"slices"

	"jishan/app/activity"
	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/people"
	"jishan/app/zone"
	"jishan/crdt/store"
)

// The ranking (排行榜): who earned most in a year or a month. Off unless the community
// switches it on, for its own screens and paper, or for phones, too. Who objects is
// left out, and a household of which somebody objects.

// keyRanking is the setting: how far the ranking goes.
const keyRanking = "ranking"

// rankLevels are its values, by number.
var rankLevels = []string{rankOff, rankDesk, rankPhone}

const (
	rankOff   = "off"
	rankDesk  = "desk"  // staff screens, and what they print with names masked
	rankPhone = "phone" // residents who are signed in, too
)

// What is ranked.
const (
	rankPeople     = "people"
	rankHouseholds = "households"
	rankGrids      = "grids"
	rankTeams      = "teams"
)

// Rows of a ranking: paper has one page, a phone a screen or two.
const (
	rankRows      = 50
	rankPhoneRows = 20
)

func (n *Node) rankingCalls() map[string]handler {
	return map[string]handler{
		"ranking.get": staff(n, (*community).getRanking),
		"ranking.set": staff(n, (*community).setRanking),
	}
}

func (n *Node) phoneRankingCalls() map[string]handler {
	return map[string]handler{"phone.ranking": phoneCall(n, (*community).phoneRanking)}
}

// ranked is a row: of equals each has the better rank.
type ranked struct {
	Rank   int64  `json:"rank"`
	ID     string `json:"id"`
	Name   string `json:"name"`   // for staff
	Masked string `json:"masked"` // for everybody; of grids and teams the name
	Points int64  `json:"points"`
	People int    `json:"people"` // of whom it is the sum
}

// ranking is who stands in it, and who does not.
type ranking struct {
	Span  string   `json:"span"` // yyyy or yyyy-mm
	Rows  []ranked `json:"rows"`
	Total int      `json:"total"` // with points, of whom Rows are the first
	Out   int      `json:"out"`   // left out because somebody objects
}

type rankingReply struct {
	Level     string `json:"level"`
	Registrar bool   `json:"registrar"` // this device may switch
	ranking
}

func (c *community) rankingLevel() string {
	n := c.charter.Settings().Other[keyRanking].Num
	if n < 0 || n >= int64(len(rankLevels)) {
		return rankOff // a newer program's: rather less than more
	}
	return rankLevels[n]
}

type rankingRequest struct {
	By   string `json:"by"`
	Span string `json:"span"` // yyyy, yyyy-mm, "" for this year
}

// getRanking shows a ranking, empty while it is off. Faults: ranking.by, month.bad.
func (c *community) getRanking(ctx context.Context, r rankingRequest) (out rankingReply, err error) {
	out = rankingReply{Level: c.rankingLevel(), Registrar: c.tend.registrar(), ranking: ranking{Span: r.Span, Rows: []ranked{}}}
	if out.Level == rankOff {
		return out, nil
	}
	out.ranking, err = c.ranking(ctx, r.By, r.Span, rankRows)
	return out, err
}

// setRanking switches it. Faults: ranking.level, govern.registrar.only.
func (c *community) setRanking(ctx context.Context, r struct {
	Level string `json:"level"`
}) (none, error) {
	n := slices.Index(rankLevels, r.Level)
	if n < 0 {
		return none{}, fault.New("ranking.level")
	}
	return none{}, c.write(ctx, func(tx *store.Tx) error {
		return c.charter.SetPolicy(tx, govern.Setting{Key: keyRanking, Num: int64(n)})
	})
}

// ranking answers whether it is switched on or not: who asks decides that. Faults:
// ranking.by, month.bad.
func (c *community) ranking(ctx context.Context, by, span string, limit int) (out ranking, err error) {
	err = c.view(ctx, func(q store.Querier) error {
		homes, err := c.people.Households(q)
		if err != nil {
			return err
		}
		span = cmp.Or(span, period(c.node.now()))
		points, err := c.earnedIn(q, span)
		if err != nil {
			return err
		}
		out, err = c.rank(q, by, homes, points)
		return err
	})
	out.Span, out.Total = span, len(out.Rows)
	out.Rows = out.Rows[:min(limit, len(out.Rows))]
	return out, err
}

// earnedIn is what everybody earned in a year or a month: of a year what levels go by.
func (c *community) earnedIn(q store.Querier, span string) (map[people.ID]int64, error) {
	out := map[people.ID]int64{}
	if len(span) == len("2006") {
		if _, ok := zone.PeriodEnd(span); !ok {
			return nil, fault.New("month.bad")
		}
		list, err := c.ledger.AllBalances(q, span)
		for _, b := range list {
			out[people.ID(b.Person)] = b.Year
		}
		return out, err
	}
	from, to, _, err := activity.MonthBounds(span)
	if err != nil {
		return nil, err
	}
	list, err := c.ledger.EarnedBetween(q, from, to)
	for p, n := range list {
		out[people.ID(p)] = n
	}
	return out, err
}

func (c *community) rank(q store.Querier, by string, homes []people.Home, points map[people.ID]int64) (out ranking, err error) {
	sums := sums{at: map[string]int{}}
	switch by {
	case rankPeople:
		for _, h := range homes {
			for _, r := range h.Members {
				sums.add(ranked{ID: r.ID.String(), Name: r.Name, Masked: r.Masked, Points: points[r.ID]}, r.Unlisted)
			}
		}
	case rankHouseholds:
		for _, h := range homes {
			for _, r := range h.Members {
				sums.add(ranked{ID: h.ID.String(), Name: h.Head().Name, Masked: h.Head().Masked, Points: points[r.ID]}, h.Unlisted())
			}
		}
	case rankGrids: // sums of many tell nothing of one: everybody counts
		names := c.gridNames()
		for _, h := range homes {
			for _, r := range h.Members {
				if name := names[r.Grid]; name != "" {
					sums.add(ranked{ID: r.Grid, Name: name, Masked: name, Points: points[r.ID]}, false)
				}
			}
		}
	case rankTeams:
		err = c.addTeams(q, points, &sums)
	default:
		return out, fault.New("ranking.by")
	}
	out.Rows, out.Out = sums.ranked()
	return out, err
}

// addTeams adds what the members of each team earned, whatever they earned it for.
func (c *community) addTeams(q store.Querier, points map[people.ID]int64, into *sums) error {
	teams, err := c.order.Teams(q, false)
	for _, t := range teams {
		counted := map[people.ID]bool{} // of somebody in it under two ids
		for _, m := range t.Members {
			id, err := people.ParseID(m.Person)
			if err != nil {
				continue // no id of ours
			}
			lead := c.people.IDs(id)[0]
			if !counted[lead] {
				counted[lead] = true
				into.add(ranked{ID: t.ID, Name: t.Name, Masked: t.Name, Points: points[lead]}, false)
			}
		}
	}
	return err
}

// sums adds up the points of those who stand in a ranking as one.
type sums struct {
	at      map[string]int
	rows    []ranked
	objects []bool
}

func (s *sums) add(x ranked, objects bool) {
	i, ok := s.at[x.ID]
	if !ok {
		i = len(s.rows)
		s.at[x.ID] = i
		s.rows, s.objects = append(s.rows, ranked{ID: x.ID, Name: x.Name, Masked: x.Masked}), append(s.objects, objects)
	}
	s.rows[i].Points += x.Points
	s.rows[i].People++
}

// ranked are the rows with points, the most first, and how many are left out.
func (s *sums) ranked() (rows []ranked, out int) {
	rows = []ranked{}
	for i, r := range s.rows {
		switch {
		case r.Points <= 0:
		case s.objects[i]:
			out++
		default:
			rows = append(rows, r)
		}
	}
	slices.SortStableFunc(rows, func(a, b ranked) int {
		return cmp.Or(cmp.Compare(b.Points, a.Points), cmp.Compare(a.Name, b.Name), cmp.Compare(a.ID, b.ID))
	})
	for i := range rows {
		rows[i].Rank = int64(i + 1)
		if i > 0 && rows[i].Points == rows[i-1].Points {
			rows[i].Rank = rows[i-1].Rank
		}
	}
	return rows, out
}

// unlisted are those who object to standing in lists that others see.
func unlisted(homes []people.Home) map[people.ID]bool {
	out := map[people.ID]bool{}
	for _, h := range homes {
		for _, r := range h.Members {
			out[r.ID] = r.Unlisted
		}
	}
	return out
}

// phoneRanked is a row as a phone shows it: nothing in it leads to a person.
type phoneRanked struct {
	Rank   int64  `json:"rank"`
	Masked string `json:"masked"`
	Points int64  `json:"points"`
	Mine   bool   `json:"mine"`
}

type phoneRankingReply struct {
	Span string        `json:"span"`
	Rows []phoneRanked `json:"rows"`
	Mine *phoneRanked  `json:"mine"` // where who asks stands further down; null else
}

// phoneRanking shows the first of a ranking and where the asker stands. Faults:
// ranking.off, ranking.by, month.bad.
func (c *community) phoneRanking(ctx context.Context, me people.ID, r struct {
	tokenRequest
	rankingRequest
}) (out phoneRankingReply, err error) {
	out.Rows = []phoneRanked{}
	if c.rankingLevel() != rankPhone {
		return out, fault.New("ranking.off")
	}
	all, err := c.ranking(ctx, r.By, r.Span, math.MaxInt)
	if err != nil {
		return out, err
	}
	out.Span = all.Span
	mine := c.people.IDs(me)[0].String()
	if r.By == rankHouseholds {
		homes, err := c.people.Homes()
		if err != nil {
			return out, err
		}
		mine = homes[c.people.IDs(me)[0]].String()
	}
	for i, x := range all.Rows {
		row := phoneRanked{Rank: x.Rank, Masked: x.Masked, Points: x.Points, Mine: x.ID == mine}
		if i < rankPhoneRows {
			out.Rows = append(out.Rows, row)
		} else if row.Mine {
			out.Mine = &row
		}
	}
	return out, nil
}
