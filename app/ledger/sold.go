package ledger

import (
	"database/sql"
	"slices"

	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// What was handed over beyond a cut, sale by sale, for people: the terms of the sum
// say only how much it cost.

// UndoneLate lists what was given back beyond a cut and is not given back where it counts,
// the earlier transactions, oldest first in each feed: what a successor could not undo
// again, as two histories had handed over more than was there.
func (l *Ledger) UndoneLate(q store.Querier) (list []wire.Hash, err error) {
	if err := l.settle(q); err != nil {
		return nil, err
	}
	late, err := late(q)
	for _, h := range late {
		r, err := l.Transaction(q, h)
		if err != nil {
			return nil, err
		}
		for i := range r.Tx.Entries {
			e := &r.Tx.Entries[i]
			if e.Type != Restore || slices.Contains(list, e.Ref.Hash) {
				continue
			}
			var stands bool
			if err := q.QueryRow(`SELECT NOT `+Undone("?1")+` AND NOT `+BeyondCut("?1"), e.Ref.Hash[:]).Scan(&stands); err != nil {
				return nil, err
			}
			if stands {
				list = append(list, e.Ref.Hash)
			}
		}
	}
	return list, err
}

// late lists the transactions beyond cuts.
func late(q store.Querier) (list []wire.Hash, err error) {
	err = store.EachRow(q, func(r *sql.Rows) error {
		var h []byte
		err := r.Scan(&h)
		list = append(list, wire.Hash(h))
		return err
	}, "SELECT t.hash FROM ledger_late t JOIN ledger_feed f ON f.n = t.feed ORDER BY f.inc, t.number, t.hash")
	return list, err
}

// SoldLate is a transaction beyond its feed's cut that handed goods or points over
// and was not taken back there.
type SoldLate struct {
	Record
	Points int64 // that it redeemed
}

// SoldLate lists what was handed over beyond cuts, oldest first in each feed.
func (l *Ledger) SoldLate(q store.Querier) (list []SoldLate, err error) {
	if err := l.settle(q); err != nil {
		return nil, err
	}
	late, err := late(q)
	if err != nil {
		return nil, err
	}
	for _, h := range late {
		r, err := l.Transaction(q, h)
		if err != nil {
			return nil, err
		}
		x, sold := SoldLate{Record: r}, false
		for i := range r.Tx.Entries {
			e := &r.Tx.Entries[i]
			if e.Type != Consume || e.Quota.Kind != Points && e.Quota.Kind != Stock {
				continue
			}
			sold = true
			if e.Quota.Kind == Points {
				x.Points += e.Amount
			}
		}
		if !sold {
			continue
		}
		var undone int
		if err := q.QueryRow("SELECT count(*) FROM ledger_undone WHERE hash = ?", h[:]).Scan(&undone); err != nil {
			return nil, err
		}
		if undone == 0 {
			list = append(list, x)
		}
	}
	return list, nil
}
