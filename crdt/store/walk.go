package store

import (
	"context"
	"database/sql"
	"fmt"
	"strings"
)

const (
	// walkRows is how many rows of a large table one piece reads: about a
	// millisecond, so that a commit at the same moment hardly waits. Larger
	// tables than walkAbove rows are read in pieces, smaller ones are checked at
	// once.
	walkRows  = 100
	walkAbove = 1000
)

// walk reads a large table in pieces, each a snapshot of its own. A piece reads
// rows in the order of the table, looks each up by its key from the table's
// root and compares all columns, and looks it up in every index. So each page
// of the table and of its indices is read, pages that lead elsewhere or are out
// of order are noticed, and so is a row that an index lacks.
type walk struct {
	first, next string // how the first piece is asked for, and one after a key
	keys        int
}

// layout is what a walk must know of a table.
type layout struct {
	name    string
	columns []string
	keys    []string // rowid, or the primary key of a table without one
	indices []index
}

type index struct {
	name    string
	columns []string
	where   string // which rows are in it; "" is all
}

// large tells whether a table is read in pieces.
func (c *conn) large(ctx context.Context, name string) (bool, error) {
	var n int
	err := c.c.QueryRowContext(ctx, "SELECT count(*) FROM (SELECT 1 FROM "+quoted(name)+" LIMIT ?)", walkAbove+1).Scan(&n)
	return n > walkAbove, err
}

func (c *conn) layout(ctx context.Context, name string) (layout, error) {
	l := layout{name: name, keys: []string{"rowid"}}
	var bare bool // without a rowid
	if err := c.c.QueryRowContext(ctx, "SELECT wr FROM pragma_table_list WHERE schema = 'main' AND name = ?", name).Scan(&bare); err != nil {
		return l, err
	}
	var err error
	if l.columns, err = c.strings(ctx, "SELECT name FROM pragma_table_info(?) ORDER BY cid", name); err != nil {
		return l, err
	}
	if bare {
		if l.keys, err = c.strings(ctx, "SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk", name); err != nil {
			return l, err
		}
	}
	names, err := c.strings(ctx, "SELECT name FROM pragma_index_list(?) WHERE NOT (?2 AND origin = 'pk')", name, bare)
	for _, name := range names {
		x := index{name: name}
		if x.columns, err = c.strings(ctx, "SELECT name FROM pragma_index_info(?) ORDER BY seqno", name); err != nil {
			return l, err
		}
		var text sql.NullString
		if err = c.c.QueryRowContext(ctx, "SELECT sql FROM sqlite_master WHERE type = 'index' AND name = ?", name).Scan(&text); err != nil {
			return l, err
		}
		_, x.where, _ = strings.Cut(text.String, " WHERE ")
		l.indices = append(l.indices, x)
	}
	return l, err
}

// walk builds the questions of a table.
func (l layout) walk() walk {
	var inner, order, same, after, marks []string
	for i, k := range l.keys {
		inner = append(inner, fmt.Sprintf("%s AS k%d", l.column(k), i))
		order = append(order, l.column(k))
		same = append(same, fmt.Sprintf("b.%s = a.k%d", l.column(k), i))
		after = append(after, fmt.Sprintf("a.k%d", i))
		marks = append(marks, fmt.Sprintf("?%d", i+2))
	}
	good := make([]string, 0, len(same)+len(l.columns)+len(l.indices))
	for i := range l.keys {
		good = append(good, fmt.Sprintf("b.%s IS a.k%d", l.column(l.keys[i]), i))
	}
	for i, col := range l.columns {
		inner = append(inner, fmt.Sprintf("%s AS c%d", quoted(col), i))
		good = append(good, fmt.Sprintf("b.%s IS a.c%d", quoted(col), i))
	}
	for i, x := range l.indices {
		in := fmt.Sprintf("EXISTS (SELECT 1 FROM %s x INDEXED BY %s WHERE %s)", quoted(l.name), quoted(x.name), l.place(x))
		if x.where != "" {
			inner = append(inner, fmt.Sprintf("(%s) AS w%d", x.where, i))
			in = fmt.Sprintf("(a.w%d IS NOT TRUE OR %s)", i, in)
		}
		good = append(good, in)
	}
	list := strings.Join(order, ", ")
	piece := func(where, further string) string {
		return fmt.Sprintf("SELECT %s, %s FROM (SELECT %s FROM %s NOT INDEXED%s ORDER BY %s LIMIT ?1) a LEFT JOIN %s b NOT INDEXED ON %s",
			strings.Join(after, ", "), strings.Join(append(good, further), " AND "), strings.Join(inner, ", "), quoted(l.name), where, list,
			quoted(l.name), strings.Join(same, " AND "))
	}
	from := strings.Join(marks, ", ")
	return walk{
		first: piece("", "1"),
		next:  piece(fmt.Sprintf(" WHERE (%s) > (%s)", list, from), fmt.Sprintf("(%s) > (%s)", strings.Join(after, ", "), from)),
		keys:  len(l.keys),
	}
}

// place says where the row a stands in an index.
func (l layout) place(x index) string {
	var at []string
	for _, col := range x.columns {
		at = append(at, fmt.Sprintf("x.%s IS a.c%d", quoted(col), l.at(col)))
	}
	for i, k := range l.keys {
		at = append(at, fmt.Sprintf("x.%s = a.k%d", l.column(k), i))
	}
	if x.where != "" {
		at = append(at, "("+x.where+")")
	}
	return strings.Join(at, " AND ")
}

func (l layout) at(column string) int {
	for i, c := range l.columns {
		if c == column {
			return i
		}
	}
	return -1 // an expression: SQLite refuses the question, and the table is checked at once
}

func (l layout) column(key string) string {
	if key == "rowid" {
		return key
	}
	return quoted(key)
}

// piece reads some rows after the key, or the first ones, and returns the key
// of the last; none at the table's end, so that what is written meanwhile is
// not run after for ever.
func (c *conn) piece(name string, w walk, after []any) (last []any, err error) {
	query, args := w.first, []any{walkRows}
	if after != nil {
		query, args = w.next, append(args, after...)
	}
	rows, err := c.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var good bool
	key := make([]any, w.keys)
	into := make([]any, 0, w.keys+1)
	for i := range key {
		into = append(into, &key[i])
	}
	into = append(into, &good)
	n := 0
	for ; rows.Next(); n++ {
		if err := rows.Scan(into...); err != nil {
			return nil, err
		}
		if !good {
			return nil, fmt.Errorf("%w: table %s: a row is out of place, or an index lacks it", ErrCorrupt, name)
		}
	}
	if n == walkRows {
		last = key
	}
	return last, rows.Err()
}

// strings reads a column of text.
func (c *conn) strings(ctx context.Context, query string, args ...any) (list []string, err error) {
	rows, err := c.c.QueryContext(ctx, query, args...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var s sql.NullString
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		list = append(list, s.String)
	}
	return list, rows.Err()
}
