package people

import (
	"errors"

	"jishan/crdt/store"
)

// Owed lists the people who are registered here for the first time, brought no
// points along, and whom skip does not name, at most limit: those who may still
// be due the bonus.
func (p *People) Owed(q store.Querier, skip map[ID]bool, limit int) (out []ID, err error) {
	rows, err := q.Query(`SELECT id FROM people_person WHERE name IS NOT NULL AND status IS NULL AND opening IS NULL AND coalesce(generation, 0) = 0`)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() && len(out) < limit {
		var b []byte
		if err := rows.Scan(&b); err != nil {
			return nil, err
		}
		if id := ID(b); !skip[id] {
			out = append(out, id)
		}
	}
	return out, rows.Err()
}

// Usual returns where people usually redeem, of those who chose a place.
func (p *People) Usual(q store.Querier) (out map[ID]string, err error) {
	rows, err := q.Query(`SELECT id, usual FROM people_person WHERE usual IS NOT NULL AND usual != '' AND status IS NULL`)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	out = map[ID]string{}
	for rows.Next() {
		var b []byte
		var place string
		if err := rows.Scan(&b, &place); err != nil {
			return nil, err
		}
		out[ID(b)] = place
	}
	return out, rows.Err()
}
