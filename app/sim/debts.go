package sim

import (
	"bytes"
	"errors"
	"slices"

	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// deduct takes points away at a desk. What is not there is owed.
func (w *world) deduct(e Event) error {
	d := w.at(e.A, staff)
	if d == nil {
		return nil
	}
	who := e.Who % len(w.people)
	if err := d.pull(w.people[who], e.N, w.lost(e.rng())); err != nil {
		return w.told(e, d, err)
	}
	x := d.deduction(e, who)
	ref, err := d.append(func(tx *store.Tx) (store.Ref, error) { return d.ledger.Deduct(tx, x) })
	if err != nil {
		return w.told(e, d, err)
	}
	es, err := d.entries(ref.Hash)
	if err != nil {
		return err
	}
	total := int64(0)
	o := order{hash: ref.Hash, person: who, deducted: e.N}
	for i := range es {
		x := &es[i]
		total += x.Amount
		taken := w.index[x.Quota.Subject]
		a := w.truth[taken]
		a.year[x.Quota.Period] -= x.Amount
		if x.Quota.Kind == ledger.Debt {
			a.debt += x.Amount
			w.count("debt", x.Amount)
		} else {
			o.parts = append(o.parts, part{taken, x.Quota.Period, -x.Amount})
		}
	}
	if total != e.N {
		return fail("debt", "%s took %d points of person %d for a deduction of %d", d, total, who, e.N)
	}
	w.tell(d, o)
	if err := w.told(e, d, nil); err != nil {
		return err
	}
	return w.deductAgain(d, x)
}

// debts collects what is owed to this device, from what lies here and from what
// devices in reach hold.
func (d *device) debts() error {
	if !staff(d) || d.w.cfg.Habits {
		return nil
	}
	var owed map[ledger.Subject]int64
	err := d.view(func(q store.Querier) (err error) { owed, err = d.ledger.Debts(q); return err })
	if err != nil || len(owed) == 0 {
		return err
	}
	var who []ledger.Subject
	for person := range owed {
		who = append(who, person)
	}
	slices.SortFunc(who, func(a, b ledger.Subject) int { return bytes.Compare(a[:], b[:]) })
	for _, person := range who {
		if err := d.pull(person, owed[person], func() bool { return false }); err != nil {
			return err
		}
	}
	return d.collect()
}

// collect pays the debts that lie here and were not paid as points came.
func (d *device) collect() error {
	for {
		err := d.write(func(tx *store.Tx) error {
			n, err := d.ledger.Collect(tx)
			if err == nil && n == 0 {
				err = errNothing
			}
			return err
		})
		if err != nil {
			return quiet(err)
		}
	}
}

// payment is a transaction that only pays debts.
type payment struct {
	by   *device
	hash wire.Hash
	es   []ledger.Entry
}

// wrotePayments notes those that a device wrote between two ends of its feed.
func (d *device) wrotePayments(since, now ledger.Tip) error {
	if !staff(d) {
		return nil // nobody owes anything to a till
	}
	var list []payment
	for n, h := now.Number, now.Hash; n > since.Number; n-- {
		e, err := d.wroteAs(n, h)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(e.Tx.Entries, func(e ledger.Entry) bool { return e.Type != ledger.Burn || e.Why != ledger.WhyCollect }) {
			list = append(list, payment{d, h, e.Tx.Entries})
		}
		h = e.Prev
	}
	slices.Reverse(list)
	d.w.payments = append(d.w.payments, list...)
	return nil
}

// lostPayments forgets those from the n-th on that a crash took away.
func (w *world) lostPayments(n int) (err error) {
	w.payments = append(w.payments[:n:n], slices.DeleteFunc(w.payments[n:], func(p payment) bool {
		_, there, bad := p.by.store.Change(w.ctx, p.hash)
		err = errors.Join(err, bad)
		return !there
	})...)
	return err
}

// payUp tells people what their debts cost them: as many points as debt, and no
// more debt than there was. They were told before of what brought the points.
func (w *world) payUp() error {
	list := w.payments
	w.payments = nil
	for _, p := range list {
		if err := w.collected(p.by, p.hash, p.es); err != nil {
			return err
		}
	}
	return nil
}

func cmpOr(err, otherwise error) error {
	if err != nil {
		return err
	}
	return otherwise
}

func (w *world) collected(d *device, hash wire.Hash, es []ledger.Entry) error {
	debt := map[int]int64{} // by the first record of a person
	by := map[int]*order{}
	var people []int
	for i := range es {
		x := &es[i]
		who := w.index[x.Quota.Subject]
		lead := slices.Min(d.group(who))
		if by[lead] == nil {
			by[lead] = &order{hash: hash, person: lead, final: true}
			people = append(people, lead)
		}
		if x.Quota.Kind != ledger.Debt {
			by[lead].parts = append(by[lead].parts, part{who, x.Quota.Period, -x.Amount})
			continue
		}
		debt[lead] += x.Amount
		if a := w.truth[who]; a.debt < x.Amount && !w.theft {
			return fail("debt", "%s collected %d of debt of person %d, who owed %d", d, x.Amount, who, a.debt)
		}
		w.truth[who].debt -= x.Amount
	}
	for _, lead := range people {
		if debt[lead] != -by[lead].total() {
			return fail("debt", "%s collected %d points of person %d for %d of debt", d, -by[lead].total(), lead, debt[lead])
		}
		w.tell(d, *by[lead])
		w.count("debt collected", debt[lead])
	}
	return nil
}

// deducted remembers what a deduction took that an heir wrote again: the debt of
// which people were told is less by as much.
func (w *world) deducted(d *device, x *ledger.Entered) {
	for who, person := range w.people {
		o := order{hash: x.Hash, person: who, final: true}
		for i := range x.Tx.Entries {
			e := &x.Tx.Entries[i]
			if e.Type == ledger.Burn && e.Why == ledger.WhyFine && e.Quota.Kind == ledger.Points && e.Quota.Subject == person {
				o.parts = append(o.parts, part{who, e.Quota.Period, -e.Amount})
			}
		}
		if len(o.parts) > 0 {
			w.truth[who].debt += o.total()
			w.tell(d, o)
		}
	}
}
