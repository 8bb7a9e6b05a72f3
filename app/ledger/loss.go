package ledger

import (
	"database/sql"
	"errors"

	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// What was lost, by the feed that caused it: the one that wrote beyond its cut,
// spent in two branches, or whose MOVE was taken and does not count. The loss of
// a quota is the sum over its feeds. LOSS entries of gov book it to the reserve
// and change no term.

// Lost is what a feed cost of one quota.
type Lost struct {
	Feed wire.Actor
	Amount
}

type lossKey struct {
	feed wire.Actor
	Quota
}

type lossRow struct {
	lossKey
	n     int64
	dirty bool
}

// save keeps no row of nothing: rows made again must be the same rows.
func (r *lossRow) save(tx *store.Tx) (err error) {
	r.dirty = false
	if r.n == 0 {
		_, err = tx.Exec("DELETE FROM ledger_loss WHERE feed = ? AND kind = ? AND subject = ? AND period = ?", r.feed[:], int64(r.Kind), r.Subject[:], r.Period)
		return err
	}
	_, err = tx.Exec("REPLACE INTO ledger_loss(feed, kind, subject, period, n) VALUES (?, ?, ?, ?, ?)", r.feed[:], int64(r.Kind), r.Subject[:], r.Period, r.n)
	return err
}

// lose books a loss that a feed caused, or takes it back.
func (b *book) lose(a wire.Actor, s *sumRow, n int64) error {
	if n == 0 {
		return nil
	}
	s.Loss += n
	k := lossKey{a, s.Quota}
	r := b.losses[k]
	if r == nil {
		r = &lossRow{lossKey: k}
		err := b.tx.QueryRow("SELECT n FROM ledger_loss WHERE feed = ? AND kind = ? AND subject = ? AND period = ?",
			a[:], int64(k.Kind), k.Subject[:], k.Period).Scan(&r.n)
		if err != nil && !errors.Is(err, sql.ErrNoRows) {
			return err
		}
		b.losses[k] = r
	}
	r.n += n
	b.mark(r, &r.dirty)
	return nil
}

// Losses lists what was lost, by feed and quota.
func (l *Ledger) Losses(q store.Querier) (list []Lost, err error) {
	if err := l.settle(q); err != nil {
		return nil, err
	}
	err = store.EachRow(q, func(r *sql.Rows) error {
		var x Lost
		var feed, subject []byte
		if err := r.Scan(&feed, &x.Quota.Kind, &subject, &x.Quota.Period, &x.N); err != nil {
			return err
		}
		x.Feed, x.Quota.Subject = wire.Actor(feed), Subject(subject)
		list = append(list, x)
		return nil
	}, "SELECT feed, kind, subject, period, n FROM ledger_loss WHERE n > 0 ORDER BY feed, kind, subject, period")
	return list, err
}

// Sent is what a feed handed on of one person's points in one transaction.
type Sent struct {
	At     int64 // milliseconds, by the feed's clock
	Person Subject
	Points int64
}

// Oversent lists what a feed with two histories handed on since a number, of persons whose
// points the two used up together: what came out twice lies with whom it was sent to.
func (l *Ledger) Oversent(q store.Querier, feed wire.Actor, number uint64, since int64) (list []Sent, err error) {
	if err := l.settle(q); err != nil {
		return nil, err
	}
	err = store.EachRow(q, func(r *sql.Rows) error {
		var x Sent
		var person []byte
		err := r.Scan(&x.At, &person, &x.Points)
		copy(x.Person[:], person)
		list = append(list, x)
		return err
	}, `SELECT m.issued, m.subject, sum(m.n) FROM ledger_move m JOIN ledger_feed f ON f.n = m.payer
		JOIN ledger_held h ON h.feed = f.n AND h.kind = m.kind AND h.subject = m.subject AND h.period = m.period
		WHERE f.inc = ? AND m.kind = ? AND m.number >= ? AND m.issued >= ? AND m.idx <> ? AND h.net < 0
		GROUP BY m.hash, m.subject ORDER BY m.number, m.hash`, feed[:], int64(Points), int64(number), since, succeedIndex)
	return list, err
}

// Unexplained lists what points feeds cost that are open and have one history: a deed
// that another feed paid, too, or a MOVE that two took. An honest program gets there
// only where a turn was taken that had been sent beyond its sender's cut.
func (l *Ledger) Unexplained(q store.Querier) (map[wire.Actor]int64, error) {
	list, err := l.Losses(q)
	if err != nil || len(list) == 0 {
		return nil, err
	}
	closed, err := l.closings(q)
	if err != nil {
		return nil, err
	}
	forked, err := store.BesideAuthors(q, l.feeds())
	out := map[wire.Actor]int64{}
	for _, x := range list {
		if _, over := closed[x.Feed]; !over && !forked[x.Feed] && x.Quota.Kind == Points {
			out[x.Feed] += x.N
		}
	}
	return out, err
}

// Settled tells whether a feed is closed and all that counts of it is here: what
// it cost can be booked.
func (l *Ledger) Settled(tx *store.Tx, feed wire.Actor) (bool, error) {
	b, err := l.open(tx)
	if err != nil {
		return false, err
	}
	if err := b.keepUp(); err != nil {
		return false, err
	}
	c, closed := b.closed[feed]
	for _, tip := range c.Cut.Tips {
		if _, here, err := l.find(tx, tip.Hash); err != nil || !here {
			return false, err
		}
	}
	return closed, nil
}
