package node

import (
	"net/url"
	"testing"
	"time"
)

// A certificate has a number and the hours as they were issued; what was sent to a
// platform is sent once, also after two records were found to be one person.
func TestHoursAreCertifiedAndSentOnce(t *testing.T) {
	var k clock
	k.set(2026, time.March, 10, 10)
	d := foundBy(t, &k)
	with := person("居民甲", "13900000001")
	with["idNumber"] = "110101199001010015"
	one := d.must("people.register", with)["id"]
	two := d.must("people.register", person("居民乙", "13900000002"))["id"]
	serve := func(who any, day int, minutes int) {
		t.Helper()
		k.set(2026, time.March, day, 12)
		d.must("deed.record", object{"person": who, "item": "BN01", "at": k.now().UnixMilli() - 3*3_600_000, "minutes": minutes, "note": "扫雪", "witness": "", "line": ""})
	}
	serve(one, 11, 120)
	serve(one, 12, 150)
	serve(two, 12, 180)
	k.set(2026, time.March, 13, 9)

	got := d.must("hours.person", object{"id": one, "from": "", "to": ""})
	if number(got["times"]) != 2 || number(got["minutes"]) != 270 {
		t.Errorf("served: %v", got)
	}
	if late := d.must("hours.person", object{"id": one, "from": "2026-03-12", "to": "2026-03-12"}); number(late["minutes"]) != 150 {
		t.Errorf("on the second day: %v", late)
	}
	d.refuses("hours.span", "hours.person", object{"id": one, "from": "2026-03-12", "to": "2026-03-11"})
	d.refuses("hours.nothing", "hours.issue", object{"id": one, "from": "2026-03-01", "to": "2026-03-02"})
	paper := d.must("hours.issue", object{"id": one, "from": "", "to": ""})
	next := d.must("hours.issue", object{"id": two, "from": "", "to": ""})
	if paper["code"] != "2026-000001" || next["code"] != "2026-000002" {
		t.Errorf("numbers: %v, %v", paper["code"], next["code"])
	}
	sheet := d.must("hours.sheet", object{"code": "2026-000001"})
	if sheet["idNumber"] != "110101********0015" || sheet["issuer"] != "柳溪社区" || len(sheet["services"].([]any)) != 2 || sheet["changed"] != false {
		t.Errorf("the certificate: %v", sheet)
	}
	serve(one, 13, 120) // after it was issued: it is of the same day
	if sheet = d.must("hours.sheet", object{"code": "2026-000001"}); sheet["changed"] != true || number(sheet["paper"].(object)["minutes"]) != 270 {
		t.Errorf("the certificate says what it was issued for, and that there are other entries now: %v", sheet)
	}
	d.refuses("hours.paper", "hours.sheet", object{"code": "2026-000003"})

	all := object{"platform": "national", "from": "", "to": ""}
	due := d.must("hours.due", all)
	lacking := due["lacking"].([]any)
	if number(due["due"]) != 3 || number(due["services"]) != 4 || len(lacking) != 1 || lacking[0].(object)["field"] != "idNumber" {
		t.Errorf("due: %v", due)
	}
	sent := d.must("hours.send", all)
	if number(sent["batch"]) != 1 || number(sent["services"]) != 3 {
		t.Errorf("sent: %v", sent)
	}
	d.refuses("hours.nothing", "hours.send", all)
	rows := cells(t, d.saved(t, "hours.xlsx", url.Values{"platform": {"national"}, "batch": {"1"}}), "服务记录")
	if len(rows) != 4 || rows[1][0] != "居民甲" || rows[1][2] != "110101199001010015" || rows[1][6] != "2.00" || rows[2][6] != "2.50" {
		t.Errorf("the file: %v", rows)
	}

	// The other record gets its number, and turns out to be the same person.
	d.must("people.update", object{"id": two, "fields": object{"idNumber": "110101199001010015"}})
	d.must("people.join", object{"a": one, "b": two})
	eventually(t, "the records are joined", func() bool {
		return number(d.must("hours.person", object{"id": one, "from": "", "to": ""})["times"]) == 4
	})
	if due = d.must("hours.due", all); number(due["due"]) != 1 || number(due["sent"]) != 3 {
		t.Errorf("after the joining: %v", due)
	}
	d.must("hours.layout", object{"platform": "national", "columns": []object{{"title": "姓名", "field": "name", "fixed": ""}, {"title": "单位", "field": "fixed", "fixed": "志愿服务队"}}})
	d.refuses("hours.columns", "hours.layout", object{"platform": "national", "columns": []object{{"title": "姓名", "field": "password", "fixed": ""}}})
	if sent = d.must("hours.send", all); number(sent["batch"]) != 2 || number(sent["services"]) != 1 {
		t.Errorf("sent: %v", sent)
	}
	if rows = cells(t, d.saved(t, "hours.xlsx", url.Values{"platform": {"national"}, "batch": {"2"}}), "服务记录"); len(rows) != 2 || rows[1][1] != "志愿服务队" {
		t.Errorf("the second file: %v", rows)
	}
}
