package node

import (
	"testing"
	"time"

	"jishan/app/ledger"
	"jishan/app/people"
)

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
	for _, bad := range []int64{-1, time.Now().AddDate(0, 0, 3).UnixMilli(), 1 << 60} {
		office.refuses("deed.time", "deed.deduct", object{"person": id, "points": 5, "reason": "x", "at": bad})
	}
	got := office.must("deed.deduct", object{"person": id, "points": 13, "at": time.Now().UnixMilli(), "reason": "占用消防通道"})
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
		if kinds[l["kind"]]++; l["kind"] == "deduct" && (l["text"] != "占用消防通道" || l["operator"] != "经办人甲" || number(l["amount"]) != -13 || number(l["owed"]) != 3) {
			t.Errorf("%v", l)
		}
	}
	if kinds["deduct"] != 1 || kinds["debt"] != 1 {
		t.Errorf("%v", kinds)
	}
	if n := number(office.must("audit.report", object{})["negative"]); n != 0 {
		t.Errorf("%d negative", n)
	}
}

// Goods come back at a till that knows of no debt: the office, to which the person
// owes, asks for the points as soon as it hears of them. Cut off, the till may sell
// what came back there, and no more than that; the debt stays and nothing is taken
// twice.
func TestReturnedPointsOfWhoOwes(t *testing.T) {
	office := found(t)
	till := join(t, office, "merchant", "利民超市")
	p := person("居民甲", "13900000001")
	p["usualPlace"] = place(office, "利民超市")
	id := office.must("people.register", p)["id"]
	offer := till.must("shop.save", object{"id": "", "name": "香皂", "unit": "1 块", "kind": "goods", "points": 9, "minimum": 0, "icon": "soap", "active": true, "code": ""})["id"]
	till.must("shop.receive", object{"offer": offer, "n": 9, "why": ""})
	sell := func() (err error) {
		_, err = till.call("till.redeem", object{"person": id, "lines": []object{{"offer": offer, "n": 1}}})
		return err
	}
	eventually(t, "the points are at the till", func() bool { return sell() == nil })
	eventually(t, "the redemption is known", func() bool { return len(office.lines(id, "redeem")) == 1 })
	if got := office.must("deed.deduct", object{"person": id, "points": 5, "reason": "占用消防通道"}); number(got["taken"]) != 1 || number(got["debt"]) != 4 {
		t.Fatalf("%v", got)
	}
	office.must("correction.make", object{"hash": entryOf(office.lines(id, "redeem")[0]), "reason": "商品退回"})
	eventually(t, "what came back pays the debt first", func() bool { return office.owing(id, 5, 0) })
	if err := sell(); code(err) != "till.short" {
		t.Errorf("9 of 5 points were sold: %v", err)
	}

	// A till that is cut off can sell what lies there, and nothing more.
	office.must("base.start", object{"points": 13, "second": ""})
	c, err := till.here()
	if err != nil {
		t.Fatal(err)
	}
	who, err := people.ParseID(id.(string))
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "all points are at the till", func() bool {
		n, err := c.rightsHere(t.Context(), ledger.Subject(who))
		return err == nil && n == 18
	})
	eventually(t, "and it is known", func() bool { return office.owing(id, 18, 0) })
	till.must("devices.pause", object{"on": true})
	if got := office.must("deed.deduct", object{"person": id, "points": 20, "reason": "占用消防通道"}); number(got["debt"]) != 20 {
		t.Fatalf("%v", got)
	}
	if err := sell(); err != nil {
		t.Errorf("what lay at the till: %v", err)
	}
	till.must("devices.pause", object{"on": false})
	eventually(t, "what was left has paid, once", func() bool { return office.owing(id, 0, 11) })
	office.sound()
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

// A deduction by the rulebook takes nothing at once, whatever program asks. One and
// the same, noted at two stations that are cut off from each other, is one deed with
// two witnesses: 3 points go once, after the person was told and had time to appeal.
// One that was taken back can be claimed anew.
func TestDeductionByTheRulebookIsAClaim(t *testing.T) {
	var k clock
	office := foundBy(t, &k)
	withDeductions(office)
	one := joinBy(t, office, "station", "柳溪实践站", &k)
	two := joinBy(t, office, "station", "河湾实践站", &k)
	id := office.must("people.register", person("王五", "13900000005"))["id"]
	stations, all := []*device{one, two}, []*device{one, two, office}
	for _, d := range stations {
		eventually(t, "the points are known", func() bool { return d.owing(id, 10, 0) })
		d.refuses("scheme.item.unknown", "deed.record", object{"person": id, "item": "KF01", "at": d.now(), "minutes": 0, "note": "", "witness": "", "line": ""})
		d.refuses("scheme.item.unknown", "deed.deduct", object{"person": id, "item": "HJ02", "at": d.now(), "reason": "", "witness": ""})
		d.must("devices.pause", object{"on": true})
	}
	two.must("app.operator", object{"name": "网格员丙"})
	fine := object{"person": id, "item": "KF01", "at": one.now(), "reason": "东门", "witness": ""}
	for _, d := range stations {
		if got := d.must("deed.deduct", fine); number(got["onTheWay"]) != 3 || number(got["taken"]) != 0 {
			t.Errorf("%v", got)
		}
		d.refuses("claim.double", "deed.deduct", fine)
		if l := d.claims(id); len(l) != 1 || l[0].(object)["state"] != "tell" || !d.owing(id, 10, 0) {
			t.Errorf("%v", l)
		}
	}
	for _, d := range stations {
		d.must("devices.pause", object{"on": false})
	}
	for _, d := range all {
		eventually(t, "both are known", func() bool { return len(d.claims(id)) == 2 })
	}
	for _, x := range office.claims(id) {
		office.must("claim.tell", object{"id": x.(object)["id"], "how": "door"})
	}
	began := func() bool {
		for _, x := range office.claims(id) {
			if x := x.(object); x["state"] != "booked" && number(x["until"]) < office.now()+2*24*3_600_000 { // at least three days, whatever the rule says
				return false
			}
		}
		return true
	}
	eventually(t, "the days have begun", began)
	if !office.owing(id, 10, 0) {
		t.Error("points were taken before")
	}
	goBy(t, &k, 4, all...)
	for _, d := range all {
		eventually(t, "it is taken once", func() bool { return d.owing(id, 7, 0) && len(d.lines(id, "deduct")) == 1 })
	}
	eventually(t, "both are booked", func() bool {
		l := office.claims(id)
		return l[0].(object)["state"] == "booked" && l[1].(object)["state"] == "booked"
	})
	line := office.lines(id, "deduct")[0]
	if line["witness"] == "" || line["witness"] == line["operator"] || line["item"] != "KF01" || number(line["version"]) == 0 {
		t.Errorf("not two witnesses: %v", line)
	}
	office.refuses("claim.double", "deed.deduct", fine)
	office.must("correction.make", object{"hash": entryOf(line), "reason": "不是他"})
	for _, d := range all {
		eventually(t, "it is given back", func() bool { return d.owing(id, 10, 0) })
	}
	if got := office.must("deed.deduct", fine); number(got["onTheWay"]) != 3 {
		t.Errorf("claimed anew: %v", got)
	}
	office.must("claim.tell", object{"id": office.claims(id)[0].(object)["id"], "how": "call"})
	eventually(t, "the days have begun again", began)
	goBy(t, &k, 8, all...)
	for _, d := range all {
		eventually(t, "it is taken again", func() bool { return d.owing(id, 7, 0) })
		d.sound()
	}
	allAgree(t, all...)
}

// goBy puts the clock forward to so many days after the beginning.
func goBy(t *testing.T, k *clock, days time.Duration, all ...*device) {
	t.Helper()
	k.ahead.Store(int64(days * 24 * time.Hour))
	for _, d := range all {
		d.must("app.confirmClock", object{})
		d.tendNow()
	}
}
