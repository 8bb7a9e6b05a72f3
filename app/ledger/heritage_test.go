package ledger

import (
	"testing"

	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// TestHeirOfAForkUndoes: of two redemptions of a station that was copied, the
// copy took one back, and wrote the other one beside. Whichever history came
// first at a device, the heir of both may take back the second and not the
// first, and all who judge it agree.
func TestHeirOfAForkUndoes(t *testing.T) {
	for _, copyFirst := range []bool{false, true} {
		v := newVillage(t)
		v.start()
		if err := v.a.award(1, person, 20); err != nil {
			t.Fatal(err)
		}
		redeem := func(n *node, points int64, key byte) (h wire.Hash) {
			n.update(func(tx *store.Tx) error {
				ref, err := n.l.Redeem(tx, Redemption{Person: person, Points: points, Receipt: id(key)})
				h = ref.Hash
				return err
			})
			return h
		}
		common := redeem(v.a, 4, 9)
		copied := v.twinIn(v.a, v.a.copied())
		copied.update(func(tx *store.Tx) error { _, err := copied.l.Undo(tx, common); return err })
		beside := redeem(copied, 3, 10)
		if err := v.a.award(2, person, 5); err != nil {
			t.Fatal(err)
		}
		one, other := v.a, copied
		if copyFirst {
			one, other = other, one
		}
		v.b.pullAll(one) // the heir knows one history first, the office the other one
		v.b.pullAll(other)
		v.office.pullAll(other)
		v.office.pullAll(one)
		v.closeAll(v.a.actor(), v.b)
		v.b.pullAll(v.office)
		v.b.update(func(tx *store.Tx) error { _, err := v.b.l.TakeAll(tx); return err })
		undo := func(h wire.Hash) error {
			return v.b.try(func(tx *store.Tx) error { _, err := v.b.l.Undo(tx, h); return err })
		}
		if err := undo(common); code(err) != "ledger.undo.done" {
			t.Errorf("copy first %v: what the copy took back: %v", copyFirst, err)
		}
		if err := undo(beside); err != nil {
			t.Errorf("copy first %v: what the copy handed over: %v", copyFirst, err)
		}
		if err := undo(beside); code(err) != "ledger.undo.done" {
			t.Errorf("copy first %v: a second time: %v", copyFirst, err)
		}
		v.office.pullAll(v.b)
		v.office.view(func(q store.Querier) error {
			ended, err := store.EndedDocs(q)
			if len(ended) > 0 {
				t.Errorf("copy first %v: the office ended %v", copyFirst, ended)
			}
			return err
		})
		v.equalForks(v.office, v.b)
	}
}

// TestHeirOfABranch: what lies in a branch beyond the cut is nobody's to take
// back, though its number is within it.
func TestHeirOfABranch(t *testing.T) {
	v := newVillage(t)
	v.start()
	if err := v.a.award(1, person, 20); err != nil {
		t.Fatal(err)
	}
	copied := v.twinIn(v.a, v.a.copied())
	var beyond wire.Hash
	v.a.update(func(tx *store.Tx) error {
		ref, err := v.a.l.Redeem(tx, Redemption{Person: person, Points: 4, Receipt: id(9)})
		beyond = ref.Hash
		return err
	})
	for key := range byte(3) {
		if err := copied.award(10+key, person, 1); err != nil {
			t.Fatal(err)
		}
	}
	v.b.pullAll(v.a)
	v.b.pullAll(copied)
	v.office.pullAll(copied)
	v.closeAll(v.a.actor(), v.b) // the office knows only what the copy wrote
	v.b.pullAll(v.office)
	v.b.update(func(tx *store.Tx) error { _, err := v.b.l.TakeAll(tx); return err })
	err := v.b.try(func(tx *store.Tx) error { _, err := v.b.l.Undo(tx, beyond); return err })
	if err == nil {
		t.Error("a redemption beyond the cut was taken back")
	}
	v.office.pullAll(v.b)
	v.equalForks(v.office, v.b)
}
