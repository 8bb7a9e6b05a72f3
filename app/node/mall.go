package node

import (
	"context"
	"encoding/hex"

	"jishan/app/bylaw"
	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/app/people"
	"jishan/app/qr"
	"jishan/app/shop"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// The mall on a phone: the shelf of the place that serves the page, orders with
// pick-up codes. What an order sets aside and how it is fetched is app/shop.

func (n *Node) phoneMallCalls() map[string]handler {
	return map[string]handler{
		"phone.shelf":       in(n, (*community).phoneShelf),
		"phone.shops":       in(n, (*community).phoneShops),
		"phone.pictures":    in(n, (*community).phonePhotos),
		"phone.order":       phoneCall(n, (*community).phoneOrder),
		"phone.cancelOrder": phoneCall(n, (*community).phoneCancelOrder),
	}
}

// phoneOffer is an offer as everybody may see it.
type phoneOffer struct {
	ID     string `json:"id"`
	Name   string `json:"name"`
	Unit   string `json:"unit"`
	Kind   string `json:"kind"`
	Icon   string `json:"icon"`
	Points int64  `json:"points"`
	Left   int64  `json:"left"`  // that nobody has set aside; -1: no end
	Photo  string `json:"photo"` // the hash of its picture
}

// phoneOrderRow is a resident's own order.
type phoneOrderRow struct {
	ID     string                 `json:"id"`
	Pick   string                 `json:"pick"` // the number to say at the till
	SVG    string                 `json:"svg"`  // the same to be scanned; "" once it is over
	At     int64                  `json:"at"`
	Until  int64                  `json:"until"`
	Points int64                  `json:"points"`
	State  string                 `json:"state"`
	Lines  []shop.ReservationLine `json:"lines"`
}

type phoneShelfReply struct {
	Place  string          `json:"place"`
	Days   int64           `json:"days"` // an order waits so long
	Rules  bylaw.Rules     `json:"rules"`
	Offers []phoneOffer    `json:"offers"`
	Free   int64           `json:"free"`   // points that may be ordered with
	Lacks  int64           `json:"lacks"`  // points that are missing to redeem at all, by the rules' least sum
	Orders []phoneOrderRow `json:"orders"` // of who is signed in
}

// phoneShelf shows the shelf to anybody, and to who is signed in the own orders.
func (c *community) phoneShelf(ctx context.Context, r tokenRequest) (phoneShelfReply, error) {
	d, _ := c.self()
	out := phoneShelfReply{Place: d.PlaceName, Days: c.charter.Settings().Keeping(), Offers: []phoneOffer{}, Orders: []phoneOrderRow{}}
	me := c.guestText(ctx, r.Token)
	err := c.view(ctx, func(q store.Querier) error {
		list, err := c.shop.Offers(q, false)
		if err != nil {
			return err
		}
		if out.Rules, err = c.bylaw.Now(q, c.node.now()); err != nil {
			return err
		}
		for _, o := range list {
			left := o.Stock
			if left != shop.Unlimited {
				left = max(0, o.Stock-o.Reserved)
			}
			out.Offers = append(out.Offers, phoneOffer{o.ID, o.Name, o.Unit, o.Kind, o.Icon, o.Points, left, o.Photo})
		}
		if me == "" {
			return nil
		}
		return c.ownOrders(q, me, &out)
	})
	return out, err
}

func (c *community) ownOrders(q store.Querier, me string, out *phoneShelfReply) error {
	a, err := c.shop.Account(q, me)
	if err != nil {
		return err
	}
	out.Free, out.Lacks = max(0, a.Spendable-a.Kept), a.Lacks
	list, err := c.shop.OrdersOf(q, me)
	if err != nil {
		return err
	}
	for _, r := range list {
		row := phoneOrderRow{ID: r.ID, Pick: r.Pick, At: r.At, Until: r.Until, Points: r.Points, State: r.State, Lines: r.Lines}
		if r.State == "open" {
			if row.SVG, err = qr.SVG(shop.PickText(r.ID), qr.Medium); err != nil {
				return err
			}
		}
		out.Orders = append(out.Orders, row)
	}
	return nil
}

type phoneGoodsRequest struct {
	tokenRequest
	Lines []shop.Line `json:"lines"`
	PIN   string      `json:"pin"`
	Once  string      `json:"once"`
}

// phoneOrder orders for who is signed in; what a page sends again is one order,
// also after a restart. Faults: mall.once, mall.pin (the card has one and it was not
// typed), those of tryPIN, of shop.Order.
func (c *community) phoneOrder(ctx context.Context, p people.ID, r phoneGoodsRequest) (phoneShelfReply, error) {
	if len(r.Once) < minOnce || len(r.Once) > maxOnceWord {
		return phoneShelfReply{}, fault.New("mall.once")
	}
	made := false
	err := c.view(ctx, func(q store.Querier) (err error) { _, made, err = c.shop.Ordered(q, p.String(), r.Once); return err })
	if err != nil {
		return phoneShelfReply{}, err
	}
	if !made {
		if err := c.orderFor(ctx, p, r); err != nil {
			return phoneShelfReply{}, err
		}
	}
	return c.phoneShelf(ctx, r.tokenRequest)
}

func (c *community) orderFor(ctx context.Context, p people.ID, r phoneGoodsRequest) error {
	if _, v := c.cardHere(c.shownCard(p)); v != (people.Verifier{}) {
		if r.PIN == "" {
			return fault.New("mall.pin")
		}
		if err := c.tryPIN(ctx, p, r.PIN); err != nil {
			return err
		}
	}
	c.visits.note(c.people.Lead(p), c.node.now()) // what is fetched for the order must not be sent on before it stands
	if need := c.priceOf(ctx, r.Lines); need > 0 {
		c.gather(ctx, ledger.Subject(p), need)
	}
	return c.writeAs(ctx, "", func(tx *store.Tx) error {
		_, err := c.shop.Order(tx, p.String(), r.Lines, r.Once)
		return err
	})
}

// priceOf is what lines cost; 0 where the order will be refused anyway.
func (c *community) priceOf(ctx context.Context, lines []shop.Line) (n int64) {
	err := c.view(ctx, func(q store.Querier) error {
		list, err := c.shop.Offers(q, false)
		for _, l := range lines {
			for _, o := range list {
				if o.ID == l.Offer && l.N > 0 && l.N <= maxVoucherPoints {
					n += o.Points * l.N
				}
			}
		}
		return err
	})
	if err != nil {
		return 0
	}
	return n
}

func (c *community) phoneCancelOrder(ctx context.Context, p people.ID, r struct {
	tokenRequest
	ID string `json:"id"`
}) (phoneShelfReply, error) {
	if err := c.writeAs(ctx, "", func(tx *store.Tx) error { return c.shop.CancelOrder(tx, r.ID, p.String()) }); err != nil {
		return phoneShelfReply{}, err
	}
	return c.phoneShelf(ctx, r.tokenRequest)
}

// pickHere refuses an order whose goods and points lie at another device of this
// place. Fault: till.pick.device{device}.
func (c *community) pickHere(q store.Querier, r shop.Reservation) error {
	raw, err := hex.DecodeString(r.Device)
	var a wire.Actor
	if err != nil || len(raw) != len(a) || r.Device == c.inc.Actor().String() {
		return nil
	}
	copy(a[:], raw)
	device, ok, err := c.charter.DeviceOf(q, a)
	if err != nil || !ok || device == c.node.device.Load().Public() {
		return err
	}
	d, _ := c.charter.Device(device)
	return fault.New("till.pick.device", "device", d.Name)
}
