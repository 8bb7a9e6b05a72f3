package ledger

import (
	"errors"

	"jishan/app/fault"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Move sends rights to another feed of the community. Faults:
// ledger.payee.bad, ledger.payee.closed, ledger.rights.short{need, here},
// ledger.period.closed{period}.
func (l *Ledger) Move(tx *store.Tx, q Quota, n int64, to wire.Actor) (store.Ref, error) {
	return l.MoveAll(tx, to, Amount{q, n})
}

// MoveAll sends several rights in one transaction.
func (l *Ledger) MoveAll(tx *store.Tx, to wire.Actor, list ...Amount) (store.Ref, error) {
	es, err := l.moves(tx, to, list)
	if err != nil {
		return store.Ref{}, err
	}
	return l.Write(tx, "ledger.move", es...)
}

func (l *Ledger) moves(tx *store.Tx, to wire.Actor, list []Amount) ([]Entry, error) {
	b, err := l.open(tx)
	if err != nil {
		return nil, err
	}
	head, err := b.payee(to)
	if err != nil {
		return nil, err
	}
	var es []Entry
	for _, a := range list {
		if err := amounts(a.N); err != nil {
			return nil, err
		}
		if a.Quota.Period != "" {
			if err := l.inYear(tx, a.Quota.Period); err != nil {
				return nil, err
			}
		}
		have, err := l.Here(tx, a.Quota)
		if err != nil {
			return nil, err
		}
		if have < a.N {
			return nil, fault.New("ledger.rights.short", "need", a.N, "here", have)
		}
		es = append(es, Entry{Type: Move, Quota: a.Quota, Amount: a.N, To: l.feedOf(to), Head: head})
	}
	return es, nil
}

// Voucher returns a transaction of any admitted feed as its author sealed it:
// what a payee needs to TAKE the MOVEs in it.
func (l *Ledger) Voucher(q store.Querier, h wire.Hash) ([]byte, error) {
	v, err := l.evidence(q, h)
	if err != nil {
		return nil, err
	}
	return v.Encode()
}

// Take receives the MOVEs of a voucher that name this feed and were not taken
// before. A till spends exposure for points; one without sends them home in
// the same transaction. It returns the points that stay here. Faults:
// ledger.voucher.bad, ledger.voucher.foreign, ledger.voucher.taken,
// ledger.voucher.shown (one to be shown: taken already, or still good),
// ledger.exposure.short.
func (l *Ledger) Take(tx *store.Tx, voucher []byte) (int64, error) {
	v, err := DecodeEvidence(voucher)
	if err != nil {
		return 0, fault.New("ledger.voucher.bad")
	}
	b, err := l.open(tx)
	if err != nil {
		return 0, err
	}
	o, _, err := l.parse(v)
	if err != nil {
		return 0, err
	}
	es, err := l.takes(tx, o, 1, fetched(tx))
	if err != nil {
		return 0, err
	}
	if len(es) == 0 { // as for most of what several devices bring: no seal need be looked at
		return 0, l.whyNothing(o)
	}
	if _, err := b.Open(v); err != nil {
		return 0, err
	}
	es, action, err := l.settleIn(tx, o, es)
	if err != nil {
		return 0, err
	}
	if _, err := l.write(tx, action, &Tx{Entries: es, Evidence: []Evidence{*v}}); err != nil {
		return 0, err
	}
	total := int64(0)
	for _, e := range es {
		switch {
		case e.Quota.Kind == Points && e.Type == Take:
			total += e.Amount
		case e.Quota.Kind == Points && e.Type == Move:
			total -= e.Amount
		}
	}
	return total, nil
}

// fetched tells which MOVEs are taken without being shown: all but vouchers
// that are still good.
func fetched(tx *store.Tx) func(*Entry) bool {
	now := tx.Now()
	return func(e *Entry) bool { return e.until() < now }
}

// settleIn adds what lets points rest here that came by themselves. A voucher
// past its time goes home.
func (l *Ledger) settleIn(tx *store.Tx, o *Opened, es []Entry) ([]Entry, string, error) {
	points := pointsOf(es)
	if p, err := o.paper(); err == nil && p.Until > 0 {
		es, err := l.sendHome(tx, es, points)
		return es, actionReturned, err
	}
	es, err := l.rest(tx, es, points)
	return es, "ledger.take", err
}

func (l *Ledger) whyNothing(o *Opened) error {
	for i := range o.Tx.Entries {
		e := &o.Tx.Entries[i]
		if e.Type != Move || e.To != l.Self() {
			continue
		}
		if e.until() > 0 {
			return fault.New("ledger.voucher.shown")
		}
		return fault.New("ledger.voucher.taken")
	}
	return fault.New("ledger.voucher.foreign")
}

func pointsOf(es []Entry) (points []Amount) {
	for _, e := range es {
		if e.Quota.Kind == Points {
			points = append(points, Amount{e.Quota, e.Amount})
		}
	}
	return points
}

// takes lists TAKEs of what names this feed in a transaction, as far as it is
// wanted.
func (l *Ledger) takes(tx *store.Tx, o *Opened, evidence int, want func(*Entry) bool) (es []Entry, err error) {
	b, s, err := l.mine(tx)
	if err != nil {
		return nil, err
	}
	for i := range o.Tx.Entries {
		e := &o.Tx.Entries[i]
		if e.Type != Move || e.To.Community != l.community || !want(e) {
			continue
		}
		mine, err := l.forMe(b, s, e.To.Incarnation, MoveID{o.Hash, uint32(i)})
		if err != nil {
			return nil, err
		}
		if !mine {
			continue
		}
		done, err := s.Taken(MoveID{o.Hash, uint32(i)})
		if err != nil {
			return nil, err
		}
		if !done {
			es = append(es, Entry{Type: Take, Quota: e.Quota, Amount: e.Amount, Evidence: evidence, Index: uint32(i)})
		}
	}
	return es, nil
}

// rest adds what lets restored or taken points rest here: nothing for staff,
// exposure for a till, or the way home.
func (l *Ledger) rest(tx *store.Tx, es []Entry, points []Amount) ([]Entry, error) {
	m, err := l.member(tx)
	if err != nil || m.Role != Merchant || len(points) == 0 {
		return es, err
	}
	total := int64(0)
	for _, a := range points {
		total += a.N
	}
	q := Quota{Kind: Exposure, Subject: TillSubject(m.Device)}
	have, err := l.Here(tx, q)
	if err != nil {
		return nil, err
	}
	for _, e := range es { // what comes along
		if e.Quota == q && (e.Type == Take || e.Type == Succeed) {
			have += e.Amount
		}
	}
	if have >= total {
		return append(es, Entry{Type: Consume, Quota: q, Amount: total}), nil
	}
	out, err := l.sendHome(tx, es, points)
	if errors.Is(err, fault.New("ledger.home.none")) {
		err = fault.New("ledger.exposure.short", "need", total, "here", have)
	}
	return out, err
}

// Due tells whether something waits for [Ledger.TakeAll] at now, milliseconds:
// a chore that runs after every commit looks first.
func (l *Ledger) Due(q store.Querier, now int64) (due bool, err error) {
	if err := l.settle(q); err != nil {
		return false, err
	}
	closed, err := l.closings(q)
	if err != nil {
		return false, err
	}
	for _, p := range append([]wire.Actor{l.self}, predecessors(closed, l.self)...) {
		err := q.QueryRow("SELECT EXISTS (SELECT 1 FROM ledger_move WHERE payee = ? AND taken = 0 AND until < ?)", p[:], now).Scan(&due)
		if err != nil || due {
			return due, err
		}
	}
	return false, nil
}

// TakeAll takes every MOVE in admitted feeds, and every right of a SUCCEED, that
// names this feed or one that it succeeds. It returns how many it took. What
// can't be taken now is left for the next time; so is a MOVE whose own seal did
// not come and whose way to the next one is too long.
func (l *Ledger) TakeAll(tx *store.Tx) (int, error) {
	b, err := l.open(tx)
	if err != nil {
		return 0, err
	}
	payees := append([]wire.Actor{l.self}, predecessors(b.closed, l.self)...)
	n, err := l.takeEstates(tx, b, payees)
	if err != nil {
		return n, err
	}
	var open []wire.Hash
	for _, p := range payees {
		list, err := l.waitingFor(tx, p, tx.Now())
		if err != nil {
			return n, err
		}
		open = append(open, list...)
	}
	for _, h := range open {
		v, o, err := l.opened(tx, b, h)
		if later(err) {
			continue
		}
		if err != nil {
			return n, err
		}
		es, err := l.takes(tx, o, 1, fetched(tx))
		if err != nil {
			return n, err
		}
		if len(es) == 0 {
			continue
		}
		taken := len(es)
		es, action, err := l.settleIn(tx, o, es)
		if fault.Of(err).Code == "ledger.exposure.short" { // of a closed year: more exposure comes
			continue
		}
		if err != nil {
			return n, err
		}
		switch _, err := l.write(tx, action, &Tx{Entries: es, Evidence: []Evidence{*v}}); {
		case later(err): // beyond a CLOSE, or waiting for a turn's chain
			continue
		case err != nil:
			return n, err
		}
		n += taken
	}
	return n, nil
}

// opened collects and opens the evidence of an admitted change.
func (l *Ledger) opened(tx *store.Tx, b *book, h wire.Hash) (*Evidence, *Opened, error) {
	v, err := l.evidence(tx, h)
	if err != nil {
		return nil, nil, err
	}
	o, err := b.Open(v)
	return v, o, err
}

// later tells whether a TAKE may succeed another time, or only by others.
func later(err error) bool {
	return errors.Is(err, ErrUnknown) || errors.Is(err, ErrInvalid) || errors.Is(err, ErrForm)
}
