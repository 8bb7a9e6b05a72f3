package node

import (
	"cmp"
	"slices"

	"jishan/app/govern"
	"jishan/app/law"
	"jishan/app/ledger"
	"jishan/app/people"
	"jishan/crdt/store"
	"jishan/crdt/wire"
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
		slices.SortStableFunc(f.uses, bySoldAt)
		shown := f.uses[max(0, len(f.uses)-maxSold):]
		list = append(list, c.alarmOf(alarmOvergiven, device, map[string]any{"n": f.n, "lines": shown, "more": len(f.uses) - len(shown)}))
	}
	slices.SortFunc(list, func(a, b alarm) int { return cmp.Compare(a.Device, b.Device) })
	return list, nil
}

// alarmOverspent: two histories of a device redeemed more of somebody's points than there
// were, or sent more home {n: how many, lost: points that are loss, lines: the redemptions
// since the histories part and what was sent on, more}. The community bears the loss and nobody's points are touched;
// the office can see whom to talk to, and what left which shelf. It is told for doubledFor.
const alarmOverspent = "overspent"

func (c *community) overspentAlarms(q store.Querier, _ govern.Snapshot) (list []alarm, err error) {
	losses, err := c.ledger.Losses(q)
	if err != nil {
		return nil, err
	}
	lost := map[wire.Actor]int64{}
	for _, x := range losses {
		if x.Quota.Kind == ledger.Points && c.store.Forked(x.Feed) {
			lost[x.Feed] += x.N
		}
	}
	type found struct {
		lost  int64
		lines []soldLine
	}
	writers, by := c.writers(), map[[32]byte]*found{}
	for feed, n := range lost {
		lines, err := c.overspent(q, feed)
		if err != nil {
			return nil, err
		}
		if len(lines) == 0 {
			continue
		}
		f := by[writers[feed]]
		if f == nil {
			f = &found{}
			by[writers[feed]] = f
		}
		f.lost, f.lines = f.lost+n, append(f.lines, lines...)
	}
	for device, f := range by {
		slices.SortStableFunc(f.lines, bySoldAt)
		shown := f.lines[max(0, len(f.lines)-maxSold):]
		list = append(list, c.alarmOf(alarmOverspent, device, map[string]any{"n": len(f.lines), "lost": f.lost, "lines": shown, "more": len(f.lines) - len(shown)}))
	}
	slices.SortFunc(list, func(a, b alarm) int { return cmp.Compare(a.Device, b.Device) })
	return list, nil
}

// overspent lists the redemptions of a feed since its histories part, and what it sent on,
// of persons whose points they had used up together.
func (c *community) overspent(q store.Querier, feed wire.Actor) (lines []soldLine, err error) {
	parted, err := c.ledger.Parted(q, feed)
	if err != nil {
		return nil, err
	}
	since := c.node.now() - doubledFor.Milliseconds()
	sales, err := c.shop.SoldBy(q, feed, since)
	for _, x := range sales {
		if err != nil || c.ledger.Number(store.DocID(x.Ref.Doc), x.Ref.Seq) < parted {
			continue
		}
		h, e := parseHash(x.Ref.Hash)
		lost, e2 := c.ledger.LostWith(q, h)
		if err = cmp.Or(e, e2); lost > 0 {
			lines = append(lines, soldLineOf(x))
		}
	}
	if err != nil {
		return nil, err
	}
	sent, err := c.ledger.Oversent(q, feed, parted, since)
	for _, x := range sent {
		b, e := buyers{c}.Buyer(q, people.ID(x.Person).String())
		if err = cmp.Or(err, e); err == nil {
			lines = append(lines, soldLine{At: x.At, Person: cmp.Or(b.Name, b.Masked), Points: x.Points, Sent: true})
		}
	}
	return lines, err
}

func bySoldAt(a, b soldLine) int { return cmp.Compare(a.At, b.At) }

// givenPiece is a use of a benefit as a line's goods.
type givenPiece struct {
	name string
	n    int64
}

func (g givenPiece) Piece() (string, int64) { return g.name, g.n }
