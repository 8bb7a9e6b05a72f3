package activity

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/fxamacker/cbor/v2"
	"github.com/oklog/ulid/v2"

	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/app/people"
	"jishan/app/scheme"
	"jishan/app/zone"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Document activity/<yyyy-mm>, the month of creation. Keys:
//
//	activity/<activity>/<field>              title type place item organiser note secret
//	                                         time ("<start> <end>") places rule home
//	                                         made cancelled finished (times)
//	signup/<activity>/<person>/<field>       at, off (times), via (text)
//	att/<activity>/<person>/<recorder>/<field>  in, out (times), how, by (texts), scans (count)
//	deed/<deed>/<recorder>/fact              a CBOR array, see fact
//	deed/<deed>/<recorder>/off               when its recorder took it back (time): what he said by then stands no more
//
// What is typed freely about a person is sealed with the person's key; an
// activity's note with a key that is made anew whenever the note changes.
//
// <recorder> is the first half of the author's actor id in hexadecimal, for
// deeds followed by "-" and a hash of the operator: what a recorder saw is a
// field of its own, so two recorders never overwrite each other, and the seal
// says that no other device wrote it.
const (
	kindActivity = "activity"
	kindSignup   = "signup"
	kindAtt      = "att"
	kindDeed     = "deed"
)

// Limits of texts in characters and of other fields.
const (
	maxTitle  = 60
	maxShort  = 40   // type, organiser, operator, witness
	maxPlace  = 80   // an address
	maxNote   = 2000 // what the poster says; sealed it is the largest field
	maxSaid   = 500  // the note of a deed
	maxPlaces = 10_000
	maxScans  = 1_000_000
	maxLine   = 40       // a passbook line's number
	maxSpan   = 31 * day // an activity's length; one year of duty is many activities
	day       = 24 * 60 * 60 * 1000
	maxTime   = 4_102_444_800_000 // the year 2100, milliseconds
	minTime   = 946_684_800_000   // the year 2000
)

// Path returns the document of what was created at ms.
func Path(ms int64) string { return "activity/" + zone.Month(ms) }

// recorderOf returns an actor as keys name it.
func recorderOf(a wire.Actor) string { return hex.EncodeToString(a[:8]) }

// deedRecorder is recorderOf with the operator: two people at one device are
// two witnesses.
func deedRecorder(a wire.Actor, operator string) string {
	h := sha256.Sum256([]byte(operator))
	return recorderOf(a) + "-" + hex.EncodeToString(h[:4])
}

// key joins the segments of a key.
func key(parts ...string) string { return strings.Join(parts, "/") }

// validPerson says whether s is a person's id.
func validPerson(s string) bool {
	_, err := ledger.ParseSubject(s)
	return err == nil
}

// subjectOf returns the ledger subject of an activity: the ULID's 16 bytes.
func subjectOf(activity string) ledger.Subject {
	id, err := ulid.ParseStrict(strings.ToUpper(activity))
	if err != nil {
		return ledger.Subject{}
	}
	return ledger.Subject(id)
}

// activityOf is subjectOf the other way round.
func activityOf(s ledger.Subject) string { return strings.ToLower(ulid.ULID(s).String()) }

// personOf returns the ledger subject of a person.
func personOf(person string) ledger.Subject { return ledger.TextSubject(person) }

// derive hashes texts into a subject; lengths in front keep them apart.
func derive(domain string, parts ...string) ledger.Subject {
	h := sha256.New()
	h.Write([]byte(domain))
	for _, p := range parts {
		fmt.Fprintf(h, "|%d:%s", len(p), p)
	}
	return ledger.Subject(h.Sum(nil)[:16])
}

// lineMark stands for a line of the paper passbook: whatever was typed, it is
// compared and never read again.
func lineMark(line string) []byte {
	if line == "" {
		return nil
	}
	mark := derive("jishan line 1", line)
	return mark[:]
}

// attendanceKey is the ledger's deed key of one person at one activity: the
// same at every device, so nobody is paid twice.
func attendanceKey(activity, person string) ledger.Subject {
	return derive("jishan deed 1 activity", activity, person)
}

// deedKey is the id of a deed outside of activities: the person, the item, and
// the line of the paper passbook or, without one, the date. The same line
// entered by two people is one deed.
func deedKey(person, item, date string, line []byte) ledger.Subject {
	if len(line) > 0 {
		return derive("jishan deed 1 line", person, item, string(line))
	}
	return derive("jishan deed 1 day", person, item, date)
}

// fact is what one recorder says of a deed.
type fact struct {
	_       struct{} `cbor:",toarray"`
	Format  uint64
	Person  ledger.Subject
	Item    string
	At      int64
	Minutes int64
	Note    []byte // sealed with the person's key, nil for none
	Witness []byte // the same
	Line    []byte // of the paper passbook, see lineMark; nil for none
	Version int64  // of the scheme
	Points  int64  // by that version
	By      string
	Made    int64
	Round   int64 // how often the deed was taken back before and entered anew: the ledger pays an id once for ever
	Minus   bool  // the points are taken away
	Count   int64 // pieces or times, if more than one
	Hard    int64 // how hard it was
}

const (
	// factFormat is the version of fact's encoding. Those before it had texts in the
	// clear and were in no program that people used.
	factFormat = 5
	// maxRounds is how often one deed may be taken back and entered anew.
	maxRounds = 99
)

func (f fact) key() ledger.Subject {
	k := deedKey(f.Person.String(), f.Item, zone.Day(f.At), f.Line)
	if f.Minus { // a code may stand for a deduction in one version of the rulebook and for an award in another
		k = derive("jishan deed 1 minus", k.String())
	}
	if f.Round == 0 {
		return k
	}
	return derive("jishan deed 1 again", k.String(), strconv.FormatInt(f.Round, 10))
}

// deedField is what a text of a deed is bound to: the document, the deed, who
// recorded it, and which text.
func deedField(at int64, deed ledger.Subject, recorder, name string) string {
	return Path(at) + "/" + key(kindDeed, deed.String(), recorder, name)
}

// encode is the inverse of openFact.
func (f fact) encode() ([]byte, error) {
	f.Format = factFormat
	return encoding.Marshal(f)
}

func openFact(raw string) (f fact, err error) {
	err = open(raw, factFormat, &f)
	if err == nil && f.Format != factFormat {
		err = errForm
	}
	return f, err
}

// ruleValue is the scheme's item as it stood when the activity was published:
// people were promised these points when they signed up.
type ruleValue struct {
	_       struct{} `cbor:",toarray"`
	Format  uint64
	Version int64
	Code    string
	Name    string
	Kind    string
	Points  int64
	Minutes int64
	DayCap  int64

	Round string `cbor:"-"` // how a rest of the unit counts; roundedRule has it
}

// roundedRule is a ruleValue of an item whose rests of a unit count. Programs that
// do not know it give no points until they are updated.
type roundedRule struct {
	_      struct{} `cbor:",toarray"`
	Format uint64
	Round  string
	Rule   ruleValue
}

const (
	ruleFormat    = 1
	roundedFormat = 2
)

func (v ruleValue) encode() ([]byte, error) {
	v.Format = ruleFormat
	if v.Round == scheme.Full {
		return encoding.Marshal(v)
	}
	return encoding.Marshal(roundedRule{Format: roundedFormat, Round: v.Round, Rule: v})
}

// openRule is the inverse of encode.
func openRule(raw string) (ruleValue, error) {
	var v ruleValue
	err := open(raw, ruleFormat, &v)
	if !errors.Is(err, errNewer) {
		return v, err
	}
	var r roundedRule
	if err := open(raw, roundedFormat, &r); err != nil {
		return ruleValue{}, err
	}
	if r.Round == scheme.Full || r.Rule.Format != ruleFormat {
		return ruleValue{}, errForm
	}
	r.Rule.Round = r.Round
	return r.Rule, nil
}

var (
	encoding = must(cbor.CoreDetEncOptions().EncMode())
	decoding = must(cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		MaxNestedLevels: 4, MaxArrayElements: 64, MaxMapPairs: 16,
	}.DecMode())
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

var errForm = errors.New("activity: malformed")

// errNewer says that a value is of a format after ours.
var errNewer = errors.New("activity: a newer format")

// open decodes a value of format want into v.
func open(raw string, want uint64, v any) error {
	var parts []cbor.RawMessage
	if err := decoding.Unmarshal([]byte(raw), &parts); err != nil || len(parts) == 0 {
		return errForm
	}
	var f uint64
	if err := decoding.Unmarshal(parts[0], &f); err != nil || f == 0 || f > 255 {
		return errForm
	}
	if f > want {
		return errNewer
	}
	if err := decoding.Unmarshal([]byte(raw), v); err != nil {
		return errForm
	}
	again, err := encoding.Marshal(v)
	if err != nil || string(again) != raw {
		return errForm
	}
	return nil
}

// Form checks a change of an activity document as admission must: keys, types,
// sizes, and that what a recorder saw was written by that recorder. Fields that
// a newer program may add pass if they are small.
func Form(doc store.DocID, ch *wire.Change) error {
	_, path, _ := strings.Cut(string(doc), "/")
	month, ok := strings.CutPrefix(path, "activity/")
	if !ok || len(month) != 7 {
		return fmt.Errorf("%w: no activity document", errForm)
	}
	for _, op := range ch.Ops {
		if err := formOp(path, ch.Actor, op); err != nil {
			return fmt.Errorf("%w (key %.100q)", err, op.Key)
		}
	}
	return nil
}

// maxUnknown bounds a field that this version does not know, in bytes.
const maxUnknown = 4096

func formOp(path string, author wire.Actor, op wire.Op) error {
	p := strings.Split(op.Key, "/")
	var types map[string]func(wire.Value) bool
	switch {
	case len(p) == 3 && p[0] == kindActivity && govern.IsID(p[1]):
		types = activityFields
	case len(p) == 4 && p[0] == kindSignup && govern.IsID(p[1]) && validPerson(p[2]):
		types = signupFields
	case len(p) == 5 && p[0] == kindAtt && govern.IsID(p[1]) && validPerson(p[2]) && p[3] == recorderOf(author):
		types = attFields
	case len(p) == 4 && p[0] == kindDeed && validPerson(p[1]) && strings.HasPrefix(p[2], recorderOf(author)) && p[3] == "fact":
		return formFact(path, p[1], op)
	case len(p) == 4 && p[0] == kindDeed && validPerson(p[1]) && strings.HasPrefix(p[2], recorderOf(author)) && p[3] == "off":
		types = deedFields
	default:
		return fmt.Errorf("%w: no such key here", errForm)
	}
	if op.Delete {
		return nil
	}
	field := p[len(p)-1]
	check, known := types[field]
	if !known {
		check = func(v wire.Value) bool { return len(v.Raw) <= maxUnknown }
	}
	if field == "" || !check(op.Value) {
		return errForm
	}
	return nil
}

func formFact(path, id string, op wire.Op) error {
	if op.Delete || op.Value.Kind != wire.Bytes || len(op.Value.Raw) > maxUnknown {
		return errForm
	}
	f, err := openFact(op.Value.Raw)
	if errors.Is(err, errNewer) {
		return nil
	}
	if err != nil {
		return err
	}
	if !f.sound() || f.key().String() != id || Path(f.At) != path {
		return fmt.Errorf("%w: the deed's id or month is not that of its fact", errForm)
	}
	return nil
}

// sound says whether the fields of a fact keep their limits.
func (f fact) sound() bool {
	return isTime(f.At) && isTime(f.Made) && f.Minutes >= 0 && f.Minutes <= 24*60 && len(f.Item) <= ledger.MaxItem && f.Item != "" &&
		sealedText(f.Note, maxSaid) && sealedText(f.Witness, maxShort) && (len(f.Line) == 0 || len(f.Line) == len(ledger.Subject{})) && fits(f.By, maxShort) &&
		f.Version >= 0 && f.Points >= 0 && f.Points <= maxPoints && f.Count >= 0 && f.Count <= maxCount && f.Hard >= 0 && f.Hard <= maxHard &&
		f.Round >= 0 && f.Round <= maxRounds
}

// sealedText says whether b is nothing or a sealed text of at most so many characters.
func sealedText(b []byte, chars int) bool { return len(b) == 0 || people.Envelope(b, chars) }

// maxCount bounds what is counted at once: a donation in yuan. maxHard is the
// greatest difficulty.
const (
	maxCount = 1_000_000
	maxHard  = 2
)

// maxPoints bounds the points of one deed.
const maxPoints = 10_000_000

func fits(s string, limit int) bool {
	return utf8.RuneCountInString(s) <= limit && govern.PlainText(s)
}

func isTime(ms int64) bool { return ms >= minTime && ms <= maxTime }

func text(limit int) func(wire.Value) bool {
	return func(v wire.Value) bool { return v.Kind == wire.String && fits(v.Raw, limit) }
}

func envelope(chars int) func(wire.Value) bool {
	return func(v wire.Value) bool { return v.Kind == wire.Bytes && sealedText([]byte(v.Raw), chars) }
}

func bytesOf(n int) func(wire.Value) bool {
	return func(v wire.Value) bool { return v.Kind == wire.Bytes && len(v.Raw) == n }
}

func number(limit int64) func(wire.Value) bool {
	return func(v wire.Value) bool { return v.Kind == wire.Int && v.Num >= 0 && v.Num <= limit }
}

func moment(v wire.Value) bool { return v.Kind == wire.Timestamp && (v.Num == 0 || isTime(v.Num)) }

var activityFields = map[string]func(wire.Value) bool{
	"title": text(maxTitle), "type": text(maxShort), "place": text(maxPlace), "organiser": text(maxShort), "note": envelope(maxNote),
	"item": text(ledger.MaxItem), "places": number(maxPlaces), "home": bytesOf(16), "secret": bytesOf(secretSize),
	"made": moment, "cancelled": moment, "finished": moment,
	"time": func(v wire.Value) bool { _, _, ok := parseTime(v.Raw); return v.Kind == wire.String && ok },
	"rule": func(v wire.Value) bool {
		_, err := openRule(v.Raw)
		return v.Kind == wire.Bytes && len(v.Raw) <= maxUnknown && (err == nil || errors.Is(err, errNewer))
	},
}

var signupFields = map[string]func(wire.Value) bool{"at": moment, "off": moment, "via": text(maxShort)}

var deedFields = map[string]func(wire.Value) bool{"off": moment}

var attFields = map[string]func(wire.Value) bool{
	"in": moment, "out": moment, "how": text(8), "by": text(maxShort), "scans": number(maxScans),
}

func timeText(start, end int64) string {
	return strconv.FormatInt(start, 10) + " " + strconv.FormatInt(end, 10)
}

// parseTime reads what timeText wrote.
func parseTime(s string) (start, end int64, ok bool) {
	a, b, _ := strings.Cut(s, " ")
	start, err1 := strconv.ParseInt(a, 10, 64)
	end, err2 := strconv.ParseInt(b, 10, 64)
	ok = err1 == nil && err2 == nil && isTime(start) && isTime(end) && end >= start && end-start <= maxSpan
	return start, end, ok
}
