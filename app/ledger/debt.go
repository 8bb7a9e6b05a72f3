package ledger

import (
	"database/sql"
	"fmt"
	"slices"

	"jishan/crdt/store"
)

// Debts. A deduction larger than what lies here leaves a debt in the hands of
// the feed that wrote it. That feed collects it from what it gets of the
// person's points: points and debt are burned together, in equal amounts. The
// debt lessened the year when it was made; collecting lessens nothing but what
// can be spent.
//
// Whatever brings points to the feed that a person owes to (an award, a TAKE, what
// is given back) pays first, before the store's transaction ends: nobody spends
// there what is owed. Points that come to rest at another device can be spent there
// until the one that is owed has asked for them.

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
	return l.collect(tx, held)
}

func (l *Ledger) collect(tx *store.Tx, owed []Holding) (int64, error) {
	var es []Entry
	taken := map[Quota]int64{}
	total := int64(0)
	for _, d := range owed {
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
	_, err := l.Write(tx, actionCollect, es...)
	return total, err
}

// actionCollect is the action of a transaction that only pays debts.
const actionCollect = "ledger.collect"

// payFirst pays what people owe to this feed out of what a transaction of it has
// just brought them.
func (l *Ledger) payFirst(tx *store.Tx, b *book, t *Tx) error {
	who := t.brought()
	if len(who) == 0 {
		return nil
	}
	owes, err := b.debtors()
	if err != nil || len(owes) == 0 {
		return err
	}
	for _, person := range who {
		group, err := l.Together(tx, person)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(group, func(s Subject) bool { return owes[s] }) {
			continue
		}
		if err := l.payOf(tx, b, group); err != nil {
			return fmt.Errorf("ledger: a debt beside points that came: %v", err) // no refusal of what was asked for
		}
	}
	return nil
}

// payOf pays the debts of one person, under all the person's subjects, as far as
// the points here go.
func (l *Ledger) payOf(tx *store.Tx, b *book, group []Subject) error {
	in, args := among(group)
	for {
		owed, err := l.holdings(tx, "f.inc = ? AND h.kind = ? AND h.n > 0 AND h.subject IN "+in, append([]any{l.self[:], int64(Debt)}, args...)...)
		if err != nil {
			return err
		}
		n, err := l.collect(tx, owed)
		if err != nil || n == 0 {
			return err
		}
		b.paidFirst += n
	}
}

// brought lists whose points or debt a transaction made more of in its feed.
func (t *Tx) brought() (who []Subject) {
	for i := range t.Entries {
		e := &t.Entries[i]
		if k := e.Quota.Kind; e.sign() > 0 && (k == Points || k == Debt) && !slices.Contains(who, e.Quota.Subject) {
			who = append(who, e.Quota.Subject)
		}
	}
	return who
}

// debtors lists who owes to this feed. Most communities have none, and then it costs
// one look at an index for each of the store's transactions.
func (b *book) debtors() (map[Subject]bool, error) {
	if b.owes != nil {
		return b.owes, nil
	}
	if err := b.flush(); err != nil {
		return nil, err
	}
	owes := map[Subject]bool{}
	err := store.EachRow(b.tx, func(r *sql.Rows) error {
		var s []byte
		err := r.Scan(&s)
		owes[Subject(s)] = true
		return err
	}, "SELECT h.subject FROM ledger_feed f JOIN ledger_held h ON h.feed = f.n WHERE f.inc = ? AND h.kind = ? AND h.n > 0", b.l.self[:], int64(Debt))
	if err == nil {
		b.owes = owes
	}
	return owes, err
}
