// Package admit decides whether a change from outside may enter the store. It
// is the only way in: every step of the design in order (size, header and
// checksum, own hash, seal, certificate and role, next in its actor's row,
// dependencies, start counter, operations, predecessors, form, meaning), then
// one transaction.
//
// It must never know what a document means: the Rules of the caller do. Start
// reading at [Batch], then judge.
package admit

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Limits of one batch. A sender cuts its work into batches; one that does not
// is no honest sender.
const (
	// MaxBatch changes are admitted in one transaction: the counter waits for
	// the write lock meanwhile, some 100 ms at most.
	MaxBatch = 4096
	// MaxBatchBytes bounds the chunks of a batch together.
	MaxBatchBytes = 16 << 20
)

// Errors of a whole batch.
var (
	// ErrTooMuch: the batch exceeds a limit.
	ErrTooMuch = errors.New("admit: batch too large")
	// ErrDocument: there can't be such a document here.
	ErrDocument = errors.New("admit: no such document")
)

// Rules are what the layers above know about a change. All of them only read.
// Each may return Wait("reason"): the change then waits until Retry. An error
// for which store.Internal holds (of the database, of the context) gives the
// batch up; any other is a verdict.
type Rules interface {
	// Shape says how the document is built; an error refuses the document.
	Shape(doc store.DocID) (store.Shape, error)
	// HeadKnown says whether the governance head that the change names is
	// known here; while it is not, the change waits.
	HeadKnown(tx *store.Tx, c seal.Context) (bool, error)
	// Authority says whether the device may write this document under the
	// named head. Its answer may depend on nothing else.
	Authority(tx *store.Tx, doc store.DocID, device [32]byte, c seal.Context) error
	// Form checks keys, types and sizes. For a feed, an error ends the feed.
	Form(tx *store.Tx, doc store.DocID, device [32]byte, ch *wire.Change) error
	// Subject checks meaning. For a feed, an error ends the feed there.
	Subject(tx *store.Tx, doc store.DocID, ch *wire.Change, h wire.Hash, c seal.Context) error
}

// Result counts what became of a batch's changes.
type Result struct {
	Admitted int
	Known    int // already here, or twice in the batch
	Waiting  int
	Refused  int // quarantined
	Forked   int // kept as a branch beside a feed
	Released int // admitted from the waiting room thanks to this batch
	Verdicts []Verdict
}

// Verdict is what became of one change; in the order of the batch.
type Verdict struct {
	Hash   wire.Hash
	Status Status
	Reason string // of waiting and refusal
}

// Status of a change after a batch.
type Status uint8

// The statuses.
const (
	Admitted Status = 1 + iota
	Known
	Waits
	Refused
	Forked
)

// waitError is returned by Rules for a change that must wait.
type waitError struct{ reason string }

func (w *waitError) Error() string { return "admit: waits: " + w.reason }

// Wait returns the error by which Rules say that a change can't be judged yet.
func Wait(reason string) error { return &waitError{reason} }

// Batch judges the changes of one document that came from a peer (its device
// id, or "bundle") and stores what passes, in one transaction. What fails is
// quarantined, what can't be judged yet waits; both are told in the result.
// Errors: ErrTooMuch, ErrDocument, the store's. Of a batch with an error
// nothing is kept.
func Batch(ctx context.Context, st *store.Store, r Rules, from string, doc store.DocID, items []seal.Sealed) (Result, error) {
	shape, err := check(r, doc, items)
	if err != nil {
		return Result{}, err
	}
	all := parse(from, items)
	here, sure := knownOf(st, doc, all)
	if !sure {
		err = st.View(ctx, func(q store.Querier) error { here, err = known(q, doc, all); return err })
		if err != nil {
			return Result{}, err
		}
	}
	if here {
		return allKnown(all), nil
	}
	pieces := distinct(all, shape)
	certs, err := st.Certificates(ctx, authors(pieces)...)
	if err != nil {
		return Result{}, err
	}
	prove(doc, shape, pieces, certs)
	var res Result
	err = st.Update(ctx, store.Author{}, func(tx *store.Tx) error {
		d := newDesk(tx, r, doc, shape)
		if err := d.work(pieces); err != nil {
			return err
		}
		var released []*piece
		if d.moved {
			if released, err = d.release(); err != nil {
				return err
			}
		}
		res = d.result(all, released)
		return nil
	})
	if err != nil {
		return Result{}, err
	}
	return res, nil
}

// known tells whether a batch brings nothing new, as most of what comes in does
// where many devices pass on the same. Looking from the end finds what is new at
// once.
func known(q store.Querier, doc store.DocID, all []*piece) (bool, error) {
	for _, p := range slices.Backward(all) {
		if p.bad != "" {
			return false, nil
		}
		have, found, err := store.At(q, doc, p.head.Actor, p.head.Seq)
		if err != nil || !found || have.Hash != p.head.Hash {
			return false, err
		}
	}
	return len(all) > 0, nil
}

// knownOf is known for what the store has in memory; not sure where a batch goes
// back further.
func knownOf(st *store.Store, doc store.DocID, all []*piece) (here, sure bool) {
	for _, p := range slices.Backward(all) {
		if p.bad != "" {
			return false, true
		}
		if here, sure = st.Recent(doc, p.head.Actor, p.head.Seq, p.head.Hash); !here {
			return false, sure
		}
	}
	return len(all) > 0, true
}

func allKnown(all []*piece) Result {
	res := Result{Known: len(all)}
	for _, p := range all {
		res.Verdicts = append(res.Verdicts, Verdict{Hash: p.head.Hash, Status: Known})
	}
	return res
}

func check(r Rules, doc store.DocID, items []seal.Sealed) (store.Shape, error) {
	size := 0
	for _, s := range items {
		size += len(s.Chunk)
	}
	if len(items) > MaxBatch || size > MaxBatchBytes {
		return 0, fmt.Errorf("%w: %d changes, %d bytes", ErrTooMuch, len(items), size)
	}
	if _, _, _, err := doc.Parts(); err != nil {
		return 0, fmt.Errorf("%w: %w", ErrDocument, err)
	}
	shape, err := r.Shape(doc)
	if err != nil {
		return 0, fmt.Errorf("%w: %w", ErrDocument, err)
	}
	return shape, nil
}

// Retry judges the waiting room again, after governance, certificates or
// documents have moved on, and returns how many changes were admitted.
func Retry(ctx context.Context, st *store.Store, r Rules) (int, error) {
	total := 0
	for {
		docs, err := st.WaitingDocs(ctx)
		if err != nil {
			return total, err
		}
		n := 0
		for _, doc := range docs {
			k, err := retry(ctx, st, r, doc)
			if err != nil {
				return total + n, err
			}
			n += k
		}
		if total += n; n == 0 {
			return total, nil
		}
	}
}

func retry(ctx context.Context, st *store.Store, r Rules, doc store.DocID) (n int, err error) {
	shape, err := r.Shape(doc)
	if err != nil {
		return 0, nil // may be known in a later version
	}
	err = st.Update(ctx, store.Author{}, func(tx *store.Tx) error {
		d := newDesk(tx, r, doc, shape)
		released, err := d.release()
		n = len(released)
		return err
	})
	return n, err
}
