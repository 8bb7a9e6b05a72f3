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
// reading at [Item.Value], then [Book].
package scheme

import (
	"slices"

	"jishan/app/fault"
)

// The kinds of items.
const (
	Time   = "time"   // points for every full unit of minutes
	Deed   = "deed"   // points for each time it is done
	Deduct = "deduct" // points that are taken away for each time
)

// Item is one rule.
type Item struct {
	_       struct{} `cbor:",toarray"`
	Code    string   `json:"code"` // at most MaxCode bytes; never means two things in one version
	Group   string   `json:"group"`
	Name    string   `json:"name"`
	Kind    string   `json:"kind"`    // Time, Deed or Deduct
	Points  int64    `json:"points"`  // per full unit, or per deed; above 0 for deductions, too
	Minutes int64    `json:"minutes"` // the unit of time; else 0
	DayCap  int64    `json:"dayCap"`  // most points of this item for one person on one day, 0 = none
	Witness bool     `json:"witness"` // counts only with somebody who saw it
}

// Value returns the points for minutes of the item, day cap not considered.
// Only full units of time count: at one point for 30 minutes, 29 give 0 and 105
// give 3. A deed gives its points whatever the minutes. A deduction gives none.
func (i Item) Value(minutes int64) int64 {
	if i.Kind == Deed {
		return i.Points
	}
	if i.Kind == Deduct || i.Minutes <= 0 || minutes <= 0 {
		return 0
	}
	return minutes / i.Minutes * i.Points
}

// Capped returns how many of points may still be given to somebody who got
// already of this item on the same day.
func (i Item) Capped(points, already int64) int64 {
	if i.DayCap <= 0 {
		return points
	}
	return max(0, min(points, i.DayCap-already))
}

// Scheme is one version of the rulebook.
type Scheme struct {
	Version int64  `json:"version"` // 0: none was saved yet
	From    int64  `json:"from"`    // milliseconds UTC
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

// Find returns the rule with the code, of those that give points. Fault:
// scheme.item.unknown {code}.
func (s Scheme) Find(code string) (Item, error) {
	if i, ok := s.Item(code); ok && i.Kind != Deduct {
		return i, nil
	}
	return Item{}, fault.New("scheme.item.unknown", "code", code)
}

// FindDeduction is Find for rules that take points.
func (s Scheme) FindDeduction(code string) (Item, error) {
	if i, ok := s.Item(code); ok && i.Kind == Deduct {
		return i, nil
	}
	return Item{}, fault.New("scheme.item.unknown", "code", code)
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
