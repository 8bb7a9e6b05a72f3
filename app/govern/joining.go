package govern

import (
	"bytes"
	"cmp"
	"encoding/hex"
	"maps"
	"slices"
	"strings"

	"jishan/crdt/store"
)

// Two records of one person are joined by a setting: join/<id>/<id>, the smaller
// id first, in hexadecimal digits; 1 is joined, 0 is apart. It names ids and
// nothing else, so every device may read it. A setting, not an entry of its own
// kind: older programs keep it and go on, only without joining.
//
// Joinings are edges between ids. Who hangs together is one person, whose smallest
// id leads. So chains lead to one id, no cycle can be written, and the order in
// which joinings were made changes nothing.
const keyJoin = "join/"

// PersonID is a person's id, as other rooms have it.
type PersonID = [16]byte

// JoinSetting makes the setting that joins two ids, or takes them apart.
func JoinSetting(a, b PersonID, joined bool) Setting {
	if bytes.Compare(a[:], b[:]) > 0 {
		a, b = b, a
	}
	s := Setting{Key: keyJoin + hex.EncodeToString(a[:]) + "/" + hex.EncodeToString(b[:])}
	if joined {
		s.Num = 1
	}
	return s
}

// edge is two joined ids, the smaller first.
type edge = [2]PersonID

// parseJoin reads the key of a joining; false for what is none, which counts nowhere.
func parseJoin(key string) (e edge, ok bool) {
	rest, ok := strings.CutPrefix(key, keyJoin)
	if !ok {
		return e, false
	}
	first, second, ok := strings.Cut(rest, "/")
	if !ok {
		return e, false
	}
	for i, text := range []string{first, second} {
		raw, err := hex.DecodeString(text)
		if err != nil || len(raw) != len(PersonID{}) {
			return e, false
		}
		e[i] = PersonID(raw)
	}
	return e, bytes.Compare(e[0][:], e[1][:]) < 0
}

// Joined says which ids are one person under one head. The zero value joins nobody.
type Joined struct {
	groups map[PersonID][]PersonID // by member, in order: the first leads
	edges  map[edge]bool
}

// Of returns the ids of a person, the leading one first: the id alone where it is
// joined with none. Do not change the list.
func (j Joined) Of(id PersonID) []PersonID {
	if g := j.groups[id]; g != nil {
		return g
	}
	return []PersonID{id}
}

// Lead returns the id that stands for a person.
func (j Joined) Lead(id PersonID) PersonID {
	if g := j.groups[id]; g != nil {
		return g[0]
	}
	return id
}

// Empty tells whether nobody is joined.
func (j Joined) Empty() bool { return len(j.groups) == 0 }

// Equal tells whether both join the same.
func (j Joined) Equal(o Joined) bool { return maps.Equal(j.edges, o.edges) }

// Groups lists everybody who has more than one id, in order.
func (j Joined) Groups() (out [][]PersonID) {
	for id, g := range j.groups {
		if g[0] == id {
			out = append(out, g)
		}
	}
	slices.SortFunc(out, func(a, b []PersonID) int { return bytes.Compare(a[0][:], b[0][:]) })
	return out
}

// Edges are the joinings that touch an id.
func (j Joined) Edges(id PersonID) (out [][2]PersonID) {
	for e := range j.edges {
		if e[0] == id || e[1] == id {
			out = append(out, e)
		}
	}
	slices.SortFunc(out, func(a, b [2]PersonID) int {
		return cmp.Or(bytes.Compare(a[0][:], b[0][:]), bytes.Compare(a[1][:], b[1][:]))
	})
	return out
}

// Set is what a setting would make of it: the same where two ids that shall be
// joined are one person already.
func (j Joined) Set(a, b PersonID, joined bool) Joined {
	if joined && j.Lead(a) == j.Lead(b) {
		return j
	}
	if bytes.Compare(a[:], b[:]) > 0 {
		a, b = b, a
	}
	next := Joined{edges: maps.Clone(j.edges)}
	if next.edges == nil {
		next.edges = map[edge]bool{}
	}
	if joined {
		next.edges[edge{a, b}] = true
	} else {
		delete(next.edges, edge{a, b})
	}
	next.groups = groupsOf(next.edges)
	return next
}

// joinedAt gathers the joinings that count under a head.
func (s *state) joinedAt(at Point) Joined {
	j := Joined{edges: map[edge]bool{}}
	for _, d := range s.joins {
		e, ok := parseJoin(d.Entry.Key)
		switch {
		case !ok || !s.within(d.At, at):
		case d.Entry.Num == 1:
			j.edges[e] = true
		default:
			delete(j.edges, e)
		}
	}
	j.groups = groupsOf(j.edges)
	return j
}

// groupsOf finds what hangs together.
func groupsOf(edges map[edge]bool) map[PersonID][]PersonID {
	groups := map[PersonID][]PersonID{}
	of := func(id PersonID) []PersonID {
		if g := groups[id]; g != nil {
			return g
		}
		return []PersonID{id}
	}
	for e := range edges {
		a, b := of(e[0]), of(e[1])
		if slices.Contains(a, e[1]) {
			continue
		}
		both := slices.Concat(a, b)
		slices.SortFunc(both, func(x, y PersonID) int { return bytes.Compare(x[:], y[:]) })
		for _, id := range both {
			groups[id] = both
		}
	}
	return groups
}

// takeJoin keeps a joining apart from the other settings, of which each question
// looks through all; false for what is none.
func (s *state) takeJoin(at Point, set Setting) bool {
	if !strings.HasPrefix(set.Key, keyJoin) {
		return false
	}
	s.joins = append(s.joins, dated[Setting]{at, set})
	return true
}

// Joined says who is one person under a head.
func (n Snapshot) Joined(at Point) Joined {
	if at == n.s.head() {
		return n.s.joined
	}
	return n.s.joinedAt(at)
}

// Joined says who is one person, as a transaction sees it, or as it is committed.
func (c *Charter) Joined(q store.Querier) (Joined, error) {
	n, err := c.Snapshot(q)
	if err != nil {
		return Joined{}, err
	}
	return n.s.joined, nil
}

// JoinedNow says who is one person, as it is committed.
func (c *Charter) JoinedNow() Joined { return c.now().joined }
