package credit

import (
	_ "embed" // the schema
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

// Apply brings the rows up to date with one change. Of what two devices wrote
// apart the later word holds, of two of one moment the greater.
func (b *Book) Apply(tx *store.Tx, ev store.Event) error {
	for _, m := range ev.Moved {
		p, field, id, ok := parseKey(m.Key)
		if !ok {
			continue
		}
		for _, f := range m.Fields {
			if err := apply(tx, p, field, id, f.Value); err != nil {
				return err
			}
		}
	}
	return nil
}

func apply(tx *store.Tx, p people.ID, field, id string, v wire.Value) error {
	switch field {
	case "consent":
		c, err := read(v, consentValue.whole)
		if err != nil {
			return nil // of a newer program: nothing that this one could show
		}
		_, err = tx.Exec(`INSERT INTO credit_consent (person, at, by, operator, device, key, sig) VALUES (?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE
			SET at = excluded.at, by = excluded.by, operator = excluded.operator, device = excluded.device, key = excluded.key, sig = excluded.sig
			WHERE (excluded.at, excluded.sig, excluded.by) > (at, sig, by)`, p[:], c.At, c.By, c.Operator[:], c.Device[:], c.Key[:], blob(c.Sig))
		return err
	case "off":
		o, err := read(v, offValue.whole)
		if err != nil {
			return nil // as above
		}
		_, err = tx.Exec(`INSERT INTO credit_consent (person, off, off_by) VALUES (?, ?, ?) ON CONFLICT DO UPDATE
			SET off = excluded.off, off_by = excluded.off_by WHERE (excluded.off, excluded.off_by) > (off, off_by)`, p[:], o.At, o.By)
		return err
	case "line":
		l, err := read(v, lineValue.whole)
		if err != nil {
			return nil // as above
		}
		_, err = tx.Exec(`INSERT INTO credit_line (id, person, version, points, basis, amount, made, until, by) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE
			SET person = excluded.person, version = excluded.version, points = excluded.points, basis = excluded.basis, amount = excluded.amount, made = excluded.made,
				until = excluded.until, by = excluded.by
			WHERE (excluded.made, excluded.version, excluded.amount, excluded.points, excluded.by) > (made, version, amount, points, by)`,
			id, p[:], l.Version, l.Points, l.Basis, l.Amount, l.Made, l.Until, l.By)
		return err
	}
	return nil
}

func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}
