package settle

import (
	"encoding/hex"

	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// deal is a transaction of a merchant's feed that redeemed points or gave some
// back.
type deal struct {
	number uint64
	hash   wire.Hash
	change *wire.Change
	points int64 // redeemed
	backs  []reversal
}

// net is what was redeemed less what was given back.
func (d *deal) net() int64 {
	n := d.points
	for _, r := range d.backs {
		n -= r.points
	}
	return n
}

type reversal struct {
	of     wire.Hash
	points int64
}

// readStep is how many changes are read at once.
const readStep = 256

// walk calls fn for the transactions of a feed from a number on, in order, until
// one is told false. A transaction that moved no points of a person has neither
// points nor backs.
func (b *Book) walk(q store.Querier, feed wire.Actor, from uint64, fn func(deal) (bool, error)) error {
	return Walk(q, b.Feeds, ledger.TextSubject(b.Charter.Community()), feed, from, func(x Passed) (bool, error) {
		return fn(dealOf(x))
	})
}

func (b *Book) histories(q store.Querier) Histories {
	return Histories{q, b.Feeds, ledger.TextSubject(b.Charter.Community())}
}

// deals calls fn for the transactions of a range that is here, in order.
func (b *Book) deals(q store.Querier, r Range, fn func(deal) error) error {
	return b.histories(q).Walk(r, func(x Passed) error { return fn(dealOf(x)) })
}

func dealOf(x Passed) deal {
	d := deal{number: x.Number, hash: x.Hash, change: x.Change}
	d.read(x.Tx)
	return d
}

// Passed is a transaction that Walk comes by.
type Passed struct {
	Number uint64
	Hash   wire.Hash
	Change *wire.Change
	Tx     *ledger.Tx
}

// Walk calls fn for the transactions of a feed of this community from a number on,
// in order, until one is told false or no more are here.
func Walk(q store.Querier, feeds Feeds, community ledger.Subject, feed wire.Actor, from uint64, fn func(Passed) (bool, error)) error {
	for number := from; ; {
		part, seq := (number-1)/ledger.PartSize+1, (number-1)%ledger.PartSize
		list, err := store.After(q, feeds.Doc(feed, part), feed, seq, readStep)
		if err != nil || len(list) == 0 {
			return err
		}
		for _, c := range list {
			p, err := passed(number, c.Chunk, community)
			if err != nil {
				return err
			}
			if more, err := fn(p); err != nil || !more {
				return err
			}
			number++
		}
	}
}

func (d *deal) read(t *ledger.Tx) {
	for i := range t.Entries {
		switch e := &t.Entries[i]; {
		case e.Quota.Kind != ledger.Points:
		case e.Type == ledger.Consume:
			d.points += e.Amount
		case e.Type == ledger.Restore:
			d.backs = append(d.backs, reversal{e.Ref.Hash, e.Amount})
		}
	}
}

// tally is what ranges come to.
type tally struct {
	redemptions, reversals int64
	points, back, fen      int64
}

// counting adds deals up for a batch.
type counting struct {
	b      *Book
	q      store.Querier
	last   wire.Hash // the settlement before
	ranges []Range
	peg    int64
	tally
}

// add counts a deal. What it gives back is worth what was paid for it; what was
// never paid, beyond a cut, is not deducted.
func (c *counting) add(d deal) error {
	if d.points > 0 {
		c.redemptions++
		c.points += d.points
		c.fen += d.points * c.peg
	}
	back := int64(0)
	for _, r := range d.backs {
		peg, paid, err := c.paidAt(r.of)
		if err != nil {
			return err
		}
		if !paid {
			continue
		}
		back += r.points
		c.fen -= r.points * peg
	}
	if back > 0 {
		c.reversals++
		c.back += back
	}
	if c.points > MaxPoints || c.back > MaxPoints {
		return invalid("more than %d points in one batch", int64(MaxPoints))
	}
	return nil
}

// paidAt returns the peg at which a redemption is, or was, settled; false for
// one that is not.
func (c *counting) paidAt(h wire.Hash) (peg int64, paid bool, err error) {
	feed, number, ok, err := Find(c.q, h)
	if err != nil || !ok || number == 0 {
		return 0, false, err
	}
	if in, err := c.within(c.ranges, feed, number, h); err != nil || in {
		return c.peg, in, err
	}
	s, err := covering(c.q, c.last, feed, number)
	if err != nil || s.Number == 0 {
		return 0, false, err
	}
	list, err := ranges(c.q, s.hash)
	if err != nil {
		return 0, false, err
	}
	in, err := c.within(list, feed, number, h)
	return s.Peg, in, err
}

// within tells whether a transaction lies in one of the ranges.
func (c *counting) within(list []Range, feed wire.Actor, number uint64, h wire.Hash) (bool, error) {
	for _, r := range list {
		if r.Feed != feed {
			continue
		}
		if in, err := c.b.histories(c.q).Holds(r, number, h); err != nil || in {
			return in, err
		}
	}
	return false, nil
}

func parseActor(text string) (a wire.Actor, err error) {
	raw, err := hex.DecodeString(text)
	if err != nil || len(raw) != len(a) {
		return a, ErrForm
	}
	return wire.Actor(raw), nil
}

// count adds up what ranges hold that are all here.
func (b *Book) count(q store.Querier, last wire.Hash, ranges []Range, peg int64) (tally, error) {
	c := counting{b: b, q: q, last: last, ranges: ranges, peg: peg}
	for _, r := range ranges {
		err := b.deals(q, r, c.add)
		if err != nil {
			return tally{}, err
		}
	}
	return c.tally, nil
}
