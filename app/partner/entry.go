package partner

import (
	"fmt"
	"time"

	"github.com/fxamacker/cbor/v2"

	"jishan/app/govern"
	"jishan/app/settle"
	"jishan/crdt/wire"
)

// Limits of entries.
const (
	// MaxPoints bounds the points of one statement, as of one settlement.
	MaxPoints = settle.MaxPoints
	// MaxRanges bounds the feeds of one statement: every till and staff device
	// that had to do with the other community since the last one. What has more
	// is left to the next.
	MaxRanges = 64
	// MaxWhy bounds the reason of a refusal in characters.
	MaxWhy = 200
	// MaxReference bounds a bank's reference in characters.
	MaxReference = settle.MaxReference
	maxValue     = 16 << 10 // bytes of one entry
)

func invalid(format string, args ...any) error {
	return fmt.Errorf("%w: %s", ErrInvalid, fmt.Sprintf(format, args...))
}

// Statement is what one side's ledger comes to towards the other, from the end of
// the statement before. Points and fen follow from the ranges.
type Statement struct {
	_      struct{} `cbor:",toarray"`
	Number uint64   // 1, 2, 3 ... of this side towards the other
	Month  string   // yyyy-mm: the last month that it covers; each later than the one before
	Ranges []settle.Range
	Spent  int64 // points: what our people spent at their merchants
	Back   int64 // points: of that, what was given back
	Moved  int64 // points: what people who moved here brought along
	Deals  int64 // transactions that spent
	Backs  int64 // transactions that gave back
	Movers int64 // transactions that brought along
	Peg    int64 // fen a point
	Fen    int64 // what we owe them for what was spent, less what they owe us for what came along; below 0: they owe us
}

// Points is how much credit the statement settles.
func (s *Statement) Points() int64 { return s.Spent - s.Back + s.Moved }

// Answer is the other side's word on a statement: it repeats the figures.
type Answer struct {
	_         struct{} `cbor:",toarray"`
	Statement wire.Hash
	Spent     int64
	Back      int64
	Moved     int64
	Fen       int64
	Agreed    bool
	Why       string // of a refusal
}

// Receipt says that what a statement owes was received, or set off against
// another; it is written by the side that was owed.
type Receipt struct {
	_         struct{} `cbor:",toarray"`
	Statement wire.Hash
	Fen       int64 // above 0
	Reference string
}

// Entry is one value of the feed: exactly one of the three is set.
type Entry struct {
	Prev      wire.Hash // in the first change of a document: the last entry of the one before
	Statement *Statement
	Answer    *Answer
	Receipt   *Receipt
}

const (
	kindStatement uint64 = 1
	kindAnswer    uint64 = 2
	kindReceipt   uint64 = 3
)

type envelope struct {
	_    struct{} `cbor:",toarray"`
	V    uint64
	Kind uint64
	Prev []byte // 32 bytes, or none
	Body cbor.RawMessage
}

// Encode writes an entry in its one form.
func (e Entry) Encode() ([]byte, error) {
	out := envelope{V: format, Prev: blob(e.Prev)}
	var body any
	switch {
	case e.Statement != nil:
		out.Kind, body = kindStatement, e.Statement
	case e.Answer != nil:
		out.Kind, body = kindAnswer, e.Answer
	case e.Receipt != nil:
		out.Kind, body = kindReceipt, e.Receipt
	default:
		return nil, ErrForm
	}
	raw, err := encoding.Marshal(body)
	if err != nil {
		return nil, err
	}
	out.Body = raw
	return encoding.Marshal(out)
}

// Decode reads an entry strictly. Errors: ErrForm, ErrInvalid, ErrNewer.
func Decode(raw []byte) (e Entry, err error) {
	if len(raw) > maxValue {
		return e, ErrForm
	}
	var parts []cbor.RawMessage
	var v, k uint64
	if decoding.Unmarshal(raw, &parts) != nil || len(parts) < 2 || decoding.Unmarshal(parts[0], &v) != nil || v == 0 {
		return e, ErrForm
	}
	if v > format {
		return e, ErrNewer
	}
	if decoding.Unmarshal(parts[1], &k) == nil && k > kindReceipt {
		return e, ErrNewer
	}
	var in envelope
	if err := strict(raw, &in); err != nil {
		return e, err
	}
	if len(in.Prev) != 0 && len(in.Prev) != len(e.Prev) {
		return e, ErrForm
	}
	e.Prev = hashOf(in.Prev)
	return e, e.open(in.Kind, in.Body)
}

func (e *Entry) open(kind uint64, body []byte) error {
	switch kind {
	case kindStatement:
		e.Statement = new(Statement)
		if err := strict(body, e.Statement); err != nil {
			return err
		}
		return e.Statement.check()
	case kindAnswer:
		e.Answer = new(Answer)
		if err := strict(body, e.Answer); err != nil {
			return err
		}
		return e.Answer.check()
	case kindReceipt:
		e.Receipt = new(Receipt)
		if err := strict(body, e.Receipt); err != nil {
			return err
		}
		return e.Receipt.check()
	}
	return ErrForm
}

// ParseMonth tells whether s is a month, yyyy-mm.
func ParseMonth(s string) bool {
	_, err := time.Parse("2006-01", s)
	return err == nil
}

func (s *Statement) check() error {
	if !ParseMonth(s.Month) || s.Number == 0 || s.Number > MaxPoints || len(s.Ranges) == 0 || len(s.Ranges) > MaxRanges {
		return ErrForm
	}
	for i, r := range s.Ranges {
		if r.From == 0 || r.To < r.From || r.To > MaxPoints || i > 0 && s.Ranges[i-1].Feed.Compare(r.Feed) >= 0 {
			return ErrForm
		}
	}
	for _, n := range [][2]int64{{s.Spent, s.Deals}, {s.Back, s.Backs}, {s.Moved, s.Movers}} {
		if n[0] < 0 || n[0] > MaxPoints || n[1] < 0 || n[1] > n[0] || n[0] > 0 && n[1] == 0 {
			return ErrForm
		}
	}
	switch {
	case s.Spent+s.Back+s.Moved == 0:
		return invalid("a statement of nothing")
	case s.Peg < 1 || s.Peg > govern.MaxPeg:
		return invalid("a point is worth %d fen", s.Peg)
	case s.Fen > (s.Spent-s.Moved)*s.Peg || s.Fen < (s.Spent-s.Moved)*s.Peg-s.Back*govern.MaxPeg || s.Back == 0 && s.Fen != (s.Spent-s.Moved)*s.Peg:
		return invalid("%d, %d and %d points at %d fen are not %d fen", s.Spent, s.Back, s.Moved, s.Peg, s.Fen)
	}
	return nil
}

func (a *Answer) check() error {
	if a.Agreed != (a.Why == "") || !govern.ShortLine(a.Why, MaxWhy) {
		return ErrForm
	}
	return nil
}

func (r *Receipt) check() error {
	if r.Fen < 1 || r.Reference == "" || !govern.ShortLine(r.Reference, MaxReference) {
		return ErrForm
	}
	return nil
}

// blob is a hash as a column's value: the zero hash is empty.
func blob(h wire.Hash) []byte {
	if h == (wire.Hash{}) {
		return []byte{}
	}
	return h[:]
}

func hashOf(b []byte) (h wire.Hash) {
	copy(h[:], b)
	return h
}
