package node

import (
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"jishan/app/ledger"
	"jishan/app/zone"
	"jishan/crdt/store"
)

// clock is a device's clock that a test sets; it runs on from there.
type clock struct{ ahead atomic.Int64 }

func (k *clock) now() time.Time { return time.Now().Add(time.Duration(k.ahead.Load())) }

func (k *clock) set(year int, month time.Month, day, hour int) {
	k.ahead.Store(int64(time.Until(time.Date(year, month, day, hour, 0, 0, 0, zone.China))))
}

func foundBy(t *testing.T, k *clock) *device {
	d := startBy(t, t.TempDir(), k.now)
	made := d.must("setup.create", object{"community": "柳溪社区", "parent": "河东街道", "office": "1 号电脑", "operator": "经办人甲", "grids": []string{}})
	d.must("setup.checkRecovery", object{"text": made["recoveryKey"]})
	return d
}

func joinBy(t *testing.T, office *device, role, place string, k *clock) *device {
	t.Helper()
	ticket := office.must("devices.ticket", object{"role": role, "name": place + "电脑", "placeName": place})
	d := startBy(t, t.TempDir(), k.now)
	d.must("setup.join", object{"text": ticket["text"], "device": place + "电脑", "operator": "经办人乙"})
	eventually(t, "the device is ready", func() bool { return d.must("app.state", object{})["phase"] == "ready" })
	return d
}

// year is one year of year.list.
func (d *device) year(period string) object {
	d.t.Helper()
	for _, y := range d.must("year.list", object{})["years"].([]any) {
		if y := y.(object); y["period"] == period {
			return y
		}
	}
	return object{}
}

func (d *device) shows(what string, id any, lifetime, year, spendable int64) {
	d.t.Helper()
	p := d.person(id)
	if number(p["lifetime"]) != lifetime || number(p["year"]) != year || number(p["spendable"]) != spendable {
		d.t.Errorf("%s, %s: %v/%v/%v, want %d/%d/%d", filepath.Base(d.dir), what, p["lifetime"], p["year"], p["spendable"], lifetime, year, spendable)
	}
}

func (d *device) buy(id, offer any, n int) error {
	_, err := d.call("till.redeem", object{"person": id, "lines": []object{{"offer": offer, "n": n}}})
	return err
}

// TestScenario05YearEnd is acceptance scenario 5: lifetime, year and spendable points
// over a year's end, with a station that is cut off on its last day.
func TestScenario05YearEnd(t *testing.T) {
	var ko, ks clock
	ko.set(2026, 12, 20, 10)
	ks.set(2026, 12, 20, 10)
	office := foundBy(t, &ko)
	station := joinBy(t, office, "station", "柳溪实践站", &ks)
	id := office.withPoints("李四", "13900000002", "132")
	office.shows("at first", id, 132, 132, 132)
	soap, tea := office.shelf("香皂", 1, 100), station.shelf("茶叶", 1, 100)
	if err := office.buy(id, soap, 20); err != nil {
		t.Fatal(err)
	}
	office.shows("after spending 20", id, 132, 132, 112)
	eventually(t, "the station knows the person", func() bool {
		_, err := station.call("till.pull", object{"person": id, "need": 60})
		return err == nil && station.spendableHere(object{"id": id}) == 60
	})
	eventually(t, "the office knows where the points are", func() bool { return office.terms(ledger.Points).InFlight == 0 })
	if y := office.year("2026"); y["state"] != "running" || number(y["issued"]) != 132 || number(y["redeemed"]) != 20 || number(y["outstanding"]) != 112 {
		t.Errorf("in December: %v", y)
	}

	station.cut()
	ks.set(2026, 12, 31, 20)
	if err := station.buy(id, tea, 15); err != nil {
		t.Fatalf("offline on 31 December: %v", err)
	}

	ko.set(2027, 1, 1, 0)
	office.shows("on 1 January, before the close", id, 132, 0, 112)
	office.refuses("year.early", "year.close", object{"period": "2026", "points": 112, "people": 1})
	if err := office.buy(id, soap, 2); err != nil {
		t.Fatalf("in the grace: %v", err)
	}
	y := office.year("2026")
	if a := y["absent"].([]any); y["state"] != "grace" || len(a) != 1 || a[0].(object)["name"] != "柳溪实践站电脑" {
		t.Errorf("in the grace: %v", y)
	}
	station.refuses("govern.registrar.only", "year.grace", object{"days": 0})
	office.refuses("year.grace.bad", "year.grace", object{"days": 367})
	office.must("year.grace", object{"days": 0})
	station.refuses("govern.registrar.only", "year.close", object{"period": "2026", "points": 112, "people": 1})
	for code, r := range map[string]object{
		"year.changed": {"period": "2026", "points": 112, "people": 1}, "year.unknown": {"period": "2026q9", "points": 0, "people": 0},
		"year.early": {"period": "2027", "points": 0, "people": 0},
	} {
		office.refuses(code, "year.close", r)
	}
	office.refuses("year.running", "year.final", object{"period": "2026"})
	office.must("year.close", object{"period": "2026", "points": 110, "people": 1})
	office.shows("on 1 January, after the close", id, 132, 0, 0)
	office.refuses("till.short", "till.redeem", object{"person": id, "lines": []object{{"offer": soap, "n": 1}}})
	office.refuses("year.closed", "year.close", object{"period": "2026", "points": 110, "people": 1})
	eventually(t, "the office burned what it holds", func() bool { return number(office.year("2026")["expired"]) == 50 })
	office.refuses("year.left", "year.final", object{"period": "2026"})
	office.shows("while the station is away", id, 132, 0, 0)

	// The station has not heard of the close: what it hands over is right.
	ks.set(2027, 1, 2, 9)
	if err := station.buy(id, tea, 5); err != nil {
		t.Fatalf("offline on 2 January: %v", err)
	}
	ks.set(2027, 1, 3, 9)
	ko.set(2027, 1, 3, 9)
	station.must("devices.pause", object{"on": false})
	for _, d := range []*device{office, station} {
		eventually(t, "all is booked in the old year", func() bool {
			y := d.year("2026")
			return number(y["redeemed"]) == 42 && number(y["late"]) == 20 && number(y["expired"]) == 90 && number(y["outstanding"]) == 0
		})
		d.shows("at the end", id, 132, 0, 0)
		d.sound()
	}
	station.refuses("till.short", "till.redeem", object{"person": id, "lines": []object{{"offer": tea, "n": 1}}})
	if december := office.must("stats.month", object{"month": "2026-12"}); number(december["redeemed"]) != 35 {
		t.Errorf("December: %v", december["redeemed"])
	}
	if m := office.addsUp("2026-12"); m["brought"] != 132 || m["outstanding"] != 97 {
		t.Errorf("December: %v", m)
	}
	if m := office.addsUp("2027-01"); m["carried"] != 97 || m["expired"] != 90 || m["outstanding"] != 0 {
		t.Errorf("January: %v", m)
	}

	office.must("year.final", object{"period": "2026"})
	office.refuses("year.final", "year.final", object{"period": "2026"})
	eventually(t, "the station knows", func() bool { return station.year("2026")["state"] == "final" })
	item := office.must("scheme.get", object{})["items"].([]any)[0].(object)
	deed := object{"person": id, "item": item["code"], "at": ko.now().UnixMilli(), "minutes": 60, "note": "", "witness": "", "line": ""}
	office.must("deed.record", deed)
	office.shows("a deed of the new year", id, 135, 3, 3)
	deed["at"] = time.Date(2026, 12, 30, 10, 0, 0, 0, zone.China).UnixMilli()
	office.must("deed.record", deed)
	office.shows("a deed of the old year, recorded now", id, 138, 6, 6)
	book := office.must("people.passbook", object{"id": id, "offset": 0, "limit": 50})["lines"].([]any)
	balance, expired := int64(6), int64(0)
	for _, l := range book {
		l := l.(object)
		if l["kind"] == "expire" {
			expired -= number(l["amount"])
		}
		if got := number(l["balance"]); got != balance && number(l["amount"]) < 100 {
			t.Errorf("balance %d, want %d: %v", got, balance, l)
		}
		if l["kind"] != "opening" {
			balance -= number(l["amount"])
		}
	}
	if expired != 90 {
		t.Errorf("the passbook says that %d expired: %v", expired, book)
	}
}

// TestYearEndByAWrongClock: a clock a year ahead or behind ends nobody's points,
// not even when somebody says that it is right.
func TestYearEndByAWrongClock(t *testing.T) {
	var k, ks clock
	k.set(2026, 12, 20, 10)
	ks.set(2026, 12, 20, 10)
	office := foundBy(t, &k)
	station := joinBy(t, office, "station", "柳溪实践站", &ks)
	id := office.withPoints("李四", "13900000002", "132")
	eventually(t, "the station has some", func() bool {
		_, err := station.call("till.pull", object{"person": id, "need": 60})
		return err == nil && station.spendableHere(object{"id": id}) == 60
	})
	eventually(t, "the office knows it", func() bool { return office.terms(ledger.Points).InFlight == 0 })
	office.must("year.grace", object{"days": 0})
	for _, year := range []int{2025, 2027} {
		office.stop()
		k.set(year, 12, 20, 10)
		office = startBy(t, office.dir, k.now)
		office.refuses("clock.doubt", "year.grace", object{"days": 1})
		want := map[int]string{2025: "year.early", 2027: "clock.doubt"}[year]
		office.refuses(want, "year.close", object{"period": "2026", "points": 132, "people": 1})
		y := office.year("2026")
		if number(y["outstanding"]) != 132 || number(y["expired"]) != 0 {
			t.Errorf("in %d: %v", year, y)
		}
	}
	// Somebody says that 2027 is right at the station: still nothing goes.
	station.stop()
	ks.set(2027, 12, 20, 10)
	station = startBy(t, station.dir, ks.now)
	station.refuses("clock.doubt", "till.redeem", object{"person": id, "lines": []object{}})
	station.must("app.confirmClock", object{})
	c, err := station.here()
	if err != nil {
		t.Fatal(err)
	}
	c.tend.once(t.Context())
	station.shows("a year ahead", id, 132, 0, 132)
	for _, d := range []*device{office, station} {
		d.stop()
	}
	k.set(2026, 12, 21, 10)
	ks.set(2026, 12, 21, 10)
	office, station = startBy(t, office.dir, k.now), startBy(t, station.dir, ks.now)
	station.must("app.confirmClock", object{})
	for _, d := range []*device{office, station} {
		d.shows("the right day", id, 132, 132, 132)
		d.sound()
	}
	soap := office.shelf("香皂", 1, 100)
	if err := office.buy(id, soap, 1); err != nil {
		t.Error(err)
	}
}

// Points of a closed year are sent nowhere, and that is said in words.
func TestMoveOfAClosedYear(t *testing.T) {
	var k clock
	k.set(2026, time.March, 5, 9)
	office := foundBy(t, &k)
	station := joinBy(t, office, "station", "柳溪实践站", &k)
	id := office.must("people.register", person("张三", "13900000001"))["id"].(string)
	k.set(2027, time.March, 5, 9)
	office.must("app.confirmClock", object{})
	office.must("year.close", object{"period": "2026", "points": 10, "people": 1})
	c, err := office.here()
	if err != nil {
		t.Fatal(err)
	}
	s, err := station.here()
	if err != nil {
		t.Fatal(err)
	}
	err = c.write(t.Context(), func(tx *store.Tx) error {
		_, err := c.ledger.Move(tx, ledger.Quota{Kind: ledger.Points, Subject: ledger.TextSubject(id), Period: "2026"}, 1, s.store.Self())
		return err
	})
	if code(err) != "ledger.period.closed" {
		t.Error(err)
	}
}
