package node

import (
	"fmt"
	"math"
	"strings"
	"testing"
)

// livingTogether is a household of two and somebody who lives elsewhere: deeds of both, what
// one redeemed and what was deducted from the other.
func livingTogether(t *testing.T, d *device) (a, b, c any) {
	t.Helper()
	a = d.must("people.register", person("欧阳秋水", "13900000001"))["id"]
	b = d.must("people.register", person("司马春山", "13900000002"))["id"]
	c = d.must("people.register", person("诸葛明月", "13900000003"))["id"]
	d.must("people.household", object{"household": "", "members": []any{b, a}, "head": a})
	for n, id := range []any{a, b, c} {
		d.must("deed.record", object{"person": id, "item": "BN01", "at": d.now() - int64(n+1)*3_600_000, "minutes": 600, "note": fmt.Sprintf("扶%d号楼梯", n), "witness": "居民乙", "line": ""})
	}
	eventually(t, "the deeds are paid", func() bool {
		return d.spendable(a) > 10 && d.spendable(b) > 10 && d.spendable(c) > 10
	})
	d.must("till.redeem", object{"person": a, "lines": []object{{"offer": d.shelf("香皂", 6, 5), "n": 1}}})
	d.must("deed.deduct", object{"person": b, "points": 4, "reason": "楼道堆物"})
	return a, b, c
}

func (d *device) houseBook(id any, offset, limit int) object {
	d.t.Helper()
	return d.must("household.book", object{"id": id, "offset": offset, "limit": limit})
}

// TestHouseholdBook: the account of a household is the sum of its members' points, and
// its book is all their lines, of which each begins where the one before it ended.
func TestHouseholdBook(t *testing.T) {
	d := found(t)
	a, b, c := livingTogether(t, d)
	book := d.houseBook(b, 0, 200)
	for _, name := range []string{"lifetime", "year", "spendable", "debt"} {
		if got, want := number(book["sums"].(object)[name]), number(d.person(a)[name])+number(d.person(b)[name]); got != want {
			t.Errorf("%s: %d, want %d", name, got, want)
		}
	}
	members := book["members"].([]any)
	if len(members) != 2 || members[0].(object)["id"] != a || members[0].(object)["head"] != true || members[1].(object)["id"] != b || members[1].(object)["spendable"] != d.person(b)["spendable"] {
		t.Errorf("the members: %v", members)
	}
	lines, balance, of := book["lines"].([]any), number(book["sums"].(object)["spendable"]), map[int64]int{}
	for i, x := range lines {
		l := x.(object)
		of[number(l["member"])]++
		if number(l["balance"]) != balance {
			t.Errorf("line %d: %v, want a balance of %d", i, l, balance)
		}
		balance = number(l["before"])
		if i > 0 && number(l["at"]) > number(lines[i-1].(object)["at"]) {
			t.Errorf("line %d is newer than the one before it", i)
		}
		one := d.houseBook(a, i, 1)["lines"].([]any) // of whichever member it is asked for, on whichever page
		if len(one) != 1 || fmt.Sprint(one[0]) != fmt.Sprint(l) {
			t.Errorf("page %d: %v, want %v", i, one, l)
		}
	}
	own := func(id any) int {
		return int(number(d.must("people.passbook", object{"id": id, "offset": 0, "limit": 1})["total"]))
	}
	if balance != 0 || of[0] != own(a) || of[1] != own(b) || int(number(book["total"])) != len(lines) || len(lines) != own(a)+own(b) {
		t.Errorf("it begins with %d; %v of %v lines, own books %d and %d", balance, of, book["total"], own(a), own(b))
	}
	if text := fmt.Sprint(book); !strings.Contains(text, "扶0号楼梯") || !strings.Contains(text, "扶1号楼梯") || strings.Contains(text, "扶2号楼梯") {
		t.Errorf("whose deeds are in it: %s", text)
	}
	if got := d.houseBook(a, math.MaxInt64, 200)["lines"].([]any); len(got) != 0 {
		t.Errorf("beyond its end: %v", got)
	}
	for _, bad := range []object{{"id": a, "offset": -1, "limit": 1}, {"id": a, "offset": 0, "limit": 201}, {"id": "x", "offset": 0, "limit": 1}} {
		d.refuses("call.page", "household.book", bad)
	}
	d.refuses("people.unknown", "household.book", object{"id": strings.Repeat("0", len(a.(string))), "offset": 0, "limit": 1})
	if x := d.houseBook(c, 0, 200); len(x["members"].([]any)) != 1 || x["sums"].(object)["spendable"] != d.person(c)["spendable"] {
		t.Errorf("who belongs to no household: %v", x["members"])
	}
	// Paper says what members may know of each other, and of who objects nothing.
	paper := func() object {
		return d.must("household.book", object{"id": a, "offset": 0, "limit": 50, "paper": true})
	}
	p := paper()
	text := fmt.Sprint(p)
	for _, hidden := range []string{"扶0号楼梯", "扶1号楼梯", "楼道堆物", "香皂", "居民乙"} {
		if strings.Contains(text, hidden) {
			t.Errorf("paper says %s: %s", hidden, text)
		}
	}
	if !strings.Contains(text, "陪伴独居老人") || fmt.Sprint(p["sums"]) != fmt.Sprint(book["sums"]) || len(p["lines"].([]any)) != len(lines) {
		t.Errorf("paper: %s", text)
	}
	d.must("people.update", object{"id": b, "fields": object{"flags": []string{"unlisted"}}})
	if p := paper(); number(p["hidden"]) != 1 || len(p["members"].([]any)) != 1 || p["sums"].(object)["spendable"] != d.person(a)["spendable"] {
		t.Errorf("paper of who objects: %v", p)
	}
	if len(d.houseBook(a, 0, 1)["members"].([]any)) != 2 {
		t.Error("the desk misses who objects to lists")
	}
	d.must("people.update", object{"id": a, "fields": object{"flags": []string{"unlisted"}}})
	d.refuses("household.off", "household.book", object{"id": a, "offset": 0, "limit": 50, "paper": true})
	// Who leaves takes the own points and lines along.
	d.must("people.household", object{"household": d.person(a)["household"], "members": []any{a}, "head": a})
	if x := d.houseBook(a, 0, 200); x["sums"].(object)["spendable"] != d.person(a)["spendable"] || int(number(x["total"])) != own(a) {
		t.Errorf("after one left: %v of %v lines", x["sums"], x["total"])
	}
}

// TestHouseholdOnPhones: nobody sees it before the community switched it on, nobody of
// another household ever; of the others it says no more than when, how many points and
// for which item, and who objects is in none of it.
func TestHouseholdOnPhones(t *testing.T) {
	d := found(t)
	station := join(t, d, "station", "桂花实践站")
	a, b, c := livingTogether(t, d)
	in := func(id any, tail string) (token any, family int64) {
		t.Helper()
		got, err := d.phone("phone.signIn", object{"code": d.person(id)["code"], "tail": tail})
		if err != nil {
			t.Fatal(err)
		}
		return got["token"], number(got["me"].(object)["family"])
	}
	ask := func(id any, tail string) (object, error) {
		t.Helper()
		token, _ := in(id, tail)
		return d.phone("phone.household", object{"token": token, "offset": 0, "limit": 50})
	}
	off := func(why string, id any, tail string) {
		t.Helper()
		if _, n := in(id, tail); n != 0 {
			t.Errorf("%s: the phone is told of %d members", why, n)
		}
		if got, err := ask(id, tail); err == nil || !strings.Contains(err.Error(), "household.off") {
			t.Errorf("%s: %v %v", why, got, err)
		}
	}
	off("before it is switched on", a, "0001")
	if x := d.must("household.rule", object{}); x["on"] != false || x["registrar"] != true {
		t.Errorf("%v", x)
	}
	station.refuses("govern.registrar.only", "household.setRule", object{"on": true})
	d.must("household.setRule", object{"on": true})
	off("who belongs to none", c, "0003")
	if _, n := in(a, "0001"); n != 2 {
		t.Errorf("the phone is told of %d members", n)
	}
	got, err := ask(a, "0001")
	if err != nil {
		t.Fatal(err)
	}
	text := fmt.Sprint(got)
	if n := number(got["sums"].(object)["spendable"]); n != d.spendable(a)+d.spendable(b) {
		t.Errorf("the sum is %d", n)
	}
	item := ""
	for _, x := range d.must("scheme.get", object{})["items"].([]any) {
		if x := x.(object); x["code"] == "BN01" {
			item = x["name"].(string)
		}
	}
	for _, own := range []string{"扶0号楼梯", "香皂", "欧**水", "司**山", item} {
		if !strings.Contains(text, own) {
			t.Errorf("%s is missing: %s", own, text)
		}
	}
	for _, others := range []string{"扶1号楼梯", "楼道堆物", "扶2号楼梯", "居民乙", "春山", a.(string), b.(string)} {
		if strings.Contains(text, others) {
			t.Errorf("%s is told: %s", others, text)
		}
	}
	if got, err := ask(b, "0002"); err != nil || strings.Contains(fmt.Sprint(got), "香皂") || strings.Contains(fmt.Sprint(got), "扶0号楼梯") || !strings.Contains(fmt.Sprint(got), "楼道堆物") {
		t.Errorf("the other one: %v %v", got, err)
	}
	token, _ := in(a, "0001")
	if _, err := d.phone("phone.household", object{"token": token, "offset": 0, "limit": 201}); err == nil || !strings.Contains(err.Error(), "call.page") {
		t.Errorf("%v", err)
	}
	// A third of the household shares; one of them objects.
	d.must("people.household", object{"household": d.person(a)["household"], "members": []any{a, b, c}, "head": a})
	d.must("people.update", object{"id": b, "fields": object{"flags": []string{"unlisted"}}})
	off("who objects", b, "0002")
	if got, err = ask(a, "0001"); err != nil || strings.Contains(fmt.Sprint(got), "司**") || number(got["hidden"]) != 1 || number(got["sums"].(object)["spendable"]) != d.spendable(a)+d.spendable(c) {
		t.Errorf("with one who objects: %v %v", got, err)
	}
	d.must("people.household", object{"household": d.person(a)["household"], "members": []any{a, b}, "head": a})
	off("nobody is left to share with", a, "0001")
	d.must("people.update", object{"id": b, "fields": object{"flags": []string{}}})
	if _, err := ask(a, "0001"); err != nil {
		t.Error(err)
	}
	d.must("household.setRule", object{"on": false})
	off("switched off again", a, "0001")
}
