package audit

import (
	"database/sql"
	"errors"
	"strings"

	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Filter chooses rows: of a span [From, To) in milliseconds, 0 for no bound; of an
// operator, kinds, a device's incarnations, a person's ids. Empty means all.
type Filter struct {
	From, To int64
	Operator string
	Kind     string
	Actors   []wire.Actor // nil for all; none of them for an empty list
	IDs      []string
	Looked   [][]byte // the same ids as the log of looks has them
	Views    bool     // the log of looks, which is this device's own, is part of it
}

// Row is one thing that somebody, or a device by itself, did.
type Row struct {
	At       int64
	Hash     wire.Hash  // zero of a look
	Actor    wire.Actor // zero of a look
	Doc      string
	Operator string
	Action   string
	Kind     string
	Item     string
	Version  int64
	Points   int64
	Law      string
	Person   []byte   // of a look
	IDs      []string // those that the change names, at most shownIDs
	Named    int      // how many there are
}

// shownIDs bounds the ids of one row of a list: a change may name hundreds.
const shownIDs = 3

// parts are the two sources with their conditions, as one query.
func (f Filter) parts() (query string, args []any) {
	var rows, looks where
	for _, w := range []*where{&rows, &looks} {
		w.span(f.From, f.To)
		w.is("operator = ?", f.Operator)
	}
	rows.is("kind = ?", f.Kind)
	looks.is("CASE what WHEN '' THEN 'view' ELSE what END = ?", f.Kind)
	if f.Actors != nil {
		list := make([]any, len(f.Actors))
		for i := range f.Actors {
			list[i] = f.Actors[i][:]
		}
		rows.in("actor", list)
	}
	if len(f.IDs) > 0 {
		list := make([]any, len(f.IDs))
		for i, id := range f.IDs {
			list[i] = id
		}
		rows.text = append(rows.text, "(at, hash) IN (SELECT at, hash FROM audit_who WHERE id IN ("+holes(len(list))+"))")
		rows.args = append(rows.args, list...)
	}
	if len(f.Looked) > 0 {
		list := make([]any, len(f.Looked))
		for i, id := range f.Looked {
			list[i] = id
		}
		looks.in("person", list)
	}
	query = "SELECT at, hash, actor, doc, operator, action, kind, item, version, points, law, x'' AS person FROM audit_row" + rows.String()
	args = rows.args
	if f.Views {
		query += " UNION ALL SELECT at, x'', x'', '', operator, CASE what WHEN '' THEN 'view' ELSE what END, CASE what WHEN '' THEN 'view' ELSE what END, '', 0, 0, '', person FROM local_view" + looks.String()
		args = append(args, looks.args...)
	}
	return query, args
}

// where is a list of conditions.
type where struct {
	text []string
	args []any
}

func (w *where) is(condition, value string) {
	if value != "" {
		w.text, w.args = append(w.text, condition), append(w.args, value)
	}
}

func (w *where) span(from, to int64) {
	if from > 0 {
		w.text, w.args = append(w.text, "at >= ?"), append(w.args, from)
	}
	if to > 0 {
		w.text, w.args = append(w.text, "at < ?"), append(w.args, to)
	}
}

func (w *where) in(column string, list []any) {
	w.text, w.args = append(w.text, column+" IN ("+holes(len(list))+")"), append(w.args, list...)
}

func holes(n int) string { return strings.TrimSuffix(strings.Repeat("?, ", n), ", ") }

func (w *where) String() string {
	if len(w.text) == 0 {
		return ""
	}
	return " WHERE " + strings.Join(w.text, " AND ")
}

// List returns a page of rows, the latest first, and how many there are.
func (b *Book) List(q store.Querier, f Filter, offset, limit int) (out []Row, total int, err error) {
	query, args := f.parts()
	if err := q.QueryRow("SELECT count(*) FROM ("+query+")", args...).Scan(&total); err != nil {
		return nil, 0, err
	}
	err = store.EachRow(q, func(r *sql.Rows) error {
		var x Row
		var hash, actor []byte
		err := r.Scan(&x.At, &hash, &actor, &x.Doc, &x.Operator, &x.Action, &x.Kind, &x.Item, &x.Version, &x.Points, &x.Law, &x.Person)
		copy(x.Hash[:], hash)
		copy(x.Actor[:], actor)
		out = append(out, x)
		return err
	}, query+" ORDER BY at DESC, hash DESC LIMIT ? OFFSET ?", append(args, limit, offset)...)
	for i := range out {
		if err == nil && out[i].Doc != "" {
			err = b.named(q, &out[i])
		}
	}
	return out, total, err
}

// named reads the ids of a row.
func (b *Book) named(q store.Querier, x *Row) error {
	if err := q.QueryRow("SELECT count(*) FROM audit_who WHERE at = ? AND hash = ?", x.At, x.Hash[:]).Scan(&x.Named); err != nil {
		return err
	}
	return store.EachRow(q, func(r *sql.Rows) error {
		var id string
		err := r.Scan(&id)
		x.IDs = append(x.IDs, id)
		return err
	}, "SELECT id FROM audit_who WHERE at = ? AND hash = ? ORDER BY id LIMIT ?", x.At, x.Hash[:], shownIDs)
}

// Operators lists who stands under any change, for a filter.
func (b *Book) Operators(q store.Querier) (out []string, err error) {
	return out, store.EachRow(q, func(r *sql.Rows) error {
		var s string
		err := r.Scan(&s)
		out = append(out, s)
		return err
	}, "SELECT DISTINCT operator FROM audit_row WHERE operator != '' ORDER BY operator")
}

// First says who did an action first that names an id, and on which incarnation; false
// where no change here says so.
func (b *Book) First(q store.Querier, action, id string) (operator string, actor wire.Actor, ok bool, err error) {
	var raw []byte
	err = q.QueryRow(`SELECT r.operator, r.actor FROM audit_who w JOIN audit_row r ON r.at = w.at AND r.hash = w.hash
		WHERE w.id = ? AND r.action = ? ORDER BY r.at, r.hash LIMIT 1`, id, action).Scan(&operator, &raw)
	if errors.Is(err, sql.ErrNoRows) || err == nil && len(raw) != len(actor) {
		return "", actor, false, nil
	}
	copy(actor[:], raw)
	return operator, actor, err == nil, err
}
