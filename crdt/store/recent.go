package store

import (
	"bytes"
	"context"
	"slices"
	"sync"

	"jishan/crdt/seal"
	"jishan/crdt/wire"
)

const (
	// recentChanges and recentBytes bound what is kept of the changes taken
	// last: what a busy community says while its slowest link catches up.
	recentChanges = 4096
	recentBytes   = 2 << 20
)

// recent keeps in memory what was committed last: vectors, and the ends of the
// histories. A device passes on what it has just taken to everybody who is
// connected, and most of what others bring is what it has just taken. Whatever
// is not here is read from the database.
type recent struct {
	mu      sync.Mutex
	state   uint64 // counts what was put here; see fill
	vectors map[DocID][]Tip
	ends    map[place][]Stored // without gaps, up to the newest
	order   []place            // of the changes in ends, first to last
	bytes   int
	calm    bool // nothing waits
	certs   map[wire.Actor]*seal.Certificate
}

// place names one author's history in a document.
type place struct {
	doc   DocID
	actor wire.Actor
}

// taken is a change of the transaction that goes on.
type taken struct {
	place
	Stored
}

// published puts in what a commit changed.
func (r *recent) published(tx *Tx) {
	docs, fresh := tx.touched, tx.fresh
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state++
	r.calm = r.calm && !tx.waited
	if tx.sets[SetIncarnation] != nil || len(r.certs) >= maxCached {
		r.certs = nil
	}
	if r.vectors == nil || len(r.vectors)+len(docs) > maxCached {
		r.vectors = map[DocID][]Tip{}
	}
	for _, d := range docs {
		r.vectors[d.id] = d.told
	}
	for _, t := range fresh[max(0, len(fresh)-recentChanges):] { // no gap stays: what is older goes below
		r.add(t)
	}
	for len(r.order) > recentChanges || r.bytes > recentBytes {
		r.drop()
	}
}

// add puts a change behind those of its author. Its bytes are copied: they may
// be a piece of a far larger frame.
func (r *recent) add(t taken) {
	if r.ends == nil {
		r.ends = map[place][]Stored{}
	}
	t.Chunk = bytes.Clone(t.Chunk)
	r.ends[t.place] = append(r.ends[t.place], t.Stored)
	r.order = append(r.order, t.place)
	r.bytes += len(t.Chunk)
}

// drop forgets the oldest change, which is the first of its history here.
func (r *recent) drop() {
	at := r.order[0]
	r.order = r.order[1:]
	list := r.ends[at]
	r.bytes -= len(list[0].Chunk)
	list[0] = Stored{}
	if r.ends[at] = list[1:]; len(list) == 1 {
		delete(r.ends, at)
	}
}

// clear forgets everything, when all is made anew.
func (r *recent) clear() {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.state++
	r.vectors, r.ends, r.order, r.bytes, r.calm = nil, nil, nil, 0, false
}

// vector returns a document's vector, if it is known here; else the number by
// which fill may put it in.
func (r *recent) vector(doc DocID) (v []Tip, ok bool, state uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	v, ok = r.vectors[doc]
	return slices.Clone(v), ok, r.state
}

// fill puts a vector in that was read from the database, unless something was
// committed meanwhile.
func (r *recent) fill(doc DocID, v []Tip, state uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state == state && r.vectors != nil && len(r.vectors) < maxCached {
		r.vectors[doc] = slices.Clone(v)
	}
}

// after returns the changes of one author behind seq if all of them are here.
func (r *recent) after(at place, seq uint64, limit int) ([]Stored, bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	list := r.ends[at]
	if len(list) == 0 || seq+1 < list[0].Seq {
		return nil, false
	}
	list = list[min(seq+1-list[0].Seq, uint64(len(list))):]
	return slices.Clone(list[:min(limit, len(list))]), true
}

// waitsNone tells whether the waiting room is known to be empty.
func (r *recent) waitsNone() (none bool, state uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.calm, r.state
}

// noneWaits notes that the waiting room was empty in a state.
func (r *recent) noneWaits(state uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.calm = r.calm || r.state == state
}

// Certificates finds the certificates of some incarnations; nil for those that
// are not here. What it returns is shared and must not be changed.
func (s *Store) Certificates(ctx context.Context, actors ...wire.Actor) (map[wire.Actor]*seal.Certificate, error) {
	out := make(map[wire.Actor]*seal.Certificate, len(actors))
	missing, state := s.recent.certificates(actors, out)
	if len(missing) == 0 {
		return out, s.usable(ctx)
	}
	err := s.View(ctx, func(q Querier) (err error) {
		for _, a := range missing {
			if out[a], err = Certificate(q, a); err != nil {
				return err
			}
		}
		return nil
	})
	if err == nil {
		s.recent.fillCertificates(out, state)
	}
	return out, err
}

func (r *recent) certificates(actors []wire.Actor, out map[wire.Actor]*seal.Certificate) (missing []wire.Actor, state uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, a := range actors {
		if c := r.certs[a]; c != nil {
			out[a] = c
		} else {
			missing = append(missing, a)
		}
	}
	return missing, r.state
}

func (r *recent) fillCertificates(found map[wire.Actor]*seal.Certificate, state uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.state != state {
		return
	}
	if r.certs == nil {
		r.certs = map[wire.Actor]*seal.Certificate{}
	}
	for a, c := range found {
		if c != nil {
			r.certs[a] = c
		}
	}
}

// Recent tells whether an author's change is held, as far as that can be said
// without the database: not for changes of long ago.
func (s *Store) Recent(doc DocID, a wire.Actor, seq uint64, h wire.Hash) (held, sure bool) {
	r := &s.recent
	r.mu.Lock()
	defer r.mu.Unlock()
	list := r.ends[place{doc, a}]
	if len(list) == 0 || seq < list[0].Seq {
		return false, false
	}
	i := seq - list[0].Seq
	return i < uint64(len(list)) && list[i].Hash == h, true
}
