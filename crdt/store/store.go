// Package store keeps documents on disk: one SQLite database with the changes
// (the only truth) and everything derived from them: vectors, registers, the
// operation index, digests, and the projections of the rooms above. All that
// belongs to one step is one transaction.
//
// It must never know a role, a community's rules or a network, and it verifies
// nothing that came from outside: that is package admit, and only admit hands
// it foreign changes. Start reading at [Store.Update] for writing,
// [Store.View] for reading and schema.sql for the tables.
package store

import (
	"database/sql"
	"errors"
	"io"

	"jishan/crdt/seal"
	"jishan/crdt/wire"
)

// Errors that callers tell apart.
var (
	// ErrInUse: another process has the data folder open.
	ErrInUse = errors.New("store: the data folder is in use by another process")
	// ErrNewerFormat: a newer program wrote the database or its lock file.
	ErrNewerFormat = errors.New("store: the data folder was written by a newer version")
	// ErrNewIncarnation: the database is not the one that this incarnation
	// wrote last (a restored backup, a copy, another machine). The caller
	// makes a new incarnation, holding nothing, and opens again.
	ErrNewIncarnation = errors.New("store: a new incarnation is needed")
	// ErrStopped: the disk failed; nothing is acknowledged until the store is
	// opened again. It wraps the reason.
	ErrStopped = errors.New("store: stopped after a disk error")
	// ErrCorrupt: the database holds other bytes than were written.
	ErrCorrupt = errors.New("store: the database is damaged")
	// ErrForked: this incarnation was seen to have two histories; it must not
	// write any more.
	ErrForked = errors.New("store: this incarnation is forked")
	// ErrPartFull: the feed part holds MaxPart changes; its author goes on in
	// the next part.
	ErrPartFull = errors.New("store: the feed part is full")
	// ErrNotWriter: the feed belongs to another incarnation.
	ErrNotWriter = errors.New("store: the feed belongs to another incarnation")
	// ErrShape: an operation of the other document shape.
	ErrShape = errors.New("store: wrong document shape")
	// ErrEnded: the feed was ended by an invalid change.
	ErrEnded = errors.New("store: the feed has ended")
	// ErrReadOnly: the store was opened without an incarnation.
	ErrReadOnly = errors.New("store: opened without an incarnation")
)

// DocID names a document: "<community>.<epoch>/<path>".
type DocID string

// Shape is how a document is built.
type Shape uint8

// The two shapes.
const (
	Feed    Shape = 1 // single writer, linear, one op per change
	Records Shape = 2 // many writers, flat fields with conflict sets
)

// Config opens a store.
type Config struct {
	Path        string                     // the database file, e.g. .../jishan.db
	Clock       func() int64               // milliseconds since 1970
	Rand        io.Reader                  // for identifiers of this database
	Incarnation *seal.Incarnation          // nil: nothing can be authored
	Lock        *seal.LockFile             // required with Incarnation
	Projectors  []Projector                // in the order in which they run
	Shape       func(DocID) (Shape, error) // required
	Look        func(Querier) error        // asked before anything is written, of an empty database too; its error refuses it
}

// Querier reads one consistent state of the database. Statements are prepared
// once and kept.
type Querier interface {
	Query(query string, args ...any) (*sql.Rows, error)
	QueryRow(query string, args ...any) *sql.Row
}

// Author says who writes. Context returns the governance head to name; its
// Operator and Action are filled in. It is asked for every change.
type Author struct {
	Operator string
	Context  func(*Tx) (seal.Context, error)
}

// Put is one field to write: a value, or its removal.
type Put struct {
	Key    string
	Value  wire.Value
	Delete bool
}

// Ref names one change of a feed.
type Ref struct {
	Doc  DocID
	Seq  uint64
	Hash wire.Hash
}

// Field is one value of a key with the operation that put it.
type Field struct {
	Op    wire.OpID
	Value wire.Value
}

// Moved is a key that a change touched with its conflict set afterwards, shown
// value first; none when the key is gone.
type Moved struct {
	Key    string
	Fields []Field
}

// Event is one change as projections see it.
type Event struct {
	Doc     DocID
	Shape   Shape
	Change  *wire.Change
	Hash    wire.Hash
	Context seal.Context
	Moved   []Moved // records only
	Local   bool    // written here, by this incarnation
}

// Projector turns changes into rows. Its tables hold nothing that can't be had
// again by replaying the changes in their local order.
type Projector interface {
	Name() string   // lower-case word; prefix of its tables
	Version() int   // raised whenever schema or meaning change: leads to a rebuild
	Schema() string // DDL; all tables and indices named <name>_...
	Wants(DocID) bool
	Apply(tx *Tx, ev Event) error // an error undoes the whole transaction
}

// Commit says what a transaction changed.
type Commit struct {
	Docs  []DocID
	Sets  []string
	Local bool // authored here
}

// Tip is how far a document's vector goes for one actor.
type Tip struct {
	Actor wire.Actor
	Seq   uint64
	Hash  wire.Hash

	// Forked: Actor has several histories here. Seq then counts all changes that
	// are held of it, and Hash is over the ends of the histories.
	Forked bool
}

// Stored is one change as it lies in the database.
type Stored struct {
	Seq  uint64
	Hash wire.Hash
	seal.Sealed
}

// DocInfo is one document of the list.
type DocInfo struct {
	ID      DocID
	Shape   Shape
	Digest  [32]byte
	Changes uint64
}

// Item is one element of a set that travels beside the documents. Gone beats
// present; of two blobs with one id the bytewise smaller one stays.
type Item struct {
	ID   [32]byte
	Blob []byte
	Gone bool
}

// The sets that the store itself knows.
const (
	SetIncarnation = "incarnation" // seal.Certificate, by Certificate.ID
	SetFork        = "fork"        // seal.ForkProof, by ForkProof.ID
)

// SetBuckets is the number of buckets of a set; an item's bucket is the first
// byte of its id.
const SetBuckets = 256

// Refusal is one row of the quarantine.
type Refusal struct {
	Doc    DocID
	Actor  wire.Actor
	Seq    uint64
	Hash   wire.Hash
	From   string // device id, or "bundle"
	At     int64  // milliseconds
	Times  int
	Final  bool // sealed by its author and wrong for ever
	Reason string
}

// Waiting is one change in the waiting room.
type Waiting struct {
	Doc    DocID
	Actor  wire.Actor
	Seq    uint64
	Hash   wire.Hash
	From   string
	At     int64
	Reason string
	seal.Sealed
}

// Counts are figures for screens.
type Counts struct {
	Docs, Changes, Waiting, Quarantined, Branches, Ended int
}
