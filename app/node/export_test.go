package node

import (
	"encoding/json"
	"errors"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"

	"jishan/app/fault"
	"jishan/app/people"
)

// dossierOf is the file about a person, as saved, and the data inside it.
func (d *device) dossierOf(id any) (page string, sections map[string][]object) {
	d.t.Helper()
	f, err := d.File(d.t.Context(), "person.html", url.Values{"id": {id.(string)}})
	if err != nil {
		d.t.Fatal(err)
	}
	b, err := io.ReadAll(f.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(b), `id="jishan-data">`)
	text, _, _ := strings.Cut(rest, "</script>")
	var data struct{ Sections map[string][]object }
	if err := json.Unmarshal([]byte(text), &data); err != nil {
		d.t.Fatal(err)
	}
	return string(b), data.Sections
}

// TestPersonFile: the file about a person says everything that was written about that
// person on any device, who made it and that it was made, and nothing of anybody
// else, whoever lives in the same household, was helped or helped.
func TestPersonFile(t *testing.T) {
	const name, phone = "欧阳秋水", "13900001234"
	other := person("尉迟骉犇", "13877776666")
	other["idNumber"], other["address"], other["note"] = "110101199003072113", "鬻马巷九十九号", "嗜食饕餮"
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	id := office.must("people.register", person(name, phone))["id"]
	oid := office.must("people.register", other)["id"]
	eventually(t, "the bonus is booked", func() bool { return number(office.person(id)["spendable"]) == 10 })
	office.must("people.household", object{"household": "", "members": []any{id, oid}, "head": oid})
	said := writeAbout(t, office, station, id)
	const theirs, praise = "雨棚黼黻漏水", "龘师傅手艺好"
	wish := office.must("order.post", object{"person": oid, "type": "修缮", "project": "", "text": theirs, "address": "", "phone": "", "via": "desk", "once": ""})["id"]
	office.must("order.dispatch", object{"id": wish, "kind": "person", "party": id, "item": "", "tell": false, "seen": ""})
	now := time.Now()
	act := office.must("activity.publish", object{"title": "楼道清扫", "type": "环境治理", "start": now.UnixMilli(), "end": now.Add(time.Hour).UnixMilli(), "place": "和平里 2 号院", "places": 9,
		"item": office.must("scheme.get", object{})["items"].([]any)[0].(object)["code"], "organiser": "经办人甲", "note": ""})["id"]
	office.must("activity.signUp", object{"id": act, "people": []any{id, oid}})
	offer := office.shelf("香皂", 1, 5)
	office.must("till.scan", object{"text": office.person(id)["code"]})
	office.must("till.reserve", object{"person": id, "lines": []object{{"offer": offer, "n": 1}}})
	eventually(t, "the office has all", func() bool { return station.changes() == office.changes() })

	page, data := office.dossierOf(id)
	for _, want := range append(values(said, "deed's line", "deed's witness", "witness of it", "claim's witness", "objection to an assessment", "answer to the objection"), name, phone, "楼道清扫", "香皂 × 1", people.Mask(said["deed's witness"]), people.Mask(other["name"].(string))) {
		if !strings.Contains(page, want) {
			t.Errorf("the file lacks %q", want)
		}
	}
	for _, leak := range []string{other["name"].(string), "13877776666", "110101199003072113", "鬻马巷", "饕餮，", "嗜食", theirs, oid.(string), office.person(oid)["code"].(string), praise, "@unread", "@erased"} {
		if strings.Contains(page, leak) {
			t.Errorf("the file about one person says %q of another", leak)
		}
	}
	if n := len(data["services"]); n != 1 || data["services"][0]["type"] != "修缮" {
		t.Errorf("orders given to the person: %v", data["services"])
	}
	if n := office.must("people.passbook", object{"id": id, "offset": 0, "limit": 200})["total"]; number(n) != int64(len(data["book"])) {
		t.Errorf("the file has %d lines of the book, the book has %v", len(data["book"]), n)
	}
	if theirPage, _ := office.dossierOf(oid); !strings.Contains(theirPage, theirs) || strings.Contains(theirPage, name) {
		t.Error("the other's file lacks the other's wish, or names who helped")
	} else {
		for where, s := range said { // the other stands for the household, which objected
			if own := strings.Contains(where, "objection"); strings.Contains(theirPage, s) != own {
				t.Errorf("the other's file says, or does not say, the %s", where)
			}
		}
	}

	log := office.must("people.views", object{"id": id, "offset": 0, "limit": 10})["rows"].([]any)
	exports := 0
	for _, v := range log {
		if v := v.(object); v["what"] == people.Exported && v["operator"] == "经办人甲" {
			exports++
		}
	}
	if looks := data["looks"]; exports != 1 || len(looks) != len(log) || !strings.Contains(page, "经办人甲 在 1 号电脑 导出") {
		t.Errorf("the view log: %v, in the file: %v", log, looks)
	}
	office.dossierOf(id)
	if again := number(office.must("people.views", object{"id": id, "offset": 0, "limit": 10})["total"]); again != int64(len(log))+1 {
		t.Errorf("a second export is not logged: %d looks after %d", again, len(log))
	}
	if _, err := station.File(t.Context(), "person.html", url.Values{"id": {id.(string)}}); !errors.Is(err, fault.New("app.role")) {
		t.Errorf("a station makes the file: %v", err)
	}
	if _, err := office.File(t.Context(), "person.html", url.Values{"id": {"x"}}); !errors.Is(err, fault.New("people.unknown")) {
		t.Errorf("a file of nobody: %v", err)
	}
}

// values are what stands in a map, but under some keys.
func values(m map[string]string, but ...string) (out []string) {
	for k, v := range m {
		if !strings.Contains(strings.Join(but, "|"), k) {
			out = append(out, v)
		}
	}
	return out
}

// TestPersonFileSaysWhatIsInVouchers: points on a slip are no part of what can be
// spent, and stand beside it; with what is owed nothing of the sums is left out.
func TestPersonFileSaysWhatIsInVouchers(t *testing.T) {
	office := found(t)
	join(t, office, "merchant", "惠民超市")
	id := office.must("people.register", withPoints("王五", "13900000005", 40))["id"]
	eventually(t, "the opening is booked", func() bool { return office.spendable(id) == 40 })
	issue := object{"person": id, "points": 15, "till": office.till("惠民超市"), "until": time.Now().AddDate(0, 0, 3).Format("2006-01-02")}
	office.must("voucher.issue", issue)
	page, data := office.dossierOf(id)
	sums := data["points"]
	if len(sums) != 1 || number(sums[0]["spendable"]) != 25 || number(sums[0]["vouchers"]) != 15 || !strings.Contains(page, "券里") {
		t.Errorf("%v", sums)
	}
}
