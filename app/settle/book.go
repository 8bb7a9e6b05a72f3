package settle

import (
	"errors"
	"fmt"
	"slices"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/app/zone"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Feeds finds the merchants' ledger feeds; *ledger.Ledger has it.
type Feeds interface {
	Doc(a wire.Actor, part uint64) store.DocID
	Tip(q store.Querier, a wire.Actor) (ledger.Tip, error)
	Parted(q store.Querier, a wire.Actor) (uint64, error)
}

// Config is what a book needs.
type Config struct {
	Charter *govern.Charter
	Feeds   Feeds
	Device  [32]byte // this device
}

// Book keeps the settlements of a community on one device. It is a
// store.Projector; its commands write on the registrar's device.
type Book struct{ Config }

// New returns the book.
func New(c Config) *Book { return &Book{c} }

// Everything as the time until which to settle settles all that is known.
const Everything = int64(1) << 62

// ahead is how far a till's clock may be before ours, in milliseconds, and its
// redemption still be of a day to come. What lies further ahead comes from a
// clock that is wrong, and holds nobody's money back.
const ahead = 2 * 24 * 60 * 60 * 1000

// The reasons why a feed is settled up to a point only.
const (
	Closed = "closed"
	Forked = "forked"
)

// Stop is a feed of a merchant of which only a part is settled.
type Stop struct {
	Feed   wire.Actor
	Why    string // Closed, Forked
	Number uint64 // the last transaction that counts
	Points int64  // redeemed beyond it, less reversed: not paid
}

// Due is what a merchant is owed and has no settlement yet.
type Due struct {
	Settlement       // the next one, without a number if there is nothing
	First      int64 // when the first redemption of it was, milliseconds; 0 for none
	Later      int64 // points redeemed after the batch ends, less those reversed
	LaterDeals int64 // redemptions among them
	Stops      []Stop
}

func (d *Due) later(x deal) {
	d.Later += x.net()
	if x.points > 0 {
		d.LaterDeals++
	}
}

// chapter is the chain's end and the law, for what is about to be written.
func (b *Book) chapter(q store.Querier, place string) (judge, row, error) {
	j := judge{b: b, q: q, place: place}
	var err error
	if j.law, err = b.Charter.Snapshot(q); err != nil {
		return j, row{}, err
	}
	j.at, _, _ = j.law.Head()
	if j.last, err = tipOf(q, place); err != nil {
		return j, row{}, err
	}
	last, err := made(q, j.last.made)
	return j, last, err
}

// Due tells what a merchant's next settlement holds of the transactions before
// until, milliseconds; now is the time. Peg 0: nobody said what a point is worth.
func (b *Book) Due(q store.Querier, place string, until, now int64) (Due, error) {
	j, last, err := b.chapter(q, place)
	if err != nil {
		return Due{}, err
	}
	d := Due{Settlement: Settlement{Number: last.Number + 1, Brought: last.Left()}}
	if d.Day = zone.Day(now); until <= now {
		d.Day = zone.Day(until - 1)
	}
	if d.Peg, err = j.peg(); err != nil {
		return Due{}, err
	}
	feeds, err := b.feedsOf(q, place)
	if err != nil {
		return Due{}, err
	}
	for _, f := range feeds {
		if err := j.reach(f, until, now, &d); err != nil {
			return Due{}, err
		}
	}
	sortRanges(d.Ranges)
	t, err := b.count(q, j.last.made, d.Ranges, d.Peg)
	if err != nil {
		return Due{}, err
	}
	d.Redemptions, d.Reversals, d.Points, d.Back, d.Fen = t.redemptions, t.reversals, t.points, t.back, t.fen
	d.Pay = max(0, d.Fen+d.Brought)
	if d.Redemptions+d.Reversals == 0 {
		d.Number = 0
	}
	return d, nil
}

// reach finds how far the next settlement goes in one feed.
func (j *judge) reach(f feedAt, until, now int64, d *Due) error {
	done, err := upto(j.q, j.last.made, f.feed)
	if err != nil {
		return err
	}
	limit, stop, err := j.limit(f)
	if err != nil {
		return err
	}
	r := Range{Feed: f.feed, From: done + 1}
	open := true
	err = j.b.walk(j.q, f.feed, r.From, func(x deal) (bool, error) {
		if x.number > limit {
			stop.Points += x.net()
			return true, nil
		}
		if at := x.change.Time; at >= until && at < now+ahead {
			open = false
		}
		if !open {
			d.later(x)
			return true, nil
		}
		r.To, r.Tip = x.number, x.hash
		if d.First == 0 && x.points > 0 {
			d.First = x.change.Time
		}
		return true, nil
	})
	if r.To >= r.From {
		d.Ranges = append(d.Ranges, r)
	}
	if err != nil || stop.Why == "" {
		return err
	}
	more, err := j.beside(f.feed, done)
	stop.Points += more
	d.Stops = append(d.Stops, stop)
	return err
}

// beside is what a forked feed's histories accepted up to where it was settled, or beside
// its first history, and no settlement holds: office and shop settle it in person.
func (j *judge) beside(feed wire.Actor, done uint64) (points int64, err error) {
	tip, err := j.b.Feeds.Tip(j.q, feed)
	if err != nil {
		return 0, err
	}
	fork, err := forkOf(j.q, j.b.Feeds, feed, tip.Number)
	if err != nil || fork == 0 {
		return 0, err
	}
	settled, err := j.settledFrom(feed, fork)
	if err != nil {
		return 0, err
	}
	add := func(x deal) {
		if !settled[x.hash] {
			points += x.net()
		}
	}
	for part := (fork-1)/ledger.PartSize + 1; ; part++ {
		list, err := store.Branches(j.q, j.b.Feeds.Doc(feed, part))
		if err != nil {
			return 0, err
		}
		if len(list) == 0 {
			break
		}
		for _, p := range list {
			x, err := passed((part-1)*ledger.PartSize+p.Seq, p.Chunk, ledger.TextSubject(j.b.Charter.Community()))
			if err != nil {
				return 0, err
			}
			x.Hash = p.Hash
			add(dealOf(x))
		}
	}
	return points, j.b.walk(j.q, feed, fork, func(x deal) (bool, error) {
		if x.number > done {
			return false, nil
		}
		add(x)
		return true, nil
	})
}

// settledFrom names the transactions of a feed, from a number on, that a settlement holds
// which leads up to the last one. Each range's history is gone through once.
func (j *judge) settledFrom(feed wire.Actor, from uint64) (map[wire.Hash]bool, error) {
	out := map[wire.Hash]bool{}
	list, err := hashes(j.q, `SELECT made FROM settle_range WHERE feed = ? AND lo <= hi AND hi >= ?`, feed[:], int64(from))
	if err != nil {
		return nil, err
	}
	for _, h := range list {
		ok, err := leads(j.q, h, j.last.made)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		in, err := ranges(j.q, h)
		if err != nil {
			return nil, err
		}
		for _, r := range in {
			if r.Feed != feed {
				continue
			}
			r.From = max(r.From, from)
			if err := j.b.histories(j.q).Walk(r, func(p Passed) error { out[p.Hash] = true; return nil }); err != nil {
				return nil, err
			}
		}
	}
	return out, nil
}

func (j *judge) limit(f feedAt) (uint64, Stop, error) {
	return Limit(j.q, j.b.Feeds, j.law, j.at, f.feed, f.device)
}

// Limit is the last transaction of a feed that may be settled: a closed feed
// counts up to its cut, a forked one up to the fork, because of two branches
// nobody knows which one the goods were handed out for.
func Limit(q store.Querier, feeds Feeds, law govern.Snapshot, at govern.Point, feed wire.Actor, device [32]byte) (uint64, Stop, error) {
	tip, err := feeds.Tip(q, feed)
	if err != nil {
		return 0, Stop{}, err
	}
	limit, stop := tip.Number, Stop{Feed: feed}
	fork, err := forkOf(q, feeds, feed, tip.Number)
	if err != nil {
		return 0, stop, err
	}
	if fork > 0 {
		limit, stop.Why = fork-1, Forked
	}
	c, closed := CutOf(law, at, feed, device)
	if closed {
		limit, stop.Why = min(limit, lastOf(c)), Closed
	}
	stop.Number = limit
	if closed && limit > 0 && fork == 0 { // the cut may name a branch that is not here
		part, seq := (limit-1)/ledger.PartSize+1, (limit-1)%ledger.PartSize+1
		p, ok, err := store.At(q, feeds.Doc(feed, part), feed, seq)
		if err != nil {
			return 0, stop, err
		}
		if !ok || !c.Covers(ledger.Tip{Number: limit, Hash: p.Hash}) {
			limit, stop.Number = 0, 0
		}
	}
	return limit, stop, nil
}

func lastOf(c ledger.Cut) (n uint64) {
	for _, t := range c.Tips {
		n = max(n, t.Number)
	}
	return n
}

// feedAt is a feed and the device that wrote it.
type feedAt struct {
	feed   wire.Actor
	device [32]byte
}

// feedsOf lists the feeds of a merchant, every incarnation of its tills.
func (b *Book) feedsOf(q store.Querier, place string) (out []feedAt, err error) {
	for _, d := range b.Charter.Devices() {
		if d.Role != govern.Merchant || d.Place != place {
			continue
		}
		certs, err := govern.Incarnations(q, d.Device)
		if err != nil {
			return nil, err
		}
		for _, c := range certs {
			out = append(out, feedAt{c.Actor(), d.Device})
		}
	}
	slices.SortFunc(out, func(a, b feedAt) int { return a.feed.Compare(b.feed) })
	return out, nil
}

// Merchants lists the places that are merchants, revoked ones included, with
// their names. Guests are settled with their own communities.
func (b *Book) Merchants() map[string]string {
	out := map[string]string{}
	for _, d := range b.Charter.Devices() {
		if d.Role == govern.Merchant && d.Place != "" && d.Home == "" {
			out[d.Place] = d.PlaceName
		}
	}
	return out
}

// Make writes a merchant's next settlement: every transaction before until,
// milliseconds, that is here, counts and was not settled. False where there is
// nothing. Faults: settle.peg, settle.full, govern.registrar.only.
func (b *Book) Make(tx *store.Tx, place string, until, now int64) (wire.Hash, bool, error) {
	d, err := b.Due(tx, place, until, now)
	if err != nil || d.Number == 0 {
		return wire.Hash{}, false, err
	}
	if d.Peg == 0 {
		return wire.Hash{}, false, fault.New("settle.peg")
	}
	h, err := b.write(tx, place, "settle.make", Entry{Settlement: &d.Settlement}, now)
	return h, err == nil, err
}

// Pay notes that settlements were paid, all or none. Faults: settle.unknown,
// settle.paid {number}, settle.nothing {number}, settle.reference {max}.
func (b *Book) Pay(tx *store.Tx, list []wire.Hash, reference string, now int64) error {
	if reference == "" || !govern.ShortLine(reference, MaxReference) {
		return fault.New("settle.reference", "max", MaxReference)
	}
	if len(list) == 0 {
		return fault.New("settle.unknown")
	}
	for _, h := range list {
		if err := b.payOne(tx, h, reference, now); err != nil {
			return err
		}
	}
	return nil
}

func (b *Book) payOne(tx *store.Tx, h wire.Hash, reference string, now int64) error {
	s, err := made(tx, h)
	if err != nil {
		return err
	}
	tip, err := tipOf(tx, s.place)
	if err != nil {
		return err
	}
	ok := s.hash != (wire.Hash{})
	if ok {
		ok, err = leads(tx, h, tip.made)
	}
	switch {
	case err != nil:
		return err
	case !ok:
		return fault.New("settle.unknown")
	case s.Pay == 0:
		return fault.New("settle.nothing", "number", s.Number)
	}
	paid, err := isPaid(tx, h)
	if err != nil {
		return err
	}
	if paid {
		return fault.New("settle.paid", "number", s.Number)
	}
	_, err = b.write(tx, s.place, "settle.pay", Entry{Payment: &Payment{Settlement: h, Fen: s.Pay, Reference: reference}}, now)
	return err
}

func isPaid(q store.Querier, h wire.Hash) (ok bool, err error) {
	err = q.QueryRow(`SELECT EXISTS (SELECT 1 FROM settle_paid WHERE made = ?)`, h[:]).Scan(&ok)
	return ok, err
}

// Agree writes the terms of a merchant, if they changed. Faults: settle.merchant,
// settle.terms {field}.
func (b *Book) Agree(tx *store.Tx, place string, t Terms, now int64) error {
	if _, ok := b.Merchants()[place]; !ok {
		return fault.New("settle.merchant")
	}
	for _, f := range []struct {
		name string
		good bool
	}{{"payee", govern.ShortLine(t.Payee, MaxPayee)}, {"bank", govern.ShortLine(t.Bank, MaxPayee)}, {"account", account(t.Account)}, {"peg", t.Peg >= 0 && t.Peg <= MaxPeg}} {
		if !f.good {
			return fault.New("settle.terms", "field", f.name)
		}
	}
	tip, err := tipOf(tx, place)
	if err != nil {
		return err
	}
	if old, err := terms(tx, tip.terms); err != nil || old == t {
		return err
	}
	_, err = b.write(tx, place, "settle.terms", Entry{Terms: &t}, now)
	return err
}

// write appends an entry at the end of the merchant's chain. It judges first: a
// device never writes what it can see to be invalid.
func (b *Book) write(tx *store.Tx, place, action string, e Entry, now int64) (wire.Hash, error) {
	j, _, err := b.chapter(tx, place)
	if err != nil {
		return wire.Hash{}, err
	}
	j.actor = tx.Self()
	if w, ok := j.law.Writer(j.at.Term); !ok || w != j.actor {
		return wire.Hash{}, fault.New("govern.registrar.only")
	}
	year := zone.In(now).Year()
	if j.last.term == j.at.Term { // a clock set back makes no side branch
		year = max(year, j.last.year)
	}
	doc := b.Charter.Doc(fmt.Sprintf("settle/%s/%s/%d-%d", place, j.actor, j.at.Term, year))
	tips, err := tx.Vector(doc)
	if err != nil {
		return wire.Hash{}, err
	}
	if len(tips) == 0 {
		e.Prev = j.last.hash
	}
	if err := j.entry(e, j.last.hash); err != nil {
		return wire.Hash{}, err
	}
	value, err := e.Encode()
	if err != nil {
		return wire.Hash{}, err
	}
	ref, err := tx.Append(doc, action, value)
	if errors.Is(err, store.ErrPartFull) {
		err = fault.New("settle.full")
	}
	return ref.Hash, err
}
