package credit

import (
	"cmp"
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"jishan/app/fault"
	"jishan/app/people"
	"jishan/crdt/store"
)

const columns = `id, person, version, points, basis, amount, made, until, by`

func scan(rows interface{ Scan(...any) error }) (l Line, err error) {
	var person []byte
	if err := rows.Scan(&l.ID, &person, &l.Version, &l.Points, &l.Basis, &l.Amount, &l.Made, &l.Until, &l.By); err != nil {
		return l, err
	}
	if len(person) != len(l.Person) {
		return l, fmt.Errorf("%w: a credit line", store.ErrCorrupt)
	}
	l.Person, l.Number = people.ID(person), Number(l.ID)
	return l, nil
}

func list(q store.Querier, query string, args ...any) (out []Line, err error) {
	rows, err := q.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		l, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, l)
	}
	return out, rows.Err()
}

// Lines are all versions of a person's line, the newest first.
func (b *Book) Lines(q store.Querier, ids []people.ID) (out []Line, err error) {
	for _, id := range ids {
		some, err := list(q, `SELECT `+columns+` FROM credit_line WHERE person = ?`, id[:])
		if err != nil {
			return nil, err
		}
		out = append(out, some...)
	}
	slices.SortFunc(out, func(a, b Line) int {
		return cmp.Or(cmp.Compare(b.Version, a.Version), cmp.Compare(b.Made, a.Made), cmp.Compare(b.ID, a.ID))
	})
	c, err := b.Consent(q, ids)
	now := b.clock()
	for i := range out {
		out[i].State = out[i].state(i > 0, c, now)
	}
	return out, err
}

// state: a version that was assessed where the withdrawal was not known yet is
// without consent like those before it.
func (l Line) state(replaced bool, c Consent, now int64) string {
	switch {
	case l.Made <= c.Off || !c.Given:
		return Withdrawn
	case replaced:
		return Replaced
	case l.Amount == 0:
		return Ended
	case l.Until < now:
		return Expired
	}
	return InForce
}

// Line returns one version. idsOf gives all ids of a person. Fault:
// credit.unknown.
func (b *Book) Line(q store.Querier, id string, idsOf func(people.ID) []people.ID) (Line, error) {
	l, err := scan(q.QueryRow(`SELECT `+columns+` FROM credit_line WHERE id = ?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return l, fault.New("credit.unknown")
	}
	if err != nil {
		return l, err
	}
	all, err := b.Lines(q, idsOf(l.Person))
	if i := slices.IndexFunc(all, func(x Line) bool { return x.ID == id }); i >= 0 {
		return all[i], err
	}
	return l, errors.Join(err, fault.New("credit.unknown"))
}

// People are all who ever had a line or said a word about one, by their leading
// id, in no order.
func (b *Book) People(q store.Querier, lead func(people.ID) people.ID) (out []people.ID, err error) {
	rows, err := q.Query(`SELECT person FROM credit_line UNION SELECT person FROM credit_consent`)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	seen := map[people.ID]bool{}
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return nil, err
		}
		if len(raw) != len(people.ID{}) {
			return nil, fmt.Errorf("%w: a consent", store.ErrCorrupt)
		}
		if p := lead(people.ID(raw)); !seen[p] {
			seen[p] = true
			out = append(out, p)
		}
	}
	return out, rows.Err()
}
