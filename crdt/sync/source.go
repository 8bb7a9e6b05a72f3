package sync

import (
	"bytes"
	"context"
	"slices"

	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Source is what a session needs of a store. [Of] makes it of a *store.Store.
type Source interface {
	// Documents returns the documents that want accepts, with their vectors,
	// all of one moment. Where have knows a digest, the vector is not read.
	Documents(ctx context.Context, want func(store.DocID) bool, have func(store.DocID, [32]byte) bool) ([]Document, error)
	// Vector returns the vector of one document; none when it is not here.
	Vector(ctx context.Context, doc store.DocID) ([]store.Tip, error)
	// After returns an actor's changes of a document behind seq, ascending; the
	// last one is sealed. limit is at least seal.MaxRun.
	After(ctx context.Context, doc store.DocID, actor wire.Actor, seq uint64, limit int) ([]store.Stored, error)
	// Histories returns what is held of an author who has forked from change
	// first on, history by history; each ends with a sealed change.
	Histories(ctx context.Context, doc store.DocID, actor wire.Actor, first uint64) ([]store.Stored, error)
	// Items returns all items of a set.
	Items(ctx context.Context, set string) ([]store.Item, error)
	// AddItems adds to a set and returns how many were new.
	AddItems(ctx context.Context, set string, items []store.Item) (int, error)
}

// Document is one document with its vector, which is ascending by actor.
type Document struct {
	ID     store.DocID
	Shape  store.Shape
	Digest [32]byte
	Tips   []store.Tip
}

// markSize is how much of a hash travels in a vector: enough that nobody can
// make two branches that look alike.
const markSize = 16

// tip is one entry of a vector as the peer sees it.
type tip struct {
	actor wire.Actor
	seq   uint64
	mark  [markSize]byte
}

// vector is ascending by actor.
type vector []tip

func vectorOf(tips []store.Tip) vector {
	v := make(vector, len(tips))
	for i, t := range tips {
		v[i] = tip{t.Actor, t.Seq, [markSize]byte(t.Hash[:])}
	}
	slices.SortFunc(v, func(a, b tip) int { return a.actor.Compare(b.actor) })
	return v
}

func (v vector) find(a wire.Actor) (int, bool) {
	return slices.BinarySearchFunc(v, a, func(t tip, a wire.Actor) int { return t.actor.Compare(a) })
}

func (v vector) get(a wire.Actor) (tip, bool) {
	if i, ok := v.find(a); ok {
		return v[i], true
	}
	return tip{actor: a}, false
}

// with returns v with t in it if t goes further; v itself is not changed.
func (v vector) with(t tip) vector {
	i, ok := v.find(t.actor)
	switch {
	case ok && v[i].seq >= t.seq:
		return v
	case ok:
		v = slices.Clone(v)
		v[i] = t
		return v
	}
	return slices.Insert(slices.Clip(v), i, t)
}

// merge returns the greater entry for every actor.
func (v vector) merge(w vector) vector {
	if len(v) == 0 {
		return w
	}
	for _, t := range w {
		v = v.with(t)
	}
	return v
}

// lacks counts the changes that mine has and v has not.
func (v vector) lacks(mine vector) (n uint64) {
	for _, t := range mine {
		if have, _ := v.get(t.actor); have.seq < t.seq {
			n += t.seq - have.seq
		}
	}
	return n
}

func sameMark(m [markSize]byte, h wire.Hash) bool { return bytes.Equal(m[:], h[:markSize]) }
