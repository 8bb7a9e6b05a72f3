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

// withDeductions adds a rule that takes points to the rulebook.
func withDeductions(office *device) {
	office.t.Helper()
	items := office.must("scheme.get", object{})["items"].([]any)
	items = append(items, object{"code": "KF01", "group": "扣分", "name": "占用消防通道", "kind": "deduct", "points": 3, "minutes": 0, "dayCap": 0, "witness": false})
	office.must("scheme.save", object{"items": items})
}

// One and the same deduction, recorded at two stations that are cut off from each
// other, is one with two witnesses: 3 points go once. Who comes second is told; an
// undone one can be entered anew.
func TestDeductionAtTwoDevicesCountsOnce(t *testing.T) {
	office := found(t)
	withDeductions(office)
	one := join(t, office, "station", "柳溪实践站")
	two := join(t, office, "station", "河湾实践站")
	id := office.must("people.register", person("王五", "13900000005"))["id"]
	stations := []*device{one, two}
	for _, d := range stations {
		eventually(t, "the points are known", func() bool { return d.owing(id, 10, 0) })
		d.refuses("scheme.item.unknown", "deed.record", object{"person": id, "item": "KF01", "at": d.now(), "minutes": 0, "note": "", "witness": "", "line": ""})
		d.must("devices.pause", object{"on": true})
	}
	two.must("app.operator", object{"name": "网格员丙"})
	fine := object{"person": id, "item": "KF01", "at": one.now(), "reason": "东门", "witness": "", "line": "12"}
	for _, d := range stations {
		if got := d.must("deed.deduct", fine); number(got["onTheWay"]) != 3 || got["again"] != false {
			t.Errorf("%v", got)
		}
		d.refuses("deed.double", "deed.deduct", fine)
		if l := d.lines(id, "deed"); len(l) != 1 || number(l[0]["amount"]) != -3 || l[0]["state"] != "onTheWay" || l[0]["item"] != "KF01" {
			t.Errorf("%v", l)
		}
		if p := d.person(id); number(p["onTheWay"]) != 0 {
			t.Errorf("%v points are on the way to somebody", p["onTheWay"])
		}
	}
	for _, d := range stations {
		d.must("devices.pause", object{"on": false})
	}
	all := append(stations, office)
	for _, d := range all {
		eventually(t, "it is taken once", func() bool { return d.owing(id, 7, 0) && len(d.lines(id, "deduct")) == 1 })
	}
	allAgree(t, all...)
	line := office.lines(id, "deduct")[0]
	if line["witness"] == "" || line["witness"] == line["operator"] || line["item"] != "KF01" || number(line["version"]) == 0 {
		t.Errorf("not two witnesses: %v", line)
	}
	if got := office.must("deed.deduct", fine); got["again"] != true {
		t.Errorf("the second one is not told: %v", got)
	}
	one.must("correction.make", object{"hash": entryOf(line), "reason": "不是他"})
	for _, d := range all {
		eventually(t, "it is given back", func() bool { return d.owing(id, 10, 0) })
	}
	if got := office.must("deed.deduct", fine); got["again"] != false || number(got["taken"]) != 3 {
		t.Errorf("entered anew: %v", got)
	}
	for _, d := range all {
		eventually(t, "it is taken again", func() bool { return d.owing(id, 7, 0) })
		d.sound()
	}
}
