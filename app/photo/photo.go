// Package photo keeps pictures of what was done: which there are of a person's claim
// or deed, in the person's records, and the pictures themselves beside them. Pictures
// of things, which everybody may see, it keeps without a record (public.go).
//
// A picture never stands in a document. It is made smaller and clean of what cameras
// write into it, encrypted under a key of its own, and named by the hash of that; the
// record holds the hash, and the key sealed with the person's key. So a record is
// there at once, whether its picture is or not; whoever hands pictures on learns
// nothing of them; who erases the person leaves bytes that nobody opens.
//
// The package must never know what a claim or a deed is, or the network: it says
// which pictures are lacking here, and takes what somebody brings if it has that
// hash. Start reading at [Album.Add], then [Album.Lacking].
package photo

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"strings"

	"jishan/app/coded"
	"jishan/app/govern"
	"jishan/app/people"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Document people/<shard of the person>, which staff write and staff read. Keys, none of
// which is ever written over another value:
//
//	photo/<person>/<hash>/made   a CBOR array, see madeValue
//	photo/<person>/<hash>/off    a CBOR array, see offValue: it was taken down
const (
	kind   = "photo"
	made   = "made"
	off    = "off"
	format = 1
	action = "photo"
)

// Limits.
const (
	// MaxOf is how many pictures hang on one claim or deed.
	MaxOf = 6
	// MaxBytes bounds a picture as it is kept.
	MaxBytes   = 400 << 10
	maxWhy     = 60 // characters
	maxKey     = 64 // of the hexadecimal key, before it is sealed
	maxUnknown = 4096
)

// Hash names a picture: SHA-256 of what is kept of it.
type Hash [32]byte

// HashOf is the name of what is kept.
func HashOf(body []byte) Hash { return sha256.Sum256(body) }

func (h Hash) String() string { return hex.EncodeToString(h[:]) }

// ParseHash reads what String wrote.
func ParseHash(s string) (h Hash, ok bool) {
	b, err := hex.DecodeString(s)
	if err != nil || len(b) != len(h) || hex.EncodeToString(b) != s {
		return h, false
	}
	return Hash(b), true
}

type madeValue struct {
	_      struct{} `cbor:",toarray"`
	Format uint64
	Of     string // what it is a picture of: "claim/<id>"
	Size   int64  // bytes, as it is kept
	Key    []byte // sealed
}

type offValue struct {
	_      struct{} `cbor:",toarray"`
	Format uint64
	Why    []byte // sealed
}

var errForm = errors.New("photo: malformed")

// ofForm is the form of what a picture is of; newer programs may know other kinds.
var ofForm = regexp.MustCompile(`^[a-z]{1,16}/[0-9a-z]{1,64}$`)

func (v madeValue) whole() bool {
	return v.Format == format && ofForm.MatchString(v.Of) && v.Size > 0 && v.Size <= MaxBytes && people.Envelope(v.Key, maxKey)
}

func (v offValue) whole() bool { return v.Format == format && people.Envelope(v.Why, maxWhy) }

func keyOf(p people.ID, h Hash, field string) string {
	return kind + "/" + p.String() + "/" + h.String() + "/" + field
}

// bound is what a sealed text of a picture is bound to.
func bound(h Hash, field string) string { return kind + "/" + h.String() + "/" + field }

func parseKey(key string) (p people.ID, h Hash, field string, ok bool) {
	parts := strings.Split(key, "/")
	if len(parts) != 4 {
		return p, h, "", false
	}
	h, ok = ParseHash(parts[2])
	p, err := people.ParseID(parts[1])
	return p, h, parts[3], ok && err == nil && p.String() == parts[1]
}

// Form checks what of a change of a people document is about pictures: keys, types,
// sizes, and that nothing is written over what was there. Fields and formats of a newer
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
		p, _, field, ok := parseKey(op.Key)
		if !ok || op.Delete || len(op.Pred) > 0 || p.Shard() != at.Shard || op.Value.Kind != wire.Bytes || len(op.Value.Raw) > maxUnknown || !formOf(field, op) {
			return fmt.Errorf("%w: %.100q", errForm, op.Key)
		}
	}
	return nil
}

func formOf(field string, op wire.Op) bool {
	switch field {
	case made:
		return coded.Passes([]byte(op.Value.Raw), format, madeValue.whole)
	case off:
		return coded.Passes([]byte(op.Value.Raw), format, offValue.whole)
	}
	return true
}

func put(p people.ID, h Hash, field string, v any) (store.Put, error) {
	b, err := coded.Marshal(v)
	return store.Put{Key: keyOf(p, h, field), Value: wire.BytesValue(b)}, err
}
