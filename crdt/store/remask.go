package store

import (
	"database/sql"
	"fmt"
	"maps"
	"slices"

	"jishan/crdt/wire"
)

// Governance moved: what is masked is made out anew from the documents, at the end of
// the transaction. Projections that were told of a change that is masked now, or not of
// one that stands now, are made anew from the changes that they want.

// Remask says that what Withdrawer tells may be otherwise now.
func (tx *Tx) Remask() { tx.remask = true }

// flip notes that projections of a document have heard what they should not.
func (tx *Tx) flip(d *document) {
	if tx.flipped == nil {
		tx.flipped = map[DocID]bool{}
	}
	tx.flipped[d.id] = true
}

// settleMasks does what the end of a transaction must.
func (tx *Tx) settleMasks() error {
	if tx.remask {
		tx.remask = false
		if err := tx.remaskAll(); err != nil {
			return err
		}
	}
	if len(tx.flipped) == 0 {
		return nil
	}
	return tx.retell()
}

// authors are the incarnations that are withdrawn, by the numbers of their histories.
func (tx *Tx) authors() (map[int64]Withdrawal, error) {
	all := map[int64]wire.Actor{}
	err := EachRow(tx, func(r *sql.Rows) error {
		var n int64
		var id []byte
		if err := r.Scan(&n, &id); err != nil {
			return err
		}
		a, _, err := splitActor(id)
		all[n] = a
		return err
	}, "SELECT n, id FROM actor")
	out := map[int64]Withdrawal{}
	for n, a := range all {
		w, ok, e := tx.withdrawn(a)
		if e != nil {
			return nil, e
		}
		if ok {
			out[n] = w
		}
	}
	return out, err
}

func (tx *Tx) remaskAll() error {
	by, err := tx.authors()
	if err != nil {
		return err
	}
	docs := map[DocID]bool{}
	note := func(r *sql.Rows) error {
		var id DocID
		err := r.Scan(&id)
		docs[id] = true
		return err
	}
	if err := EachRow(tx, note, "SELECT DISTINCT doc.id FROM mask JOIN doc ON doc.n = mask.doc"); err != nil {
		return err
	}
	for n := range by {
		err := EachRow(tx, note, "SELECT id FROM doc WHERE shape = 2 AND EXISTS (SELECT 1 FROM change WHERE change.doc = doc.n AND change.actor = ?)", n)
		if err != nil {
			return err
		}
	}
	for _, id := range slices.Sorted(maps.Keys(docs)) {
		if err := tx.remaskDoc(id, by); err != nil {
			return err
		}
	}
	return nil
}

// remaskDoc compares what is masked of a document with what should be.
func (tx *Tx) remaskDoc(id DocID, by map[int64]Withdrawal) error {
	d, err := tx.document(id, false)
	if err != nil || d == nil {
		return err
	}
	have := map[int64]bool{}
	err = EachRow(tx, func(r *sql.Rows) error {
		var n int64
		err := r.Scan(&n)
		have[n] = true
		return err
	}, "SELECT n FROM mask WHERE doc = ?", d.n)
	if err != nil {
		return err
	}
	want := map[int64]*maskable{}
	if !marked(d, by) {
		if want, err = tx.maskables(d, by); err != nil {
			return err
		}
	}
	for n := range have {
		if want[n] == nil {
			tx.flip(d)
			if err := tx.unmask(d, n); err != nil {
				return err
			}
		}
	}
	for _, n := range slices.Sorted(maps.Keys(want)) {
		if have[n] {
			continue
		}
		tx.flip(d)
		ch, _, err := wire.Decode(want[n].chunk)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrCorrupt, err)
		}
		if err := tx.mask(d, n, want[n].actor, ch, true); err != nil { // whether something was built on it is not asked
			return err
		}
	}
	return nil
}

// marked tells whether all ends of the withdrawn in a document are named by marks: the
// usual case, in which nothing is masked.
func marked(d *document, by map[int64]Withdrawal) bool {
	for t := range d.histories() {
		if w, ok := by[t.actor]; ok && !w.names(d.id, t.seq, t.hash) {
			return false
		}
	}
	return true
}

// standing is a change with its place in the order of arrival.
type standing struct {
	n, actor int64
	seq      uint64
	hash     []byte
}

// maskable is a change that has no witness.
type maskable struct {
	actor int64
	chunk wire.Chunk
}

// maskables finds the changes of the withdrawn in a document that no mark and no
// witness holds up. Changes are looked at from the last to the first: what builds on one
// came after it.
func (tx *Tx) maskables(d *document, by map[int64]Withdrawal) (map[int64]*maskable, error) {
	var list []standing
	err := EachRow(tx, func(r *sql.Rows) error {
		var x standing
		err := r.Scan(&x.n, &x.actor, &x.seq, &x.hash)
		list = append(list, x)
		return err
	}, "SELECT n, actor, seq, hash FROM change WHERE doc = ? ORDER BY n DESC", d.n)
	out := map[int64]*maskable{}
	heard := map[int64]uint64{} // by author, how far those vouch for it who had not heard that it is withdrawn
	for _, x := range list {
		var chunk []byte
		if err := tx.c.QueryRow("SELECT chunk FROM change WHERE n = ?", x.n).Scan(&chunk); err != nil {
			return nil, err
		}
		w, withdrawn := by[x.actor]
		if withdrawn && heard[x.actor] < x.seq && !(len(x.hash) == len(wire.Hash{}) && w.names(d.id, x.seq, wire.Hash(x.hash))) {
			out[x.n] = &maskable{x.actor, chunk}
			continue
		}
		if err := tx.hear(x.n, chunk, by, heard); err != nil {
			return nil, err
		}
	}
	return out, err
}

// hear lets a change that stands vouch for what it builds on.
func (tx *Tx) hear(n int64, chunk wire.Chunk, by map[int64]Withdrawal, heard map[int64]uint64) error {
	h, err := wire.Peek(chunk)
	if err != nil {
		return fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	c, err := tx.Context(h.Message)
	if err != nil {
		return err
	}
	clock := map[int64]uint64{}
	if err := tx.mergeClock(n, clock); err != nil {
		return err
	}
	for a, w := range by {
		if w.before(c.Term, c.Seq) {
			heard[a] = max(heard[a], clock[a])
		}
	}
	return nil
}
