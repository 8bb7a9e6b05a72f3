// Package publicity keeps what the community tells everybody, and the minutes of its
// council: notices with the days on which they hang; who sits in the council and until when; and
// of each meeting who came, what was decided by how many votes, and what was done about it.
//
// Nothing is written over anything. The id of a notice or of minutes is the hash of
// what they say, so what hung on the board can't be changed afterwards, by nobody: it is
// taken down with a reason, and a new one is written. Both stay to be read.
//
// The package must never know a name: who came to a meeting is an id, which whoever
// was erased leaves empty. The texts are public and stand in the clear; that no
// resident's name is typed into them is asked by who calls. What merchants read of them
// stands apart, in documents of its own (public.go). What residents propose, and
// what they are answered, is theirs and the council's: it is sealed by who calls. Start
// reading at [Board].
package publicity

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"jishan/app/coded"
	"jishan/app/govern"
	"jishan/crdt/wire"
)

// Documents publicity/<yyyy-mm>, which staff write and staff read. Keys, none of which
// is ever written over another value; id is the hash of the text or the minutes, and
// drawn for a proposal:
//
//	notice/<id>/text       a CBOR array, see noticeValue; in the month it was written
//	notice/<id>/off        withdrawn: a CBOR array, see wordValue; beside its text
//	council/<id>/minutes   a CBOR array, see minutesValue; in the month they were entered
//	council/<id>/off       withdrawn, as above
//	council/<id>/act.<n>   what was done about matter n, as above
//	council/<id>/from.<n>  the proposal that matter n came from: as above, its id for a text
//	seat/<id>/term         a member of the council: a CBOR array, see seatValue; in the month it was written
//	seat/<id>/off          it ended before its term: as above, with the moment of its end
//	proposal/<person>/<id>/text   what a resident proposes: a CBOR array, see proposalValue
//	proposal/<person>/<id>/<tag>  an answer to it, as above
const (
	Doc    = "publicity"
	format = 1

	notice  = "notice"
	council = "council"
)

// The kinds of notices.
const (
	Announcement = "notice"    // 公告
	Display      = "publicity" // 公示: may be objected to until it ends
	Result       = "result"    // what a meeting decided, what was done
	Praise       = "praise"    // 表彰
)

// Kinds are all of them.
var Kinds = []string{Announcement, Display, Result, Praise}

// Limits.
const (
	MaxTitle   = 40   // characters: one line of a poster
	MaxBody    = 1200 // characters: one sheet of A4
	MaxLine    = 60   // characters of contact, grid and place
	MaxText    = 500  // characters of a decision, a reason, what was done
	MaxMatters = 20   // of one meeting
	MaxPresent = 200  // residents at one meeting
	MaxDays    = 366  // on which a notice hangs
	maxVotes   = 100_000
	maxName    = 40
	maxValue   = 64 << 10 // bytes
)

type noticeValue struct {
	_       struct{} `cbor:",toarray"`
	Format  uint64
	Kind    string
	Title   string
	Body    string
	Contact string // where objections and questions go
	Grid    string // "" = everybody
	From    int64  // milliseconds
	Until   int64
	About   string // minutes that it makes known, "" for none
	Made    int64
	By      string
}

type minutesValue struct {
	_       struct{} `cbor:",toarray"`
	Format  uint64
	Title   string
	At      int64
	Place   string
	Present [][]byte // ids of residents
	Others  int64    // how many came beside them
	Matters []Matter
	Made    int64
	By      string
}

// Matter is one thing that a meeting talked about.
type Matter struct {
	_        struct{} `cbor:",toarray"`
	Title    string   `json:"title"`
	Decision string   `json:"decision"`
	For      int64    `json:"for"`
	Against  int64    `json:"against"`
	Abstain  int64    `json:"abstain"`
}

// Votes is how many were cast, 0 for a matter that was only talked about.
func (m Matter) Votes() int64 { return m.For + m.Against + m.Abstain }

type wordValue struct {
	_      struct{} `cbor:",toarray"`
	Format uint64
	At     int64
	Text   string
	By     string
}

var errForm = errors.New("publicity: malformed")

// hash is the id that a value has.
func hash(kind, raw string) string { return govern.HashID("jishan "+kind+" 1", raw) }

// parseKey takes a key apart: its kind, its id, and its field, of which n is the
// number of a matter.
func parseKey(key string) (kind, id, field string, n int, ok bool) {
	parts := strings.Split(key, "/")
	if len(parts) != 3 || !govern.IsID(parts[1]) {
		return "", "", "", 0, false
	}
	kind, id, field = parts[0], parts[1], parts[2]
	if of, matter, found := strings.Cut(field, "."); found && kind == council && (of == "act" || of == "from") {
		i, err := strconv.Atoi(matter)
		return kind, id, of, i, err == nil && i >= 0 && i < MaxMatters && strconv.Itoa(i) == matter
	}
	main, known := map[string]string{notice: "text", council: "minutes", seat: "term"}[kind]
	return kind, id, field, 0, known && (field == "off" || field == main)
}

// Form checks a change of a document as admission must: keys, sizes, that an id is
// the hash of what it names, and that nothing is written over what was there. Formats
// of newer programs pass if they are small.
func Form(ch *wire.Change) error {
	for _, op := range ch.Ops {
		if strings.HasPrefix(op.Key, proposal+"/") {
			if err := formProposal(op); err != nil {
				return fmt.Errorf("%w: %.100q", errForm, op.Key)
			}
			continue
		}
		kind, id, field, _, ok := parseKey(op.Key)
		if !ok || op.Delete || len(op.Pred) > 0 || op.Value.Kind != wire.Bytes || len(op.Value.Raw) > maxValue || !formValue(kind, id, field, op.Value.Raw) {
			return fmt.Errorf("%w: %.100q", errForm, op.Key)
		}
	}
	return nil
}

func formValue(kind, id, field, raw string) bool {
	switch field {
	case "text":
		return hash(kind, raw) == id && coded.Passes([]byte(raw), format, noticeValue.whole)
	case "minutes":
		return hash(kind, raw) == id && coded.Passes([]byte(raw), format, minutesValue.whole)
	case "term":
		return hash(kind, raw) == id && coded.Passes([]byte(raw), format, seatValue.whole)
	case "from":
		return coded.Passes([]byte(raw), format, func(v wordValue) bool { return v.whole() && govern.IsID(v.Text) })
	}
	return coded.Passes([]byte(raw), format, wordValue.whole)
}

const day = 24 * 60 * 60 * 1000

func (v noticeValue) whole() bool {
	return v.Format == format && slices.Contains(Kinds, v.Kind) && govern.FilledLine(v.Title, MaxTitle) && strings.TrimSpace(v.Body) != "" && utf8.RuneCountInString(v.Body) <= MaxBody && govern.PlainText(v.Body) &&
		govern.ShortLine(v.Contact, MaxLine) && govern.ShortLine(v.Grid, MaxLine) && v.From > 0 && v.Until > v.From && v.Until-v.From <= MaxDays*day && (v.About == "" || govern.IsID(v.About)) && v.Made > 0 && govern.ShortLine(v.By, maxName)
}

func (v minutesValue) whole() bool {
	ok := v.Format == format && govern.FilledLine(v.Title, MaxTitle) && v.At > 0 && govern.ShortLine(v.Place, MaxLine) && len(v.Present) <= MaxPresent && within(v.Others) && len(v.Matters) > 0 && len(v.Matters) <= MaxMatters &&
		v.Made > 0 && govern.ShortLine(v.By, maxName)
	for i, p := range v.Present { // in their order: one meeting has one way to be written
		ok = ok && len(p) == 16 && (i == 0 || string(v.Present[i-1]) < string(p))
	}
	for _, m := range v.Matters {
		ok = ok && m.whole()
	}
	return ok
}

func (m Matter) whole() bool {
	return govern.FilledLine(m.Title, MaxTitle) && govern.FilledLine(m.Decision, MaxText) && within(m.For) && within(m.Against) && within(m.Abstain)
}

func (v wordValue) whole() bool {
	return v.Format == format && v.At > 0 && govern.FilledLine(v.Text, MaxText) && govern.ShortLine(v.By, maxName)
}

func within(n int64) bool { return n >= 0 && n <= maxVotes }
