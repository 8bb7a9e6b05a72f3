package ledger

import (
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Account returns the terms of one quota over all admitted feeds.
func (l *Ledger) Account(q store.Querier, quota Quota) (Terms, error) {
	return l.terms(q, "kind = ? AND subject = ? AND period = ?",
		int64(quota.Kind), quota.Subject[:], quota.Period)
}

// Totals returns the terms of all quotas of a kind over all admitted feeds.
func (l *Ledger) Totals(q store.Querier, kind Kind) (Terms, error) {
	return l.terms(q, "kind = ?", int64(kind))
}

// NegativeCount is how many quotas have a term below zero: none, ever.
func (l *Ledger) NegativeCount(q store.Querier) (n int, err error) {
	if err := l.settle(q); err != nil {
		return 0, err
	}
	err = q.QueryRow(`SELECT (SELECT count(*) FROM ledger_held WHERE n < 0) + (SELECT count(*) FROM ledger_sum
		WHERE min(minted, unseen, loss, held, inflight, stranded, consumed - restored, restored, burned) < 0)`).Scan(&n)
	return n, err
}

func (l *Ledger) terms(q store.Querier, where string, args ...any) (t Terms, err error) {
	if err := l.settle(q); err != nil {
		return t, err
	}
	err = q.QueryRow(`SELECT coalesce(sum(minted), 0), coalesce(sum(unseen), 0), coalesce(sum(loss), 0), coalesce(sum(held), 0), coalesce(sum(inflight), 0),
		coalesce(sum(stranded), 0), coalesce(sum(consumed), 0), coalesce(sum(restored), 0), coalesce(sum(burned), 0) FROM ledger_sum WHERE `+where, args...).
		Scan(&t.Minted, &t.Unseen, &t.Loss, &t.Held, &t.InFlight, &t.Stranded, &t.Consumed, &t.Restored, &t.Burned)
	return t, err
}

// closings are the closed feeds under the newest head.
func (l *Ledger) closings(q store.Querier) (map[wire.Actor]Closing, error) {
	law := l.gov.Law(q)
	h, err := law.Head()
	if err != nil {
		return nil, err
	}
	return l.closingsAt(law, h)
}

// sums runs Sum over every admitted transaction: what the rows must agree
// with.
func (l *Ledger) sums(q store.Querier, closed map[wire.Actor]Closing) (Sums, error) {
	law := l.gov.Law(q)
	h, err := law.Head()
	if err != nil {
		return Sums{}, err
	}
	me, err := law.Member(h, l.self)
	if err != nil {
		return Sums{}, err
	}
	var set []Entered
	add := func(doc store.DocID, chunk wire.Chunk) error {
		d, ok := l.parseDoc(doc)
		if !ok {
			return nil
		}
		e, err := l.entered(d, chunk)
		set = append(set, e)
		return err
	}
	if err := store.EachChange(q, l.feeds(), add); err != nil {
		return Sums{}, err
	}
	if err := store.EachBeside(q, l.feeds(), add); err != nil {
		return Sums{}, err
	}
	return Sum(l.community, set, closed, me.Role >= Staff), nil
}

// entered reads a stored change for Sum.
func (l *Ledger) entered(d docPart, chunk []byte) (e Entered, err error) {
	ch, h, err := wire.Decode(chunk)
	if err != nil {
		return e, err
	}
	t, err := l.decode(ch)
	if err != nil {
		return e, err
	}
	c, err := seal.ParseContext(ch.Message)
	if err != nil {
		return e, err
	}
	e = Entered{Place: Place{Feed: l.feedOf(ch.Actor), Number: d.number(ch.Seq), Head: headOf(c)}, Hash: h, Tx: t}
	if len(ch.Deps) > 0 {
		e.Prev = ch.Deps[0]
	} else if t.Part != nil {
		e.Prev = t.Part.PrevHash
	}
	for i := range t.Evidence {
		o, err := t.open(stored{l}, i)
		if err != nil {
			return e, err
		}
		e.Open = append(e.Open, o)
	}
	return e, nil
}

// stored opens evidence that admission verified, wherever it came from.
type stored struct{ *Ledger }

// Open implements opener.
func (s stored) Open(v *Evidence) (*Opened, error) {
	o, _, err := s.parse(v)
	return o, err
}

// OpenForeign implements opener.
func (s stored) OpenForeign(community Subject, v *Evidence) (*Opened, error) {
	o, _, err := parseOf(community, v)
	return o, err
}
