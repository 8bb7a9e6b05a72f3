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
// past (below). What counts is made anew whenever a branch grows, in one
// order on all devices: forks are rare, and their authors stop.

// Canonical implements store.CanonicalProjector: feeds by their incarnations, without
// what follows from which history of a forked feed came first here.
func (l *Ledger) Canonical() map[string]string {
	forked := store.InBranches("f.inc")
	return map[string]string{
		"ledger_feed": `SELECT inc, number, tip, term, seq, head FROM ledger_feed f WHERE NOT ` + forked + ` ORDER BY inc`,
		"ledger_held": `SELECT f.inc, h.kind, h.subject, h.period, h.net, CASE WHEN ` + forked + ` THEN NULL ELSE h.n END, CASE WHEN ` + forked + ` THEN NULL ELSE h.at END
			FROM ledger_held h JOIN ledger_feed f ON f.n = h.feed WHERE h.net != 0 OR NOT ` + forked + ` ORDER BY 1, 2, 3, 4`,
		"ledger_line": `SELECT l.person, l.at, f.inc, l.number, l.idx, l.kind, l.n, l.life, l.year, l.undone
			FROM ledger_line l JOIN ledger_feed f ON f.n = l.feed ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10`,
	}
}

// ApplyBranch implements store.BranchProjector.
func (l *Ledger) ApplyBranch(tx *store.Tx, ev store.Event) error {
	if _, ok := l.parseDoc(ev.Doc); !ok {
		return nil
	}
	b, err := l.open(tx)
	if err == nil {
		b.stale = true
	}
	return err
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

// told is one transaction of a forked feed.
type told struct {
	Entered
	time   int64
	beside bool // not in the first history
}

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
			u.applying = applying{b: b, t: t.Tx, feed: feed, at: t.Place, hash: t.Hash, time: t.time, beside: t.beside,
				late: !b.counts(a, Tip{t.Number, t.Hash})}
			if err := u.transaction(); err != nil {
				return err
			}
		}
	}
	return nil
}

// within marks what of a forked feed lies within its cut; nil for a feed that is
// open.
func (b *book) within(a wire.Actor, list []told) map[wire.Hash]bool {
	c, closed := b.closed[a]
	if !closed {
		return nil
	}
	return c.Cut.reached(list)
}

// counts tells whether a transaction lies within its feed's cut.
func (b *book) counts(a wire.Actor, t Tip) bool {
	c, closed := b.closed[a]
	if !closed {
		return true
	}
	if in := b.inCut[a]; in != nil {
		return in[t.Hash]
	}
	return c.Cut.Covers(t)
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
	case e.Type == Tally:
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
	if e.Type != Tally && e.Ref != (Ref{}) {
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

// branchDeeds marks what counts of forked feeds, and notes the deeds that were paid in branches, before anything that
// inherits them.
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
		b.inCut[a] = b.within(a, list)
		for _, t := range list {
			for _, e := range t.Tx.Entries {
				if !t.beside || e.Type != Mint && e.Why != WhyFine || e.Deed == (Deed{}) {
					continue
				}
				_, err := b.tx.Exec("INSERT OR IGNORE INTO ledger_deed(feed, turn, key, minter, number, at) VALUES (?, ?, ?, ?, ?, ?)",
					-feed.n, e.Deed.Turn[:], e.Deed.Key[:], -feed.n, int64(t.Number), int64(t.Number))
				if err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// besideAt finds a transaction of a branch by its place; of several, one.
func (b *book) besideAt(a wire.Actor, number uint64) (Tip, error) {
	part, seq := split(number)
	h, err := store.BesideAt(b.tx, b.l.Doc(a, part), a, seq)
	return Tip{Number: number, Hash: h}, err
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
		if p, ok := b.firstPayment(read[a], d); ok {
			list = append(list, p)
		}
	}
	slices.SortFunc(list, func(x, y pays) int {
		return cmp.Or(x.feed.Compare(y.feed), cmp.Compare(x.number, y.number), x.hash.Compare(y.hash))
	})
	return list, nil
}

func (b *book) firstPayment(all []told, d Deed) (pays, bool) {
	for i := range all {
		t := &all[i]
		if !b.counts(t.Feed.Incarnation, Tip{t.Number, t.Hash}) {
			continue
		}
		for _, e := range t.Tx.Entries {
			if e.Type == Mint && e.Quota.Kind == Points && e.Evidence == 0 && e.Deed == d {
				return pays{t.Feed.Incarnation, t.Number, t.Hash, Amount{e.Quota, e.Amount}}, true
			}
		}
	}
	return pays{}, false
}

// paidElsewhere tells whether another feed's MINT for a deed counts: then all is made
// anew to say which one does.
func (a *applying) paidElsewhere(d Deed) (bool, error) {
	list, err := a.b.minters(d)
	for _, m := range list {
		if max(m.feed, -m.feed) == a.feed.n {
			continue
		}
		counts, cerr := a.b.countsAt(m.feed, m.number)
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

// lineage is a branch's past, for judging what follows in it: it is made by going
// through the feed from its beginning, and grows with the branch.
type lineage struct {
	b     *book
	actor wire.Actor
	tip   Tip
	head  Head
	past  map[wire.Hash]*Tx
	held  map[Quota]int64
	taken map[MoveID]bool
	uses  map[Deed][]Use
	gone  map[Ref]int64
	heirs map[wire.Actor]uint64
}

// branch returns the past that ends with a transaction of any history.
func (b *book) branch(a wire.Actor, tip wire.Hash) (*lineage, error) {
	if b.last2 != nil && b.last2.actor == a && b.last2.tip.Hash == tip {
		return b.last2, nil
	}
	c := &lineage{b: b, actor: a, past: map[wire.Hash]*Tx{}, held: map[Quota]int64{}, taken: map[MoveID]bool{},
		uses: map[Deed][]Use{}, gone: map[Ref]int64{}, heirs: map[wire.Actor]uint64{}}
	list, err := b.histories(a)
	if err != nil {
		return nil, err
	}
	by := map[wire.Hash]*told{}
	for i := range list {
		by[list[i].Hash] = &list[i]
	}
	var way []*told
	for t := by[tip]; t != nil; t = by[t.Prev] {
		way = append(way, t)
	}
	if len(way) == 0 && tip != (wire.Hash{}) || len(way) > 0 && way[len(way)-1].Number != 1 {
		return nil, ErrUnknown
	}
	for _, t := range slices.Backward(way) {
		if err := c.grow(t.Place, t.Hash, t.Tx); err != nil {
			return nil, err
		}
	}
	b.last2 = c
	return c, nil
}

func (c *lineage) grow(at Place, h wire.Hash, t *Tx) error {
	x, err := Effects(t, at, replaying{c.b})
	if err != nil {
		return err
	}
	c.tip, c.head, c.past[h] = Tip{at.Number, h}, at.Head, t
	for _, a := range x.Held {
		c.held[a.Quota] += a.N
	}
	for _, t := range x.Taken {
		c.taken[t.ID] = true
	}
	for _, d := range x.Used {
		c.uses[d] = append(c.uses[d], Use{c.actor, c.tip})
	}
	for _, u := range x.Undone {
		c.gone[u.Ref] += u.N
	}
	for _, in := range x.Inherit {
		if in.Succession {
			c.heirs[in.From] = max(c.heirs[in.From], in.Tip.Number)
		}
		if err := c.inherit(in); err != nil {
			return err
		}
	}
	return nil
}

// inherit takes over the deed keys of the chain that a turn came with.
func (c *lineage) inherit(in Inheritance) error {
	from, err := c.b.feed(in.From, false)
	if err != nil || from == nil || in.Turn == (Subject{}) {
		return err
	}
	type use struct {
		Deed
		minter int64
		number uint64
	}
	var list []use
	err = store.EachRow(c.b.tx, func(r *sql.Rows) error {
		var key []byte
		x := use{Deed: Deed{Turn: in.Turn}}
		err := r.Scan(&key, &x.minter, &x.number)
		copy(x.Key[:], key)
		list = append(list, x)
		return err
	}, "SELECT key, minter, number FROM ledger_deed WHERE feed = ? AND turn = ? AND at <= ?", from.n, in.Turn[:], int64(in.Tip.Number))
	for _, x := range list {
		u, err := c.b.mint(minting{x.minter, x.number})
		if err != nil {
			return err
		}
		c.uses[x.Deed] = append(c.uses[x.Deed], u)
	}
	return err
}

// Tip implements State.
func (c *lineage) Tip() Tip { return c.tip }

// Head implements State.
func (c *lineage) Head() Head { return c.head }

// Held implements State.
func (c *lineage) Held(q Quota) (int64, error) { return c.held[q], nil }

// Taken implements State.
func (c *lineage) Taken(id MoveID) (bool, error) { return c.taken[id], nil }

// Uses implements State.
func (c *lineage) Uses(d Deed) ([]Use, error) { return c.uses[d], nil }

// Past implements State.
func (c *lineage) Past(h wire.Hash) (*Tx, bool, error) {
	if t := c.past[h]; t != nil {
		return t, true, nil
	}
	x, ok, err := c.b.l.find(c.b.tx, h)
	last, heir := c.heirs[x.actor]
	if err != nil || !ok || !heir {
		return nil, false, err
	}
	t, err := c.b.inherited(x, h, c.head, last)
	return t, false, err
}

// Undone implements State.
func (c *lineage) Undone(r Ref) (int64, error) {
	n, err := c.b.undoneBefore(r, c.head, c.heirs)
	return c.gone[r] + n, err
}

// stateFor is the past by which a change of a feed is judged: that of the
// first history, or of the branch that it continues.
func (b *book) stateFor(d docPart, ch *wire.Change, t *Tx) (State, error) {
	s, err := b.state(ch.Actor)
	if err != nil {
		return nil, err
	}
	var prev wire.Hash
	switch {
	case len(ch.Deps) > 0:
		prev = ch.Deps[0]
	case t.Part != nil:
		prev = t.Part.PrevHash
	}
	number, tip := d.number(ch.Seq), s.Tip()
	if number == tip.Number+1 && prev == tip.Hash {
		return s, nil
	}
	if number > tip.Number+1 {
		if x, here, err := b.l.find(b.tx, prev); err != nil || !here || !x.beside {
			return s, err
		}
	}
	return b.branch(ch.Actor, prev)
}

// judged lets a branch's past grow with what was just judged to follow it.
func (b *book) judged(s State, at Place, h wire.Hash, t *Tx) error {
	if c, ok := s.(*lineage); ok {
		return c.grow(at, h, t)
	}
	return nil
}

var (
	_ store.BranchProjector    = (*Ledger)(nil)
	_ store.CanonicalProjector = (*Ledger)(nil)
)
