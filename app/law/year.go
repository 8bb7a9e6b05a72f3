package law

import (
	"slices"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/app/zone"
	"jishan/crdt/store"
)

// YearBounds returns when the cohort of a year or quarter ends and from when on
// its close may be written, milliseconds; false for what is neither. grace is in
// days.
func YearBounds(period string, grace int64) (end, closeFrom int64, ok bool) {
	end, ok = zone.PeriodEnd(period)
	return end, zone.In(end).AddDate(0, 0, int(grace)).UnixMilli(), ok
}

// MayClose tells whether a year's time is over at now, by the registrar's clock.
// Faults: year.unknown, year.early{period, from}.
func MayClose(c *govern.Charter, period string, now int64) error {
	_, from, ok := YearBounds(period, c.Settings().YearGrace())
	switch {
	case !ok:
		return fault.New("year.unknown")
	case now < from:
		return fault.New("year.early", "period", period, "from", zone.Day(from))
	}
	return nil
}

// CloseYear lets the registrar end a year's points for good, at its clock's now.
// points and people are what the operator read and confirmed: what is closed is
// what was read. Faults: govern.registrar.only, year.unknown, year.early{period,
// from}, year.closed{period}, year.changed{points, people} with the numbers of
// now.
func CloseYear(tx *store.Tx, c *govern.Charter, l *ledger.Ledger, period string, now, points, people int64) error {
	if err := MayClose(c, period, now); err != nil {
		return err
	}
	known, err := c.Years(tx)
	if err != nil {
		return err
	}
	if slices.ContainsFunc(known, func(y govern.Year) bool { return y.Period == period }) {
		return fault.New("year.closed", "period", period) // said before the numbers, which move on
	}
	x, err := l.Cohort(tx, period)
	if err != nil {
		return err
	}
	f := govern.YearFigures{Points: x.Outstanding, People: x.People, Redeemed: x.Redeemed}
	if f.Points != points || f.People != people {
		return fault.New("year.changed", "points", f.Points, "people", f.People)
	}
	return c.CloseYear(tx, period, f)
}

// FinishYear lets the registrar say that nothing of a closed year is left
// anywhere, so that nothing late can come. Faults: govern.registrar.only,
// year.unknown, year.running, year.final, year.left{points},
// year.unbooked{points}.
func FinishYear(tx *store.Tx, c *govern.Charter, l *ledger.Ledger, period string) error {
	if _, _, ok := YearBounds(period, 0); !ok {
		return fault.New("year.unknown")
	}
	x, err := l.Cohort(tx, period)
	if err != nil {
		return err
	}
	if err := c.FinishYear(tx, period, x.Expired); err != nil {
		return err
	}
	if left := x.Outstanding + x.Unseen; left != 0 {
		return fault.New("year.left", "points", left)
	}
	lost, booked, err := LostOf(tx, c, l, ledger.Points, period)
	if err == nil && booked < lost {
		err = fault.New("year.unbooked", "points", lost-booked)
	}
	return err
}

// LostOf is what was lost of a kind of quota: in all, and how much of it is
// booked; of one period, or of all where period is empty.
func LostOf(q store.Querier, c *govern.Charter, l *ledger.Ledger, k ledger.Kind, period string) (all, booked int64, err error) {
	list, err := Losses(q, c, l)
	for _, x := range list {
		if x.Quota.Kind == k && (period == "" || x.Quota.Period == period) {
			all, booked = all+x.N, booked+min(x.N, x.Booked)
		}
	}
	return all, booked, err
}
