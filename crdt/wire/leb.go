package wire

import "encoding/binary"

// lebMax is the longest LEB128 form of a 64-bit number in bytes.
const lebMax = binary.MaxVarintLen64

// appendULEB appends an unsigned LEB128 number.
func appendULEB(dst []byte, n uint64) []byte { return binary.AppendUvarint(dst, n) }

// appendSLEB appends a signed LEB128 number.
func appendSLEB(dst []byte, n int64) []byte {
	for {
		b := byte(n) & 0x7f
		n >>= 7
		if n == 0 && b&0x40 == 0 || n == -1 && b&0x40 != 0 {
			return append(dst, b)
		}
		dst = append(dst, b|0x80)
	}
}

// reader takes fields off the front of some bytes. The first thing that is
// wrong stays in err, and everything read afterwards is zero, so that callers
// check once; their loops must be bounded by counts they have checked.
type reader struct {
	b   []byte
	s   string // the same bytes as text, or empty; spares an allocation a field
	i   int
	err error
}

func (r *reader) fail(kind error, why string) {
	if r.err == nil {
		r.err = refuse(kind, why)
		r.i = len(r.b)
	}
}

func (r *reader) left() int { return len(r.b) - r.i }

// uleb reads an unsigned number in its shortest form.
func (r *reader) uleb() uint64 {
	if r.i < len(r.b) && r.b[r.i] < 0x80 {
		r.i++
		return uint64(r.b[r.i-1])
	}
	n, size := binary.Uvarint(r.b[r.i:])
	switch {
	case size == 0:
		r.fail(ErrMalformed, "a number is cut off")
		return 0
	case size < 0:
		r.fail(ErrMalformed, "a number exceeds 64 bits")
		return 0
	case size > 1 && r.b[r.i+size-1] == 0:
		r.fail(ErrCanonical, "a number is not in its shortest form")
		return 0
	}
	r.i += size
	return n
}

// sleb reads a signed number in its shortest form.
func (r *reader) sleb() int64 {
	var n int64
	for size := range min(lebMax, r.left()) {
		b := r.b[r.i+size]
		n |= int64(b&0x7f) << (7 * size)
		if b >= 0x80 {
			continue
		}
		if size == lebMax-1 && b != 0 && b != 0x7f {
			r.fail(ErrMalformed, "a number exceeds 64 bits")
			return 0
		}
		if size > 0 && redundant(r.b[r.i+size-1], b) {
			r.fail(ErrCanonical, "a number is not in its shortest form")
			return 0
		}
		r.i += size + 1
		if size < lebMax-1 && b&0x40 != 0 {
			n |= -1 << (7 * (size + 1))
		}
		return n
	}
	r.fail(ErrMalformed, "a number is cut off or exceeds 64 bits")
	return 0
}

// redundant says that last only repeats the sign that before it shows already.
func redundant(before, last byte) bool {
	return last == 0 && before&0x40 == 0 || last == 0x7f && before&0x40 != 0
}

// count reads a number that may not exceed limit.
func (r *reader) count(limit int, what string) int {
	n := r.uleb()
	if n > uint64(limit) {
		r.fail(ErrTooLarge, what)
		return 0
	}
	return int(n)
}

// take reads n bytes, which stay shared with the input.
func (r *reader) take(n int) []byte {
	if n > r.left() {
		r.fail(ErrMalformed, "the bytes end too early")
		return nil
	}
	r.i += n
	return r.b[r.i-n : r.i : r.i]
}

// text reads n bytes as a string.
func (r *reader) text(n int) string {
	b := r.take(n)
	if b != nil && r.s != "" {
		return r.s[r.i-n : r.i]
	}
	return string(b)
}
