package scheme

import (
	"slices"
	"strings"
	"unicode/utf8"

	"jishan/app/fault"
	"jishan/app/govern"
)

// Limits of a rulebook. The largest seen has three levels and 68 rows.
const (
	// maxValue bounds an encoded rulebook in bytes: what govern admits as one
	// value of a record, room for MaxItems rules of ordinary length. The
	// greatest rulebooks seen have 38 and 62 rules.
	maxValue = 60 << 10
	// MaxItems bounds the rules of a version.
	MaxItems = 400
	// MaxCode bounds a code in bytes: what a ledger entry holds.
	MaxCode = 32
	// maxText bounds a name or a group in characters: what fits one line of a
	// passbook.
	maxText = 60
	// maxNote bounds how an item is judged, in characters: two lines of a poster.
	maxNote = 200
	// maxUnit bounds the word for what is counted.
	maxUnit = 10
	// maxPoints bounds the points of one rule: yearly honours give hundreds.
	maxPoints = 100_000
	// maxMinutes bounds the unit of time: a day.
	maxMinutes = 24 * 60
	// maxPercent bounds what difficulty multiplies by: tenfold.
	maxPercent = 1000
	// maxTimes bounds how often something counts in a span.
	maxTimes = 1000
	// maxNotice bounds the days of a public notice: a quarter.
	maxNotice = 90
	// maxWhy bounds the texts of a head.
	maxWhy = 100
)

var (
	kinds  = []string{Time, Deed, Piece, Often, Base, Honour, Exam, Mutual, Donate, Deduct}
	rounds = []string{Full, Half, Begun}
	spans  = []string{Daily, Weekly, Monthly, Yearly}
)

// Problem is what is wrong with one field of an item.
type Problem struct {
	Column string `json:"column"` // the JSON name of the field
	Code   string `json:"code"`   // a fault's
	Max    int    `json:"max"`    // the greatest value that the fault names, 0 for none
	With   string `json:"with"`   // what stood there, or the line it clashes with
}

// clean trims the texts of items and checks every one of them. Faults, each
// with {line} counted from 1: scheme.item.code, .code.double {code}, .name,
// .group, .kind, .points {max}, .minutes {max}, .cap and the others of problems;
// without a line: scheme.empty, scheme.large {max} (rules); Save adds scheme.bytes {max} (KB).
func clean(items []Item) ([]Item, error) {
	if len(items) == 0 {
		return nil, fault.New("scheme.empty")
	}
	if len(items) > MaxItems {
		return nil, fault.New("scheme.large", "max", MaxItems)
	}
	out := make([]Item, len(items))
	seen := map[string]bool{}
	for n, i := range items {
		i = i.tidy()
		if list := i.problems(); len(list) > 0 {
			return nil, fault.New(list[0].Code, "line", n+1, "max", list[0].Max)
		}
		if seen[i.Code] {
			return nil, fault.New("scheme.item.code.double", "line", n+1, "code", i.Code)
		}
		seen[i.Code] = true
		out[n] = i
	}
	return out, nil
}

// tidy trims texts and drops what an item's kind has no use for.
func (i Item) tidy() Item {
	for _, s := range []*string{&i.Code, &i.Name, &i.Group, &i.Sub, &i.Unit, &i.For, &i.Note} {
		*s = strings.TrimSpace(*s)
	}
	if !i.Timed() {
		i.Minutes, i.Round = 0, Full
	}
	if i.Kind != Piece && i.Kind != Donate {
		i.Unit, i.Per = "", 0
	}
	if i.Kind != Often {
		i.Times, i.Span = 0, ""
	}
	if i.Takes() || i.Kind == Base {
		i.DayCap, i.WeekCap, i.MonthCap, i.YearCap, i.Harder, i.Hardest, i.Self = 0, 0, 0, 0, 0, 0, false
	}
	return i
}

// problems lists all that is wrong with an item.
func (i Item) problems() (out []Problem) {
	bad := func(wrong bool, column, code string, limit int) {
		if wrong {
			out = append(out, Problem{Column: column, Code: "scheme.item." + code, Max: limit})
		}
	}
	line := func(s string, limit int) bool {
		return utf8.RuneCountInString(s) > limit || !govern.PlainLine(s)
	}
	bad(i.Code == "" || len(i.Code) > MaxCode || !govern.PlainLine(i.Code) || strings.ContainsAny(i.Code, " /"), "code", "code", MaxCode)
	bad(i.Name == "" || line(i.Name, maxText), "name", "name", maxText)
	bad(line(i.Group, maxText), "group", "group", maxText)
	bad(line(i.Sub, maxText) || i.Sub != "" && i.Group == "", "sub", "sub", maxText)
	bad(!slices.Contains(kinds, i.Kind), "kind", "kind", 0)
	bad(i.Points < 1 || i.Points > maxPoints, "points", "points", maxPoints)
	bad(i.Timed() && (i.Minutes < 1 || i.Minutes > maxMinutes), "minutes", "minutes", maxMinutes)
	bad(!slices.Contains(rounds, i.Round), "round", "round", 0)
	bad(line(i.Unit, maxUnit), "unit", "unit", maxUnit)
	bad(i.Per < 0 || i.Per > maxPoints, "per", "per", maxPoints)
	bad(i.Kind == Often && (i.Times < 1 || i.Times > maxTimes || !slices.Contains(spans, i.Span)), "times", "times", maxTimes)
	for _, c := range []struct {
		column string
		n      int64
	}{{"dayCap", i.DayCap}, {"weekCap", i.WeekCap}, {"monthCap", i.MonthCap}, {"yearCap", i.YearCap}} {
		bad(c.n < 0 || c.n > maxPoints, c.column, "cap", maxPoints)
	}
	bad(i.Kind == Mutual && i.MonthCap < 1, "monthCap", "mutual", maxPoints)
	bad(i.Harder < 0 || i.Harder > maxPercent || i.Hardest < 0 || i.Hardest > maxPercent, "harder", "harder", maxPercent)
	bad(i.Notice < 0 || i.Notice > maxNotice, "notice", "notice", maxNotice)
	bad(line(i.For, maxText), "for", "for", maxText)
	bad(line(i.Note, maxNote), "note", "note", maxNote)
	return out
}

// check refuses a head with overlong texts. Fault: scheme.head {max}.
func (h Head) check() error {
	names := h.LevelNames()
	for _, s := range []string{h.Title, h.Levels, h.Why, h.Source, h.Upper, h.UpperKey} {
		if utf8.RuneCountInString(s) > maxWhy || !govern.PlainLine(s) {
			return fault.New("scheme.head", "max", maxWhy)
		}
	}
	if len(names) < 2 || len(names) > 3 || slices.Contains(names, "") || h.UpperVersion < 0 || h.UpperVersion > maxVersion {
		return fault.New("scheme.head", "max", maxWhy)
	}
	return nil
}
