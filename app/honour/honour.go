// Package honour keeps what a community thanks its people with beside points:
// levels by the points of a year, and the benefits that come with a level, such
// as ten free meals a year in the elders' canteen.
//
// The table of levels and benefits is the community's own and stands in its
// charter, which every device reads. Who has earned enough is awarded the level
// by the registrar's device, once a year: one ledger transaction that makes the
// level and its benefits. A benefit is a quota like points: it lies with a
// holder, moves to the till that asks for it and is used up where it lies, so
// ten meals are ten meals at two canteens that are cut off from each other.
//
// The package must never know a name, a screen or a network. Start reading at
// [Table], then award.go and use.go.
package honour

import (
	"slices"
	"strings"
	"unicode/utf8"

	"jishan/app/fault"
	"jishan/app/ledger"
)

// Level is a rung of the table: who earns Points in a year has it.
type Level struct {
	ID     string `json:"id"` // "" for a new one
	Name   string `json:"name"`
	Points int64  `json:"points"`
	// Benefits come with the level; who has a higher one keeps those of the
	// lower ones.
	Benefits []Benefit `json:"benefits"`
}

// Benefit is something given free of points, N times a year.
type Benefit struct {
	ID    string `json:"id"` // "" for a new one
	Name  string `json:"name"`
	Unit  string `json:"unit"`
	N     int64  `json:"n"`
	Place string `json:"place"` // where it is given; "" is everywhere
}

// Table is all levels, the lowest first.
type Table struct {
	Levels []Level `json:"levels"`
}

// Limits of a table. Texts in characters.
const (
	maxLevels   = 10
	maxBenefits = 10 // of one level: with the level itself they are one ledger transaction
	maxName     = 20
	maxUnit     = 4
	maxPoints   = 1_000_000
	maxTimes    = 1000 // of one benefit a year: three a day
)

// check refuses a table that could not be kept or understood. Faults:
// honour.levels{max}, honour.name{max}, honour.points{max}, honour.same{name},
// honour.benefits{max}, honour.unit{max}, honour.times{max}, honour.place.
func (t Table) check(place func(id string) bool) error {
	if len(t.Levels) > maxLevels {
		return fault.New("honour.levels", "max", maxLevels)
	}
	names, points := map[string]bool{}, map[int64]bool{}
	for _, l := range t.Levels {
		switch {
		case !plain(l.Name, maxName):
			return fault.New("honour.name", "max", maxName)
		case l.Points < 1 || l.Points > maxPoints:
			return fault.New("honour.points", "max", maxPoints)
		case names[l.Name] || points[l.Points]:
			return fault.New("honour.same", "name", l.Name)
		case len(l.Benefits) > maxBenefits:
			return fault.New("honour.benefits", "max", maxBenefits)
		}
		names[l.Name], points[l.Points] = true, true
		for _, b := range l.Benefits {
			if err := b.check(place); err != nil {
				return err
			}
		}
	}
	return nil
}

func (b Benefit) check(place func(id string) bool) error {
	switch {
	case !plain(b.Name, maxName):
		return fault.New("honour.name", "max", maxName)
	case !plain(b.Unit, maxUnit):
		return fault.New("honour.unit", "max", maxUnit)
	case b.N < 1 || b.N > maxTimes:
		return fault.New("honour.times", "max", maxTimes)
	case b.Place != "" && !place(b.Place):
		return fault.New("honour.place")
	}
	return nil
}

// plain is one line without what separates fields.
func plain(s string, limit int) bool {
	n := utf8.RuneCountInString(s)
	return s == strings.TrimSpace(s) && n > 0 && n <= limit && !strings.ContainsAny(s, "/\n\t") && utf8.ValidString(s)
}

// benefits lists those of all levels.
func (t Table) benefits() (out []Benefit) {
	for _, l := range t.Levels {
		out = append(out, l.Benefits...)
	}
	return out
}

func (t Table) benefit(id string) (Benefit, bool) {
	list := t.benefits()
	i := slices.IndexFunc(list, func(b Benefit) bool { return b.ID == id })
	if i < 0 {
		return Benefit{}, false
	}
	return list[i], true
}

// Name is what a level is called, "" for one that is not in the table.
func (t Table) Name(level string) string {
	for _, l := range t.Levels {
		if l.ID == level {
			return l.Name
		}
	}
	return ""
}

// UpTo lists the ids of a level and of those below it; none for one that is not in the
// table.
func (t Table) UpTo(level string) (ids []string) {
	for _, l := range t.Levels {
		ids = append(ids, l.ID)
		if l.ID == level {
			return ids
		}
	}
	return nil
}

// Turn is the right to award levels. The registrar's device holds it.
var Turn = ledger.TextSubject("levels and benefits")

// Subject is the quota's subject of a person's benefit.
func Subject(person ledger.Subject, benefit string) ledger.Subject {
	return ledger.TextSubject("benefit|" + benefit + "|" + person.String())
}

// deedKey is what a person gets a level or a benefit under, once a year.
func deedKey(what, id, period string, person ledger.Subject) ledger.Subject {
	return ledger.TextSubject(what + "|" + id + "|" + period + "|" + person.String())
}
