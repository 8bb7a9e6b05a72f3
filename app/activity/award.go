package activity

import (
	"errors"

	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/app/scheme"
	"jishan/app/zone"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Outcome is what finishing an activity gave.
type Outcome struct {
	People   int64 `json:"people"`   // who get points
	Points   int64 `json:"points"`   // in all
	OnTheWay int64 `json:"onTheWay"` // of them not booked yet
	Nothing  int64 `json:"nothing"`  // who were there and get none, see Attendee.Lacks
}

// Finish closes an activity's attendance and pays what this device may pay; the
// rest stays on the way until the turn's holder has met it. A second call pays
// nobody twice and answers the same. Faults: activity.unknown,
// activity.cancelled.
func (b *Board) Finish(tx *store.Tx, id string) (Outcome, error) {
	r, err := b.live(tx, id)
	if err != nil {
		return Outcome{}, err
	}
	if r.Finished == 0 {
		put := store.Put{Key: key(kindActivity, id, "finished"), Value: wire.TimeValue(tx.Now())}
		if err := b.put(tx, r.Path, "activity.finish", []store.Put{put}); err != nil {
			return Outcome{}, err
		}
	}
	if err := b.tendTurns(tx); err != nil {
		return Outcome{}, err
	}
	t := subjectOf(id)
	if _, err := b.tendDue(tx, &t, maxPlaces); err != nil {
		return Outcome{}, err
	}
	return b.outcome(tx, r.ID)
}

func (b *Board) outcome(q store.Querier, id string) (o Outcome, err error) {
	s := subjectOf(id)
	var paid, paidPeople, duePeople int64
	err = q.QueryRow(`SELECT COALESCE(SUM(n), 0), COUNT(*) FROM (SELECT `+paidOnce+` AS n FROM activity_paid WHERE turn = ? GROUP BY key HAVING MAX(undone) = 0)`, s[:]).Scan(&paid, &paidPeople)
	if err != nil {
		return o, err
	}
	err = q.QueryRow(`SELECT COALESCE(SUM(points), 0), COUNT(*) FROM activity_due WHERE turn = ?`, s[:]).Scan(&o.OnTheWay, &duePeople)
	if err != nil {
		return o, err
	}
	o.People, o.Points = paidPeople+duePeople, paid+o.OnTheWay
	a, err := b.Get(q, id)
	for _, x := range a.Attendees {
		if x.Lacks != "" {
			o.Nothing++
		}
	}
	return o, err
}

// owed is a fact that the ledger has not paid.
type owed struct {
	turn, key        ledger.Subject
	activity, person string
	points           int64
}

// tendDue pays what is due and whose turn this device holds: under one turn, or
// under all if it is nil; at most limit awards.
func (b *Board) tendDue(tx *store.Tx, only *ledger.Subject, limit int) (more bool, err error) {
	turns, err := b.turnsDue(tx, only)
	if err != nil {
		return false, err
	}
	for _, t := range turns {
		list, err := dueOf(tx, t)
		if err != nil {
			return false, err
		}
		for _, o := range list {
			if limit == 0 {
				return true, nil
			}
			err := b.apart("fact/"+o.key.String(), func() error {
				paid, err := b.pay(tx, o)
				if paid {
					limit--
				}
				return err
			})
			if err != nil {
				return false, err
			}
		}
	}
	return false, nil
}

// turnsDue lists the turns under which something is due and which this device
// holds. A turn is made when it is first needed, by the device that may.
func (b *Board) turnsDue(tx *store.Tx, only *ledger.Subject) ([]ledger.Subject, error) {
	all := []string{}
	var err error
	if only != nil {
		all = append(all, string(only[:]))
	} else if all, err = texts(tx, `SELECT DISTINCT turn FROM activity_due ORDER BY turn`); err != nil {
		return nil, err
	}
	var out []ledger.Subject
	for _, raw := range all {
		t := ledger.Subject([]byte(raw))
		err := b.apart("turn/"+t.String(), func() error {
			err := b.Rights.EnsureTurn(tx, t)
			if err == nil {
				out = append(out, t)
			}
			if notHere(err) {
				return nil
			}
			return err
		})
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func dueOf(q store.Querier, t ledger.Subject) (out []owed, err error) {
	rows, err := q.Query(`SELECT key, activity, person, points FROM activity_due WHERE turn = ? ORDER BY key`, t[:])
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		o := owed{turn: t}
		var k []byte
		if err := rows.Scan(&k, &o.activity, &o.person, &o.points); err != nil {
			return nil, err
		}
		if len(k) != len(o.key) {
			return nil, errForm
		}
		o.key = ledger.Subject(k)
		out = append(out, o)
	}
	return out, rows.Err()
}

// pay books one fact, up to the item's day cap.
func (b *Board) pay(tx *store.Tx, o owed) (bool, error) {
	if double, err := b.twin(tx, o); err != nil || double {
		return false, err
	}
	a, item, err := b.claim(tx, o)
	if err != nil || a.Points == 0 {
		return false, err
	}
	if o.points < 0 {
		return b.take(tx, a)
	}
	left, err := b.capped(tx, item, o, a.at)
	if err != nil || left < a.Points {
		a.Points = left
	}
	if err != nil || a.Points == 0 {
		return false, err
	}
	_, err = b.Rights.Award(tx, a.Award)
	if errors.Is(err, fault.New("ledger.period.closed")) {
		a.Period = b.Cohort(tx.Now()) // done last year, recorded too late for it
		_, err = b.Rights.Award(tx, a.Award)
	}
	if notHere(err) {
		return false, nil
	}
	return err == nil, err
}

// claimed is an award and when its deed was done.
type claimed struct {
	ledger.Award
	at int64
}

// claim turns a fact into an award, by the scheme's version that it names. A
// version that is not here yet leaves the fact for later (no points).
func (b *Board) claim(tx *store.Tx, o owed) (claimed, scheme.Item, error) {
	if o.activity != "" {
		return b.claimActivity(tx, o)
	}
	f, _, err := deedFact(tx, o.key)
	if err != nil {
		return claimed{}, scheme.Item{}, err
	}
	s, err := b.Scheme.At(tx, f.Version)
	if errors.Is(err, fault.New("scheme.version.unknown")) {
		return claimed{}, scheme.Item{}, nil
	}
	item, ok := s.Item(f.Item)
	if err != nil || !ok || item.Takes() != (o.points < 0) {
		return claimed{}, scheme.Item{}, err
	}
	if (item.Takes() || item.Waits()) && b.Claimed != nil {
		if ok, err := b.Claimed(tx, o.person, o.key); err != nil || !ok {
			return claimed{}, item, err
		}
	}
	return claimed{b.award(o, item, f.Version, item.Worth(scheme.Amount{Minutes: f.Minutes, Count: f.Count, Hard: f.Hard}), f.At), f.At}, item, nil
}

// take books one deduction. Of the rest a debt is left, which is collected from
// where the points are.
func (b *Board) take(tx *store.Tx, a claimed) (bool, error) {
	d := ledger.Deduction{Person: a.Person, Points: a.Points, Period: a.Period, Deed: ledger.Deed{Turn: a.Turn, Key: a.Key}, Item: a.Item, Version: a.Version}
	_, err := b.Rights.Deduct(tx, d)
	if errors.Is(err, fault.New("ledger.period.closed")) {
		d.Period = b.Cohort(tx.Now())
		_, err = b.Rights.Deduct(tx, d)
	}
	if notHere(err) {
		return false, nil
	}
	return err == nil, err
}

// Deductions lists who is to be deducted how much by deeds that wait for their
// booking, at most limit people.
func (b *Board) Deductions(q store.Querier, limit int) (map[string]int64, error) {
	out := map[string]int64{}
	return out, b.addDue(q, out, `SELECT person, -SUM(points) FROM activity_due WHERE points < 0 GROUP BY person ORDER BY person LIMIT ?`, limit)
}

func (b *Board) claimActivity(tx *store.Tx, o owed) (claimed, scheme.Item, error) {
	r, err := b.record(tx, o.activity)
	if err != nil {
		return claimed{}, scheme.Item{}, err
	}
	item := r.Rule.item()
	if s, err := b.Scheme.At(tx, r.Rule.Version); err == nil { // the promise names the day's cap; the other caps stand in its version
		if full, ok := s.Item(r.Rule.Code); ok {
			item = full
		}
	}
	return claimed{b.award(o, item, r.Rule.Version, o.points, r.Start), r.Start}, item, nil
}

func (b *Board) award(o owed, item scheme.Item, version, points, at int64) ledger.Award {
	return ledger.Award{
		Person: personOf(o.person), Points: points, Period: b.Cohort(at), Turn: o.turn, Key: o.key, Item: item.Code, Version: uint32(version),
	}
}

// capped returns how many points of the item the person may still get for the
// day, week, month and year of at. Two holders of turns that are apart may each
// give up to the cap; the sum is then above it, never the double of one deed.
func (b *Board) capped(q store.Querier, item scheme.Item, o owed, at int64) (int64, error) {
	left := int64(1 << 40)
	for _, c := range item.Caps() {
		start, end := bounds(c.Span, at)
		got, err := b.gotten(q, item, o.person, start, end)
		if err != nil {
			return 0, err
		}
		left = min(left, max(0, c.Most-got))
	}
	return left, nil
}

// bounds is the span in which a cap counts.
func bounds(span string, at int64) (start, end int64) {
	switch span {
	case scheme.Weekly:
		return zone.WeekBounds(at)
	case scheme.Monthly:
		return zone.MonthBounds(at)
	case scheme.Yearly:
		return zone.YearBounds(at)
	}
	return zone.DayBounds(at)
}

// gotten sums what a person was paid for an item in a span of time, under all ids.
func (b *Board) gotten(q store.Querier, item scheme.Item, person string, start, end int64) (got int64, err error) {
	ids, err := b.Same.IDs(q, person)
	if err != nil {
		return 0, err
	}
	for _, id := range ids {
		deeds, err := deedPoints(q, id, item.Code, start, end)
		if err != nil {
			return 0, err
		}
		more, err := b.activityPoints(q, id, item.Code, start, end)
		if err != nil {
			return 0, err
		}
		got += deeds + more
	}
	return got, nil
}

// deedPoints sums what a person was paid for deeds of an item outside of activities
// that were done in a span of time; their turn is the person's.
func deedPoints(q store.Querier, person, item string, start, end int64) (n int64, err error) {
	turn := personOf(person)
	err = q.QueryRow(`SELECT COALESCE(SUM(n), 0) FROM (SELECT `+paidOnce+` AS n FROM activity_paid WHERE (turn, key) IN (
			SELECT ?5, d.id FROM activity_deed d WHERE d.person = ?1 AND d.item = ?2 AND d.at >= ?3 AND d.at < ?4) GROUP BY turn, key HAVING MAX(undone) = 0)`,
		person, item, start, end, turn[:]).Scan(&n)
	return n, err
}

// activityPoints sums what a person was paid for activities of an item that
// began in a span of time.
func (b *Board) activityPoints(q store.Querier, person, item string, start, end int64) (int64, error) {
	ids, err := texts(q, `SELECT DISTINCT r.id FROM activity_att a JOIN activity_row r ON r.id = a.activity
		WHERE a.person = ? AND r.item = ? AND r.start_at >= ? AND r.start_at < ?`, person, item, start, end)
	if err != nil {
		return 0, err
	}
	var sum int64
	for _, id := range ids {
		n, err := paidFor(q, subjectOf(id), attendanceKey(id, person))
		if err != nil {
			return 0, err
		}
		sum += n
	}
	return sum, nil
}
