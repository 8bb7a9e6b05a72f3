package sim

import (
	"jishan/app/honour"
	"jishan/app/ledger"
	"jishan/crdt/store"
)

// Levels and benefits: low enough that many people reach them in a few days.
var honours = honour.Table{Levels: []honour.Level{
	{Name: "一星", Points: 60, Benefits: []honour.Benefit{{Name: "长者餐", Unit: "份", N: 3}}},
	{Name: "二星", Points: 160, Benefits: []honour.Benefit{{Name: "理发", Unit: "次", N: 2}}},
}}

// honoured is the table with its ids, as the charter has it.
func (w *world) honoured() (list []honour.Benefit) {
	if d := w.devices[0]; d.honour != nil {
		for _, l := range d.honour.Table().Levels {
			list = append(list, l.Benefits...)
		}
	}
	return list
}

// benefit is somebody who asks for what a level brings, at any counter: ask
// around if need be, use.
func (w *world) benefit(e Event) error {
	d := w.at(e.A, anybody)
	list := w.honoured()
	if d == nil || len(list) == 0 {
		return nil
	}
	b := list[e.B%len(list)]
	return w.told(e, d, d.enjoy(b, e.Who%len(w.people), 1+e.N%2, w.lost(e.rng())))
}

// enjoy uses a benefit, which must never be more than it is.
func (d *device) enjoy(b honour.Benefit, who int, n int64, lost func() bool) error {
	w := d.w
	subject := honour.Subject(w.people[who], b.ID)
	if err := d.pullBenefit(subject, n, lost); err != nil {
		return err
	}
	ref, err := d.append(func(tx *store.Tx) (store.Ref, error) { return d.honour.Use(tx, w.people[who], b.ID, n) })
	if err != nil {
		return err
	}
	es, err := d.entries(ref.Hash)
	if err != nil {
		return err
	}
	taken := int64(0)
	for i := range es {
		taken += es[i].Amount
	}
	if taken != n {
		return fail("benefit", "%s gave person %d %d %s and booked %d", d, who, n, b.Name, taken)
	}
	for i := range es {
		m := meal{es[i].Quota.Period, b.ID}
		who := d.whose(who, b.ID, es[i].Quota.Subject)
		w.tell(d, order{hash: ref.Hash, person: who, meal: m, meals: es[i].Amount, final: len(es) > 1})
		if used := w.truth[who].used[m]; used > b.N && !w.theft {
			return fail("benefit", "person %d had %d of %d %s of %s", who, used, b.N, b.Name, m.period)
		}
	}
	return nil
}

// whose tells which record of a person a benefit is of: one use is of one.
func (d *device) whose(who int, benefit string, subject ledger.Subject) int {
	for _, m := range d.group(who) {
		if honour.Subject(d.w.people[m], benefit) == subject {
			return m
		}
	}
	return who
}

func (d *device) benefitHere(subject ledger.Subject) (n int64, err error) {
	err = d.view(func(q store.Querier) (err error) { n, err = d.ledger.BenefitHere(q, subject); return err })
	return n, err
}

// pullBenefit asks the devices in reach for a benefit, as pull does for points.
func (d *device) pullBenefit(subject ledger.Subject, need int64, lost func() bool) error {
	list, err := d.holders(subject, d.ledger.BenefitHolders)
	if err != nil {
		return err
	}
	for _, o := range list {
		have, err := d.benefitHere(subject)
		if err != nil || have >= need {
			return err
		}
		var req []byte
		err = d.view(func(q store.Querier) (err error) {
			req, err = d.ledger.RequestBenefit(q, subject, need-have)
			return err
		})
		if err != nil {
			return err
		}
		if err := quiet(d.ask(o, req, lost)); err != nil {
			return err
		}
	}
	return nil
}

// honours awards the levels that were earned, as the registrar.
func (d *device) awardLevels() error {
	for d.honour != nil && d.registrar() && d.honour.Pending() {
		n := 0
		err := d.write(func(tx *store.Tx) error {
			list, err := d.honour.Due(tx, maxAwards)
			if err != nil {
				return err
			}
			if n, err = d.honour.Award(tx, list); err == nil && n == 0 {
				err = errNothing
			}
			return err
		})
		if err != nil || n == 0 {
			return err
		}
		d.w.count("level", int64(n))
	}
	return nil
}

// maxAwards bounds the levels of one transaction, as on a device.
const maxAwards = 200

// serveBenefits: once all is healed, what is left of somebody's benefits can be
// used at any counter.
func (w *world) serveBenefits() error {
	if w.wild {
		return nil
	}
	for who := range min(len(w.people), maxServed) {
		for _, b := range w.honoured() {
			m := meal{w.period(), b.ID}
			given, err := w.devices[0].given(honour.Subject(w.people[who], b.ID), m.period)
			if err != nil {
				return err
			}
			if given > b.N {
				return fail("benefit", "person %d was given %d of %d %s", who, given, b.N, b.Name)
			}
			left := given - w.truth[who].used[m]
			d := w.at(who*5+1, anybody)
			if left < 1 {
				continue
			}
			if err := d.enjoy(b, who, left, func() bool { return false }); err != nil {
				return fail("unserved", "%s can't give person %d the %d %s that are left: %s", d, who, left, b.Name, code(err))
			}
		}
	}
	return nil
}

// given is how many of a benefit were made for a year.
func (d *device) given(subject ledger.Subject, period string) (n int64, err error) {
	err = d.view(func(q store.Querier) error {
		t, err := d.ledger.Account(q, ledger.Quota{Kind: ledger.Benefit, Subject: subject, Period: period})
		n = t.Minted - t.Burned
		return err
	})
	return n, err
}
