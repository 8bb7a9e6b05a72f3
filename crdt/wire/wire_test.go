package wire

import (
	"bytes"
	"errors"
	"fmt"
	"math"
	"strings"
	"testing"
)

// someActor returns an actor whose bytes are all n.
func someActor(n byte) (a Actor) {
	for i := range a {
		a[i] = n
	}
	return a
}

func someHash(n byte) (h Hash) {
	for i := range h {
		h[i] = n
	}
	return h
}

// small is the usual change: one put of 90 bytes with two predecessors.
func small() *Change {
	return &Change{
		Actor: someActor(7), Seq: 3, StartOp: 12, Time: 1767225600123,
		Message: "gov 9f86d081 op 3 order.done",
		Deps:    []Hash{someHash(1), someHash(2)},
		Ops: []Op{{
			Key:   "order/01JGFJJZ00ABCDEFGHJKMNPQRS/state",
			Value: StringValue(strings.Repeat("完成", 15)),
			Pred:  []OpID{{4, someActor(9)}, {11, someActor(7)}},
		}},
	}
}

// wide has every type of value, a delete and runs in every column.
func wide() *Change {
	c := &Change{Actor: someActor(7), Seq: 1, StartOp: 100, Time: -1}
	values := []Value{
		NullValue(), BoolValue(true), BoolValue(false), {Kind: Uint, Num: math.MaxInt64}, {Kind: Uint},
		IntValue(math.MinInt64), IntValue(-1), IntValue(63), IntValue(64), StringValue(""), StringValue("积善"),
		BytesValue(nil), BytesValue([]byte{0xff}), TimeValue(1767225600123), TimeValue(-5),
	}
	for i, v := range values {
		op := Op{Key: fmt.Sprintf("k/%02d", i), Value: v}
		for p := range i % 4 {
			op.Pred = append(op.Pred, OpID{uint64(i + p/2), someActor(byte(6 + p))})
		}
		c.Ops = append(c.Ops, op)
	}
	for i := range 3 {
		c.Ops = append(c.Ops, Op{Key: fmt.Sprintf("gone/%d", i), Delete: true, Pred: []OpID{{uint64(i + 20), someActor(7)}}})
	}
	return c
}

func encode(t testing.TB, c *Change) (Chunk, Hash) {
	t.Helper()
	chunk, hash, err := c.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return chunk, hash
}

func TestRoundTrip(t *testing.T) {
	for name, c := range map[string]*Change{"small": small(), "wide": wide(), "largest": largest()} {
		chunk, hash := encode(t, c)
		back, again, err := Decode(chunk)
		if err != nil {
			t.Fatal(name, err)
		}
		if again != hash || !sameChange(c, back) {
			t.Errorf("%s: got %+v, want %+v", name, back, c)
		}
		head, err := Peek(chunk)
		if err != nil {
			t.Fatal(name, err)
		}
		if head.Hash != hash || head.Actor != c.Actor || head.Seq != c.Seq || head.StartOp != c.StartOp ||
			head.Time != c.Time || head.Message != c.Message || len(head.Deps) != len(c.Deps) {
			t.Errorf("%s: head %+v", name, head)
		}
	}
}

// largest fills most limits at once.
func largest() *Change {
	c := &Change{Actor: someActor(200), Seq: MaxCounter, StartOp: MaxCounter - MaxOps, Time: math.MaxInt64, Message: strings.Repeat("m", MaxMessage)}
	for i := range MaxDeps {
		c.Deps = append(c.Deps, someHash(byte(i)))
	}
	for i := range MaxOps {
		op := Op{Key: fmt.Sprintf("k/%d", i), Value: IntValue(int64(i))}
		op.Pred = []OpID{{uint64(i + 1), someActor(byte(i))}, {uint64(i + 2), someActor(byte(i + 1))}}
		c.Ops = append(c.Ops, op)
	}
	c.Ops[0].Value = BytesValue(make([]byte, MaxValue))
	c.Ops[1].Key = strings.Repeat("k", MaxKey)
	return c
}

func sameChange(a, b *Change) bool {
	return fmt.Sprintf("%+v", *a) == fmt.Sprintf("%+v", *b)
}

// What Encode refuses, field by field.
func TestEncodeRefuses(t *testing.T) {
	for _, tc := range []struct {
		name string
		want error
		edit func(*Change)
	}{
		{"seq 0", ErrMalformed, func(c *Change) { c.Seq = 0 }},
		{"start 0", ErrMalformed, func(c *Change) { c.StartOp = 0 }},
		{"seq over 32 bits", ErrTooLarge, func(c *Change) { c.Seq = MaxCounter + 1 }},
		{"counter over 32 bits", ErrTooLarge, func(c *Change) { c.StartOp = MaxCounter - MaxOps + 1 }},
		{"long message", ErrTooLarge, func(c *Change) { c.Message = strings.Repeat("m", MaxMessage+1) }},
		{"message not UTF-8", ErrMalformed, func(c *Change) { c.Message = "\xff" }},
		{"many deps", ErrTooLarge, func(c *Change) {
			for i := range MaxDeps + 1 {
				c.Deps = append(c.Deps, someHash(byte(i)))
			}
		}},
		{"deps unsorted", ErrCanonical, func(c *Change) { c.Deps = []Hash{someHash(2), someHash(1)} }},
		{"deps twice", ErrCanonical, func(c *Change) { c.Deps = []Hash{someHash(2), someHash(2)} }},
		{"no ops", ErrShape, func(c *Change) { c.Ops = nil }},
		{"many ops", ErrTooLarge, func(c *Change) { c.Ops = make([]Op, MaxOps+1) }},
		{"empty key", ErrShape, func(c *Change) { c.Ops[0].Key = "" }},
		{"long key", ErrTooLarge, func(c *Change) { c.Ops[0].Key = strings.Repeat("k", MaxKey+1) }},
		{"key not UTF-8", ErrMalformed, func(c *Change) { c.Ops[0].Key = "a\x80" }},
		{"key twice", ErrShape, func(c *Change) { c.Ops = append(c.Ops, c.Ops[0]) }},
		{"key twice among many", ErrShape, func(c *Change) {
			for i := range fewOps {
				c.Ops = append(c.Ops, Op{Key: fmt.Sprint(i)})
			}
			c.Ops = append(c.Ops, c.Ops[0])
		}},
		{"preds unsorted", ErrCanonical, func(c *Change) { c.Ops[0].Pred = []OpID{{2, Actor{}}, {1, Actor{}}} }},
		{"preds unsorted by actor", ErrCanonical, func(c *Change) { c.Ops[0].Pred = []OpID{{2, someActor(2)}, {2, someActor(1)}} }},
		{"preds twice", ErrCanonical, func(c *Change) { c.Ops[0].Pred = []OpID{{2, Actor{}}, {2, Actor{}}} }},
		{"pred 0", ErrShape, func(c *Change) { c.Ops[0].Pred = []OpID{{0, Actor{}}} }},
		{"pred of the future", ErrShape, func(c *Change) { c.Ops[0].Pred = []OpID{{c.StartOp, Actor{}}} }},
		{"many preds", ErrTooLarge, func(c *Change) {
			c.StartOp, c.Ops[0].Pred = MaxPreds+2, nil
			for i := range MaxPreds + 1 {
				c.Ops[0].Pred = append(c.Ops[0].Pred, OpID{uint64(i + 1), Actor{}})
			}
		}},
		{"many actors", ErrTooLarge, func(c *Change) {
			c.StartOp, c.Ops[0].Pred = 1000, nil
			for i := range MaxActors {
				c.Ops[0].Pred = append(c.Ops[0].Pred, OpID{uint64(i + 1), Actor{1, byte(i)}})
			}
		}},
		{"delete of nothing", ErrShape, func(c *Change) { c.Ops[0].Delete, c.Ops[0].Pred = true, nil }},
		{"float", ErrShape, func(c *Change) { c.Ops[0].Value = Value{Kind: 5, Raw: "12345678"} }},
		{"counter", ErrShape, func(c *Change) { c.Ops[0].Value = Value{Kind: 8} }},
		{"unknown type", ErrShape, func(c *Change) { c.Ops[0].Value = Value{Kind: 10} }},
		{"kind over 4 bits", ErrShape, func(c *Change) { c.Ops[0].Value = Value{Kind: 22} }},
		{"uint over 63 bits", ErrTooLarge, func(c *Change) { c.Ops[0].Value = Value{Kind: Uint, Num: -1} }},
		{"null with number", ErrShape, func(c *Change) { c.Ops[0].Value = Value{Num: 1} }},
		{"int with text", ErrShape, func(c *Change) { c.Ops[0].Value = Value{Kind: Int, Raw: "x"} }},
		{"text with number", ErrShape, func(c *Change) { c.Ops[0].Value = Value{Kind: String, Num: 1} }},
		{"text not UTF-8", ErrMalformed, func(c *Change) { c.Ops[0].Value = StringValue("\xc3") }},
		{"large value", ErrTooLarge, func(c *Change) { c.Ops[0].Value = BytesValue(make([]byte, MaxValue+1)) }},
		{"large chunk", ErrTooLarge, func(c *Change) {
			for i := range 4 {
				c.Ops = append(c.Ops, Op{Key: fmt.Sprint(i), Value: BytesValue(make([]byte, MaxValue))})
			}
		}},
	} {
		c := small()
		tc.edit(c)
		if _, _, err := c.Encode(); !errors.Is(err, tc.want) {
			t.Errorf("%s: %v, want %v", tc.name, err, tc.want)
		}
	}
}

func TestValueOfDeleteIsIgnored(t *testing.T) {
	c := small()
	c.Ops[0].Delete, c.Ops[0].Value = true, StringValue("x")
	chunk, _ := encode(t, c)
	back, _, err := Decode(chunk)
	if err != nil || !back.Ops[0].Delete || back.Ops[0].Value != (Value{}) {
		t.Errorf("%+v, %v", back, err)
	}
}

func TestSplit(t *testing.T) {
	one, _ := encode(t, small())
	two, _ := encode(t, wide())
	file := bytes.Join([][]byte{one, deflated(t, two), two}, nil)
	chunks, err := Split(file)
	if err != nil || len(chunks) != 3 || !bytes.Equal(chunks[0], one) || !bytes.Equal(chunks[1], two) || !bytes.Equal(chunks[2], two) {
		t.Fatalf("%d chunks, %v", len(chunks), err)
	}
	for n := range len(file) {
		if n == len(one) || n == len(file)-len(two) {
			continue
		}
		if _, err := Split(file[:n]); n > 0 && !errors.Is(err, ErrMalformed) {
			t.Fatalf("cut at %d: %v", n, err)
		}
	}
	document := bytes.Clone(one)
	document[typeAt] = typeDocument
	if _, err := Split(document); !errors.Is(err, ErrShape) {
		t.Error(err)
	}
}

func BenchmarkEncode(b *testing.B) {
	c := small()
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := c.Encode(); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecode(b *testing.B) {
	chunk, _ := encode(b, small())
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := Decode(chunk); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDecodeLargest(b *testing.B) {
	chunk, _ := encode(b, largest())
	b.ReportAllocs()
	b.SetBytes(int64(len(chunk)))
	for b.Loop() {
		if _, _, err := Decode(chunk); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkPeek(b *testing.B) {
	chunk, _ := encode(b, small())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Peek(chunk); err != nil {
			b.Fatal(err)
		}
	}
}
