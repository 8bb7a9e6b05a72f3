package ledger

import (
	"errors"
	"testing"

	"jishan/crdt/store"
)

// A deduction larger than what is here leaves a debt, which later income pays
// before anything else, and nothing else does; the sums hold at every step and at
// every device.
func TestDebtIsCollected(t *testing.T) {
	v := newVillage(t)
	v.start()
	nothingLeft := func() {
		t.Helper()
		v.a.update(func(tx *store.Tx) error {
			n, err := v.a.l.Collect(tx)
			if n != 0 {
				t.Errorf("%d points were left to collect", n)
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
	nothingLeft()
	balance(0, 1, -1, 9)
	if err := v.a.award(3, person, 5); err != nil {
		t.Fatal(err)
	}
	nothingLeft()
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
	single(person, 1, 0) // what the other record lacked was paid at once
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

// Points that come back to a person in debt pay first, whichever way they come, and
// within the transaction that brings them: what is owed can't be spent in between.
// Nothing is collected twice.
func TestWhatComesBackPaysFirst(t *testing.T) {
	v := newVillage(t)
	v.start()
	balance := func(what string, spendable, debt int64) {
		t.Helper()
		v.a.view(func(q store.Querier) error {
			b, err := v.a.l.Balance(q, person, year)
			if b.Spendable != spendable || b.Debt != debt {
				t.Errorf("%s: %+v, want %d points and %d owed", what, b, spendable, debt)
			}
			return err
		})
		v.a.check()
	}
	redeem := func(tx *store.Tx, points int64, receipt byte) (store.Ref, error) {
		return v.a.l.Redeem(tx, Redemption{Person: person, Points: points, Receipt: id(receipt)})
	}
	deduct := func(points int64) (ref store.Ref) {
		v.a.update(func(tx *store.Tx) (err error) {
			ref, err = v.a.l.Deduct(tx, Deduction{Person: person, Points: points, Period: year, Note: "reason"})
			return err
		})
		return ref
	}
	if err := v.a.award(1, person, 60); err != nil {
		t.Fatal(err)
	}
	var bought, sent store.Ref
	v.a.update(func(tx *store.Tx) (err error) {
		if bought, err = redeem(tx, 50, 201); err != nil {
			return err
		}
		sent, err = v.a.l.Move(tx, Quota{Points, person, year}, 10, v.b.actor())
		return err
	})
	deduct(14)
	balance("after the deduction", 10, 14)

	// A redemption that is returned: not one point more than what is left can be
	// spent, in the very transaction that brings it back either.
	if err := v.a.try(func(tx *store.Tx) error {
		if _, err := v.a.l.Undo(tx, bought.Hash); err != nil {
			return err
		}
		_, err := redeem(tx, 37, 202)
		return err
	}); code(err) != "ledger.points.short" {
		t.Errorf("37 of 36 points were sold: %v", err)
	}
	v.a.update(func(tx *store.Tx) error {
		c, err := v.a.l.Correct(tx, bought.Hash, "退货")
		if err == nil && c.Back != 36 {
			t.Errorf("said that %d came back, want 36", c.Back)
		}
		return err
	})
	balance("after the return", 46, 0)

	// What another device sends: a voucher that was called back, or what it offers.
	v.a.update(func(tx *store.Tx) error { _, err := redeem(tx, 36, 203); return err })
	fine := deduct(7)
	balance("owed again", 10, 7)
	v.meet()
	v.b.update(func(tx *store.Tx) error { _, err := v.b.l.TakeAll(tx); return err })
	var back store.Ref
	v.b.update(func(tx *store.Tx) (err error) {
		back, err = v.b.l.Move(tx, Quota{Points, person, year}, 10, v.a.actor())
		return err
	})
	if sent == back {
		t.Fatal("nothing was sent back")
	}
	v.a.pull(v.b)
	if err := v.a.try(func(tx *store.Tx) error {
		if _, err := v.a.l.TakeAll(tx); err != nil {
			return err
		}
		_, err := redeem(tx, 4, 204)
		return err
	}); code(err) != "ledger.points.short" {
		t.Errorf("4 of 3 points were sold: %v", err)
	}
	v.a.update(func(tx *store.Tx) error { _, err := v.a.l.TakeAll(tx); return err })
	balance("after what was sent back", 3, 0)

	// A deduction that is taken back pays what another left open.
	deduct(5)
	balance("two deductions", 0, 2)
	v.a.update(func(tx *store.Tx) error {
		_, err := v.a.l.Correct(tx, fine.Hash, "记错了人")
		return err
	})
	balance("the first was wrong", 5, 0)
	v.meet()
	for _, n := range v.devs {
		n.check()
		n.rebuilds()
	}
}

// A history can be followed with a pencil: what was taken stands in one line with
// what of it is owed, causes come before what they cause, and the lines add up to
// what the person has and owes.
func TestHistoryAddsUpWithDebts(t *testing.T) {
	v := newVillage(t)
	v.start()
	type step struct {
		kind         LineKind
		points, owed int64
	}
	history := func(want ...step) {
		t.Helper()
		v.a.view(func(q store.Querier) error {
			b, err := v.a.l.Balance(q, person, year)
			lines, err2 := v.a.l.Lines(q, person, 0, 50)
			n, err3 := v.a.l.LineCount(q, person)
			if err := errors.Join(err, err2, err3); err != nil {
				return err
			}
			if len(lines) != len(want) || n != len(want) {
				t.Fatalf("%d lines, counted %d, want %d: %+v", len(lines), n, len(want), lines)
			}
			var points, owed int64
			for i, w := range want {
				l := lines[len(lines)-1-i]
				if (step{l.Kind, l.Points, l.Owed}) != w {
					t.Errorf("line %d: kind %d, %+d points, %+d owed; want %+v", i, l.Kind, l.Points, l.Owed, w)
				}
				points, owed = points+l.Points, owed+l.Owed
			}
			if points != b.Spendable || owed != b.Debt {
				t.Errorf("the lines add up to %d and %d owed, the balance is %+v", points, owed, b)
			}
			return nil
		})
	}
	var fine, award store.Ref
	do := func(deed func(tx *store.Tx) error) {
		t.Helper()
		v.a.update(deed)
	}
	collect := func(tx *store.Tx) error { _, err := v.a.l.Collect(tx); return err }
	do(func(tx *store.Tx) (err error) {
		award, err = v.a.l.Award(tx, Award{Person: person, Points: 30, Period: year, Turn: activity, Key: id(1), Item: "A", Version: 1})
		return err
	})
	do(func(tx *store.Tx) error {
		_, err := v.a.l.Redeem(tx, Redemption{Person: person, Points: 20, Receipt: id(9)})
		return err
	})
	do(func(tx *store.Tx) error { _, err := v.a.l.Correct(tx, award.Hash, "记重了"); return err })
	steps := []step{{LineAward, 30, 0}, {LineRedeem, -20, 0}, {LineUndo, -10, 20}}
	history(steps...)
	if err := v.a.award(2, person, 26); err != nil {
		t.Fatal(err)
	}
	do(collect)
	steps = append(steps, step{LineAward, 26, 0}, step{LineDebt, -20, -20})
	history(steps...)
	do(func(tx *store.Tx) (err error) {
		fine, err = v.a.l.Deduct(tx, Deduction{Person: person, Points: 10, Period: year, Note: "reason"})
		return err
	})
	steps = append(steps, step{LineDeduction, -6, 4})
	history(steps...)
	do(func(tx *store.Tx) error {
		_, err := v.a.l.Deduct(tx, Deduction{Person: person, Points: 2, Period: year, Note: "nothing is left"})
		return err
	})
	steps = append(steps, step{LineDebt, 0, 2})
	history(steps...)
	if err := v.a.award(3, person, 6); err != nil {
		t.Fatal(err)
	}
	do(collect)
	do(func(tx *store.Tx) error { _, err := v.a.l.Correct(tx, fine.Hash, ""); return err })
	v.a.view(func(q store.Querier) error {
		lines, err := v.a.l.Lines(q, person, 0, 50)
		b, err2 := v.a.l.Balance(q, person, year)
		var points, owed int64
		for _, l := range lines {
			points, owed = points+l.Points, owed+l.Owed
		}
		if points != 10 || b.Spendable != 10 || owed != 0 || b.Debt != 0 {
			t.Errorf("taken back: %d points, %d owed by the lines, %+v", points, owed, b)
		}
		return errors.Join(err, err2)
	})
}
