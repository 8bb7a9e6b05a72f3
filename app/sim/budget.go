package sim

import (
	"jishan/app/govern"
	"jishan/app/law"
	"jishan/app/ledger"
	"jishan/crdt/store"
)

// The year's issue budget: fixed by the office, given out in shares, run out of
// and raised.

// issue is the common budget of this year.
func (d *device) issue() ledger.Quota {
	return ledger.Quota{Kind: ledger.Issue, Subject: d.ledger.Community(), Period: d.w.period()}
}

// fixBudget lets the office approve a year's budget, and make it.
func (d *device) fixBudget(period string, total int64) error {
	err := d.write(func(tx *store.Tx) error {
		if err := d.charter.SetPolicy(tx, govern.BudgetSetting(period, total, operator)); err != nil {
			return err
		}
		return d.ledger.SetBudget(tx, period, total, "second: "+operator)
	})
	if err == nil {
		d.w.granted[period] = max(d.w.granted[period], total)
	}
	return err
}

// fund gives a station another share of the budget. Where that lacks, it is
// raised.
func (w *world) fund(e Event) error {
	office, d := w.at(0, (*device).registrar), w.at(e.A, staff)
	if office == nil || d == nil || w.cfg.Habits {
		return nil
	}
	a, ok, err := office.newest(d.pub())
	if err != nil || !ok {
		return err
	}
	share, period := 5*e.N, w.period()
	var b ledger.Budget
	err = office.view(func(q store.Querier) (err error) { b, err = office.ledger.Budget(q, period); return err })
	if err != nil {
		return err
	}
	if b.Here < share {
		approved, _, _ := office.charter.Settings().Budget(period)
		err := office.fixBudget(period, max(approved, b.Minted)+2*share)
		if err != nil {
			return w.told(e, office, err)
		}
	}
	if office == d {
		return w.told(e, office, nil)
	}
	_, err = office.append(func(tx *store.Tx) (store.Ref, error) { return office.ledger.Move(tx, office.issue(), share, a) })
	return w.told(e, office, err)
}

// budget makes a year's budget where nobody fixed any, as the registrar.
func (d *device) budget() error {
	if !d.registrar() {
		return nil
	}
	period, total := d.w.period(), int64(0)
	err := d.view(func(q store.Querier) (err error) {
		total, err = law.BudgetDue(q, d.charter, d.ledger, period)
		return err
	})
	if err != nil || total == 0 {
		return err
	}
	err = d.write(func(tx *store.Tx) error { return d.ledger.EnsureIssue(tx, d.ledger.Community(), period, total) })
	if _, _, fixed := d.charter.Settings().Budget(period); err == nil && !fixed {
		d.w.granted[period] += total
	}
	return err
}

// checkBudget: nobody makes more of a year's budget than was approved, and
// nobody issues more than was made.
func (d *device) checkBudget(q store.Querier) error {
	for period, approved := range d.w.granted {
		b, err := d.ledger.Budget(q, period)
		if err != nil {
			return err
		}
		if !d.w.theft && (b.Minted > approved || b.Issued > approved) {
			return fail("budget", "%s: of %s %d were made and %d issued, and %d approved", d, period, b.Minted, b.Issued, approved)
		}
	}
	return nil
}
