package ledger

import (
	"database/sql"
	"errors"
	"slices"
	"strings"

	"jishan/app/fault"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Years. A cohort is all points of one period. Its YEARCLOSE, and no clock,
// ends what can be spent of it: at each device from the moment on at which the
// device has seen it.

// shutters tells which periods are closed under the newest head that is here.
type shutters struct {
	law  Law
	head Head
	shut map[string]bool
}

func (l *Ledger) shutters(q store.Querier) (*shutters, error) {
	law := l.gov.Law(q)
	h, err := law.Head()
	return &shutters{law: law, head: h, shut: map[string]bool{}}, err
}

// holdsAll tells whether a device is one that gets every feed; one that nobody
// knows reads what it was given and adds nothing of its own.
func (s *shutters) holdsAll(self wire.Actor) (bool, error) {
	m, err := s.law.Member(s.head, self)
	if errors.Is(err, ErrUnknown) {
		return true, nil
	}
	return m.Role >= Staff, err
}

func (s *shutters) closed(period string) (bool, error) {
	if period == "" {
		return false, nil
	}
	c, known := s.shut[period]
	if known {
		return c, nil
	}
	c, err := s.law.YearClosed(s.head, period)
	if err == nil {
		s.shut[period] = c
	}
	return c, err
}

// usable leaves out what is of a closed period: it can only be burned.
func (l *Ledger) usable(q store.Querier, list []Amount) ([]Amount, error) {
	s, err := l.shutters(q)
	if err != nil {
		return nil, err
	}
	out := list[:0]
	for _, a := range list {
		shut, err := s.closed(a.Quota.Period)
		if err != nil {
			return nil, err
		}
		if !shut {
			out = append(out, a)
		}
	}
	return out, nil
}

// Cohort is what became of the points of one period, over all feeds that are
// here. Issued = Redeemed + Deducted + Moved + Outstanding + Expired, but for
// what was lost.
type Cohort struct {
	Period      string
	Issued      int64 // minted, openings included
	Redeemed    int64 // less what was given back
	Deducted    int64 // burned for deductions, corrections, undone awards
	Moved       int64 // burned for who moved away
	Outstanding int64 // held, on its way, or stranded
	Expired     int64 // burned after the close
	Unseen      int64 // TAKEs whose MOVE is not here yet
	People      int64 // who have something outstanding
	Rest        []Rest
}

// Rest is what lies of a cohort in the hands of one feed.
type Rest struct {
	Feed   wire.Actor
	Points int64
}

// Held is what lies in the hands of feeds; the remainder of Outstanding is on
// its way to one.
func (c *Cohort) Held() (n int64) {
	for _, r := range c.Rest {
		n += r.Points
	}
	return n
}

// Cohorts returns the cohorts of all periods, the newest first.
func (l *Ledger) Cohorts(q store.Querier) ([]Cohort, error) {
	if err := l.settle(q); err != nil {
		return nil, err
	}
	at := map[string]*Cohort{}
	err := store.EachRow(q, func(r *sql.Rows) error {
		var c Cohort
		err := r.Scan(&c.Period, &c.Issued, &c.Redeemed, &c.Deducted, &c.Outstanding, &c.Unseen, &c.People)
		at[c.Period] = &c
		return err
	}, `SELECT period, sum(minted), sum(consumed - restored), sum(burned), sum(held + inflight + stranded), sum(unseen), sum(held + inflight + stranded - unseen > 0)
		FROM ledger_sum WHERE kind = ? GROUP BY period`, int64(Points))
	if err != nil {
		return nil, err
	}
	if err := l.addExpired(q, at); err != nil {
		return nil, err
	}
	if err := l.addMoved(q, at); err != nil {
		return nil, err
	}
	err = store.EachRow(q, func(r *sql.Rows) error {
		var period string
		var inc []byte
		var x Rest
		if err := r.Scan(&period, &inc, &x.Points); err != nil {
			return err
		}
		x.Feed = wire.Actor(inc)
		if c := at[period]; c != nil {
			c.Rest = append(c.Rest, x)
		}
		return nil
	}, `SELECT h.period, f.inc, sum(h.net) FROM ledger_held h JOIN ledger_feed f ON f.n = h.feed
		WHERE h.kind = ? AND h.net > 0 GROUP BY h.period, f.inc ORDER BY 3 DESC, 2`, int64(Points))
	var out []Cohort
	for _, c := range at {
		out = append(out, *c)
	}
	slices.SortFunc(out, func(a, b Cohort) int { return strings.Compare(b.Period, a.Period) })
	return out, err
}

// addExpired tells the BURNs of closed periods from the others. A passbook's
// line does not name the period; one transaction holds up to maxIdle of them.
func (l *Ledger) addExpired(q store.Querier, at map[string]*Cohort) error {
	return l.eachLined(q, LineExpiry, func(t *Tx, _ wire.Hash) {
		for i := range t.Entries {
			e := &t.Entries[i]
			if c := at[e.Quota.Period]; c != nil && e.Type == Burn && e.Why == WhyExpiry && e.Quota.Kind == Points {
				c.Expired += e.Amount
				c.Deducted -= e.Amount
			}
		}
	})
}

// addMoved tells the BURNs of who moved away from the others.
func (l *Ledger) addMoved(q store.Querier, at map[string]*Cohort) error {
	return l.eachLined(q, LineMovedAway, func(t *Tx, _ wire.Hash) {
		for i := range t.Entries {
			e := &t.Entries[i]
			if c := at[e.Quota.Period]; c != nil && e.Type == Burn && e.Why == WhyMoved && e.Quota.Kind == Points {
				c.Moved += e.Amount
				c.Deducted -= e.Amount
			}
		}
	})
}

// Cohort returns one period's cohort; empty if it never had a point.
func (l *Ledger) Cohort(q store.Querier, period string) (Cohort, error) {
	list, err := l.Cohorts(q)
	for _, c := range list {
		if c.Period == period {
			return c, err
		}
	}
	return Cohort{Period: period}, err
}

// LastEntry is when a feed wrote its last transaction that is here,
// milliseconds by its own clock; 0 if it wrote none. A feed is linear: nothing
// older of it can still come.
func (l *Ledger) LastEntry(q store.Querier, feed wire.Actor) (int64, error) {
	t, err := l.Tip(q, feed)
	if err != nil || t == (Tip{}) {
		return 0, err
	}
	ch, _, err := l.at(q, feed, t.Number)
	if err != nil {
		return 0, err
	}
	return ch.Time, nil
}

// Budget is the community's common issue budget of one period.
type Budget struct {
	Minted int64 // made, less what was burned back: what may be issued in all
	Issued int64 // used, less what was taken back
	Here   int64 // unused, in this device's hands
}

// Left is what may still be issued, here or at devices that were given a share.
func (b Budget) Left() int64 { return b.Minted - b.Issued }

func (l *Ledger) commonIssue(period string) Quota { return Quota{Issue, l.community, period} }

// Budget returns the common issue budget of a period.
func (l *Ledger) Budget(q store.Querier, period string) (Budget, error) {
	t, err := l.Account(q, l.commonIssue(period))
	if err != nil {
		return Budget{}, err
	}
	here, err := l.Here(q, l.commonIssue(period))
	return Budget{Minted: t.Minted - t.Burned, Issued: t.Consumed - t.Restored, Here: here}, err
}

// SetBudget makes the common issue budget of a period exactly total, as the
// registrar: it mints what is missing and burns what is too much. note says who
// approved it. Faults: ledger.amount.bad, ledger.budget.low{issued} if more was
// issued already, ledger.rights.short{need, here} if what is too much lies at
// other devices.
func (l *Ledger) SetBudget(tx *store.Tx, period string, total int64, note string) error {
	if err := amounts(total); err != nil {
		return err
	}
	b, err := l.Budget(tx, period)
	if err != nil {
		return err
	}
	by := total - b.Minted
	e := Entry{Type: Mint, Quota: l.commonIssue(period), Amount: by, Note: note}
	switch {
	case by == 0:
		return nil
	case total < b.Issued:
		return fault.New("ledger.budget.low", "issued", b.Issued)
	case by < 0 && b.Here < -by:
		return fault.New("ledger.rights.short", "need", -by, "here", b.Here)
	case by < 0:
		e.Type, e.Amount, e.Why = Burn, -by, WhyCorrection
	}
	_, err = l.Write(tx, "ledger.budget", e)
	return err
}

// DeedKeys returns the deed keys that were used under a turn by any feed that
// is here, also by one that held the turn before: what is among them was paid,
// by whomever.
func (l *Ledger) DeedKeys(q store.Querier, turn Subject) (map[Subject]bool, error) {
	if err := l.settle(q); err != nil {
		return nil, err
	}
	out := map[Subject]bool{}
	err := store.EachRow(q, func(r *sql.Rows) error {
		var k sql.RawBytes
		err := r.Scan(&k)
		if err == nil {
			out[Subject(k)] = true
		}
		return err
	}, "SELECT key FROM ledger_deed WHERE turn = ?1 AND feed IN (SELECT n FROM ledger_feed UNION ALL SELECT -n FROM ledger_feed)", turn[:])
	return out, err
}
