package scheme

import (
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
	// maxPoints bounds the points of one rule: yearly honours give hundreds.
	maxPoints = 100_000
	// maxMinutes bounds the unit of time: a day.
	maxMinutes = 24 * 60
)

// clean trims the texts of items and checks every one of them. Faults, each
// with {line} counted from 1: scheme.item.code, .code.double {code}, .name,
// .group, .kind, .points {max}, .minutes {max}, .cap; without a line: scheme.empty,
// scheme.large {max} (rules); Save adds scheme.bytes {max} (KB).
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
		i.Code, i.Name, i.Group = strings.TrimSpace(i.Code), strings.TrimSpace(i.Name), strings.TrimSpace(i.Group)
		if i.Kind != Time {
			i.Minutes = 0
		}
		if i.Kind == Deduct {
			i.DayCap = 0
		}
		if code := wrong(i); code != "" {
			return nil, fault.New(code, "line", n+1, "max", limits[code])
		}
		if seen[i.Code] {
			return nil, fault.New("scheme.item.code.double", "line", n+1, "code", i.Code)
		}
		seen[i.Code] = true
		out[n] = i
	}
	return out, nil
}

// limits are the greatest values that faults name.
var limits = map[string]int{
	"scheme.item.code": MaxCode, "scheme.item.name": maxText, "scheme.item.group": maxText,
	"scheme.item.points": maxPoints, "scheme.item.minutes": maxMinutes, "scheme.item.cap": maxPoints,
}

// wrong returns the fault code of what is wrong with an item, or "".
func wrong(i Item) string {
	switch {
	case i.Code == "" || len(i.Code) > MaxCode || !govern.PlainLine(i.Code) || strings.ContainsAny(i.Code, " /"):
		return "scheme.item.code"
	case i.Name == "" || utf8.RuneCountInString(i.Name) > maxText || !govern.PlainLine(i.Name):
		return "scheme.item.name"
	case utf8.RuneCountInString(i.Group) > maxText || !govern.PlainLine(i.Group):
		return "scheme.item.group"
	case i.Kind != Time && i.Kind != Deed && i.Kind != Deduct:
		return "scheme.item.kind"
	case i.Points < 1 || i.Points > maxPoints:
		return "scheme.item.points"
	case i.Kind == Time && (i.Minutes < 1 || i.Minutes > maxMinutes):
		return "scheme.item.minutes"
	case i.DayCap < 0 || i.DayCap > maxPoints:
		return "scheme.item.cap"
	}
	return ""
}
