package sync

import (
	"encoding/binary"
	"unicode/utf8"
)

// Frame types: the first byte of every frame.
const (
	typeHello   byte = 1
	typeOpen    byte = 2  // space, flag, digest
	typeBuckets byte = 3  // space, 64 bucket digests
	typePrints  byte = 4  // space, last, then for each bucket: index, count, prints
	typeDocs    byte = 5  // space, last, then documents with vectors
	typeItems   byte = 6  // space, items
	typeChanges byte = 7  // document, flags, batch
	typeDone    byte = 8  // space
	typeAck     byte = 9  // so many more CHANGES frames were admitted whole
	typeTips    byte = 10 // answer to one CHANGES frame that was not: my vector
)

// reader takes a frame apart. The first error sticks; every count is bounded
// by what is left, so nothing is allocated on a lie.
type reader struct {
	b   []byte
	err error
}

func (r *reader) fail(what string) {
	if r.err == nil {
		r.err = malformed("%s", what)
	}
	r.b = nil
}

func (r *reader) byte(what string) byte {
	if len(r.b) == 0 {
		r.fail(what)
		return 0
	}
	c := r.b[0]
	r.b = r.b[1:]
	return c
}

func (r *reader) uvarint(what string) uint64 {
	n, k := binary.Uvarint(r.b)
	if k <= 0 {
		r.fail(what)
		return 0
	}
	r.b = r.b[k:]
	return n
}

// count reads a number of elements that each take at least size bytes.
func (r *reader) count(limit, size int, what string) int {
	n := r.uvarint(what)
	if r.err != nil {
		return 0
	}
	if n > uint64(limit) || n > uint64(len(r.b)/max(size, 1)) {
		r.fail(what + ": count")
		return 0
	}
	return int(n)
}

func (r *reader) take(n int, what string) []byte {
	if n < 0 || n > len(r.b) {
		r.fail(what)
		return nil
	}
	b := r.b[:n:n]
	r.b = r.b[n:]
	return b
}

func (r *reader) text(limit int, what string) string {
	s := string(r.take(r.count(limit, 1, what), what))
	if !utf8.ValidString(s) {
		r.fail(what)
		return ""
	}
	return s
}

// end reports the first error, or bytes that nobody asked for.
func (r *reader) end() error {
	if r.err == nil && len(r.b) > 0 {
		return malformed("%d bytes too many", len(r.b))
	}
	return r.err
}

func appendText(b []byte, s string) []byte {
	b = binary.AppendUvarint(b, uint64(len(s)))
	return append(b, s...)
}
