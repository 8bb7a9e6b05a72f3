package settle

import (
	_ "embed" // the schema
	"errors"
	"fmt"

	"jishan/app/govern"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

//go:embed schema.sql
var schema string

// Name implements store.Projector.
func (b *Book) Name() string { return "settle" }

// Version implements store.Projector.
func (b *Book) Version() int { return 1 }

// Schema implements store.Projector.
func (b *Book) Schema() string { return schema }

// Wants implements store.Projector: the settlement feeds of the community.
func (b *Book) Wants(doc store.DocID) bool {
	_, ok := b.parse(doc)
	return ok
}

// parse takes a settlement document's id apart.
func (b *Book) parse(doc store.DocID) (govern.Path, bool) {
	p, err := govern.ParsePath(doc)
	return p, err == nil && p.Row.Doc == "settle" && p.Community == b.Charter.Community()
}

// Form checks a change of a settlement feed before its meaning. Errors:
// ErrForm, ErrInvalid; a newer program's entry passes and waits in Subject.
func Form(ch *wire.Change) error {
	_, err := open(ch)
	if errors.Is(err, ErrNewer) {
		return nil
	}
	return err
}

func open(ch *wire.Change) (Entry, error) {
	if len(ch.Ops) != 1 || ch.Ops[0].Value.Kind != wire.Bytes {
		return Entry{}, ErrForm
	}
	e, err := Decode([]byte(ch.Ops[0].Value.Raw))
	if err == nil && ch.Seq > 1 && e.Prev != (wire.Hash{}) {
		return Entry{}, fmt.Errorf("%w: only the first change of a document names the one before", ErrForm)
	}
	return e, err
}

// before returns the entry that a change follows; the zero hash for none.
func before(ch *wire.Change, e Entry) wire.Hash {
	if ch.Seq > 1 && len(ch.Deps) == 1 {
		return ch.Deps[0]
	}
	return e.Prev
}

// Apply implements store.Projector.
func (b *Book) Apply(tx *store.Tx, ev store.Event) error {
	p, ok := b.parse(ev.Doc)
	if !ok {
		return ErrForm
	}
	e, err := open(ev.Change)
	if err != nil {
		return err
	}
	prev := before(ev.Change, e)
	l, err := link(tx, prev)
	if err != nil {
		return err
	}
	switch {
	case e.Settlement != nil:
		err = addSettlement(tx, ev.Hash, p.Place, l.made, e.Settlement)
		l.made = ev.Hash
	case e.Payment != nil:
		_, err = tx.Exec(`INSERT INTO settle_paid (hash, made, fen, reference, at, actor, operator) VALUES (?, ?, ?, ?, ?, ?, ?)`,
			ev.Hash[:], e.Payment.Settlement[:], e.Payment.Fen, e.Payment.Reference, ev.Change.Time, ev.Change.Actor[:], ev.Context.Name())
	case e.Terms != nil:
		_, err = tx.Exec(`INSERT INTO settle_terms (hash, payee, account, bank, peg) VALUES (?, ?, ?, ?, ?)`,
			ev.Hash[:], e.Terms.Payee, e.Terms.Account, e.Terms.Bank, e.Terms.Peg)
		l.terms = ev.Hash
	}
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO settle_entry (hash, prev, place, term, actor, year, at, operator, made, terms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		ev.Hash[:], blob(prev), p.Place, int64(ev.Context.Term), ev.Change.Actor[:], p.Year, ev.Change.Time, ev.Context.Name(), blob(l.made), blob(l.terms))
	if err != nil {
		return err
	}
	return moveTip(tx, p.Place, ev.Hash, prev, ev.Context.Term)
}

// blob is a hash as a column's value: the zero hash is empty.
func blob(h wire.Hash) []byte {
	if h == (wire.Hash{}) {
		return []byte{}
	}
	return h[:]
}

func hashOf(b []byte) (h wire.Hash) {
	copy(h[:], b)
	return h
}

func addSettlement(tx *store.Tx, h wire.Hash, place string, prev wire.Hash, s *Settlement) error {
	last, err := made(tx, prev)
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO settle_made (hash, prev, place, number, day, redemptions, reversals, points, back, peg, fen, brought, pay,
			sum_points, sum_fen, sum_pay) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		h[:], blob(prev), place, int64(s.Number), s.Day, s.Redemptions, s.Reversals, s.Points, s.Back, s.Peg, s.Fen, s.Brought, s.Pay,
		last.SumPoints+s.Points-s.Back, last.SumFen+s.Fen, last.SumPay+s.Pay)
	if err != nil {
		return err
	}
	for _, r := range s.Ranges {
		if _, err := tx.Exec(`INSERT INTO settle_range (made, feed, lo, hi, tip) VALUES (?, ?, ?, ?, ?)`, h[:], r.Feed[:], int64(r.From), int64(r.To), r.Tip[:]); err != nil {
			return err
		}
	}
	_, err = tx.Exec(`INSERT INTO settle_range (made, feed, lo, hi, tip) SELECT ?1, feed, hi + 1, hi, tip FROM settle_range WHERE made = ?2
		ON CONFLICT DO NOTHING`, h[:], blob(prev))
	return err
}

// moveTip keeps the end of the merchant's chain: a later registrar's entry goes
// before an earlier one's, whichever came first.
func moveTip(tx *store.Tx, place string, h, prev wire.Hash, term uint64) error {
	tip, err := tipOf(tx, place)
	if err != nil {
		return err
	}
	if tip.hash != prev && tip.hash != (wire.Hash{}) && tip.term >= term {
		return nil
	}
	_, err = tx.Exec(`REPLACE INTO settle_tip (place, hash) VALUES (?, ?)`, place, h[:])
	return err
}
