//go:build linux

package boot

import (
	"testing"
	"time"

	"jishan/app/zone"
)

// A household has 90 points on one account. Both shops are asked for 120
// together while every cable is pulled, by the card and with a voucher that was
// photocopied: at most 90 are handed over, and what is refused is refused at
// the counter, with the missing amount.
func TestScenario09OneHouseholdTwoShops(t *testing.T) { onLAN(t, 3, twoShops) }

type account struct {
	Masked                    string
	Here, Spendable, OnTheWay int64
}

func twoShops(t *testing.T, pcs []*computer) {
	office, left, right := pcs[0], pcs[1], pcs[2]
	found(t, office)
	enter(t, office, left, "merchant")
	enter(t, office, right, "merchant")
	ids := roster(t, office, 2, 1)
	home := rosterOne(t, office, "户主", "13700000001", 90)
	office.call(t, "people.household", object{"household": "", "members": append([]string{home}, ids...), "head": home}, nil)
	var shelf [2]string // ten points a piece
	for i, shop := range []*computer{left, right} {
		var o struct{ ID string }
		shop.call(t, "shop.save", object{"id": "", "name": "大米", "unit": "1 袋", "kind": "goods", "points": 10, "minimum": 0, "icon": "bag", "active": true, "code": ""}, &o)
		shop.call(t, "shop.receive", object{"offer": o.ID, "n": 50, "why": "进货"}, nil)
		shelf[i] = o.ID
	}
	var cards struct{ Cards []struct{ QR string } }
	office.call(t, "people.card", object{"ids": []string{home}}, &cards)

	// 40 lie at one shop, a voucher over 30 is for the other, 20 stay.
	pull(t, left, home, 40)
	var slip struct{ Text string }
	wait(t, convergeLimit, "the office writes the voucher", func() bool {
		return office.try("voucher.issue", object{"person": home, "points": 30, "till": deviceID(t, right), "until": zone.Day(time.Now().UnixMilli())}, &slip) == nil
	})
	pull(t, right, ids[0], 1) // so it may hold points
	cut(t, 0, 1, 2)
	for _, shop := range []*computer{left, right} { // the till stands without a network from now on, power cut included
		shop.kill(t)
		shop.start(t)
	}

	given := int64(0)
	buy := func(shop *computer, offer string, n int64) {
		t.Helper()
		shop.call(t, "till.redeem", object{"person": home, "lines": []object{{"offer": offer, "n": n}}}, nil)
		given += 10 * n
	}
	short := func(shop *computer, offer string, n, here, missing int64) {
		t.Helper()
		f := shop.refuses(t, "till.short", "till.redeem", object{"person": home, "lines": []object{{"offer": offer, "n": n}}})
		if f["here"] != float64(here) || f["missing"] != float64(missing) {
			t.Errorf("%s: refused with %v, want here %d, missing %d", shop.name, f, here, missing)
		}
	}
	scan := func(shop *computer, text string) (a account) {
		t.Helper()
		var r struct{ Account account }
		shop.call(t, "till.scan", object{"text": text}, &r)
		return r.Account
	}
	if a := scan(left, cards.Cards[0].QR); a.Here != 40 {
		t.Errorf("at the first shop: %+v", a)
	}
	if a := scan(right, cards.Cards[0].QR); a.Here != 0 {
		t.Errorf("at the second shop: %+v", a)
	}
	short(left, shelf[0], 6, 40, 20)
	short(right, shelf[1], 6, 0, 60)
	if other := left.refuses(t, "voucher.other", "till.scan", object{"text": slip.Text}); other == nil {
		t.Error("a voucher for another shop")
	}
	if a := scan(right, slip.Text); a.Here != 30 {
		t.Errorf("the voucher brings %+v", a)
	}
	right.refuses(t, "voucher.taken", "till.scan", object{"text": slip.Text}) // the photocopy
	right.kill(t)
	right.start(t)
	right.refuses(t, "voucher.taken", "till.scan", object{"text": slip.Text})
	short(right, shelf[1], 6, 30, 30)
	buy(right, shelf[1], 3)
	buy(left, shelf[0], 4)
	short(right, shelf[1], 1, 0, 10)
	short(left, shelf[0], 1, 0, 10)
	right.refuses(t, "voucher.taken", "till.scan", object{"text": slip.Text})
	right.refuses(t, "till.pull.offline", "till.pull", object{"person": home, "need": 10})
	if given != 70 {
		t.Errorf("%d were handed over", given)
	}

	mend(t, 0, 1, 2)
	agree(t, pcs, convergeLimit+meetLimit)
	right.refuses(t, "voucher.taken", "till.scan", object{"text": slip.Text})
	pull(t, right, home, 20) // what was at the office
	buy(right, shelf[1], 2)
	short(left, shelf[0], 3, 0, 30)
	short(right, shelf[1], 1, 0, 10)
	agree(t, pcs, convergeLimit)
	if p := who(t, office, "13700000001"); given != 90 || p.Spendable != 0 || p.Lifetime != 90 {
		t.Errorf("%d of 90 were handed over, left %+v", given, p)
	}
}

// rosterOne imports one person and returns the id.
func rosterOne(t *testing.T, office *computer, name, phone string, points int) string {
	t.Helper()
	importRoster(t, office, []string{rosterRow(name, phone, points)})
	return who(t, office, phone).ID
}

func deviceID(t *testing.T, pc *computer) string {
	t.Helper()
	var mine struct{ Device struct{ ID string } }
	pc.call(t, "app.state", object{}, &mine)
	return mine.Device.ID
}
