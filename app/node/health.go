package node

import (
	"context"
	"errors"
	"time"

	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/crdt/store"
)

const (
	// examineAfter is how long after its start a device looks for damage: the
	// first screens and the first syncs come first.
	examineAfter = 5 * time.Second
	// examineEvery is how often one looks that is never switched off.
	examineEvery = 7 * 24 * time.Hour
	// examineLazy is how much longer than a piece of the examination the rest
	// after it is: two thirds of the time are others'.
	examineLazy = 2
)

// examineForever looks for damage in the database, a while after the start and
// then every week, until ctx ends or damage is found. Nothing is written after
// that (store.Examine), and the screens say so.
func (c *community) examineForever(ctx context.Context) {
	for wait := examineAfter; ; wait = examineEvery {
		select {
		case <-ctx.Done():
			return
		case <-time.After(wait):
		}
		start := time.Now()
		err := c.store.Examine(ctx, lazily())
		if err == nil {
			err = c.soundLedger(ctx, lazily())
		}
		switch {
		case ctx.Err() != nil:
			return
		case c.store.Err() != nil:
			c.node.log.Error("the database is damaged", "err", errText(err))
			c.node.hub.tell("state")
			return
		case err != nil:
			c.node.log.Warn("the database could not be examined", "err", err.Error())
		default:
			c.node.log.Info("the database is sound", "took", time.Since(start).String())
		}
	}
}

// soundLedger looks for damage that SQLite does not see, a bit in a number, in
// pieces with a rest between two.
func (c *community) soundLedger(ctx context.Context, rest func(context.Context) error) error {
	for at := (ledger.Sounding{}); !at.Done; {
		if err := c.store.View(ctx, func(q store.Querier) error { return ledger.Sound(q, &at, ledger.SoundRows) }); err != nil {
			return err
		}
		if err := rest(ctx); err != nil {
			return err
		}
	}
	return nil
}

// lazily returns a rest that lasts as long as the work before it, examineLazy
// times.
func lazily() func(context.Context) error {
	last := time.Now()
	return func(ctx context.Context) error {
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(examineLazy * time.Since(last)):
		}
		last = time.Now()
		return nil
	}
}

// diskFault tells why nothing is written any more: data.damaged, data.full or
// data.stopped; nil while all is well.
func (c *community) diskFault() *fault.Fault {
	if err := c.store.Err(); err != nil {
		return fault.Of(storeFault(err))
	}
	return nil
}

// told gives an error of the disk its code, whoever met it, and lets the
// screens know when it stopped the device.
func (n *Node) told(err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*fault.Fault](err); !ok {
		err = storeFault(err)
	}
	if f := fault.Of(err); f.Code == "data.damaged" || f.Code == "data.full" || f.Code == "data.stopped" {
		n.hub.tell("state")
	}
	return err
}
