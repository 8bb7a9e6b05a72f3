package wire

// Columns of numbers are run-length encoded: a positive count and one value, a
// negative count and that many values, or zero and a count of nulls. Our shape
// has no nulls. The canonical form has the longest runs from left to right.

// appendRLE appends the canonical form of vals; signed ones hold int64 bits.
func appendRLE(dst []byte, vals []uint64, signed bool) []byte {
	for i := 0; i < len(vals); {
		if n := equalRun(vals[i:]); n > 1 {
			dst = appendSLEB(dst, int64(n))
			dst = appendNumber(dst, vals[i], signed)
			i += n
			continue
		}
		n := literalRun(vals[i:])
		dst = appendSLEB(dst, -int64(n))
		for _, v := range vals[i : i+n] {
			dst = appendNumber(dst, v, signed)
		}
		i += n
	}
	return dst
}

func appendNumber(dst []byte, v uint64, signed bool) []byte {
	if signed {
		return appendSLEB(dst, int64(v))
	}
	return appendULEB(dst, v)
}

// equalRun counts the values that equal the first one.
func equalRun(vals []uint64) int {
	n := 1
	for n < len(vals) && vals[n] == vals[0] {
		n++
	}
	return n
}

// literalRun counts the values before the next two equal neighbours.
func literalRun(vals []uint64) int {
	n := 1
	for n < len(vals) && (n+1 == len(vals) || vals[n] != vals[n+1]) {
		n++
	}
	return n
}

// rle reads a column one value at a time, so that a run of any length costs
// nothing until somebody wants its values.
type rle struct {
	reader
	signed  bool
	run     uint64 // values still to come of the present run
	literal bool
	value   uint64
}

func openRLE(col []byte, signed bool) rle { return rle{reader: reader{b: col}, signed: signed} }

func (c *rle) next() uint64 {
	if c.run == 0 {
		c.open()
	} else if c.literal {
		c.value = c.number()
	}
	if c.err != nil {
		return 0
	}
	c.run--
	return c.value
}

// open reads the head of a run and its first value.
func (c *rle) open() {
	if c.err == nil && c.left() == 0 {
		c.fail(ErrMalformed, "a column has fewer values than there are operations")
	}
	n := c.sleb()
	switch {
	case n > 0:
		c.run, c.literal = uint64(n), false
	case n < 0:
		c.run, c.literal = -uint64(n), true
	default:
		c.fail(ErrShape, "a column holds nulls")
	}
	c.value = c.number()
}

func (c *rle) number() uint64 {
	if c.signed {
		return uint64(c.sleb())
	}
	return c.uleb()
}

// end says what is wrong with the column once all its values are read.
func (c *rle) end() error {
	if c.err == nil && (c.run > 0 || c.left() > 0) {
		c.fail(ErrMalformed, "a column has more values than there are operations")
	}
	return c.err
}
