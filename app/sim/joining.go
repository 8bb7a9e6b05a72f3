package sim

import (
	"bytes"
	"slices"

	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/crdt/store"
)

// Some people stand in two or three records. The office joins them and takes them
// apart, while others have not heard of it yet: nothing is rewritten, and whoever
// asks about a person gets what stands under all records that he knows of.

// maxGroup bounds the records of one person; the product allows a few more.
const maxGroup = 4

// group lists the records that a device knows to be one person's, the one asked
// for first.
func (d *device) group(who int) []int {
	out := []int{who}
	for _, id := range d.charter.JoinedNow().Of(d.w.people[who]) {
		if m := d.w.index[id]; m != who {
			out = append(out, m)
		}
	}
	return out
}

// join lets the office say that two records are one person's, or that one of them
// is somebody else's.
func (w *world) join(e Event) error {
	office := w.at(0, (*device).registrar)
	if office == nil {
		return nil
	}
	a, b := e.A%len(w.people), e.Who%len(w.people)
	set := office.joinings(a, b, e.B%3 == 0)
	if len(set) == 0 {
		return nil
	}
	before, err := office.accounts()
	if err != nil {
		return err
	}
	err = office.write(func(tx *store.Tx) error { return office.charter.SetPolicy(tx, set...) })
	if err == nil {
		if office.honour != nil {
			office.honour.LookAgain() // together they may reach a level
		}
		after, err := office.accounts()
		if err != nil {
			return err
		}
		if !slices.Equal(before, after) {
			return fail("joined", "%s joined persons %d and %d, and what is booked under a record changed", office, a, b)
		}
		if err := office.checkJoined(); err != nil {
			return err
		}
	}
	return w.told(e, office, err)
}

// joinings are the settings that join two records, or take the first out of its
// person; the others stay one.
func (d *device) joinings(a, b int, apart bool) (set []govern.Setting) {
	now := d.charter.JoinedNow()
	one, other := d.w.people[a], d.w.people[b]
	if !apart {
		next := now.Set(one, other, true)
		if a == b || next.Equal(now) || len(next.Of(one)) > maxGroup {
			return nil
		}
		return []govern.Setting{govern.JoinSetting(one, other, true)}
	}
	rest := slices.DeleteFunc(slices.Clone(now.Of(one)), func(id govern.PersonID) bool { return id == one })
	for _, x := range now.Edges(one) {
		now = now.Set(x[0], x[1], false)
		set = append(set, govern.JoinSetting(x[0], x[1], false))
	}
	for i := 1; i < len(rest); i++ {
		if next := now.Set(rest[0], rest[i], true); !next.Equal(now) {
			now = next
			set = append(set, govern.JoinSetting(rest[0], rest[i], true))
		}
	}
	return set
}

// accounts is what stands under each record by itself.
func (d *device) accounts() (list []ledger.Balance, err error) {
	err = d.view(func(q store.Querier) error {
		for _, p := range d.w.people {
			b, err := d.ledger.BalanceOf(q, p, d.w.period())
			if err != nil {
				return err
			}
			list = append(list, b)
		}
		return nil
	})
	return list, err
}

// checkJoined: a person has what stands under all records, by whichever of them he
// is named, and nobody is counted twice.
func (d *device) checkJoined() error {
	if d.charter.JoinedNow().Empty() {
		return nil
	}
	single, err := d.accounts()
	if err != nil {
		return err
	}
	var named, all []ledger.Balance
	err = d.view(func(q store.Querier) (err error) {
		if named, err = d.ledger.Balances(q, d.w.period(), d.w.people...); err == nil {
			all, err = d.ledger.AllBalances(q, d.w.period())
		}
		return err
	})
	if err != nil {
		return err
	}
	leads := map[ledger.Subject]ledger.Balance{}
	for _, b := range all {
		leads[b.Person] = b
	}
	for who := range d.w.people {
		want := ledger.Balance{Person: d.w.people[who]}
		group := d.group(who)
		for _, m := range group {
			add(&want, single[m])
		}
		if named[who] != want {
			return fail("joined", "%s: persons %v are one and have %+v together, and person %d is shown %+v", d, group, want, who, named[who])
		}
		lead := slices.MinFunc(group, func(a, b int) int { return bytes.Compare(d.w.people[a][:], d.w.people[b][:]) })
		if got, listed := leads[want.Person]; lead == who && listed && got != want || lead != who && listed {
			return fail("joined", "%s: person %d of %v is listed with %+v, and has %+v", d, who, group, got, want)
		}
	}
	return nil
}

// add adds up what two records have.
func add(b *ledger.Balance, o ledger.Balance) {
	b.Lifetime += o.Lifetime
	b.Year += o.Year
	b.Spendable += o.Spendable
	b.Here += o.Here
	b.OnTheWay += o.OnTheWay
	b.Vouchers += o.Vouchers
	b.Debt += o.Debt
	b.Expired += o.Expired
}
