package wire

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"errors"
	"runtime"
	"testing"
)

// repair gives a chunk whose contents were tampered with a checksum that fits,
// as an attacker would.
func repair(chunk []byte) []byte {
	if len(chunk) > typeAt {
		sum := sha256.Sum256(chunk[typeAt:])
		copy(chunk[checksumAt:typeAt], sum[:])
	}
	return chunk
}

func deflated(t testing.TB, chunk Chunk) []byte {
	t.Helper()
	_, body, _, err := cut(chunk)
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	w, _ := flate.NewWriter(&b, flate.BestCompression)
	w.Write(body)
	w.Close()
	out := append([]byte(nil), chunk[:typeAt]...)
	out = appendULEB(append(out, typeDeflated), uint64(b.Len()))
	return append(out, b.Bytes()...)
}

// raw is a change taken apart, to be put together wrongly.
type raw struct {
	head  []byte // up to the other actors
	specs []uint64
	cols  [][]byte
	tail  []byte
}

// baseRaw is a correct change: a put of 5 that replaces one operation of the
// other actor, and a delete of one of the author's own.
func baseRaw() raw {
	head := []byte{0, 16}
	a, b := someActor(7), someActor(9)
	head = append(head, a[:]...)
	head = append(head, 2, 10, 0, 0, 1, 16)
	head = append(head, b[:]...)
	return raw{head: head, specs: append([]uint64(nil), colOrder[:]...), cols: [][]byte{
		{0x7e, 1, 'a', 1, 'b'}, // keys
		{2},                    // inserts
		{0x7e, 1, 3},           // actions
		{0x7e, 0x14, 0},        // value metadata: one byte, int
		{5},                    // values
		{2, 1},                 // predecessor counts
		{0x7e, 1, 0},           // predecessor actors
		{0x7e, 4, 2},           // predecessor counters: 4, 6
	}}
}

func (r raw) chunk() []byte {
	body := append([]byte(nil), r.head...)
	body = appendULEB(body, uint64(len(r.specs)))
	for i, spec := range r.specs {
		body = appendULEB(body, spec)
		body = appendULEB(body, uint64(len(r.cols[i])))
	}
	for _, col := range r.cols {
		body = append(body, col...)
	}
	chunk, _ := seal(append(body, r.tail...))
	return chunk
}

func TestBaseRawIsAccepted(t *testing.T) {
	c, _, err := Decode(baseRaw().chunk())
	if err != nil {
		t.Fatal(err)
	}
	want := &Change{Actor: someActor(7), Seq: 2, StartOp: 10, Ops: []Op{
		{Key: "a", Value: IntValue(5), Pred: []OpID{{4, someActor(9)}}},
		{Key: "b", Delete: true, Pred: []OpID{{6, someActor(7)}}},
	}}
	if !sameChange(c, want) {
		t.Errorf("%+v", c)
	}
}

// Every way to write columns wrongly, with a right checksum.
func TestDecodeRefusesColumns(t *testing.T) {
	col := func(at int, b ...byte) func(*raw) {
		return func(r *raw) { r.cols[at] = b }
	}
	without := func(at int) func(*raw) {
		return func(r *raw) {
			r.specs = append(r.specs[:at], r.specs[at+1:]...)
			r.cols = append(r.cols[:at], r.cols[at+1:]...)
		}
	}
	with := func(at int, spec uint64, b ...byte) func(*raw) {
		return func(r *raw) {
			r.specs = append(r.specs[:at], append([]uint64{spec}, r.specs[at:]...)...)
			r.cols = append(r.cols[:at], append([][]byte{b}, r.cols[at:]...)...)
		}
	}
	for _, tc := range []struct {
		name string
		want error
		edit func(*raw)
	}{
		{"bytes behind the columns", ErrShape, func(r *raw) { r.tail = []byte{0} }},
		{"object columns", ErrShape, func(r *raw) { with(0, 0x02, 0x02, 1)(r); with(0, 0x01, 0x02, 0)(r) }},
		{"list position actor", ErrShape, with(0, 0x11, 0x02, 0)},
		{"list position counter", ErrShape, with(0, 0x13, 0x02, 0)},
		{"expand column", ErrShape, with(8, 0x94, 2)},
		{"mark name column", ErrShape, with(8, 0xa5, 0x7f, 1, 'm')},
		{"unknown column", ErrShape, with(6, 0x62, 0x02, 0)},
		{"deflated column", ErrShape, func(r *raw) { r.specs[0] |= 8 }},
		{"columns in disorder", ErrShape, func(r *raw) { r.specs[0], r.specs[1] = r.specs[1], r.specs[0] }},
		{"column twice", ErrShape, func(r *raw) { r.specs[1] = r.specs[0] }},
		{"empty column", ErrCanonical, func(r *raw) { r.cols[0] = nil }},
		{"many columns", ErrTooLarge, func(r *raw) {
			for range maxColumns {
				with(0, 1, 1)(r)
			}
		}},

		{"no keys", ErrMalformed, without(atKey)},
		{"key run", ErrShape, col(atKey, 2, 1, 'a')},
		{"null keys", ErrShape, col(atKey, 0, 2)},
		{"key twice", ErrShape, col(atKey, 0x7e, 1, 'a', 1, 'a')},
		{"empty key", ErrShape, col(atKey, 0x7e, 0, 1, 'a')},
		{"key not UTF-8", ErrMalformed, col(atKey, 0x7e, 1, 0xff, 1, 'a')},
		{"keys in two runs", ErrCanonical, col(atKey, 0x7f, 1, 'a', 0x7f, 1, 'b')},
		{"keys cut off", ErrMalformed, col(atKey, 0x7e, 1, 'a', 2, 'b')},
		{"fewer keys", ErrMalformed, col(atKey, 0x7d, 1, 'a', 1, 'b')},
		{"a million keys", ErrTooLarge, col(atKey, 0x80, 0x80, 0x40)},
		{"many keys in few bytes", ErrMalformed, col(atKey, 0x80, 0x70, 1, 'a')},
		{"most negative count", ErrShape, col(atKey, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f)},
		{"key length not minimal", ErrCanonical, col(atKey, 0x7e, 0x81, 0, 'a', 1, 'b')},

		{"insert", ErrShape, col(atInsert, 1, 1)},
		{"insert first", ErrShape, col(atInsert, 0, 2)},
		{"insert column short", ErrShape, col(atInsert, 1)},
		{"insert column long", ErrShape, col(atInsert, 3)},
		{"no insert column", ErrShape, without(atInsert)},

		{"make a map", ErrShape, col(atAction, 0x7e, 0, 3)},
		{"make a list", ErrShape, col(atAction, 0x7e, 2, 3)},
		{"make a text", ErrShape, col(atAction, 0x7e, 4, 3)},
		{"increment", ErrShape, col(atAction, 0x7e, 5, 3)},
		{"mark", ErrShape, col(atAction, 0x7e, 7, 3)},
		{"unknown action", ErrShape, col(atAction, 0x7e, 9, 3)},
		{"null action", ErrShape, col(atAction, 0, 2)},
		{"too few actions", ErrMalformed, col(atAction, 0x7f, 1)},
		{"too many actions", ErrMalformed, col(atAction, 0x7d, 1, 3, 1)},
		{"bytes behind actions", ErrMalformed, col(atAction, 0x7e, 1, 3, 0)},
		{"no actions", ErrMalformed, without(atAction)},
		{"delete with a value", ErrShape, col(atAction, 2, 3)},
		{"equal actions not as a run", ErrCanonical, func(r *raw) {
			r.cols[atAction], r.cols[atValueMeta] = []byte{0x7e, 1, 1}, []byte{0x7e, 0x14, 0}
		}},
		{"lone action as a run", ErrCanonical, col(atAction, 1, 1, 0x7f, 3)},
		{"two literal runs", ErrCanonical, col(atAction, 0x7f, 1, 0x7f, 3)},

		{"float", ErrShape, func(r *raw) {
			r.cols[atValueMeta], r.cols[atValue] = []byte{0x7e, 0x85, 1, 0}, make([]byte, 8)
		}},
		{"counter value", ErrShape, col(atValueMeta, 0x7e, 0x18, 0)},
		{"unknown value type", ErrShape, col(atValueMeta, 0x7e, 0x1a, 0)},
		{"null with bytes", ErrMalformed, col(atValueMeta, 0x7e, 0x10, 0)},
		{"true with bytes", ErrMalformed, col(atValueMeta, 0x7e, 0x12, 0)},
		{"value shorter than announced", ErrMalformed, col(atValueMeta, 0x7e, 0x24, 0)},
		{"value longer than announced", ErrMalformed, col(atValue, 0x85, 1)},
		{"number not minimal", ErrCanonical, func(r *raw) {
			r.cols[atValueMeta], r.cols[atValue] = []byte{0x7e, 0x24, 0}, []byte{0x85, 0}
		}},
		{"uint not minimal", ErrCanonical, func(r *raw) {
			r.cols[atValueMeta], r.cols[atValue] = []byte{0x7e, 0x23, 0}, []byte{0x85, 0}
		}},
		{"uint over 63 bits", ErrTooLarge, func(r *raw) {
			r.cols[atValueMeta] = []byte{0x7e, 0xa3, 1, 0}
			r.cols[atValue] = []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}
		}},
		{"number over 64 bits", ErrMalformed, func(r *raw) {
			r.cols[atValueMeta] = []byte{0x7e, 0xa4, 1, 0}
			r.cols[atValue] = []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2}
		}},
		{"empty number", ErrMalformed, func(r *raw) { col(atValueMeta, 0x7e, 0x04, 0)(r); without(atValue)(r) }},
		{"text not UTF-8", ErrMalformed, func(r *raw) {
			r.cols[atValueMeta], r.cols[atValue] = []byte{0x7e, 0x16, 0}, []byte{0xff}
		}},
		{"huge value", ErrTooLarge, col(atValueMeta, 0x7e, 0x96, 0x80, 0x80, 0x80, 0x08, 0)},
		{"bytes behind values", ErrMalformed, col(atValue, 5, 5)},
		{"no metadata", ErrMalformed, without(atValueMeta)},
		{"too much metadata", ErrMalformed, col(atValueMeta, 0x7f, 0x14, 2, 0)},

		{"no predecessor counts", ErrMalformed, without(atPredCount)},
		{"too few predecessor counts", ErrMalformed, col(atPredCount, 0x7f, 1)},
		{"too many predecessor counts", ErrMalformed, col(atPredCount, 3, 1)},
		{"predecessor counts off by one", ErrMalformed, col(atPredCount, 0x7e, 2, 1)},
		{"fewer predecessors than listed", ErrMalformed, col(atPredCount, 0x7e, 1, 0)},
		{"delete without predecessor", ErrShape, func(r *raw) {
			col(atPredCount, 0x7e, 1, 0)(r)
			col(atPredActor, 0x7f, 1)(r)
			col(atPredCounter, 0x7f, 4)(r)
		}},
		{"predecessors in billions", ErrTooLarge, func(r *raw) {
			col(atPredCount, 0x7e, 0x80, 0x80, 0x80, 0x80, 0x08, 0)(r)
			col(atPredActor, 0x80, 0x80, 0x80, 0x80, 0x08, 1)(r)
			col(atPredCounter, 0x80, 0x80, 0x80, 0x80, 0x08, 1)(r)
		}},
		{"predecessor counts that overflow", ErrTooLarge, col(atPredCount, 2, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1)},
		{"predecessor of no listed actor", ErrMalformed, col(atPredActor, 0x7e, 2, 0)},
		{"too few predecessor actors", ErrMalformed, col(atPredActor, 0x7f, 1)},
		{"too many predecessor actors", ErrMalformed, col(atPredActor, 0x7d, 1, 0, 1)},
		{"actor listed in vain", ErrCanonical, col(atPredActor, 2, 0)},
		{"no predecessor actors", ErrMalformed, without(atPredActor)},
		{"too few predecessor counters", ErrMalformed, col(atPredCounter, 0x7f, 4)},
		{"too many predecessor counters", ErrMalformed, col(atPredCounter, 0x7d, 4, 2, 1)},
		{"no predecessor counters", ErrMalformed, without(atPredCounter)},
		{"predecessor counter 0", ErrShape, col(atPredCounter, 0x7e, 0, 2)},
		{"predecessor counter negative", ErrShape, col(atPredCounter, 0x7e, 0x7f, 2)},
		{"predecessor of the future", ErrShape, col(atPredCounter, 0x7e, 4, 6)},
		{"predecessors in disorder", ErrCanonical, func(r *raw) {
			col(atPredCount, 0x7e, 2, 1)(r)
			col(atPredActor, 0x7d, 1, 0, 1)(r)
			col(atPredCounter, 0x7d, 4, 0, 2)(r)
		}},
		{"predecessor twice", ErrCanonical, func(r *raw) {
			col(atPredCount, 0x7e, 2, 1)(r)
			col(atPredActor, 2, 1, 0x7f, 0)(r)
			col(atPredCounter, 0x7d, 4, 0, 2)(r)
		}},
	} {
		r := baseRaw()
		tc.edit(&r)
		if _, _, err := Decode(r.chunk()); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, err, tc.want)
		}
	}
}

// Every way to write header and metadata wrongly. Peek must see it as well.
func TestDecodeRefusesHead(t *testing.T) {
	actor := someActor(7)
	id := append([]byte{16}, actor[:]...)
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	rest := baseRaw().chunk()
	rest = rest[lengthAt+1+len(baseRaw().head):]
	body := func(head []byte) []byte {
		chunk, _ := seal(join(head, rest))
		return chunk
	}
	other := append([]byte{1, 16}, bytes.Repeat([]byte{9}, 16)...)
	good := body(join([]byte{0}, id, []byte{2, 10, 0, 0}, other))
	if _, _, err := Decode(good); err != nil {
		t.Fatal(err)
	}
	edit := func(f func([]byte) []byte) []byte { return f(bytes.Clone(good)) }
	for _, tc := range []struct {
		name  string
		want  error
		chunk []byte
	}{
		{"nothing", ErrMalformed, nil},
		{"header only", ErrMalformed, good[:lengthAt]},
		{"magic", ErrMalformed, edit(func(b []byte) []byte { b[0]++; return b })},
		{"checksum", ErrChecksum, edit(func(b []byte) []byte { b[checksumAt]++; return b })},
		{"contents", ErrChecksum, edit(func(b []byte) []byte { b[len(b)-1]++; return b })},
		{"document", ErrShape, edit(func(b []byte) []byte { b[typeAt] = 0; return repair(b) })},
		{"deflated", ErrShape, deflated(t, good)},
		{"unknown chunk", ErrShape, edit(func(b []byte) []byte { b[typeAt] = 3; return repair(b) })},
		{"trailing byte", ErrMalformed, append(bytes.Clone(good), 0)},
		{"length short", ErrMalformed, edit(func(b []byte) []byte { b[lengthAt]--; return repair(b) })},
		{"length long", ErrMalformed, edit(func(b []byte) []byte { b[lengthAt]++; return repair(b) })},
		{"length huge", ErrMalformed, repair(join(good[:lengthAt], []byte{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1}, good[lengthAt+1:]))},
		{"length not minimal", ErrCanonical, repair(join(good[:lengthAt], []byte{good[lengthAt] | 0x80, 0}, good[lengthAt+1:]))},
		{"large chunk", ErrTooLarge, make([]byte, MaxChunk+1)},
		{"empty contents", ErrMalformed, repair(join(good[:lengthAt], []byte{0}))},
		{"deps unsorted", ErrCanonical, body(join([]byte{2}, bytes.Repeat([]byte{2}, 32), bytes.Repeat([]byte{1}, 32), id, []byte{2, 10, 0, 0}, other))},
		{"deps twice", ErrCanonical, body(join([]byte{2}, bytes.Repeat([]byte{2}, 64), id, []byte{2, 10, 0, 0}, other))},
		{"many deps", ErrTooLarge, body(join([]byte{65}, make([]byte, 65*32)))},
		{"deps in billions", ErrTooLarge, body([]byte{0x80, 0x80, 0x80, 0x80, 0x08})},
		{"deps cut off", ErrMalformed, body([]byte{64})},
		{"deps count not minimal", ErrCanonical, body(join([]byte{0x80, 0}, id, []byte{2, 10, 0, 0}, other))},
		{"short actor", ErrShape, body(join([]byte{0, 15}, actor[:15], []byte{2, 10, 0, 0}, other))},
		{"long actor", ErrShape, body(join([]byte{0, 17}, actor[:], []byte{0, 2, 10, 0, 0}, other))},
		{"seq 0", ErrMalformed, body(join([]byte{0}, id, []byte{0, 10, 0, 0}, other))},
		{"start 0", ErrMalformed, body(join([]byte{0}, id, []byte{2, 0, 0, 0}, other))},
		{"seq not minimal", ErrCanonical, body(join([]byte{0}, id, []byte{0x82, 0, 10, 0, 0}, other))},
		{"seq over 32 bits", ErrTooLarge, body(join([]byte{0}, id, []byte{0x80, 0x80, 0x80, 0x80, 0x10, 10, 0, 0}, other))},
		{"start over 32 bits", ErrTooLarge, body(join([]byte{0}, id, []byte{2, 0x80, 0x80, 0x80, 0x80, 0x10, 0, 0}, other))},
		{"time not minimal", ErrCanonical, body(join([]byte{0}, id, []byte{2, 10, 0x80, 0, 0}, other))},
		{"negative time not minimal", ErrCanonical, body(join([]byte{0}, id, []byte{2, 10, 0xff, 0x7f, 0}, other))},
		{"message not UTF-8", ErrMalformed, body(join([]byte{0}, id, []byte{2, 10, 0, 1, 0xff}, other))},
		{"long message", ErrTooLarge, body(join([]byte{0}, id, []byte{2, 10, 0, 0x81, 4}, bytes.Repeat([]byte{'m'}, 513), other))},
	} {
		if _, _, err := Decode(tc.chunk); !errors.Is(err, tc.want) {
			t.Errorf("Decode: %s: %v, want %v", tc.name, err, tc.want)
		}
		if _, err := Peek(tc.chunk); !errors.Is(err, tc.want) {
			t.Errorf("Peek: %s: %v, want %v", tc.name, err, tc.want)
		}
	}
	for _, tc := range []struct {
		name  string
		want  error
		chunk []byte
	}{
		{"other actors missing", ErrMalformed, body(join([]byte{0}, id, []byte{2, 10, 0, 0, 0}))},
		{"author among the others", ErrCanonical, body(join([]byte{0}, id, []byte{2, 10, 0, 0, 1}, id))},
		{"short other actor", ErrCanonical, body(join([]byte{0}, id, []byte{2, 10, 0, 0, 1, 15}, bytes.Repeat([]byte{9}, 16)))},
		{"others in disorder", ErrCanonical, body(join([]byte{0}, id, []byte{2, 10, 0, 0, 2, 16}, bytes.Repeat([]byte{9}, 16), []byte{16}, bytes.Repeat([]byte{8}, 16)))},
		{"many others", ErrTooLarge, body(join([]byte{0}, id, []byte{2, 10, 0, 0, 0x80, 2}, make([]byte, 17*256)))},
	} {
		if _, _, err := Decode(tc.chunk); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, err, tc.want)
		}
	}
}

// No damage of one bit, and no damage with a repaired checksum, is accepted as
// something that encodes differently.
func TestEveryMutationIsRefusedOrCanonical(t *testing.T) {
	for _, c := range []*Change{small(), wide()} {
		chunk, _ := encode(t, c)
		for i := range chunk {
			for bit := range 8 {
				bad := bytes.Clone(chunk)
				bad[i] ^= 1 << bit
				if _, _, err := Decode(bad); err == nil {
					t.Fatalf("byte %d bit %d was accepted", i, bit)
				}
				if back, _, err := Decode(repair(bad)); err == nil {
					if again, _, err := back.Encode(); err != nil || !bytes.Equal(again, bad) {
						t.Fatalf("byte %d bit %d: %v", i, bit, err)
					}
				}
			}
		}
	}
}

// A small chunk must not make Decode allocate much, whatever it announces.
func TestDecodeAllocatesLittle(t *testing.T) {
	const most = 64 << 10 // bytes; none of the chunks below has 300
	for name, edit := range map[string]func(*raw){
		"keys":    func(r *raw) { r.cols[atKey] = []byte{0x80, 0x60, 1, 'a'} },
		"preds":   func(r *raw) { r.cols[atPredCount] = []byte{2, 0x80, 0x80, 0x80, 0x80, 0x08} },
		"actions": func(r *raw) { r.cols[atAction] = []byte{0x80, 0x80, 0x80, 0x80, 0x08, 1} },
		"value":   func(r *raw) { r.cols[atValueMeta] = []byte{0x7e, 0x87, 0x80, 0x40, 0} },
	} {
		r := baseRaw()
		edit(&r)
		chunk := r.chunk()
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, _, err := Decode(chunk)
		runtime.ReadMemStats(&after)
		if err == nil {
			t.Errorf("%s: accepted", name)
		}
		if got := after.TotalAlloc - before.TotalAlloc; got > most {
			t.Errorf("%s: %d bytes allocated for a chunk of %d", name, got, len(chunk))
		}
	}
}

func TestInflateRefuses(t *testing.T) {
	chunk, _ := encode(t, small())
	packed := deflated(t, chunk)
	if plain, err := Inflate(packed); err != nil || !bytes.Equal(plain, chunk) {
		t.Fatal(err)
	}
	if plain, err := Inflate(chunk); err != nil || !bytes.Equal(plain, chunk) {
		t.Fatal(err)
	}
	damaged := bytes.Clone(packed)
	damaged[checksumAt]++
	cutOff := bytes.Clone(packed[:len(packed)-4])
	cutOff = append(append([]byte(nil), cutOff[:lengthAt]...), appendSized(cutOff[lengthAt+2:])...)
	bomb, _ := seal(make([]byte, 8<<20))
	behind := append(append([]byte(nil), packed[:lengthAt]...), appendSized(append(bytes.Clone(packed[lengthAt+2:]), 0))...)
	document := bytes.Clone(chunk)
	document[typeAt] = typeDocument
	for _, tc := range []struct {
		name  string
		want  error
		chunk []byte
	}{
		{"checksum", ErrChecksum, damaged},
		{"cut off", ErrMalformed, cutOff},
		{"bytes behind", ErrMalformed, append(bytes.Clone(packed), 0)},
		{"bytes behind the stream", ErrMalformed, behind},
		{"bomb", ErrTooLarge, deflated(t, bomb)},
		{"large", ErrTooLarge, make([]byte, MaxChunk+1)},
		{"document", ErrShape, document},
		{"nothing", ErrMalformed, nil},
	} {
		if _, err := Inflate(tc.chunk); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, err, tc.want)
		}
	}
}

func appendSized(body []byte) []byte { return append(appendULEB(nil, uint64(len(body))), body...) }
