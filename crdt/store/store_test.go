package store_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"jishan/crdt/store"
	"jishan/crdt/wire"
)

func TestAppendAndPut(t *testing.T) {
	d := newDevice(t, 1)
	s := d.mustOpen(t)
	people := doc("people/00")
	var ref store.Ref
	update(t, s, func(tx *store.Tx) error {
		var err error
		if ref, err = tx.Append(d.feed(), "mint", []byte("one")); err != nil {
			return err
		}
		_, err = tx.Put(people, "register", store.Put{Key: "person/a/name", Value: str("甲")}, store.Put{Key: "person/a/grid", Value: str("3")})
		return err
	})
	update(t, s, func(tx *store.Tx) error {
		h, err := tx.Put(people, "register", store.Put{Key: "person/a/name", Value: str("甲")}, store.Put{Key: "person/b", Delete: true})
		if h != (wire.Hash{}) {
			t.Error("unchanged values made a change")
		}
		return err
	})
	p, found, err := s.Change(context.Background(), ref.Hash)
	if err != nil || !found || p.Doc != d.feed() || p.Seq != 1 || p.Actor != d.inc.Actor() || p.Seal == nil {
		t.Fatal(p, found, err)
	}
	ch, _, err := wire.Decode(p.Chunk)
	if err != nil || ch.Ops[0].Key != "tx/1" || ch.Message != "1 1.1.CQAAAAAAAAAAAAAAAAAAAA op mint" {
		t.Fatal(ch, err)
	}
	err = s.View(context.Background(), func(q store.Querier) error {
		f, err := store.Fields(q, people, "person/a/name")
		if len(f) != 1 || f[0].Value != str("甲") {
			t.Error(f)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	docs, err := s.Docs(context.Background())
	if err != nil || len(docs) != 2 {
		t.Fatal(docs, err)
	}
	checkRebuild(t, s)
}

func checkRebuild(t testing.TB, s *store.Store) {
	t.Helper()
	ctx := context.Background()
	before, err := s.ProjectionDigest(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Rebuild(ctx); err != nil {
		t.Fatal(err)
	}
	after, err := s.ProjectionDigest(ctx)
	if err != nil {
		t.Fatal(err)
	}
	for name, sum := range before.Tables {
		if after.Tables[name] != sum {
			t.Errorf("table %s differs after a rebuild", name)
		}
	}
	if before.Whole != after.Whole {
		t.Error("rebuild digest differs")
	}
}

func TestRollback(t *testing.T) {
	d := newDevice(t, 1)
	s := d.mustOpen(t)
	ctx := context.Background()
	boom := errors.New("boom")
	fail := func(tx *store.Tx) error {
		if _, err := tx.Append(d.feed(), "a", []byte("lost")); err != nil {
			return err
		}
		if _, err := tx.Put(doc("scheme"), "a", store.Put{Key: "k", Value: str("v")}); err != nil {
			return err
		}
		return boom
	}
	if err := s.Update(ctx, author, fail); !errors.Is(err, boom) {
		t.Fatal(err)
	}
	func() {
		defer func() {
			if recover() == nil {
				t.Error("panic was swallowed")
			}
		}()
		_ = s.Update(ctx, author, func(tx *store.Tx) error { _ = fail(tx); panic("x") })
	}()
	c, err := s.Counts(ctx)
	if err != nil || c.Changes != 0 || c.Docs != 0 {
		t.Fatal(c, err)
	}
	if err := appendOne(s, d.feed(), "kept"); err != nil {
		t.Fatal(err)
	}
	v, err := s.Vector(ctx, d.feed())
	if err != nil || len(v) != 1 || v[0].Seq != 1 {
		t.Fatal(v, err)
	}
	checkRebuild(t, s)
}

func TestPartFullAndWriter(t *testing.T) {
	d := newDevice(t, 1)
	s := d.mustOpen(t)
	err := s.Update(context.Background(), author, func(tx *store.Tx) error {
		for i := range store.MaxPart {
			if _, err := tx.Append(d.feed(), "x", fmt.Appendf(nil, "%d", i)); err != nil {
				return err
			}
		}
		_, err := tx.Append(d.feed(), "x", nil)
		if !errors.Is(err, store.ErrPartFull) {
			t.Error("part is not full:", err)
		}
		if _, err = tx.Append(doc("scheme"), "x", nil); !errors.Is(err, store.ErrShape) {
			t.Error(err)
		}
		if _, err = tx.Put(d.feed(), "x", store.Put{Key: "k"}); !errors.Is(err, store.ErrShape) {
			t.Error(err)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	list, err := s.After(context.Background(), d.feed(), d.inc.Actor(), 4000, 64)
	if err != nil || len(list) != 64 || list[0].Seq != 4001 {
		t.Fatal(len(list), err)
	}
	checkRebuild(t, s)
}

func TestClock(t *testing.T) {
	d := newDevice(t, 1)
	s := d.mustOpen(t)
	var first, second int64
	update(t, s, func(tx *store.Tx) error { first = tx.Now(); _, err := tx.Append(d.feed(), "x", nil); return err })
	d.now -= 5000 // the machine's clock falls back
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = d.mustOpen(t)
	update(t, s, func(tx *store.Tx) error { second = tx.Now(); return nil })
	if second != first+1 {
		t.Fatal(first, second)
	}
}

func TestSets(t *testing.T) {
	d := newDevice(t, 1)
	s := d.mustOpen(t)
	ctx := context.Background()
	c := d.inc.Certificate
	empty, err := s.SetDigest(ctx, store.SetIncarnation)
	if err != nil || empty != ([32]byte{}) {
		t.Fatal(empty, err)
	}
	add := func(name string, it store.Item) (changed bool, err error) {
		err = s.Update(ctx, store.Author{}, func(tx *store.Tx) error { changed, err = tx.SetAdd(name, it); return err })
		return changed, err
	}
	if ok, err := add(store.SetIncarnation, store.Item{ID: c.ID(), Blob: c.Encode()}); !ok || err != nil {
		t.Fatal(ok, err)
	}
	if ok, err := add(store.SetIncarnation, store.Item{ID: c.ID(), Blob: c.Encode()}); ok || err != nil {
		t.Fatal("twice", ok, err)
	}
	bad := c
	bad.Made++
	if _, err := add(store.SetIncarnation, store.Item{ID: bad.ID(), Blob: bad.Encode()}); err == nil {
		t.Fatal("a forged certificate came in")
	}
	id := [32]byte{5}
	for i, step := range []struct {
		it      store.Item
		changed bool
	}{
		{store.Item{ID: id, Blob: []byte("b")}, true},
		{store.Item{ID: id, Blob: []byte("c")}, false},
		{store.Item{ID: id, Blob: []byte("a")}, true},
		{store.Item{ID: id, Gone: true}, true},
		{store.Item{ID: id, Blob: []byte("0")}, false},
	} {
		before, err := s.SetDigest(ctx, "vault")
		if err != nil {
			t.Fatal(err)
		}
		ok, err := add("vault", step.it)
		after, err2 := s.SetDigest(ctx, "vault")
		if err != nil || err2 != nil || ok != step.changed || (before != after) != ok {
			t.Fatal(i, ok, err, err2)
		}
	}
	items, err := s.SetItems(ctx, "vault", 5)
	if err != nil || len(items) != 1 || !items[0].Gone {
		t.Fatal(items, err)
	}
	if items, err = s.SetItems(ctx, "vault", 6); err != nil || len(items) != 0 {
		t.Fatal(items, err)
	}
}

func TestNestedQueries(t *testing.T) {
	s := newDevice(t, 1).mustOpen(t)
	err := s.View(context.Background(), func(q store.Querier) error {
		const query = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 3) SELECT i FROM n"
		outer, err := q.Query(query)
		if err != nil {
			return err
		}
		defer outer.Close()
		pairs := 0
		for outer.Next() {
			inner, err := q.Query(query)
			if err != nil {
				return err
			}
			for inner.Next() {
				pairs++
			}
			if err := inner.Close(); err != nil {
				return err
			}
		}
		if pairs != 9 {
			t.Error("nested use of one statement gave", pairs)
		}
		return outer.Err()
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestOnCommit(t *testing.T) {
	d := newDevice(t, 1)
	s := d.mustOpen(t)
	var got []store.Commit
	s.OnCommit(func(c store.Commit) { got = append(got, c) })
	if err := appendOne(s, d.feed(), "x"); err != nil {
		t.Fatal(err)
	}
	update(t, s, func(tx *store.Tx) error { return nil })
	update(t, s, func(tx *store.Tx) error { _, err := tx.SetAdd("vault", store.Item{Blob: []byte("x")}); return err })
	if len(got) != 2 || !got[0].Local || got[0].Docs[0] != d.feed() || got[1].Local || got[1].Sets[0] != "vault" {
		t.Fatalf("%+v", got)
	}
}
