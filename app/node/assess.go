package node

import (
	"context"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"jishan/app/assess"
	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/people"
	"jishan/app/scheme"
	"jishan/crdt/store"
)

// Assessment rounds (评议): what is kept of them is app/assess; here they meet the
// households, the rulebook and the claims.

func (n *Node) assessCalls() map[string]handler {
	return map[string]handler{
		"assess.list":    staff(n, (*community).listRounds),
		"assess.begin":   staff(n, (*community).beginRound),
		"assess.get":     staff(n, (*community).getRound),
		"assess.score":   staff(n, (*community).scoreRound),
		"assess.present": staff(n, (*community).presentRound),
		"assess.publish": staff(n, (*community).publishRound),
		"assess.object":  staff(n, (*community).objectRound),
		"assess.answer":  staff(n, (*community).answerRound),
		"assess.book":    staff(n, (*community).bookRound),
		"assess.drop":    staff(n, (*community).dropRound),
	}
}

// maxRounds bounds the list: some years of months.
const maxRounds = 60

type roundRow struct {
	ID    string `json:"id"`
	Title string `json:"title"`
	Span  string `json:"span"`
	State string `json:"state"`
	Made  int64  `json:"made"`
	Until int64  `json:"until"` // of the notice, 0 before it
	Days  int64  `json:"days"`
}

func (c *community) roundRow(r assess.Round) roundRow {
	return roundRow{r.ID, r.Title, r.Span, r.State(c.node.now()), r.Made, r.Until(), r.Days}
}

type roundsReply struct {
	Rows      []roundRow `json:"rows"`
	Registrar bool       `json:"registrar"` // this device publishes and books
}

func (c *community) listRounds(ctx context.Context, _ none) (out roundsReply, err error) {
	out = roundsReply{Rows: []roundRow{}, Registrar: c.tend.registrar()}
	err = c.view(ctx, func(q store.Querier) error {
		list, err := c.assess.Rounds(q, maxRounds)
		for _, r := range list {
			out.Rows = append(out.Rows, c.roundRow(r))
		}
		return err
	})
	return out, err
}

// scored tells whether an item may stand in a round, and the greatest score of it: how
// often a deed was done or how many pieces; once for a title or a deduction.
func scored(i scheme.Item) (most int64, ok bool) {
	switch i.Kind {
	case scheme.Deed, scheme.Piece:
		return assess.MaxScore, true
	case scheme.Honour, scheme.Deduct:
		return 1, true
	}
	return 0, false
}

// scoreWorth is what a score gives within the caps, below 0 for a deduction.
func scoreWorth(i scheme.Item, n int64) int64 {
	switch {
	case n <= 0:
		return 0
	case i.Takes():
		return -i.Points
	}
	return i.Given(scheme.Amount{Count: n})
}

// leastCap is the least of an item's caps, 0 for none.
func leastCap(i scheme.Item) (least int64) {
	for _, c := range i.Caps() {
		if least == 0 || c.Most < least {
			least = c.Most
		}
	}
	return least
}

// beginRound begins a round by the rulebook in force. Faults: assess.item{item}, those
// of assess.Begin.
func (c *community) beginRound(ctx context.Context, r struct {
	Title string   `json:"title"`
	Span  string   `json:"span"`
	Items []string `json:"items"`
	Days  int64    `json:"days"`
}) (out created, err error) {
	keepAnswer(ctx, &out)
	err = c.write(ctx, func(tx *store.Tx) error {
		book, err := c.scheme.Get(tx)
		if err != nil {
			return err
		}
		for _, code := range r.Items {
			item, known := book.Item(code)
			if _, ok := scored(item); !known || !ok {
				return fault.New("assess.item", "item", clip(code, 40))
			}
		}
		out.ID, err = c.assess.Begin(tx, r.Title, r.Span, book.Version, r.Items, r.Days)
		return err
	})
	return out, err
}

// created is what was begun.
type created struct {
	ID string `json:"id"`
}

type scoreRequest struct {
	ID    string      `json:"id"`
	Cells []scoreCell `json:"cells"`
}

type scoreCell struct {
	Home string `json:"home"`
	Item string `json:"item"`
	N    int64  `json:"n"` // -1 for none
}

// scoreRound enters scores. Faults: assess.score{max}, people.household.unknown, those
// of assess.Enter.
func (c *community) scoreRound(ctx context.Context, r scoreRequest) (out none, err error) {
	if len(r.Cells) > maxCells {
		return out, fault.New("assess.cells", "max", maxCells)
	}
	return out, c.write(ctx, func(tx *store.Tx) error {
		round, err := c.assess.Get(tx, r.ID)
		if err != nil {
			return err
		}
		book, err := c.scheme.At(tx, round.Version)
		if err != nil {
			return err
		}
		homes, err := c.people.Households(tx)
		if err != nil {
			return err
		}
		there := map[string]bool{}
		for _, h := range homes {
			there[h.ID.String()] = true
		}
		list := make([]assess.Entry, 0, len(r.Cells))
		for _, x := range r.Cells {
			item, _ := book.Item(x.Item)
			if most, _ := scored(item); x.N > most {
				return fault.New("assess.score", "max", most)
			}
			if !there[x.Home] {
				return fault.New("people.household.unknown")
			}
			list = append(list, assess.Entry{Cell: assess.Cell{Home: x.Home, Item: slices.Index(round.Items, x.Item)}, N: x.N})
		}
		return c.assess.Enter(tx, r.ID, list)
	})
}

// maxCells is a pasted table: 828 households by some items.
const maxCells = 10_000

// presentRound notes the members of the council who were there. Faults:
// people.unknown, assess.present{max}, those of assess.SetPresent.
func (c *community) presentRound(ctx context.Context, r struct {
	ID     string   `json:"id"`
	People []string `json:"people"`
}) (out none, err error) {
	if len(r.People) > maxPresent {
		return out, fault.New("assess.present", "max", maxPresent)
	}
	return out, c.write(ctx, func(tx *store.Tx) error {
		for _, p := range r.People {
			id, err := people.ParseID(p)
			if err != nil {
				return fault.New("people.unknown")
			}
			if known, err := c.people.Known(tx, id); err != nil || !known {
				return errors.Join(err, fault.New("people.unknown"))
			}
		}
		return c.assess.SetPresent(tx, r.ID, r.People)
	})
}

// maxPresent bounds a council; Tangshan's has eleven.
const maxPresent = 30

// mainOnly refuses what only the main device does. Fault: govern.registrar.only.
func (c *community) mainOnly() error {
	if !c.tend.registrar() {
		return fault.New("govern.registrar.only")
	}
	return nil
}

// publishRound fixes the scores of all households that have one. Faults:
// govern.registrar.only, assess.conflict{n} while devices differ, assess.empty,
// assess.present.none, those of assess.Publish.
func (c *community) publishRound(ctx context.Context, r idRequest) (out none, err error) {
	if err := c.mainOnly(); err != nil {
		return out, err
	}
	return out, c.write(ctx, func(tx *store.Tx) error {
		round, err := c.round(tx, r.ID)
		if err != nil {
			return err
		}
		differ, finals := 0, map[string]assess.Final{}
		for _, h := range round.Homes {
			if len(h.Rivals) > 0 {
				differ++
			}
			if slices.ContainsFunc(h.Scores, func(n int64) bool { return n >= 0 }) {
				finals[h.ID] = assess.Final{Head: h.Head, Scores: h.Scores}
			}
		}
		switch {
		case differ > 0:
			return fault.New("assess.conflict", "n", differ)
		case len(round.Present) == 0 && round.State == assess.Open:
			return fault.New("assess.present.none")
		}
		return c.assess.Publish(tx, r.ID, finals)
	})
}

func assessText(text *string) error {
	*text = strings.TrimSpace(*text)
	if *text == "" || utf8.RuneCountInString(*text) > assess.MaxText || !govern.PlainText(*text) {
		return fault.New("assess.text", "max", assess.MaxText)
	}
	return nil
}

// sealedFor is a text about a household, under the key of who stands for it.
func (c *community) sealedFor(tx *store.Tx, round, home, kind, text string) (assess.Sealed, error) {
	finals, err := c.assess.Finals(tx, round)
	if err != nil {
		return assess.Sealed{}, err
	}
	f, ok := finals[home]
	if !ok {
		return assess.Sealed{}, fault.New("people.household.unknown")
	}
	id, err := people.ParseID(f.Head)
	if err != nil {
		return assess.Sealed{}, err
	}
	return assess.Sealed{Person: f.Head, Text: func(tag string) ([]byte, error) {
		return c.people.SealText(tx, id, assess.TextField(round, tag, kind), text)
	}}, nil
}

// objectRound notes what a household objects. Faults: assess.text{max},
// people.household.unknown, those of assess.Object.
func (c *community) objectRound(ctx context.Context, r struct {
	ID   string `json:"id"`
	Home string `json:"home"`
	Text string `json:"text"`
}) (out none, err error) {
	if err := assessText(&r.Text); err != nil {
		return out, err
	}
	return out, c.write(ctx, func(tx *store.Tx) error {
		if _, err := c.assess.Get(tx, r.ID); err != nil {
			return err
		}
		text, err := c.sealedFor(tx, r.ID, r.Home, "object", r.Text)
		if err != nil {
			return err
		}
		return c.assess.Object(tx, r.ID, r.Home, text)
	})
}

// answerRound decides on an objection: where it is right, the household's scores
// become those that are given. Faults: govern.registrar.only, assess.text{max},
// people.household.unknown, those of assess.Answer.
func (c *community) answerRound(ctx context.Context, r struct {
	ID     string  `json:"id"`
	Home   string  `json:"home"`
	Tag    string  `json:"tag"`
	Yes    bool    `json:"yes"`
	Why    string  `json:"why"`
	Scores []int64 `json:"scores"` // where it is right
}) (out none, err error) {
	if err := c.mainOnly(); err != nil {
		return out, err
	}
	if err := assessText(&r.Why); err != nil {
		return out, err
	}
	return out, c.write(ctx, func(tx *store.Tx) error {
		round, err := c.assess.Get(tx, r.ID)
		if err != nil {
			return err
		}
		book, err := c.scheme.At(tx, round.Version)
		if err != nil {
			return err
		}
		for i, n := range r.Scores {
			if i >= len(round.Items) {
				break
			}
			item, _ := book.Item(round.Items[i])
			if most, _ := scored(item); n > most {
				return fault.New("assess.score", "max", most)
			}
		}
		text, err := c.sealedFor(tx, r.ID, r.Home, "answer", r.Why)
		if err != nil {
			return err
		}
		return c.assess.Answer(tx, r.ID, r.Home, r.Tag, r.Yes, r.Scores, text)
	})
}

func (c *community) dropRound(ctx context.Context, r idRequest) (out none, err error) {
	if err := c.mainOnly(); err != nil {
		return out, err
	}
	return out, c.write(ctx, func(tx *store.Tx) error { return c.assess.Drop(tx, r.ID) })
}
