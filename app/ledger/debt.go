package ledger

import (
	"slices"

	"jishan/crdt/store"
)

// Debts. A deduction larger than what lies here leaves a debt in the hands of
// the feed that wrote it. That feed collects it from what it gets of the
// person's points: points and debt are burned together, in equal amounts. The
// debt lessened the year when it was made; collecting lessens nothing but what
// can be spent.

// collects: a transaction that collects burns as many points of a person as
// debt; who is one person is asked of the governance head that it names.
func (v *verdict) collects(person Subject) error {
	group, err := v.env.Together(v.at.Head, person)
	if err != nil {
		return err
	}
	var points, debt int64
	for i := range v.t.Entries {
		e := &v.t.Entries[i]
		switch {
		case e.Type != Burn || e.Why != WhyCollect || e.Quota.Subject != person && !slices.Contains(group, e.Quota.Subject):
		case e.Quota.Kind == Points:
			points += e.Amount
		default:
			debt += e.Amount
		}
	}
	if points != debt {
		return invalid("%d points for %d of debt", points, debt)
	}
	return nil
}

// Debts lists who owes points to this feed, and how many.
func (l *Ledger) Debts(q store.Querier) (map[Subject]int64, error) {
	held, err := l.holdings(q, "f.inc = ? AND h.kind = ? AND h.n > 0", l.self[:], int64(Debt))
	out := map[Subject]int64{}
	for _, h := range held {
		out[h.Quota.Subject] += h.N
	}
	return out, err
}

// Collect pays debts that lie here from points that lie here, the oldest
// first. It returns how many points it took; call again while that is not 0.
func (l *Ledger) Collect(tx *store.Tx) (int64, error) {
	held, err := l.holdings(tx, "f.inc = ? AND h.kind = ? AND h.n > 0", l.self[:], int64(Debt))
	if err != nil {
		return 0, err
	}
	var es []Entry
	taken := map[Quota]int64{}
	total := int64(0)
	for _, d := range held {
		if len(es) >= maxIdle {
			break // the rest comes with the next
		}
		have, err := l.pointsHere(tx, d.Quota.Subject)
		if err != nil {
			return 0, err
		}
		rest := d.N
		for _, a := range have {
			n := min(rest, a.N-taken[a.Quota])
			if n < 1 || l.inYear(tx, a.Quota.Period) != nil { // what is of a closed year pays nothing
				continue
			}
			es = append(es, Entry{Type: Burn, Quota: a.Quota, Amount: n, Why: WhyCollect})
			taken[a.Quota] += n
			rest -= n
		}
		if paid := d.N - rest; paid > 0 {
			es = append(es, Entry{Type: Burn, Quota: d.Quota, Amount: paid, Why: WhyCollect})
			total += paid
		}
	}
	if len(es) == 0 {
		return 0, nil
	}
	_, err = l.Write(tx, "ledger.collect", es...)
	return total, err
}
