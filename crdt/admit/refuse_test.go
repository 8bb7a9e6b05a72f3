package admit_test

import (
	"context"
	"errors"
	"strings"
	"testing"

	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// scene is a store with a records document: actor a wrote "x" twice, actor b
// wrote "y" apart from a's second change.
type scene struct {
	s          *store.Store
	a, b       seal.Incarnation
	d          store.DocID
	a1, a2, b1 *wire.Change
	ha1, ha2   wire.Hash
	hb1        wire.Hash
	sa1        seal.Sealed
}

func newScene(t *testing.T) *scene {
	t.Helper()
	c := &scene{s: open(t, t.TempDir(), nil), a: incarnation(t, 1), b: incarnation(t, 2), d: doc("people/01")}
	t.Cleanup(func() { _ = c.s.Close() })
	know(t, c.s, c.a, c.b)
	c.a1 = &wire.Change{Seq: 1, StartOp: 1, Ops: []wire.Op{put("x", 1), put("y", 1)}}
	var sa2, sb1 seal.Sealed
	c.sa1, c.ha1 = sealed(t, c.a, c.d, c.a1)
	c.a2 = &wire.Change{Seq: 2, StartOp: 3, Deps: []wire.Hash{c.ha1}, Ops: []wire.Op{put("x", 2, wire.OpID{Counter: 1, Actor: c.a.Actor()})}}
	sa2, c.ha2 = sealed(t, c.a, c.d, c.a2)
	c.b1 = &wire.Change{Seq: 1, StartOp: 3, Deps: []wire.Hash{c.ha1}, Ops: []wire.Op{put("y", 2, wire.OpID{Counter: 2, Actor: c.a.Actor()})}}
	sb1, c.hb1 = sealed(t, c.b, c.d, c.b1)
	if res := batch(t, c.s, &rules{}, c.d, c.sa1, sa2, sb1); res.Admitted != 3 {
		t.Fatalf("%+v", res)
	}
	return c
}

func put(key string, n int64, pred ...wire.OpID) wire.Op {
	return wire.Op{Key: key, Value: wire.IntValue(n), Pred: pred}
}

// next is a sound next change of a, which a test then breaks.
func (c *scene) next() *wire.Change {
	return &wire.Change{Seq: 3, StartOp: 4, Deps: []wire.Hash{c.ha2}, Ops: []wire.Op{
		put("x", 3, wire.OpID{Counter: 3, Actor: c.a.Actor()}),
	}}
}

func (c *scene) id(n uint64, i seal.Incarnation) wire.OpID {
	return wire.OpID{Counter: n, Actor: i.Actor()}
}

func TestRecordsRefusals(t *testing.T) {
	cases := []struct {
		name, reason string
		make         func(t *testing.T, c *scene) seal.Sealed
		rules        rules
	}{
		{"sound", "", func(t *testing.T, c *scene) seal.Sealed { return c.seal(t, c.next()) }, rules{}},
		{"start counter too high", "start counter", func(t *testing.T, c *scene) seal.Sealed {
			n := c.next()
			n.StartOp = 5
			return c.seal(t, n)
		}, rules{}},
		{"start counter too low", "start counter", func(t *testing.T, c *scene) seal.Sealed {
			n := c.next()
			n.StartOp = 3
			n.Ops[0].Pred = []wire.OpID{c.id(1, c.a)}
			return c.seal(t, n)
		}, rules{}},
		{"ghost predecessor", "does not exist", func(t *testing.T, c *scene) seal.Sealed {
			n := c.next()
			n.Ops[0].Pred = []wire.OpID{c.id(2, c.b)}
			return c.seal(t, n)
		}, rules{}},
		{"ghost actor", "does not exist", func(t *testing.T, c *scene) seal.Sealed {
			n := c.next()
			n.Ops[0].Pred = []wire.OpID{c.id(2, incarnation(t, 77))}
			return c.seal(t, n)
		}, rules{}},
		{"predecessor on another key", "another key", func(t *testing.T, c *scene) seal.Sealed {
			n := c.next()
			n.Ops[0].Pred = []wire.OpID{c.id(2, c.a)}
			return c.seal(t, n)
		}, rules{}},
		{"predecessor outside the past", "outside its past", func(t *testing.T, c *scene) seal.Sealed {
			n := c.next()
			n.Ops = []wire.Op{put("y", 9, c.id(3, c.b))} // b's change is here, but a does not build on it
			return c.seal(t, n)
		}, rules{}},
		{"predecessor overwritten, in the past", "", func(t *testing.T, c *scene) seal.Sealed {
			n := c.next()
			n.Ops[0].Pred = []wire.OpID{c.id(1, c.a)}
			return c.seal(t, n)
		}, rules{}},
		{"own previous change not in the past", "previous change", func(t *testing.T, c *scene) seal.Sealed {
			n := c.next()
			n.Deps, n.Ops = []wire.Hash{c.hb1}, []wire.Op{put("z", 1)}
			return c.seal(t, n)
		}, rules{}},
		{"number skipped", "previous change", func(t *testing.T, c *scene) seal.Sealed {
			n := c.next()
			n.Seq = 4
			return c.seal(t, n)
		}, rules{}},
		{"seal flipped", "seal is wrong", func(t *testing.T, c *scene) seal.Sealed {
			s := c.seal(t, c.next())
			s.Seal[5] ^= 1
			return s
		}, rules{}},
		{"sealed by another", "seal is wrong", func(t *testing.T, c *scene) seal.Sealed {
			s := c.seal(t, c.next())
			sig := c.b.Seal(string(c.d), 3, peek(t, s).Hash)
			s.Seal = &sig
			return s
		}, rules{}},
		{"sealed for another document", "seal is wrong", func(t *testing.T, c *scene) seal.Sealed {
			s, _ := sealed(t, c.a, doc("people/02"), c.next())
			return s
		}, rules{}},
		{"sealed for another community", "seal is wrong", func(t *testing.T, c *scene) seal.Sealed {
			s, _ := sealed(t, c.a, "11111111111111111111111111.1/people/01", c.next())
			return s
		}, rules{}},
		{"no seal", "no seal", func(t *testing.T, c *scene) seal.Sealed {
			s := c.seal(t, c.next())
			s.Seal = nil
			return s
		}, rules{}},
		{"one bit of the chunk", "checksum", func(t *testing.T, c *scene) seal.Sealed {
			s := c.seal(t, c.next())
			s.Chunk[len(s.Chunk)-1] ^= 1
			return s
		}, rules{}},
		{"rubbish", "malformed", func(t *testing.T, c *scene) seal.Sealed { return seal.Sealed{Chunk: wire.Chunk("hello")} }, rules{}},
		{"no context", "governance head", func(t *testing.T, c *scene) seal.Sealed {
			n := c.next()
			n.Message = "hello"
			return c.seal(t, n)
		}, rules{}},
		{"older governance head", "older", func(t *testing.T, c *scene) seal.Sealed {
			n := c.next()
			n.Message = message(0)
			return c.seal(t, n)
		}, rules{}},
		{"no authority", "not staff", func(t *testing.T, c *scene) seal.Sealed { return c.seal(t, c.next()) },
			rules{authority: func(store.DocID, [32]byte) error { return errors.New("not staff") }}},
		{"wrong form", "bad key", func(t *testing.T, c *scene) seal.Sealed { return c.seal(t, c.next()) },
			rules{form: func(*wire.Change) error { return errors.New("bad key") }}},
	}
	for _, k := range cases {
		t.Run(k.name, func(t *testing.T) {
			c := newScene(t)
			before, err := c.s.Digest(context.Background(), c.d)
			if err != nil {
				t.Fatal(err)
			}
			res := batch(t, c.s, &k.rules, c.d, k.make(t, c))
			if k.reason == "" {
				if res.Admitted != 1 {
					t.Fatalf("%+v", res)
				}
				return
			}
			if res.Refused != 1 || !strings.Contains(res.Verdicts[0].Reason, k.reason) {
				t.Fatalf("%+v", res)
			}
			after, err := c.s.Digest(context.Background(), c.d)
			list, err2 := c.s.Quarantine(context.Background())
			if err != nil || err2 != nil || before != after {
				t.Fatal("the document moved", err, err2)
			}
			if len(list) != 1 || list[0].Doc != c.d || list[0].From != "peer" || list[0].Reason != res.Verdicts[0].Reason {
				t.Fatalf("quarantine: %+v", list)
			}
		})
	}
}

func (c *scene) seal(t *testing.T, ch *wire.Change) seal.Sealed {
	s, _ := sealed(t, c.a, c.d, ch)
	return s
}

func peek(t *testing.T, s seal.Sealed) wire.Head {
	h, err := wire.Peek(s.Chunk)
	if err != nil {
		t.Fatal(err)
	}
	return h
}

// TestRemovalIsNoPredecessor: Automerge keeps no removals to point at.
func TestRemovalIsNoPredecessor(t *testing.T) {
	c := newScene(t)
	n := c.next()
	n.Ops[0].Delete = true
	s, h := sealed(t, c.a, c.d, n)
	again := &wire.Change{Seq: 4, StartOp: 5, Deps: []wire.Hash{h}, Ops: []wire.Op{put("x", 5, c.id(4, c.a))}}
	res := batch(t, c.s, &rules{}, c.d, s, c.seal(t, again))
	if res.Admitted != 1 || res.Refused != 1 {
		t.Fatalf("%+v", res)
	}
}

func TestReplayIsKnown(t *testing.T) {
	c := newScene(t)
	res := batch(t, c.s, &rules{}, c.d, c.sa1, c.sa1)
	if res.Known != 2 {
		t.Fatalf("%+v", res)
	}
	// the same bytes as a change of another document are no change of it
	other := batch(t, c.s, &rules{}, doc("people/02"), c.sa1)
	if other.Refused != 1 {
		t.Fatalf("%+v", other)
	}
}

func TestWhatRestsOnRefusedDoesNotWait(t *testing.T) {
	c := newScene(t)
	bad := c.next()
	bad.StartOp = 9
	s, h := sealed(t, c.a, c.d, bad)
	good := &wire.Change{Seq: 4, StartOp: 10, Deps: []wire.Hash{h}, Ops: []wire.Op{put("z", 5)}}
	res := batch(t, c.s, &rules{}, c.d, s, c.seal(t, good))
	if res.Refused != 2 || res.Waiting != 0 {
		t.Fatalf("%+v", res)
	}
}

func TestBatchLimits(t *testing.T) {
	c := newScene(t)
	ctx := context.Background()
	if _, err := admit.Batch(ctx, c.s, &rules{}, "peer", c.d, make([]seal.Sealed, admit.MaxBatch+1)); !errors.Is(err, admit.ErrTooMuch) {
		t.Fatal(err)
	}
	big := seal.Sealed{Chunk: make(wire.Chunk, admit.MaxBatchBytes+1)}
	if _, err := admit.Batch(ctx, c.s, &rules{}, "peer", c.d, []seal.Sealed{big}); !errors.Is(err, admit.ErrTooMuch) {
		t.Fatal(err)
	}
	for _, d := range []store.DocID{"", "x", doc("unknown/x"), doc("people//x"), store.DocID(community + ".0/scheme")} {
		if _, err := admit.Batch(ctx, c.s, &rules{}, "peer", d, []seal.Sealed{c.sa1}); !errors.Is(err, admit.ErrDocument) {
			t.Fatal(d, err)
		}
	}
}
