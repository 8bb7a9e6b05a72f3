package law

import (
	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/crdt/store"
)

// YearBudget is the common issue budget that the registrar makes once a year
// where nobody fixed any: far above what 2,000 households earn.
const YearBudget = 10_000_000

// BudgetDue is how much the registrar should make of a year's common budget now;
// 0 if nothing is due: all that was approved, or the technical bound where nobody
// fixed any. Once a budget was fixed and made, only its own changes make more;
// the bound is made once more after a new incarnation, when the old one took what
// was left of it along.
func BudgetDue(q store.Querier, c *govern.Charter, l *ledger.Ledger, period string) (int64, error) {
	b := ledger.Quota{Kind: ledger.Issue, Subject: l.Community(), Period: period}
	made, err := l.Account(q, b)
	if err != nil {
		return 0, err
	}
	here, err := l.Here(q, b)
	if err != nil || here > 0 || made.Minted > 0 && made.Consumed-made.Restored >= made.Minted {
		return 0, err
	}
	points, _, set := c.Settings().Budget(period)
	switch {
	case !set:
		return YearBudget, nil
	case made.Minted > 0:
		return 0, nil
	}
	return points, nil
}
