package shop

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/fxamacker/cbor/v2"

	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Document catalog/<place>. Keys:
//
//	offer/<offer>/<field>         name unit kind icon code (texts), points minimum (counts), active (bool)
//	reserve/<reservation>/<field> what (a CBOR array, see what), state (text)
const (
	kindOffer   = "offer"
	kindReserve = "reserve"
)

// Limits of fields, texts in characters.
const (
	maxName    = 40
	maxUnit    = 8
	maxIcon    = 32
	maxCode    = 32 // bytes; the longest printed code in use has 18
	maxPoints  = 1_000_000
	maxMinimum = 1_000_000
	maxPieces  = 1_000_000 // of one line, one delivery or one count
	maxLines   = 60        // of one redemption: each is two entries of a ledger transaction
	maxUnknown = 4096      // bytes of a field that only newer programs know
)

// Path returns the document of a place.
func Path(place string) string { return "catalog/" + place }

func key(parts ...string) string { return strings.Join(parts, "/") }

// what is the value of a reservation: made together, never changed.
type what struct {
	_      struct{} `cbor:",toarray"`
	Format uint64
	Person ledger.Subject
	At     int64
	Lines  []whatLine
}

type whatLine struct {
	_    struct{} `cbor:",toarray"`
	Good ledger.Subject
	N    int64
}

// whatFormat is the version of what's encoding.
const whatFormat = 1

var (
	encoding = must(cbor.CoreDetEncOptions().EncMode())
	decoding = must(cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		MaxNestedLevels: 6, MaxArrayElements: 256, MaxMapPairs: 16,
	}.DecMode())
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

var (
	errForm  = errors.New("shop: malformed")
	errNewer = errors.New("shop: a newer format")
)

func openWhat(raw string) (what, error) {
	var parts []cbor.RawMessage
	var f uint64
	if err := decoding.Unmarshal([]byte(raw), &parts); err != nil || len(parts) == 0 {
		return what{}, errForm
	}
	if err := decoding.Unmarshal(parts[0], &f); err != nil || f == 0 || f > 255 {
		return what{}, errForm
	}
	if f > whatFormat {
		return what{}, errNewer
	}
	var w what
	if err := decoding.Unmarshal([]byte(raw), &w); err != nil {
		return what{}, errForm
	}
	again, err := encoding.Marshal(w)
	if err != nil || string(again) != raw || len(w.Lines) == 0 || len(w.Lines) > maxLines {
		return what{}, errForm
	}
	for _, l := range w.Lines {
		if l.N < 1 || l.N > maxPieces {
			return what{}, errForm
		}
	}
	return w, nil
}

// Form checks a change of a catalog as admission must: keys, types, sizes.
// Fields that a newer program may add pass if they are small.
func Form(doc store.DocID, ch *wire.Change) error {
	if _, path, _ := strings.Cut(string(doc), "/"); !strings.HasPrefix(path, "catalog/") {
		return fmt.Errorf("%w: no catalog", errForm)
	}
	for _, op := range ch.Ops {
		p := strings.Split(op.Key, "/")
		if len(p) != 3 || !validID(p[1]) || p[2] == "" || (p[0] != kindOffer && p[0] != kindReserve) {
			return fmt.Errorf("%w: no such key here: %.100q", errForm, op.Key)
		}
		if op.Delete {
			continue
		}
		check, known := fields[p[0]+"/"+p[2]]
		if !known && len(op.Value.Raw) > maxUnknown || known && !check(op.Value) {
			return fmt.Errorf("%w: %.100q", errForm, op.Key)
		}
	}
	return nil
}

var fields = map[string]func(wire.Value) bool{
	"offer/name": text(maxName), "offer/unit": text(maxUnit), "offer/icon": text(maxIcon),
	"offer/kind":   func(v wire.Value) bool { return v.Kind == wire.String && validKind(v.Raw) },
	"offer/code":   func(v wire.Value) bool { return v.Kind == wire.String && validCode(v.Raw) },
	"offer/points": number(maxPoints), "offer/minimum": number(maxMinimum),
	"offer/active": func(v wire.Value) bool { return v.Kind == wire.True || v.Kind == wire.False },
	"reserve/what": func(v wire.Value) bool {
		_, err := openWhat(v.Raw)
		return v.Kind == wire.Bytes && len(v.Raw) <= maxUnknown && (err == nil || errors.Is(err, errNewer))
	},
	"reserve/state": func(v wire.Value) bool { return v.Kind == wire.String && validState(v.Raw) },
}

func validKind(s string) bool { return s == Goods || s == Service || s == Coupon || s == Honour }

func validState(s string) bool { return s == "open" || s == "done" || s == "cancelled" }

// validCode accepts what a scanner gun can type.
func validCode(s string) bool {
	return len(s) <= maxCode && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}

func text(limit int) func(wire.Value) bool {
	return func(v wire.Value) bool { return v.Kind == wire.String && fits(v.Raw, limit) }
}

func fits(s string, limit int) bool {
	return utf8.RuneCountInString(s) <= limit && govern.PlainLine(s)
}

func number(limit int64) func(wire.Value) bool {
	return func(v wire.Value) bool { return v.Kind == wire.Int && v.Num >= 0 && v.Num <= limit }
}
