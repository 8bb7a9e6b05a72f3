package node

import (
	"context"
	"errors"
	"strconv"
	"time"

	"jishan/crdt/store"
	crdtsync "jishan/crdt/sync"
	"jishan/p2p"
)

// A device that breaks the rules of the network is cut off by the link; here it
// is written down, one row for a device and a reason, so that somebody looks at
// that machine. A machine that just went away breaks no rule.

// Why a device was cut off, as the screens have words for it.
const (
	brokeGarbage = "garbage" // what can't be read, or does not belong there
	brokeMuch    = "much"    // more at once than a link carries
	brokeFast    = "fast"    // more often than anybody needs
	brokeSilent  = "silent"  // it connected and then said nothing
	brokeNewer   = "newer"   // its program is too new for this one
	brokeOlder   = "older"   // and too old
)

const (
	// brokeCode stands in the list beside admission's codes.
	brokeCode = "broke"
	// brokeFor is how long a row is shown after the last time: long enough for
	// somebody who comes once a week.
	brokeFor = 8 * 24 * time.Hour
	// maxBroke bounds the rows: nobody reads a longer list.
	maxBroke = 64
)

const brokeSchema = `CREATE TABLE IF NOT EXISTS local_broke (device BLOB NOT NULL, reason TEXT NOT NULL, times INTEGER NOT NULL, at INTEGER NOT NULL,
	PRIMARY KEY (device, reason)) STRICT`

// breach is a device and what it did.
type breach struct {
	device [32]byte
	reason string
}

// often is how often, and when last.
type often struct{ times, at int64 }

// brokenRule tells which rule a device broke, from why its link ended; "" for
// every other end. heard tells whether it said anything on that link.
func brokenRule(err error, heard bool) string {
	var own *crdtsync.StoreError
	var broken *p2p.BrokenError
	is := func(list ...error) bool {
		for _, e := range list {
			if errors.Is(err, e) {
				return true
			}
		}
		return false
	}
	switch {
	case errors.As(err, &own), is(p2p.ErrRefused, crdtsync.ErrClosed): // ours, or the other's word about us
		return ""
	case is(p2p.ErrVersion, crdtsync.ErrNewer):
		return brokeNewer
	case is(crdtsync.ErrOlder):
		return brokeOlder
	case is(p2p.ErrTooLong, crdtsync.ErrTooLarge):
		return brokeMuch
	case is(p2p.ErrFlood, p2p.ErrAskLimit, crdtsync.ErrFlood):
		return brokeFast
	case is(p2p.ErrSilent) && !heard:
		return brokeSilent
	case errors.As(err, &broken), is(p2p.ErrFrame):
		return brokeGarbage
	}
	return ""
}

// broke notes a breach; the chores write it down, so that a device that breaks
// the rules all the time costs no more than a commit a round.
func (m *mesh) broke(pub [32]byte, reason string) {
	if _, known := m.c.charter.Device(pub); reason == "" || !known {
		return
	}
	key := breach{pub, reason}
	m.mu.Lock()
	if old, ok := m.breaches[key]; ok || len(m.breaches) < maxBroke {
		m.breaches[key] = often{old.times + 1, m.c.node.now()}
	}
	m.mu.Unlock()
	m.c.tend.poke()
}

// breaches writes down who broke the rules, and forgets those of long ago.
func (t *tender) breaches(ctx context.Context) error {
	m := t.c.mesh
	m.mu.Lock()
	fresh := m.breaches
	m.breaches = map[breach]often{}
	m.mu.Unlock()
	if len(fresh) == 0 {
		return nil
	}
	err := t.c.store.Update(ctx, store.Author{}, func(tx *store.Tx) error {
		for k, x := range fresh {
			if _, err := tx.Exec(`INSERT INTO local_broke (device, reason, times, at) VALUES (?, ?, ?, ?)
				ON CONFLICT (device, reason) DO UPDATE SET times = times + excluded.times, at = excluded.at`, k.device[:], k.reason, x.times, x.at); err != nil {
				return err
			}
		}
		_, err := tx.Exec(`DELETE FROM local_broke WHERE at < ? OR rowid NOT IN (SELECT rowid FROM local_broke ORDER BY at DESC LIMIT ?)`,
			t.c.node.now()-brokeFor.Milliseconds(), maxBroke)
		return err
	})
	t.c.node.hub.tell("state", "devices")
	return err
}

// brokenRules lists who broke the rules of late, the last one first.
func (c *community) brokenRules(q store.Querier) (list []refusal, err error) {
	rows, err := q.Query(`SELECT device, reason, times, at FROM local_broke WHERE at >= ? ORDER BY at DESC`, c.node.now()-brokeFor.Milliseconds())
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var pub []byte
		var reason string
		var x often
		if err := rows.Scan(&pub, &reason, &x.times, &x.at); err != nil {
			return nil, err
		}
		if len(pub) == 32 {
			params := map[string]string{"reason": reason, "times": strconv.FormatInt(x.times, 10)}
			list = append(list, refusal{At: x.at, From: c.fromName(deviceText([32]byte(pub))), Code: brokeCode, Params: params})
		}
	}
	return list, rows.Err()
}

// Broken tells of a device's database how many devices broke the rules of the
// network of late, and how often for each reason; no names, no ids.
func Broken(q store.Querier) (devices int64, times map[string]int64, err error) {
	times = map[string]int64{}
	var there bool
	if err := q.QueryRow(`SELECT count(*) > 0 FROM sqlite_master WHERE name = 'local_broke'`).Scan(&there); err != nil || !there {
		return 0, times, err // written by an older program
	}
	if err := q.QueryRow(`SELECT count(DISTINCT device) FROM local_broke`).Scan(&devices); err != nil {
		return 0, times, err
	}
	rows, err := q.Query(`SELECT reason, sum(times) FROM local_broke GROUP BY reason`)
	if err != nil {
		return 0, times, err
	}
	defer rows.Close()
	for rows.Next() {
		var reason string
		var n int64
		if err := rows.Scan(&reason, &n); err != nil {
			return 0, times, err
		}
		times[reason] = n
	}
	return devices, times, rows.Err()
}
