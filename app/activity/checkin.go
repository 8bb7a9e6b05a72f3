package activity

import (
	"crypto/hmac"
	"slices"
	"strings"

	"jishan/app/fault"
	"jishan/app/qr"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

const (
	// settle is how soon after an arrival a second scan is the same arrival,
	// in milliseconds: people hold the card until they hear the beep.
	settle = 5 * 60_000
	// maxAfter bounds the rows of one after-entry: the longest sign-in sheet.
	maxAfter = 1000
)

// Seen says what a scan was taken for.
type Seen struct {
	Activity string
	Person   string
	Out      bool // a departure
	Again    bool // nothing new: the arrival was known
}

// CheckIn notes an arrival or, with out, a departure, seen on the list (Roll) or
// by the card (Card). Faults: activity.unknown, activity.cancelled,
// activity.finished, people.unknown, activity.how, activity.notIn.
func (b *Board) CheckIn(tx *store.Tx, id, person, how string, out bool, operator string) error {
	if how != Roll && how != Card {
		return fault.New("activity.how")
	}
	r, err := b.running(tx, id, person)
	if err != nil {
		return err
	}
	if person, err = b.as(tx, id, person); err != nil {
		return err
	}
	marks, err := marksOf(tx, id, person)
	if err != nil {
		return err
	}
	a := merge(marks[person])
	if out && !a.present() {
		return fault.New("activity.notIn")
	}
	return b.see(tx, r, person, how, out, operator, marks[person])
}

// running reads an activity in which attendance can be noted.
func (b *Board) running(tx *store.Tx, id, person string) (record, error) {
	r, err := b.live(tx, id)
	if err == nil && r.Finished != 0 {
		err = fault.New("activity.finished")
	}
	if err != nil {
		return r, err
	}
	return r, b.known(tx, person)
}

// see writes what this device saw. A second arrival only counts the scan.
func (b *Board) see(tx *store.Tx, r record, person, how string, out bool, operator string, marks []mark) error {
	me := recorderOf(tx.Self())
	var mine mark
	if i := slices.IndexFunc(marks, func(m mark) bool { return m.Recorder == me }); i >= 0 {
		mine = marks[i]
	}
	mine.Scans = min(mine.Scans+1, maxScans)
	switch {
	case out:
		mine.Out = b.Clock()
	case mine.In == 0: // also when another recorder saw the arrival: a second witness
		mine.In, mine.How = b.Clock(), how
	}
	if mine.By == "" {
		mine.By = clip(operator)
	}
	return b.put(tx, r.Path, "activity.checkIn", mine.puts(r.ID, person, me))
}

// puts lists the fields of a mark.
func (m mark) puts(activity, person, me string) []store.Put {
	field := func(name string, v wire.Value) store.Put {
		return store.Put{Key: key(kindAtt, activity, person, me, name), Value: v}
	}
	out := []store.Put{field("scans", wire.IntValue(m.Scans)), field("by", wire.StringValue(m.By))}
	if m.In != 0 {
		out = append(out, field("in", wire.TimeValue(m.In)), field("how", wire.StringValue(m.How)))
	}
	if m.Out != 0 {
		out = append(out, field("out", wire.TimeValue(m.Out)))
	}
	return out
}

// ScanCard notes a scan of a volunteer's card: the first is the arrival, one
// soon after it the same arrival, a later one the departure. Faults: as CheckIn
// and those of cards.
func (b *Board) ScanCard(tx *store.Tx, id, text, operator string) (Seen, error) {
	person, err := b.People.Card(tx, text)
	if err != nil {
		return Seen{}, err
	}
	return b.scan(tx, id, person, Card, operator)
}

// ScanCode notes that a volunteer scanned the code on the organiser's screen.
// Faults: as CheckIn, activity.code.bad, activity.code.old.
func (b *Board) ScanCode(tx *store.Tx, text, person, operator string) (Seen, error) {
	if text = strings.Join(strings.Fields(text), ""); isShort(text) {
		return b.scanShort(tx, text, person, operator)
	}
	c, err := parseCode(text)
	if err != nil {
		return Seen{}, err
	}
	r, err := b.record(tx, c.activity)
	if err != nil {
		return Seen{}, err
	}
	if err := c.check(r.Secret, b.Clock()); err != nil {
		return Seen{}, err
	}
	return b.scan(tx, c.activity, person, QR, operator)
}

// scanShort finds the running activity whose six digits these are. Digits of a
// moment ago still pass; older ones are as unknown as wrong ones.
func (b *Board) scanShort(tx *store.Tx, digits, person, operator string) (Seen, error) {
	now := b.Clock()
	list, err := records(tx, `SELECT `+recordColumns+` FROM activity_row WHERE cancelled = 0 AND finished = 0 AND start_at < ? AND end_at > ? ORDER BY id`,
		now+shortAhead, now-shortBehind)
	if err != nil {
		return Seen{}, err
	}
	for _, r := range list {
		for w := now/codeWindow - codeGrace; w <= now/codeWindow+codeGrace; w++ {
			if hmac.Equal([]byte(shortOf(r.Secret, r.ID, w)), []byte(digits)) {
				return b.scan(tx, r.ID, person, QR, operator)
			}
		}
	}
	return Seen{}, fault.New("activity.code.bad")
}

// Six digits are tried on activities that begin within two hours or ended up to
// two hours ago.
const (
	shortAhead  = 2 * 60 * 60_000
	shortBehind = 2 * 60 * 60_000
)

func (b *Board) scan(tx *store.Tx, id, person, how, operator string) (Seen, error) {
	r, err := b.running(tx, id, person)
	if err != nil {
		return Seen{}, err
	}
	if person, err = b.as(tx, id, person); err != nil {
		return Seen{}, err
	}
	marks, err := marksOf(tx, id, person)
	if err != nil {
		return Seen{}, err
	}
	a := merge(marks[person])
	s := Seen{Activity: id, Person: person}
	if a.present() {
		s.Again = b.Clock()-a.In < settle
		s.Out = !s.Again
	}
	return s, b.see(tx, r, person, how, s.Out, operator, marks[person])
}

// Arrival is one line of a paper sign-in sheet.
type Arrival struct {
	Person string `json:"person"`
	InAt   int64  `json:"inAt"`
	OutAt  int64  `json:"outAt"` // 0: stayed to the end
}

// EnterAfter notes attendance from the sign-in sheet, also after the activity
// was finished. These times lead over scans. Faults: activity.unknown,
// activity.cancelled, people.unknown, activity.after.empty,
// activity.after.large {max}, activity.after.time {line}, deed.old {from}.
func (b *Board) EnterAfter(tx *store.Tx, id string, rows []Arrival, operator string) error {
	r, err := b.live(tx, id)
	switch {
	case err != nil:
		return err
	case len(rows) == 0:
		return fault.New("activity.after.empty")
	case len(rows) > maxAfter:
		return fault.New("activity.after.large", "max", maxAfter)
	}
	var puts []store.Put
	seen := map[string]bool{}
	for i, a := range rows {
		if err := b.known(tx, a.Person); err != nil {
			return err
		}
		if a.Person, err = b.as(tx, id, a.Person); err != nil {
			return err
		}
		if !a.sound(tx.Now()) || seen[a.Person] {
			return fault.New("activity.after.time", "line", i+1)
		}
		if err := recent(a.InAt, tx.Now()); err != nil {
			return err
		}
		seen[a.Person] = true
		m := mark{In: a.InAt, Out: a.OutAt, How: After, Scans: 1, By: clip(operator)}
		if a.OutAt == 0 {
			m.Out = max(a.InAt, r.End)
		}
		puts = append(puts, m.puts(id, a.Person, recorderOf(tx.Self()))...)
	}
	if err := b.put(tx, r.Path, "activity.after", puts); err != nil {
		return err
	}
	if r.Finished == 0 {
		return nil
	}
	t := subjectOf(id)
	_, err = b.tendDue(tx, &t, maxAfter)
	return err
}

// sound says whether the times can be of one attendance.
func (a Arrival) sound(now int64) bool {
	return isTime(a.InAt) && a.InAt <= now+ahead && (a.OutAt == 0 || isTime(a.OutAt) && a.OutAt >= a.InAt && a.OutAt-a.InAt <= maxSpan)
}

// Code returns the rotating code of an activity for the organiser's screen.
// base is the address that phones open, to which the text is appended; without
// one the code holds the text alone. Faults: activity.unknown, activity.cancelled, activity.finished.
func (b *Board) Code(q store.Querier, id, base string) (CheckInCode, error) {
	r, err := b.live(q, id)
	if err == nil && r.Finished != 0 {
		err = fault.New("activity.finished")
	}
	if err != nil {
		return CheckInCode{}, err
	}
	now := b.Clock()
	c := CheckInCode{Text: codeAt(r.Secret, id, now), Short: shortOf(r.Secret, id, now/codeWindow), Left: (codeWindow - now%codeWindow + 999) / 1000}
	c.URL = base + c.Text
	c.SVG, err = qr.SVG(c.URL, qr.Medium)
	return c, err
}
