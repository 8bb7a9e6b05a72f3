package sync

import (
	"errors"
	"fmt"
)

// Version is the protocol's major version: sides with different ones can't
// talk. Minor counts additions that an older side may skip.
const (
	Version = 1
	Minor   = 0
)

// Limits on what a peer can make us hold or do.
const (
	// MaxFrame bounds a frame: the link's limit is the same.
	MaxFrame = 1 << 20
	// batchBytes is where a batch of changes is cut: large enough to compress
	// and to write in one transaction, small enough to interleave with pushes.
	batchBytes = 512 << 10
	// maxPayload bounds a batch before compression. A run of changes under one
	// seal is never torn, so a batch may exceed batchBytes.
	maxPayload = MaxFrame - 4096
	// maxBatch bounds the changes of one batch, maxItems the items of one
	// ITEMS frame.
	maxBatch = 4096
	maxItems = 4096
	// runBytes is where the sender puts a seal although 64 changes are not
	// full, so that no run comes near maxPayload.
	runBytes = 64 << 10
	// window bounds what may be under way unacknowledged.
	window = 4 * batchBytes
	// maxDocID bounds a document id, maxTips a document's vector in a frame.
	maxDocID = 256
	maxTips  = 4096
	// maxAliases bounds the documents that a peer may name in one session:
	// 1,000 members' feeds for years.
	maxAliases = 1 << 17
	// maxPrints bounds the elements that a peer may claim in a space.
	maxPrints = 1 << 20
	// maxBlob bounds an item of a set: the greatest is a fork proof.
	maxBlob = 960 << 10
	// maxRefused ends a session: an honest peer passes on only what it has
	// admitted itself, and so would we.
	maxRefused = 256
	// Fruitless frames are allowed in bursts (two peers may bring the same) and
	// then at a rate a second; a flood ends the session.
	wasteBurst = 4096
	wasteRate  = 20
	// A whole round that brings this side nothing counts as much: it may have
	// made us read and send everything.
	fruitlessRound = 32
	// maxFormats bounds the format versions in a hello.
	maxFormats = 32
)

// Why a session ended. All are wrapped with details; ErrNewer's text is fit for
// a log or a screen.
var (
	ErrNewer     = errors.New("sync: the other device runs a newer version of the program that this one can't talk to; update this device")
	ErrOlder     = errors.New("sync: the other device runs an older version of the program that this one can't talk to; update that device")
	ErrCommunity = errors.New("sync: the other device belongs to another community")
	ErrMalformed = errors.New("sync: malformed frame")
	ErrTooLarge  = errors.New("sync: a frame, a count or a batch beyond the limits")
	ErrOrder     = errors.New("sync: a frame that does not belong here")
	ErrRefused   = errors.New("sync: too many refused changes or items")
	ErrFlood     = errors.New("sync: too many frames that bring nothing")
	ErrClosed    = errors.New("sync: the session is closed")
)

// StoreError is a failure of this device's own store or admission: not the
// peer's fault.
type StoreError struct{ Err error }

func (e *StoreError) Error() string { return "sync: store: " + e.Err.Error() }

// Unwrap returns the store's own error.
func (e *StoreError) Unwrap() error { return e.Err }

func malformed(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{ErrMalformed}, args...)...)
}
