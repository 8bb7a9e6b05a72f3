package audit

import (
	"slices"
	"strconv"

	"jishan/app/ledger"
)

func itoa(n uint64) string { return strconv.FormatUint(n, 10) }

// weight orders kinds: a transaction is called by the heaviest of its entries.
var weight = []string{Rights, Stock, Redeem, Award, Deduct, Correct}

func (r *row) be(kind string) {
	if slices.Index(weight, kind) > slices.Index(weight, r.kind) {
		r.kind = kind
	}
}

// entry reads one entry of a transaction.
func (r *row) entry(e *ledger.Entry) {
	switch {
	case e.Quota.Kind == ledger.Points && (e.Type == ledger.Move || e.Type == ledger.Take || e.Type == ledger.Succeed):
		r.ids[e.Quota.Subject.String()] = true // rights that go from one device to another change no points
	case e.Quota.Kind == ledger.Points:
		r.ofPoints(e)
	case e.Type == ledger.Tally:
		r.ids[e.Quota.Subject.String()] = true
		r.be(Award)
	case e.Quota.Kind == ledger.Stock && e.Type == ledger.Consume:
		r.be(Redeem)
	case e.Quota.Kind == ledger.Stock && (e.Type == ledger.Mint || e.Type == ledger.Burn):
		r.be(Stock)
	case e.Type == ledger.Restore || e.Why == ledger.WhyUndo || e.Why == ledger.WhyCorrection:
		r.be(Correct)
	}
	if r.item == "" && e.Item != "" {
		r.item, r.version = e.Item, int64(e.Version)
	}
}

func (r *row) ofPoints(e *ledger.Entry) {
	r.ids[e.Quota.Subject.String()] = true
	switch e.Type {
	case ledger.Mint:
		r.points += e.Amount
		r.be(Award)
		if e.Why == ledger.WhyRecall {
			r.be(Correct)
		}
	case ledger.Consume:
		r.points -= e.Amount
		r.be(Redeem)
	case ledger.Restore:
		r.points += e.Amount
		r.be(Correct)
	case ledger.Burn:
		r.points -= e.Amount
		if e.Why == ledger.WhyUndo || e.Why == ledger.WhyCorrection || e.Why == ledger.WhyRecall {
			r.be(Correct)
		} else {
			r.be(Deduct)
		}
	}
}
