package sync

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

const community = "0123456789abcdefghijklmnop"

// testing without a process-wide T: *testing.T and *rapid.T both fit.
type tester interface {
	Helper()
	Fatal(args ...any)
	Fatalf(format string, args ...any)
}

// free allows everything that has a shape.
type free struct{}

func shape(doc store.DocID) (store.Shape, error) {
	_, _, path, err := doc.Parts()
	switch {
	case err != nil:
		return 0, err
	case strings.HasPrefix(path, "gov/"), strings.HasPrefix(path, "feed/"):
		return store.Feed, nil
	case strings.HasPrefix(path, "future/"):
		return 0, fmt.Errorf("unknown kind of document")
	}
	return store.Records, nil
}

func (free) Shape(doc store.DocID) (store.Shape, error)      { return shape(doc) }
func (free) HeadKnown(*store.Tx, seal.Context) (bool, error) { return true, nil }
func (free) Authority(*store.Tx, store.DocID, [32]byte, seal.Context) error {
	return nil
}
func (free) Form(*store.Tx, store.DocID, [32]byte, *wire.Change) error { return nil }
func (free) Subject(*store.Tx, store.DocID, *wire.Change, wire.Hash, seal.Context) error {
	return nil
}

// device is one store with everything a session needs.
type device struct {
	tester
	name  string
	key   [32]byte
	inc   seal.Incarnation
	st    *store.Store
	src   Source
	live  []*Session
	now   int64
	reads func(peer [32]byte, doc store.DocID) bool // nil: everything
	sets  func(peer [32]byte, set string) bool
	rand  *rand.ChaCha8
	hold  func(items []seal.Sealed) error // a failure of admission
}

func seedOf(name string) [32]byte { return sha256.Sum256([]byte(name)) }

func newDevice(t tester, dir, name string) *device {
	t.Helper()
	seed := seedOf(name)
	priv := ed25519.NewKeyFromSeed(seed[:])
	d := &device{tester: t, name: name, key: [32]byte(priv[32:]), now: 1_700_000_000_000, rand: rand.NewChaCha8(seed)}
	var err error
	if d.inc, err = seal.NewIncarnation(d.rand, priv, d.now); err != nil {
		t.Fatal(err)
	}
	d.st, err = store.Open(context.Background(), store.Config{
		Path: filepath.Join(dir, name+".db"), Clock: func() int64 { return d.now }, Rand: d.rand,
		Incarnation: &d.inc, Lock: &seal.LockFile{Path: filepath.Join(dir, name+".lock")}, Shape: shape,
	})
	if err != nil {
		t.Fatal(err)
	}
	d.src = Of(d.st)
	d.st.OnCommit(func(c store.Commit) {
		for _, s := range d.live {
			s.Committed(c)
		}
	})
	d.addItem(store.SetIncarnation, store.Item{ID: d.inc.ID(), Blob: d.inc.Certificate.Encode()})
	return d
}

func (d *device) close() {
	if err := d.st.Close(); err != nil {
		d.Fatal(err)
	}
}

// The device is its own policy.
func (d *device) MayRead(peer [32]byte, doc store.DocID) bool {
	return d.reads == nil || d.reads(peer, doc)
}
func (d *device) MaySet(peer [32]byte, set string) bool        { return d.sets == nil || d.sets(peer, set) }
func (d *device) CheckItem([32]byte, string, store.Item) error { return nil }
func (d *device) Admit(ctx context.Context, from string, doc store.DocID, items []seal.Sealed) (admit.Result, error) {
	if d.hold != nil {
		if err := d.hold(items); err != nil {
			return admit.Result{}, err
		}
	}
	return admit.Batch(ctx, d.st, free{}, from, doc, items)
}

func (d *device) author() store.Author {
	return store.Author{Operator: "op", Context: func(*store.Tx) (seal.Context, error) { return seal.Context{}, nil }}
}

func (d *device) update(fn func(*store.Tx) error) {
	d.Helper()
	if err := d.st.Update(context.Background(), d.author(), fn); err != nil {
		d.Fatal(err)
	}
}

func (d *device) addItem(set string, it store.Item) {
	d.Helper()
	d.update(func(tx *store.Tx) error {
		_, err := tx.SetAdd(set, it)
		return err
	})
}

func docID(path string) store.DocID { return store.DocID(community + ".1/" + path) }

func (d *device) feed() store.DocID { return docID("feed/" + d.inc.Actor().String() + "/1") }

// append writes n entries of about the size of an award to the device's feed.
func (d *device) append(n int) {
	d.Helper()
	d.update(func(tx *store.Tx) error {
		for range n {
			if err := d.appendOne(tx); err != nil {
				return err
			}
		}
		return nil
	})
}

func (d *device) appendOne(tx *store.Tx) error {
	value := make([]byte, 90)
	_, _ = d.rand.Read(value)
	_, err := tx.Append(d.feed(), "award", value)
	return err
}

func (d *device) put(doc store.DocID, key, value string) {
	d.Helper()
	d.update(func(tx *store.Tx) error {
		_, err := tx.Put(doc, "edit", store.Put{Key: key, Value: wire.StringValue(value)})
		return err
	})
}

func (d *device) config(peer [32]byte) Config {
	return Config{
		Source: d.src, Policy: d, Peer: peer, Community: community,
		Formats: map[string]uint64{"entry": 1}, Rand: d.rand, Clock: func() int64 { return d.now },
	}
}

func (d *device) session(peer [32]byte) *Session {
	d.Helper()
	s, err := New(context.Background(), d.config(peer))
	if err != nil {
		d.Fatal(err)
	}
	d.live = append(d.live, s)
	return s
}

func (d *device) drop(s *Session) {
	s.Close()
	for i, have := range d.live {
		if have == s {
			d.live = append(d.live[:i], d.live[i+1:]...)
			return
		}
	}
}

// digests of all documents that want accepts (nil: all), as text.
func (d *device) digests(want func(store.DocID) bool) string {
	d.Helper()
	list, err := d.st.Docs(context.Background())
	if err != nil {
		d.Fatal(err)
	}
	var b strings.Builder
	for _, info := range list {
		if want == nil || want(info.ID) {
			fmt.Fprintf(&b, "%s %x\n", info.ID, info.Digest)
		}
	}
	return b.String()
}

func (d *device) setDigest(set string) [32]byte {
	d.Helper()
	sum, err := d.st.SetDigest(context.Background(), set)
	if err != nil {
		d.Fatal(err)
	}
	return sum
}

// pipe joins two sessions in memory. A hop moves everything that is under way
// to the other side: half a round trip.
type pipe struct {
	a, b   *Session
	da, db *device
	toA    [][]byte
	toB    [][]byte
	bytes  int
	frames int
	sizes  []int
}

func connect(a, b *device) *pipe {
	return &pipe{a: a.session(b.key), b: b.session(a.key), da: a, db: b}
}

func (p *pipe) cut() {
	p.da.drop(p.a)
	p.db.drop(p.b)
}

// fill takes what a side has to say now.
func (p *pipe) fill(s *Session) (out [][]byte) {
	for {
		f, ok := s.Next()
		if !ok {
			return out
		}
		p.bytes += len(f)
		p.frames++
		p.sizes = append(p.sizes, len(f))
		out = append(out, bytes.Clone(f))
	}
}

// hop returns false when nothing was under way.
func (p *pipe) hop(t tester) bool {
	t.Helper()
	p.toB, p.toA = append(p.toB, p.fill(p.a)...), append(p.toA, p.fill(p.b)...)
	toA, toB := p.toA, p.toB
	p.toA, p.toB = nil, nil
	for _, f := range toB {
		p.handle(t, p.b, f)
	}
	for _, f := range toA {
		p.handle(t, p.a, f)
	}
	return len(toA)+len(toB) > 0
}

func (p *pipe) handle(t tester, s *Session, f []byte) {
	t.Helper()
	if err := s.Handle(f); err != nil {
		t.Fatalf("handle %d bytes of type %d: %v", len(f), f[0], err)
	}
}

// settle runs the pipe until it is silent and returns the hops.
func (p *pipe) settle(t tester) int {
	t.Helper()
	for hops := 0; ; hops++ {
		if !p.hop(t) {
			return hops
		}
		if hops > 2000 {
			t.Fatalf("no silence after %d hops", hops)
		}
	}
}

func (p *pipe) reset() { p.bytes, p.frames, p.sizes = 0, 0, nil }

func pair(t *testing.T) (*device, *device) {
	t.Helper()
	list := devices(t, "a", "b")
	return list[0], list[1]
}

func devices(t *testing.T, names ...string) (out []*device) {
	t.Helper()
	dir := t.TempDir()
	for _, n := range names {
		d := newDevice(t, dir, n)
		t.Cleanup(d.close)
		out = append(out, d)
	}
	return out
}

func same(t tester, list ...*device) {
	t.Helper()
	for _, d := range list[1:] {
		if a, b := list[0].digests(nil), d.digests(nil); a != b {
			t.Fatalf("%s and %s differ:\n%s\n%s", list[0].name, d.name, a, b)
		}
		for _, set := range []string{store.SetFork, store.SetIncarnation, setVault} {
			if list[0].setDigest(set) != d.setDigest(set) {
				t.Fatalf("%s and %s differ in the set %s", list[0].name, d.name, set)
			}
		}
	}
}
