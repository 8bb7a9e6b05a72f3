package partner

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// linked is an entry and where it stands.
type linked struct {
	Hash, Prev  wire.Hash
	Side, Other string
	Doc         store.DocID
	Seq, Term   uint64
	At          int64
	Operator    string
	Entry
}

const linkColumns = `hash, prev, side, other, doc, seq, term, at, operator, value`

func scanLink(scan func(...any) error) (l linked, err error) {
	var hash, prev, raw []byte
	if err := scan(&hash, &prev, &l.Side, &l.Other, &l.Doc, &l.Seq, &l.Term, &l.At, &l.Operator, &raw); err != nil {
		return l, err
	}
	l.Hash, l.Prev = hashOf(hash), hashOf(prev)
	if l.Entry, err = Decode(raw); err != nil {
		err = fmt.Errorf("%w: %w", store.ErrCorrupt, err)
	}
	return l, err
}

func saveEntry(tx *store.Tx, l linked) error {
	raw, err := l.Entry.Encode()
	if err != nil {
		return err
	}
	_, err = tx.Exec(`INSERT INTO partner_entry (`+linkColumns+`) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		l.Hash[:], blob(l.Prev), l.Side, l.Other, string(l.Doc), int64(l.Seq), int64(l.Term), l.At, l.Operator, raw)
	return err
}

// entriesOf reads everything that one side wrote to the other.
func entriesOf(q store.Querier, side, other string) (out map[wire.Hash]linked, err error) {
	rows, err := q.Query(`SELECT `+linkColumns+` FROM partner_entry WHERE side = ? AND other = ?`, side, other)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	out = map[wire.Hash]linked{}
	for rows.Next() {
		l, err := scanLink(rows.Scan)
		if err != nil {
			return nil, err
		}
		out[l.Hash] = l
	}
	return out, rows.Err()
}

// chain is one side's entries that count, in their order, and what follows from
// them.
type chain struct {
	list       []linked
	statements []linked
	stated     map[wire.Hash]*Statement
	settled    map[wire.Actor]uint64 // how far each feed is
	answers    map[wire.Hash]Answer  // the last word on each of the other side's statements
	answered   map[wire.Hash]int64   // when, milliseconds
	receipts   map[wire.Hash]linked
}

func newChain() *chain {
	return &chain{stated: map[wire.Hash]*Statement{}, settled: map[wire.Actor]uint64{}, answers: map[wire.Hash]Answer{},
		answered: map[wire.Hash]int64{}, receipts: map[wire.Hash]linked{}}
}

// push appends the entry that follows.
func (c *chain) push(l linked) {
	c.list = append(c.list, l)
	switch {
	case l.Statement != nil:
		c.statements = append(c.statements, l)
		c.stated[l.Hash] = l.Statement
		for _, r := range l.Statement.Ranges {
			c.settled[r.Feed] = r.To
		}
	case l.Answer != nil:
		c.answers[l.Answer.Statement], c.answered[l.Answer.Statement] = *l.Answer, l.At
	case l.Receipt != nil:
		c.receipts[l.Receipt.Statement] = l
	}
}

// history is what one side wrote to the other, in all branches. It is read once and
// grows by what a letter adds, so that each entry is looked at once.
type history struct {
	all   map[wire.Hash]linked
	place map[place]wire.Hash
	chain *chain // up to end
	end   wire.Hash
}

// place is where an entry stands.
type place struct {
	doc store.DocID
	seq uint64
}

func historyOf(q store.Querier, side, other string) (*history, error) {
	all, err := entriesOf(q, side, other)
	if err != nil {
		return nil, err
	}
	h := &history{all: all, place: make(map[place]wire.Hash, len(all))}
	for _, l := range all {
		h.place[place{l.Doc, l.Seq}] = l.Hash
	}
	h.end = tip(all).Hash
	h.chain, err = chainTo(all, h.end)
	return h, err
}

// to is the chain up to an entry; ErrEarly if one is missing.
func (h *history) to(end wire.Hash) (*chain, error) {
	if end == h.end {
		return h.chain, nil
	}
	c, err := chainTo(h.all, end)
	if err == nil {
		h.chain, h.end = c, end
	}
	return c, err
}

// add appends an entry that was judged by the chain up to the one before.
func (h *history) add(l linked) {
	h.all[l.Hash], h.place[place{l.Doc, l.Seq}] = l, l.Hash
	if l.Prev == h.end {
		h.chain.push(l)
		h.end = l.Hash
	}
}

// tip is the end of a chain: of two, the later registrar's counts, on every device
// alike.
func tip(all map[wire.Hash]linked) (end linked) {
	followed := map[wire.Hash]bool{}
	for _, l := range all {
		followed[l.Prev] = true
	}
	for _, l := range all {
		if followed[l.Hash] {
			continue
		}
		if end.Hash == (wire.Hash{}) || cmp.Or(cmp.Compare(l.Term, end.Term), slices.Compare(l.Hash[:], end.Hash[:])) > 0 {
			end = l
		}
	}
	return end
}

// chainTo follows a chain back from an entry; ErrEarly if one is missing.
func chainTo(all map[wire.Hash]linked, h wire.Hash) (*chain, error) {
	c := newChain()
	var list []linked
	for h != (wire.Hash{}) {
		l, ok := all[h]
		if !ok {
			return nil, fmt.Errorf("%w: the entry before", ErrEarly)
		}
		if len(list) > len(all) {
			return nil, fmt.Errorf("%w: entries in a ring", store.ErrCorrupt)
		}
		list = append(list, l)
		h = l.Prev
	}
	for _, l := range slices.Backward(list) {
		c.push(l)
	}
	return c, nil
}

// chainOf reads one side's chain up to its end.
func chainOf(q store.Querier, side, other string) (*chain, error) {
	h, err := historyOf(q, side, other)
	if err != nil {
		return nil, err
	}
	return h.chain, nil
}

// last is the newest statement; nil before the first.
func (c *chain) last() *Statement {
	if len(c.statements) == 0 {
		return nil
	}
	return c.statements[len(c.statements)-1].Statement
}
