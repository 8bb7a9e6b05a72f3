// Package assess keeps assessment rounds (评议): a council scores all households by
// items of the rulebook, for a month or a quarter, on screens or from a printed form.
//
// Whoever is cut off may enter scores. Where two wrote different ones both are kept
// and shown until somebody settles it, and nothing is published before that. The main
// device publishes: from then on what was published counts, and scores that arrive
// later are shown beside it. Households may object until the days of notice are over;
// then the main device claims every household's points once (package claim), by the
// version of the rulebook that the round began with.
//
// The package must never know a name or how points are booked: households and people
// are ids, texts are sealed by who calls. Start reading at [Round], then book.go.
package assess

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"jishan/app/coded"
	"jishan/app/govern"
	"jishan/app/people"
	"jishan/crdt/wire"
)

// Documents assess/<yyyy-mm>, the month in which the round began, which staff write
// and read. Keys:
//
//	round/<round>/made               a CBOR array, see madeValue; written once
//	score/<round>/<home>/<n>         how often, a whole number; Blank for not scored; n counts the round's items from 0
//	here/<round>/<person>            1 for a member of the council who was there, else 0
//	object/<round>/<home>/<tag>      a CBOR array, see saidValue; written once
//
// and by the main device alone:
//
//	main/<round>/<word>              a time: published, booked, dropped
//	final/<round>/<home>             a CBOR array, see finalValue: what was published
//	paid/<round>/<home>              a time: the household's points were claimed
//	answer/<round>/<home>/<tag>      a CBOR array, see saidValue; written once
const (
	Doc    = "assess"
	format = 1
)

// Words of the main device.
const (
	published = "published"
	booked    = "booked"
	dropped   = "dropped"
)

// States of a round.
const (
	Open      = "open"      // scores are entered
	Published = "published" // in public; households may object
	Due       = "due"       // the days are over: it may be booked
	Booked    = "booked"
	Dropped   = "dropped"
)

// Blank is the score of what was not scored.
const Blank = -1

// Limits. Texts in characters.
const (
	MaxTitle = 30
	MaxItems = 20 // columns: more can't be read on paper
	MaxScore = 1000
	MaxDays  = 60
	MaxText  = 200
	tagSize  = 10 // hexadecimal digits
	maxValue = 4096
	maxTime  = 4_102_444_800_000 // the year 2100, milliseconds
)

type madeValue struct {
	_       struct{} `cbor:",toarray"`
	Format  uint64
	Title   string
	Span    string // the month or quarter that is assessed
	Version int64  // of the rulebook
	Items   []string
	Days    int64 // of notice
	At      int64
}

type finalValue struct {
	_      struct{} `cbor:",toarray"`
	Format uint64
	Head   string  // the person who stands for the household
	Scores []int64 // by item
}

type saidValue struct {
	_      struct{} `cbor:",toarray"`
	Format uint64
	Yes    bool // of an answer: the objection is right
	At     int64
	Person string // whose key seals the text
	Text   []byte
}

var errForm = errors.New("assess: malformed")

func (m madeValue) whole() bool {
	return m.Format == format && govern.TrimmedLine(m.Title, MaxTitle) && spanOK(m.Span) && m.Version > 0 && len(m.Items) > 0 && len(m.Items) <= MaxItems &&
		!slices.ContainsFunc(m.Items, func(i string) bool { return !itemOK(i) }) && distinct(m.Items) && m.Days >= 0 && m.Days <= MaxDays && timeOK(m.At)
}

func (f finalValue) whole() bool {
	return f.Format == format && personOK(f.Head) && len(f.Scores) > 0 && len(f.Scores) <= MaxItems && !slices.ContainsFunc(f.Scores, func(n int64) bool { return !scoreOK(n) })
}

func (s saidValue) whole() bool {
	return s.Format == format && timeOK(s.At) && personOK(s.Person) && people.Envelope(s.Text, MaxText)
}

// spanOK takes 2026-11 and 2026q4.
func spanOK(s string) bool {
	if len(s) != len("2026q4") && len(s) != len("2026-11") {
		return false
	}
	_, err := strconv.ParseUint(s[:4], 10, 16)
	n, e := strconv.ParseUint(s[5:], 10, 8)
	return err == nil && e == nil && n > 0 && (s[4] == 'q' && len(s) == 6 && n <= 4 || s[4] == '-' && len(s) == 7 && n <= 12)
}

func itemOK(code string) bool {
	return code != "" && len(code) <= 40 && !strings.Contains(code, "/") && govern.PlainLine(code)
}

// columnOK takes the place of an item in its round.
func columnOK(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n >= 0 && n < MaxItems && strconv.Itoa(n) == s
}

func distinct(list []string) bool {
	return len(slices.Compact(slices.Sorted(slices.Values(list)))) == len(list)
}

func scoreOK(n int64) bool { return n >= Blank && n <= MaxScore }

func timeOK(ms int64) bool { return ms > 0 && ms < maxTime }

func personOK(s string) bool {
	id, err := people.ParseID(s)
	return err == nil && id.String() == s
}

func tagOK(s string) bool { return len(s) == tagSize && strings.Trim(s, "0123456789abcdef") == "" }

// Form checks a change of a document as admission must: keys, types, sizes, and that
// what is written once stands over nothing. Kinds of newer programs pass if they are
// small.
func Form(ch *wire.Change) error {
	for _, op := range ch.Ops {
		parts := strings.Split(op.Key, "/")
		if len(parts) < 3 || op.Delete || !govern.IsID(parts[1]) || len(op.Value.Raw) > maxValue || !opOK(parts, op) {
			return fmt.Errorf("%w: %.100q", errForm, op.Key)
		}
	}
	return nil
}

func opOK(parts []string, op wire.Op) bool {
	last, v := parts[len(parts)-1], op.Value
	switch parts[0] {
	case "round":
		return len(parts) == 3 && last == "made" && len(op.Pred) == 0 && readable(v, madeValue.whole)
	case "score":
		return len(parts) == 4 && personOK(parts[2]) && columnOK(last) && v.Kind == wire.Int && scoreOK(v.Num)
	case "here":
		return len(parts) == 3 && personOK(last) && v.Kind == wire.Int && (v.Num == 0 || v.Num == 1)
	case "main":
		return len(parts) == 3 && slices.Contains([]string{published, booked, dropped}, last) && v.Kind == wire.Timestamp && timeOK(v.Num)
	case "final":
		return len(parts) == 3 && personOK(last) && readable(v, finalValue.whole)
	case "paid":
		return len(parts) == 3 && personOK(last) && v.Kind == wire.Timestamp && timeOK(v.Num)
	case "object", "answer":
		return len(parts) == 4 && personOK(parts[2]) && tagOK(last) && len(op.Pred) == 0 && readable(v, saidValue.whole)
	}
	return true
}

// readable tells whether a value is whole, or of a newer program.
func readable[T any](v wire.Value, whole func(T) bool) bool {
	return v.Kind == wire.Bytes && coded.Passes([]byte(v.Raw), format, whole)
}

// OfficeOnly tells whether a change says what only the main device may: that a round
// was published, what counts in it, what was answered, that points were claimed.
func OfficeOnly(ch *wire.Change) bool {
	return slices.ContainsFunc(ch.Ops, func(op wire.Op) bool {
		kind, _, _ := strings.Cut(op.Key, "/")
		return slices.Contains([]string{"main", "final", "paid", "answer"}, kind)
	})
}
