package ledger

import (
	"jishan/crdt/wire"
)

// A successor may undo what its closed predecessors wrote within their cuts.
// Where a predecessor forked, that is what lies within the cut of all its
// branches, by the cut that the successor's own governance head names: the
// tables know one branch as the first and the others beside it, and which one
// came first differs from device to device. A verdict must not.

// heritage is what a forked feed leaves to its successor to undo.
type heritage struct {
	in   map[wire.Hash]bool // the transactions within the cut
	gone map[Ref]int64      // what of any entry they undid themselves
}

// heritageKey names a closed feed and the governance head that tells its cut.
type heritageKey struct {
	closed wire.Actor
	at     Head
}

// heritage returns what a closed feed leaves, or nil for one that has a single
// history here: its numbers tell as much. Only of a feed whose rights were
// taken by SUCCEED: then all that lies within the cut is here, and never
// changes.
func (b *book) heritage(closed wire.Actor, at Head) (*heritage, error) {
	if !b.forked[closed] && !b.stale { // a branch that came just now is not in forked yet
		return nil, nil
	}
	key := heritageKey{closed, at}
	if h := b.heritages[key]; h != nil {
		return h, nil
	}
	cut, _, err := b.Cut(at, closed)
	if err != nil {
		return nil, err
	}
	list, err := b.histories(closed)
	if err != nil {
		return nil, err
	}
	h := &heritage{in: cut.reached(list), gone: map[Ref]int64{}}
	forked := false
	for i := range list {
		forked = forked || list[i].beside
		if !h.in[list[i].Hash] {
			continue
		}
		for _, e := range list[i].Tx.Entries {
			if e.undoes() {
				h.gone[e.Ref] += e.Amount
			}
		}
	}
	if !forked {
		return nil, nil
	}
	b.heritages[key] = h
	return h, nil
}

// inherited returns a transaction of a closed feed that lies within the cut, up
// to number last; nil if it lies elsewhere.
func (b *book) inherited(c located, hash wire.Hash, at Head, last uint64) (*Tx, error) {
	h, err := b.heritage(c.actor, at)
	if err != nil {
		return nil, err
	}
	if h == nil && (c.beside || c.place() > last) || h != nil && !h.in[hash] {
		return nil, nil
	}
	return b.l.transaction(c)
}

// undoneBefore is how much of an entry was undone within the cuts of the feeds
// that one inherited, each up to a number.
func (b *book) undoneBefore(r Ref, at Head, heirs map[wire.Actor]uint64) (n int64, err error) {
	rows, err := b.undoings(r)
	if err != nil {
		return 0, err
	}
	for a, last := range heirs {
		h, err := b.heritage(a, at)
		if err != nil {
			return 0, err
		}
		if h != nil {
			n += h.gone[r]
			continue
		}
		feed, err := b.feed(a, false)
		if err != nil {
			return 0, err
		}
		for _, u := range rows {
			if feed != nil && u.feed == feed.n && u.number <= last {
				n += u.n
			}
		}
	}
	return n, nil
}

// transaction reads an entry of a feed that was found.
func (l *Ledger) transaction(c located) (*Tx, error) {
	ch, _, err := wire.Decode(c.chunk)
	if err != nil {
		return nil, err
	}
	return l.decode(ch)
}

// reached marks what of a feed lies within a cut, walking back from its tips as
// Sum does.
func (c Cut) reached(list []told) map[wire.Hash]bool {
	by := make(map[wire.Hash]*told, len(list))
	for i := range list {
		by[list[i].Hash] = &list[i]
	}
	in := map[wire.Hash]bool{}
	for _, tip := range c.Tips {
		for t := by[tip.Hash]; t != nil && !in[t.Hash]; t = by[t.Prev] {
			in[t.Hash] = true
		}
	}
	return in
}

// undoes tells whether an entry undoes the one that it names.
func (e *Entry) undoes() bool {
	switch e.Type {
	case Mint:
		return e.Why == WhyRecall
	case Tally:
		return e.Why == WhyBack
	case Burn:
		return e.Ref != (Ref{})
	}
	return e.Type == Restore
}
