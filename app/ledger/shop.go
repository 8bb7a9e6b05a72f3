package ledger

import (
	"cmp"
	"slices"

	"jishan/app/fault"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Goods is a number of pieces of one good.
type Goods struct {
	Good  Subject
	Count int64
}

// Redemption is points for goods.
type Redemption struct {
	Person  Subject
	Points  int64   // 0 for goods given free
	Goods   []Goods // from the stock of this device
	Receipt Subject // id of the receipt
	Proof   string  // how the holder of the card was proven; stands as the note of the points
	Less    string  // what was given off the price; stands as the note of the first goods
}

// Redeem consumes points, those that end first first, and stock in one
// transaction; a guest's till its home's credit as well. Faults:
// ledger.amount.bad, ledger.points.short{need, here, spendable},
// ledger.credit.short{need, here}, ledger.stock.short{good, need, here}.
func (l *Ledger) Redeem(tx *store.Tx, r Redemption) (store.Ref, error) {
	es, err := l.payment(tx, r)
	if err != nil {
		return store.Ref{}, err
	}
	for _, g := range r.Goods {
		if err := amounts(g.Count); err != nil {
			return store.Ref{}, err
		}
		s, err := l.StockHere(tx, g.Good)
		if err != nil {
			return store.Ref{}, err
		}
		need := g.Count
		for i := range es {
			if es[i].Quota.Kind == Stock && es[i].Quota.Subject == g.Good {
				need += es[i].Amount
			}
		}
		if s < need {
			return store.Ref{}, fault.New("ledger.stock.short", "good", g.Good.String(), "need", need, "here", s)
		}
		es = append(es, Entry{Type: Consume, Quota: stockOf(g.Good), Amount: g.Count, Order: r.Receipt, Note: r.Less})
		r.Less = ""
	}
	if len(es) == 0 || len(es) > MaxEntries {
		return store.Ref{}, fault.New("ledger.amount.bad", "amount", len(es), "max", MaxEntries)
	}
	return l.Write(tx, "ledger.redeem", es...)
}

func stockOf(good Subject) Quota { return Quota{Kind: Stock, Subject: good} }

// payment consumes points over the person's periods, what ends first first.
func (l *Ledger) payment(tx *store.Tx, r Redemption) (es []Entry, err error) {
	if r.Points == 0 {
		return nil, nil
	}
	if err := amounts(r.Points); err != nil {
		return nil, err
	}
	have, err := l.pointsHere(tx, r.Person)
	if err != nil {
		return nil, err
	}
	rest := r.Points
	for _, a := range have {
		if err := l.inYear(tx, a.Quota.Period); err != nil {
			continue // expired: it can only be burned
		}
		if n := min(rest, a.N); n > 0 {
			es = append(es, Entry{Type: Consume, Quota: a.Quota, Amount: n, Order: r.Receipt, Note: r.Proof})
			rest -= n
		}
	}
	if rest > 0 {
		b, err := l.Balance(tx, r.Person, "")
		if err != nil {
			return nil, err
		}
		return nil, fault.New("ledger.points.short", "need", r.Points, "here", r.Points-rest, "spendable", b.Spendable)
	}
	return l.onCredit(tx, es, r)
}

// onCredit adds what a guest's till spends of its home's credit: as much as the
// points. Fault: ledger.credit.short{need, here}.
func (l *Ledger) onCredit(tx *store.Tx, es []Entry, r Redemption) ([]Entry, error) {
	m, err := l.member(tx)
	if err != nil || !m.guest() {
		return es, err
	}
	have, err := l.Here(tx, m.credit())
	if err != nil {
		return nil, err
	}
	if have < r.Points {
		return nil, fault.New("ledger.credit.short", "need", r.Points, "here", have)
	}
	return append(es, Entry{Type: Consume, Quota: m.credit(), Amount: r.Points, Order: r.Receipt}), nil
}

// Receive books goods that came in.
func (l *Ledger) Receive(tx *store.Tx, good Subject, count int64, note string) (store.Ref, error) {
	if err := amounts(count); err != nil {
		return store.Ref{}, err
	}
	return l.Write(tx, "ledger.receive", Entry{Type: Mint, Quota: stockOf(good), Amount: count, Note: note})
}

// Count books what was found on the shelf: more is minted, less is burned. No
// difference is no transaction.
func (l *Ledger) Count(tx *store.Tx, good Subject, found int64, note string) (store.Ref, error) {
	if found < 0 || found > MaxAmount {
		return store.Ref{}, fault.New("ledger.amount.bad", "amount", found, "max", int64(MaxAmount))
	}
	have, err := l.StockHere(tx, good)
	if err != nil || have == found {
		return store.Ref{}, err
	}
	return l.Adjust(tx, good, found-have, note)
}

// Adjust books a difference of stock, with a reason: plus mints, minus burns.
// Fault: ledger.stock.short.
func (l *Ledger) Adjust(tx *store.Tx, good Subject, by int64, note string) (store.Ref, error) {
	e := Entry{Type: Mint, Quota: stockOf(good), Amount: by, Why: WhyCount, Note: note}
	if by < 0 {
		e.Type, e.Amount = Burn, -by
		have, err := l.StockHere(tx, good)
		if err != nil {
			return store.Ref{}, err
		}
		if have < -by {
			return store.Ref{}, fault.New("ledger.stock.short", "good", good.String(), "need", -by, "here", have)
		}
	}
	if err := amounts(e.Amount); err != nil {
		return store.Ref{}, err
	}
	return l.Write(tx, "ledger.adjust", e)
}

// MintSlots makes the places of an activity.
func (l *Ledger) MintSlots(tx *store.Tx, activity Subject, places int64) (store.Ref, error) {
	if err := amounts(places); err != nil {
		return store.Ref{}, err
	}
	return l.Write(tx, "ledger.slots", Entry{Type: Mint, Quota: Quota{Kind: Slot, Subject: activity}, Amount: places})
}

// Confirm gives one place of an activity to a person, in a transaction of its
// own so that it can be undone alone (Undo). Fault: ledger.slot.full.
func (l *Ledger) Confirm(tx *store.Tx, activity, person Subject) (store.Ref, error) {
	q := Quota{Kind: Slot, Subject: activity}
	n, err := l.Here(tx, q)
	if err != nil {
		return store.Ref{}, err
	}
	if n < 1 {
		return store.Ref{}, fault.New("ledger.slot.full", "activity", activity.String())
	}
	return l.Write(tx, "ledger.confirm", Entry{Type: Consume, Quota: q, Amount: 1, Order: person})
}

// Undo writes the opposite of a whole own transaction: what it consumed is
// restored, what it minted is burned, what a deduction took comes back. At a till
// without exposure the restored points go home in the same transaction. Faults:
// ledger.undo.foreign, ledger.undo.lost{lost} (of a feed with two histories, which spent
// more than was there: that much was never taken from the person), ledger.undo.done, ledger.undo.moved{need, here},
// ledger.undo.nothing, ledger.period.closed, ledger.exposure.short.
func (l *Ledger) Undo(tx *store.Tx, h wire.Hash) (store.Ref, error) {
	return l.undo(tx, h, "")
}

// lostBy is lostWith of a transaction that is found by its hash.
func (l *Ledger) lostBy(tx *store.Tx, h wire.Hash, past *Tx) (int64, error) {
	c, ok, err := l.find(tx, h)
	if err != nil || !ok {
		return 0, err
	}
	if err := l.settle(tx); err != nil {
		return 0, err
	}
	return l.lostWith(tx, c.actor, past)
}

// undo is Undo with a reason, which stands with the first entry.
func (l *Ledger) undo(tx *store.Tx, h wire.Hash, note string) (store.Ref, error) {
	_, s, err := l.mine(tx)
	if err != nil {
		return store.Ref{}, err
	}
	past, _, err := s.Past(h)
	if err != nil {
		return store.Ref{}, err
	}
	if past == nil {
		return store.Ref{}, fault.New("ledger.undo.foreign")
	}
	if slices.ContainsFunc(past.Entries, func(e Entry) bool { return e.Type == Mint && e.Why == WhyMoved }) {
		return store.Ref{}, fault.New("ledger.undo.nothing") // the other community has burned them: they would be nowhere
	}
	if lost, err := l.lostBy(tx, h, past); err != nil || lost > 0 {
		return store.Ref{}, cmp.Or(err, error(fault.New("ledger.undo.lost", "lost", lost)))
	}
	if past.deducts() {
		return l.undoDeduction(tx, s, past, h, note)
	}
	var es []Entry
	var points []Amount
	minted := slices.ContainsFunc(past.Entries, func(e Entry) bool { return e.Type == Mint })
	for i := range past.Entries {
		e, err := l.opposite(tx, s, &past.Entries[i], Ref{h, uint32(i)})
		if err != nil {
			return store.Ref{}, err
		}
		if e == nil || e.Type == Tally && minted { // TALLYs go with their MINT
			continue
		}
		if e.Type == Restore && e.Quota.Kind == Points {
			points = append(points, Amount{e.Quota, e.Amount})
		}
		es = append(es, *e)
	}
	if len(es) == 0 {
		return store.Ref{}, fault.New("ledger.undo.nothing")
	}
	if es, err = l.rest(tx, es, points); err != nil {
		return store.Ref{}, err
	}
	return l.Write(tx, "ledger.undo", noted(es, note)...)
}

// opposite is the entry that undoes another; nil where there is none.
func (l *Ledger) opposite(tx *store.Tx, s State, o *Entry, ref Ref) (*Entry, error) {
	e := Entry{Type: Restore, Quota: o.Quota, Amount: o.Amount, Ref: ref}
	switch {
	case o.Why == WhyRecall: // awarded anew, not recalled back
		return nil, nil
	case o.Type == Mint:
		e.Type, e.Why = Burn, WhyUndo
	case o.Type == Tally && o.Why != WhyBack:
		e.Type, e.Why = Tally, WhyBack
	case o.Type != Consume || o.Quota.Kind == Exposure:
		return nil, nil
	}
	done, err := s.Undone(ref)
	if err != nil {
		return nil, err
	}
	if done > 0 {
		return nil, fault.New("ledger.undo.done")
	}
	if e.Type == Tally {
		return &e, nil
	}
	if e.Type == Restore {
		return &e, l.inYear(tx, o.Quota.Period)
	}
	have, err := s.Held(o.Quota)
	if err == nil && have < o.Amount {
		err = fault.New("ledger.undo.moved", "need", o.Amount, "here", have)
	}
	return &e, err
}
