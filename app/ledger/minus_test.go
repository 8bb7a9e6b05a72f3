package ledger

import (
	"testing"

	"jishan/crdt/store"
)

// minus takes points away and gives them back, mostly as it should be.
func (p *play) minus(d *player) {
	_, q := p.able(d, Points)
	who, slip := q.Subject, p.between(0, 6) == 0
	owed := Quota{Debt, who, q.Period}
	switch p.between(0, 5) {
	case 0:
		p.write(d, p.deduct(d, q, Entry{Why: WhyDeduction}))
	case 1:
		deed := Deed{activity, id(byte(p.between(1, 30)))}
		if slip {
			deed.Turn = Subject{}
		}
		p.write(d, p.deduct(d, q, Entry{Why: WhyFine, Deed: deed, Item: "B", Version: 1}))
	case 2:
		have, debt := d.tip.state().held[q], d.tip.state().held[owed]
		if n := min(have, debt); n > 0 {
			p.write(d, []Entry{{Type: Burn, Quota: q, Amount: n, Why: WhyCollect}, {Type: Burn, Quota: owed, Amount: n, Why: WhyCollect}})
		}
	case 3:
		p.recallSome(d, slip)
	default:
		p.giveBackSome(d, slip)
	}
}

func (p *play) deduct(d *player, q Quota, proto Entry) (es []Entry) {
	n := int64(p.between(1, 5))
	if have := min(n, d.tip.state().held[q]); have > 0 {
		e := proto
		e.Type, e.Quota, e.Amount = Burn, q, have
		es, n = append(es, e), n-have
	}
	if n > 0 {
		e := proto
		e.Type, e.Quota, e.Amount = Mint, Quota{Debt, q.Subject, q.Period}, n
		es = append(es, e)
	}
	return es
}

// past lists what a device may undo.
func (p *play) past(d *player) (list []*memTx) {
	for t := d.tip; t != nil; t = t.prev {
		list = append(list, t)
	}
	if d.tip != nil {
		for _, c := range d.tip.after.heirs {
			for t := c; t != nil; t = t.prev {
				list = append(list, t)
			}
		}
	}
	return list
}

func (p *play) recallSome(d *player, slip bool) {
	for _, x := range p.past(d) {
		for i, e := range x.Tx.Entries {
			if e.Type != Mint || e.Quota.Kind != Points || p.between(0, 2) > 0 {
				continue
			}
			ref, have := Ref{x.Hash, uint32(i)}, min(e.Amount, d.tip.state().held[e.Quota])
			if slip {
				have -= min(have, 1)
			}
			var es []Entry
			if have > 0 {
				es = append(es, Entry{Type: Burn, Quota: e.Quota, Amount: have, Why: WhyRecall, Ref: ref})
			}
			if rest := e.Amount - have; rest > 0 {
				es = append(es, Entry{Type: Mint, Quota: Quota{Debt, e.Quota.Subject, e.Quota.Period}, Amount: rest, Why: WhyRecall, Ref: ref})
			}
			p.write(d, es)
			return
		}
	}
}

func (p *play) giveBackSome(d *player, slip bool) {
	for _, x := range p.past(d) {
		if !x.Tx.deducts() || p.between(0, 1) > 0 {
			continue
		}
		var es []Entry
		for i, e := range x.Tx.Entries {
			ref := Ref{x.Hash, uint32(i)}
			switch {
			case e.Type == Burn:
				es = append(es, Entry{Type: Restore, Quota: e.Quota, Amount: e.Amount, Why: WhyReturn, Ref: ref})
			case e.Type == Mint && !slip:
				es = append(p.uncollect(d, e), es...)
				es = append(es, Entry{Type: Burn, Quota: e.Quota, Amount: e.Amount, Why: WhyUndo, Ref: ref})
			}
		}
		if len(es) > 0 {
			p.write(d, es)
		}
		return
	}
}

// uncollect takes one collection of a debt back where less is owed.
func (p *play) uncollect(d *player, debt Entry) (es []Entry) {
	if d.tip.state().held[debt.Quota] >= debt.Amount {
		return nil
	}
	for _, x := range p.past(d) {
		if !x.Tx.collected(debt.Quota) {
			continue
		}
		for i, e := range x.Tx.Entries {
			es = append(es, Entry{Type: Restore, Quota: e.Quota, Amount: e.Amount, Why: WhyReturn, Ref: Ref{x.Hash, uint32(i)}})
		}
		return es
	}
	return nil
}

// A deduction is given back whole and once: what was burned, the debt that is
// still owed, and what was collected of it; another debt stays paid.
func TestDeductionUndone(t *testing.T) {
	v := newVillage(t)
	v.start()
	n := v.a
	balance := func(what string, spendable, debt, inYear, lifetime int64) {
		t.Helper()
		n.view(func(q store.Querier) error {
			b, err := n.l.Balance(q, person, year)
			if b.Spendable != spendable || b.Debt != debt || b.Year != inYear || b.Lifetime != lifetime {
				t.Errorf("%s: %+v", what, b)
			}
			return err
		})
		n.check()
		n.rebuilds()
	}
	deduct := func(points int64) (ref store.Ref) {
		n.update(func(tx *store.Tx) (err error) {
			ref, err = n.l.Deduct(tx, Deduction{Person: person, Points: points, Period: year, Note: "reason"})
			return err
		})
		return ref
	}
	income := func(key byte, points int64) {
		t.Helper()
		if err := n.award(key, person, points); err != nil {
			t.Fatal(err)
		}
		n.update(func(tx *store.Tx) error { _, err := n.l.Collect(tx); return err })
	}
	correct := func(ref store.Ref) (c Correction) {
		t.Helper()
		n.update(func(tx *store.Tx) (err error) { c, err = n.l.Correct(tx, ref.Hash, "记错了人"); return err })
		return c
	}
	income(1, 4)
	first, second := deduct(10), deduct(3) // 4 burned, 6 and 3 owed
	balance("two deductions", 0, 9, -9, 4)
	income(2, 5)
	balance("five collected", 0, 4, -4, 9)
	if c := correct(first); c.Back != 4+5-3 || c.Debt != 0 {
		t.Errorf("%+v", c)
	}
	balance("the first one is undone, the second one stays paid", 6, 0, 6, 9)
	if err := n.try(func(tx *store.Tx) error { _, err := n.l.Correct(tx, first.Hash, ""); return err }); code(err) != "ledger.undo.done" {
		t.Errorf("undone twice: %v", err)
	}
	if c := correct(second); c.Back != 3 {
		t.Errorf("%+v", c)
	}
	balance("both are undone", 9, 0, 9, 9)
	third := deduct(20)
	if c := correct(third); c.Back != 9 {
		t.Errorf("%+v", c)
	}
	balance("a debt that nobody collected is cancelled", 9, 0, 9, 9)
	v.meet()
	for _, n := range v.devs {
		n.check()
		n.rebuilds()
	}
	n.view(func(q store.Querier) error {
		f, err := n.l.Flows(q, 0, 1<<60)
		if f.Deducted != 0 || f.Net() != 9 {
			t.Errorf("%+v", f)
		}
		return err
	})
}

// An award whose points are spent is taken back: what there is is burned, the
// rest is owed. The budget keeps what somebody spent.
func TestSpentAwardRecalled(t *testing.T) {
	v := newVillage(t)
	v.start()
	n := v.a
	var ref store.Ref
	n.update(func(tx *store.Tx) (err error) {
		ref, err = n.l.Award(tx, Award{Person: person, Points: 10, Period: year, Turn: activity, Key: id(1), Item: "A", Version: 1})
		return err
	})
	n.update(func(tx *store.Tx) error {
		_, err := n.l.Redeem(tx, Redemption{Person: person, Points: 6, Receipt: id(9)})
		return err
	})
	var before, after Terms
	issue := func(into *Terms) {
		n.view(func(q store.Querier) (err error) { *into, err = n.l.Totals(q, Issue); return err })
	}
	issue(&before)
	n.update(func(tx *store.Tx) error {
		c, err := n.l.Correct(tx, ref.Hash, "重复")
		if c.Taken != 4 || c.Debt != 6 || c.Back != 0 {
			t.Errorf("%+v", c)
		}
		return err
	})
	if issue(&after); after != before {
		t.Errorf("the budget: %+v, was %+v", after, before)
	}
	for _, h := range []store.Ref{ref} {
		if err := n.try(func(tx *store.Tx) error { _, err := n.l.Correct(tx, h.Hash, ""); return err }); code(err) != "ledger.undo.done" {
			t.Errorf("twice: %v", err)
		}
	}
	v.meet()
	for _, n := range v.devs {
		n.check()
		n.rebuilds()
	}
	v.office.view(func(q store.Querier) error {
		b, err := v.office.l.Balance(q, person, year)
		if b.Spendable != 0 || b.Debt != 6 || b.Lifetime != 0 || b.Year != 0 {
			t.Errorf("%+v", b)
		}
		lines, err2 := v.office.l.Lines(q, person, 0, 10)
		for _, l := range lines {
			if (l.Kind == LineAward) != l.Undone {
				t.Errorf("%+v", l)
			}
		}
		if err == nil {
			err = err2
		}
		return err
	})
	// Nobody gets points for a debt: neither beside points that are there nor for half of it.
	if err := n.award(2, person, 5); err != nil {
		t.Fatal(err)
	}
	var last store.Ref
	n.view(func(q store.Querier) error {
		lines, err := n.l.Lines(q, person, 0, 1)
		last = lines[0].Ref
		return err
	})
	debt := func(amount int64) Entry {
		return Entry{Type: Mint, Quota: Quota{Debt, person, year}, Amount: amount, Why: WhyRecall, Ref: Ref{Hash: last.Hash}}
	}
	for _, es := range [][]Entry{
		{debt(5)}, {debt(4)},
		{{Type: Burn, Quota: account, Amount: 5, Why: WhyRecall, Ref: Ref{Hash: last.Hash}}},
		{{Type: Burn, Quota: account, Amount: 4, Why: WhyRecall, Ref: Ref{Hash: last.Hash}}, debt(1)},
	} {
		if err := n.try(func(tx *store.Tx) error { _, err := n.l.Write(tx, "ledger.recall", es...); return err }); err == nil {
			t.Errorf("valid: %+v", es)
		}
	}
}

// A deduction for a deed is one deduction, at whichever holder of the turn.
func TestFineOnce(t *testing.T) {
	v := newVillage(t)
	v.start()
	n := v.a
	if err := n.award(1, person, 2); err != nil {
		t.Fatal(err)
	}
	d := Deduction{Person: person, Points: 3, Period: year, Deed: Deed{activity, id(40)}, Item: "B1", Version: 2}
	fine := func(n *node) error {
		return n.try(func(tx *store.Tx) error { _, err := n.l.Deduct(tx, d); return err })
	}
	if err := fine(n); err != nil {
		t.Fatal(err)
	}
	if err := fine(n); code(err) != "ledger.deed.used" {
		t.Errorf("twice: %v", err)
	}
	n.update(func(tx *store.Tx) error {
		_, err := n.l.SendTurn(tx, activity, Amount{Quota{Issue, activity, year}, 10}, v.b.actor())
		return err
	})
	v.meet()
	v.b.update(func(tx *store.Tx) error { _, err := v.b.l.TakeAll(tx); return err })
	if err := fine(v.b); code(err) != "ledger.deed.used" {
		t.Errorf("by the next holder of the turn: %v", err)
	}
	d.Deed.Key = id(41)
	if err := fine(v.b); err != nil {
		t.Error(err)
	}
	v.meet()
	for _, n := range v.devs {
		n.check()
		n.rebuilds()
	}
}
