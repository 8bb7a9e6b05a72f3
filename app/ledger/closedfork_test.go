package ledger

import (
	"errors"
	"strings"
	"testing"

	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// redeems redeems points of the person, and returns where.
func (n *node) redeems(points int64, key byte) (h wire.Hash) {
	n.v.t.Helper()
	n.update(func(tx *store.Tx) error {
		ref, err := n.l.Redeem(tx, Redemption{Person: person, Points: points, Receipt: id(key)})
		h = ref.Hash
		return err
	})
	return h
}

func (n *node) undoes(h wire.Hash) {
	n.v.t.Helper()
	n.update(func(tx *store.Tx) error { _, err := n.l.Undo(tx, h); return err })
}

// end is the last transaction of a device's own feed, as it has it.
func (n *node) end() (t Tip) {
	n.v.t.Helper()
	n.view(func(q store.Querier) (err error) { t, err = n.l.Tip(q, n.actor()); return err })
	return t
}

// TestRowsOfAClosedForkLater: a station was copied twice. One machine wrote much, one
// little, one took back what all knew and sent points on. The CLOSE names the longest
// history alone. What comes after it is booked by the hashes of what counts and not by
// numbers, in whichever order a device heard of the three, and in later transactions
// of the store, too: the heir takes back what only counts as taken back in a branch
// that does not, and points that were sent there are loss.
func TestRowsOfAClosedForkLater(t *testing.T) {
	for _, order := range [][]int{{0, 1, 2}, {2, 1, 0}, {1, 2, 0}} {
		v := newVillage(t)
		v.start()
		if err := v.a.award(1, person, 60); err != nil {
			t.Fatal(err)
		}
		common := v.a.redeems(31, 9)
		east := v.add("east", Staff)
		east.knows(v)
		one, two := v.twinIn(v.a, v.a.copied()), v.twinIn(v.a, v.a.copied())
		machines := []*node{v.a, one, two}
		one.undoes(common)
		one.update(func(tx *store.Tx) error { return one.l.Forward(tx, person, east.actor()) })
		two.redeems(1, 30)
		for i := range byte(6) {
			v.a.redeems(1, 20+i)
		}
		east.pullAll(one) // and takes what was sent, before anybody hears of a CLOSE
		east.update(func(tx *store.Tx) error { _, err := east.l.TakeAll(tx); return err })
		for _, n := range []*node{v.office, v.b} {
			for _, i := range order {
				n.pullAll(machines[i])
				n.check()
			}
		}
		v.closeAt(v.a.actor(), []Tip{v.a.end()}, v.b)
		for _, n := range []*node{v.b, v.office} {
			n.pullAll(v.office)
			n.check()
		}
		v.b.update(func(tx *store.Tx) error { _, err := v.b.l.TakeAll(tx); return err })
		v.b.undoes(common)
		v.b.check()
		v.office.pullAll(v.b)
		v.office.check()
		for _, n := range []*node{v.office, v.b} {
			n.pullAll(east) // its TAKE comes in a transaction of its own
			n.check()
			n.view(func(q store.Querier) error {
				terms, err := n.l.Account(q, Quota{Points, person, year})
				// Beyond the cut 1 was handed over, and 60 were sent.
				if want := (Terms{Minted: 60, Loss: 61, Held: 114, Consumed: 38, Restored: 31}); terms != want {
					t.Errorf("%v: %s: %+v", order, n.name, terms)
				}
				return err
			})
		}
		v.office.pullAll(v.b)
		v.b.pullAll(v.office)
		v.equalForks(v.office, v.b)
	}
}

// branch is a transaction of a device as a fork of the feed elsewhere.
func (n *node) branch(h wire.Hash) (p store.Placed) {
	n.v.t.Helper()
	n.view(func(q store.Querier) (err error) { p, _, err = store.Change(q, h); return err })
	return p
}

// TestTakenWithinACut: whether a closed feed took a MOVE is said of what the tips of the
// cut follow, and by nobody who lacks one of them: in whichever order two histories
// came, also in the transaction that brings the second.
func TestTakenWithinACut(t *testing.T) {
	v := newVillage(t)
	v.start()
	v.office.update(func(tx *store.Tx) error {
		return errors.Join(v.office.l.EnsureTurn(tx, id(70)), v.office.l.EnsureTurn(tx, id(71)))
	})
	var sent [2]MoveID
	for i := range sent {
		v.office.update(func(tx *store.Tx) error {
			ref, err := v.office.l.SendTurn(tx, id(byte(70+i)), Amount{}, v.a.actor())
			sent[i] = MoveID{Hash: ref.Hash}
			return err
		})
	}
	copied := v.twinIn(v.a, v.a.copied())
	for i, n := range []*node{v.a, copied} {
		n.pullAll(v.office)
		n.update(func(tx *store.Tx) error {
			voucher, err := n.l.Voucher(tx, sent[i].Hash)
			if err == nil {
				_, err = n.l.Take(tx, voucher)
			}
			return err
		})
	}
	if err := v.a.award(3, person, 1); err != nil { // the longer one
		t.Fatal(err)
	}
	one, two := v.a.end(), copied.end()
	both, long, short := Cut{Tips: []Tip{one, two}}, Cut{Tips: []Tip{one}}, Cut{Tips: []Tip{two}}
	asks := func(name string, b *book, c Cut, want [2]any) {
		t.Helper()
		for i, id := range sent {
			took, err := b.TookWithin(v.a.actor(), c, id)
			if got := any(took); err != nil && !(errors.Is(err, ErrUnknown) && want[i] == ErrUnknown) || err == nil && got != want[i] {
				t.Errorf("%s: turn %d: %v %v, want %v", name, i, took, err, want[i])
			}
		}
	}
	all := func(name string, b *book) {
		t.Helper()
		asks(name+", both", b, both, [2]any{true, true})
		asks(name+", the longer", b, long, [2]any{true, false})
		asks(name+", the shorter", b, short, [2]any{false, true})
	}
	for _, x := range []struct {
		n             *node
		first, second *node
		last          wire.Hash
	}{{v.office, v.a, copied, two.Hash}, {v.b, copied, v.a, one.Hash}} {
		x.n.pullAll(x.first)
		x.n.update(func(tx *store.Tx) error {
			b, err := x.n.l.open(tx)
			if err != nil {
				return err
			}
			asks(x.n.name+" lacks one history", b, both, [2]any{ErrUnknown, ErrUnknown})
			for _, tip := range x.second.since(x.first) {
				if err := tx.Branch(x.second.branch(tip)); err != nil {
					return err
				}
			}
			all(x.n.name+", at once", b)
			return nil
		})
		x.n.update(func(tx *store.Tx) error {
			b, err := x.n.l.open(tx)
			if err == nil {
				all(x.n.name+", later", b)
			}
			return err
		})
	}
	v.office.pullAll(v.b)
	v.b.pullAll(v.office)
	v.equalForks(v.office, v.b)
}

// since lists what a device's own feed has beyond its common beginning with another's.
func (n *node) since(o *node) (list []wire.Hash) {
	n.v.t.Helper()
	for number := uint64(1); number <= n.end().Number; number++ {
		var mine, theirs wire.Hash
		n.view(func(q store.Querier) (err error) { _, mine, err = n.l.at(q, n.actor(), number); return err })
		o.view(func(q store.Querier) error { _, theirs, _ = o.l.at(q, n.actor(), number); return nil })
		if mine != theirs {
			list = append(list, mine)
		}
	}
	return list
}

// TestDeedsOfABranch: a copied station's turn was handed on by one machine, while the
// other paid a deed. Who got the turn did not know and paid it, too. That is valid
// everywhere, whichever history came first: the turn brings what it followed, and no
// more. The second payment is loss; who knows of the first makes none.
func TestDeedsOfABranch(t *testing.T) {
	for _, order := range []string{"a one b", "one a b", "one b a"} {
		v := newVillage(t)
		v.start()
		one := v.twinIn(v.a, v.a.copied())
		if err := v.a.award(5, person, 4); err != nil {
			t.Fatal(err)
		}
		for key := range byte(3) {
			if err := one.award(6+key, person, 1); err != nil {
				t.Fatal(err)
			}
		}
		one.update(func(tx *store.Tx) error {
			_, err := one.l.SendTurn(tx, activity, Amount{Quota{Issue, activity, year}, 400}, v.b.actor())
			return err
		})
		v.b.pullAll(one)
		v.b.update(func(tx *store.Tx) error { _, err := v.b.l.TakeAll(tx); return err })
		if err := v.b.award(5, person, 4); err != nil {
			t.Fatal(err)
		}
		if err := v.b.award(6, person, 1); code(err) != "ledger.deed.used" {
			t.Errorf("what came with the turn: %v", err)
		}
		from := map[string]*node{"a": v.a, "one": one, "b": v.b}
		for _, name := range strings.Fields(order) {
			v.office.pullAll(from[name])
		}
		v.b.pullAll(v.office)
		if err := v.a.award(9, person, 2); err != nil { // the other machine goes on
			t.Fatal(err)
		}
		for _, n := range []*node{v.office, v.b} {
			n.pullAll(v.a)
			n.view(func(q store.Querier) error {
				ended, err := store.EndedDocs(q)
				if len(ended) > 0 {
					t.Errorf("%s: %s ended %v", order, n.name, ended)
				}
				terms, err2 := n.l.Totals(q, Points)
				if want := (Terms{Minted: 9, Held: 4, Stranded: 9, Loss: 4}); terms != want {
					t.Errorf("%s: %s: %+v", order, n.name, terms)
				}
				return errors.Join(err, err2)
			})
		}
		if err := v.b.award(9, person, 2); code(err) != "ledger.deed.used" {
			t.Errorf("%s: a deed that the other machine paid: %v", order, err)
		}
		v.equalForks(v.office, v.b)
	}
}
