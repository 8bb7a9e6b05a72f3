package bench

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"jishan/crdt/store"
	"jishan/crdt/sync"
)

// runJoiner is the process of the device that joins: it opens an empty store,
// talks until both hold the same, and reports.
func runJoiner(ctx context.Context, w wires) error {
	hello, err := w.receive()
	if err != nil {
		return err
	}
	var v invitation
	if err := json.Unmarshal(hello, &v); err != nil {
		return err
	}
	l := &lab{rand: rand.NewChaCha8([32]byte{1})} // other ids than the office's
	start := time.Now()
	id, err := newIdentity(v.Dir, l.rand)
	if err != nil {
		return err
	}
	d, err := id.open(ctx, v.Community, l.rand)
	if err != nil {
		return err
	}
	err = l.joinWith(ctx, d, v, w)
	j := joined{Seconds: time.Since(start).Seconds()}
	j.measure()
	if err == nil {
		err = d.check(ctx, v)
	}
	if err = errors.Join(err, d.store.Close()); err != nil {
		return err
	}
	if err := w.send(nil); err != nil {
		return err
	}
	return w.report(j)
}

func (j *joined) measure() {
	rss, err := peak()
	if err != nil {
		j.NoRSS = err.Error()
	}
	j.RSS = rss
}

// joinWith talks until this side knows that both hold the same.
func (l *lab) joinWith(ctx context.Context, d *device, v invitation, w wires) error {
	s, err := l.session(ctx, d, v.Inviter)
	if err != nil {
		return err
	}
	defer s.Close()
	for {
		if err := say(s, w); err != nil || s.Stats().InSync {
			return err
		}
		f, err := w.receive()
		if err != nil {
			return err
		}
		if err := s.Handle(f); err != nil {
			return err
		}
	}
}

// say sends all that the session has to say now.
func say(s *sync.Session, w wires) error {
	for {
		f, ok := s.Next()
		if !ok {
			return s.Err()
		}
		if err := w.send(f); err != nil {
			return err
		}
	}
}

// check makes sure that what came is what was sent.
func (d *device) check(ctx context.Context, v invitation) error {
	sum, err := d.balances(ctx)
	if err != nil {
		return err
	}
	var n uint64
	err = d.store.View(ctx, func(q store.Querier) error {
		t, err := d.ledger.Tip(q, v.Feed)
		n = t.Number
		return err
	})
	if err == nil && (n != uint64(v.Entries) || sum != v.Digest) {
		err = fmt.Errorf("%d of %d entries arrived, balances equal: %v", n, v.Entries, sum == v.Digest)
	}
	return err
}

// balances is a digest over everybody's balances.
func (d *device) balances(ctx context.Context) (sum [32]byte, err error) {
	err = d.store.View(ctx, func(q store.Querier) error {
		sum, err = d.ledger.BalancesDigest(q, period)
		return err
	})
	return sum, err
}
