// Package bylaw keeps the community's written rules of redemption 兑换办法: how goods are
// fetched, when, how many, what is not exchanged, and from how many points on somebody
// may redeem at all.
//
// Every saved text is a version with the day from which it holds, and stays for ever; it
// stands under its own hash, so that two that were written apart are both kept. In force is
// the one that began last; of two that begin on one day, the one that was written later.
// The least sum is policy, not validity: a till asks for it before it redeems, and what was
// redeemed elsewhere under another version stands.
//
// The package must never know a person, a good or a balance. Start reading at [Book].
package bylaw

import (
	_ "embed" // the schema
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"jishan/app/coded"
	"jishan/app/govern"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Document bylaw, which offices write and every device reads. Key:
//
//	version/<id>/text  a CBOR array, see value; id is its hash
const (
	Doc    = "bylaw"
	format = 1
	kind   = "version"
)

// Limits.
const (
	MaxText  = 3000           // characters: two pages of a notice board
	MaxLeast = 1_000_000      // points, as of an offer
	maxValue = 4*MaxText + 64 // bytes
)

type value struct {
	_      struct{} `cbor:",toarray"`
	Format uint64
	Text   string // "" and Least 0: there are no rules any more
	Least  int64
	From   int64 // the beginning of the day from which it holds
	Made   int64
}

func (v value) whole() bool {
	return v.Format == format && rightText(v.Text) && v.Least >= 0 && v.Least <= MaxLeast && v.From > 0 && v.Made > 0
}

func rightText(s string) bool { return utf8.RuneCountInString(s) <= MaxText && govern.PlainText(s) }

func hash(raw string) string { return govern.HashID("jishan bylaw 1", raw) }

func parseKey(key string) (id string, ok bool) {
	parts := strings.Split(key, "/")
	if len(parts) != 3 || parts[0] != kind || parts[2] != "text" {
		return "", false
	}
	return parts[1], govern.IsID(parts[1])
}

var errForm = errors.New("bylaw: malformed")

// Form checks a change of the document as admission must: keys, sizes, that an id is the
// hash of what it names, and that nothing is written over. Formats of newer programs pass
// if they are small.
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

// Book is the rules of a community on one device. It is a store.Projector.
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

// Wants says whether doc holds rules of redemption.
func (b *Book) Wants(doc store.DocID) bool {
	_, path, _ := strings.Cut(string(doc), "/")
	return path == Doc
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
		if _, err := tx.Exec(`INSERT OR IGNORE INTO bylaw_version (id, begins, made, least, text) VALUES (?, ?, ?, ?, ?)`, id, v.From, v.Made, v.Least, v.Text); err != nil {
			return err
		}
	}
	return nil
}
