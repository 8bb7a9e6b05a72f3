package settle

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/fxamacker/cbor/v2"

	"jishan/app/govern"
	"jishan/crdt/wire"
)

// Limits of entries.
const (
	// MaxPeg bounds what one point is worth, in fen: the settings' own limit.
	MaxPeg = 100_000
	// MaxPoints bounds the points of one settlement, so that points times peg
	// stays far inside int64.
	MaxPoints = 1 << 40
	// MaxRanges bounds the feeds of one merchant: its tills, and every
	// incarnation that they ever had.
	MaxRanges = 64
	// MaxReference bounds a bank's batch reference in characters.
	MaxReference = 40
	// MaxPayee bounds the name on the account and the bank's name, in characters.
	MaxPayee = 60
	// MaxAccount bounds an account number in characters: the longest has 30.
	MaxAccount = 34
	maxValue   = 16 << 10 // bytes of one entry: MaxRanges of 90 bytes, and room
)

// Kind numbers the entries. Numbers are never reused.
type Kind uint64

// The entries of a merchant's settlement feed.
const (
	KindSettlement Kind = 1
	KindPayment    Kind = 2
	KindTerms      Kind = 3
)

// format is the version of the encoding.
const format = 1

// Errors of what was read.
var (
	ErrForm    = errors.New("settle: malformed")
	ErrInvalid = errors.New("settle: invalid")
	ErrNewer   = errors.New("settle: a newer format")
)

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrInvalid, fmt.Sprintf(format, args...))
}

// Range is a piece of one of the merchant's feeds: its transactions From to To,
// both counted, parts counted through.
type Range struct {
	_    struct{} `cbor:",toarray"`
	Feed wire.Actor
	From uint64
	To   uint64
	Tip  wire.Hash // of transaction To
}

// Settlement is what one batch owes. Points and Fen follow from the ranges.
type Settlement struct {
	_           struct{} `cbor:",toarray"`
	Number      uint64   // 1, 2, 3 ... of this merchant
	Day         string   // yyyy-mm-dd, the last day that it covers
	Ranges      []Range  // by feed
	Redemptions int64    // transactions that consumed points
	Reversals   int64    // transactions that restored points paid here
	Points      int64    // redeemed
	Back        int64    // reversed
	Peg         int64    // fen a point
	Fen         int64    // Points at Peg, less Back at what was paid for it; may be below 0
	Brought     int64    // fen: what the settlement before left, never above 0
	Pay         int64    // fen: Fen and Brought, or 0 if that is below
}

// Left is what reversals exceed redemptions by: the next settlement deducts it.
func (s *Settlement) Left() int64 { return s.Fen + s.Brought - s.Pay }

// Payment says that a settlement was paid.
type Payment struct {
	_          struct{} `cbor:",toarray"`
	Settlement wire.Hash
	Fen        int64
	Reference  string // the bank's, of the batch
}

// Terms is what was agreed with the merchant, all of it each time.
type Terms struct {
	_       struct{} `cbor:",toarray"`
	Payee   string   // name on the account
	Account string
	Bank    string
	Peg     int64 // fen a point; 0: as the community
}

// Entry is one value of the feed: exactly one of the three is set.
type Entry struct {
	Prev       wire.Hash // in the first change of a document: the last entry of the one before
	Settlement *Settlement
	Payment    *Payment
	Terms      *Terms
}

type envelope struct {
	_      struct{} `cbor:",toarray"`
	Format uint64
	Kind   Kind
	Prev   []byte // 32 bytes, or none
	Body   cbor.RawMessage
}

var (
	encoding = must(cbor.CoreDetEncOptions().EncMode())
	decoding = must(cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		MaxNestedLevels: 6, MaxArrayElements: MaxRanges, MaxMapPairs: 16,
	}.DecMode())
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Encode writes an entry in its one form.
func (e Entry) Encode() ([]byte, error) {
	out := envelope{Format: format}
	var body any
	switch {
	case e.Settlement != nil:
		out.Kind, body = KindSettlement, e.Settlement
	case e.Payment != nil:
		out.Kind, body = KindPayment, e.Payment
	case e.Terms != nil:
		out.Kind, body = KindTerms, e.Terms
	default:
		return nil, ErrForm
	}
	if e.Prev != (wire.Hash{}) {
		out.Prev = e.Prev[:]
	} else {
		out.Prev = []byte{}
	}
	raw, err := encoding.Marshal(body)
	if err != nil {
		return nil, err
	}
	out.Body = raw
	return encoding.Marshal(out)
}

// Decode reads an entry strictly: encoding it again gives the same bytes.
// Errors: ErrForm, ErrNewer.
func Decode(raw []byte) (Entry, error) {
	if len(raw) > maxValue {
		return Entry{}, ErrForm
	}
	if err := known(raw); err != nil {
		return Entry{}, err
	}
	var in envelope
	if err := decoding.Unmarshal(raw, &in); err != nil {
		return Entry{}, ErrForm
	}
	var e Entry
	if len(in.Prev) == len(e.Prev) {
		e.Prev = wire.Hash(in.Prev)
	} else if len(in.Prev) != 0 {
		return Entry{}, ErrForm
	}
	if err := e.open(in.Kind, in.Body); err != nil {
		return Entry{}, err
	}
	again, err := e.Encode()
	if err != nil || string(again) != string(raw) {
		return Entry{}, ErrForm
	}
	return e, nil
}

// known tells a newer program's value from a malformed one.
func known(raw []byte) error {
	var parts []cbor.RawMessage
	var f uint64
	if decoding.Unmarshal(raw, &parts) != nil || len(parts) < 2 || decoding.Unmarshal(parts[0], &f) != nil || f == 0 || f > 255 {
		return ErrForm
	}
	var k uint64
	if f == format && decoding.Unmarshal(parts[1], &k) != nil {
		return ErrForm
	}
	if f > format || k > uint64(KindTerms) && k <= 255 {
		return ErrNewer
	}
	return nil
}

func (e *Entry) open(k Kind, body []byte) (err error) {
	switch k {
	case KindSettlement:
		e.Settlement = new(Settlement)
		err = decoding.Unmarshal(body, e.Settlement)
	case KindPayment:
		e.Payment = new(Payment)
		err = decoding.Unmarshal(body, e.Payment)
	case KindTerms:
		e.Terms = new(Terms)
		err = decoding.Unmarshal(body, e.Terms)
	default:
		return ErrForm
	}
	if err != nil {
		return ErrForm
	}
	return e.check()
}

// check judges what an entry says by itself.
func (e *Entry) check() error {
	switch {
	case e.Settlement != nil:
		return e.Settlement.check()
	case e.Payment != nil:
		return e.Payment.check()
	}
	return e.Terms.check()
}

func (s *Settlement) check() error {
	if _, err := time.Parse(time.DateOnly, s.Day); err != nil || s.Number == 0 || s.Number > MaxPoints || len(s.Ranges) == 0 || len(s.Ranges) > MaxRanges {
		return ErrForm
	}
	for i, r := range s.Ranges {
		if r.From == 0 || r.To < r.From || r.To > MaxPoints || i > 0 && s.Ranges[i-1].Feed.Compare(r.Feed) >= 0 {
			return ErrForm
		}
	}
	for _, n := range []int64{s.Redemptions, s.Reversals, s.Points, s.Back} {
		if n < 0 || n > MaxPoints {
			return ErrForm
		}
	}
	switch {
	case s.Redemptions+s.Reversals == 0, s.Redemptions > s.Points, s.Reversals > s.Back, s.Points > 0 && s.Redemptions == 0, s.Back > 0 && s.Reversals == 0:
		return invalid("a settlement of nothing")
	case s.Peg < 1 || s.Peg > MaxPeg:
		return invalid("a point is worth %d fen", s.Peg)
	case s.Fen > s.Points*s.Peg || s.Fen < s.Points*s.Peg-s.Back*MaxPeg || s.Back == 0 && s.Fen != s.Points*s.Peg:
		return invalid("%d points at %d fen are not %d fen", s.Points, s.Peg, s.Fen)
	case s.Brought > 0 || s.Brought < -MaxPoints*MaxPeg || s.Pay != max(0, s.Fen+s.Brought):
		return invalid("%d and %d fen are not %d", s.Fen, s.Brought, s.Pay)
	}
	return nil
}

func (p *Payment) check() error {
	if p.Fen < 1 || p.Reference == "" || !govern.ShortLine(p.Reference, MaxReference) {
		return ErrForm
	}
	return nil
}

func (t *Terms) check() error {
	if !govern.ShortLine(t.Payee, MaxPayee) || !govern.ShortLine(t.Bank, MaxPayee) || !account(t.Account) || t.Peg < 0 || t.Peg > MaxPeg {
		return ErrForm
	}
	return nil
}

// account tells whether s is an account number, or nothing.
func account(s string) bool {
	return len(s) <= MaxAccount && !strings.ContainsFunc(s, func(r rune) bool {
		return !(r >= '0' && r <= '9' || r >= 'A' && r <= 'Z' || r == '-')
	})
}

// sortRanges puts ranges into their one order.
func sortRanges(list []Range) {
	slices.SortFunc(list, func(a, b Range) int { return a.Feed.Compare(b.Feed) })
}
