package selection

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

// Wants says whether doc holds selections.
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
	id, last, v := parts[1], parts[len(parts)-1], fields[0].Value
	switch parts[0] {
	case "begun":
		err = note(tx, id, ev.Doc, "value", []byte(v.Raw))
	case "tally":
		err = note(tx, id, ev.Doc, "tally", []byte(v.Raw))
	case "main":
		for _, w := range words {
			if w == last {
				err = note(tx, id, ev.Doc, `"`+w+`"`, v.Num)
			}
		}
	case "nominee", "check", "vote":
		err = applyWords(tx, id, parts[0], last, fields)
	case "ballot":
		err = line(tx, id, last, "nominee", v.Raw)
	case "chosen", "won", "paid":
		err = line(tx, id, last, parts[0], v.Num)
	case "counted":
		_, err = tx.Exec(`INSERT OR REPLACE INTO selection_counted (selection, voter, seen) VALUES (?, ?, ?)`, id, last, []byte(v.Raw))
	case "object", "answer":
		who, _ := seal.SplitOperator(ev.Context.Operator)
		_, err = tx.Exec(`INSERT OR IGNORE INTO selection_said (selection, nominee, tag, kind, by, value) VALUES (?, ?, ?, ?, ?, ?)`, id, parts[2], last, parts[0], who, []byte(v.Raw))
	}
	return err
}

func note(tx *store.Tx, id string, doc store.DocID, column string, v any) error {
	_, path, _ := strings.Cut(string(doc), "/")
	_, err := tx.Exec(`INSERT INTO selection_one (id, doc, `+column+`) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET `+column+` = ?3`, id, path, v)
	return err
}

func line(tx *store.Tx, id, n, column string, v any) error {
	number, err := strconv.Atoi(n)
	if err != nil {
		return err // admission let no other one pass
	}
	_, err = tx.Exec(`INSERT INTO selection_line (selection, line, `+column+`) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET `+column+` = ?3`, id, number, v)
	return err
}

// applyWords keeps all values that were written apart from each other.
func applyWords(tx *store.Tx, id, kind, whose string, fields []store.Field) error {
	if _, err := tx.Exec(`DELETE FROM selection_word WHERE selection = ? AND kind = ? AND whose = ?`, id, kind, whose); err != nil {
		return err
	}
	for i, f := range fields {
		if f.Value.Kind != wire.Bytes {
			continue
		}
		if _, err := tx.Exec(`INSERT INTO selection_word (selection, kind, whose, place, value, actor) VALUES (?, ?, ?, ?, ?, ?)`, id, kind, whose, i, []byte(f.Value.Raw), f.Op.Actor[:]); err != nil {
			return err
		}
	}
	return nil
}
