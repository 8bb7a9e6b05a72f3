package ledger

import (
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Vouchers returns the transactions of admitted feeds that hold MOVEs to a feed
// or to one that it succeeds, which are not known to be taken, as Take wants them, oldest first, at most
// limit bytes in all. A till does not read the feeds of staff: this is how it
// gets what was sent to it while it was away. Printed vouchers come so only once
// they are past their time at now, milliseconds.
func (l *Ledger) Vouchers(q store.Querier, payee wire.Actor, now int64, limit int) (out [][]byte, err error) {
	if err := l.settle(q); err != nil {
		return nil, err
	}
	closed, err := l.closings(q)
	if err != nil {
		return nil, err
	}
	var hashes []wire.Hash
	for _, p := range append([]wire.Actor{payee}, predecessors(closed, payee)...) {
		list, err := l.waitingFor(q, p, now)
		if err != nil {
			return nil, err
		}
		hashes = append(hashes, list...)
	}
	for _, h := range hashes {
		v, err := l.Voucher(q, h)
		if err != nil {
			return nil, err
		}
		if limit -= len(v); limit < 0 {
			return out, nil
		}
		out = append(out, v)
	}
	return out, err
}
