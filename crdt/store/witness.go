package store

import (
	"database/sql"
	"fmt"
	"slices"

	"jishan/crdt/seal"
	"jishan/crdt/wire"
)

// hidden is a masked change of a document.
type hidden struct {
	n, actor int64
	seq      uint64
	built    bool
	by       Withdrawal
	clock    map[int64]uint64
	chunk    wire.Chunk
	hash     wire.Hash
	context  seal.Context
}

// voice is a change that stands: what it builds on, and the head that it names.
type voice struct {
	clock      map[int64]uint64
	term, head uint64
}

// vouch lets a change that stands and comes now be a witness: of the masked ones that
// it builds on those stand from now on that it may vouch for, and projections hear of
// them before they hear of it. If something that they have heard of builds on one of
// them, that is no order they could have heard it in, and they are made anew.
func (tx *Tx) vouch(d *document, clock map[int64]uint64, c seal.Context) error {
	if dull, err := tx.hasHeard(d, clock, c); dull || err != nil {
		return err
	}
	list, err := tx.hiddenIn(d, clock)
	if err != nil || len(list) == 0 {
		return err
	}
	voices := []voice{{clock, c.Term, c.Seq}}
	var freed []*hidden
	again := false
	behind := slices.ContainsFunc(list, func(x *hidden) bool { return !x.by.before(c.Term, c.Seq) }) // those held up may vouch for more than this one
	for _, x := range list {                                                                         // what builds comes before what it builds on
		heard := slices.ContainsFunc(voices, func(v voice) bool { return v.clock[x.actor] >= x.seq && x.by.before(v.term, v.head) })
		switch {
		case heard:
			again = again || x.built
			freed = append(freed, x)
			if behind {
				voices = append(voices, voice{x.clock, x.context.Term, x.context.Seq})
			}
		case !x.built:
			if _, err := tx.c.Exec("UPDATE mask SET built = 1 WHERE n = ?", x.n); err != nil {
				return err
			}
		}
	}
	for _, x := range freed {
		if err := tx.unmask(d, x.n); err != nil {
			return err
		}
	}
	if again {
		tx.flip(d)
		return nil
	}
	slices.Reverse(freed)
	for _, x := range freed {
		if err := tx.late(d, x); err != nil {
			return err
		}
	}
	return nil
}

// hasHeard tells whether who wrote a change had heard of all withdrawals that mask
// something here: the usual case, in which it vouches for nothing.
func (tx *Tx) hasHeard(d *document, clock map[int64]uint64, c seal.Context) (bool, error) {
	var authors []int64
	err := EachRow(tx, func(r *sql.Rows) error {
		var n int64
		err := r.Scan(&n)
		authors = append(authors, n)
		return err
	}, "SELECT DISTINCT actor FROM mask WHERE doc = ?", d.n)
	for _, n := range authors {
		a, e := tx.actorID(n)
		if e != nil {
			return false, e
		}
		w, _, e := tx.withdrawn(a)
		if e != nil || clock[n] > 0 && w.before(c.Term, c.Seq) {
			return false, e
		}
	}
	for _, n := range authors {
		if _, err := tx.c.Exec("UPDATE mask SET built = 1 WHERE doc = ? AND actor = ? AND seq <= ? AND built = 0", d.n, n, int64(clock[n])); err != nil {
			return false, err
		}
	}
	return true, err
}

// hiddenIn returns the masked changes within a past, the latest first.
func (tx *Tx) hiddenIn(d *document, clock map[int64]uint64) (list []*hidden, err error) {
	err = EachRow(tx, func(r *sql.Rows) error {
		x := &hidden{}
		var hash []byte
		if err := r.Scan(&x.n, &x.actor, &x.seq, &x.built, &hash, (*[]byte)(&x.chunk)); err != nil {
			return err
		}
		if len(hash) != len(x.hash) {
			return fmt.Errorf("%w: hash", ErrCorrupt)
		}
		if x.hash = wire.Hash(hash); clock[x.actor] >= x.seq {
			list = append(list, x)
		}
		return nil
	}, `SELECT m.n, m.actor, m.seq, m.built, change.hash, change.chunk FROM mask m JOIN change ON change.n = m.n WHERE m.doc = ? ORDER BY m.n DESC`, d.n)
	if err != nil {
		return nil, err
	}
	for _, x := range list { // after the rows are closed
		a, err := tx.actorID(x.actor)
		if err != nil {
			return nil, err
		}
		if x.by, _, err = tx.withdrawn(a); err != nil {
			return nil, err
		}
		h, err := wire.Peek(x.chunk)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
		}
		if x.context, err = seal.ParseContext(h.Message); err != nil {
			return nil, err
		}
		x.clock = map[int64]uint64{}
		if err := tx.mergeClock(x.n, x.clock); err != nil {
			return nil, err
		}
	}
	return list, nil
}

// late tells projections of a change that was masked until now.
func (tx *Tx) late(d *document, x *hidden) error {
	ch, h, err := wire.Decode(x.chunk)
	if err != nil || h != x.hash {
		return fmt.Errorf("%w: change row %d: %w", ErrCorrupt, x.n, err)
	}
	ev := Event{Doc: d.id, Shape: d.shape, Change: ch, Hash: h, Context: x.context}
	for _, op := range ch.Ops {
		fields, err := tx.fields(d, op.Key)
		if err != nil {
			return err
		}
		ev.Moved = append(ev.Moved, Moved{op.Key, fields})
	}
	for _, p := range d.wants {
		if _, whole := p.(WholeProjector); whole { // heard of it when it came
			continue
		}
		if err := p.Apply(tx, ev); err != nil {
			return fmt.Errorf("store: projection %s: %w", p.Name(), err)
		}
	}
	tx.touch(d)
	tx.changed[d.id] = true
	return nil
}
