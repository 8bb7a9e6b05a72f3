package node

import (
	"testing"

	"jishan/app/ledger"
)

// TestOriginalLivesOn: the main device is restored from a backup while the
// original lives on. The original stops; the restored one, which it never
// reaches, is told by its name through a station, and decides for the original.
// What each recorded alone is there, spent twice is loss, and all agree.
func TestOriginalLivesOn(t *testing.T) {
	office := start(t, t.TempDir())
	key := foundWithKey(t, office)
	office.must("backup.folder", object{"path": t.TempDir()})
	station := join(t, office, "station", "柳溪实践站")
	reg := office.must("people.register", person("张三", "13900000001"))
	soap := office.shelf("香皂", 1, 50)
	eventually(t, "the points are here", func() bool { return office.spendableHere(reg) == 10 })
	file := backedUp(t, office)
	office.must("devices.pause", object{"on": true})
	again := start(t, t.TempDir())
	again.must("setup.restore", object{"path": file, "key": key})
	eventually(t, "the restored one is the main device", func() bool {
		return again.govTerm() == 2 && again.spendableHere(reg) == 10
	})
	for range 4 {
		for _, d := range []*device{office, again} {
			if err := d.buy(reg["id"], soap, 1); err != nil {
				t.Fatal(err)
			}
		}
	}
	mine := office.must("people.register", person("李四", "13900000002"))["id"]
	other := again.must("people.register", person("王五", "13900000003"))["id"]

	office.must("devices.pause", object{"on": false})
	eventually(t, "the original stops", office.copiedHere)
	eventually(t, "the main device is told by its name", func() bool {
		a := again.alarm(alarmCopied)
		return a != nil && a["name"] == "1 号电脑" && a["params"].(object)["stopped"] == true
	})
	if a := station.alarm(alarmCopied); a == nil {
		t.Error("the station has no alarm")
	}
	for _, d := range []*device{again, station} {
		eventually(t, "what the original recorded alone is there", func() bool {
			_, err := d.call("people.get", object{"id": mine})
			return err == nil && number(d.person(reg["id"])["spendable"]) == 6
		})
		if sum := d.terms(ledger.Points); sum.Difference() != 0 || sum.Negative() || sum.Loss != 4 {
			t.Errorf("%+v", sum)
		}
	}

	id := again.must("app.state", object{})["device"].(object)["id"]
	again.must("devices.keep", object{"id": id, "stays": "stopped"})
	eventually(t, "the station has the decision", func() bool { return station.govLength() == again.govLength() })
	office.must("devices.pause", object{"on": false})
	eventually(t, "they have changed places", func() bool { return !office.copiedHere() && again.copiedHere() })
	eventually(t, "the original is the main device", func() bool { return office.govTerm() == 3 && office.spendableHere(reg) > 0 })
	eventually(t, "it goes on", func() bool { return office.buy(reg["id"], soap, 1) == nil })
	again.must("devices.pause", object{"on": false})
	eventually(t, "the other hears that it was decided", func() bool {
		c, _ := again.must("app.state", object{})["copied"].(object)
		return c["decided"] == true
	})
	for _, d := range []*device{office, station} {
		eventually(t, "all is there", func() bool {
			_, err := d.call("people.get", object{"id": other})
			return err == nil && number(d.person(reg["id"])["spendable"]) == 5 && d.terms(ledger.Points).Stranded == 0
		})
	}
	eventually(t, "their documents are equal", func() bool { return agree(office, station) })
	if a := office.alarm(alarmCopied); a != nil {
		t.Errorf("it was decided, and it is asked again: %v", a)
	}
}
