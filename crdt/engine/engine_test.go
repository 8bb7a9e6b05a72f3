//go:build cgo && !android && !ios && (linux || darwin) && (amd64 || arm64)

package engine_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"testing"
	"time"

	"github.com/automerge/automerge-go"

	"jishan/crdt/engine"
	"jishan/crdt/wire"
	"jishan/crdt/wire/wiretest"
)

func chunksOf(entries []*wiretest.Entry) iter.Seq[wire.Chunk] {
	return func(yield func(wire.Chunk) bool) {
		for _, e := range entries {
			if !yield(e.Chunk) {
				return
			}
		}
	}
}

func only(chunks ...wire.Chunk) iter.Seq[wire.Chunk] { return slices.Values(chunks) }

// sameVerdict compares with what the model has come to.
func sameVerdict(v engine.Verdict, r *wiretest.Replica) error {
	if !slices.Equal(v.Heads, r.Heads) || v.Changes != len(r.Entries) {
		return fmt.Errorf("%d changes, heads %v; want %d, %v", v.Changes, v.Heads, len(r.Entries), r.Heads)
	}
	want := map[string][]engine.Held{}
	for key, held := range r.Registers {
		for _, h := range held {
			want[key] = append(want[key], engine.Held(h))
		}
	}
	if !reflect.DeepEqual(v.Registers, want) {
		return fmt.Errorf("registers %v, want %v", v.Registers, want)
	}
	return nil
}

// meeting returns one large history whose replicas have all met.
func meeting(seed uint64, s wiretest.Shape) *wiretest.Replica {
	h := wiretest.Random(rand.New(rand.NewPCG(seed, 1)), s)
	h.Meet()
	return h.Replicas[0]
}

// The judge lists heads and whole conflict sets, in order.
func TestVerify(t *testing.T) {
	first, j, conflicts := firstSeed(t), engine.New(engine.Options{}), 0
	for i := range uint64(30) {
		s := wiretest.Small
		if i == 0 {
			s = wiretest.Shape{Replicas: 60, Steps: 2000, Keys: 300, MaxOps: 20}
		}
		r := meeting(first+i, s)
		v, err := j.Verify(t.Context(), chunksOf(r.Entries))
		if err == nil {
			err = sameVerdict(v, r)
		}
		if err != nil {
			t.Fatalf("seed %d: %v", first+i, err)
		}
		for _, held := range r.Registers {
			conflicts += min(1, len(held)-1)
		}
	}
	if conflicts < 30 {
		t.Errorf("only %d conflicts", conflicts)
	}
}

func TestVerifyNothing(t *testing.T) {
	v, err := engine.New(engine.Options{}).Verify(t.Context(), only())
	if err != nil || len(v.Heads) != 0 || v.Changes != 0 || len(v.Registers) != 0 {
		t.Errorf("%+v, %v", v, err)
	}
}

// What is exported, Automerge opens; what is imported from there, is the same.
func TestExportImport(t *testing.T) {
	j := engine.New(engine.Options{})
	r := meeting(firstSeed(t), wiretest.Shape{Replicas: 8, Steps: 300, Keys: 20, MaxOps: 5})
	file, err := j.Export(t.Context(), chunksOf(r.Entries))
	if err != nil {
		t.Fatal(err)
	}
	doc, err := automerge.Load(file)
	if err != nil {
		t.Fatal(err)
	}
	if err := sameState(doc, r); err != nil {
		t.Fatal(err)
	}
	chunks, err := j.Import(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	sorted := func(list []wire.Chunk) []wire.Chunk {
		list = slices.Clone(list)
		slices.SortFunc(list, func(a, b wire.Chunk) int { return bytes.Compare(a, b) })
		return list
	}
	if want := slices.Collect(chunksOf(r.Entries)); !reflect.DeepEqual(sorted(chunks), sorted(want)) {
		t.Errorf("%d changes came back of %d", len(chunks), len(want))
	}
	again := wiretest.NewReplica(wire.Actor{})
	known := map[wire.Hash]bool{}
	for _, chunk := range chunks {
		c, hash, err := wire.Decode(chunk)
		if err != nil {
			t.Fatal(err)
		}
		for _, dep := range c.Deps {
			if !known[dep] {
				t.Fatal("not in causal order")
			}
		}
		known[hash] = true
		again.Add(&wiretest.Entry{Change: c, Chunk: chunk, Hash: hash})
	}
	if !reflect.DeepEqual(again.Registers, r.Registers) {
		t.Error("other registers")
	}
}

// A document with a nested object passes Import, but not Decode.
func TestImportOfAnotherShape(t *testing.T) {
	doc := automerge.New()
	if err := doc.Path("a", "b").Set("c"); err != nil {
		t.Fatal(err)
	}
	chunks, err := engine.New(engine.Options{}).Import(t.Context(), doc.Save())
	if err != nil || len(chunks) != 1 {
		t.Fatal(len(chunks), err)
	}
	if _, _, err := wire.Decode(chunks[0]); !errors.Is(err, wire.ErrShape) {
		t.Error(err)
	}
}

func TestVerifyRefuses(t *testing.T) {
	h := wiretest.Random(rand.New(rand.NewPCG(1, 2)), wiretest.Shape{Replicas: 1, Steps: 20, Keys: 3, MaxOps: 2})
	chunks := slices.Collect(chunksOf(h.Entries))
	ghost := mustEncode(t, &wire.Change{Actor: wire.Actor{1}, Seq: 1, StartOp: 5, Ops: []wire.Op{
		{Key: "k", Value: wire.IntValue(1), Pred: []wire.OpID{{Counter: 3, Actor: wire.Actor{2}}}}}})
	for name, list := range map[string][]wire.Chunk{
		"missing dependency": chunks[1:],
		"twice":              {chunks[0], chunks[0]},
		"ghost predecessor":  {ghost},
		"garbage":            {[]byte("no chunk")},
		"cut off":            {chunks[0], chunks[1][:len(chunks[1])-1]},
	} {
		_, err := engine.New(engine.Options{}).Verify(t.Context(), only(list...))
		if !errors.Is(err, engine.ErrRefused) && !errors.Is(err, engine.ErrJudgeDied) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func mustEncode(t *testing.T, c *wire.Change) wire.Chunk {
	t.Helper()
	chunk, _, err := c.Encode()
	if err != nil {
		t.Fatal(err)
	}
	return chunk
}

// forged is a change with a right checksum whose only operation has
// predecessors as these columns say.
func forged(predCount, predActor, predCounter []byte) wire.Chunk {
	body := append([]byte{0, 16}, make([]byte, 16)...)
	body = append(body, 1, 5, 0, 0, 0, 8) // seq, start, time, message, other actors, columns
	cols := [][]byte{{0x7f, 1, 'k'}, {1}, {0x7f, 1}, {0x7f, 0x14}, {5}, predCount, predActor, predCounter}
	for i, spec := range []byte{0x15, 0x34, 0x42, 0x56, 0x57, 0x70, 0x71, 0x73} {
		body = append(body, spec, byte(len(cols[i])))
	}
	body = append(body, bytes.Join(cols, nil)...)
	chunk := append([]byte("\x85\x6f\x4a\x83\x00\x00\x00\x00\x01"), byte(len(body)))
	chunk = append(chunk, body...)
	sum := sha256.Sum256(chunk[8:])
	copy(chunk[4:8], sum[:4])
	return chunk
}

// many is the head of a run of two thousand million values.
var many = []byte{0xff, 0xff, 0xff, 0xff, 0x07, 0}

// Bytes that abort the library end the child, not this process, and the next
// question is answered.
func TestBadBytesKillOnlyTheChild(t *testing.T) {
	j := engine.New(engine.Options{Memory: 256 << 20})
	r := meeting(3, wiretest.Shape{Replicas: 3, Steps: 30, Keys: 5, MaxOps: 3})
	for name, chunk := range map[string]wire.Chunk{
		"unknown actor":        forged([]byte{0x7f, 1}, []byte{0x7f, 9}, []byte{0x7f, 1}),
		"counter over 32 bits": forged([]byte{0x7f, 1}, []byte{0x7f, 0}, []byte{0x7f, 0x80, 0x80, 0x80, 0x80, 0x80, 1}),
		"memory":               forged([]byte{0x7f, 0xff, 0xff, 0xff, 0xff, 0x07}, many, many),
	} {
		if name == "memory" && runtime.GOOS != "linux" {
			continue
		}
		if _, _, err := wire.Decode(chunk); err == nil {
			t.Errorf("%s: Decode accepts it", name)
		}
		if _, err := j.Verify(t.Context(), only(chunk)); !errors.Is(err, engine.ErrJudgeDied) {
			t.Errorf("%s: Verify: %v", name, err)
		}
		if _, err := j.Import(t.Context(), chunk); !errors.Is(err, engine.ErrJudgeDied) {
			t.Errorf("%s: Import: %v", name, err)
		}
		v, err := j.Verify(t.Context(), chunksOf(r.Entries))
		if err == nil {
			err = sameVerdict(v, r)
		}
		if err != nil {
			t.Error("after the child's death:", err)
		}
	}
}

// Whatever happens to a saved document, the answer is an error, or a document.
func TestDamagedDocuments(t *testing.T) {
	j := engine.New(engine.Options{Memory: 512 << 20, Timeout: time.Minute})
	r := meeting(3, wiretest.Shape{Replicas: 3, Steps: 30, Keys: 5, MaxOps: 3})
	file, err := j.Export(t.Context(), chunksOf(r.Entries))
	if err != nil {
		t.Fatal(err)
	}
	seed := firstSeed(t)
	rnd := rand.New(rand.NewPCG(seed, 3))
	for range 40 {
		bad := bytes.Clone(file)
		bad[12+rnd.IntN(len(bad)-12)] ^= byte(1 + rnd.IntN(255))
		sum := sha256.Sum256(bad[8:])
		copy(bad[4:8], sum[:4])
		_, err := j.Import(t.Context(), bad)
		if err != nil && !errors.Is(err, engine.ErrJudgeDied) && !errors.Is(err, engine.ErrRefused) {
			t.Errorf("%v", err)
		}
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	_, err := engine.New(engine.Options{}).Verify(ctx, func(yield func(wire.Chunk) bool) {
		cancel()
		<-ctx.Done()
	})
	if !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
	_, err = engine.New(engine.Options{Timeout: time.Nanosecond}).Verify(t.Context(), only())
	if !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

// A program that does not answer as a child is a dead judge.
func TestProgramThatIsNoChild(t *testing.T) {
	_, err := engine.New(engine.Options{Program: "/bin/true"}).Verify(t.Context(), only())
	if !errors.Is(err, engine.ErrJudgeDied) {
		t.Error(err)
	}
}
