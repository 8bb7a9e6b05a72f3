package ledger

import (
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"slices"

	"jishan/app/fault"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// What becomes of a closed feed's rights (rules 7 to 10): the registrar writes
// CLOSE and SUCCEED, the successor's feed takes what they name.

// maxEstate bounds the rights of a SUCCEED that are taken in one transaction: a
// till sends each on in the same one, so there are two entries for each.
const maxEstate = 100

// Estate is what a closed feed held within its cut: the rights that a SUCCEED
// names. Errors: ErrUnknown while the feed is not here up to its cut, or not
// closed in this transaction.
func (l *Ledger) Estate(tx *store.Tx, feed wire.Actor) ([]Amount, error) {
	b, err := l.open(tx)
	if err != nil {
		return nil, err
	}
	if err := b.keepUp(); err != nil {
		return nil, err
	}
	c, closed := b.closed[feed]
	rows, row, err := b.holdingsOf(feed)
	if err != nil {
		return nil, err
	}
	if !closed || c.Heir != nil || row == nil && c.Cut.last() > 0 {
		return nil, fmt.Errorf("the estate of %s: %w", feed, ErrUnknown)
	}
	for _, tip := range c.Cut.Tips {
		if _, here, err := l.find(tx, tip.Hash); err != nil || !here {
			return nil, errors.Join(err, fmt.Errorf("the estate of %s: %w", feed, ErrUnknown))
		}
	}
	var out []Amount
	for _, r := range rows {
		if r.net > 0 {
			out = append(out, Amount{r.Quota, r.net})
		}
	}
	return out, nil
}

// Lingering lists the payees of MOVEs that were made before a time
// (milliseconds) and are not known to be taken (rule 10), but for printed
// vouchers, each with its oldest MOVE's time.
func (l *Ledger) Lingering(q store.Querier, before int64) (map[wire.Actor]int64, error) {
	if err := l.settle(q); err != nil {
		return nil, err
	}
	out := map[wire.Actor]int64{}
	return out, store.EachRow(q, func(r *sql.Rows) error {
		var payee []byte
		var at int64
		err := r.Scan(&payee, &at)
		out[wire.Actor(payee)] = at
		return err
	}, "SELECT payee, min(issued) FROM ledger_move WHERE taken = 0 AND until = 0 AND idx <> ? GROUP BY payee HAVING min(issued) < ?", succeedIndex, before)
}

// predecessors lists the feeds that a feed succeeds, directly or by a chain.
func predecessors(closed map[wire.Actor]Closing, of wire.Actor) []wire.Actor {
	list := []wire.Actor{of}
	for i := 0; i < len(list); i++ {
		for _, a := range slices.SortedFunc(maps.Keys(closed), wire.Actor.Compare) {
			if c := closed[a]; c.Heir != nil && c.Heir.To == list[i] && !slices.Contains(list, a) {
				list = append(list, a)
			}
		}
	}
	return list[1:]
}

// forMe tells whether this feed may take what names a payee: itself, or one
// that it succeeds and that did not take it within its cut.
func (l *Ledger) forMe(b *book, s State, payee wire.Actor, id MoveID) (bool, error) {
	if payee == l.self {
		return true, nil
	}
	if c, closed := b.closed[payee]; !closed || c.Heir == nil {
		return false, nil
	}
	h, err := b.Head()
	if err != nil {
		return false, err
	}
	v := &verdict{s: s, at: Place{Feed: l.Self(), Head: h}, env: b}
	err = v.inherits(payee, id)
	if later(err) {
		return false, nil
	}
	return err == nil, err
}

// bequest is a right of a SUCCEED that nobody took yet.
type bequest struct {
	Amount
	from, to wire.Actor
}

// bequests lists what SUCCEEDs to these feeds name, exposure first: a till
// needs it to take the rest.
func (b *book) bequests(payees []wire.Actor) (list []bequest, err error) {
	if err := b.flush(); err != nil {
		return nil, err
	}
	for _, p := range payees {
		err := store.EachRow(b.tx, func(r *sql.Rows) error {
			x := bequest{to: p}
			var from, subject []byte
			err := r.Scan(&from, &x.Quota.Kind, &subject, &x.Quota.Period, &x.N)
			copy(x.from[:], from)
			copy(x.Quota.Subject[:], subject)
			list = append(list, x)
			return err
		}, `SELECT f.inc, m.kind, m.subject, m.period, m.n FROM ledger_move m JOIN ledger_feed f ON f.n = m.payer
			WHERE m.payee = ? AND m.taken = 0 AND m.idx = ? ORDER BY f.inc, m.kind = ? DESC, m.kind, m.subject, m.period`, p[:], succeedIndex, int64(Exposure))
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}

// takeEstates takes the rights of SUCCEEDs that name this feed, or one that it
// succeeds. It returns how many it took.
func (l *Ledger) takeEstates(tx *store.Tx, b *book, payees []wire.Actor) (int, error) {
	list, err := b.bequests(payees)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	me, err := l.member(tx)
	if err != nil {
		return 0, err
	}
	var rights, turns []Entry
	for _, x := range list {
		e, err := l.inheritance(tx, b, x)
		switch {
		case err != nil:
			return 0, err
		case e == nil:
		case x.Quota.Kind != Turn:
			rights = append(rights, *e)
		case me.Role >= Staff:
			turns = append(turns, *e)
		}
	}
	n, err := l.takeRights(tx, rights)
	if err != nil {
		return n, err
	}
	more, err := l.takeRights(tx, turns) // which may wait for a chain: nothing else waits with them
	return n + more, err
}

func (l *Ledger) takeRights(tx *store.Tx, es []Entry) (n int, err error) {
	for chunk := range slices.Chunk(es, maxEstate) {
		all, err := l.rest(tx, slices.Clone(chunk), pointsOf(chunk))
		if err != nil {
			return n, err
		}
		switch _, err := l.Write(tx, "ledger.inherit", all...); {
		case later(err): // what the closed feed did is not all here yet
			return n, nil
		case err != nil:
			return n, err
		}
		n += len(chunk)
	}
	return n, nil
}

func (l *Ledger) inheritance(tx *store.Tx, b *book, x bequest) (*Entry, error) {
	c := b.closed[x.from]
	if c.Heir == nil {
		return nil, nil
	}
	_, s, err := l.mine(tx)
	if err != nil {
		return nil, err
	}
	id := succeedID(l.community, x.from, x.Quota, *c.Heir)
	done, err := s.Taken(id)
	if err != nil || done {
		return nil, err
	}
	ok, err := l.forMe(b, s, x.to, id)
	if err != nil || !ok {
		return nil, err
	}
	return &Entry{Type: Succeed, Quota: x.Quota, Amount: x.N, From: x.from}, nil
}

// Left are deeds of a turn that Rewrite leaves to the registrar's own chores: both
// would pay.
type Left struct {
	Turn   Subject
	Always bool // by the registrar as well: chores look for what was paid by other means than the deed's key
}

// Rewrite writes again what feeds that this one succeeds minted or restored
// beyond their cuts (rule 9), as far as this device may: awards and benefits whose deed
// is unpaid, goods and places, and undone redemptions. wants says of which
// feeds; the ones of a stolen device are better left alone. It also pays what any
// such feed paid beyond its cut under a turn that it made there itself: that
// turn comes to nobody, so no successor could. The registrar makes it anew; if that
// one was sent on, or the first was, whoever holds it pays. What of a transaction the
// rules do not allow now waits; the rest of it is written. It returns how many
// transactions it wrote.
func (l *Ledger) Rewrite(tx *store.Tx, wants func(wire.Actor) bool, leave ...Left) (int, error) {
	b, err := l.open(tx)
	if err != nil {
		return 0, err
	}
	registrar, err := l.IsRegistrar(tx)
	if err != nil {
		return 0, err
	}
	leave = slices.DeleteFunc(slices.Clone(leave), func(x Left) bool { return registrar && !x.Always })
	n, err := l.payLate(tx, b, wants, leave)
	if err != nil {
		return n, err
	}
	for _, a := range predecessors(b.closed, l.self) {
		if !wants(a) {
			continue
		}
		late, err := b.lateOf(a)
		if err != nil {
			return n, err
		}
		for _, h := range late {
			wrote, err := l.rewrite(tx, b, h, leave)
			if err != nil {
				return n, err
			}
			n += wrote
		}
	}
	return n, nil
}

// payLate pays the deeds whose turn was made beyond a cut.
func (l *Ledger) payLate(tx *store.Tx, b *book, wants func(wire.Actor) bool, leave []Left) (n int, err error) {
	for _, a := range slices.SortedFunc(maps.Keys(b.closed), wire.Actor.Compare) {
		if !wants(a) {
			continue
		}
		some, err := b.turnsBeyond(a)
		if err != nil {
			return n, err
		}
		if !some {
			continue
		}
		late, err := b.lateOf(a)
		if err != nil {
			return n, err
		}
		made := map[Subject]bool{} // turns, and whether this device may pay under them
		for _, h := range late {
			past, err := l.Transaction(tx, h)
			if err != nil {
				return n, err
			}
			wrote, err := l.payAnew(tx, b, past.Tx, h, made, leave)
			if n += wrote; err != nil {
				return n, err
			}
		}
	}
	return n, nil
}

// payAnew notes the turns that a late transaction made, and pays what it paid under
// one of them.
func (l *Ledger) payAnew(tx *store.Tx, b *book, t *Tx, h wire.Hash, made map[Subject]bool, leave []Left) (wrote int, err error) {
	var a anew
	for i := range t.Entries {
		e := &t.Entries[i]
		if e.Type == Mint && e.Quota.Kind == Turn {
			if made[e.Quota.Subject], err = l.mayPay(tx, e.Quota.Subject); err != nil {
				return 0, err
			}
		}
		if e.Quota.Kind != Points || !made[e.Deed.Turn] || left(leave, e) {
			continue
		}
		again, err := l.mintAgain(tx, b, e, Ref{h, uint32(i)})
		if err != nil {
			return 0, err
		}
		a.add(e, again)
	}
	return l.writeAnew(tx, a.groups())
}

// mayPay makes sure of a turn that a closed feed made beyond its cut; false where
// another device holds it, or may hold it.
func (l *Ledger) mayPay(tx *store.Tx, turn Subject) (bool, error) {
	switch err := l.EnsureTurn(tx, turn); {
	case fault.Of(err).Code == "ledger.turn.missing", later(err):
		return false, nil
	case err != nil:
		return false, err
	}
	return true, nil
}

func left(leave []Left, e *Entry) bool {
	return slices.ContainsFunc(leave, func(x Left) bool { return x.Turn == e.Deed.Turn })
}

// anew are entries to be written again, by what belongs together: what a deed
// minted, and its statistics, which use its key too. Without the MINT they would keep
// it from being paid ever after.
type anew struct{ list []deedAnew }

type deedAnew struct {
	deed  Deed
	es    []Entry
	waits bool
}

// add takes what is written again for an entry; nothing where it can't be now, or
// was done.
func (a *anew) add(e *Entry, again []Entry) {
	i := -1
	if e.Deed != (Deed{}) {
		i = slices.IndexFunc(a.list, func(d deedAnew) bool { return d.deed == e.Deed })
	}
	if i < 0 {
		i = len(a.list)
		a.list = append(a.list, deedAnew{deed: e.Deed})
	}
	d := &a.list[i]
	d.es = append(d.es, again...)
	d.waits = d.waits || len(again) == 0 && (e.Type == Mint || e.Type == Tally)
}

func (a *anew) groups() (out [][]Entry) {
	for _, d := range a.list {
		if !d.waits && len(d.es) > 0 {
			out = append(out, d.es)
		}
	}
	return out
}

// writeAnew writes groups of entries in one transaction, as they stood before. Where
// that is not allowed, each by itself as far as it is: a budget that does not do for
// all of them does for some.
func (l *Ledger) writeAnew(tx *store.Tx, groups [][]Entry) (wrote int, err error) {
	all := slices.Concat(groups...)
	if len(all) == 0 {
		return 0, nil
	}
	wrote, err = l.allowed(l.Write(tx, "ledger.rewrite", all...))
	if wrote > 0 || err != nil || len(groups) == 1 {
		return wrote, err
	}
	for _, es := range groups {
		n, err := l.allowed(l.Write(tx, "ledger.rewrite", es...))
		if wrote += n; err != nil {
			return wrote, err
		}
	}
	return wrote, nil
}

// turnsBeyond tells whether a feed made a turn beyond its cut: the chore asks after
// every commit, and most did not.
func (b *book) turnsBeyond(a wire.Actor) (some bool, err error) {
	err = b.tx.QueryRow(`SELECT EXISTS (SELECT 1 FROM ledger_feed f JOIN ledger_late t ON t.feed = f.n
		JOIN ledger_deed d ON d.feed = t.feed AND d.turn = zeroblob(16) AND d.minter = d.feed AND d.number = t.number WHERE f.inc = ?)`, a[:]).Scan(&some)
	return some, err
}

func (b *book) lateOf(a wire.Actor) (list []wire.Hash, err error) {
	err = store.EachRow(b.tx, func(r *sql.Rows) error {
		var h []byte
		err := r.Scan(&h)
		list = append(list, wire.Hash(h))
		return err
	}, "SELECT t.hash FROM ledger_late t JOIN ledger_feed f ON f.n = t.feed WHERE f.inc = ? ORDER BY t.number, t.hash", a[:])
	return list, err
}

// rewrite writes what one late transaction needs: nothing of what was done, can't be
// now, or is left to others.
func (l *Ledger) rewrite(tx *store.Tx, b *book, h wire.Hash, leave []Left) (wrote int, err error) {
	past, err := l.Transaction(tx, h)
	if err != nil {
		return 0, err
	}
	groups, back, err := l.made(tx, b, past.Tx, h, leave)
	if err != nil {
		return 0, err
	}
	if wrote, err = l.tookBack(tx, b, back); err != nil {
		return wrote, err
	}
	n, err := l.writeAnew(tx, groups)
	return wrote + n, err
}

// made lists the entries that make again what a transaction that does not count
// made, by what belongs together, and the transactions that it took back.
func (l *Ledger) made(tx *store.Tx, b *book, t *Tx, h wire.Hash, leave []Left) (groups [][]Entry, back map[wire.Hash]bool, err error) {
	var a anew
	back = map[wire.Hash]bool{}
	for i := range t.Entries {
		e := &t.Entries[i]
		switch {
		case left(leave, e):
			continue
		case e.Type == Restore && handedOver(e.Quota.Kind), e.Type == Burn && e.Why == WhyUndo, e.Why == WhyRecall:
			back[e.Ref.Hash] = true
			continue
		case takesAway(e.Why):
			continue
		}
		again, err := l.mintAgain(tx, b, e, Ref{h, uint32(i)})
		if err != nil {
			return nil, nil, err
		}
		a.add(e, again)
	}
	again, err := l.deductAgain(tx, b, t, h)
	if len(again) > 0 {
		return append(a.groups(), again), back, err
	}
	return a.groups(), back, err
}

// tookBack takes back again what a closed feed took back where it does not count.
func (l *Ledger) tookBack(tx *store.Tx, b *book, back map[wire.Hash]bool) (wrote int, err error) {
	for _, r := range slices.SortedFunc(maps.Keys(back), wire.Hash.Compare) {
		n, err := l.allowed(l.undoLate(tx, b, r))
		if wrote += n; err != nil {
			return wrote, err
		}
	}
	return wrote, nil
}

// allowed counts a transaction; what the rules do not allow now is none.
func (l *Ledger) allowed(ref store.Ref, err error) (int, error) {
	switch {
	case err == nil && ref.Seq > 0:
		return 1, nil
	case err == nil, later(err), fault.Of(err).Code != "internal":
		return 0, nil
	}
	return 0, err
}

// undoLate restores what a closed feed handed over within its cut and took
// back beyond it.
func (l *Ledger) undoLate(tx *store.Tx, b *book, h wire.Hash) (store.Ref, error) {
	c, ok, err := l.find(tx, h)
	if err != nil || !ok {
		return store.Ref{}, err
	}
	if late, err := b.beyondCut(c, h); err != nil || late {
		return store.Ref{}, err
	}
	done, err := l.Correct(tx, h, "")
	return done.Ref, err
}

// mintAgain lists the entries that make again what an entry beyond a cut made;
// none if it was undone there, was made again before, or can't be now.
func (l *Ledger) mintAgain(tx *store.Tx, b *book, e *Entry, ref Ref) ([]Entry, error) {
	if e.Type != Mint && e.Type != Tally || e.Evidence > 0 {
		return nil, nil
	}
	gone, err := b.undoings(ref)
	if err != nil || len(gone) > 0 {
		return nil, err
	}
	again := *e
	switch {
	case e.Quota.Kind == Points:
		if can := l.canMint(tx, e.Deed, e.Quota.Period); can != nil {
			_, err := l.allowed(store.Ref{}, can)
			return nil, err
		}
		// The turn's own chain knows what was paid in it. After a take-over there may
		// be another: what the new registrar has paid meanwhile is paid.
		if paid, err := b.paid(e.Deed); err != nil || paid {
			return nil, err
		}
		if e.Type == Tally {
			return []Entry{again}, nil
		}
		issue, err := l.issueFor(tx, e.Deed.Turn, e.Quota.Period, e.Amount)
		if err != nil {
			_, err = l.allowed(store.Ref{}, err)
			return nil, err
		}
		return []Entry{again, {Type: Consume, Quota: issue, Amount: e.Amount}}, nil
	case e.Quota.Kind == Benefit:
		if registrar, err := l.IsRegistrar(tx); err != nil || !registrar { // nobody else may make it
			return nil, err
		}
		if can := l.canMint(tx, e.Deed, e.Quota.Period); can != nil { // given again meanwhile, or the turn is not here yet
			_, err := l.allowed(store.Ref{}, can)
			return nil, err
		}
		return []Entry{again}, nil
	case e.Quota.Kind == Stock, e.Quota.Kind == Slot, e.Quota.Kind == Debt:
		again.Deed = lateDeed(ref)
		used, err := l.madeAgain(tx, b, again.Deed)
		if err != nil || used {
			return nil, err
		}
		return []Entry{again}, nil
	}
	return nil, nil // budgets, turns and exposure are made anew by those who need them
}

// lateDeed is the key under which something is made again once.
func lateDeed(r Ref) Deed {
	b := append([]byte("jishan late 1"), r.Hash[:]...)
	h := sha256.Sum256(binary.BigEndian.AppendUint32(b, r.Index))
	return Deed{Key: Subject(h[:16])}
}

// madeAgain tells whether something was made again under such a key, by this feed or by
// one that it succeeds: the key stands in nobody's turn, so no chain brings it along.
func (l *Ledger) madeAgain(tx *store.Tx, b *book, d Deed) (bool, error) {
	used, err := l.DeedUsed(tx, d)
	if err != nil || used {
		return used, err
	}
	return b.paid(d)
}

// Left is what the points add up to that a feed could still spend by its own
// entries, as far as they are here, whether it was closed or not.
func (l *Ledger) Left(q store.Querier, feed wire.Actor) (n int64, err error) {
	if err := l.settle(q); err != nil {
		return 0, err
	}
	err = q.QueryRow(`SELECT coalesce(sum(h.n), 0) FROM ledger_held h JOIN ledger_feed f ON f.n = h.feed WHERE f.inc = ? AND h.kind = ? AND h.n > 0`,
		feed[:], int64(Points)).Scan(&n)
	return n, err
}
