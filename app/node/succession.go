package node

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"jishan/app/govern"
	"jishan/app/honour"
	"jishan/app/law"
	"jishan/app/ledger"
	"jishan/app/people"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// What the registrar does about feeds whose incarnation has ended: a restored
// backup, a reinstalled or revoked device, one that never takes what was sent
// to it. CLOSE says what counts of the feed, SUCCEED who takes what it held
// (docs/quotas.md). The waiting is here: the ledger knows no clock.

const (
	// settleFor is how long a new incarnation must be known before its
	// predecessor is closed, even if everybody was heard: what arrived with
	// them has passed admission by then.
	settleFor = 2 * time.Second
	// payeePatience is how long after a MOVE its payee may be met and not
	// have taken it (rule 10): a device that is in order takes at once.
	payeePatience = 7 * 24 * time.Hour
)

// retire begins a new incarnation when the registrar has closed this one's
// feed: whatever it wrote from here on would not count.
func (t *tender) retire(ctx context.Context) error {
	e, ok := t.c.self()
	if !ok || e.Revoked {
		return nil
	}
	s, err := t.snapshot(ctx)
	if err != nil {
		return err
	}
	head, _, _ := s.Head()
	if _, closed := s.Cuts(t.c.store.Self(), head); closed {
		t.c.node.log.Warn("this incarnation was closed: a new one begins", "old", t.c.store.Self().String())
		t.c.retired.Store(true)
		t.c.node.renew(t.c)
	}
	return nil
}

func (t *tender) snapshot(ctx context.Context) (s govern.Snapshot, err error) {
	err = t.c.view(ctx, func(q store.Querier) error { s, err = t.c.charter.Snapshot(q); return err })
	return s, err
}

// successions closes what has ended and names its successor, as the registrar.
func (t *tender) successions(ctx context.Context) error {
	t.waiting = false
	if !t.registrar() {
		return nil
	}
	list, err := t.endedFeeds(ctx)
	if err != nil {
		return err
	}
	for _, x := range list {
		often := false
		err := t.c.view(ctx, func(q store.Querier) (err error) { often, err = t.c.endedOften(q, x.Device); return err })
		if err != nil {
			return err
		}
		if e, ok := t.c.charter.Device(x.Device); often && !x.Closed && ok && !e.Revoked {
			continue // its data folder may have been copied: the office decides
		}
		ready, err := t.heardOf(ctx, x)
		if err != nil {
			return err
		}
		if !ready {
			t.waiting = true
			continue
		}
		err = t.write(ctx, func(tx *store.Tx) error { return law.Succeed(tx, t.c.charter, t.c.ledger, x) })
		if errors.Is(err, ledger.ErrUnknown) { // what counts of it is not all here
			continue
		}
		if err != nil {
			return err
		}
		t.c.honour.LookAgain() // what it awarded beyond its cut is due again
		t.c.node.log.Info("a feed was closed and succeeded", "feed", x.Feed.String(), "by", x.Heir.String())
	}
	return nil
}

// endedFeeds lists the feeds without successor whose device goes on under a
// newer incarnation, or is revoked, and those that have forked.
func (t *tender) endedFeeds(ctx context.Context) (list []law.Ended, err error) {
	s, err := t.snapshot(ctx)
	if err != nil {
		return nil, err
	}
	head, _, _ := s.Head()
	for feed, device := range t.c.writers() {
		e, ok := t.c.charter.Device(device)
		newest, known := t.c.incarnation(device)
		if _, _, _, done := s.Heir(feed, head); !ok || !known || done {
			continue
		}
		_, closed := s.Cuts(feed, head)
		x := law.Ended{Feed: feed, Device: device, Heir: newest, Closed: closed}
		if e.Revoked {
			x.Heir = t.c.store.Self()
		}
		if x.Heir == feed && !closed && t.c.store.Forked(feed) {
			x.Heir = wire.Actor{} // two histories: closed at both ends; its device begins a new incarnation
			list = append(list, x)
			continue
		}
		if _, gone := s.Cuts(x.Heir, head); x.Heir != feed && !gone {
			list = append(list, x)
		}
	}
	slices.SortFunc(list, func(a, b law.Ended) int { return a.Feed.Compare(b.Feed) })
	return list, nil
}

// heardOf tells whether the time to close a feed has come. What lies beyond the
// cut is lost, so everybody who may hold more of the feed is heard first: all
// staff, and the device itself. Who stays away is waited for no longer than the
// community's setting says. What is closed already need not wait.
func (t *tender) heardOf(ctx context.Context, x law.Ended) (bool, error) {
	if x.Closed {
		return true, nil
	}
	since, err := t.firstSeen(ctx, x.Feed)
	if err != nil {
		return false, err
	}
	if waited := time.Duration(t.c.node.now()-since) * time.Millisecond; waited < settleFor {
		return false, nil
	}
	waits, err := t.waitsFor(ctx, x.Feed)
	if err != nil || waits {
		return false, err
	}
	if t.patient(since) >= 0 {
		return true, nil
	}
	var known map[[32]byte]held
	err = t.c.view(ctx, func(q store.Querier) error { known, err = heldBy(q); return err })
	if err != nil {
		return false, err
	}
	online := t.c.mesh.online()
	for _, d := range t.c.charter.Devices() {
		if d.Revoked || d.Device == t.c.node.device.Load().Public() || !d.Role.Staff() && d.Device != x.Device {
			continue
		}
		if talk := online[d.Device]; known[d.Device].at < since && (talk == nil || !talk.Stats().InSync) {
			return false, nil
		}
	}
	return true, nil
}

// firstSeen is when this device first saw that a feed has ended.
func (t *tender) firstSeen(ctx context.Context, feed wire.Actor) (at int64, err error) {
	err = t.c.store.Update(ctx, store.Author{}, func(tx *store.Tx) error {
		if _, err := tx.Exec(`INSERT OR IGNORE INTO local_ended (feed, at) VALUES (?, ?)`, feed[:], t.c.node.now()); err != nil {
			return err
		}
		return tx.QueryRow(`SELECT at FROM local_ended WHERE feed = ?`, feed[:]).Scan(&at)
	})
	return at, err
}

// waitsFor tells whether changes of the feed are in the waiting room.
func (t *tender) waitsFor(ctx context.Context, feed wire.Actor) (bool, error) {
	docs, err := t.c.store.WaitingDocs(ctx)
	return slices.ContainsFunc(docs, func(d store.DocID) bool { return strings.Contains(string(d), "/feed/"+feed.String()+"/") }), err
}

// writers tells which device each incarnation belongs to.
func (c *community) writers() map[wire.Actor][32]byte {
	c.namesMu.Lock()
	defer c.namesMu.Unlock()
	out := make(map[wire.Actor][32]byte, len(c.devicesOf))
	for a, d := range c.devicesOf {
		out[a] = d
	}
	return out
}

// lingering closes the feeds of payees that were met long after something was
// sent to them and have not taken it (rule 10), so that rights do not rest for
// ever. The device begins a new incarnation when it hears of it.
func (t *tender) lingering(ctx context.Context) error {
	if !t.registrar() {
		return nil
	}
	var late map[wire.Actor]int64
	var known map[[32]byte]held
	var s govern.Snapshot
	err := t.c.view(ctx, func(q store.Querier) (err error) {
		if late, err = t.c.ledger.Lingering(q, t.c.node.now()-payeePatience.Milliseconds()); err != nil || len(late) == 0 {
			return err
		}
		if known, err = heldBy(q); err == nil {
			s, err = t.c.charter.Snapshot(q)
		}
		return err
	})
	if err != nil {
		return err
	}
	writers := t.c.writers()
	for feed, since := range late {
		device, ok := writers[feed]
		if newest, _ := t.c.incarnation(device); !ok || newest != feed || feed == t.c.store.Self() || known[device].at < since+payeePatience.Milliseconds() {
			continue
		}
		head, _, _ := s.Head()
		if _, closed := s.Cuts(feed, head); closed {
			continue
		}
		err := t.write(ctx, func(tx *store.Tx) error {
			cuts, err := law.Cuts(tx, t.c.ledger, feed, "never took")
			if err != nil {
				return err
			}
			return t.c.charter.Write(tx, "govern.close", cuts...)
		})
		if err != nil {
			return fmt.Errorf("closing %s: %w", feed, err)
		}
	}
	return nil
}

// rewrite writes again what predecessors minted or restored beyond their cuts,
// but for those of revoked devices. Bonuses and openings are due by the documents: the
// main device's chore pays what it doesn't find paid, whatever round of a registration
// the old one had come to. Base points and levels are the main device's to write again.
func (t *tender) rewrite(ctx context.Context) error {
	writers := t.c.writers()
	return t.write(ctx, func(tx *store.Tx) error {
		n, err := t.c.ledger.Rewrite(tx, func(a wire.Actor) bool {
			e, ok := t.c.charter.Device(writers[a])
			return ok && !e.Revoked
		}, ledger.Left{Turn: people.RegistrationTurn, Always: true}, ledger.Left{Turn: people.BaseTurn}, ledger.Left{Turn: honour.Turn})
		if err == nil && n == 0 {
			err = errNothing
		}
		return err
	})
}
