package node

import (
	"context"
	"errors"
	"slices"

	"jishan/app/assess"
	"jishan/app/claim"
	"jishan/app/people"
	"jishan/app/scheme"
	"jishan/crdt/store"
)

// A round as screens see it.

type roundItem struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	Group  string `json:"group"`
	Unit   string `json:"unit"`
	Per    int64  `json:"per"`
	Points int64  `json:"points"` // below 0 for a deduction
	Most   int64  `json:"most"`   // greatest score
	Cap    int64  `json:"cap"`    // most points of one household, by the rulebook's least cap; 0 = none
}

// rival is a score that was written apart from the one shown.
type rival struct {
	Item string `json:"item"`
	N    int64  `json:"n"`
	By   string `json:"by"` // the device
}

type roundObjection struct {
	Tag        string `json:"tag"`
	At         int64  `json:"at"`
	By         string `json:"by"`
	Text       string `json:"text"`
	Answered   bool   `json:"answered"`
	Right      bool   `json:"right"`
	AnsweredBy string `json:"answeredBy"`
	Answer     string `json:"answer"`
}

type roundHome struct {
	ID         string           `json:"id"`
	Head       string           `json:"head"` // who stands for it
	Name       string           `json:"name"`
	Masked     string           `json:"masked"`
	Grid       string           `json:"grid"`
	Address    string           `json:"address"`
	People     int              `json:"people"`
	Away       bool             `json:"away"`     // all of it
	Unlisted   bool             `json:"unlisted"` // stands on no list that others see
	Scores     []int64          `json:"scores"`   // by item, -1 for none: as entered, or as published
	Points     int64            `json:"points"`
	Rivals     []rival          `json:"rivals"` // of all devices that differ, the one shown included
	Late       []rival          `json:"late"`   // entered, and not what was published
	Paid       bool             `json:"paid"`
	Got        int64            `json:"got"`   // of a booked round: what its claims came to so far
	Waits      int              `json:"waits"` // and how many of them still wait
	Objections []roundObjection `json:"objections"`
}

type roundReply struct {
	roundRow
	Registrar bool        `json:"registrar"`
	Version   int64       `json:"version"`
	Items     []roundItem `json:"items"`
	Homes     []roundHome `json:"homes"`
	Present   []whoRow    `json:"present"`
	Strays    int         `json:"strays"` // households that were scored and are none any more
}

type whoRow struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// getRound shows a round. Faults: assess.unknown, scheme.version.unknown while its
// rulebook is not here.
func (c *community) getRound(ctx context.Context, r idRequest) (out roundReply, err error) {
	err = c.view(ctx, func(q store.Querier) error { out, err = c.round(q, r.ID); return err })
	if err == nil {
		err = c.namePresent(ctx, out.Present)
	}
	return out, err
}

func (c *community) namePresent(ctx context.Context, list []whoRow) error {
	ids := make([]people.ID, 0, len(list))
	for _, p := range list {
		if id, err := people.ParseID(p.ID); err == nil {
			ids = append(ids, id)
		}
	}
	known, err := c.people.Briefs(ctx, ids...)
	for i := range list {
		if id, err := people.ParseID(list[i].ID); err == nil {
			list[i].Name = known[id].Name
		}
	}
	return err
}

func (c *community) round(q store.Querier, id string) (out roundReply, err error) {
	r, err := c.assess.Get(q, id)
	if err != nil {
		return out, err
	}
	book, err := c.scheme.At(q, r.Version)
	if err != nil {
		return out, err
	}
	out = roundReply{roundRow: c.roundRow(r), Registrar: c.tend.registrar(), Version: r.Version, Items: []roundItem{}, Homes: []roundHome{}, Present: []whoRow{}}
	items := make([]scheme.Item, len(r.Items))
	for i, code := range r.Items {
		item, _ := book.Item(code)
		most, _ := scored(item)
		items[i] = item
		out.Items = append(out.Items, roundItem{code, item.Name, item.Group, item.Unit, item.Per, scoreWorth(item, max(1, item.Per)), most, leastCap(item)})
	}
	scores, err := c.assess.Scores(q, id)
	if err != nil {
		return out, err
	}
	finals, err := c.assess.Finals(q, id)
	if err != nil {
		return out, err
	}
	said, err := c.saidOf(q, id)
	if err != nil {
		return out, err
	}
	homes, err := c.people.Households(q)
	if err != nil {
		return out, err
	}
	came, err := c.cameOf(q, r)
	if err != nil {
		return out, err
	}
	grids, there := c.gridNames(), map[string]bool{}
	for _, h := range homes {
		row := roundHome{ID: h.ID.String(), Head: h.Head().ID.String(), Name: h.Head().Name, Masked: h.Head().Masked, Grid: grids[h.Head().Grid], Address: h.Head().Address,
			People: len(h.Members), Away: h.Away(), Unlisted: h.Unlisted(), Scores: []int64{}, Rivals: []rival{}, Late: []rival{}, Objections: []roundObjection{}}
		there[row.ID] = true
		if list := said[row.ID]; list != nil {
			row.Objections = list
		}
		final, fixed := finals[row.ID]
		row.Paid, row.Got, row.Waits = final.Paid, came[final.Head].points, came[final.Head].waits
		for i, code := range r.Items {
			n := c.cell(&row, code, scores[assess.Cell{Home: row.ID, Item: i}], r.Until() > 0, fixed, final, i)
			row.Scores = append(row.Scores, n)
			row.Points += scoreWorth(items[i], n)
		}
		out.Homes = append(out.Homes, row)
	}
	strays := map[string]bool{}
	for cell := range scores {
		strays[cell.Home] = strays[cell.Home] || !there[cell.Home]
	}
	for home := range finals {
		strays[home] = strays[home] || !there[home]
	}
	for _, gone := range strays {
		if gone {
			out.Strays++
		}
	}
	here, err := c.assess.Present(q, id)
	for _, p := range here {
		out.Present = append(out.Present, whoRow{ID: p})
	}
	return out, err
}

// came is what the claims of a round came to for one person.
type came struct {
	points int64
	waits  int
}

// cameOf is that by who stands for the households: an item's review and the caps of the
// rulebook may have left less than was announced.
func (c *community) cameOf(q store.Querier, r assess.Round) (map[string]came, error) {
	if r.State(c.node.now()) != assess.Booked {
		return nil, nil
	}
	list, err := c.claim.Batch(q, r.ID)
	out := map[string]came{}
	for _, x := range list {
		state := x.State(c.node.now())
		points, _, e := c.claimPoints(q, x, state)
		if err = errors.Join(err, e); e != nil {
			return nil, err
		}
		got := out[x.Person.String()]
		switch {
		case state == claim.Booked:
			got.points += points
		case x.Open(c.node.now()):
			got.waits++
		}
		out[x.Person.String()] = got
	}
	return out, err
}

// cell is the score of a household and an item as it is shown, and what else was
// written of it.
func (c *community) cell(row *roundHome, code string, list []assess.Score, public, fixed bool, final assess.Final, i int) int64 {
	n := int64(assess.Blank)
	if len(list) > 0 {
		n = list[0].N
	}
	if !public {
		if len(list) > 1 {
			for _, s := range list {
				row.Rivals = append(row.Rivals, rival{code, s.N, c.deviceName(s.By)})
			}
		}
		return n
	}
	shown := int64(assess.Blank)
	if fixed && i < len(final.Scores) {
		shown = final.Scores[i]
	}
	corrected := slices.ContainsFunc(row.Objections, func(o roundObjection) bool { return o.Right })
	for _, s := range list {
		if s.N != shown && !corrected {
			row.Late = append(row.Late, rival{code, s.N, c.deviceName(s.By)})
		}
	}
	return shown
}

func (c *community) gridNames() map[string]string {
	out := map[string]string{}
	for _, g := range c.charter.Settings().Grids {
		out[g.ID] = g.Name
	}
	return out
}

// saidOf are the objections of a round in words, by household.
func (c *community) saidOf(q store.Querier, id string) (map[string][]roundObjection, error) {
	list, err := c.assess.Objections(q, id)
	if err != nil {
		return nil, err
	}
	out, texts := map[string][]roundObjection{}, c.people.Texts(q)
	for _, o := range list {
		row := roundObjection{Tag: o.Tag, At: o.At, By: o.By, Answered: o.Answered, Right: o.Right, AnsweredBy: o.AnsweredBy}
		person, err := people.ParseID(o.Person)
		if err != nil {
			return nil, err
		}
		if row.Text, err = texts.Open(person, assess.TextField(id, o.Tag, "object"), o.Text); err != nil {
			return nil, err
		}
		if o.Answered {
			if row.Answer, err = texts.Open(person, assess.TextField(id, o.Tag, "answer"), o.Answer); err != nil {
				return nil, err
			}
		}
		out[o.Home] = append(out[o.Home], row)
	}
	return out, nil
}
