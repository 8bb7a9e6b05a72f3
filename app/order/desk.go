package order

import (
	"crypto/rand"
	"database/sql"
	"encoding/hex"
	"errors"
	"io"
	"slices"
	"strings"

	"github.com/oklog/ulid/v2"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/same"
	"jishan/app/scheme"
	"jishan/app/zone"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Config is what a desk needs. All but Rand and Device are required.
type Config struct {
	Doc       func(path string) store.DocID // a document of this community
	Scheme    *scheme.Book
	Rights    Rights
	People    People
	Places    Places
	Clock     func() int64 // milliseconds UTC, for what screens show
	Rand      io.Reader    // ids; crypto/rand if nil
	Device    func(a wire.Actor) string
	Registrar func() bool           // whether this device closes what nobody reviewed
	Cohort    func(ms int64) string // of points earned at a time; its year if nil
	Same      same.Person           // which ids are one person; nil joins nobody
}

// Desk is the community's orders on one device. Commands take the transaction
// they write in; who does it is in the change. Queries read a snapshot.
type Desk struct{ Config }

// NewDesk returns the desk. It is a store.Projector.
func NewDesk(c Config) *Desk {
	if c.Rand == nil {
		c.Rand = rand.Reader
	}
	if c.Device == nil {
		c.Device = func(wire.Actor) string { return "" }
	}
	if c.Cohort == nil {
		c.Cohort = zone.Year
	}
	return &Desk{c}
}

// newID draws a ULID for something made now.
func (d *Desk) newID(tx *store.Tx) (string, error) {
	id, err := ulid.New(uint64(tx.Now()), d.Rand)
	return strings.ToLower(id.String()), err
}

func (d *Desk) put(tx *store.Tx, path, action string, puts ...store.Put) error {
	_, err := tx.Put(d.Doc(path), action, puts...)
	return err
}

// optional turns "no rows" into nothing.
func optional(err error) error {
	if errors.Is(err, sql.ErrNoRows) {
		return nil
	}
	return err
}

// clip shortens an operator's name to what a field holds.
func clip(s string) string { return clipTo(s, maxShort) }

func clipTo(s string, limit int) string {
	if r := []rune(s); len(r) > limit {
		return string(r[:limit])
	}
	return s
}

func (d *Desk) deviceOf(actor string) string {
	raw, err := hex.DecodeString(actor)
	if err != nil || len(raw) != len(wire.Actor{}) {
		return ""
	}
	return d.Device(wire.Actor(raw))
}

// line checks a text of one line. Its fault's code is code {max}.
func line(code, s string, limit int, must bool) error {
	if !fits(s, limit) || !govern.PlainLine(s) || must && s == "" {
		return fault.New(code, "max", limit)
	}
	return nil
}

// known refuses a person who is not registered here. Fault: people.unknown.
func (d *Desk) known(q store.Querier, person string) error {
	if !validPerson(person) {
		return fault.New("people.unknown")
	}
	ok, err := d.People.Known(q, person)
	if err == nil && !ok {
		err = fault.New("people.unknown")
	}
	return err
}

// notHere says that a ledger command failed for want of rights at this device,
// and not because something is broken.
func notHere(err error) bool {
	f, ok := errors.AsType[*fault.Fault](err)
	return ok && slices.Contains([]string{"ledger.turn.missing", "ledger.issue.short", "ledger.deed.used", "ledger.period.closed"}, f.Code)
}
