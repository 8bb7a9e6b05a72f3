package node

import (
	"bytes"
	"flag"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime/debug"
	"slices"
	"testing"
	"time"

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
	hostileFrames = flag.Int("hostile", aimedFrames, "frames of the hostile suite")
	hostileSeed   = flag.Uint64("hostileseed", 0, "its seed; 0: by the clock")
)

const (
	// maxHostileRSS bounds the whole test: three devices in one process.
	maxHostileRSS = 256 << 20
	// hostileTalk is how many frames one session gets at most: some lies show
	// only once it has gone on for a while.
	hostileTalk = 120
	// politeOf is of how many sessions one keeps to the rules of the conversation:
	// the others end after some frames, so that about half of all frames are each's.
	politeOf = 16
	// honestEvery is after how many frames the honest station has to get
	// something through.
	honestEvery = 5000
	// reportEvery is after how many frames a long run says how far it is.
	reportEvery = 50_000
)

// attacker has a device's key and incarnation and keeps no rule.
type attacker struct {
	rng     *rand.Rand
	office  *community
	pub     [32]byte
	inc     *seal.Incarnation
	began   int64
	claimed uint64                         // the last number that it said it had
	given   map[store.DocID][]store.Stored // what it was given in good faith
	docs    []store.DocID
	spots   map[store.DocID]*spot // where it aims, with where it stands there
	mine    store.DocID           // the records among them that it writes
	heads   []seal.Context        // the places of the charter
	theirs  wire.Value            // an entry of another feed
	frames  [][]byte              // seen, in both directions: food for mutations
	did     map[string]int
	turns   map[docKind]int      // which aim is next
	aimed   map[wire.Hash]string // what a change that it made up is to be told
	met     map[string]int       // how often it was
	missed  map[string]int       // and was not: what it was to be told, and was
}

func TestHostile(t *testing.T) {
	seed := *hostileSeed
	if seed == 0 {
		seed = uint64(time.Now().UnixNano())
	}
	t.Logf("seed %d", seed)
	defer debug.SetMemoryLimit(debug.SetMemoryLimit(maxHostileRSS * 3 / 4)) // as on a small machine
	office := found(t)
	bad := join(t, office, "station", "滨河实践站")
	good := join(t, office, "station", "柳溪实践站")
	first := good.must("people.register", person("张三", "13900000001"))
	eventually(t, "the bad one has it all", func() bool { return bad.owing(first["id"], 10, 0) })
	bad.must("deed.deduct", object{"person": first["id"], "points": 14, "reason": "占用消防通道"}) // it has a feed
	own := bad.must("people.register", person("李四", "13900000002"))["id"]
	eventually(t, "the good one has that", func() bool { _, err := good.call("people.get", object{"id": own}); return err == nil })
	good.must("people.update", object{"id": own, "fields": object{"note": "住二楼"}}) // what the bad one will not build on
	eventually(t, "all have all", func() bool {
		return office.owing(first["id"], 0, 4) && bad.person(own)["note"] == "住二楼" && office.person(own)["note"] == "住二楼"
	})
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
	t.Logf("met %v, beside the aim %v", a.met, a.missed)
	a.gates(t)
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
	a := &attacker{rng: rand.New(rand.NewPCG(seed, 1)), office: oc, pub: bad.device.Load().Public(), inc: bc.inc, began: office.now(),
		given: map[store.DocID][]store.Stored{}, spots: map[store.DocID]*spot{},
		did: map[string]int{}, turns: map[docKind]int{}, aimed: map[wire.Hash]string{}, met: map[string]int{}, missed: map[string]int{}}
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
		}
	}
	a.survey(t)
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
	a.learn(t)
	a.counted(t, v)
	mine, err := crdtsync.New(t.Context(), crdtsync.Config{Source: a, Policy: a, Peer: a.office.node.device.Load().Public(),
		Community: a.office.charter.Community(), Formats: formats, Rand: rand.NewChaCha8([32]byte{byte(a.rng.Uint32())}), Clock: a.office.node.now})
	if err != nil {
		t.Fatal(err)
	}
	defer mine.Close()
	end := error(p2p.ErrGone)
	sent := 0
	for polite := a.rng.IntN(politeOf) == 0; sent < limit; {
		a.listen(v, mine)
		f := a.frame(mine, polite)
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
// spoilt; else something seen before, or noise. A polite one keeps to the rules of
// the conversation, so that it lasts, and lies in what it brings.
func (a *attacker) frame(mine *crdtsync.Session, polite bool) []byte {
	switch n := a.rng.IntN(4); { // as if it had written something
	case n == 0:
		mine.Dirty(a.docs[a.rng.IntN(len(a.docs))])
	case n == 1:
		mine.Dirty(a.mine)
	}
	f, ok := mine.Next()
	if ok {
		a.keep(f)
	}
	switch n := a.rng.IntN(100); {
	case ok && (polite || n < 80):
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
