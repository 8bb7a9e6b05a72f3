package ledger

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// The registrar's side over real stores: closes, successions, and what the
// successors make of them.

// closeFeed orders a CLOSE of a feed where the office knows it to end, or at an
// earlier place, and lets to succeed it, as the node's chore does.
func (v *village) closeFeed(a wire.Actor, back uint64, to *node) {
	v.t.Helper()
	var tip Tip
	v.office.view(func(q store.Querier) (err error) {
		tip, err = v.office.l.Tip(q, a)
		if err == nil && back > 0 && tip.Number > 0 {
			number := max(1, tip.Number-min(back, tip.Number))
			_, h, err2 := v.office.l.at(q, a, number)
			tip, err = Tip{number, h}, err2
		}
		return err
	})
	var cut Cut
	if tip.Number > 0 {
		cut.Tips = []Tip{tip}
	}
	v.gov.list = append(v.gov.list, order{closed: a, cut: cut})
	v.office.known = len(v.gov.list)
	if to == nil {
		return
	}
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

var home0 = TextSubject(communityText)

// closeOne closes somebody's feed at random, often behind what others hold.
func (v *village) closeOne(r *rand.Rand) {
	x := v.devs[1+r.IntN(len(v.devs)-1)]
	if r.IntN(4) > 0 || len(v.gov.list) > 6 || x.closed() {
		return
	}
	to := v.devs[r.IntN(len(v.devs))]
	if to == x || r.IntN(3) == 0 {
		to = nil
	}
	v.closeFeed(x.actor(), uint64(r.IntN(4)), to)
}

func (n *node) closed() bool {
	for _, o := range n.v.gov.list {
		if o.closed == n.actor() {
			return true
		}
	}
	return false
}

// TestEstateGoesToTheSuccessor: a station's feed is closed at its end; the
// other station takes all rights and goes on awarding for the same turn, at no
// loss.
func TestEstateGoesToTheSuccessor(t *testing.T) {
	v := newVillage(t)
	v.start()
	if err := v.a.award(1, person, 10); err != nil {
		t.Fatal(err)
	}
	v.a.update(func(tx *store.Tx) error { // on its way to the one that is lost
		return nil
	})
	v.meet()
	v.office.update(func(tx *store.Tx) error { // rests with the closed feed as a MOVE
		_, err := v.office.l.Move(tx, Quota{Issue, activity, year}, 7, v.a.actor())
		return err
	})
	v.closeFeed(v.a.actor(), 0, v.b)
	v.meet()
	v.b.update(func(tx *store.Tx) error {
		n, err := v.b.l.TakeAll(tx)
		if n != 4 { // points, turn, issue, and the MOVE
			t.Errorf("took %d", n)
		}
		return err
	})
	if err := v.b.award(1, person, 10); code(err) != "ledger.deed.used" {
		t.Fatalf("the deed that was paid within the cut: %v", err)
	}
	if err := v.b.award(2, person, 10); err != nil {
		t.Fatal(err)
	}
	v.meet()
	for _, n := range []*node{v.office, v.b} {
		n.check()
		n.view(func(q store.Querier) error {
			terms, err := n.l.Totals(q, Points)
			if want := (Terms{Minted: 20, Held: 20}); terms != want {
				t.Errorf("%s: %+v", n.name, terms)
			}
			if b, err := n.l.Balance(q, person, year); b.Spendable != 20 || b.Lifetime != 20 || err != nil {
				t.Errorf("%s: %+v", n.name, b)
			}
			return err
		})
		n.rebuilds()
	}
}

// TestStockOfASuccessor: goods of a closed feed stand on its successor's shelf and are
// counted there alone.
func TestStockOfASuccessor(t *testing.T) {
	v := newVillage(t)
	v.start()
	v.a.update(func(tx *store.Tx) error {
		_, err := v.a.l.Write(tx, "test", makes(12))
		return err
	})
	v.meet()
	v.closeFeed(v.a.actor(), 0, v.b)
	v.meet()
	v.b.update(func(tx *store.Tx) error { _, err := v.b.l.TakeAll(tx); return err })
	v.meet()
	for _, n := range []*node{v.office, v.b} {
		n.view(func(q store.Querier) error {
			list, err := n.l.StockEverywhere(q)
			if len(list) != 1 || list[0].Feed != v.b.actor() || list[0].N != 12 {
				t.Errorf("%s: %+v", n.name, list)
			}
			return err
		})
	}
}

// TestWrittenAgain: what the closed feed awarded and took back beyond its cut,
// its successor writes again; what it handed over there is loss.
func TestWrittenAgain(t *testing.T) {
	v := newVillage(t)
	v.start()
	if err := v.a.award(1, person, 10); err != nil {
		t.Fatal(err)
	}
	var bought store.Ref
	v.a.update(func(tx *store.Tx) (err error) {
		bought, err = v.a.l.Redeem(tx, Redemption{Person: person, Points: 4, Receipt: id(9)})
		return err
	})
	v.meet()
	if err := v.a.award(2, person, 5); err != nil { // beyond the cut
		t.Fatal(err)
	}
	v.a.update(func(tx *store.Tx) error {
		if _, err := v.a.l.Undo(tx, bought.Hash); err != nil {
			return err
		}
		if _, err := v.a.l.Receive(tx, id(120), 3, ""); err != nil {
			return err
		}
		_, err := v.a.l.Redeem(tx, Redemption{Person: person, Points: 2, Receipt: id(10)})
		return err
	})
	v.closeFeed(v.a.actor(), 0, v.b)
	v.meet()
	v.b.update(func(tx *store.Tx) error {
		if _, err := v.b.l.TakeAll(tx); err != nil {
			return err
		}
		n, err := v.b.l.Rewrite(tx, func(wire.Actor) bool { return true })
		if n != 3 {
			t.Errorf("wrote %d again", n)
		}
		if n, err := v.b.l.Rewrite(tx, func(wire.Actor) bool { return true }); n != 0 || err != nil {
			t.Errorf("wrote %d a second time: %v", n, err)
		}
		return err
	})
	v.meet()
	for _, n := range []*node{v.office, v.b} {
		n.check()
		n.rebuilds()
		n.view(func(q store.Querier) error {
			terms, err := n.l.Totals(q, Points)
			if want := (Terms{Minted: 15, Held: 15, Loss: 2, Consumed: 6, Restored: 4}); terms != want {
				t.Errorf("%s: %+v", n.name, terms)
			}
			if b, err := n.l.Balance(q, person, year); b.Spendable != 15 || b.Lifetime != 15 || err != nil {
				t.Errorf("%s: %+v", n.name, b)
			}
			return err
		})
	}
}

// TestBenefitsWrittenAgain: the registrar's device was restored from a backup;
// of the levels and benefits that the old feed gave, those beyond its cut are
// given again, once, and those within it are not.
func TestBenefitsWrittenAgain(t *testing.T) {
	v := newVillage(t)
	turn, meal, cut := id(70), id(71), id(72)
	grant := func(n *node, key byte, of Subject, many int64) {
		n.update(func(tx *store.Tx) error {
			_, err := n.l.GrantBenefits(tx, "honour.award", turn, Grant{Quota: Quota{Benefit, of, year}, N: many, Key: id(key), Item: "benefit/b1"})
			return err
		})
	}
	v.office.update(func(tx *store.Tx) error { return v.office.l.EnsureTurn(tx, turn) })
	grant(v.office, 1, meal, 10)
	v.meet()
	var tip Tip
	v.b.view(func(q store.Querier) (err error) { tip, err = v.b.l.Tip(q, v.office.actor()); return err })
	grant(v.office, 2, cut, 2) // beyond the cut
	v.meet()

	v.gov.members[v.a.actor()] = Member{Role: Registrar, Device: v.a.inc.Device} // as the device's new incarnation has it
	v.gov.list = append(v.gov.list, order{closed: v.office.actor(), cut: Cut{Tips: []Tip{tip}}})
	rights := map[[32]byte]int64{Quota{Kind: Turn, Subject: turn}.Sum(home0): 1, Quota{Benefit, meal, year}.Sum(home0): 10}
	v.gov.list = append(v.gov.list, order{closed: v.office.actor(), heir: &Heir{To: v.a.actor(), Rights: rights}})
	v.a.known = len(v.gov.list)
	again := func(n *node) (wrote int) {
		n.update(func(tx *store.Tx) (err error) {
			if _, err = n.l.TakeAll(tx); err == nil {
				wrote, err = n.l.Rewrite(tx, func(wire.Actor) bool { return true })
			}
			return err
		})
		return wrote
	}
	if n := again(v.a); n != 1 {
		t.Errorf("wrote %d again", n)
	}
	if n := again(v.a); n != 0 {
		t.Errorf("wrote %d a second time", n)
	}
	v.meet()
	for _, n := range []*node{v.a, v.b} {
		n.check()
		n.rebuilds()
		n.view(func(q store.Querier) error {
			for s, want := range map[Subject]int64{meal: 10, cut: 2} {
				x, err := n.l.BenefitAccount(q, s)
				if err != nil || x != (Terms{Minted: want, Held: want}) {
					t.Errorf("%s: %+v, %v", n.name, x, err)
				}
			}
			return nil
		})
	}
}

// deposed lets station a be the registrar from now on: the office's feed is closed
// where a knows it to end.
func (v *village) deposed() {
	v.t.Helper()
	var tip Tip
	v.a.view(func(q store.Querier) (err error) { tip, err = v.a.l.Tip(q, v.office.actor()); return err })
	v.gov.members[v.a.actor()] = Member{Role: Registrar, Device: v.a.inc.Device}
	v.gov.list = append(v.gov.list, order{closed: v.office.actor(), cut: Cut{Tips: []Tip{tip}}}, order{closed: v.office.actor(), heir: &Heir{To: v.a.actor()}})
	v.a.known = len(v.gov.list)
}

// again is the chore of a device after a succession.
func (n *node) again(leave ...Left) (wrote int) {
	n.v.t.Helper()
	n.update(func(tx *store.Tx) (err error) {
		if _, err = n.l.TakeAll(tx); err == nil {
			wrote, err = n.l.Rewrite(tx, func(wire.Actor) bool { return true }, leave...)
		}
		return err
	})
	return wrote
}

func (n *node) pays(turn Subject, key byte) error {
	return n.try(func(tx *store.Tx) error {
		_, err := n.l.Award(tx, Award{Person: person, Points: 5, Period: year, Turn: turn, Key: id(key), Item: "A109", Version: 2})
		return err
	})
}

// budgets gives both stations of the common budget.
func (v *village) budgets() {
	v.t.Helper()
	v.office.update(func(tx *store.Tx) error {
		q := Quota{Issue, v.office.l.Community(), year}
		if err := v.office.l.EnsureIssue(tx, q.Subject, year, 300); err != nil {
			return err
		}
		for _, n := range []*node{v.a, v.b} {
			if _, err := v.office.l.Move(tx, q, 100, n.actor()); err != nil {
				return err
			}
		}
		return nil
	})
	v.meet()
	for _, n := range []*node{v.a, v.b} {
		n.update(func(tx *store.Tx) error { _, err := n.l.TakeAll(tx); return err })
	}
	v.meet()
}

func (n *node) holds(turn Subject) (held int64) {
	n.update(func(tx *store.Tx) (err error) { held, err = n.l.Here(tx, Quota{Kind: Turn, Subject: turn}); return err })
	return held
}

// earned checks what everybody thinks of the person's points, and that each deed was
// paid once.
func (v *village) earned(want int64, devs ...*node) {
	v.t.Helper()
	for _, n := range devs {
		n.check()
		n.rebuilds()
		n.view(func(q store.Querier) error {
			b, err := n.l.Balance(q, person, year)
			if b.Spendable != want || b.Lifetime != want {
				v.t.Errorf("%s: %+v, want %d", n.name, b, want)
			}
			return err
		})
	}
}

// A turn that the old registrar made beyond its cut is made anew by the next one and
// sent on, before more of what the old one paid under it comes in: that stops nothing
// of what is written again, and who holds the turn now pays it, once.
func TestTurnMadeAnewAndSentOn(t *testing.T) {
	v := newVillage(t)
	v.budgets()
	turn, other := id(90), id(91)
	v.office.update(func(tx *store.Tx) error {
		return errors.Join(v.office.l.EnsureTurn(tx, turn), v.office.l.EnsureTurn(tx, other))
	})
	for key, on := range map[byte]Subject{1: turn, 2: other} {
		if err := v.office.pays(on, key); err != nil {
			t.Fatal(err)
		}
	}
	v.deposed()
	v.a.update(func(tx *store.Tx) error {
		if err := v.a.l.EnsureTurn(tx, turn); err != nil {
			return err
		}
		_, err := v.a.l.SendTurn(tx, turn, Amount{}, v.b.actor())
		return err
	})
	v.b.pull(v.a)
	v.b.again()
	v.a.pull(v.office)
	v.a.pull(v.b)
	if n := v.a.again(); n != 1 {
		t.Errorf("the registrar wrote %d again, want what it holds the turn of", n)
	}
	v.meet()
	if n := v.b.again(); n != 1 {
		t.Errorf("who holds the turn wrote %d again", n)
	}
	v.meet()
	for _, n := range []*node{v.a, v.b} {
		if k := n.again(); k != 0 {
			t.Errorf("%s wrote %d a second time", n.name, k)
		}
	}
	v.meet()
	v.earned(10, v.a, v.b, v.office)
}

// A turn that the old registrar made beyond its cut and sent to a station that has
// not heard: as long as that one may have taken it nobody makes it anew. If it has, it
// goes on paying under it, and pays what else was paid there, once; if it has not, the
// new registrar does.
func TestTurnSentBeyondTheCut(t *testing.T) {
	for _, took := range []bool{true, false} {
		t.Run(fmt.Sprintf("taken %v", took), func(t *testing.T) {
			v := newVillage(t)
			v.budgets()
			turn := id(90)
			v.office.update(func(tx *store.Tx) error { return v.office.l.EnsureTurn(tx, turn) })
			if err := v.office.pays(turn, 1); err != nil {
				t.Fatal(err)
			}
			v.office.update(func(tx *store.Tx) error {
				_, err := v.office.l.SendTurn(tx, turn, Amount{}, v.b.actor())
				return err
			})
			v.b.pull(v.office)
			if took {
				v.b.update(func(tx *store.Tx) error { _, err := v.b.l.TakeAll(tx); return err })
				if err := v.b.pays(turn, 2); err != nil {
					t.Fatal(err)
				}
			}
			v.deposed()
			v.a.pull(v.office)
			if n := v.a.again(); n != 0 || v.a.holds(turn) != 0 {
				t.Errorf("the registrar made the turn anew and wrote %d", n)
			}
			if err := v.a.pays(turn, 2); code(err) != "ledger.turn.missing" {
				t.Errorf("it paid: %v", err)
			}
			v.meet()
			v.b.again() // which has heard of the CLOSE now
			v.b.update(func(tx *store.Tx) error { _, err := v.b.l.Receive(tx, id(120), 1, ""); return err })
			v.meet()
			v.a.again()
			holder, want := v.a, int64(5)
			if took {
				holder, want = v.b, 10
			}
			if v.a.holds(turn)+v.b.holds(turn) != 1 || holder.holds(turn) != 1 {
				t.Errorf("a holds %d of the turn, b %d", v.a.holds(turn), v.b.holds(turn))
			}
			v.meet()
			for _, n := range []*node{v.a, v.b} {
				if k := n.again(); k != 0 {
					t.Errorf("%s wrote %d a second time", n.name, k)
				}
			}
			v.earned(want, v.a, v.b, v.office)
		})
	}
}

// What is due by other documents is left to the chores that pay by them, by the
// registrar too; and of a transaction of which not all is allowed the rest is written.
func TestRewriteLeavesAndWritesTheRest(t *testing.T) {
	v := newVillage(t)
	v.budgets()
	chores, own := id(92), id(93)
	v.office.update(func(tx *store.Tx) error {
		return errors.Join(v.office.l.EnsureTurn(tx, chores), v.office.l.EnsureTurn(tx, own))
	})
	v.office.update(func(tx *store.Tx) error {
		l, issue := v.office.l, Quota{Issue, v.office.l.Community(), year}
		mint := func(turn Subject, key byte, n int64) []Entry {
			return []Entry{{Type: Mint, Quota: Quota{Points, person, year}, Amount: n, Deed: Deed{turn, id(key)}, Item: "A1", Version: 1}, {Type: Consume, Quota: issue, Amount: n}}
		}
		// Two deeds, for which what a has of the budget does not do, and one that chores pay.
		if _, err := l.Write(tx, "ledger.award", append(mint(own, 1, 40), mint(own, 2, 30)...)...); err != nil {
			return err
		}
		_, err := l.Write(tx, "ledger.award", append(mint(chores, 3, 7), mint(own, 4, 2)...)...)
		return err
	})
	v.deposed()
	v.a.update(func(tx *store.Tx) error {
		_, err := v.a.l.Move(tx, Quota{Issue, v.a.l.Community(), year}, 50, v.b.actor())
		return err
	})
	v.a.pull(v.office)
	if n := v.a.again(Left{Turn: chores, Always: true}); n != 2 {
		t.Errorf("wrote %d again", n)
	}
	v.meet()
	v.earned(42, v.a)
	v.a.update(func(tx *store.Tx) error {
		return v.a.l.EnsureIssue(tx, v.a.l.Community(), year, 60)
	})
	if n := v.a.again(Left{Turn: chores, Always: true}); n != 1 {
		t.Errorf("wrote %d when there was more of the budget", n)
	}
	v.meet()
	v.earned(72, v.a, v.b)
	if n := v.a.again(Left{Turn: chores}); n != 1 {
		t.Errorf("wrote %d that is left by others only", n)
	}
	v.meet()
	v.earned(79, v.a, v.b)
}

// A program that makes a turn which another feed holds, as only a modified one does:
// a deed that both pay counts once at every device, however its rows were made, and
// the feed whose payment does not count is named.
func TestTwoTurnChainsWithoutAFork(t *testing.T) {
	v := newVillage(t)
	v.budgets()
	turn := id(90)
	v.office.update(func(tx *store.Tx) error {
		if err := v.office.l.EnsureTurn(tx, turn); err != nil {
			return err
		}
		_, err := v.office.l.SendTurn(tx, turn, Amount{}, v.b.actor())
		return err
	})
	v.meet()
	v.b.again()
	v.gov.members[v.a.actor()] = Member{Role: Registrar, Device: v.a.inc.Device}
	v.a.update(func(tx *store.Tx) error {
		_, err := v.a.l.Write(tx, "ledger.turn", Entry{Type: Mint, Quota: Quota{Kind: Turn, Subject: turn}, Amount: 1})
		return err
	})
	for _, n := range []*node{v.a, v.b} {
		if err := n.pays(turn, 1); err != nil {
			t.Fatal(err)
		}
	}
	v.meet()
	named := map[wire.Actor]bool{}
	for _, n := range []*node{v.office, v.a, v.b} {
		n.check()
		n.rebuilds()
		n.view(func(q store.Querier) error {
			x, err := n.l.Totals(q, Points)
			if want := (Terms{Minted: 5, Loss: 5, Held: 10}); x != want {
				t.Errorf("%s: %+v", n.name, x)
			}
			by, err2 := n.l.Unexplained(q)
			if len(by) != 1 {
				t.Errorf("%s names %v", n.name, by)
			}
			for a, n := range by {
				named[a] = n == 5
			}
			return errors.Join(err, err2)
		})
	}
	if len(named) != 1 || named[v.office.actor()] {
		t.Errorf("named: %v", named)
	}
}

// TestRewriteOverGenerations: what a feed deducted and received beyond its cut is written
// again once, by its heir; the heir of that one, which succeeds both, writes nothing more.
func TestRewriteOverGenerations(t *testing.T) {
	v := newVillage(t)
	v.start()
	if err := v.a.award(1, person, 20); err != nil {
		t.Fatal(err)
	}
	v.office.pullAll(v.a)
	v.closeAll(v.a.actor(), v.b)
	v.a.update(func(tx *store.Tx) error {
		_, err := v.a.l.Deduct(tx, Deduction{Person: person, Points: 5, Period: year, Note: "late"})
		return err
	})
	v.a.update(func(tx *store.Tx) error { _, err := v.a.l.Receive(tx, id(77), 3, ""); return err })
	heir := func(n *node) (wrote int) {
		n.update(func(tx *store.Tx) error { _, err := n.l.TakeAll(tx); return err })
		for range 3 { // as the chore does
			n.update(func(tx *store.Tx) error {
				some, err := n.l.Rewrite(tx, func(wire.Actor) bool { return true })
				wrote += some
				return err
			})
		}
		return wrote
	}
	v.office.pullAll(v.a)
	v.b.pullAll(v.office)
	v.b.known = v.office.known
	if n := heir(v.b); n != 2 {
		t.Fatalf("the heir wrote %d", n)
	}
	v.office.pullAll(v.b)
	v.closeAll(v.b.actor(), v.office)
	if n := heir(v.office); n != 0 {
		t.Errorf("the heir's heir wrote %d more", n)
	}
	v.office.view(func(q store.Querier) error {
		b, err := v.office.l.Balance(q, person, year)
		if b.Spendable != 15 || b.Debt != 0 {
			t.Errorf("of 20, 5 were deducted: %d left, %d owed", b.Spendable, b.Debt)
		}
		return err
	})
}

// TestTurnMadeTwiceIsInherited: a new main device makes a turn, and then hears that its
// predecessor, which it succeeds, had made the same one. Whoever succeeds it in turn takes
// all that it leaves: points do not wait for ever with a turn that is there twice.
func TestTurnMadeTwiceIsInherited(t *testing.T) {
	for _, sent := range []bool{false, true} {
		t.Run(fmt.Sprintf("sent on %v", sent), func(t *testing.T) { turnMadeTwice(t, sent) })
	}
}

func turnMadeTwice(t *testing.T, sent bool) {
	v := newVillage(t)
	v.budgets()
	turn := id(90)
	v.office.update(func(tx *store.Tx) error { return v.office.l.EnsureTurn(tx, turn) })
	if err := v.office.pays(turn, 1); err != nil {
		t.Fatal(err)
	}
	v.gov.members[v.a.actor()] = Member{Role: Registrar, Device: v.a.inc.Device}
	v.closeAll(v.office.actor(), v.a)
	v.a.known = v.office.known
	v.a.update(func(tx *store.Tx) error { return v.a.l.EnsureTurn(tx, turn) })
	v.a.pullAll(v.office)
	if v.a.again(); v.a.holds(turn) != 2 {
		t.Fatalf("it holds %d of the turn", v.a.holds(turn))
	}
	if sent { // all of it, or the two would pay apart
		v.a.update(func(tx *store.Tx) error {
			_, err := v.a.l.SendTurn(tx, turn, Amount{}, v.b.actor())
			return err
		})
		v.b.known = v.a.known
		v.b.pullAll(v.office)
		v.b.pullAll(v.a)
		v.b.update(func(tx *store.Tx) error { _, err := v.b.l.TakeAll(tx); return err })
		if v.a.holds(turn) != 0 || v.b.holds(turn) != 2 {
			t.Errorf("one holds %d, the other %d", v.a.holds(turn), v.b.holds(turn))
		}
		if err := v.b.pays(turn, 1); code(err) != "ledger.deed.used" {
			t.Errorf("the deed is paid again: %v", err)
		}
		return
	}
	v.office.pullAll(v.a)
	v.closeAll(v.a.actor(), v.b)
	v.b.known = v.office.known
	v.b.pullAll(v.office)
	v.b.pullAll(v.a)
	v.b.again()
	if n := v.b.holds(turn); n != 2 {
		t.Errorf("the heir's heir holds %d of the turn", n)
	}
	if err := v.b.pays(turn, 1); code(err) != "ledger.deed.used" {
		t.Errorf("the deed is paid again: %v", err)
	}
	if err := v.b.pays(turn, 2); err != nil {
		t.Error(err)
	}
	v.b.view(func(q store.Querier) error {
		b, err := v.b.l.Balance(q, person, year)
		if b.Here != 10 || b.Spendable != 10 {
			t.Errorf("%+v", b)
		}
		return err
	})
	v.b.check()
	v.b.rebuilds()
}
