package node

import (
	"io"
	"net/url"
	"strings"
	"testing"

	"jishan/app/people"
	"jishan/app/sheet"
)

// audited is a page of who did what.
func (d *device) audited(more object) (rows []object, total int64) {
	d.t.Helper()
	ask := object{"offset": 0, "limit": 200, "from": 0, "to": 0, "operator": "", "device": "", "kind": "", "person": ""}
	for k, v := range more {
		ask[k] = v
	}
	out := d.must("audit.list", ask)
	for _, r := range out["rows"].([]any) {
		rows = append(rows, r.(object))
	}
	return rows, number(out["total"])
}

// TestAudit: everything that somebody did on any device stands in one list with the
// operator, the device and the rule; filters and pages are the program's; nothing
// that was typed about anybody stands in it.
func TestAudit(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	id := office.must("people.register", person("欧阳秋水", "13900001234"))["id"]
	other := office.must("people.register", person("尉迟骉犇", "13877776666"))["id"]
	eventually(t, "the bonus is booked", func() bool { return number(office.person(id)["spendable"]) == 10 })
	said := writeAbout(t, office, station, id)
	office.must("app.operator", object{"name": "经办人甲"})
	office.must("people.get", object{"id": other})
	office.dossierOf(other)
	eventually(t, "the office has all", func() bool { return station.changes() == office.changes() })

	var all []object
	var total int64
	eventually(t, "nothing more is written", func() bool { // chores may still say a word
		before := total
		all, total = office.audited(nil)
		return total == before
	})
	if int64(len(all)) != total || total < 20 {
		t.Fatalf("%d rows of %d", len(all), total)
	}
	kinds := map[string]int{}
	for n, r := range all {
		kinds[r["kind"].(string)]++
		if n > 0 && number(r["at"]) > number(all[n-1]["at"]) {
			t.Error("the latest do not come first")
		}
		if r["device"] == "" || r["hash"] == "" && r["kind"] != "view" && r["kind"] != "export" {
			t.Errorf("a row without a device or a change: %v", r)
		}
	}
	for _, k := range []string{"award", "deduct", "correct", "people", "view", "export", "decide", "order", "scheme", "govern"} {
		if kinds[k] == 0 {
			t.Errorf("nothing of kind %s: %v", k, kinds)
		}
	}

	deducted, n := office.audited(object{"kind": "deduct", "person": id})
	if n != 2 || deducted[0]["people"].([]any)[0].(object)["name"] != "欧阳秋水" {
		t.Errorf("deductions of the person: %d, %v", n, deducted)
	}
	byRule := 0
	awards, _ := office.audited(object{"kind": "award", "person": id})
	for _, r := range awards {
		if r["item"] != "" && r["item"] != people.ItemRegistration && number(r["version"]) == 2 && number(r["points"]) > 0 {
			byRule++
		}
	}
	if byRule != 1 {
		t.Errorf("the award under the second rulebook: %v", awards)
	}
	if _, n := office.audited(object{"person": other, "kind": "deduct"}); n != 0 {
		t.Errorf("%d deductions of the other", n)
	}
	if rows, n := office.audited(object{"kind": "export"}); n != 1 || rows[0]["operator"] != "经办人甲" || rows[0]["people"].([]any)[0].(object)["id"] != other {
		t.Errorf("the export: %v", rows)
	}
	of := office.idNamed("柳溪实践站电脑")
	there, n := office.audited(object{"device": of})
	if n == 0 || n >= total {
		t.Errorf("%d of %d rows at the station", n, total)
	}
	for _, r := range there {
		if r["device"] != "柳溪实践站电脑" {
			t.Errorf("another device's: %v", r)
		}
	}
	if rows, n := office.audited(object{"operator": "经办人乙"}); n == 0 || rows[0]["operator"] != "经办人乙" {
		t.Errorf("by operator: %v", rows)
	}
	middle := number(all[len(all)/2]["at"])
	top := number(all[0]["at"]) + 1
	_, before := office.audited(object{"to": middle})
	_, after := office.audited(object{"from": middle, "to": top})
	upTo, n := office.audited(object{"to": top})
	if before+after != n || before == 0 || after == 0 || n < total {
		t.Errorf("%d before and %d from a moment on, of %d", before, after, n)
	}
	page, m := office.audited(object{"offset": 5, "limit": 3, "to": top})
	if len(page) != 3 || m != n || page[0]["hash"] != upTo[5]["hash"] {
		t.Errorf("a page: %v", page)
	}
	office.refuses("call.params", "audit.list", object{"offset": 0, "limit": 1, "from": 0, "to": 0, "operator": "", "device": "", "kind": "x", "person": ""})

	text := office.workbookText("audit.xlsx", url.Values{"person": {id.(string)}})
	if !strings.Contains(text, "扣分、到期") || !strings.Contains(text, people.Mask("欧阳秋水")) || strings.Contains(text, "欧阳秋水") {
		t.Errorf("the workbook:\n%s", text)
	}
	office.must("audit.list", object{"offset": 0, "limit": 1, "from": 0, "to": 0, "operator": "", "device": "", "kind": "", "person": ""})
	for where, s := range said {
		if strings.Contains(text, s) {
			t.Errorf("the workbook says the %s", where)
		}
	}
}

// idNamed is a device's id by its name.
func (d *device) idNamed(name string) any {
	d.t.Helper()
	for _, x := range d.must("devices.list", object{})["devices"].([]any) {
		if x := x.(object); x["name"] == name {
			return x["id"]
		}
	}
	d.t.Fatalf("no device %s", name)
	return nil
}

// workbookText is every cell of a saved workbook.
func (d *device) workbookText(name string, q url.Values) string {
	d.t.Helper()
	f, err := d.File(d.t.Context(), name, q)
	if err != nil {
		d.t.Fatal(err)
	}
	b, err := io.ReadAll(f.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	cells, err := sheet.Read(b)
	if err != nil {
		d.t.Fatal(err)
	}
	var out strings.Builder
	for _, row := range cells {
		out.WriteString(strings.Join(row, "\t") + "\n")
	}
	return out.String()
}
