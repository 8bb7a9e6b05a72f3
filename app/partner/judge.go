package partner

import (
	"fmt"
	"slices"

	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/app/settle"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// judge is what an entry of one side is judged by. Of our own statements every
// staff device adds up the feeds; of the other side's, who holds theirs, only what
// they say of themselves can be checked: that each follows the one before.
type judge struct {
	b           *Book
	q           store.Querier
	side, other string
	own         bool            // side is this community
	law         govern.Snapshot // of side
	at          govern.Point
	here, there *history // what side wrote to other, and other to side
	chain       *chain
}

func (j *judge) entry(e Entry, prev wire.Hash) (err error) {
	if j.chain, err = j.here.to(prev); err != nil {
		return err
	}
	switch {
	case e.Statement != nil:
		return j.statement(e.Statement)
	case e.Answer != nil:
		return j.answer(e.Answer)
	}
	return j.receipt(e.Receipt)
}

func (j *judge) statement(s *Statement) error {
	last := j.chain.last()
	if last == nil {
		last = &Statement{}
	}
	if s.Number != last.Number+1 || s.Month <= last.Month {
		return invalid("statement %d of %s does not follow %d of %s", s.Number, s.Month, last.Number, last.Month)
	}
	terms, ok := j.law.Partner(j.other, j.at)
	if !ok || terms.Peg != s.Peg {
		return invalid("a point is worth %d fen, not %d", terms.Peg, s.Peg)
	}
	for _, r := range s.Ranges {
		if done := j.chain.settled[r.Feed]; r.From != done+1 {
			return invalid("feed %s is settled up to %d: the next range does not begin with %d", r.Feed, done, r.From)
		}
	}
	if !j.own {
		return nil
	}
	return j.sums(s)
}

// sums demands that a statement of ours says what the feeds hold. A range names one
// history of its feed, so of a forked one all devices add up the same branch.
func (j *judge) sums(s *Statement) error {
	for _, r := range s.Ranges {
		if err := j.held(r); err != nil {
			return err
		}
	}
	t, err := j.count(s.Ranges, s.Peg)
	if err != nil {
		return err
	}
	if !t.same(s) {
		return invalid("the feeds hold %d points spent, %d given back, %d brought along, %d fen: not %d, %d, %d, %d",
			t.Spent, t.Back, t.Moved, t.Fen, s.Spent, s.Back, s.Moved, s.Fen)
	}
	return nil
}

// held demands that a range is here and counts.
func (j *judge) held(r settle.Range) error {
	device, known, err := j.b.charter.DeviceOf(j.q, r.Feed)
	if err != nil {
		return err
	}
	if !known {
		return fmt.Errorf("%w: the certificate of feed %s", ErrEarly, r.Feed)
	}
	if c, closed := settle.CutOf(j.law, j.at, r.Feed, device); closed && !c.Covers(ledger.Tip{Number: r.To, Hash: r.Tip}) {
		return invalid("feed %s counts no further than its cut", r.Feed)
	}
	whole, err := j.histories().Held(r)
	if err == nil && !whole {
		err = fmt.Errorf("%w: feed %s up to %d", ErrEarly, r.Feed, r.To)
	}
	return err
}

func (j *judge) histories() settle.Histories {
	return settle.Histories{Q: j.q, Feeds: j.b.feeds, Community: ledger.TextSubject(j.side)}
}

// deal is a transaction that used or gave back the other side's credit.
type deal struct {
	number             uint64
	hash               wire.Hash
	at                 int64
	spent, moved, back int64
	of                 []reversal
	after              []at // what it takes back and no statement holds yet
}

type reversal struct {
	of     wire.Hash
	points int64
}

func (d *deal) any() bool { return d.spent+d.moved+d.back > 0 }

// net is the credit that was used less what was given back.
func (d *deal) net() int64 { return d.spent + d.moved - d.back }

// dealOf reads a transaction: credit that goes with a MINT of somebody who moved
// here came along, all other was spent.
func dealOf(p settle.Passed, other ledger.Subject) deal {
	d := deal{number: p.Number, hash: p.Hash, at: p.Change.Time}
	moves := slices.ContainsFunc(p.Tx.Entries, func(e ledger.Entry) bool { return e.Type == ledger.Mint && e.Why == ledger.WhyMoved })
	for i := range p.Tx.Entries {
		e := &p.Tx.Entries[i]
		switch {
		case e.Quota.Kind != ledger.Credit || e.Quota.Subject != other:
		case e.Type == ledger.Consume && moves:
			d.moved += e.Amount
		case e.Type == ledger.Consume:
			d.spent += e.Amount
		case e.Type == ledger.Restore:
			d.back += e.Amount
			d.of = append(d.of, reversal{e.Ref.Hash, e.Amount})
		}
	}
	return d
}

func (j *judge) walk(feed wire.Actor, from uint64, fn func(deal) (bool, error)) error {
	other := ledger.TextSubject(j.other)
	return settle.Walk(j.q, j.b.feeds, ledger.TextSubject(j.side), feed, from, func(p settle.Passed) (bool, error) {
		return fn(dealOf(p, other))
	})
}

// same tells whether the figures are equal.
func (s *Statement) same(o *Statement) bool {
	return s.Spent == o.Spent && s.Back == o.Back && s.Moved == o.Moved && s.Deals == o.Deals && s.Backs == o.Backs && s.Movers == o.Movers && s.Fen == o.Fen
}

// count adds up what a statement's ranges hold. What is given back is worth what it
// was settled at; what was never settled, beyond a cut, is not deducted.
func (j *judge) count(ranges []settle.Range, peg int64) (t Statement, err error) {
	other := ledger.TextSubject(j.other)
	for _, r := range ranges {
		err := j.histories().Walk(r, func(p settle.Passed) error { return j.add(&t, dealOf(p, other), ranges, peg) })
		if err != nil {
			return t, err
		}
	}
	return t, nil
}

func (j *judge) add(t *Statement, d deal, ranges []settle.Range, peg int64) error {
	if d.spent > 0 {
		t.Deals++
	}
	if d.moved > 0 {
		t.Movers++
	}
	t.Spent, t.Moved = t.Spent+d.spent, t.Moved+d.moved
	t.Fen += (d.spent - d.moved) * peg
	back := int64(0)
	for _, r := range d.of {
		was, paid, err := j.settledAt(r.of, ranges, peg)
		if err != nil {
			return err
		}
		if paid {
			back += r.points
			t.Fen -= r.points * was
		}
	}
	if back > 0 {
		t.Backs++
		t.Back += back
	}
	if t.Spent > MaxPoints || t.Back > MaxPoints || t.Moved > MaxPoints {
		return invalid("more than %d points in one statement", int64(MaxPoints))
	}
	return nil
}

// settledAt returns the peg at which a transaction is, or was, settled; false for
// one that is in no range. ErrEarly while it is not here: an heir's feed may come
// before the one that it inherited.
func (j *judge) settledAt(h wire.Hash, ranges []settle.Range, peg int64) (int64, bool, error) {
	feed, number, ok, err := settle.Find(j.q, h)
	if err == nil && !ok {
		err = fmt.Errorf("%w: what was taken back", ErrEarly)
	}
	if err != nil || number == 0 {
		return 0, false, err
	}
	if in, err := j.within(ranges, feed, number, h); err != nil || in {
		return peg, in, err
	}
	for _, l := range j.chain.statements {
		if in, err := j.within(l.Statement.Ranges, feed, number, h); err != nil || in {
			return l.Statement.Peg, in, err
		}
	}
	return 0, false, nil
}

// within tells whether a transaction lies in one of the ranges.
func (j *judge) within(ranges []settle.Range, feed wire.Actor, number uint64, h wire.Hash) (bool, error) {
	for _, r := range ranges {
		if r.Feed != feed {
			continue
		}
		if in, err := j.histories().Holds(r, number, h); err != nil || in {
			return in, err
		}
	}
	return false, nil
}

// answer: it is about a statement of the other side and repeats its figures; what
// was agreed to stands.
func (j *judge) answer(a *Answer) error {
	s, err := j.theirs(a.Statement)
	if err != nil {
		return err
	}
	if a.Spent != s.Spent || a.Back != s.Back || a.Moved != s.Moved || a.Fen != s.Fen {
		return invalid("the answer has other figures than statement %d", s.Number)
	}
	if old, ok := j.chain.answers[a.Statement]; ok && old.Agreed {
		return invalid("statement %d was agreed to", s.Number)
	}
	return nil
}

// theirs finds a statement of the other side.
func (j *judge) theirs(h wire.Hash) (*Statement, error) {
	s := j.there.chain.stated[h]
	if s == nil {
		return nil, fmt.Errorf("%w: the statement of the other side", ErrEarly)
	}
	return s, nil
}

// receipt: who is owed says so, once, and both sides had agreed.
func (j *judge) receipt(r *Receipt) error {
	if _, ok := j.chain.receipts[r.Statement]; ok {
		return invalid("received twice")
	}
	if s := j.chain.stated[r.Statement]; s != nil { // they owe us by our own statement
		if a, ok := j.there.chain.answers[r.Statement]; !ok || !a.Agreed {
			return fmt.Errorf("%w: the other side's answer", ErrEarly)
		}
		return owed(-s.Fen, r.Fen)
	}
	s, err := j.theirs(r.Statement)
	if err != nil {
		return err
	}
	if a, ok := j.chain.answers[r.Statement]; !ok || !a.Agreed {
		return invalid("a statement that was not agreed to")
	}
	return owed(s.Fen, r.Fen)
}

func owed(want, got int64) error {
	if want != got {
		return invalid("%d fen are owed, not %d", want, got)
	}
	return nil
}
