// Package admit decides whether a change from outside may enter the store. It
// is the only way in: every step of design section 4 in order, then one
// transaction.
//
// It must never know what a document means: the Rules of the caller do. Start
// reading at [Batch].
package admit

import (
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Rules are what the layers above know about a change. All of them only read.
// Each may return Wait("reason"): the change then waits until Retry.
type Rules interface {
	// Shape says how the document is built; an error refuses the document.
	Shape(doc store.DocID) (store.Shape, error)
	// HeadKnown says whether the governance head that the change names is
	// known here; while it is not, the change waits.
	HeadKnown(tx *store.Tx, c seal.Context) (bool, error)
	// Authority says whether the device may write this document under the
	// named head.
	Authority(tx *store.Tx, doc store.DocID, device [32]byte, c seal.Context) error
	// Form checks keys, types and sizes.
	Form(tx *store.Tx, doc store.DocID, device [32]byte, ch *wire.Change) error
	// Subject checks meaning. For a feed, an error ends the feed there.
	Subject(tx *store.Tx, doc store.DocID, ch *wire.Change, h wire.Hash, c seal.Context) error
}

// Result counts what became of a batch's changes.
type Result struct {
	Admitted int
	Known    int // already here
	Waiting  int
	Refused  int // quarantined
	Forked   int // kept as the other branch of a fork
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
