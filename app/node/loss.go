package node

import (
	"context"

	"jishan/app/law"
	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// lost remembers since when a feed has cost this much, so that a LOSS is not
// written in the middle of what is still coming in.
type lost struct {
	n  int64
	at int64
}

// losses books what was lost to the reserve, as the registrar: of feeds that
// are closed, when all that counts of them is here, nothing of them waits, and
// what they cost has not moved for a while.
func (t *tender) losses(ctx context.Context) error {
	if !t.registrar() {
		return nil
	}
	var list []law.Lost
	err := t.c.view(ctx, func(q store.Querier) (err error) { list, err = law.Losses(q, t.c.charter, t.c.ledger); return err })
	if err != nil {
		return err
	}
	now, cost := t.c.node.now(), map[wire.Actor]int64{}
	for _, x := range list {
		cost[x.Feed] += x.Open()
	}
	ready := map[wire.Actor]bool{}
	for feed, n := range cost {
		if n == 0 {
			delete(t.cost, feed)
			continue
		}
		if t.cost[feed].n != n {
			t.cost[feed] = lost{n, now}
		}
		if now < t.cost[feed].at+settleFor.Milliseconds() {
			t.waiting = true
			continue
		}
		waits, err := t.waitsFor(ctx, feed)
		if err != nil {
			return err
		}
		ready[feed] = !waits
	}
	if len(ready) == 0 {
		return nil
	}
	return t.write(ctx, func(tx *store.Tx) error {
		n, err := law.BookLosses(tx, t.c.charter, t.c.ledger, func(x ledger.Lost) (bool, error) {
			if !ready[x.Feed] {
				return false, nil
			}
			return t.c.ledger.Settled(tx, x.Feed)
		})
		if err == nil && n == 0 {
			err = errNothing
		}
		return err
	})
}

// lostOf is what was lost of a kind of quota: in all, and how much of it is
// booked; of one period, or of all where period is empty.
func (c *community) lostOf(q store.Querier, k ledger.Kind, period string) (all, booked int64, err error) {
	return law.LostOf(q, c.charter, c.ledger, k, period)
}
