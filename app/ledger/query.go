package ledger

import (
	"cmp"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"slices"
	"strings"

	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Here is what this device holds of a quota.
func (l *Ledger) Here(q store.Querier, quota Quota) (int64, error) {
	if tx, ok := q.(*store.Tx); ok {
		_, s, err := l.mine(tx)
		if err != nil {
			return 0, err
		}
		return s.Held(quota)
	}
	return l.heldBy(q, l.self, quota)
}

func (l *Ledger) heldBy(q store.Querier, feed wire.Actor, quota Quota) (n int64, err error) {
	r := &heldRow{heldKey: heldKey{Quota: quota}}
	err = r.read(q.QueryRow(`SELECT h.n, h.net, h.at, h.crc, h.feed FROM ledger_held h JOIN ledger_feed f ON f.n = h.feed
		WHERE f.inc = ? AND h.kind = ? AND h.subject = ? AND h.period = ?`,
		feed[:], int64(quota.Kind), quota.Subject[:], quota.Period).Scan, &r.feed)
	if errors.Is(err, sql.ErrNoRows) {
		return 0, nil
	}
	return r.n, err
}

// StockHere is how many pieces of a good this device has.
func (l *Ledger) StockHere(q store.Querier, good Subject) (int64, error) {
	return l.Here(q, stockOf(good))
}

// Holding is an amount in the hands of a feed. At is when it last changed,
// milliseconds.
type Holding struct {
	Feed wire.Actor
	Amount
	At int64
}

// StockEverywhere lists all stock by feed and good, as far as feeds are here: what counts,
// so of a feed that another one succeeds nothing that went there.
func (l *Ledger) StockEverywhere(q store.Querier) ([]Holding, error) {
	return l.holdings(q, "h.kind = ? AND h.net > 0", int64(Stock))
}

// Holders lists the feeds that hold points of a person, the richest first.
func (l *Ledger) Holders(q store.Querier, person Subject) ([]Holding, error) {
	group, err := l.Together(q, person)
	if err != nil {
		return nil, err
	}
	return l.holders(q, Points, group...)
}

// BenefitHolders is Holders for a benefit.
func (l *Ledger) BenefitHolders(q store.Querier, subject Subject) ([]Holding, error) {
	return l.holders(q, Benefit, subject)
}

func (l *Ledger) holders(q store.Querier, kind Kind, subjects ...Subject) (list []Holding, err error) {
	for _, subject := range subjects {
		some, err := l.holdings(q, "h.kind = ? AND h.subject = ? AND h.n > 0 AND h.net > 0", int64(kind), subject[:])
		if err != nil {
			return nil, err
		}
		list = append(list, some...)
	}
	total := map[wire.Actor]int64{}
	for _, h := range list {
		total[h.Feed] += h.N
	}
	slices.SortStableFunc(list, func(a, b Holding) int {
		return cmp.Or(cmp.Compare(total[b.Feed], total[a.Feed]), a.Feed.Compare(b.Feed), cmp.Compare(a.Quota.Period, b.Quota.Period))
	})
	return list, nil
}

func (l *Ledger) holdings(q store.Querier, where string, args ...any) (list []Holding, err error) {
	if err := l.settle(q); err != nil {
		return nil, err
	}
	err = store.EachRow(q, func(r *sql.Rows) error {
		var h heldRow
		var inc []byte
		if err := h.readAll(r.Scan, &inc); err != nil {
			return err
		}
		if h.n > 0 {
			list = append(list, Holding{wire.Actor(inc), Amount{h.Quota, h.n}, h.at})
		}
		return nil
	}, "SELECT "+heldAll+", f.inc FROM ledger_held h JOIN ledger_feed f ON f.n = h.feed WHERE "+where+
		" ORDER BY h.feed, h.kind, h.subject, h.period", args...)
	return list, err
}

// rightsHere lists what this device holds of a quota that has periods and may
// still use, what ends first first.
func (l *Ledger) rightsHere(q store.Querier, kind Kind, subject Subject) ([]Amount, error) {
	if tx, ok := q.(*store.Tx); ok {
		list, err := l.rightsOf(tx, kind, subject)
		if err != nil {
			return nil, err
		}
		return l.usable(q, byEnd(list))
	}
	list, err := l.holdings(q, "f.inc = ? AND h.kind = ? AND h.subject = ?", l.self[:], int64(kind), subject[:])
	var out []Amount
	for _, h := range list {
		out = append(out, h.Amount)
	}
	if err != nil {
		return nil, err
	}
	return l.usable(q, byEnd(out))
}

// rightsOf reads the rows that rightsHere needs into the book: what is spent
// next is not read again.
func (l *Ledger) rightsOf(tx *store.Tx, kind Kind, subject Subject) (list []Amount, err error) {
	b, s, err := l.mine(tx)
	if err == nil {
		err = l.settle(tx)
	}
	if err != nil || s.row == nil {
		return nil, err
	}
	err = store.EachRow(tx, func(rows *sql.Rows) error {
		r := &heldRow{}
		if err := r.readAll(rows.Scan); err != nil {
			return err
		}
		if b.held[r.heldKey] == nil {
			b.held[r.heldKey] = r
		}
		if r.n > 0 {
			list = append(list, Amount{r.Quota, r.n})
		}
		return nil
	}, "SELECT "+heldAll+" FROM ledger_held h WHERE h.feed = ? AND h.kind = ? AND h.subject = ? ORDER BY h.period",
		s.row.n, int64(kind), subject[:])
	return list, err
}

// Rights is how many points of a person can be spent on this device, now and
// without asking anybody: 此处可兑.
func (l *Ledger) Rights(q store.Querier, person Subject) (int64, error) {
	list, err := l.pointsHere(q, person)
	n := int64(0)
	for _, a := range list {
		n += a.N
	}
	return n, err
}

// PeopleHere are the people of whom this device holds points, and how many, of
// whatever period.
func (l *Ledger) PeopleHere(q store.Querier) (map[Subject]int64, error) {
	list, err := l.holdings(q, "f.inc = ? AND h.kind = ? AND h.n > 0", l.self[:], int64(Points))
	out := make(map[Subject]int64, len(list))
	for _, h := range list {
		out[h.Quota.Subject] += h.N
	}
	return out, err
}

// Balance is what a person has, as far as this device can know. A till holds
// its own feed alone: of points it knows what is in its own hands, and
// Spendable is that.
type Balance struct {
	Person    Subject
	Lifetime  int64 // earned ever; never spent
	Year      int64 // earned in the period asked for, less deductions; never spent
	Spendable int64 // held anywhere, or on the way
	Here      int64 // of it in this device's hands
	OnTheWay  int64 // of it moved and not yet taken
	Vouchers  int64 // of that, on slips that nobody has shown yet
	Debt      int64 // owed from later income
	Expired   int64 // of closed periods and not burned yet; no part of the others
}

// Balance returns a person's balances. year is the one that Year is about.
func (l *Ledger) Balance(q store.Querier, person Subject, year string) (Balance, error) {
	list, err := l.Balances(q, year, person)
	if err != nil {
		return Balance{}, err
	}
	return list[0], nil
}

// balancePage is how many persons one statement asks about: the statement is
// prepared once for this number.
const balancePage = 50

var balanceAmong = "AND s.subject IN (?" + strings.Repeat(", ?", balancePage-1) + ")"

// Balances returns the balances of many persons, in their order: of all subjects
// that are the person.
func (l *Ledger) Balances(q store.Querier, period string, persons ...Subject) ([]Balance, error) {
	if err := l.settle(q); err != nil {
		return nil, err
	}
	joined, err := l.joined(q)
	if err != nil {
		return nil, err
	}
	groups, all := make([][]Subject, len(persons)), make([]Subject, 0, len(persons))
	asked := make(map[Subject]bool, len(persons)) // several records of one person may be named, on several pages
	for i, p := range persons {
		if groups[i], err = joined.of(p); err != nil {
			return nil, err
		}
		for _, s := range groups[i] {
			if !asked[s] {
				asked[s] = true
				all = append(all, s)
			}
		}
	}
	at := make(map[Subject]*Balance, len(all))
	for chunk := range slices.Chunk(all, balancePage) {
		args := []any{period, int64(Debt), int64(Points), int64(Debt)}
		for i := range balancePage {
			args = append(args, chunk[min(i, len(chunk)-1)][:])
		}
		if err := l.balances(q, at, balanceAmong, args); err != nil {
			return nil, err
		}
	}
	out := make([]Balance, len(persons))
	for i, p := range persons {
		out[i].Person = p
		for _, s := range groups[i] {
			if b := at[s]; b != nil {
				out[i].join(*b)
			}
		}
	}
	return out, nil
}

// AllBalances returns everybody's balances, ordered by person; who has several
// subjects stands under the leading one.
func (l *Ledger) AllBalances(q store.Querier, period string) ([]Balance, error) {
	if err := l.settle(q); err != nil {
		return nil, err
	}
	at := map[Subject]*Balance{}
	if err := l.balances(q, at, "", []any{period, int64(Debt), int64(Points), int64(Debt)}); err != nil {
		return nil, err
	}
	out := make([]Balance, 0, len(at))
	for _, b := range at {
		out = append(out, *b)
	}
	joined, err := l.joined(q)
	if err != nil {
		return nil, err
	}
	if out, err = merge(joined, out, func(b *Balance) *Subject { return &b.Person }, (*Balance).join); err != nil {
		return nil, err
	}
	slices.SortFunc(out, func(a, b Balance) int { return strings.Compare(string(a.Person[:]), string(b.Person[:])) })
	return out, nil
}

func (l *Ledger) balances(q store.Querier, at map[Subject]*Balance, and string, args []any) error {
	shut, err := l.shutters(q)
	if err != nil {
		return err
	}
	of := func(b []byte) *Balance {
		p := Subject(b)
		if at[p] == nil {
			at[p] = &Balance{Person: p}
		}
		return at[p]
	}
	err = store.EachRow(q, func(r *sql.Rows) error {
		var p []byte
		var period string
		var s Balance
		if err := r.Scan(&p, &period, &s.Lifetime, &s.Year, &s.Spendable, &s.OnTheWay, &s.Debt); err != nil {
			return err
		}
		closed, err := shut.closed(period)
		of(p).add(s, closed)
		return err
	}, `SELECT s.subject, s.period, sum(s.life), sum(CASE WHEN substr(s.period, 1, 4) = ? THEN s.year ELSE 0 END),
		sum(CASE s.kind WHEN 1 THEN s.held + s.inflight - s.unseen ELSE 0 END),
		sum(CASE s.kind WHEN 1 THEN s.inflight ELSE 0 END), sum(CASE s.kind WHEN ? THEN s.held ELSE 0 END)
		FROM ledger_sum s WHERE s.kind IN (?, ?) `+and+` GROUP BY s.subject, s.period`, args...)
	if err != nil {
		return err
	}
	err = ofOpenPeriods(q, shut, func(p []byte, n int64) { of(p).Here += n }, `SELECT s.subject, s.period, s.n FROM ledger_held s
		JOIN ledger_feed f ON f.n = s.feed WHERE f.inc = ? AND s.kind = ? `+and, append([]any{l.self[:], int64(Points)}, args[4:]...)...)
	if err != nil {
		return err
	}
	// What is written to a closed feed without an heir is stranded, and no part of what can be spent.
	err = ofOpenPeriods(q, shut, func(p []byte, n int64) { of(p).Vouchers += n }, `SELECT s.subject, s.period, sum(s.n) FROM ledger_move s
		WHERE s.until > 0 AND s.taken = 0 AND s.payee NOT IN (SELECT inc FROM ledger_closed WHERE heir = x'') `+and+
		` GROUP BY s.subject, s.period`, args[4:]...)
	if err != nil {
		return err
	}
	whole, err := shut.holdsAll(l.self)
	for _, b := range at {
		if !whole { // what came here stands as unseen for ever, also when it is spent or gone home
			b.Spendable, b.OnTheWay, b.Vouchers, b.Expired = b.Here, 0, 0, 0
		}
	}
	return err
}

// ofOpenPeriods goes through rows of subject, period and amount, but for those of closed periods.
func ofOpenPeriods(q store.Querier, shut *shutters, each func([]byte, int64), query string, args ...any) error {
	return store.EachRow(q, func(r *sql.Rows) error {
		var p []byte
		var period string
		var n int64
		if err := r.Scan(&p, &period, &n); err != nil {
			return err
		}
		closed, err := shut.closed(period)
		if err == nil && !closed {
			each(p, n)
		}
		return err
	}, query, args...)
}

// add adds what a person has of one period. Of a closed one nothing can be
// spent, whether its holders have burned it yet or not.
func (b *Balance) add(x Balance, closed bool) {
	b.Lifetime += x.Lifetime
	b.Year += x.Year
	b.Debt += x.Debt
	if closed {
		b.Expired += x.Spendable
		return
	}
	b.Spendable += x.Spendable
	b.OnTheWay += x.OnTheWay
}

// BalancesDigest is one digest over everybody's lifetime, year, spendable
// points and debt: equal on all devices that hold the same feeds.
func (l *Ledger) BalancesDigest(q store.Querier, period string) ([32]byte, error) {
	list, err := l.AllBalances(q, period)
	h := sha256.New()
	var b []byte
	for _, x := range list {
		b = append(b[:0], x.Person[:]...)
		for _, n := range []int64{x.Lifetime, x.Year, x.Spendable, x.OnTheWay, x.Debt} {
			b = binary.BigEndian.AppendUint64(b, uint64(n))
		}
		h.Write(b)
	}
	return [32]byte(h.Sum(nil)), err
}

// Flow is what moved in a stretch of time. Undone entries are taken off where
// they were undone.
type Flow struct {
	Awarded, Redeemed   int64 // points
	Awards, Redemptions int64 // entries
	Brought             int64 // openings, and what people moved here with
	Deducted            int64 // deductions, collected debts
	Moved               int64 // what people moved away with
	Expired             int64
}

// Net is by how much the flow changed what all people have together.
func (f Flow) Net() int64 {
	return f.Awarded + f.Brought - f.Redeemed - f.Deducted - f.Moved - f.Expired
}

// Flows adds up from (inclusive) to (exclusive), both milliseconds and rounded
// down to the hour.
func (l *Ledger) Flows(q store.Querier, from, to int64) (f Flow, err error) {
	if err := l.settle(q); err != nil {
		return f, err
	}
	err = q.QueryRow(`SELECT coalesce(sum(awarded), 0), coalesce(sum(redeemed), 0), coalesce(sum(awards), 0), coalesce(sum(redemptions), 0),
		coalesce(sum(brought), 0), coalesce(sum(deducted), 0), coalesce(sum(moved), 0), coalesce(sum(expired), 0)
		FROM ledger_hour WHERE hour >= ? AND hour < ?`, from/hourMillis, to/hourMillis).Scan(&f.Awarded, &f.Redeemed, &f.Awards, &f.Redemptions,
		&f.Brought, &f.Deducted, &f.Moved, &f.Expired)
	return f, err
}

// waitingFor lists the changes of admitted feeds that hold a MOVE to a feed
// which nobody took yet, in the order of their feeds. Vouchers that are still
// good at now (milliseconds) are not among them: they wait to be shown.
func (l *Ledger) waitingFor(q store.Querier, payee wire.Actor, now int64) (list []wire.Hash, err error) {
	err = store.EachRow(q, func(r *sql.Rows) error {
		var h []byte
		if err := r.Scan(&h); err != nil {
			return err
		}
		list = append(list, wire.Hash(h))
		return nil
	}, "SELECT DISTINCT hash FROM ledger_move WHERE payee = ? AND taken = 0 AND until < ? AND idx <> ? ORDER BY payer, number", payee[:], now, succeedIndex)
	return list, err
}

// Debtors counts the people who owe points, and what they owe together.
func (l *Ledger) Debtors(q store.Querier) (people, points int64, err error) {
	if err := l.settle(q); err != nil {
		return 0, 0, err
	}
	joined, err := l.joined(q)
	if err != nil {
		return 0, 0, err
	}
	owing := map[Subject]bool{}
	err = store.EachRow(q, func(r *sql.Rows) error {
		var p []byte
		var n int64
		if err := r.Scan(&p, &n); err != nil {
			return err
		}
		lead, err := joined.lead(Subject(p))
		owing[lead] = true
		points += n
		return err
	}, "SELECT subject, sum(held) FROM ledger_sum WHERE kind = ? AND held > 0 GROUP BY subject", int64(Debt))
	return int64(len(owing)), points, err
}
