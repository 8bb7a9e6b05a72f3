// Package newcomer keeps what people say of themselves on a phone page who want to be
// registered as volunteers, until somebody at a desk took them in or refused them.
//
// An application hangs on nobody who is known: its text is sealed by who calls under a
// key of its own, which is destroyed when it ends. It is found by its number, which its
// applicant alone was told.
//
// The package must never know a name, a phone or an address, and must never tell whether
// somebody is registered. Start reading at [Book].
package newcomer

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"slices"
	"strings"

	"jishan/app/coded"
	"jishan/app/govern"
	"jishan/app/people"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Document people/<shard of the id>, which staff write and staff read. Keys, none of which
// is ever written over another value:
//
//	newcomer/<id>/asked  a CBOR array, see askedValue
//	newcomer/<id>/ended  a CBOR array, see endedValue
//
// The id is a hash of the number.
const (
	kind   = "newcomer"
	format = 1
)

// Limits.
const (
	// MaxText bounds the sealed text of an application, in characters: its fields together.
	MaxText = 1000
	// MaxReason bounds why one is refused, in characters.
	MaxReason = 100
	// MaxWaiting is how many may wait for an answer: who fills the list with nonsense
	// fills it no further, and desks register people all the same.
	MaxWaiting = 200
	// MaxDay is how many are taken within a day.
	MaxDay = 100

	maxName    = 40   // an operator's, as with deeds
	maxUnknown = 8192 // bytes, of a newer program's values too
	digits     = 12   // of a number
)

// How an application ended.
const (
	Accepted = "accepted"
	Refused  = "refused"
	Lapsed   = "lapsed" // nobody answered it for long
)

// ends are all of them. Of several that were said apart the first in this order holds:
// who was made a volunteer is one.
var ends = []string{Accepted, Refused, Lapsed}

type askedValue struct {
	_      struct{} `cbor:",toarray"`
	Format uint64
	At     int64  // milliseconds
	Text   []byte // sealed
}

func (v askedValue) whole() bool {
	return v.Format == format && v.At > 0 && people.Envelope(v.Text, MaxText)
}

type endedValue struct {
	_      struct{} `cbor:",toarray"`
	Format uint64
	At     int64
	State  string
	Person []byte // id of who was taken in, else none
	By     string
	Reason []byte // sealed, of a refusal
}

func (v endedValue) whole() bool {
	return v.Format == format && v.At > 0 && slices.Contains(ends, v.State) && govern.ShortLine(v.By, maxName) &&
		(v.State == Accepted) == (len(v.Person) == len(people.ID{})) && (len(v.Person) == 0 || v.State == Accepted) &&
		(v.State == Refused) == (len(v.Reason) > 0) && (len(v.Reason) == 0 || people.Envelope(v.Reason, MaxReason))
}

var errForm = errors.New("newcomer: malformed")

// Number is what an applicant is told: twelve digits, the same for the same word of the
// page, so that what is sent again is there once.
func Number(community, word string) string {
	sum := sha256.Sum256([]byte("jishan newcomer number 1|" + community + "|" + word))
	return fmt.Sprintf("%0*d", digits, binary.BigEndian.Uint64(sum[:8])%1_000_000_000_000)
}

// IDOf is the id that belongs to a number; false for what is no number. Spaces between its
// digits are left out.
func IDOf(community, number string) (people.ID, bool) {
	number = strings.Join(strings.Fields(number), "")
	if len(number) != digits || strings.Trim(number, "0123456789") != "" {
		return people.ID{}, false
	}
	sum := sha256.Sum256([]byte("jishan newcomer 1|" + community + "|" + number))
	return people.ID(sum[:16]), true
}

// Field names what the text of an application, or why it was refused, is bound to.
func Field(id people.ID, field string) string { return kind + "/" + id.String() + "/" + field }

// parseKey takes a key apart; false for what is no key of an application.
func parseKey(key string) (id people.ID, field string, ok bool) {
	p := strings.Split(key, "/")
	if len(p) != 3 || p[0] != kind {
		return id, "", false
	}
	id, err := people.ParseID(p[1])
	return id, p[2], err == nil && (p[2] == "asked" || p[2] == "ended")
}

// Form checks what of a change of a people document is an application: keys, shard, values,
// and that nothing is written over. What a newer program means passes if it is small.
func Form(doc store.DocID, ch *wire.Change) error {
	at, err := govern.ParsePath(doc)
	if err != nil {
		return err
	}
	for _, op := range ch.Ops {
		if !strings.HasPrefix(op.Key, kind+"/") {
			continue
		}
		id, field, ok := parseKey(op.Key)
		if !ok || op.Delete || len(op.Pred) > 0 || id.Shard() != at.Shard || op.Value.Kind != wire.Bytes || len(op.Value.Raw) > maxUnknown || !passes(field, op.Value.Raw) {
			return fmt.Errorf("%w: %.100q", errForm, op.Key)
		}
	}
	return nil
}

func passes(field, raw string) bool {
	if field == "asked" {
		return coded.Passes([]byte(raw), format, askedValue.whole)
	}
	return coded.Passes([]byte(raw), format, endedValue.whole)
}
