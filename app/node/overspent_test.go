package node

import "testing"

// TestSpentAtTwoCopies: two copies of a station redeem the same points, one of them twice
// and for two persons. Office and station are told how much was lost, and the list names
// who redeemed what since the copies parted: neither what was redeemed before, nor what
// the other person had enough points for, nor what was taken back.
func TestSpentAtTwoCopies(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	register := func(name, phone string) any {
		p := person(name, phone)
		p["usualPlace"] = place(office, "柳溪实践站")
		return office.must("people.register", p)["id"] // 10 points
	}
	zhang, li := register("张三", "13900000001"), register("李四", "13900000002")
	soap := station.shelf("香皂", 1, 100)
	for _, who := range []any{zhang, li} {
		eventually(t, "the points are at the usual place", func() bool { return station.buy(who, soap, 1) == nil })
		eventually(t, "that is known", func() bool { return number(office.person(who)["spendable"]) == 9 })
	}
	one, two := twinsOf(t, station)
	for d, n := range map[*device]int{one: 8, two: 6} {
		d.must("devices.pause", object{"on": true})
		for who, n := range map[any]int{zhang: n, li: 2} {
			if err := d.buy(who, soap, n); err != nil {
				t.Fatal(err)
			}
		}
	}
	for _, d := range []*device{one, two} {
		d.must("devices.pause", object{"on": false})
	}
	_, running := oneStops(t, one, two)
	for _, d := range []*device{office, running} {
		eventually(t, "it is told what was spent twice", func() bool { return d.alarm(alarmOverspent) != nil })
		p := d.alarm(alarmOverspent)["params"].(object)
		lines := p["lines"].([]any)
		if number(p["lost"]) != 5 || number(p["n"]) != 2 || len(lines) != 2 || number(p["more"]) != 0 {
			t.Fatalf("%v", p)
		}
		sold := map[any]bool{}
		for _, x := range lines {
			x := x.(object)
			if sold[x["goods"]] = true; x["person"] != "张三" {
				t.Errorf("%v", x)
			}
		}
		if !sold["香皂 × 8"] || !sold["香皂 × 6"] {
			t.Errorf("%v", lines)
		}
		if d.alarm(alarmDoubled) != nil {
			t.Error("nothing here is handed over once only")
		}
	}
}

// TestVoucherReturnedAtTwoCopies: a voucher came back at both copies of a till. The points
// are the person's twice, for who gets them can't know; the community bears it, and the
// office is told by name and sum.
func TestVoucherReturnedAtTwoCopies(t *testing.T) {
	office := found(t)
	shop := join(t, office, "merchant", "惠民超市")
	li := office.withPoints("李四", "13900000002", "95")
	roomy(t, shop)
	slip := office.must("voucher.issue", object{"person": li, "points": 30, "till": office.till("惠民超市"), "until": today()})["text"]
	shop.cut()
	one, two := twinsOf(t, shop)
	apart(one, two, func(d *device) { d.must("voucher.return", object{"text": slip}) })
	eventually(t, "the office is told", func() bool { return office.alarm(alarmOverspent) != nil })
	p := office.alarm(alarmOverspent)["params"].(object)
	lines := p["lines"].([]any)
	if number(p["lost"]) != 30 || len(lines) != 2 {
		t.Fatalf("%v", p)
	}
	for _, x := range lines {
		if x := x.(object); x["person"] != "李四" || number(x["points"]) != 30 || x["sent"] != true {
			t.Errorf("%v", x)
		}
	}
}
