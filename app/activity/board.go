package activity

import (
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"io"
	"strings"

	"github.com/oklog/ulid/v2"

	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/app/same"
	"jishan/app/scheme"
	"jishan/app/zone"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Config is what a board needs. All but Rand and Device are required.
type Config struct {
	Doc    func(path string) store.DocID // a document of this community
	Scheme *scheme.Book
	Rights Rights
	People Directory
	Clock  func() int64              // milliseconds UTC, for what screens show
	Rand   io.Reader                 // ids and secrets; crypto/rand if nil
	Device func(a wire.Actor) string // the name of an incarnation's device
	Cohort func(ms int64) string     // of points earned at a time; its year if nil
	Same   same.Person               // nil joins nobody

	// Claimed tells whether a deed that had to wait for somebody was claimed and
	// booked: recorded in another way it is not paid. Nil asks nobody.
	Claimed func(q store.Querier, person string, deed ledger.Subject) (bool, error)
}

// Board is the community's activities on one device. Commands take the
// transaction they write in and the operator's name; they do at once what this
// device has the rights to do. Queries read a snapshot.
type Board struct {
	Config
	asides asides
}

// NewBoard returns the board. It is a store.Projector.
func NewBoard(c Config) *Board {
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.Device == nil {
		c.Device = func(wire.Actor) string { return "" }
	}
	if c.Cohort == nil {
		c.Cohort = zone.Year
	}
	return &Board{Config: c}
}

// newID draws a ULID for something made now.
func (b *Board) newID(tx *store.Tx) (string, error) {
	id, err := ulid.New(uint64(tx.Now()), b.Rand)
	return strings.ToLower(id.String()), err
}

// maxPuts is how many fields go into one change: below what govern admits.
const maxPuts = 900

// put writes fields of one document, in as many changes as they need.
func (b *Board) put(tx *store.Tx, path, action string, puts []store.Put) error {
	for len(puts) > 0 {
		n := min(len(puts), maxPuts)
		if _, err := tx.Put(b.Doc(path), action, puts[:n]...); err != nil {
			return err
		}
		puts = puts[n:]
	}
	return nil
}

// optional turns "no rows" into nothing.
func optional(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}

const recordColumns = `id, path, title, type, start_at, end_at, place, places, item, rule, organiser, note, home, secret, made, cancelled, finished`

type scanner interface{ Scan(...any) error }

func scanRecord(row scanner, more ...any) (record, error) {
	var r record
	var rule []byte
	into := append([]any{&r.ID, &r.Path, &r.Title, &r.Type, &r.Start, &r.End, &r.Place, &r.Places, &r.Item, &rule,
		&r.Organiser, &r.Note, &r.Home, &r.Secret, &r.Made, &r.Cancelled, &r.Finished}, more...)
	if err := row.Scan(into...); err != nil {
		return record{}, err
	}
	if len(rule) > 0 {
		if r.Rule, _ = openRule(string(rule)); r.Rule.Format != ruleFormat {
			r.Rule = ruleValue{} // of a newer program: no points until this one is updated
		}
	}
	return r, nil
}

// record reads an activity. Fault: activity.unknown.
func (b *Board) record(q store.Querier, id string) (record, error) {
	r, err := scanRecord(q.QueryRow(`SELECT `+recordColumns+` FROM activity_row WHERE id = ?`, id))
	if errors.Is(err, sql.ErrNoRows) {
		return record{}, fault.New("activity.unknown")
	}
	return r, err
}

// live reads an activity that is not cancelled. Faults: activity.unknown,
// activity.cancelled.
func (b *Board) live(q store.Querier, id string) (record, error) {
	r, err := b.record(q, id)
	if err == nil && r.Cancelled != 0 {
		err = fault.New("activity.cancelled")
	}
	return r, err
}

func slots(activity string) ledger.Quota {
	return ledger.Quota{Kind: ledger.Slot, Subject: subjectOf(activity)}
}

func turn(s ledger.Subject) ledger.Quota { return ledger.Quota{Kind: ledger.Turn, Subject: s} }

func self(tx *store.Tx) string {
	a := tx.Self()
	return hex.EncodeToString(a[:])
}
