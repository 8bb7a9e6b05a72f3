// Package claim keeps what somebody asks points for, or what points are to be
// taken for, until it counts: who says so, who has seen it, who has looked at it,
// how the person was told, what was objected, and what was decided.
//
// A claim is no right and changes no sum. When nothing stands in its way any more,
// the main device records its deed (package activity), which pays or takes once
// however many recorded it. What was promised is that of the rulebook's version
// that the claim names; a later version changes nothing.
//
// The package must never know a name or how the ledger works. Texts are sealed by
// who calls. Start reading at [Claim.State].
package claim

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/oklog/ulid/v2"

	"jishan/app/coded"
	"jishan/app/govern"
	"jishan/app/people"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Document people/<shard of the person>, which staff write and staff read. Keys:
//
//	claim/<person>/<id>/made     a CBOR array, see madeValue; never written twice
//	claim/<person>/<id>/note     what was done, sealed with the person's key
//	claim/<person>/<id>/witness  who saw it, sealed
//	claim/<person>/<id>/<word>   a CBOR array, see wordValue: seen, review, told, appeal, answer, off, booked
//
// Of words that were written apart the later holds, of two of one moment the greater.
const kind = "claim"

// The words that are said of a claim.
const (
	seen   = "seen"   // a witness, or the household that was helped, confirms
	review = "review" // somebody else has looked at it: Yes or not
	told   = "told"   // the person was reached: How
	appeal = "appeal" // somebody objects: Text is sealed
	answer = "answer" // to the objection: Yes, it is right and the claim falls
	off    = "off"    // withdrawn
	booked = "booked" // its deed was recorded
)

var words = []string{seen, review, told, appeal, answer, off, booked}

// How a person was reached.
const (
	ByPage  = "page"  // opened on the phone
	ByPaper = "paper" // a printed notice was handed over, or signed for
	ByCall  = "call"
	ByDoor  = "door"
)

// Where a claim comes from.
const (
	FromPage = "page" // the person's own phone
	FromGrid = "grid" // a grid worker, for somebody
	FromDesk = "desk"
)

// Limits.
const (
	maxBy      = 60 // characters of an operator's name
	maxWhy     = 60
	maxSealed  = 2000 // bytes of a sealed text
	maxUnknown = 4096
	format     = 1
)

type madeValue struct {
	_       struct{} `cbor:",toarray"`
	Format  uint64
	Item    string
	Version int64
	At      int64 // when it was done
	Minutes int64
	Count   int64
	Hard    int64
	Points  int64 // by that version, above 0 for deductions, too
	Minus   bool
	Witness bool // it needs one
	Mutual  bool // the household that was helped confirms
	Review  bool
	Lead    bool
	Notice  int64 // days
	Via     string
	By      string
	Batch   string // of an award for many, "" else
	Made    int64
}

type wordValue struct {
	_      struct{} `cbor:",toarray"`
	Format uint64
	At     int64
	By     string
	Yes    bool
	How    string
	Why    string
	Text   []byte // sealed
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
	return p, parts[2], parts[3], err == nil && p.String() == parts[1] && validID(parts[2])
}

// validID says whether s is an id of ours: a ULID in lower case.
func validID(s string) bool {
	_, err := ulid.ParseStrict(strings.ToUpper(s))
	return err == nil && s == strings.ToLower(s)
}

// Form checks what of a change of a people document is a claim: keys, types, sizes,
// and that it stands in its person's shard. Fields and formats of a newer program
// pass if they are small.
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
		if !ok || op.Delete || p.Shard() != at.Shard {
			return fmt.Errorf("%w: %.100q", errForm, op.Key)
		}
		if err := formField(field, op.Value); err != nil {
			return fmt.Errorf("%w: %.100q", err, op.Key)
		}
	}
	return nil
}

func formField(field string, v wire.Value) (err error) {
	if len(v.Raw) > maxUnknown || v.Kind != wire.Bytes {
		return errForm
	}
	switch field {
	case "made":
		_, err = read(v, madeValue.whole)
	case seen, review, told, appeal, answer, off, booked:
		_, err = read(v, wordValue.whole)
	case "note", "witness":
		if len(v.Raw) > maxSealed {
			err = errForm
		}
	}
	if errors.Is(err, coded.ErrNewer) {
		return nil
	}
	return err
}

// read decodes a value of ours. Errors: coded.ErrDamaged, coded.ErrNewer.
func read[T any](v wire.Value, whole func(T) bool) (T, error) {
	return coded.Read([]byte(v.Raw), format, whole)
}

func (v madeValue) whole() bool {
	return v.Item != "" && len(v.Item) <= 32 && v.Version >= 1 && v.At > 0 && v.Made > 0 && min(v.Minutes, v.Count, v.Hard, v.Notice) >= 0 &&
		v.Points >= 1 && v.Notice <= 90 && line(v.By, maxBy) && len(v.Batch) <= 32 && (v.Via == FromPage || v.Via == FromGrid || v.Via == FromDesk)
}

func (v wordValue) whole() bool {
	return v.At > 0 && line(v.By, maxBy) && line(v.Why, maxWhy) && len(v.How) <= 8 && len(v.Text) <= maxSealed
}

func line(s string, limit int) bool { return utf8.RuneCountInString(s) <= limit && govern.PlainLine(s) }

func value(v any) (wire.Value, error) {
	b, err := coded.Marshal(v)
	return wire.BytesValue(b), err
}
