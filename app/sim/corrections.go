package sim

import (
	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// What is taken back though more than one entry hangs on it: a deduction, of
// which some may be owed and some of that paid, and an award whose points were
// spent.

// change is what a correction changed of one record's account.
type change struct {
	points map[string]int64
	year   map[string]int64
	life   int64
	debt   int64
}

// net is what the person has more, what is owed counted against it.
func (c change) net() (n int64) {
	for _, p := range c.points {
		n += p
	}
	return n - c.debt
}

// changed reads the entries of a correction of the transaction named, by record: a
// person may have several.
func (w *world) changed(es []ledger.Entry, of wire.Hash) map[int]*change {
	by := map[int]*change{}
	for i := range es {
		e := &es[i]
		if e.Quota.Kind != ledger.Points && e.Quota.Kind != ledger.Debt {
			continue
		}
		who := w.index[e.Quota.Subject]
		if by[who] == nil {
			by[who] = &change{points: map[string]int64{}, year: map[string]int64{}}
		}
		c := by[who]
		n, period := e.Amount, e.Quota.Period
		switch {
		case e.Why == ledger.WhyRecall: // points or debt: the award is gone either way
			c.year[period] -= n
			c.life -= n
		case e.Why == ledger.WhyUndo && e.Quota.Kind == ledger.Debt, e.Type == ledger.Restore && e.Ref.Hash == of:
			c.year[period] += n // the deduction is gone
		}
		switch {
		case e.Quota.Kind == ledger.Points && e.Type == ledger.Restore:
			c.points[period] += n
		case e.Quota.Kind == ledger.Points:
			c.points[period] -= n
		case e.Type == ledger.Burn:
			c.debt -= n
		default:
			c.debt += n
		}
	}
	return by
}

// tellCorrection lets the person know, and remembers the order as taken back.
// want is what that must come to.
func (w *world) tellCorrection(d *device, o *order, ref store.Ref, want int64) error {
	es, err := d.entries(ref.Hash)
	if err != nil {
		return err
	}
	by := w.changed(es, o.hash)
	got := int64(0)
	for _, c := range by {
		got += c.net()
	}
	exact := len(w.closed) == 0 // points of a closed year do not come back
	if got > want || exact && got != want {
		return fail("correction", "%s took %x back: person %d has %d points more, and it must be %d", d, o.hash[:4], o.person, got, want)
	}
	for who, c := range by {
		w.truth[who].change(c)
	}
	o.undone, o.undo = true, ref.Hash
	return nil
}

// change does to an account what a correction did.
func (a *account) change(c *change) {
	for period, n := range c.points {
		a.points[period] += n
	}
	for period, n := range c.year {
		a.year[period] += n
	}
	a.life += c.life
	a.debt += c.debt
}

// giveBack takes a deduction back: all of it comes back, what was owed of it and
// what was paid of that.
func (w *world) giveBack(e Event, d *device, o *order) error {
	ref, err := d.append(func(tx *store.Tx) (store.Ref, error) { return d.ledger.Undo(tx, o.hash) })
	if err == nil {
		if o.undone {
			return fail("undo", "%s gave %x back twice", d, o.hash[:4])
		}
		err = w.tellCorrection(d, o, ref, o.deducted)
		w.count("deduction given back", o.deducted)
	}
	return w.told(e, d, err)
}

// recall takes an award back of which not all is here: what is in reach comes
// first, and the rest is owed.
func (w *world) recall(e Event, d *device, o *order) error {
	if err := d.pull(w.people[o.person], o.total(), w.lost(e.rng())); err != nil {
		return w.told(e, d, err)
	}
	var done ledger.Correction
	ref, err := d.append(func(tx *store.Tx) (ref store.Ref, err error) {
		done, err = d.ledger.Correct(tx, o.hash, "录错了")
		return done.Ref, err
	})
	if err == nil {
		if o.undone {
			return fail("undo", "%s recalled %x twice", d, o.hash[:4])
		}
		w.count("award recalled as debt", done.Debt)
		if done.Debt == 0 { // all had come back: it was a plain undo
			o.undone, o.undo = true, ref.Hash
			w.takeBack(o)
			return w.told(e, d, nil)
		}
		err = w.tellCorrection(d, o, ref, -o.total())
	}
	return w.told(e, d, err)
}

// deduction is one by hand, or one in three by the rulebook: that one has a deed
// key, which is used once.
func (d *device) deduction(e Event, who int) ledger.Deduction {
	x := ledger.Deduction{Person: d.w.people[who], Points: e.N, Period: d.w.period(), Note: "名额未到"}
	if e.B%3 == 0 && d.turn != (ledger.Subject{}) {
		x.Deed, x.Item, x.Version = ledger.Deed{Turn: d.turn, Key: subjectOf(e.Seed)}, "D01", 1
	}
	return x
}

// deductAgain presses the button of a deduction by the rulebook twice.
func (w *world) deductAgain(d *device, x ledger.Deduction) error {
	if x.Deed == (ledger.Deed{}) {
		return nil
	}
	_, err := d.append(func(tx *store.Tx) (store.Ref, error) { return d.ledger.Deduct(tx, x) })
	if err == nil {
		return fail("deed", "%s deducted for a deed twice", d)
	}
	if quiet(err) == nil || d.stale(err) {
		return nil
	}
	return fail("act", "deducting again at %s: %v", d, err)
}
