package sync

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"jishan/crdt/store"
	"jishan/crdt/wire"
)

func TestTwoDevices(t *testing.T) {
	a, b := pair(t)
	a.append(300)
	b.append(3)
	for i := range 20 {
		a.put(docID("people/00"), fmt.Sprintf("person/%d/name", i), "甲")
		b.put(docID("people/00"), fmt.Sprintf("person/%d/name", i), "乙")
	}
	a.addItem(setVault, store.Item{ID: seedOf("key"), Blob: []byte("wrapped")})
	b.addItem(setVault, store.Item{ID: seedOf("gone"), Gone: true})
	p := connect(a, b)
	p.settle(t)
	same(t, a, b)
	for _, s := range []*Session{p.a, p.b} {
		if st := s.Stats(); !st.InSync || st.InSyncAt == 0 || st.Refused+st.Waiting+st.Ignored > 0 {
			t.Errorf("stats: %+v", st)
		}
		if l, err := s.Lacks(context.Background()); err != nil || len(l) > 0 {
			t.Errorf("lacks %v, %v", l, err)
		}
	}
	p.reset()
	if p.settle(t); p.frames > 0 {
		t.Errorf("%d frames although nothing is new", p.frames)
	}
}

// Documents are numbered in the order in which they are named. A frame that comes
// twice names its document once: what follows until the link is given up is not
// taken for another document's, which would look like a forgery.
func TestFramesTwice(t *testing.T) {
	a, b := pair(t)
	p := connect(a, b)
	p.settle(t)
	for round := range 3 {
		for i := range 4 {
			a.put(docID(fmt.Sprintf("people/%02d", i)), fmt.Sprintf("person/%d/name", round), "甲")
		}
		for _, f := range p.fill(p.a) {
			p.handle(t, p.b, f)
			p.handle(t, p.b, f)
		}
	}
	same(t, a, b)
	if st := p.b.Stats(); st.Refused+st.Waiting > 0 {
		t.Errorf("stats: %+v", st)
	}
}

// A session between equal devices: two hellos, then silence.
func TestEqualIsSilent(t *testing.T) {
	a, b := pair(t)
	a.append(10)
	p := connect(a, b)
	p.settle(t)
	p.cut()
	p = connect(a, b)
	p.settle(t)
	if p.frames != 2 {
		t.Errorf("%d frames, %d bytes", p.frames, p.bytes)
	}
	t.Logf("equal devices meet: %d bytes", p.bytes)
}

func TestOneEntry(t *testing.T) {
	a, b := pair(t)
	a.append(1)
	connect(a, b).settle(t)
	a.live, b.live = nil, nil
	p := connect(a, b)
	p.settle(t)
	p.reset()
	a.append(1)
	hops := p.settle(t)
	same(t, a, b)
	raw := rawSize(t, a, 1)
	if p.sizes[0] > 360 || p.frames != 2 || hops != 2 {
		t.Errorf("%d frames %v, %d hops", p.frames, p.sizes, hops)
	}
	t.Logf("one entry of %d bytes: frames %v", raw, p.sizes)
	p.reset()
	a.append(1)
	p.settle(t)
	t.Logf("the next one: frames %v", p.sizes)
}

// rawSize is the size of the device's last n entries.
func rawSize(t *testing.T, d *device, n int) (size int) {
	t.Helper()
	v, err := d.st.Vector(context.Background(), d.feed())
	if err != nil || len(v) == 0 {
		t.Fatal(err)
	}
	for seq := v[0].Seq - uint64(n); ; {
		list, err := d.st.After(context.Background(), d.feed(), d.inc.Actor(), seq, 512)
		if err != nil {
			t.Fatal(err)
		}
		if len(list) == 0 {
			return size
		}
		for _, c := range list {
			size += len(c.Chunk)
			seq = c.Seq
		}
	}
}

func TestThousandEntries(t *testing.T) {
	a, b := pair(t)
	a.append(1)
	p := connect(a, b)
	p.settle(t)
	p.reset()
	a.append(1000)
	p.settle(t)
	same(t, a, b)
	raw := rawSize(t, a, 1000)
	if ratio := float64(p.bytes) / float64(raw); ratio > 1.05 {
		t.Errorf("%d bytes for %d", p.bytes, raw)
	} else {
		t.Logf("1,000 entries: %d bytes of changes, %d on the wire, ratio %.3f", raw, p.bytes, ratio)
	}
}

func TestThousandDocuments(t *testing.T) {
	a, b := pair(t)
	a.update(func(tx *store.Tx) error {
		for i := range 1000 {
			_, err := tx.Put(docID(fmt.Sprintf("activity/2024-%04d", i)), "edit",
				store.Put{Key: fmt.Sprintf("activity/%04d/title", i), Value: wire.StringValue("打扫卫生")})
			if err != nil {
				return err
			}
		}
		return nil
	})
	p := connect(a, b)
	p.settle(t)
	same(t, a, b)
	p.cut()
	for _, writer := range []*device{a, b} {
		writer.put(docID("activity/2024-0500"), "activity/0500/title", "义务巡逻 "+writer.name)
		p = connect(a, b)
		hops := 0
		for a.digests(nil) != b.digests(nil) {
			if hops++; !p.hop(t) {
				t.Fatal("silent before equal")
			}
		}
		p.settle(t)
		if p.bytes > 2048 || hops > 4 {
			t.Errorf("%d bytes %v, %d hops", p.bytes, p.sizes, hops)
		}
		t.Logf("one of 1,000 documents differs: %d bytes, %.1f round trips", p.bytes, float64(hops)/2)
		p.cut()
	}
}

// What one device learns goes on to the third at once.
func TestPassedOn(t *testing.T) {
	list := devices(t, "a", "b", "c")
	a, b, c := list[0], list[1], list[2]
	ab, bc := connect(a, b), connect(b, c)
	settle(t, ab, bc)
	a.append(5)
	c.put(docID("scheme"), "item/1", "三分")
	a.addItem(setVault, store.Item{ID: seedOf("k"), Blob: []byte("x")})
	settle(t, ab, bc)
	same(t, a, b, c)
}

func settle(t tester, pipes ...*pipe) int {
	t.Helper()
	for hops := 0; ; hops++ {
		moved := false
		for _, p := range pipes {
			moved = p.hop(t) || moved
		}
		if !moved {
			return hops
		}
		if hops > 2000 {
			t.Fatal("no silence")
		}
	}
}

// A merchant reads less: it gets what it may, hears of nothing else, and both
// count as equal.
func TestReadersGetTheirs(t *testing.T) {
	a, shop := pair(t)
	mine := func(doc store.DocID) bool { return !strings.Contains(string(doc), "/people/") }
	a.reads = func(peer [32]byte, doc store.DocID) bool { return peer != shop.key || mine(doc) }
	a.sets = func(peer [32]byte, set string) bool { return set != setVault }
	a.put(docID("people/03"), "person/1/name", "甲")
	a.put(docID("catalog/home"), "goods/1/title", "毛巾")
	a.addItem(setVault, store.Item{ID: seedOf("k"), Blob: []byte("x")})
	shop.append(3)
	p := connect(a, shop)
	p.settle(t)
	a.put(docID("people/03"), "person/2/name", "乙")
	a.put(docID("catalog/home"), "goods/2/title", "肥皂")
	a.addItem(setVault, store.Item{ID: seedOf("k2"), Blob: []byte("x")})
	p.settle(t)
	if x, y := a.digests(mine), shop.digests(nil); x != y {
		t.Errorf("differ:\n%s\n%s", x, y)
	}
	if shop.setDigest(setVault) != ([32]byte{}) {
		t.Error("the vault left the office")
	}
	if !p.a.Stats().InSync || !p.b.Stats().InSync {
		t.Error("not in sync")
	}
	// Promoted: what it may read now follows.
	a.reads = nil
	p.a.Resync()
	p.settle(t)
	if x, y := a.digests(nil), shop.digests(nil); x != y {
		t.Errorf("after promotion:\n%s\n%s", x, y)
	}
}

// A governance change makes both compare again by themselves.
func TestGovernanceReopens(t *testing.T) {
	a, b := pair(t)
	open := false
	a.reads = func(_ [32]byte, doc store.DocID) bool { return open || !strings.Contains(string(doc), "/people/") }
	a.put(docID("people/03"), "person/1/name", "甲")
	p := connect(a, b)
	p.settle(t)
	open = true
	a.update(func(tx *store.Tx) error {
		_, err := tx.Append(docID("gov/1"), "role", []byte("b is staff now"))
		return err
	})
	p.settle(t)
	same(t, a, b)
}

// The peer asks, by its lists, for what it may not read: ignored and counted.
func TestForbiddenRequestIsIgnored(t *testing.T) {
	a, b := pair(t)
	secret := docID("people/03")
	a.reads = func(_ [32]byte, doc store.DocID) bool { return doc != secret }
	a.put(secret, "person/1/name", "甲")
	b.put(secret, "person/2/name", "乙") // b thinks that a may read it
	p := connect(a, b)
	p.settle(t)
	if st := p.a.Stats(); st.Ignored == 0 {
		t.Errorf("stats: %+v", st)
	}
	v, err := b.st.Vector(context.Background(), secret)
	if err != nil || len(v) != 1 {
		t.Errorf("b got %v, %v", v, err)
	}
}

func TestLacks(t *testing.T) {
	a, b := pair(t)
	p := connect(a, b)
	p.settle(t)
	a.append(3)
	l, err := p.a.Lacks(context.Background())
	if err != nil || len(l) != 1 || l[0].Changes != 3 || l[0].Doc != a.feed() {
		t.Errorf("%v, %v", l, err)
	}
	p.settle(t)
	if l, err = p.a.Lacks(context.Background()); err != nil || len(l) != 0 {
		t.Errorf("afterwards %v, %v", l, err)
	}
}

// A document of a kind that only a newer program knows does no harm.
func TestUnknownDocument(t *testing.T) {
	a, b := pair(t)
	a.append(2)
	p := connect(a, b)
	p.settle(t)
	f := p.b.appendRef([]byte{typeChanges}, docID("future/1"))
	src, err := a.st.After(context.Background(), a.feed(), a.inc.Actor(), 0, 64)
	if err != nil {
		t.Fatal(err)
	}
	f, err = appendPacked(f, batch{items: sealed(src)}.payload())
	if err != nil {
		t.Fatal(err)
	}
	p.b.flights = append(p.b.flights, flight{doc: docID("future/1")})
	if err := p.a.Handle(f); err != nil {
		t.Fatal(err)
	}
	p.settle(t)
	if p.a.Stats().Ignored != 2 {
		t.Errorf("stats: %+v", p.a.Stats())
	}
	b.append(1)
	p.settle(t)
	same(t, a, b)
}

// A document that was made after the hellos, written by both: each side may
// name it by its key although it is in nobody's snapshot.
func TestNewDocumentNamedByKey(t *testing.T) {
	a, b := pair(t)
	p := connect(a, b)
	p.settle(t)
	doc := docID("people/05")
	a.put(doc, "person/1/name", "甲")
	p.settle(t)
	b.put(doc, "person/2/name", "乙")
	p.settle(t)
	same(t, a, b)
}

// A change that the peer can't admit yet: neither side claims to be in sync
// until it was released.
func TestWaitingIsNotInSync(t *testing.T) {
	a, b := pair(t)
	p := connect(a, b)
	p.settle(t)
	doc := docID("people/07")
	a.put(doc, "person/1/name", "甲")
	a.put(doc, "person/1/name", "乙")
	// The first of the two is lost on the way: the second waits for it.
	d := p.a.doc(doc)
	src, err := a.st.After(context.Background(), doc, a.inc.Actor(), 0, 64)
	if err != nil {
		t.Fatal(err)
	}
	d.told = d.told.put(tip{a.inc.Actor(), 1, [markSize]byte(src[0].Hash[:])})
	p.settle(t)
	if p.a.Stats().InSync || p.b.Stats().InSync || p.b.Stats().Waiting != 1 {
		t.Errorf("a %+v\nb %+v", p.a.Stats(), p.b.Stats())
	}
	if l, err := p.a.Lacks(context.Background()); err != nil || len(l) != 1 {
		t.Errorf("lacks %v, %v", l, err)
	}
	p.a.Resync()
	p.settle(t)
	same(t, a, b)
	if !p.a.Stats().InSync || !p.b.Stats().InSync {
		t.Errorf("a %+v\nb %+v", p.a.Stats(), p.b.Stats())
	}
}
