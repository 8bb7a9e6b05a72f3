package admit_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// proofs returns the fork proofs of a store, verified.
func proofs(t *testing.T, s *store.Store) []seal.ForkProof {
	t.Helper()
	items, err := s.SetItems(context.Background(), store.SetFork, -1)
	if err != nil {
		t.Fatal(err)
	}
	var list []seal.ForkProof
	for _, it := range items {
		p, err := seal.DecodeForkProof(it.Blob)
		if err != nil {
			t.Fatal(err)
		}
		list = append(list, p)
	}
	return list
}

func branches(t *testing.T, s *store.Store, d store.DocID) (list []store.Placed) {
	t.Helper()
	err := s.View(context.Background(), func(q store.Querier) (err error) {
		list, err = store.Branches(q, d)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestForkOfFeed(t *testing.T) {
	cases := []struct {
		name           string
		ours, theirs   func([]seal.Sealed) []seal.Sealed
		drop           int // of theirs, from the front
		seq            uint64
		admittedTheirs int
	}{
		{"every change sealed", all, all, 5, 6, 0},
		{"covered by later seals", last, last, 5, 6, 0},
		{"the other branch's first change is not here", all, all, 10, 10, 0},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			f := newFeed(t)
			common, h := feedRun(t, f.i, f.d, wire.Hash{}, 1, 5, "common")
			ours, _ := feedRun(t, f.i, f.d, h[4], 6, 10, "ours")
			theirs, _ := feedRun(t, f.i, f.d, h[4], 6, 12, "theirs")
			batch(t, f.s, &rules{}, f.d, c.ours(append(common, ours...))...)
			res := batch(t, f.s, &rules{}, f.d, c.theirs(theirs)[c.drop-5:]...)
			held := 12 - c.drop
			if c.drop > 5 { // what they follow is not here: they wait, and the proof is made
				held = 0
			}
			if res.Admitted != 0 || res.Forked != held || res.Waiting != 12-c.drop-held || f.seq(t) != uint64(10+held) {
				t.Fatalf("%+v", res)
			}
			list := proofs(t, f.s)
			if len(list) != 1 || list[0].Actor() != f.i.Actor() || list[0].Doc != string(f.d) {
				t.Fatalf("%+v", list)
			}
			if !f.s.Forked(f.i.Actor()) {
				t.Error("Forked does not tell")
			}
			if got := branches(t, f.s, f.d); len(got) != held {
				t.Error("held:", len(got))
			}
			// our branch goes on: a fork never stops admission
			more, _ := feedRun(t, f.i, f.d, peekAt(t, f, 10), 11, 11, "ours")
			if res := batch(t, f.s, &rules{}, f.d, more...); res.Admitted != 1 {
				t.Fatalf("%+v", res)
			}
		})
	}
}

// TestForkOfAnUnsealedEnd: the last changes of the history that we hold stand without a
// seal, since the one that seals them waits. A fork there is proven by what waits, also
// where both come at once, and damages nothing.
func TestForkOfAnUnsealedEnd(t *testing.T) {
	for _, atOnce := range []bool{false, true} {
		f := newFeed(t)
		common, h := feedRun(t, f.i, f.d, wire.Hash{}, 1, 5, "common")
		ours, _ := feedRun(t, f.i, f.d, h[4], 6, 9, "ours")
		theirs, _ := feedRun(t, f.i, f.d, h[4], 6, 8, "theirs")
		batch(t, f.s, &rules{}, f.d, common...)
		later := &rules{subject: func(ch *wire.Change) error {
			if ch.Seq >= 8 && strings.HasPrefix(string(ch.Ops[0].Value.Raw), "ours") {
				return admit.Wait("for somebody")
			}
			return nil
		}}
		ours, theirs = last(ours), last(theirs)
		var res admit.Result
		if atOnce {
			res = batch(t, f.s, later, f.d, append(slices.Clone(ours), theirs...)...)
		} else {
			if res := batch(t, f.s, later, f.d, ours...); res.Admitted != 2 || res.Waiting != 2 {
				t.Fatalf("%+v", res)
			}
			res = batch(t, f.s, later, f.d, theirs...)
		}
		if got := branches(t, f.s, f.d); len(got) != 3 {
			t.Errorf("at once %v: held beside %d: %+v", atOnce, len(got), res)
		}
		if list := proofs(t, f.s); len(list) != 1 || list[0].Seq != 6 || !f.s.Forked(f.i.Actor()) {
			t.Errorf("at once %v: %+v", atOnce, list)
		}
		if n, err := admit.Retry(context.Background(), f.s, &rules{}); n != 2 || err != nil || f.seq(t) != 9+3 {
			t.Errorf("at once %v: %d admitted, %v", atOnce, n, err)
		}
	}
}

func all(items []seal.Sealed) []seal.Sealed  { return items }
func last(items []seal.Sealed) []seal.Sealed { return unseal(items, 1000) }

func peekAt(t *testing.T, f feedScene, seq uint64) (h wire.Hash) {
	t.Helper()
	err := f.s.View(context.Background(), func(q store.Querier) error {
		p, _, err := store.At(q, f.d, f.i.Actor(), seq)
		h = p.Hash
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func TestForkOfRecords(t *testing.T) {
	c := newScene(t)
	other := *c.a2
	other.Ops = []wire.Op{put("x", 99, c.id(1, c.a))}
	s, h := sealed(t, c.a, c.d, &other)
	next := &wire.Change{Seq: 3, StartOp: 4, Deps: []wire.Hash{h}, Ops: []wire.Op{put("z", 1)}}
	rests := &wire.Change{Seq: 2, StartOp: 4, Deps: []wire.Hash{min2(h, c.hb1), max2(h, c.hb1)}, Ops: []wire.Op{put("z", 2)}}
	byB, _ := sealed(t, c.b, c.d, rests)
	res := batch(t, c.s, &rules{}, c.d, s, c.seal(t, next), byB)
	if res.Admitted != 3 || len(proofs(t, c.s)) != 1 || len(branches(t, c.s, c.d)) != 0 {
		t.Fatalf("%+v", res)
	}
	if res := batch(t, c.s, &rules{}, c.d, s, c.seal(t, next), byB); res.Known != 3 {
		t.Fatalf("again: %+v", res)
	}
}

func min2(a, b wire.Hash) wire.Hash {
	if a.Compare(b) < 0 {
		return a
	}
	return b
}

func max2(a, b wire.Hash) wire.Hash {
	if a.Compare(b) < 0 {
		return b
	}
	return a
}

// TestForkedAuthorStops: one's own fork, learnt from a proof, stops authoring.
func TestForkedAuthorStops(t *testing.T) {
	f := newFeed(t)
	_, h := feedRun(t, f.i, f.d, wire.Hash{}, 1, 1, "a")
	_, g := feedRun(t, f.i, f.d, wire.Hash{}, 1, 1, "b")
	p, err := seal.NewForkProof(f.i.Certificate, string(f.d), 1,
		seal.Branch{Hash: h[0], Seal: f.i.Seal(string(f.d), 1, h[0])}, seal.Branch{Hash: g[0], Seal: f.i.Seal(string(f.d), 1, g[0])})
	if err != nil {
		t.Fatal(err)
	}
	s := open(t, t.TempDir(), &f.i)
	defer s.Close()
	write := func() error {
		return s.Update(context.Background(), testAuthor, func(tx *store.Tx) error { _, err := tx.Append(f.d, "x", nil); return err })
	}
	if err := write(); err != nil {
		t.Fatal(err)
	}
	err = s.Update(context.Background(), store.Author{}, func(tx *store.Tx) error {
		_, err := tx.SetAdd(store.SetFork, store.Item{ID: p.ID(), Blob: p.Encode()})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := write(); !errors.Is(err, store.ErrForked) {
		t.Fatal(err)
	}
}

// TestOwnLaterChangesComeBack: a store that gets its own unknown changes from
// a peer is an older copy and must not write on.
func TestOwnLaterChangesComeBack(t *testing.T) {
	inc := incarnation(t, 1)
	dir := t.TempDir()
	s := open(t, dir, &inc)
	defer s.Close()
	know(t, s, inc)
	d := feedOf(inc)
	items, _ := feedRun(t, inc, d, wire.Hash{}, 1, 3, "from another life")
	if res := batch(t, s, &rules{}, d, items...); res.Admitted != 3 {
		t.Fatalf("%+v", res)
	}
	err := s.Update(context.Background(), testAuthor, func(tx *store.Tx) error { _, err := tx.Append(d, "x", nil); return err })
	if !errors.Is(err, store.ErrNewIncarnation) {
		t.Fatal(err)
	}
}

// TestFurtherHistoryIsJudged: what stands in a further history passes the same
// steps: no governance head older than the one its own history named before, no
// change that follows both histories of its author, nothing beyond the bounds.
func TestFurtherHistoryIsJudged(t *testing.T) {
	s := open(t, t.TempDir(), nil)
	defer s.Close()
	a := incarnation(t, 1)
	know(t, s, a)
	d := doc("scheme")
	write := func(seq, start uint64, head uint64, value int64, deps ...wire.Hash) (seal.Sealed, wire.Hash) {
		slices.SortFunc(deps, wire.Hash.Compare)
		return sealed(t, a, d, &wire.Change{Seq: seq, StartOp: start, Message: message(head), Deps: deps, Ops: []wire.Op{put("k/"+string(rune('a'+value)), value)}})
	}
	first, h1 := write(1, 1, 1, 0)
	mainLine, h2 := write(2, 2, 1, 1, h1)
	demoted, h3 := write(3, 3, 7, 2, h2) // the main history knows of entry 7
	fork, g2 := write(2, 2, 5, 3, h1)    // the copy knows of entry 5
	if res := batch(t, s, &rules{}, d, first, mainLine, demoted, fork); res.Admitted != 4 || len(proofs(t, s)) != 1 {
		t.Fatalf("%+v", res)
	}
	older, _ := write(3, 3, 4, 4, g2)
	both, _ := write(4, 4, 9, 5, h3, g2)
	for name, x := range map[string]seal.Sealed{"[backwards]": older, "[ownPast]": both} {
		if res := batch(t, s, &rules{}, d, x); res.Refused != 1 || !strings.HasPrefix(res.Verdicts[0].Reason, name) {
			t.Errorf("%s: %+v", name, res)
		}
	}
	bad := errors.New("not allowed under this head")
	next, _ := write(3, 3, 5, 6, g2)
	if res := batch(t, s, &rules{authority: func(store.DocID, [32]byte) error { return bad }}, d, next); res.Refused != 1 {
		t.Errorf("the role is not asked for: %+v", res)
	}
	var many []seal.Sealed
	for n := range int64(store.MaxStrands) {
		x, _ := write(2, 2, 1, 10+n, h1)
		many = append(many, x)
	}
	if res := batch(t, s, &rules{}, d, many...); res.Admitted != store.MaxStrands-1 || res.Waiting != 1 {
		t.Errorf("beyond the bound: %d admitted, %d wait", res.Admitted, res.Waiting)
	}
}

// TestOldBranchesFindTheirPlace: format 1 kept the second history of a records
// document beside it, where it showed nowhere. Opened by this program it is judged
// and stands in the document.
func TestOldBranchesFindTheirPlace(t *testing.T) {
	a, d, dir := incarnation(t, 1), doc("scheme"), t.TempDir()
	s := open(t, dir, nil)
	know(t, s, a)
	first, h1 := sealed(t, a, d, &wire.Change{Seq: 1, StartOp: 1, Ops: []wire.Op{put("k/a", 1)}})
	ours, _ := sealed(t, a, d, &wire.Change{Seq: 2, StartOp: 2, Deps: []wire.Hash{h1}, Ops: []wire.Op{put("k/b", 2)}})
	theirs, g2 := sealed(t, a, d, &wire.Change{Seq: 2, StartOp: 2, Deps: []wire.Hash{h1}, Ops: []wire.Op{put("k/c", 3)}})
	batch(t, s, &rules{}, d, first, ours)
	actor := a.Actor()
	err := s.Update(context.Background(), store.Author{}, func(tx *store.Tx) error {
		_, err := tx.Exec("INSERT INTO branch(doc, actor, seq, hash, chunk, seal, at) VALUES (?, ?, 2, ?, ?, ?, 0)", string(d), actor[:], g2[:], []byte(theirs.Chunk), theirs.Seal[:])
		if err == nil {
			_, err = tx.Exec("UPDATE meta SET value = 1 WHERE key = 'format'")
		}
		return err
	})
	if err = errors.Join(err, s.Close()); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, nil)
	defer s.Close()
	if n, err := admit.Retry(context.Background(), s, &rules{}); n != 1 || err != nil {
		t.Fatal(n, err)
	}
	err = s.View(context.Background(), func(q store.Querier) error {
		f, err := store.Fields(q, d, "k/c")
		if len(f) != 1 || len(branches(t, s, d)) != 0 {
			t.Errorf("%v", f)
		}
		return err
	})
	if err != nil || len(proofs(t, s)) != 1 {
		t.Fatal(err)
	}
	fresh := open(t, t.TempDir(), nil)
	defer fresh.Close()
	know(t, fresh, a)
	batch(t, fresh, &rules{}, d, theirs, first, ours)
	for _, x := range []*store.Store{s, fresh} {
		if err := x.Rebuild(context.Background()); err != nil {
			t.Fatal(err)
		}
	}
	one, err1 := s.ProjectionDigest(context.Background())
	two, err2 := fresh.ProjectionDigest(context.Background())
	if err := errors.Join(err1, err2); err != nil || one.Whole != two.Whole {
		t.Error("the old database and a new one differ", err)
	}
}

// What somebody else puts on top of a branch of a feed never comes as far as being
// told that it rests on one: the feed has another writer, and nothing waits.
func TestNobodyRestsOnAnothersBranch(t *testing.T) {
	f := newFeed(t)
	other := incarnation(t, 2)
	know(t, f.s, other)
	common, h := feedRun(t, f.i, f.d, wire.Hash{}, 1, 2, "common")
	ours, _ := feedRun(t, f.i, f.d, h[1], 3, 5, "ours")
	theirs, branch := feedRun(t, f.i, f.d, h[1], 3, 4, "theirs")
	batch(t, f.s, &rules{}, f.d, append(common, ours...)...)
	if res := batch(t, f.s, &rules{}, f.d, theirs...); res.Forked != 2 {
		t.Fatalf("%+v", res)
	}
	for _, seq := range []uint64{2, 5, 6, 7} {
		rests, _ := feedRun(t, other, f.d, branch[1], seq, seq, "on top")
		res := batch(t, f.s, &rules{}, f.d, rests...)
		if res.Refused != 1 || admit.ParseReason(res.Verdicts[0].Reason).Code != "writer" {
			t.Errorf("number %d: %+v", seq, res)
		}
	}
}
