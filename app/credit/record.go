package credit

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"jishan/app/coded"
	"jishan/app/govern"
	"jishan/app/people"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Document people/<shard of the person>, which staff write and staff read. Keys:
//
//	credit/<person>/consent    a CBOR array, see consentValue
//	credit/<person>/off        a CBOR array, see offValue: consent was taken back
//	credit/<person>/line/<id>  a CBOR array, see lineValue; never written twice
//
// The later of consent and off holds.
const kind = "credit"

// Limits.
const (
	maxBy      = 60 // characters of an operator's name
	maxUnknown = 4096
)

const format = 1

type (
	consentValue struct {
		_        struct{} `cbor:",toarray"`
		Format   uint64
		At       int64 // milliseconds
		By       string
		Operator [5]byte
		Device   [32]byte
		Key      [32]byte
		Sig      []byte // of the operator's key under statement; empty where nobody has one
	}
	offValue struct {
		_      struct{} `cbor:",toarray"`
		Format uint64
		At     int64
		By     string
	}
	lineValue struct {
		_       struct{} `cbor:",toarray"`
		Format  uint64
		Version int64
		Points  int64
		Basis   string
		Amount  int64 // yuan; 0 = no band
		Made    int64
		Until   int64
		By      string
	}
)

var errForm = errors.New("credit: malformed")

const consentDomain = "jishan credit consent 1\x00"

// Statement is what an operator signs when a person consents: that person, that
// community, that moment.
func Statement(community string, person people.ID, at int64) []byte {
	return fmt.Appendf(nil, "%s%s\x00%s\x00%d", consentDomain, community, person, at)
}

func consentKey(p people.ID) string         { return kind + "/" + p.String() + "/consent" }
func offKey(p people.ID) string             { return kind + "/" + p.String() + "/off" }
func lineKey(p people.ID, id string) string { return kind + "/" + p.String() + "/line/" + id }

// parseKey takes a key apart; id is that of a line. ok is false for what is no key
// of ours.
func parseKey(key string) (p people.ID, field, id string, ok bool) {
	parts := strings.Split(key, "/")
	if len(parts) < 3 || len(parts) > 4 || parts[0] != kind {
		return p, "", "", false
	}
	p, err := people.ParseID(parts[1])
	if err != nil || p.String() != parts[1] {
		return p, "", "", false
	}
	if len(parts) == 4 {
		id = parts[3]
	}
	return p, parts[2], id, (parts[2] == "line") == (len(parts) == 4)
}

// Form checks what of a change of a people document is about credit lines: keys,
// types, sizes, and that it stands in its person's shard. Fields and formats of a
// newer program pass if they are small.
func Form(doc store.DocID, ch *wire.Change) error {
	at, err := govern.ParsePath(doc)
	if err != nil {
		return err
	}
	for _, op := range ch.Ops {
		if !strings.HasPrefix(op.Key, kind+"/") {
			continue
		}
		p, field, id, ok := parseKey(op.Key)
		if !ok || op.Delete || p.Shard() != at.Shard || field == "line" && !govern.IsID(id) {
			return fmt.Errorf("%w: %.100q", errForm, op.Key)
		}
		if err := formField(field, op.Value); err != nil {
			return fmt.Errorf("%w: %.100q", err, op.Key)
		}
	}
	return nil
}

func formField(field string, v wire.Value) error {
	if v.Kind != wire.Bytes && (field == "consent" || field == "off" || field == "line") || len(v.Raw) > maxUnknown {
		return errForm
	}
	var err error
	switch field {
	case "consent":
		_, err = read(v, consentValue.whole)
	case "off":
		_, err = read(v, offValue.whole)
	case "line":
		_, err = read(v, lineValue.whole)
	}
	if errors.Is(err, coded.ErrNewer) {
		return nil
	}
	return err
}

// read decodes a value of ours. Errors: coded.ErrDamaged, coded.ErrNewer.
func read[T any](v wire.Value, whole func(T) bool) (T, error) {
	return coded.Read([]byte(v.Raw), format, whole)
}

func (v consentValue) whole() bool {
	return v.At > 0 && named(v.By) && (len(v.Sig) == 0 || len(v.Sig) == 64)
}
func (v offValue) whole() bool { return v.At > 0 && named(v.By) }
func (v lineValue) whole() bool {
	return v.Version > 0 && v.Points >= 0 && v.Amount >= 0 && v.Amount <= maxYuan && v.Made > 0 && v.Until >= v.Made && named(v.By) &&
		(v.Basis == Lifetime || v.Basis == Year || v.Basis == Spendable)
}

func named(s string) bool { return utf8.RuneCountInString(s) <= maxBy && govern.PlainLine(s) }

func value(v any) (wire.Value, error) {
	b, err := coded.Marshal(v)
	return wire.BytesValue(b), err
}
