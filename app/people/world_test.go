package people_test

import (
	"context"
	"testing"
	"time"

	"jishan/app/govern"
	"jishan/app/govern/governtest"
	"jishan/app/ledger"
	"jishan/app/people"
	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// law gives the ledger what these tests need of the charter.
type law struct {
	c *govern.Charter
	q store.Querier
}

func (l law) Law(q store.Querier) ledger.Law { return law{l.c, q} }

func (l law) Head() (ledger.Head, error) {
	s, err := l.c.Snapshot(l.q)
	p, h, _ := s.Head()
	return ledger.Head{Term: p.Term, Seq: p.Seq, Hash: h}, err
}

func (l law) Member(h ledger.Head, who wire.Actor) (ledger.Member, error) {
	s, err := l.c.Snapshot(l.q)
	if err != nil {
		return ledger.Member{}, err
	}
	d, ok, err := l.c.DeviceOf(l.q, who)
	if err != nil || !ok {
		return ledger.Member{}, ledger.ErrUnknown
	}
	role, registrar := s.Role(d, govern.Point{Term: h.Term, Seq: h.Seq})
	m := ledger.Member{Device: d, Role: map[govern.Role]ledger.Role{govern.Office: ledger.Staff, govern.Station: ledger.Staff, govern.Merchant: ledger.Merchant}[role]}
	if registrar {
		m.Role = ledger.Registrar
	}
	return m, nil
}

func (law) Cut(ledger.Head, wire.Actor) (ledger.Cut, bool, error)   { return ledger.Cut{}, false, nil }
func (law) Heir(ledger.Head, wire.Actor) (ledger.Heir, bool, error) { return ledger.Heir{}, false, nil }
func (law) Closed(ledger.Head) ([]wire.Actor, error)                { return nil, nil }
func (law) YearClosed(ledger.Head, string) (bool, error)            { return false, nil }
func (law) Abroad(ledger.Head, ledger.Subject) (ledger.Law, ledger.Head, error) {
	return nil, ledger.Head{}, ledger.ErrUnknown
}
func (law) Author(ledger.Subject, wire.Actor) (seal.Certificate, bool, error) {
	return seal.Certificate{}, false, nil
}
func (law) Together(ledger.Head, ledger.Subject) ([]ledger.Subject, error) { return nil, nil }

// rules sends each document to its subject.
type rules struct {
	*govern.Charter
	l *ledger.Ledger
}

func (r rules) Form(tx *store.Tx, doc store.DocID, device [32]byte, ch *wire.Change) error {
	if err := r.Charter.Form(tx, doc, device, ch); err != nil {
		return err
	}
	switch p, _ := govern.ParsePath(doc); p.Row.Doc {
	case "people", "card":
		return people.Form(doc, ch)
	case "feed":
		return r.l.Form(tx, doc, ch)
	}
	return nil
}

func (r rules) Subject(tx *store.Tx, doc store.DocID, ch *wire.Change, h wire.Hash, c seal.Context) error {
	if p, _ := govern.ParsePath(doc); p.Row.Doc == "feed" {
		return r.l.Subject(tx, doc, ch, h, c)
	}
	return r.Charter.Subject(tx, doc, ch, h, c)
}

// world is a community whose devices know people and points.
type world struct {
	*governtest.World
	of map[*governtest.Device]*member
}

type member struct {
	*governtest.Device
	*people.People
	l *ledger.Ledger
	t testing.TB
}

func newWorld(t testing.TB, seed uint64) *world {
	t.Helper()
	w := &world{of: map[*governtest.Device]*member{}}
	w.World = governtest.New(t, seed, func(d *governtest.Device) ([]store.Projector, admit.Rules) {
		m := &member{Device: d, t: t}
		m.l = ledger.New(d.Incarnation.Actor(), d.World.Community, law{c: d.Charter})
		clock := func() int64 { return d.World.Clock }
		period := func(ms int64) string { return time.UnixMilli(ms).UTC().Format("2006") }
		m.People = people.New(people.Config{
			Charter: d.Charter, Bank: people.NewBank(m.l, period, period, clock), Device: d.Key.Private,
			Rand: d.World.Rand, Clock: clock, Write: d.DoAs,
		})
		w.of[d] = m
		return []store.Projector{m.l, m.People}, rules{d.Charter, m.l}
	})
	office := w.at(w.Office)
	office.Must(func(tx *store.Tx) error { return office.l.EnsureIssue(tx, office.l.Community(), "2026", 1_000_000) })
	return w
}

// at returns the device with its subjects, open.
func (w *world) at(d *governtest.Device) *member {
	m := w.of[d]
	if err := m.People.Open(context.Background(), d.Store); err != nil {
		m.t.Fatal(err)
	}
	return m
}

func (w *world) join(name string, role govern.Role) *member { return w.at(w.Join(name, role)) }

func (w *world) office() *member { return w.of[w.Office] }

func (w *world) meet(list ...*member) {
	devices := make([]*governtest.Device, len(list))
	for i, m := range list {
		devices[i] = m.Device
	}
	w.Meet(devices...)
}

var ctx = context.Background()

func (m *member) register(n people.NewPerson) people.Registered {
	m.t.Helper()
	r, err := m.Register(ctx, "op", n)
	if err != nil {
		m.t.Fatalf("%+v: %v", n, err)
	}
	return r
}

func (m *member) list(a people.Ask) people.Page {
	m.t.Helper()
	if a.Limit == 0 {
		a.Limit = 200
	}
	page, err := m.List(ctx, a)
	if err != nil {
		m.t.Fatal(err)
	}
	return page
}

func (m *member) found(q string) []string {
	m.t.Helper()
	return m.names(people.Ask{Q: q})
}

func (m *member) names(a people.Ask) []string {
	m.t.Helper()
	var out []string
	for _, r := range m.list(a).Rows {
		out = append(out, r.Name)
	}
	return out
}

func (m *member) get(id string) people.Person {
	m.t.Helper()
	p, err := m.Get(ctx, "op", id)
	if err != nil {
		m.t.Fatal(err)
	}
	return p
}
