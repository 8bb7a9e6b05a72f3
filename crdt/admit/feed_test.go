package admit_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

type feedScene struct {
	s *store.Store
	i seal.Incarnation
	d store.DocID
}

func newFeed(t *testing.T) feedScene {
	t.Helper()
	f := feedScene{s: open(t, t.TempDir(), nil), i: incarnation(t, 1)}
	f.d = feedOf(f.i)
	t.Cleanup(func() { _ = f.s.Close() })
	know(t, f.s, f.i)
	return f
}

func (f feedScene) seq(t *testing.T) uint64 {
	t.Helper()
	v, err := f.s.Vector(context.Background(), f.d)
	if err != nil {
		t.Fatal(err)
	}
	if len(v) == 0 {
		return 0
	}
	return v[0].Seq
}

func TestRuns(t *testing.T) {
	f := newFeed(t)
	items, _ := feedRun(t, f.i, f.d, wire.Hash{}, 1, 200, "v")
	if res := batch(t, f.s, &rules{}, f.d, unseal(items[:64], 64)...); res.Admitted != 64 {
		t.Fatalf("%+v", res)
	}
	// 65 under one seal are too many: the last 64 would be covered, the first is not
	res := batch(t, f.s, &rules{}, f.d, unseal(items[64:129], 65)...)
	if res.Admitted != 0 || f.seq(t) != 64 {
		t.Fatalf("%+v", res)
	}
	// what no seal covers stays out, what one covers comes in
	open := unseal(items[64:128], 10)
	open[63].Seal = nil
	if res := batch(t, f.s, &rules{}, f.d, open...); res.Admitted != 60 || res.Refused != 4 {
		t.Fatalf("%+v", res)
	}
	// a seal on other bytes covers nothing
	wrong := unseal(items[124:130], 64)
	wrong[5].Seal[0] ^= 1
	if res := batch(t, f.s, &rules{}, f.d, wrong...); res.Admitted != 0 || res.Refused != 6 {
		t.Fatalf("%+v", res)
	}
	wrong[5].Seal[0] ^= 1
	if res := batch(t, f.s, &rules{}, f.d, wrong...); res.Admitted != 6 {
		t.Fatalf("%+v", res)
	}
	// what the store gives out is covered, too
	list, err := f.s.After(context.Background(), f.d, f.i.Actor(), 60, 66)
	if err != nil || len(list) != 64 || list[63].Seal == nil {
		t.Fatal(len(list), err)
	}
}

// What a stranger puts first into a feed whose id names no writer is refused,
// and ends nothing for who may write it.
func TestStrangerEndsNoFeed(t *testing.T) {
	s := open(t, t.TempDir(), nil)
	t.Cleanup(func() { _ = s.Close() })
	thief, registrar := incarnation(t, 1), incarnation(t, 2)
	know(t, s, thief)
	know(t, s, registrar)
	d := doc("gov/2")
	r := &rules{subject: func(ch *wire.Change) error {
		if ch.Actor == thief.Actor() {
			return errors.New("not the registrar")
		}
		return nil
	}}
	bad, _ := feedRun(t, thief, d, wire.Hash{}, 1, 2, "mine")
	if res := batch(t, s, r, d, bad...); res.Refused != 2 {
		t.Fatalf("%+v", res)
	}
	good, _ := feedRun(t, registrar, d, wire.Hash{}, 1, 2, "v")
	if res := batch(t, s, r, d, good...); res.Admitted != 2 {
		t.Fatalf("%+v", res)
	}
	// its own feed a writer ends with its first change
	own := feedOf(thief)
	bad, _ = feedRun(t, thief, own, wire.Hash{}, 1, 1, "mine")
	if res := batch(t, s, r, own, bad...); res.Refused != 1 {
		t.Fatalf("%+v", res)
	}
	again, _ := feedRun(t, thief, own, wire.Hash{}, 1, 1, "another")
	if res := batch(t, s, &rules{}, own, again...); res.Admitted != 0 {
		t.Fatalf("%+v", res)
	}
}

func TestUnsealedChangesMustLink(t *testing.T) {
	f := newFeed(t)
	items, _ := feedRun(t, f.i, f.d, wire.Hash{}, 1, 3, "v")
	forged, _ := feedRun(t, f.i, f.d, wire.Hash{}, 1, 3, "forged")
	// a forged entry put in front of the sealed one is not what the seal covers
	res := batch(t, f.s, &rules{}, f.d, items[0], seal.Sealed{Chunk: forged[1].Chunk}, items[2])
	if res.Admitted != 1 || f.seq(t) != 1 {
		t.Fatalf("%+v", res)
	}
}

func TestInvalidEntryEndsFeed(t *testing.T) {
	for name, r := range map[string]*rules{
		"subject": {subject: func(ch *wire.Change) error { return failAt(ch, 5) }},
		"form":    {form: func(ch *wire.Change) error { return failAt(ch, 5) }},
	} {
		t.Run(name, func(t *testing.T) {
			f := newFeed(t)
			items, hashes := feedRun(t, f.i, f.d, wire.Hash{}, 1, 10, "v")
			res := batch(t, f.s, r, f.d, unseal(items, 8)...)
			if res.Admitted != 4 || res.Refused != 6 || f.seq(t) != 4 {
				t.Fatalf("%+v", res)
			}
			if res := batch(t, f.s, &rules{}, f.d, items...); res.Admitted != 0 || f.seq(t) != 4 {
				t.Fatalf("the feed goes on: %+v", res)
			}
			list, err := f.s.Endings(context.Background())
			if err != nil || len(list) != 1 || list[0].Seq != 5 || list[0].Hash != hashes[4] {
				t.Fatal(list, err)
			}
			proof, err := seal.DecodeRun(list[0].Proof)
			if err != nil || len(proof) != 4 || proof[3].Seal == nil {
				t.Fatal(len(proof), err)
			}
		})
	}
}

func failAt(ch *wire.Change, seq uint64) error {
	if ch.Seq == seq {
		return errors.New("it spends what it does not hold")
	}
	return nil
}

// TestInternalErrorsAreNoVerdict: a broken database must not end a feed.
func TestInternalErrorsAreNoVerdict(t *testing.T) {
	f := newFeed(t)
	items, _ := feedRun(t, f.i, f.d, wire.Hash{}, 1, 3, "v")
	r := &rules{subject: func(ch *wire.Change) error { return fmt.Errorf("reading: %w", context.Canceled) }}
	if _, err := admit.Batch(context.Background(), f.s, r, "peer", f.d, items); !errors.Is(err, context.Canceled) {
		t.Fatal(err)
	}
	if res := batch(t, f.s, &rules{}, f.d, items...); res.Admitted != 3 {
		t.Fatalf("%+v", res)
	}
}

func TestFeedShape(t *testing.T) {
	cases := map[string]func(*wire.Change){
		"wrong key":     func(c *wire.Change) { c.Ops[0].Key = "tx/7" },
		"two entries":   func(c *wire.Change) { c.Ops = append(c.Ops, put("tx/3", 1)) },
		"no bytes":      func(c *wire.Change) { c.Ops[0].Value = wire.StringValue("v") },
		"start counter": func(c *wire.Change) { c.StartOp = 7 },
		"dependency":    func(c *wire.Change) { c.Deps = nil },
	}
	for name, breakIt := range cases {
		t.Run(name, func(t *testing.T) {
			f := newFeed(t)
			items, hashes := feedRun(t, f.i, f.d, wire.Hash{}, 1, 1, "v")
			ch := &wire.Change{Seq: 2, StartOp: 2, Deps: hashes, Ops: []wire.Op{{Key: "tx/2", Value: wire.BytesValue([]byte("x"))}}}
			breakIt(ch)
			bad, _ := sealed(t, f.i, f.d, ch)
			res := batch(t, f.s, &rules{}, f.d, items[0], bad)
			if res.Admitted != 1 || res.Refused != 1 {
				t.Fatalf("%+v", res)
			}
			if list, err := f.s.Endings(context.Background()); err != nil || len(list) != 1 {
				t.Fatal("the feed did not end", list, err)
			}
		})
	}
}

func TestOneWriter(t *testing.T) {
	f := newFeed(t)
	other := incarnation(t, 2)
	know(t, f.s, other)
	items, _ := feedRun(t, f.i, f.d, wire.Hash{}, 1, 2, "v")
	theirs, _ := feedRun(t, other, f.d, wire.Hash{}, 1, 2, "v")
	batch(t, f.s, &rules{}, f.d, items...)
	if res := batch(t, f.s, &rules{}, f.d, theirs...); res.Refused != 2 {
		t.Fatalf("%+v", res)
	}
}

func TestWaiting(t *testing.T) {
	f := newFeed(t)
	ctx := context.Background()
	stranger := incarnation(t, 9)
	d := feedOf(stranger)
	items, _ := feedRun(t, stranger, d, wire.Hash{}, 1, 100, "v")
	known := false
	r := &rules{unknownHead: func(seal.Context) bool { return !known }}
	if res := batch(t, f.s, r, d, unseal(items, 64)...); res.Waiting != 100 {
		t.Fatalf("%+v", res)
	}
	waitingFor(t, f.s, 100, "certificate")
	know(t, f.s, stranger)
	if n, err := admit.Retry(ctx, f.s, r); n != 0 || err != nil {
		t.Fatal(n, err)
	}
	waitingFor(t, f.s, 100, "governance")
	known = true
	if n, err := admit.Retry(ctx, f.s, r); n != 100 || err != nil {
		t.Fatal(n, err)
	}
	waitingFor(t, f.s, 0, "")
}

func waitingFor(t *testing.T, s *store.Store, n int, reason string) {
	t.Helper()
	list, err := s.Waiting(context.Background())
	if err != nil || len(list) != n || n > 0 && !strings.Contains(list[0].Reason, reason) {
		t.Fatal(len(list), err)
	}
}

func TestSubjectMayWait(t *testing.T) {
	f := newFeed(t)
	items, _ := feedRun(t, f.i, f.d, wire.Hash{}, 1, 5, "v")
	r := &rules{subject: func(ch *wire.Change) error {
		if ch.Seq == 3 {
			return fmt.Errorf("entry: %w", admit.Wait("version 9 is not known here"))
		}
		return nil
	}}
	if res := batch(t, f.s, r, f.d, items...); res.Admitted != 2 || res.Waiting != 3 {
		t.Fatalf("%+v", res)
	}
	if n, err := admit.Retry(context.Background(), f.s, &rules{}); n != 3 || err != nil {
		t.Fatal(n, err)
	}
}

func TestGapIsFilled(t *testing.T) {
	f := newFeed(t)
	items, _ := feedRun(t, f.i, f.d, wire.Hash{}, 1, 9, "v")
	if res := batch(t, f.s, &rules{}, f.d, items[4:]...); res.Waiting != 5 {
		t.Fatalf("%+v", res)
	}
	if res := batch(t, f.s, &rules{}, f.d, items[:4]...); res.Admitted != 4 || res.Released != 5 || f.seq(t) != 9 {
		t.Fatalf("%+v", res)
	}
}

// TestWaitingRoomIsBounded: the oldest of a peer leave, other peers' stay.
func TestWaitingRoomIsBounded(t *testing.T) {
	f := newFeed(t)
	ctx := context.Background()
	stranger, quiet := incarnation(t, 9), incarnation(t, 10)
	q, _ := feedRun(t, quiet, feedOf(quiet), wire.Hash{}, 1, 1, "v")
	if _, err := admit.Batch(ctx, f.s, &rules{}, "quiet", feedOf(quiet), q); err != nil {
		t.Fatal(err)
	}
	items, _ := feedRun(t, stranger, feedOf(stranger), wire.Hash{}, 1, 1, "v")
	_ = items
	for part := range 3 {
		d := doc(fmt.Sprintf("feed/%s/%d", stranger.Actor(), part+1))
		run, _ := feedRun(t, stranger, d, wire.Hash{}, 1, 2000, "v")
		batch(t, f.s, &rules{}, d, unseal(run, 64)...)
	}
	list, err := f.s.Waiting(ctx)
	if err != nil || len(list) != store.MaxWaitingPeer+1 || list[0].From != "quiet" {
		t.Fatal(len(list), err)
	}
}

// TestFullRoomIsNotJudgedForEveryChange: what moves nothing here does not make all
// that waits be judged again, inside the transaction for which the counter waits;
// what is admitted does.
func TestFullRoomIsNotJudgedForEveryChange(t *testing.T) {
	c := newScene(t)
	asked := 0
	r := &rules{unknownHead: func(h seal.Context) bool { asked++; return h.Seq == 9 }}
	later := func(n int64) seal.Sealed {
		ch := c.next()
		ch.Message, ch.Time = message(9), n
		return c.seal(t, ch)
	}
	const room = 100
	for n := range int64(room) {
		batch(t, c.s, r, c.d, later(n))
	}
	if waitingFor(t, c.s, room, "governance"); asked != room {
		t.Errorf("%d changes that wait were judged %d times", room, asked)
	}
	asked = 0
	bad := c.next()
	bad.StartOp++
	if res := batch(t, c.s, r, c.d, c.seal(t, bad)); res.Refused != 1 || asked != 1 {
		t.Errorf("a refused change: %+v, %d judged", res, asked)
	}
	asked = 0
	if res := batch(t, c.s, r, c.d, c.seal(t, c.next())); res.Admitted != 1 || asked < room {
		t.Errorf("an admitted one: %+v, %d judged", res, asked)
	}
}

func TestQuarantineIsBounded(t *testing.T) {
	f := newFeed(t)
	for n := range 3 {
		var items []seal.Sealed
		for i := range 400 {
			items = append(items, seal.Sealed{Chunk: fmt.Appendf(nil, "rubbish %d %d", n, i)})
		}
		batch(t, f.s, &rules{}, f.d, items...)
	}
	list, err := f.s.Quarantine(context.Background())
	if err != nil || len(list) != store.MaxQuarantinePeer {
		t.Fatal(len(list), err)
	}
}
