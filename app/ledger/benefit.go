package ledger

import (
	"database/sql"

	"jishan/app/fault"
	"jishan/crdt/store"
)

// Benefits are things given free of points, such as ten meals a year. The
// registrar makes them, once for a person and a year; from then on they are
// rights like points: they lie with a holder, move to the till that asks for
// them, and are consumed where they lie.

// Grant is one benefit, or an award that stands beside points.
type Grant struct {
	Quota Quota // of kind Benefit, with its period
	N     int64
	Key   Subject // used once in the turn's chain
	Item  string
}

// GrantBenefits mints benefits in one transaction, as the registrar. A key that
// was used already makes nothing. Faults: ledger.amount.bad,
// ledger.turn.missing, ledger.deed.used, ledger.period.closed.
func (l *Ledger) GrantBenefits(tx *store.Tx, action string, turn Subject, list ...Grant) (store.Ref, error) {
	var es []Entry
	for _, g := range list {
		if err := amounts(g.N); err != nil {
			return store.Ref{}, err
		}
		d := Deed{Turn: turn, Key: g.Key}
		if err := l.canMint(tx, d, g.Quota.Period); err != nil {
			return store.Ref{}, err
		}
		es = append(es, Entry{Type: Mint, Quota: g.Quota, Amount: g.N, Deed: d, Item: g.Item})
	}
	return l.Write(tx, action, es...)
}

// BenefitHere is how much of a benefit this device holds and may still use.
func (l *Ledger) BenefitHere(q store.Querier, subject Subject) (n int64, err error) {
	list, err := l.rightsHere(q, Benefit, subject)
	for _, a := range list {
		n += a.N
	}
	return n, err
}

// UseBenefit consumes n of a benefit, the oldest period first. order says for
// whom. Fault: ledger.rights.short{need, here}.
func (l *Ledger) UseBenefit(tx *store.Tx, action string, subject Subject, n int64, order Subject) (store.Ref, error) {
	if err := amounts(n); err != nil {
		return store.Ref{}, err
	}
	have, err := l.rightsHere(tx, Benefit, subject)
	if err != nil {
		return store.Ref{}, err
	}
	var es []Entry
	rest := n
	for _, a := range have {
		if k := min(rest, a.N); k > 0 {
			es = append(es, Entry{Type: Consume, Quota: a.Quota, Amount: k, Order: order})
			rest -= k
		}
	}
	if rest > 0 {
		return store.Ref{}, fault.New("ledger.rights.short", "need", n, "here", n-rest)
	}
	return l.Write(tx, action, es...)
}

// BenefitAccount adds up what became of a benefit over the periods that are not
// closed, over all feeds that are here.
func (l *Ledger) BenefitAccount(q store.Querier, subject Subject) (t Terms, err error) {
	var periods []string
	err = store.EachRow(q, func(r *sql.Rows) error {
		var p string
		err := r.Scan(&p)
		periods = append(periods, p)
		return err
	}, "SELECT period FROM ledger_sum WHERE kind = ? AND subject = ?", int64(Benefit), subject[:])
	if err != nil {
		return t, err
	}
	shut, err := l.shutters(q)
	if err != nil {
		return t, err
	}
	for _, p := range periods {
		closed, err := shut.closed(p)
		if err != nil {
			return t, err
		}
		if closed {
			continue
		}
		x, err := l.Account(q, Quota{Benefit, subject, p})
		if err != nil {
			return t, err
		}
		t.Add(x)
	}
	return t, nil
}

// Earned is what somebody has earned in a period, less deductions.
func (l *Ledger) Earned(q store.Querier, person Subject, year string) (n int64, err error) {
	if err := l.settle(q); err != nil {
		return 0, err
	}
	group, err := l.Together(q, person)
	if err != nil {
		return 0, err
	}
	in, args := among(group)
	err = q.QueryRow("SELECT coalesce(sum(year), 0) FROM ledger_sum WHERE kind IN (?, ?) AND substr(period, 1, 4) = ? AND subject IN "+in,
		append([]any{int64(Points), int64(Debt), year}, args...)...).Scan(&n)
	return n, err
}

// earner is what a subject has earned.
type earner struct {
	person Subject
	n      int64
}

// Reached lists who has earned at least so many points in a period, less
// deductions: what a level asks for.
func (l *Ledger) Reached(q store.Querier, year string, points int64) (out []Subject, err error) {
	if err := l.settle(q); err != nil {
		return nil, err
	}
	var all []earner
	err = store.EachRow(q, func(r *sql.Rows) error {
		var p []byte
		var x earner
		err := r.Scan(&p, &x.n)
		x.person = Subject(p)
		all = append(all, x)
		return err
	}, `SELECT subject, sum(year) FROM ledger_sum WHERE kind IN (?, ?) AND substr(period, 1, 4) = ? GROUP BY subject ORDER BY subject`,
		int64(Points), int64(Debt), year)
	if err != nil {
		return nil, err
	}
	joined, err := l.joined(q)
	if err != nil {
		return nil, err
	}
	all, err = merge(joined, all, func(x *earner) *Subject { return &x.person }, func(x *earner, o earner) { x.n += o.n })
	for _, x := range all {
		if x.n >= points {
			out = append(out, x.person)
		}
	}
	return out, err
}
