package ledger

import (
	"jishan/app/fault"
	"jishan/crdt/store"
	"jishan/crdt/wire"
	"slices"
)

// Award is points for one deed.
type Award struct {
	Person  Subject
	Points  int64
	Period  string // the cohort, such as "2026"
	Turn    Subject
	Key     Subject // the deed: used once in the turn's chain
	Item    string  // the scheme's item and version
	Version uint32
	Note    string // never anything personal
}

// Award mints points for a deed and spends as much of an issue budget, in one
// transaction. Faults: ledger.amount.bad, ledger.turn.missing,
// ledger.deed.used, ledger.issue.short{need, here}, ledger.period.closed.
func (l *Ledger) Award(tx *store.Tx, a Award) (store.Ref, error) {
	if err := amounts(a.Points); err != nil {
		return store.Ref{}, err
	}
	d := Deed{Turn: a.Turn, Key: a.Key}
	if err := l.canMint(tx, d, a.Period); err != nil {
		return store.Ref{}, err
	}
	issue, err := l.issueFor(tx, a.Turn, a.Period, a.Points)
	if err != nil {
		return store.Ref{}, err
	}
	return l.Write(tx, "ledger.award",
		Entry{Type: Mint, Quota: Quota{Points, a.Person, a.Period}, Amount: a.Points, Deed: d, Item: a.Item, Version: a.Version, Note: a.Note},
		Entry{Type: Consume, Quota: issue, Amount: a.Points})
}

// canMint says in the operator's terms why a deed can't be paid here.
func (l *Ledger) canMint(tx *store.Tx, d Deed, period string) error {
	_, s, err := l.mine(tx)
	if err != nil {
		return err
	}
	n, err := s.Held(Quota{Kind: Turn, Subject: d.Turn})
	if err != nil {
		return err
	}
	if n < 1 {
		return fault.New("ledger.turn.missing", "turn", d.Turn.String())
	}
	for _, p := range []string{period, yearOf(period)} { // the points' own, and their budget's
		if err := l.inYear(tx, p); err != nil {
			return err
		}
	}
	used, err := l.DeedUsed(tx, d)
	if err == nil && used {
		err = fault.New("ledger.deed.used", "key", d.Key.String())
	}
	return err
}

// inYear refuses a closed period.
func (l *Ledger) inYear(tx *store.Tx, period string) error {
	b, err := l.open(tx)
	if err != nil {
		return err
	}
	h, err := b.Head()
	if err != nil {
		return err
	}
	closed, err := b.YearClosed(h, period)
	if err == nil && closed {
		err = fault.New("ledger.period.closed", "period", period)
	}
	return err
}

// DeedUsed tells whether the key was used in the turn's chain as far as this
// device's feed knows it, or in a history of a forked feed: the deed is paid already.
func (l *Ledger) DeedUsed(tx *store.Tx, d Deed) (bool, error) {
	b, s, err := l.mine(tx)
	if err != nil {
		return false, err
	}
	h, err := b.Head()
	if err != nil {
		return false, err
	}
	uses, err := s.Uses(d)
	if err != nil {
		return false, err
	}
	for _, u := range uses {
		c, closed, err := b.Cut(h, u.Feed)
		if err != nil {
			return false, err
		}
		if !closed || c.Covers(u.Tip) {
			return true, nil
		}
	}
	return b.paidByFork(d)
}

// issueFor finds the budget that pays: the turn's own, or the community's.
func (l *Ledger) issueFor(tx *store.Tx, turn Subject, period string, n int64) (Quota, error) {
	_, s, err := l.mine(tx)
	if err != nil {
		return Quota{}, err
	}
	best := int64(0)
	year := yearOf(period) // budgets are made by the year, whatever the cohorts are
	for _, q := range []Quota{{Issue, turn, year}, {Issue, turn, ""}, {Issue, l.community, year}, {Issue, l.community, ""}} {
		have, err := s.Held(q)
		if err != nil {
			return Quota{}, err
		}
		if have >= n {
			return q, nil
		}
		best = max(best, have)
	}
	return Quota{}, fault.New("ledger.issue.short", "need", n, "here", best)
}

// Opening are the balances that a person brings along on paper. Spendable is
// minted and needs an issue budget like an award; Lifetime and Year are
// statistics (TALLY) and make no right.
type Opening struct {
	Person                    Subject
	Lifetime, Year, Spendable int64
	Period                    string
	Turn, Key                 Subject
	Item                      string
	Version                   uint32
}

// Open books opening balances in one transaction. All three zero is nothing
// and no error. Faults: as Award.
func (l *Ledger) Open(tx *store.Tx, o Opening) (store.Ref, error) {
	d := Deed{Turn: o.Turn, Key: o.Key}
	q := Quota{Points, o.Person, o.Period}
	var es []Entry
	add := func(t Type, why Why, n int64) {
		if n != 0 {
			es = append(es, Entry{Type: t, Quota: q, Amount: n, Deed: d, Item: o.Item, Version: o.Version, Why: why})
		}
	}
	add(Mint, WhyOpening, o.Spendable)
	add(Tally, WhyLifetime, o.Lifetime)
	add(Tally, WhyYear, o.Year)
	if len(es) == 0 {
		return store.Ref{}, nil
	}
	for _, e := range es {
		if err := amounts(e.Amount); err != nil {
			return store.Ref{}, err
		}
	}
	if err := l.canMint(tx, d, o.Period); err != nil {
		return store.Ref{}, err
	}
	if o.Spendable > 0 {
		issue, err := l.issueFor(tx, o.Turn, o.Period, o.Spendable)
		if err != nil {
			return store.Ref{}, err
		}
		es = append(es, Entry{Type: Consume, Quota: issue, Amount: o.Spendable})
	}
	return l.Write(tx, "ledger.opening", es...)
}

// EnsureTurn makes sure that this device holds the turn: the registrar's
// device mints it if it never did. Fault: ledger.turn.missing, also of a turn that was
// sent on beyond its holder's cut and may have been taken.
func (l *Ledger) EnsureTurn(tx *store.Tx, turn Subject) error {
	b, s, err := l.mine(tx)
	if err != nil {
		return err
	}
	q := Quota{Kind: Turn, Subject: turn}
	n, err := s.Held(q)
	if err != nil || n > 0 {
		return err
	}
	made, err := s.Uses(turnDeed(turn))
	if err != nil {
		return err
	}
	registrar, err := l.IsRegistrar(tx)
	if err != nil {
		return err
	}
	missing := !registrar || len(made) > 0
	if !missing {
		if missing, err = b.turnLives(q); err != nil {
			return err
		}
	}
	if missing {
		return fault.New("ledger.turn.missing", "turn", turn.String())
	}
	_, err = l.Write(tx, "ledger.turn", Entry{Type: Mint, Quota: q, Amount: 1})
	return err
}

// EnsureIssue makes sure that this device holds an issue budget of at least
// amount for a subject (an activity, or Community() for the common budget):
// the registrar's device mints what is missing. Fault: ledger.issue.short.
func (l *Ledger) EnsureIssue(tx *store.Tx, subject Subject, period string, amount int64) error {
	if err := amounts(amount); err != nil {
		return err
	}
	_, s, err := l.mine(tx)
	if err != nil {
		return err
	}
	q := Quota{Issue, subject, period}
	n, err := s.Held(q)
	if err != nil || n >= amount {
		return err
	}
	registrar, err := l.IsRegistrar(tx)
	if err != nil {
		return err
	}
	if !registrar {
		return fault.New("ledger.issue.short", "need", amount, "here", n)
	}
	_, err = l.Write(tx, "ledger.issue", Entry{Type: Mint, Quota: q, Amount: amount - n})
	return err
}

// SendTurn moves a turn, and a share of an issue budget with it, to the feed
// that runs the attendance. issue.N may be 0.
func (l *Ledger) SendTurn(tx *store.Tx, turn Subject, issue Amount, to wire.Actor) (store.Ref, error) {
	q := Quota{Kind: Turn, Subject: turn}
	have, err := l.Here(tx, q)
	if err != nil {
		return store.Ref{}, err
	}
	list := slices.Repeat([]Amount{{q, 1}}, int(max(1, have))) // all of it: what stayed would be a second chain
	if issue.N > 0 {
		list = append(list, issue)
	}
	return l.MoveAll(tx, to, list...)
}

// IsRegistrar tells whether this device is the registrar under the newest head.
func (l *Ledger) IsRegistrar(tx *store.Tx) (bool, error) {
	m, err := l.member(tx)
	return m.Role == Registrar, err
}

// member is this device under the newest head.
func (l *Ledger) member(tx *store.Tx) (Member, error) {
	b, err := l.open(tx)
	if err != nil {
		return Member{}, err
	}
	h, err := b.Head()
	if err != nil {
		return Member{}, err
	}
	return b.Member(h, l.self)
}
