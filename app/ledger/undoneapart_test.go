package ledger

import (
	"testing"

	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// TestAwardUndoneInTwoHistories: both copies of a device take one award back, as both
// carry out the same request: it is taken back once.
func TestAwardUndoneInTwoHistories(t *testing.T) {
	v := newVillage(t)
	v.start()
	for key, n := range map[byte]int64{1: 10, 2: 7} {
		if err := v.a.award(key, person, n); err != nil {
			t.Fatal(err)
		}
	}
	var h wire.Hash
	v.a.view(func(q store.Querier) error {
		list, err := v.a.l.Lines(q, person, 0, 10)
		for _, x := range list {
			if x.Points == 10 {
				h = x.Ref.Hash
			}
		}
		return err
	})
	one := v.twinIn(v.a, v.a.copied())
	v.a.undoes(h)
	if err := one.award(40, id(44), 1); err != nil {
		t.Fatal(err)
	}
	one.undoes(h)
	for _, n := range []*node{v.office, v.b} {
		n.pullAll(v.a)
		n.pullAll(one)
		n.check()
		n.rebuilds()
		n.view(func(q store.Querier) error {
			b, err := n.l.Balance(q, person, year)
			if err != nil {
				return err
			}
			terms, err := n.l.Totals(q, Points)
			if b.Lifetime != 7 || b.Year != 7 || terms.Loss != 0 || terms.Burned != 10 {
				t.Errorf("%s: %+v, %+v", n.name, b, terms)
			}
			return err
		})
	}
	v.equalForks(v.office, v.b)
}

// TestOpeningUndoneInAFork: statistics that were brought along and taken back stay taken
// back, once, whether that was before the copy, in one history or in both, and whichever
// came first.
func TestOpeningUndoneInAFork(t *testing.T) {
	for _, when := range []string{"before", "in one", "in both"} {
		t.Run(when, func(t *testing.T) {
			v := newVillage(t)
			v.start()
			o := Opening{Person: person, Lifetime: 132, Year: 40, Period: year, Turn: activity, Key: id(9), Item: "opening", Version: 1}
			var ref store.Ref
			v.a.update(func(tx *store.Tx) (err error) { ref, err = v.a.l.Open(tx, o); return err })
			undo := func(n *node) {
				n.update(func(tx *store.Tx) error { _, err := n.l.Undo(tx, ref.Hash); return err })
			}
			if when == "before" {
				undo(v.a)
			}
			one := v.twinIn(v.a, v.a.copied())
			if when != "before" {
				undo(one)
			}
			for k := range byte(2) {
				if err := v.a.award(60+k, id(77), 1); err != nil {
					t.Fatal(err)
				}
			}
			if when == "in both" {
				undo(v.a)
			}
			if err := one.award(70, id(77), 1); err != nil {
				t.Fatal(err)
			}
			for _, way := range [][]*node{{v.office, one, v.a}, {v.b, v.a, one}} {
				n := way[0]
				n.pullAll(way[1])
				n.pullAll(way[2])
				n.check()
				n.view(func(q store.Querier) error {
					b, err := n.l.Balance(q, person, year)
					var undone bool
					if err == nil {
						err = q.QueryRow("SELECT "+Undone("?"), ref.Hash[:]).Scan(&undone)
					}
					if b.Lifetime != 0 || b.Year != 0 || !undone {
						t.Errorf("%s: lifetime %d, year %d, undone %v", n.name, b.Lifetime, b.Year, undone)
					}
					return err
				})
			}
			v.equalForks(v.office, v.b)
		})
	}
}
