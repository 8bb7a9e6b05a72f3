package store_test

import (
	"bytes"
	"context"
	"errors"
	"math/rand/v2"
	"reflect"
	"testing"

	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// TestRecent: what is said from memory is what the database says, whatever was
// written, undone, branched off, rebuilt or too much to be kept.
func TestRecent(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	d, other := newDevice(t, 1), newDevice(t, 2)
	s, o := d.mustOpen(t), other.mustOpen(t)
	second := doc("feed/" + d.inc.Actor().String() + "/2")
	docs := []store.DocID{d.feed(), doc("people/1"), doc("people/2"), other.feed(), second}
	write := func(n, size int, undo error) error {
		return s.Update(context.Background(), author, func(tx *store.Tx) error {
			for i := range n {
				_, err := tx.Append([]store.DocID{d.feed(), second}[i%2], "x", make([]byte, size))
				if err != nil {
					return err
				}
			}
			_, err := tx.Put(docs[1+rng.IntN(2)], "x", store.Put{Key: "k", Value: wire.IntValue(rng.Int64N(1000))})
			return errors.Join(err, undo)
		})
	}
	sure := checkRecent(t, s, docs, d.inc.Actor(), other.inc.Actor())
	undone := errors.New("undone")
	for range 12 {
		if err := write(1+rng.IntN(5), 50, nil); err != nil {
			t.Fatal(err)
		}
		if err := write(2, 50, undone); !errors.Is(err, undone) {
			t.Fatal(err)
		}
		sure += checkRecent(t, s, docs, d.inc.Actor(), other.inc.Actor())
	}
	foreign(t, s, o, other)
	checkRecent(t, s, docs, d.inc.Actor(), other.inc.Actor())
	if err := s.Rebuild(context.Background()); err != nil {
		t.Fatal(err)
	}
	checkRecent(t, s, docs, d.inc.Actor(), other.inc.Actor())
	for _, n := range []struct{ changes, size int }{{60, 40_000}, {3, 10}, {120, 30_000}, {5000, 10}, {5, 10}} {
		if err := write(n.changes, n.size, nil); err != nil {
			t.Fatal(err)
		}
		sure += checkRecent(t, s, docs, d.inc.Actor(), other.inc.Actor())
	}
	if sure < 1000 {
		t.Fatalf("only %d answers came from memory", sure)
	}
}

// TestRecentRooms: who waits and who is who is known anew after each commit that
// moved it.
func TestRecentRooms(t *testing.T) {
	d := newDevice(t, 1)
	s := d.mustOpen(t)
	ctx := context.Background()
	w := store.Waiting{Doc: d.feed(), Actor: d.inc.Actor(), Seq: 9, Hash: wire.Hash{1}, From: "x", Sealed: seal.Sealed{Chunk: wire.Chunk("c")}}
	for i, want := range []int{0, 1, 0} {
		update(t, s, func(tx *store.Tx) error {
			switch i {
			case 1:
				return tx.Wait(w)
			case 2:
				return tx.Unwait(w.Doc, w.Actor, w.Seq, w.Hash)
			}
			return nil
		})
		for range 2 {
			if list, err := s.WaitingDocs(ctx); err != nil || len(list) != want {
				t.Fatalf("step %d: %v, %v", i, list, err)
			}
		}
	}
	a := d.inc.Actor()
	for range 2 { // of one incarnation the bytewise smaller certificate stays
		certs, err := s.Certificates(ctx, a)
		if err != nil || certs[a] != nil {
			t.Fatal(certs, err)
		}
	}
	for _, made := range []int64{3000, 2000} {
		inc, err := seal.NewIncarnation(bytes.NewReader(bytes.Repeat([]byte{1, 7}, 32)), key(1), made)
		if err != nil || inc.Actor() != a {
			t.Fatal(inc.Actor(), err)
		}
		c := inc.Certificate
		update(t, s, func(tx *store.Tx) error {
			_, err := tx.SetAdd(store.SetIncarnation, store.Item{ID: c.ID(), Blob: c.Encode()})
			return err
		})
		for range 2 {
			if certs, err := s.Certificates(ctx, a); err != nil || certs[a] == nil || certs[a].Made != made {
				t.Fatalf("made %d: %v, %v", made, certs[a], err)
			}
		}
	}
}

// foreign brings two changes of another device and another history of the
// second.
func foreign(t *testing.T, s, o *store.Store, other *device) {
	t.Helper()
	for _, v := range []string{"a", "b"} {
		if err := appendOne(o, other.feed(), v); err != nil {
			t.Fatal(err)
		}
	}
	list, err := o.After(context.Background(), other.feed(), other.inc.Actor(), 0, seal.MaxRun)
	if err != nil || len(list) != 2 {
		t.Fatal(list, err)
	}
	first, _, err := wire.Decode(list[0].Chunk)
	if err != nil {
		t.Fatal(err)
	}
	second, _, err := wire.Decode(list[1].Chunk)
	if err != nil {
		t.Fatal(err)
	}
	for _, ch := range []*wire.Change{first, second} {
		chunk, h, err := ch.Encode()
		if err != nil {
			t.Fatal(err)
		}
		update(t, s, func(tx *store.Tx) error {
			return tx.Admit(other.feed(), ch, h, seal.Sealed{Chunk: chunk, Seal: &seal.Seal{1}}, false)
		})
	}
	second.Time++
	chunk, h, err := second.Encode()
	if err != nil {
		t.Fatal(err)
	}
	update(t, s, func(tx *store.Tx) error {
		return tx.Branch(store.Placed{Doc: other.feed(), Actor: other.inc.Actor(),
			Stored: store.Stored{Seq: 2, Hash: h, Sealed: seal.Sealed{Chunk: chunk, Seal: &seal.Seal{2}}}})
	})
}

// checkRecent asks twice, so that what was filled in is looked at, too. It
// returns how often memory was sure.
func checkRecent(t *testing.T, s *store.Store, docs []store.DocID, actors ...wire.Actor) (sure int) {
	t.Helper()
	for _, doc := range append(docs, docs...) {
		got, err := s.Vector(context.Background(), doc)
		if err != nil {
			t.Fatal(err)
		}
		var want []store.Tip
		err = s.View(context.Background(), func(q store.Querier) error { want, err = store.Vector(q, doc); return err })
		if err != nil || len(got)+len(want) > 0 && !reflect.DeepEqual(got, want) {
			t.Fatalf("%s: %v from memory, %v from the database, %v", doc, got, want, err)
		}
		for _, a := range actors {
			sure += checkEnds(t, s, doc, a)
		}
	}
	return sure
}

func checkEnds(t *testing.T, s *store.Store, doc store.DocID, a wire.Actor) (sure int) {
	t.Helper()
	var all []store.Stored
	err := s.View(context.Background(), func(q store.Querier) (err error) {
		all, err = store.After(q, doc, a, 0, 1<<20)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, seq := range []int{0, 1, len(all) / 2, len(all) - 70, len(all) - 3, len(all) - 1, len(all), len(all) + 1} {
		if seq < 0 {
			continue
		}
		want := all[min(seq, len(all)):]
		got, err := s.After(context.Background(), doc, a, uint64(seq), seal.MaxRun)
		if err != nil || len(got) != min(len(want), seal.MaxRun) {
			t.Fatalf("%s after %d of %d: %d changes, %v", doc, seq, len(all), len(got), err)
		}
		for i := range got {
			if got[i].Seq != want[i].Seq || got[i].Hash != want[i].Hash || !bytes.Equal(got[i].Chunk, want[i].Chunk) || *got[i].Seal != *want[i].Seal {
				t.Fatalf("%s after %d: change %d differs", doc, seq, got[i].Seq)
			}
		}
		for _, h := range []wire.Hash{{1}, hashAt(all, seq)} {
			held, ok := s.Recent(doc, a, uint64(seq)+1, h)
			if real := seq < len(all) && all[seq].Hash == h; ok && held != real {
				t.Fatalf("%s %d: held %v, and it is %v", doc, seq+1, held, real)
			}
			if ok {
				sure++
			}
		}
	}
	return sure
}

func hashAt(all []store.Stored, i int) (h wire.Hash) {
	if i < len(all) {
		h = all[i].Hash
	}
	return h
}
