package sim

import (
	"jishan/app/govern"
	"jishan/app/law"
	"jishan/app/ledger"
	"jishan/app/zone"
	"jishan/crdt/store"
)

// Years end in the worlds of profile year: they begin some days before New Year
// in China. After the grace the office reads the numbers, confirms them and
// closes the year; a till that was cut off at that moment does not know it and
// goes on handing out what lies there.

// newYear is 2027-01-01 00:00 in China.
const newYear = 1_798_732_800_000

// begins is when a world begins: in the middle of a cohort, or so that New Year
// comes after the first third of it.
func (cfg Config) begins() int64 {
	if cfg.Profile&YearEnd == 0 {
		return start
	}
	return newYear - int64(max(1, cfg.Days/3))*stepsPerDay*stepMillis
}

// grace is for how many days last year's points can be spent: a third of what is
// left of the world.
func (cfg Config) grace() int64 { return int64(cfg.Days-max(1, cfg.Days/3)) / 3 }

// period is the cohort of what is done now.
func (w *world) period() string { return zone.Year(w.now) }

// deedPeriod is the cohort of a deed that is recorded now: now and then one was
// done last year.
func (w *world) deedPeriod(e Event) string {
	const late = 5
	if w.cfg.Profile&YearEnd != 0 && e.Seed%late == 0 {
		return zone.Year(w.cfg.begins())
	}
	return w.period()
}

// shut tells whether a device knows that a period is closed.
func (d *device) shut(period string) (closed bool, err error) {
	if len(d.w.closed) == 0 {
		return false, nil
	}
	err = d.view(func(q store.Querier) error {
		l := law.Governance{Charter: d.charter}.Law(q)
		h, err := l.Head()
		if err == nil {
			closed, err = l.YearClosed(h, period)
		}
		return err
	})
	return closed, err
}

// endYear lets the office close last year when its grace is over, while a till
// that holds something of it is off line.
func (w *world) endYear() error {
	last := zone.Year(w.cfg.begins())
	office := w.at(0, (*device).registrar)
	if _, done := w.closed[last]; w.cfg.Profile&YearEnd == 0 || done || office == nil {
		return nil
	}
	if law.MayClose(office.charter, last, w.now) != nil {
		return nil
	}
	if early := newYear + w.cfg.grace()*stepsPerDay*stepMillis; w.now < early {
		return fail("year", "%s may close %s %d hours early", office, last, (early-w.now)/3_600_000)
	}
	x, before, err := office.cohort(last)
	if err != nil {
		return err
	}
	if w.period() != last && w.cfg.Profile&FaultNetwork != 0 {
		for _, d := range w.devices {
			if d.role == govern.Merchant && w.holds(d, last) && !d.cut {
				d.cut = true
				w.note("%s is cut off before the close", d)
				break
			}
		}
	}
	err = office.write(func(tx *store.Tx) error {
		return law.CloseYear(tx, office.charter, office.ledger, last, w.now, x.Outstanding, x.People)
	})
	w.note("%s closes %s with %d points of %d people: %s", office, last, x.Outstanding, x.People, code(err))
	if err != nil {
		return quiet(err)
	}
	w.closed[last] = before
	err = office.write(func(tx *store.Tx) error { return law.FinishYear(tx, office.charter, office.ledger, last) })
	w.finished = err == nil // of what the office knows: who is cut off may still bring something late
	if w.finished && x.Outstanding > 0 {
		return fail("year", "%s finished %s although %d points of it are left", office, last, x.Outstanding)
	}
	if err != nil && quiet(err) != nil {
		return err
	}
	w.count("year closed", 1)
	w.count("points expired", x.Outstanding)
	if err := office.checkShown(); err != nil {
		return err
	}
	return w.net.connect()
}

// checkShown: from the close on, what people are shown is what lies of the years
// that are open, burned or not.
func (d *device) checkShown() error {
	if d.w.wild || d.w.cfg.Profile&FaultHostile != 0 {
		return nil
	}
	now := d.w.period()
	x, _, err := d.cohort(now)
	if err != nil {
		return err
	}
	var list []ledger.Balance
	err = d.view(func(q store.Querier) (err error) { list, err = d.ledger.AllBalances(q, now); return err })
	shown := int64(0)
	for _, b := range list {
		shown += b.Spendable
	}
	if open := x.Outstanding - x.Unseen; err == nil && shown != open {
		err = fail("year", "%s shows %d points and %d are of years that are open", d, shown, open)
	}
	return err
}

// cohort is what became of a period as a device knows it, and the head before
// what comes now.
func (d *device) cohort(period string) (x ledger.Cohort, h ledger.Head, err error) {
	err = d.view(func(q store.Querier) error {
		if x, err = d.ledger.Cohort(q, period); err != nil {
			return err
		}
		h, err = law.Governance{Charter: d.charter}.Law(q).Head()
		return err
	})
	return x, h, err
}

// holds tells whether a device has points of a period in its hands.
func (w *world) holds(d *device, period string) bool {
	for _, p := range w.people {
		var n int64
		err := d.view(func(q store.Querier) (err error) {
			n, err = d.ledger.Here(q, ledger.Quota{Kind: ledger.Points, Subject: p, Period: period})
			return err
		})
		if err == nil && n > 0 {
			return true
		}
	}
	return false
}

// checkClosed: no feed that saw a close spends, moves or makes anything of the
// year; e is any admitted transaction. What was paid of a debt may be owed again:
// the deduction that made it is taken back with it.
func (d *device) checkClosed(l ledger.Law, e *ledger.Entered) error {
	for i := range e.Tx.Entries {
		x := &e.Tx.Entries[i]
		if _, any := d.w.closed[x.Quota.Period]; !any {
			continue
		}
		if x.Type == ledger.Restore && x.Why == ledger.WhyReturn && x.Quota.Kind == ledger.Debt {
			continue
		}
		switch x.Type {
		case ledger.Mint, ledger.Move, ledger.Consume, ledger.Restore:
			saw, err := l.YearClosed(e.Head, x.Quota.Period)
			if err != nil {
				return err
			}
			if saw {
				return fail("closed", "%s holds a %s of %s by a feed that had seen its close", d, x.Type, x.Quota)
			}
		}
	}
	return nil
}

// finishYear: once all is healed nothing is left of the year, and the office
// says so. Every late redemption was booked: expired and redeemed are what was
// issued.
func (w *world) finishYear() error {
	for period := range w.closed { // one at most
		office := w.at(0, (*device).registrar)
		if office == nil || w.wild || w.cfg.Profile&FaultHostile != 0 {
			return nil
		}
		x, _, err := office.cohort(period)
		if err != nil {
			return err
		}
		if x.Issued != x.Redeemed+x.Deducted+x.Moved+x.Expired {
			return fail("year", "of %s: %+v", period, x)
		}
		err = office.write(func(tx *store.Tx) error { return law.FinishYear(tx, office.charter, office.ledger, period) })
		if code(err) == "year.final" && w.finished { // nothing was left that the office knew when it was closed
			return nil
		}
		w.note("%s finishes %s: %s", office, period, code(err))
		if err != nil {
			return fail("year", "%s can't be finished: %s, %+v", period, code(err), x)
		}
		w.count("year finished", 1)
		if err := w.settle(4); err != nil {
			return err
		}
	}
	return nil
}
