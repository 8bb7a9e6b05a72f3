package node

import (
	"jishan/app/ledger"
	"jishan/crdt/store"
)

// A guest's till that was copied sells its home's credit twice. What is beyond it
// was sold all the same. Statements go by one history of a feed, so the offices
// are told the sum, and settle it between them.

// overSold is what the tills of one device sold beyond the credit that they had.
type overSold struct {
	points int64
	names  []string // of the communities whose credit it is
}

// overCredit collects that by device.
func (c *community) overCredit(q store.Querier) (map[[32]byte]overSold, error) {
	over, err := c.ledger.OverCredit(q)
	if err != nil || len(over) == 0 {
		return nil, err
	}
	writers, out := c.writers(), map[[32]byte]overSold{}
	for _, p := range c.charter.Partners() {
		home := ledger.TextSubject(p.Community())
		named := map[[32]byte]bool{}
		for feed, by := range over {
			if by[home] == 0 {
				continue
			}
			device := writers[feed]
			x := out[device]
			if x.points += by[home]; !named[device] {
				named[device], x.names = true, append(x.names, p.Name)
			}
			out[device] = x
		}
	}
	return out, nil
}

// overOf is what all tills of a community sold beyond the credit that they had.
func (c *community) overOf(q store.Querier, home ledger.Subject) (n int64, err error) {
	over, err := c.ledger.OverCredit(q)
	for _, by := range over {
		n += by[home]
	}
	return n, err
}
