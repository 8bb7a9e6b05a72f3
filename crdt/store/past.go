package store

import (
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"

	"jishan/crdt/wire"
)

// Past is what a change builds on: all that its dependencies lead to.
type Past struct {
	Greatest uint64 // the greatest operation counter, 0 if there is none
	clock    map[int64]uint64
	tx       *Tx
}

// Seq returns how much of an actor's history the past holds.
func (p Past) Seq(a wire.Actor) (uint64, error) {
	n, err := p.tx.actor(a, false)
	return p.clock[n], err
}

// pastMemo keeps the past that was asked for last: admission asks for it, and
// the insertion that follows needs it again.
type pastMemo struct {
	doc  DocID
	deps []wire.Hash
	past Past
	ok   bool
}

// Past computes the past of a change with these dependencies (ascending).
// Dependencies that the document does not hold are returned as missing.
func (tx *Tx) Past(doc DocID, deps []wire.Hash) (past Past, missing []wire.Hash, err error) {
	if m := &tx.past; m.ok && m.doc == doc && slices.Equal(m.deps, deps) {
		return m.past, nil, nil
	}
	past = Past{clock: map[int64]uint64{}, tx: tx}
	d, err := tx.document(doc, false)
	if err != nil {
		return past, nil, err
	}
	switch {
	case len(deps) == 0:
	case d == nil:
		return past, deps, nil
	case d.shape == Records && slices.Equal(deps, d.heads): // the usual case: everything
		past.Greatest = d.greatest
		for t := range d.histories() {
			past.clock[t.actor] = t.seq
		}
	default:
		missing, err = tx.collect(d, deps, &past)
	}
	if err == nil && len(missing) == 0 {
		tx.past = pastMemo{doc: doc, deps: slices.Clone(deps), past: past, ok: true}
	}
	return past, missing, err
}

// collect merges the pasts of the dependencies.
func (tx *Tx) collect(d *document, deps []wire.Hash, past *Past) (missing []wire.Hash, err error) {
	for _, h := range deps {
		c, err := tx.findChange(d, h)
		if err != nil {
			return nil, err
		}
		if c.n == 0 {
			missing = append(missing, h)
			continue
		}
		past.Greatest = max(past.Greatest, c.last)
		if d.shape == Feed {
			past.clock[c.actor] = max(past.clock[c.actor], c.seq)
			continue
		}
		if err := tx.mergeClock(c.n, past.clock); err != nil {
			return nil, err
		}
	}
	return missing, nil
}

type foundChange struct {
	n, actor int64
	seq      uint64
	last     uint64 // greatest operation counter
}

// findChange looks a change up by hash; n is 0 if the document has none.
func (tx *Tx) findChange(d *document, h wire.Hash) (foundChange, error) {
	for _, t := range d.tips {
		if d.shape == Feed && t.hash == h {
			return foundChange{n: -1, actor: t.actor, seq: t.seq, last: t.seq}, nil
		}
	}
	var c foundChange
	err := tx.c.QueryRow("SELECT n, actor, seq, start_op + ops - 1 FROM change WHERE tag = ? AND hash = ? AND doc = ?",
		tag(h), h[:], d.n).Scan(&c.n, &c.actor, &c.seq, &c.last)
	if errors.Is(err, sql.ErrNoRows) {
		return foundChange{}, nil
	}
	return c, err
}

// mergeClock merges the causal past of change n, itself included.
func (tx *Tx) mergeClock(n int64, into map[int64]uint64) error { return mergeClock(tx.c, n, into) }

func mergeClock(q Querier, n int64, into map[int64]uint64) error {
	var b sql.RawBytes
	rows, err := q.Query("SELECT clock FROM past WHERE n = ?", n)
	if err != nil {
		return err
	}
	defer rows.Close()
	if !rows.Next() {
		return errors.Join(fmt.Errorf("%w: past of change %d", ErrCorrupt, n), rows.Err())
	}
	if err := rows.Scan(&b); err != nil {
		return err
	}
	for len(b) > 0 {
		actor, i := binary.Uvarint(b)
		if i <= 0 {
			return fmt.Errorf("%w: past of change %d", ErrCorrupt, n)
		}
		seq, j := binary.Uvarint(b[i:])
		if j <= 0 {
			return fmt.Errorf("%w: past of change %d", ErrCorrupt, n)
		}
		b = b[i+j:]
		into[int64(actor)] = max(into[int64(actor)], seq)
	}
	return rows.Err()
}

// encodeClock writes pairs of actor number and sequence number, ascending.
func encodeClock(clock map[int64]uint64, self int64, seq uint64) []byte {
	actors := make([]int64, 0, len(clock)+1)
	for a := range clock {
		if a != self {
			actors = append(actors, a)
		}
	}
	actors = append(actors, self)
	slices.Sort(actors)
	b := make([]byte, 0, 4*len(actors))
	for _, a := range actors {
		s := clock[a]
		if a == self {
			s = seq
		}
		b = binary.AppendUvarint(b, uint64(a))
		b = binary.AppendUvarint(b, s)
	}
	return b
}

func tag(h wire.Hash) int64 { return int64(binary.BigEndian.Uint64(h[:8])) }

// Operation is one row of the operation index.
type Operation struct {
	Key     string
	Seq     uint64 // of the change that holds it
	Removal bool
	Seen    bool // that change lies in the past that was asked about
}

// Operation looks an operation on a key of a records document up, overwritten
// ones included, as one with this past may mean it. Of an author who has forked
// several may bear the id: the one that fits best is returned.
func (tx *Tx) Operation(doc DocID, key string, id wire.OpID, past Past) (op Operation, found bool, err error) {
	d, err := tx.document(doc, false)
	if d == nil || err != nil {
		return op, false, err
	}
	numbers, err := tx.numbers(d, id.Actor)
	if err != nil {
		return op, false, err
	}
	for _, a := range numbers {
		var x Operation
		var state int
		err = tx.c.QueryRow("SELECT key, seq, state FROM op WHERE doc = ? AND counter = ? AND actor = ?",
			d.n, int64(id.Counter), a).Scan(&x.Key, &x.Seq, &state)
		if errors.Is(err, sql.ErrNoRows) {
			continue
		}
		if err != nil {
			return op, false, err
		}
		x.Removal, x.Seen = state == opRemoval, x.Seq <= past.clock[a]
		if !found || x.fits(key) > op.fits(key) {
			op, found = x, true
		}
	}
	return op, found, nil
}

// fits says how well an operation can be what a predecessor on the key means.
func (o Operation) fits(key string) (n int) {
	if o.Seen {
		n += 4
	}
	if o.Key == key {
		n += 2
	}
	if !o.Removal {
		n++
	}
	return n
}
