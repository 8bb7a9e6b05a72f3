// Package scheme keeps the rulebook: which deeds earn how many points.
//
// Every saved rulebook is a version and stays for ever, because each ledger
// entry names the item and the version it was made under. A version is one
// value of the document "scheme" (key "version/<n>/items"): it is edited together,
// so it is one thing. Two offices that were apart may write the same version
// number; both are kept, the higher operation id is in force and the other is
// shown by Rivals.
//
// The package must never know who earned what, or what an activity is. Start
// reading at [Item.Worth], then [Book].
package scheme

import (
	"slices"
	"strings"

	"jishan/app/fault"
)

// The kinds of items.
const (
	Time   = "time"   // points for every unit of minutes
	Deed   = "deed"   // points for each time it is done
	Piece  = "piece"  // points for every Per pieces of Unit
	Often  = "often"  // points for each time, at most Times in a Span
	Base   = "base"   // points that everybody gets once a year, without a deed
	Honour = "honour" // points for a title, once a year
	Exam   = "exam"   // points for a result, once a year
	Mutual = "mutual" // time for another household, which confirms it; capped by the month
	Donate = "donate" // points for every Per units given, yuan or goods
	Deduct = "deduct" // points that are taken away for each time
)

// How a rest of a unit of time counts.
const (
	Full  = ""     // only full units
	Half  = "half" // a rest of half a unit counts
	Begun = "up"   // every unit that was begun counts
)

// The spans in which an Often item is counted.
const (
	Daily   = "day"
	Weekly  = "week"
	Monthly = "month"
	Yearly  = "year"
)

// Item is one rule. Its zero fields ask for nothing.
type Item struct {
	Code    string `json:"code"`  // at most MaxCode bytes; never means two things in one version
	Group   string `json:"group"` // 大类, 一级指标
	Sub     string `json:"sub"`   // 二级指标, "" where there are two levels only
	Name    string `json:"name"`
	Kind    string `json:"kind"`
	Points  int64  `json:"points"`  // per unit, or each time; above 0 for deductions, too
	Minutes int64  `json:"minutes"` // the unit of time; else 0
	Round   string `json:"round"`   // of time: Full, Half or Begun
	Unit    string `json:"unit"`    // what is counted: 件, 亩, 元
	Per     int64  `json:"per"`     // how many of Unit give Points; 0 is 1
	Times   int64  `json:"times"`   // of Often
	Span    string `json:"span"`    // of Often
	Harder  int64  `json:"harder"`  // percent of Points if it was hard, 0 = makes no difference
	Hardest int64  `json:"hardest"` // percent if it was very hard

	DayCap   int64 `json:"dayCap"` // most points of this item for one person on one day, 0 = none
	WeekCap  int64 `json:"weekCap"`
	MonthCap int64 `json:"monthCap"`
	YearCap  int64 `json:"yearCap"`

	Witness bool   `json:"witness"` // counts only with somebody who saw it
	Review  bool   `json:"review"`  // counts only when somebody else has looked at it
	Notice  int64  `json:"notice"`  // days of public notice, or of a deduction's time to appeal, before it counts; see Days
	Self    bool   `json:"self"`    // who did it may claim it from the phone
	Lead    bool   `json:"lead"`    // only a lead gives it
	For     string `json:"for"`     // whom it is for, "" = everybody
	Note    string `json:"note"`    // how it is judged
	Locked  bool   `json:"locked"`  // given by the level above, see Head.Upper
}

// Amount is how much of a deed was done.
type Amount struct {
	Minutes int64
	Count   int64 // pieces or times; 0 is 1
	Hard    int64 // 0 plain, 1 hard, 2 very hard
}

// Takes tells whether the item takes points away.
func (i Item) Takes() bool { return i.Kind == Deduct }

// Timed tells whether minutes matter.
func (i Item) Timed() bool { return i.Kind == Time || i.Kind == Mutual }

// Counted tells whether a count of pieces or times may be more than one.
func (i Item) Counted() bool { return i.Kind == Piece || i.Kind == Donate || i.Kind == Deed }

// Value returns the points for minutes of the item, caps not considered.
// At one point for 30 full minutes, 29 give 0 and 105 give 3. What is not timed
// gives its points whatever the minutes. A deduction gives none.
func (i Item) Value(minutes int64) int64 {
	if i.Takes() {
		return 0
	}
	return i.Worth(Amount{Minutes: minutes})
}

// Worth returns what an amount of the item gives, or takes, caps not considered.
// What is not a whole point is dropped.
func (i Item) Worth(a Amount) int64 {
	n := max(a.Count, 1)
	switch {
	case i.Takes():
		return i.Points
	case i.Kind == Base:
		return 0
	case i.Timed():
		n = i.units(a.Minutes)
	case i.Kind == Piece || i.Kind == Donate:
		n /= max(i.Per, 1)
	case i.Kind != Deed:
		n = 1
	}
	return n * i.Points * i.percent(a.Hard) / 100
}

func (i Item) units(minutes int64) int64 {
	if i.Minutes <= 0 || minutes <= 0 {
		return 0
	}
	n, rest := minutes/i.Minutes, minutes%i.Minutes
	if i.Round == Begun && rest > 0 || i.Round == Half && 2*rest >= i.Minutes {
		n++
	}
	return n
}

func (i Item) percent(hard int64) int64 {
	switch {
	case hard == 2 && i.Hardest > 0:
		return i.Hardest
	case hard >= 1 && i.Harder > 0:
		return i.Harder
	}
	return 100
}

// Cap is the most points of an item for one person in a span.
type Cap struct {
	Span string
	Most int64
}

// Caps lists what bounds the points of one person. A title counts once a year.
func (i Item) Caps() (out []Cap) {
	for _, c := range []Cap{{Daily, i.DayCap}, {Weekly, i.WeekCap}, {Monthly, i.MonthCap}, {Yearly, i.YearCap}} {
		if c.Most > 0 {
			out = append(out, c)
		}
	}
	if i.Kind == Often && i.Times > 0 {
		out = append(out, Cap{i.Span, i.Times * i.Points})
	}
	if (i.Kind == Honour || i.Kind == Exam) && i.YearCap == 0 {
		out = append(out, Cap{Yearly, i.Points})
	}
	return out
}

// Given is what an amount of the item gives at most, whatever else the person got: its
// worth within the least of the caps. What it takes knows none.
func (i Item) Given(a Amount) int64 {
	n := i.Worth(a)
	if !i.Takes() {
		for _, c := range i.Caps() {
			n = min(n, c.Most)
		}
	}
	return n
}

// LeastAppeal is how many days a deduction may be appealed at least, whatever its
// rule says: rules of deductions often come from a table without a column for it,
// and who was told on a Friday reads it on Monday.
const LeastAppeal = 3

// Days are the days in public, or to appeal, before points by the item count.
func (i Item) Days() int64 {
	if i.Takes() {
		return max(i.Notice, LeastAppeal)
	}
	return i.Notice
}

// Waits tells whether points by the item count only after somebody else's word: a
// review, a lead's, the helped household's, or the public's. A deed of it is claimed.
func (i Item) Waits() bool { return i.Review || i.Notice > 0 || i.Lead || i.Kind == Mutual }

// Head is what a version says of itself.
type Head struct {
	Title  string `json:"title"`
	Levels string `json:"levels"` // names of the levels, with slashes: 大类/小项, 一级指标/二级指标/具体项目
	Why    string `json:"why"`    // why there is a new version
	Source string `json:"source"` // of a ready-made one: its id

	// Of a rulebook that came from a street, district or city.
	Upper        string `json:"upper"`        // its name
	UpperKey     string `json:"upperKey"`     // who signs for it, hexadecimal
	UpperVersion int64  `json:"upperVersion"` // its version there
}

// Scheme is one version of the rulebook.
type Scheme struct {
	Head
	Version int64  `json:"version"` // 0: none was saved yet
	From    int64  `json:"from"`    // since when it is in force, milliseconds UTC
	By      string `json:"by"`      // the operator who saved it
	Items   []Item `json:"items"`
}

// Item returns the rule with the code.
func (s Scheme) Item(code string) (Item, bool) {
	i := slices.IndexFunc(s.Items, func(i Item) bool { return i.Code == code })
	if i < 0 {
		return Item{}, false
	}
	return s.Items[i], true
}

// Find returns the rule with the code, of those that give points for a deed.
// Fault: scheme.item.unknown {code}.
func (s Scheme) Find(code string) (Item, error) {
	if i, ok := s.Item(code); ok && !i.Takes() && i.Kind != Base {
		return i, nil
	}
	return Item{}, fault.New("scheme.item.unknown", "code", code)
}

// FindDeduction is Find for rules that take points.
func (s Scheme) FindDeduction(code string) (Item, error) {
	if i, ok := s.Item(code); ok && i.Takes() {
		return i, nil
	}
	return Item{}, fault.New("scheme.item.unknown", "code", code)
}

// LevelNames are the names of the levels, the last one that of items.
func (h Head) LevelNames() []string {
	if h.Levels == "" {
		return []string{"大类", "小项"}
	}
	return strings.Split(h.Levels, "/")
}

// Default returns the rules that a new community starts with, in the manner of
// Taiyuan's passbook (3 for a full hour of clean-up, 5 a class, 8 a settled
// dispute, 3 a repair) and the half-hour rule of 文明积分.
func Default() []Item {
	return []Item{
		{Code: "HJ01", Group: "环境", Name: "环境卫生整治", Kind: Time, Points: 3, Minutes: 60},
		{Code: "HJ02", Group: "环境", Name: "认领维护卫生死角", Kind: Deed, Points: 2, DayCap: 2},
		{Code: "JY01", Group: "教育", Name: "公益课授课", Kind: Deed, Points: 5},
		{Code: "TJ01", Group: "治理", Name: "调解邻里纠纷", Kind: Deed, Points: 8, Witness: true},
		{Code: "XC01", Group: "治理", Name: "治安巡逻与飞线充电检查", Kind: Time, Points: 1, Minutes: 30},
		{Code: "WX01", Group: "互助", Name: "家电维修", Kind: Deed, Points: 3, Witness: true},
		{Code: "BN01", Group: "互助", Name: "陪伴独居老人", Kind: Time, Points: 2, Minutes: 60},
		{Code: "BN02", Group: "互助", Name: "代买药品", Kind: Deed, Points: 2, DayCap: 4},
		{Code: "WM01", Group: "文明", Name: "文明引导", Kind: Time, Points: 1, Minutes: 30},
		{Code: "HD01", Group: "文明", Name: "文体与节庆活动服务", Kind: Time, Points: 1, Minutes: 30},
	}
}
