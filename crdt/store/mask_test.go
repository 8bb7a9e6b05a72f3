package store_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// court is governance as these tests need it: "out <actor> <doc>|<seq>|<hash>..." ends an
// author's authority, "in <actor>" gives it back.
type court struct{}

const orders = "gov/1"

func (court) Name() string             { return "court" }
func (court) Version() int             { return 1 }
func (court) Wants(d store.DocID) bool { return d == doc(orders) }
func (court) Schema() string {
	return `CREATE TABLE court_order (seq INTEGER PRIMARY KEY, value TEXT NOT NULL) STRICT;`
}

func (court) Apply(tx *store.Tx, ev store.Event) error {
	tx.Remask()
	_, err := tx.Exec("INSERT INTO court_order(seq, value) VALUES (?, ?)", int64(ev.Change.Seq), ev.Change.Ops[0].Value.Raw)
	return err
}

func (court) Withdrawn(tx *store.Tx, a wire.Actor) (w store.Withdrawal, out bool, err error) {
	rows, err := tx.Query("SELECT seq, value FROM court_order ORDER BY seq")
	if err != nil {
		return w, false, err
	}
	defer rows.Close()
	for rows.Next() {
		var seq uint64
		var value string
		if err := rows.Scan(&seq, &value); err != nil {
			return w, false, err
		}
		words := strings.Fields(value)
		if len(words) < 2 || words[1] != a.String() {
			continue
		}
		w, out = store.Withdrawal{Term: 1, Head: seq}, words[0] == "out"
		for _, m := range words[2:] {
			p := strings.Split(m, "|")
			n, _ := strconv.ParseUint(p[1], 10, 64)
			h, _ := hex.DecodeString(p[2])
			w.Marks = append(w.Marks, store.Mark{Doc: store.DocID(p[0]), Seq: n, Hash: [16]byte(h)})
		}
	}
	return w, out, rows.Err()
}

// judged is who writes under the newest order that is here.
var judged = store.Author{Operator: "op", Context: func(tx *store.Tx) (c seal.Context, err error) {
	c.Term = 1
	err = tx.QueryRow("SELECT coalesce(max(seq), 0) FROM court_order").Scan(&c.Seq)
	return c, err
}}

type party struct {
	*store.Store
	inc seal.Incarnation
}

func newParty(t testing.TB, n int) party {
	d := newDevice(t, n)
	d.extra = []store.Projector{court{}, told{}}
	return party{d.mustOpen(t), d.inc}
}

// told is a projection that only ever adds: what it was told it does not forget.
type told struct{}

func (told) Name() string             { return "told" }
func (told) Version() int             { return 1 }
func (told) Wants(d store.DocID) bool { return strings.Contains(string(d), "/people/") }
func (told) Schema() string {
	return `CREATE TABLE told_change (hash BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;`
}

func (told) Apply(tx *store.Tx, ev store.Event) error {
	_, err := tx.Exec("INSERT INTO told_change(hash) VALUES (?)", ev.Hash[:])
	return err
}

func (p party) writes(t testing.TB, d store.DocID, puts ...store.Put) {
	t.Helper()
	if err := p.Update(t.Context(), judged, func(tx *store.Tx) error { _, err := tx.Put(d, "test", puts...); return err }); err != nil {
		t.Fatal(err)
	}
}

func (p party) orders(t testing.TB, what string, of party) {
	t.Helper()
	err := p.Update(t.Context(), judged, func(tx *store.Tx) error {
		text := what + " " + of.inc.Actor().String()
		ends, err := store.Ends(tx, of.inc.Actor())
		for _, m := range ends {
			text += fmt.Sprintf(" %s|%d|%x", m.Doc, m.Seq, m.Hash)
		}
		if err == nil {
			_, err = tx.Append(doc(orders), "test", []byte(text))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// sent is a change on its way.
type sent struct {
	doc store.DocID
	ch  *wire.Change
	h   wire.Hash
	s   seal.Sealed
}

// all reads everything that a store holds, orders first.
func (p party) all(t testing.TB) (list []sent) {
	t.Helper()
	err := p.View(t.Context(), func(q store.Querier) error {
		docs, err := store.Docs(q)
		slices.SortStableFunc(docs, func(a, b store.DocInfo) int { return int(a.Shape) - int(b.Shape) })
		for _, d := range docs {
			err = errors.Join(err, store.Each(q, d.ID, func(_ wire.Actor, c store.Stored) error {
				ch, h, err := wire.Decode(c.Chunk)
				list = append(list, sent{d.ID, ch, h, c.Sealed})
				return err
			}))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// takes takes what is new of a list, batch changes in a transaction.
func (p party) takes(t testing.TB, list []sent, batch int) {
	t.Helper()
	for part := range slices.Chunk(list, batch) {
		err := p.Update(t.Context(), judged, func(tx *store.Tx) error {
			for _, x := range part {
				if held, err := tx.Holds(x.doc, x.h); held || err != nil {
					if err != nil {
						return err
					}
					continue
				}
				if err := tx.Admit(x.doc, x.ch, x.h, x.s, false); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

func (p party) shows(t testing.TB, d store.DocID, key string) (out string) {
	t.Helper()
	err := p.View(t.Context(), func(q store.Querier) error {
		list, err := store.Fields(q, d, key)
		for _, f := range list {
			out += f.Value.Raw + ";"
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

var village = doc("people/00")

func put(key, value string) store.Put { return store.Put{Key: key, Value: str(value)} }

// TestMaskedWork: what a withdrawn author wrote unseen shows nothing, neither a value nor
// a removal; what was there before it shows again; who writes over it is shown alone,
// also where he never knew what it had hidden.
func TestMaskedWork(t *testing.T) {
	office, thief, friend := newParty(t, 1), newParty(t, 2), newParty(t, 3)
	office.orders(t, "in", office)
	office.writes(t, village, put("a", "old"), put("b", "old"), put("c", "old"))
	thief.takes(t, office.all(t), 99)
	thief.writes(t, village, put("d", "seen"))
	office.takes(t, thief.all(t), 99)
	thief.writes(t, village, put("a", "late"), put("c", "late"), put("e", "late"), store.Put{Key: "b", Delete: true})
	office.orders(t, "out", thief)
	friend.takes(t, thief.all(t), 99) // before it hears
	want := func(p party, who string, values ...string) {
		t.Helper()
		for i, key := range []string{"a", "b", "c", "d", "e"} {
			if got := p.shows(t, village, key); got != values[i] {
				t.Errorf("%s shows %q at %s, not %q", who, got, key, values[i])
			}
		}
	}
	want(friend, "the friend", "late;", "", "late;", "seen;", "late;")
	friend.takes(t, office.all(t), 1) // the order behind the work
	office.takes(t, thief.all(t), 1)  // the work behind the order
	want(friend, "the friend", "old;", "old;", "old;", "seen;", "")
	want(office, "the office", "old;", "old;", "old;", "seen;", "")

	office.writes(t, village, put("a", "new"), store.Put{Key: "b", Delete: true})
	friend.takes(t, office.all(t), 99)
	want(office, "the office", "new;", "", "old;", "seen;", "")
	want(friend, "the friend", "new;", "", "old;", "seen;", "")
	plain := newParty(t, 4)
	office.takes(t, []sent{plain.over(t, office, "c", "hand")}, 1)
	friend.takes(t, office.all(t), 99)
	want(office, "the office", "new;", "", "hand;", "seen;", "")
	want(friend, "the friend", "new;", "", "hand;", "seen;", "")
	alike(t, office, friend)

	office.orders(t, "in", thief) // let in again: everything counts
	friend.takes(t, office.all(t), 99)
	want(office, "the office", "new;", "", "hand;", "seen;", "late;")
	want(friend, "the friend", "new;", "", "hand;", "seen;", "late;")
	alike(t, office, friend)
}

// over is a change of a program that knows nothing of masks: it replaces what Automerge
// shows, and not what lies below.
func (p party) over(t *testing.T, of party, key, value string) sent {
	t.Helper()
	x := sent{doc: village, ch: &wire.Change{Actor: p.inc.Actor(), Seq: 1, Time: 1, Message: "1 1.9.CQAAAAAAAAAAAAAAAAAAAA op test"}}
	op := wire.Op{Key: key, Value: str(value)}
	err := of.View(t.Context(), func(q store.Querier) error {
		list, err := store.PlainRegisters(q, village)
		for _, r := range list {
			if r.Key == key {
				op.Pred = []wire.OpID{r.Fields[0].Op}
			}
		}
		return err
	})
	heads := map[wire.Hash]bool{}
	for _, o := range of.all(t) {
		if o.doc == village {
			heads[o.h] = true
			x.ch.StartOp = max(x.ch.StartOp, o.ch.StartOp+uint64(len(o.ch.Ops)))
			for _, d := range o.ch.Deps {
				delete(heads, d)
			}
		}
	}
	x.ch.Deps = slices.SortedFunc(maps.Keys(heads), wire.Hash.Compare)
	x.ch.Ops = []wire.Op{op}
	chunk, h, e := x.ch.Encode()
	if err = errors.Join(err, e); err != nil {
		t.Fatal(err)
	}
	sig := p.inc.Seal(string(village), 1, h)
	x.h, x.s = h, seal.Sealed{Chunk: chunk, Seal: &sig}
	return x
}

// alike compares everything derived, on both sides and after a rebuild.
func alike(t *testing.T, list ...party) {
	t.Helper()
	want, err := list[0].ProjectionDigest(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for i, p := range list {
		for _, step := range []string{"as it came", "after a rebuild"} {
			have, err := p.ProjectionDigest(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for name, sum := range want.Tables {
				if have.Tables[name] != sum {
					t.Errorf("store %d, %s: other rows of %s", i, step, name)
				}
			}
			if err := p.Rebuild(t.Context()); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// TestMasksFollowFromTheChanges plays random histories in which two of five authors are
// withdrawn while others go on, and gives all of it to stores in orders of their own, in
// transactions of any size. All show the same, and it is what the definition says, which
// is computed here from the changes alone.
func TestMasksFollowFromTheChanges(t *testing.T) {
	masked, vouched := 0, 0
	for seed := range uint64(10) {
		r := rand.New(rand.NewPCG(seed, 7))
		list := make([]party, 5)
		for i := range list {
			list[i] = newParty(t, i+1)
		}
		list[0].orders(t, "in", list[0])
		for _, p := range list[1:] {
			p.takes(t, list[0].all(t), 99)
		}
		out := map[int]bool{}
		for step := range 45 {
			i, k := r.IntN(5), r.IntN(5)
			switch n := r.IntN(10); {
			case n < 6:
				key := string(rune('a' + r.IntN(4)))
				if r.IntN(5) == 0 {
					list[i].writes(t, village, store.Put{Key: key, Delete: true})
				} else {
					list[i].writes(t, village, put(key, fmt.Sprint(seed, step, i)))
				}
			case n == 9 && k > 2 && !out[k] && step > 15:
				out[k] = true
				list[0].orders(t, "out", list[k])
			case i != k && !out[i] && !out[k] || r.IntN(4) == 0: // some have not heard and let it in
				list[i].takes(t, list[k].all(t), 1+r.IntN(9))
			}
		}
		everything := newParty(t, 20)
		for _, p := range list {
			everything.takes(t, p.all(t), 7)
		}
		all := everything.all(t)
		want := byDefinition(t, everything, all)
		held := []party{everything}
		for i := range 3 {
			p := newParty(t, 21+i)
			p.takes(t, anyOrder(r, all), 1+r.IntN(5))
			held = append(held, p)
		}
		alike(t, held...)
		for _, x := range all {
			var is bool
			err := everything.View(t.Context(), func(q store.Querier) (err error) { is, err = store.IsMasked(q, x.h); return err })
			if err != nil || is != want[x.h] {
				t.Errorf("seed %d: %s %d is masked: %v, by the definition: %v, %v", seed, x.ch.Actor, x.ch.Seq, is, want[x.h], err)
			}
			if is {
				masked++
			}
		}
		vouched += len(all)
		if t.Failed() {
			return
		}
	}
	if masked < 10 || masked > vouched/2 {
		t.Errorf("%d of %d changes were masked: that tests nothing", masked, vouched)
	}
}

// TestWitnessOfAWitness: one author is withdrawn, then another who had built on the first
// before either was; a third, who had heard of the first withdrawal only, built on that. It
// vouches for the second alone, who then vouches for the first: however it comes.
func TestWitnessOfAWitness(t *testing.T) {
	office, first, second, third := newParty(t, 1), newParty(t, 2), newParty(t, 3), newParty(t, 4)
	office.orders(t, "in", office)
	for _, p := range []party{first, second, third} {
		p.takes(t, office.all(t), 99)
	}
	first.writes(t, village, put("a", "first"))
	second.takes(t, first.all(t), 99)
	second.writes(t, village, put("b", "second"))
	first.writes(t, village, put("d", "nobody built on this in time"))
	office.orders(t, "out", first)
	third.takes(t, office.all(t), 99)
	third.takes(t, second.all(t), 99)
	third.takes(t, first.all(t), 99)
	third.writes(t, village, put("c", "third"))
	office.orders(t, "out", second)
	office.takes(t, second.all(t), 1)
	if got := office.shows(t, village, "a") + office.shows(t, village, "b"); got != "" {
		t.Errorf("without a witness the office shows %q", got)
	}
	late := newParty(t, 5) // hears of both before it gets anything
	late.takes(t, office.all(t), 99)
	third.takes(t, office.all(t), 1)
	for _, p := range []party{office, late} {
		p.takes(t, third.all(t), 1)
	}
	for i, p := range []party{office, third, late} {
		for key, want := range map[string]string{"a": "first;", "b": "second;", "c": "third;", "d": ""} {
			if got := p.shows(t, village, key); got != want {
				t.Errorf("store %d shows %q at %s, not %q", i, got, key, want)
			}
		}
	}
	alike(t, office, third, late)
}

// anyOrder is an order in which a store can take changes.
func anyOrder(r *rand.Rand, all []sent) (out []sent) {
	left, have := slices.Clone(all), map[wire.Hash]bool{}
	for len(left) > 0 {
		i := r.IntN(len(left))
		x := left[i]
		ready := !slices.ContainsFunc(x.ch.Deps, func(h wire.Hash) bool { return !have[h] }) &&
			!slices.ContainsFunc(left, func(o sent) bool { return o.doc == x.doc && o.ch.Actor == x.ch.Actor && o.ch.Seq < x.ch.Seq })
		if ready {
			have[x.h] = true
			out, left = append(out, x), slices.Delete(left, i, i+1)
		}
	}
	return out
}

// byDefinition are the masked changes, as mask.go defines them, without its means.
func byDefinition(t *testing.T, p party, all []sent) map[wire.Hash]bool {
	t.Helper()
	by := map[wire.Actor]store.Withdrawal{}
	err := p.Update(t.Context(), judged, func(tx *store.Tx) error {
		for _, x := range all {
			w, ok, err := court{}.Withdrawn(tx, x.ch.Actor)
			if err != nil {
				return err
			}
			if ok {
				by[x.ch.Actor] = w
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	at := map[wire.Hash]sent{}
	for _, x := range all {
		at[x.h] = x
	}
	var over func(x sent, h wire.Hash) bool // x builds on h
	over = func(x sent, h wire.Hash) bool {
		return slices.ContainsFunc(x.ch.Deps, func(d wire.Hash) bool { return d == h || over(at[d], h) })
	}
	memo := map[wire.Hash]bool{}
	var stands func(x sent) bool
	stands = func(x sent) bool {
		if is, ok := memo[x.h]; ok {
			return is
		}
		w, out := by[x.ch.Actor]
		is := !out || x.doc != village || slices.ContainsFunc(w.Marks, func(m store.Mark) bool { return m.Hash == [16]byte(x.h[:16]) })
		for _, y := range all {
			if is {
				break
			}
			c, err := seal.ParseContext(y.ch.Message)
			if err != nil {
				t.Fatal(err)
			}
			is = y.doc == village && c.Seq < w.Head && over(y, x.h) && stands(y)
		}
		memo[x.h] = is
		return is
	}
	out := map[wire.Hash]bool{}
	for _, x := range all {
		out[x.h] = !stands(x)
	}
	return out
}
