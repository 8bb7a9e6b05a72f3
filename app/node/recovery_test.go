package node

import (
	"crypto/rand"
	"testing"

	"jishan/app/govern"
	"jishan/app/ledger"
)

// TestDrillRecoveryKey: the office's computer is lost. A station takes over
// the printed key and withdraws it; what the office held can be spent and
// awarded again, and the office out of its drawer changes nothing.
func TestDrillRecoveryKey(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	reg := office.must("people.register", person("张三", "13900000001"))
	eventually(t, "the station knows of the bonus", func() bool {
		r, err := station.call("people.get", object{"id": reg["id"]})
		return err == nil && number(r["spendable"]) == 10
	})
	key := office.must("recovery.renew", object{})["recoveryKey"]
	if office.must("setup.checkRecovery", object{"text": key})["ok"] != true {
		t.Fatal("the key that was drawn is not taken")
	}
	eventually(t, "the station knows the key", func() bool {
		a, b := office.must("audit.report", object{})["documents"].(object), station.must("audit.report", object{})["documents"].(object)
		for doc, digest := range b {
			if a[doc] != digest {
				return false
			}
		}
		return true
	})
	station.refuses("recovery.here", "recovery.takeOver", object{"text": key, "withdraw": true})
	office.stop()
	eventually(t, "the office is gone", func() bool { return station.must("recovery.look", object{})["online"] == false })

	other, err := govern.NewRecoveryKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	station.refuses("govern.recovery.length", "recovery.takeOver", object{"text": "ABCDE", "withdraw": true})
	station.refuses("govern.recovery.other", "recovery.takeOver", object{"text": other.String(), "withdraw": true})
	if station.must("recovery.look", object{})["registrar"] != false {
		t.Fatal("a wrong key made a registrar")
	}
	station.must("recovery.takeOver", object{"text": key, "withdraw": true})
	if look := station.must("recovery.look", object{}); look["registrar"] != true || look["checked"] != true {
		t.Fatalf("after taking over: %v", look)
	}
	station.refuses("recovery.already", "recovery.takeOver", object{"text": key})
	eventually(t, "the office's points are here", func() bool { return station.spendableHere(reg) == 10 })
	li := station.must("people.register", person("李四", "13900000002"))
	eventually(t, "the station awards the bonus", func() bool { return number(station.person(li["id"])["spendable"]) == 10 })
	if terms := station.terms(ledger.Points); terms.Stranded != 0 || terms.Minted != 20 {
		t.Errorf("points: %+v", terms)
	}
	station.sound()
}

// TestOldMainDevice: the main device was cut off, somebody took over and left
// it its place. When it comes back it is an office like any other, and what it
// awarded meanwhile is paid once, by its next feed.
func TestOldMainDevice(t *testing.T) {
	office := start(t, t.TempDir())
	key := office.must("setup.create", object{"community": "柳溪社区", "parent": "", "office": "1 号电脑", "operator": "甲", "grids": []string{}})["recoveryKey"]
	second := join(t, office, "office", "副办公室")
	office.cut()
	office.must("people.register", person("张三", "13900000001"))
	eventually(t, "the office is gone", func() bool { return second.must("recovery.look", object{})["online"] == false })
	second.must("recovery.takeOver", object{"text": key})
	office.must("devices.pause", object{"on": false})
	eventually(t, "the office has heard of it", func() bool { return office.must("recovery.look", object{})["registrar"] == false })
	office.refuses("govern.registrar.only", "recovery.renew", object{})
	eventually(t, "whom it registered meanwhile gets the bonus once", func() bool {
		r, err := second.call("people.list", object{"offset": 0, "limit": 10, "q": "", "grid": "", "sort": "name", "desc": false})
		if err != nil || number(r["total"]) != 1 {
			return false
		}
		return number(second.person(r["rows"].([]any)[0].(object)["id"])["spendable"]) == 10
	})
	eventually(t, "nothing is stranded", func() bool {
		return second.terms(ledger.Points).Stranded == 0 && office.terms(ledger.Points).Stranded == 0
	})
	second.sound()
	office.sound()
}

// TestOldMainDeviceWorkedOn: before it was cut off the main device had met
// everybody, so that what it may award with lies within its cut. What it
// acknowledged while it was cut off counts once for everybody afterwards: bonus,
// opening, and deeds of people whose turn nobody had made before.
func TestOldMainDeviceWorkedOn(t *testing.T) {
	office := start(t, t.TempDir())
	key := office.must("setup.create", object{"community": "柳溪社区", "parent": "", "office": "1 号电脑", "operator": "甲", "grids": []string{}})["recoveryKey"]
	second := join(t, office, "office", "副办公室")
	brings := func(d *device, name, phone string, n int) any {
		p := person(name, phone)
		p["opening"] = object{"lifetime": 0, "year": 0, "spendable": n}
		return d.must("people.register", p)["id"]
	}
	known := brings(office, "张三", "13900000001", 80)
	eventually(t, "both know the first", func() bool {
		r, err := second.call("people.get", object{"id": known})
		return err == nil && number(r["spendable"]) == 80 && office.terms(ledger.Points) == second.terms(ledger.Points)
	})
	office.cut()
	opened := brings(office, "李四", "13900000002", 25)
	bonus := office.must("people.register", person("王五", "13900000003"))["id"]
	deed := office.must("deed.record", object{"person": known, "item": "WM01", "at": office.now(), "minutes": 60, "note": "", "witness": "", "line": ""})
	if number(deed["points"]) == 0 || deed["onTheWay"] == true {
		t.Fatalf("the deed: %v", deed)
	}
	eventually(t, "the office is gone", func() bool { return second.must("recovery.look", object{})["online"] == false })
	second.must("recovery.takeOver", object{"text": key})
	office.must("devices.pause", object{"on": false})
	eventually(t, "the office has heard of it", func() bool { return office.must("recovery.look", object{})["registrar"] == false })
	want := map[any]int64{known: 80 + number(deed["points"]), opened: 25, bonus: 10}
	has := func(d *device) bool {
		for id, n := range want {
			r, err := d.call("people.get", object{"id": id})
			if err != nil || number(r["spendable"]) != n {
				return false
			}
		}
		return true
	}
	eventually(t, "all of it counts once, at both", func() bool { return has(office) && has(second) })
	// Now either would book what it is told of, if it could: the next bonus is the main device's alone.
	next := office.must("people.register", person("赵六", "13900000004"))["id"]
	want[next] = 10
	eventually(t, "so does the next", func() bool { return has(office) && has(second) })
	if a, b := office.terms(ledger.Points), second.terms(ledger.Points); a != b || a.Minted-a.Burned != 125+number(deed["points"]) {
		t.Errorf("points: %+v, %+v", a, b)
	}
	second.sound()
	office.sound()
}

// TestOldMainDeviceSold: the main device sold while it was cut off and somebody took
// over from it. What lies beyond its cut is loss; both are told how much, to whom and
// what, until the new main device's operator has looked.
func TestOldMainDeviceSold(t *testing.T) {
	office := start(t, t.TempDir())
	key := office.must("setup.create", object{"community": "柳溪社区", "parent": "", "office": "1 号电脑", "operator": "甲", "grids": []string{}})["recoveryKey"]
	second := join(t, office, "office", "副办公室")
	id := office.withPoints("张三", "13900000001", "30")
	soap := office.shelf("香皂", 4, 50)
	eventually(t, "both know all", func() bool {
		r, err := second.call("people.get", object{"id": id})
		return err == nil && number(r["spendable"]) == 30 && office.terms(ledger.Stock) == second.terms(ledger.Stock) && office.terms(ledger.Points) == second.terms(ledger.Points)
	})
	office.cut()
	for _, n := range []int{2, 1} {
		if err := office.buy(id, soap, n); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "the office is gone", func() bool { return second.must("recovery.look", object{})["online"] == false })
	second.must("recovery.takeOver", object{"text": key})
	if a := second.alarm(alarmSold); a != nil {
		t.Errorf("an alarm of what nobody knows: %v", a)
	}
	office.must("devices.pause", object{"on": false})
	eventually(t, "both are told", func() bool { return office.alarm(alarmSold) != nil && second.alarm(alarmSold) != nil })
	eventually(t, "all of it", func() bool { return number(second.alarm(alarmSold)["params"].(object)["n"]) == 2 })
	a := second.alarm(alarmSold)
	p := a["params"].(object)
	if a["name"] != "1 号电脑" || p["how"] != soldMain || number(p["points"]) != 12 || number(p["lost"]) != 12 {
		t.Errorf("the new main device is told: %v", a)
	}
	if x := p["lines"].([]any)[0].(object); x["person"] != "张三" || x["goods"] != "香皂 × 2" || number(x["points"]) != 8 {
		t.Errorf("the sale: %v", x)
	}
	eventually(t, "it is booked to the reserve", func() bool { _, points := second.bookings(); return points == 12 })
	eventually(t, "the old one is an office", func() bool { return office.must("recovery.look", object{})["registrar"] == false })
	office.refuses("govern.registrar.only", "devices.soldSeen", object{"id": a["device"]})
	second.must("devices.soldSeen", object{"id": a["device"]})
	eventually(t, "it is over for both", func() bool { return office.alarm(alarmSold) == nil && second.alarm(alarmSold) == nil })
	today := office.must("till.today", object{"day": ""})
	if list := today["receipts"].([]any); number(today["total"]) != 0 || len(list) != 2 || list[0].(object)["late"] != true || list[1].(object)["late"] != true {
		t.Errorf("the day's list charges somebody for them: %v", today)
	}
	office.balanced(12)
	second.balanced(12)
}

// TestRenewRecoveryKey: a sheet holds from when it was typed back; the one
// before holds until then.
func TestRenewRecoveryKey(t *testing.T) {
	office := start(t, t.TempDir())
	made := office.must("setup.create", object{"community": "柳溪社区", "parent": "", "office": "1 号电脑", "operator": "甲", "grids": []string{}})
	if office.alarm(alarmRecovery) == nil {
		t.Error("who reloads the page instead of typing the key back is not told")
	}
	ok := func(key any) bool { return office.must("setup.checkRecovery", object{"text": key})["ok"] == true }
	drawn := office.must("recovery.renew", object{})["recoveryKey"]
	if !ok(made["recoveryKey"]) {
		t.Error("the sheet in force is not recognised while another one is drawn")
	}
	again := office.must("recovery.renew", object{})["recoveryKey"]
	if ok(drawn) {
		t.Error("a sheet is taken that was drawn anew since")
	}
	if !ok(again) || ok(made["recoveryKey"]) {
		t.Error("the new sheet does not hold alone")
	}
	if a := office.must("alarms.list", object{})["alarms"].([]any); len(a) != 0 {
		t.Errorf("alarms: %v", a)
	}
}
