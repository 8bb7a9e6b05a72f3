package wire

// Column numbers of the operations of a change, as Automerge defines them.
// What our shape has no use for (objects, list positions, marks) is missing
// here and refused.
const (
	colKey         = 0x15 // strings, run-length encoded
	colInsert      = 0x34 // booleans; ours are all false
	colAction      = 0x42
	colValueMeta   = 0x56 // length << 4 | Kind
	colValue       = 0x57
	colPredCount   = 0x70
	colPredActor   = 0x71 // 0 the author, then the other actors from 1
	colPredCounter = 0x73 // differences
)

// colOrder lists the columns in the order in which a change has them.
var colOrder = [...]uint64{colKey, colInsert, colAction, colValueMeta, colValue, colPredCount, colPredActor, colPredCounter}

// maxColumns is more than Automerge has, so that a change of another shape is
// refused for its shape.
const maxColumns = 32

// Positions in colOrder.
const (
	atKey = iota
	atInsert
	atAction
	atValueMeta
	atValue
	atPredCount
	atPredActor
	atPredCounter
)

// columns holds the bytes of each column in colOrder; empty ones are left out
// of a change.
type columns [len(colOrder)][]byte

// Actions of operations.
const (
	actionSet    = 1
	actionDelete = 3
)

// Value metadata: the lower bits are the Kind.
const (
	kindBits = 4
	kindMask = 1<<kindBits - 1
)

// columns reads the list of columns and parts the rest of the bytes.
func (r *reader) columns() (cols columns) {
	var sizes [len(colOrder)]int
	next := 0
	for range r.count(maxColumns, "columns") {
		spec := r.uleb()
		for next < len(colOrder) && colOrder[next] < spec {
			next++
		}
		if next == len(colOrder) || colOrder[next] != spec {
			r.fail(ErrShape, "a column that our shape has not, or in disorder")
			return cols
		}
		sizes[next] = r.count(MaxChunk, "column")
		if sizes[next] == 0 {
			r.fail(ErrCanonical, "an empty column")
			return cols
		}
		next++
	}
	for i, n := range sizes {
		cols[i] = r.take(n)
	}
	if r.left() > 0 {
		r.fail(ErrShape, "bytes behind the columns")
	}
	return cols
}
