package node

import (
	"context"
	"database/sql"
	"errors"
	"slices"
	"strings"
	"time"

	"jishan/app/govern"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// How the main device goes on under a new incarnation: it begins a new term of
// the charter. A term has one writer. If this device began one before, in a
// database that is gone, and begins it again, those that have heard of the first
// refuse the second for ever. So a main device whose database may have been put
// back asks everybody first who may have heard of it.

// handOver lets the registrar's device go on under a new incarnation, after a
// restored backup or a lost lock file: a new term of the charter, signed by the
// device. Where there are other staff devices it first meets them, so that the
// new term begins where the old one really ended.
func (t *tender) handOver(ctx context.Context) error {
	writer, due := t.c.handsOver()
	if !due {
		t.handing = 0
		return nil
	}
	if t.handing == 0 {
		t.handing = t.c.node.now()
	}
	if !t.upToDate() || t.awaitsProof() {
		return nil
	}
	if ready, err := t.nobodyKnowsMore(ctx, writer); err != nil || !ready {
		return err
	}
	t.handing = 0
	inc, err := loadIncarnation(t.c.node.cfg.Data)
	if err != nil || inc == nil {
		return err
	}
	t.c.node.log.Warn("the registrar goes on under a new incarnation", "old", writer.String())
	return t.c.beginTerm(ctx, t.write, writer, "handed over", func(tx *store.Tx, self govern.Cert, cuts []govern.Entry) error {
		return t.c.charter.HandOver(tx, t.c.node.device.Load().Private, inc.Certificate, self, cuts...)
	})
}

// handsOver tells whether this is the main device and its term is another
// incarnation's, and whose.
func (c *community) handsOver() (writer wire.Actor, due bool) {
	d, writer, ok := c.charter.Registrar()
	return writer, ok && d == c.node.device.Load().Public() && writer != c.store.Self()
}

// upToDate tells whether another staff device agrees with this one, or there is
// none.
func (t *tender) upToDate() bool {
	for pub, talk := range t.c.mesh.online() {
		if d, ok := t.c.charter.Device(pub); ok && !d.Revoked && d.Role.Staff() && talk.Stats().InSync {
			return true
		}
	}
	return !t.othersOfStaff()
}

// othersOfStaff tells whether this device knows other staff devices.
func (t *tender) othersOfStaff() bool {
	return slices.ContainsFunc(t.c.charter.Devices(), t.c.otherOfStaff)
}

func (c *community) otherOfStaff(d govern.Enrolled) bool {
	return d.Device != c.node.device.Load().Public() && !d.Revoked && d.Role.Staff()
}

// awaitsProof tells whether to wait a little with a new term: this main device
// lacks what it wrote, and the copy that it was put back to may be from before
// every other staff device. The first to connect shows that (prove.go).
func (t *tender) awaitsProof() bool {
	gone, err := loadMissing(t.c.node.cfg.Data)
	if err != nil || gone == nil && t.c.node.localCopy().Restored.At == 0 || t.othersOfStaff() {
		return false
	}
	waited := t.c.node.now() - t.handing
	return waited >= 0 && waited < waitForProof.Milliseconds()
}

// nobodyKnowsMore tells whether a term of which this device does not know can't
// be known to anybody: nothing of its database is gone, or all who may have heard
// of that term were in step since, or the community's patience is over.
func (t *tender) nobodyKnowsMore(ctx context.Context, writer wire.Actor) (ok bool, err error) {
	if _, err := t.firstSeen(ctx, writer); err != nil {
		return false, err
	}
	err = t.c.view(ctx, func(q store.Querier) error {
		since, sure, err := t.c.doubtSince(q, writer)
		if ok = sure || t.patient(since) >= 0; err != nil || ok {
			return err
		}
		known, err := heldBy(q)
		ok = len(t.unheard(known, since)) == 0
		return err
	})
	return ok, err
}

// doubtSince is since when something of the database may be gone; sure: nothing
// is.
func (c *community) doubtSince(q store.Querier, writer wire.Actor) (since int64, sure bool, err error) {
	self := c.store.Self()
	err = q.QueryRow(`SELECT at, whole FROM local_begun WHERE incarnation = ?`, self[:]).Scan(&since, &sure)
	if errors.Is(err, sql.ErrNoRows) { // an older program began it
		err = q.QueryRow(`SELECT at FROM local_ended WHERE feed = ?`, writer[:]).Scan(&since)
	}
	if errors.Is(err, sql.ErrNoRows) { // the chores have not looked yet
		since, err = c.node.now(), nil
	}
	return since, sure, err
}

// handingAlarms says, at a main device that waits with its new term, for whom.
func (c *community) handingAlarms(q store.Querier, _ govern.Snapshot) ([]alarm, error) {
	writer, due := c.handsOver()
	if !due || c.tend == nil {
		return nil, nil
	}
	since, sure, err := c.doubtSince(q, writer)
	if err != nil || sure {
		return nil, err
	}
	known, err := heldBy(q)
	list := c.tend.unheard(known, since)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	names := make([]string, len(list))
	for i, d := range list {
		names[i] = d.Name
	}
	until := since + c.charter.Settings().SuccessionWait*time.Minute.Milliseconds()
	return []alarm{c.alarmOf(alarmHanding, c.node.device.Load().Public(), map[string]any{"n": len(list), "names": strings.Join(names, "、"), "until": until})}, nil
}

// unheard lists who may have heard of a term that this device began and forgot,
// and was not in step since: all staff devices, and the tills that are connected.
// A till that is away is waited for only where no other staff device could have
// heard: a shop may be shut for days.
func (t *tender) unheard(known map[[32]byte]held, since int64) (list []govern.Enrolled) {
	online, others := t.c.mesh.online(), t.othersOfStaff()
	for _, d := range t.c.charter.Devices() {
		talk := online[d.Device]
		if d.Revoked || d.Device == t.c.node.device.Load().Public() || others && !d.Role.Staff() && talk == nil {
			continue
		}
		if known[d.Device].at < since && (talk == nil || !talk.Stats().InSync) {
			list = append(list, d)
		}
	}
	return list
}

// patient is how far the wait for who stays away is over since a moment: 0 or
// more when it is, by the community's setting.
func (t *tender) patient(since int64) time.Duration {
	waited := time.Duration(t.c.node.now()-since) * time.Millisecond
	return waited - time.Duration(t.c.charter.Settings().SuccessionWait)*time.Minute
}

// begunSchema holds that for each incarnation; it belongs to no document.
const begunSchema = `CREATE TABLE IF NOT EXISTS local_begun (incarnation BLOB PRIMARY KEY, at INTEGER NOT NULL, whole INTEGER NOT NULL) STRICT`

// begin notes, together with an incarnation's certificate, when it began over
// this database, and whether nothing of the database is gone: it began because
// the feed of the one before was closed, and not because it was put back.
func (c *community) begin(tx *store.Tx, inc *seal.Incarnation) error {
	if _, err := tx.Exec(begunSchema); err != nil {
		return err
	}
	fresh, err := tx.SetAdd(store.SetIncarnation, store.Item{ID: inc.ID(), Blob: inc.Encode()})
	if err != nil || !fresh {
		return err
	}
	self := inc.Actor()
	_, err = tx.Exec(`INSERT OR IGNORE INTO local_begun (incarnation, at, whole) VALUES (?, ?, ?)`, self[:], c.node.now(), c.node.whole == self)
	return err
}
