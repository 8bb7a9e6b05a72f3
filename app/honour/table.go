package honour

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/crdt/store"
)

// The table stands in the charter as settings, one for each level and benefit:
//
//	honour/level/<id>    text: the name; number: the points
//	honour/benefit/<id>  text: level/unit/place/name; number: how often a year
//
// One that was taken out is empty. Its id is not given again, because ledger
// entries name it.
const (
	keyLevel   = "honour/level/"
	keyBenefit = "honour/benefit/"
)

// Read returns the table that settings hold. What a newer program wrote
// differently is left out.
func Read(s govern.Settings) Table {
	t := Table{Levels: []Level{}}
	for key, x := range s.Other {
		if id, ok := strings.CutPrefix(key, keyLevel); ok && x.Text != "" && x.Num > 0 {
			t.Levels = append(t.Levels, Level{ID: id, Name: x.Text, Points: x.Num, Benefits: []Benefit{}})
		}
	}
	slices.SortFunc(t.Levels, func(a, b Level) int { return cmp.Or(cmp.Compare(a.Points, b.Points), cmp.Compare(a.ID, b.ID)) })
	for key, x := range s.Other {
		id, ok := strings.CutPrefix(key, keyBenefit)
		parts := strings.Split(x.Text, "/")
		if !ok || x.Num < 1 || len(parts) != 4 {
			continue
		}
		i := slices.IndexFunc(t.Levels, func(l Level) bool { return l.ID == parts[0] })
		if i >= 0 {
			t.Levels[i].Benefits = append(t.Levels[i].Benefits, Benefit{ID: id, Unit: parts[1], Place: parts[2], Name: parts[3], N: x.Num})
		}
	}
	for _, l := range t.Levels {
		slices.SortFunc(l.Benefits, func(a, b Benefit) int { return cmp.Compare(serial(a.ID), serial(b.ID)) })
	}
	return t
}

// serial is the number in an id such as "b12".
func serial(id string) int {
	n, err := strconv.Atoi(strings.TrimLeft(id, "lb"))
	if err != nil {
		return 0
	}
	return n
}

// Save writes a table, as the registrar: what has an id is changed, what has
// none is new, what is missing is taken out. People keep what they were given.
// Faults: those of a bad table, honour.unknown (an id that never was),
// govern.registrar.only.
func (h *Honour) Save(tx *store.Tx, t Table) error {
	now := h.Charter.Settings()
	if err := t.check(func(id string) bool { _, ok := now.Places[id]; return ok }); err != nil {
		return err
	}
	list, err := changes(now, t)
	if err != nil || len(list) == 0 {
		return err
	}
	return h.Charter.SetPolicy(tx, list...)
}

// changes lists the settings that make one table of another.
func changes(now govern.Settings, t Table) (out []govern.Setting, err error) {
	given := map[string]int{keyLevel: 0, keyBenefit: 0}
	for key := range now.Other {
		for prefix := range given {
			if id, ok := strings.CutPrefix(key, prefix); ok {
				given[prefix] = max(given[prefix], serial(id))
			}
		}
	}
	kept := map[string]bool{}
	put := func(prefix, letter, id, text string, n int64) (string, error) {
		if id == "" {
			given[prefix]++
			id = letter + strconv.Itoa(given[prefix])
		} else if _, known := now.Other[prefix+id]; !known || kept[prefix+id] {
			return "", fault.New("honour.unknown")
		}
		kept[prefix+id] = true
		if s := (govern.Setting{Key: prefix + id, Text: text, Num: n}); now.Other[s.Key] != s {
			out = append(out, s)
		}
		return id, nil
	}
	for _, l := range t.Levels {
		id, err := put(keyLevel, "l", l.ID, l.Name, l.Points)
		if err != nil {
			return nil, err
		}
		for _, b := range l.Benefits {
			if _, err := put(keyBenefit, "b", b.ID, strings.Join([]string{id, b.Unit, b.Place, b.Name}, "/"), b.N); err != nil {
				return nil, err
			}
		}
	}
	for key, s := range now.Other {
		if (strings.HasPrefix(key, keyLevel) || strings.HasPrefix(key, keyBenefit)) && !kept[key] && s.Num != 0 {
			out = append(out, govern.Setting{Key: key})
		}
	}
	slices.SortFunc(out, func(a, b govern.Setting) int { return cmp.Compare(a.Key, b.Key) })
	return out, nil
}
