package ledger

import (
	"database/sql"
	"maps"
	"math"
	"slices"

	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// What counts of a closed feed lies within its cut, and so does what its successor may
// undo, or need not take again. Where the feed forked, that is what the cut's tips
// follow, by their hashes: the tables know one branch as the first and the others beside
// it, and which one came first differs from device to device. Neither a sum nor a
// verdict may; a verdict goes by the cut that its own governance head names.

// heritage is what lies within a cut of a forked feed.
type heritage struct {
	tips []Tip              // of the cut
	in   map[wire.Hash]bool // the transactions
	gone map[Ref]int64      // what of any entry they undid
	took map[MoveID]bool
	from map[wire.Actor]uint64 // closed feeds that they inherited, and up to where
}

// heritage returns what lies within a cut of a feed, or nil for one that has a single
// history here: its numbers tell as much. It is kept until the feed grows.
func (b *book) heritage(a wire.Actor, c Cut) (*heritage, error) {
	if !b.forked[a] {
		return nil, nil
	}
	for _, h := range b.heritages[a] {
		if slices.Equal(h.tips, c.Tips) {
			return h, nil
		}
	}
	list, err := b.histories(a)
	if err != nil {
		return nil, err
	}
	return b.heritageOf(a, c, list)
}

// heritageOf is heritage of a feed that was read.
func (b *book) heritageOf(a wire.Actor, c Cut, list []told) (*heritage, error) {
	h := &heritage{tips: c.Tips, in: c.reached(list), gone: map[Ref]int64{}, took: map[MoveID]bool{}, from: map[wire.Actor]uint64{}}
	for i := range list {
		t := &list[i]
		if !h.in[t.Hash] {
			continue
		}
		x, err := Effects(t.Tx, t.Place, replaying{b})
		if err != nil {
			return nil, err
		}
		for _, u := range x.Undone {
			h.gone[u.Ref] += u.N
		}
		for _, t := range x.Taken {
			h.took[t.ID] = true
		}
		for _, in := range x.Inherit {
			if in.Succession {
				h.from[in.From] = max(h.from[in.From], in.Tip.Number)
			}
		}
	}
	b.heritages[a] = append(b.heritages[a], h)
	return h, nil
}

// counts tells whether a transaction lies within its feed's cut.
func (b *book) counts(a wire.Actor, t Tip) (bool, error) {
	c, closed := b.closed[a]
	if !closed {
		return true, nil
	}
	h, err := b.heritage(a, c.Cut)
	if err != nil || h == nil {
		return c.Cut.Covers(t), err
	}
	return h.in[t.Hash], nil
}

// left is what a feed that a SUCCEED was taken of leaves: all that lies within the cut
// is here then, and never changes.
func (b *book) left(closed wire.Actor, at Head) (*heritage, error) {
	if !b.forked[closed] {
		return nil, nil
	}
	cut, _, err := b.Cut(at, closed)
	if err != nil {
		return nil, err
	}
	return b.heritage(closed, cut)
}

// inheritedBy tells which closed feeds one took the SUCCEED of, up to a number of its own,
// and up to where it inherited each.
func (b *book) inheritedBy(feed *feedRow, last uint64) (map[wire.Actor]uint64, error) {
	list := map[wire.Actor]uint64{}
	err := store.EachRow(b.tx, func(r *sql.Rows) error {
		var closed []byte
		var number uint64
		err := r.Scan(&closed, &number)
		if err == nil {
			list[wire.Actor(closed)] = number
		}
		return err
	}, "SELECT closed, number FROM ledger_heir WHERE feed = ? AND at <= ?", feed.n, int64(min(last, math.MaxInt64)))
	return list, err
}

// forebears adds to the feeds that one inherited those that they had inherited within
// their cuts, and so on: a device that was set up anew twice may still undo what it wrote
// at first. All that they took is here, as the feed itself named it.
func (b *book) forebears(list map[wire.Actor]uint64, at Head) error {
	todo := slices.SortedFunc(maps.Keys(list), wire.Actor.Compare)
	for len(todo) > 0 {
		a := todo[0]
		todo = todo[1:]
		h, err := b.left(a, at)
		if err != nil {
			return err
		}
		var more map[wire.Actor]uint64
		if h != nil {
			more = h.from
		} else {
			feed, err := b.feed(a, false)
			if err != nil {
				return err
			}
			if feed == nil {
				continue
			}
			if more, err = b.inheritedBy(feed, list[a]); err != nil {
				return err
			}
		}
		for _, x := range slices.SortedFunc(maps.Keys(more), wire.Actor.Compare) {
			if _, known := list[x]; !known {
				list[x] = more[x]
				todo = append(todo, x)
			}
		}
	}
	return nil
}

// inherited returns a transaction of a closed feed that lies within the cut, up
// to number last; nil if it lies elsewhere.
func (b *book) inherited(c located, hash wire.Hash, at Head, last uint64) (*Tx, error) {
	h, err := b.left(c.actor, at)
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
		h, err := b.left(a, at)
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
