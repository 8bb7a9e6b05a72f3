package ledger

import (
	"testing"

	"jishan/crdt/store"
)

func tally(why Why, n int64) Entry {
	return Entry{Type: Tally, Quota: account, Amount: n, Deed: Deed{activity, id(9)}, Why: why}
}

func backOf(t *memTx, i uint32, n int64) Entry {
	return Entry{Type: Tally, Quota: account, Amount: n, Why: WhyBack, Ref: Ref{t.Hash, i}}
}

// The opposite of statistics: own, whole, once, and never beside a MINT.
func TestTallyTakenBack(t *testing.T) {
	s := newScene(t)
	o := s.ok(s.a, []Entry{tally(WhyLifetime, 132), tally(WhyYear, 40)})
	refused := func(what string, es ...Entry) {
		t.Helper()
		if _, err := s.w.make(s.a, s.tip[s.a], s.known, es); err == nil {
			t.Errorf("%s is accepted", what)
		}
	}
	refused("half of it", backOf(o, 0, 132))
	refused("another amount", backOf(o, 0, 131), backOf(o, 1, 40))
	refused("the same twice", backOf(o, 0, 132), backOf(o, 0, 132), backOf(o, 1, 40))
	other := backOf(o, 0, 132)
	other.Quota.Subject = id(51)
	refused("another person", other, backOf(o, 1, 40))
	deed := backOf(o, 0, 132)
	deed.Deed = Deed{activity, id(10)}
	refused("with a deed", deed, backOf(o, 1, 40))
	refused("without what it takes back", Entry{Type: Tally, Quota: account, Amount: 132, Why: WhyBack})
	for _, who := range []struct {
		name string
		a    [16]byte
	}{{"another feed", s.b}, {"a merchant", s.till1}} {
		if _, err := s.w.make(who.a, s.tip[who.a], s.known, []Entry{backOf(o, 0, 132), backOf(o, 1, 40)}); err == nil {
			t.Errorf("%s takes it back", who.name)
		}
	}
	back := s.ok(s.a, []Entry{backOf(o, 0, 132), backOf(o, 1, 40)})
	refused("once more", backOf(o, 0, 132), backOf(o, 1, 40))
	refused("the taking back", backOf(back, 0, 132), backOf(back, 1, 40))
	mint := Entry{Type: Mint, Quota: account, Amount: 5, Deed: Deed{activity, id(11)}, Why: WhyOpening}
	life := tally(WhyLifetime, 9)
	life.Deed = mint.Deed
	both := s.ok(s.a, []Entry{mint, life, {Type: Consume, Quota: budget, Amount: 5}})
	refused("a TALLY without its MINT", backOf(both, 1, 9))
}

// Statistics alone are undone and brought again, and nothing is left over.
func TestOpeningOfStatisticsUndone(t *testing.T) {
	v := newVillage(t)
	v.start()
	o := Opening{Person: person, Lifetime: 132, Year: 40, Period: year, Turn: activity, Key: id(9), Item: "opening", Version: 1}
	open := func() (ref store.Ref) {
		v.a.update(func(tx *store.Tx) (err error) { ref, err = v.a.l.Open(tx, o); return })
		return ref
	}
	ref := open()
	undo := func(tx *store.Tx) error { _, err := v.a.l.Undo(tx, ref.Hash); return err }
	v.a.update(undo)
	if err := v.a.try(undo); code(err) != "ledger.undo.done" {
		t.Errorf("undone twice: %v", err)
	}
	o.Key, o.Lifetime, o.Year = id(10), 130, 30
	open()
	v.meet()
	v.office.view(func(q store.Querier) error {
		b, err := v.office.l.Balance(q, person, year)
		if b != (Balance{Person: person, Lifetime: 130, Year: 30}) {
			t.Errorf("%+v", b)
		}
		lines, err2 := v.office.l.Lines(q, person, 0, 10)
		undone := 0
		for _, l := range lines {
			if l.Undone {
				undone++
			}
		}
		if len(lines) != 4 || undone != 2 {
			t.Errorf("%d lines, %d undone", len(lines), undone)
		}
		if err == nil {
			err = err2
		}
		return err
	})
	for _, n := range v.devs {
		n.check()
		n.rebuilds()
	}
}
