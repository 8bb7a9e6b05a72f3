// Package governtest makes whole communities for tests: devices with real
// keys, a real store in a temporary folder and a real charter, that meet when
// the test says so. It knows no network and no subject but govern.
//
// Start reading at [New].
package governtest

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"jishan/app/govern"
	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// World is a community under test.
type World struct {
	T         testing.TB
	Rand      *rand.ChaCha8
	Clock     int64 // milliseconds; the test moves it
	Community string
	Founding  govern.Founding
	Office    *Device
	Mount     Mount
}

// Mount adds subjects to a device before its store is opened, and rules after
// the charter's. Both may be nil.
type Mount func(d *Device) ([]store.Projector, admit.Rules)

// Device is one device of the world.
type Device struct {
	World       *World
	Name        string
	Key         *govern.Device
	Incarnation seal.Incarnation
	Charter     *govern.Charter
	Store       *store.Store
	Rules       admit.Rules
	Dir         string
}

// Start is when a world's clock begins: a day in 2026.
const Start = 1_780_000_000_000

// New founds a community with an office device. The seed fixes keys and ids,
// but for what age draws itself.
func New(t testing.TB, seed uint64, mount Mount) *World {
	t.Helper()
	var s [32]byte
	s[0], s[1], s[2] = byte(seed), byte(seed>>8), byte(seed>>16)
	w := &World{T: t, Rand: rand.NewChaCha8(s), Clock: Start, Mount: mount}
	d := w.bare("office")
	g, err := govern.Found(w.Rand, w.Clock, govern.GenesisRequest{
		Community: "柳溪社区", Parent: "迎泽街道", Office: "办公室电脑", Grids: []string{"第一网格", "第二网格"},
		Device: d.Key, Incarnation: d.Incarnation.Certificate,
	})
	w.must(err)
	w.Founding, w.Community, w.Office = g, g.Community, d
	d.open()
	d.Must(func(tx *store.Tx) error { return d.Charter.Establish(tx, g) })
	return w
}

func (w *World) must(err error) {
	w.T.Helper()
	if err != nil {
		w.T.Fatal(err)
	}
}

func (w *World) bare(name string) *Device {
	d := &Device{World: w, Name: name, Dir: w.T.TempDir()}
	var err error
	d.Key, err = govern.LoadOrCreateDevice(d.Dir, w.Rand)
	w.must(err)
	d.Incarnation, err = seal.NewIncarnation(w.Rand, d.Key.Private, w.Clock)
	w.must(err)
	return d
}

// Stranger opens a device that nobody certified; it holds the community's id
// alone.
func (w *World) Stranger(name string) *Device {
	d := w.bare(name)
	d.open()
	return d
}

// Join adds a device that the office certifies, and lets the two meet.
func (w *World) Join(name string, role govern.Role) *Device {
	w.T.Helper()
	d := w.Stranger(name)
	w.Office.Must(func(tx *store.Tx) error {
		_, err := w.Office.Charter.Certify(tx, govern.Enrol{
			Device: d.Key.Public(), Role: role, Name: name, PlaceName: name, Recipient: d.Key.Recipient(),
		})
		return err
	})
	w.Meet(w.Office, d)
	return d
}

// Copy opens a machine that was set up from a copy of a device as it is now: with
// its key, and an incarnation of its own.
func (w *World) Copy(of *Device) *Device {
	w.T.Helper()
	d := w.bare(of.Name)
	d.Key = of.Key
	var err error
	d.Incarnation, err = seal.NewIncarnation(w.Rand, d.Key.Private, w.Clock)
	w.must(err)
	d.open()
	w.give(of, d)
	return d
}

// Twin opens a copy of a device's disk while the device itself goes on: what both
// write from now on are two branches of one feed.
func (w *World) Twin(of *Device) *Device {
	w.T.Helper()
	d := &Device{World: w, Name: of.Name, Dir: w.T.TempDir(), Key: of.Key, Incarnation: of.Incarnation}
	w.must(of.Store.Snapshot(context.Background(), filepath.Join(d.Dir, "jishan.db")))
	lock, err := os.ReadFile(filepath.Join(of.Dir, "lock"))
	w.must(errors.Join(err, os.WriteFile(filepath.Join(d.Dir, "lock"), lock, 0o600)))
	d.open()
	return d
}

func (d *Device) open() {
	w := d.World
	d.Charter = govern.New(w.Community)
	d.Charter.Use(d.Key)
	d.Rules = d.Charter
	projectors := []store.Projector{d.Charter}
	if w.Mount != nil {
		more, rules := w.Mount(d)
		projectors = append(projectors, more...)
		if rules != nil {
			d.Rules = rules
		}
	}
	var err error
	d.Store, err = store.Open(context.Background(), store.Config{
		Path: filepath.Join(d.Dir, "jishan.db"), Clock: func() int64 { return w.Clock }, Rand: w.Rand, Incarnation: &d.Incarnation,
		Lock: &seal.LockFile{Path: filepath.Join(d.Dir, "lock")}, Projectors: projectors, Shape: d.Charter.Shape,
	})
	w.must(err)
	w.T.Cleanup(func() { _ = d.Store.Close() })
	w.must(d.Charter.Open(context.Background(), d.Store))
	d.Must(func(tx *store.Tx) error {
		_, err := tx.SetAdd(store.SetIncarnation, store.Item{ID: d.Incarnation.ID(), Blob: d.Incarnation.Encode()})
		return err
	})
}

// Do runs a transaction of the device and returns its error.
func (d *Device) Do(fn func(*store.Tx) error) error {
	return d.DoAs(context.Background(), "op-1", fn)
}

// DoAs is Do under an operator's name; it is what subjects take as Write.
func (d *Device) DoAs(ctx context.Context, operator string, fn func(*store.Tx) error) error {
	return d.Store.Update(ctx, store.Author{Operator: operator, Context: d.Charter.Head}, fn)
}

// Must is Do that must succeed.
func (d *Device) Must(fn func(*store.Tx) error) {
	d.World.T.Helper()
	d.World.must(d.Do(fn))
}

// Meet lets devices exchange everything that each may read, until nothing is
// new, every change delivered twice.
func (w *World) Meet(devices ...*Device) {
	w.T.Helper()
	for range devices {
		for _, a := range devices {
			for _, b := range devices {
				if a != b {
					w.give(a, b)
				}
			}
		}
	}
}

// give delivers what a holds and b may read. What a may not send is left out,
// as sync does: a judges by its own charter.
func (w *World) give(a, b *Device) {
	w.T.Helper()
	ctx := context.Background()
	for _, set := range []string{store.SetIncarnation, store.SetFork, "vault"} {
		if set != store.SetIncarnation && !a.Charter.MaySet(b.Key.Public(), set) {
			continue
		}
		items, err := a.Store.SetItems(ctx, set, -1)
		w.must(err)
		w.must(b.Store.Update(ctx, store.Author{}, func(tx *store.Tx) error {
			for _, it := range items {
				if _, err := tx.SetAdd(set, it); err != nil {
					return err
				}
			}
			return nil
		}))
	}
	docs, err := a.Store.Docs(ctx)
	w.must(err)
	for _, pass := range []bool{true, false} { // gov first
		for _, doc := range docs {
			p, err := govern.ParsePath(doc.ID)
			w.must(err)
			if (p.Term > 0) != pass || p.Term == 0 && !a.Charter.MayRead(b.Key.Public(), doc.ID) {
				continue
			}
			w.deliver(a, b, doc.ID)
		}
	}
	_, err = admit.Retry(ctx, b.Store, b.Rules)
	w.must(err)
}

func (w *World) deliver(a, b *Device, doc store.DocID) {
	w.T.Helper()
	var items []seal.Sealed
	w.must(a.Store.View(context.Background(), func(q store.Querier) error {
		return store.Each(q, doc, func(_ wire.Actor, c store.Stored) error {
			items = append(items, c.Sealed)
			return nil
		})
	}))
	for range 2 {
		b.Receive(a, doc, items)
	}
}

// Receive admits changes as if they came from a device.
func (d *Device) Receive(from *Device, doc store.DocID, items []seal.Sealed) admit.Result {
	d.World.T.Helper()
	r, err := admit.Batch(context.Background(), d.Store, d.Rules, govern.DeviceText(from.Key.Public()), doc, items)
	d.World.must(err)
	return r
}
