package duty

import (
	_ "embed" // the schema
	"strings"

	"jishan/app/coded"
	"jishan/app/people"
	"jishan/crdt/store"
)

//go:embed schema.sql
var schema string

// Config is what a book asks others.
type Config struct {
	Doc func(path string) store.DocID // a document of this community in its present epoch
	// Undone tells whether a deed of a person was paid and taken back.
	Undone func(q store.Querier, person people.ID, deed []byte) (bool, error)
}

// Book is the duties of a community on one device. It is a store.Projector.
type Book struct{ Config }

// New returns the book.
func New(c Config) *Book { return &Book{c} }

// Name, Version, Schema, Wants and Apply make Book a store.Projector.
func (b *Book) Name() string { return Doc }

// Version is raised when rows change their meaning.
func (b *Book) Version() int { return 1 }

// Schema is schema.sql.
func (b *Book) Schema() string { return schema }

// Wants says whether doc holds duties.
func (b *Book) Wants(doc store.DocID) bool {
	_, path, _ := strings.Cut(string(doc), "/")
	return strings.HasPrefix(path, Doc+"/")
}

// Apply brings the rows up to date with one change.
func (b *Book) Apply(tx *store.Tx, ev store.Event) error {
	_, path, _ := strings.Cut(string(ev.Doc), "/")
	for _, m := range ev.Moved {
		id, field, deed, ok := parseKey(m.Key)
		if !ok || len(m.Fields) == 0 {
			continue
		}
		var err error
		if field == "holder" { // of several the one that all devices show
			err = keep(m.Fields[0].Value.Raw, holderValue.whole, func(v holderValue) error {
				_, err := tx.Exec(`INSERT OR REPLACE INTO duty_holder (id, person, at) VALUES (?, ?, ?)`, id, append([]byte{}, v.Person...), v.At)
				return err
			})
		}
		for _, f := range m.Fields {
			if err != nil || field == "holder" {
				break
			}
			err = apply(tx, id, field, deed, path, f.Value.Raw)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// keep reads a value and keeps it; what a newer program wrote is left alone.
func keep[V any](raw string, whole func(V) bool, put func(V) error) error {
	v, err := coded.Read([]byte(raw), format, whole)
	if err != nil {
		return nil
	}
	return put(v)
}

func apply(tx *store.Tx, id, field, deed, path, raw string) error {
	switch field {
	case "what":
		return keep(raw, whatValue.whole, func(whatValue) error {
			_, err := tx.Exec(`INSERT INTO duty_what (id, path, value) VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET path = min(path, excluded.path)`, id, path, []byte(raw))
			return err
		})
	case "off":
		return keep(raw, wordValue.whole, func(v wordValue) error {
			_, err := tx.Exec(`INSERT INTO duty_off (id, at, text) VALUES (?, ?, ?)
				ON CONFLICT DO UPDATE SET at = excluded.at, text = excluded.text WHERE (excluded.at, excluded.text) < (at, text)`, id, v.At, v.Text)
			return err
		})
	}
	return keep(raw, doneValue.whole, func(v doneValue) error {
		_, err := tx.Exec(`INSERT INTO duty_done (id, deed, person, at) VALUES (?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET at = excluded.at, person = excluded.person WHERE (excluded.at, excluded.person) < (at, person)`, id, deed, v.Person, v.At)
		return err
	})
}
