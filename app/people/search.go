package people

import (
	"slices"
	"strings"
	"unicode"
)

// minDigits is how many digits begin a search in phones and card codes: fewer
// would show half the community.
const minDigits = 3

// tailDigits is how many digits people say of a phone number; as few as that
// are its end, or its beginning while it is being typed, not any place in it.
const tailDigits = 4

// match says how well a person fits what was typed; 0 is not at all.
type match int

const (
	noMatch match = iota
	matchInside
	matchStart
	matchExact
)

// matcher returns how a search text is compared with a person. Digits look at
// phone, card and ID number; Han characters at the name and address; letters
// at pinyin and initials.
func matcher(q string) func(*entry) match {
	q = strings.ToLower(strings.ReplaceAll(fold(q), " ", ""))
	switch {
	case q == "":
		return func(*entry) match { return matchInside }
	case digits(q):
		return func(e *entry) match { return e.matchDigits(q) }
	case strings.ContainsFunc(q, func(r rune) bool { return unicode.Is(unicode.Han, r) || unicode.Is(unicode.Co, r) }):
		return func(e *entry) match { return max(compare(e.name, q), min(compare(e.address, q), matchInside)) }
	}
	return func(e *entry) match { return e.matchLetters(q) }
}

func compare(text, q string) match {
	switch {
	case text == q:
		return matchExact
	case strings.HasPrefix(text, q):
		return matchStart
	case strings.Contains(text, q):
		return matchInside
	}
	return noMatch
}

func (e *entry) matchDigits(q string) match {
	if e.code == q || e.phone == q || e.idNumber == q {
		return matchExact
	}
	if len(q) < minDigits {
		return noMatch
	}
	if strings.HasSuffix(e.phone, q) || strings.HasPrefix(e.code, q) || strings.HasSuffix(e.idNumber, q) {
		return matchStart
	}
	if strings.HasPrefix(e.phone, q) || strings.HasPrefix(e.idNumber, q) || len(q) > tailDigits && strings.Contains(e.phone, q) {
		return matchInside
	}
	return noMatch
}

func (e *entry) matchLetters(q string) match {
	if strings.ToLower(e.idNumber) == q {
		return matchExact
	}
	best := noMatch
	for _, s := range e.spellings {
		best = max(best, compare(s.full, q), compare(s.initials, q))
	}
	if len(q) == 1 && best == matchInside { // one letter inside a name says nothing
		return noMatch
	}
	return best
}

// NoGrid asks for the people of no grid.
const NoGrid = "-"

// find returns the visible people who fit, best first, then by name.
func (d *directory) find(q, grid string) []*entry {
	return slices.Concat(d.ranked(q, grid)...)
}

// ranked is find with those who fit equally well in a list of their own.
func (d *directory) ranked(q, grid string) [][]*entry {
	one := matcher(q)
	fits := func(e *entry) match { // a person of several records is found by what stands in any of them
		m := one(e)
		for _, o := range e.parts {
			m = max(m, one(o))
		}
		return m
	}
	var by [matchExact + 1][]*entry
	for _, e := range d.sorted() {
		if grid != "" && e.grid != grid && (grid != NoGrid || e.grid != "") {
			continue
		}
		if m := fits(e); m > noMatch {
			by[m] = append(by[m], e)
		}
	}
	return [][]*entry{by[matchExact], by[matchStart], by[matchInside]}
}
