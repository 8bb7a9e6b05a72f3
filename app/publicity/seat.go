package publicity

import (
	"cmp"
	"database/sql"
	"errors"
	"slices"
	"strings"

	"jishan/app/coded"
	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/people"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// The members of the council. A seat is one resident's for one term; who stays on for
// another has another seat. Like everything here it is written once: a seat that ends
// early, or was a slip, gets a word that says from when on it is nobody's.

const (
	seat = "seat"
	// MaxRole is how long the office of a member may be called, in characters.
	MaxRole = 20
	// MaxTerm is the longest term, in days: ten years with their leap days. The law's are five.
	MaxTerm = 3653
)

type seatValue struct {
	_      struct{} `cbor:",toarray"`
	Format uint64
	Person []byte
	Role   string // 理事长, ...; "" = a member like others
	From   int64  // milliseconds
	Until  int64
	Made   int64
	By     string
}

func (v seatValue) whole() bool {
	return v.Format == format && len(v.Person) == 16 && govern.ShortLine(v.Role, MaxRole) && v.From > 0 && v.Until > v.From && v.Until-v.From <= MaxTerm*day && v.Made > 0 && govern.ShortLine(v.By, maxName)
}

// Seat is a place in the council.
type Seat struct {
	ID     string
	Person people.ID
	Role   string
	From   int64
	Until  int64  // the end of the term, or the moment before it at which it ended
	Reason string // why it ended before its term, "" if it did not
	Made   int64
	By     string

	path string
}

// Held tells whether it was somebody's at a moment.
func (s Seat) Held(at int64) bool { return s.From <= at && at < s.Until }

// Seats lists all seats, the latest term first, those of one day as they were entered. One that was a slip is held at no moment.
func (b *Board) Seats(q store.Querier) (out []Seat, err error) {
	err = store.EachRow(q, func(r *sql.Rows) error {
		var s Seat
		var raw []byte
		if err := r.Scan(&s.ID, &s.path, &raw); err != nil {
			return err
		}
		v, err := coded.Read(raw, format, seatValue.whole)
		if err != nil {
			return err
		}
		s.Person, s.Role, s.From, s.Until, s.Made, s.By = people.ID(v.Person), v.Role, v.From, v.Until, v.Made, v.By
		out = append(out, s)
		return nil
	}, texts+` ORDER BY at DESC, id`, seat)
	for i := range out {
		w, ok, wordErr := word(q, seat, out[i].ID, "off", 0)
		if ok {
			out[i].Until, out[i].Reason = min(out[i].Until, w.At), w.Text
		}
		err = errors.Join(err, wordErr)
	}
	slices.SortStableFunc(out, func(a, b Seat) int { return cmp.Or(cmp.Compare(b.From, a.From), cmp.Compare(a.Made, b.Made)) })
	return out, err
}

// Appoint gives somebody a seat; same tells whether another id is the same person. Faults:
// council.role{max}, council.term{max}, council.seated if the person has one in these days.
func (b *Board) Appoint(tx *store.Tx, s Seat, same func(people.ID) bool) (string, error) {
	v := seatValue{Format: format, Person: s.Person[:], Role: strings.TrimSpace(s.Role), From: s.From, Until: s.Until, Made: tx.Now(), By: clip(s.By)}
	switch {
	case !govern.ShortLine(v.Role, MaxRole):
		return "", fault.New("council.role", "max", MaxRole)
	case v.From <= 0 || v.Until <= v.From || v.Until-v.From > MaxTerm*day:
		return "", fault.New("council.term", "max", MaxTerm/365)
	}
	seats, err := b.Seats(tx)
	if err != nil {
		return "", err
	}
	for _, x := range seats {
		if same(x.Person) && x.From < v.Until && v.From < x.Until {
			return "", fault.New("council.seated")
		}
	}
	return b.write(tx, seat, "term", "council.seat", v)
}

// Vacate ends a seat before its term, from a moment on. Faults: council.seat, council.term{max}
// where it would be held longer, publicity.text{reason, max}.
func (b *Board) Vacate(tx *store.Tx, id string, at int64, reason, by string) error {
	seats, err := b.Seats(tx)
	if err != nil {
		return err
	}
	for _, s := range seats {
		if s.ID != id {
			continue
		}
		if s.Reason != "" {
			return fault.New("publicity.off")
		}
		if at <= 0 || at >= s.Until {
			return fault.New("council.term", "max", MaxTerm/365)
		}
		if reason = strings.TrimSpace(reason); !govern.FilledLine(reason, MaxText) {
			return textFault("reason", MaxText)
		}
		raw, err := coded.Marshal(wordValue{Format: format, At: at, Text: reason, By: clip(by)})
		if err != nil {
			return err
		}
		_, err = tx.Put(b.doc(s.path), "council.unseat", store.Put{Key: seat + "/" + id + "/off", Value: wire.BytesValue(raw)})
		return err
	}
	return fault.New("council.seat")
}
