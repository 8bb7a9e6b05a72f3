package assess

import (
	_ "embed" // the schema
	"strconv"
	"strings"

	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

//go:embed schema.sql
var schema string

// Name, Version, Schema, Wants and Apply make Book a store.Projector.
func (b *Book) Name() string { return Doc }

// Version is raised when rows change their meaning.
func (b *Book) Version() int { return 1 }

// Schema is schema.sql.
func (b *Book) Schema() string { return schema }

// Wants says whether doc holds rounds.
func (b *Book) Wants(doc store.DocID) bool {
	_, path, _ := strings.Cut(string(doc), "/")
	return strings.HasPrefix(path, Doc+"/")
}

// Apply brings the rows up to date with one change.
func (b *Book) Apply(tx *store.Tx, ev store.Event) error {
	for _, m := range ev.Moved {
		parts := strings.Split(m.Key, "/")
		if len(parts) < 3 || len(m.Fields) == 0 {
			continue
		}
		if err := apply(tx, ev, parts, m.Fields); err != nil {
			return err
		}
	}
	return nil
}

func apply(tx *store.Tx, ev store.Event, parts []string, fields []store.Field) (err error) {
	round, last, v := parts[1], parts[len(parts)-1], fields[0].Value
	switch parts[0] {
	case "round":
		err = note(tx, round, ev.Doc, "value", []byte(v.Raw))
	case "main":
		if last == published || last == booked || last == dropped {
			err = note(tx, round, ev.Doc, last, v.Num)
		}
	case "score":
		err = applyScores(tx, round, parts[2], last, fields)
	case "here":
		_, err = tx.Exec(`INSERT OR REPLACE INTO assess_here (round, person, here) VALUES (?, ?, ?)`, round, last, v.Num)
	case "final":
		_, err = tx.Exec(`INSERT INTO assess_final (round, home, value) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET value = ?3`, round, last, []byte(v.Raw))
	case "paid":
		_, err = tx.Exec(`INSERT INTO assess_final (round, home, paid) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET paid = ?3`, round, last, v.Num)
	case "object", "answer":
		who, _ := seal.SplitOperator(ev.Context.Operator)
		_, err = tx.Exec(`INSERT OR IGNORE INTO assess_said (round, home, tag, kind, by, value) VALUES (?, ?, ?, ?, ?, ?)`, round, parts[2], last, parts[0], who, []byte(v.Raw))
	}
	return err
}

func note(tx *store.Tx, round string, doc store.DocID, column string, v any) error {
	_, path, _ := strings.Cut(string(doc), "/")
	_, err := tx.Exec(`INSERT INTO assess_round (id, doc, `+column+`) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET `+column+` = ?3`, round, path, v)
	return err
}

// applyScores keeps all values that were written apart from each other.
func applyScores(tx *store.Tx, round, home, column string, fields []store.Field) error {
	item, err := strconv.Atoi(column)
	if err != nil {
		return err // admission let no other one pass
	}
	if _, err := tx.Exec(`DELETE FROM assess_score WHERE round = ? AND home = ? AND item = ?`, round, home, item); err != nil {
		return err
	}
	for i, f := range fields {
		if f.Value.Kind != wire.Int {
			continue
		}
		if _, err := tx.Exec(`INSERT INTO assess_score (round, home, item, place, n, actor) VALUES (?, ?, ?, ?, ?, ?)`, round, home, item, i, f.Value.Num, f.Op.Actor[:]); err != nil {
			return err
		}
	}
	return nil
}
