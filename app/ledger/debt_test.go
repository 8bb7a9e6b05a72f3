package ledger

import (
	"testing"

	"jishan/crdt/store"
)

// A deduction larger than what is here leaves a debt, which its holder collects
// from later income and from nothing else; the sums hold at every step and at
// every device.
func TestDebtIsCollected(t *testing.T) {
	v := newVillage(t)
	v.start()
	collect := func(want int64) {
		t.Helper()
		v.a.update(func(tx *store.Tx) error {
			n, err := v.a.l.Collect(tx)
			if n != want {
				t.Errorf("collected %d, want %d", n, want)
			}
			return err
		})
	}
	balance := func(spendable, debt, inYear, lifetime int64) {
		t.Helper()
		v.a.view(func(q store.Querier) error {
			b, err := v.a.l.Balance(q, person, year)
			if b.Spendable != spendable || b.Debt != debt || b.Year != inYear || b.Lifetime != lifetime {
				t.Errorf("%+v", b)
			}
			return err
		})
	}
	if err := v.a.award(1, person, 4); err != nil {
		t.Fatal(err)
	}
	v.a.update(func(tx *store.Tx) error {
		_, err := v.a.l.Deduct(tx, Deduction{Person: person, Points: 10, Period: year, Note: "reason"})
		return err
	})
	balance(0, 6, -6, 4)
	v.a.view(func(q store.Querier) error {
		d, err := v.a.l.Debts(q)
		if len(d) != 1 || d[person] != 6 {
			t.Errorf("%v", d)
		}
		return err
	})
	if err := v.a.award(2, person, 5); err != nil {
		t.Fatal(err)
	}
	collect(5)
	balance(0, 1, -1, 9)
	if err := v.a.award(3, person, 5); err != nil {
		t.Fatal(err)
	}
	collect(1)
	balance(4, 0, 4, 14)
	v.meet()
	for _, n := range v.devs {
		n.check()
		n.rebuilds()
	}

	// Points burned for no debt, and debt burned for nothing, are no collection.
	for _, e := range []Entry{
		{Type: Burn, Quota: Quota{Points, person, year}, Amount: 1, Why: WhyCollect},
		{Type: Burn, Quota: Quota{Debt, person, year}, Amount: 1, Why: WhyCollect},
	} {
		v.a.update(func(tx *store.Tx) error {
			_, err := v.a.l.Write(tx, "ledger.deduct", Entry{Type: Mint, Quota: Quota{Debt, person, year}, Amount: 1, Why: WhyDeduction})
			return err
		})
		if err := v.a.try(func(tx *store.Tx) error { _, err := v.a.l.Write(tx, "ledger.collect", e); return err }); err == nil {
			t.Errorf("%s %s alone is valid", e.Type, e.Quota.Kind)
		}
	}
}

// One person with two records: a deduction by the rulebook takes from one of them
// and leaves a debt, which is paid from the other; taken back, all of it is there
// again.
func TestDeductionOfJoinedRecords(t *testing.T) {
	v := newVillage(t)
	v.start()
	other := id(77)
	v.gov.one = []Subject{person, other}
	single := func(s Subject, points, debt int64) {
		t.Helper()
		v.a.view(func(q store.Querier) error {
			b, err := v.a.l.BalanceOf(q, s, year)
			if b.Spendable != points || b.Debt != debt {
				t.Errorf("%+v, want %d points and %d owed", b, points, debt)
			}
			return err
		})
	}
	if err := v.a.award(1, person, 4); err != nil {
		t.Fatal(err)
	}
	if err := v.a.award(2, other, 9); err != nil {
		t.Fatal(err)
	}
	var fine store.Ref
	v.a.update(func(tx *store.Tx) (err error) {
		fine, err = v.a.l.Deduct(tx, Deduction{Person: person, Points: 12, Period: year, Deed: Deed{Turn: activity, Key: id(3)}, Item: "D", Version: 1})
		return err
	})
	single(person, 4, 0)
	single(other, 0, 3)
	v.a.update(func(tx *store.Tx) error {
		n, err := v.a.l.Collect(tx)
		if n != 3 {
			t.Errorf("collected %d", n)
		}
		return err
	})
	single(person, 1, 0)
	single(other, 0, 0)
	v.a.update(func(tx *store.Tx) error {
		c, err := v.a.l.Correct(tx, fine.Hash, "记错了人")
		if c.Back != 12 {
			t.Errorf("%+v", c)
		}
		return err
	})
	single(person, 4, 0)
	single(other, 9, 0)
	v.meet()
	for _, n := range v.devs {
		n.check()
		n.rebuilds()
	}
}
