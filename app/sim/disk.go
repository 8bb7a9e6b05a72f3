package sim

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"

	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// What can happen to a device's disk. The process is not really killed: the
// files are copied as they lie there at that moment, the store is closed, and
// the device goes on with the copy, as one does after the power came back.

// backup is a copy of a device's database, as people make it.
type backup struct {
	device int
	step   int
	dir    string
}

func (w *world) disk(e Event, rng *rand.Rand) error {
	d := w.at(e.A, func(d *device) bool { return w.cfg.Profile&FaultMain == 0 || d.main() })
	if d == nil {
		return nil
	}
	switch e.Kind {
	case evCrash:
		return w.crash(e, d, rng)
	case evBackup:
		return w.backUp(e, d)
	case evRestore:
		return w.restore(e, rng)
	case evLock:
		return w.loseLock(e)
	case evClone:
		return w.clone(e, govern.Merchant)
	case evTwin:
		return w.clone(e, govern.Station)
	case evWipe:
		return w.wipe(e)
	case evRevoke:
		return w.revoke(e)
	case evHostile:
		return w.attack(e, rng)
	}
	return nil
}

func (d *device) path(name string) string { return filepath.Join(d.dir, name) }

// snapshot copies the files of a data folder: the database before its log, so
// that a checkpoint in between changes nothing.
func (d *device) snapshot(names ...string) (string, error) {
	dir, err := d.w.folder()
	if err != nil {
		return "", err
	}
	for _, name := range names {
		b, err := os.ReadFile(d.path(name))
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, name), b, 0o600)
		}
		if err != nil {
			return "", err
		}
	}
	return dir, nil
}

var (
	wholeFolder  = []string{databaseFile, databaseFile + "-wal", lockFile}
	databaseOnly = []string{databaseFile, databaseFile + "-wal"}
)

// restart ends the device's process without any orderly step and starts it
// over another folder.
func (d *device) restart(dir string) error {
	d.w.net.dropAll(d)
	if err := d.store.Close(); err != nil {
		return err
	}
	if dir != d.dir {
		if err := os.RemoveAll(d.dir); err != nil {
			return err
		}
	}
	d.dir, d.store = dir, nil
	if d.next != nil {
		if _, waits := d.handsOver(); waits {
			d.doubt()
		}
		d.inc, d.next, d.retired, d.turn = *d.next, nil, false, ledger.Subject{}
		d.w.stats.Renewed++
		d.w.wild = true
		if err := os.Remove(d.path(lockFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return d.start(d.charter.Community())
}

// start opens the device as the product does: where the database is not the
// one that was written last, or others hold more of this feed than it, with a
// new incarnation that holds nothing.
func (d *device) start(id string) error {
	err := d.open(id)
	if !errors.Is(err, store.ErrNewIncarnation) {
		return err
	}
	if d.inc, err = seal.NewIncarnation(d.w.source, d.key.Private, d.clock()); err != nil {
		return err
	}
	if err := os.Remove(d.path(lockFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	d.doubt()
	d.w.stats.Renewed++
	d.w.wild = true // what the old feed held waits for its successor
	d.turn = ledger.Subject{}
	return d.open(id)
}

// renewAll lets the devices that were told to begin a new incarnation do so.
func (w *world) renewAll() error {
	for len(w.renew) > 0 {
		d := w.renew[0]
		w.renew = w.renew[1:]
		if d.down {
			continue
		}
		was := d.inc.Actor()
		if d.retired {
			if err := d.renewal(); err != nil {
				return err
			}
		}
		if err := d.restart(d.dir); err != nil {
			return err
		}
		if d.inc.Actor() == was && d.store.Forked(was) {
			return fail("forked", "%s goes on as the incarnation that is forked", d)
		}
		w.note("renew %s: %v", d, d.inc.Actor() != was)
	}
	return nil
}

// The ways to crash.
const (
	crashAtRest = iota
	crashBeforeLock
	crashTorn
	crashWays
)

// crash ends a device at the worst moments: between two operations, after a
// commit whose lock file is not written yet, in the middle of a commit's write.
// The operation was never acknowledged; whether it happened shows afterwards.
func (w *world) crash(e Event, d *device, rng *rand.Rand) error {
	way := rng.IntN(crashWays)
	lock, err := os.ReadFile(d.path(lockFile))
	if err != nil {
		return err
	}
	before, err := size(d.path(databaseFile + "-wal"))
	if err != nil {
		return err
	}
	var ref store.Ref
	who, told := e.Who%len(w.people), len(w.payments)
	if way != crashAtRest {
		ref, err = d.quickly(e, who)
		if err != nil {
			way = crashAtRest // nothing to interrupt
		}
	}
	was := d.inc.Actor()
	dir, err := d.snapshot(wholeFolder...)
	if err != nil {
		return err
	}
	if way != crashAtRest {
		if err := os.WriteFile(filepath.Join(dir, lockFile), lock, 0o600); err != nil {
			return err
		}
	}
	if way == crashTorn {
		if err := tear(filepath.Join(dir, databaseFile+"-wal"), before, rng); err != nil {
			return err
		}
	}
	if err := d.restart(dir); err != nil {
		return err
	}
	w.note("crash %s, way %d", d, way)
	if d.inc.Actor() != was && w.cfg.Profile&(FaultRestore|FaultClone|FaultRevoke|FaultTwin|FaultMain) == 0 {
		return fail("crash", "%s begins a new incarnation after a mere crash (way %d)", d, way)
	}
	if way == crashAtRest {
		return nil
	}
	if err := w.lostPayments(told); err != nil {
		return err
	}
	_, there, err := d.store.Change(w.ctx, ref.Hash)
	switch {
	case err != nil:
		return err
	case there:
		w.truth[who].earn(w.period(), e.N)
		d.acked = append(d.acked, receipt{ref.Doc, ref.Hash})
	case way == crashBeforeLock && d.inc.Actor() == was:
		return fail("lost", "%s lost a commit whose lock file was not written", d)
	}
	return nil
}

// quickly writes an award of which nobody ever hears.
func (d *device) quickly(e Event, who int) (ref store.Ref, err error) {
	if d.turn == (ledger.Subject{}) {
		return ref, errNothing
	}
	err = d.write(func(tx *store.Tx) (err error) {
		ref, err = d.ledger.Award(tx, ledger.Award{Person: d.w.people[who], Points: e.N, Period: d.w.period(), Turn: d.turn, Key: subjectOf(e.Seed), Item: "A03", Version: 1})
		return err
	})
	return ref, err
}

func size(path string) (int64, error) {
	i, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return i.Size(), nil
}

// tear cuts a log somewhere in what was written after it had the size before.
func tear(path string, before int64, rng *rand.Rand) error {
	now, err := size(path)
	if err != nil || now <= before {
		return err // written over an older log: its frames have the old salt
	}
	return os.Truncate(path, before+rng.Int64N(now-before))
}

// backUp keeps a copy of the database, as the product's backup does.
func (w *world) backUp(e Event, d *device) error {
	dir, err := d.snapshot(databaseOnly...)
	if err == nil {
		w.backups = append(w.backups, backup{d.n, w.step, dir})
		w.note("backup of %s", d)
	}
	return err
}

// restore puts an old copy of the database in place of the present one. The
// lock file stays, or is lost with the old disk.
func (w *world) restore(e Event, rng *rand.Rand) error {
	if len(w.backups) == 0 {
		return nil
	}
	b := w.backups[e.B%len(w.backups)]
	d := w.devices[b.device]
	if d.down || d.hostile {
		return nil
	}
	was := d.inc.Actor()
	before, err := d.wrote()
	if err != nil {
		return err
	}
	from := &device{w: w, dir: b.dir}
	dir, err := from.snapshot(databaseOnly...) // the copy is kept: it may be restored again
	if err != nil {
		return err
	}
	if rng.IntN(2) == 0 { // a new disk: the identity's files are gone, too
		if d.inc, err = seal.NewIncarnation(w.source, d.key.Private, d.clock()); err != nil {
			return err
		}
		d.doubt()
		w.stats.Renewed++
		w.wild, d.turn = true, ledger.Subject{}
	} else {
		lock, err := os.ReadFile(d.path(lockFile))
		if err == nil {
			err = os.WriteFile(filepath.Join(dir, lockFile), lock, 0o600)
		}
		if err != nil {
			return err
		}
	}
	if err := d.restart(dir); err != nil {
		return err
	}
	w.note("restore %s, %d steps old: %v", d, w.step-b.step, d.inc.Actor() != was)
	if d.twin { // some of its feed the other machine wrote: what is not here of that no lock file tells
		return w.forget()
	}
	if after, err := d.wrote(); err != nil || d.inc.Actor() == was && after < before {
		return errors.Join(err, fail("lock", "%s goes on over a copy that lacks %d of its transactions", d, before-after))
	}
	return w.forget()
}

// wrote is how many transactions the device's feed has here.
func (d *device) wrote() (uint64, error) {
	var t ledger.Tip
	err := d.view(func(q store.Querier) (err error) { t, err = d.ledger.Tip(q, d.inc.Actor()); return err })
	return t.Number, err
}

// loseLock removes the lock file alone.
func (w *world) loseLock(e Event) error {
	d := w.at(e.A, anybody)
	dir, err := d.snapshot(databaseOnly...)
	if err != nil {
		return err
	}
	was := d.inc.Actor()
	wrote, err := d.wrote()
	if err != nil {
		return err
	}
	if err := d.restart(dir); err != nil {
		return err
	}
	w.note("lock file of %s is gone: %v", d, d.inc.Actor() != was)
	if d.inc.Actor() == was && wrote > 0 {
		return fail("lock", "%s goes on as before without its lock file", d)
	}
	return nil
}

// forget takes back what only disks had that are gone: nobody can have it any
// more, so nobody is asked for it.
func (w *world) forget() error {
	held := map[wire.Hash]bool{}
	for _, d := range w.devices {
		if d.absent() {
			continue
		}
		if err := d.hashes(held); err != nil {
			return err
		}
		list, err := d.store.Waiting(w.ctx)
		if err != nil {
			return err
		}
		for _, x := range list {
			held[x.Hash] = true
		}
	}
	for _, d := range w.devices {
		w.forgetOf(d, held)
	}
	return nil
}

// forgetOf takes back what of a device's work nobody holds.
func (w *world) forgetOf(d *device, held map[wire.Hash]bool) {
	kept := d.acked[:0]
	for _, r := range d.acked {
		if held[r.hash] {
			kept = append(kept, r)
			continue
		}
		w.stats.Unsynced++
		w.theft = true // who took what only that disk sent has it, and nobody can show it
	}
	d.acked = kept
	for i := range d.orders {
		o := &d.orders[i]
		undone := o.undone && held[o.undo]
		// Points of a lost award may lie elsewhere; those of a lost redemption may
		// come back with a successor: the truth becomes an upper bound.
		if now, was := o.worth(held[o.hash], undone), o.worth(true, o.undone); now > was {
			for _, p := range o.parts {
				w.truth[p.who].points[p.period] += max(p.n, -p.n)
			}
		}
		o.undone = undone
	}
}

// worth is what an order changes about its person's points.
func (o *order) worth(there, undone bool) int64 {
	if !there || undone {
		return 0
	}
	return o.total()
}

const (
	// maxClones bounds the copies of machines in one world.
	maxClones = 2
)

// clone makes a second machine out of the whole data folder of a till or a station,
// lock file included: a copied virtual machine.
func (w *world) clone(e Event, role govern.Role) error {
	d := w.at(e.A, func(d *device) bool { return d.role == role })
	if d == nil || w.clones >= maxClones || len(w.devices) >= maxDevices {
		return nil
	}
	dir, err := d.snapshot(wholeFolder...)
	if err != nil {
		return err
	}
	c := &device{w: w, n: len(w.devices), role: d.role, dir: dir, key: d.key, inc: d.inc, turn: d.turn, twin: true, twins: d.inc.Actor(), revoked: d.revoked, copied: true}
	d.twin, d.twins = true, d.inc.Actor()
	if err := c.start(d.charter.Community()); err != nil {
		return err
	}
	w.devices = append(w.devices, c)
	w.clones++
	w.wild, w.theft = true, true
	w.note("clone of %s: %s", d, c)
	return nil
}

// endCopies switches the copies off, as somebody must: two machines with one
// key close each other's feeds for as long as both run.
func (w *world) endCopies() error {
	for _, d := range w.devices {
		if !d.copied || d.down {
			continue
		}
		d.down = true
		w.net.dropAll(d)
	}
	return w.forget()
}

// wipe ends a device for good, with its disk. The registrar's is kept: nobody
// would be left to close the others' feeds.
func (w *world) wipe(e Event) error {
	d := w.at(e.A, others)
	if d == nil || d.registrar() || w.left() <= 3 {
		return nil
	}
	d.down = true
	w.net.dropAll(d)
	w.wild = true
	w.note("wipe %s", d)
	return w.forget()
}

// left counts the devices that run.
func (w *world) left() (n int) {
	for _, d := range w.devices {
		if !d.down {
			n++
		}
	}
	return n
}

// revoke ends a device's authority. Whoever has it can go on at its counter
// until it hears of it, so what it hands out beyond the cut is loss.
func (w *world) revoke(e Event) error {
	reg := w.at(0, (*device).registrar)
	d := w.at(e.A, func(d *device) bool { return d.n > 0 && !d.registrar() && !d.revoked })
	if reg == nil || d == nil || w.left() <= 3 {
		return nil
	}
	err := reg.write(func(tx *store.Tx) error {
		x := govern.Withdrawal{Device: d.pub(), Why: "revoked"}
		certs, err := govern.Incarnations(tx, d.pub())
		if err != nil {
			return err
		}
		for _, cert := range certs {
			t, err := reg.ledger.Tip(tx, cert.Actor())
			if err != nil {
				return err
			}
			x.Cuts = append(x.Cuts, govern.CutOf(cert.Actor(), t.Number, t.Hash, "revoked"))
		}
		w.seeded(func() { err = reg.charter.Revoke(tx, w.source, x) }) // the new keyring is encrypted to all staff
		return err
	})
	w.note("revoke %s: %s", d, code(err))
	if quiet(err) != nil {
		return fmt.Errorf("revoke %s: %w", d, err)
	}
	if err != nil {
		return nil
	}
	for _, o := range w.devices { // copies, too
		o.revoked = o.revoked || o.pub() == d.pub()
	}
	w.wild, w.theft = true, true
	return w.forget()
}
