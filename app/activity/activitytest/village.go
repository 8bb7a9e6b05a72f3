// Package activitytest holds a small community of devices for tests: real
// stores, seals, admission and ledger; one clock, a law under which nobody is
// ever closed, and people without names. It must never be part of the program.
// Start reading at [New].
package activitytest

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"jishan/app/activity"
	"jishan/app/fault"
	"jishan/app/ledger"
	known "jishan/app/people"
	"jishan/app/scheme"
	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Community is the id of the community of all tests.
const Community = "00000000000000000000000000"

// Start is where the clock begins: 5 February 2026, 09:00 in China.
const Start = 1_770_253_200_000

// Village is a community. Devices[0] is the office, the registrar.
type Village struct {
	T       testing.TB
	Now     int64 // of all devices, milliseconds
	Devices []*Device
	people  map[string]string // id -> name
	dropped map[string]bool   // sealed texts whose key was destroyed
}

// Device is one device with its subjects.
type Device struct {
	V      *Village
	Name   string
	Role   ledger.Role
	Inc    seal.Incarnation
	Store  *store.Store
	Ledger *ledger.Ledger
	Scheme *scheme.Book
	Board  *activity.Board
	forms  map[string]func(store.DocID, *wire.Change) error
}

// More adds a projector to a device, with the form of its documents' changes by
// the first word of their path.
type More func(d *Device) (p store.Projector, word string, form func(store.DocID, *wire.Change) error)

// New makes an office and as many stations.
func New(t testing.TB, stations int, more ...More) *Village {
	v := &Village{T: t, Now: Start, people: map[string]string{}, dropped: map[string]bool{}}
	v.add("office", ledger.Registrar, more)
	for i := range stations {
		v.add(fmt.Sprintf("station%d", i+1), ledger.Staff, more)
	}
	v.introduce()
	v.Office().Do(func(tx *store.Tx) error {
		_, err := v.Office().Scheme.Save(tx, scheme.Default(), "甲")
		if err != nil {
			return err
		}
		return v.Office().Ledger.EnsureIssue(tx, v.Office().Ledger.Community(), "2026", 100_000)
	})
	v.Meet()
	return v
}

// Office returns the registrar's device.
func (v *Village) Office() *Device { return v.Devices[0] }

func (v *Village) introduce() {
	for _, d := range v.Devices {
		d.Do(func(tx *store.Tx) error {
			for _, o := range v.Devices {
				c := o.Inc.Certificate
				if _, err := tx.SetAdd(store.SetIncarnation, store.Item{ID: c.ID(), Blob: c.Encode()}); err != nil {
					return err
				}
			}
			return nil
		})
	}
}

func (v *Village) add(name string, r ledger.Role, more []More) {
	v.T.Helper()
	i := byte(len(v.Devices) + 1)
	inc, err := seal.NewIncarnation(bytes.NewReader(bytes.Repeat([]byte{i, 9}, 32)), ed25519.NewKeyFromSeed(bytes.Repeat([]byte{i}, ed25519.SeedSize)), 1000)
	if err != nil {
		v.T.Fatal(err)
	}
	d := &Device{V: v, Name: name, Role: r, Inc: inc, forms: map[string]func(store.DocID, *wire.Change) error{
		"scheme": func(_ store.DocID, ch *wire.Change) error { return scheme.Form(ch) }, "activity": activity.Form,
	}}
	v.Devices = append(v.Devices, d)
	d.Ledger = ledger.New(inc.Actor(), Community, d)
	d.Scheme = scheme.New(Doc)
	d.Board = activity.NewBoard(activity.Config{
		Doc: Doc, Scheme: d.Scheme, Rights: d.Ledger, People: (*people)(v), Clock: func() int64 { return v.Now }, Device: v.nameOf,
	})
	projectors := []store.Projector{d.Ledger, d.Scheme, d.Board}
	for _, m := range more {
		p, word, form := m(d)
		projectors = append(projectors, p)
		d.forms[word] = form
	}
	dir := v.T.TempDir()
	d.Store, err = store.Open(context.Background(), store.Config{
		Path: filepath.Join(dir, "jishan.db"), Clock: func() int64 { return v.Now }, Rand: bytes.NewReader(make([]byte, 64)),
		Incarnation: &d.Inc, Lock: &seal.LockFile{Path: filepath.Join(dir, "lock")}, Projectors: projectors, Shape: d.Shape,
	})
	if err != nil {
		v.T.Fatal(err)
	}
	v.T.Cleanup(func() {
		if err := d.Store.Close(); err != nil {
			v.T.Error(err)
		}
	})
}

func (v *Village) nameOf(a wire.Actor) string {
	i := slices.IndexFunc(v.Devices, func(d *Device) bool { return d.Inc.Actor() == a })
	if i < 0 {
		return ""
	}
	return v.Devices[i].Name
}

// Doc returns a document's id.
func Doc(path string) store.DocID { return store.DocID(Community + ".1/" + path) }

// Do runs one transaction and fails the test if it fails.
func (d *Device) Do(fn func(tx *store.Tx) error) {
	d.V.T.Helper()
	if err := d.Try(fn); err != nil {
		d.V.T.Fatalf("%s: %v", d.Name, err)
	}
}

// Try runs one transaction.
func (d *Device) Try(fn func(tx *store.Tx) error) error {
	return d.Store.Update(context.Background(), store.Author{Operator: "经办人" + d.Name, Context: func(*store.Tx) (seal.Context, error) {
		return seal.Context{Term: 1, Seq: 1}, nil
	}}, fn)
}

// See runs a query and fails the test if it fails.
func (d *Device) See(fn func(q store.Querier) error) {
	d.V.T.Helper()
	if err := d.Store.View(context.Background(), fn); err != nil {
		d.V.T.Fatalf("%s: %v", d.Name, err)
	}
}

// Tend does what the device can do, until nothing is left.
func (d *Device) Tend() {
	d.V.T.Helper()
	for more := true; more; {
		d.Do(func(tx *store.Tx) (err error) {
			if _, err = d.Ledger.TakeAll(tx); err != nil {
				return err
			}
			more, err = d.Board.Tend(tx)
			return err
		})
	}
}

// Pull brings from o what d lacks.
func (d *Device) Pull(o *Device) { d.V.T.Helper(); d.PullOnly(o, "") }

// PullOnly brings the documents whose path begins with a word, as a sync that
// was cut short does.
func (d *Device) PullOnly(o *Device, word string) {
	d.V.T.Helper()
	ctx := context.Background()
	docs, err := o.Store.Docs(ctx)
	if err != nil {
		d.V.T.Fatal(err)
	}
	for _, doc := range docs {
		if _, path, _ := strings.Cut(string(doc.ID), "/"); !strings.HasPrefix(path, word) {
			continue
		}
		tips, err := o.Store.Vector(ctx, doc.ID)
		if err != nil {
			d.V.T.Fatal(err)
		}
		for _, tip := range tips {
			d.pullActor(o, doc.ID, tip.Actor)
		}
	}
	if _, err := admit.Retry(ctx, d.Store, d); err != nil {
		d.V.T.Fatal(err)
	}
}

func (d *Device) pullActor(o *Device, doc store.DocID, a wire.Actor) {
	d.V.T.Helper()
	ctx := context.Background()
	have, err := d.Store.Vector(ctx, doc)
	if err != nil {
		d.V.T.Fatal(err)
	}
	seq := uint64(0)
	if i := slices.IndexFunc(have, func(t store.Tip) bool { return t.Actor == a }); i >= 0 {
		seq = have[i].Seq
	}
	list, err := o.Store.After(ctx, doc, a, seq, 4000)
	if err != nil || len(list) == 0 {
		if err != nil {
			d.V.T.Fatal(err)
		}
		return
	}
	items := make([]seal.Sealed, len(list))
	for i, c := range list {
		items[i] = c.Sealed
	}
	res, err := admit.Batch(ctx, d.Store, d, "peer", doc, items)
	if err != nil || res.Refused > 0 {
		d.V.T.Fatalf("%s takes %s of %s: %v %+v", d.Name, doc, o.Name, err, res.Verdicts)
	}
}

// Sync lets the devices exchange everything and do what then can be done, until
// nothing changes.
func (v *Village) Sync(devices ...*Device) {
	v.T.Helper()
	for range 3 {
		for _, a := range devices {
			for _, b := range devices {
				if a != b {
					a.Pull(b)
				}
			}
			a.Tend()
		}
	}
}

// Meet is Sync of all devices; afterwards their documents and tables are equal.
func (v *Village) Meet() {
	v.T.Helper()
	v.Sync(v.Devices...)
	first := v.Office().state()
	for _, d := range v.Devices[1:] {
		if got := d.state(); got != first {
			v.T.Fatalf("%s and office differ after meeting:\n%s\n---\n%s", d.Name, got, first)
		}
	}
}

// state prints every document's digest and the rows of the projections that
// are the same everywhere.
func (d *Device) state() string {
	ctx := context.Background()
	docs, err := d.Store.Docs(ctx)
	if err != nil {
		d.V.T.Fatal(err)
	}
	var out []string
	for _, doc := range docs {
		out = append(out, fmt.Sprintf("%s %x", doc.ID, doc.Digest[:6]))
	}
	slices.Sort(out)
	d.See(func(q store.Querier) error {
		for _, table := range []string{"scheme_version", "activity_row", "activity_signup", "activity_att", "activity_deed", "activity_back", "activity_place", "activity_made", "activity_paid", "activity_due", "activity_turn"} {
			sum, err := digest(q, table)
			if err != nil {
				return err
			}
			out = append(out, table+" "+sum)
		}
		return nil
	})
	return strings.Join(out, "\n")
}

// digest hashes all rows of a table in the order of its primary key.
func digest(q store.Querier, table string) (sum string, err error) {
	rows, err := q.Query(`SELECT * FROM ` + table)
	if err != nil {
		return "", err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	columns, err := rows.Columns()
	if err != nil {
		return "", err
	}
	var lines []string
	for rows.Next() {
		values := make([]any, len(columns))
		for i := range values {
			values[i] = new(any)
		}
		if err := rows.Scan(values...); err != nil {
			return "", err
		}
		var b strings.Builder
		for _, v := range values {
			fmt.Fprintf(&b, "%v|", *(v.(*any)))
		}
		lines = append(lines, b.String())
	}
	slices.Sort(lines)
	h := sha256.Sum256([]byte(strings.Join(lines, "\n")))
	return fmt.Sprintf("%d %x", len(lines), h[:6]), rows.Err()
}

// The rules of admission.

// Shape says how a document is built.
func (d *Device) Shape(doc store.DocID) (store.Shape, error) {
	if strings.Contains(string(doc), "/feed/") {
		return store.Feed, nil
	}
	return store.Records, nil
}

// HeadKnown knows the one head there is.
func (d *Device) HeadKnown(_ *store.Tx, c seal.Context) (bool, error) { return c.Seq == 1, nil }

// Authority lets everybody write.
func (d *Device) Authority(*store.Tx, store.DocID, [32]byte, seal.Context) error { return nil }

// Form asks the document's subject.
func (d *Device) Form(tx *store.Tx, doc store.DocID, _ [32]byte, ch *wire.Change) error {
	_, path, _ := strings.Cut(string(doc), "/")
	word, _, _ := strings.Cut(path, "/")
	if word == "feed" {
		return d.Ledger.Form(tx, doc, ch)
	}
	form, ok := d.forms[word]
	if !ok {
		return fmt.Errorf("no form for %s", word)
	}
	return form(doc, ch)
}

// Subject asks the ledger about its feeds.
func (d *Device) Subject(tx *store.Tx, doc store.DocID, ch *wire.Change, h wire.Hash, c seal.Context) error {
	if strings.Contains(string(doc), "/feed/") {
		return d.Ledger.Subject(tx, doc, ch, h, c)
	}
	return nil
}

// Law implements ledger.Governance.
func (d *Device) Law(store.Querier) ledger.Law { return law{d.V} }

type law struct{ v *Village }

func (l law) Head() (ledger.Head, error) { return ledger.Head{Term: 1, Seq: 1}, nil }

func (l law) Member(_ ledger.Head, who wire.Actor) (ledger.Member, error) {
	for _, d := range l.v.Devices {
		if d.Inc.Actor() == who {
			return ledger.Member{Role: d.Role, Device: d.Inc.Device}, nil
		}
	}
	return ledger.Member{}, ledger.ErrUnknown
}

func (l law) Cut(ledger.Head, wire.Actor) (ledger.Cut, bool, error) { return ledger.Cut{}, false, nil }

func (l law) Heir(ledger.Head, wire.Actor) (ledger.Heir, bool, error) {
	return ledger.Heir{}, false, nil
}

func (l law) Closed(ledger.Head) ([]wire.Actor, error) { return nil, nil }

func (l law) YearClosed(ledger.Head, string) (bool, error)                   { return false, nil }
func (l law) Together(ledger.Head, ledger.Subject) ([]ledger.Subject, error) { return nil, nil }

func (l law) Abroad(ledger.Head, ledger.Subject) (ledger.Law, ledger.Head, error) {
	return nil, ledger.Head{}, ledger.ErrUnknown
}

func (l law) Author(ledger.Subject, wire.Actor) (seal.Certificate, bool, error) {
	return seal.Certificate{}, false, nil
}

// Person registers somebody everywhere and returns the id.
func (v *Village) Person(name string) string {
	h := sha256.Sum256(fmt.Appendf(nil, "%s %d", name, len(v.people)))
	id := ledger.Subject(h[:16]).String()
	v.people[id] = name
	return id
}

// People registers n people.
func (v *Village) People(n int) []string {
	out := make([]string, n)
	for i := range out {
		out[i] = v.Person(fmt.Sprintf("居民%d", i+1))
	}
	return out
}

// people is the directory of a village: a card's text is "card:<id>".
type people Village

// Briefs implements activity.Directory.
func (p *people) Briefs(_ store.Querier, ids []string) (map[string]activity.Brief, error) {
	out := map[string]activity.Brief{}
	for _, id := range ids {
		if name, ok := p.people[id]; ok {
			out[id] = activity.Brief{Name: name, Masked: "*" + name}
		}
	}
	return out, nil
}

// Find implements activity.Directory.
func (p *people) Find(_ store.Querier, name, _ string) (out []activity.Found, err error) {
	for id, n := range p.people {
		if n == name {
			out = append(out, activity.Found{ID: id, Row: id})
		}
	}
	return out, nil
}

// Card implements activity.Directory.
func (p *people) Card(_ store.Querier, text string) (string, error) {
	id, ok := strings.CutPrefix(text, "card:")
	if !ok {
		return "", fault.New("people.card.bad")
	}
	return id, nil
}

// coverHead is the length of what stands before a sealed text, coverTail behind it.
const coverHead, coverTail = 37, 16

// cover makes what admission takes for a sealed text: it hides nothing, but it opens
// under its own field alone.
func cover(about ledger.Subject, field, plain string) []byte {
	h := sha256.Sum256([]byte(about.String() + "|" + field))
	out := append(make([]byte, coverHead), plain...)
	out[0] = 1
	copy(out[1:], h[:])
	for out = append(out, 0x80); (len(out)-coverHead)%16 != 0; {
		out = append(out, 0)
	}
	return append(out, make([]byte, coverTail)...)
}

// Seal implements activity.Directory.
func (p *people) Seal(_ *store.Tx, person, field, plain string) ([]byte, error) {
	if _, ok := p.people[person]; !ok {
		return nil, fault.New("people.unknown")
	}
	return cover(ledger.TextSubject(person), field, plain), nil
}

// SealThing implements activity.Directory.
func (p *people) SealThing(_ *store.Tx, thing ledger.Subject, field, plain string) ([]byte, error) {
	return cover(thing, field, plain), nil
}

// DropThing implements activity.Directory.
func (p *people) DropThing(_ *store.Tx, _ ledger.Subject, sealed []byte) error {
	p.dropped[string(sealed)] = true
	return nil
}

// Texts implements activity.Directory.
func (p *people) Texts(store.Querier) func(ledger.Subject, string, []byte) (string, error) {
	return func(about ledger.Subject, field string, sealed []byte) (string, error) {
		switch {
		case len(sealed) == 0:
			return "", nil
		case p.dropped[string(sealed)]:
			return known.Erased, nil
		case !bytes.Equal(sealed[:coverHead], cover(about, field, "")[:coverHead]):
			return known.Unread, nil
		}
		text, _, _ := bytes.Cut(sealed[coverHead:], []byte{0x80, 0})
		return string(text), nil
	}
}

// Known implements activity.Directory.
func (p *people) Known(_ store.Querier, person string) (bool, error) {
	_, ok := p.people[person]
	return ok, nil
}
