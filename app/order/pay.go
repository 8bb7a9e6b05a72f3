package order

import (
	"database/sql"
	"errors"

	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/crdt/store"
)

const (
	// reviewWait is how long a resident has to say how it was; then the order
	// is closed without a word and paid.
	reviewWait = 7 * 24 * 60 * 60_000
	// tendAtOnce bounds what one call of Tend does, so that a device that comes
	// back after weeks does not hold the counter up; the next call goes on.
	tendAtOnce = 200
	// payAtOnce bounds the awards of one order's review: a team.
	payAtOnce = maxHelpers
)

// Tend does what this device has the rights to do and nobody did yet: closes
// orders that nobody reviewed in time, and pays what was reviewed. Without work
// it only reads. more says that another call has more to do.
func (d *Desk) Tend(tx *store.Tx) (more bool, err error) {
	closed, err := d.timeOut(tx)
	if err != nil {
		return false, err
	}
	paid, err := d.payDue(tx, "", tendAtOnce)
	return closed == tendAtOnce || paid == tendAtOnce, err
}

// timeOut closes what has waited too long for a review. Only the registrar's
// device does, so that it is written once.
func (d *Desk) timeOut(tx *store.Tx) (n int, err error) {
	if !d.Registrar() {
		return 0, nil
	}
	late, err := d.records(tx, `SELECT `+recordColumns+` FROM order_row WHERE state = ? AND done_at < ? ORDER BY done_at, id LIMIT ?`,
		Served, tx.Now()-reviewWait, tendAtOnce)
	if err != nil {
		return 0, err
	}
	for _, r := range late {
		if err := d.put(tx, r.path, "order.timeout", reviewPut(r, 0, ByTimeout)); err != nil {
			return 0, err
		}
	}
	return len(late), nil
}

// owed is one person's part in a reviewed order.
type owed struct {
	turn, key     ledger.Subject
	order, person string
	points        int64
}

// payDue pays what is due for one order, or for all if it is "", under the
// turns that this device holds or may make.
func (d *Desk) payDue(tx *store.Tx, order string, limit int) (paid int, err error) {
	list, err := dueOf(tx, `WHERE (?1 = '' OR order_id = ?1) ORDER BY order_id, key LIMIT ?2`, order, limit)
	if err != nil {
		return 0, err
	}
	for _, o := range list {
		if err := d.Rights.EnsureTurn(tx, o.turn); notHere(err) {
			continue
		} else if err != nil {
			return paid, err
		}
		ok, err := d.pay(tx, o)
		if err != nil {
			return paid, err
		}
		if ok {
			paid++
		}
	}
	return paid, nil
}

func dueOf(q store.Querier, where string, args ...any) (out []owed, err error) {
	err = store.EachRow(q, func(r *sql.Rows) error {
		var o owed
		var t, k []byte
		if err := r.Scan(&t, &k, &o.order, &o.person, &o.points); err != nil {
			return err
		}
		if len(t) != len(o.turn) || len(k) != len(o.key) {
			return errForm
		}
		o.turn, o.key = ledger.Subject(t), ledger.Subject(k)
		out = append(out, o)
		return nil
	}, `SELECT turn, key, order_id, person, points FROM order_due `+where, args...)
	return out, err
}

// pay books one person's part (兑单). The deed's key is the order: whoever pays it
// again, anywhere, finds it used.
func (d *Desk) pay(tx *store.Tx, o owed) (bool, error) {
	r, err := d.record(tx, o.order)
	if err != nil {
		return false, err
	}
	a := ledger.Award{Person: o.turn, Points: o.points, Period: d.Cohort(r.DoneAt), Turn: o.turn, Key: o.key,
		Item: r.item, Version: uint32(r.version), Note: paidNote + o.order}
	_, err = d.Rights.Award(tx, a)
	if errors.Is(err, fault.New("ledger.period.closed")) {
		a.Period = d.Cohort(tx.Now()) // done last year, reviewed too late for it
		_, err = d.Rights.Award(tx, a)
	}
	if notHere(err) {
		return false, nil
	}
	return err == nil, err
}

// OnTheWay sums the points that were reviewed and are not booked, by person;
// nil asks for everybody.
func (d *Desk) OnTheWay(q store.Querier, people []string) (out map[string]int64, err error) {
	out = map[string]int64{}
	add := func(r *sql.Rows) error {
		var p string
		var n int64
		err := r.Scan(&p, &n)
		out[p] = n
		return err
	}
	if people == nil {
		if err := store.EachRow(q, add, `SELECT person, SUM(points) FROM order_due GROUP BY person`); err != nil {
			return nil, err
		}
		return d.joinDue(q, out)
	}
	for _, p := range people {
		ids, err := d.Same.List(q, p)
		if err != nil {
			return nil, err
		}
		var n int64
		if err := q.QueryRow(`SELECT COALESCE(SUM(points), 0) FROM order_due WHERE person IN (SELECT value FROM json_each(?))`, ids).Scan(&n); err != nil {
			return nil, err
		}
		if n > 0 {
			out[p] = n
		}
	}
	return out, nil
}

// joinDue brings what is due to several ids of a person under the leading one.
func (d *Desk) joinDue(q store.Querier, all map[string]int64) (map[string]int64, error) {
	out := make(map[string]int64, len(all))
	for p, n := range all {
		lead, err := d.Same.Lead(q, p)
		if err != nil {
			return nil, err
		}
		out[lead] += n
	}
	return out, nil
}

// Entry is what a passbook shows of somebody's part in an order.
type Entry struct {
	At      int64 // when it was done
	Text    string
	Item    string
	Version int64
	Amount  int64
}

// Due lists somebody's parts that the ledger has not booked, the latest first.
func (d *Desk) Due(q store.Querier, person string) ([]Entry, error) {
	ids, err := d.Same.List(q, person)
	if err != nil {
		return nil, err
	}
	list, err := dueOf(q, `WHERE person IN (SELECT value FROM json_each(?1)) ORDER BY order_id DESC`, ids)
	if err != nil {
		return nil, err
	}
	out := []Entry{}
	for _, o := range list {
		e, ok, err := d.Describe(q, o.order)
		if err != nil {
			return nil, err
		}
		if ok {
			e.Amount = o.points
			out = append(out, e)
		}
	}
	return out, nil
}

// Paid returns the order that an award's note names, "" for other awards.
func Paid(note string) string {
	if len(note) > len(paidNote) && note[:len(paidNote)] == paidNote {
		return note[len(paidNote):]
	}
	return ""
}

// Describe says what a line of the passbook shows of an order: its kind, never
// the resident's words.
func (d *Desk) Describe(q store.Querier, order string) (Entry, bool, error) {
	r, err := d.record(q, order)
	if errors.Is(err, fault.New("order.unknown")) {
		return Entry{}, false, nil
	}
	if err != nil {
		return Entry{}, false, err
	}
	name, err := d.projectName(q, r.Project)
	if name == "" {
		name = r.Type
	}
	return Entry{At: r.DoneAt, Text: name, Item: r.item, Version: r.version}, true, err
}
