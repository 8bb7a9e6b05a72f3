package node

import (
	"bytes"
	"encoding/base64"
	"net/url"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// cells reads a sheet of a workbook.
func cells(t *testing.T, raw []byte, tab string) [][]string {
	t.Helper()
	x, err := excelize.OpenReader(bytes.NewReader(raw))
	if err != nil {
		t.Fatal(err)
	}
	rows, err := x.GetRows(tab)
	if err != nil {
		t.Fatal(err)
	}
	return rows
}

func figure(of object, code string) int64 { return number(of["figures"].(object)[code]) }

// A month that was lived is reported as the ledger, the activities and the orders have
// it; a street that read the file shows the same, and a district to which the street
// passed it on.
func TestAMonthIsReported(t *testing.T) {
	var k clock
	k.set(2026, time.March, 10, 10)
	d := foundBy(t, &k)
	rich := d.withPoints("居民甲", "13900000001", "95")
	helper := d.must("people.register", person("居民乙", "13900000002"))["id"]
	gone := d.must("people.register", person("居民丙", "13900000003"))["id"]
	d.must("people.household", object{"household": "", "members": []any{rich, helper}, "head": rich})
	d.must("people.update", object{"id": gone, "fields": object{"flags": []string{"away"}}})
	eventually(t, "the bonuses are booked", func() bool {
		return number(d.person(gone)["spendable"]) == 10 && number(d.person(helper)["spendable"]) == 10
	})
	bought := d.shelf("香皂", 12, 100)
	if err := d.buy(rich, bought, 2); err != nil {
		t.Fatal(err)
	}
	d.must("deed.record", object{"person": helper, "item": "BN01", "at": k.now().UnixMilli(), "minutes": 120, "note": "", "witness": "", "line": ""})
	wish := d.must("order.post", object{"person": rich, "type": "clean", "project": "", "text": "扫雪", "address": "", "phone": "", "via": "desk", "once": "w1"})["id"]
	d.must("order.dispatch", object{"id": wish, "kind": "person", "party": helper, "item": "BN01"})
	offer := d.must("order.get", object{"id": wish})["offer"]
	k.set(2026, time.March, 10, 11)
	d.must("order.answer", object{"id": wish, "offer": offer, "yes": true, "why": ""})
	d.must("order.done", object{"id": wish, "offer": offer, "minutes": 40, "helpers": []any{helper}})
	d.must("order.review", object{"id": wish, "stars": 4, "text": "", "via": "callback"})
	d.must("report.outcomes", object{"month": "2026-03", "outcomes": []object{{"name": "矛盾纠纷", "before": 100, "now": 91}}})

	d.refuses("report.month", "stats.span", object{"from": "2026-04", "to": "2026-04"})
	k.set(2026, time.April, 2, 9)
	if got := d.must("report.make", object{"month": "2026-03"}); number(got["number"]) != 1 || got["made"] != true {
		t.Fatalf("made: %v", got)
	}
	if again := d.must("report.make", object{"month": "2026-03"}); number(again["number"]) != 1 || again["made"] != false {
		t.Errorf("the same report is made twice: %v", again)
	}
	span := d.must("stats.span", object{"from": "2026-03", "to": "2026-03"})
	awarded := figure(span, "awarded")
	for code, want := range map[string]int64{"volunteers": 3, "active": 1, "services": 2, "minutes": 160, "helped": 1, "brought": 95, "redeemed": 24, "outstanding": 71 + awarded,
		"best": 95, "households": 2, "away": 1, "joined": 1, "wishes": 1, "wishesDone": 1, "contacted": 1, "stars": 4, "reviews": 1} {
		if got := figure(span, code); got != want {
			t.Errorf("%s: %d, want %d", code, got, want)
		}
	}
	if rate := number(span["rates"].(object)["joinRate"]); rate != 1000 { // the household that lives away is left out
		t.Errorf("of one household that is there one took part: %d per mille", rate)
	}
	if x := span["months"].([]any)[0].(object); number(x["reported"]) != 1 || x["differs"] != false {
		t.Errorf("March: %v", x)
	}
	if rows := cells(t, d.saved(t, "statistics.xlsx", url.Values{"from": {"2026-03"}, "to": {"2026-03"}}), "填报成效"); rows[1][3] != "−9.0%" {
		t.Errorf("outcomes: %v", rows)
	}

	// What is corrected later is reported again, and counts once.
	street := aboveBy(t, "street", "光明路街道", &k)
	intro := d.must("partners.list", object{})["introduction"]
	street.must("report.list", object{"text": intro, "level": ""})
	first := d.saved(t, "report", nil)
	street.tookAs(first, "new", 1)
	d.must("report.outcomes", object{"month": "2026-03", "outcomes": []object{}})
	if got := d.must("report.make", object{"month": "2026-03"}); number(got["number"]) != 2 {
		t.Errorf("made again: %v", got)
	}
	street.tookAs(d.saved(t, "report", nil), "replaces", 1)
	street.tookAs(first, "known", 1)

	// The street passes on what it has; the district need not ask each village.
	district := aboveBy(t, "district", "路北区", &k)
	packet := street.saved(t, "report", nil)
	district.tookAs(packet, "refused report.foreign", 1)
	district.must("report.list", object{"text": street.must("partners.list", object{})["introduction"], "level": "street"})
	district.tookAs(packet, "new", 1)
	for _, above := range []*device{street, district} {
		page := above.must("report.table", object{"from": "2026-03", "to": "2026-03"})
		rows := page["rows"].([]any)
		if len(rows) != 1 || len(page["outcomes"].([]any)) != 0 {
			t.Fatalf("the page: %v", page)
		}
		for code, want := range span["figures"].(object) {
			if got := page["sum"].(object)[code]; got != want {
				t.Errorf("%s: %v above, %v below", code, got, want)
			}
		}
		one := above.must("report.community", object{"id": rows[0].(object)["id"], "from": "2026-03", "to": "2026-03"})
		if m := one["months"].([]any)[0].(object); number(m["number"]) != 2 {
			t.Errorf("March: %v", m)
		}
	}
	d.refuses("report.above", "report.list", object{"text": intro, "level": ""})
	d.refuses("report.above", "report.import", object{"file": base64.StdEncoding.EncodeToString(packet)})
	street.must("report.drop", object{"id": d.must("app.state", object{})["community"].(object)["id"]})
	if rows := street.must("report.table", object{"from": "2026-03", "to": "2026-03"})["rows"].([]any); len(rows) != 0 {
		t.Errorf("dropped and still there: %v", rows)
	}
}

// aboveBy founds the office of a street or county.
func aboveBy(t *testing.T, level, name string, k *clock) *device {
	t.Helper()
	d := startBy(t, t.TempDir(), k.now)
	d.must("setup.create", object{"community": name, "parent": "", "office": "统计电脑", "operator": "经办人甲", "grids": []string{}, "level": level})
	if got := d.must("app.state", object{})["community"].(object)["level"]; got != level {
		t.Errorf("founded as %v", got)
	}
	return d
}
