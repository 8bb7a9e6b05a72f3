// Package wire encodes, decodes and strictly checks Automerge changes of the
// one document shape that Jishan uses: a flat root map of scalars.
//
// It is pure Go and works on bytes alone. It must never know what a document
// means, who may write it, or where it is stored: those are the business of
// seal, store and admit. Start reading at [Decode].
//
// The format is Automerge's published one ("Automerge binary format
// specification"): every chunk that Encode makes loads in any Automerge tool,
// and every chunk that Decode accepts encodes again to the very same bytes.
package wire

import (
	"bytes"
	"encoding/hex"
)

// Actor is an Automerge actor id. In Jishan it is always an incarnation id:
// exactly 16 bytes.
type Actor [16]byte

// String returns the actor in lower-case hexadecimal, as Automerge prints it.
func (a Actor) String() string { return hex.EncodeToString(a[:]) }

// Compare orders actors as Automerge does: bytewise.
func (a Actor) Compare(b Actor) int { return bytes.Compare(a[:], b[:]) }

// Hash is a change hash: the SHA-256 over the chunk's type, length and
// contents.
type Hash [32]byte

// String returns the hash in lower-case hexadecimal.
func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// Compare orders hashes bytewise.
func (h Hash) Compare(b Hash) int { return bytes.Compare(h[:], b[:]) }

// OpID names an operation: the operation counter and its author.
type OpID struct {
	Counter uint64
	Actor   Actor
}

// Compare orders operation ids by counter, then by actor. Of the values in a
// conflict set the one with the greatest id is shown.
func (o OpID) Compare(b OpID) int {
	switch {
	case o.Counter < b.Counter:
		return -1
	case o.Counter > b.Counter:
		return 1
	}
	return o.Actor.Compare(b.Actor)
}

// Kind is the type of a scalar, with Automerge's own type numbers.
type Kind uint8

// The scalar types of our document shape. Floats, counters and unknown types
// are refused.
const (
	Null      Kind = 0
	False     Kind = 1
	True      Kind = 2
	Uint      Kind = 3
	Int       Kind = 4
	String    Kind = 6
	Bytes     Kind = 7
	Timestamp Kind = 9 // milliseconds since 1970, UTC
)

// Value is one scalar. It is comparable with ==.
type Value struct {
	Kind Kind
	Num  int64  // Int, Timestamp; Uint as well (at most 1<<63 - 1)
	Raw  string // String (valid UTF-8) and Bytes
}

// Constructors of values.
func NullValue() Value { return Value{} }

// BoolValue returns a boolean scalar.
func BoolValue(b bool) Value {
	if b {
		return Value{Kind: True}
	}
	return Value{Kind: False}
}

// IntValue returns a signed integer scalar.
func IntValue(n int64) Value { return Value{Kind: Int, Num: n} }

// StringValue returns a text scalar; s must be valid UTF-8.
func StringValue(s string) Value { return Value{Kind: String, Raw: s} }

// BytesValue returns a byte-string scalar.
func BytesValue(b []byte) Value { return Value{Kind: Bytes, Raw: string(b)} }

// TimeValue returns a timestamp scalar of ms milliseconds since 1970, UTC.
func TimeValue(ms int64) Value { return Value{Kind: Timestamp, Num: ms} }

// Op is one operation on a key of the root map: a put, or a delete.
type Op struct {
	Key    string
	Delete bool
	Value  Value  // ignored when Delete
	Pred   []OpID // the operations that this one replaces, ascending
}

// Change is one change of a document: what one actor did in one step. The
// operation at index i has the id {StartOp + i, Actor}.
type Change struct {
	Actor   Actor
	Seq     uint64 // 1 for an actor's first change of a document
	StartOp uint64 // greatest counter of the dependencies plus one
	Time    int64  // the author's hybrid clock, milliseconds
	Message string // who, what, under which governance head
	Deps    []Hash // ascending
	Ops     []Op
}

// Chunk is a change as bytes: header, checksum, contents; chunk type 1, never
// deflated.
type Chunk []byte
