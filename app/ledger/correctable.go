package ledger

import (
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Target is a transaction of which an opposite can be asked for.
type Target struct {
	Feed   wire.Actor // who wrote it
	Person Subject    // whom alone it concerns
	Kind   LineKind   // LineAward, LineOpening, LineRedeem or LineDeduction
	Points int64      // what was given, redeemed or taken, debt included
	Debt   int64      // of a deduction: as much of it became a debt
	Closed string     // the closed year of which its points are; "" for none
	Undone bool       // it was undone already, where that counts
	Waits  bool       // stands here in a branch of a feed that nobody has succeeded: only its successor can undo it
	Lost   int64      // handed over or deducted by a feed with two histories: so much of the quota there is loss, see Undo
	Late   bool       // beyond its feed's cut: nobody was charged, and nobody can undo it
}

// Target reads what a correction of a transaction would be about; false for one
// of several people, of none, and for what is no award, opening, redemption or
// deduction: budgets, turns and rights on their way are nobody's to correct.
// Error: ErrUnknown.
func (l *Ledger) Target(q store.Querier, h wire.Hash) (t Target, ok bool, err error) {
	r, err := l.Transaction(q, h)
	if err != nil {
		return t, false, err
	}
	if t, ok = r.Tx.target(); !ok {
		return t, false, nil
	}
	t.Feed = r.Feed
	if t.Undone, err = l.undid(q, h); err != nil {
		return t, true, err
	}
	if err = q.QueryRow("SELECT "+BeyondCut("?"), h[:]).Scan(&t.Late); err != nil {
		return t, true, err
	}
	if t.Waits, err = l.waits(q, h); err != nil {
		return t, true, err
	}
	if t.Lost, err = l.lostWith(q, t.Feed, r.Tx); err != nil {
		return t, true, err
	}
	shut, err := l.shutters(q)
	for i := range r.Tx.Entries {
		e := &r.Tx.Entries[i]
		if err != nil || e.Quota.Kind != Points {
			continue
		}
		closed := false
		if closed, err = shut.closed(e.Quota.Period); closed {
			t.Closed = e.Quota.Period
		}
	}
	return t, true, err
}

// waits tells whether a transaction stands in a branch here whose feed nobody succeeds yet.
func (l *Ledger) waits(q store.Querier, h wire.Hash) (bool, error) {
	any, err := store.HasBranches(q)
	if err != nil || !any {
		return false, err
	}
	c, ok, err := l.find(q, h)
	if err != nil || !ok || !c.beside {
		return false, err
	}
	closed, err := l.closings(q)
	return closed[c.actor].Heir == nil, err
}

// lostWith is how much a redemption, a use of a benefit or a deduction can't bring back: two
// histories of its feed spent what was there once, so that much is loss, and was the
// community's. Giving it back would make points, benefits or credit of nothing. Goods are no
// such thing: what comes back stands on the shelf, and a count says how many. Nor is a
// budget: what an award used of it comes back with the points taken, and both together are
// no more than they were.
func (l *Ledger) lostWith(q store.Querier, feed wire.Actor, past *Tx) (lost int64, err error) {
	any, err := store.HasBranches(q)
	if err != nil || !any {
		return 0, err
	}
	for i := range past.Entries {
		e := &past.Entries[i]
		if e.Quota.Kind == Stock || e.Quota.Kind == Debt || e.Quota.Kind == Issue || e.Type != Consume && !takesAway(e.Why) {
			continue
		}
		var n int64
		err := q.QueryRow(`SELECT coalesce(sum(-h.net), 0) FROM ledger_held h JOIN ledger_feed f ON f.n = h.feed
			WHERE f.inc = ? AND h.kind = ? AND h.subject = ? AND h.period = ? AND h.net < 0 AND `+store.InBranches("f.inc"),
			feed[:], int64(e.Quota.Kind), e.Quota.Subject[:], e.Quota.Period).Scan(&n)
		if err != nil {
			return 0, err
		}
		lost += n
	}
	return lost, nil
}

// LostWith is Target's Lost of a transaction, without reading it where no feed has two
// histories: the usual case.
func (l *Ledger) LostWith(q store.Querier, h wire.Hash) (int64, error) {
	any, err := store.HasBranches(q)
	if err != nil || !any {
		return 0, err
	}
	t, _, err := l.Target(q, h)
	return t.Lost, err
}

// Mine lists this device's feed and those that it succeeds: the feeds whose
// entries it may correct.
func (l *Ledger) Mine(q store.Querier) ([]wire.Actor, error) {
	closed, err := l.closings(q)
	return append([]wire.Actor{l.self}, predecessors(closed, l.self)...), err
}

func (t *Tx) target() (x Target, ok bool) {
	for i := range t.Entries {
		e := &t.Entries[i]
		kind := e.target()
		switch {
		case kind == 0 && (e.Quota.Kind == Points || e.Quota.Kind == Debt):
			return Target{}, false
		case kind == 0:
			continue
		case ok && (x.Kind != kind || x.Person != e.Quota.Subject):
			return Target{}, false
		}
		x.Kind, x.Person, ok = kind, e.Quota.Subject, true
		if e.Type != Tally {
			x.Points += e.Amount
		}
		if e.Quota.Kind == Debt {
			x.Debt += e.Amount
		}
	}
	return x, ok
}

// target is what an entry makes of its transaction; 0 for nothing.
func (e *Entry) target() LineKind {
	switch {
	case takesAway(e.Why):
		return LineDeduction
	case e.Quota.Kind != Points:
		return 0
	case e.Type == Consume:
		return LineRedeem
	case e.Type == Mint && e.Why == WhyNone:
		return LineAward
	case e.Type == Mint && e.Why == WhyOpening, e.Type == Tally && e.Why != WhyBack:
		return LineOpening
	}
	return 0
}

// undid tells whether a transaction was undone where that counts.
func (l *Ledger) undid(q store.Querier, h wire.Hash) (bool, error) {
	if err := l.settle(q); err != nil {
		return false, err
	}
	var n int
	err := q.QueryRow("SELECT "+Undone("?"), h[:]).Scan(&n)
	return n > 0, err
}

// Undone is an SQL condition for those who keep rows beside the ledger's: the
// transaction whose hash the expression gives was undone where that counts.
func Undone(hash string) string {
	return `EXISTS (SELECT 1 FROM ledger_undone u WHERE u.hash = ` + hash + `
		AND NOT EXISTS (SELECT 1 FROM ledger_late t WHERE t.feed = u.feed AND t.number = u.number))`
}

// BeyondCut is such a condition, too: the transaction lies beyond its feed's cut, so
// nobody is charged for what was handed over in it.
func BeyondCut(hash string) string {
	return `EXISTS (SELECT 1 FROM ledger_late t WHERE t.hash = ` + hash + `)`
}
