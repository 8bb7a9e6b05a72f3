package ledger

import (
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Vouchers returns the transactions of admitted feeds that hold MOVEs to a feed
// which are not known to be taken, as Take wants them, oldest first, at most
// limit bytes in all. A till does not read the feeds of staff: this is how it
// gets what was sent to it while it was away. Printed vouchers come so only once
// they are past their time at now, milliseconds.
func (l *Ledger) Vouchers(q store.Querier, payee wire.Actor, now int64, limit int) (out [][]byte, err error) {
	if err := l.settle(q); err != nil {
		return nil, err
	}
	hashes, err := l.waitingFor(q, payee, now)
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
