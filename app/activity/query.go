package activity

import (
	"cmp"
	"encoding/hex"
	"errors"
	"slices"
	"strings"

	"jishan/app/fault"
	"jishan/app/zone"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// maxPage bounds a page of a list.
const maxPage = 200

// tally is what the projection counts of one activity. As SQL: listCounts.
type tally struct {
	made, used int64 // places that exist; that are taken
	confirmed  int64 // people with a place who still want it
	signed     int64 // people who want to come
	unplaced   int64 // of them without a place
	present    int64
	unpaid     int64
	placed     []string // persons, only filled by counts
}

func (t tally) has(person string) bool { return slices.Contains(t.placed, person) }

// listCounts counts beside a row of activity_row called r.
const listCounts = `,
	COALESCE((SELECT n FROM activity_made m WHERE m.activity = r.id), 0),
	(SELECT COUNT(*) FROM activity_place p WHERE p.activity = r.id),
	(SELECT COUNT(DISTINCT p.person) FROM activity_place p WHERE p.activity = r.id AND NOT EXISTS
		(SELECT 1 FROM activity_signup s WHERE s.activity = r.id AND s.person = p.person AND s.signed = 0)),
	(SELECT COUNT(*) FROM activity_signup s WHERE s.activity = r.id AND s.signed = 1),
	(SELECT COUNT(*) FROM activity_signup s WHERE s.activity = r.id AND s.signed = 1 AND NOT EXISTS
		(SELECT 1 FROM activity_place p WHERE p.activity = r.id AND p.person = s.person)),
	(SELECT COUNT(DISTINCT a.person) FROM activity_att a WHERE a.activity = r.id AND a.in_at != 0),
	(SELECT COUNT(*) FROM activity_due d WHERE d.activity = r.id)`

func (t *tally) into() []any {
	return []any{&t.made, &t.used, &t.confirmed, &t.signed, &t.unplaced, &t.present, &t.unpaid}
}

// row makes the list row of an activity.
func (r record) row(t tally, now int64) Row {
	out := Row{ID: r.ID, Title: r.Title, Type: r.Type, Start: r.Start, End: r.End, Place: r.Place, Places: r.Places, Present: t.present, Item: r.Item}
	open := int64(-1)
	if r.Places == 0 { // as many as come
		out.Confirmed = t.signed
	} else {
		open = max(0, t.made-t.used)
		out.Confirmed = t.confirmed
		out.Pending = min(t.unplaced, open)
		out.Waiting = t.unplaced - out.Pending
	}
	out.State = r.state(now, open, t.unpaid)
	return out
}

// Filter chooses activities of a list: those that overlap [From, To), 0 for no
// bound, whose title, type or place holds Q.
type Filter struct {
	Offset, Limit int
	From, To      int64
	Q             string
}

// List returns activities and how many there are: the latest start first, but
// with From alone, as for what is to come, the soonest first.
// Fault: activity.page.
func (b *Board) List(q store.Querier, f Filter) (rows []Row, total int, err error) {
	if f.Offset < 0 || f.Limit < 0 || f.Limit > maxPage {
		return nil, 0, fault.New("activity.page", "max", maxPage)
	}
	order := `DESC`
	if f.To == 0 {
		f.To = maxTime
		if f.From > 0 { // what is to come: the next one first
			order = `ASC`
		}
	}
	const where = ` FROM activity_row r WHERE r.title != '' AND r.end_at >= ?1 AND r.start_at < ?2
		AND (?3 = '' OR instr(r.title, ?3) OR instr(r.type, ?3) OR instr(r.place, ?3))`
	text := strings.TrimSpace(f.Q)
	if err := q.QueryRow(`SELECT COUNT(*)`+where, f.From, f.To, text).Scan(&total); err != nil {
		return nil, 0, err
	}
	rows, err = b.rows(q, `SELECT `+recordColumns+listCounts+where+` ORDER BY r.start_at `+order+`, r.id `+order+` LIMIT ?4 OFFSET ?5`,
		f.From, f.To, text, f.Limit, f.Offset)
	return rows, total, err
}

// Today returns the activities of the day of now that are not cancelled, by
// start.
func (b *Board) Today(q store.Querier) ([]Row, error) {
	start, end := zone.DayBounds(b.Clock())
	return b.rows(q, `SELECT `+recordColumns+listCounts+` FROM activity_row r
		WHERE r.cancelled = 0 AND r.end_at >= ? AND r.start_at < ? ORDER BY r.start_at, r.id LIMIT ?`, start, end, maxPage)
}

func (b *Board) rows(q store.Querier, query string, args ...any) (out []Row, err error) {
	rows, err := q.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	out = []Row{}
	for rows.Next() {
		var t tally
		r, err := scanRecord(rows, t.into()...)
		if err != nil {
			return nil, err
		}
		out = append(out, r.row(t, b.Clock()))
	}
	return out, rows.Err()
}

// counts reads the tally of one activity, with the persons who have a place.
func (b *Board) counts(q store.Querier, r record) (t tally, err error) {
	_, err = scanRecord(q.QueryRow(`SELECT `+recordColumns+listCounts+` FROM activity_row r WHERE r.id = ?`, r.ID), t.into()...)
	if err != nil {
		return t, err
	}
	t.placed, err = texts(q, `SELECT DISTINCT person FROM activity_place WHERE activity = ? ORDER BY person`, r.ID)
	return t, err
}

// Row returns one activity as lists show it. Fault: activity.unknown.
func (b *Board) Row(q store.Querier, id string) (Row, error) {
	r, err := b.record(q, id)
	if err != nil {
		return Row{}, err
	}
	t, err := b.counts(q, r)
	return r.row(t, b.Clock()), err
}

// Get returns everything about an activity. Fault: activity.unknown.
func (b *Board) Get(q store.Querier, id string) (Activity, error) {
	r, err := b.record(q, id)
	if err != nil {
		return Activity{}, err
	}
	t, err := b.counts(q, r)
	if err != nil {
		return Activity{}, err
	}
	note, err := b.note(q, r)
	if err != nil {
		return Activity{}, err
	}
	a := Activity{Row: r.row(t, b.Clock()), Organiser: r.Organiser, Note: note,
		ItemName: r.Rule.Name, Points: r.Rule.Points, Minutes: r.Rule.Minutes, HomeDevice: b.homeName(r.Home)}
	held, err := b.Rights.Here(q, turn(subjectOf(id)))
	if err != nil {
		return Activity{}, err
	}
	a.IHoldTurn = held > 0
	if a.Attendees, err = b.attendees(q, r, t); err != nil {
		return Activity{}, err
	}
	for _, x := range a.Attendees {
		a.Counts.add(x)
	}
	return a, b.name(q, a.Attendees)
}

func (b *Board) homeName(home string) string {
	raw, err := hex.DecodeString(home)
	if err != nil || len(raw) != len(wire.Actor{}) {
		return ""
	}
	return b.Device(wire.Actor(raw))
}

func (c *Counts) add(a Attendee) {
	switch a.How {
	case Roll:
		c.Roll++
	case Card:
		c.Card++
	case QR:
		c.QR++
	case After:
		c.After++
	}
}

// name fills in what the Directory knows.
func (b *Board) name(q store.Querier, list []Attendee) error {
	ids := make([]string, len(list))
	for i := range list {
		ids[i] = list[i].Person
	}
	known, err := b.People.Briefs(q, ids)
	for i := range list {
		n := known[list[i].Person]
		list[i].Name, list[i].Masked, list[i].PhoneTail = n.Name, n.Masked, n.PhoneTail
	}
	return err
}

// attendees lists everybody of an activity without names: those with a place
// first, then the wait list, walk-ins, and who took their sign-up back.
func (b *Board) attendees(q store.Querier, r record, t tally) ([]Attendee, error) {
	list, err := signups(q, r.ID)
	if err != nil {
		return nil, err
	}
	marks, err := marksOf(q, r.ID, "")
	if err != nil {
		return nil, err
	}
	for _, p := range t.placed { // places whose sign-up has not arrived here yet
		list = include(list, p, "")
	}
	for p := range marks {
		list = include(list, p, WalkIn)
	}
	if err := b.attended(q, r, list, marks); err != nil {
		return nil, err
	}
	b.order(r, t, list)
	return list, nil
}

// include appends a person who is not in the list.
func include(list []Attendee, person, status string) []Attendee {
	if slices.ContainsFunc(list, func(a Attendee) bool { return a.Person == person }) {
		return list
	}
	return append(list, Attendee{Person: person, Status: status, Awarded: "no", Recorders: []string{}})
}

// signups lists who ever signed up, in order.
func signups(q store.Querier, id string) (out []Attendee, err error) {
	rows, err := q.Query(`SELECT person, at, signed FROM activity_signup WHERE activity = ? ORDER BY at, person`, id)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	out = []Attendee{}
	for rows.Next() {
		a := Attendee{Awarded: "no", Recorders: []string{}}
		var signed bool
		if err := rows.Scan(&a.Person, &a.SignedAt, &signed); err != nil {
			return nil, err
		}
		if !signed {
			a.Status = SignedOff
		}
		out = append(out, a)
	}
	return out, rows.Err()
}

// attended fills in what was seen of each person and what it was worth.
func (b *Board) attended(q store.Querier, r record, list []Attendee, marks map[string][]mark) error {
	paid, err := paidOf(q, r.ID)
	if err != nil {
		return err
	}
	now := b.Clock()
	for i := range list {
		a := merge(marks[list[i].Person])
		if len(a.Recorders) > 0 {
			list[i].Recorders = a.Recorders
		}
		if !a.present() {
			continue
		}
		x := &list[i]
		x.InAt, x.OutAt, x.How, x.Scans = a.In, a.Out, a.How, a.Scans
		x.Minutes = a.minutes(r, now)
		x.Points = r.Rule.item().Value(x.Minutes)
		if p, ok := paid[attendanceKey(r.ID, x.Person).String()]; ok {
			x.Points, x.Awarded = p.points, "booked"
			if p.undone {
				x.Awarded = "undone"
			}
			continue
		}
		x.Lacks = a.lacks(r, now)
		if r.Finished != 0 && r.Cancelled == 0 && x.Points > 0 {
			x.Awarded = "onTheWay"
		}
	}
	return nil
}

// payment is what the ledger paid for one deed. One that was taken back is worth
// nothing and is never due again.
type payment struct {
	points int64
	undone bool
}

// paidOf returns what was paid under an activity's turn by deed key.
func paidOf(q store.Querier, id string) (out map[string]payment, err error) {
	s := subjectOf(id)
	rows, err := q.Query(`SELECT key, `+paidOnce+` * (1 - MAX(undone)), MAX(undone) FROM activity_paid WHERE turn = ? GROUP BY key`, s[:])
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	out = map[string]payment{}
	for rows.Next() {
		var k []byte
		var p payment
		if err := rows.Scan(&k, &p.points, &p.undone); err != nil {
			return nil, err
		}
		out[subjectText(k)] = p
	}
	return out, rows.Err()
}

// order gives everybody a status and a rank, and sorts.
func (b *Board) order(r record, t tally, list []Attendee) {
	over := r.Finished != 0
	open := t.made - t.used
	slices.SortStableFunc(list, func(x, y Attendee) int {
		return cmp.Or(cmp.Compare(x.SignedAt, y.SignedAt), cmp.Compare(x.Person, y.Person))
	})
	var confirmed, pending, waiting int64
	for i := range list {
		x := &list[i]
		switch {
		case x.Status == SignedOff || x.Status == WalkIn:
		case r.Places == 0 || t.has(x.Person):
			confirmed++
			x.Status, x.Rank = Confirmed, confirmed
			if over && x.InAt == 0 {
				x.Status = NoShow
			}
		case pending < open:
			pending++
			x.Status, x.Rank = Pending, pending
		default:
			waiting++
			x.Status, x.Rank = Waiting, waiting
		}
		if x.Status == SignedOff && x.InAt != 0 {
			x.Status = WalkIn
		}
	}
	rank := map[string]int{Confirmed: 0, NoShow: 0, Pending: 1, Waiting: 2, WalkIn: 3, SignedOff: 4}
	slices.SortStableFunc(list, func(x, y Attendee) int { return rank[x.Status] - rank[y.Status] })
}
