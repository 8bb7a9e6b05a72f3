package node

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/law"
	"jishan/app/ledger"
	"jishan/app/shop"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// What a device sold after its book was closed: a main device that somebody took
// over from while it was cut off, a till that was revoked. Nobody did wrong at the
// counter, the goods are with the people, and the books say loss. So the office is
// told, sale by sale, until the main device's operator says that he has seen it.

// alarmSold: a device sold after its book was closed {how: soldRevoked and so on, n:
// sales, points: that they redeemed, lost: points that are loss, lines: the sales,
// more: how many of them are not in lines}.
const alarmSold = "sold"

// How a book came to be closed under somebody's hands.
const (
	soldRevoked = "revoked" // the device was revoked
	soldMain    = "main"    // another one took its place as main device
	soldOther   = "other"   // put back, copied, or not heard of for long
)

// maxSold bounds the sales that an alarm lists: a screen full; all of them stand in
// the persons' passbooks.
const maxSold = 20

// soldLine is one sale.
type soldLine struct {
	At     int64  `json:"at"`
	Person string `json:"person"` // the full name at staff devices, else masked
	Goods  string `json:"goods"`
	Points int64  `json:"points"`
	Sent   bool   `json:"sent,omitempty"` // not redeemed: they went back to where the person's points are
}

// soldBy is what one device sold too late.
type soldBy struct {
	sales  []ledger.SoldLate
	points int64
	lost   int64
	forked bool
}

// mark grows with whatever is found, so that what was looked at is known by it.
func (s *soldBy) mark() int64 { return int64(len(s.sales)) + s.lost }

// soldLate collects what was sold too late, by device.
func (c *community) soldLate(q store.Querier) (map[[32]byte]*soldBy, error) {
	sales, err := c.ledger.SoldLate(q)
	if err != nil {
		return nil, err
	}
	losses, err := law.Losses(q, c.charter, c.ledger)
	if err != nil || len(sales)+len(losses) == 0 {
		return nil, err
	}
	writers, out := c.writers(), map[[32]byte]*soldBy{}
	of := func(feed wire.Actor) *soldBy {
		d := writers[feed]
		if out[d] == nil {
			out[d] = &soldBy{}
		}
		return out[d]
	}
	for _, x := range sales {
		s := of(x.Feed)
		s.sales = append(s.sales, x)
		s.points += x.Points
	}
	for _, x := range losses {
		if x.Quota.Kind == ledger.Points {
			s := of(x.Feed)
			s.lost += x.N
			s.forked = s.forked || c.store.Forked(x.Feed)
		}
	}
	return out, nil
}

// soldAlarms tell of sales after the close, and of vouchers that were written after
// it and spent, until somebody at the main device has looked at them. What two
// histories of one book cost has an alarm of its own (alarmFork).
func (c *community) soldAlarms(q store.Querier, _ govern.Snapshot) (list []alarm, err error) {
	all, err := c.soldLate(q)
	if err != nil {
		return nil, err
	}
	for _, d := range c.charter.Devices() {
		s := all[d.Device]
		if s == nil || len(s.sales) == 0 && (s.forked || s.lost == 0) || s.mark() <= c.charter.Settings().SoldSeen(d.Device) {
			continue
		}
		how := soldOther
		switch {
		case d.Revoked:
			how = soldRevoked
		case c.charter.WasMain(d.Device):
			how = soldMain
		}
		lines, err := c.soldLines(q, s.sales)
		if err != nil {
			return nil, err
		}
		list = append(list, c.alarmOf(alarmSold, d.Device, map[string]any{
			"how": how, "n": len(s.sales), "points": s.points, "lost": s.lost, "lines": lines, "more": len(s.sales) - len(lines),
		}))
	}
	return list, nil
}

// soldLines says of the latest sales who got what.
func (c *community) soldLines(q store.Querier, sales []ledger.SoldLate) ([]soldLine, error) {
	lines := []soldLine{}
	for _, x := range sales[max(0, len(sales)-maxSold):] {
		line := soldLine{At: x.At, Points: x.Points}
		r, err := c.shop.Receipt(q, x.Ref.Hash)
		switch {
		case err == nil:
			line = soldLineOf(r)
		case fault.Of(err).Code != "till.receipt.unknown": // points alone have no receipt
			return nil, err
		}
		lines = append(lines, line)
	}
	return lines, nil
}

func soldLineOf(r shop.Receipt) soldLine {
	return soldLine{At: r.At, Person: cmp.Or(r.Name, r.Masked), Goods: goodsOf(r.Lines), Points: r.Total}
}

// alarmDoubled: what is handed over once, a gift of an award day or an order from a
// phone, was redeemed more than once, as two copies of a device did it {n: how many,
// points: redeemed beyond the first time, lost: of them, by what the
// persons had not, lines: the redemptions, more}. It goes when
// all but one are undone, or after doubledFor: both may have been handed over.
const (
	alarmDoubled = "doubled"
	doubledFor   = 60 * 24 * time.Hour
)

func (c *community) doubledAlarms(q store.Querier, _ govern.Snapshot) (list []alarm, err error) {
	all, err := c.shop.Doubled(q, c.node.now()-doubledFor.Milliseconds())
	if err != nil || len(all) == 0 {
		return nil, err
	}
	type found struct {
		n            int
		points, lost int64
		lines        []soldLine
	}
	writers, by := c.writers(), map[[32]byte]*found{}
	for _, d := range all {
		x := by[writers[d.Actor]]
		if x == nil {
			x = &found{}
			by[writers[d.Actor]] = x
		}
		x.n++
		for i, r := range d.Receipts {
			if x.lines = append(x.lines, soldLineOf(r)); i > 0 {
				x.points += r.Total
			}
		}
		h, err := parseHash(d.Receipts[0].Ref.Hash)
		if err != nil {
			return nil, err
		}
		lost, err := c.ledger.LostWith(q, h)
		if err != nil {
			return nil, err
		}
		x.lost += lost
	}
	for device, x := range by {
		shown := x.lines[max(0, len(x.lines)-maxSold):]
		list = append(list, c.alarmOf(alarmDoubled, device, map[string]any{"n": x.n, "points": x.points, "lost": x.lost, "lines": shown, "more": len(x.lines) - len(shown)}))
	}
	slices.SortFunc(list, func(a, b alarm) int { return cmp.Compare(a.Device, b.Device) })
	return list, nil
}

// alarmReturned: what a device gave back counts nowhere, as it lies beyond its book's end and
// its successor may not give it back: two copies had redeemed more than was there {n,
// points, lines: the redemptions, more}. The person was told that the points are back.
const alarmReturned = "returned"

func (c *community) returnedAlarms(q store.Querier, _ govern.Snapshot) ([]alarm, error) {
	all, err := c.ledger.UndoneLate(q)
	if err != nil || len(all) == 0 {
		return nil, err
	}
	var lines []soldLine
	var points int64
	for _, h := range all {
		lost, err := c.ledger.LostWith(q, h)
		if err != nil {
			return nil, err
		}
		r, err := c.shop.Receipt(q, h)
		switch {
		case err == nil && lost > 0 && r.At >= c.node.now()-doubledFor.Milliseconds():
			lines, points = append(lines, soldLineOf(r)), points+r.Total
		case err != nil && fault.Of(err).Code != "till.receipt.unknown":
			return nil, err
		}
	}
	if len(lines) == 0 {
		return nil, nil
	}
	shown := lines[max(0, len(lines)-maxSold):]
	return []alarm{{Code: alarmReturned, Link: "/devices", Params: map[string]any{"n": len(lines), "points": points, "lines": shown, "more": len(lines) - len(shown)}}}, nil
}

// goodsOf names goods and how many of each.
func goodsOf[L interface{ Piece() (string, int64) }](lines []L) string {
	names := make([]string, len(lines))
	for i, l := range lines {
		name, n := l.Piece()
		names[i] = fmt.Sprintf("%s × %d", name, n)
	}
	return strings.Join(names, "、")
}

// seenSold is the office's word that it has looked at what a device sold too late.
// The charter keeps it, so that every staff device's alarm ends. Faults:
// devices.unknown, devices.sold.none, govern.registrar.only.
func (c *community) seenSold(ctx context.Context, r idRequest) (none, error) {
	return c.wordOn(ctx, r.ID, func(tx *store.Tx, pub [32]byte) error {
		all, err := c.soldLate(tx)
		if err != nil {
			return err
		}
		s := all[pub]
		if s == nil || s.mark() <= c.charter.Settings().SoldSeen(pub) {
			return fault.New("devices.sold.none")
		}
		return c.charter.SetPolicy(tx, govern.SoldSeenSetting(pub, s.mark()))
	})
}

// wordOn writes the main device's word about another one into the charter. Faults:
// devices.unknown, govern.registrar.only, those of say.
func (c *community) wordOn(ctx context.Context, id string, say func(tx *store.Tx, pub [32]byte) error) (none, error) {
	pub, err := parseDevice(id)
	if err != nil {
		return none{}, err
	}
	if d, _ := c.self(); !d.Registrar {
		return none{}, fault.New("govern.registrar.only")
	}
	err = c.write(ctx, func(tx *store.Tx) error { return say(tx, pub) })
	c.node.hub.tell("state", "devices")
	return none{}, err
}
