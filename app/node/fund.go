package node

import (
	"cmp"
	"context"
	"io"
	"strconv"

	"jishan/app/fault"
	"jishan/app/fund"
	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/app/sheet"
	"jishan/app/shop"
	"jishan/app/zone"
	"jishan/crdt/store"
)

// The community's money for this purpose, and whether it covers the points in circulation
// (docs/fund.md).

func (n *Node) fundCalls() map[string]handler {
	return map[string]handler{
		"fund.get":  staff(n, (*community).getFund),
		"fund.add":  staff(n, (*community).addFund),
		"fund.undo": staff(n, (*community).undoFund),
	}
}

type yearRequest struct {
	Year string `json:"year"` // "" = this one
}

type fundReply struct {
	fund.Year
	Of    string `json:"of"` // the year
	Cover cover  `json:"cover"`
}

// cover is what the points in circulation may cost, and what there is for it today.
type cover struct {
	Points   int64 `json:"points"`
	UnitFen  int64 `json:"unitFen"`  // 0: nobody said what a point is worth
	PointFen int64 `json:"pointFen"` // what the points may cost
	OwedFen  int64 `json:"owedFen"`  // to merchants, not paid yet
	MoneyFen int64 `json:"moneyFen"`
	GoodsFen int64 `json:"goodsFen"` // on the community's own shelves, at cost
	NoCost   int64 `json:"noCost"`   // goods on them whose cost nobody wrote
	LeftFen  int64 `json:"leftFen"`  // beyond what is needed; below 0: so much is missing
}

func (c *community) getFund(ctx context.Context, r yearRequest) (fundReply, error) {
	out := fundReply{Of: cmp.Or(r.Year, zone.Year(c.node.now()))}
	if n, err := strconv.Atoi(out.Of); err != nil || len(out.Of) != 4 || n < 2000 || n > 2200 {
		return out, fault.New("fund.year")
	}
	owed, err := c.owed(ctx, none{})
	if err != nil {
		return out, err
	}
	err = c.view(ctx, func(q store.Querier) (err error) {
		if out.Year, err = c.fund.Year(q, out.Of); err != nil {
			return err
		}
		out.Cover, err = c.covered(q, owed.DueFen+owed.UnpaidFen)
		return err
	})
	return out, err
}

// covered reckons today's cover, whatever year is looked at.
func (c *community) covered(q store.Querier, owed int64) (cover, error) {
	out := cover{UnitFen: c.charter.Settings().UnitFen, OwedFen: owed}
	now, err := c.fund.Year(q, zone.Year(c.node.now()))
	if err != nil {
		return out, err
	}
	out.MoneyFen = now.Left
	t, err := c.ledger.Totals(q, ledger.Points)
	if err != nil {
		return out, err
	}
	out.Points = t.Held + t.InFlight + t.Stranded
	out.PointFen = out.Points * out.UnitFen
	if out.GoodsFen, out.NoCost, err = c.goodsWorth(q); err != nil {
		return out, err
	}
	out.LeftFen = out.MoneyFen + out.GoodsFen - out.PointFen - out.OwedFen
	return out, nil
}

// goodsWorth is what lies on the shelves of the community's own places, at cost. A
// merchant's goods are its own.
func (c *community) goodsWorth(q store.Querier) (fen, unknown int64, err error) {
	own := []string{}
	for _, d := range c.charter.Devices() {
		if d.Role != govern.Merchant {
			own = append(own, d.Place)
		}
	}
	costs, err := shop.Costs(q, own)
	if err != nil {
		return 0, 0, err
	}
	stock, err := c.ledger.StockEverywhere(q)
	if err != nil {
		return 0, 0, err
	}
	for _, h := range stock {
		cost, known := costs[h.Quota.Subject]
		switch {
		case !known || h.N <= 0:
		case cost == 0:
			unknown += h.N
		default:
			fen += h.N * cost
		}
	}
	return fen, unknown, nil
}

type fundEntry struct {
	Kind    string `json:"kind"`
	Fen     int64  `json:"fen"`
	Day     int64  `json:"day"`
	Who     string `json:"who"`
	Word    string `json:"word"`
	Voucher string `json:"voucher"`
	Grant   string `json:"grant"`
}

type fundAdded struct {
	ID string `json:"id"`
}

// addFund enters something. Faults: app.role, those of fund.Book.Add.
func (c *community) addFund(ctx context.Context, r fundEntry) (out fundAdded, err error) {
	if d, _ := c.self(); d.Role != govern.Office {
		return out, fault.New("app.role")
	}
	keepAnswer(ctx, &out)
	err = c.write(ctx, func(tx *store.Tx) (err error) {
		out.ID, err = c.fund.Add(tx, fund.Entry{Kind: r.Kind, Fen: r.Fen, Day: r.Day, Who: r.Who, Word: r.Word, Voucher: r.Voucher, Grant: r.Grant, By: c.operator()})
		return err
	})
	return out, err
}

// undoFund enters the opposite. Faults: app.role, those of fund.Book.Undo.
func (c *community) undoFund(ctx context.Context, r struct {
	ID  string `json:"id"`
	Why string `json:"why"`
}) (none, error) {
	if d, _ := c.self(); d.Role != govern.Office {
		return none{}, fault.New("app.role")
	}
	return none{}, c.write(ctx, func(tx *store.Tx) error { return c.fund.Undo(tx, r.ID, r.Why, c.operator()) })
}

// fundFile is a year as a workbook.
func (c *community) fundFile(ctx context.Context, year string) (*File, error) {
	got, err := c.getFund(ctx, yearRequest{year})
	if err != nil {
		return nil, err
	}
	return workbook(c.fileName(sheet.TakenFund, got.Of), func(w io.Writer) error {
		return sheet.Fund(w, c.charter.Settings().Name, got.Of, got.Year)
	})
}
