package store

import (
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"iter"
	"slices"

	"jishan/crdt/seal"
	"jishan/crdt/wire"
)

// Records of an author who has forked. A change of a records document has its
// place by what it depends on, not by its number, so both histories stand in the
// document like the work of two devices, and others build on both. Only here
// does the second one need a number of its own: a strand, with an entry of its
// own in the table "actor". Which history is the first one differs from device to
// device, so nothing that leaves this store names strands: vectors and digests
// name the ends of all, and values that two histories put under one operation id
// are both in the conflict set.

const (
	// MaxStrands bounds the further histories of one author in one document: a
	// folder that was copied makes one, and no change can name more ends.
	MaxStrands = wire.MaxDeps

	// strandLen is how many bytes an entry of the table actor has for a strand: the
	// author's id and the number of the strand.
	strandLen = len(wire.Actor{}) + 2
)

// strand is a further history of an author in one document.
type strand struct {
	*tip
	k     uint16 // from 1, in the order in which they came here
	first uint64 // seq of its first change
}

// splitActor reads an entry of the table actor: whose it is, and of which strand;
// 0 is the author's first history.
func splitActor(b []byte) (a wire.Actor, k uint16, err error) {
	switch len(b) {
	case len(a):
	case strandLen:
		k = binary.BigEndian.Uint16(b[len(a):])
	default:
		return a, 0, fmt.Errorf("%w: actor", ErrCorrupt)
	}
	copy(a[:], b)
	return a, k, nil
}

// strandNumber returns the small number of a strand of an author, a new one if
// there is none.
func (tx *Tx) strandNumber(a wire.Actor, k uint16) (n int64, err error) {
	id := binary.BigEndian.AppendUint16(a[:], k)
	err = tx.c.QueryRow("SELECT n FROM actor WHERE id = ?", id).Scan(&n)
	if errors.Is(err, sql.ErrNoRows) {
		var r sql.Result
		if r, err = tx.c.Exec("INSERT INTO actor(id) VALUES (?)", id); err == nil {
			n, err = r.LastInsertId()
		}
	}
	if err == nil {
		tx.s.cache.ids[n] = a
		tx.aliases = append(tx.aliases, n)
	}
	return n, err
}

// loadStrands completes the strands that loadTips found.
func (tx *Tx) loadStrands(d *document) error {
	for _, list := range d.strands {
		slices.SortFunc(list, func(a, b *strand) int { return int(a.k) - int(b.k) })
		for _, c := range list {
			if err := firstOf(tx.c, d.n, c.actor, &c.first); err != nil {
				return err
			}
		}
	}
	return nil
}

func firstOf(q Querier, doc, actor int64, seq *uint64) error {
	return q.QueryRow("SELECT min(seq) FROM change WHERE doc = ? AND actor = ?", doc, actor).Scan(seq)
}

// histories are the ends of all histories of all authors.
func (d *document) histories() iter.Seq[*tip] {
	return func(yield func(*tip) bool) {
		for _, t := range d.tips {
			if !yield(t) {
				return
			}
		}
		for _, list := range d.strands {
			for _, c := range list {
				if !yield(c.tip) {
					return
				}
			}
		}
	}
}

// numbers are the small numbers of an author's histories in a document; none if
// nothing of it is known.
func (tx *Tx) numbers(d *document, a wire.Actor) ([]int64, error) {
	n, err := tx.actor(a, false)
	if err != nil || n == 0 {
		return nil, err
	}
	list := []int64{n}
	for _, c := range d.strands[a] {
		list = append(list, c.actor)
	}
	return list, nil
}

// history finds the end that a change goes on from, or begins another one. Its
// past was asked for last.
func (tx *Tx) history(d *document, ch *wire.Change) (*tip, error) {
	t, list := d.tips[ch.Actor], d.strands[ch.Actor]
	if t == nil {
		n, err := tx.actor(ch.Actor, true)
		if err != nil {
			return nil, err
		}
		t = &tip{actor: n}
		d.tips[ch.Actor] = t
		return t, nil
	}
	if d.shape == Feed {
		return t, nil
	}
	last, ok, err := tx.Own(d.id, ch.Actor, tx.past.past)
	if err != nil || !ok {
		return nil, errors.Join(err, fmt.Errorf("store: change %d of %s follows no one history", ch.Seq, d.id))
	}
	if t.hash == last.Hash {
		return t, nil
	}
	for _, c := range list {
		if c.hash == last.Hash {
			return c.tip, nil
		}
	}
	k := uint16(len(list) + 1)
	n, err := tx.strandNumber(ch.Actor, k)
	if err != nil {
		return nil, err
	}
	c := &strand{tip: &tip{actor: n, seq: last.Seq}, k: k, first: last.Seq + 1}
	d.strands[ch.Actor] = append(list, c)
	return c.tip, nil
}

// Own finds an author's last change in a past: the one that its next change
// follows; Seq is 0 if there is none. It is not ok where the past holds two of
// the author's histories: no single writer has both.
func (tx *Tx) Own(doc DocID, a wire.Actor, past Past) (last Named, ok bool, err error) {
	last.Actor = a
	d, err := tx.document(doc, false)
	if d == nil || err != nil || d.tips[a] == nil {
		return last, true, err
	}
	if t := d.tips[a]; len(d.strands[a]) == 0 && past.clock[t.actor] == t.seq {
		return Named{Tip: Tip{Actor: a, Seq: t.seq, Hash: t.hash}, Term: t.term, Head: t.head}, true, nil
	}
	numbers, err := tx.numbers(d, a)
	if err != nil {
		return last, false, err
	}
	var of int64
	for _, n := range numbers {
		if s := past.clock[n]; s > last.Seq {
			last.Seq, of = s, n
		}
	}
	if of == 0 {
		return last, true, nil
	}
	return tx.ownAt(d, last, of, numbers, past)
}

// ownAt reads the change that has last's Seq in one of an author's histories. If
// its own past knows all that the past knows of the author, that is one history.
func (tx *Tx) ownAt(d *document, last Named, of int64, numbers []int64, past Past) (Named, bool, error) {
	var n int64
	var hash, chunk []byte
	err := tx.c.QueryRow("SELECT n, hash, chunk FROM change WHERE doc = ? AND actor = ? AND seq = ?", d.n, of, int64(last.Seq)).Scan(&n, &hash, &chunk)
	if err != nil {
		return last, false, err
	}
	copy(last.Hash[:], hash)
	own := map[int64]uint64{}
	if err := tx.mergeClock(n, own); err != nil {
		return last, false, err
	}
	for _, n := range numbers {
		if own[n] != past.clock[n] {
			return last, false, nil
		}
	}
	h, err := wire.Peek(chunk)
	if err != nil {
		return last, false, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	c, err := seal.ParseContext(h.Message)
	last.Term, last.Head = c.Term, c.Seq
	return last, true, err
}

// Room tells whether another change may stand beside the first history of an
// author in a records document: the next one of a history that is held, or the
// first of another one.
func (tx *Tx) Room(doc DocID, last Named) (bool, error) {
	d, err := tx.document(doc, false)
	if d == nil || err != nil || d.tips[last.Actor] == nil || d.tips[last.Actor].hash == last.Hash {
		return true, err
	}
	list, beside, goesOn := d.strands[last.Actor], 0, false
	for _, c := range list {
		beside += int(c.seq - c.first + 1)
		goesOn = goesOn || c.hash == last.Hash
	}
	return beside < MaxBranch && (goesOn || len(list) < MaxStrands), nil
}

// strandedTip names all ends of a forked author's histories in one entry of the
// vector, like forkedTip.
func strandedTip(main Tip, list []*strand) Tip {
	count, ends := main.Seq, []wire.Hash{main.Hash}
	for _, c := range list {
		count += c.seq - c.first + 1
		ends = append(ends, c.hash)
	}
	return Tip{Actor: main.Actor, Seq: count, Hash: endsHash(ends), Forked: true}
}

// strandVector puts the strands into a vector that was read from the tips.
func strandVector(q Querier, doc DocID, v []Tip) ([]Tip, error) {
	by := map[wire.Actor][]*strand{}
	err := EachRow(q, func(r *sql.Rows) error {
		var id, hash []byte
		c := &strand{tip: &tip{}}
		if err := r.Scan(&id, &c.seq, &hash, &c.first); err != nil {
			return err
		}
		a, _, err := splitActor(id)
		copy(c.hash[:], hash)
		by[a] = append(by[a], c)
		return err
	}, `SELECT actor.id, tip.seq, tip.hash, (SELECT min(seq) FROM change WHERE change.doc = tip.doc AND change.actor = tip.actor)
		FROM tip JOIN actor ON actor.n = tip.actor WHERE tip.doc = (SELECT n FROM doc WHERE id = ?) AND length(actor.id) > 16`, string(doc))
	for i, t := range v {
		if list := by[t.Actor]; len(list) > 0 {
			v[i] = strandedTip(t, list)
		}
	}
	return v, err
}

// strandsOf are an author's changes in its further histories of a records document.
func strandsOf(q Querier, doc DocID, a wire.Actor) (list []Stored, err error) {
	err = EachRow(q, func(r *sql.Rows) error {
		var c Stored
		err := c.scan(r.Scan)
		list = append(list, c)
		return err
	}, `SELECT seq, hash, seal, chunk FROM change WHERE doc = (SELECT n FROM doc WHERE id = ?)
		AND actor IN (SELECT n FROM actor WHERE id > ? AND id < ? AND length(id) > 16) ORDER BY start_op, hash`,
		string(doc), a[:], binary.BigEndian.AppendUint16(a[:], 1<<16-1))
	return list, err
}

// Holds tells whether a document holds a change, in whichever history.
func (tx *Tx) Holds(doc DocID, h wire.Hash) (bool, error) {
	var n int
	err := tx.QueryRow("SELECT count(*) FROM change WHERE tag = ? AND hash = ? AND doc = (SELECT n FROM doc WHERE id = ?)",
		tag(h), h[:], string(doc)).Scan(&n)
	return n > 0, err
}
