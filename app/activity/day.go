package activity

import (
	"cmp"
	"errors"

	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/app/scheme"
	"jishan/app/zone"
	"jishan/crdt/store"
)

// Made is a deed outside of activities as the evening's list shows it.
type Made struct {
	Made     int64  `json:"made"` // when it was recorded
	At       int64  `json:"at"`   // when it was done
	Person   string `json:"person"`
	Masked   string `json:"masked"`
	Text     string `json:"text"`
	Minutes  int64  `json:"minutes"`
	Points   int64  `json:"points"`
	Witness  string `json:"witness"`
	Operator string `json:"operator"`

	Deed ledger.Subject `json:"-"`

	item, recorder string
	version        int64
	seen           []byte // sealed: the witness
}

// maxMade bounds a day's list: a busy station records a few hundred.
const maxMade = 2000

// MadeToday lists the deeds that were recorded today, anywhere, the latest
// first; a deed that a second person recorded stands once, as first recorded.
func (b *Board) MadeToday(q store.Querier) ([]Made, error) {
	start, end := zone.DayBounds(b.Clock())
	out, err := madeRows(q, start, end)
	if err != nil {
		return nil, err
	}
	read := b.People.Texts(q)
	rules := map[int64]scheme.Scheme{}
	ids := make([]string, len(out))
	for i, m := range out {
		ids[i] = m.Person
		book, ok := rules[m.version]
		if !ok {
			if book, err = b.Scheme.At(q, m.version); err != nil && !errors.Is(err, fault.New("scheme.version.unknown")) {
				return nil, err
			}
			rules[m.version] = book
		}
		rule, _ := book.Item(m.item)
		out[i].Text = cmp.Or(rule.Name, m.item)
		if out[i].Witness, err = read(personOf(m.Person), deedField(m.At, m.Deed, m.recorder, "witness"), m.seen); err != nil {
			return nil, err
		}
	}
	known, err := b.People.Briefs(q, ids)
	for i := range out {
		out[i].Masked = known[out[i].Person].Masked
	}
	return out, err
}

func madeRows(q store.Querier, start, end int64) (out []Made, err error) {
	rows, err := q.Query(`SELECT id, recorder, made, at, person, item, minutes, points, witness, by, version FROM activity_deed d
		WHERE made >= ?1 AND made < ?2 AND NOT EXISTS (SELECT 1 FROM activity_deed e WHERE e.id = d.id AND (e.made, e.recorder) < (d.made, d.recorder))
		ORDER BY made DESC, id LIMIT ?3`, start, end, maxMade)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	out = []Made{}
	for rows.Next() {
		var m Made
		var id []byte
		if err := rows.Scan(&id, &m.recorder, &m.Made, &m.At, &m.Person, &m.item, &m.Minutes, &m.Points, &m.seen, &m.Operator, &m.version); err != nil {
			return nil, err
		}
		m.Deed = ledger.Subject(id)
		out = append(out, m)
	}
	return out, rows.Err()
}
