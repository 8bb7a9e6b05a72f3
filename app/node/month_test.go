package node

import (
	"testing"
	"time"
)

// addsUp checks that a month's sums add up, and returns them.
func (d *device) addsUp(month string) map[string]int64 {
	d.t.Helper()
	got, m := d.must("stats.month", object{"month": month}), map[string]int64{}
	for _, k := range []string{"carried", "awarded", "brought", "redeemed", "deducted", "moved", "expired", "outstanding"} {
		m[k] = number(got[k])
	}
	if m["carried"]+m["awarded"]+m["brought"]-m["redeemed"]-m["deducted"]-m["moved"]-m["expired"] != m["outstanding"] {
		d.t.Errorf("%s does not add up: %v", month, m)
	}
	return m
}

// What a month began with, what came and what went make what is left, whatever
// kind of line it was; the next month begins with that.
func TestMonthsAddUp(t *testing.T) {
	var k clock
	k.set(2026, time.March, 10, 10)
	office := foundBy(t, &k)
	rich := office.withPoints("居民甲", "13900000001", "95")
	bought := office.shelf("香皂", 10, 100)
	poor := office.must("people.register", person("居民乙", "13900000002"))["id"]
	eventually(t, "the bonus is booked", func() bool { return number(office.person(poor)["spendable"]) == 10 })
	for range 2 {
		if err := office.buy(rich, bought, 2); err != nil {
			t.Fatal(err)
		}
	}
	deed := office.must("deed.record", object{"person": poor, "item": "BN01", "at": k.now().UnixMilli(), "minutes": 120, "note": "", "witness": "", "line": ""})
	office.must("ledger.undo", object{"ref": deed["ref"]})
	for _, l := range office.must("people.passbook", object{"id": rich, "offset": 0, "limit": 1})["lines"].([]any) {
		office.must("ledger.undo", object{"ref": l.(object)["ref"]})
	}
	office.must("deed.deduct", object{"person": poor, "points": 13, "reason": "占用消防通道"})
	want := map[string]int64{"carried": 0, "awarded": 10, "brought": 95, "redeemed": 20, "deducted": 10, "moved": 0, "expired": 0, "outstanding": 75}
	march := func(when string) {
		t.Helper()
		for key, n := range office.addsUp("2026-03") {
			if n != want[key] {
				t.Errorf("March, %s: %s is %d, want %d", when, key, n, want[key])
			}
		}
	}
	march("at its end")
	k.set(2026, time.April, 2, 10)
	office.must("base.start", object{"points": 20, "second": ""})
	eventually(t, "the debt is collected", func() bool { return number(office.person(poor)["spendable"]) == 17 })
	eventually(t, "all have the base points", func() bool { return number(office.person(rich)["spendable"]) == 95 })
	if err := office.buy(rich, bought, 1); err != nil {
		t.Fatal(err)
	}
	if m := office.addsUp("2026-04"); m["carried"] != 75 || m["awarded"] != 40 || m["deducted"] != 3 || m["redeemed"] != 10 || m["outstanding"] != 102 {
		t.Errorf("April: %v", m)
	}
	march("in April")
	if m := office.addsUp("2026-02"); m["outstanding"] != 0 {
		t.Errorf("February: %v", m)
	}
}
