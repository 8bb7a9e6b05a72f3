package ledger

import (
	"strings"
	"unicode/utf8"

	"jishan/crdt/wire"
)

// uses says which optional fields an entry type may hold.
type uses struct{ to, deed, item, evidence, ref, order, from, tips bool }

func (e *Entry) uses() uses {
	switch e.Type {
	case Mint:
		return uses{deed: e.Why != WhyRecall, item: true, evidence: e.Why == WhyMoved, ref: e.Why == WhyRecall}
	case Tally:
		return uses{deed: e.Why != WhyBack, item: e.Why != WhyBack, ref: e.Why == WhyBack}
	case Move:
		return uses{to: true}
	case Take:
		return uses{evidence: true}
	case Succeed:
		return uses{from: true}
	case Consume:
		return uses{order: true}
	case Restore:
		return uses{ref: true}
	case Burn:
		return uses{to: e.Why == WhyMoved, deed: e.Why == WhyFine, item: true, ref: e.Why == WhyUndo || e.Why == WhyRecall}
	case Seen:
		return uses{tips: true}
	}
	return uses{}
}

// whys are the reasons an entry type may give.
func (e *Entry) whyFits() bool {
	switch e.Type {
	case Mint:
		return e.Why == WhyNone || e.Why == WhyMoved && e.Quota.Kind == Points || e.Why == WhyOpening && e.Quota.Kind == Points ||
			(e.Why == WhyDeduction || e.Why == WhyRecall || e.Why == WhyFine) && e.Quota.Kind == Debt || e.Why == WhyCount && e.Quota.Kind == Stock
	case Burn:
		switch e.Why {
		case WhyExpiry, WhyMoved, WhyCorrection, WhyDeduction, WhyUndo, WhyCount:
			return e.Why != WhyMoved || e.Quota.Kind == Points
		case WhyRecall, WhyFine:
			return e.Quota.Kind == Points
		case WhyCollect:
			return e.Quota.Kind == Points || e.Quota.Kind == Debt
		}
		return false
	case Restore:
		return e.Why == WhyNone || e.Why == WhyReturn && (e.Quota.Kind == Points || e.Quota.Kind == Debt)
	case Tally:
		return e.Quota.Kind == Points && (e.Why == WhyLifetime || e.Why == WhyYear || e.Why == WhyBack)
	}
	return e.Why == WhyNone
}

// check tells whether the transaction is well formed; it looks at nothing else.
func (t *Tx) check(community Subject) error {
	if len(t.Entries) == 0 || len(t.Entries) > MaxEntries || len(t.Evidence) > MaxEvidence {
		return malformed("%d entries, %d embedded changes", len(t.Entries), len(t.Evidence))
	}
	if p := t.Part; p != nil && (p.PrevSeq != PartSize || p.Number == 0 || p.Number%PartSize != 0) {
		return malformed("part header")
	}
	used := 0
	for i := range t.Entries {
		e := &t.Entries[i]
		if err := e.check(len(t.Evidence)); err != nil {
			return err
		}
		used |= 1 << e.Evidence
	}
	if used>>1 != 1<<len(t.Evidence)-1 {
		return malformed("embedded change that no entry names")
	}
	for i := range t.Evidence {
		if err := t.Evidence[i].check(); err != nil {
			return err
		}
	}
	return nil
}

func (e *Entry) check(evidence int) error {
	if e.Type == 0 || e.Type > lastType {
		return malformed("entry type %d", e.Type)
	}
	if e.Type == Seen {
		if len(e.Tips) == 0 || len(e.Tips) > MaxTips || e.Amount != 0 {
			return malformed("SEEN")
		}
	} else if err := e.checkQuota(); err != nil {
		return err
	}
	if !e.whyFits() {
		return malformed("%s of %s with reason %d", e.Type, e.Quota.Kind, e.Why)
	}
	if !clean(e.Item, MaxItem) || !clean(e.Note, MaxNote) {
		return malformed("item or note")
	}
	return e.checkFields(evidence)
}

func (e *Entry) checkQuota() error {
	q := e.Quota
	switch {
	case q.Kind == 0 || q.Kind > lastKind:
		return malformed("kind %d", q.Kind)
	case !periodFits(q.Period):
		return malformed("period")
	case e.Amount < 1 || e.Amount > MaxAmount:
		return malformed("amount %d", e.Amount)
	case q.Kind == Turn && e.Amount != 1 && e.Type != Succeed: // what a feed leaves may be more: it had made one before its own estate brought another
		return malformed("a turn is moved whole")
	}
	return nil
}

// checkFields demands the fields that the type needs and refuses the others.
func (e *Entry) checkFields(evidence int) error {
	u := e.uses()
	has := uses{
		to: e.To != (Feed{}), deed: e.Deed != (Deed{}), item: e.Item != "" || e.Version != 0,
		evidence: e.Evidence != 0, ref: e.Ref != (Ref{}), order: e.Order != (Subject{}),
		from: e.From != (wire.Actor{}), tips: e.Tips != nil,
	}
	extra := has.to && !u.to || has.deed && !u.deed || has.item && !u.item || has.evidence && !u.evidence ||
		has.ref && !u.ref || has.order && !u.order || has.from && !u.from || has.tips && !u.tips ||
		e.Head != (Tip{}) && !has.to || e.Index != 0 && !has.evidence
	missing := u.to && !has.to || u.evidence && !has.evidence || u.ref && !has.ref || u.from && !has.from ||
		e.Why == WhyFine && e.Deed.Key == (Subject{})
	if extra || missing {
		return malformed("fields of %s", e.Type)
	}
	if e.Evidence < 0 || e.Evidence > evidence || e.Index >= MaxEntries || e.Ref.Index >= MaxEntries {
		return malformed("index of %s", e.Type)
	}
	return nil
}

func (v *Evidence) check() error {
	if v.Epoch == 0 || v.Part == 0 || v.Part > wire.MaxCounter || v.Epoch > wire.MaxCounter || len(v.Tail) > MaxTail {
		return malformed("embedded change")
	}
	if len(v.Chunk) == 0 || len(v.Chunk) > MaxEmbedded {
		return malformed("embedded change of %d bytes", len(v.Chunk))
	}
	for _, c := range v.Tail {
		if len(c) == 0 || len(c) > MaxEmbedded {
			return malformed("embedded change of %d bytes", len(c))
		}
	}
	return nil
}

func periodFits(p string) bool {
	if len(p) > MaxPeriod {
		return false
	}
	return !strings.ContainsFunc(p, func(r rune) bool { return (r < '0' || r > '9') && (r < 'a' || r > 'z') && r != '-' })
}

// clean tells whether s is short text without control characters.
func clean(s string, limit int) bool {
	return len(s) <= limit && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f })
}
