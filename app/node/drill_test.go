package node

import (
	"slices"
	"testing"
	"time"

	"jishan/app/ledger"
)

// The drills of docs/succession.md, one for each way in which a community gets
// another main device, on real nodes with real links.

// id is the device's id as screens name it.
func (d *device) id() string { return deviceText(d.device.Load().Public()) }

// row is how a device stands in the list at another one.
func (d *device) row(of *device) object {
	d.t.Helper()
	list := d.must("devices.list", object{})["devices"].([]any)
	i := slices.IndexFunc(list, func(x any) bool { return x.(object)["id"] == of.id() })
	if i < 0 {
		return object{}
	}
	return list[i].(object)
}

// loses waits until a device sees that another one is gone.
func (d *device) loses(other *device) {
	d.t.Helper()
	eventually(d.t, "the main device is gone", func() bool { return d.must("recovery.look", object{})["online"] == false })
	eventually(d.t, "the link is gone", func() bool { return d.row(other)["online"] == false })
}

// TestDrillStandby: the office's computer is lost. The standby says when it may go
// on, not before nobody heard of the office for the community's wait; then it does
// without any paper. What the office held can be spent and awarded again. The office
// out of its drawer changes nothing, and is told so.
func TestDrillStandby(t *testing.T) {
	var k clock
	office := foundBy(t, &k)
	station := joinBy(t, office, "station", "柳溪实践站", &k)
	till := joinBy(t, office, "merchant", "惠民超市", &k)
	office.refuses("govern.role.bad", "devices.standby", object{"id": till.id()})
	office.refuses("govern.device.self", "devices.standby", object{"id": office.id()})
	station.refuses("govern.registrar.only", "devices.standby", object{"id": station.id()})
	office.must("devices.standby", object{"id": station.id()})
	eventually(t, "the station is the standby", func() bool { return station.row(station)["standby"] == true })
	reg := office.must("people.register", person("张三", "13900000001"))
	eventually(t, "they agree", func() bool { return agree(office, station) })
	station.refuses("recovery.here", "recovery.standIn", object{"withdraw": true})
	office.stop()
	station.loses(office)
	k.ahead.Add(int64(23 * time.Hour))
	station.refuses("recovery.early", "recovery.standIn", object{"withdraw": true})
	if a := station.alarm(alarmStandby); a != nil {
		t.Errorf("it says too early that it may take over: %v", a)
	}
	station.must("devices.pause", object{"on": true})
	k.ahead.Add(int64(2 * time.Hour))
	station.refuses("recovery.cut", "recovery.standIn", object{"withdraw": true})
	station.must("devices.pause", object{"on": false})
	if a := station.alarm(alarmStandby); a == nil || a["name"] != "1 号电脑" {
		t.Errorf("nothing says that it may take over: %v", a)
	}
	station.must("recovery.standIn", object{"withdraw": false})
	if look := station.must("recovery.look", object{}); look["registrar"] != true || look["standby"] != "" {
		t.Fatalf("after taking over: %v", look)
	}
	li := station.must("people.register", person("李四", "13900000002"))
	eventually(t, "the station awards the bonus", func() bool { return number(station.person(li["id"])["spendable"]) == 10 })

	office = startBy(t, office.dir, k.now)
	eventually(t, "the office has heard of it", func() bool { return office.must("recovery.look", object{})["registrar"] == false })
	if a := office.alarm(alarmReplaced); a == nil || a["name"] != "柳溪实践站电脑" {
		t.Errorf("the office is not told: %v", a)
	}
	office.refuses("govern.registrar.only", "devices.ticket", object{"role": "station", "name": "x", "placeName": "y"})
	eventually(t, "nothing is stranded", func() bool {
		return station.terms(ledger.Points).Stranded == 0 && office.terms(ledger.Points).Stranded == 0 && number(station.person(reg["id"])["spendable"]) == 10
	})
	for _, d := range []*device{office, station} {
		d.sound()
	}
}
