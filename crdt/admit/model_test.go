package admit_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// history is a plain model of a records document: all changes ever, in the
// order of their making, and what each actor has seen of them.
type history struct {
	t       tb
	doc     store.DocID
	actors  []seal.Incarnation
	changes []made
	seen    []map[int]bool       // by actor: indices of changes
	common  map[int]map[int]bool // by copy: what was seen when the copy was made last
}

type made struct {
	*wire.Change
	hash wire.Hash
	item seal.Sealed
	by   int          // index of who wrote it: copies share an actor
	past map[int]bool // what that one had seen
}

type modelOp struct {
	id    wire.OpID
	key   string
	value wire.Value
}

// place is one operation: of two copies of an actor, two may bear one id.
type place struct{ change, op int }

// live returns the operations of a key that nothing within the view replaced,
// shown one first. It looks at every operation each time: slow and plain.
func (h *history) live(view map[int]bool, key string) (list []modelOp) {
	over := map[place]bool{}
	for i := range view {
		for _, op := range h.changes[i].Ops {
			for _, p := range op.Pred {
				h.named(i, op.Key, p, over)
			}
		}
	}
	for i := range view {
		c := h.changes[i]
		for k, op := range c.Ops {
			if op.Key == key && !op.Delete && !over[place{i, k}] {
				list = append(list, modelOp{h.id(i, k), key, op.Value})
			}
		}
	}
	slices.SortFunc(list, func(a, b modelOp) int {
		return cmp.Or(b.id.Compare(a.id), cmp.Compare(b.value.Kind, a.value.Kind), cmp.Compare(b.value.Num, a.value.Num), cmp.Compare(b.value.Raw, a.value.Raw))
	})
	return list
}

func (h *history) id(change, op int) wire.OpID {
	c := h.changes[change]
	return wire.OpID{Counter: c.StartOp + uint64(op), Actor: c.Actor}
}

// named notes which operations a predecessor of a change means: those on the key
// with this id that its author had seen.
func (h *history) named(change int, key string, id wire.OpID, over map[place]bool) {
	for i := range h.changes[change].past {
		for k, op := range h.changes[i].Ops {
			if op.Key == key && h.id(i, k) == id {
				over[place{i, k}] = true
			}
		}
	}
}

// stopped tells whether somebody has seen what its copy wrote.
func (h *history) stopped(a int) bool {
	for i := range h.seen[a] {
		if c := h.changes[i]; c.Actor == h.actors[a].Actor() && c.by != a && !h.before(a, i) {
			return true
		}
	}
	return false
}

// before tells whether a change was written before the copy a was made.
func (h *history) before(a, change int) bool { return h.common[a][change] }

// copy makes a copy of an actor: its key, and what it has seen. What it wrote
// until now is what both wrote.
func (h *history) copy(a int) {
	h.actors, h.seen = append(h.actors, h.actors[a]), append(h.seen, maps.Clone(h.seen[a]))
	h.common[a], h.common[len(h.seen)-1] = maps.Clone(h.seen[a]), maps.Clone(h.seen[a])
}

// frame returns what the next change of actor a builds on.
func (h *history) frame(a int) *wire.Change {
	c := &wire.Change{Actor: h.actors[a].Actor(), Seq: 1, StartOp: 1, Time: int64(len(h.changes))}
	named := map[wire.Hash]bool{}
	for i := range h.seen[a] {
		m := h.changes[i]
		c.StartOp = max(c.StartOp, m.StartOp+uint64(len(m.Ops)))
		if m.Actor == c.Actor {
			c.Seq++
		}
		for _, d := range m.Deps {
			named[d] = true
		}
	}
	for i := range h.seen[a] {
		if !named[h.changes[i].hash] {
			c.Deps = append(c.Deps, h.changes[i].hash)
		}
	}
	slices.SortFunc(c.Deps, wire.Hash.Compare)
	return c
}

func (h *history) write(a int, ops []wire.Op) {
	c := h.frame(a)
	c.Ops = ops
	item, hash := sealed(h.t, h.actors[a], h.doc, c)
	past := maps.Clone(h.seen[a])
	h.seen[a][len(h.changes)] = true
	h.changes = append(h.changes, made{c, hash, item, a, past})
}

// op puts or deletes a key as actor a would.
func (h *history) op(a int, key string, remove bool, v wire.Value) wire.Op {
	op := wire.Op{Key: key, Delete: remove, Value: v}
	for _, l := range slices.Backward(h.live(h.seen[a], key)) {
		if !slices.Contains(op.Pred, l.id) {
			op.Pred = append(op.Pred, l.id)
		}
	}
	if op.Delete = remove && len(op.Pred) > 0; op.Delete {
		op.Value = wire.Value{}
	}
	return op
}

func (h *history) meet(a, b int) {
	for i := range h.seen[b] {
		h.seen[a][i] = true
	}
}

func (h *history) all() map[int]bool {
	all := map[int]bool{}
	for i := range h.changes {
		all[i] = true
	}
	return all
}

var modelKeys = []string{"a/1/x", "a/1/y", "b/2/x", "c/3/z"}

func drawHistory(t *rapid.T) *history {
	h := &history{t: t, doc: doc("people/03"), common: map[int]map[int]bool{}}
	for i := range rapid.IntRange(2, 8).Draw(t, "actors") {
		h.actors = append(h.actors, incarnation(t, i+1))
		h.seen = append(h.seen, map[int]bool{})
	}
	copies := rapid.IntRange(0, 3).Draw(t, "copies")
	for range rapid.IntRange(3, 40).Draw(t, "steps") {
		who := rapid.IntRange(0, len(h.actors)-1)
		a := who.Draw(t, "actor")
		switch what := rapid.IntRange(0, 5).Draw(t, "what"); {
		case what < 2:
			h.meet(a, who.Draw(t, "whom"))
		case what == 2 && copies > 0 && !h.stopped(a):
			copies--
			h.copy(a)
		case !h.stopped(a):
			h.write(a, drawOps(t, h, a))
		}
	}
	return h
}

func drawOps(t *rapid.T, h *history, a int) (ops []wire.Op) {
	for _, k := range rapid.SliceOfNDistinct(rapid.SampledFrom(modelKeys), 1, 3, rapid.ID[string]).Draw(t, "keys") {
		v := rapid.SampledFrom([]wire.Value{
			wire.StringValue("甲"), wire.IntValue(-3), wire.BoolValue(true), wire.NullValue(), wire.BytesValue([]byte{0, 1}), wire.TimeValue(5), wire.StringValue(""),
		}).Draw(t, "value")
		ops = append(ops, h.op(a, k, rapid.IntRange(0, 4).Draw(t, "remove") == 0, v))
	}
	return ops
}

// arrive gives the changes to a store in any order, cut into any batches, some
// of them twice; then whatever still waits is judged again.
func arrive(t *rapid.T, s *store.Store, h *history, label string) {
	order := rapid.Permutation(indices(len(h.changes))).Draw(t, label)
	for len(order) > 0 {
		n := min(rapid.IntRange(1, 12).Draw(t, "batch"), len(order))
		var items []seal.Sealed
		for _, i := range order[:n] {
			items = append(items, h.changes[i].item)
			if rapid.IntRange(0, 5).Draw(t, "twice") == 0 {
				items = append(items, h.changes[i].item)
			}
		}
		res := batch(t, s, &rules{}, h.doc, items...)
		if res.Refused+res.Forked > 0 {
			t.Fatalf("refused: %+v", res)
		}
		order = order[n:]
	}
	if _, err := admit.Retry(context.Background(), s, &rules{}); err != nil {
		t.Fatal(err)
	}
}

func indices(n int) []int {
	list := make([]int, n)
	for i := range list {
		list[i] = i
	}
	return list
}

// agrees compares the store's registers with the model's.
func agrees(t *rapid.T, s *store.Store, h *history) {
	ctx := context.Background()
	err := s.View(ctx, func(q store.Querier) error {
		for _, key := range modelKeys {
			fields, err := store.Fields(q, h.doc, key)
			if err != nil {
				return err
			}
			want := h.live(h.all(), key)
			same := slices.EqualFunc(fields, want, func(f store.Field, w modelOp) bool { return f.Op == w.id && f.Value == w.value })
			if !same {
				t.Fatalf("key %s: have %v, want %v", key, fields, want)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	c, err := s.Counts(ctx)
	if err != nil || c.Waiting != 0 || c.Changes != len(h.changes) {
		t.Fatalf("%+v of %d changes: %v", c, len(h.changes), err)
	}
}

func digests(t *rapid.T, s *store.Store, d store.DocID) string {
	ctx := context.Background()
	one, err := s.Digest(ctx, d)
	all, err2 := s.ProjectionDigest(ctx)
	if cmp.Or(err, err2) != nil {
		t.Fatal(err, err2)
	}
	return fmt.Sprintf("%x %x", one, all.Whole)
}

// TestAnyOrder: after any order of arrival, cuts and repetitions, two stores
// agree with the model, with each other, and with their own rebuild.
func TestAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		h := drawHistory(t)
		var sums []string
		for _, label := range []string{"first", "second"} {
			dir, err := os.MkdirTemp(quick(), "jishan")
			if err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(dir)
			s := open(t, dir, nil)
			defer s.Close()
			know(t, s, h.actors...)
			arrive(t, s, h, label)
			if len(h.changes) == 0 {
				return
			}
			agrees(t, s, h)
			sums = append(sums, digests(t, s, h.doc))
			if err := s.Rebuild(context.Background()); err != nil {
				t.Fatal(err)
			}
			sums = append(sums, digests(t, s, h.doc))
		}
		if len(slices.Compact(sums)) != 1 {
			t.Fatal("digests differ:", sums)
		}
	})
}

// TestAuthorsConverge: real stores author with Put, exchange what they have,
// and end up the same; every author's change passes the others' admission.
func TestAuthorsConverge(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := doc("scheme")
		var stores []*store.Store
		var incs []seal.Incarnation
		for i := range 3 {
			dir, err := os.MkdirTemp(quick(), "jishan")
			if err != nil {
				t.Fatal(err)
			}
			defer os.RemoveAll(dir)
			incs = append(incs, incarnation(t, i+1))
			s := open(t, dir, &incs[i])
			defer s.Close()
			stores = append(stores, s)
		}
		for _, s := range stores {
			know(t, s, incs...)
		}
		who := rapid.IntRange(0, 2)
		for range rapid.IntRange(3, 15).Draw(t, "steps") {
			a := who.Draw(t, "actor")
			if rapid.Bool().Draw(t, "exchange") {
				exchange(t, stores[who.Draw(t, "from")], stores[a], d)
				continue
			}
			putSome(t, stores[a], d)
		}
		for _, s := range stores[1:] {
			exchange(t, s, stores[0], d)
		}
		for _, s := range stores[1:] {
			exchange(t, stores[0], s, d)
		}
		for _, s := range stores[1:] {
			if digests(t, s, d) != digests(t, stores[0], d) {
				t.Fatal("stores differ")
			}
		}
	})
}

func putSome(t *rapid.T, s *store.Store, d store.DocID) {
	err := s.Update(context.Background(), testAuthor, func(tx *store.Tx) error {
		var puts []store.Put
		for _, k := range rapid.SliceOfNDistinct(rapid.SampledFrom(modelKeys), 1, 3, rapid.ID[string]).Draw(t, "keys") {
			puts = append(puts, store.Put{
				Key: k, Value: wire.IntValue(rapid.Int64Range(0, 3).Draw(t, "value")), Delete: rapid.IntRange(0, 4).Draw(t, "remove") == 0,
			})
		}
		_, err := tx.Put(d, "test", puts...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

var testAuthor = store.Author{Operator: "op", Context: func(*store.Tx) (seal.Context, error) {
	return seal.Context{Term: 1, Seq: 1, Head: [16]byte{9}}, nil
}}

// exchange moves what one store has and the other lacks.
func exchange(t tb, from, to *store.Store, d store.DocID) {
	t.Helper()
	ctx := context.Background()
	have, err := to.Vector(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	at := map[wire.Actor]uint64{}
	for _, tip := range have {
		at[tip.Actor] = tip.Seq
	}
	give, err := from.Vector(ctx, d)
	if err != nil {
		t.Fatal(err)
	}
	var items []seal.Sealed
	for _, tip := range give {
		list, err := from.After(ctx, d, tip.Actor, at[tip.Actor], 1000)
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range list {
			items = append(items, c.Sealed)
		}
	}
	res := batch(t, to, &rules{}, d, items...)
	if res.Admitted != len(items) {
		t.Fatalf("of %d changes: %+v", len(items), res)
	}
}

// quick is a folder in memory where there is one: the property tests open
// hundreds of databases, and no power fails in them.
func quick() string {
	if info, err := os.Stat("/dev/shm"); err == nil && info.IsDir() {
		return "/dev/shm"
	}
	return ""
}

// TestManyHeads: more devices worked apart than a change may name; what is
// then authored is still sound, and takes in the rest step by step.
func TestManyHeads(t *testing.T) {
	inc := incarnation(t, 1)
	s := open(t, t.TempDir(), &inc)
	defer s.Close()
	other := open(t, t.TempDir(), nil)
	defer other.Close()
	know(t, s, inc)
	know(t, other, inc)
	d := doc("scheme")
	var items []seal.Sealed
	for i := range wire.MaxDeps + 20 {
		who := incarnation(t, 2+i)
		know(t, s, who)
		know(t, other, who)
		c, _ := sealed(t, who, d, &wire.Change{Seq: 1, StartOp: 1, Ops: []wire.Op{put("k", int64(i))}})
		items = append(items, c)
	}
	batch(t, s, &rules{}, d, items...)
	batch(t, other, &rules{}, d, items...)
	for n := range 3 {
		err := s.Update(context.Background(), testAuthor, func(tx *store.Tx) error {
			_, err := tx.Put(d, "test", store.Put{Key: "k", Value: wire.IntValue(int64(1000 + n))})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	exchange(t, s, other, d)
	err := other.View(context.Background(), func(q store.Querier) error {
		f, err := store.Fields(q, d, "k")
		if len(f) != 1 || f[0].Value != wire.IntValue(1002) {
			t.Errorf("%d values", len(f))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}
