package node

import (
	"fmt"
	"strings"
	"testing"

	"jishan/app/zone"
)

// ranks is a ranking as it is read: rank, name and points of each row.
func (d *device) ranks(by, span string) string {
	d.t.Helper()
	var b strings.Builder
	for _, x := range d.must("ranking.get", object{"by": by, "span": span})["rows"].([]any) {
		x := x.(object)
		fmt.Fprintf(&b, "%d %v %d; ", number(x["rank"]), x["name"], number(x["points"]))
	}
	return b.String()
}

// timed is an item that pays for time without a witness.
func (d *device) timed() (code any) {
	d.t.Helper()
	for _, x := range d.must("scheme.get", object{})["items"].([]any) {
		if x := x.(object); x["kind"] == "time" && x["witness"] != true && code == nil {
			code = x["code"]
		}
	}
	return code
}

// TestRanking: off until the community switches it on; a year counts what paper books
// brought, a month only what was earned in it and stands; who objects is nowhere.
func TestRanking(t *testing.T) {
	d := found(t)
	roster := d.must("people.rosterPreview", object{"text": "姓名\t电话\t网格\t累计积分\t年度积分\t可用积分\n甲一\t13900000001\t一网格\t90\t90\t90\n乙二\t13900000002\t一网格\t0\t0\t0\n丙三\t13900000003\t二网格\t0\t0\t0\n丁四\t13900000004\t\t0\t0\t0", "file": ""})["token"]
	d.must("people.rosterImport", object{"token": roster})
	id := func(name string) any { return d.one(name) }
	eventually(t, "all is booked", func() bool { return number(d.person(id("甲一"))["year"]) >= 90 })
	now := d.now()
	for name, hours := range map[string]int{"甲一": 1, "乙二": 6, "丙三": 6, "丁四": 2} {
		d.must("deed.record", object{"person": id(name), "item": d.timed(), "at": now - 7*3_600_000, "minutes": hours * 60, "note": "", "witness": "", "line": ""})
	}
	base := number(d.person(id("丁四"))["year"])
	eventually(t, "the deeds are paid", func() bool {
		base = number(d.person(id("丁四"))["year"])
		return base > 0 && number(d.person(id("乙二"))["year"]) > base && number(d.person(id("丙三"))["year"]) > base && number(d.person(id("甲一"))["year"]) > 90
	})
	if x := d.must("ranking.get", object{"by": "people", "span": ""}); x["level"] != "off" || x["registrar"] != true || len(x["rows"].([]any)) != 0 {
		t.Fatalf("before it is switched on: %v", x)
	}
	d.refuses("ranking.level", "ranking.set", object{"level": "street"})
	d.must("ranking.set", object{"level": "desk"})
	two, year := number(d.person(id("乙二"))["year"]), number(d.person(id("甲一"))["year"])
	if got, want := d.ranks("people", ""), fmt.Sprintf("1 甲一 %d; 2 丙三 %d; 2 乙二 %d; 4 丁四 %d; ", year, two, two, base); got != want {
		t.Errorf("the year: %s, want %s", got, want)
	}
	month := zone.Month(now)
	if got, want := d.ranks("people", month), fmt.Sprintf("1 丙三 %d; 1 乙二 %d; 3 丁四 %d; ", two, two, base); !strings.HasPrefix(got, want) || strings.Contains(got, "90") {
		t.Errorf("the month: %s, want %s", got, want)
	}
	if got, want := d.ranks("grids", month), fmt.Sprintf("1 一网格 %d; 2 二网格 %d; ", two+year-90, two); got != want {
		t.Errorf("the grids: %s, want %s", got, want)
	}
	if got := d.ranks("people", "2019-02"); got != "" {
		t.Errorf("of a month before all: %s", got)
	}
	for _, bad := range []object{{"by": "street", "span": ""}, {"by": "people", "span": "2026-13"}, {"by": "people", "span": "26"}} {
		code := map[bool]string{true: "ranking.by", false: "month.bad"}[bad["by"] == "street"]
		d.refuses(code, "ranking.get", bad)
	}
	// A family adds up; teams go by their members, of whom each counts once.
	d.must("people.household", object{"household": "", "members": []any{id("丁四"), id("乙二")}, "head": id("丁四")})
	d.must("team.save", object{"id": "", "name": "银发队", "lead": id("乙二"), "closed": false, "members": []any{id("乙二"), id("丙三")}})
	if got, want := d.ranks("households", month), fmt.Sprintf("1 丁四 %d; 2 丙三 %d; ", two+base, two); !strings.HasPrefix(got, want) {
		t.Errorf("the households: %s, want %s", got, want)
	}
	if got, want := d.ranks("teams", month), fmt.Sprintf("1 银发队 %d; ", 2*two); got != want {
		t.Errorf("the teams: %s, want %s", got, want)
	}
	// What was taken back counts no more in its month.
	d.must("correction.make", object{"hash": entryOf(d.lines(id("丙三"), "award")[0]), "reason": "记错了"})
	if got := d.ranks("people", month); strings.Contains(got, fmt.Sprintf("丙三 %d", two)) || !strings.HasPrefix(got, fmt.Sprintf("1 乙二 %d", two)) {
		t.Errorf("after a correction: %s", got)
	}
	objects(t, d, id, month)
}

// objects: one of a family does not want to be seen.
func objects(t *testing.T, d *device, id func(string) any, month string) {
	t.Helper()
	d.must("lists.set", object{"on": true})
	d.must("people.update", object{"id": id("乙二"), "fields": object{"flags": []string{"unlisted"}}})
	for _, by := range []string{"people", "households"} {
		if got := d.ranks(by, month); strings.Contains(got, "乙二") || by == "households" && strings.Contains(got, "丁四") {
			t.Errorf("%s: who objects is listed: %s", by, got)
		}
	}
	if x := d.must("ranking.get", object{"by": "people", "span": ""}); number(x["out"]) != 1 {
		t.Errorf("left out: %v", x["out"])
	}
	for _, x := range d.must("lists.get", object{})["red"].([]any) {
		if x.(object)["masked"] == "乙*" {
			t.Error("the red list names who objects")
		}
	}
	in, err := d.phone("phone.signIn", object{"code": d.person(id("乙二"))["code"], "tail": "0002"})
	if err != nil {
		t.Fatal(err)
	}
	ask := object{"token": in["token"], "by": "people", "span": month}
	if _, err := d.phone("phone.ranking", ask); err == nil || !strings.Contains(err.Error(), "ranking.off") {
		t.Errorf("the phone shows what is for the office: %v", err)
	}
	if in["me"].(object)["ranking"] != false {
		t.Error("the phone is told of a ranking that it may not show")
	}
	d.must("ranking.set", object{"level": "phone"})
	got, err := d.phone("phone.ranking", ask)
	if text := fmt.Sprint(got); err != nil || strings.Contains(text, "丁四") || strings.Contains(text, "乙") || !strings.Contains(text, "丁*") || got["mine"] != nil {
		t.Errorf("%v %v", got, err)
	}
	in, err = d.phone("phone.signIn", object{"code": d.person(id("丁四"))["code"], "tail": "0004"})
	if err != nil {
		t.Fatal(err)
	}
	ask["token"] = in["token"]
	if got, err = d.phone("phone.ranking", ask); err != nil || !strings.Contains(fmt.Sprint(got["rows"]), "mine:true") {
		t.Errorf("%v %v", got, err)
	}
}
