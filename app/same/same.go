// Package same tells other rooms which ids are one person. Several records of one
// person may be joined; each room keeps what it wrote under the id that it was
// written with, and asks here when it looks for a person
// (docs/joining-and-moving.md).
//
// It must never know who joined whom, or why. Start reading at [Person].
package same

import (
	"encoding/json"

	"jishan/crdt/store"
)

// Person lists the ids that are one person, the leading one first. Nil joins nobody.
type Person func(q store.Querier, person string) ([]string, error)

// IDs lists the ids of a person, the leading one first: the id alone where it is
// joined with none.
func (p Person) IDs(q store.Querier, person string) ([]string, error) {
	if p == nil {
		return []string{person}, nil
	}
	return p(q, person)
}

// Lead is the id that stands for a person.
func (p Person) Lead(q store.Querier, person string) (string, error) {
	ids, err := p.IDs(q, person)
	if err != nil {
		return "", err
	}
	return ids[0], nil
}

// List is IDs as SQL's json_each takes it.
func (p Person) List(q store.Querier, person string) (string, error) {
	ids, err := p.IDs(q, person)
	if err != nil {
		return "", err
	}
	list, err := json.Marshal(ids)
	return string(list), err
}

// One tells whether two ids are one person.
func (p Person) One(q store.Querier, a, b string) (bool, error) {
	if a == b {
		return true, nil
	}
	first, err := p.Lead(q, a)
	if err != nil {
		return false, err
	}
	second, err := p.Lead(q, b)
	return first == second, err
}
