package store_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"jishan/crdt/store"
)

// TestTogether lets writers, readers and a rebuild work at the same time.
func TestTogether(t *testing.T) {
	const writers, each = 4, 25
	d := newDevice(t, 1)
	s := d.mustOpen(t)
	ctx := context.Background()
	s.OnCommit(func(store.Commit) {})
	errs := make(chan error, 100)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range each {
				errs <- s.Update(ctx, author, func(tx *store.Tx) error {
					if _, err := tx.Append(d.feed(), "x", fmt.Appendf(nil, "%d %d", w, i)); err != nil {
						return err
					}
					_, err := tx.SetAdd("vault", store.Item{ID: [32]byte{byte(w), byte(i)}, Blob: []byte("k")})
					return err
				})
			}
		})
	}
	for range 3 {
		wg.Go(func() {
			for range 20 {
				_, err := s.SetDigest(ctx, "vault")
				errs <- errors.Join(err, sameMoment(ctx, s, d))
			}
		})
	}
	wg.Go(func() {
		for range 3 {
			errs <- s.Rebuild(ctx)
		}
	})
	go func() { wg.Wait(); close(errs) }()
	for err := range errs {
		if err != nil {
			t.Error(err)
		}
	}
	c, err := s.Counts(ctx)
	if err != nil || c.Changes != writers*each {
		t.Fatal(c, err)
	}
	items, err := s.SetItems(ctx, "vault", -1)
	if err != nil || len(items) != writers*each {
		t.Fatal(len(items), err)
	}
	checkRebuild(t, s)
}

// sameMoment: within a view, the vector and the projection tell one story.
func sameMoment(ctx context.Context, s *store.Store, d *device) error {
	return s.View(ctx, func(q store.Querier) error {
		v, err := store.Vector(q, d.feed())
		if err != nil || len(v) == 0 {
			return err
		}
		var n uint64
		if err := q.QueryRow("SELECT count(*) FROM mirror_entry").Scan(&n); err != nil {
			return err
		}
		if n != v[0].Seq {
			return fmt.Errorf("vector says %d, projection %d", v[0].Seq, n)
		}
		return nil
	})
}

// picky is a projection that refuses some changes.
type picky struct{ mirror }

func (picky) Name() string   { return "picky" }
func (picky) Schema() string { return "CREATE TABLE picky_none (n INTEGER PRIMARY KEY) STRICT" }
func (picky) Apply(_ *store.Tx, ev store.Event) error {
	if strings.Contains(ev.Context.Action, "bad") {
		return errPicky
	}
	return nil
}

var errPicky = errors.New("picky")

// TestDroppedErrorCommitsNothing: half a change must not be committed, even if
// a command forgets to look at the error.
func TestDroppedErrorCommitsNothing(t *testing.T) {
	d := newDevice(t, 1)
	d.extra = []store.Projector{picky{}}
	s := d.mustOpen(t)
	err := s.Update(context.Background(), author, func(tx *store.Tx) error {
		_, _ = tx.Append(d.feed(), "bad", []byte("x"))
		return nil
	})
	if !errors.Is(err, errPicky) {
		t.Fatal(err)
	}
	if c, err := s.Counts(context.Background()); err != nil || c.Changes != 0 {
		t.Fatal(c, err)
	}
	if err := appendOne(s, d.feed(), "good"); err != nil {
		t.Fatal(err)
	}
}

// TestNewProjectionRebuilds: a projection that comes later, or in a new
// version, sees all changes.
func TestNewProjectionRebuilds(t *testing.T) {
	d := newDevice(t, 1)
	write(t, d, 3, "x")
	d.extra = []store.Projector{picky{}}
	s := d.mustOpen(t)
	var n int
	err := s.View(context.Background(), func(q store.Querier) error {
		return q.QueryRow("SELECT count(*) FROM mirror_entry, (SELECT count(*) FROM picky_none)").Scan(&n)
	})
	if err != nil || n != 3 {
		t.Fatal(n, err)
	}
	if err := appendOne(s, d.feed(), "x"); err != nil {
		t.Fatal(err)
	}
}
