package ledger

import (
	"cmp"
	"database/sql"
	"errors"
	"maps"
	"slices"

	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// A forked feed counts as the union of its branches (rule 4): each TAKE, deed
// key, SUCCEED and RESTORE once, and what falls below zero is loss. Its rows
// for judging stay those of its first history; a branch is judged by its own
// past (lineage.go). What counts is made anew whenever a branch grows, in one
// order on all devices: forks are rare, and their authors stop.

// Canonical implements store.CanonicalProjector: feeds by their incarnations, without
// what follows from which history of a forked feed came first here. Of a forked feed
// that are the rows by which its first history is judged; what counts of it has rows of
// its own, below zero.
func (l *Ledger) Canonical() map[string]string {
	forked := store.InBranches("f.inc")
	return map[string]string{
		"ledger_feed": `SELECT inc, number, tip, term, seq, head FROM ledger_feed f WHERE NOT ` + forked + ` ORDER BY inc`,
		"ledger_held": `SELECT f.inc, h.kind, h.subject, h.period, h.net, CASE WHEN ` + forked + ` THEN NULL ELSE h.n END, CASE WHEN ` + forked + ` THEN NULL ELSE h.at END
			FROM ledger_held h JOIN ledger_feed f ON f.n = h.feed WHERE h.net != 0 OR NOT ` + forked + ` ORDER BY 1, 2, 3, 4`,
		"ledger_line": `SELECT l.person, l.at, f.inc, l.number, l.idx, l.kind, l.n, l.life, l.year, l.undone
			FROM ledger_line l JOIN ledger_feed f ON f.n = l.feed ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10`,
		"ledger_move": `SELECT m.hash, m.idx, f.inc, m.payee, m.taken, m.number, m.kind, m.subject, m.period, m.n, m.until, m.issued
			FROM ledger_move m JOIN ledger_feed f ON f.n = m.payer ORDER BY 1, 2`,
		"ledger_taken": `SELECT t.hash, t.idx, f.inc, t.number, t.seen, t.payer, t.kind, t.subject, t.period, t.n
			FROM ledger_taken t JOIN ledger_feed f ON f.n = abs(t.feed) WHERE t.feed < 0 OR NOT ` + forked + ` ORDER BY 1, 2, 3`,
		"ledger_deed": `SELECT DISTINCT f.inc, d.turn, d.key, m.inc, CASE WHEN ` + store.InBranches("m.inc") + ` THEN NULL ELSE d.number END, CASE WHEN ` + forked + ` THEN NULL ELSE d.at END
			FROM ledger_deed d JOIN ledger_feed f ON f.n = abs(d.feed) JOIN ledger_feed m ON m.n = abs(d.minter)
			WHERE d.minter = d.feed OR NOT ` + forked + ` ORDER BY 1, 2, 3, 4, 5, 6`,
		"ledger_undone": `SELECT u.hash, u.idx, f.inc, u.number, u.n
			FROM ledger_undone u JOIN ledger_feed f ON f.n = abs(u.feed) WHERE u.feed < 0 OR NOT ` + forked + ` ORDER BY 1, 2, 3`,
		"ledger_heir": `SELECT f.inc, h.closed, h.number, h.at FROM ledger_heir h JOIN ledger_feed f ON f.n = h.feed WHERE NOT ` + forked + ` ORDER BY 1, 2`,
		"ledger_late": `SELECT f.inc, t.number, t.hash FROM ledger_late t JOIN ledger_feed f ON f.n = t.feed ORDER BY 1, 2, 3`,
	}
}

// ApplyBranch implements store.BranchProjector.
func (l *Ledger) ApplyBranch(tx *store.Tx, ev store.Event) error {
	if _, ok := l.parseDoc(ev.Doc); !ok {
		return nil
	}
	b, err := l.open(tx)
	if err != nil {
		return err
	}
	b.stale, b.moved = true, true
	b.forked[ev.Change.Actor] = true // what is judged from now on must know of it
	delete(b.heritages, ev.Change.Actor)
	return nil
}

// loadForks finds whose feeds have branches here.
func (b *book) loadForks() error {
	b.forked = map[wire.Actor]bool{}
	any, err := store.HasBranches(b.tx)
	if err != nil || !any {
		return err
	}
	b.forked, err = store.BesideAuthors(b.tx, b.l.feeds())
	return err
}

// feeds is the path of all feeds of the community.
func (l *Ledger) feeds() string { return l.domain + ".*/feed/*" }

// Parted returns the first number at which a feed is known to have two histories; 0 for
// none.
func (l *Ledger) Parted(q store.Querier, feed wire.Actor) (first uint64, err error) {
	err = store.EachBranched(q, feed, func(doc store.DocID, seq uint64) {
		if n := l.Number(doc, seq); n > 0 && (first == 0 || n < first) {
			first = n
		}
	})
	return first, err
}

// told is one transaction of a forked feed.
type told struct {
	Entered
	time   int64
	beside bool // not in the first history
}

func (t *told) tip() Tip { return Tip{t.Number, t.Hash} }

// histories reads all of a feed, branches included, in the order in which Sum
// looks at it.
func (b *book) histories(a wire.Actor) (list []told, err error) {
	add := func(beside bool) func(store.DocID, wire.Chunk) error {
		return func(doc store.DocID, chunk wire.Chunk) error {
			d, ok := b.l.parseDoc(doc)
			if !ok {
				return nil
			}
			e, err := b.l.entered(d, chunk)
			if err != nil {
				return err
			}
			h, err := wire.Peek(chunk)
			list = append(list, told{e, h.Time, beside})
			return err
		}
	}
	path := b.l.domain + ".*/feed/" + a.String() + "/*"
	if err := store.EachChange(b.tx, path, add(false)); err != nil {
		return nil, err
	}
	if err := store.EachBeside(b.tx, path, add(true)); err != nil {
		return nil, err
	}
	slices.SortFunc(list, func(x, y told) int { return cmp.Or(cmp.Compare(x.Number, y.Number), x.Hash.Compare(y.Hash)) })
	return list, nil
}

// unite books what counts of the forked feeds, before the others: they take
// what these leave.
func (b *book) unite() error {
	for _, a := range slices.SortedFunc(maps.Keys(b.forked), wire.Actor.Compare) {
		list, err := b.histories(a)
		if err != nil {
			return err
		}
		feed, err := b.feed(a, true)
		if err != nil {
			return err
		}
		u := union{once: map[any]bool{}, stands: map[any]wire.Hash{}}
		for i := range list {
			t := &list[i]
			in, err := b.counts(a, t.tip())
			if err != nil {
				return err
			}
			u.applying = applying{b: b, t: t.Tx, feed: feed, at: t.Place, hash: t.Hash, time: t.time, beside: t.beside, late: !in}
			if err := u.transaction(); err != nil {
				return err
			}
		}
	}
	return nil
}

// union books the transactions of one forked feed, each piece of evidence once.
type union struct {
	applying
	once   map[any]bool
	stands map[any]wire.Hash
}

func (u *union) again(key any) bool {
	if u.once[key] {
		return true
	}
	u.once[key] = true
	return false
}

func (u *union) transaction() error {
	if u.late {
		return u.beyond()
	}
	c, err := Effects(u.t, u.at, replaying{u.b})
	if err != nil {
		return err
	}
	taken := c.Taken
	for i := range u.t.Entries {
		e := &u.t.Entries[i]
		var got *Taking
		if e.Type == Take || e.Type == Succeed || e.Type == Mint && e.Evidence > 0 {
			got, taken = &taken[0], taken[1:]
		}
		if u.counted(e, got) || e.elsewhere(u.feed.actor, u.hash, u.stands) {
			continue
		}
		if err := u.one(e, uint32(i), got); err != nil {
			return err
		}
	}
	return nil
}

// counted tells whether an entry's evidence was counted in another branch.
func (u *union) counted(e *Entry, got *Taking) bool {
	type tally struct {
		Deed
		Why
	}
	switch {
	case got != nil:
		return u.again(got.ID)
	case e.Type == Mint && e.Quota.Kind == Turn:
		return u.again(turnDeed(e.Quota.Subject))
	case e.Type == Mint && e.Deed != (Deed{}) && e.Why != WhyFine:
		return u.again(e.Deed)
	case e.Type == Tally && e.Why != WhyBack:
		return u.again(tally{e.Deed, e.Why})
	case e.Type == Restore:
		return u.again(e.Ref)
	}
	return false
}

func (u *union) one(e *Entry, i uint32, got *Taking) error {
	if by := e.sign() * e.Amount; by != 0 {
		if err := u.own(e.Quota, by); err != nil {
			return err
		}
	}
	if got != nil {
		if err := u.took(got); err != nil {
			return err
		}
	}
	if e.Ref != (Ref{}) {
		if err := u.gave(e); err != nil {
			return err
		}
	}
	return u.entry(e, i)
}

// sign is what an entry does to the rights of its feed.
func (e *Entry) sign() int64 {
	switch e.Type {
	case Mint, Take, Succeed, Restore:
		return 1
	case Move, Consume, Burn:
		return -1
	}
	return 0
}

func (u *union) own(q Quota, by int64) error {
	r, err := u.b.heldRow(u.feed.n, q)
	if err != nil {
		return err
	}
	s, err := u.b.sum(q)
	if err != nil {
		return err
	}
	if err := u.b.account(u.feed, r, s, by); err != nil {
		return err
	}
	if r.made {
		r.made = false
		return u.b.right(u.feed, r)
	}
	return nil
}

// What is booked of a forked feed has rows of its own, with the feed's number
// below zero: judging the first history must not see them.

func (u *union) took(t *Taking) error {
	seen, err := u.receive(t)
	if err != nil {
		return err
	}
	_, err = u.b.tx.Exec("INSERT INTO ledger_taken(hash, idx, feed, number, seen, payer, kind, subject, period, n) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		t.ID.Hash[:], int64(t.ID.Index), -u.feed.n, int64(u.at.Number), seen, t.From.Incarnation[:],
		int64(t.Amount.Quota.Kind), t.Amount.Quota.Subject[:], t.Amount.Quota.Period, t.Amount.N)
	return err
}

// branchDeeds reads what lies within the cuts of forked feeds, and notes the deeds that
// were paid in branches, before anything that asks for either.
func (b *book) branchDeeds() error {
	for _, a := range slices.SortedFunc(maps.Keys(b.forked), wire.Actor.Compare) {
		list, err := b.histories(a)
		if err != nil {
			return err
		}
		feed, err := b.feed(a, true)
		if err != nil {
			return err
		}
		if c, closed := b.closed[a]; closed {
			if _, err := b.heritageOf(a, c.Cut, list); err != nil {
				return err
			}
		}
		for i := range list {
			t := &list[i]
			if !t.beside {
				continue
			}
			for i := range t.Tx.Entries {
				d, ok := t.Tx.Entries[i].usesUp()
				if !ok {
					continue
				}
				if err := b.know(-feed.n, t.Number, d, minting{-feed.n, t.Number, t.Hash}); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

func (u *union) gave(e *Entry) error {
	_, err := u.b.tx.Exec("INSERT OR IGNORE INTO ledger_undone(hash, idx, feed, number, n) VALUES (?, ?, ?, ?, ?)",
		e.Ref.Hash[:], int64(e.Ref.Index), -u.feed.n, int64(u.at.Number), e.Amount)
	if err != nil {
		return err
	}
	return u.undone(Undoing{e.Ref, e.Amount})
}

// pays is a MINT of points for a deed.
type pays struct {
	feed   wire.Actor
	number uint64
	hash   wire.Hash
	Amount
}

// twice books deeds that were paid in two turn chains: of the MINTs that count
// the first counts, in the order of feeds and places, and the others are loss. That
// comes of a fork, of a turn that was taken beyond its sender's cut and succeeded to,
// or of a program that made two.
func (b *book) twice() error {
	var deeds []Deed
	err := store.EachRow(b.tx, func(r *sql.Rows) error {
		var turn, key []byte
		err := r.Scan(&turn, &key)
		deeds = append(deeds, Deed{Subject(turn), Subject(key)})
		return err
	}, "SELECT turn, key FROM ledger_deed WHERE minter = feed GROUP BY turn, key HAVING count(DISTINCT abs(feed)) > 1")
	if err != nil {
		return err
	}
	read := map[wire.Actor][]told{} // a feed has hundreds of such deeds, or none
	for _, d := range deeds {
		list, err := b.payments(d, read)
		if err != nil {
			return err
		}
		for _, p := range list[min(1, len(list)):] {
			s, err := b.sum(p.Quota)
			if err != nil {
				return err
			}
			s.Minted -= p.N
			if err := b.lose(p.feed, s, p.N); err != nil {
				return err
			}
		}
	}
	return nil
}

// payments lists the MINTs of a deed that count, one for each feed; read keeps
// the histories.
func (b *book) payments(d Deed, read map[wire.Actor][]told) (list []pays, err error) {
	var feeds []int64
	err = store.EachRow(b.tx, func(r *sql.Rows) error {
		var n int64
		err := r.Scan(&n)
		feeds = append(feeds, n)
		return err
	}, "SELECT DISTINCT abs(feed) FROM ledger_deed WHERE turn = ? AND key = ? AND minter = feed", d.Turn[:], d.Key[:])
	if err != nil {
		return nil, err
	}
	for _, n := range feeds {
		a, err := b.actor(n)
		if err != nil {
			return nil, err
		}
		if _, here := read[a]; !here {
			if read[a], err = b.histories(a); err != nil {
				return nil, err
			}
		}
		p, ok, err := b.firstPayment(read[a], d)
		if err != nil {
			return nil, err
		}
		if ok {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(x, y pays) int {
		return cmp.Or(x.feed.Compare(y.feed), cmp.Compare(x.number, y.number), x.hash.Compare(y.hash))
	})
	return list, nil
}

func (b *book) firstPayment(all []told, d Deed) (pays, bool, error) {
	for i := range all {
		t := &all[i]
		in, err := b.counts(t.Feed.Incarnation, t.tip())
		if err != nil {
			return pays{}, false, err
		}
		if !in {
			continue
		}
		for _, e := range t.Tx.Entries {
			if e.Type == Mint && e.Quota.Kind == Points && e.Evidence == 0 && e.Deed == d {
				return pays{t.Feed.Incarnation, t.Number, t.Hash, Amount{e.Quota, e.Amount}}, true, nil
			}
		}
	}
	return pays{}, false, nil
}

// paidElsewhere tells whether another feed's MINT for a deed counts: then all is made
// anew to say which one does.
func (a *applying) paidElsewhere(d Deed) (bool, error) {
	list, err := a.b.minters(d)
	for _, m := range list {
		if max(m.feed, -m.feed) == a.feed.n {
			continue
		}
		counts, cerr := a.b.mintCounts(m)
		if err = errors.Join(err, cerr); err != nil || counts {
			return counts, err
		}
	}
	return false, err
}

// ends lists the ends of a feed's branches beside its first history.
func (l *Ledger) ends(q store.Querier, feed wire.Actor) (tips []Tip, err error) {
	any, err := store.HasBranches(q)
	if err != nil || !any {
		return nil, err
	}
	inner := map[wire.Hash]bool{}
	err = store.EachBesideOf(q, feed, l.feeds(), func(doc store.DocID, chunk wire.Chunk) error {
		h, err := wire.Peek(chunk)
		d, ok := l.parseDoc(doc)
		if err != nil || !ok {
			return err
		}
		tips = append(tips, Tip{d.number(h.Seq), h.Hash})
		for _, dep := range h.Deps {
			inner[dep] = true
		}
		if len(h.Deps) > 0 || d.part == 1 {
			return nil
		}
		return l.continued(chunk, inner)
	})
	for _, t := range tips { // what follows a part's end may have come first in the next one
		if err == nil && t.Number%PartSize == 0 {
			err = l.nextPart(q, feed, t.Number/PartSize+1, inner)
		}
	}
	return slices.DeleteFunc(tips, func(t Tip) bool { return inner[t.Hash] }), err
}

// continued notes which end of the part before the first change of a part names.
func (l *Ledger) continued(chunk wire.Chunk, inner map[wire.Hash]bool) error {
	ch, _, err := wire.Decode(chunk)
	if err != nil {
		return err
	}
	t, err := l.decode(ch)
	if err == nil && t.Part != nil {
		inner[t.Part.PrevHash] = true
	}
	return err
}

func (l *Ledger) nextPart(q store.Querier, feed wire.Actor, part uint64, inner map[wire.Hash]bool) error {
	first, found, err := store.At(q, l.Doc(feed, part), feed, 1)
	if err != nil || !found {
		return err
	}
	return l.continued(first.Chunk, inner)
}

var (
	_ store.BranchProjector    = (*Ledger)(nil)
	_ store.CanonicalProjector = (*Ledger)(nil)
)
