// Package selection keeps selections (评选): residents, or projects, are nominated,
// checked, voted for by the residents, counted, shown in public, decided on and
// honoured.
//
// Whoever is cut off may take votes. A vote is written once and never over another one;
// where the devices of one voter say different things all of it is kept, and the tally
// counts one (see [Count]). The main device makes the tally, once: what it counted stands
// beside it, so a vote that arrives later is seen to be late and changes nothing.
//
// The package must never know a name, nor whom somebody voted for: people are ids, and
// texts and votes are sealed by who calls. Start reading at [Selection], then book.go.
package selection

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

// Documents selection/<yyyy-mm>, the month in which the selection began, which staff
// write and read. Keys:
//
//	begun/<selection>/made            a CBOR array, see madeValue; written once
//	nominee/<selection>/<nominee>     a CBOR array, see textValue; written once
//	check/<selection>/<nominee>       a CBOR array, see textValue: may the nominee stand
//	vote/<selection>/<voter>          a CBOR array, see textValue: a sealed ballot; written once
//	object/<selection>/<nominee>/<tag>  a CBOR array, see textValue; written once
//
// and by the main device alone:
//
//	main/<selection>/<word>           a time: see words
//	ballot/<selection>/<line>         the nominee on that line of the ballot, from 1
//	tally/<selection>/made            a CBOR array, see tallyValue; written once
//	counted/<selection>/<voter>       the hashes of the votes that the tally saw of a voter
//	chosen/<selection>/<line>         1 for who is to be honoured if nobody objects
//	answer/<selection>/<nominee>/<tag>  a CBOR array, see textValue; written once
//	won/<selection>/<line>            yuan granted, 0 for none
//	paid/<selection>/<line>           a time: what the honour gives was claimed
//
// A nominee is a person's id; of a project an id of its own, of the same form.
const (
	Doc    = "selection"
	format = 1
)

// What is selected.
const (
	People   = "people"
	Projects = "projects"
)

// States of a selection.
const (
	Nominate = "nominate" // nominees are taken
	Check    = "check"    // no new ones; each is checked
	Vote     = "vote"
	Counted  = "counted"
	Notice   = "notice" // in public; anybody may object
	Due      = "due"    // the days are over: it may be decided
	Decided  = "decided"
	Honoured = "honoured"
	Dropped  = "dropped"
)

// words of the main device: each is when a state began.
var words = []string{Check, Vote, Counted, Notice, Decided, Honoured, Dropped}

// Limits. Texts in characters.
const (
	MaxTitle    = 30
	MaxName     = 40  // of a project
	MaxPlaces   = 100 // Xi'an's has forty
	MaxChoices  = 20  // on one ballot
	MaxNominees = 200
	MaxGrant    = 1_000_000 // yuan
	MaxDays     = 60
	MaxText     = 200
	maxBallot   = 4 * MaxChoices // characters of a ballot's lines
	maxSeen     = 8              // votes of one voter that the tally notes
	hashSize    = 8
	tagSize     = 10 // hexadecimal digits
	maxValue    = 4096
	maxTime     = 4_102_444_800_000 // the year 2100, milliseconds
)

type madeValue struct {
	_       struct{} `cbor:",toarray"`
	Format  uint64
	Title   string
	Kind    string
	Places  int64  // how many are honoured
	Choices int64  // how many lines one ballot may name
	Item    string // of the rulebook, for people; "" gives no points
	Version int64  // of the rulebook
	Grant   int64  // the most yuan that one gets, 0 for none
	Days    int64  // of notice
	Phone   bool   // residents may vote on their phones
	At      int64
}

// textValue is something that was said: a nomination, a check, a vote, an objection or
// its answer.
type textValue struct {
	_      struct{} `cbor:",toarray"`
	Format uint64
	Yes    bool   // of a check and of an answer
	Name   string // of a project that is nominated
	At     int64
	Text   []byte // sealed
}

type tallyValue struct {
	_      struct{} `cbor:",toarray"`
	Format uint64
	Votes  []int64 // by line of the ballot
	Voters int64   // whose vote counts
	Differ int64   // of them, whose devices said different things
	Unread int64   // voters of whom no vote can be read
}

var errForm = errors.New("selection: malformed")

func (m madeValue) whole() bool {
	return m.Format == format && govern.TrimmedLine(m.Title, MaxTitle) && (m.Kind == People || m.Kind == Projects) && m.Places > 0 && m.Places <= MaxPlaces &&
		m.Choices > 0 && m.Choices <= min(m.Places, MaxChoices) && (m.Item == "" || itemOK(m.Item) && m.Kind == People && m.Version > 0) &&
		m.Grant >= 0 && m.Grant <= MaxGrant && m.Days >= 0 && m.Days <= MaxDays && timeOK(m.At)
}

func (t textValue) whole() bool {
	return t.Format == format && timeOK(t.At) && (t.Name == "" || govern.TrimmedLine(t.Name, MaxName)) && people.Envelope(t.Text, max(MaxText, maxBallot))
}

func (t tallyValue) whole() bool {
	return t.Format == format && len(t.Votes) <= MaxNominees && t.Voters >= 0 && t.Differ >= 0 && t.Unread >= 0 && !slices.ContainsFunc(t.Votes, func(n int64) bool { return n < 0 || n > t.Voters })
}

func itemOK(code string) bool { return len(code) <= 40 && govern.PlainLine(code) }

func timeOK(ms int64) bool { return ms > 0 && ms < maxTime }

func idOK(s string) bool {
	id, err := people.ParseID(s)
	return err == nil && id.String() == s
}

func lineOK(s string) bool {
	n, err := strconv.Atoi(s)
	return err == nil && n > 0 && n <= MaxNominees && strconv.Itoa(n) == s
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
	last, v, once := parts[len(parts)-1], op.Value, len(op.Pred) == 0
	three := len(parts) == 3
	switch parts[0] {
	case "begun":
		return three && last == "made" && once && readable(v, madeValue.whole)
	case "nominee", "vote":
		return three && idOK(last) && once && readable(v, textValue.whole)
	case "check":
		return three && idOK(last) && readable(v, textValue.whole)
	case "main":
		return three && slices.Contains(words, last) && v.Kind == wire.Timestamp && timeOK(v.Num)
	case "ballot":
		return three && lineOK(last) && v.Kind == wire.String && idOK(v.Raw)
	case "tally":
		return three && last == "made" && once && readable(v, tallyValue.whole)
	case "counted":
		return three && idOK(last) && v.Kind == wire.Bytes && len(v.Raw)%hashSize == 0 && len(v.Raw) <= maxSeen*hashSize
	case "chosen":
		return three && lineOK(last) && v.Kind == wire.Int && v.Num == 1
	case "won":
		return three && lineOK(last) && v.Kind == wire.Int && v.Num >= 0 && v.Num <= MaxGrant
	case "paid":
		return three && lineOK(last) && v.Kind == wire.Timestamp && timeOK(v.Num)
	case "object", "answer":
		return len(parts) == 4 && idOK(parts[2]) && tagOK(last) && once && readable(v, textValue.whole)
	}
	return true
}

// readable tells whether a value is whole, or of a newer program.
func readable[T any](v wire.Value, whole func(T) bool) bool {
	return v.Kind == wire.Bytes && coded.Passes([]byte(v.Raw), format, whole)
}

// OfficeOnly tells whether a change says what only the main device may: that a step was
// taken, who stands on the ballot, what was counted, chosen, answered and claimed.
func OfficeOnly(ch *wire.Change) bool {
	return slices.ContainsFunc(ch.Ops, func(op wire.Op) bool {
		kind, _, _ := strings.Cut(op.Key, "/")
		return slices.Contains([]string{"main", "ballot", "tally", "counted", "chosen", "answer", "won", "paid"}, kind)
	})
}

// TextField names what a text is bound to: whose it is (a nominee or a voter), and what.
func TextField(selection, of, what string) string {
	return Doc + "/" + selection + "/" + of + "/" + what
}
