package wire

import (
	"crypto/sha256"
	"unicode/utf8"
)

// The header of a chunk: magic, checksum, type, length.
const (
	magic        = "\x85\x6f\x4a\x83"
	checksumAt   = len(magic)
	typeAt       = checksumAt + 4
	lengthAt     = typeAt + 1
	typeDocument = 0
	typeChange   = 1
	typeDeflated = 2
)

// actorStride is what one of the other actors takes up: its length, its bytes.
const actorStride = 1 + len(Actor{})

// Head is what a chunk says before its operations are looked at.
type Head struct {
	Hash    Hash
	Actor   Actor
	Seq     uint64
	StartOp uint64
	Time    int64 // milliseconds
	Message string
	Deps    []Hash // ascending
}

// Peek checks a chunk's size, header, checksum and metadata, and computes its
// hash, but does not look at the columns. Errors: ErrTooLarge, ErrChecksum,
// ErrMalformed, ErrCanonical, ErrShape.
func Peek(chunk []byte) (Head, error) {
	body, hash, err := open(chunk)
	if err != nil {
		return Head{}, err
	}
	r := reader{b: body}
	h := r.head()
	h.Hash = hash
	if r.err != nil {
		return Head{}, r.err
	}
	return h, nil
}

// open checks the header of a chunk of type 1 and returns its contents.
func open(chunk []byte) ([]byte, Hash, error) {
	if len(chunk) > MaxChunk {
		return nil, Hash{}, refuse(ErrTooLarge, "chunk")
	}
	kind, body, rest, err := cut(chunk)
	switch {
	case err != nil:
		return nil, Hash{}, err
	case len(rest) > 0:
		return nil, Hash{}, refuse(ErrMalformed, "bytes behind the chunk")
	case kind != typeChange:
		return nil, Hash{}, refuse(ErrShape, "chunk type")
	}
	hash := Hash(sha256.Sum256(chunk[typeAt:]))
	if !sumFits(chunk, hash) {
		return nil, Hash{}, refuse(ErrChecksum, "chunk")
	}
	return body, hash, nil
}

// cut parts the first chunk's contents from what follows the chunk.
func cut(b []byte) (kind byte, body, rest []byte, err error) {
	if len(b) <= lengthAt {
		return 0, nil, nil, refuse(ErrMalformed, "shorter than a header")
	}
	if string(b[:checksumAt]) != magic {
		return 0, nil, nil, refuse(ErrMalformed, "no Automerge chunk")
	}
	r := reader{b: b, i: lengthAt}
	n := r.uleb()
	if r.err == nil && n > uint64(r.left()) {
		r.fail(ErrMalformed, "chunk is cut off")
	}
	if r.err != nil {
		return 0, nil, nil, r.err
	}
	end := r.i + int(n)
	return b[typeAt], b[r.i:end:end], b[end:], nil
}

// sumFits compares a chunk's checksum with the hash it is taken from.
func sumFits(chunk []byte, hash Hash) bool {
	return string(chunk[checksumAt:typeAt]) == string(hash[:typeAt-checksumAt])
}

// head reads the metadata in front of the other actors.
func (r *reader) head() (h Head) {
	h.Deps = r.deps()
	h.Actor = r.actor()
	h.Seq = r.counter("sequence number")
	h.StartOp = r.counter("start counter")
	h.Time = r.sleb()
	h.Message = r.text(r.count(MaxMessage, "message"))
	if !utf8.ValidString(h.Message) {
		r.fail(ErrMalformed, "message is not UTF-8")
	}
	return h
}

func (r *reader) deps() []Hash {
	raw := r.take(len(Hash{}) * r.count(MaxDeps, "dependencies"))
	if len(raw) == 0 {
		return nil
	}
	deps := make([]Hash, len(raw)/len(Hash{}))
	for i := range deps {
		deps[i] = Hash(raw[i*len(Hash{}):])
	}
	if !ascending(deps) {
		r.fail(ErrCanonical, "dependencies are not ascending")
	}
	return deps
}

func (r *reader) actor() Actor {
	if n := r.uleb(); r.err == nil && n != uint64(len(Actor{})) {
		r.fail(ErrShape, "actor id is not 16 bytes")
	}
	raw := r.take(len(Actor{}))
	if raw == nil {
		return Actor{}
	}
	return Actor(raw)
}

func (r *reader) counter(what string) uint64 {
	n := r.uleb()
	if r.err == nil && n == 0 {
		r.fail(ErrMalformed, what+" is zero")
	}
	if n > MaxCounter {
		r.fail(ErrTooLarge, what)
	}
	return n
}

// ascending says that every element is greater than the one before it.
func ascending[T interface{ Compare(T) int }](list []T) bool {
	for i := 1; i < len(list); i++ {
		if list[i-1].Compare(list[i]) >= 0 {
			return false
		}
	}
	return true
}
