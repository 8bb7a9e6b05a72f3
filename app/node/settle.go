package node

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"jishan/app/fault"
	"jishan/app/fund"
	"jishan/app/govern"
	"jishan/app/settle"
	"jishan/app/sheet"
	"jishan/app/zone"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// settleCalls are the use cases of settlements; a merchant sees its own.
func (n *Node) settleCalls() map[string]handler {
	return map[string]handler{
		"settle.list":    in(n, (*community).owed),
		"settle.history": in(n, (*community).settled),
		"settle.make":    staff(n, (*community).makeSettlements),
		"settle.paid":    staff(n, (*community).paySettlements),
		"settle.terms":   staff(n, (*community).agree),
		"settle.sheet":   in(n, (*community).settlementSheet),
	}
}

// settlement is one batch of one merchant, money in fen.
type settlement struct {
	ID          string `json:"id"`
	Place       string `json:"place"`
	Name        string `json:"name"` // of the place
	Number      uint64 `json:"number"`
	Day         string `json:"day"`
	Redemptions int64  `json:"redemptions"`
	Reversals   int64  `json:"reversals"`
	Points      int64  `json:"points"`
	Back        int64  `json:"back"`
	Peg         int64  `json:"peg"`
	Fen         int64  `json:"fen"`
	Brought     int64  `json:"brought"`
	Pay         int64  `json:"pay"`
	At          int64  `json:"at"`
	Operator    string `json:"operator"` // "" for one that the computer made by itself
	SumFen      int64  `json:"sumFen"`
	PaidAt      int64  `json:"paidAt"`
	PaidBy      string `json:"paidBy"`
	Reference   string `json:"reference"`
	Payee       string `json:"payee"`
	Account     string `json:"account"`
	Bank        string `json:"bank"`
}

func settlementOf(b settle.Batch, names map[string]string) settlement {
	return settlement{
		ID: b.Hash.String(), Place: b.Place, Name: names[b.Place], Number: b.Number, Day: b.Day, Redemptions: b.Redemptions, Reversals: b.Reversals,
		Points: b.Points, Back: b.Back, Peg: b.Peg, Fen: b.Fen, Brought: b.Brought, Pay: b.Pay, At: b.At, Operator: b.Operator, SumFen: b.SumFen,
		PaidAt: b.PaidAt, PaidBy: b.PaidBy, Reference: b.Reference, Payee: b.Terms.Payee, Account: b.Terms.Account, Bank: b.Terms.Bank,
	}
}

func settlements(list []settle.Batch, names map[string]string) []settlement {
	out := make([]settlement, len(list))
	for i, b := range list {
		out[i] = settlementOf(b, names)
	}
	return out
}

// dueReply is what the next settlement would hold; Number 0: nothing.
type dueReply struct {
	Number      uint64 `json:"number"`
	Day         string `json:"day"`
	Redemptions int64  `json:"redemptions"`
	Reversals   int64  `json:"reversals"`
	Points      int64  `json:"points"`
	Back        int64  `json:"back"`
	Peg         int64  `json:"peg"`
	Fen         int64  `json:"fen"`
	Brought     int64  `json:"brought"`
	Pay         int64  `json:"pay"`
	First       int64  `json:"first"`
	Later       int64  `json:"later"`
	LaterDeals  int64  `json:"laterDeals"`
}

type stopReply struct {
	Device string `json:"device"`
	Why    string `json:"why"` // closed, forked
	Points int64  `json:"points"`
}

type owedMerchant struct {
	Place     string      `json:"place"`
	Name      string      `json:"name"`
	Payee     string      `json:"payee"`
	Account   string      `json:"account"`
	Bank      string      `json:"bank"`
	Agreed    int64       `json:"agreed"` // fen a point agreed with this merchant, 0: as the community
	Due       dueReply    `json:"due"`
	Settled   int64       `json:"settled"` // settlements
	Fen       int64       `json:"fen"`     // of all of them
	PaidFen   int64       `json:"paidFen"`
	UnpaidFen int64       `json:"unpaidFen"` // made, not paid
	Last      *settlement `json:"last"`
	Stops     []stopReply `json:"stops"`
}

type owedReply struct {
	Peg       int64          `json:"peg"` // the community's, 0: not said
	Registrar bool           `json:"registrar"`
	Merchants []owedMerchant `json:"merchants"`
	Unpaid    []settlement   `json:"unpaid"`
	Void      []settlement   `json:"void"` // paid by a registrar that had been replaced
	DueFen    int64          `json:"dueFen"`
	UnpaidFen int64          `json:"unpaidFen"`
}

// places lists the merchants that this device may see, with their names: staff
// all, a merchant itself.
func (c *community) owedPlaces() (map[string]string, error) {
	d, ok := c.self()
	all := c.settle.Merchants()
	if ok && d.Role.Staff() {
		return all, nil
	}
	if name, is := all[d.Place]; ok && is {
		return map[string]string{d.Place: name}, nil
	}
	return nil, fault.New("app.role")
}

// owed shows what is due, made and paid. Fault: app.role.
func (c *community) owed(ctx context.Context, _ none) (owedReply, error) {
	names, err := c.owedPlaces()
	if err != nil {
		return owedReply{}, err
	}
	d, _ := c.self()
	out := owedReply{Peg: c.charter.Settings().UnitFen, Registrar: d.Registrar, Merchants: []owedMerchant{}}
	err = c.view(ctx, func(q store.Querier) error {
		unpaid, err := c.settle.Unpaid(q)
		if err != nil {
			return err
		}
		void, err := c.settle.Void(q)
		if err != nil {
			return err
		}
		out.Unpaid, out.Void = settlements(unpaid, names), settlements(void, names)
		for _, place := range slices.SortedFunc(maps.Keys(names), func(a, b string) int { return cmp.Or(cmp.Compare(names[a], names[b]), cmp.Compare(a, b)) }) {
			m, err := c.owedTo(q, place, names)
			if err != nil {
				return err
			}
			for _, s := range out.Unpaid {
				if s.Place == place {
					m.UnpaidFen += s.Pay
				}
			}
			out.DueFen += m.Due.Pay
			out.UnpaidFen += m.UnpaidFen
			out.Merchants = append(out.Merchants, m)
		}
		return nil
	})
	return out, err
}

func (c *community) owedTo(q store.Querier, place string, names map[string]string) (m owedMerchant, err error) {
	now := c.node.now()
	today, _ := zone.DayBounds(now)
	due, err := c.settle.Due(q, place, today, now)
	if err != nil {
		return m, err
	}
	at, err := c.settle.Standing(q, place)
	if err != nil {
		return m, err
	}
	m = owedMerchant{
		Place: place, Name: names[place], Payee: at.Payee, Account: at.Account, Bank: at.Bank, Agreed: at.Peg, Settled: at.Settled, Fen: at.Fen, PaidFen: at.PaidFen,
		Due:   dueReply{due.Number, due.Day, due.Redemptions, due.Reversals, due.Points, due.Back, due.Peg, due.Fen, due.Brought, due.Pay, due.First, due.Later, due.LaterDeals},
		Stops: []stopReply{},
	}
	if at.Settled > 0 {
		last := settlementOf(at.Last, names)
		m.Last = &last
	}
	for _, s := range due.Stops {
		m.Stops = append(m.Stops, stopReply{c.deviceName(s.Feed), s.Why, s.Points})
	}
	return m, nil
}

type settledRequest struct {
	Place  string `json:"place"` // "": what was paid, of all merchants
	Offset int    `json:"offset"`
	Limit  int    `json:"limit"`
}

type settledReply struct {
	Rows  []settlement `json:"rows"`
	Total int64        `json:"total"`
}

// settled lists a merchant's settlements, or what was paid to all. Fault:
// app.role.
func (c *community) settled(ctx context.Context, r settledRequest) (out settledReply, err error) {
	names, err := c.owedPlaces()
	if err != nil {
		return out, err
	}
	if d, _ := c.self(); !d.Role.Staff() {
		r.Place = d.Place
	}
	r.Offset, r.Limit = max(0, r.Offset), min(max(1, r.Limit), maxPage)
	err = c.view(ctx, func(q store.Querier) error {
		list, n, err := c.settle.History(q, r.Place, r.Offset, r.Limit)
		if r.Place == "" {
			list, n, err = c.settle.Paid(q, r.Offset, r.Limit)
		}
		out = settledReply{settlements(list, names), n}
		return err
	})
	return out, err
}

type makeRequest struct {
	Place string `json:"place"` // "": all merchants
	Today bool   `json:"today"` // with what was redeemed today
}

type makeReply struct {
	Made []settlement `json:"made"`
}

// makeSettlements settles what is due, each merchant in one batch; nothing due
// is none made. Faults: settle.peg, settle.merchant, govern.registrar.only.
func (c *community) makeSettlements(ctx context.Context, r makeRequest) (makeReply, error) {
	names := c.settle.Merchants()
	if _, ok := names[r.Place]; r.Place != "" && !ok {
		return makeReply{}, fault.New("settle.merchant")
	}
	if d, _ := c.self(); !d.Registrar {
		return makeReply{}, fault.New("govern.registrar.only")
	}
	now := c.node.now()
	until, _ := zone.DayBounds(now)
	if r.Today {
		until = settle.Everything
	}
	var made []wire.Hash
	err := c.write(ctx, func(tx *store.Tx) error {
		for _, place := range slices.Sorted(maps.Keys(names)) {
			if r.Place != "" && r.Place != place {
				continue
			}
			h, ok, err := c.settle.Make(tx, place, until, now)
			if err != nil {
				return err
			}
			if ok {
				made = append(made, h)
			}
		}
		return nil
	})
	if err != nil {
		return makeReply{}, err
	}
	return c.madeReply(ctx, made, names)
}

func (c *community) madeReply(ctx context.Context, made []wire.Hash, names map[string]string) (out makeReply, err error) {
	out.Made = []settlement{}
	err = c.view(ctx, func(q store.Querier) error {
		for _, h := range made {
			b, _, _, err := c.settle.Sheet(q, h)
			if err != nil {
				return err
			}
			out.Made = append(out.Made, settlementOf(b, names))
		}
		return nil
	})
	return out, err
}

type paidRequest struct {
	IDs       []string `json:"ids"`
	Reference string   `json:"reference"` // the bank's, of the batch
}

// paySettlements notes that settlements were paid, all of them or none, and enters the
// payments in the community's money, in the same transaction. Faults:
// settle.unknown, settle.paid, settle.nothing, settle.reference,
// govern.registrar.only.
func (c *community) paySettlements(ctx context.Context, r paidRequest) (none, error) {
	list := make([]wire.Hash, len(r.IDs))
	for i, id := range r.IDs {
		h, err := settlementID(id)
		if err != nil {
			return none{}, err
		}
		list[i] = h
	}
	reference := strings.TrimSpace(r.Reference)
	return none{}, c.write(ctx, func(tx *store.Tx) error {
		if err := c.settle.Pay(tx, list, reference, c.node.now()); err != nil {
			return err
		}
		return c.spendOnSettlements(tx, list, reference)
	})
}

// spendOnSettlements enters payments in the community's money, which is the offices'.
func (c *community) spendOnSettlements(tx *store.Tx, list []wire.Hash, reference string) error {
	if d, _ := c.self(); d.Role != govern.Office {
		return nil
	}
	names := c.settle.Merchants()
	for _, h := range list {
		b, err := c.settle.One(tx, h)
		if err != nil {
			return err
		}
		e := fund.Entry{Kind: fund.Settle, Fen: b.Pay, Day: c.node.now(), Who: names[b.Place], Word: fmt.Sprintf("№%d · %s", b.Number, b.Day), Voucher: reference, By: c.operator()}
		if _, err := c.fund.Add(tx, e); err != nil {
			return err
		}
	}
	return nil
}

// settlementID reads a settlement's id.
func settlementID(id string) (wire.Hash, error) {
	h, err := parseHash(id)
	if err != nil {
		return h, fault.New("settle.unknown")
	}
	return h, nil
}

type termsRequest struct {
	Place   string `json:"place"`
	Payee   string `json:"payee"`
	Account string `json:"account"`
	Bank    string `json:"bank"`
	Peg     int64  `json:"peg"` // fen a point, 0: as the community
}

// agree notes where a merchant is paid, and what a point is worth there. Faults:
// settle.merchant, settle.terms {field}, govern.registrar.only.
func (c *community) agree(ctx context.Context, r termsRequest) (none, error) {
	number := strings.ToUpper(strings.Join(strings.Fields(r.Account), "")) // as it is printed on the card, in groups
	t := settle.Terms{Payee: strings.TrimSpace(r.Payee), Account: number, Bank: strings.TrimSpace(r.Bank), Peg: r.Peg}
	return none{}, c.write(ctx, func(tx *store.Tx) error { return c.settle.Agree(tx, r.Place, t, c.node.now()) })
}

type sheetLine struct {
	At       int64  `json:"at"`
	Check    string `json:"check"` // as it stands on the receipt
	Points   int64  `json:"points"`
	Fen      int64  `json:"fen"`
	Operator string `json:"operator"`
}

type sheetReply struct {
	Settlement settlement  `json:"settlement"`
	Community  string      `json:"community"`
	Lines      []sheetLine `json:"lines"`
	Complete   bool        `json:"complete"` // all its redemptions are known here
}

// checkLen is how much of a transaction's hash a receipt shows.
const checkLen = 8

// settlementSheet is one settlement with its redemptions, to be printed. Faults:
// settle.unknown, app.role.
func (c *community) settlementSheet(ctx context.Context, r idRequest) (out sheetReply, err error) {
	h, err := settlementID(r.ID)
	if err != nil {
		return out, err
	}
	names, err := c.owedPlaces()
	if err != nil {
		return out, err
	}
	err = c.view(ctx, func(q store.Querier) error {
		b, lines, complete, err := c.settle.Sheet(q, h)
		if err != nil {
			return err
		}
		if _, mine := names[b.Place]; !mine {
			return fault.New("settle.unknown")
		}
		out = sheetReply{Settlement: settlementOf(b, names), Community: c.charter.Settings().Name, Lines: make([]sheetLine, len(lines)), Complete: complete}
		for i, l := range lines {
			out.Lines[i] = sheetLine{l.At, strings.ToUpper(l.Hash.String()[:checkLen]), l.Points, l.Fen, l.Operator}
		}
		return nil
	})
	return out, err
}

// bankFile is the sheet for the bank: what is made and not paid without the
// settlements that are named (ids, a comma between), or what was paid under a
// reference. Fault: settle.empty.
func (c *community) bankFile(ctx context.Context, reference, without string) (*File, error) {
	names := c.settle.Merchants()
	var list []settle.Batch
	err := c.view(ctx, func(q store.Querier) (err error) {
		if reference == "" {
			list, err = c.settle.Unpaid(q)
		} else {
			list, err = c.settle.PaidUnder(q, reference)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	left := strings.Split(without, ",")
	list = slices.DeleteFunc(list, func(b settle.Batch) bool { return slices.Contains(left, b.Hash.String()) })
	if len(list) == 0 {
		return nil, fault.New("settle.empty")
	}
	return workbook(c.fileName(sheet.TakenPayments, c.stamp()), func(w io.Writer) error { return sheet.Bank(w, c.charter.Settings().Name, list, names) })
}

// settleFrom is when yesterday is settled with what is known, milliseconds after
// midnight: the clerk finds the batch at the start of work, and the bank has the
// day to pay it. A till that is in step with this device is settled as soon as
// the day is over.
const settleFrom = int64(8 * time.Hour / time.Millisecond)

// settlements makes yesterday's, one a day for each merchant: what comes late
// goes into the next.
func (t *tender) settlements(ctx context.Context) error {
	if !t.registrar() {
		return nil
	}
	now := t.c.node.now()
	today, _ := zone.DayBounds(now)
	yesterday := zone.Day(today - 1)
	if t.settled == nil {
		t.settled = map[string]string{}
	}
	for place := range t.c.settle.Merchants() {
		if t.settled[place] == yesterday || now < today+settleFrom && !t.inStep(place) {
			continue
		}
		if err := t.settle(ctx, place, yesterday, today, now); err != nil {
			return err
		}
	}
	return nil
}

func (t *tender) settle(ctx context.Context, place, yesterday string, today, now int64) error {
	var at settle.Standing
	err := t.c.view(ctx, func(q store.Querier) (err error) {
		at, err = t.c.settle.Standing(q, place)
		return err
	})
	if err != nil || at.Peg == 0 && t.c.charter.Settings().UnitFen == 0 {
		return err
	}
	if at.Last.Day < yesterday {
		err = t.write(ctx, func(tx *store.Tx) error {
			_, ok, err := t.c.settle.Make(tx, place, today, now)
			if err == nil && !ok {
				err = errNothing
			}
			return err
		})
	}
	if err == nil || errors.Is(err, errNothing) {
		t.settled[place], err = yesterday, nil
	}
	return err
}

// inStep tells whether a merchant's tills are all connected and in step with
// this device.
func (t *tender) inStep(place string) bool {
	online := t.c.mesh.online()
	for _, d := range t.c.charter.Devices() {
		if d.Role != govern.Merchant || d.Place != place || d.Revoked {
			continue
		}
		if talk := online[d.Device]; talk == nil || !talk.Stats().InSync {
			return false
		}
	}
	return true
}
