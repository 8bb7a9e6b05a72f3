package node

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"time"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// A data folder that was copied makes two machines with one device key. Each of
// them begins incarnations that the other did not make. The rule that ends it
// needs nobody: a machine that meets an incarnation of its own key, newer than
// the one it writes as, writes no more, says so, and tells the office. Which
// of the two goes on is the office's word, in the charter; the other one joins
// anew with a ticket.

const (
	// copiedRest is how long a machine that stopped stays away from the network
	// between two looks: both have one place at every other device, and it
	// belongs to the one that works.
	copiedRest = 30 * time.Second
	// maxEndings is how many feeds of one device the registrar ends within
	// endingsSpan. A device that is restored ends one; a program that does not
	// stop though it was copied would end them for ever, and gov would grow.
	maxEndings  = 4
	endingsSpan = 7 * 24 * time.Hour
)

// copied says that another machine goes on under this device's key.
type copied struct {
	Since   int64 `json:"since"`   // when the other one began, by its own clock
	Decided bool  `json:"decided"` // the office decided that the other one stays
}

// newer tells which of two certificates of a device is the one that writes.
func newer(a, b seal.Certificate) bool {
	if a.Made != b.Made {
		return a.Made > b.Made
	}
	return a.Actor().Compare(b.Actor()) > 0
}

// meet compares the newest certificate of this device's key with the one that
// this machine writes under: it never made a newer one.
func (c *community) meet(newest seal.Certificate) {
	var now *copied
	if newest.Made > 0 && newest.Actor() != c.store.Self() && newer(newest, c.inc.Certificate) {
		live, ok := c.charter.Settings().Live(c.node.device.Load().Public())
		now = &copied{Since: newest.Made, Decided: ok && live.Stays != c.store.Self()}
	}
	before := c.copied.Swap(now)
	if (before == nil) != (now == nil) {
		if now != nil {
			c.node.log.Warn("another machine writes under this device's key", "since", newest.Made)
		} else {
			c.node.log.Info("no other machine writes under this device's key any more")
		}
		c.node.hub.tell("state")
	}
}

// mayWrite tells why nothing can be written now, if so. Faults: clock.doubt,
// device.copied, device.refused, device.revoked.
func (c *community) mayWrite() error {
	if err := c.checkClock(); err != nil {
		return err
	}
	if c.copied.Load() != nil {
		return fault.New("device.copied")
	}
	if c.refused.Load() != nil {
		return fault.New("device.refused")
	}
	if c.revokedHere() {
		return fault.New("device.revoked")
	}
	return nil
}

// stopped is all that a machine does that has stopped for its copy: it hands on
// what it has, tells the office, and goes on if the office says so.
func (t *tender) stopped(ctx context.Context) error {
	live, ok := t.c.charter.Settings().Live(t.c.node.device.Load().Public())
	if ok && live.Stays == t.c.store.Self() {
		t.c.node.log.Warn("the office lets this machine go on")
		t.c.retired.Store(true)
		t.c.node.renew(t.c)
		return nil
	}
	now := t.c.node.now()
	if t.c.mesh.now() == nil {
		if now < t.rests+copiedRest.Milliseconds() {
			return nil
		}
		return t.c.mesh.up(ctx)
	}
	if t.since == 0 {
		t.since = now
	}
	done, err := t.tell(ctx)
	if done || now >= t.since+copiedRest.Milliseconds() { // both have one place at whoever is there
		t.rests, t.since = now, 0
		t.c.mesh.down()
		t.c.node.hub.tell("state")
	}
	return err
}

// tell lets staff devices know that this machine has stopped; done when one of
// them has all that is here. That is noted at once: the link ends now, before
// [mesh.watch] looks.
func (t *tender) tell(ctx context.Context) (done bool, err error) {
	h := t.c.mesh.now()
	self := t.c.store.Self()
	var upto int64
	if err := t.c.view(ctx, func(q store.Querier) (err error) { upto, err = store.Newest(q); return err }); err != nil {
		return false, err
	}
	word := t.c.stopWord()
	for pub, talk := range t.c.mesh.online() {
		d, ok := t.c.charter.Device(pub)
		if h == nil || !ok {
			continue
		}
		if _, e := h.Ask(ctx, pub, append([]byte{askStopWord}, word...)); e != nil && !toldOff(e) {
			err = errors.Join(err, e)
			continue
		}
		if !d.Role.Staff() {
			continue
		}
		if _, e := h.Ask(ctx, pub, append([]byte{askStopped}, self[:]...)); e != nil {
			err = errors.Join(err, e)
			continue
		}
		if talk.Stats().InSync {
			done = true
			err = errors.Join(err, t.c.mesh.keepHeld(ctx, talk, upto))
		}
	}
	return done, err
}

// hearStopped notes that one of two machines with the peer's key has stopped.
func (m *mesh) hearStopped(ctx context.Context, pub [32]byte, a wire.Actor) error {
	if d, ok := m.c.self(); !ok || !d.Role.Staff() {
		return fault.New("app.role")
	}
	addr := ""
	if talk := m.online()[pub]; talk != nil {
		addr = talk.peer.Addr
	}
	err := m.c.store.Update(ctx, store.Author{}, func(tx *store.Tx) error {
		device, ok, err := m.c.charter.DeviceOf(tx, a)
		if err != nil || !ok || device != pub {
			return err
		}
		if _, err := tx.Exec(`INSERT OR IGNORE INTO local_stopped (device, incarnation, at) VALUES (?, ?, ?)`, pub[:], a[:], m.c.node.now()); err != nil {
			return err
		}
		_, err = tx.Exec(`INSERT OR REPLACE INTO local_stopplace (incarnation, addr) VALUES (?, ?)`, a[:], hostOf(addr))
		return err
	})
	m.c.node.hub.tell("state", "devices")
	return err
}

// twin is a device of which a copy has stopped, while the office has not decided
// yet which one stays.
type twin struct {
	device  [32]byte
	stopped wire.Actor // zero: none has said so, the registrar ended its feeds too often
	at      int64
}

func (c *community) twins(q store.Querier) ([]twin, error) {
	rows, err := q.Query(`SELECT device, incarnation, at FROM local_stopped ORDER BY device, at DESC`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []twin
	var before [32]byte
	for rows.Next() {
		var device, inc []byte
		var x twin
		if err := rows.Scan(&device, &inc, &x.at); err != nil {
			return nil, err
		}
		copy(x.device[:], device)
		copy(x.stopped[:], inc)
		live, _ := c.charter.Settings().Live(x.device)
		d, ok := c.charter.Device(x.device)
		again := x.device == before // of each device only who stopped last: what was decided about it is decided about all
		before = x.device
		if newest, _ := c.incarnation(x.device); !ok || d.Revoked || again || newest == x.stopped || live.Stays == x.stopped || slices.Contains(live.Goes, x.stopped) {
			continue
		}
		out = append(out, x)
	}
	return out, rows.Err()
}

// keep decides which copy of a device goes on: "running", the one that works
// now, or "stopped". Faults: devices.unknown, devices.copied.none,
// govern.registrar.only.
func (c *community) keep(ctx context.Context, r struct {
	ID    string `json:"id"`
	Stays string `json:"stays"`
}) (none, error) {
	pub, err := parseDevice(r.ID)
	if err != nil {
		return none{}, err
	}
	if d, _ := c.self(); !d.Registrar {
		return none{}, fault.New("govern.registrar.only")
	}
	return none{}, c.write(ctx, func(tx *store.Tx) error {
		list, err := c.allTwins(tx)
		i := slices.IndexFunc(list, func(x twin) bool { return x.device == pub })
		if err != nil || i < 0 {
			return errors.Join(err, fault.New("devices.copied.none"))
		}
		running, _ := c.incarnation(pub)
		stays, goes := running, list[i].stopped
		if r.Stays == "stopped" {
			stays, goes = goes, stays
		}
		if stays == (wire.Actor{}) {
			return fault.New("devices.copied.none")
		}
		before, _ := c.charter.Settings().Live(pub)
		return c.charter.SetPolicy(tx, govern.LiveSetting(pub, before, stays, goes))
	})
}

// allTwins are the twins that said so, and the devices whose feeds the
// registrar does not end any more.
func (c *community) allTwins(q store.Querier) ([]twin, error) {
	out, err := c.twins(q)
	if err != nil {
		return nil, err
	}
	s, err := c.charter.Snapshot(q)
	if err != nil {
		return nil, err
	}
	head, _, _ := s.Head()
	for feed, device := range c.writers() {
		newest, _ := c.incarnation(device)
		if _, closed := s.Cuts(feed, head); closed || feed == newest || slices.ContainsFunc(out, func(x twin) bool { return x.device == device }) {
			continue
		}
		d, ok := c.charter.Device(device)
		if !ok || d.Revoked {
			continue
		}
		often, err := c.endedOften(q, device)
		if err != nil {
			return nil, err
		}
		if often {
			out = append(out, twin{device: device})
		}
	}
	return out, nil
}

// endedOften tells whether so many feeds of a device were closed of late, since
// the office last decided about it, that another one is not closed without its
// word.
func (c *community) endedOften(q store.Querier, device [32]byte) (bool, error) {
	since, err := c.charter.LiveSince(q, device)
	if err != nil {
		return false, err
	}
	since = max(since, c.node.now()-endingsSpan.Milliseconds())
	n := 0
	for feed, d := range c.writers() {
		if d != device {
			continue
		}
		at, err := c.charter.ClosedAt(q, feed)
		if err != nil {
			return false, err
		}
		if at > since {
			n++
		}
	}
	return n >= maxEndings, nil
}

// anew lets a machine that has stopped for its copy begin as a new device: what
// is here is put aside in a folder of its own, and the next ticket gives it a
// key and a place of its own. Faults: devices.copied.none if it has not
// stopped, setup.anew.unsent{n} while something is only here.
func (n *Node) anew(ctx context.Context, _ none) (none, error) {
	c, err := n.here()
	if err != nil {
		return none{}, err
	}
	if c.copied.Load() == nil {
		return none{}, fault.New("devices.copied.none")
	}
	if p, err := c.pill(ctx); err != nil || p.OnlyHere > 0 {
		return none{}, errors.Join(err, fault.New("setup.anew.unsent", "n", p.OnlyHere))
	}
	n.setup.Lock()
	defer n.setup.Unlock()
	if !c.renewing.CompareAndSwap(false, true) {
		return none{}, fault.New("data.restored")
	}
	n.mu.Lock()
	n.community = nil
	n.mu.Unlock()
	if err := c.close(); err != nil {
		return none{}, err
	}
	if err := n.putAside("copied", operatorsFile, govern.DeviceFile); err != nil {
		return none{}, err
	}
	device, err := govern.LoadOrCreateDevice(n.cfg.Data, n.cfg.Rand)
	if err != nil {
		return none{}, deviceFault(err)
	}
	n.device.Store(device)
	n.seat.leave()
	staff, err := loadOpeners(n.cfg.Data)
	if err != nil {
		return none{}, err
	}
	n.openers.Store(staff)
	err = n.change(func(l *local) {
		fresh := freshLocal()
		fresh.Settings = l.Settings
		*l = fresh
	})
	n.hub.tell("state")
	return none{}, err
}

// putAside moves what this folder holds, and what makes this device write as
// whom, into a folder of its own; what else is named goes last, in that order: a
// start in between finds the device that it was.
func (n *Node) putAside(why string, also ...string) error {
	dir := filepath.Join(n.cfg.Data, why+"-"+strconv.FormatInt(n.now(), 10))
	if err := os.Mkdir(dir, 0o700); err != nil {
		return err
	}
	for _, name := range append([]string{databaseFile + "-wal", databaseFile + "-shm", databaseFile + "-journal", databaseFile, lockFile, missingFile, incarnationFile}, also...) {
		err := os.Rename(filepath.Join(n.cfg.Data, name), filepath.Join(dir, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}

// answerStopped is the answer to a machine that has stopped.
func (m *mesh) answerStopped(ctx context.Context, pub [32]byte, a wire.Actor) ([]byte, error) {
	return []byte{askStopped}, m.hearStopped(ctx, pub, a)
}
