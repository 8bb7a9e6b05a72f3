package node

import (
	"context"

	"jishan/app/govern"
	"jishan/app/law"
	"jishan/app/ledger"
	"jishan/crdt/store"
)

// A device that was revoked and has not heard of it goes on spending what it
// holds. What lies beyond its cut is loss; how much that can be is what it held.
// The office is told by name until the device has heard, and the device is told
// as soon as it reaches anybody: nobody lets it in any more, but whoever refuses
// it shows it the charter that revokes it (prove.go), and nothing that was ordered later.
// Then it stops with words. It is shown whenever it asks: of two machines with its key
// one may have heard and the other not, and one that heard may have been put back to an
// older copy. Who knows doesn't ask again.

// revokedFor is how long the office is told of a revoked device that was not
// heard of: most are lost or broken and never come back.
const revokedFor = 60 * 24 * 3600 * 1000

// revoked tells whether a device was one of ours once.
func (c *community) revoked(pub [32]byte) bool {
	d, ok := c.charter.Device(pub)
	return ok && d.Revoked
}

// revokedHere tells whether this device was revoked, as far as it knows.
func (c *community) revokedHere() bool { return c.revoked(c.node.device.Load().Public()) }

// hearRevoked notes that a revoked device says that it knows and has stopped.
func (c *community) hearRevoked(ctx context.Context, pub [32]byte) error {
	err := c.store.Update(ctx, store.Author{}, func(tx *store.Tx) error { return c.noteHeard(tx, pub) })
	c.node.hub.tell("state", "devices")
	return err
}

func (c *community) noteHeard(tx *store.Tx, pub [32]byte) error {
	_, err := tx.Exec(`INSERT OR IGNORE INTO local_heard (device, at) VALUES (?, ?)`, pub[:], c.node.now())
	return err
}

// revokedAlarms name the revoked devices that have not heard of it, with what
// they could still spend and what they did spend beyond their cuts.
func (c *community) revokedAlarms(q store.Querier, _ govern.Snapshot) (list []alarm, err error) {
	lost := map[[32]byte]int64{}
	losses, err := law.Losses(q, c.charter, c.ledger)
	if err != nil {
		return nil, err
	}
	writers := c.writers()
	for _, x := range losses {
		if x.Quota.Kind == ledger.Points {
			lost[writers[x.Feed]] += x.N
		}
	}
	for _, d := range c.charter.Devices() {
		if !d.Revoked {
			continue
		}
		var heard int
		if err := q.QueryRow(`SELECT count(*) FROM local_heard WHERE device = ?`, d.Device[:]).Scan(&heard); err != nil {
			return nil, err
		}
		newest, ok := c.incarnation(d.Device)
		if heard > 0 || !ok {
			continue
		}
		left, err := c.ledger.Left(q, newest)
		if err != nil {
			return nil, err
		}
		at, err := c.charter.ClosedAt(q, newest)
		if err != nil {
			return nil, err
		}
		if left+lost[d.Device] > 0 && c.node.now() < at+revokedFor {
			list = append(list, c.alarmOf(alarmRevoked, d.Device, map[string]any{"points": left, "lost": lost[d.Device]}))
		}
	}
	return list, nil
}
