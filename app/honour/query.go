package honour

import (
	"database/sql"
	"encoding/hex"
	"slices"
	"strings"
	"time"

	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/app/zone"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Unknown is a number that this device can't know: a till does not read where a
// benefit lies elsewhere.
const Unknown = -1

// Standing is what a person has of levels and benefits this year.
type Standing struct {
	Level    *Rung  `json:"level"` // the highest; null without one
	Next     *Rung  `json:"next"`  // the next one up; null at the top
	Missing  int64  `json:"missing"`
	Benefits []Mine `json:"benefits"`
}

// Rung names a level.
type Rung struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Points int64  `json:"points"`
	At     int64  `json:"at"` // when it was awarded; 0 while it is earned and not awarded yet
}

// Mine is a benefit of a person.
type Mine struct {
	ID    string `json:"id"`
	Name  string `json:"name"`
	Unit  string `json:"unit"`
	Given int64  `json:"given"` // this year, and what is good of the year before
	Used  int64  `json:"used"`
	Left  int64  `json:"left"` // Unknown at a till
	Here  int64  `json:"here"` // can be used at this device, now
	Place string `json:"place"`
	Ours  bool   `json:"ours"` // is given where this device stands
}

// Standing tells what a person has. year are the person's points of this year;
// staff, whether this device reads all feeds: a till knows only what lies with
// it. Benefits that were taken out of the table are not shown.
func (h *Honour) Standing(q store.Querier, person ledger.Subject, year int64, staff bool) (Standing, error) {
	t := h.Table()
	out := Standing{Benefits: []Mine{}}
	group, err := h.Ledger.Together(q, person)
	if err != nil {
		return out, err
	}
	if staff {
		if err := h.rungs(q, t, group, year, &out); err != nil {
			return out, err
		}
	}
	for _, b := range t.benefits() {
		m := Mine{ID: b.ID, Name: b.Name, Unit: b.Unit, Place: b.Place, Ours: h.given(b), Left: Unknown}
		if err := h.counted(q, group, staff, &m); err != nil {
			return out, err
		}
		if staff && m.Given == 0 {
			continue
		}
		if staff || m.Ours {
			out.Benefits = append(out.Benefits, m)
		}
	}
	return out, nil
}

// counted adds up what the ids of a person have of a benefit.
func (h *Honour) counted(q store.Querier, group []ledger.Subject, staff bool, m *Mine) error {
	if staff {
		m.Left = 0
	}
	for _, p := range group {
		here, err := h.Ledger.BenefitHere(q, Subject(p, m.ID))
		if err != nil {
			return err
		}
		m.Here += here
		if !staff {
			continue
		}
		x, err := h.Ledger.BenefitAccount(q, Subject(p, m.ID))
		if err != nil {
			return err
		}
		m.Given, m.Used, m.Left = m.Given+x.Minted-x.Burned, m.Used+x.Consumed-x.Restored, m.Left+x.Held+x.InFlight-x.Unseen
	}
	return nil
}

// rungs finds the level of a person, under whichever id, and the next one.
func (h *Honour) rungs(q store.Querier, t Table, group []ledger.Subject, year int64, out *Standing) error {
	have := map[string]int64{}
	add := func(r *sql.Rows) error {
		var id string
		var at int64
		err := r.Scan(&id, &at)
		have[id] = at
		return err
	}
	for _, p := range group {
		if err := store.EachRow(q, add, `SELECT level, at FROM honour_award WHERE person = ? AND period = ? AND`+stands, p[:], h.Period(h.Clock())); err != nil {
			return err
		}
	}
	for _, l := range t.Levels {
		at, awarded := have[l.ID]
		if r := (&Rung{l.ID, l.Name, l.Points, at}); awarded || year >= l.Points {
			out.Level, out.Next, out.Missing = r, nil, 0
		} else if out.Next == nil {
			out.Next, out.Missing = r, l.Points-year
		}
	}
	return nil
}

// counts is a condition for awards that their feed's cut leaves standing: what lies beyond it
// made no benefits, and its successor awards it again.
var counts = ` NOT ` + ledger.BeyondCut("honour_award.hash")

// stands is one for those of them that were not undone.
var stands = counts + ` AND NOT ` + ledger.Undone("honour_award.hash")

// awarded tells who was awarded a level in a period, by leading subject: true, or false where that
// was undone.
func (h *Honour) awarded(q store.Querier, level, period string) (map[ledger.Subject]bool, error) {
	raw := map[ledger.Subject]bool{}
	err := store.EachRow(q, func(r *sql.Rows) error {
		var p []byte
		var undone bool
		err := r.Scan(&p, &undone)
		raw[ledger.Subject(p)] = raw[ledger.Subject(p)] || !undone // written again after a close, it stands twice
		return err
	}, `SELECT person, `+ledger.Undone("honour_award.hash")+` FROM honour_award WHERE period = ? AND level = ? AND`+counts, period, level)
	if err != nil {
		return nil, err
	}
	out := make(map[ledger.Subject]bool, len(raw))
	for p, holds := range raw {
		group, err := h.Ledger.Together(q, p)
		if err != nil {
			return nil, err
		}
		out[group[0]] = out[group[0]] || holds
	}
	return out, nil
}

// Reached is how many have a level this year, and what part of all.
type Reached struct {
	ID             string `json:"id"`
	Name           string `json:"name"`
	Points         int64  `json:"points"`
	People         int64  `json:"people"`
	PeopleShare    int64  `json:"peopleShare"` // per mille of all people
	Households     int64  `json:"households"`  // in which somebody has it
	HouseholdShare int64  `json:"householdShare"`
}

// Levels counts who has which level this year. home tells a person's household,
// or the person's own id where there is none; false for who is not registered.
func (h *Honour) Levels(q store.Querier, people, households int64, home func(person ledger.Subject) (ledger.Subject, bool)) ([]Reached, error) {
	out := []Reached{}
	for _, l := range h.Table().Levels {
		have, err := h.awarded(q, l.ID, h.Period(h.Clock()))
		if err != nil {
			return nil, err
		}
		x, homes := Reached{ID: l.ID, Name: l.Name, Points: l.Points}, map[ledger.Subject]bool{}
		for p, holds := range have {
			if where, ok := home(p); ok && holds {
				x.People++
				homes[where] = true
			}
		}
		x.Households = int64(len(homes))
		x.PeopleShare, x.HouseholdShare = Share(x.People, people), Share(x.Households, households)
		out = append(out, x)
	}
	return out, nil
}

// Share is a part of a whole, per mille, rounded; Unknown of nothing.
func Share(part, whole int64) int64 {
	if whole <= 0 {
		return Unknown
	}
	return (part*1000 + whole/2) / whole
}

// Given is one use of a benefit, as the day's list shows it.
type Given struct {
	Hash     string         `json:"hash"`
	Doc      string         `json:"doc"`
	Seq      uint64         `json:"seq"`
	At       int64          `json:"at"`
	Person   ledger.Subject `json:"-"`
	Name     string         `json:"name"`
	Unit     string         `json:"unit"`
	N        int64          `json:"n"`
	Operator string         `json:"operator"`
	Undone   bool           `json:"undone"`
}

// maxGiven bounds a day's list: a canteen serves some hundred meals.
const maxGiven = 2000

// Today lists what a device gave on a day (yyyy-mm-dd, "" for today), as any of its
// incarnations, the latest first. Fault: till.day.
func (h *Honour) Today(q store.Querier, by []wire.Actor, day string) ([]Given, error) {
	at := h.Clock()
	if day != "" {
		t, err := time.ParseInLocation(time.DateOnly, day, zone.China)
		if err != nil {
			return nil, fault.New("till.day")
		}
		at = t.UnixMilli()
	}
	start, end := zone.DayBounds(at)
	args := []any{start, end}
	for _, a := range by {
		args = append(args, a[:])
	}
	return h.uses(q, `at >= ? AND at < ? AND actor IN (NULL`+strings.Repeat(", ?", len(by))+`) ORDER BY at DESC, hash LIMIT ?`, append(args, maxGiven)...)
}

// Uses lists what was given of a benefit of a person (by Subject) at or after since, the
// earliest first.
func (h *Honour) Uses(q store.Querier, benefit ledger.Subject, since int64) ([]Given, error) {
	return h.uses(q, `at >= ? AND subject = ? ORDER BY at, hash LIMIT ?`, since, benefit[:], maxGiven)
}

func (h *Honour) uses(q store.Querier, which string, args ...any) ([]Given, error) {
	list, out := h.Table().benefits(), []Given{}
	err := store.EachRow(q, func(r *sql.Rows) error {
		var g Given
		var hash, person, subject []byte
		if err := r.Scan(&hash, &g.Doc, &g.Seq, &g.At, &person, &subject, &g.N, &g.Operator, &g.Undone); err != nil {
			return err
		}
		g.Hash, g.Person = hex.EncodeToString(hash), ledger.Subject(person)
		i := slices.IndexFunc(list, func(b Benefit) bool { return Subject(g.Person, b.ID) == ledger.Subject(subject) })
		if i >= 0 {
			g.Name, g.Unit = list[i].Name, list[i].Unit
		}
		out = append(out, g)
		return nil
	}, `SELECT hash, doc, seq, at, person, subject, n, operator, `+ledger.Undone("honour_use.hash")+` FROM honour_use WHERE `+which, args...)
	return out, err
}
