package ledger

import "jishan/crdt/wire"

func (v *verdict) undo(e *Entry, want Type) error {
	past, err := v.undoOne(e, want)
	if err != nil {
		return err
	}
	return v.undoesAll(past, e.Ref.Hash, want == Tally)
}

// undoOne finds the entry that is undone and refuses to undo it twice, or by
// another amount.
func (v *verdict) undoOne(e *Entry, want Type) (*Tx, error) {
	past, _, err := v.s.Past(e.Ref.Hash)
	if err != nil {
		return nil, err
	}
	o := entryAt(past, e.Ref.Index)
	if o == nil {
		return nil, invalid("no transaction of this feed")
	}
	if o.Type != want || o.Why == WhyBack || o.Why == WhyRecall || o.Quota != e.Quota || o.Amount != e.Amount {
		return nil, invalid("not that entry")
	}
	for i := range v.t.Entries {
		p := &v.t.Entries[i]
		if p == e {
			break
		}
		if p.Ref == e.Ref {
			return nil, invalid("undone twice")
		}
	}
	n, err := v.s.Undone(e.Ref)
	if err == nil && n != 0 {
		err = invalid("undone before")
	}
	return past, err
}

// undoesAll refuses to take back half a transaction. A TALLY beside a MINT goes
// with it and has no entry of its own.
func (v *verdict) undoesAll(past *Tx, h wire.Hash, tallies bool) error {
	for i := range past.Entries {
		o := &past.Entries[i]
		want, why := Restore, WhyNone
		switch {
		case o.Type == Mint:
			if tallies {
				return invalid("a TALLY goes with its MINT")
			}
			want, why = Burn, WhyUndo
		case tallies && o.Type == Tally:
			want, why = Tally, WhyBack
		case o.Type != Consume || o.Quota.Kind == Exposure:
			continue
		}
		if !v.has(want, why, Ref{h, uint32(i)}) {
			return invalid("RESTORE of half a transaction")
		}
	}
	return nil
}

func (v *verdict) restore(e *Entry) error {
	if e.Why == WhyReturn {
		return v.giveBack(e)
	}
	if e.Quota.Kind == Exposure {
		return invalid("exposure is renewed, never restored")
	}
	if err := v.inYear(e.Quota); err != nil {
		return err
	}
	if err := v.undo(e, Consume); err != nil {
		return err
	}
	if e.Quota.Kind == Points {
		v.income += e.Amount
	}
	return v.add(e.Quota, e.Amount)
}

func (v *verdict) burn(e *Entry) error {
	switch e.Why {
	case WhyExpiry:
		closed, err := v.env.YearClosed(v.at.Head, e.Quota.Period)
		if err != nil || !closed {
			return either(err, "no YEARCLOSE")
		}
	case WhyMoved:
		if e.To.Community == v.at.Feed.Community {
			return invalid("moved away to the same community")
		}
	case WhyCollect:
		if err := v.collects(e.Quota.Subject); err != nil {
			return err
		}
	case WhyUndo:
		if err := v.undo(e, Mint); err != nil {
			return err
		}
	case WhyFine:
		if err := v.fine(e); err != nil {
			return err
		}
	case WhyRecall:
		if err := v.recall(e); err != nil {
			return err
		}
	}
	return v.spend(e.Quota, e.Amount)
}
