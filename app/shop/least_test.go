package shop_test

import (
	"testing"

	"jishan/app/shop"
	"jishan/crdt/store"
)

// From so many points on somebody may redeem: who has fewer in all is told how many are
// missing, at the till and on the phone; what was ordered before is fetched all the same.
func TestLeastSum(t *testing.T) {
	s := newStreet(t, 0)
	d := s.Office()
	least := int64(20)
	s.shops[d].Least = func(store.Querier) (int64, error) { return least, nil }
	s.shops[d].Device = func() string { return d.Inc.Actor().String() }
	p := s.Person("张三")
	soap := s.save(d, shop.Offer{Name: "肥皂", Unit: "块", Kind: shop.Goods, Points: 4})
	s.receive(d, soap.ID, 9)
	s.give(p, 19, d)
	one := shop.Line{Offer: soap.ID, N: 1}
	order := func(once string) (r shop.Reservation, err error) {
		err = d.Try(func(tx *store.Tx) (err error) { r, err = s.shops[d].Order(tx, p, []shop.Line{one}, once); return err })
		return r, err
	}
	account := func() (a shop.Account) {
		d.See(func(q store.Querier) (err error) { a, err = s.shops[d].Account(q, p); return err })
		return a
	}
	f := refused(t, second(s.redeem(d, p, one)), "till.least")
	if f.Params["least"] != int64(20) || f.Params["have"] != int64(19) || f.Params["missing"] != int64(1) {
		t.Errorf("%v", f.Params)
	}
	_, err := order("abcdefgh")
	refused(t, err, "till.least")
	if a := account(); a.Least != 20 || a.Lacks != 1 || a.Here != 19 {
		t.Errorf("%+v", a)
	}

	s.give(p, 2, d)
	r, err := order("abcdefgh")
	if err != nil {
		t.Fatal(err)
	}
	if a := account(); a.Lacks != 0 || a.Here != 17 || a.Kept != 4 {
		t.Errorf("what is set aside counts: %+v", a)
	}
	least = 30
	refused(t, second(s.redeem(d, p, one)), "till.least")
	if err := d.Try(func(tx *store.Tx) error {
		_, err := s.shops[d].Fetch(tx, r.ID, p, []shop.Line{one}, shop.NotProven)
		return err
	}); err != nil {
		t.Errorf("what was ordered when it was enough: %v", err)
	}
	least = 17 // what is left: from 17 on
	if _, err := s.redeem(d, p, one); err != nil {
		t.Error(err)
	}
	refused(t, second(s.redeem(d, p, one)), "till.least")
}
