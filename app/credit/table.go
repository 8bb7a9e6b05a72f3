package credit

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"jishan/app/govern"
	"jishan/crdt/store"
)

// The table stands in the charter as settings:
//
//	credit/ends        text: the basis; number: the least amount
//	credit/most        number: the greatest amount
//	credit/band/<n>    text: <from>/<to>; number: the amount
//
// One that was taken out is empty.
const (
	keyEnds = "credit/ends"
	keyMost = "credit/most"
	keyBand = "credit/band/"
)

// Charter is what credit lines ask of the community's charter.
type Charter interface {
	Community() string
	Settings() govern.Settings
	SetPolicy(tx *store.Tx, settings ...govern.Setting) error
}

// ReadTable returns the table that settings hold.
func ReadTable(s govern.Settings) Table {
	t := Table{Basis: cmp.Or(s.Other[keyEnds].Text, Lifetime), Least: cmp.Or(s.Other[keyEnds].Num, defaultLeast), Most: cmp.Or(s.Other[keyMost].Num, defaultMost), Bands: []Band{}}
	for key, x := range s.Other {
		if strings.HasPrefix(key, keyBand) && x.Num > 0 {
			if b, ok := bandOf(x); ok {
				t.Bands = append(t.Bands, b)
			}
		}
	}
	slices.SortFunc(t.Bands, func(a, b Band) int { return cmp.Compare(a.From, b.From) })
	return t
}

func bandOf(x govern.Setting) (Band, bool) {
	from, to, ok := strings.Cut(x.Text, "/")
	a, err := strconv.ParseInt(from, 10, 64)
	b, err2 := strconv.ParseInt(to, 10, 64)
	return Band{a, b, x.Num}, ok && err == nil && err2 == nil
}

// settings are those that make one table of another.
func (t Table) settings(now govern.Settings) (out []govern.Setting) {
	want := map[string]govern.Setting{
		keyEnds: {Key: keyEnds, Text: t.Basis, Num: t.Least},
		keyMost: {Key: keyMost, Num: t.Most},
	}
	for i, b := range t.Bands {
		key := keyBand + strconv.Itoa(i+1)
		want[key] = govern.Setting{Key: key, Text: fmt.Sprintf("%d/%d", b.From, b.To), Num: b.Amount}
	}
	for key, s := range now.Other {
		if _, keeps := want[key]; strings.HasPrefix(key, keyBand) && !keeps && s.Num != 0 {
			want[key] = govern.Setting{Key: key}
		}
	}
	for key, s := range want {
		if now.Other[key] != s {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b govern.Setting) int { return cmp.Compare(a.Key, b.Key) })
	return out
}
