package activity

import (
	"errors"

	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/app/scheme"
	"jishan/crdt/store"
)

// Visit is what is kept of one person at one activity.
type Visit struct {
	Start     int64
	Title     string
	Place     string
	Status    string // as an attendance list says it
	SignedAt  int64  // 0: not signed up
	In, Out   int64  // 0: not seen
	How       string
	Minutes   int64
	Recorders []string
}

// Visits lists the activities that a person signed up for or was seen at, the
// earliest first, under each of the person's ids.
func (b *Board) Visits(q store.Querier, person string) (out []Visit, err error) {
	ids, err := b.Same.IDs(q, person)
	if err != nil {
		return nil, err
	}
	list, err := b.Same.List(q, person)
	if err != nil {
		return nil, err
	}
	rows, err := records(q, `SELECT `+recordColumns+` FROM activity_row WHERE id IN (
			SELECT activity FROM activity_signup WHERE person IN (SELECT value FROM json_each(?1))
			UNION SELECT activity FROM activity_att WHERE person IN (SELECT value FROM json_each(?1))) ORDER BY start_at, id`, list)
	if err != nil {
		return nil, err
	}
	for _, r := range rows {
		for _, id := range ids {
			v, ok, err := b.visit(q, r, id)
			if err != nil {
				return nil, err
			}
			if ok {
				out = append(out, v)
			}
		}
	}
	return out, nil
}

func (b *Board) visit(q store.Querier, r record, person string) (v Visit, ok bool, err error) {
	marks, err := marksOf(q, r.ID, person)
	if err != nil {
		return v, false, err
	}
	a := merge(marks[person])
	v = Visit{Start: r.Start, Title: r.Title, Place: r.Place, In: a.In, Out: a.Out, How: a.How, Minutes: a.minutes(r, b.Clock()), Recorders: a.Recorders}
	var signed bool
	err = q.QueryRow(`SELECT at, signed FROM activity_signup WHERE activity = ? AND person = ?`, r.ID, person).Scan(&v.SignedAt, &signed)
	known := err == nil
	if optional(err) != nil {
		return v, false, err
	}
	switch {
	case a.present() && !known:
		v.Status = WalkIn
	case a.present():
		v.Status = Confirmed
	case known && !signed:
		v.Status = SignedOff
	default:
		v.Status = Pending
	}
	return v, known || len(marks[person]) > 0, nil
}

// Own is a deed outside of activities as one recorder wrote it down.
type Own struct {
	Made, At       int64
	Item           string // the item's name by its version
	Version        int64
	Minutes, Count int64
	Points         int64
	Note, Witness  string
	Operator       string
}

// Deeds lists every record of a person's deeds, the earliest first.
func (b *Board) Deeds(q store.Querier, person string) ([]Own, error) {
	list, err := b.Same.List(q, person)
	if err != nil {
		return nil, err
	}
	rows, err := q.Query(`SELECT id, recorder, person, made, at, item, version, minutes, count, points, note, witness, by FROM activity_deed
		WHERE person IN (SELECT value FROM json_each(?)) ORDER BY made, id, recorder`, list)
	if err != nil {
		return nil, err
	}
	type sealed struct {
		deed             ledger.Subject
		recorder, person string
		note, witness    []byte
	}
	var out []Own
	var texts []sealed
	for rows.Next() {
		var o Own
		var s sealed
		var id []byte
		if err := rows.Scan(&id, &s.recorder, &s.person, &o.Made, &o.At, &o.Item, &o.Version, &o.Minutes, &o.Count, &o.Points, &s.note, &s.witness, &o.Operator); err != nil {
			return nil, errors.Join(err, rows.Close())
		}
		s.deed = ledger.Subject(id)
		out, texts = append(out, o), append(texts, s)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	read := b.People.Texts(q)
	rules := map[int64]scheme.Scheme{}
	for i, s := range texts {
		o := &out[i]
		about := personOf(s.person)
		if o.Note, err = read(about, deedField(o.At, s.deed, s.recorder, "note"), s.note); err != nil {
			return nil, err
		}
		if o.Witness, err = read(about, deedField(o.At, s.deed, s.recorder, "witness"), s.witness); err != nil {
			return nil, err
		}
		if o.Item, err = b.itemName(q, rules, o.Version, o.Item); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// itemName is what a version of the rulebook calls an item, its code where the
// version is not here; rules remembers what was read.
func (b *Board) itemName(q store.Querier, rules map[int64]scheme.Scheme, version int64, code string) (string, error) {
	book, ok := rules[version]
	if !ok {
		var err error
		if book, err = b.Scheme.At(q, version); err != nil && !errors.Is(err, fault.New("scheme.version.unknown")) {
			return "", err
		}
		rules[version] = book
	}
	if item, ok := book.Item(code); ok && item.Name != "" {
		return item.Name, nil
	}
	return code, nil
}
