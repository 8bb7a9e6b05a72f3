package shop_test

import (
	"encoding/json"
	"os"
	"testing"

	"jishan/app/shop"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// titled says at a device what a person has.
func (s *street) titled(title func(person string) shop.Title) {
	for _, x := range s.shops {
		x.Title = func(_ store.Querier, person string) (shop.Title, error) { return title(person), nil }
		x.LevelName = func(id string) string { return map[string]string{"l1": "三星", "l2": "五星"}[id] }
	}
}

// What a purchase comes to: the screens reckon it too, with the same cases
// (frontend/src/words/terms.test.ts).
func TestBestCases(t *testing.T) {
	raw, err := os.ReadFile("testdata/terms.json")
	if err != nil {
		t.Fatal(err)
	}
	var cases []struct {
		Name   string
		Terms  []shop.Term
		Pieces []struct{ Points, N int64 }
		Less   int64
		Best   int // index of the term; -1 none
	}
	if err := json.Unmarshal(raw, &cases); err != nil || len(cases) < 8 {
		t.Fatal(len(cases), err)
	}
	for _, c := range cases {
		var pieces []shop.Piece
		for _, p := range c.Pieces {
			pieces = append(pieces, shop.Piece(p))
		}
		got := shop.Best(c.Terms, pieces)
		want := shop.Less{N: c.Less}
		if c.Best >= 0 {
			want.Term = c.Terms[c.Best]
		}
		if got != want {
			t.Errorf("%s: %+v, want %+v", c.Name, got, want)
		}
	}
}

// A holder pays less, the receipt says what for, the ledger holds what was paid, and an
// undone purchase brings back that and no more.
func TestRedeemWithADiscount(t *testing.T) {
	s := newStreet(t, 0)
	d := s.Office()
	p, other := s.Person("张三"), s.Person("李四")
	rice := s.save(d, shop.Offer{Name: "大米", Unit: "袋", Kind: shop.Goods, Points: 25})
	soap := s.save(d, shop.Offer{Name: "肥皂", Unit: "块", Kind: shop.Goods, Points: 8})
	s.receive(d, rice.ID, 5)
	s.receive(d, soap.ID, 5)
	s.give(p, 100, d)
	s.give(other, 100, d)
	s.titled(func(person string) shop.Title {
		if person == p {
			return shop.Title{Levels: []string{"l1", "l2"}, Life: 520, Until: 99}
		}
		return shop.Title{Life: 90}
	})
	list := []shop.Term{{Life: 500, Points: 1}, {Level: "l2", Percent: 10}}
	d.Do(func(tx *store.Tx) error { return s.shops[d].SetTerms(tx, list) })
	d.See(func(q store.Querier) error {
		a, err := s.shops[d].Account(q, p)
		if err != nil || len(a.Off) != 2 || a.Off[0].Level != "l2" || a.Off[0].Name != "五星" || a.OffUntil != 99 {
			t.Errorf("the account: %+v, %v", a, err)
		}
		if a, err = s.shops[d].Account(q, other); err != nil || len(a.Off) != 0 {
			t.Errorf("somebody else's: %+v, %v", a, err)
		}
		return nil
	})
	r, err := s.redeem(d, p, shop.Line{Offer: rice.ID, N: 1}, shop.Line{Offer: soap.ID, N: 1}) // 33, a tenth rounded down
	if err != nil || r.Total != 30 || r.Less != 3 || r.LessLevel != "五星" || r.LessLife != 0 || len(r.Lines) != 2 || r.Lines[0].Points+r.Lines[1].Points != 33 || r.HereAfter != 70 {
		t.Errorf("the receipt: %+v, %v", r, err)
	}
	if r, err := s.redeem(d, other, shop.Line{Offer: rice.ID, N: 1}); err != nil || r.Total != 25 || r.Less != 0 {
		t.Errorf("without a title: %+v, %v", r, err)
	}
	r2, err := s.redeem(d, p, shop.Line{Offer: soap.ID, N: 1}) // a tenth of 8 is nothing, a point a piece is one
	if err != nil || r2.Total != 7 || r2.Less != 1 || r2.LessLife != 500 || r2.LessLevel != "" {
		t.Errorf("by points earned in all: %+v, %v", r2, err)
	}
	d.See(func(q store.Querier) error {
		_, total, err := s.shops[d].Today(q, "")
		if err != nil || total != 30+25+7 {
			t.Errorf("the day came to %d, %v", total, err)
		}
		moves, _, err := s.shops[d].StockMoves(q, true, 0, 20)
		for _, m := range moves {
			if m.Kind == shop.Redeemed && m.Why != "" {
				t.Errorf("a sale's reason: %q", m.Why)
			}
		}
		return err
	})
	// The terms end: the old receipt stays as it was.
	d.Do(func(tx *store.Tx) error { return s.shops[d].SetTerms(tx, nil) })
	if r, err := s.redeem(d, p, shop.Line{Offer: soap.ID, N: 1}); err != nil || r.Total != 8 || r.Less != 0 {
		t.Errorf("after the terms ended: %+v, %v", r, err)
	}
	d.See(func(q store.Querier) error {
		list, _, err := s.shops[d].Today(q, "")
		if err == nil && (len(list) != 4 || list[3].Less != 3 || list[3].LessLevel != "五星") {
			t.Errorf("the old receipt: %+v", list)
		}
		return err
	})
}

// Points that do not do at the full price may do at the lower one.
func TestADiscountReachesWhatIsHere(t *testing.T) {
	s := newStreet(t, 0)
	d := s.Office()
	p := s.Person("张三")
	rice := s.save(d, shop.Offer{Name: "大米", Unit: "袋", Kind: shop.Goods, Points: 30})
	s.receive(d, rice.ID, 5)
	s.give(p, 27, d)
	refused(t, second(s.redeem(d, p, shop.Line{Offer: rice.ID, N: 1})), "till.short")
	s.titled(func(string) shop.Title { return shop.Title{Levels: []string{"l1"}} })
	d.Do(func(tx *store.Tx) error { return s.shops[d].SetTerms(tx, []shop.Term{{Level: "l1", Percent: 10}}) })
	if r, err := s.redeem(d, p, shop.Line{Offer: rice.ID, N: 1}); err != nil || r.Total != 27 || r.HereAfter != 0 {
		t.Errorf("%+v, %v", r, err)
	}
}

func TestTermsThatAreRefused(t *testing.T) {
	s := newStreet(t, 0)
	d := s.Office()
	for code, list := range map[string][]shop.Term{
		"shop.terms.many":  make([]shop.Term, 21),
		"shop.terms.to":    {{Percent: 10}},
		"shop.terms.off":   {{Level: "l1"}},
		"shop.terms.twice": {{Level: "l1", Percent: 5}, {Level: "l1", Points: 1}},
	} {
		refused(t, d.Try(func(tx *store.Tx) error { return s.shops[d].SetTerms(tx, list) }), code)
	}
	for _, x := range []shop.Term{
		{Level: "L1", Percent: 1}, {Level: "l/1", Percent: 1}, {Level: "l1", Life: 10, Percent: 1}, {Life: 15, Percent: 1}, {Life: -10, Percent: 1}, {Life: 1 << 50, Percent: 1},
	} {
		refused(t, d.Try(func(tx *store.Tx) error { return s.shops[d].SetTerms(tx, []shop.Term{x}) }), "shop.terms.to")
	}
	for _, x := range []shop.Term{
		{Level: "l1", Percent: 100}, {Level: "l1", Percent: -1}, {Level: "l1", Percent: 5, Points: 5}, {Level: "l1", Points: -5}, {Level: "l1", Points: 1 << 50},
	} {
		refused(t, d.Try(func(tx *store.Tx) error { return s.shops[d].SetTerms(tx, []shop.Term{x}) }), "shop.terms.off")
	}
	d.See(func(q store.Querier) error {
		list, err := shop.TermsOf(q, "shelf")
		if err != nil || len(list) != 0 {
			t.Errorf("something of a refused list was written: %v, %v", list, err)
		}
		return nil
	})
}

// Admission takes no terms that no program writes; those of a later format pass.
func TestFormOfTerms(t *testing.T) {
	form := func(v wire.Value) error {
		return shop.Form("c.1/catalog/shelf", &wire.Change{Ops: []wire.Op{{Key: "place/00000000000000000000000000/terms", Value: v}}})
	}
	row := func(b ...byte) string { return string(append([]byte{0x82, 0x01, 0x81, 0x84}, b...)) }
	for name, x := range map[string]struct {
		v  wire.Value
		ok bool
	}{
		"a tenth":          {wire.BytesValue([]byte(row(0x62, 'l', '1', 0, 10, 0))), true},
		"none":             {wire.BytesValue([]byte{0x82, 0x01, 0x80}), true},
		"a later format":   {wire.BytesValue([]byte{0x82, 0x02, 0xa0}), true},
		"all of it":        {wire.BytesValue([]byte(row(0x62, 'l', '1', 0, 0x18, 100, 0))), false},
		"to nobody":        {wire.BytesValue([]byte(row(0x60, 0, 10, 0))), false},
		"both":             {wire.BytesValue([]byte(row(0x62, 'l', '1', 0, 10, 5))), false},
		"below nothing":    {wire.BytesValue([]byte(row(0x62, 'l', '1', 0, 0, 0x20))), false},
		"another length":   {wire.BytesValue([]byte{0x82, 0x01, 0x81, 0x83, 0x62, 'l', '1', 0, 10}), false},
		"no shortest form": {wire.BytesValue([]byte(row(0x62, 'l', '1', 0, 0x18, 10, 0))), false},
		"text":             {wire.StringValue("10%"), false},
		"nothing":          {wire.BytesValue(nil), false},
	} {
		if err := form(x.v); (err == nil) != x.ok {
			t.Errorf("%s: %v", name, err)
		}
	}
}
