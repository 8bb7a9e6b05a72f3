package law

import (
	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/crdt/store"
)

// maxLosses is how many LOSS entries one change of gov holds: 80 bytes each.
const maxLosses = 500

// Lost is what was lost through one feed, and how much of it LOSS entries have
// booked to the reserve.
type Lost struct {
	ledger.Lost
	Booked int64
}

// Open is what is not booked yet.
func (x Lost) Open() int64 { return max(0, x.N-x.Booked) }

// Losses lists all losses with what is booked of them.
func Losses(q store.Querier, c *govern.Charter, l *ledger.Ledger) ([]Lost, error) {
	list, err := l.Losses(q)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	s, err := c.Snapshot(q)
	if err != nil {
		return nil, err
	}
	head, _, _ := s.Head()
	booked := s.Booked(head)
	out := make([]Lost, len(list))
	for i, x := range list {
		out[i] = Lost{x, booked[govern.Cost{Feed: x.Feed, Quota: x.Quota.Sum(l.Community())}]}
	}
	return out, nil
}

// BookLosses lets the registrar book what is not booked yet of the feeds that
// may be: whatever a later term finds booked before its cut stays so, and
// nothing is booked twice. It returns how many entries it wrote.
func BookLosses(tx *store.Tx, c *govern.Charter, l *ledger.Ledger, may func(ledger.Lost) (bool, error)) (int, error) {
	list, err := Losses(tx, c, l)
	if err != nil {
		return 0, err
	}
	var es []govern.Entry
	for _, x := range list {
		if x.Open() == 0 {
			continue
		}
		ok, err := may(x.Lost)
		if err != nil {
			return 0, err
		}
		if ok && len(es) < maxLosses {
			es = append(es, govern.Loss{Feed: x.Feed, Quota: x.Quota.Sum(l.Community()), Amount: uint64(x.Open()), Why: x.Quota.Kind.String()})
		}
	}
	if len(es) == 0 {
		return 0, nil
	}
	return len(es), c.Write(tx, "govern.loss", es...)
}
