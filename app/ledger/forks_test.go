package ledger

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// twin is a clone of a device: the same incarnation over a store of its own.
func (v *village) twin(of *node) *node {
	v.t.Helper()
	return v.twinIn(of, v.t.TempDir())
}

// twinIn is a twin over the store that lies in a folder.
func (v *village) twinIn(of *node, dir string) *node {
	v.t.Helper()
	n := &node{v: v, name: of.name + "'", role: of.role, inc: of.inc, now: of.now + 500}
	n.l = New(n.inc.Actor(), communityText, n)
	var err error
	n.st, err = store.Open(context.Background(), store.Config{
		Path: filepath.Join(dir, "jishan.db"), Clock: func() int64 { n.now += 1000; return n.now }, Rand: bytes.NewReader(make([]byte, 64)),
		Incarnation: &n.inc, Lock: &seal.LockFile{Path: filepath.Join(dir, "lock")}, Projectors: []store.Projector{n.l}, Shape: n.Shape,
	})
	if err != nil {
		v.t.Fatal(err)
	}
	v.t.Cleanup(func() { _ = n.st.Close() })
	n.update(func(tx *store.Tx) error {
		for _, o := range v.devs {
			c := o.inc.Certificate
			if _, err := tx.SetAdd(store.SetIncarnation, store.Item{ID: c.ID(), Blob: c.Encode()}); err != nil {
				return err
			}
		}
		return nil
	})
	n.l.UseHome(func(store.Querier) (wire.Actor, bool, error) { return v.office.inc.Actor(), true, nil })
	return n
}

// pullAll brings every history of every feed that n may read from o.
func (n *node) pullAll(o *node) {
	n.v.t.Helper()
	n.known = max(n.known, o.known)
	ctx := context.Background()
	for again := true; again; {
		again = false
		docs, err := o.st.Docs(ctx)
		if err != nil {
			n.v.t.Fatal(err)
		}
		for _, d := range docs {
			p, ok := n.l.parseDoc(d.ID)
			if !ok || n.role == Merchant && p.actor != n.actor() {
				continue
			}
			var items []seal.Sealed
			o.view(func(q store.Querier) error {
				list, err := store.Histories(q, d.ID, p.actor, 1)
				for _, c := range list {
					items = append(items, c.Sealed)
				}
				return err
			})
			for part := range slices.Chunk(items, admit.MaxBatch) {
				res, err := admit.Batch(ctx, n.st, n, "peer", d.ID, part)
				if err != nil {
					n.v.t.Fatal(err)
				}
				for _, x := range res.Verdicts {
					if x.Status == admit.Refused {
						n.v.t.Fatalf("%s refuses of %s: %s %s", n.name, o.name, d.ID, x.Reason)
					}
				}
				again = again || res.Admitted+res.Released > 0 || res.Forked > 0
			}
		}
		if _, err := admit.Retry(ctx, n.st, n); err != nil {
			n.v.t.Fatal(err)
		}
	}
}

// equalForks compares what devices that read everything say: documents, and rows but for
// what tells which history of a feed came first.
func (v *village) equalForks(list ...*node) {
	v.t.Helper()
	var first map[store.DocID][32]byte
	var rows map[string][32]byte
	for _, n := range list {
		n.check()
		here, err := n.st.ProjectionDigest(context.Background())
		if err != nil {
			v.t.Fatal(err)
		}
		if rows == nil {
			rows = here.Tables
		}
		for name, sum := range rows {
			if strings.HasPrefix(name, "ledger_") && here.Tables[name] != sum {
				v.t.Errorf("%s and %s have other rows in %s", list[0].name, n.name, name)
			}
		}
		n.rebuilds()
		docs, err := n.st.Docs(context.Background())
		if err != nil {
			v.t.Fatal(err)
		}
		sums := map[store.DocID][32]byte{}
		for _, d := range docs {
			sums[d.ID] = d.Digest
		}
		if first == nil {
			first = sums
		}
		for id, sum := range first {
			if sums[id] != sum {
				v.t.Errorf("%s: %s differs", n.name, id)
			}
		}
	}
}

// TestForkCountsAsUnion: a station and its clone go on apart, take and spend
// the same, and award the same deed. All who meet them hold both histories and
// count each piece of evidence once; the excess is loss. The registrar closes
// the feed at both ends and its heir takes the rest.
func TestForkCountsAsUnion(t *testing.T) {
	v := newVillage(t)
	v.start()
	clone := v.twin(v.a)
	clone.pullAll(v.office)
	clone.update(func(tx *store.Tx) error { _, err := clone.l.TakeAll(tx); return err })
	for i, n := range []*node{v.a, clone} {
		for _, err := range []error{n.award(1, person, 10), n.award(byte(2+i), person, 5)} {
			if err != nil {
				t.Fatal(err)
			}
		}
		n.update(func(tx *store.Tx) error {
			_, err := n.l.Redeem(tx, Redemption{Person: person, Points: 13, Receipt: id(byte(9 + i))})
			return err
		})
	}
	v.office.pullAll(v.a)
	v.b.pullAll(clone)
	for range 2 {
		v.office.pullAll(v.b)
		v.b.pullAll(v.office)
	}
	v.equalForks(v.office, v.b)
	for _, n := range []*node{v.office, v.b} {
		n.view(func(q store.Querier) error {
			terms, err := n.l.Totals(q, Points)
			if want := (Terms{Minted: 20, Consumed: 26, Loss: 6}); terms != want || err != nil {
				t.Errorf("%s: %+v %v", n.name, terms, err)
			}
			issue, err := n.l.Account(q, Quota{Issue, activity, year})
			if want := (Terms{Minted: 1000, Held: 500, Stranded: 470, Consumed: 30}); issue != want || err != nil {
				t.Errorf("%s: %+v %v", n.name, issue, err)
			}
			return nil
		})
		err := n.try(func(tx *store.Tx) error {
			_, err := n.l.Move(tx, Quota{Issue, activity, year}, 1, v.a.actor())
			return err
		})
		if c := code(err); n == v.office && c != "ledger.payee.closed" {
			t.Errorf("%s pays a forked feed: %v", n.name, err)
		}
	}
	if err := func() error { v.a.pullAll(v.b); return v.a.award(30, person, 1) }(); !errors.Is(err, store.ErrForked) {
		t.Errorf("the author goes on: %v", err)
	}
	var tips []Tip
	v.office.view(func(q store.Querier) (err error) { tips, err = v.office.l.Tips(q, v.a.actor()); return err })
	if len(tips) != 2 {
		t.Fatalf("ends: %v", tips)
	}
	v.gov.list = append(v.gov.list, order{closed: v.a.actor(), cut: Cut{Tips: tips}})
	v.office.known = len(v.gov.list)
	rights := map[[32]byte]int64{}
	v.office.update(func(tx *store.Tx) error {
		list, err := v.office.l.Estate(tx, v.a.actor())
		for _, x := range list {
			rights[x.Quota.Sum(home0)] = x.N
		}
		return err
	})
	v.gov.list = append(v.gov.list, order{closed: v.a.actor(), heir: &Heir{To: v.b.actor(), Rights: rights}})
	v.office.known = len(v.gov.list)
	v.b.pullAll(v.office)
	v.b.update(func(tx *store.Tx) error {
		n, err := v.b.l.TakeAll(tx)
		if n != 2 { // the turn and the issue budget
			t.Errorf("took %d", n)
		}
		return err
	})
	v.office.pullAll(v.b)
	v.equalForks(v.office, v.b)
	v.b.view(func(q store.Querier) error {
		issue, err := v.b.l.Account(q, Quota{Issue, activity, year})
		if want := (Terms{Minted: 1000, Held: 970, Consumed: 30}); issue != want {
			t.Errorf("%+v", issue)
		}
		return err
	})
}

// TestLinesOfABranch: what a clone wrote beside the first history stands in the
// person's history, marked, in full and once, also where it was undone there;
// the lines add up to what the person has.
func TestLinesOfABranch(t *testing.T) {
	v := newVillage(t)
	v.start()
	clone := v.twin(v.a)
	clone.pullAll(v.office)
	clone.update(func(tx *store.Tx) error { _, err := clone.l.TakeAll(tx); return err })
	for i, n := range []*node{v.a, clone} {
		for _, err := range []error{n.award(1, person, 10), n.award(byte(2+i), person, 5)} {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	clone.update(func(tx *store.Tx) error {
		ref, err := clone.l.Redeem(tx, Redemption{Person: person, Points: 4, Receipt: id(9)})
		if err == nil {
			_, err = clone.l.Undo(tx, ref.Hash)
		}
		return err
	})
	v.office.pullAll(v.a)
	v.b.pullAll(v.a)
	v.office.pullAll(clone)
	v.b.pullAll(clone)
	for _, n := range []*node{v.office, v.b} {
		n.check()
		n.rebuilds()
		n.view(func(q store.Querier) error {
			list, err := n.l.Lines(q, person, 0, 50)
			count, err2 := n.l.LineCount(q, person)
			b, err3 := n.l.Balance(q, person, year)
			terms, err4 := n.l.Totals(q, Points)
			if err := errors.Join(err, err2, err3, err4); err != nil {
				return err
			}
			var sum, life int64
			kinds := map[string]int{}
			for _, x := range list {
				sum, life = sum+x.Points, life+x.Lifetime
				kinds[fmt.Sprint(x.Kind, " ", x.Points, " branch ", x.Branch, " undone ", x.Undone)]++
				if x.Branch && (x.Operator != "op-a'" || x.Own || x.Feed != v.a.actor() || x.Device != v.a.inc.Device) {
					t.Errorf("%s: %+v", n.name, x)
				}
			}
			if count != len(list) || sum != 20 || terms.Stranded != sum || b.Lifetime != life {
				t.Errorf("%s: %d of %d lines, %d points, %d in all; %+v", n.name, len(list), count, sum, life, b)
			}
			redeem, undo := fmt.Sprint(LineRedeem, " -4 branch true undone true"), fmt.Sprint(LineUndo, " 4 branch true undone false")
			five, beside := fmt.Sprint(LineAward, " 5 branch false undone false"), fmt.Sprint(LineAward, " 5 branch true undone false")
			if len(list) != 5 || kinds[redeem] != 1 || kinds[undo] != 1 || kinds[five] != 1 || kinds[beside] != 1 {
				t.Errorf("%s: %v", n.name, kinds)
			}
			return nil
		})
	}
}

// TestForksEqualSum plays random days with a clone and compares rows with Sum,
// and devices with each other, before and after CLOSE and SUCCEED.
func TestForksEqualSum(t *testing.T) {
	for seed := range uint64(3) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			v := newVillage(t)
			v.start()
			clone := v.twin(v.a)
			clone.pullAll(v.office)
			clone.update(func(tx *store.Tx) error { _, err := clone.l.TakeAll(tx); return err })
			r := rand.New(rand.NewPCG(seed, 11))
			all := []*node{v.office, v.a, v.b, v.till, clone}
			for range 90 {
				v.forkedAct(r, all)
			}
			for range 3 {
				for _, x := range all {
					for _, y := range all {
						if x != y {
							x.pullAll(y)
						}
					}
				}
			}
			v.equalForks(v.office, v.b, v.a, clone)
			v.till.check()
			v.closeTips(v.a.actor(), r)
			for range 2 {
				v.b.pullAll(v.office)
				v.b.update(func(tx *store.Tx) error { _, err := v.b.l.TakeAll(tx); return err })
				v.office.pullAll(v.b)
			}
			v.equalForks(v.office, v.b)
			v.office.view(func(q store.Querier) error {
				terms, err := v.office.l.Totals(q, Points)
				t.Logf("%+v", terms)
				return err
			})
		})
	}
}

// closeTips closes a forked feed at some of its ends, or before them, and lets
// station b succeed it.
func (v *village) closeTips(a wire.Actor, r *rand.Rand) {
	v.t.Helper()
	var tips []Tip
	v.office.view(func(q store.Querier) (err error) { tips, err = v.office.l.Tips(q, a); return err })
	if len(tips) > 1 && r.IntN(3) == 0 {
		tips = tips[:len(tips)-1]
	}
	v.closeAt(a, tips, v.b)
}

// closeAll closes a feed at all ends that the office knows, and names its heir.
func (v *village) closeAll(a wire.Actor, to *node) {
	v.t.Helper()
	var tips []Tip
	v.office.view(func(q store.Querier) (err error) { tips, err = v.office.l.Tips(q, a); return err })
	v.closeAt(a, tips, to)
}

func (v *village) closeAt(a wire.Actor, tips []Tip, to *node) {
	v.t.Helper()
	v.gov.list = append(v.gov.list, order{closed: a, cut: Cut{Tips: tips}})
	v.office.known = len(v.gov.list)
	rights := map[[32]byte]int64{}
	v.office.update(func(tx *store.Tx) error {
		list, err := v.office.l.Estate(tx, a)
		for _, x := range list {
			rights[x.Quota.Sum(home0)] = x.N
		}
		return err
	})
	v.gov.list = append(v.gov.list, order{closed: a, heir: &Heir{To: to.actor(), Rights: rights}})
	v.office.known = len(v.gov.list)
}

func (v *village) forkedAct(r *rand.Rand, all []*node) {
	v.t.Helper()
	n, o := all[r.IntN(len(all))], all[r.IntN(len(all))]
	who, points := id(byte(50+r.IntN(2))), int64(1+r.IntN(6))
	if r.IntN(12) == 0 && n.actor() != o.actor() {
		n.pullAll(o)
		return
	}
	err := n.try(func(tx *store.Tx) error {
		switch r.IntN(8) {
		case 6:
			d := Deduction{Person: who, Points: points, Period: year}
			if r.IntN(2) == 0 {
				d.Deed = Deed{activity, id(byte(r.IntN(12)))}
			}
			_, err := n.l.Deduct(tx, d)
			return err
		case 7:
			_, err := n.l.Collect(tx)
			return err
		case 0, 1:
			_, err := n.l.Award(tx, Award{Person: who, Points: 3, Period: year, Turn: activity, Key: id(byte(r.IntN(12))), Item: "A", Version: 1})
			return err
		case 2:
			_, err := n.l.Redeem(tx, Redemption{Person: who, Points: points, Receipt: id(9)})
			return err
		case 3:
			_, err := n.l.TakeAll(tx)
			return err
		case 4:
			if n.actor() == o.actor() {
				return nil
			}
			return n.l.Forward(tx, who, o.actor())
		}
		var last wire.Hash
		tip, err := n.l.Tip(tx, n.actor())
		if err != nil || tip.Number == 0 {
			return err
		}
		_, last, err = n.l.at(tx, n.actor(), 1+uint64(r.IntN(int(tip.Number))))
		if err != nil {
			return err
		}
		_, err = n.l.Correct(tx, last, "")
		return err
	})
	if !errors.Is(err, store.ErrForked) && !errors.Is(err, store.ErrNewIncarnation) {
		v.allowed(err)
	}
}
