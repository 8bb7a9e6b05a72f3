package claim

import (
	_ "embed" // the schema
	"slices"
	"strings"

	"jishan/app/people"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

//go:embed schema.sql
var schema string

// Name, Version, Schema, Wants and Apply make Book a store.Projector.
func (b *Book) Name() string { return kind }

// Version is raised when rows change their meaning.
func (b *Book) Version() int { return 1 }

// Schema is schema.sql.
func (b *Book) Schema() string { return schema }

// Wants says whether doc holds people.
func (b *Book) Wants(doc store.DocID) bool {
	_, path, _ := strings.Cut(string(doc), "/")
	return strings.HasPrefix(path, "people/")
}

// Apply brings the rows up to date with one change.
func (b *Book) Apply(tx *store.Tx, ev store.Event) error {
	for _, m := range ev.Moved {
		p, id, field, ok := parseKey(m.Key)
		if !ok {
			continue
		}
		for _, f := range m.Fields {
			if err := apply(tx, p, id, field, f.Value); err != nil {
				return err
			}
		}
	}
	return nil
}

func apply(tx *store.Tx, p people.ID, id, field string, v wire.Value) error {
	if _, err := tx.Exec(`INSERT INTO claim_row (id, person) VALUES (?, ?) ON CONFLICT DO NOTHING`, id, p[:]); err != nil {
		return err
	}
	if field == "note" || field == "witness" {
		_, err := tx.Exec(`UPDATE claim_row SET `+field+` = ? WHERE id = ?`, []byte(v.Raw), id)
		return err
	}
	if slices.Contains(words, field) {
		w, err := read(v, wordValue.whole)
		if err != nil {
			return nil // of a newer program: nothing that this one could show
		}
		text := w.Text
		if text == nil {
			text = []byte{}
		}
		_, err = tx.Exec(`INSERT INTO claim_word (id, word, at, by, yes, how, why, text) VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE
			SET at = excluded.at, by = excluded.by, yes = excluded.yes, how = excluded.how, why = excluded.why, text = excluded.text
			WHERE (excluded.at, excluded.by, excluded.yes) > (at, by, yes)`, id, field, w.At, w.By, w.Yes, w.How, w.Why, text)
		return err
	}
	if field != "made" {
		return nil
	}
	m, err := read(v, madeValue.whole)
	if err != nil {
		return nil // as above
	}
	_, err = tx.Exec(`UPDATE claim_row SET item = ?, version = ?, at = ?, minutes = ?, count = ?, hard = ?, points = ?, minus = ?, needs = ?, days = ?, via = ?,
		by = ?, batch = ?, made = ? WHERE id = ?`, m.Item, m.Version, m.At, m.Minutes, m.Count, m.Hard, m.Points, m.Minus, m.needs(), m.Notice, m.Via, m.By, m.Batch, m.Made, id)
	return err
}

// What a claim needs, as bits of a row.
const (
	needsWitness = 1 << iota
	needsConfirm
	needsReview
	needsLead
)

func (v madeValue) needs() (n int64) {
	for bit, on := range map[int64]bool{needsWitness: v.Witness, needsConfirm: v.Mutual, needsReview: v.Review, needsLead: v.Lead} {
		if on {
			n |= bit
		}
	}
	return n
}
