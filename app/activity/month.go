package activity

import (
	"cmp"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"strings"
	"time"

	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/app/people"
	"jishan/app/zone"
	"jishan/crdt/store"
)

// Month are the figures of one month. Points, volunteers and outstanding are
// the ledger's and people's: the caller fills them in.
type Month struct {
	Month       string      `json:"month"`
	Sessions    int64       `json:"sessions"`    // activities that were held
	Attendances int64       `json:"attendances"` // people who served at them, each time, and deeds
	Minutes     int64       `json:"minutes"`     // served
	Awarded     int64       `json:"awarded"`
	Redeemed    int64       `json:"redeemed"`
	Carried     int64       `json:"carried"`    // from before: Carried + Awarded + Brought - Redeemed - Deducted - Moved - Expired = Outstanding
	Brought     int64       `json:"brought"`    // openings, and what people moved here with
	Volunteers  int64       `json:"volunteers"` // registered, who have not moved away
	Active      int64       `json:"active"`     // people who did anything
	Deducted    int64       `json:"deducted"`
	Moved       int64       `json:"moved"` // what people moved away with
	Expired     int64       `json:"expired"`
	Outstanding int64       `json:"outstanding"` // when the month ends, or now
	Days        []MonthDay  `json:"days"`
	Types       []MonthType `json:"types"`
}

// MonthDay are points of one day.
type MonthDay struct {
	Day      int   `json:"day"`
	Awarded  int64 `json:"awarded"`
	Redeemed int64 `json:"redeemed"`
}

// MonthType is service by type of activity, or by group of the scheme.
type MonthType struct {
	Name    string `json:"name"`
	Minutes int64  `json:"minutes"`
	Times   int64  `json:"times"`
}

// MonthBounds returns the first moment of a month (yyyy-mm) and of the next,
// and its number of days. Fault: month.bad.
func MonthBounds(month string) (start, end int64, days int, err error) {
	t, err := time.ParseInLocation("2006-01", month, zone.China)
	if err != nil || t.UnixMilli() < minTime || t.UnixMilli() > maxTime {
		return 0, 0, 0, fault.New("month.bad")
	}
	next := t.AddDate(0, 1, 0)
	return t.UnixMilli(), next.UnixMilli(), next.AddDate(0, 0, -1).Day(), nil
}

// Month returns a month's figures as far as activities and deeds make them,
// with a row for each of its days. Fault: month.bad.
func (b *Board) Month(q store.Querier, month string) (Month, error) {
	m, _, err := b.MonthOf(q, month)
	return m, err
}

// MonthOf is Month, and the leading ids of everybody who did anything.
func (b *Board) MonthOf(q store.Querier, month string) (Month, map[string]bool, error) {
	start, end, days, err := MonthBounds(month)
	if err != nil {
		return Month{}, nil, err
	}
	m := Month{Month: month, Days: make([]MonthDay, days), Types: []MonthType{}}
	for i := range m.Days {
		m.Days[i].Day = i + 1
	}
	active := map[string]bool{}
	if err := b.monthActivities(q, &m, active, start, end); err != nil {
		return Month{}, nil, err
	}
	if err := b.monthDeeds(q, &m, active, start, end); err != nil {
		return Month{}, nil, err
	}
	people := map[string]bool{}
	for p := range active {
		lead, err := b.Same.Lead(q, p)
		if err != nil {
			return Month{}, nil, err
		}
		people[lead] = true
	}
	m.Active = int64(len(people))
	m.sortTypes()
	return m, people, nil
}

func (m *Month) sortTypes() {
	slices.SortFunc(m.Types, func(x, y MonthType) int {
		return cmp.Or(cmp.Compare(y.Minutes, x.Minutes), cmp.Compare(y.Times, x.Times), cmp.Compare(x.Name, y.Name))
	})
}

// Add counts one service that another room knows of.
func (m *Month) Add(name string, minutes int64) {
	m.add(name, minutes)
	m.sortTypes()
}

func (m *Month) add(name string, minutes int64) {
	m.Attendances++
	m.Minutes += minutes
	i := slices.IndexFunc(m.Types, func(t MonthType) bool { return t.Name == name })
	if i < 0 {
		i = len(m.Types)
		m.Types = append(m.Types, MonthType{Name: name})
	}
	m.Types[i].Minutes += minutes
	m.Types[i].Times++
}

// held says whether an activity took place: it has begun, and somebody came or
// it was finished.
func (b *Board) monthActivities(q store.Querier, m *Month, active map[string]bool, start, end int64) error {
	list, err := records(q, `SELECT `+recordColumns+` FROM activity_row WHERE cancelled = 0 AND start_at >= ? AND start_at < ? ORDER BY id`, start, end)
	if err != nil {
		return err
	}
	now := b.Clock()
	for _, r := range list {
		marks, err := marksOf(q, r.ID, "")
		if err != nil {
			return err
		}
		if r.Start > now && len(marks) == 0 {
			continue
		}
		m.Sessions++
		if marks, err = b.each(q, marks); err != nil {
			return err
		}
		for p, of := range marks {
			if a := merge(of); a.served(r, now) {
				m.add(r.Type, a.minutes(r, now))
				active[p] = true
			}
		}
	}
	return nil
}

func records(q store.Querier, query string, args ...any) (out []record, err error) {
	rows, err := q.Query(query, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		r, err := scanRecord(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, r)
	}
	return out, rows.Err()
}

// monthDeeds counts deeds, each once however many recorded it, under their
// item's group.
func (b *Board) monthDeeds(q store.Querier, m *Month, active map[string]bool, start, end int64) (err error) {
	book, err := b.Scheme.Get(q)
	if err != nil {
		return err
	}
	rows, err := q.Query(`SELECT person, item, minutes FROM activity_deed d WHERE at >= ? AND at < ? AND points >= 0 AND NOT EXISTS (
		SELECT 1 FROM activity_deed o WHERE o.id = d.id AND (o.made < d.made OR o.made = d.made AND o.recorder < d.recorder))
		AND NOT EXISTS (SELECT 1 FROM activity_paid p WHERE p.key = d.id AND p.undone = 1)`, start, end)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var person, item string
		var minutes int64
		if err := rows.Scan(&person, &item, &minutes); err != nil {
			return err
		}
		name := item
		if i, ok := book.Item(item); ok {
			name = cmp.Or(i.Group, i.Name)
		}
		m.add(name, minutes)
		active[person] = true
	}
	return rows.Err()
}

// Sessions returns how many activities a person attended with a start in
// [from, to).
func (b *Board) Sessions(q store.Querier, person string, from, to int64) (n int64, err error) {
	ids, err := b.Same.List(q, person)
	if err != nil {
		return 0, err
	}
	err = q.QueryRow(`SELECT COUNT(DISTINCT r.id) FROM activity_att a JOIN activity_row r ON r.id = a.activity
		WHERE a.person IN (SELECT value FROM json_each(?)) AND a.in_at != 0 AND r.cancelled = 0 AND r.start_at >= ? AND r.start_at < ?`, ids, from, to).Scan(&n)
	return n, err
}

// OnTheWay returns the points that people were recorded for and that the ledger
// has not booked, by person; of everybody if people is nil.
func (b *Board) OnTheWay(q store.Querier, people []string) (out map[string]int64, err error) {
	out = map[string]int64{}
	if people == nil {
		if people, err = b.waiting(q); err != nil {
			return nil, err
		}
	}
	for _, p := range people {
		n, err := b.promised(q, p)
		if err != nil {
			return nil, err
		}
		if n > 0 {
			out[p] = n
		}
	}
	return out, nil
}

// waiting lists whose deeds wait, each person under the leading id.
func (b *Board) waiting(q store.Querier) ([]string, error) {
	all, err := texts(q, `SELECT DISTINCT person FROM activity_due WHERE points > 0 ORDER BY person`)
	if err != nil {
		return nil, err
	}
	lead := map[string]bool{}
	for _, p := range all {
		first, err := b.Same.Lead(q, p)
		if err != nil {
			return nil, err
		}
		lead[first] = true
	}
	return slices.Sorted(maps.Keys(lead)), nil
}

func (b *Board) addDue(q store.Querier, out map[string]int64, query string, args ...any) (err error) {
	rows, err := q.Query(query, args...)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var p string
		var n int64
		if err := rows.Scan(&p, &n); err != nil {
			return err
		}
		out[p] = n
	}
	return rows.Err()
}

// Entry is what a passbook shows of a deed, booked or not.
type Entry struct {
	Turn, Key ledger.Subject
	Person    string
	At        int64 // when it was done
	Text      string
	Note      string // what was typed about a deed: it may name others, and is for the person and staff alone
	Item      string
	Version   int64
	Amount    int64 // points; of what is not booked yet, if ever
	Place     string
	Operator  string // who recorded it first
	Recorder  []byte // of a deed: the first half of the actor that recorded it
	Witness   string // the witness named, or the second recorder
	Activity  string // "" for a deed outside of activities
}

// Due lists what a person did that the ledger has not booked, latest first: the
// lines "on the way" of the passbook.
func (b *Board) Due(q store.Querier, person string) ([]Entry, error) {
	keys, err := b.dueOfPerson(q, person)
	if err != nil {
		return nil, err
	}
	each, err := b.promises(q, keys)
	if err != nil {
		return nil, err
	}
	out := []Entry{}
	for i, o := range keys {
		e, ok, err := b.Describe(q, o.turn, o.key, o.person)
		if err != nil {
			return nil, err
		}
		if ok {
			e.Amount = each[i]
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(x, y Entry) int { return cmp.Compare(y.At, x.At) })
	return out, nil
}

func dueKeys(q store.Querier, person string) (out []owed, err error) {
	rows, err := q.Query(`SELECT turn, key, points FROM activity_due WHERE person = ? ORDER BY key`, person)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var t, k []byte
		o := owed{person: person}
		if err := rows.Scan(&t, &k, &o.points); err != nil {
			return nil, err
		}
		o.turn, o.key = ledger.Subject(t), ledger.Subject(k)
		out = append(out, o)
	}
	return out, rows.Err()
}

// Describe says what a ledger entry with that deed was for. ok is false if the
// record is not here, or the deed is none of this package's.
func (b *Board) Describe(q store.Querier, turn, deed ledger.Subject, person string) (e Entry, ok bool, err error) {
	e = Entry{Turn: turn, Key: deed, Person: person}
	if r, err := b.record(q, activityOf(turn)); err == nil {
		return b.describeActivity(q, e, r)
	} else if !errors.Is(err, fault.New("activity.unknown")) {
		return e, false, err
	}
	f, recorder, err := deedFact(q, deed)
	if optional(err) != nil || err != nil {
		return e, false, optional(err)
	}
	book, err := b.Scheme.At(q, f.Version)
	if err != nil && !errors.Is(err, fault.New("scheme.version.unknown")) {
		return e, false, err
	}
	name := f.Item
	if i, ok := book.Item(f.Item); ok {
		name = i.Name
	}
	read := b.People.Texts(q)
	note, err := read(f.Person, deedField(f.At, deed, recorder, "note"), f.Note)
	if err != nil {
		return e, false, err
	}
	if e.Witness, err = read(f.Person, deedField(f.At, deed, recorder, "witness"), f.Witness); err != nil {
		return e, false, err
	}
	e.At, e.Text, e.Note, e.Item, e.Version, e.Amount, e.Operator = f.At, name, strings.TrimSpace(people.Plain(note)), f.Item, f.Version, f.Points, f.By
	half, _, _ := strings.Cut(recorder, "-")
	if e.Recorder, err = hex.DecodeString(half); err != nil {
		return e, false, err
	}
	if e.Witness == "" {
		err := q.QueryRow(`SELECT by FROM activity_deed WHERE id = ? AND by != ? ORDER BY made, recorder LIMIT 1`, deed[:], f.By).Scan(&e.Witness)
		if optional(err) != nil {
			return e, false, err
		}
	}
	return e, true, nil
}

func (b *Board) describeActivity(q store.Querier, e Entry, r record) (Entry, bool, error) {
	marks, err := marksOf(q, r.ID, e.Person)
	if err != nil {
		return e, false, err
	}
	a := merge(marks[e.Person])
	e.Activity, e.At, e.Text, e.Place = r.ID, r.Start, r.Title, r.Place
	e.Item, e.Version = r.Rule.Code, r.Rule.Version
	e.Amount = r.Rule.item().Value(a.minutes(r, b.Clock()))
	if len(a.Recorders) > 0 {
		e.Operator = a.Recorders[0]
	}
	if len(a.Recorders) > 1 {
		e.Witness = a.Recorders[1]
	}
	return e, true, nil
}

func subjectText(raw []byte) string {
	if len(raw) != len(ledger.Subject{}) {
		return ""
	}
	return ledger.Subject(raw).String()
}
