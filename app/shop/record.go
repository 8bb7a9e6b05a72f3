package shop

import (
	"errors"
	"fmt"
	"slices"
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
//	offer/<offer>/<field>         name unit kind icon code photo (texts), points minimum cost (counts), active (bool)
//	reserve/<reservation>/<field> what (a CBOR array, see what), state (text); of an order from a phone points (count), device (text)
//	day/<day>/<field>             of an award day: title, device (texts), at (time)
//	place/<26 zeros>/<field>      where it is, hours in which it is open (texts), terms (a CBOR array, see terms)
//	gift/<gift>/<field>           what, given (CBOR arrays, see gift and given), state (text), receipt (a hash)
const (
	kindOffer   = "offer"
	kindReserve = "reserve"
	kindDay     = "day"
	kindGift    = "gift"
	kindPlace   = "place"
)

// Limits of fields, texts in characters.
const (
	maxName    = 40
	maxUnit    = 8
	maxIcon    = 32
	maxAbout   = 60
	maxCode    = 32 // bytes; the longest printed code in use has 18
	maxPoints  = 1_000_000
	maxMinimum = 1_000_000
	maxCost    = 100_000_000 // fen: a million yuan
	maxPieces  = 1_000_000   // of one line, one delivery or one count
	maxLines   = 60          // of one redemption: each is two entries of a ledger transaction
	maxUnknown = 4096        // bytes of a field that only newer programs know
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

// gift is what one person gets on an award day.
type gift struct {
	_      struct{} `cbor:",toarray"`
	Format uint64
	Day    ledger.Subject
	Person ledger.Subject
	Home   bool // to be delivered
	Lines  []whatLine
}

// given says who handed a gift over; By "" that nobody did.
type given struct {
	_      struct{} `cbor:",toarray"`
	Format uint64
	At     int64
	By     string
}

// paid is what the lines of a gift came to when it was redeemed: what the goods cost
// later says nothing of that day.
type paid struct {
	_      struct{} `cbor:",toarray"`
	Format uint64
	Lines  []paidLine // in the gift's order
}

type paidLine struct {
	_      struct{} `cbor:",toarray"`
	Points int64
	Fen    int64
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

// open decodes a value strictly, and takes what whole says is so. Errors: errForm,
// errNewer.
func open[T any](raw string, whole func(T) bool) (T, error) {
	var v, none T
	var parts []cbor.RawMessage
	var f uint64
	if err := decoding.Unmarshal([]byte(raw), &parts); err != nil || len(parts) == 0 {
		return none, errForm
	}
	if err := decoding.Unmarshal(parts[0], &f); err != nil || f == 0 || f > 255 {
		return none, errForm
	}
	if f > whatFormat {
		return none, errNewer
	}
	if err := decoding.Unmarshal([]byte(raw), &v); err != nil {
		return none, errForm
	}
	if again, err := encoding.Marshal(v); err != nil || string(again) != raw || !whole(v) {
		return none, errForm
	}
	return v, nil
}

func openWhat(raw string) (what, error) {
	return open(raw, func(w what) bool { return wholeLines(w.Lines) })
}

func openGift(raw string) (gift, error) {
	return open(raw, func(g gift) bool { return wholeLines(g.Lines) })
}

func openGiven(raw string) (given, error) {
	return open(raw, func(g given) bool { return g.At > 0 && fits(g.By, maxGiver) })
}

func openPaid(raw string) (paid, error) {
	return open(raw, func(p paid) bool {
		bad := func(l paidLine) bool { return min(l.Points, l.Fen) < 0 || max(l.Points, l.Fen) > maxPaid }
		return len(p.Lines) > 0 && len(p.Lines) <= maxLines && !slices.ContainsFunc(p.Lines, bad)
	})
}

// maxPaid bounds what a line comes to: sums of a day are reckoned without overflow.
const maxPaid = 1 << 40

func wholeLines(lines []whatLine) bool {
	bad := func(l whatLine) bool { return l.N < 1 || l.N > maxPieces }
	return len(lines) > 0 && len(lines) <= maxLines && !slices.ContainsFunc(lines, bad)
}

// Form checks a change of a catalog as admission must: keys, types, sizes.
// Fields that a newer program may add pass if they are small.
func Form(doc store.DocID, ch *wire.Change) error {
	if _, path, _ := strings.Cut(string(doc), "/"); !strings.HasPrefix(path, "catalog/") {
		return fmt.Errorf("%w: no catalog", errForm)
	}
	for _, op := range ch.Ops {
		p := strings.Split(op.Key, "/")
		if len(p) != 3 || !govern.IsID(p[1]) || p[2] == "" || !slices.Contains(kinds, p[0]) {
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

var kinds = []string{kindOffer, kindReserve, kindDay, kindGift, kindPlace}

var fields = map[string]func(wire.Value) bool{
	"offer/cost":  number(maxCost),
	"place/where": text(maxAbout), "place/hours": text(maxAbout),
	"place/terms": func(v wire.Value) bool {
		_, err := openTerms(v.Raw)
		return v.Kind == wire.Bytes && len(v.Raw) <= maxUnknown && (err == nil || errors.Is(err, errNewer))
	},
	"day/title": text(maxTitle), "day/device": text(maxUnknown),
	"day/at": func(v wire.Value) bool { return v.Kind == wire.Timestamp && v.Num > 0 },
	"gift/what": func(v wire.Value) bool {
		_, err := openGift(v.Raw)
		return v.Kind == wire.Bytes && len(v.Raw) <= maxUnknown && (err == nil || errors.Is(err, errNewer))
	},
	"gift/given": func(v wire.Value) bool {
		_, err := openGiven(v.Raw)
		return v.Kind == wire.Bytes && len(v.Raw) <= maxUnknown && (err == nil || errors.Is(err, errNewer))
	},
	"gift/paid": func(v wire.Value) bool {
		_, err := openPaid(v.Raw)
		return v.Kind == wire.Bytes && len(v.Raw) <= maxUnknown && (err == nil || errors.Is(err, errNewer))
	},
	"gift/receipt": func(v wire.Value) bool { return v.Kind == wire.Bytes && len(v.Raw) == len(wire.Hash{}) },
	"gift/state": func(v wire.Value) bool {
		return v.Kind == wire.String && (v.Raw == GiftListed || v.Raw == GiftDone || v.Raw == GiftCancelled)
	},
	"offer/name": text(maxName), "offer/unit": text(maxUnit), "offer/icon": text(maxIcon),
	"offer/kind":   func(v wire.Value) bool { return v.Kind == wire.String && validKind(v.Raw) },
	"offer/code":   func(v wire.Value) bool { return v.Kind == wire.String && validCode(v.Raw) },
	"offer/photo":  func(v wire.Value) bool { return v.Kind == wire.String && validPhoto(v.Raw) },
	"offer/points": number(maxPoints), "offer/minimum": number(maxMinimum),
	"offer/active": func(v wire.Value) bool { return v.Kind == wire.True || v.Kind == wire.False },
	"reserve/what": func(v wire.Value) bool {
		_, err := openWhat(v.Raw)
		return v.Kind == wire.Bytes && len(v.Raw) <= maxUnknown && (err == nil || errors.Is(err, errNewer))
	},
	"reserve/points": number(maxHeld), "reserve/device": text(maxUnknown),
	"reserve/state": func(v wire.Value) bool { return v.Kind == wire.String && validState(v.Raw) },
}

func validKind(s string) bool { return s == Goods || s == Service || s == Coupon || s == Honour }

func validState(s string) bool { return s == "open" || s == "done" || s == "cancelled" }

// validCode accepts what a scanner gun can type.
func validCode(s string) bool {
	return len(s) <= maxCode && !strings.ContainsFunc(s, func(r rune) bool { return r <= ' ' || r >= 0x7f })
}

// validPhoto accepts the name of a picture, the hash of its bytes, or none.
func validPhoto(s string) bool {
	return s == "" || len(s) == 64 && strings.Trim(s, "0123456789abcdef") == ""
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
