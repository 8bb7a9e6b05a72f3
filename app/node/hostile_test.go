package node

import (
	"bytes"
	"context"
	"crypto/sha256"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime/debug"
	"slices"
	"strings"
	"testing"
	"time"

	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	crdtsync "jishan/crdt/sync"
	"jishan/crdt/wire"
	"jishan/p2p"
)

// The hostile suite: an enrolled device whose program says what it likes sends
// frames to a real office without end, while an honest station exchanges beside
// it. `make test` plays a slice, `make hostile` a million frames.

var (
	hostileFrames = flag.Int("hostile", 5000, "frames of the hostile suite")
	hostileSeed   = flag.Uint64("hostileseed", 0, "its seed; 0: by the clock")
)

const (
	// maxHostileRSS bounds the whole test: three devices in one process.
	maxHostileRSS = 256 << 20
	// hostileTalk is how many frames one session gets at most: some lies show
	// only once it has gone on for a while.
	hostileTalk = 120
	// honestEvery is after how many frames the honest station has to get
	// something through.
	honestEvery = 5000
	// reportEvery is after how many frames a long run says how far it is.
	reportEvery = 50_000
)

// attacker has a device's key and incarnation and keeps no rule.
type attacker struct {
	rng    *rand.Rand
	office *community
	pub    [32]byte
	inc    *seal.Incarnation
	given  map[store.DocID][]store.Stored // what it was given in good faith
	docs   []store.DocID
	seq    map[store.DocID]uint64
	tip    map[store.DocID]wire.Hash
	frames [][]byte // seen, in both directions: food for mutations
	did    map[string]int
}

func TestHostile(t *testing.T) {
	seed := *hostileSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d", seed)
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(maxHostileRSS * 3 / 4)) // as on a small machine
	office := found(t)
	good := join(t, office, "station", "柳溪实践站")
	bad := join(t, office, "station", "滨河实践站")
	first := good.must("people.register", person("张三", "13900000001"))
	eventually(t, "the bad one has it all", func() bool { _, err := bad.call("people.get", object{"id": first["id"]}); return err == nil })
	a := newAttacker(t, bad, office, seed)
	bad.stop()

	began, peak, people, reported := time.Now(), int64(0), 1, 0
	for sent := 0; sent < *hostileFrames; {
		sent += a.session(t, min(hostileTalk, *hostileFrames-sent))
		peak = max(peak, rss(t))
		if sent/reportEvery > reported {
			reported = sent / reportEvery
			t.Logf("%d frames after %v, RSS at most %d MB", sent, time.Since(began).Round(time.Second), peak>>20)
		}
		if sent/honestEvery >= people {
			people++
			honest(t, office, good, people)
		}
	}
	t.Logf("%d frames in %v, RSS at most %d MB, honest exchanges %d, %v", *hostileFrames, time.Since(began).Round(time.Second), peak>>20, people, a.did)
	if peak > maxHostileRSS {
		t.Errorf("RSS came to %d MB", peak>>20)
	}
	honest(t, office, good, people+1)
	seen := office.must("devices.list", object{})["quarantine"].([]any)
	for _, code := range []string{brokeCode, ""} {
		if !slices.ContainsFunc(seen, func(x any) bool {
			r := x.(object)
			return r["from"] == "滨河实践站电脑" && (code == "" && r["code"] != brokeCode || r["code"] == code)
		}) {
			t.Errorf("the office does not see who did it (%q): %d rows", code, len(seen))
		}
	}
	for name, d := range map[string]*device{"the office": office, "the station": good} {
		if r := d.must("audit.report", object{}); number(r["negative"]) != 0 {
			t.Errorf("%s has balances below zero: %v", name, r["negative"])
		}
	}
}

// honest lets the station register somebody, and waits for the office to hear.
func honest(t *testing.T, office, good *device, n int) {
	t.Helper()
	reg := good.must("people.register", person("居民甲", fmt.Sprintf("139%08d", n)))
	eventually(t, "the office hears of it", func() bool { _, err := office.call("people.get", object{"id": reg["id"]}); return err == nil })
}

func newAttacker(t *testing.T, bad, office *device, seed uint64) *attacker {
	t.Helper()
	bc, err := bad.here()
	if err != nil {
		t.Fatal(err)
	}
	oc, err := office.here()
	if err != nil {
		t.Fatal(err)
	}
	a := &attacker{rng: rand.New(rand.NewPCG(seed, 1)), office: oc, pub: bad.device.Load().Public(), inc: bc.inc,
		given: map[store.DocID][]store.Stored{}, seq: map[store.DocID]uint64{}, tip: map[store.DocID]wire.Hash{}, did: map[string]int{}}
	src := crdtsync.Of(bc.store)
	docs, err := src.Documents(t.Context(), func(store.DocID) bool { return true }, func(store.DocID, [32]byte) bool { return false })
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range docs {
		a.docs = append(a.docs, d.ID)
		for _, tip := range d.Tips {
			list, err := src.After(t.Context(), d.ID, tip.Actor, 0, 1000)
			if err != nil {
				t.Fatal(err)
			}
			a.given[d.ID] = append(a.given[d.ID], list...)
			if tip.Actor == a.inc.Actor() {
				a.seq[d.ID], a.tip[d.ID] = tip.Seq, tip.Hash
			}
		}
	}
	if len(a.docs) == 0 {
		t.Fatal("it was given nothing")
	}
	return a
}

// session talks to the office until it is cut off, and returns how many frames
// that took.
func (a *attacker) session(t *testing.T, limit int) int {
	t.Helper()
	peer := p2p.Peer{Pub: a.pub, Addr: "/ip4/127.0.0.1/tcp/1", Transport: "tcp", Since: time.Now()}
	conv, err := a.office.mesh.open(peer)
	if err != nil {
		t.Fatal(err)
	}
	v := conv.(*talk)
	mine, err := crdtsync.New(t.Context(), crdtsync.Config{Source: a, Policy: a, Peer: a.office.node.device.Load().Public(),
		Community: a.office.charter.Community(), Formats: formats, Rand: rand.NewChaCha8([32]byte{byte(a.rng.Uint32())}), Clock: a.office.node.now})
	if err != nil {
		t.Fatal(err)
	}
	defer mine.Close()
	end := error(p2p.ErrGone)
	sent := 0
	for sent < limit {
		a.listen(v, mine)
		f := a.frame(mine)
		sent++
		if err := conv.Handle(f); err != nil {
			end = &p2p.BrokenError{Err: err}
			break
		}
	}
	conv.Close(end)
	return sent
}

// listen lets the liar hear what the office says.
func (a *attacker) listen(v *talk, mine *crdtsync.Session) {
	for range 20 {
		f, ok := v.Session.Next()
		if !ok {
			return
		}
		a.keep(f)
		_ = mine.Handle(f) // its own confusion is no matter
	}
}

// keep remembers a frame to spoil later.
func (a *attacker) keep(f []byte) {
	const most = 512
	if f = bytes.Clone(f); len(a.frames) < most {
		a.frames = append(a.frames, f)
		return
	}
	a.frames[a.rng.IntN(most)] = f
}

// frame is what it says next: mostly what its lying session says, as it is or
// spoilt; else something seen before, or noise.
func (a *attacker) frame(mine *crdtsync.Session) []byte {
	f, ok := mine.Next()
	if ok {
		a.keep(f)
	}
	switch n := a.rng.IntN(100); {
	case ok && n < 80:
		a.did["wellFormed"]++
		return bytes.Clone(f)
	case ok && n < 90, !ok && n < 60 && len(a.frames) > 0:
		if !ok {
			f = a.frames[a.rng.IntN(len(a.frames))]
		}
		a.did["spoilt"]++
		return a.spoil(bytes.Clone(f))
	case n < 97 && len(a.frames) > 0:
		a.did["again"]++
		return bytes.Clone(a.frames[a.rng.IntN(len(a.frames))])
	case n < 99:
		a.did["noise"]++
		return a.noise(1 + a.rng.IntN(300))
	}
	a.did["huge"]++
	return a.noise(1 << (10 + a.rng.IntN(11)))
}

func (a *attacker) noise(n int) []byte {
	b := make([]byte, n)
	for i := range b {
		b[i] = byte(a.rng.Uint32())
	}
	return b
}

// spoil changes some bytes, cuts, doubles or crosses with another frame.
func (a *attacker) spoil(f []byte) []byte {
	if len(f) == 0 {
		return f
	}
	switch a.rng.IntN(5) {
	case 0:
		return f[:a.rng.IntN(len(f))]
	case 1:
		return append(f, f[a.rng.IntN(len(f)):]...)
	case 2:
		o := a.frames[a.rng.IntN(len(a.frames))]
		return append(f[:a.rng.IntN(len(f))], o[a.rng.IntN(len(o)+1):]...)
	case 3: // a number that is the largest there is
		at := a.rng.IntN(len(f))
		return append(append(bytes.Clone(f[:at]), 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1), f[at:]...)
	}
	for range 1 + a.rng.IntN(4) {
		f[a.rng.IntN(len(f))] ^= 1 << a.rng.IntN(8)
	}
	return f
}

// Documents implements crdtsync.Source: true documents, some with digests and
// vectors that are lies, and some that nobody has.
func (a *attacker) Documents(_ context.Context, want func(store.DocID) bool, _ func(store.DocID, [32]byte) bool) (out []crdtsync.Document, err error) {
	for _, id := range a.docs {
		if !want(id) {
			continue
		}
		tips, _ := a.Vector(context.Background(), id)
		d := crdtsync.Document{ID: id, Shape: store.Records, Digest: store.VectorDigest(id, tips), Tips: tips}
		if a.rng.IntN(3) == 0 {
			d.Digest = [32]byte(a.noise(32))
		}
		out = append(out, d)
	}
	return out, nil
}

// Vector implements crdtsync.Source.
func (a *attacker) Vector(_ context.Context, doc store.DocID) ([]store.Tip, error) {
	tips := map[wire.Actor]store.Tip{}
	for _, c := range a.given[doc] {
		if ch, h, err := wire.Decode(c.Chunk); err == nil && ch.Seq > tips[ch.Actor].Seq {
			tips[ch.Actor] = store.Tip{Actor: ch.Actor, Seq: ch.Seq, Hash: h}
		}
	}
	// Its own are always some ahead: there is something to ask for.
	me := a.inc.Actor()
	tips[me] = store.Tip{Actor: me, Seq: a.seq[doc] + 1 + a.rng.Uint64N(70), Hash: wire.Hash(a.noise(32))}
	var out []store.Tip
	for _, x := range tips {
		if a.rng.IntN(12) == 0 {
			x.Seq += a.rng.Uint64N(1 << 40)
		}
		out = append(out, x)
	}
	slices.SortFunc(out, func(x, y store.Tip) int { return x.Actor.Compare(y.Actor) })
	return out, nil
}

// After implements crdtsync.Source: changes that it makes up.
func (a *attacker) After(_ context.Context, doc store.DocID, actor wire.Actor, seq uint64, limit int) (out []store.Stored, err error) {
	for n := range min(limit, 1+a.rng.IntN(8)) {
		x, err := a.change(doc, actor, seq+uint64(n)+1)
		if err != nil {
			return out, nil // it may be unable to say what it would like to
		}
		out = append(out, x)
	}
	return out, nil
}

// Histories implements crdtsync.Source.
func (a *attacker) Histories(ctx context.Context, doc store.DocID, actor wire.Actor, first uint64) ([]store.Stored, error) {
	return a.After(ctx, doc, actor, first, seal.MaxRun)
}

// change makes up one change: with a seal of its own that fits, and something
// wrong inside; or a true one where it does not belong.
func (a *attacker) change(doc store.DocID, actor wire.Actor, seq uint64) (store.Stored, error) {
	ch := wire.Change{Actor: a.inc.Actor(), Seq: seq, StartOp: seq, Time: a.office.node.now(),
		Message: seal.Context{Operator: "经办人乙", Action: "people.register"}.String(),
		Ops:     []wire.Op{{Key: fmt.Sprintf("person/%d/name", a.rng.IntN(50)), Value: wire.BytesValue(a.noise(1 + a.rng.IntN(60)))}}}
	if h := a.tip[doc]; h != (wire.Hash{}) {
		ch.Deps = []wire.Hash{h}
	}
	kind := []string{"replayed", "forgedDependency", "duplicate", "future", "deep", "manyDependencies", "anotherActor", "checksumAlone", "endless", "clock"}[a.rng.IntN(10)]
	a.did[kind]++
	switch kind {
	case "replayed":
		from := a.given[a.docs[a.rng.IntN(len(a.docs))]]
		if len(from) > 0 {
			x := from[a.rng.IntN(len(from))]
			return store.Stored{Seq: seq, Hash: x.Hash, Sealed: x.Sealed}, nil
		}
	case "forgedDependency":
		ch.Deps = []wire.Hash{wire.Hash(a.noise(32))}
	case "duplicate":
		ch.Seq = max(1, a.seq[doc])
	case "future":
		ch.Seq, ch.StartOp = a.rng.Uint64()>>1, a.rng.Uint64()>>1
	case "deep":
		ch.Ops[0].Key = "person/" + strings.Repeat("1/", 200) + "name"
	case "manyDependencies":
		for range 200 {
			ch.Deps = append(ch.Deps, wire.Hash(a.noise(32)))
		}
		slices.SortFunc(ch.Deps, func(x, y wire.Hash) int { return bytes.Compare(x[:], y[:]) })
	case "anotherActor":
		ch.Actor = actor
	case "endless":
		for i := range 300 {
			ch.Ops = append(ch.Ops, wire.Op{Key: fmt.Sprintf("z/%04d", i), Value: wire.BytesValue(a.noise(8))})
		}
	case "clock":
		ch.Time = a.rng.Int64() >> 8
	}
	chunk, h, err := ch.Encode()
	if err != nil {
		return store.Stored{}, err
	}
	if kind == "checksumAlone" {
		chunk, h = a.rechecked(chunk)
	}
	s := a.inc.Seal(string(doc), ch.Seq, h)
	return store.Stored{Seq: ch.Seq, Hash: h, Sealed: seal.Sealed{Chunk: chunk, Seal: &s}}, nil
}

// rechecked spoils a chunk's contents and mends its checksum.
func (a *attacker) rechecked(chunk wire.Chunk) (wire.Chunk, wire.Hash) {
	const head = 8 // magic and checksum
	b := bytes.Clone(chunk)
	for range 1 + a.rng.IntN(3) {
		b[head+2+a.rng.IntN(len(b)-head-2)] ^= 1 << a.rng.IntN(8)
	}
	h := sha256.Sum256(b[head:])
	copy(b[4:head], h[:4])
	return b, h
}

// Items implements crdtsync.Source.
func (a *attacker) Items(_ context.Context, set string) ([]store.Item, error) {
	out := []store.Item{{ID: wire.Hash(a.noise(32)), Blob: a.noise(1 + a.rng.IntN(200))}}
	if set == store.SetIncarnation {
		out = append(out, store.Item{ID: a.inc.ID(), Blob: a.inc.Certificate.Encode()})
	}
	return out, nil
}

// AddItems implements crdtsync.Source: it needs nothing.
func (a *attacker) AddItems(context.Context, string, []store.Item) (int, error) { return 0, nil }

// MayRead implements crdtsync.Policy.
func (a *attacker) MayRead([32]byte, store.DocID) bool { return true }

// MaySet implements crdtsync.Policy.
func (a *attacker) MaySet([32]byte, string) bool { return true }

// CheckItem implements crdtsync.Policy.
func (a *attacker) CheckItem([32]byte, string, store.Item) error { return nil }

// Admit implements crdtsync.Policy.
func (a *attacker) Admit(_ context.Context, _ string, _ store.DocID, items []seal.Sealed) (admit.Result, error) {
	return admit.Result{Admitted: len(items)}, nil
}

// rss is the memory of this process in bytes; 0 where the system does not tell.
func rss(t *testing.T) int64 {
	t.Helper()
	b, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0
	}
	var size, resident int64
	if _, err := fmt.Sscan(string(b), &size, &resident); err != nil {
		t.Fatal(err)
	}
	return resident * int64(os.Getpagesize())
}
