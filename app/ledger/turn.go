package ledger

import (
	"maps"
	"slices"

	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// What became of a turn that a closed feed sent on beyond its cut. The MOVE does not
// count, but a payee that took it before it heard of the CLOSE holds the turn. A
// registrar that made another would begin a second chain: the two do not know of each
// other's payments, and both would pay.

// turnLives tells whether a turn that was sent on beyond a cut lives elsewhere, or
// may live there without being heard.
func (b *book) turnLives(q Quota) (bool, error) {
	list, err := b.sentBeyond()
	if err != nil || len(list[q.Subject]) == 0 {
		return false, err
	}
	t, err := b.sumRead(q)
	if err != nil || t.Held+t.InFlight+t.Stranded > 0 {
		return err == nil, err
	}
	for _, x := range list[q.Subject] {
		may, err := b.mayTake(x.payee, x.payer)
		if err != nil || may {
			return may, err
		}
	}
	return false, nil
}

// passage is a MOVE of a turn beyond its payer's cut.
type passage struct{ payer, payee wire.Actor }

// sentBeyond lists the turns that closed feeds sent on beyond their cuts, read once
// for each of the store's transactions that asks.
func (b *book) sentBeyond() (map[Subject][]passage, error) {
	if b.passages != nil {
		return b.passages, nil
	}
	out := map[Subject][]passage{}
	for _, a := range slices.SortedFunc(maps.Keys(b.closed), wire.Actor.Compare) {
		late, err := b.lateOf(a)
		if err != nil {
			return nil, err
		}
		for _, h := range late {
			x, err := b.l.Transaction(b.tx, h)
			if err != nil {
				return nil, err
			}
			for _, e := range x.Tx.Entries {
				if e.Type == Move && e.Quota.Kind == Turn {
					out[e.Quota.Subject] = append(out[e.Quota.Subject], passage{a, e.To.Incarnation})
				}
			}
		}
	}
	b.passages = out
	return out, nil
}

// mayTake tells whether a payee, or who succeeds it, may still bring a TAKE that
// counts of what a closed feed sent it beyond the cut: as long as nothing is here
// that it wrote under a head with the CLOSE.
func (b *book) mayTake(payee, payer wire.Actor) (bool, error) {
	for range maxChain {
		if payee == b.l.self {
			return false, nil
		}
		c, closed := b.closed[payee]
		if !closed {
			break
		}
		if c.Heir == nil { // its heir will know both
			return false, nil
		}
		payee = c.Heir.To
	}
	f, err := b.feed(payee, false)
	if err != nil || f == nil || f.tip.Number == 0 {
		return err == nil, err
	}
	_, knows, err := b.Cut(f.head, payer)
	return err == nil && !knows, err
}

// MayTake is whether a feed may hold, unheard, what a closed feed sent it beyond its cut.
func (l *Ledger) MayTake(tx *store.Tx, payee, payer wire.Actor) (bool, error) {
	b, err := l.open(tx)
	if err != nil {
		return false, err
	}
	return b.mayTake(payee, payer)
}
