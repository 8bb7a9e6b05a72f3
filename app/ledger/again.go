package ledger

import (
	"slices"

	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// What a device wrote behind an invalid entry of its own feed counts nowhere: no
// other device has it, and this one has set it aside. Its successor writes it
// again as far as the rules allow, awards and what was handed over alike, since
// the goods are with the people.

// Aside is a transaction that was set aside.
type Aside struct {
	Feed wire.Actor
	Hash wire.Hash
	At   int64 // when it was written, milliseconds
	Who  string
	Tx   *Tx
}

// ParseAside reads a change that was set aside. Error: of what is no entry of a
// feed here.
func (l *Ledger) ParseAside(chunk wire.Chunk) (x Aside, err error) {
	ch, h, err := wire.Decode(chunk)
	if err != nil {
		return x, err
	}
	c, err := seal.ParseContext(ch.Message)
	if err != nil {
		return x, err
	}
	t, err := l.decode(ch)
	return Aside{ch.Actor, h, ch.Time, c.Name(), t}, err
}

// Points are what it gave people and what they redeemed, for a list.
func (x *Aside) Points() (given, redeemed int64) {
	for i := range x.Tx.Entries {
		e := &x.Tx.Entries[i]
		switch {
		case e.Quota.Kind != Points:
		case e.Type == Mint:
			given += e.Amount
		case e.Type == Consume:
			redeemed += e.Amount
		}
	}
	return given, redeemed
}

// Person is whom it is about, if it gave, took or redeemed points; the zero
// subject else.
func (x *Aside) Person() Subject {
	for i := range x.Tx.Entries {
		if e := &x.Tx.Entries[i]; e.Quota.Kind == Points {
			return e.Quota.Subject
		}
	}
	return Subject{}
}

// matters tells whether it made, handed over or took back something: moves of
// rights are the succession's.
func (x *Aside) matters() bool {
	return slices.ContainsFunc(x.Tx.Entries, func(e Entry) bool {
		switch e.Type {
		case Mint, Tally, Restore: // of a debt, too
			return e.Quota.Kind != Turn && e.Quota.Kind != Issue && e.Quota.Kind != Exposure
		case Consume:
			return handedOut(e.Quota.Kind)
		case Burn:
			return e.Why == WhyUndo || e.Why == WhyRecall || takesAway(e.Why) || e.Why == WhyCorrection || e.Why == WhyCount
		}
		return false
	})
}

// handedOut are the kinds of which a CONSUME stands for something that a person
// has got. Places of activities are given again by the activity itself.
func handedOut(k Kind) bool { return k == Points || k == Stock || k == Benefit || k == Exposure }

// Void lists which of some transactions of one feed need not be written again:
// those that were undone by another of them, those that undid it, and those that
// only moved rights.
func Void(list []Aside) map[wire.Hash]bool {
	void := map[wire.Hash]bool{}
	here := map[wire.Hash]bool{}
	for i := range list {
		here[list[i].Hash] = true
		void[list[i].Hash] = !list[i].matters()
	}
	for i := range list {
		for _, e := range list[i].Tx.Entries {
			if here[e.Ref.Hash] && (e.Type == Restore || e.Type == Burn && e.Why == WhyUndo || e.Why == WhyRecall || e.Type == Tally && e.Why == WhyBack) {
				void[e.Ref.Hash], void[list[i].Hash] = true, true
			}
		}
	}
	return void
}

// Again writes again what one transaction made, took back or handed over that was
// set aside. It tells whether anything was written; nothing is where the rules do not
// allow it now: later they may. The caller remembers what is done.
func (l *Ledger) Again(tx *store.Tx, x Aside) (done bool, err error) {
	b, err := l.open(tx)
	if err != nil || !slices.Contains(predecessors(b.closed, l.self), x.Feed) {
		return false, err
	}
	groups, back, err := l.made(tx, b, x.Tx, x.Hash, nil)
	if err != nil {
		return false, err
	}
	es := slices.Concat(groups...)
	for _, e := range x.Tx.Entries {
		switch {
		case e.Type == Consume && handedOut(e.Quota.Kind), e.Type == Burn && (e.Why == WhyCorrection || e.Why == WhyCount):
			es = append(es, e)
		}
	}
	wrote, err := l.tookBack(tx, b, back)
	if err != nil {
		return false, err
	}
	if len(es) > 0 {
		n, err := l.allowed(l.Write(tx, "ledger.rewrite", es...))
		return wrote+n > 0, err
	}
	return wrote > 0, nil
}

// Number is the running number of a change of a feed document; 0 for any other
// document.
func (l *Ledger) Number(doc store.DocID, seq uint64) uint64 {
	d, ok := l.parseDoc(doc)
	if !ok {
		return 0
	}
	return d.number(seq)
}

// NextPart is the document that continues a feed.
func (l *Ledger) NextPart(doc store.DocID) store.DocID {
	d, _ := l.parseDoc(doc)
	return l.docAt(d.actor, d.epoch, d.part+1)
}
