package node

import "testing"

// TestClaimsWithinCaps: what a claim shows is what the rulebook's caps leave, before it is
// booked and after.
func TestClaimsWithinCaps(t *testing.T) {
	var k clock
	k.set(2026, 11, 18, 10)
	office := foundBy(t, &k)
	who := office.must("people.register", person("王五", "13900000005"))["id"]
	office.ruled("HJ02", object{"dayCap": 0, "monthCap": 5, "review": true}) // 2 points a time
	claimed := func(ago int64, count int) object {
		office.must("app.operator", object{"name": "经办人甲"})
		office.must("claim.post", object{"people": []any{who}, "item": "HJ02", "at": office.now() - ago*24*3_600_000, "minutes": 0, "count": count, "hard": 0, "note": "", "witness": "", "via": "desk"})
		before := office.newest(who)
		office.must("app.operator", object{"name": "经办人乙"})
		office.must("claim.review", object{"id": before["id"], "yes": true, "why": ""})
		eventually(t, "it is booked", func() bool { return office.newest(who)["state"] == "booked" })
		k.ahead.Add(1000)
		return before
	}
	for n, c := range []struct{ count, before, after, worth int64 }{{2, 4, 4, 4}, {999, 5, 1, 1998}, {1, 2, 0, 2}} {
		x := claimed(int64(n), int(c.count))
		if number(x["points"]) != c.before || number(x["worth"]) != c.worth {
			t.Errorf("%d: announced as %v", n, x)
		}
		if x = office.newest(who); number(x["points"]) != c.after {
			t.Errorf("%d: it came to %v", n, x)
		}
	}
	if p := office.person(who); number(p["onTheWay"]) != 0 || number(p["spendable"]) != 10+5 {
		t.Errorf("on the way %v, to spend %v", p["onTheWay"], p["spendable"])
	}
}

// TestDeedsAtTheCap: a service beyond the cap is recorded, gives nothing, and nobody is told
// that its points are on the way.
func TestDeedsAtTheCap(t *testing.T) {
	office := found(t)
	who := office.must("people.register", person("王五", "13900000005"))["id"]
	office.ruled("HJ02", object{"dayCap": 0, "weekCap": 0, "yearCap": 3, "review": false})
	deed := func(ago int64) object {
		return office.must("deed.record", object{"person": who, "item": "HJ02", "at": office.now() - ago*60_000, "minutes": 0, "note": "", "witness": "", "line": string(rune('1' + ago))})
	}
	for n, want := range []struct {
		points int64
		capped bool
	}{{2, false}, {1, false}, {0, true}} {
		if got := deed(int64(n)); number(got["points"]) != want.points || got["capped"] != want.capped || got["onTheWay"] != false {
			t.Errorf("%d: %v", n, got)
		}
	}
	lines := office.must("people.passbook", object{"id": who, "offset": 0, "limit": 10})["lines"].([]any)
	if l := lines[0].(object); l["state"] != "capped" || number(l["amount"]) != 0 {
		t.Errorf("%v", l)
	}
	if p := office.person(who); number(p["onTheWay"]) != 0 || number(p["spendable"]) != 10+3 {
		t.Errorf("%v", p)
	}
	rows := office.must("people.list", object{"q": "", "grid": "", "sort": "spendable", "desc": true, "offset": 0, "limit": 10})["rows"].([]any)
	if r := rows[0].(object); number(r["onTheWay"]) != 0 {
		t.Errorf("in the list %v are on the way", r["onTheWay"])
	}
}
