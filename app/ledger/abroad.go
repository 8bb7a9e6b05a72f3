package ledger

import (
	"database/sql"
	"fmt"
	"slices"

	"jishan/app/fault"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// MovedTo lists the transactions by which people moved to another community, the
// oldest first.
func (l *Ledger) MovedTo(q store.Querier, community Subject) ([]wire.Hash, error) {
	if err := l.settle(q); err != nil {
		return nil, err
	}
	type place struct {
		inc    []byte
		number uint64
		branch []byte
	}
	var list []place
	err := each(q, func(r *sql.Rows) error {
		var p place
		err := r.Scan(&p.inc, &p.number, &p.branch)
		list = append(list, p)
		return err
	}, `SELECT f.inc, l.number, l.branch FROM ledger_line l JOIN ledger_feed f ON f.n = l.feed WHERE l.kind = ?
		GROUP BY f.inc, l.number, l.branch ORDER BY min(l.at), f.inc, l.number`, int64(LineMovedAway))
	if err != nil {
		return nil, err
	}
	var out []wire.Hash
	for _, p := range list {
		ch, h, err := l.lineAt(q, wire.Actor(p.inc), p.number, p.branch)
		if err != nil {
			return nil, err
		}
		t, err := l.decode(ch)
		if err != nil {
			return nil, err
		}
		if t.MovesTo(community) {
			out = append(out, h)
		}
	}
	return out, nil
}

// MovesTo tells whether somebody moves to that community by the transaction.
func (t *Tx) MovesTo(community Subject) bool {
	for i := range t.Entries {
		if e := &t.Entries[i]; e.Type == Burn && e.Why == WhyMoved && e.To.Community == community {
			return true
		}
	}
	return false
}

// foreign tells whether an embedded change is another community's. The entry that
// names it says so: who wrote it may not be known here yet.
func (t *Tx) foreign(evidence int) bool {
	return slices.ContainsFunc(t.Entries, func(e Entry) bool {
		return int(e.Evidence) == evidence+1 && e.Type == Mint && e.Why == WhyMoved
	})
}

// open opens what a transaction embeds.
func (t *Tx) open(env opener, evidence int) (*Opened, error) {
	v := &t.Evidence[evidence]
	if t.foreign(evidence) {
		return env.OpenForeign(v)
	}
	return env.Open(v)
}

// OpenForeign implements Env.
func (b *book) OpenForeign(v *Evidence) (*Opened, error) {
	p, err := wire.Peek(v.Chunk)
	if err != nil {
		return nil, err
	}
	community, cert, ok, err := b.law.Author(p.Actor)
	if err == nil && !ok {
		err = fmt.Errorf("the certificate of %s: %w", p.Actor, ErrUnknown)
	}
	if err != nil {
		return nil, err
	}
	return OpenOf(community, v, cert)
}

// Abroad implements Law.
func (b *book) Abroad(h Head, community Subject) (Law, Head, error) {
	return b.law.Abroad(h, community)
}

// Author implements Law.
func (b *book) Author(a wire.Actor) (string, seal.Certificate, bool, error) { return b.law.Author(a) }

// SendAway burns points of somebody who moves to another community, in whose feed
// to they can be made anew: to must be the feed of the partner's registrar. It is
// in the next letter. Faults: ledger.amount.bad, or the rules'.
func (l *Ledger) SendAway(tx *store.Tx, q Quota, n int64, to Feed) (store.Ref, error) {
	if err := amounts(n); err != nil {
		return store.Ref{}, err
	}
	return l.Write(tx, "ledger.away", Entry{Type: Burn, Quota: q, Amount: n, Why: WhyMoved, To: to})
}

// Arrive makes anew, for the quota as, what entry index of a BURN elsewhere sent to
// this feed, once. The credit of the community that it comes from is made as far as
// needed, but never beyond the ceiling (see GrantCredit). Faults:
// ledger.credit.short{need, room}; errors: ErrUnknown while the other charter is not
// here so far, ErrInvalid.
func (l *Ledger) Arrive(tx *store.Tx, evidence []byte, index uint32, as Quota, ceiling int64) (store.Ref, error) {
	v, err := DecodeEvidence(evidence)
	if err != nil {
		return store.Ref{}, err
	}
	b, err := l.open(tx)
	if err != nil {
		return store.Ref{}, err
	}
	o, err := b.OpenForeign(v)
	if err != nil {
		return store.Ref{}, err
	}
	if int(index) >= len(o.Tx.Entries) {
		return store.Ref{}, invalid("no such entry")
	}
	n, credit := o.Tx.Entries[index].Amount, Quota{Kind: Credit, Subject: o.Feed.Community}
	here, room, err := l.creditRoom(tx, credit, ceiling)
	if err != nil {
		return store.Ref{}, err
	}
	if here+room < n {
		return store.Ref{}, fault.New("ledger.credit.short", "need", n, "room", here+room)
	}
	var es []Entry
	if n > here {
		es = append(es, Entry{Type: Mint, Quota: credit, Amount: n - here})
	}
	es = append(es, Entry{Type: Consume, Quota: credit, Amount: n}, Entry{Type: Mint, Quota: as, Amount: n, Why: WhyMoved, Evidence: 1, Index: index})
	return l.write(tx, "ledger.arrive", &Tx{Entries: es, Evidence: []Evidence{*v}})
}
