package node

import (
	"database/sql"
	"slices"
	"strings"
	"testing"
	"time"

	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/crdt/store"
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

// losesMain waits until a device sees that the main device is gone.
func (d *device) losesMain() {
	d.t.Helper()
	eventually(d.t, "the main device is gone", func() bool { return d.must("recovery.look", object{})["online"] == false })
}

// finds tells a device where to find another one, as people do who type its address.
func (d *device) finds(other *device) {
	d.t.Helper()
	at := other.row(other)["addresses"].([]any)
	d.must("devices.addAddress", object{"id": other.id(), "address": at[0]})
	eventually(d.t, "they are connected", func() bool { return d.row(other)["online"] == true })
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
	// what the shop was given and its successor has not heard of is loss, rightly
	eventually(t, "the station knows what the shop may take", func() bool { e := station.terms(ledger.Exposure); return e.Held > 0 && e.InFlight == 0 })
	eventually(t, "they agree", func() bool { return agree(office, station) })
	station.refuses("recovery.here", "recovery.standIn", object{"withdraw": true})
	office.stop()
	station.losesMain()
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

// TestDrillLevelAbove: office and sheet burn. The street, whose key the charter
// names, appoints a station by text that people carry; somebody else's appointment,
// one for another device and one that was used before appoint nobody.
func TestDrillLevelAbove(t *testing.T) {
	street := start(t, t.TempDir())
	street.must("setup.create", object{"community": "河东街道", "parent": "", "office": "街道电脑", "operator": "街道甲", "grids": []string{}, "level": "street"})
	office := found(t)
	station, other := join(t, office, "station", "柳溪实践站"), join(t, office, "station", "河湾实践站")
	introduction := street.must("partners.list", object{})["introduction"]
	station.refuses("govern.registrar.only", "above.name", object{"text": introduction})
	office.refuses("above.own", "above.name", object{"text": office.must("partners.list", object{})["introduction"]})
	office.must("above.name", object{"text": introduction})
	for _, d := range []*device{station, other} {
		eventually(t, "they agree", func() bool { return agree(office, d) })
	}
	station.finds(other)
	station.refuses("recovery.here", "above.request", object{})
	office.stop()
	station.losesMain()
	other.losesMain()
	station.refuses("govern.standby.other", "recovery.standIn", object{"withdraw": true})
	asked := station.must("above.request", object{})
	heard := street.must("above.read", object{"text": asked["text"]})
	if heard["community"] != "柳溪社区" || heard["device"] != "柳溪实践站电脑" || heard["fingerprint"] != asked["fingerprint"] {
		t.Errorf("the street reads %v of %v", heard, asked)
	}
	street.refuses("above.fingerprint", "above.appoint", object{"text": asked["text"], "fingerprint": "1234 5678 9012 3456 7890"})
	street.refuses("above.request.bad", "above.appoint", object{"text": introduction, "fingerprint": ""})
	order := street.must("above.appoint", object{"text": asked["text"], "fingerprint": asked["fingerprint"]})["text"]
	stranger := start(t, t.TempDir())
	stranger.must("setup.create", object{"community": "河西街道", "parent": "", "office": "街道电脑", "operator": "街道乙", "grids": []string{}, "level": "street"})
	forged := stranger.must("above.appoint", object{"text": asked["text"], "fingerprint": asked["fingerprint"]})["text"]
	station.refuses("above.appointment.other", "above.takeOver", object{"text": forged, "withdraw": true})
	other.refuses("above.appointment.other", "above.takeOver", object{"text": order, "withdraw": true})
	station.refuses("above.appointment.bad", "above.takeOver", object{"text": asked["text"], "withdraw": true})

	station.must("above.takeOver", object{"text": order, "withdraw": true})
	eventually(t, "the others follow", func() bool { return other.must("recovery.look", object{})["main"] == "柳溪实践站电脑" })
	li := other.must("people.register", person("李四", "13900000002"))
	eventually(t, "the bonus is awarded", func() bool { return number(other.person(li["id"])["spendable"]) == 10 })
	station.stop()
	other.losesMain()
	other.refuses("above.appointment.other", "above.takeOver", object{"text": order, "withdraw": true})
	office = start(t, office.dir)
	eventually(t, "the office hears that it was revoked", func() bool { return office.must("app.state", object{})["revoked"] == true })
	other.sound()
}

// TestDrillOldMainOutOfADrawer: the office worked on while nobody heard of it, and let
// a station in. The standby took over. The office out of its drawer changes nothing,
// is told so, and works on as an office; the station that it let in is out until the
// new main device lets it in again in one step, and then what it recorded counts. The
// shop's certificate is signed anew by itself.
func TestDrillOldMainOutOfADrawer(t *testing.T) {
	var k clock
	office := foundBy(t, &k)
	standby := joinBy(t, office, "station", "柳溪实践站", &k)
	till := joinBy(t, office, "merchant", "惠民超市", &k)
	office.must("partners.site", object{"street": "河东街道", "district": "迎泽区", "city": "太原市"})
	office.must("merchants.scope", object{"place": place(office, "惠民超市"), "scope": "street"})
	office.must("devices.standby", object{"id": standby.id()})
	scoped := func(by *device) bool {
		c, err := standby.here()
		if err != nil {
			t.Fatal(err)
		}
		cert, ok := c.charter.ScopeOf(till.device.Load().Public())
		return ok && cert.Signer == by.device.Load().Public()
	}
	eventually(t, "the shop has its certificate", func() bool { return scoped(office) })
	eventually(t, "the shop may take points", func() bool { return standby.terms(ledger.Exposure).Held > 0 })
	eventually(t, "they agree", func() bool { return agree(office, standby) })
	standby.finds(till)

	standby.away(true)
	till.away(true)
	late := joinBy(t, office, "station", "河湾实践站", &k)
	li := late.must("people.register", person("李四", "13900000002"))
	eventually(t, "they agree", func() bool { return agree(office, late) })
	office.away(true)
	standby.away(false)
	till.away(false)
	k.ahead.Add(int64(25 * time.Hour))
	standby.must("recovery.standIn", object{"withdraw": false})
	eventually(t, "the shop's certificate is signed anew", func() bool { return scoped(standby) })
	if a := standby.alarm(alarmLate); a != nil {
		t.Errorf("it knows of a station that nobody told it of: %v", a)
	}

	office.away(false)
	eventually(t, "the office has heard of it", func() bool { return office.must("recovery.look", object{})["registrar"] == false })
	a := office.alarm(alarmReplaced)
	if a == nil || a["name"] != "柳溪实践站电脑" || number(a["params"].(object)["void"]) < 1 {
		t.Errorf("the office is not told: %v", a)
	}
	office.refuses("govern.registrar.only", "devices.revoke", object{"id": standby.id()})
	eventually(t, "the new main device knows who is out", func() bool { return standby.alarm(alarmLate) != nil })
	if a := standby.alarm(alarmLate); a["params"].(object)["names"] != "河湾实践站电脑" {
		t.Errorf("%v", a)
	}
	office.refuses("govern.registrar.only", "devices.certify", object{"ids": []string{late.id()}})
	standby.refuses("govern.device.unknown", "devices.certify", object{"ids": []string{till.id()}})
	standby.must("devices.certify", object{"ids": []string{late.id()}})
	if a := standby.alarm(alarmLate); a != nil {
		t.Errorf("it was let in, and is called late: %v", a)
	}
	var wu object
	eventually(t, "the office records under its next incarnation", func() bool {
		got, err := office.call("people.register", person("吴五", "13900000003"))
		wu = got
		return err == nil
	})
	eventually(t, "the office agrees", func() bool { return agree(standby, office) })
	late.finds(office) // which has another port now; at a real one it has the same
	eventually(t, "the station agrees", func() bool { return agree(standby, late) })
	for _, id := range []any{li["id"], wu["id"]} {
		eventually(t, "who was registered has the bonus, once", func() bool { return number(standby.person(id)["spendable"]) == 10 })
	}
	eventually(t, "nothing is stranded", func() bool { return standby.terms(ledger.Points).Stranded == 0 })
	for _, d := range []*device{standby, office, late} {
		if row := d.row(late); row["revoked"] != false || row["placeName"] != "河湾实践站" {
			t.Errorf("the station is %v", row)
		}
		d.sound()
	}
}

// TestDrillPrintTheKeyAnew: the sheet was seen by somebody. A new one is printed and
// typed back; when the office is lost then, the old sheet opens nothing, and the new
// one makes another main device, which revokes the lost one in the same step.
func TestDrillPrintTheKeyAnew(t *testing.T) {
	office := start(t, t.TempDir())
	seen := office.must("setup.create", object{"community": "柳溪社区", "parent": "", "office": "1 号电脑", "operator": "甲", "grids": []string{}})["recoveryKey"]
	station := join(t, office, "station", "柳溪实践站")
	fresh := office.must("recovery.renew", object{})["recoveryKey"]
	if office.must("setup.checkRecovery", object{"text": fresh})["ok"] != true {
		t.Fatal("the sheet that was printed anew is not taken")
	}
	eventually(t, "they agree", func() bool { return agree(office, station) })
	office.stop()
	station.losesMain()
	station.refuses("govern.recovery.other", "recovery.takeOver", object{"text": seen, "withdraw": true})
	station.must("recovery.takeOver", object{"text": fresh, "withdraw": true})
	if look := station.must("recovery.look", object{}); look["registrar"] != true || look["checked"] != true {
		t.Errorf("after taking over: %v", look)
	}
	for _, x := range station.must("devices.list", object{})["devices"].([]any) {
		if x := x.(object); x["self"] != true && x["revoked"] != true {
			t.Errorf("the lost office: %v", x)
		}
	}
	station.sound()
}

// TestDrillStolenStation: a station is stolen, and whoever has it keeps its folder and
// its key. The office revokes it: of all keyrings in the charter the thief opens those
// from before, and what is written from then on lies under a key that is in none of
// them. When it connects, it gets no more than the order that revokes it.
func TestDrillStolenStation(t *testing.T) {
	office := found(t)
	stolen := join(t, office, "station", "柳溪实践站")
	id := office.must("people.register", person("张三", "13900000001"))["id"]
	eventually(t, "they agree", func() bool { return agree(office, stolen) })
	stolen.away(true)
	had := stolen.digests()
	office.must("devices.revoke", object{"id": stolen.id()})
	office.must("people.update", object{"id": id, "fields": object{"note": "换锁之后"}})
	office.must("people.register", person("李四", "13900000002"))

	c, err := office.here()
	if err != nil {
		t.Fatal(err)
	}
	ring, err := c.charter.Keyring()
	if err != nil || ring.Current() != 2 {
		t.Fatalf("the office's keys: version %d, %v", ring.Current(), err)
	}
	opened := 0
	for _, w := range office.keyrings() {
		if got, err := govern.OpenKeyring(w, stolen.device.Load().Identity); err == nil {
			if opened++; got.Current() != 1 {
				t.Errorf("the thief has version %d", got.Current())
			}
		}
	}
	if opened == 0 {
		t.Error("the thief opens none of the charter's keyrings, not even its own")
	}
	stolen.away(false)
	eventually(t, "it hears that it was revoked", func() bool { return stolen.must("app.state", object{})["revoked"] == true })
	for doc, sum := range stolen.digests() {
		if had[doc] != sum && !strings.Contains(string(doc), "/gov/") {
			t.Errorf("it was sent more of %s", doc)
		}
	}
}

// keyrings are all wrapped keyrings that the charter ever held.
func (d *device) keyrings() (list [][]byte) {
	d.t.Helper()
	c, err := d.here()
	if err != nil {
		d.t.Fatal(err)
	}
	err = c.view(d.t.Context(), func(q store.Querier) error {
		return store.EachRow(q, func(r *sql.Rows) error {
			var raw []byte
			if err := r.Scan(&raw); err != nil {
				return err
			}
			entries, err := govern.DecodeValue(raw)
			for _, e := range entries {
				if cert, ok := e.(govern.Cert); ok && len(cert.Keyring) > 0 {
					list = append(list, cert.Keyring)
				}
			}
			return err
		}, `SELECT value FROM govern_change`)
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return list
}

// TestDrillPartnerFollows: a community that has an agreement gets another main device.
// The partner hears of it by the next letter: its agreement names the new device, with
// the terms as they were, and a certificate that this one signed counts there.
func TestDrillPartnerFollows(t *testing.T) {
	office, partner := start(t, t.TempDir()), found(t)
	key := office.must("setup.create", object{"community": "柳溪社区", "parent": "", "office": "1 号电脑", "operator": "甲", "grids": []string{}})["recoveryKey"]
	station := join(t, office, "station", "柳溪实践站")
	agreed(t, office, partner, 500, 20)
	eventually(t, "they agree", func() bool { return agree(office, station) })
	office.stop()
	station.losesMain()
	station.must("recovery.takeOver", object{"text": key, "withdraw": true})

	named := func() govern.Partner {
		c, err := partner.here()
		if err != nil {
			t.Fatal(err)
		}
		p, ok := c.charter.Partner(station.named(t))
		if !ok {
			t.Fatal("there is no agreement")
		}
		return p
	}
	before := named()
	partner.reads(t, station.letter(t, partner))
	after := named()
	if after.Device != station.device.Load().Public() || after.Recipient != station.device.Load().Recipient() {
		t.Error("the agreement names the main device of before")
	}
	after.Device, after.Recipient = before.Device, before.Recipient
	if after != before {
		t.Errorf("the terms were %+v, and are %+v", before, after)
	}
	station.reads(t, partner.letter(t, station)) // and it is the new one that can open the answer
}
