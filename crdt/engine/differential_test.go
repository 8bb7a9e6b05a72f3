//go:build cgo && !android && !ios && (linux || darwin) && (amd64 || arm64)

package engine_test

import (
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/automerge/automerge-go"

	"jishan/crdt/wire"
	"jishan/crdt/wire/wiretest"
)

var (
	histories = flag.Int("histories", 10_000, "random histories against automerge-go")
	seed      = flag.Uint64("seed", 0, "seed of the first history; 0 takes one from the clock")
)

func firstSeed(t *testing.T) uint64 {
	s := *seed
	if s == 0 {
		s = uint64(time.Now().UnixNano())
	}
	t.Logf("first seed %d", s)
	return s
}

// Every replica of every history is played by automerge-go as well: it makes
// the same deeds, and must come to the same bytes, hashes, heads and values.
// What it receives are our bytes; what it makes, we decode.
func TestHistoriesAgainstAutomerge(t *testing.T) {
	first := firstSeed(t)
	began, changes, values, conflicts := time.Now(), 0, 0, 0
	for i := range uint64(*histories) {
		h := wiretest.Random(rand.New(rand.NewPCG(first+i, 0)), wiretest.Small)
		if i%4 == 0 {
			h.Meet()
		}
		if err := replay(h); err != nil {
			t.Fatalf("seed %d: %v", first+i, err)
		}
		changes += len(h.Entries)
		for _, r := range h.Replicas {
			for _, held := range r.Registers {
				values++
				conflicts += min(1, len(held)-1)
			}
		}
	}
	took := time.Since(began)
	t.Logf("%d histories, %d changes, %d values, %d of them in conflict, in %v: %.0f histories/s",
		*histories, changes, values, conflicts, took, float64(*histories)/took.Seconds())
	if *histories >= 1000 && (conflicts < *histories/4 || changes < *histories*2) {
		t.Error("the histories have become too tame to prove anything")
	}
}

func replay(h *wiretest.History) error {
	docs := make([]*automerge.Doc, len(h.Replicas))
	for i, r := range h.Replicas {
		docs[i] = automerge.New()
		if err := docs[i].SetActorID(r.Actor.String()); err != nil {
			return err
		}
	}
	for n, ev := range h.Events {
		doc := docs[ev.Replica]
		var err error
		if ev.Made != nil {
			err = sameChange(doc, ev.Made)
		} else {
			var file []byte
			for _, e := range ev.Got {
				file = append(file, e.Chunk...)
			}
			err = doc.LoadIncremental(file)
		}
		if err != nil {
			return fmt.Errorf("event %d: %w", n, err)
		}
	}
	for i, r := range h.Replicas {
		if err := sameState(docs[i], r); err != nil {
			return fmt.Errorf("replica %d: %w", i, err)
		}
	}
	return nil
}

// sameChange makes automerge-go do what the entry does.
func sameChange(doc *automerge.Doc, e *wiretest.Entry) error {
	for _, op := range e.Change.Ops {
		var err error
		if op.Delete {
			err = doc.RootMap().Delete(op.Key)
		} else {
			err = doc.RootMap().Set(op.Key, native(op.Value))
		}
		if err != nil {
			return err
		}
	}
	when := time.UnixMilli(e.Change.Time)
	hash, err := doc.Commit(e.Change.Message, automerge.CommitOptions{Time: &when})
	if err != nil {
		return err
	}
	theirs, err := doc.Change(hash)
	if err != nil {
		return err
	}
	plain, err := wire.Inflate(theirs.Save())
	if err != nil {
		return err
	}
	if !slices.Equal(plain, e.Chunk) || wire.Hash(hash) != e.Hash {
		return fmt.Errorf("bytes differ:\nours   %x\ntheirs %x", e.Chunk, plain)
	}
	_, decoded, err := wire.Decode(plain)
	if err != nil {
		return err
	}
	if decoded != e.Hash {
		return fmt.Errorf("hash %s, theirs %s", decoded, e.Hash)
	}
	return nil
}

func sameState(doc *automerge.Doc, r *wiretest.Replica) error {
	var heads []wire.Hash
	for _, h := range doc.Heads() {
		heads = append(heads, wire.Hash(h))
	}
	slices.SortFunc(heads, wire.Hash.Compare)
	if !slices.Equal(heads, r.Heads) {
		return fmt.Errorf("heads %v, theirs %v", r.Heads, heads)
	}
	shown, err := doc.RootMap().Values()
	if err != nil {
		return err
	}
	if len(shown) != len(r.Registers) {
		return fmt.Errorf("%d keys, theirs %d", len(r.Registers), len(shown))
	}
	for key, v := range shown {
		held := r.Registers[key]
		if len(held) == 0 || !sameNative(v.Interface(), native(held[0].Value)) {
			return fmt.Errorf("%s: %v, theirs %v", key, held, v.Interface())
		}
	}
	return nil
}

func native(v wire.Value) any {
	switch v.Kind {
	case wire.False, wire.True:
		return v.Kind == wire.True
	case wire.Uint:
		return uint64(v.Num)
	case wire.Int:
		return v.Num
	case wire.String:
		return v.Raw
	case wire.Bytes:
		return []byte(v.Raw)
	case wire.Timestamp:
		return time.UnixMilli(v.Num)
	}
	return nil
}

func sameNative(a, b any) bool {
	switch a := a.(type) {
	case []byte:
		b, ok := b.([]byte)
		return ok && string(a) == string(b)
	case time.Time:
		b, ok := b.(time.Time)
		return ok && a.Equal(b)
	}
	return a == b
}
