package node

import "testing"

// A deduction takes what is there and leaves a debt, which later income pays by
// itself; reason and operator stand in the history.
func TestDeduction(t *testing.T) {
	office := found(t)
	id := office.must("people.register", person("王五", "13900000005"))["id"]
	eventually(t, "the bonus is booked", func() bool { return number(office.person(id)["spendable"]) == 10 })
	for _, bad := range []int{0, maxDeduction + 1} {
		office.refuses("deduct.points", "deed.deduct", object{"person": id, "points": bad, "reason": "x"})
	}
	office.refuses("deduct.reason", "deed.deduct", object{"person": id, "points": 5, "reason": "  "})
	office.refuses("people.unknown", "deed.deduct", object{"person": "00000000000000000000000000", "points": 5, "reason": "x"})
	got := office.must("deed.deduct", object{"person": id, "points": 13, "reason": "占用消防通道"})
	if number(got["taken"]) != 10 || number(got["debt"]) != 3 {
		t.Fatalf("%v", got)
	}
	if p := office.person(id); number(p["spendable"]) != 0 || number(p["debt"]) != 3 || number(p["lifetime"]) != 10 || number(p["year"]) != -3 {
		t.Errorf("%v", p)
	}
	office.must("base.start", object{"points": 20, "second": ""})
	eventually(t, "later income pays the debt", func() bool { p := office.person(id); return number(p["debt"]) == 0 && number(p["lifetime"]) == 30 })
	if p := office.person(id); number(p["spendable"]) != 17 || number(p["year"]) != 17 {
		t.Errorf("%v", p)
	}
	kinds := map[any]int{}
	for _, l := range office.must("people.passbook", object{"id": id, "offset": 0, "limit": 20})["lines"].([]any) {
		l := l.(object)
		if kinds[l["kind"]]++; l["kind"] == "deduct" && (l["text"] != "占用消防通道" || l["operator"] != "经办人甲" || number(l["amount"]) != -10) {
			t.Errorf("%v", l)
		}
	}
	if kinds["deduct"] != 1 || kinds["debt"] != 2 {
		t.Errorf("%v", kinds)
	}
	if n := number(office.must("audit.report", object{})["negative"]); n != 0 {
		t.Errorf("%d negative", n)
	}
}
