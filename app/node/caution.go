package node

import (
	"context"
	"slices"
	"sync/atomic"

	"jishan/app/govern"
	"jishan/crdt/store"
	crdtsync "jishan/crdt/sync"
)

// Cautious start. A disk that was put back as a whole, lock file included, looks
// to its program like the one it left. Another device would know more of this
// feed and stop it; until one was asked, only so much is handed out.

// caution says whether a staff device has shown since the start that it knows no
// more of this device's feed than this device does.
type caution struct {
	since int64 // milliseconds
	over  atomic.Bool
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

// shown ends the caution when a staff device is in step with this one: had it
// known more, this device would have stopped before.
func (c *community) shown(by [32]byte) {
	if d, ok := c.charter.Device(by); ok && d.Role.Staff() && !d.Revoked {
		c.caution.over.Store(true)
	}
}

// shownBy ends the caution when a bundle, made since the start, held what its
// sender knows of this feed, and it went on from what is here: what waits for
// changes between was written by this device before its disk was put back.
func (c *community) shownBy(ctx context.Context, by [32]byte, made int64, got crdtsync.Imported) error {
	self := c.store.Self().String()
	if made <= c.caution.since || !slices.ContainsFunc(got.Docs, func(doc store.DocID) bool {
		p, err := govern.ParsePath(doc)
		return err == nil && p.Part > 0 && p.Author == self
	}) {
		return nil
	}
	waiting, err := c.store.Waiting(ctx)
	if err == nil && !slices.ContainsFunc(waiting, func(w store.Waiting) bool { return w.Actor == c.store.Self() }) {
		c.shown(by)
	}
	return err
}
