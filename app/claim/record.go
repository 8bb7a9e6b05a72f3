// Package claim keeps what somebody asks points for, or what points are to be
// taken for, until it counts: who says so, who has seen it, who has looked at it,
// how the person was told, what was objected, and what was decided.
//
// A claim is no right and changes no sum. When nothing stands in its way any more,
// the main device records its deed (package activity), which pays or takes once
// however many recorded it. What was promised is that of the rulebook's version
// that the claim names; a later version changes nothing, and what the claim's own
// writer says of points and of who must look at it is not asked.
//
// Nothing of a claim is written twice. What is claimed is bound by the claim's id,
// which is its hash; what is said of it are words, each under a key of its own, so
// nobody can change a word behind another's back, and no word counts by the clock
// of who wrote it: days are counted from what the main device notes.
//
// The package must never know a name or how the ledger works. Texts are sealed by
// who calls. Start reading at [Claim.State], then [Claim.weigh].
package claim

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/oklog/ulid/v2"

	"jishan/app/coded"
	"jishan/app/govern"
	"jishan/app/people"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Document people/<shard of the person>, which staff write and staff read. Keys,
// none of which is ever written over another value:
//
//	claim/<person>/<id>/made           a CBOR array, see madeValue
//	claim/<person>/<id>/note           what was done, sealed with the person's key
//	claim/<person>/<id>/witness        who saw it, sealed
//	claim/<person>/<id>/<word>.<tag>   a CBOR array, see wordValue; the tag is random
//
// made, note and witness stand in one change, and the id is their hash.
const kind = "claim"

// The words that are said of a claim.
const (
	posted = "posted" // who entered it, under that operator's signature
	seen   = "seen"   // the household that was helped confirms
	review = "review" // somebody else has looked at it: Yes or not
	told   = "told"   // the person was reached: How
	appeal = "appeal" // somebody objects: Text is sealed
	answer = "answer" // to the objection To: Yes, it is right and the claim falls
	asked  = "asked"  // who reviews it asks for more: Text is sealed, How says for how many days it waits
	reply  = "reply"  // to the question To: Text is sealed
	off    = "off"    // withdrawn

	heard  = "heard"  // by the main device: only the days are left, which begin now
	waits  = "waits"  // by the main device: the days to reply to the question To begin now
	booked = "booked" // by the main device: its deed Text was recorded; Yes: points were taken
	ended  = "ended"  // by the main device: nothing comes of it, How says why
)

var (
	words       = []string{posted, seen, review, told, appeal, answer, asked, reply, off, heard, waits, booked, ended}
	officeWords = []string{heard, waits, booked, ended}
)

// How a person was reached.
const (
	ByPage  = "page"  // opened on the phone
	ByPaper = "paper" // a printed notice was handed over, or signed for
	ByCall  = "call"
	ByDoor  = "door"
	ByDesk  = "desk" // what was asked was answered at the counter
)

// Where a claim comes from.
const (
	FromPage = "page" // the person's own phone
	FromGrid = "grid" // a grid worker, for somebody
	FromDesk = "desk"
)

// Limits.
const (
	maxText    = 500 // characters of a text, before it is sealed
	maxUnknown = 4096
	maxMinutes = 24 * 60       // like a deed's
	maxCount   = 1_000_000_000 // far above what a deed takes: what is multiplied must not overflow
	maxHard    = 2
	saltSize   = 10
	tagSize    = 10 // hexadecimal digits: words that are said apart meet under different keys
	// Of one device's words of a sort about one claim the first so many are read, by
	// everybody: admission can't count them, as what is there differs until all have
	// met. Answers are one for each objection, from however many devices these are.
	maxWords   = 32
	maxAnswers = 1024
	// For how many days a question waits, where it says nothing that can be read or too much.
	defaultAskDays = govern.DefaultAsk
	maxAskDays     = govern.MaxAsk
	format         = 2 // 1 was never out of the house
)

type madeValue struct {
	_       struct{} `cbor:",toarray"`
	Format  uint64
	Item    string
	Version int64 // of the rulebook
	At      int64 // when it was done
	Minutes int64
	Count   int64
	Hard    int64
	Via     string
	Batch   string // of an award for many, "" else
	Made    int64
	Salt    []byte // names what the texts are bound to, as the id is known only with them
}

type wordValue struct {
	_      struct{} `cbor:",toarray"`
	Format uint64
	Yes    bool
	How    string
	To     string // the word that is answered, or from which the days are counted
	Text   []byte // sealed: why, or what is objected; of booked the deed's key

	// Of the operator who says it, where operators have keys; Sig is empty else.
	Operator govern.OperatorID
	Device   [32]byte
	Key      [32]byte
	Sig      []byte
}

var errForm = errors.New("claim: malformed")

func keyOf(p people.ID, id, field string) string {
	return kind + "/" + p.String() + "/" + id + "/" + field
}

func parseKey(key string) (p people.ID, id, field string, ok bool) {
	parts := strings.Split(key, "/")
	if len(parts) != 4 || parts[0] != kind || parts[3] == "" {
		return p, "", "", false
	}
	p, err := people.ParseID(parts[1])
	return p, parts[2], parts[3], err == nil && p.String() == parts[1] && govern.IsID(parts[2])
}

// wordOf is the word that a field's name begins with, "" for none.
func wordOf(field string) string {
	word, tag, ok := strings.Cut(field, ".")
	if !ok || len(tag) != tagSize || strings.Trim(tag, "0123456789abcdef") != "" || !slices.Contains(words, word) {
		return ""
	}
	return word
}

// posting is what one change says a claim is.
type posting struct {
	person              people.ID
	id                  string
	op                  uint64 // counter of made
	made, note, witness string
}

// hash is the id that such a claim has.
func (p posting) hash() string {
	h := sha256.New()
	h.Write([]byte("jishan claim 1\x00"))
	for _, part := range []string{string(p.person[:]), p.made, p.note, p.witness} {
		h.Write(binary.BigEndian.AppendUint32(nil, uint32(len(part)))) // lengths in front: no two claims run together
		h.Write([]byte(part))
	}
	return strings.ToLower(ulid.ULID(h.Sum(nil)[:16]).String())
}

// read returns what is claimed. Errors: errForm; coded.ErrNewer, of which nothing
// is known.
func (p posting) read() (madeValue, error) {
	m, err := coded.Read([]byte(p.made), format, madeValue.whole)
	if errors.Is(err, coded.ErrNewer) {
		return m, err
	}
	if err != nil || p.hash() != p.id || !sealedText(p.note) || !sealedText(p.witness) {
		return m, errForm
	}
	return m, nil
}

// postings are the claims that a change makes; its keys are ours.
func postings(ch *wire.Change) (out []posting) {
	for i, op := range ch.Ops {
		p, id, field, ok := parseKey(op.Key)
		if !ok || field != "made" && field != "note" && field != "witness" {
			continue
		}
		at := slices.IndexFunc(out, func(x posting) bool { return x.person == p && x.id == id })
		if at < 0 {
			at = len(out)
			out = append(out, posting{person: p, id: id})
		}
		switch field {
		case "made":
			out[at].made, out[at].op = op.Value.Raw, ch.StartOp+uint64(i)
		case "note":
			out[at].note = op.Value.Raw
		case "witness":
			out[at].witness = op.Value.Raw
		}
	}
	return out
}

// Form checks what of a change of a people document is a claim: keys, types, sizes,
// that it stands in its person's shard, that its id is its hash, and that nothing
// is written over what was there. Fields and formats of a newer program pass if
// they are small.
func Form(doc store.DocID, ch *wire.Change) error {
	at, err := govern.ParsePath(doc)
	if err != nil {
		return err
	}
	for _, op := range ch.Ops {
		if !strings.HasPrefix(op.Key, kind+"/") {
			continue
		}
		p, _, field, ok := parseKey(op.Key)
		if !ok || op.Delete || p.Shard() != at.Shard || op.Value.Kind != wire.Bytes || len(op.Value.Raw) > maxUnknown {
			return fmt.Errorf("%w: %.100q", errForm, op.Key)
		}
		if err := formField(field, op); err != nil {
			return fmt.Errorf("%w: %.100q", err, op.Key)
		}
	}
	for _, p := range postings(ch) {
		if _, err := p.read(); err != nil && !errors.Is(err, coded.ErrNewer) {
			return fmt.Errorf("%w: %s", err, p.id)
		}
	}
	return nil
}

// formField looks at one field by itself: what is written once has nothing before it.
func formField(field string, op wire.Op) error {
	word := wordOf(field)
	if once := word != "" || field == "made" || field == "note" || field == "witness"; once && len(op.Pred) > 0 {
		return errForm
	}
	if word == "" {
		return nil
	}
	v, err := coded.Read([]byte(op.Value.Raw), format, wordValue.whole)
	if errors.Is(err, coded.ErrNewer) {
		return nil
	}
	if err == nil && word != booked && !sealedText(string(v.Text)) {
		err = errForm
	}
	return err
}

// sealedText tells whether a text is none, or has the form of a sealed one.
func sealedText(b string) bool { return b == "" || people.Envelope([]byte(b), maxText) }

// OfficeOnly tells whether a change says what only the main device may: that a
// claim's days begin, that it was booked, that nothing comes of it.
func OfficeOnly(ch *wire.Change) bool {
	return slices.ContainsFunc(ch.Ops, func(op wire.Op) bool {
		_, _, field, ok := parseKey(op.Key)
		return ok && slices.Contains(officeWords, wordOf(field))
	})
}

func (v madeValue) whole() bool {
	return v.Format == format && v.Item != "" && len(v.Item) <= 32 && v.Version >= 1 && v.At > 0 && v.Made > 0 && within(v.Minutes, maxMinutes) && within(v.Count, maxCount) &&
		within(v.Hard, maxHard) && len(v.Batch) <= 32 && len(v.Salt) == saltSize && (v.Via == FromPage || v.Via == FromGrid || v.Via == FromDesk)
}

func (v wordValue) whole() bool {
	return v.Format == format && len(v.How) <= 16 && len(v.To) <= 24 && len(v.Text) <= maxUnknown &&
		(len(v.Sig) == 0 || len(v.Sig) == 64)
}

func within(n, most int64) bool { return n >= 0 && n <= most }

func value(v any) (wire.Value, error) {
	b, err := coded.Marshal(v)
	return wire.BytesValue(b), err
}
