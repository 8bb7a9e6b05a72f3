package sync

import (
	"context"
	"slices"
	"sync"

	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Of makes a Source of a store. All sessions of a store should share one: it
// keeps the sets' items in memory and reads again only what has changed.
func Of(st *store.Store) Source { return &stored{st: st, sets: map[string]*setItems{}} }

type stored struct {
	st   *store.Store
	mu   sync.Mutex
	sets map[string]*setItems

	packs packs
}

type setItems struct {
	sums  [store.SetBuckets][32]byte
	items [store.SetBuckets][]store.Item
}

func (s *stored) Documents(ctx context.Context, want func(store.DocID) bool, have func(store.DocID, [32]byte) bool) (out []Document, err error) {
	err = s.st.View(ctx, func(q store.Querier) error {
		list, err := store.Docs(q)
		if err != nil {
			return err
		}
		for _, info := range list {
			if !want(info.ID) {
				continue
			}
			d := Document{ID: info.ID, Shape: info.Shape, Digest: info.Digest}
			if !have(info.ID, info.Digest) {
				if d.Tips, err = store.Vector(q, info.ID); err != nil {
					return err
				}
			}
			out = append(out, d)
		}
		return nil
	})
	return out, err
}

func (s *stored) Vector(ctx context.Context, doc store.DocID) ([]store.Tip, error) {
	return s.st.Vector(ctx, doc)
}

func (s *stored) After(ctx context.Context, doc store.DocID, actor wire.Actor, seq uint64, limit int) ([]store.Stored, error) {
	return s.st.After(ctx, doc, actor, seq, limit)
}

func (s *stored) Histories(ctx context.Context, doc store.DocID, actor wire.Actor, first uint64) (list []store.Stored, err error) {
	err = s.st.View(ctx, func(q store.Querier) error { list, err = store.Histories(q, doc, actor, first); return err })
	return list, err
}

func (s *stored) Items(ctx context.Context, set string) ([]store.Item, error) {
	sums, err := s.st.SetBucketDigests(ctx, set)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	c := s.sets[set]
	if c == nil {
		c = &setItems{}
		s.sets[set] = c
	}
	var moved []int
	for i := range sums {
		if c.sums[i] != sums[i] {
			moved = append(moved, i)
		}
	}
	fresh, err := s.st.SetBucketItems(ctx, set, moved)
	if err != nil {
		return nil, err
	}
	for _, i := range moved {
		c.items[i], c.sums[i] = fresh[i], sums[i]
	}
	return slices.Concat(c.items[:]...), nil
}

func (s *stored) AddItems(ctx context.Context, set string, items []store.Item) (n int, err error) {
	err = s.st.Update(ctx, store.Author{}, func(tx *store.Tx) error {
		n = 0
		for _, it := range items {
			changed, err := tx.SetAdd(set, it)
			if err != nil {
				return err
			}
			if changed {
				n++
			}
		}
		return nil
	})
	return n, err
}
