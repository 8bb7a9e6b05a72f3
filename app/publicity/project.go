package publicity

import (
	_ "embed" // the schema
	"strings"

	"jishan/app/coded"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

//go:embed schema.sql
var schema string

// Board is the notices and minutes of a community on one device. It is a
// store.Projector.
type Board struct {
	doc func(path string) store.DocID
}

// New returns the board. doc gives the id of a document of this community in its
// present epoch.
func New(doc func(path string) store.DocID) *Board { return &Board{doc} }

// Name, Version, Schema, Wants and Apply make Board a store.Projector.
func (b *Board) Name() string { return Doc }

// Version is raised when rows change their meaning.
func (b *Board) Version() int { return 3 }

// Schema is schema.sql.
func (b *Board) Schema() string { return schema }

// Wants says whether doc holds notices.
func (b *Board) Wants(doc store.DocID) bool {
	_, path, _ := strings.Cut(string(doc), "/")
	return strings.HasPrefix(path, Doc+"/") || strings.HasPrefix(path, BoardDoc+"/")
}

// Apply brings the rows up to date with one change. As nothing is written over
// anything, its operations are all that is to be looked at.
func (b *Board) Apply(tx *store.Tx, ev store.Event) error {
	_, path, _ := strings.Cut(string(ev.Doc), "/")
	for _, op := range ev.Change.Ops {
		if strings.HasPrefix(path, BoardDoc+"/") {
			if err := applyPublic(tx, op); err != nil {
				return err
			}
			continue
		}
		if strings.HasPrefix(op.Key, proposal+"/") {
			if err := applyProposal(tx, path, op); err != nil {
				return err
			}
			continue
		}
		kind, id, field, n, ok := parseKey(op.Key)
		if !ok || op.Value.Kind != wire.Bytes {
			continue
		}
		if err := apply(tx, kind, id, field, path, n, op.Value.Raw); err != nil {
			return err
		}
	}
	return nil
}

// apply keeps one value; what a newer program wrote is left alone.
func apply(tx *store.Tx, kind, id, field, path string, n int, raw string) (err error) {
	switch field {
	case "text":
		v, readErr := coded.Read([]byte(raw), format, noticeValue.whole)
		if readErr != nil {
			return nil
		}
		err = keep(tx, kind, id, path, v.About, v.From, v.Until, raw)
	case "minutes":
		v, readErr := coded.Read([]byte(raw), format, minutesValue.whole)
		if readErr != nil {
			return nil
		}
		err = keep(tx, kind, id, path, "", v.At, 0, raw)
	case "term":
		v, readErr := coded.Read([]byte(raw), format, seatValue.whole)
		if readErr != nil {
			return nil
		}
		err = keep(tx, kind, id, path, "", v.From, v.Until, raw)
	default:
		v, readErr := coded.Read([]byte(raw), format, wordValue.whole)
		if readErr != nil {
			return nil
		}
		_, err = tx.Exec(`INSERT INTO publicity_word (kind, id, field, n, at, value) VALUES (?, ?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET at = excluded.at, value = excluded.value WHERE (excluded.at, excluded.value) < (at, value)`, kind, id, field, n, v.At, []byte(raw))
	}
	return err
}

func keep(tx *store.Tx, kind, id, path, about string, at, until int64, raw string) error {
	_, err := tx.Exec(`INSERT INTO publicity_text (kind, id, path, at, until, about, value) VALUES (?, ?, ?, ?, ?, ?, ?)
		ON CONFLICT DO UPDATE SET path = min(path, excluded.path)`, kind, id, path, at, until, about, []byte(raw))
	return err
}
