package bench

import (
	"context"

	"jishan/app/ledger"
	"jishan/crdt/store"
)

// period is the cohort of all points here.
const period = "2026"

// awards fills a ledger as a year of activities does: a turn for each activity,
// then its attendance. It is the registrar's own feed.
type awards struct {
	d       *device
	lab     *lab
	persons []ledger.Subject
	next    int
	turn    ledger.Subject
	left    int // attendance of the turn that is still to be paid
}

// awards begins with a budget that lasts for everything.
func (l *lab) awards(d *device, entries int) *awards {
	a := &awards{d: d, lab: l}
	for range min(max(entries/perPerson, minPersons), maxPersons) {
		a.persons = append(a.persons, l.subject())
	}
	return a
}

// fill writes transactions until the feed has n of them.
func (a *awards) fill(ctx context.Context, n int) error {
	for {
		have, err := a.number(ctx)
		if err != nil || have >= n {
			return err
		}
		err = a.d.write(ctx, func(tx *store.Tx) error {
			for range min(n-have, perUpdate) {
				if err := a.one(tx); err != nil {
					return err
				}
			}
			return ctx.Err()
		})
		if err != nil {
			return err
		}
	}
}

// number is how many transactions the feed has.
func (a *awards) number(ctx context.Context) (int, error) { return a.d.entries(ctx, a.d.ledger) }

// one writes one transaction: a budget first, a turn where one is over, else an
// award.
func (a *awards) one(tx *store.Tx) error {
	l := a.d.ledger
	budget, err := l.Here(tx, ledger.Quota{Kind: ledger.Issue, Subject: l.Community(), Period: period})
	switch {
	case err != nil:
		return err
	case budget < 10:
		return l.EnsureIssue(tx, l.Community(), period, ledger.MaxAmount)
	case a.left == 0:
		a.turn, a.left = a.lab.subject(), perActivity
		return l.EnsureTurn(tx, a.turn)
	}
	a.left--
	return a.award(tx)
}

func (a *awards) award(tx *store.Tx) error {
	_, err := a.d.ledger.Award(tx, ledger.Award{
		Person: a.someone(), Points: 1 + int64(a.lab.rand.Uint64()%5), Period: period,
		Turn: a.turn, Key: a.lab.subject(), Item: "A03", Version: 1,
	})
	return err
}

// someone returns the next person, so that everybody gets as much. The ids are
// random, so the rows of neighbours in time are none on the disk.
func (a *awards) someone() ledger.Subject {
	a.next++
	return a.persons[(a.next-1)%len(a.persons)]
}

// entries is how many transactions a device holds of the feed that another
// device's ledger writes.
func (d *device) entries(ctx context.Context, of *ledger.Ledger) (n int, err error) {
	err = d.store.View(ctx, func(q store.Querier) error {
		t, err := d.ledger.Tip(q, of.Self().Incarnation)
		n = int(t.Number)
		return err
	})
	return n, err
}
