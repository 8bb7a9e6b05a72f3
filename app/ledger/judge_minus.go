package ledger

import (
	"slices"

	"jishan/crdt/wire"
)

// What takes points from a person, and how it comes back. A deduction burns what
// there is and leaves a debt; a recall takes back a MINT of which not all is there
// any more. Neither makes rights that were not issued before.

// takesAway tells the reasons of a deduction.
func takesAway(w Why) bool { return w == WhyDeduction || w == WhyFine }

// fine: a deduction for a deed uses the deed's key once. All its entries, burned
// periods and debt, stand in one transaction and share the key.
func (v *verdict) fine(e *Entry) error {
	if v.me.Role < Staff {
		return invalid("the role does not allow it")
	}
	if e.Deed.Turn != (Subject{}) {
		if err := v.turn(e.Deed); err != nil {
			return err
		}
	}
	for i := range v.t.Entries {
		o := &v.t.Entries[i]
		if o == e {
			break
		}
		if o.Why == WhyFine && o.Deed == e.Deed {
			if o.Quota.Subject != e.Quota.Subject {
				return invalid("one deed of two people")
			}
			return nil
		}
	}
	return v.fresh(e.Deed)
}

// recall: what there is of a MINT is burned, to the last point, and the rest
// becomes a debt; together as much as was minted, of the same person and period.
// The budget does not get back what somebody spent.
func (v *verdict) recall(e *Entry) error {
	if v.me.Role < Staff {
		return invalid("the role does not allow it")
	}
	past, _, err := v.s.Past(e.Ref.Hash)
	if err != nil {
		return err
	}
	o := entryAt(past, e.Ref.Index)
	if o == nil || o.Type != Mint || o.Quota.Kind != Points || o.Why == WhyMoved || mints(past) != 1 ||
		o.Quota.Subject != e.Quota.Subject || o.Quota.Period != e.Quota.Period {
		return invalid("not that MINT alone")
	}
	total, debts := int64(0), 0
	for i := range v.t.Entries {
		p := &v.t.Entries[i]
		if p.Ref != e.Ref {
			continue
		}
		if p.Why != WhyRecall {
			return invalid("undone twice")
		}
		total += p.Amount
		if p.Type == Mint {
			debts++
		} else if debts > 0 {
			return invalid("a debt before what there is")
		}
	}
	if total != o.Amount || debts != 1 {
		return invalid("%d of %d recalled, %d debts", total, o.Amount, debts)
	}
	if n, err := v.s.Undone(e.Ref); err != nil || n != 0 {
		return either(err, "undone before")
	}
	if e.Type == Mint {
		h, err := v.right(o.Quota)
		if err == nil && *h != 0 {
			err = invalid("a debt beside %d points", *h)
		}
		return err
	}
	return nil
}

func entryAt(t *Tx, i uint32) *Entry {
	if t == nil || int(i) >= len(t.Entries) {
		return nil
	}
	return &t.Entries[i]
}

func mints(t *Tx) (n int) {
	for i := range t.Entries {
		if t.Entries[i].Type == Mint {
			n++
		}
	}
	return n
}

// giveBack: a RESTORE of what a deduction or the collection of a debt burned,
// whole and once. A deduction comes back as a whole, its debt with it; of
// collections no more points than debt, so that nobody gets something for nothing.
func (v *verdict) giveBack(e *Entry) error {
	if v.me.Role < Staff {
		return invalid("the role does not allow it")
	}
	past, err := v.undoOne(e, Burn)
	if err != nil {
		return err
	}
	o := &past.Entries[e.Ref.Index]
	switch {
	case takesAway(o.Why):
		err = v.givesAllBack(past, e.Ref.Hash)
	case o.Why == WhyCollect:
		err = v.uncollects(e.Quota.Subject)
	default:
		err = invalid("a BURN for reason %d does not come back", o.Why)
	}
	if err == nil && e.Quota.Kind == Points {
		err = v.inYear(e.Quota)
	}
	if err != nil {
		return err
	}
	return v.add(e.Quota, e.Amount)
}

// givesAllBack refuses to give back half a deduction. Points of a closed period
// are gone either way.
func (v *verdict) givesAllBack(past *Tx, h wire.Hash) error {
	for i := range past.Entries {
		o := &past.Entries[i]
		want, why := Restore, WhyReturn
		switch {
		case o.Type == Mint:
			want, why = Burn, WhyUndo
		case o.Type != Burn:
			continue
		case o.Quota.Period != "":
			closed, err := v.env.YearClosed(v.at.Head, o.Quota.Period)
			if err != nil {
				return err
			}
			if closed {
				continue
			}
		}
		if !v.has(want, why, Ref{h, uint32(i)}) {
			return invalid("half a deduction")
		}
	}
	return nil
}

func (v *verdict) has(t Type, why Why, ref Ref) bool {
	for i := range v.t.Entries {
		if e := &v.t.Entries[i]; e.Type == t && e.Why == why && e.Ref == ref {
			return true
		}
	}
	return false
}

// uncollects: of one person no more collected points come back than collected
// debt; who is one person is asked of the governance head that it names.
func (v *verdict) uncollects(person Subject) error {
	group, err := v.env.Together(v.at.Head, person)
	if err != nil {
		return err
	}
	var points, debt int64
	for i := range v.t.Entries {
		e := &v.t.Entries[i]
		if e.Type != Restore || e.Why != WhyReturn || e.Quota.Subject != person && !slices.Contains(group, e.Quota.Subject) {
			continue
		}
		past, _, err := v.s.Past(e.Ref.Hash)
		if err != nil {
			return err
		}
		o := entryAt(past, e.Ref.Index)
		switch {
		case o == nil || o.Why != WhyCollect:
		case e.Quota.Kind == Points:
			points += e.Amount
		default:
			debt += e.Amount
		}
	}
	if points > debt {
		return invalid("%d points back for %d of debt", points, debt)
	}
	return nil
}
