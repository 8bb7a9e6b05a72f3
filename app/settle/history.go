package settle

import (
	"fmt"
	"slices"

	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Histories reads the ranges of a community's feeds. A forked feed has two
// histories, and which of them stands among the changes and which beside them
// depends on what a device heard first. A range names the hash of its last
// transaction, and so one history: that one is followed here, so that all devices
// which hold it come to one verdict.
type Histories struct {
	Q         store.Querier
	Feeds     Feeds
	Community ledger.Subject
}

// Held tells whether a range is here: its last transaction is, in whichever
// history, and so is all before it.
func (x Histories) Held(r Range) (bool, error) {
	_, ok, err := (&tracing{Histories: x, feed: r.Feed}).change(r.To, r.Tip)
	return ok, err
}

// Holds tells whether a transaction that is here lies in a range that is: its
// number does, and it stands in the history that the range names.
func (x Histories) Holds(r Range, number uint64, h wire.Hash) (bool, error) {
	if number < r.From || number > r.To {
		return false, nil
	}
	fork, err := forkOf(x.Q, x.Feeds, r.Feed, r.To)
	if err != nil || fork == 0 || number < fork {
		return err == nil, err
	}
	list, err := (&tracing{Histories: x, feed: r.Feed}).since(number, r)
	return err == nil && list[0].Hash == h, err
}

// Walk calls fn for the transactions of a range that is here, in order.
func (x Histories) Walk(r Range, fn func(Passed) error) error {
	fork, err := forkOf(x.Q, x.Feeds, r.Feed, r.To)
	if err != nil {
		return err
	}
	common := r.To
	if fork > 0 {
		common = fork - 1
	}
	err = Walk(x.Q, x.Feeds, x.Community, r.Feed, r.From, func(p Passed) (bool, error) {
		if p.Number > common {
			return false, nil
		}
		return true, fn(p)
	})
	if err != nil || fork == 0 {
		return err
	}
	list, err := (&tracing{Histories: x, feed: r.Feed}).since(max(r.From, fork), r)
	for i := 0; i < len(list) && err == nil; i++ {
		err = fn(list[i])
	}
	return err
}

// tracing goes back along one history of a feed.
type tracing struct {
	Histories
	feed   wire.Actor
	part   uint64 // of beside
	beside map[wire.Hash]store.Placed
}

// change finds a transaction by its running number and hash.
func (x *tracing) change(number uint64, h wire.Hash) (store.Placed, bool, error) {
	part, seq := (number-1)/ledger.PartSize+1, (number-1)%ledger.PartSize+1
	doc := x.Feeds.Doc(x.feed, part)
	p, ok, err := store.At(x.Q, doc, x.feed, seq)
	if err != nil || ok && p.Hash == h {
		return p, ok, err
	}
	if x.part != part {
		list, err := store.Branches(x.Q, doc)
		if err != nil {
			return p, false, err
		}
		x.part, x.beside = part, map[wire.Hash]store.Placed{}
		for _, b := range list {
			x.beside[b.Hash] = b
		}
	}
	p, ok = x.beside[h]
	return p, ok && p.Actor == x.feed && p.Seq == seq, nil
}

// since is a range's history from a number on, in order.
func (x *tracing) since(number uint64, r Range) (list []Passed, err error) {
	h := r.Tip
	for n := r.To; n >= number; n-- {
		p, ok, err := x.change(n, h)
		if err == nil && !ok {
			err = fmt.Errorf("%w: a history with a gap", store.ErrCorrupt)
		}
		if err != nil {
			return nil, err
		}
		t, err := passed(n, p.Chunk, x.Community)
		if err != nil {
			return nil, err
		}
		list, h = append(list, t), t.before()
	}
	slices.Reverse(list)
	return list, nil
}

// before is the transaction that one follows; zero for the feed's first.
func (p *Passed) before() wire.Hash {
	switch {
	case p.Tx.Part != nil:
		return p.Tx.Part.PrevHash
	case len(p.Change.Deps) == 1:
		return p.Change.Deps[0]
	}
	return wire.Hash{}
}

// passed reads a transaction.
func passed(number uint64, chunk wire.Chunk, community ledger.Subject) (Passed, error) {
	ch, h, err := wire.Decode(chunk)
	if err != nil {
		return Passed{}, err
	}
	t, err := ledger.Decode([]byte(ch.Ops[0].Value.Raw), community)
	return Passed{number, h, ch, t}, err
}

// Find looks a transaction up by its hash, in whichever history, and says where it
// stands; a zero feed for what is no transaction.
func Find(q store.Querier, h wire.Hash) (feed wire.Actor, number uint64, found bool, err error) {
	p, _, found, err := store.Lookup(q, h)
	if err != nil || !found {
		return feed, 0, false, err
	}
	path, err := govern.ParsePath(p.Doc)
	if err != nil || path.Row.Doc != "feed" {
		return feed, 0, true, err
	}
	feed, err = parseActor(path.Author)
	return feed, (path.Part-1)*ledger.PartSize + p.Seq, true, err
}
