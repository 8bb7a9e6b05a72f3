package ledger

import "jishan/crdt/store"

// UseKept tells the ledger how many of a person's points this device keeps back
// for an order that waits here: they are not sent on, forwarded or written into a
// voucher. It is a rule of this device alone and no matter of validity; what
// redeems them asks nobody.
func (l *Ledger) UseKept(ask func(q store.Querier, person Subject) (int64, error)) { l.keeping = ask }

func (l *Ledger) keptBack(q store.Querier, person Subject) (int64, error) {
	if l.keeping == nil {
		return 0, nil
	}
	return l.keeping(q, person)
}

func amountOf(list []Amount) (n int64) {
	for _, a := range list {
		n += a.N
	}
	return n
}
