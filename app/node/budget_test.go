package node

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"jishan/app/ledger"
	"jishan/crdt/store"
)

// villagers imports people who bring nothing along and get no bonus.
func (d *device) villagers(from, to int) {
	d.t.Helper()
	var b strings.Builder
	b.WriteString("姓名\t电话\t累计积分\t年度积分\t可用积分")
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, "\n村民%s\t139%08d\t0\t0\t0", string(rune('一'+i)), i)
	}
	preview := d.must("people.rosterPreview", object{"text": b.String(), "file": ""})
	if number(preview["good"]) != int64(to-from) {
		d.t.Fatalf("%v good, %v bad, %v doubles", preview["good"], preview["bad"], preview["doubles"])
	}
	d.must("people.rosterImport", object{"token": preview["token"]})
}

// patiently is eventually for what takes a busy machine a minute.
func patiently(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !ok(); time.Sleep(100 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("never: " + what)
		}
	}
}

func (d *device) budgetNow() object { return d.must("budget.get", object{}) }

func (d *device) base() object { return d.budgetNow()["base"].(object) }

// paid counts who has how many points to spend.
func (d *device) paid() map[int64]int {
	d.t.Helper()
	c, err := d.here()
	if err != nil {
		d.t.Fatal(err)
	}
	out := map[int64]int{}
	err = c.view(d.t.Context(), func(q store.Querier) error {
		list, err := c.ledger.AllBalances(q, period(d.Node.now()))
		for _, b := range list {
			if b.Lifetime+b.Spendable > 0 {
				out[b.Spendable]++
			}
		}
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return out
}

// TestScenario13BasePoints is acceptance scenario 13: four devices, cut off from each
// other, order 100 points for 1,933 people each; everybody gets them once. The
// budget of CNY 260,000 is 16 % of the income of CNY 1.63 million.
func TestScenario13BasePoints(t *testing.T) {
	const villagers = 1933
	office := found(t)
	office.must("settings.save", object{"unitFen": 100})
	devices := []*device{office, join(t, office, "office", "第二办公室"), join(t, office, "station", "柳溪实践站"), join(t, office, "station", "河湾实践站")}
	office.villagers(0, villagers)
	for _, d := range devices {
		patiently(t, "everybody is known", func() bool { return number(d.base()["people"]) == villagers })
	}
	devices[2].refuses("govern.registrar.only", "budget.set", object{"points": 260_000, "incomeFen": 163_000_000, "second": ""})
	for code, r := range map[string]object{
		"budget.bad": {"points": 0, "incomeFen": 0, "second": ""}, "budget.income": {"points": 1, "incomeFen": -1, "second": ""},
	} {
		office.refuses(code, "budget.set", r)
	}
	office.must("budget.set", object{"points": 260_000, "incomeFen": 163_000_000, "second": ""})
	b := office.budgetNow()
	if b["set"] != true || number(b["share"]) != 160 || number(b["left"]) != 260_000 {
		t.Errorf("26 of 163: %v", b)
	}
	patiently(t, "the others know the budget", func() bool { return number(devices[3].budgetNow()["left"]) == 260_000 })
	office.refuses("base.points", "base.start", object{"points": 1001, "second": ""})
	office.refuses("base.none", "base.stop", object{})
	for _, d := range devices {
		d.cut()
	}
	for _, d := range devices {
		d.must("base.start", object{"points": 100, "second": ""})
		d.must("base.start", object{"points": 100, "second": ""})
	}
	patiently(t, "the office pays", func() bool { return office.terms(ledger.Points).Minted == 193_300 })
	if n := devices[1].paid(); len(n) != 0 {
		t.Errorf("a device that may not pay has paid: %v", n)
	}
	for _, d := range devices {
		d.must("devices.pause", object{"on": false})
	}
	for _, d := range devices {
		patiently(t, "all have the same", func() bool {
			return d.terms(ledger.Points).Minted == 193_300 && number(d.base()["paid"]) == villagers
		})
	}
	for _, d := range devices {
		d.must("base.start", object{"points": 100, "second": ""}) // once more, by everybody
	}
	office.refuses("base.other", "base.start", object{"points": 200, "second": ""})
	c, err := office.here()
	if err != nil {
		t.Fatal(err)
	}
	c.tend.once(t.Context())
	for _, d := range devices {
		patiently(t, "nobody gets them twice", func() bool { n := d.paid(); return len(n) == 1 && n[100] == villagers })
		d.sound()
	}
	b = office.budgetNow()
	if number(b["issued"]) != 193_300 || number(b["left"]) != 66_700 || number(b["issuedShare"]) != 119 {
		t.Errorf("afterwards: %v", b)
	}
}

// TestAboveTheBudget: what is above the budget needs a second operator, who is
// another one, at the registrar's device; both are recorded.
func TestAboveTheBudget(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	office.villagers(0, 30)
	eventually(t, "everybody is known", func() bool { return number(station.base()["people"]) == 30 })
	office.must("budget.set", object{"points": 2500, "incomeFen": 0, "second": ""})
	eventually(t, "the station knows the budget", func() bool { return number(station.budgetNow()["left"]) == 2500 })
	for _, d := range []*device{office, station} {
		d.refuses("base.over", "base.start", object{"points": 100, "second": ""})
	}
	station.refuses("govern.registrar.only", "base.start", object{"points": 100, "second": "经办人丙"})
	office.refuses("budget.same", "base.start", object{"points": 100, "second": " 经办人 甲 "})
	office.refuses("operator.bad", "base.start", object{"points": 100, "second": strings.Repeat("长", 21)})
	if b := office.base(); number(b["points"]) != 0 {
		t.Errorf("a refused order was recorded: %v", b)
	}
	office.must("base.start", object{"points": 100, "second": "经办人丙"})
	eventually(t, "everybody has them", func() bool { return station.paid()[100] == 30 })
	if b := station.budgetNow(); number(b["budget"]) != 3000 || b["by"] != "经办人甲, 经办人丙" || number(b["left"]) != 0 {
		t.Errorf("the budget: %v", b)
	}
	if n := station.notes("ledger.budget"); len(n) != 2 || n[1] != "second: 经办人丙" {
		t.Errorf("the ledger's record: %q", n)
	}
	office.refuses("budget.second", "budget.set", object{"points": 3500, "incomeFen": 0, "second": ""})
	office.refuses("budget.same", "budget.set", object{"points": 3500, "incomeFen": 0, "second": "经办人甲"})
	office.refuses("ledger.budget.low", "budget.set", object{"points": 2999, "incomeFen": 0, "second": ""})
	office.must("budget.set", object{"points": 3500, "incomeFen": 0, "second": "经办人丙"})
	office.must("budget.set", object{"points": 3200, "incomeFen": 0, "second": ""})
	if b := office.budgetNow(); number(b["left"]) != 200 || b["by"] != "经办人甲" || number(b["share"]) != -1 {
		t.Errorf("the budget: %v", b)
	}
	// Who comes later waits for a raise, and gets what was ordered.
	office.villagers(30, 33)
	office.refuses("base.over", "base.start", object{"points": 100, "second": ""})
	station.must("deed.record", object{"person": office.one("村民一"), "item": office.must("scheme.get", object{})["items"].([]any)[2].(object)["code"],
		"at": office.now(), "minutes": 0, "note": "", "witness": "", "line": ""})
	eventually(t, "a deed is paid from the rest", func() bool { return number(office.budgetNow()["left"]) == 195 })
	office.must("budget.set", object{"points": 3400, "incomeFen": 0, "second": "经办人丙"})
	office.must("base.start", object{"points": 100, "second": ""})
	eventually(t, "all 33 have them", func() bool { return number(station.base()["paid"]) == 33 })
	office.sound()
}

// TestBaseStopped: a stop keeps what was paid and pays nobody else; two amounts
// ordered apart pay nobody until one order is given again.
func TestBaseStopped(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	office.villagers(0, 5)
	office.must("budget.set", object{"points": 300, "incomeFen": 0, "second": ""})
	eventually(t, "everybody is known", func() bool {
		return number(station.base()["people"]) == 5 && number(station.budgetNow()["left"]) == 300
	})
	station.cut()
	office.cut()
	station.must("base.start", object{"points": 50, "second": ""})
	office.must("base.start", object{"points": 60, "second": ""})
	eventually(t, "the office's own order is paid", func() bool { return number(office.base()["paid"]) == 5 })
	office.villagers(5, 6)
	office.must("base.stop", object{})
	for _, d := range []*device{office, station} {
		d.must("devices.pause", object{"on": false})
	}
	eventually(t, "both know of both", func() bool {
		return len(office.base()["rivals"].([]any)) == 1 && len(station.base()["rivals"].([]any)) == 1 && station.base()["stopped"] == true
	})
	if n := office.paid(); n[60] != 5 || len(n) != 1 {
		t.Errorf("paid: %v", n)
	}
	if err := func() error {
		_, err := office.call("base.start", object{"points": 60, "second": "经办人丙"})
		return err
	}(); err != nil {
		t.Fatal(err)
	}
	eventually(t, "who came later has got the same", func() bool { return station.paid()[60] == 6 })
	if b := station.base(); len(b["rivals"].([]any)) != 0 || b["stopped"] != false {
		t.Errorf("settled: %v", b)
	}
	office.sound()
}

// one is the id of the only person of a name.
func (d *device) one(name string) any {
	d.t.Helper()
	list := d.must("people.list", object{"offset": 0, "limit": 10, "q": name, "grid": "", "sort": "name", "desc": false})
	return list["rows"].([]any)[0].(object)["id"]
}

// notes are what transactions of an action say, in the registrar's order.
func (d *device) notes(action string) (out []string) {
	d.t.Helper()
	c, err := d.here()
	if err != nil {
		d.t.Fatal(err)
	}
	_, feed, _ := c.charter.Registrar()
	err = c.view(d.t.Context(), func(q store.Querier) error {
		list, err := store.After(q, c.ledger.Doc(feed, 1), feed, 0, 4096)
		if err != nil {
			return err
		}
		for _, x := range list {
			r, err := c.ledger.Transaction(q, x.Hash)
			if err != nil {
				return err
			}
			if r.Action == action {
				out = append(out, r.Tx.Entries[0].Note)
			}
		}
		return nil
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return out
}
