package node

import (
	"io"
	"strings"
	"testing"
	"time"

	"jishan/app/credit"
)

// bands is the reported bank's table as a community would write it.
func (d *device) bands() {
	d.t.Helper()
	d.must("credit.setTable", object{"basis": "lifetime", "least": 100_000, "most": 300_000, "bands": []object{
		{"from": 60, "to": 89, "amount": 100_000}, {"from": 90, "to": 149, "amount": 200_000}, {"from": 150, "to": 0, "amount": 300_000},
	}})
}

func (d *device) credit(id any) object { return d.must("credit.person", object{"person": id}) }

// states are those of a person's lines, the newest first.
func (d *device) states(id any) string {
	d.t.Helper()
	var out []string
	for _, l := range d.credit(id)["lines"].([]any) {
		out = append(out, l.(object)["state"].(string))
	}
	return strings.Join(out, " ")
}

func (d *device) certificate(line any) string {
	d.t.Helper()
	return d.must("credit.certificate", object{"line": line})["text"].(string)
}

// kit is the bank's check page as the office saves it today.
func (d *device) kit() credit.Kit {
	d.t.Helper()
	f, err := d.File(d.t.Context(), "credit-check.html", nil)
	if err != nil {
		d.t.Fatal(err)
	}
	b, err := io.ReadAll(f.Body)
	if err != nil {
		d.t.Fatal(err)
	}
	k, err := credit.ReadKit(b)
	if err != nil {
		d.t.Fatal(err)
	}
	return k
}

// TestScenario10CreditLine: 90 points suggest CNY 200,000 and nothing outside of
// 100,000 to 300,000; not without consent; the certificate proves itself at devices
// and at a bank that are cut off; the next year's assessment makes a new version
// and the old one shows as replaced; who withdraws consent ends it.
func TestScenario10CreditLine(t *testing.T) {
	clock := time.Date(2026, 6, 1, 9, 0, 0, 0, time.UTC)
	now := func() time.Time { return clock }
	office := startBy(t, t.TempDir(), now)
	office.must("setup.create", object{"community": "柳溪社区", "parent": "", "office": "1 号电脑", "operator": "经办人甲", "grids": []string{}})
	zhang, li := office.withPoints("张三", "13900000001", "90"), office.withPoints("李四", "13900000002", "59")
	assess := func(id any) object { return office.must("credit.assess", object{"person": id}) }

	office.refuses("credit.consent.none", "credit.assess", object{"person": zhang})
	office.refuses("credit.present", "credit.consent", object{"person": zhang, "present": false})
	office.must("credit.consent", object{"person": zhang, "present": true})
	office.refuses("credit.table", "credit.assess", object{"person": zhang})
	for _, amount := range []int64{99_999, 300_001} {
		office.refuses("credit.amount", "credit.setTable", object{"basis": "lifetime", "least": 100_000, "most": 300_000, "bands": []object{{"from": 90, "to": 0, "amount": amount}}})
	}
	office.bands()
	if x := office.credit(zhang); number(x["points"]) != 90 || number(x["suggested"]) != 200_000 || x["consent"].(object)["given"] != true {
		t.Errorf("before the first line: %v", x)
	}
	if rows, ok := office.must("credit.list", object{"offset": 0, "limit": 50, "show": "due"})["rows"].([]any); !ok || len(rows) != 0 {
		t.Errorf("nobody has a line yet: %v", rows)
	}
	office.must("credit.consent", object{"person": li, "present": true})
	office.refuses("credit.points", "credit.assess", object{"person": li})

	first := assess(zhang)
	if number(first["amount"]) != 200_000 || number(first["version"]) != 1 || first["state"] != "force" {
		t.Fatalf("the first line: %v", first)
	}
	paper := office.certificate(first["id"])
	old := office.kit()
	if c, err := old.Check(paper, clock.UnixMilli()); err != nil || c.State != credit.InForce || c.Name != "张三" || c.Amount != 200_000 || c.Points != 90 {
		t.Errorf("the bank: %+v, %v", c, err)
	}

	clock = clock.AddDate(0, 8, 0) // the next February
	office.must("app.confirmClock", object{})
	list := office.must("credit.list", object{"offset": 0, "limit": 50, "show": "due"})
	if number(list["total"]) != 1 || list["rows"].([]any)[0].(object)["person"] != zhang || number(list["amount"]) != 200_000 {
		t.Errorf("to be assessed: %v", list)
	}
	for day := range 6 {
		at := clock.AddDate(0, 0, -1-day).UnixMilli()
		office.must("deed.record", object{"person": zhang, "item": "WM01", "at": at, "minutes": 5 * 60, "note": "", "witness": "", "line": ""})
	}
	eventually(t, "150 points", func() bool { return number(office.credit(zhang)["points"]) == 150 })
	second := assess(zhang)
	if number(second["amount"]) != 300_000 || number(second["version"]) != 2 || office.states(zhang) != "force replaced" {
		t.Errorf("assessed with %v points: %v, %s", office.credit(zhang)["points"], second, office.states(zhang))
	}
	if x := office.must("credit.check", object{"text": paper}); x["state"] != "replaced" || x["whole"] != true {
		t.Errorf("the first paper: %v", x)
	}
	if c, err := office.kit().Check(paper, clock.UnixMilli()); err != nil || c.State != credit.Replaced {
		t.Errorf("the bank's new page: %+v, %v", c, err)
	}
	office.refuses("credit.void", "credit.certificate", object{"line": first["id"]})
	if list := office.must("credit.list", object{"offset": 0, "limit": 50, "show": "due"}); number(list["total"]) != 0 {
		t.Errorf("assessed, and still to be assessed: %v", list)
	}

	renewed := office.certificate(second["id"])
	office.must("credit.withdraw", object{"person": zhang})
	office.refuses("credit.consent.none", "credit.assess", object{"person": zhang})
	if x := office.must("credit.check", object{"text": renewed}); x["state"] != "withdrawn" || office.states(zhang) != "withdrawn withdrawn" {
		t.Errorf("without consent: %v, %s", x, office.states(zhang))
	}
	clock = clock.Add(time.Minute)
	office.must("credit.consent", object{"person": zhang, "present": true})
	if third := assess(zhang); number(third["version"]) != 3 || office.states(zhang) != "force withdrawn withdrawn" {
		t.Errorf("consent given again: %v, %s", third, office.states(zhang))
	}
}

// A certificate proves itself at devices that are cut off; who knows of the
// withdrawal says so as soon as it has been heard of.
func TestACertificateAtDevicesThatAreCutOff(t *testing.T) {
	office := found(t)
	station, shop := join(t, office, "station", "柳溪实践站"), join(t, office, "merchant", "惠民超市")
	zhang := office.withPoints("张三", "13900000001", "90")
	office.bands()
	station.refuses("govern.registrar.only", "credit.setTable", object{"basis": "year", "least": 1, "most": 2, "bands": []object{}})
	office.must("operators.begin", object{"name": "经办人甲", "pin": "2580"})
	office.must("credit.consent", object{"person": zhang, "present": true})
	if x := office.credit(zhang)["consent"].(object); x["proof"] != "signed" || x["by"] != "经办人甲" {
		t.Errorf("the consent: %v", x)
	}
	line := office.must("credit.assess", object{"person": zhang})
	paper := office.certificate(line["id"])
	eventually(t, "the station holds the line and proves who wrote the consent down", func() bool {
		x, err := station.call("credit.person", object{"person": zhang})
		return err == nil && len(x["lines"].([]any)) == 1 && x["consent"].(object)["proof"] == "signed"
	})
	for _, d := range []*device{station, shop} {
		d.must("devices.pause", object{"on": true})
	}
	for d, whole := range map[*device]bool{station: true, shop: false} {
		x := d.must("credit.check", object{"text": paper})
		if x["state"] != "force" || x["name"] != "张三" || number(x["amount"]) != 200_000 || x["whole"] != whole || (x["person"] != "") != whole {
			t.Errorf("cut off: %v", x)
		}
		d.refuses("credit.cut", "credit.check", object{"text": paper[:len(paper)-8]})
		d.refuses("credit.bad", "credit.check", object{"text": "http://example.invalid"})
	}
	shop.refuses("app.role", "credit.person", object{"person": zhang})
	office.must("credit.withdraw", object{"person": zhang})
	if station.must("credit.check", object{"text": paper})["state"] != "force" {
		t.Error("a station that is cut off knows of a withdrawal")
	}
	station.must("devices.pause", object{"on": false})
	eventually(t, "the station has heard of the withdrawal", func() bool {
		return station.must("credit.check", object{"text": paper})["state"] == "withdrawn"
	})
}
