package partner

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/settle"
	"jishan/app/zone"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Due is what the next statement would hold.
type Due struct {
	Statement               // Number 0: nothing
	Later     int64         // points after the month
	Stops     []settle.Stop // feeds of which only a part counts
}

// side reads our chain and the law, for what is about to be written.
func (b *Book) side(q store.Querier, other string) (*judge, linked, error) {
	j, err := b.judgeOf(q, b.own(), other)
	if err != nil {
		return nil, linked{}, err
	}
	if j.law, err = b.charter.Snapshot(q); err != nil {
		return nil, linked{}, err
	}
	j.own, j.chain = true, j.here.chain
	j.at, _, _ = j.law.Head()
	return j, j.here.all[j.here.end], nil
}

// Due tells what our next statement to a partner holds, up to the end of a month,
// yyyy-mm. Faults: partner.unknown, partner.month.
func (b *Book) Due(q store.Querier, other, month string) (Due, error) {
	until, ok := monthEnd(month)
	if !ok {
		return Due{}, fault.New("partner.month")
	}
	j, _, err := b.side(q, other)
	if err != nil {
		return Due{}, err
	}
	terms, ok := j.law.Partner(other, j.at)
	if !ok {
		return Due{}, fault.New("partner.unknown")
	}
	last := j.chain.last()
	if last == nil {
		last = &Statement{}
	}
	d := Due{Statement: Statement{Number: last.Number + 1, Month: month, Peg: terms.Peg}}
	if month > last.Month {
		if err := j.reach(until, &d); err != nil {
			return Due{}, err
		}
	}
	t, err := j.count(d.Ranges, d.Peg)
	if err != nil {
		return Due{}, err
	}
	d.Spent, d.Back, d.Moved, d.Deals, d.Backs, d.Movers, d.Fen = t.Spent, t.Back, t.Moved, t.Deals, t.Backs, t.Movers, t.Fen
	if d.Spent+d.Back+d.Moved == 0 {
		d.Number = 0
	}
	return d, nil
}

// monthEnd is when a month is over, milliseconds.
func monthEnd(month string) (int64, bool) {
	t, err := time.ParseInLocation("2006-01", month, zone.China)
	return t.AddDate(0, 1, 0).UnixMilli(), err == nil
}

// Make writes our next statement to a partner, up to the end of a month that is
// over at now. False where there is nothing. Faults: partner.unknown,
// partner.month, govern.registrar.only.
func (b *Book) Make(tx *store.Tx, other, month string, now int64) (wire.Hash, bool, error) {
	if end, ok := monthEnd(month); !ok || end > now {
		return wire.Hash{}, false, fault.New("partner.month")
	}
	d, err := b.Due(tx, other, month)
	if err != nil || d.Number == 0 {
		return wire.Hash{}, false, err
	}
	h, err := b.write(tx, other, "partner.statement", Entry{Statement: &d.Statement}, now)
	return h, err == nil, err
}

// Reply answers a statement of the other side: an empty reason agrees to it.
// Faults: partner.statement.unknown, partner.statement.agreed, partner.why{max},
// govern.registrar.only.
func (b *Book) Reply(tx *store.Tx, other string, h wire.Hash, why string, now int64) error {
	why = strings.TrimSpace(why)
	if !govern.ShortLine(why, MaxWhy) {
		return fault.New("partner.why", "max", MaxWhy)
	}
	theirs, err := chainOf(tx, other, b.own())
	if err != nil {
		return err
	}
	s := theirs.stated[h]
	if s == nil {
		return fault.New("partner.statement.unknown")
	}
	ours, err := chainOf(tx, b.own(), other)
	if err != nil {
		return err
	}
	if a, ok := ours.answers[h]; ok && a.Agreed {
		return fault.New("partner.statement.agreed")
	}
	_, err = b.write(tx, other, "partner.answer", Entry{Answer: &Answer{Statement: h, Spent: s.Spent, Back: s.Back, Moved: s.Moved, Fen: s.Fen, Agreed: why == "", Why: why}}, now)
	return err
}

// Received notes that what a statement owes us was paid or set off. Faults:
// partner.statement.unknown, partner.statement.open (not agreed by both),
// partner.statement.paid, partner.statement.theirs (they are owed, not we),
// settle.reference{max}, govern.registrar.only.
func (b *Book) Received(tx *store.Tx, other string, h wire.Hash, reference string, now int64) error {
	reference = strings.TrimSpace(reference)
	if reference == "" || !govern.ShortLine(reference, MaxReference) {
		return fault.New("settle.reference", "max", MaxReference)
	}
	list, err := b.Statements(tx, other)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(list, func(x Sheet) bool { return x.Hash == h })
	if i < 0 {
		return fault.New("partner.statement.unknown")
	}
	s := list[i]
	switch {
	case s.Owed() <= 0:
		return fault.New("partner.statement.theirs")
	case s.PaidAt != 0:
		return fault.New("partner.statement.paid")
	case !s.Agreed:
		return fault.New("partner.statement.open")
	}
	_, err = b.write(tx, other, "partner.receipt", Entry{Receipt: &Receipt{Statement: h, Fen: s.Owed(), Reference: reference}}, now)
	return err
}

// write appends an entry at the end of our chain. It judges first: a device never
// writes what it can see to be invalid.
func (b *Book) write(tx *store.Tx, other, action string, e Entry, now int64) (wire.Hash, error) {
	j, end, err := b.side(tx, other)
	if err != nil {
		return wire.Hash{}, err
	}
	if w, ok := j.law.Writer(j.at.Term); !ok || w != tx.Self() {
		return wire.Hash{}, fault.New("govern.registrar.only")
	}
	year := zone.In(now).Year()
	if p, ok := b.parse(end.Doc); ok && end.Term == j.at.Term { // a clock set back makes no side branch
		year = max(year, p.Year)
	}
	doc := b.charter.Doc(fmt.Sprintf("%s/%s/%s/%d-%d", NetDoc, other, tx.Self(), j.at.Term, year))
	tips, err := tx.Vector(doc)
	if err != nil {
		return wire.Hash{}, err
	}
	if len(tips) == 0 {
		e.Prev = end.Hash
	}
	if err := j.entry(e, end.Hash); err != nil {
		return wire.Hash{}, err
	}
	raw, err := e.Encode()
	if err != nil {
		return wire.Hash{}, err
	}
	ref, err := tx.Append(doc, action, raw)
	return ref.Hash, err
}

// Sheet is a statement as it stands between the two sides.
type Sheet struct {
	Hash wire.Hash
	Ours bool // our ledger's: what our people spent there, who moved here
	Statement
	At        int64 // milliseconds
	Operator  string
	Answered  int64 // when the other side answered; 0: not yet
	Agreed    bool
	Why       string // of a refusal
	PaidAt    int64  // when the side that was owed said so; 0: not yet
	Reference string
}

// Owed is what the statement owes to us, in fen; below 0: to them.
func (s *Sheet) Owed() int64 {
	if s.Ours {
		return -s.Fen
	}
	return s.Fen
}

// Done tells whether both agreed and nothing is owed any more: then its credit is
// free again.
func (s *Sheet) Done() bool { return s.Agreed && (s.Fen == 0 || s.PaidAt != 0) }

// Statements lists both sides' statements, the newest month first, ours before
// theirs.
func (b *Book) Statements(q store.Querier, other string) (out []Sheet, err error) {
	ours, err := chainOf(q, b.own(), other)
	if err != nil {
		return nil, err
	}
	theirs, err := chainOf(q, other, b.own())
	if err != nil {
		return nil, err
	}
	out = sheets(ours, theirs, true)
	out = append(out, sheets(theirs, ours, false)...)
	slices.SortStableFunc(out, func(a, b Sheet) int { return strings.Compare(b.Month, a.Month) })
	return out, nil
}

func sheets(side, other *chain, ours bool) (out []Sheet) {
	for _, l := range slices.Backward(side.statements) {
		s := Sheet{Hash: l.Hash, Ours: ours, Statement: *l.Statement, At: l.At, Operator: l.Operator}
		if a, ok := other.answers[l.Hash]; ok {
			s.Answered, s.Agreed, s.Why = other.answered[l.Hash], a.Agreed, a.Why
		}
		creditor := other
		if s.Fen < 0 {
			creditor = side
		}
		if r, ok := creditor.receipts[l.Hash]; ok {
			s.PaidAt, s.Reference = r.At, r.Receipt.Reference
		}
		out = append(out, s)
	}
	return out
}

// State is what stands between us and a partner.
type State struct {
	govern.Partner
	Known   bool           // a letter brought their charter
	Listed  bool           // their charter lists us
	Mutual  bool           // with the same figures, and both agreements hold at that time
	Answer  govern.Partner // their agreement with us, as far as letters told
	Settled int64          // points of our statements that are done
	Ceiling int64          // how much credit of theirs may ever be made in our ledger, by now
}

// State tells how an agreement stands at a time, milliseconds. Fault:
// partner.unknown.
func (b *Book) State(q store.Querier, other string, now int64) (s State, err error) {
	law, err := b.charter.Snapshot(q)
	if err != nil {
		return s, err
	}
	at, _, _ := law.Head()
	var ok bool
	if s.Partner, ok = law.Partner(other, at); !ok {
		return s, fault.New("partner.unknown")
	}
	f, err := b.Foreign(q, other)
	if err != nil {
		return s, err
	}
	s.Known = f.Root() == s.Partner.Root
	there, _, _ := f.Snapshot().Head()
	s.Answer, s.Listed = f.Snapshot().Partner(b.own(), there)
	s.Mutual = s.Listed && s.Answer.Ours == s.Theirs && s.Answer.Theirs == s.Ours && s.Answer.Peg == s.Peg && holds(s.Partner, now) && holds(s.Answer, now)
	list, err := b.Statements(q, other)
	for i := range list {
		if x := &list[i]; x.Ours && x.Done() {
			s.Settled += x.Points()
		}
	}
	if s.Mutual {
		s.Ceiling = int64(s.Ours) + s.Settled
	}
	return s, err
}

func holds(p govern.Partner, now int64) bool { return p.Until == 0 || now < p.Until }

// Ceiling is how much credit of a partner may ever have been made in our ledger:
// the agreed cap and what was settled so far; 0 while the two agreements do not say
// the same, or have ended.
func (b *Book) Ceiling(q store.Querier, other string, now int64) (int64, error) {
	s, err := b.State(q, other, now)
	if errors.Is(err, fault.New("partner.unknown")) {
		return 0, nil
	}
	return s.Ceiling, err
}
