package node

import (
	"cmp"
	"slices"

	"jishan/app/govern"
	"jishan/app/law"
	"jishan/app/ledger"
	"jishan/app/people"
	"jishan/crdt/store"
)

// alarmOvergiven: of benefits more was given than there was, as two copies of a device
// gave the same ones {n: how many beyond, lines: the uses, more}. What was eaten can't be
// given back, and no points are at stake: it is told for doubledFor, so that whoever pays
// the canteen knows why it counts more than the table allows.
const alarmOvergiven = "overgiven"

func (c *community) overgivenAlarms(q store.Querier, _ govern.Snapshot) (list []alarm, err error) {
	losses, err := law.Losses(q, c.charter, c.ledger)
	if err != nil {
		return nil, err
	}
	type found struct {
		n    int64
		uses []soldLine
	}
	writers, by := c.writers(), map[[32]byte]*found{}
	for _, x := range losses {
		if x.Quota.Kind != ledger.Benefit {
			continue
		}
		uses, err := c.honour.Uses(q, x.Quota.Subject, c.node.now()-doubledFor.Milliseconds())
		if err != nil {
			return nil, err
		}
		if len(uses) == 0 {
			continue
		}
		f := by[writers[x.Feed]]
		if f == nil {
			f = &found{}
			by[writers[x.Feed]] = f
		}
		f.n += x.N
		for _, g := range uses {
			b, err := buyers{c}.Buyer(q, people.ID(g.Person).String())
			if err != nil {
				return nil, err
			}
			if !g.Undone {
				f.uses = append(f.uses, soldLine{At: g.At, Person: cmp.Or(b.Name, b.Masked), Goods: goodsOf([]givenPiece{{g.Name, g.N}})})
			}
		}
	}
	for device, f := range by {
		slices.SortStableFunc(f.uses, func(a, b soldLine) int { return cmp.Compare(a.At, b.At) })
		shown := f.uses[max(0, len(f.uses)-maxSold):]
		list = append(list, c.alarmOf(alarmOvergiven, device, map[string]any{"n": f.n, "lines": shown, "more": len(f.uses) - len(shown)}))
	}
	slices.SortFunc(list, func(a, b alarm) int { return cmp.Compare(a.Device, b.Device) })
	return list, nil
}

// givenPiece is a use of a benefit as a line's goods.
type givenPiece struct {
	name string
	n    int64
}

func (g givenPiece) Piece() (string, int64) { return g.name, g.n }
