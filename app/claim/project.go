package claim

import (
	_ "embed" // the schema
	"strings"

	"jishan/app/coded"
	"jishan/app/people"
	"jishan/crdt/store"
)

//go:embed schema.sql
var schema string

// Name, Version, Schema, Wants and Apply make Book a store.Projector.
func (b *Book) Name() string { return kind }

// Version is raised when rows change their meaning.
func (b *Book) Version() int { return 5 }

// Schema is schema.sql.
func (b *Book) Schema() string { return schema }

// Wants says whether doc holds people.
func (b *Book) Wants(doc store.DocID) bool {
	_, path, _ := strings.Cut(string(doc), "/")
	return strings.HasPrefix(path, "people/")
}

// Apply brings the rows up to date with one change. As nothing is written over
// anything, its operations are all that is to be looked at.
func (b *Book) Apply(tx *store.Tx, ev store.Event) error {
	for _, p := range postings(ev.Change) {
		m, err := p.read()
		if err != nil {
			continue // of a newer program: nothing that this one could show
		}
		if err := applyMade(tx, p, m, ev); err != nil {
			return err
		}
		b.moved.Add(1)
	}
	for i, op := range ev.Change.Ops {
		p, id, field, ok := parseKey(op.Key)
		word := wordOf(field)
		if !ok || word == "" {
			continue
		}
		w, err := coded.Read([]byte(op.Value.Raw), format, wordValue.whole)
		if err != nil {
			continue // as above
		}
		if err := applyWord(tx, p, id, word, field, w, ev.Change.StartOp+uint64(i), ev); err != nil {
			return err
		}
		b.moved.Add(1)
	}
	return nil
}

// applyMade keeps a claim. Who repeats another's claim word by word is not its maker:
// the first operation holds. Two histories of one author may bear one operation
// id; then any rule that is the same everywhere will do.
func applyMade(tx *store.Tx, p posting, m madeValue, ev store.Event) error {
	_, err := tx.Exec(`INSERT INTO claim_row (id, person, item, version, at, minutes, count, hard, via, by, batch, made, salt, note, witness, counter, actor, over)
		VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17,
			EXISTS (SELECT 1 FROM claim_word w WHERE w.id = ?1 AND w.person = ?2 AND w.word IN ('booked', 'ended')))
		ON CONFLICT DO UPDATE SET by = excluded.by, counter = excluded.counter, actor = excluded.actor WHERE (excluded.counter, excluded.actor, excluded.by) < (counter, actor, by)`,
		p.id, p.person[:], m.Item, m.Version, m.At, m.Minutes, m.Count, m.Hard, m.Via, ev.Context.Operator, m.Batch, m.Made, m.Salt, []byte(p.note), []byte(p.witness),
		p.op, ev.Change.Actor[:])
	return err
}

// applyWord keeps a word, whether its claim is here or not.
func applyWord(tx *store.Tx, p people.ID, id, word, name string, w wordValue, counter uint64, ev store.Event) error {
	_, err := tx.Exec(`INSERT INTO claim_word (id, person, counter, actor, hash, word, name, at, by, yes, how, too, text, operator, device, key, sig)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`,
		id, p[:], counter, ev.Change.Actor[:], ev.Hash[:], word, name, ev.Change.Time, ev.Context.Operator, w.Yes, w.How, w.To, blob(w.Text), w.Operator[:], w.Device[:], w.Key[:], blob(w.Sig))
	if err == nil && (word == booked || word == ended) {
		_, err = tx.Exec(`UPDATE claim_row SET over = 1 WHERE id = ? AND person = ?`, id, p[:])
	}
	return err
}

func blob(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// Forget implements store.Forgetter: what waits has to be looked at again.
func (b *Book) Forget(*store.Tx) { b.moved.Add(1) }

// Moved counts the words and claims that came since the program began: who looks at
// what waits need not look again while it stands still.
func (b *Book) Moved() uint64 { return b.moved.Load() }
