package ledger

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"

	"jishan/app/fault"
	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Ledger keeps the quotas of one community on one device. It is a
// store.Projector; its commands write to the feed of this device's incarnation
// inside the caller's transaction. Methods on a *store.Tx must not be used by
// two goroutines at once; queries may.
type Ledger struct {
	self      wire.Actor
	community Subject
	domain    string // the community's id text
	gov       Governance
	home      func(q store.Querier) (wire.Actor, bool, error)
	book      *book                   // of the transaction that is open
	rows      *rows                   // of the one before, if it was committed
	closes    *atomic.Pointer[closes] // of the last head that was asked for
	rose      func(person Subject, year string)
	caution   func(tx *store.Tx, n int64) error
	keeping   func(q store.Querier, person Subject) (int64, error)
}

// New returns the ledger of a community for one incarnation. community is the
// community's id text (26 characters).
func New(self wire.Actor, community string, gov Governance) *Ledger {
	return &Ledger{
		self: self, community: TextSubject(community), domain: community, gov: gov,
		home:   func(store.Querier) (wire.Actor, bool, error) { return wire.Actor{}, false, nil },
		rose:   func(Subject, string) {},
		closes: &atomic.Pointer[closes]{},
	}
}

// UseRises names who is told whose points of a year have become more, inside
// the transaction that does it, which may still be undone.
func (l *Ledger) UseRises(f func(person Subject, year string)) { l.rose = f }

// UseHome names the feed to which rights go home: where a till sends what it
// has no exposure for, and everybody what lies unused. f tells false while no
// such feed is known.
func (l *Ledger) UseHome(f func(q store.Querier) (wire.Actor, bool, error)) { l.home = f }

// Community returns the community as a subject.
func (l *Ledger) Community() Subject { return l.community }

// Self returns this device's feed.
func (l *Ledger) Self() Feed { return l.feedOf(l.self) }

func (l *Ledger) feedOf(a wire.Actor) Feed { return Feed{Incarnation: a, Community: l.community} }

// feedEpoch is the epoch in which feeds are written. A forked incarnation is
// replaced by a new one, so its feed never needs a second epoch.
const feedEpoch = 1

// Doc returns the document of a feed part, counted from 1.
func (l *Ledger) Doc(a wire.Actor, part uint64) store.DocID {
	return l.docAt(a, feedEpoch, part)
}

func (l *Ledger) docAt(a wire.Actor, epoch, part uint64) store.DocID {
	return feedDoc(l.domain, a, epoch, part)
}

// feedDoc is the document of a feed part in a community, by its id text.
func feedDoc(domain string, a wire.Actor, epoch, part uint64) store.DocID {
	return store.DocID(domain + "." + strconv.FormatUint(epoch, 10) + "/feed/" + a.String() + "/" + strconv.FormatUint(part, 10))
}

// docPart is a feed part's document id taken apart.
type docPart struct {
	actor wire.Actor
	epoch uint64
	part  uint64
}

// parseDoc reads a document id; false for what is no feed of this community.
func (l *Ledger) parseDoc(id store.DocID) (d docPart, ok bool) {
	rest, ok := strings.CutPrefix(string(id), l.domain+".")
	if !ok {
		return d, false
	}
	epoch, path, ok := strings.Cut(rest, "/feed/")
	if !ok {
		return d, false
	}
	inc, part, ok := strings.Cut(path, "/")
	if !ok {
		return d, false
	}
	var errs [3]error
	d.epoch, errs[0] = strconv.ParseUint(epoch, 10, 32)
	d.part, errs[1] = strconv.ParseUint(part, 10, 32)
	d.actor, errs[2] = parseActor(inc)
	return d, errors.Join(errs[:]...) == nil && d.epoch > 0 && d.part > 0 && l.docAt(d.actor, d.epoch, d.part) == id
}

// place returns where change seq of a feed part stands.
func (d docPart) number(seq uint64) uint64 { return (d.part-1)*PartSize + seq }

// split is the reverse of number.
func split(number uint64) (part, seq uint64) {
	return (number-1)/PartSize + 1, (number-1)%PartSize + 1
}

func headOf(c seal.Context) Head { return Head{Term: c.Term, Seq: c.Seq, Hash: c.Head} }

// Form checks a remote feed change before its meaning: one put of one value
// under tx/<seq>. Errors: ErrForm, or admit.Wait for a newer version.
func (l *Ledger) Form(tx *store.Tx, doc store.DocID, ch *wire.Change) error {
	d, ok := l.parseDoc(doc)
	if !ok || d.actor != ch.Actor {
		return malformed("not this author's feed")
	}
	b, err := l.open(tx)
	if err != nil {
		return err
	}
	t, err := b.decode(ch)
	if err != nil {
		return waiting(err)
	}
	if (t.Part != nil) != (d.part > 1 && ch.Seq == 1) {
		return malformed("part header")
	}
	return nil
}

// decode reads the transaction out of a change.
func (l *Ledger) decode(ch *wire.Change) (*Tx, error) { return decodeOf(l.community, ch) }

// decodeOf reads the transaction out of a change of a community's feed.
func decodeOf(community Subject, ch *wire.Change) (*Tx, error) {
	if len(ch.Ops) != 1 || ch.StartOp != ch.Seq || ch.Seq > PartSize {
		return nil, malformed("shape of the change")
	}
	op := &ch.Ops[0]
	if op.Delete || op.Value.Kind != wire.Bytes || len(op.Pred) != 0 || op.Key != "tx/"+strconv.FormatUint(ch.Seq, 10) {
		return nil, malformed("shape of the change")
	}
	return Decode([]byte(op.Value.Raw), community)
}

// waiting turns what can't be judged yet into admission's word for it.
func waiting(err error) error {
	if errors.Is(err, ErrUnknown) || errors.Is(err, ErrNewer) {
		return admit.Wait(err.Error())
	}
	return err
}

// Subject judges a remote feed change: nil, admit.Wait, or why it is invalid.
func (l *Ledger) Subject(tx *store.Tx, doc store.DocID, ch *wire.Change, h wire.Hash, c seal.Context) error {
	d, ok := l.parseDoc(doc)
	if !ok {
		return malformed("no feed of this community")
	}
	b, err := l.open(tx)
	if err != nil {
		return err
	}
	t, err := b.decode(ch)
	if err != nil {
		return waiting(err)
	}
	at := Place{Feed: l.feedOf(ch.Actor), Number: d.number(ch.Seq), Head: headOf(c)}
	s, err := b.stateFor(d, ch, t)
	if err != nil {
		return waiting(err)
	}
	if err := l.follows(t, d, s.Tip(), at.Number); err != nil {
		return waiting(err)
	}
	if err := Judge(s, t, at, b); err != nil {
		return waiting(err)
	}
	return b.judged(s, at, h, t)
}

// follows checks that a part goes on where the one before it ended.
func (l *Ledger) follows(t *Tx, d docPart, tip Tip, number uint64) error {
	if t.Part == nil {
		return nil
	}
	if tip.Number < number-1 {
		return fmt.Errorf("the part before: %w", ErrUnknown)
	}
	want := Part{PrevSeq: PartSize, PrevHash: tip.Hash, Number: (d.part - 1) * PartSize}
	if tip.Number != number-1 || *t.Part != want {
		return invalid("the part header does not fit the part before")
	}
	return nil
}

// Write appends one transaction to this device's feed. It judges first: a
// device never writes what it can see to be invalid. Of points that it brings here,
// a second one pays what the person owes here. Errors: ErrInvalid,
// ErrUnknown, ErrForm, or the store's.
func (l *Ledger) Write(tx *store.Tx, action string, entries ...Entry) (store.Ref, error) {
	return l.write(tx, action, &Tx{Entries: entries})
}

func (l *Ledger) write(tx *store.Tx, action string, t *Tx) (store.Ref, error) {
	b, s, err := l.mine(tx)
	if err != nil {
		return store.Ref{}, err
	}
	head, err := b.Head()
	if err != nil {
		return store.Ref{}, err
	}
	if head != b.closedAt { // governance moved in this transaction
		if err := b.keepUp(); err != nil {
			return store.Ref{}, err
		}
		if s, err = b.state(l.self); err != nil {
			return store.Ref{}, err
		}
	}
	tip := s.Tip()
	part, seq := split(tip.Number + 1)
	if t.Part = nil; part > 1 && seq == 1 {
		t.Part = &Part{PrevSeq: PartSize, PrevHash: tip.Hash, Number: tip.Number}
	}
	if err := Judge(s, t, Place{Feed: l.Self(), Number: tip.Number + 1, Head: head}, b); err != nil {
		return store.Ref{}, err
	}
	value, err := t.Encode(l.community)
	if err != nil {
		return store.Ref{}, err
	}
	if err := l.cautious(tx, t); err != nil {
		return store.Ref{}, err
	}
	if t.quoted() {
		action += seal.QuoteMark
	}
	b.wrote = append(b.wrote, t)
	ref, err := tx.Append(l.Doc(l.self, part), action, value)
	if err == nil {
		err = l.payFirst(tx, b, t)
	}
	return ref, err
}

// quoted tells whether others will embed the transaction.
func (t *Tx) quoted() bool {
	for i := range t.Entries {
		if e := &t.Entries[i]; e.Type == Move || e.Why == WhyMoved { // to another community, or from one: letters carry both
			return true
		}
	}
	return false
}

// mine opens the book and this device's own feed.
func (l *Ledger) mine(tx *store.Tx) (*book, *feedState, error) {
	b, err := l.open(tx)
	if err != nil {
		return nil, nil, err
	}
	s, err := b.state(l.self)
	return b, s, err
}

// amounts refuses what no entry can hold, before anything is built.
func amounts(list ...int64) error {
	for _, n := range list {
		if n < 1 || n > MaxAmount {
			return fault.New("ledger.amount.bad", "amount", n, "max", int64(MaxAmount))
		}
	}
	return nil
}
