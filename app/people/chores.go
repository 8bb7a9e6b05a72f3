package people

import (
	"cmp"
	"errors"

	"jishan/crdt/store"
)

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
	for _, group := range p.charter.JoinedNow().Groups() { // one person, one place: the leading record's
		place := ""
		for _, id := range group {
			place = cmp.Or(place, out[id])
		}
		for _, id := range group {
			if place != "" {
				out[id] = place
			}
		}
	}
	return out, rows.Err()
}
