package people

import (
	"database/sql"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"

	"jishan/app/coded"
	"jishan/app/fault"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// What a person agrees that the community keeps, and takes back again, is written
// down as it is said:
//
//	consent/<person>/<name>   in people/<shard>, a CBOR array; written once
//
// It holds a purpose, a day and how it was said, and nothing that names anybody: after
// an erasure it still proves that there was a consent. Nothing is deleted by a consent
// that is taken back; it stands before the eyes of whoever opens the person's data.

// Purposes are what a person's values are kept for, and of which fields they are.
var Purposes = []Purpose{
	{"identity", []string{"name", "idnumber", "birthday"}},   // to know who it is
	{"contact", []string{"phone", "address"}},                // to reach the person
	{"care", []string{"note", "guardian", "skills", "shop"}}, // to help, and be helped by, the person
	{"photo", nil}, // pictures of what was done
}

// Purpose is what some fields are kept for.
type Purpose struct {
	Name   string
	Fields []string
}

// ConsentWays are how a consent, or its end, was said.
var ConsentWays = []string{"paper", "desk", "phone"}

const (
	kindConsent   = "consent"
	consentAction = "people.consent"
	consentFormat = 1
	consentName   = 16  // characters of hexadecimal
	maxConsent    = 256 // bytes, of a newer program's too
	// maxConsents bounds what is read of one record: a person says such a thing a few
	// times in a life.
	maxConsents = 100
	// maxConsentAge is how long ago a consent may have been given that is written
	// down now: papers lie in folders for years.
	maxConsentAge = 50 * 365 * 24 * 3600 * 1000
)

type consentValue struct {
	_       struct{} `cbor:",toarray"`
	Format  uint64
	Purpose string
	Given   bool
	How     string
	On      int64 // the day on which it was said, milliseconds
}

func (v consentValue) whole() bool {
	return v.Format == consentFormat && v.On > 0 && slices.Contains(ConsentWays, v.How) && slices.ContainsFunc(Purposes, func(p Purpose) bool { return p.Name == v.Purpose })
}

// Consent is what was said once of one purpose.
type Consent struct {
	Purpose string     `json:"purpose"`
	Given   bool       `json:"given"` // false: taken back, or refused
	How     string     `json:"how"`
	On      int64      `json:"on"` // when it was said
	At      int64      `json:"at"` // when it was written down
	By      string     `json:"by"`
	Author  wire.Actor `json:"-"`
}

// NoteConsent writes down what a person said. The same a second time is the same.
// Faults: people.unknown, people.consent{field}.
func (p *People) NoteConsent(tx *store.Tx, id ID, c Consent) error {
	v := consentValue{Format: consentFormat, Purpose: c.Purpose, Given: c.Given, How: c.How, On: c.On}
	switch {
	case c.On <= tx.Now()-maxConsentAge || c.On > tx.Now():
		return fault.New("people.consent", "field", "on")
	case !slices.Contains(ConsentWays, c.How):
		return fault.New("people.consent", "field", "how")
	case !v.whole():
		return fault.New("people.consent", "field", "purpose")
	}
	if known, err := p.Known(tx, id); err != nil || !known {
		return errors.Join(err, fault.New("people.unknown"))
	}
	said, err := p.Consents(tx, id)
	if err != nil || again(said, c) {
		return err
	}
	var b [consentName / 2]byte
	if _, err := io.ReadFull(p.Rand, b[:]); err != nil {
		return err
	}
	raw, err := coded.Marshal(v)
	if err != nil {
		return err
	}
	_, err = tx.Put(p.doc(id), consentAction, store.Put{Key: kindConsent + "/" + id.String() + "/" + hex.EncodeToString(b[:]), Value: wire.BytesValue(raw)})
	return err
}

// again tells whether the last word of a purpose says what c says.
func again(said []Consent, c Consent) bool {
	for _, x := range said { // the latest first
		if x.Purpose == c.Purpose {
			return x.Given == c.Given && x.How == c.How && x.On == c.On
		}
	}
	return false
}

// Consents returns what a person said, under all ids, the latest first. The order is
// that of the operations, the same everywhere; of two that were written apart a
// withdrawal is the later one.
func (p *People) Consents(q store.Querier, id ID) (out []Consent, err error) {
	ids := p.IDs(id)
	in, args := "(?"+strings.Repeat(", ?", len(ids)-1)+")", make([]any, len(ids))
	for i := range ids {
		args[i] = ids[i][:]
	}
	return out, store.EachRow(q, func(r *sql.Rows) error {
		var c Consent
		var author []byte
		err := r.Scan(&c.Purpose, &c.Given, &c.How, &c.On, &c.At, &c.By, &author)
		copy(c.Author[:], author)
		out = append(out, c)
		return err
	}, "SELECT purpose, given, how, said, at, operator, author FROM people_consent WHERE person IN "+in+" ORDER BY counter DESC, given, author, hash LIMIT ?", append(args, maxConsents)...)
}

// Keeps tells whether something is kept of a person for a purpose; of pictures package
// photo knows.
func (p *People) Keeps(q store.Querier, id ID, purpose Purpose) (kept bool, err error) {
	for _, field := range purpose.Fields {
		for _, one := range p.IDs(id) {
			var has bool
			if err := q.QueryRow("SELECT EXISTS (SELECT 1 FROM people_person WHERE id = ? AND "+field+" IS NOT NULL)", one[:]).Scan(&has); err != nil {
				return false, err
			}
			kept = kept || has
		}
	}
	return kept, nil
}

// Withdrawn lists the purposes whose last word is no.
func Withdrawn(said []Consent) (out []string) {
	out = []string{}
	for _, purpose := range Purposes {
		if i := slices.IndexFunc(said, func(c Consent) bool { return c.Purpose == purpose.Name }); i >= 0 && !said[i].Given {
			out = append(out, purpose.Name)
		}
	}
	return out
}

func parseConsent(key string) (id ID, ok bool) {
	parts := strings.Split(key, "/")
	if len(parts) != 3 || parts[0] != kindConsent || len(parts[2]) != consentName || strings.Trim(parts[2], "0123456789abcdef") != "" {
		return id, false
	}
	id, err := ParseID(parts[1])
	return id, err == nil && id.String() == parts[1]
}

// consentForm checks an operation on a consent; what is none passes. What a newer
// program means passes if it is small.
func consentForm(op wire.Op, shard int) error {
	if !strings.HasPrefix(op.Key, kindConsent+"/") {
		return nil
	}
	id, ok := parseConsent(op.Key)
	if !ok || op.Delete || len(op.Pred) > 0 || id.Shard() != shard || op.Value.Kind != wire.Bytes || len(op.Value.Raw) > maxConsent ||
		!coded.Passes([]byte(op.Value.Raw), consentFormat, consentValue.whole) {
		return fmt.Errorf("people: no consent at %.80q", op.Key)
	}
	return nil
}

// noteConsents keeps the consents of a change at hand.
func noteConsents(tx *store.Tx, ev store.Event) error {
	for i, op := range ev.Change.Ops {
		id, ok := parseConsent(op.Key)
		if !ok {
			continue
		}
		v, err := coded.Read([]byte(op.Value.Raw), consentFormat, consentValue.whole)
		if err != nil {
			continue // of a newer program: nothing that this one could show
		}
		if _, err := tx.Exec(`INSERT OR IGNORE INTO people_consent (person, counter, author, hash, purpose, given, how, said, at, operator) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			id[:], ev.Change.StartOp+uint64(i), ev.Change.Actor[:], ev.Hash[:], v.Purpose, v.Given, v.How, v.On, ev.Change.Time, ev.Context.Name()); err != nil {
			return err
		}
	}
	return nil
}
