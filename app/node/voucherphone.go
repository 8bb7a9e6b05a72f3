package node

import (
	"context"

	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/app/people"
	"jishan/app/zone"
	"jishan/crdt/store"
)

// Limits of vouchers that residents write for themselves. Signing in on a
// phone takes a card's number and four digits, so little can be lost by it.
const (
	phoneVoucherPoints = 100
	phoneVoucherOpen   = 3
	// phoneSent is how many slips of forwarded points a phone shows at once: one
	// for each time that points were earned since the till was last reached.
	phoneSent = 8
	// phoneVoucherDays is how long such a voucher is good: the walk to the shop.
	phoneVoucherDays = 7
	// phoneVoucherRows is how many a phone lists.
	phoneVoucherRows = 20
)

type phoneTillsReply struct {
	tillsReply
	Most int64 `json:"most"` // points in one voucher
	Days int   `json:"days"` // how long it is good
}

func (c *community) phoneTills(ctx context.Context, _ people.ID, _ tokenRequest) (phoneTillsReply, error) {
	list, err := c.tills(ctx, none{})
	return phoneTillsReply{list, phoneVoucherPoints, phoneVoucherDays}, err
}

type phoneVoucherRequest struct {
	tokenRequest
	Points int64  `json:"points"`
	Till   string `json:"till"`
	Once   string `json:"once"`
}

// phoneVoucher writes a voucher of the signed-in resident's own points. A page
// that asks again gets the list instead of a second one. Faults: as
// issueVoucher, voucher.phone{most, open}.
func (c *community) phoneVoucher(ctx context.Context, p people.ID, r phoneVoucherRequest) (phoneVouchersReply, error) {
	if _, err := c.node.guests.repeats.do(ctx, p, "voucher", r.Once, func() error { return c.writePhoneVoucher(ctx, p, r) }); err != nil {
		return phoneVouchersReply{}, err
	}
	return c.phoneVouchers(ctx, p, r.tokenRequest)
}

func (c *community) writePhoneVoucher(ctx context.Context, p people.ID, r phoneVoucherRequest) error {
	open, err := c.openVouchers(ctx, p)
	if err != nil {
		return err
	}
	if r.Points > phoneVoucherPoints || len(open) >= phoneVoucherOpen {
		return fault.New("voucher.phone", "most", int64(phoneVoucherPoints), "open", phoneVoucherOpen)
	}
	until := zone.In(c.node.now()).AddDate(0, 0, phoneVoucherDays).Format("2006-01-02")
	_, err = c.issueVoucher(ctx, "", voucherRequest{Person: p.String(), Points: r.Points, Till: r.Till, Until: until})
	return err
}

// phonePast is a voucher as its owner's list shows it.
type phonePast struct {
	Hash   string `json:"hash"`
	Till   string `json:"till"`
	Points int64  `json:"points"`
	At     int64  `json:"at"`
	Until  int64  `json:"until"`
	State  string `json:"state"` // open, recalled, used, expired, returned
}

type phoneVouchersReply struct {
	Vouchers []slipReply `json:"vouchers"`
	Sent     []slipReply `json:"sent"` // points on their way to the usual till, which can be shown there
	Rows     []phonePast `json:"rows"` // all that were written, the newest first
}

// phoneVouchers are the resident's vouchers that this station wrote and nobody
// has used yet, drawn.
func (c *community) phoneVouchers(ctx context.Context, p people.ID, _ tokenRequest) (phoneVouchersReply, error) {
	out := phoneVouchersReply{Vouchers: []slipReply{}, Sent: []slipReply{}, Rows: []phonePast{}}
	rows, err := c.listVouchers(ctx, personRequest{Person: p.String()})
	if err != nil {
		return out, err
	}
	for _, v := range rows.Rows[:min(len(rows.Rows), phoneVoucherRows)] {
		out.Rows = append(out.Rows, phonePast{v.Hash, v.Till, v.Points, v.At, v.Until, v.State})
	}
	open, err := c.openVouchers(ctx, p)
	for _, v := range open {
		if v.Payer != c.store.Self() || len(out.Vouchers) >= phoneVoucherOpen {
			continue
		}
		s, err := c.slip(ctx, v.Hash)
		if err != nil {
			return out, err
		}
		out.Vouchers = append(out.Vouchers, s)
	}
	if err != nil {
		return out, err
	}
	out.Sent, err = c.sent(ctx, ledger.Subject(p))
	return out, err
}

// sent draws what this station has forwarded to the resident's usual till and
// the till has not confirmed: shown there, it is taken even where no network
// brought it.
func (c *community) sent(ctx context.Context, person ledger.Subject) ([]slipReply, error) {
	var list []ledger.Paper
	err := c.view(ctx, func(q store.Querier) (err error) {
		list, err = c.ledger.Forwarded(q, person, phoneSent)
		return err
	})
	out := []slipReply{}
	for _, p := range list {
		s, err := c.slip(ctx, p.Hash)
		if err != nil {
			return out, err
		}
		out = append(out, s)
	}
	return out, err
}

func (c *community) openVouchers(ctx context.Context, p people.ID) (open []ledger.Issued, err error) {
	err = c.view(ctx, func(q store.Querier) error {
		list, err := c.ledger.IssuedVouchers(q, ledger.Subject(p), c.node.now(), voucherRows)
		for _, v := range list {
			state, err := c.stateOf(q, v)
			if err != nil {
				return err
			}
			if state == string(ledger.VoucherOpen) {
				open = append(open, v)
			}
		}
		return err
	})
	return open, err
}
