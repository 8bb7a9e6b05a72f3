package node

import (
	"context"
	"slices"
	"sync/atomic"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/crdt/store"
	crdtsync "jishan/crdt/sync"
)

// Cautious start. A disk that was put back as a whole, lock file included, looks
// to its program like the one it left. Another device would know more of this
// feed and stop it; until one was asked, only so much is handed out.

// caution says whether a staff device has shown since the start that it knows no
// more of this device's feed than this device does.
type caution struct {
	since int64  // milliseconds
	tip   uint64 // where this device's feed ended then
	over  atomic.Bool
}

// beginCaution notes where the feed ends at the start.
func (c *community) beginCaution(ctx context.Context) error {
	c.caution.since = c.node.now()
	return c.view(ctx, func(q store.Querier) error {
		t, err := c.ledger.Tip(q, c.store.Self())
		c.caution.tip = t.Number
		return err
	})
}

// most is how many points may be handed out; negative: no bound. Where there is
// no other staff device, nobody could ever show anything.
func (c *community) most() int64 {
	n := c.charter.Settings().Caution()
	if n == 0 || c.caution.over.Load() || c.otherStaff() == 0 {
		return -1
	}
	return n
}

// cautious counts what a transaction hands out. The count outlives the program: only
// a staff device's word begins it anew. Fault: ledger.cautious{need, left, most}.
func (c *community) cautious(tx *store.Tx, n int64) error {
	most := c.most()
	if most < 0 {
		return nil
	}
	var spent int64
	if err := tx.QueryRow(`SELECT coalesce(sum(points), 0) FROM local_outlay`).Scan(&spent); err != nil {
		return err
	}
	if left := max(most-spent, 0); n > left {
		return fault.New("ledger.cautious", "need", n, "left", left, "most", most)
	}
	_, err := tx.Exec(`INSERT INTO local_outlay (one, points) VALUES (1, ?) ON CONFLICT (one) DO UPDATE SET points = points + excluded.points`, n)
	return err
}

// shown ends the caution when a staff device is in step with this one: had it
// known more, this device would have stopped before.
func (c *community) shown(ctx context.Context, by [32]byte) error {
	d, ok := c.charter.Device(by)
	if !ok || !d.Role.Staff() || d.Revoked || c.caution.over.Load() {
		return nil
	}
	err := c.store.Update(ctx, store.Author{}, func(tx *store.Tx) error {
		_, err := tx.Exec(`DELETE FROM local_outlay`)
		return err
	})
	if err == nil {
		c.caution.over.Store(true)
	}
	return err
}

// shownBy ends the caution when a bundle echoes this device's feed: who made it knew
// at least as much of the feed as this device did at its start, said so after that
// start, and went on from what is here: what waits for changes between was written by
// this device before its disk was put back. That it was said after the start follows
// from what was written since, if it holds that. Else two clocks are compared, so it
// must have been made later than they may differ; where they differ by more there is
// an alarm (alarms.go), and a bundle from before the start may pass for one of today.
func (c *community) shownBy(ctx context.Context, by [32]byte, made int64, got crdtsync.Imported) error {
	echoed := c.echoed(got)
	late := made >= c.caution.since+skewLimit.Milliseconds()
	if echoed == 0 || echoed < c.caution.tip || echoed == c.caution.tip && !late {
		return nil
	}
	waiting, err := c.store.Waiting(ctx)
	if err == nil && !slices.ContainsFunc(waiting, func(w store.Waiting) bool { return w.Actor == c.store.Self() }) {
		err = c.shown(ctx, by)
	}
	return err
}

// echoed is the last transaction of this device's feed that a bundle holds.
func (c *community) echoed(got crdtsync.Imported) (number uint64) {
	self := c.store.Self()
	for _, doc := range got.Docs {
		p, err := govern.ParsePath(doc)
		if err != nil || p.Part == 0 || p.Author != self.String() {
			continue
		}
		if seq := got.End(doc, self); seq > 0 {
			number = max(number, (p.Part-1)*ledger.PartSize+seq)
		}
	}
	return number
}
