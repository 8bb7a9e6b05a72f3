package ledger

import (
	"database/sql"
	"errors"
	"fmt"

	"jishan/app/fault"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// book is the ledger's view of one writing transaction: rows that were read
// once, and rows that are written back before the commit, so that a batch of
// many changes touches each of them once.
type book struct {
	*rows
	l      *Ledger
	tx     *store.Tx
	law    Law
	dirty  []row
	opened map[sealedAs]*Opened
	deeds  deeds
	last   struct { // the transaction looked at last, so that it is decoded once
		ch *wire.Change
		t  *Tx
	}
	members map[memberKey]Member
	cuts    map[memberKey]*Cut // nil: not closed
	years   map[yearKey]bool

	closed     map[wire.Actor]Closing // under closedAt: what the rows go by
	closedAt   Head
	forked     map[wire.Actor]bool // feeds with branches
	stale      bool                // branches moved: the rows must be made anew
	last2      *lineage
	branchUses map[wire.Hash]map[Subject][]deedUse // of chains that came out of branches, by place and turn
	replays    bool
	wrote      []*Tx                 // by this device, not yet looked over
	owes       map[Subject]bool      // who owes to this feed; nil: not read since that changed
	passages   map[Subject][]passage // turns that were sent beyond a cut; nil: not read
	paidFirst  int64                 // what was paid of debts as points came
	moved      bool                  // a row here is no longer what it was when the transaction began
}

// rows are what the tables hold, as far as they were needed. They outlive a
// transaction that was committed: whatever changes a row goes through a book,
// and every transaction has one.
type rows struct {
	feeds  map[wire.Actor]*feedRow
	byN    map[int64]*feedRow
	held   map[heldKey]*heldRow
	sums   map[Quota]*sumRow
	losses map[lossKey]*lossRow
	hours  map[int64]*hourRow
	law    *Head // what ledger_law holds; nil: not read

	heritages map[wire.Actor][]*heritage // of forked feeds, by cut
	at        uint64                     // store.Tx.Commits when they are what the database holds
}

// maxRows bounds the rows in memory: the points of a town's volunteers, two
// rows each. Beyond it they are read anew.
const maxRows = 60_000

func newRows() *rows {
	return &rows{feeds: map[wire.Actor]*feedRow{}, byN: map[int64]*feedRow{}, held: map[heldKey]*heldRow{},
		sums: map[Quota]*sumRow{}, losses: map[lossKey]*lossRow{}, hours: map[int64]*hourRow{}, heritages: map[wire.Actor][]*heritage{}}
}

// kept are the rows that the last transaction left: one that was committed, or
// one that was undone and had changed none of them, as chores that find nothing
// to do.
func (l *Ledger) kept() *rows {
	if l.rows == nil && l.book != nil && !l.book.moved {
		return l.book.rows
	}
	return l.rows
}

type (
	heldKey struct {
		feed int64
		Quota
	}
	memberKey struct {
		Head
		wire.Actor
	}
	yearKey struct {
		Head
		string
	}
)

// row is a cached row that knows how to write itself.
type row interface{ save(tx *store.Tx) error }

type feedRow struct {
	n     int64
	actor wire.Actor
	tip   Tip
	head  Head
	dirty bool
}

type heldRow struct {
	heldKey
	n, net, at int64
	made       bool // no row yet
	dirty      bool
}

type sumRow struct {
	Quota
	Terms
	life, year int64
	told       int64 // the year as it was when somebody was told of it
	dirty      bool
}

type hourRow struct {
	hour, awarded, redeemed, awards, redemptions int64
	brought, deducted, moved, expired            int64
	dirty                                        bool
}

// open returns the book of a transaction. A transaction that was undone leaves
// its book behind: the next one has another *store.Tx.
func (l *Ledger) open(tx *store.Tx) (*book, error) {
	if l.book != nil && l.book.tx == tx {
		return l.book, nil
	}
	r := l.kept()
	l.rows, l.book = nil, nil
	if r == nil || r.at != tx.Commits() || len(r.held)+len(r.sums) > maxRows {
		r = newRows()
		r.at = tx.Commits()
	}
	l.book = &book{
		rows: r, l: l, tx: tx, law: l.gov.Law(tx), opened: map[sealedAs]*Opened{},
		members: map[memberKey]Member{}, branchUses: map[wire.Hash]map[Subject][]deedUse{}, cuts: map[memberKey]*Cut{}, years: map[yearKey]bool{},
	}
	if err := l.book.loadForks(); err != nil {
		return l.book, err
	}
	return l.book, l.book.keepUp()
}

// Finish writes what the transaction kept back (store.Finisher).
func (l *Ledger) Finish(tx *store.Tx) error {
	b, err := l.open(tx) // a new CLOSE moves rows, even where no feed moved
	if err != nil {
		return err
	}
	if err := errors.Join(b.keepUp(), b.anew(), b.sound(), b.flush()); err != nil {
		return err
	}
	b.at = tx.Commits() + 1 // if the COMMIT fails it is not, and they are read anew
	l.book, l.rows = nil, b.rows
	return nil
}

// settle makes the rows of a transaction visible to a question asked inside it.
func (l *Ledger) settle(q store.Querier) error {
	if tx, ok := q.(*store.Tx); ok && l.book != nil && l.book.tx == tx {
		return errors.Join(l.book.anew(), l.book.flush())
	}
	return nil
}

func (b *book) flush() error {
	for i, r := range b.dirty {
		if err := r.save(b.tx); err != nil {
			b.dirty = b.dirty[i:]
			return err
		}
		if s, ok := r.(*sumRow); ok {
			if s.year > s.told {
				b.l.rose(s.Subject, yearOf(s.Period))
			}
			s.told = s.year
		}
	}
	b.dirty = b.dirty[:0]
	return nil
}

// decode reads a change's transaction, once for Form, Subject and Apply.
func (b *book) decode(ch *wire.Change) (*Tx, error) {
	if b.last.ch == ch {
		return b.last.t, nil
	}
	t, err := b.l.decode(ch)
	if err == nil {
		b.last.ch, b.last.t = ch, t
	}
	return t, err
}

func (r *feedRow) save(tx *store.Tx) error {
	r.dirty = false
	_, err := tx.Exec("UPDATE ledger_feed SET number = ?, tip = ?, term = ?, seq = ?, head = ? WHERE n = ?",
		int64(r.tip.Number), r.tip.Hash[:], int64(r.head.Term), int64(r.head.Seq), r.head.Hash[:], r.n)
	return err
}

func (r *heldRow) save(tx *store.Tx) error {
	r.dirty = false
	_, err := tx.Exec("REPLACE INTO ledger_held(feed, kind, subject, period, n, net, at, crc) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
		r.feed, int64(r.Kind), r.Subject[:], r.Period, r.n, r.net, r.at, r.crc())
	return err
}

func (r *sumRow) save(tx *store.Tx) error {
	r.dirty = false
	_, err := tx.Exec("REPLACE INTO ledger_sum(kind, subject, period, "+sumAll+") VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		int64(r.Kind), r.Subject[:], r.Period,
		r.Minted, r.Unseen, r.Loss, r.Held, r.InFlight, r.Stranded, r.Consumed, r.Restored, r.Burned, r.life, r.year, r.crc())
	return err
}

func (r *hourRow) save(tx *store.Tx) error {
	r.dirty = false
	_, err := tx.Exec("REPLACE INTO ledger_hour(hour, awarded, redeemed, awards, redemptions, brought, deducted, moved, expired) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
		r.hour, r.awarded, r.redeemed, r.awards, r.redemptions, r.brought, r.deducted, r.moved, r.expired)
	return err
}

// mark puts a row on the list of what must be written back.
func (b *book) mark(r row, dirty *bool) {
	b.moved = true
	if !*dirty {
		*dirty = true
		b.dirty = append(b.dirty, r)
	}
}

// feed returns a feed's row, nil if it has none and none is to be made.
func (b *book) feed(a wire.Actor, make bool) (*feedRow, error) {
	if r := b.feeds[a]; r != nil {
		return r, nil
	}
	r := &feedRow{actor: a}
	var tip, head []byte
	err := b.tx.QueryRow("SELECT n, number, tip, term, seq, head FROM ledger_feed WHERE inc = ?", a[:]).
		Scan(&r.n, &r.tip.Number, &tip, &r.head.Term, &r.head.Seq, &head)
	switch {
	case errors.Is(err, sql.ErrNoRows) && !make:
		return nil, nil
	case errors.Is(err, sql.ErrNoRows):
		b.moved = true
		res, err := b.tx.Exec("INSERT INTO ledger_feed(inc, number, tip, term, seq, head) VALUES (?, 0, x'', 0, 0, x'')", a[:])
		if err != nil {
			return nil, err
		}
		if r.n, err = res.LastInsertId(); err != nil {
			return nil, err
		}
	case err != nil:
		return nil, err
	}
	copy(r.tip.Hash[:], tip)
	copy(r.head.Hash[:], head)
	b.feeds[a], b.byN[r.n] = r, r
	return r, nil
}

// actor returns a feed's incarnation by its number here.
func (b *book) actor(n int64) (wire.Actor, error) {
	if r := b.byN[n]; r != nil {
		return r.actor, nil
	}
	var inc []byte
	if err := b.tx.QueryRow("SELECT inc FROM ledger_feed WHERE n = ?", n).Scan(&inc); err != nil {
		return wire.Actor{}, err
	}
	r, err := b.feed(wire.Actor(inc), false)
	return r.actor, err
}

func (b *book) heldRow(feed int64, q Quota) (*heldRow, error) {
	k := heldKey{feed, q}
	if r := b.held[k]; r != nil {
		return r, nil
	}
	r := &heldRow{heldKey: k}
	err := r.read(b.tx.QueryRow("SELECT n, net, at, crc FROM ledger_held WHERE feed = ? AND kind = ? AND subject = ? AND period = ?",
		feed, int64(q.Kind), q.Subject[:], q.Period).Scan)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	r.made = err != nil
	b.held[k] = r
	return r, nil
}

// sum returns a quota's sum, which the caller is about to change.
func (b *book) sum(q Quota) (*sumRow, error) {
	r, err := b.sumRead(q)
	if err == nil {
		b.mark(r, &r.dirty)
	}
	return r, err
}

// sumRead is sum for a caller that only reads.
func (b *book) sumRead(q Quota) (*sumRow, error) {
	if r := b.sums[q]; r != nil {
		return r, nil
	}
	r := &sumRow{Quota: q}
	err := r.read(b.tx.QueryRow("SELECT "+sumAll+" FROM ledger_sum WHERE kind = ? AND subject = ? AND period = ?",
		int64(q.Kind), q.Subject[:], q.Period).Scan)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return nil, err
	}
	r.told = r.year
	b.sums[q] = r
	return r, nil
}

const hourMillis = 3_600_000

func (b *book) hour(at int64) (*hourRow, error) {
	h := at / hourMillis
	r := b.hours[h]
	if r == nil {
		r = &hourRow{hour: h}
		err := b.tx.QueryRow("SELECT awarded, redeemed, awards, redemptions, brought, deducted, moved, expired FROM ledger_hour WHERE hour = ?", h).
			Scan(&r.awarded, &r.redeemed, &r.awards, &r.redemptions, &r.brought, &r.deducted, &r.moved, &r.expired)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return nil, err
		}
		b.hours[h] = r
	}
	b.mark(r, &r.dirty)
	return r, nil
}

// payee returns the head of a feed that this device may pay.
func (b *book) payee(to wire.Actor) (Tip, error) {
	if to == b.l.self || to == (wire.Actor{}) {
		return Tip{}, fault.New("ledger.payee.bad")
	}
	h, err := b.Head()
	if err != nil {
		return Tip{}, err
	}
	_, closed, err := b.Cut(h, to)
	if err != nil {
		return Tip{}, err
	}
	if closed || b.tx.Forked(to) {
		return Tip{}, fault.New("ledger.payee.closed")
	}
	r, err := b.feed(to, false)
	if err != nil || r == nil {
		return Tip{}, err
	}
	return r.tip, nil
}

// The book is the Env of judging: the law under named heads, remembered for
// the length of a transaction, because a head's past never changes.

// Head implements Law.
func (b *book) Head() (Head, error) { return b.law.Head() }

// Member implements Law.
func (b *book) Member(h Head, who wire.Actor) (Member, error) {
	k := memberKey{h, who}
	if m, ok := b.members[k]; ok {
		return m, nil
	}
	m, err := b.law.Member(h, who)
	if err == nil {
		b.members[k] = m
	}
	return m, err
}

// Cut implements Law.
func (b *book) Cut(h Head, who wire.Actor) (Cut, bool, error) {
	k := memberKey{h, who}
	if c, ok := b.cuts[k]; ok {
		if c == nil {
			return Cut{}, false, nil
		}
		return *c, true, nil
	}
	c, ok, err := b.law.Cut(h, who)
	if err == nil && ok {
		b.cuts[k] = &c
	} else if err == nil {
		b.cuts[k] = nil
	}
	return c, ok, err
}

// Heir implements Law.
func (b *book) Heir(h Head, who wire.Actor) (Heir, bool, error) { return b.law.Heir(h, who) }

// Closed implements Law.
func (b *book) Closed(h Head) ([]wire.Actor, error) { return b.law.Closed(h) }

// YearClosed implements Law.
func (b *book) YearClosed(h Head, period string) (bool, error) {
	k := yearKey{h, period}
	if c, ok := b.years[k]; ok {
		return c, nil
	}
	c, err := b.law.YearClosed(h, period)
	if err == nil {
		b.years[k] = c
	}
	return c, err
}

// Together implements Law.
func (b *book) Together(h Head, person Subject) ([]Subject, error) { return b.law.Together(h, person) }

// sealedAs is a change and the seal that proves it.
type sealedAs struct {
	hash wire.Hash
	seal [64]byte
}

// Open implements Env. A seal that was verified at admission, or when it was
// opened before, is not verified again; one that only accompanies a change that
// is here is, because a device that lacks the change has nothing else to go by,
// and all must come to the same verdict.
func (b *book) Open(v *Evidence) (*Opened, error) {
	o, ch, err := b.l.parse(v)
	if err != nil {
		return nil, err
	}
	as := sealedAs{o.Hash, v.Seal}
	if known := b.opened[as]; known != nil && known.Number == o.Number && len(v.Tail) == 0 {
		return known, nil
	}
	c, here, err := b.l.find(b.tx, o.Hash)
	if err != nil {
		return nil, err
	}
	if here && c.docPart != (docPart{ch.Actor, v.Epoch, v.Part}) {
		return nil, fmt.Errorf("ledger: the embedded change stands elsewhere")
	}
	if proven := here && len(v.Tail) == 0 && c.seal != nil && *c.seal == v.Seal; !proven {
		if err := b.l.verify(b.tx, v, ch, o.Hash); err != nil {
			return nil, err
		}
	}
	if len(v.Tail) == 0 {
		b.opened[as] = o
	}
	return o, nil
}

// replaying opens evidence that admission verified long ago.
type replaying struct{ *book }

// Open parses without verifying.
func (r replaying) Open(v *Evidence) (*Opened, error) {
	o, _, err := r.l.parse(v)
	return o, err
}
