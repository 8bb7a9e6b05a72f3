package settle_test

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/govern/governtest"
	"jishan/app/law"
	"jishan/app/ledger"
	"jishan/app/settle"
	"jishan/app/zone"
	"jishan/crdt/admit"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

const (
	hour = int64(60 * 60 * 1000)
	day  = 24 * hour
)

// village is a community whose devices keep a ledger and the settlements.
type village struct {
	*governtest.World
	t       *testing.T
	ledgers map[*governtest.Device]*ledger.Ledger
	books   map[*governtest.Device]*settle.Book
	office  *governtest.Device
	deeds   int
}

func newVillage(t *testing.T) *village {
	v := &village{t: t, ledgers: map[*governtest.Device]*ledger.Ledger{}, books: map[*governtest.Device]*settle.Book{}}
	v.World = governtest.New(t, 6, v.mount)
	v.office = v.Office
	start, _ := zone.DayBounds(v.Clock)
	v.Clock = start + day + 9*hour // nine in the morning
	v.must(v.office, func(tx *store.Tx) error {
		l := v.ledgers[v.office]
		return errors.Join(l.EnsureIssue(tx, l.Community(), "2026", 100_000), l.EnsureTurn(tx, volunteer))
	})
	return v
}

// volunteer is who works; the ledger asks for no name.
var volunteer = ledger.TextSubject("00000000000000000000000001")

func (v *village) mount(d *governtest.Device) ([]store.Projector, admit.Rules) {
	l := ledger.New(d.Incarnation.Actor(), v.community(d), law.Governance{Charter: d.Charter})
	l.UseHome(func(store.Querier) (wire.Actor, bool, error) {
		_, a, ok := d.Charter.Registrar()
		return a, ok, nil
	})
	b := settle.New(settle.Config{Charter: d.Charter, Feeds: l, Device: d.Key.Public()})
	v.ledgers[d], v.books[d] = l, b
	return []store.Projector{l, b}, law.Rules{Charter: d.Charter, Ledger: l, Settle: b}
}

func (v *village) community(d *governtest.Device) string { return d.Charter.Community() }

func (v *village) must(d *governtest.Device, fn func(tx *store.Tx) error) {
	v.t.Helper()
	if err := d.Do(fn); err != nil {
		v.t.Fatalf("%s: %v", d.Name, err)
	}
}

func (v *village) see(d *governtest.Device, fn func(q store.Querier) error) {
	v.t.Helper()
	if err := d.Store.View(context.Background(), fn); err != nil {
		v.t.Fatalf("%s: %v", d.Name, err)
	}
}

// shop is a merchant that holds points of people who were there.
type shop struct {
	v     *village
	d     *governtest.Device
	place string
	sold  int
}

func (v *village) shop(name string) *shop {
	d := v.Join(name, govern.Merchant)
	e, _ := v.office.Charter.Device(d.Key.Public())
	return &shop{v: v, d: d, place: e.Place}
}

// earn awards hours at 15 points and brings the points to the shop.
func (s *shop) earn(hours int64) {
	s.v.t.Helper()
	v, l, till := s.v, s.v.ledgers[s.v.office], s.d.Incarnation.Actor()
	v.deeds++
	v.must(v.office, func(tx *store.Tx) error {
		_, err := l.Award(tx, ledger.Award{Person: volunteer, Points: 15 * hours, Period: "2026", Turn: volunteer,
			Key: ledger.TextSubject(fmt.Sprint(v.deeds)), Item: "hour", Version: 1})
		if err != nil {
			return err
		}
		if _, err := l.GrantExposure(tx, till, 60_000); err != nil {
			return err
		}
		_, err = l.Move(tx, ledger.Quota{Kind: ledger.Points, Subject: volunteer, Period: "2026"}, 15*hours, till)
		return err
	})
	var vouchers [][]byte
	v.see(v.office, func(q store.Querier) (err error) {
		vouchers, err = l.Vouchers(q, till, v.Clock, 1<<20)
		return err
	})
	v.Meet(v.office, s.d)
	for _, x := range vouchers {
		v.must(s.d, func(tx *store.Tx) error { _, err := v.ledgers[s.d].Take(tx, x); return err })
	}
	v.Clock += 1000
}

// sell redeems points at the shop, a minute later.
func (s *shop) sell(points int64) wire.Hash {
	s.v.t.Helper()
	s.v.Clock += 60_000
	s.sold++
	var ref store.Ref
	s.v.must(s.d, func(tx *store.Tx) (err error) {
		ref, err = s.v.ledgers[s.d].Redeem(tx, ledger.Redemption{Person: volunteer, Points: points, Receipt: ledger.TextSubject(fmt.Sprint("receipt", s.sold))})
		return err
	})
	return ref.Hash
}

func (s *shop) takeBack(h wire.Hash) {
	s.v.t.Helper()
	s.v.Clock += 60_000
	s.v.must(s.d, func(tx *store.Tx) error { _, err := s.v.ledgers[s.d].Undo(tx, h); return err })
}

// tomorrow is nine in the morning of the next day.
func (v *village) tomorrow() {
	_, end := zone.DayBounds(v.Clock)
	v.Clock = end + 9*hour
}

// make settles what was redeemed before today, as the registrar's chore does.
func (s *shop) make() (wire.Hash, bool) {
	s.v.t.Helper()
	start, _ := zone.DayBounds(s.v.Clock)
	return s.makeUntil(start)
}

func (s *shop) makeUntil(until int64) (h wire.Hash, ok bool) {
	s.v.t.Helper()
	s.v.must(s.v.office, func(tx *store.Tx) (err error) {
		h, ok, err = s.v.books[s.v.office].Make(tx, s.place, until, s.v.Clock)
		return err
	})
	return h, ok
}

func (s *shop) mustMake() settle.Batch {
	s.v.t.Helper()
	h, ok := s.make()
	if !ok {
		s.v.t.Fatal("nothing to settle")
	}
	return s.batch(s.v.office, h)
}

func (s *shop) batch(d *governtest.Device, h wire.Hash) (b settle.Batch) {
	s.v.t.Helper()
	s.v.see(d, func(q store.Querier) (err error) {
		b, _, _, err = s.v.books[d].Sheet(q, h)
		return err
	})
	return b
}

func (s *shop) standing(d *governtest.Device) (x settle.Standing) {
	s.v.t.Helper()
	s.v.see(d, func(q store.Querier) (err error) {
		x, err = s.v.books[d].Standing(q, s.place)
		return err
	})
	return x
}

func (s *shop) due() (x settle.Due) {
	s.v.t.Helper()
	start, _ := zone.DayBounds(s.v.Clock)
	s.v.see(s.v.office, func(q store.Querier) (err error) {
		x, err = s.v.books[s.v.office].Due(q, s.place, start, s.v.Clock)
		return err
	})
	return x
}

func (v *village) pay(reference string, list ...wire.Hash) error {
	return v.office.Do(func(tx *store.Tx) error { return v.books[v.office].Pay(tx, list, reference, v.Clock) })
}

func (v *village) peg(fen int64) {
	v.t.Helper()
	v.must(v.office, func(tx *store.Tx) error { return v.office.Charter.SetPolicy(tx, govern.UnitFenSetting(fen)) })
}

func refused(t *testing.T, err error, code string) {
	t.Helper()
	var f *fault.Fault
	if !errors.As(err, &f) || f.Code != code {
		t.Fatalf("want the fault %s, got %v", code, err)
	}
}
