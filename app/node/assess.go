package node

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"jishan/app/activity"
	"jishan/app/assess"
	"jishan/app/claim"
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

// scoreWorth is what a score gives, below 0 for a deduction.
func scoreWorth(i scheme.Item, n int64) int64 {
	switch {
	case n <= 0:
		return 0
	case i.Takes():
		return -i.Points
	}
	return i.Worth(scheme.Amount{Count: n})
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

type roundItem struct {
	Code   string `json:"code"`
	Name   string `json:"name"`
	Group  string `json:"group"`
	Unit   string `json:"unit"`
	Per    int64  `json:"per"`
	Points int64  `json:"points"` // below 0 for a deduction
	Most   int64  `json:"most"`   // greatest score
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
		out.Items = append(out.Items, roundItem{code, item.Name, item.Group, item.Unit, item.Per, scoreWorth(item, max(1, item.Per)), most})
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
	grids, there := c.gridNames(), map[string]bool{}
	for _, h := range homes {
		row := roundHome{ID: h.ID.String(), Head: h.Head().ID.String(), Name: h.Head().Name, Masked: h.Head().Masked, Grid: grids[h.Head().Grid], Address: h.Head().Address,
			People: len(h.Members), Away: h.Away(), Unlisted: h.Unlisted(), Scores: []int64{}, Rivals: []rival{}, Late: []rival{}, Objections: []roundObjection{}}
		there[row.ID] = true
		if list := said[row.ID]; list != nil {
			row.Objections = list
		}
		final, fixed := finals[row.ID]
		row.Paid = final.Paid
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

type scoreRequest struct {
	ID    string `json:"id"`
	Cells []struct {
		Home string `json:"home"`
		Item string `json:"item"`
		N    int64  `json:"n"` // -1 for none
	} `json:"cells"`
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

// homesAtOnce is how many households' points are claimed in one transaction.
const homesAtOnce = 50

type bookedReply struct {
	Claims int   `json:"claims"`
	Points int64 `json:"points"` // of what gives
	Double int   `json:"double"` // the same item stood already on that day
}

// bookRound claims the points of every household once, as the main device: what was
// claimed and the note that it was stand in one transaction, so that a breakdown leaves
// nothing out and a repeat adds nothing. Faults: govern.registrar.only, those of
// assess.Ready.
func (c *community) bookRound(ctx context.Context, r idRequest) (out bookedReply, err error) {
	if err := c.mainOnly(); err != nil {
		return out, err
	}
	var round roundReply
	err = c.view(ctx, func(q store.Querier) error { round, err = c.round(q, r.ID); return err })
	if err == nil {
		err = c.namePresent(ctx, round.Present)
	}
	if err != nil {
		return out, err
	}
	names := make([]string, 0, len(round.Present))
	for _, p := range round.Present {
		if p.Name != "" {
			names = append(names, p.Name)
		}
	}
	for done := false; !done; {
		err = c.write(aside(ctx), func(tx *store.Tx) error {
			ready, err := c.assess.Ready(tx, r.ID)
			if err != nil {
				return err
			}
			part := bookedReply{}
			if done, err = c.bookHomes(tx, ready, witnessOf(names), &part); err != nil {
				return err
			}
			out.Claims, out.Points, out.Double = out.Claims+part.Claims, out.Points+part.Points, out.Double+part.Double
			if done {
				return c.assess.Close(tx, ready)
			}
			return nil
		})
		if err != nil {
			return out, err
		}
	}
	return out, nil
}

// maxWitness is how long a deed's witness may be, in characters.
const maxWitness = 40

// witnessOf are as many names of the council as a deed's witness has room for.
func witnessOf(names []string) string {
	out := ""
	for _, n := range names {
		next := strings.TrimPrefix(out+"、"+n, "、")
		if utf8.RuneCountInString(next) > maxWitness {
			break
		}
		out = next
	}
	return out
}

// bookHomes claims for some households that are not paid; done when none is left.
func (c *community) bookHomes(tx *store.Tx, round assess.Round, witness string, out *bookedReply) (done bool, err error) {
	book, err := c.scheme.At(tx, round.Version)
	if err != nil {
		return false, err
	}
	finals, err := c.assess.Finals(tx, round.ID)
	if err != nil {
		return false, err
	}
	var homes []string
	for _, home := range slices.Sorted(maps.Keys(finals)) {
		if f := finals[home]; !f.Paid && len(homes) < homesAtOnce {
			homes = append(homes, home)
			if err := c.bookHome(tx, round, book, f, witness, out); err != nil {
				return false, err
			}
		}
	}
	if len(homes) == 0 {
		return true, nil
	}
	return false, c.assess.Paid(tx, round, homes)
}

// bookHome claims what one household was scored with, for who stands for it.
func (c *community) bookHome(tx *store.Tx, round assess.Round, book scheme.Scheme, f assess.Final, witness string, out *bookedReply) error {
	id, err := people.ParseID(f.Head)
	if err != nil {
		return err
	}
	if known, err := c.people.Known(tx, id); err != nil || !known {
		return err // erased since: nobody to give it to
	}
	for i, n := range f.Scores {
		item, ok := book.Item(round.Items[i])
		if !ok || n <= 0 || scoreWorth(item, n) == 0 {
			continue
		}
		count := n
		if !item.Counted() {
			count = 0
		}
		d := activity.Deed{Person: f.Head, Item: item.Code, At: round.At(), Count: count, Note: round.Title, Witness: witness}
		if err := d.Check(item, tx.Now()); err != nil {
			return err
		}
		_, err := c.claim.Post(tx, claim.Deed{Person: id, Item: item, Version: round.Version, At: round.At(), Amount: scheme.Amount{Count: count},
			Note: round.Title, Witness: witness, Via: claim.FromDesk, Batch: round.ID}, c.people.SealText, c.claimSigner())
		if errors.Is(err, fault.New("claim.double")) {
			out.Double++
			continue
		}
		if err != nil {
			return err
		}
		out.Claims++
		out.Points += max(0, scoreWorth(item, n))
	}
	return nil
}
