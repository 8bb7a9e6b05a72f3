package people_test

import (
	"testing"

	"jishan/app/govern"
	"jishan/app/people"
	"jishan/crdt/store"
)

// meantime is a bank for which every payment came in after the list of what is due was
// made: a reader of the list does not see it, the transaction does.
type meantime struct {
	people.Bank
	in    bool // whether payments came in
	asked int
	paid  []int64
}

func (m *meantime) Paid(q store.Querier, id people.ID, since int64) (bool, error) {
	if _, writes := q.(*store.Tx); writes && m.in {
		m.asked++
		return true, nil
	}
	return m.Bank.Paid(q, id, since)
}

func (m *meantime) Register(tx *store.Tx, id people.ID, n, since int64) (bool, error) {
	m.paid = append(m.paid, n)
	return m.Bank.Register(tx, id, n, since)
}

// What is due is asked again in the transaction that pays: whoever was paid between the
// list and it, by a feed whose keys this one doesn't know, gets nothing a second time.
func TestDueIsAskedAgainWhenItIsPaid(t *testing.T) {
	w := newWorld(t, 31)
	a := w.join("甲站", govern.Station)
	w.meet(w.office(), a)
	r := a.register(zhang)
	w.meet(w.office(), a)
	bank := &meantime{Bank: w.office().Bank, in: true}
	w.office().Bank = bank
	if n, err := w.office().AwardDue(ctx, "op", 100); n != 1 || err != nil { // it is settled, by somebody
		t.Errorf("settled %d, %v", n, err)
	}
	if bank.asked != 1 || len(bank.paid) != 0 || w.office().get(r.ID).Spendable != 0 {
		t.Errorf("asked %d times, paid %v", bank.asked, bank.paid)
	}
	bank.in = false
	if n, err := w.office().AwardDue(ctx, "op", 100); n != 1 || err != nil || len(bank.paid) != 1 || w.office().get(r.ID).Spendable != 10 {
		t.Errorf("paid %v: %d, %v", bank.paid, n, err)
	}
	if n, err := w.office().AwardDue(ctx, "op", 100); n != 0 || err != nil || len(bank.paid) != 1 {
		t.Errorf("paid again %v: %d, %v", bank.paid, n, err)
	}
}
