// Package correction keeps requests to correct an entry of the ledger that only
// the feed which wrote it can correct: while that feed's device is away, the wish
// is a record that every staff device holds.
//
// A request is no right and changes no sum. What comes of it stands in the feed
// that was asked, as an opposite entry, once however often it was asked; so
// whether it was carried out is asked of the ledger and never written here.
//
// The package must never know a name, a phone or what was done: a person is an
// id, an entry a hash. Start reading at [Request], then [Book.Ask].
package correction

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/fxamacker/cbor/v2"

	"jishan/app/govern"
	"jishan/app/people"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Document people/<shard of the person>, which staff write and staff read. Keys:
//
//	correction/<hash of the transaction>/asked  a CBOR array, see asked
//	correction/<hash>/off                       when it was withdrawn
//	correction/<hash>/no                        a CBOR array, see refused: by the device that was asked
//
// The latest of the three holds. Asked anew after a refusal, it is open again.
const kind = "correction"

// Limits.
const (
	// MaxReason bounds a reason in characters, as beside the entry that comes of it.
	MaxReason = people.MaxSaid
	maxBy     = 40 // an operator's name, as with deeds
	maxCode   = 60 // a fault's code
	// maxUnknown bounds a value of a newer program, in bytes.
	maxUnknown = 4096
)

// asked is who wants what, and why.
type asked struct {
	_      struct{} `cbor:",toarray"`
	Format uint64
	Person people.ID
	Author wire.Actor // the incarnation that wrote the entry
	At     int64      // milliseconds
	By     string     // what its device says; the change itself says who it was, and that counts
	Reason []byte     // sealed with the person's key, nil of somebody who was erased
}

// refused is why the device that was asked can't do it.
type refused struct {
	_      struct{} `cbor:",toarray"`
	Format uint64
	At     int64
	Code   string // a fault's
}

// format is that of reasons that are sealed.
const format = 2

var (
	encoding = must(cbor.CoreDetEncOptions().EncMode())
	decoding = must(cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		MaxNestedLevels: 4, MaxArrayElements: 16, MaxMapPairs: 16,
	}.DecMode())

	errForm = errors.New("correction: malformed")
	// errNewer says that a value is of a format after ours.
	errNewer = errors.New("correction: a newer format")
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// open decodes a value strictly. Errors: errForm, errNewer.
func open(raw string, v any) error {
	var parts []cbor.RawMessage
	var f uint64
	if decoding.Unmarshal([]byte(raw), &parts) != nil || len(parts) == 0 || decoding.Unmarshal(parts[0], &f) != nil || f == 0 || f > 255 {
		return errForm
	}
	if f > format {
		return errNewer
	}
	if decoding.Unmarshal([]byte(raw), v) != nil {
		return errForm
	}
	if again, err := encoding.Marshal(v); err != nil || string(again) != raw {
		return errForm
	}
	return nil
}

// ReasonField is what the reason of a request is bound to.
func ReasonField(h wire.Hash) string { return key(h, "asked") }

func key(h wire.Hash, field string) string { return kind + "/" + h.String() + "/" + field }

// parseKey takes a key apart; false for what is no key of a request.
func parseKey(key string) (h wire.Hash, field string, ok bool) {
	parts := strings.Split(key, "/")
	if len(parts) != 3 || parts[0] != kind {
		return h, "", false
	}
	b, err := hex.DecodeString(parts[1])
	if err != nil || len(b) != len(h) {
		return h, "", false
	}
	h = wire.Hash(b)
	return h, parts[2], h.String() == parts[1]
}

// Form checks what of a change of a people document is a request: keys, types,
// sizes, and that it stands in its person's shard. Fields and formats of a newer
// program pass if they are small.
func Form(doc store.DocID, ch *wire.Change) error {
	at, err := govern.ParsePath(doc)
	if err != nil {
		return err
	}
	for _, op := range ch.Ops {
		if !strings.HasPrefix(op.Key, kind+"/") {
			continue
		}
		_, field, ok := parseKey(op.Key)
		if !ok || op.Delete {
			return fmt.Errorf("%w: %.100q", errForm, op.Key)
		}
		if err := formField(at.Shard, field, op.Value); err != nil {
			return fmt.Errorf("%w: %.100q", err, op.Key)
		}
	}
	return nil
}

func formField(shard int, field string, v wire.Value) error {
	switch field {
	case "asked":
		var a asked
		err := openValue(v, &a)
		if errors.Is(err, errNewer) {
			return nil
		}
		if err == nil && (a.Format != format || a.Person.Shard() != shard || a.At <= 0 || !fits(a.By, maxBy) || len(a.Reason) > 0 && !people.Envelope(a.Reason, MaxReason)) {
			err = errForm
		}
		return err
	case "no":
		var n refused
		err := openValue(v, &n)
		if errors.Is(err, errNewer) {
			return nil
		}
		if err == nil && (n.At <= 0 || !fits(n.Code, maxCode)) {
			err = errForm
		}
		return err
	case "off":
		if v.Kind != wire.Timestamp || v.Num <= 0 {
			return errForm
		}
		return nil
	}
	if field == "" || len(v.Raw) > maxUnknown {
		return errForm
	}
	return nil
}

func openValue(v wire.Value, into any) error {
	if v.Kind != wire.Bytes || len(v.Raw) > maxUnknown {
		return errForm
	}
	return open(v.Raw, into)
}

func fits(s string, limit int) bool {
	return utf8.RuneCountInString(s) <= limit && govern.PlainLine(s)
}
