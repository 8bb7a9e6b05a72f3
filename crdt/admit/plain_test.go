package admit_test

import (
	"context"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"jishan/crdt/engine"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

func TestMain(m *testing.M) {
	engine.RunChildIfAsked()
	os.Exit(m.Run())
}

// TestForkedIsAutomerge: a document with several histories of one author, as it is
// exported, is one that automerge-go reads, and it sees the values that are held.
// Not always: of such histories some end in a document that it does not save again
// (docs/status.md); the test bounds how many.
func TestForkedIsAutomerge(t *testing.T) {
	if !engine.Available() {
		t.Skip("built without automerge-go")
	}
	forked, refused := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		h := drawHistory(t)
		dir, err := os.MkdirTemp(quick(), "jishan")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		s := open(t, dir, nil)
		defer s.Close()
		know(t, s, h.actors...)
		arrive(t, s, h, "order")
		if c, err := s.Counts(context.Background()); err != nil || c.Branches == 0 {
			return // without a fork the document is what other tests look at
		}
		forked++
		err = s.View(context.Background(), func(q store.Querier) error { return judged(t, q, h) })
		if err != nil && strings.Contains(err.Error(), "mismatching heads") {
			refused++
			return
		}
		if err != nil {
			t.Fatal(err)
		}
	})
	if forked == 0 {
		t.Error("no history had a fork")
	}
	if t.Logf("%d of %d forked histories are refused", refused, forked); 10*refused > forked {
		t.Error("more than one in ten")
	}
}

func judged(t *rapid.T, q store.Querier, h *history) error {
	var failed error
	said, err := engine.New(engine.Options{}).Verify(context.Background(), func(yield func(wire.Chunk) bool) {
		failed = store.EachPlain(q, h.doc, func(c wire.Chunk) error {
			if !yield(c) {
				return errors.New("stopped")
			}
			return nil
		})
	})
	list, e := store.PlainRegisters(q, h.doc)
	if err := errors.Join(err, failed, e); err != nil {
		return err
	}
	if said.Changes != len(h.changes) || len(list) != len(said.Registers) {
		t.Fatalf("Automerge sees %d changes and %d keys, here are %d and %d", said.Changes, len(said.Registers), len(h.changes), len(list))
	}
	for _, r := range list {
		same := slices.EqualFunc(r.Fields, said.Registers[r.Key], func(f store.Field, held engine.Held) bool { return f.Op == held.ID && f.Value == held.Value })
		if !same {
			t.Fatalf("key %s: Automerge sees %v, here is %v", r.Key, said.Registers[r.Key], r.Fields)
		}
	}
	return nil
}
