package sim

import (
	"slices"

	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// account is what a person was told: what was acknowledged, and nothing else.
// Points are by period, as their cohorts end one by one.
type account struct {
	points map[string]int64
	stolen map[string]int64 // what thieves hold of them
	handed int64            // what thieves handed out of them
	life   int64
	year   map[string]int64
	debt   int64
	used   map[meal]int64
}

// meal is a benefit of a period.
type meal struct{ period, benefit string }

func newAccount() *account {
	return &account{points: map[string]int64{}, stolen: map[string]int64{}, year: map[string]int64{}, used: map[meal]int64{}}
}

// earn adds points of a period, or takes them back.
func (a *account) earn(period string, n int64) {
	a.points[period] += n
	a.year[period] += n
	a.life += n
}

// has is what somebody can spend as a device sees it, and how much with what
// thieves hold of it: what is of a year that the device knows to be closed is
// gone. What stands under several records of one person is one person's.
func (d *device) has(who int) (n, all int64, err error) {
	for _, m := range d.group(who) {
		a := d.w.truth[m]
		for period := range a.points {
			shut, err := d.shut(period)
			if err != nil {
				return 0, 0, err
			}
			if !shut {
				n += a.points[period]
				all += a.points[period] + a.stolen[period]
			}
		}
	}
	return n, all, nil
}

// order is an own transaction as the person at the counter remembers it.
type order struct {
	hash   wire.Hash
	person int
	award  bool
	final  bool   // nobody takes it back
	parts  []part // what it changed of the person's points
	meal   meal
	meals  int64
	undone bool
	undo   wire.Hash

	deducted int64 // a deduction of so many points: taken back otherwise than a redemption
}

// part is what a transaction changed of one record's points of one period.
type part struct {
	who    int
	period string
	n      int64
}

// total is what an order changed of a person's points in all.
func (o *order) total() (n int64) {
	for _, p := range o.parts {
		n += p.n
	}
	return n
}

// tell remembers an order, and what its person has now.
func (w *world) tell(d *device, o order) {
	for _, p := range o.parts {
		if a := w.truth[p.who]; o.award {
			a.earn(p.period, p.n)
		} else {
			a.points[p.period] += p.n
		}
	}
	if o.meals > 0 {
		w.truth[o.person].used[o.meal] += o.meals
	}
	d.orders = append(d.orders, o)
}

// takeBack is what the undo of an order means to its person.
func (w *world) takeBack(o *order) {
	for _, p := range o.parts {
		if a := w.truth[p.who]; o.award {
			a.earn(p.period, -p.n)
		} else {
			a.points[p.period] -= p.n
		}
	}
	if o.meals > 0 {
		w.truth[o.person].used[o.meal] -= o.meals
	}
}

// entries reads a transaction as it was written.
func (d *device) entries(h wire.Hash) (es []ledger.Entry, err error) {
	err = d.view(func(q store.Querier) error {
		r, err := d.ledger.Transaction(q, h)
		if err == nil {
			es = r.Tx.Entries
		}
		return err
	})
	return es, err
}

// paid reads which periods' points a transaction took from a person, and checks
// that they are as many as were asked for, and that none is of a year that the
// device knows to be closed.
func (d *device) paid(h wire.Hash, who int, n int64) (parts []part, err error) {
	es, err := d.entries(h)
	if err != nil {
		return nil, err
	}
	total := int64(0)
	for i := range es {
		e := &es[i]
		if e.Type != ledger.Consume || e.Quota.Kind != ledger.Points {
			continue
		}
		payer := d.w.index[e.Quota.Subject]
		if !slices.Contains(d.group(who), payer) {
			return nil, fail("paid", "%s took points of person %d for person %d", d, payer, who)
		}
		shut, err := d.shut(e.Quota.Period)
		if err != nil {
			return nil, err
		}
		if shut {
			return nil, fail("closed", "%s handed out %d points of %s, which it knows to be closed", d, e.Amount, e.Quota.Period)
		}
		if _, over := d.w.closed[e.Quota.Period]; over {
			d.w.count("late redemption", e.Amount)
		}
		parts = append(parts, part{payer, e.Quota.Period, -e.Amount})
		total += e.Amount
	}
	if total != n {
		return nil, fail("paid", "%s took %d points of person %d for a price of %d", d, total, who, n)
	}
	return parts, nil
}

// count adds to the figures of what was done.
func (w *world) count(what string, n int64) {
	if w.stats.Moves == nil {
		w.stats.Moves = map[string]int64{}
	}
	w.stats.Moves[what] += n
}
