package people

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"io"
	"slices"

	"jishan/app/fault"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// maxMembers bounds a household; the form has ten lines.
const maxMembers = 50

// Member is a person of a household.
type Member struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Head bool   `json:"head"`
}

// Household makes a household of exactly these members, or changes one: who is
// listed joins (from another household if need be), who is not leaves. So a
// split is a new household of some members, a merge one household of all. The
// empty id makes a new one; head "" is the first member. Returns the id.
// Faults: people.household.unknown, people.household.members{limit},
// people.household.head, people.unknown.
func (p *People) Household(ctx context.Context, operator, household string, members []string, head string) (string, error) {
	ids, headID, err := parseMembers(members, head)
	if err != nil {
		return "", err
	}
	var id ID
	if household != "" {
		if id, err = ParseID(household); err != nil {
			return "", fault.New("people.household.unknown")
		}
	} else if _, err := io.ReadFull(p.Rand, id[:]); err != nil {
		return "", err
	}
	err = p.Write(ctx, operator, func(tx *store.Tx) error {
		if household != "" {
			if err := p.knownHousehold(tx, id); err != nil {
				return err
			}
		}
		return p.group(tx, id, ids, headID)
	})
	return id.String(), err
}

func parseMembers(members []string, head string) ([]ID, ID, error) {
	if len(members) == 0 || len(members) > maxMembers {
		return nil, ID{}, fault.New("people.household.members", "limit", maxMembers)
	}
	ids := make([]ID, len(members))
	for i, m := range members {
		id, err := ParseID(m)
		if err != nil {
			return nil, ID{}, err
		}
		ids[i] = id
	}
	headID := ids[0]
	if head != "" {
		id, err := ParseID(head)
		if err != nil || !slices.Contains(ids, id) {
			return nil, ID{}, fault.New("people.household.head")
		}
		headID = id
	}
	return ids, headID, nil
}

func (p *People) knownHousehold(q store.Querier, id ID) error {
	var n int
	if err := q.QueryRow("SELECT count(*) FROM people_household WHERE id = ?", id[:]).Scan(&n); err != nil {
		return err
	}
	if n == 0 {
		return fault.New("people.household.unknown")
	}
	return nil
}

// group writes who belongs to a household.
func (p *People) group(tx *store.Tx, id ID, members []ID, head ID) error {
	for _, m := range members {
		if err := p.here(tx, m); err != nil {
			return err
		}
	}
	leaving, err := p.memberIDs(tx, id)
	if err != nil {
		return err
	}
	for _, m := range leaving {
		if slices.Contains(members, m) {
			continue
		}
		if _, err := tx.Put(p.doc(m), "people.household", store.Put{Key: personKey(m, "household"), Delete: true}); err != nil {
			return err
		}
	}
	for _, m := range members {
		if _, err := tx.Put(p.doc(m), "people.household", store.Put{Key: personKey(m, "household"), Value: wire.StringValue(id.String())}); err != nil {
			return err
		}
	}
	puts := []store.Put{{Key: householdKey(id, "head"), Value: wire.StringValue(head.String())}}
	if p.knownHousehold(tx, id) != nil {
		puts = append([]store.Put{{Key: householdKey(id, "created"), Value: wire.TimeValue(tx.Now())}}, puts...)
	}
	_, err = tx.Put(p.doc(id), "people.household", puts...)
	return err
}

func (p *People) memberIDs(q store.Querier, id ID) ([]ID, error) {
	rows, err := q.Query("SELECT id FROM people_person WHERE household = ?", id.String())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []ID
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return nil, err
		}
		out = append(out, ID(raw))
	}
	return out, rows.Err()
}

// household returns the visible people of a household, in no order.
func (d *directory) household(id ID) []*entry {
	var list []*entry
	for _, e := range d.sorted() {
		if e.hasHousehold && e.household == id {
			list = append(list, e)
		}
	}
	return list
}

// householdOf returns a household's name and members, the head first, then by
// registration. If the head left, the first member stands for it.
func householdOf(q store.Querier, id ID, list []*entry) (string, []Member, error) {
	var head *string
	err := q.QueryRow("SELECT head FROM people_household WHERE id = ?", id[:]).Scan(&head)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", nil, err
	}
	if len(list) == 0 {
		return "", []Member{}, nil
	}
	first := func(e *entry) int {
		if e.id.String() == text(head) {
			return 0
		}
		return 1
	}
	slices.SortFunc(list, func(a, b *entry) int {
		return cmp.Or(cmp.Compare(first(a), first(b)), cmp.Compare(a.created, b.created), cmp.Compare(a.id.String(), b.id.String()))
	})
	out := make([]Member, len(list))
	for i, e := range list {
		out[i] = Member{ID: e.id.String(), Name: e.name, Head: i == 0}
	}
	return list[0].name, out, nil
}
