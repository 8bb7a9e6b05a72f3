package store

import (
	"errors"
	"fmt"
	"slices"
	"strconv"

	"jishan/crdt/seal"
	"jishan/crdt/wire"
)

// Put authors one change of a records document. Values that are shown already
// without a conflict, and removals of nothing, are dropped; if nothing is left
// there is no change and the hash is zero. Keys must differ. Errors:
// ErrReadOnly, ErrForked, ErrShape, wire's limits.
func (tx *Tx) Put(doc DocID, action string, puts ...Put) (wire.Hash, error) {
	if err := tx.mayAuthor(); err != nil {
		return wire.Hash{}, err
	}
	d, err := tx.writable(doc, Records)
	if err != nil {
		return wire.Hash{}, err
	}
	ch := &wire.Change{Actor: tx.s.self, Deps: slices.Clone(d.heads)}
	var past *Past
	if len(ch.Deps) > wire.MaxDeps {
		if past, err = tx.narrow(d, ch); err != nil {
			return wire.Hash{}, err
		}
	}
	if ch.Ops, err = tx.ops(d, puts, past); err != nil || len(ch.Ops) == 0 {
		return wire.Hash{}, err
	}
	ch.StartOp = d.greatest + 1
	if past != nil {
		ch.StartOp = past.Greatest + 1
	}
	return tx.write(d, ch, action)
}

// narrow picks dependencies when more devices worked apart than a change may
// name: the own last change and the first of the others. The next change takes
// in the rest.
func (tx *Tx) narrow(d *document, ch *wire.Change) (*Past, error) {
	deps := ch.Deps[:wire.MaxDeps-1]
	if t := d.tips[tx.s.self]; t != nil && !slices.Contains(deps, t.hash) {
		deps = append(deps, t.hash)
		slices.SortFunc(deps, wire.Hash.Compare)
	}
	ch.Deps = deps
	past, _, err := tx.Past(d.id, deps)
	return &past, err
}

// ops turns puts into operations. With a past, only what lies in it is
// replaced.
func (tx *Tx) ops(d *document, puts []Put, past *Past) ([]wire.Op, error) {
	ops := make([]wire.Op, 0, len(puts))
	for _, p := range puts {
		fields, err := tx.fields(d, p.Key)
		if err != nil {
			return nil, err
		}
		if len(fields) == 0 && p.Delete || len(fields) == 1 && !p.Delete && fields[0].Value == p.Value {
			continue
		}
		op := wire.Op{Key: p.Key, Delete: p.Delete}
		if !p.Delete {
			op.Value = p.Value
		}
		if d.masked > 0 { // what is written replaces what is hidden, too
			hidden, err := tx.registers(d, p.Key)
			if err != nil {
				return nil, err
			}
			fields = append(fields, hidden...)
			sortShown(fields)
		}
		for _, f := range slices.Backward(fields) {
			seen, err := tx.sees(d, p.Key, past, f.Op)
			if err != nil {
				return nil, err
			}
			if seen && !slices.Contains(op.Pred, f.Op) { // two histories of one author may bear one id
				op.Pred = append(op.Pred, f.Op)
			}
		}
		if op.Delete && len(op.Pred) == 0 {
			continue
		}
		ops = append(ops, op)
	}
	return ops, nil
}

func (tx *Tx) sees(d *document, key string, past *Past, id wire.OpID) (bool, error) {
	if past == nil {
		return true, nil
	}
	op, found, err := tx.Operation(d.id, key, id, *past)
	return found && op.Seen && op.Key == key, err
}

// Append authors the next change of a feed whose only writer is this
// incarnation. Errors: ErrReadOnly, ErrForked, ErrShape, ErrNotWriter,
// ErrPartFull, ErrEnded, wire's limits.
func (tx *Tx) Append(doc DocID, action string, value []byte) (Ref, error) {
	if err := tx.mayAuthor(); err != nil {
		return Ref{}, err
	}
	d, err := tx.writable(doc, Feed)
	if err != nil {
		return Ref{}, err
	}
	t := d.tips[tx.s.self]
	if t == nil && len(d.tips) > 0 {
		return Ref{}, ErrNotWriter
	}
	ch := &wire.Change{Actor: tx.s.self, StartOp: 1}
	if t != nil {
		ch.StartOp, ch.Deps = t.seq+1, []wire.Hash{t.hash}
	}
	if ch.StartOp > MaxPart {
		return Ref{}, ErrPartFull
	}
	ch.Ops = []wire.Op{{Key: FeedKey(ch.StartOp), Value: wire.BytesValue(value)}}
	h, err := tx.write(d, ch, action)
	return Ref{Doc: doc, Seq: ch.StartOp, Hash: h}, err
}

// FeedKey is the one key of change seq of a feed.
func FeedKey(seq uint64) string { return "tx/" + strconv.FormatUint(seq, 10) }

func (tx *Tx) mayAuthor() error {
	switch {
	case tx.s.cfg.Incarnation == nil:
		return ErrReadOnly
	case tx.s.lost || tx.lost:
		return fmt.Errorf("%w: its own later changes came from a peer", ErrNewIncarnation)
	case tx.author.Context == nil:
		return errors.New("store: a transaction without an author")
	case tx.s.Forked(tx.s.self):
		return ErrForked
	}
	return nil
}

// writable returns the document that is about to be written.
func (tx *Tx) writable(doc DocID, want Shape) (*document, error) {
	d, err := tx.document(doc, true)
	if err != nil {
		return nil, err
	}
	if d.shape != want {
		return nil, fmt.Errorf("%w: %s", ErrShape, doc)
	}
	if d.ended {
		return nil, ErrEnded
	}
	return d, nil
}

// write completes, encodes, seals and inserts an own change.
func (tx *Tx) write(d *document, ch *wire.Change, action string) (wire.Hash, error) {
	c, err := tx.author.Context(tx)
	if err != nil {
		return wire.Hash{}, err
	}
	c.Operator, c.Action = tx.author.Operator, action
	ch.Message = c.String()
	if len(ch.Message) > seal.MaxContext {
		return wire.Hash{}, fmt.Errorf("store: context of %d bytes", len(ch.Message))
	}
	ch.Seq, ch.Time = 1, tx.Now()
	if t := d.tips[tx.s.self]; t != nil {
		ch.Seq = t.seq + 1
	}
	chunk, h, err := ch.Encode()
	if err != nil {
		return wire.Hash{}, err
	}
	sig := tx.s.cfg.Incarnation.Seal(string(d.id), ch.Seq, h)
	if err := tx.Admit(d.id, ch, h, seal.Sealed{Chunk: chunk, Seal: &sig}, true); err != nil {
		return wire.Hash{}, err
	}
	tx.authored = append(tx.authored, h)
	return h, nil
}
