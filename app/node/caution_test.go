package node

import (
	"os"
	"testing"
)

// spendable is -1 while the device has not heard of the person.
func (d *device) spendable(id any) int64 {
	p, err := d.call("people.get", object{"id": id})
	if err != nil {
		return -1
	}
	return number(p["spendable"])
}

// After a start that nobody has seen, a device hands out no more than the
// community's bound: redemptions that failed do not count, and the first meeting
// with a staff device, by link or by stick, ends it.
func TestCautiousStart(t *testing.T) {
	var k clock
	office := foundBy(t, &k)
	station := joinBy(t, office, "station", "柳溪实践站", &k)
	id := office.must("people.register", withPoints("王五", "13900000005", 60))["id"]
	eventually(t, "the opening is booked and known", func() bool {
		return office.person(id)["here"] == float64(60) && station.spendable(id) == 60
	})
	soap := office.must("shop.save", object{"id": "", "name": "香皂", "unit": "1 块", "kind": "goods", "points": 4, "minimum": 0, "icon": "soap", "active": true, "code": ""})["id"]
	office.must("shop.receive", object{"offer": soap, "n": 14, "why": ""})
	buy := func(n int) object { return object{"person": id, "lines": []object{{"offer": soap, "n": n}}} }
	office.refuses("limits.bad", "limits.set", object{"till": 1000, "start": -1})
	station.refuses("govern.registrar.only", "limits.set", object{"till": 1000, "start": 5})
	office.refuses("limits.keep", "limits.set", object{"till": 1000, "start": 10, "keep": 91})
	office.refuses("limits.appeal", "limits.set", object{"till": 1000, "start": 10, "appeal": 91})
	office.must("limits.set", object{"till": 1000, "start": 10, "keep": 3, "appeal": 15})
	office.must("limits.set", object{"till": 1000, "start": 10}) // says nothing of days
	if got := office.must("limits.get", object{}); got["keep"] != float64(3) || got["appeal"] != float64(15) {
		t.Errorf("days: %v", got)
	}
	eventually(t, "what a station prints says the community's days", func() bool {
		return station.must("app.state", object{})["community"].(object)["appealDays"] == float64(15)
	})
	free := func(n int) func() bool {
		return func() bool { _, err := office.call("till.redeem", buy(n)); return err == nil }
	}
	eventually(t, "the station is in step: no bound", free(3))

	again := func() {
		t.Helper()
		office.stop()
		office = startBy(t, office.dir, k.now)
	}
	eventually(t, "the station has heard of the bound and of the redemption", func() bool {
		return station.must("limits.get", object{})["start"] == float64(10) && station.spendable(id) == 48
	})
	station.must("devices.pause", object{"on": true})
	again()
	office.refuses("till.stock", "till.redeem", buy(12))
	office.refuses("ledger.cautious", "till.redeem", buy(3))
	office.must("till.redeem", buy(2))
	office.refuses("ledger.cautious", "till.redeem", buy(1))
	again()
	office.refuses("ledger.cautious", "till.redeem", buy(1)) // a start gives nothing anew
	office.must("limits.set", object{"till": 1000, "start": 0})
	office.must("till.redeem", buy(1))
	office.must("limits.set", object{"till": 1000, "start": 1})
	again()
	office.refuses("ledger.cautious", "till.redeem", buy(1))
	stick := t.TempDir()
	carry := func() {
		t.Helper()
		station.must("devices.exchange", object{"path": stick})
		office.must("devices.exchange", object{"path": stick})
	}
	k.ahead.Add(int64(skewLimit))
	carry()
	office.refuses("ledger.cautious", "till.redeem", buy(1)) // the station does not know what was sold
	carry()
	office.must("till.redeem", buy(1))
	carry()
	again()
	carry()
	office.refuses("ledger.cautious", "till.redeem", buy(1)) // it may be from before the start by a wrong clock
	k.ahead.Add(int64(skewLimit))
	carry()
	office.must("till.redeem", buy(1))
	again()
	office.refuses("ledger.cautious", "till.redeem", buy(1))
	office.must("limits.set", object{"till": 1000, "start": 5})
	office.must("till.redeem", buy(1))
	office.refuses("ledger.cautious", "till.redeem", buy(1))
	carry()
	carry()
	office.must("till.redeem", buy(1)) // it holds what was sold since, whatever the clocks say
	again()
	office.must("till.redeem", buy(1)) // and what was handed out counts from then on
	office.refuses("ledger.cautious", "till.redeem", buy(1))
	station.must("devices.pause", object{"on": false})
	eventually(t, "a meeting ends the caution", free(1))
}

// A device whose whole disk was put back hears from a stick how far its feed goes,
// although whoever wrote the stick has seen that it held all of it.
func TestPutBackHearsFromAStick(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	id := office.must("people.register", withPoints("王五", "13900000005", 40))["id"]
	soap := office.must("shop.save", object{"id": "", "name": "香皂", "unit": "1 块", "kind": "goods", "points": 4, "minimum": 0, "icon": "soap", "active": true, "code": ""})["id"]
	office.must("shop.receive", object{"offer": soap, "n": 9, "why": ""})
	eventually(t, "the station knows the opening", func() bool { return station.spendable(id) == 40 })
	office.stop()
	copied := t.TempDir()
	if err := os.CopyFS(copied, os.DirFS(office.dir)); err != nil {
		t.Fatal(err)
	}
	office = start(t, office.dir)
	office.must("till.redeem", object{"person": id, "lines": []object{{"offer": soap, "n": 5}}})
	eventually(t, "the station knows what was bought, and that the office holds it", func() bool {
		_, _, lacks, unknown := station.shown()
		return station.spendable(id) == 20 && lacks == 0 && unknown == 0
	})
	station.must("devices.pause", object{"on": true})
	office.stop()
	office = start(t, copied)
	stick := t.TempDir()
	station.must("devices.exchange", object{"path": stick})
	if _, err := office.call("devices.exchange", object{"path": stick}); err != nil {
		t.Logf("the exchange: %v", err)
	}
	eventually(t, "the office knows what it had sold", func() bool { return office.spendable(id) == 20 })
}
