package settle

import (
	"errors"

	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Subject judges a change of a settlement feed: nil, admit.Wait, or why it is
// invalid. Everything follows from the chain before it, the governance head that
// it names and the merchant's feeds; a reader that does not get one of those
// feeds takes the sums on the word of those who do.
func (b *Book) Subject(tx *store.Tx, doc store.DocID, ch *wire.Change, ctx seal.Context) error {
	p, ok := b.parse(doc)
	if !ok {
		return ErrForm
	}
	if p.Under != ctx.Term {
		return invalid("a document of term %d written under term %d", p.Under, ctx.Term)
	}
	e, err := open(ch)
	if errors.Is(err, ErrNewer) {
		return admit.Wait("written by a newer version")
	}
	if err != nil {
		return err
	}
	j := judge{b: b, q: tx, place: p.Place, actor: ch.Actor}
	if j.law, err = b.Charter.Snapshot(tx); err != nil {
		return err
	}
	j.at = j.law.Under(ctx)
	return j.entry(e, before(ch, e))
}

// judge is what an entry is judged by.
type judge struct {
	b     *Book
	q     store.Querier
	law   govern.Snapshot
	at    govern.Point
	place string
	actor wire.Actor
	last  linked
}

func (j *judge) entry(e Entry, prev wire.Hash) (err error) {
	if w, ok := j.law.Writer(j.at.Term); !ok || w != j.actor {
		return invalid("not written by the registrar")
	}
	if j.last, err = link(j.q, prev); err != nil {
		return err
	}
	if prev != j.last.hash {
		return admit.Wait("the entry before is not here yet")
	}
	if prev != (wire.Hash{}) && j.last.place != j.place {
		return invalid("goes on from another merchant")
	}
	switch {
	case e.Settlement != nil:
		return j.settlement(e.Settlement)
	case e.Payment != nil:
		return j.payment(e.Payment)
	}
	return nil
}

func (j *judge) payment(p *Payment) error {
	s, err := made(j.q, p.Settlement)
	if err != nil {
		return err
	}
	ok := s.hash != (wire.Hash{}) && s.place == j.place
	if ok {
		ok, err = leads(j.q, s.hash, j.last.made)
	}
	if err != nil {
		return err
	}
	if !ok || p.Fen != s.Pay {
		return invalid("pays no settlement of this merchant, or not its sum")
	}
	paid, err := j.paid(p.Settlement)
	if err == nil && paid {
		err = invalid("paid twice")
	}
	return err
}

// paid tells whether an entry before this one paid the settlement.
func (j *judge) paid(h wire.Hash) (ok bool, err error) {
	err = j.q.QueryRow(`WITH RECURSIVE back(hash) AS (SELECT ?1 UNION ALL SELECT e.prev FROM settle_entry e JOIN back ON e.hash = back.hash WHERE e.hash <> ?2)
		SELECT EXISTS (SELECT 1 FROM back JOIN settle_paid p ON p.hash = back.hash WHERE p.made = ?2)`, blob(j.last.hash), h[:]).Scan(&ok)
	return ok, err
}

func (j *judge) settlement(s *Settlement) error {
	last, err := made(j.q, j.last.made)
	if err != nil {
		return err
	}
	if s.Number != last.Number+1 || s.Brought != last.Left() {
		return invalid("settlement %d, bringing %d fen, does not follow %d", s.Number, s.Brought, last.Number)
	}
	peg, err := j.peg()
	if err != nil {
		return err
	}
	if s.Peg != peg {
		return invalid("a point is worth %d fen, not %d", peg, s.Peg)
	}
	all := true
	for _, r := range s.Ranges {
		whole, err := j.rangeOf(r)
		if err != nil {
			return err
		}
		all = all && whole
	}
	if !all {
		return nil
	}
	t, err := j.b.count(j.q, j.last.made, s.Ranges, s.Peg)
	if err != nil {
		return err
	}
	if t != (tally{s.Redemptions, s.Reversals, s.Points, s.Back, s.Fen}) {
		return invalid("the feeds hold %d points redeemed and %d reversed, %d fen: not %d, %d, %d", t.points, t.back, t.fen, s.Points, s.Back, s.Fen)
	}
	return nil
}

// peg is what a point is worth at this merchant now; 0: not said.
func (j *judge) peg() (int64, error) {
	t, err := terms(j.q, j.last.terms)
	if err != nil || t.Peg > 0 {
		return t.Peg, err
	}
	return j.law.Settings(j.at).UnitFen, nil
}

// rangeOf judges one range and tells whether its transactions are here to be
// added up.
func (j *judge) rangeOf(r Range) (bool, error) {
	device, known, err := j.b.Charter.DeviceOf(j.q, r.Feed)
	if err != nil {
		return false, err
	}
	if !known {
		return false, admit.Wait("the certificate of the merchant's feed is not here yet")
	}
	if place, ok := j.law.MerchantAt(device, j.at); !ok || place != j.place {
		return false, invalid("feed %s is none of this merchant's", r.Feed)
	}
	done, err := upto(j.q, j.last.made, r.Feed)
	if err != nil {
		return false, err
	}
	if r.From != done+1 {
		return false, invalid("feed %s is settled up to %d: the next range does not begin with %d", r.Feed, done, r.From)
	}
	if c, closed := CutOf(j.law, j.at, r.Feed, device); closed && !c.Covers(ledger.Tip{Number: r.To, Hash: r.Tip}) {
		return false, invalid("feed %s counts no further than its cut", r.Feed)
	}
	return j.whole(r, device)
}

// whole tells whether a range is here, and waits for it where it will come.
func (j *judge) whole(r Range, device [32]byte) (bool, error) {
	whole, err := j.b.histories(j.q).Held(r)
	reads := j.b.Charter.MayRead(j.b.Device, j.b.Feeds.Doc(r.Feed, 1)) || device == j.b.Device
	if err == nil && !whole && reads {
		err = admit.Wait("the merchant's feed is not here so far yet")
	}
	return whole, err
}

// CutOf tells what counts of a closed feed.
func CutOf(law govern.Snapshot, at govern.Point, feed wire.Actor, device [32]byte) (ledger.Cut, bool) {
	closes, ok := law.Cuts(feed, at)
	var c ledger.Cut
	for _, x := range closes {
		if x.Number > 0 {
			c.Tips = append(c.Tips, ledger.Tip{Number: x.Number, Hash: x.Hash})
		}
	}
	return c, ok || law.Revoked(device, at)
}

// forkOf returns the first number at which a feed is known to have two
// branches, up to a number; 0 for none.
func forkOf(q store.Querier, feeds Feeds, feed wire.Actor, to uint64) (uint64, error) {
	first, err := feeds.Parted(q, feed)
	if first > to {
		first = 0
	}
	return first, err
}
