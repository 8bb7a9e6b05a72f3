package ledger

import (
	"database/sql"
	"errors"

	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// beyond books what a transaction beyond its feed's cut leaves: hand-overs
// count and are loss (rule 7), and the successor may write the rest again.
func (a *applying) beyond() error {
	a.b.passages = nil
	for i := range a.t.Entries {
		if err := a.lateEntry(&a.t.Entries[i], uint32(i)); err != nil {
			return err
		}
	}
	_, err := a.b.tx.Exec("INSERT OR IGNORE INTO ledger_late(feed, number, hash) VALUES (?, ?, ?)", a.feed.n, int64(a.at.Number), a.hash[:])
	return err
}

func (a *applying) lateEntry(e *Entry, i uint32) error {
	switch {
	case e.Type == Move:
		return a.voidMove(e, i)
	case e.Type == Restore && e.Why == WhyNone && handedOver(e.Quota.Kind):
		return a.lateRestore(e)
	case e.Type != Consume || !handedOver(e.Quota.Kind):
		return nil
	}
	s, err := a.b.sum(e.Quota)
	if err != nil {
		return err
	}
	s.Consumed += e.Amount
	if err := a.b.lose(a.feed.actor, s, e.Amount); err != nil || e.Quota.Kind != Points {
		return err
	}
	// The person got it and is not charged: the line says 0 points.
	return a.book(e, i, s, meaning{kind: LineRedeem})
}

// voidMove: TAKEs of a MOVE that does not count are loss.
func (a *applying) voidMove(e *Entry, i uint32) error {
	n, err := a.b.resolve(MoveID{a.hash, i}, takeLost)
	if err != nil || n == 0 {
		return err
	}
	s, err := a.b.sum(e.Quota)
	if err != nil {
		return err
	}
	s.Unseen -= n * e.Amount
	return a.b.lose(a.feed.actor, s, n*e.Amount)
}

// lateRestore: of what was handed over beyond the cut, the loss is less by what
// came back there.
func (a *applying) lateRestore(e *Entry) error {
	c, ok, err := a.b.l.find(a.b.tx, e.Ref.Hash)
	if err != nil || !ok {
		return err
	}
	if late, err := a.b.beyondCut(c, e.Ref.Hash); err != nil || !late {
		return err
	}
	// It is undone, though not by what counts: the row is one that judges nothing. Two
	// histories may have it; the goods came back once.
	res, err := a.b.tx.Exec("INSERT OR IGNORE INTO ledger_undone(hash, idx, feed, number, n) VALUES (?, ?, ?, ?, ?)",
		e.Ref.Hash[:], int64(e.Ref.Index), -a.feed.n, int64(a.at.Number), e.Amount)
	if err != nil {
		return err
	}
	if n, err := res.RowsAffected(); err != nil || n == 0 {
		return err
	}
	s, err := a.b.sum(e.Quota)
	if err != nil {
		return err
	}
	s.Restored += e.Amount
	return errors.Join(a.b.lose(c.actor, s, -e.Amount), a.undone(Undoing{e.Ref, e.Amount}))
}

// beyondCut tells whether an admitted change lies beyond its feed's cut.
func (b *book) beyondCut(c located, h wire.Hash) (bool, error) {
	in, err := b.counts(c.actor, Tip{c.place(), h})
	return !in, err
}

// lost tells whether the MOVE of a TAKE can't count, though it is not among
// those that do.
func (b *book) lost(t *Taking) (bool, error) {
	if t.Tip == (Tip{}) { // of a SUCCEED that is void: staff know them all
		if b.inForce(t) {
			return false, nil
		}
		h, err := b.Head()
		if err != nil {
			return false, err
		}
		m, err := b.Member(h, b.l.self)
		if later(err) { // this device's own certificate is not here yet
			return false, nil
		}
		return m.Role >= Staff, err
	}
	x, closed := b.closed[t.From.Incarnation]
	if !closed {
		return false, nil
	}
	if !x.Cut.Covers(t.Tip) {
		return true, nil
	}
	c, here, err := b.l.find(b.tx, t.ID.Hash)
	if err != nil || !here {
		return false, err
	}
	return b.beyondCut(c, t.ID.Hash)
}

// inForce tells whether a TAKE is of a SUCCEED that counts and is only not
// booked yet: branches are booked before the feeds whose rights they took.
func (b *book) inForce(t *Taking) bool {
	x, closed := b.closed[t.From.Incarnation]
	return closed && x.Heir != nil && x.Heir.Rights[t.Amount.Quota.Sum(b.l.community)] > 0 &&
		t.ID == succeedID(b.l.community, t.From.Incarnation, t.Amount.Quota, *x.Heir)
}

// restored books a RESTORE that counts. What two feeds restored of one CONSUME,
// a closed one and its successor, is loss.
func (a *applying) restored(e *Entry, s *sumRow) error {
	term, sign := &s.Restored, int64(1)
	if e.Why == WhyReturn {
		term, sign = &s.Burned, -1
	}
	*term += sign * e.Amount
	if len(a.b.closed)+len(a.b.forked) == 0 {
		return nil
	}
	excess, of, err := a.overRestored(e)
	if err != nil {
		return err
	}
	*term -= sign * excess
	return a.b.lose(of, s, excess)
}

// overRestored is how much more than before the RESTOREs that count exceed
// their CONSUME, and whose that was.
func (a *applying) overRestored(e *Entry) (int64, wire.Actor, error) {
	c, here, err := a.b.l.find(a.b.tx, e.Ref.Hash)
	if err != nil || !here {
		return 0, c.actor, err
	}
	if e.Why == WhyReturn { // what does not count burned nothing
		if late, err := a.b.beyondCut(c, e.Ref.Hash); err != nil || late {
			return e.Amount, c.actor, err
		}
	}
	rows, err := a.b.undoings(e.Ref)
	if err != nil {
		return 0, c.actor, err
	}
	total := e.Amount
	seen := map[int64]bool{a.feed.n: true}
	for _, u := range rows {
		feed := max(u.feed, -u.feed)
		if seen[feed] {
			continue
		}
		counts, err := a.b.countsAt(u.feed, u.number)
		if err != nil {
			return 0, c.actor, err
		}
		if seen[feed] = counts; counts {
			total += u.n
		}
	}
	return max(0, min(e.Amount, total-e.Amount)), c.actor, nil
}

// undoing is a row of ledger_undone.
type undoing struct {
	feed   int64
	number uint64
	n      int64
}

func (b *book) undoings(r Ref) (list []undoing, err error) {
	err = store.EachRow(b.tx, func(rows *sql.Rows) error {
		var u undoing
		err := rows.Scan(&u.feed, &u.number, &u.n)
		list = append(list, u)
		return err
	}, "SELECT feed, number, n FROM ledger_undone WHERE hash = ? AND idx = ?", r.Hash[:], int64(r.Index))
	return list, err
}

// countsAt tells whether transaction number of a feed lies within its cut.
func (b *book) countsAt(feed int64, number uint64) (bool, error) {
	if feed < 0 { // of a branch: what counts, and what lateRestore noted, which no verdict asks for
		return true, nil
	}
	a, err := b.actor(feed)
	if err != nil {
		return false, err
	}
	if _, closed := b.closed[a]; !closed {
		return true, nil
	}
	_, h, err := b.l.at(b.tx, a, number)
	if err != nil {
		return false, err
	}
	return b.counts(a, Tip{number, h})
}
