package people

import (
	"cmp"
	"database/sql"
	"errors"
	"slices"

	"jishan/crdt/store"
)

// Resident is a registered person as lists of everybody go by: nothing of it is more
// than a list may show.
type Resident struct {
	ID           ID
	Name, Masked string
	Grid         string
	Address      string
	Away         bool // lives elsewhere
	Unlisted     bool // objects to standing in lists that others see
	created      int64
}

// Home is a household, or somebody who belongs to none.
type Home struct {
	ID      ID         // the household's, or the person's own
	Members []Resident // the head first, then by registration
}

// Head stands for the household.
func (h Home) Head() Resident { return h.Members[0] }

// Unlisted tells whether a member objects to standing in lists: the household's sum
// would tell of him.
func (h Home) Unlisted() bool {
	return slices.ContainsFunc(h.Members, func(r Resident) bool { return r.Unlisted })
}

// Away tells whether all members live elsewhere.
func (h Home) Away() bool {
	return !slices.ContainsFunc(h.Members, func(r Resident) bool { return !r.Away })
}

// Households lists everybody who is registered by household, by grid and address.
func (p *People) Households(q store.Querier) ([]Home, error) {
	heads := map[ID]ID{}
	err := store.EachRow(q, func(r *sql.Rows) error {
		var id []byte
		var head *string
		err := r.Scan(&id, &head)
		if who, e := ParseID(text(head)); e == nil && len(id) == len(ID{}) {
			heads[ID(id)] = who
		}
		return err
	}, "SELECT id, head FROM people_household")
	if err != nil {
		return nil, err
	}
	d, err := p.current()
	if err != nil {
		return nil, err
	}
	at := map[ID]int{}
	var out []Home
	for _, e := range d.sorted() {
		home := e.id
		if e.hasHousehold {
			home = e.household
		}
		i, ok := at[home]
		if !ok {
			i = len(out)
			at[home] = i
			out = append(out, Home{ID: home})
		}
		out[i].Members = append(out[i].Members, e.resident())
	}
	d.mu.Unlock()
	for _, h := range out {
		p.headFirst(h.Members, heads[h.ID])
	}
	slices.SortStableFunc(out, func(a, b Home) int { // addresses as they are read: 2-3 before 2-10
		return cmp.Or(cmp.Compare(a.Head().Grid, b.Head().Grid), compareAddresses(a.Head().Address, b.Head().Address))
	})
	return out, nil
}

func (e *entry) resident() Resident {
	return Resident{ID: e.id, Name: e.name, Masked: Mask(e.name), Grid: e.grid, Address: e.address,
		Away: slices.Contains(e.flags, "away"), Unlisted: slices.Contains(e.flags, unlisted), created: e.created}
}

// headFirst puts who stands for a household before the others, those by registration.
func (p *People) headFirst(members []Resident, head ID) {
	first := func(r Resident) int {
		if r.ID == head || slices.Contains(p.IDs(r.ID), head) {
			return 0
		}
		return 1
	}
	slices.SortStableFunc(members, func(a, b Resident) int {
		return cmp.Or(cmp.Compare(first(a), first(b)), cmp.Compare(a.created, b.created), cmp.Compare(a.ID.String(), b.ID.String()))
	})
}

// HomeOf is somebody's household, or the person alone. Fault: people.unknown.
func (p *People) HomeOf(q store.Querier, id ID) (Home, error) {
	e, family, err := p.pick(id)
	if err != nil {
		return Home{}, err
	}
	if !e.hasHousehold {
		return Home{ID: e.id, Members: []Resident{e.resident()}}, nil
	}
	h := Home{ID: e.household}
	for _, m := range family {
		h.Members = append(h.Members, m.resident())
	}
	var head *string
	if err := q.QueryRow("SELECT head FROM people_household WHERE id = ?", h.ID[:]).Scan(&head); err != nil && !errors.Is(err, sql.ErrNoRows) {
		return Home{}, err
	}
	who, err := ParseID(text(head))
	if err != nil {
		who = ID{} // none is named: then by registration
	}
	p.headFirst(h.Members, who)
	return h, nil
}

// compareAddresses orders by the numbers in them where the text before is one.
func compareAddresses(a, b string) int {
	for a != "" && b != "" {
		n, m := leadingDigits(a), leadingDigits(b)
		if n > 0 && m > 0 {
			x, y := trimZeros(a[:n]), trimZeros(b[:m])
			if c := cmp.Or(cmp.Compare(len(x), len(y)), cmp.Compare(x, y)); c != 0 {
				return c
			}
			a, b = a[n:], b[m:]
			continue
		}
		if a[0] != b[0] {
			return cmp.Compare(a[0], b[0])
		}
		a, b = a[1:], b[1:]
	}
	return cmp.Compare(len(a), len(b))
}

func leadingDigits(s string) (n int) {
	for n < len(s) && s[n] >= '0' && s[n] <= '9' {
		n++
	}
	return n
}

func trimZeros(s string) string {
	for len(s) > 1 && s[0] == '0' {
		s = s[1:]
	}
	return s
}

// Homes tells where everybody who is registered lives: the household's id, or
// the person's own where there is none.
func (p *People) Homes() (map[ID]ID, error) {
	d, err := p.current()
	if err != nil {
		return nil, err
	}
	defer d.mu.Unlock()
	out := make(map[ID]ID, len(d.people))
	for _, e := range d.sorted() {
		out[e.id] = e.id
		if e.hasHousehold {
			out[e.id] = e.household
		}
	}
	return out, nil
}

// Living are the households, and which are left out of the share that takes part.
type Living struct {
	Home         map[ID]ID // of everybody who is registered, by leading id
	Homes        int
	Away, Unable map[ID]bool // households of which all members live elsewhere; or are unable to work or live elsewhere
}

// Living tells who lives with whom, and whom statistics leave out.
func (p *People) Living() (Living, error) {
	out := Living{Home: map[ID]ID{}, Away: map[ID]bool{}, Unable: map[ID]bool{}}
	d, err := p.current()
	if err != nil {
		return out, err
	}
	defer d.mu.Unlock()
	here, able := map[ID]bool{}, map[ID]bool{}
	for _, e := range d.sorted() {
		home := e.id
		if e.hasHousehold {
			home = e.household
		}
		out.Home[e.id] = home
		away := slices.Contains(e.flags, "away")
		here[home] = here[home] || !away
		able[home] = able[home] || !away && !slices.Contains(e.flags, "unable")
	}
	out.Homes = len(here)
	for home := range here {
		switch {
		case !here[home]:
			out.Away[home] = true
		case !able[home]:
			out.Unable[home] = true
		}
	}
	return out, nil
}
