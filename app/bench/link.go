package bench

import (
	"context"
	"errors"

	"jishan/app/law"
	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/sync"
)

// policy is what a device allows its peers: what the charter says. A device
// that has no charter yet trusts the one whose ticket it holds.
type policy struct {
	d       *device
	inviter [32]byte
}

func (p policy) trusts(peer [32]byte) bool { return !p.d.charter.Known() && peer == p.inviter }

// MayRead implements sync.Policy.
func (p policy) MayRead(peer [32]byte, doc store.DocID) bool {
	return p.trusts(peer) || p.d.charter.MayRead(peer, doc)
}

// MaySet implements sync.Policy.
func (p policy) MaySet(peer [32]byte, set string) bool {
	return p.trusts(peer) || p.d.charter.MaySet(peer, set)
}

// CheckItem implements sync.Policy.
func (p policy) CheckItem(peer [32]byte, set string, _ store.Item) error {
	if !p.MaySet(peer, set) {
		return errors.New("not this peer's set: " + set)
	}
	return nil
}

// Admit implements sync.Policy: every step of admission. As on a running
// device, what waited for these changes is judged again.
func (p policy) Admit(ctx context.Context, from string, doc store.DocID, items []seal.Sealed) (admit.Result, error) {
	r := law.Rules{Charter: p.d.charter, Ledger: p.d.ledger}
	res, err := admit.Batch(ctx, p.d.store, r, from, doc, items)
	if err == nil && res.Admitted > 0 {
		_, err = admit.Retry(ctx, p.d.store, r)
	}
	return res, err
}

// session is this device's side of a connection; it hears of every commit.
func (l *lab) session(ctx context.Context, d *device, peer [32]byte) (*sync.Session, error) {
	s, err := sync.New(ctx, sync.Config{
		Source: sync.Of(d.store), Policy: policy{d, peer}, Peer: peer, Community: d.charter.Community(),
		Formats: map[string]uint64{"change": 1, "entry": 1, "gov": 1}, Rand: l.rand, Clock: now,
	})
	if err == nil {
		d.store.OnCommit(s.Committed)
	}
	return s, err
}

// link joins two sessions in memory. In one hop everything that both have to
// say crosses at once: half a round trip.
type link struct {
	a, b  *sync.Session
	bytes int
}

// maxHops is far beyond what any exchange of these sizes takes.
const maxHops = 10_000

func (l *lab) connect(ctx context.Context, a, b *device) (*link, error) {
	x, err := l.session(ctx, a, b.key.Public())
	if err != nil {
		return nil, err
	}
	y, err := l.session(ctx, b, a.key.Public())
	return &link{a: x, b: y}, err
}

func (k *link) close() {
	k.a.Close()
	k.b.Close()
}

// take returns all that a side has to say now.
func (k *link) take(s *sync.Session) (frames [][]byte, err error) {
	for {
		f, ok := s.Next()
		if !ok {
			return frames, s.Err()
		}
		k.bytes += len(f)
		frames = append(frames, f)
	}
}

// hop returns false when nothing was under way.
func (k *link) hop() (bool, error) {
	toB, err := k.take(k.a)
	if err != nil {
		return false, err
	}
	toA, err := k.take(k.b)
	if err != nil {
		return false, err
	}
	return len(toA)+len(toB) > 0, errors.Join(hand(k.b, toB), hand(k.a, toA))
}

func hand(s *sync.Session, frames [][]byte) error {
	for _, f := range frames {
		if err := s.Handle(f); err != nil {
			return err
		}
	}
	return nil
}

// settle runs the link until it is silent. It returns the bytes of both
// directions and after how many round trips, rounded up, equal was true first.
func (k *link) settle(ctx context.Context, equal func() (bool, error)) (bytes, roundTrips int, err error) {
	k.bytes = 0
	first := 0
	for hops := 1; hops < maxHops; hops++ {
		moved, err := k.hop()
		if err = errors.Join(err, ctx.Err()); err != nil {
			return 0, 0, err
		}
		same := first > 0
		if !same {
			if same, err = equal(); err != nil {
				return 0, 0, err
			}
			first = hops
		}
		switch {
		case !same && !moved:
			return 0, 0, errors.New("silence, but the devices differ")
		case !same:
			first = 0
		case !moved:
			return k.bytes, (first + 1) / 2, nil
		}
	}
	return 0, 0, errors.New("no silence")
}
