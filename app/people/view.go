package people

import (
	"context"
	"database/sql"
	"errors"
	"strings"
	"time"

	"jishan/crdt/store"
)

// The view log says who looked at whose full data on this device. It is this
// device's own note: no document, nothing that travels, and a look tells no
// screen that anything changed.

// viewSchema: n grows with time whatever the clock does.
var viewSchema = []string{
	`CREATE TABLE IF NOT EXISTS local_view (n INTEGER PRIMARY KEY, at INTEGER NOT NULL, operator TEXT NOT NULL, person BLOB NOT NULL, what TEXT NOT NULL DEFAULT '') STRICT`,
	`CREATE INDEX IF NOT EXISTS local_view_person ON local_view (person, operator, n)`,
}

// What was done with a person's full data.
const (
	Looked   = ""       // shown on the screen
	Exported = "export" // everything was written into a file
)

const (
	// oneLook is how long a look lasts: a panel reloads with every entry in the
	// ledger while it stays open, and that is the same person still looking.
	oneLook = 10 * time.Minute
	// maxViews bounds the log: at a busy desk's 200 looks a day it is more than
	// half a year; a row takes about 100 bytes with its index.
	maxViews = 50_000
	// viewLife is how long a row is kept: who asks why his data were looked at
	// asks within the year, and later the log is itself data about people.
	viewLife = 365 * 24 * time.Hour
	// maxForget bounds the outdated rows that one look removes.
	maxForget = 200
)

// View is one look at a person's full data.
type View struct {
	At       int64  `json:"at"`
	Operator string `json:"operator"` // "" where nobody had said a name
	What     string `json:"what"`     // Looked or Exported
}

// noteView notes a look, once in oneLook for each person and operator.
func (p *People) noteView(ctx context.Context, operator string, id ID) error {
	noted := false
	err := p.st.View(ctx, func(q store.Querier) (err error) {
		noted, err = p.viewNoted(q, operator, id)
		return err
	})
	if err != nil || noted {
		return err
	}
	return p.Write(ctx, operator, func(tx *store.Tx) error {
		if noted, err := p.viewNoted(tx, operator, id); err != nil || noted { // two windows at once
			return err
		}
		return p.addView(tx, operator, id, Looked)
	})
}

// NoteExport notes that everything about a person was written into a file: each
// time, before there is one.
func (p *People) NoteExport(ctx context.Context, operator string, id ID) error {
	return p.Write(ctx, operator, func(tx *store.Tx) error { return p.addView(tx, operator, id, Exported) })
}

func (p *People) viewNoted(q store.Querier, operator string, id ID) (bool, error) {
	var at int64
	err := q.QueryRow("SELECT at FROM local_view WHERE person = ? AND operator = ? AND what = '' ORDER BY n DESC LIMIT 1", id[:], operator).Scan(&at)
	if errors.Is(err, sql.ErrNoRows) {
		return false, nil
	}
	since := p.now() - at
	return since >= 0 && since < oneLook.Milliseconds(), err
}

// addView writes a row and drops those that are too many or too old.
func (p *People) addView(tx *store.Tx, operator string, id ID, what string) error {
	now := p.now()
	if _, err := tx.Exec("INSERT INTO local_view (at, operator, person, what) VALUES (?, ?, ?, ?)", now, operator, id[:], what); err != nil {
		return err
	}
	if _, err := tx.Exec("DELETE FROM local_view WHERE n <= (SELECT max(n) FROM local_view) - ?", maxViews); err != nil {
		return err
	}
	_, err := tx.Exec("DELETE FROM local_view WHERE n IN (SELECT n FROM local_view ORDER BY n LIMIT ?) AND at < ?", maxForget, now-viewLife.Milliseconds())
	return err
}

// Views returns who looked at a person's full data on this device, under any of
// the person's ids, latest
// first, at most limit of them, and how many there are.
func (p *People) Views(ctx context.Context, id ID, offset, limit int) (list []View, total int, err error) {
	list = []View{}
	ids := p.IDs(id)
	in, args := "(?"+strings.Repeat(", ?", len(ids)-1)+")", make([]any, len(ids))
	for i := range ids {
		args[i] = ids[i][:]
	}
	err = p.st.View(ctx, func(q store.Querier) error {
		if err := q.QueryRow("SELECT count(*) FROM local_view WHERE person IN "+in, args...).Scan(&total); err != nil {
			return err
		}
		rows, err := q.Query("SELECT at, operator, what FROM local_view WHERE person IN "+in+" ORDER BY n DESC LIMIT ? OFFSET ?", append(args, limit, offset)...)
		if err != nil {
			return err
		}
		defer rows.Close()
		for rows.Next() {
			var v View
			if err := rows.Scan(&v.At, &v.Operator, &v.What); err != nil {
				return err
			}
			list = append(list, v)
		}
		return rows.Err()
	})
	return list, total, err
}

func makeViews(tx *store.Tx) error {
	for _, ddl := range viewSchema {
		if _, err := tx.Exec(ddl); err != nil {
			return err
		}
	}
	var has int // a log of before exports were noted lacks the column
	if err := tx.QueryRow("SELECT count(*) FROM pragma_table_info('local_view') WHERE name = 'what'").Scan(&has); err != nil || has > 0 {
		return err
	}
	_, err := tx.Exec("ALTER TABLE local_view ADD COLUMN what TEXT NOT NULL DEFAULT ''")
	return err
}
