package admit_test

import (
	"context"
	"errors"
	"os"
	"slices"
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
// exported, is one that automerge-go reads and saves again, and it sees the values that
// are held.
func TestForkedIsAutomerge(t *testing.T) {
	if !engine.Available() {
		t.Skip("built without automerge-go")
	}
	forked := 0
	rapid.Check(t, func(t *rapid.T) {
		if exported(t, drawHistory(t)) { // without a fork the document is what other tests look at
			forked++
		}
	})
	if forked == 0 {
		t.Error("no history had a fork")
	}
}

// TestForkedRemoval: one history of an author removes a value under the id under which
// the other sets one. Who has seen both and writes over it means the value alone.
func TestForkedRemoval(t *testing.T) {
	if !engine.Available() {
		t.Skip("built without automerge-go")
	}
	rapid.Check(t, func(t *rapid.T) {
		h := &history{t: t, doc: doc("people/03"), common: map[int]map[int]bool{}}
		for i := range 2 {
			h.actors, h.seen = append(h.actors, incarnation(t, i+1)), append(h.seen, map[int]bool{})
		}
		put := func(a int, remove bool) { h.write(a, []wire.Op{h.op(a, "a/1/x", remove, wire.IntValue(1))}) }
		put(0, false)
		h.copy(0)
		put(0, false)
		put(2, true)
		h.meet(1, 0)
		h.meet(1, 2)
		put(1, false)
		if !exported(t, h) {
			t.Fatal("no fork")
		}
	})
}

// exported tells whether a history has a fork, and looks at what is exported of one.
func exported(t *rapid.T, h *history) bool {
	dir, err := os.MkdirTemp(quick(), "jishan")
	if err != nil {
		t.Fatal(err)
	}
	defer os.RemoveAll(dir)
	s := open(t, dir, nil)
	defer s.Close()
	know(t, s, h.actors...)
	arrive(t, s, h, "order")
	c, err := s.Counts(context.Background())
	if err == nil && c.Branches > 0 {
		err = s.View(context.Background(), func(q store.Querier) error { return judged(t, q, h) })
	}
	if err != nil {
		t.Fatal(err)
	}
	return c.Branches > 0
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
