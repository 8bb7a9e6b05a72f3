package ledger

import (
	"errors"
	"fmt"
	"testing"

	"jishan/app/fault"
	"jishan/crdt/store"
)

var (
	partner = id(202) // another community
	owed    = Quota{Kind: Credit, Subject: partner}
)

// TestGuestsSpendCredit: a till of another community's merchant redeems points
// against as much of its home's credit, and what it undoes gives both back.
func TestGuestsSpendCredit(t *testing.T) {
	s := newScene(t)
	m := s.w.gov.members[s.till1]
	m.Home = partner
	s.w.gov.members[s.till1] = m
	s.ok(s.a, award(6, 1))
	v := s.ok(s.a, []Entry{s.move(account, 6, s.till1)})
	s.ok(s.till1, s.takeIn(s.till1, 6, v, 0), v)
	c := s.ok(s.office, []Entry{{Type: Mint, Quota: owed, Amount: 4}, s.move(owed, 4, s.till1)})
	s.refused(s.till1, redeem(1)) // no credit yet
	s.ok(s.till1, []Entry{take(owed, 4, 1)}, c)
	on := func(points, credit int64, subject Subject) []Entry {
		return append(redeem(points), Entry{Type: Consume, Quota: Quota{Kind: Credit, Subject: subject}, Amount: credit})
	}
	s.refused(s.till1, redeem(1))
	s.refused(s.till1, on(2, 1, partner))
	s.refused(s.till1, on(1, 2, partner))
	s.refused(s.till1, on(1, 1, home))
	s.refused(s.till1, []Entry{{Type: Consume, Quota: owed, Amount: 1}})
	s.refused(s.till1, on(5, 5, partner)) // more than the credit
	x := s.ok(s.till1, on(3, 3, partner))
	s.refused(s.till1, on(2, 2, partner))
	back := []Entry{{Type: Restore, Quota: account, Amount: 3, Ref: Ref{x.Hash, 0}}, s.move(account, 3, s.office)}
	s.refused(s.till1, back) // half of it
	s.ok(s.till1, append(back, Entry{Type: Restore, Quota: owed, Amount: 3, Ref: Ref{x.Hash, 1}}))
	s.ok(s.till1, on(3, 3, partner))
	s.ok(s.office, []Entry{take(account, 3, 1)}, s.tip[s.till1].prev)
	s.ok(s.a, award(2, 2))
	s.ok(s.a, redeem(2)) // the community's own devices owe nobody
	sums := s.holds(0)
	if terms := sums.Terms[owed]; terms.Minted != 4 || terms.Consumed-terms.Restored != 3 || terms.Held != 1 {
		t.Errorf("credit: %+v", terms)
	}
}

// TestCreditHolds: what may be unsettled between two communities holds for two
// tills that are cut off from each other and from the office.
func TestCreditHolds(t *testing.T) {
	v := newVillage(t)
	tills := v.guests(2)
	v.office.update(func(tx *store.Tx) error {
		return errors.Join(v.office.l.EnsureTurn(tx, activity), v.office.l.EnsureIssue(tx, activity, year, 1000))
	})
	for i, n := range tills {
		who := id(byte(140 + i))
		if err := v.office.award(byte(10+i), who, 100); err != nil {
			t.Fatal(err)
		}
		v.office.update(func(tx *store.Tx) error {
			if _, err := v.office.l.GrantExposure(tx, n.actor(), 200); err != nil {
				return err
			}
			_, err := v.office.l.Move(tx, Quota{Points, who, year}, 100, n.actor())
			return err
		})
	}
	grant := func(n *node, limit, ceiling int64) (got int64) {
		v.office.update(func(tx *store.Tx) (err error) {
			got, err = v.office.l.GrantCredit(tx, n.actor(), limit, ceiling)
			return err
		})
		return got
	}
	if a, b := grant(tills[0], 40, 60), grant(tills[1], 40, 60); a != 40 || b != 20 {
		t.Fatalf("granted %d and %d of 60", a, b)
	}
	if again := grant(tills[0], 40, 60); again != 0 {
		t.Fatalf("granted %d more", again)
	}
	for _, n := range tills {
		v.till = n
		v.fetch(v.office)
	}
	redeemed := int64(0)
	for i, n := range tills { // nobody hears of anybody from here on
		for n.try(func(tx *store.Tx) error {
			_, err := n.l.Redeem(tx, Redemption{Person: id(byte(140 + i)), Points: 7, Receipt: id(9)})
			return err
		}) == nil {
			redeemed += 7
		}
	}
	if redeemed != 35+14 {
		t.Errorf("redeemed %d", redeemed)
	}
	err := tills[1].try(func(tx *store.Tx) error {
		_, err := tills[1].l.Redeem(tx, Redemption{Person: id(141), Points: 7, Receipt: id(9)})
		return err
	})
	if f := fault.Of(err); !errors.Is(err, fault.New("ledger.credit.short")) || f.Params["here"] != int64(6) || f.Params["need"] != int64(7) {
		t.Errorf("refused as %v", err)
	}
	if more := grant(tills[0], 40, 60); more != 0 { // the office has not heard of a sale
		t.Errorf("granted %d blindly", more)
	}
	v.meet()
	v.office.view(func(q store.Querier) error {
		spent, err := v.office.l.Spent(q, partner)
		if spent != redeemed {
			t.Errorf("%d owed of %d", spent, redeemed)
		}
		return err
	})
	if a, b := grant(tills[0], 40, 60), grant(tills[0], 40, 60+redeemed); a != 0 || b != 35 { // settled: as much again
		t.Errorf("granted %d, and %d after it was settled", a, b)
	}
}

// A guest that joins when another one holds all the credit there may be gets its share
// as soon as that one hears of it; the sum stays below the ceiling.
func TestLaterGuestGetsItsShare(t *testing.T) {
	v := newVillage(t)
	tills := v.guests(2)
	grant := func(n *node, limit int64) (got int64) {
		v.office.update(func(tx *store.Tx) (err error) {
			if _, err = v.office.l.TakeAll(tx); err == nil {
				got, err = v.office.l.GrantCredit(tx, n.actor(), limit, 60)
			}
			return err
		})
		return got
	}
	give := func(n *node, share int64) (sent int64) {
		n.update(func(tx *store.Tx) (err error) {
			if _, err = n.l.TakeAll(tx); err == nil {
				sent, err = n.l.ReturnCredit(tx, share)
			}
			return err
		})
		return sent
	}
	if first, second := grant(tills[0], 60), grant(tills[1], 30); first != 60 || second != 0 {
		t.Fatalf("granted %d and %d", first, second)
	}
	v.meet()
	v.till = tills[0]
	v.fetch(v.office)
	if sent, none := give(tills[0], 30), give(tills[1], 30); sent != 30 || none != 0 {
		t.Fatalf("sent back %d and %d", sent, none)
	}
	v.meet()
	if got := grant(tills[1], 30); got != 30 {
		t.Errorf("granted %d", got)
	}
	v.meet()
	if again, more := give(tills[0], 30), give(tills[1], 30); again != 0 || more != 0 {
		t.Errorf("sent %d and %d once more", again, more)
	}
	if n := grant(tills[0], 30) + grant(tills[1], 30); n != 0 {
		t.Errorf("granted %d once more", n)
	}
	v.office.view(func(q store.Querier) error {
		terms, err := v.office.l.Account(q, owed)
		if terms.Minted != 60 {
			t.Errorf("%+v", terms)
		}
		return err
	})
}

// guests adds tills of another community's merchants, whom everybody knows.
func (v *village) guests(n int) (out []*node) {
	for i := range n {
		g := v.add(fmt.Sprint("guest", i), Merchant)
		m := v.gov.members[g.actor()]
		m.Home = partner
		v.gov.members[g.actor()] = m
		out = append(out, g)
	}
	for _, d := range v.devs {
		d.update(func(tx *store.Tx) error {
			for _, o := range v.devs {
				c := o.inc.Certificate
				if _, err := tx.SetAdd(store.SetIncarnation, store.Item{ID: c.ID(), Blob: c.Encode()}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return out
}

// TestCopiedGuest: two copies of a guest's till, cut off from each other, sell more than
// the credit that one of them was given. How much more is known by feed and community,
// at every staff device.
func TestCopiedGuest(t *testing.T) {
	v := newVillage(t)
	till := v.guests(1)[0]
	v.office.update(func(tx *store.Tx) error {
		return errors.Join(v.office.l.EnsureTurn(tx, activity), v.office.l.EnsureIssue(tx, activity, year, 1000))
	})
	if err := v.office.award(10, id(140), 100); err != nil {
		t.Fatal(err)
	}
	v.office.update(func(tx *store.Tx) error {
		_, err := v.office.l.GrantExposure(tx, till.actor(), 200)
		if err == nil {
			_, err = v.office.l.Move(tx, Quota{Points, id(140), year}, 100, till.actor())
		}
		if err == nil {
			_, err = v.office.l.GrantCredit(tx, till.actor(), 20, 20)
		}
		return err
	})
	v.till = till
	v.fetch(v.office)
	copied := v.twinIn(till, till.copied())
	sells := func(n *node, points int64, receipt byte) {
		n.update(func(tx *store.Tx) error {
			_, err := n.l.Redeem(tx, Redemption{Person: id(140), Points: points, Receipt: id(receipt)})
			return err
		})
	}
	sells(till, 18, 1)
	sells(copied, 15, 2)
	for _, n := range []*node{v.office, v.a} {
		n.pullAll(till)
		n.pullAll(copied)
		n.view(func(q store.Querier) error {
			over, err := n.l.OverCredit(q)
			spent, e := n.l.Spent(q, partner)
			if len(over) != 1 || len(over[till.actor()]) != 1 || over[till.actor()][partner] != 13 || spent != 33 {
				t.Errorf("%s: %v over, %d spent", n.name, over, spent)
			}
			return errors.Join(err, e)
		})
	}
}
