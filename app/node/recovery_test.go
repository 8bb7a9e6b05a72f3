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
