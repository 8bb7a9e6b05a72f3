package settle_test

import (
	"context"
	"errors"
	"testing"

	"jishan/app/govern"
	"jishan/app/govern/governtest"
	"jishan/app/ledger"
	"jishan/app/settle"
	"jishan/app/zone"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Acceptance scenario 6: 15 points an hour; the village began with a point at
// half a yuan and went on with 1 point = CNY 1; the shop's total is exactly CNY
// 32,498.50, paid within 24 hours of each redemption.
func TestScenario06ShopIsPaidToTheFen(t *testing.T) {
	v := newVillage(t)
	station := v.Join("文化站", govern.Station)
	s := v.shop("便民超市")
	other := v.shop("理发店")
	v.peg(50)
	s.earn(100) // 1,500 points
	first := v.Clock
	for _, n := range []int64{400, 300, 297} {
		s.sell(n)
	}
	v.Meet(v.office, s.d, station)
	v.tomorrow()
	trial := s.mustMake()
	if trial.Points != 997 || trial.Fen != 49_850 || trial.Peg != 50 || trial.Number != 1 || trial.Redemptions != 3 {
		t.Fatalf("%+v", trial)
	}
	if v.Clock-first > day+hour { // nine the next morning
		t.Fatalf("made %d ms later", v.Clock-first)
	}
	if err := v.pay("ABC-1", trial.Hash); err != nil {
		t.Fatal(err)
	}

	v.peg(100)
	s.earn(2_200) // 33,000
	var wrong wire.Hash
	for range 20 {
		wrong = s.sell(1_500)
	}
	v.Meet(v.office, s.d)
	s.sell(2_000) // the day's last: the till went off the net before
	v.tomorrow()
	second := s.mustMake()
	if second.Points != 30_000 || second.Pay != 3_000_000 {
		t.Fatalf("%+v", second)
	}
	// Running it twice settles once, and pays once.
	if h, again := s.make(); again {
		t.Fatalf("settled twice: %s", h)
	}
	if err := v.pay("ABC-2", second.Hash); err != nil {
		t.Fatal(err)
	}
	refused(t, v.pay("ABC-3", second.Hash), "settle.paid")

	// What came late goes to the next batch, a reversal of what was paid is
	// deducted there.
	s.takeBack(wrong)
	s.sell(1_500)
	v.Meet(v.office, s.d)
	if h, again := s.make(); !again {
		t.Fatal("the late one is due")
	} else if b := s.batch(v.office, h); b.Points != 2_000 || b.Reversals != 0 {
		t.Fatalf("the late one alone: %+v", b)
	} else if err := v.pay("ABC-4", h); err != nil {
		t.Fatal(err)
	}
	v.tomorrow()
	last := s.mustMake()
	if last.Points != 1_500 || last.Back != 1_500 || last.Reversals != 1 || last.Fen != 0 || last.Pay != 0 {
		t.Fatalf("%+v", last)
	}
	refused(t, v.pay("ABC-5", last.Hash), "settle.nothing")

	v.Meet(v.office, s.d, station, other.d)
	for _, d := range []*governtest.Device{v.office, s.d, station} {
		x := s.standing(d)
		if x.Fen != 3_249_850 || x.PaidFen != 3_249_850 || x.Settled != 4 {
			t.Errorf("%s: %d fen settled, %d paid in %d settlements", d.Name, x.Fen, x.PaidFen, x.Settled)
		}
	}
	s.same(v.office, s.d, station)
	if x := s.standing(other.d); x.Settled != 0 {
		t.Errorf("another merchant reads %+v", x)
	}
	// Balanced against the ledger: what was consumed less restored, at its peg.
	v.see(v.office, func(q store.Querier) error {
		terms, err := v.ledgers[v.office].Totals(q, ledger.Points)
		if got := terms.Consumed - terms.Restored; got != 997+32_000 {
			t.Errorf("the ledger holds %d points redeemed", got)
		}
		return err
	})
	if d := s.due(); d.Number != 0 || d.Points != 0 || d.Later != 0 {
		t.Errorf("still due: %+v", d)
	}
}

// same checks that devices hold the same settlement documents and rows.
func (s *shop) same(devices ...*governtest.Device) {
	s.v.t.Helper()
	var first []settle.Batch
	for i, d := range devices {
		var list []settle.Batch
		s.v.see(d, func(q store.Querier) (err error) {
			list, _, err = s.v.books[d].History(q, s.place, 0, 100)
			return err
		})
		if i == 0 {
			first = list
		}
		if len(list) != len(first) {
			s.v.t.Fatalf("%s holds %d settlements, not %d", d.Name, len(list), len(first))
		}
		for n := range list {
			if list[n].Hash != first[n].Hash || list[n].Fen != first[n].Fen || list[n].PaidAt != first[n].PaidAt || list[n].SumPay != first[n].SumPay {
				s.v.t.Errorf("%s: %+v, not %+v", d.Name, list[n], first[n])
			}
		}
		before, err := d.Store.ProjectionDigest(context.Background())
		if err == nil {
			err = d.Store.Rebuild(context.Background())
		}
		after, err2 := d.Store.ProjectionDigest(context.Background())
		if err := errors.Join(err, err2); err != nil || before.Whole != after.Whole {
			s.v.t.Errorf("%s: rows differ after a rebuild: %v", d.Name, err)
		}
	}
}

// A reversal costs what the redemption was paid at, whatever a point is worth
// by then; what it exceeds the day's redemptions by is brought forward.
func TestReversalAtItsOwnPeg(t *testing.T) {
	v := newVillage(t)
	s := v.shop("便民超市")
	v.peg(50)
	s.earn(10)
	h := s.sell(101)
	v.Meet(v.office, s.d)
	v.tomorrow()
	if b := s.mustMake(); b.Pay != 5_050 {
		t.Fatalf("%+v", b)
	}
	v.must(v.office, func(tx *store.Tx) error { return v.books[v.office].Agree(tx, s.place, settle.Terms{Peg: 120}, v.Clock) })
	s.takeBack(h)
	s.sell(20)
	v.Meet(v.office, s.d)
	v.tomorrow()
	if b := s.mustMake(); b.Peg != 120 || b.Fen != 20*120-5_050 || b.Pay != 0 || b.Left() != -2_650 {
		t.Fatalf("%+v", b)
	}
	s.sell(30)
	v.Meet(v.office, s.d)
	v.tomorrow()
	if b := s.mustMake(); b.Fen != 3_600 || b.Brought != -2_650 || b.Pay != 950 || b.SumPay != 5_050+950 || b.SumFen != 50*120 {
		t.Fatalf("%+v", b)
	}
	v.Meet(v.office, s.d)
	s.same(v.office, s.d)
}

func TestNothingWithoutPegOrRedemptions(t *testing.T) {
	v := newVillage(t)
	s := v.shop("便民超市")
	s.earn(10)
	v.Meet(v.office, s.d)
	v.tomorrow()
	if _, ok := s.make(); ok {
		t.Fatal("a settlement of nothing")
	}
	s.sell(5)
	v.Meet(v.office, s.d)
	if d := s.due(); d.Number != 0 || d.Later != 5 || d.LaterDeals != 1 {
		t.Fatalf("today is not over: %+v", d)
	}
	refused(t, v.office.Do(func(tx *store.Tx) error {
		_, _, err := v.books[v.office].Make(tx, s.place, settle.Everything, v.Clock)
		return err
	}), "settle.peg")
	refused(t, s.d.Do(func(tx *store.Tx) error {
		return v.books[s.d].Agree(tx, s.place, settle.Terms{Payee: "店"}, v.Clock)
	}), "govern.registrar.only")
	refused(t, v.pay("x"), "settle.unknown")
	refused(t, v.pay("x", wire.Hash{1}), "settle.unknown")
	refused(t, v.pay("行\n号", wire.Hash{1}), "settle.reference")
	v.peg(100)
	if h, ok := s.makeUntil(settle.Everything); !ok || s.batch(v.office, h).Day != zone.Day(v.Clock) {
		t.Fatal("today can be settled by hand")
	}
	for field, terms := range map[string]settle.Terms{"account": {Account: "12 34"}, "payee": {Payee: "a\nb"}, "peg": {Peg: -1}, "bank": {Bank: "\u202e"}} {
		err := v.office.Do(func(tx *store.Tx) error { return v.books[v.office].Agree(tx, s.place, terms, v.Clock) })
		if refused(t, err, "settle.terms"); err == nil {
			t.Error(field)
		}
	}
}

// A registrar that miscounts, or a program that was changed, convinces neither
// staff nor the merchant.
func TestWrongSettlementsAreRefused(t *testing.T) {
	v := newVillage(t)
	station := v.Join("文化站", govern.Station)
	s, other := v.shop("便民超市"), v.shop("理发店")
	v.peg(100)
	s.earn(10)
	s.sell(40)
	v.Meet(v.office, s.d, station, other.d)
	v.tomorrow()
	good := s.due().Settlement
	for name, spoil := range map[string]func(x *settle.Settlement){
		"points":  func(x *settle.Settlement) { x.Points, x.Fen, x.Pay = 41, 4_100, 4_100 },
		"count":   func(x *settle.Settlement) { x.Redemptions = 2 },
		"peg":     func(x *settle.Settlement) { x.Peg, x.Fen, x.Pay = 90, 3_600, 3_600 },
		"gap":     func(x *settle.Settlement) { x.Ranges[0].From++ },
		"number":  func(x *settle.Settlement) { x.Number = 2 },
		"brought": func(x *settle.Settlement) { x.Brought, x.Pay = -100, 3_900 },
		"foreign": func(x *settle.Settlement) { x.Ranges[0].Feed = station.Incarnation.Actor() },
	} {
		x := good
		x.Ranges = append([]settle.Range(nil), good.Ranges...)
		spoil(&x)
		value, err := settle.Entry{Settlement: &x}.Encode()
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range []*governtest.Device{station, s.d} {
			if err := v.judge(d, s.place, value); !errors.Is(err, settle.ErrInvalid) {
				t.Errorf("%s at %s: %v", name, d.Name, err)
			}
		}
	}
	value, err := settle.Entry{Settlement: &good}.Encode()
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []*governtest.Device{station, s.d} {
		if err := v.judge(d, s.place, value); err != nil {
			t.Errorf("the right one at %s: %v", d.Name, err)
		}
	}
	// A station that lacks the feed waits for it, and takes it then.
	late := v.Stranger("新电脑")
	v.must(v.office, func(tx *store.Tx) error {
		_, err := v.office.Charter.Certify(tx, govern.Enrol{Device: late.Key.Public(), Role: govern.Station, Name: "新电脑", PlaceName: "新站", Recipient: late.Key.Recipient()})
		return err
	})
	s.mustMake()
	v.Meet(v.office, late)
	s.same(v.office, late)
}

// judge asks a device about a change of the registrar's that nobody wrote.
func (v *village) judge(d *governtest.Device, place string, value []byte) (verdict error) {
	v.t.Helper()
	v.must(d, func(tx *store.Tx) error {
		ctx, err := d.Charter.Head(tx)
		if err != nil {
			return err
		}
		actor := v.office.Incarnation.Actor()
		doc := d.Charter.Doc("settle/" + place + "/" + actor.String() + "/1-2026")
		ch := &wire.Change{Actor: actor, Seq: 1, StartOp: 1, Time: v.Clock, Message: ctx.String(),
			Ops: []wire.Op{{Key: store.FeedKey(1), Value: wire.BytesValue(value)}}}
		if verdict = settle.Form(ch); verdict == nil {
			verdict = v.books[d].Subject(tx, doc, ch, ctx)
		}
		return nil
	})
	return verdict
}

// A closed feed is settled up to its cut, a forked one up to the fork; the rest
// is said and not paid.
func TestClosedAndForkedFeeds(t *testing.T) {
	v := newVillage(t)
	s := v.shop("便民超市")
	v.peg(100)
	s.earn(20)
	s.sell(40)
	v.Meet(v.office, s.d)
	var cut ledger.Tip
	v.see(v.office, func(q store.Querier) (err error) {
		cut, err = v.ledgers[v.office].Tip(q, s.d.Incarnation.Actor())
		return err
	})
	s.sell(50)
	v.Meet(v.office, s.d)
	v.must(v.office, func(tx *store.Tx) error {
		return v.office.Charter.Revoke(tx, v.Rand, govern.Withdrawal{Device: s.d.Key.Public(), Why: "丢了", Cuts: []govern.Close{
			{Feed: s.d.Incarnation.Actor(), Number: cut.Number, Hash: cut.Hash}}})
	})
	v.tomorrow()
	d := s.due()
	if len(d.Stops) != 1 || d.Stops[0].Why != settle.Closed || d.Stops[0].Number != cut.Number || d.Stops[0].Points != 50 {
		t.Fatalf("%+v", d)
	}
	if b := s.mustMake(); b.Points != 40 {
		t.Fatalf("%+v", b)
	}

	f := v.shop("理发店")
	f.earn(20)
	f.sell(30)
	h := f.sell(60)
	f.sell(70)
	v.Meet(v.office, f.d)
	v.must(v.office, func(tx *store.Tx) error {
		p, ok, err := store.Change(tx, h)
		if err != nil || !ok {
			return errors.Join(err, errors.New("not here"))
		}
		p.Hash[0] ^= 1 // the other branch, in which 60 were accepted, too
		return tx.Branch(p)
	})
	v.tomorrow()
	d = f.due()
	if len(d.Stops) != 1 || d.Stops[0].Why != settle.Forked || d.Stops[0].Points != 190 || d.Points != 30 {
		t.Fatalf("%+v", d)
	}
	if b := f.mustMake(); b.Points != 30 {
		t.Fatalf("%+v", b)
	}
}

// The next registrar goes on where the last one ended. What the old one wrote
// without knowing is a side branch: it counts nowhere, and says so if money went.
func TestNextTermGoesOn(t *testing.T) {
	v := newVillage(t)
	station := v.Join("文化站", govern.Station)
	s := v.shop("便民超市")
	v.peg(100)
	s.earn(20)
	s.sell(40)
	v.Meet(v.office, s.d, station)
	v.tomorrow()
	s.mustMake()
	v.Meet(v.office, s.d, station)
	s.sell(50)
	v.Meet(v.office, s.d, station)
	v.tomorrow()
	side := s.mustMake() // nobody hears of it
	if err := v.pay("ABC", side.Hash); err != nil {
		t.Fatal(err)
	}
	v.must(station, func(tx *store.Tx) error {
		self := govern.Cert{Device: station.Key.Public(), Role: govern.Office, Name: "新办公室", Place: govern.OfficePlace, Recipient: station.Key.Recipient()}
		return station.Charter.TakeOver(tx, v.Founding.Recovery, station.Incarnation.Certificate, self)
	})
	old := v.office
	v.office = station
	next := s.mustMake()
	if next.Number != 2 || next.Points != 50 {
		t.Fatalf("%+v", next)
	}
	v.Meet(old, s.d, station)
	for _, d := range []*governtest.Device{old, s.d, station} {
		v.see(d, func(q store.Querier) error {
			list, n, err := v.books[d].History(q, s.place, 0, 10)
			if n != 2 || len(list) != 2 || list[0].Hash != next.Hash || list[0].PaidAt != 0 {
				t.Errorf("%s: %d settlements: %+v", d.Name, n, list)
			}
			void, err2 := v.books[d].Void(q)
			if len(void) != 1 || void[0].Hash != side.Hash {
				t.Errorf("%s: void %+v", d.Name, void)
			}
			return errors.Join(err, err2)
		})
	}
	s.same(station, old, s.d)
}

// Feeds of more than one part are settled through.
func TestPartsOfAFeed(t *testing.T) {
	v := newVillage(t)
	s := v.shop("便民超市")
	v.peg(100)
	s.earn(10)
	s.sell(7)
	v.must(s.d, func(tx *store.Tx) error {
		for range ledger.PartSize {
			if _, err := v.ledgers[s.d].Receive(tx, ledger.TextSubject("soap"), 1, ""); err != nil {
				return err
			}
		}
		return nil
	})
	s.sell(8)
	v.tomorrow()
	v.see(s.d, func(q store.Querier) error { // its own feed is all there
		b, err := v.books[s.d].Due(q, s.place, v.Clock, v.Clock)
		if b.Points != 15 || len(b.Ranges) != 1 || b.Ranges[0].To <= ledger.PartSize {
			t.Errorf("%+v", b)
		}
		return err
	})
}
