package govern

import (
	"jishan/crdt/wire"
)

// Cost names what LOSS entries book: what one feed cost of one quota.
type Cost struct {
	Feed  wire.Actor
	Quota [32]byte
}

// Booked returns what the LOSS entries that count under a head book to the
// reserve.
func (n Snapshot) Booked(at Point) map[Cost]int64 {
	out := map[Cost]int64{}
	for _, d := range n.s.losses {
		if n.s.within(d.At, at) {
			out[Cost{d.Entry.Feed, d.Entry.Quota}] += int64(min(d.Entry.Amount, maxAmount))
		}
	}
	return out
}
