package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"jishan/crdt/seal"
	"jishan/crdt/wire"
)

// Docs lists the documents that hold changes, by id.
func (s *Store) Docs(ctx context.Context) (list []DocInfo, err error) {
	err = s.View(ctx, func(q Querier) error {
		list, err = Docs(q)
		return err
	})
	return list, err
}

// Docs lists the documents that hold changes, by id.
func Docs(q Querier) ([]DocInfo, error) {
	rows, err := q.Query("SELECT id, shape, digest, changes FROM doc WHERE changes > 0 ORDER BY id")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []DocInfo
	for rows.Next() {
		var d DocInfo
		var sum sql.RawBytes
		if err := rows.Scan(&d.ID, &d.Shape, &sum, &d.Changes); err != nil {
			return nil, err
		}
		if copy(d.Digest[:], sum) != len(d.Digest) {
			return nil, fmt.Errorf("%w: digest", ErrCorrupt)
		}
		list = append(list, d)
	}
	return list, rows.Err()
}

// Digest returns a document's digest; zero if it holds nothing. It is
// VectorDigest of its vector.
func (s *Store) Digest(ctx context.Context, doc DocID) (sum [32]byte, err error) {
	err = s.View(ctx, func(q Querier) error {
		sum, err = Digest(q, doc)
		return err
	})
	return sum, err
}

// Digest returns a document's digest; zero if it holds nothing.
func Digest(q Querier, doc DocID) (sum [32]byte, err error) {
	var b []byte
	err = q.QueryRow("SELECT digest FROM doc WHERE id = ? AND changes > 0", string(doc)).Scan(&b)
	if errors.Is(err, sql.ErrNoRows) {
		return sum, nil
	}
	copy(sum[:], b)
	return sum, err
}

// Vector returns how far a document goes for each actor, by actor.
func (s *Store) Vector(ctx context.Context, doc DocID) (v []Tip, err error) {
	v, ok, state := s.recent.vector(doc)
	if ok && s.usable(ctx) == nil {
		return v, nil
	}
	err = s.View(ctx, func(q Querier) error {
		v, err = Vector(q, doc)
		return err
	})
	if err == nil {
		s.recent.fill(doc, v, state)
	}
	return v, err
}

// Vector returns how far a document goes for each actor, by actor.
func Vector(q Querier, doc DocID) ([]Tip, error) {
	rows, err := q.Query(`SELECT actor.id, tip.seq, tip.hash FROM tip JOIN actor ON actor.n = tip.actor
		WHERE tip.doc = (SELECT n FROM doc WHERE id = ?) ORDER BY actor.id`, string(doc))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Tip
	forked := false
	for rows.Next() {
		var actor, hash sql.RawBytes
		var t Tip
		if err := rows.Scan(&actor, &t.Seq, &hash); err != nil {
			return nil, err
		}
		a, k, err := splitActor(actor)
		if err != nil || len(hash) != len(t.Hash) {
			return nil, fmt.Errorf("%w: vector", ErrCorrupt)
		}
		t.Actor, t.Hash = a, wire.Hash(hash)
		if k > 0 {
			forked = true
			continue
		}
		list = append(list, t)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	if forked {
		return strandVector(q, doc, list)
	}
	return forkVector(q, doc, list)
}

// Vector returns how far a document goes for each actor, this transaction
// included.
func (tx *Tx) Vector(doc DocID) ([]Tip, error) {
	d, err := tx.document(doc, false)
	if d == nil || err != nil {
		return nil, err
	}
	return d.vector(), nil
}

// Named is a tip of one history with the governance head that its change named.
// Forked only says that the author has further histories in the document.
type Named struct {
	Tip
	Term, Head uint64
}

// Tip returns how far a document goes for one actor; Seq is 0 if it holds
// nothing by it.
func (tx *Tx) Tip(doc DocID, a wire.Actor) (Named, error) {
	d, err := tx.document(doc, false)
	if d == nil || err != nil || d.tips[a] == nil {
		return Named{Tip: Tip{Actor: a}}, err
	}
	t := d.tips[a]
	return Named{Tip: Tip{Actor: a, Seq: t.seq, Hash: t.hash, Forked: len(d.strands[a]) > 0}, Term: t.term, Head: t.head}, nil
}

// Ended says whether an invalid change ended the feed.
func (tx *Tx) Ended(doc DocID) (bool, error) {
	d, err := tx.document(doc, false)
	return d != nil && d.ended, err
}

// After returns up to limit changes of one actor behind seq, in order. It
// never ends on a change that no seal covers, so limit must be at least
// seal.MaxRun.
func (s *Store) After(ctx context.Context, doc DocID, a wire.Actor, seq uint64, limit int) (list []Stored, err error) {
	if err := enough(limit); err != nil {
		return nil, err
	}
	if list, ok := s.recent.after(place{doc, a}, seq, limit); ok && s.usable(ctx) == nil {
		return covered(list), nil
	}
	err = s.View(ctx, func(q Querier) error {
		list, err = After(q, doc, a, seq, limit)
		return err
	})
	return list, err
}

// After is Store.After for readers of a snapshot.
func After(q Querier, doc DocID, a wire.Actor, seq uint64, limit int) ([]Stored, error) {
	if err := enough(limit); err != nil {
		return nil, err
	}
	rows, err := q.Query(`SELECT seq, hash, seal, chunk FROM change
		WHERE doc = (SELECT n FROM doc WHERE id = ?) AND actor = (SELECT n FROM actor WHERE id = ?) AND seq > ?
		ORDER BY seq LIMIT ?`, string(doc), a[:], int64(seq), limit)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []Stored
	for rows.Next() {
		var c Stored
		if err := c.scan(rows.Scan); err != nil {
			return nil, err
		}
		list = append(list, c)
	}
	return covered(list), rows.Err()
}

func enough(limit int) error {
	if limit < seal.MaxRun {
		return fmt.Errorf("store: After with limit %d, below %d", limit, seal.MaxRun)
	}
	return nil
}

// covered drops changes at the end that no seal speaks for.
func covered(list []Stored) []Stored {
	for len(list) > 0 && list[len(list)-1].Seal == nil {
		list = list[:len(list)-1]
	}
	return list
}

// scan reads seq, hash, seal, chunk, and what else dest names behind them.
func (c *Stored) scan(scan func(...any) error, dest ...any) error {
	var hash, sig, chunk []byte
	if err := scan(append([]any{&c.Seq, &hash, &sig, &chunk}, dest...)...); err != nil {
		return err
	}
	if len(hash) != len(c.Hash) {
		return fmt.Errorf("%w: hash", ErrCorrupt)
	}
	c.Hash, c.Chunk = wire.Hash(hash), chunk
	return c.setSeal(sig)
}

func (c *Stored) setSeal(b []byte) error {
	if b == nil {
		return nil
	}
	if len(b) != len(seal.Seal{}) {
		return fmt.Errorf("%w: seal", ErrCorrupt)
	}
	sig := seal.Seal(b)
	c.Seal = &sig
	return nil
}

// Placed is a change with its place.
type Placed struct {
	Doc   DocID
	Actor wire.Actor
	Stored
}

// Change finds a change by its hash.
func (s *Store) Change(ctx context.Context, h wire.Hash) (p Placed, found bool, err error) {
	err = s.View(ctx, func(q Querier) error {
		p, found, err = Change(q, h)
		return err
	})
	return p, found, err
}

// Change finds a change by its hash.
func Change(q Querier, h wire.Hash) (p Placed, found bool, err error) {
	return placed(q, "change.tag = ? AND change.hash = ?", tag(h), h[:])
}

// Lookup finds a change by its hash in whichever history; beside: not in its feed's first one.
func Lookup(q Querier, h wire.Hash) (p Placed, beside, found bool, err error) {
	if p, found, err = Change(q, h); err == nil && !found {
		p, found, err = BranchChange(q, h)
		beside = found
	}
	return p, beside, found, err
}

// At finds change seq of an actor in a document.
func At(q Querier, doc DocID, a wire.Actor, seq uint64) (p Placed, found bool, err error) {
	return placed(q, `change.doc = (SELECT n FROM doc WHERE id = ?) AND change.actor = (SELECT n FROM actor WHERE id = ?)
		AND change.seq = ?`, string(doc), a[:], int64(seq))
}

// FirstTip returns the last change of an author's first history in a document; Seq is 0
// if there is none.
func FirstTip(q Querier, doc DocID, a wire.Actor) (Tip, error) {
	t := Tip{Actor: a}
	var hash []byte
	err := q.QueryRow(`SELECT seq, hash FROM tip WHERE doc = (SELECT n FROM doc WHERE id = ?)
		AND actor = (SELECT n FROM actor WHERE id = ?)`, string(doc), a[:]).Scan(&t.Seq, &hash)
	if errors.Is(err, sql.ErrNoRows) {
		return t, nil
	}
	copy(t.Hash[:], hash)
	return t, err
}

// HoldsBy tells whether a document holds an author's change, in whichever of its histories.
func HoldsBy(q Querier, doc DocID, a wire.Actor, hash []byte) (bool, error) {
	if len(hash) != len(wire.Hash{}) {
		return false, nil
	}
	p, _, found, err := Lookup(q, wire.Hash(hash))
	return found && p.Doc == doc && p.Actor == a, err
}

func placed(q Querier, where string, args ...any) (p Placed, found bool, err error) {
	var actor []byte
	row := q.QueryRow(`SELECT change.seq, change.hash, change.seal, change.chunk, doc.id, actor.id
		FROM change JOIN doc ON doc.n = change.doc JOIN actor ON actor.n = change.actor WHERE `+where, args...)
	err = p.scan(row.Scan, &p.Doc, &actor)
	if errors.Is(err, sql.ErrNoRows) {
		return p, false, nil
	}
	if err == nil {
		p.Actor, _, err = splitActor(actor)
	}
	return p, err == nil, err
}

// Each calls fn with all changes of a document in the order in which this
// device accepted them; dependencies come first.
func Each(q Querier, doc DocID, fn func(wire.Actor, Stored) error) error {
	rows, err := q.Query(`SELECT change.seq, change.hash, change.seal, change.chunk, actor.id
		FROM change JOIN actor ON actor.n = change.actor
		WHERE change.doc = (SELECT n FROM doc WHERE id = ?) ORDER BY change.n`, string(doc))
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var c Stored
		var actor []byte
		if err := c.scan(rows.Scan, &actor); err != nil {
			return err
		}
		a, _, err := splitActor(actor)
		if err != nil {
			return err
		}
		if err := fn(a, c); err != nil {
			return err
		}
	}
	return rows.Err()
}

// Counts returns figures for screens.
func (s *Store) Counts(ctx context.Context) (c Counts, err error) {
	err = s.View(ctx, func(q Querier) error {
		return q.QueryRow(`SELECT (SELECT count(*) FROM doc WHERE changes > 0), (SELECT coalesce(sum(changes), 0) FROM doc),
			(SELECT count(*) FROM waiting), (SELECT count(*) FROM quarantine), (SELECT count(*) FROM branch) +
			(SELECT count(*) FROM tip JOIN change ON change.doc = tip.doc AND change.actor = tip.actor
				WHERE tip.actor IN (SELECT n FROM actor WHERE length(id) > 16)),
			(SELECT count(*) FROM ended)`).Scan(&c.Docs, &c.Changes, &c.Waiting, &c.Quarantined, &c.Branches, &c.Ended)
	})
	return c, err
}
