// Package duty keeps what people have taken on for longer than a day: a duty that comes
// back, a spot or a tree that somebody looks after, how often, and on which days it was
// done.
//
// What a duty is never changes: its id is the hash of it. Who has it may change, and when it
// ends stands beside it. That it was done is a deed, recorded and paid like all others; here
// stands only which deed it was.
//
// The package must never know a name, nor a point: who has a duty is an id, which whoever
// was erased leaves empty. Start reading at [Book].
package duty

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"jishan/app/coded"
	"jishan/app/govern"
	"jishan/crdt/wire"
)

// Documents duty/<yyyy-mm>, which staff write and staff read; a duty stands in that of the
// month in which it was taken on. Keys:
//
//	duty/<id>/what         a CBOR array, see whatValue; id is its hash
//	duty/<id>/holder       who has it: a CBOR array, see holderValue; the only key that is written over
//	duty/<id>/off          why it ended: a CBOR array, see wordValue
//	duty/<id>/done.<deed>  it was done, as that deed: a CBOR array, see doneValue
const (
	Doc    = "duty"
	format = 1
	kind   = "duty"
)

// The kinds of duties.
const (
	Duty = "duty" // 固定岗
	Spot = "spot" // 认领点位
	Tree = "tree" // 认养树木
)

// Kinds are all of them.
var Kinds = []string{Duty, Spot, Tree}

// Rhythms says how often a duty can be asked for in a day, a week and a month: one
// item is one deed a day.
var Rhythms = map[string]int64{"day": 1, "week": 7, "month": 31}

// Limits.
const (
	MaxTitle = 40  // characters
	MaxPlace = 60  // characters
	MaxWhy   = 200 // characters
	maxItem  = 40
	maxName  = 40
	maxValue = 4 << 10 // bytes
)

type whatValue struct {
	_      struct{} `cbor:",toarray"`
	Format uint64
	Kind   string
	Title  string
	Place  string
	Item   string // of the rulebook, by which it is recorded
	Per    string
	Times  int64
	Made   int64
	By     string
}

type holderValue struct {
	_      struct{} `cbor:",toarray"`
	Format uint64
	Person []byte // empty: nobody
	At     int64
	By     string
}

type wordValue struct {
	_      struct{} `cbor:",toarray"`
	Format uint64
	At     int64
	Text   string
	By     string
}

type doneValue struct {
	_      struct{} `cbor:",toarray"`
	Format uint64
	Person []byte
	At     int64
	By     string
}

var errForm = errors.New("duty: malformed")

func hash(raw string) string { return govern.HashID("jishan duty 1", raw) }

// parseKey takes a key apart: the duty's id, and the field, of which deed is the deed.
func parseKey(key string) (id, field, deed string, ok bool) {
	parts := strings.Split(key, "/")
	if len(parts) != 3 || parts[0] != kind || !govern.IsID(parts[1]) {
		return "", "", "", false
	}
	if d, found := strings.CutPrefix(parts[2], "done."); found {
		return parts[1], "done", d, govern.IsID(d)
	}
	return parts[1], parts[2], "", parts[2] == "what" || parts[2] == "holder" || parts[2] == "off"
}

// Form checks a change of a document as admission must: keys, sizes, that an id is the
// hash of what it names, and that nothing but the holder is written over. Formats of newer
// programs pass if they are small.
func Form(ch *wire.Change) error {
	for _, op := range ch.Ops {
		id, field, _, ok := parseKey(op.Key)
		if !ok || op.Delete || len(op.Pred) > 0 && field != "holder" || op.Value.Kind != wire.Bytes || len(op.Value.Raw) > maxValue || !formValue(id, field, op.Value.Raw) {
			return fmt.Errorf("%w: %.100q", errForm, op.Key)
		}
	}
	return nil
}

func formValue(id, field, raw string) bool {
	switch field {
	case "what":
		return hash(raw) == id && coded.Passes([]byte(raw), format, whatValue.whole)
	case "holder":
		return coded.Passes([]byte(raw), format, holderValue.whole)
	case "done":
		return coded.Passes([]byte(raw), format, doneValue.whole)
	}
	return coded.Passes([]byte(raw), format, wordValue.whole)
}

func (v whatValue) whole() bool {
	return v.Format == format && slices.Contains(Kinds, v.Kind) && govern.FilledLine(v.Title, MaxTitle) && govern.ShortLine(v.Place, MaxPlace) && govern.FilledLine(v.Item, maxItem) &&
		v.Times > 0 && v.Times <= Rhythms[v.Per] && v.Made > 0 && govern.ShortLine(v.By, maxName)
}

func (v holderValue) whole() bool {
	return v.Format == format && (len(v.Person) == 0 || len(v.Person) == 16) && v.At > 0 && govern.ShortLine(v.By, maxName)
}

func (v wordValue) whole() bool {
	return v.Format == format && v.At > 0 && govern.FilledLine(v.Text, MaxWhy) && govern.ShortLine(v.By, maxName)
}

func (v doneValue) whole() bool {
	return v.Format == format && len(v.Person) == 16 && v.At > 0 && govern.ShortLine(v.By, maxName)
}
