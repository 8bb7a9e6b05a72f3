package ledger

import (
	"database/sql"
	"errors"
	"fmt"
	"maps"
	"slices"

	"jishan/app/fault"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// MovedTo lists the transactions by which people moved to another community, the
// oldest first.
func (l *Ledger) MovedTo(q store.Querier, community Subject) ([]wire.Hash, error) {
	return l.movers(q, LineMovedAway, func(t *Tx) bool { return t.MovesTo(community) })
}

// CameFrom lists the transactions by which people came from another community, the
// oldest first.
func (l *Ledger) CameFrom(q store.Querier, community Subject) ([]wire.Hash, error) {
	return l.movers(q, LineArrived, func(t *Tx) bool {
		return slices.ContainsFunc(t.Entries, func(e Entry) bool {
			return e.Type == Consume && e.Quota == Quota{Kind: Credit, Subject: community}
		})
	})
}

// movers lists the transactions with lines of a kind that a condition holds for.
func (l *Ledger) movers(q store.Querier, kind LineKind, want func(*Tx) bool) ([]wire.Hash, error) {
	if err := l.settle(q); err != nil {
		return nil, err
	}
	var out []wire.Hash
	err := l.eachLined(q, kind, func(t *Tx, h wire.Hash) {
		if want(t) {
			out = append(out, h)
		}
	})
	return out, err
}

// Movers lists everybody who ever moved away, whoever came back since.
func (l *Ledger) Movers(q store.Querier) (out []Subject, err error) {
	if err := l.settle(q); err != nil {
		return nil, err
	}
	return out, store.EachRow(q, func(r *sql.Rows) error {
		var p []byte
		err := r.Scan(&p)
		if len(p) == len(Subject{}) {
			out = append(out, Subject(p))
		}
		return err
	}, `SELECT DISTINCT person FROM ledger_line WHERE kind = ?`, int64(LineMovedAway))
}

// LastMove is the transaction by which a person moved away last; false for one who
// never did, or came back from another community since.
func (l *Ledger) LastMove(q store.Querier, person Subject) (h wire.Hash, away bool, err error) {
	if err := l.settle(q); err != nil {
		return h, false, err
	}
	group, err := l.Together(q, person)
	if err != nil {
		return h, false, err
	}
	in, args := among(group)
	var inc, branch []byte
	var number uint64
	var kind LineKind
	err = q.QueryRow(`SELECT f.inc, l.number, l.branch, l.kind FROM ledger_line l JOIN ledger_feed f ON f.n = l.feed WHERE l.person IN `+in+`
		AND l.kind IN (?, ?) ORDER BY l.at DESC, f.inc, l.number DESC LIMIT 1`, append(args, int64(LineMovedAway), int64(LineArrived))...).Scan(&inc, &number, &branch, &kind)
	if errors.Is(err, sql.ErrNoRows) {
		return h, false, nil
	}
	if err != nil || kind != LineMovedAway {
		return h, false, err
	}
	_, h, err = l.lineAt(q, wire.Actor(inc), number, branch)
	return h, err == nil, err
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
		return t.openForeign(env, v)
	}
	return env.Open(v)
}

// openForeign opens what another community wrote: one of those whose credit the
// transaction pays with. The incarnation alone does not say which, because others may
// name it as theirs; the seal does.
func (t *Tx) openForeign(env opener, v *Evidence) (*Opened, error) {
	err := invalid("what came from elsewhere is paid with no credit")
	for i := range t.Entries {
		e := &t.Entries[i]
		if e.Type != Consume || e.Quota.Kind != Credit {
			continue
		}
		o, bad := env.OpenForeign(e.Quota.Subject, v)
		if bad == nil {
			return o, nil
		}
		if !errors.Is(err, ErrUnknown) { // what waits may prove it yet
			err = bad
		}
	}
	return nil, err
}

// OpenForeign implements Env.
func (b *book) OpenForeign(community Subject, v *Evidence) (*Opened, error) {
	p, err := wire.Peek(v.Chunk)
	if err != nil {
		return nil, err
	}
	cert, ok, err := b.law.Author(community, p.Actor)
	if err == nil && !ok {
		err = fmt.Errorf("the certificate of %s: %w", p.Actor, ErrUnknown)
	}
	if err != nil {
		return nil, err
	}
	return OpenOf(community.String(), v, cert)
}

// Abroad implements Law.
func (b *book) Abroad(h Head, community Subject) (Law, Head, error) {
	return b.law.Abroad(h, community)
}

// Author implements Law.
func (b *book) Author(community Subject, a wire.Actor) (seal.Certificate, bool, error) {
	return b.law.Author(community, a)
}

// Movable lists a person's points that lie here and can still be used, under all
// ids of the person, the oldest period first.
func (l *Ledger) Movable(q store.Querier, person Subject) ([]Amount, error) {
	if err := l.settle(q); err != nil {
		return nil, err
	}
	return l.pointsHere(q, person)
}

// SendAway burns points of somebody who moves to another community, all in one
// transaction, in whose feed to they can be made anew: to must be the feed of the
// partner's registrar. item and note stand in each entry; nothing personal. It is in
// the next letter. Faults: ledger.amount.bad, or the rules'.
func (l *Ledger) SendAway(tx *store.Tx, to Feed, item, note string, list ...Amount) (store.Ref, error) {
	es := make([]Entry, len(list))
	for i, a := range list {
		if err := amounts(a.N); err != nil {
			return store.Ref{}, err
		}
		es[i] = Entry{Type: Burn, Quota: a.Quota, Amount: a.N, Why: WhyMoved, To: to, Item: item, Note: note}
	}
	return l.Write(tx, "ledger.away", es...)
}

// Sent lists what a transaction sent to one feed, by its place in the transaction.
func (t *Tx) Sent(to Feed) map[uint32]Amount {
	out := map[uint32]Amount{}
	for i := range t.Entries {
		if e := &t.Entries[i]; e.Type == Burn && e.Why == WhyMoved && e.To == to {
			out[uint32(i)] = Amount{Quota: e.Quota, N: e.Amount}
		}
	}
	return out
}

// Arrive makes anew what BURNs in another community sent to this feed, in one transaction and
// once; as names the quota for each. The credit of the community that it comes from
// is made as far as needed, but never beyond the ceiling (see GrantCredit). Faults:
// ledger.credit.short{need, room}; errors: ErrUnknown while the other charter is not
// here so far, ErrInvalid.
func (l *Ledger) Arrive(tx *store.Tx, from Subject, evidence []byte, ceiling int64, as func(Quota) Quota) (store.Ref, error) {
	v, err := DecodeEvidence(evidence)
	if err != nil {
		return store.Ref{}, err
	}
	b, err := l.open(tx)
	if err != nil {
		return store.Ref{}, err
	}
	o, err := b.OpenForeign(from, v)
	if err != nil {
		return store.Ref{}, err
	}
	sent := o.Tx.Sent(l.Self())
	if len(sent) == 0 {
		return store.Ref{}, invalid("nothing in it was sent to this feed")
	}
	n, credit := int64(0), Quota{Kind: Credit, Subject: o.Feed.Community}
	var es []Entry
	for _, i := range slices.Sorted(maps.Keys(sent)) {
		a := sent[i]
		n += a.N
		es = append(es, Entry{Type: Mint, Quota: as(a.Quota), Amount: a.N, Why: WhyMoved, Evidence: 1, Index: i})
	}
	here, room, err := l.creditRoom(tx, credit, ceiling)
	if err != nil {
		return store.Ref{}, err
	}
	if here+room < n {
		return store.Ref{}, fault.New("ledger.credit.short", "need", n, "room", here+room)
	}
	pay := []Entry{{Type: Consume, Quota: credit, Amount: n}}
	if n > here {
		pay = append([]Entry{{Type: Mint, Quota: credit, Amount: n - here}}, pay...)
	}
	return l.write(tx, "ledger.arrive", &Tx{Entries: append(pay, es...), Evidence: []Evidence{*v}})
}
