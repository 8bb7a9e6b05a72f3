package store_test

import (
	"context"
	"testing"

	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// TestHeld asks what a store holds of two documents, as it was after each change.
func TestHeld(t *testing.T) {
	d := newDevice(t, 1)
	s := d.mustOpen(t)
	other := doc("feed/" + d.inc.Actor().String() + "/2")
	err := s.View(context.Background(), func(q store.Querier) error {
		n, err := store.Newest(q)
		if at, e := store.OwnClock(q); n != 0 || at != 0 || e != nil {
			t.Errorf("an empty store: %d, %d, %v", n, at, e)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, to := range []store.DocID{d.feed(), other, d.feed()} {
		if err := appendOne(s, to, "x"); err != nil {
			t.Fatal(err)
		}
	}
	err = s.View(context.Background(), func(q store.Querier) error {
		last, err := store.Newest(q)
		if err != nil {
			return err
		}
		first := last - 2
		if n, err := store.CountAfter(q, first); n != 2 || err != nil {
			t.Errorf("after the first: %d, %v", n, err)
		}
		if by, err := store.CountsAfter(q, first); len(by) != 2 || by[other] != 1 || by[d.feed()] != 1 || err != nil {
			t.Errorf("after the first: %v, %v", by, err)
		}
		for upto, want := range map[int64]map[store.DocID]uint64{first: {d.feed(): 1}, first + 1: {d.feed(): 1, other: 1}, last: {d.feed(): 2, other: 1}} {
			v, err := store.VectorsUpto(q, upto)
			if len(v) != len(want) || err != nil {
				t.Errorf("up to %d: %v, %v", upto, v, err)
			}
			for doc, seq := range want {
				if len(v[doc]) != 1 || v[doc][0].Seq != seq || v[doc][0].Actor != d.inc.Actor() {
					t.Errorf("%s up to %d: %v", doc, upto, v[doc])
				}
			}
		}
		v, err := store.VectorsUpto(q, last)
		if err != nil {
			return err
		}
		now, err := store.Vector(q, d.feed())
		if err != nil || len(v[d.feed()]) != 1 || now[0].Hash != v[d.feed()][0].Hash {
			t.Errorf("the vector is %v, the one up to the last change %v, %v", now, v[d.feed()], err)
		}
		page, err := store.ChangesAfter(q, 0, "*/feed/*/1", 1)
		if err != nil || len(page) != 1 || page[0].Doc != d.feed() || page[0].N != first {
			t.Errorf("the first page: %v, %v", page, err)
		}
		if page, err = store.ChangesAfter(q, page[0].N, "*/feed/*/1", 10); err != nil || len(page) != 1 || page[0].N != last {
			t.Errorf("the second page: %v, %v", page, err)
		}
		seen := 0
		err = store.EachChange(q, "*/feed/*/1", func(doc store.DocID, chunk wire.Chunk) error {
			seen++
			_, err := wire.Peek(chunk)
			return err
		})
		if seen != 2 || err != nil {
			t.Errorf("%d changes of feeds, %v", seen, err)
		}
		if at, err := store.OwnClock(q); at == 0 || err != nil {
			t.Errorf("own clock %d, %v", at, err)
		}
		if at, err := store.LastClock(q); at != 0 || err != nil { // nothing came from elsewhere
			t.Errorf("clock %d, %v", at, err)
		}
		if v, err := store.Projected(q, "mirror"); v != 1 || err != nil {
			t.Errorf("projection %d, %v", v, err)
		}
		if v, err := store.Projected(q, "none"); v != 0 || err != nil {
			t.Errorf("no projection: %d, %v", v, err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}
