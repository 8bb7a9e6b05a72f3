package ledger

import (
	"database/sql"
	_ "embed" // the schema
	"errors"
	"fmt"

	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

//go:embed schema.sql
var schemaSQL string

// projection is raised whenever schema or meaning of the rows change.
const projection = 15

// Name implements store.Projector.
func (l *Ledger) Name() string { return "ledger" }

// Version implements store.Projector.
func (l *Ledger) Version() int { return projection }

// Schema implements store.Projector.
func (l *Ledger) Schema() string { return schemaSQL }

// Wants implements store.Projector: the feeds of the community.
func (l *Ledger) Wants(doc store.DocID) bool {
	_, ok := l.parseDoc(doc)
	return ok
}

// LineKind says what a line of a person's history is.
type LineKind int

// The kinds of line.
const (
	LineAward     LineKind = 1
	LineRedeem    LineKind = 2
	LineUndo      LineKind = 3 // the opposite of an award or a redemption
	LineOpening   LineKind = 4
	LineDeduction LineKind = 5
	LineExpiry    LineKind = 6
	LineMovedAway LineKind = 7
	LineArrived   LineKind = 8
	LineCorrected LineKind = 9
	LineDebt      LineKind = 10
)

// applying is one transaction on its way into the tables.
type applying struct {
	b    *book
	t    *Tx
	feed *feedRow
	at   Place
	hash wire.Hash
	time int64
	late bool // beyond a cut: only what was handed over counts, as loss

	shadow bool // of a forked feed: only judging sees it here, see unite
	beside bool // in a branch: its line says so
}

// Apply implements store.Projector.
func (l *Ledger) Apply(tx *store.Tx, ev store.Event) error {
	d, ok := l.parseDoc(ev.Doc)
	if !ok {
		return nil
	}
	b, err := l.open(tx)
	if err != nil {
		return err
	}
	t, err := b.decode(ev.Change)
	if err != nil {
		return err
	}
	return b.apply(d, ev.Change, ev.Hash, ev.Context, t)
}

func (b *book) apply(d docPart, ch *wire.Change, h wire.Hash, c seal.Context, t *Tx) error {
	feed, err := b.feed(ch.Actor, true)
	if err != nil {
		return err
	}
	a := &applying{b: b, t: t, feed: feed, hash: h, time: ch.Time,
		at: Place{Feed: b.l.feedOf(ch.Actor), Number: d.number(ch.Seq), Head: headOf(c)}}
	if b.forked[feed.actor] {
		a.shadow = true
		if !b.replays {
			b.stale = true
			delete(b.heritages, feed.actor)
		}
	}
	if !a.shadow { // of a forked feed's first history nothing is booked here: unite does that, once for all
		in, err := b.counts(feed.actor, Tip{a.at.Number, h})
		if err != nil {
			return err
		}
		a.late = !in
	}
	if err := a.transaction(); err != nil {
		return fmt.Errorf("ledger: transaction %d of %s: %w", a.at.Number, feed.actor, err)
	}
	return nil
}

func (a *applying) transaction() error {
	c, err := Effects(a.t, a.at, replaying{a.b})
	if err != nil {
		return err
	}
	a.feed.tip, a.feed.head = Tip{a.at.Number, a.hash}, a.at.Head
	a.b.mark(a.feed, &a.feed.dirty)
	if err := a.changes(&c); err != nil {
		return err
	}
	if a.shadow {
		return nil
	}
	if a.late {
		return a.beyond()
	}
	for i := range a.t.Entries {
		if err := a.entry(&a.t.Entries[i], uint32(i)); err != nil {
			return err
		}
	}
	return nil
}

func (a *applying) changes(c *Changes) error {
	for _, h := range c.Held {
		r, err := a.b.heldRow(a.feed.n, h.Quota)
		if err != nil {
			return err
		}
		r.n, r.at = r.n+h.N, a.time
		if h.Quota.Kind == Debt {
			a.b.owes = nil
		}
		a.b.mark(r, &r.dirty)
		s, err := a.b.sum(h.Quota)
		if err != nil {
			return err
		}
		if !a.late && !a.shadow {
			if err := a.b.account(a.feed, r, s, h.N); err != nil {
				return err
			}
		}
		if r.made && !a.shadow {
			r.made = false
			if err := a.b.right(a.feed, r); err != nil {
				return err
			}
		}
	}
	for i := range c.Taken {
		if err := a.take(&c.Taken[i]); err != nil {
			return err
		}
	}
	for _, d := range c.Used {
		a.b.use(a.feed.n, d, a.at.Number)
	}
	for _, u := range c.Undone {
		if _, err := a.b.tx.Exec(`INSERT INTO ledger_undone(hash, idx, feed, number, n) VALUES (?, ?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET n = n + excluded.n`, u.Ref.Hash[:], int64(u.Ref.Index), a.feed.n, int64(a.at.Number), u.N); err != nil {
			return err
		}
		if err := a.undone(u); err != nil {
			return err
		}
	}
	for _, in := range c.Inherit {
		if err := a.inherit(in); err != nil {
			return err
		}
	}
	return nil
}

// take books a TAKE and remembers it: the feed can't take that MOVE again,
// whether the TAKE counts or not.
func (a *applying) take(t *Taking) error {
	seen := takeVoid
	if !a.late && !a.shadow {
		var err error
		if seen, err = a.receive(t); err != nil {
			return err
		}
	}
	_, err := a.b.tx.Exec("INSERT INTO ledger_taken(hash, idx, feed, number, seen, payer, kind, subject, period, n) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		t.ID.Hash[:], int64(t.ID.Index), a.feed.n, int64(a.at.Number), seen, t.From.Incarnation[:],
		int64(t.Amount.Quota.Kind), t.Amount.Quota.Subject[:], t.Amount.Quota.Period, t.Amount.N)
	return err
}

// receive books a TAKE that counts: out of flight if its MOVE is here, unseen
// if not, loss if the MOVE can't count.
func (a *applying) receive(t *Taking) (seen int, err error) {
	s, err := a.b.sum(t.Amount.Quota)
	if err != nil {
		return 0, err
	}
	takes, payee, err := a.b.takenOnce(t.ID)
	switch {
	case err != nil:
		return 0, err
	case takes == 1:
		*a.b.flying(s, wire.Actor(payee), t.ID.Index) -= t.Amount.N
		return takeBacked, nil
	case takes > 1: // by two feeds
		return takeBacked, a.b.lose(t.From.Incarnation, s, t.Amount.N)
	case t.From.Community != a.at.Feed.Community: // the MINT books it
		return takeBacked, nil
	}
	lost, err := a.b.lost(t)
	if err != nil {
		return 0, err
	}
	if lost {
		return takeLost, a.b.lose(t.From.Incarnation, s, t.Amount.N)
	}
	s.Unseen += t.Amount.N
	return takeUnseen, nil
}

// takenOnce counts one more TAKE of a MOVE that is booked, and returns how many
// there are now; 0 where the MOVE is not here. It reads first: a statement that
// changes a row and returns it takes three times as long as both.
func (b *book) takenOnce(id MoveID) (takes int64, payee []byte, err error) {
	err = b.tx.QueryRow("SELECT taken, payee FROM ledger_move WHERE hash = ? AND idx = ?", id.Hash[:], int64(id.Index)).Scan(&takes, &payee)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil, nil
	}
	if err != nil {
		return 0, nil, err
	}
	takes++
	_, err = b.tx.Exec("UPDATE ledger_move SET taken = ? WHERE hash = ? AND idx = ?", takes, id.Hash[:], int64(id.Index))
	return takes, payee, err
}

// inherit copies what a chain knew of deed keys at the place it came from.
func (a *applying) inherit(in Inheritance) error {
	if in.Succession {
		if _, err := a.b.tx.Exec(`INSERT INTO ledger_heir(feed, closed, number, at) VALUES (?, ?, ?, ?)
			ON CONFLICT DO UPDATE SET number = max(number, excluded.number), at = min(at, excluded.at)`, a.feed.n, in.From[:], int64(in.Tip.Number), int64(a.at.Number)); err != nil {
			return err
		}
	}
	if in.Turn == (Subject{}) {
		return nil
	}
	return a.b.inheritDeeds(a.feed.n, a.at.Number, in)
}

// undone marks the line of an entry that was undone.
func (a *applying) undone(u Undoing) error {
	if a.shadow {
		return nil
	}
	r := u.Ref
	c, ok, err := a.b.l.find(a.b.tx, r.Hash)
	if err != nil || !ok {
		return err
	}
	if a.late {
		if late, err := a.b.beyondCut(c, r.Hash); err != nil || !late {
			return err
		}
	}
	ch, _, err := wire.Decode(c.chunk)
	if err != nil {
		return err
	}
	t, err := a.b.l.decode(ch)
	if err != nil {
		return err
	}
	feed, err := a.b.feed(c.actor, false)
	if err != nil || feed == nil {
		return err
	}
	if o := entryAt(t, r.Index); o == nil || o.Why == WhyCollect { // it was paid once, whatever became of it
		return nil
	}
	for i := range t.Entries { // TALLYs of the same transaction go with their MINT
		e := &t.Entries[i]
		if uint32(i) != r.Index && e.Type != Tally {
			continue
		}
		res, err := a.b.tx.Exec("UPDATE ledger_line SET undone = 1 WHERE person = ? AND at = ? AND feed = ? AND number = ? AND idx = ? AND branch = ? AND undone = 0",
			e.Quota.Subject[:], ch.Time, feed.n, int64(c.place()), i, branchOf(c.beside, r.Hash))
		if err != nil {
			return err
		}
		n, err := res.RowsAffected()
		if err != nil {
			return err
		}
		if e.Type == Tally && n > 0 {
			s, err := a.b.sum(e.Quota)
			if err != nil {
				return err
			}
			if e.Why == WhyLifetime {
				s.life -= e.Amount
			} else {
				s.year -= e.Amount
			}
		}
	}
	return nil
}

// entry books sums and lines.
func (a *applying) entry(e *Entry, i uint32) error {
	if e.Type == Seen {
		return nil
	}
	s, err := a.b.sum(e.Quota)
	if err != nil {
		return err
	}
	switch e.Type {
	case Mint:
		s.Minted += e.Amount
		if !a.b.replays && e.Quota.Kind == Points && e.Deed != (Deed{}) {
			twice, err := a.paidElsewhere(e.Deed)
			if err != nil {
				return err
			}
			a.b.stale = a.b.stale || twice
		}
	case Consume:
		s.Consumed += e.Amount
	case Restore:
		if err := a.restored(e, s); err != nil {
			return err
		}
		if e.Why == WhyReturn && e.Quota.Kind == Debt { // the points beside it have the line
			return nil
		}
	case Burn:
		s.Burned += e.Amount
	case Move:
		return a.move(e, i, s)
	case Take, Succeed:
		return nil
	case Tally:
		if e.Why == WhyBack { // the line that it takes back says so
			return nil
		}
	}
	if e.Quota.Kind == Points || e.Quota.Kind == Debt {
		return a.line(e, i, s)
	}
	return nil
}

// move books a MOVE: in flight, or taken by a TAKE that was here before it.
func (a *applying) move(e *Entry, i uint32, s *sumRow) error {
	n, err := a.b.backs(a.feed.actor, MoveID{a.hash, i}, e.Amount, s)
	if err != nil {
		return err
	}
	if n == 0 {
		*a.b.flying(s, e.To.Incarnation, i) += e.Amount
	}
	_, err = a.b.tx.Exec("INSERT INTO ledger_move(hash, idx, payer, payee, taken, number, kind, subject, period, n, until, issued) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
		a.hash[:], int64(i), a.feed.n, e.To.Incarnation[:], n, int64(a.at.Number), int64(e.Quota.Kind), e.Quota.Subject[:], e.Quota.Period, e.Amount, e.until(), a.time)
	return err
}

// meaning is what an entry says to the person it concerns.
type meaning struct {
	kind          LineKind
	n, life, year int64
}

func (e *Entry) meaning(back func(Ref) (*Entry, error)) (m meaning, err error) {
	switch e.Type {
	case Mint:
		m = meaning{LineAward, e.Amount, e.Amount, e.Amount}
		switch {
		case e.Why == WhyRecall:
			m, err = e.recalled(back)
			m.kind, m.n = LineDebt, 0
		case e.Quota.Kind == Debt:
			m = meaning{LineDebt, 0, 0, -e.Amount}
		case e.Why == WhyOpening:
			m = meaning{kind: LineOpening, n: e.Amount}
		case e.Why == WhyMoved:
			m = meaning{kind: LineArrived, n: e.Amount}
		}
	case Tally:
		m.kind = LineOpening
		if e.Why == WhyLifetime {
			m.life = e.Amount
		} else {
			m.year = e.Amount
		}
	case Consume:
		m = meaning{kind: LineRedeem, n: -e.Amount}
	case Restore:
		m = meaning{kind: LineUndo, n: e.Amount}
		if e.Why == WhyReturn {
			o, err := back(e.Ref)
			if err != nil || !takesAway(o.Why) {
				return m, err
			}
			m.year = e.Amount
		}
	case Burn:
		return e.burned(back)
	}
	return m, err
}

func (e *Entry) burned(back func(Ref) (*Entry, error)) (m meaning, err error) {
	m.n = -e.Amount
	switch e.Why {
	case WhyUndo:
		o, err := back(e.Ref)
		if err != nil {
			return m, err
		}
		was, err := o.meaning(nil)
		return meaning{LineUndo, -was.n, -was.life, -was.year}, err
	case WhyRecall:
		return e.recalled(back)
	case WhyDeduction, WhyFine:
		m.kind, m.year = LineDeduction, -e.Amount
	case WhyCorrection:
		m.kind, m.life, m.year = LineCorrected, -e.Amount, -e.Amount
	case WhyCollect: // the debt lessened the year when it was made
		m.kind = LineDebt
	case WhyMoved:
		m.kind = LineMovedAway
	default:
		m.kind = LineExpiry
	}
	if e.Quota.Kind == Debt { // a debt that was paid
		m = meaning{kind: LineDebt}
	}
	return m, nil
}

// recalled is what a part of a MINT meant that is taken back.
func (e *Entry) recalled(back func(Ref) (*Entry, error)) (meaning, error) {
	m := meaning{kind: LineUndo, n: -e.Amount}
	o, err := back(e.Ref)
	if err == nil && o.Why != WhyOpening {
		m.life, m.year = -e.Amount, -e.Amount
	}
	return m, err
}

// back finds an entry of an earlier transaction.
func (b *book) back(r Ref) (*Entry, error) {
	c, ok, err := b.l.find(b.tx, r.Hash)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("change %s: %w", r.Hash, ErrUnknown)
	}
	ch, _, err := wire.Decode(c.chunk)
	if err != nil {
		return nil, err
	}
	t, err := b.l.decode(ch)
	if err != nil {
		return nil, err
	}
	if int(r.Index) >= len(t.Entries) {
		return nil, errors.New("no such entry")
	}
	return &t.Entries[r.Index], nil
}

func (a *applying) line(e *Entry, i uint32, s *sumRow) error {
	m, err := e.meaning(a.b.back)
	if err != nil {
		return err
	}
	return a.book(e, i, s, m)
}

// book writes an entry's line and adds it to the statistics.
func (a *applying) book(e *Entry, i uint32, s *sumRow, m meaning) (err error) {
	points := s
	if e.Quota.Kind == Debt { // statistics stand with the points
		if points, err = a.b.sum(Quota{Points, e.Quota.Subject, e.Quota.Period}); err != nil {
			return err
		}
	}
	points.life += m.life
	points.year += m.year
	if err := a.flow(e, m); err != nil {
		return err
	}
	if e.Quota.Kind == Debt && e.Why == WhyCollect { // the points beside it have the line
		return nil
	}
	a.b.tx.Later("INSERT INTO ledger_line(person, at, feed, number, idx, kind, n, life, year, undone, branch) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 0, ?)",
		e.Quota.Subject[:], a.time, a.feed.n, int64(a.at.Number), int64(i), int64(m.kind), m.n, m.life, m.year, branchOf(a.beside, a.hash))
	return nil
}

// branchOf is what tells a branch's line from that of the first history at the
// same place of the feed.
func branchOf(beside bool, h wire.Hash) []byte {
	if !beside {
		return []byte{}
	}
	return h[:]
}

// flow adds to the figures of the hour.
func (a *applying) flow(e *Entry, m meaning) error {
	if e.Type == Tally || e.Quota.Kind == Debt {
		return nil
	}
	h, err := a.b.hour(a.time)
	if err != nil {
		return err
	}
	switch {
	case m.kind == LineAward:
		h.awarded += e.Amount
		h.awards++
	case m.kind == LineRedeem:
		h.redeemed += e.Amount
		h.redemptions++
	case m.kind == LineOpening || m.kind == LineArrived:
		h.brought += e.Amount
	case m.kind == LineDeduction || m.kind == LineDebt:
		h.deducted += e.Amount
	case m.kind == LineMovedAway:
		h.moved += e.Amount
	case m.kind == LineExpiry:
		h.expired += e.Amount
	case e.Why == WhyReturn:
		h.deducted -= e.Amount
	case e.Type == Restore:
		h.redeemed -= e.Amount
		h.redemptions--
	case m.kind == LineCorrected:
		h.awarded -= e.Amount
	case m.kind == LineUndo && m.life < 0:
		h.awarded -= e.Amount
		h.awards--
	case m.kind == LineUndo:
		h.brought -= e.Amount
	}
	return nil
}
