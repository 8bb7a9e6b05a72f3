// Package fund keeps the community's money for this purpose 资金: what was received and from
// whom, what was given out, and what those who were granted some have used of it. Amounts
// are fen.
//
// An entry stands under its own hash and is never changed: who entered it wrong enters the
// opposite, which counts on the day of its own and leaves both to be read. Of two opposites
// that were entered apart the first counts.
//
// It is a record of what was done with money elsewhere; the program pays nothing. The
// package must never know a point, a merchant's settlement or a good: what points may cost
// is reckoned by whoever asks. Start reading at [Book].
package fund

import (
	_ "embed" // the schema
	"errors"
	"fmt"
	"slices"
	"strings"

	"jishan/app/coded"
	"jishan/app/govern"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Documents fund/<yyyy-mm>, which offices write and staff read; an entry stands in that of
// the month in which it was entered. Key:
//
//	entry/<id>/what  a CBOR array, see value; id is its hash
const (
	Doc    = "fund"
	format = 1
	kind   = "entry"
)

// The kinds of entries.
const (
	County   = "county"   // 上级拨款, received
	Donation = "donation" // 捐款, received
	Own      = "own"      // 社区自有, received
	Goods    = "goods"    // 捐物折价: no money, but part of what it all rests on

	Support  = "support"  // 项目扶持, given to a project or team
	Settle   = "settle"   // 商家结算, given
	Purchase = "purchase" // 采购, given
	Other    = "other"    // given

	Use = "use" // what somebody used of a Support: moves nothing of the community's
)

// Incoming, Outgoing and Kinds are the kinds by what they do; Goods is of Incoming, and
// counts as a source only.
var (
	Incoming = []string{County, Donation, Own, Goods}
	Outgoing = []string{Support, Settle, Purchase, Other}
	Kinds    = slices.Concat(Incoming, Outgoing, []string{Use})
)

// Limits.
const (
	MaxFen     = 100_000_000_000 // of one entry: a billion yuan; all sums fit
	MaxWho     = 60              // characters
	MaxWord    = 120             // characters
	MaxVoucher = 40              // characters
	MaxEntries = 20_000          // that are looked at: twenty a week for twenty years
	maxName    = 40
	maxValue   = 2 << 10 // bytes
)

type value struct {
	_       struct{} `cbor:",toarray"`
	Format  uint64
	Kind    string
	Fen     int64
	Day     int64  // the beginning of the day of the money
	Who     string // who gave it, or whom it was given to
	Word    string // what for
	Voucher string // number on paper
	Grant   string // of a Use: the Support
	Undoes  string // the entry that this is the opposite of
	Made    int64
	By      string
}

func (v value) whole() bool {
	return v.Format == format && slices.Contains(Kinds, v.Kind) && v.Fen > 0 && v.Fen <= MaxFen && v.Day > 0 && v.Made > 0 &&
		govern.ShortLine(v.Who, MaxWho) && govern.ShortLine(v.Word, MaxWord) && govern.ShortLine(v.Voucher, MaxVoucher) && govern.ShortLine(v.By, maxName) &&
		(v.Grant == "" && v.Kind != Use || v.Kind == Use && govern.IsID(v.Grant)) && (v.Undoes == "" || govern.IsID(v.Undoes))
}

func hash(raw string) string { return govern.HashID("jishan fund 1", raw) }

func parseKey(key string) (id string, ok bool) {
	parts := strings.Split(key, "/")
	if len(parts) != 3 || parts[0] != kind || parts[2] != "what" {
		return "", false
	}
	return parts[1], govern.IsID(parts[1])
}

var errForm = errors.New("fund: malformed")

// Form checks a change of a document as admission must: keys, sizes, that an id is the hash
// of what it names, and that nothing is written over. Formats of newer programs pass if
// they are small.
func Form(ch *wire.Change) error {
	for _, op := range ch.Ops {
		id, ok := parseKey(op.Key)
		if !ok || op.Delete || len(op.Pred) > 0 || op.Value.Kind != wire.Bytes || len(op.Value.Raw) > maxValue ||
			hash(op.Value.Raw) != id || !coded.Passes([]byte(op.Value.Raw), format, value.whole) {
			return fmt.Errorf("%w: %.100q", errForm, op.Key)
		}
	}
	return nil
}

//go:embed schema.sql
var schema string

// Book is a community's money on one device. It is a store.Projector.
type Book struct{ doc func(path string) store.DocID }

// New returns the book. doc gives the id of a document of this community in its present
// epoch.
func New(doc func(path string) store.DocID) *Book { return &Book{doc} }

// Name, Version, Schema, Wants and Apply make Book a store.Projector.
func (b *Book) Name() string { return Doc }

// Version is raised when rows change their meaning.
func (b *Book) Version() int { return 1 }

// Schema is schema.sql.
func (b *Book) Schema() string { return schema }

// Wants says whether doc holds entries.
func (b *Book) Wants(doc store.DocID) bool {
	_, path, _ := strings.Cut(string(doc), "/")
	return strings.HasPrefix(path, Doc+"/")
}

// Apply keeps what came; what a newer program wrote is left alone.
func (b *Book) Apply(tx *store.Tx, ev store.Event) error {
	for _, op := range ev.Change.Ops {
		id, ok := parseKey(op.Key)
		if !ok || op.Value.Kind != wire.Bytes {
			continue
		}
		v, err := coded.Read([]byte(op.Value.Raw), format, value.whole)
		if err != nil {
			continue
		}
		if _, err := tx.Exec(`INSERT OR IGNORE INTO fund_entry (id, day, made, value) VALUES (?, ?, ?, ?)`, id, v.Day, v.Made, []byte(op.Value.Raw)); err != nil {
			return err
		}
	}
	return nil
}
