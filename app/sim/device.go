package sim

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"

	"jishan/app/activity"
	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/honour"
	"jishan/app/law"
	"jishan/app/ledger"
	"jishan/app/scheme"
	"jishan/app/zone"
	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/sync"
	"jishan/crdt/wire"
)

// Files of a data folder, named as the product names them.
const (
	databaseFile = "jishan.db"
	lockFile     = "incarnation.lock"
)

// device is one running device without screens: its data folder and what the
// product builds on it. After a crash or a restore the same device has new
// parts over the same, or another, folder.
type device struct {
	w    *world
	n    int // its place in world.devices
	role govern.Role
	dir  string
	skew int64 // of its clock, milliseconds

	key  *govern.Device
	inc  seal.Incarnation
	turn ledger.Subject // a station's own

	store   *store.Store
	lock    *seal.LockFile
	charter *govern.Charter
	ledger  *ledger.Ledger
	wishes  *ledger.Requests
	board   *activity.Board // nil in worlds of habits
	honour  *honour.Honour
	rules   law.Rules
	source  sync.Source

	down    bool // gone for good: lost, revoked, or replaced
	cut     bool // its network is off
	hostile bool
	twin    bool       // has, or is, a copy
	twins   wire.Actor // the incarnation that both began with
	revoked bool
	copied  bool              // made by evClone
	retired bool              // its feed was closed: it must begin a new incarnation
	next    *seal.Incarnation // that one
	seen    map[wire.Actor]int64
	doubted *doubted // its database may have been put back
	dirty   bool     // something was committed since the chores ran
	met     int      // links that were up when vouchers were fetched
	tended  int      // step in which the chores ran last

	orders []order   // own redemptions and awards that can be undone
	acked  []receipt // what was acknowledged to somebody
}

// receipt names a change that the product said is durable.
type receipt struct {
	doc  store.DocID
	hash wire.Hash
}

// operator stands for the person at the screen: an id text of the usual length.
const operator = "04hg2ciga5r5a1mtcmr4kctkpg"

func (d *device) clock() int64 { return d.w.now + d.skew }

func (d *device) pub() [32]byte { return d.key.Public() }

func (d *device) String() string { return fmt.Sprintf("%s %d", d.role, d.n) }

// open builds the parts over the folder. store.ErrNewIncarnation is handled by
// [device.start].
func (d *device) open(community string) error {
	d.charter = govern.New(community)
	d.charter.Use(d.key)
	d.ledger = ledger.New(d.inc.Actor(), community, law.Governance{Charter: d.charter})
	d.ledger.UseHome(d.home)
	d.wishes = ledger.NewRequests(d.charter.Doc)
	d.rules = law.Rules{Charter: d.charter, Ledger: d.ledger}
	d.lock = &seal.LockFile{Path: filepath.Join(d.dir, lockFile)}
	st, err := store.Open(d.w.ctx, store.Config{
		Path: filepath.Join(d.dir, databaseFile), Clock: d.clock, Rand: d.w.source,
		Incarnation: &d.inc, Lock: d.lock,
		Projectors: d.projectors(), Shape: d.charter.Shape,
	})
	if err != nil {
		return err
	}
	if err := d.charter.Open(d.w.ctx, st); err != nil {
		return errors.Join(err, st.Close())
	}
	d.store, d.source = st, sync.Of(st)
	st.OnCommit(d.committed)
	d.dirty = true
	return d.announce()
}

// projectors are the parts that keep rows.
func (d *device) projectors() []store.Projector {
	list := []store.Projector{d.charter, d.ledger, d.wishes}
	if d.w.cfg.Habits {
		return list
	}
	d.board = activity.NewBoard(activity.Config{
		Doc: d.charter.Doc, Scheme: scheme.New(d.charter.Doc), Rights: d.ledger, People: folk{}, Clock: d.clock, Rand: d.w.source,
	})
	d.honour = honour.New(honour.Config{
		Charter: d.charter, Ledger: d.ledger, Period: zone.Year, Clock: func() int64 { return d.w.now }, Place: func() string { return "" },
		Known: func(store.Querier, ledger.Subject) (bool, error) { return true, nil },
	})
	return append(list, d.board, d.honour)
}

// announce puts the certificate of this incarnation where all can see it.
func (d *device) announce() error {
	return d.write(func(tx *store.Tx) error {
		_, err := tx.SetAdd(store.SetIncarnation, store.Item{ID: d.inc.ID(), Blob: d.inc.Certificate.Encode()})
		return err
	})
}

// home is where rights go: the feed of the registrar.
func (d *device) home(store.Querier) (wire.Actor, bool, error) {
	_, a, ok := d.charter.Registrar()
	return a, ok, nil
}

func (d *device) committed(c store.Commit) {
	d.dirty = true
	d.w.net.committed(d, c)
}

func (d *device) write(fn func(*store.Tx) error) error {
	var before, after ledger.Tip
	err := d.store.Update(d.w.ctx, store.Author{Operator: operator, Context: d.charter.Head}, func(tx *store.Tx) (err error) {
		if before, err = d.ledger.Tip(tx, d.inc.Actor()); err != nil {
			return err
		}
		if err = fn(tx); err != nil {
			return err
		}
		after, err = d.ledger.Tip(tx, d.inc.Actor())
		return err
	})
	if err != nil {
		return err
	}
	return d.wrotePayments(before, after)
}

// append writes one transaction and remembers that it was acknowledged.
func (d *device) append(fn func(*store.Tx) (store.Ref, error)) (ref store.Ref, err error) {
	err = d.write(func(tx *store.Tx) (err error) {
		ref, err = fn(tx)
		return err
	})
	if err == nil && ref != (store.Ref{}) {
		d.acked = append(d.acked, receipt{ref.Doc, ref.Hash})
		d.w.stats.Operations++
	}
	return ref, err
}

func (d *device) view(fn func(store.Querier) error) error { return d.store.View(d.w.ctx, fn) }

// registrar tells whether this is the main device, under the incarnation whose term
// it is.
func (d *device) registrar() bool {
	pub, a, ok := d.charter.Registrar()
	return ok && pub == d.pub() && a == d.inc.Actor()
}

// main tells whether this is the registrar's device, also before it has handed over
// to the incarnation that runs.
func (d *device) main() bool {
	pub, _, ok := d.charter.Registrar()
	return ok && pub == d.pub()
}

// newest returns the newest incarnation of a device as this one knows it.
func (d *device) newest(pub [32]byte) (a wire.Actor, ok bool, err error) {
	err = d.view(func(q store.Querier) error {
		certs, err := govern.Incarnations(q, pub)
		var last seal.Certificate
		for _, c := range certs {
			if !ok || newer(c, last) {
				last, a, ok = c, c.Actor(), true
			}
		}
		return err
	})
	return a, ok, err
}

// errNothing rolls a transaction back that found nothing to do.
var errNothing = errors.New("nothing to do")

// errBrokenOff undoes a transaction after the ledger has written.
var errBrokenOff = errors.New("broken off")

// quiet drops the errors that a chore may end with: nothing to do, and what
// only a person at a screen could mend.
func quiet(err error) error {
	if _, ok := errors.AsType[*fault.Fault](err); ok || errors.Is(err, errNothing) {
		return nil
	}
	return err
}

// Admit implements sync.Policy.
func (d *device) Admit(ctx context.Context, from string, doc store.DocID, items []seal.Sealed) (admit.Result, error) {
	r, err := admit.Batch(ctx, d.store, d.rules, from, doc, items)
	d.w.stats.Admissions += r.Admitted + r.Released
	return r, err
}

// MayRead implements sync.Policy.
func (d *device) MayRead(peer [32]byte, doc store.DocID) bool { return d.charter.MayRead(peer, doc) }

// MaySet implements sync.Policy.
func (d *device) MaySet(peer [32]byte, set string) bool { return d.charter.MaySet(peer, set) }

// CheckItem implements sync.Policy.
func (d *device) CheckItem(peer [32]byte, set string, _ store.Item) error {
	if !d.charter.MaySet(peer, set) {
		return errors.New("this device may not bring items of set " + set)
	}
	return nil
}
