package bylaw

import (
	"database/sql"
	"strings"

	"jishan/app/coded"
	"jishan/app/fault"
	"jishan/app/zone"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// The states of a version.
const (
	Ahead   = "ahead" // its day has not come
	InForce = "force"
	Past    = "past" // another one took its place
)

// Rules are one version.
type Rules struct {
	Text  string `json:"text"`
	Least int64  `json:"least"` // who has fewer points can't redeem; 0: everybody can
	From  int64  `json:"from"`
	Made  int64  `json:"made"` // 0: nothing was ever written
	State string `json:"state"`
}

// None tells whether nothing is asked for.
func (r Rules) None() bool { return r.Text == "" && r.Least == 0 }

// MaxAhead is how long before it holds a version may be written: a year.
const MaxAhead = 366

const (
	dayMS = 24 * 60 * 60_000
	// maxRows bounds the list of versions: a text that changes weekly for four years.
	maxRows = 200
)

// Now returns the version in force at a time; None before the first.
func (b *Book) Now(q store.Querier, now int64) (r Rules, err error) {
	list, err := b.read(q, now, `WHERE begins <= ? ORDER BY begins DESC, made DESC, id DESC LIMIT 1`, now)
	if err != nil || len(list) == 0 {
		return Rules{State: InForce}, err
	}
	return list[0], nil
}

// Versions lists all, those ahead first, then the latest.
func (b *Book) Versions(q store.Querier, now int64) ([]Rules, error) {
	return b.read(q, now, `ORDER BY begins DESC, made DESC, id DESC LIMIT ?`, maxRows)
}

func (b *Book) read(q store.Querier, now int64, where string, args ...any) (out []Rules, err error) {
	out = []Rules{}
	found := false // of those that have begun, the first is in force
	err = store.EachRow(q, func(row *sql.Rows) error {
		var r Rules
		if err := row.Scan(&r.Text, &r.Least, &r.From, &r.Made); err != nil {
			return err
		}
		switch {
		case r.From > now:
			r.State = Ahead
		case found:
			r.State = Past
		default:
			r.State, found = InForce, true
		}
		out = append(out, r)
		return nil
	}, `SELECT text, least, begins, made FROM bylaw_version `+where, args...)
	return out, err
}

// Save writes the version that holds from the day of a time on, today's or one to come.
// What says the same as the version of that day is written once. Faults: bylaw.text{max},
// bylaw.least{max}, bylaw.from{max}.
func (b *Book) Save(tx *store.Tx, text string, least, from int64) error {
	text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
	today, _ := zone.DayBounds(tx.Now())
	switch {
	case !rightText(text):
		return fault.New("bylaw.text", "max", int64(MaxText))
	case least < 0 || least > MaxLeast:
		return fault.New("bylaw.least", "max", int64(MaxLeast))
	case from < today || from > today+MaxAhead*dayMS:
		return fault.New("bylaw.from", "max", int64(MaxAhead))
	}
	from, _ = zone.DayBounds(from)
	then, err := b.Now(tx, from)
	if err != nil || then.Text == text && then.Least == least {
		return err
	}
	raw, err := coded.Marshal(value{Format: format, Text: text, Least: least, From: from, Made: tx.Now()})
	if err != nil {
		return err
	}
	_, err = tx.Put(b.doc(Doc), "bylaw.save", store.Put{Key: kind + "/" + hash(string(raw)) + "/text", Value: wire.BytesValue(raw)})
	return err
}
