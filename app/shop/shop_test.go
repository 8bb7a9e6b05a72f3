package shop_test

import (
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"jishan/app/activity/activitytest"
	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/app/shop"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// street is a village whose devices stand at one place and share a shop.
type street struct {
	*activitytest.Village
	shops map[*activitytest.Device]*shop.Shop
}

// buyers reads a card's text "card:<id>".
type buyers struct{}

func (buyers) Card(_ store.Querier, text string) (shop.Buyer, bool, error) {
	id, ok := strings.CutPrefix(text, "card:")
	return shop.Buyer{Person: id, Masked: "张*", Valid: "ok", OwnCommunity: true}, ok, nil
}

func (buyers) Buyer(_ store.Querier, person string) (shop.Buyer, error) {
	return shop.Buyer{Person: person, Masked: "张*", Code: "12345678", Valid: "ok", OwnCommunity: true}, nil
}

func newStreet(t *testing.T, stations int) *street {
	s := &street{shops: map[*activitytest.Device]*shop.Shop{}}
	s.Village = activitytest.New(t, stations, func(d *activitytest.Device) (store.Projector, string, func(store.DocID, *wire.Change) error) {
		x := shop.New(shop.Config{
			Doc: activitytest.Doc, Place: func() string { return "shelf" }, Rights: d.Ledger, People: buyers{}, Clock: func() int64 { return d.V.Now },
			IsCheckIn: func(text string) bool { return strings.HasPrefix(text, "jsq1.") },
			Names:     func() (string, string) { return "柳溪社区", "积分货架" },
		})
		s.shops[d] = x
		return x, "catalog", shop.Form
	})
	return s
}

func refused(t *testing.T, err error, code string) *fault.Fault {
	t.Helper()
	var f *fault.Fault
	if !errors.As(err, &f) || f.Code != code {
		t.Fatalf("want the fault %s, got %v", code, err)
	}
	return f
}

// give awards points to a person at the office and moves them to a device.
func (s *street) give(person string, n int64, to *activitytest.Device) {
	s.T.Helper()
	o := s.Office()
	p := ledger.TextSubject(person)
	o.Do(func(tx *store.Tx) error {
		if err := o.Ledger.EnsureTurn(tx, p); err != nil {
			return err
		}
		_, err := o.Ledger.Award(tx, ledger.Award{Person: p, Points: n, Period: "2026", Turn: p, Key: ledger.TextSubject(fmt.Sprint(person, n, s.Now)), Item: "x", Version: 1})
		if err != nil || to == o {
			return err
		}
		_, err = o.Ledger.Move(tx, ledger.Quota{Kind: ledger.Points, Subject: p, Period: "2026"}, n, to.Inc.Actor())
		return err
	})
}

func (s *street) save(d *activitytest.Device, o shop.Offer) shop.Offer {
	s.T.Helper()
	o.Active = true
	d.Do(func(tx *store.Tx) (err error) {
		o, err = s.shops[d].Save(tx, o)
		return err
	})
	return o
}

func (s *street) receive(d *activitytest.Device, offer string, n int64) {
	s.T.Helper()
	d.Do(func(tx *store.Tx) error {
		_, err := s.shops[d].Receive(tx, offer, n, "进货")
		return err
	})
}

func (s *street) redeem(d *activitytest.Device, person string, lines ...shop.Line) (r shop.Receipt, err error) {
	err = d.Try(func(tx *store.Tx) (err error) {
		r, err = s.shops[d].Redeem(tx, person, lines, shop.NotProven)
		return err
	})
	return r, err
}

func (s *street) stock(d *activitytest.Device, offer string) (o shop.Offer) {
	s.T.Helper()
	d.See(func(q store.Querier) (err error) {
		o, err = s.shops[d].Offer(q, offer)
		return err
	})
	return o
}

func TestRedeemReceiptUndo(t *testing.T) {
	s := newStreet(t, 0)
	d := s.Office()
	p := s.Person("张三")
	soap := s.save(d, shop.Offer{Name: "肥皂", Unit: "块", Kind: shop.Goods, Points: 8, Minimum: 3, Code: "6901234567892"})
	cut := s.save(d, shop.Offer{Name: "理发", Unit: "次", Kind: shop.Service, Points: 10})
	s.receive(d, soap.ID, 5)
	s.give(p, 30, d)

	r, err := s.redeem(d, p, shop.Line{Offer: soap.ID, N: 2}, shop.Line{Offer: cut.ID, N: 1})
	if err != nil {
		t.Fatal(err)
	}
	if r.Number != "0205-001" || r.Total != 26 || r.HereAfter != 4 || r.Masked != "张*" || r.Community != "柳溪社区" || r.Undone || len(r.Lines) != 2 ||
		r.Lines[0] != (shop.ReceiptLine{Name: "肥皂", Unit: "块", N: 2, Points: 16}) || r.Lines[1].Points != 10 {
		t.Fatalf("%+v", r)
	}
	if o := s.stock(d, soap.ID); o.Stock != 3 {
		t.Fatalf("%d left", o.Stock)
	}
	if o := s.stock(d, cut.ID); o.Stock != shop.Unlimited {
		t.Fatalf("a service has stock %d", o.Stock)
	}
	f := refused(t, second(s.redeem(d, p, shop.Line{Offer: soap.ID, N: 1})), "till.short")
	if f.Params["here"] != int64(4) || f.Params["need"] != int64(8) || f.Params["missing"] != int64(4) {
		t.Fatalf("%v", f)
	}
	// the price rises afterwards: the old receipt keeps its own
	s.Now += 1000
	soap.Points = 9
	soap = s.save(d, soap)
	d.Do(func(tx *store.Tx) error {
		h, err := parseHash(r.Ref.Hash)
		if err != nil {
			return err
		}
		_, err = d.Ledger.Undo(tx, h)
		return err
	})
	var today []shop.Receipt
	var total int64
	d.See(func(q store.Querier) (err error) {
		today, total, err = s.shops[d].Today(q, "")
		return err
	})
	if len(today) != 1 || !today[0].Undone || total != 0 || today[0].Lines[0].Points != 16 || today[0].HereAfter != 30 {
		t.Fatalf("%d %+v", total, today)
	}
	if o := s.stock(d, soap.ID); o.Stock != 5 {
		t.Fatalf("%d after the undo", o.Stock)
	}
	r, err = s.redeem(d, p, shop.Line{Offer: soap.ID, N: 1})
	if err != nil || r.Number != "0205-002" || r.Total != 9 {
		t.Fatalf("%v %+v", err, r)
	}
	d.See(func(q store.Querier) error { // what is on the shelf can be followed
		moves, total, err := s.shops[d].StockMoves(q, true, 0, 10)
		var kinds []string
		pieces := int64(0)
		for _, m := range moves {
			kinds, pieces = append(kinds, m.Kind), pieces+m.N
		}
		if slices.Sort(kinds); total != 4 || pieces != s.stock(d, soap.ID).Stock || !slices.Equal(kinds, []string{"", shop.Redeemed, shop.Redeemed, shop.GivenBack}) {
			t.Errorf("%d moves, %d pieces: %+v", total, pieces, moves)
		}
		came, n, err2 := s.shops[d].StockMoves(q, false, 0, 10)
		if n != 1 || len(came) != 1 || came[0].N != 5 || came[0].Kind != "" {
			t.Errorf("%d %+v", n, came)
		}
		return errors.Join(err, err2)
	})
	d.See(func(q store.Querier) error {
		low, err := s.shops[d].Low(q)
		if len(low) != 0 {
			t.Errorf("%+v", low)
		}
		_, _, err2 := s.shops[d].Today(q, "5.2.")
		refused(t, err2, "till.day")
		return err
	})
}

func parseHash(s string) (wire.Hash, error) {
	raw, err := hex.DecodeString(s)
	if err != nil || len(raw) != len(wire.Hash{}) {
		return wire.Hash{}, fmt.Errorf("no hash: %q", s)
	}
	return wire.Hash(raw), nil
}

func second[T any](_ T, err error) error { return err }

func TestScenario14FortyGoodsCountedWithTwoDifferences(t *testing.T) {
	s := newStreet(t, 1)
	d := s.Devices[1]
	counts := make([]shop.Counted, 40)
	for i := range counts {
		o := s.save(d, shop.Offer{Name: fmt.Sprintf("物品%02d", i+1), Unit: "件", Kind: shop.Goods, Points: 5, Minimum: 2})
		s.receive(d, o.ID, 10)
		counts[i] = shop.Counted{Offer: o.ID, N: 10}
	}
	counts[6].N, counts[31].N = 9, 12
	var changed []shop.Move
	count := func(why string) error {
		return d.Try(func(tx *store.Tx) (err error) {
			changed, err = s.shops[d].Count(tx, counts, why, "网格员乙")
			return err
		})
	}
	refused(t, count(" "), "shop.why")
	if o := s.stock(d, counts[6].Offer); o.Stock != 10 {
		t.Fatal("a refused count booked something")
	}
	if err := count("月底盘点"); err != nil {
		t.Fatal(err)
	}
	if len(changed) != 2 || changed[0].N != -1 || changed[1].N != 2 || changed[0].Name != "物品07" || changed[0].Operator != "网格员乙" {
		t.Fatalf("%+v", changed)
	}
	if err := count("再盘"); err != nil || len(changed) != 0 {
		t.Fatalf("%v %+v", err, changed)
	}
	s.Meet()
	for _, x := range s.Devices { // the office sees them too, with reason and name
		x.See(func(q store.Querier) error {
			moves, total, err := s.shops[x].StockMoves(q, false, 0, 3)
			if total != 42 || len(moves) != 3 || moves[0].Why != "月底盘点" || moves[0].Operator != "经办人station1" || moves[0].N+moves[1].N != 1 || moves[2].Why != "进货" {
				t.Errorf("%s: %d %+v", x.Name, total, moves)
			}
			return err
		})
	}
}

func TestTwoTillsCutOffNeverSellAPieceTwice(t *testing.T) {
	seed := uint64(40)
	t.Logf("seed %d", seed)
	r := rand.New(rand.NewPCG(seed, 2))
	s := newStreet(t, 2)
	a, b := s.Devices[1], s.Devices[2]
	people := s.People(6)
	rice := s.save(a, shop.Offer{Name: "大米", Unit: "袋", Kind: shop.Goods, Points: 5})
	s.receive(a, rice.ID, 40)
	a.Do(func(tx *store.Tx) error { // a share of the shelf for the other till
		_, err := a.Ledger.Move(tx, ledger.Quota{Kind: ledger.Stock, Subject: shop.Good(rice.ID)}, 15, b.Inc.Actor())
		return err
	})
	for _, p := range people {
		s.give(p, 40, a)
		s.Now++
		s.give(p, 25, b)
	}
	s.Meet()
	given, spent := int64(0), map[string]int64{}
	for range 60 { // cut off from each other from here on
		d, p, n := []*activitytest.Device{a, b}[r.IntN(2)], people[r.IntN(6)], int64(r.IntN(3)+1)
		_, err := s.redeem(d, p, shop.Line{Offer: rice.ID, N: n})
		switch {
		case err == nil:
			given += n
			spent[p] += 5 * n
		case fault.Of(err).Code != "till.stock" && fault.Of(err).Code != "till.short":
			t.Fatal(err)
		}
		if left := s.stock(a, rice.ID).Stock + s.stock(b, rice.ID).Stock; left != 40-given || left < 0 {
			t.Fatalf("%d handed out, %d left", given, left)
		}
	}
	if given < 30 {
		t.Fatalf("only %d handed out: the test proves little", given)
	}
	s.Meet()
	for _, d := range s.Devices {
		d.See(func(q store.Querier) error {
			terms, err := d.Ledger.Totals(q, ledger.Stock)
			if err != nil {
				return err
			}
			if terms.Difference() != 0 || terms.Negative() {
				t.Errorf("%s: stock %+v", d.Name, terms)
			}
			for _, p := range people {
				bal, err := d.Ledger.Balance(q, ledger.TextSubject(p), "2026")
				if err != nil || bal.Spendable != 65-spent[p] {
					t.Errorf("%s: %+v, spent %d (%v)", d.Name, bal, spent[p], err)
				}
			}
			_, total, err := s.shops[d].Today(q, "2026-02-05")
			if total != 5*given {
				t.Errorf("%s: today %d, handed out %d", d.Name, total, given)
			}
			return err
		})
	}
}

func TestGoodsSetAside(t *testing.T) {
	s := newStreet(t, 0)
	d := s.Office()
	p, other := s.Person("张三"), s.Person("李四")
	kettle := s.save(d, shop.Offer{Name: "电热水壶", Unit: "个", Kind: shop.Goods, Points: 30})
	s.receive(d, kettle.ID, 1)
	s.give(other, 40, d)
	refused(t, second(s.redeem(d, p, shop.Line{Offer: kettle.ID, N: 1})), "till.short")
	var r shop.Reservation
	reserve := func(person string) error {
		return d.Try(func(tx *store.Tx) (err error) {
			r, err = s.shops[d].Reserve(tx, person, []shop.Line{{Offer: kettle.ID, N: 1}})
			return err
		})
	}
	if err := reserve(p); err != nil {
		t.Fatal(err)
	}
	if r.State != "open" || r.Masked != "张*" || len(r.Lines) != 1 || r.Lines[0].Name != "电热水壶" {
		t.Fatalf("%+v", r)
	}
	refused(t, reserve(p), "till.stock")
	if f := refused(t, second(s.redeem(d, other, shop.Line{Offer: kettle.ID, N: 1})), "till.stock"); f.Params["left"] != int64(0) || f.Params["reserved"] != int64(1) {
		t.Fatalf("%v", f)
	}
	s.give(p, 30, d)
	if _, err := s.redeem(d, p, shop.Line{Offer: kettle.ID, N: 1}); err != nil {
		t.Fatal(err)
	}
	d.See(func(q store.Querier) error {
		list, err := s.shops[d].Reservations(q)
		if len(list) != 0 {
			t.Errorf("still set aside: %+v", list)
		}
		return err
	})
	s.receive(d, kettle.ID, 1)
	if err := reserve(p); err != nil {
		t.Fatal(err)
	}
	refused(t, d.Try(func(tx *store.Tx) error { return s.shops[d].EndReservation(tx, r.ID, "gone") }), "till.reserved.state")
	refused(t, d.Try(func(tx *store.Tx) error { return s.shops[d].EndReservation(tx, "x", "done") }), "till.reserved.unknown")
	d.Do(func(tx *store.Tx) error { return s.shops[d].EndReservation(tx, r.ID, "cancelled") })
	if _, err := s.redeem(d, other, shop.Line{Offer: kettle.ID, N: 1}); err != nil {
		t.Fatal(err)
	}
}

// Who does not come within the community's days is no longer waited for: the
// goods are for sale again, the list says so for a while, and coming late is no
// harm as long as some are left.
func TestGoodsAreNotKeptForever(t *testing.T) {
	s := newStreet(t, 0)
	d := s.Office()
	x := s.shops[d]
	days := int64(3)
	x.Keeping = func() int64 { return days }
	p, other := s.Person("张三"), s.Person("李四")
	kettle := s.save(d, shop.Offer{Name: "电热水壶", Unit: "个", Kind: shop.Goods, Points: 30})
	s.receive(d, kettle.ID, 2)
	s.give(other, 60, d)
	s.give(p, 30, d)
	var until int64
	d.Do(func(tx *store.Tx) error {
		r, err := x.Reserve(tx, p, []shop.Line{{Offer: kettle.ID, N: 2}})
		until = r.Until
		if r.Until != r.At+days*24*60*60_000 {
			t.Errorf("kept until %d, made at %d", r.Until, r.At)
		}
		return err
	})
	see := func(what string, kept, lapsed int, free int64) {
		t.Helper()
		d.See(func(q store.Querier) error {
			open, err := x.Reservations(q)
			gone, err2 := x.Lapsed(q)
			of, err3 := x.ReservationsOf(q, p)
			o, err4 := x.Offer(q, kettle.ID)
			if len(open) != kept || len(gone) != lapsed || len(of) != kept || o.Stock-o.Reserved != free {
				t.Errorf("%s: kept %d, of the person %d, lapsed %d, free %d of %d", what, len(open), len(of), len(gone), o.Stock-o.Reserved, o.Stock)
			}
			if lapsed == 1 && len(gone) == 1 && gone[0].State != "lapsed" {
				t.Errorf("%s: %+v", what, gone[0])
			}
			return errors.Join(err, err2, err3, err4)
		})
	}
	s.Now = until - 1
	see("the last moment", 1, 0, 0)
	refused(t, second(s.redeem(d, other, shop.Line{Offer: kettle.ID, N: 1})), "till.stock")
	s.Now++
	see("a moment later", 0, 1, 2)
	if _, err := s.redeem(d, other, shop.Line{Offer: kettle.ID, N: 1}); err != nil {
		t.Fatal(err)
	}
	days = 7 // a community that changes its mind keeps for longer also what was made before
	see("of a week", 1, 0, -1)
	days = 3
	s.Now += 8 * 24 * 60 * 60_000
	see("long over", 0, 0, 1)
	if _, err := s.redeem(d, p, shop.Line{Offer: kettle.ID, N: 1}); err != nil {
		t.Fatal(err)
	}
}

func TestScan(t *testing.T) {
	s := newStreet(t, 0)
	d := s.Office()
	p := s.Person("张三")
	soap := s.save(d, shop.Offer{Name: "肥皂", Kind: shop.Goods, Points: 8, Code: "6901234567892"})
	s.give(p, 30, d)
	for text, want := range map[string]string{
		" 6901234567892\n": "offer", "card:" + p: "person", "jsq1.x": "checkin", "": "nothing", "hello": "nothing", strings.Repeat("x", 9000): "nothing",
	} {
		var got shop.Scan
		d.See(func(q store.Querier) (err error) {
			got, err = s.shops[d].Scan(q, text)
			return err
		})
		if got.Kind != want || want == "offer" && got.Offer.ID != soap.ID || want == "person" && (got.Account.Here != 30 || got.Account.Spendable != 30) {
			t.Errorf("%.20q: %+v", text, got)
		}
	}
}

// What no factory gave a bar code has a printed label with its own id: a gun that types
// capitals reads it too. What is off the shelf is read by no label.
func TestScanOfAPrintedLabel(t *testing.T) {
	s := newStreet(t, 0)
	d := s.Office()
	scan := func(text string) (got shop.Scan) {
		d.See(func(q store.Querier) (err error) {
			got, err = s.shops[d].Scan(q, text)
			return err
		})
		return got
	}
	towel := s.save(d, shop.Offer{Name: "毛巾", Kind: shop.Goods, Points: 12})
	for _, text := range []string{towel.ID, strings.ToUpper(towel.ID), " " + towel.ID + "\n"} {
		if got := scan(text); got.Kind != "offer" || got.Offer.ID != towel.ID {
			t.Errorf("%q: %+v", text, got)
		}
	}
	towel.Active = false
	if err := d.Try(func(tx *store.Tx) error { _, err := s.shops[d].Save(tx, towel); return err }); err != nil {
		t.Fatal(err)
	}
	if got := scan(towel.ID); got.Kind != "nothing" {
		t.Errorf("off the shelf: %+v", got)
	}
}

func TestOneNameStandsOnceOnAShelf(t *testing.T) {
	s := newStreet(t, 1)
	a, b := s.Devices[0], s.Devices[1]
	try := func(d *activitytest.Device, o shop.Offer) error {
		return d.Try(func(tx *store.Tx) error { _, err := s.shops[d].Save(tx, o); return err })
	}
	rice := shop.Offer{Name: "大米", Kind: shop.Goods, Points: 5, Active: true}
	first, second := s.save(a, rice), s.save(b, rice) // made apart: both stay
	refused(t, try(a, shop.Offer{Name: " 大米 ", Kind: shop.Goods, Points: 9, Active: true}), "shop.name.double")
	s.Meet()
	for _, d := range s.Devices[:2] {
		d.See(func(q store.Querier) error {
			list, err := s.shops[d].Offers(q, false)
			if len(list) != 2 {
				t.Errorf("%d of two offers are shown", len(list))
			}
			return err
		})
	}
	second.Points = 6
	if err := try(a, second); err != nil {
		t.Errorf("one of two made apart can't be changed: %v", err)
	}
	first.Active = false
	if err := try(a, first); err != nil {
		t.Error(err)
	}
	first.Active = true
	refused(t, try(a, first), "shop.name.double")
	first.Name = "小米"
	if err := try(a, first); err != nil {
		t.Error(err)
	}
}

func TestBadInput(t *testing.T) {
	s := newStreet(t, 0)
	d := s.Office()
	p := s.Person("张三")
	soap := s.save(d, shop.Offer{Name: "肥皂", Kind: shop.Goods, Points: 8, Code: "A1"})
	hair := s.save(d, shop.Offer{Name: "理发", Kind: shop.Service, Points: 8})
	for code, o := range map[string]shop.Offer{
		"shop.name": {Name: " ", Kind: shop.Goods, Points: 1}, "shop.kind": {Name: "x", Kind: "free", Points: 1},
		"shop.points": {Name: "x", Kind: shop.Goods, Points: -1}, "shop.code": {Name: "x", Kind: shop.Goods, Points: 1, Code: "中文"},
		"shop.code.double":   {Name: "x", Kind: shop.Goods, Points: 1, Code: "A1", Active: true},
		"shop.offer.unknown": {ID: "01j9zzzzzzzzzzzzzzzzzzzzzz", Name: "x", Kind: shop.Goods, Points: 1},
		"shop.minimum":       {Name: "x", Kind: shop.Goods, Points: 1, Minimum: 1 << 50},
	} {
		refused(t, d.Try(func(tx *store.Tx) error { _, err := s.shops[d].Save(tx, o); return err }), code)
	}
	receive := func(id string, n int64) error {
		return d.Try(func(tx *store.Tx) error { _, err := s.shops[d].Receive(tx, id, n, ""); return err })
	}
	refused(t, receive(soap.ID, -5), "till.amount")
	refused(t, receive(soap.ID, 1<<60), "till.amount")
	refused(t, receive(hair.ID, 1), "shop.unlimited")
	refused(t, receive("nix", 1), "shop.offer.unknown")
	refused(t, d.Try(func(tx *store.Tx) error { _, err := s.shops[d].Adjust(tx, soap.ID, -1, "碎了"); return err }), "till.stock")
	refused(t, second(s.redeem(d, p)), "till.empty")
	refused(t, second(s.redeem(d, p, shop.Line{Offer: soap.ID, N: 0})), "till.amount")
	refused(t, second(s.redeem(d, p, shop.Line{Offer: soap.ID, N: 1 << 62})), "till.amount")
	refused(t, second(s.redeem(d, "nobody", shop.Line{Offer: soap.ID, N: 1})), "people.unknown")
	refused(t, second(s.redeem(d, p, shop.Line{Offer: "x", N: 1})), "shop.offer.unknown")
	refused(t, second(s.redeem(d, p, shop.Line{Offer: soap.ID, N: 1})), "till.stock")
	refused(t, second(s.redeem(d, p, make([]shop.Line, 100)...)), "till.lines")
}
