package node

import (
	"errors"
	"testing"

	"jishan/app/ledger"
	"jishan/p2p"
)

// TestTwoFromOneBackup: two machines are restored from one backup of the main
// device, and there is no other staff device, only a till. Each waits for the
// till before it begins a term, so they don't begin one each: what both recorded
// alone is carried by the first staff device that meets both, and all agree.
func TestTwoFromOneBackup(t *testing.T) {
	var k clock
	office := startBy(t, t.TempDir(), k.now)
	key := foundWithKey(t, office)
	office.must("backup.folder", object{"path": t.TempDir()})
	till := joinBy(t, office, "merchant", "惠民超市", &k)
	id := office.must("app.state", object{})["device"].(object)["id"]
	file := backedUp(t, office)
	till.away(true)
	one := burnt(t, office, file, key, &k)
	two := startBy(t, t.TempDir(), k.now)
	two.must("setup.restore", object{"path": file, "key": key})
	k.ahead.Add(int64(waitForProof))
	recorded := map[*device]any{}
	for i, d := range []*device{one, two} {
		d.looks(2)
		if n := d.govTerm(); n != 1 {
			t.Fatalf("machine %d began term %d before it met the till", i, n)
		}
		recorded[d] = d.must("people.register", person("居民甲", "1390000001"+itoa(int64(i))))["id"]
	}
	two.away(true)
	till.away(false)
	till.must("devices.addAddress", object{"id": id, "address": one.at()})
	eventually(t, "the first is the main device", func() bool { return one.govTerm() == 2 && till.govTerm() == 2 })
	one.away(true) // both have one place at whoever is there
	two.away(false)
	till.must("devices.addAddress", object{"id": id, "address": two.at()})
	eventually(t, "the second knows the first's term", func() bool { return two.govTerm() >= 2 })
	one.away(false)
	till.must("devices.addAddress", object{"id": id, "address": one.at()})
	stopped, stays := oneStops(t, one, two)
	stopped.away(true)
	till.must("devices.addAddress", object{"id": id, "address": stays.at()})
	eventually(t, "the other one is the main device", func() bool { c, err := stays.here(); return err == nil && c.tend.registrar() })
	eventually(t, "the till agrees with the one that goes on", func() bool { return till.govLength() == stays.govLength() && till.govTerm() == stays.govTerm() })

	station := joinBy(t, stays, "station", "柳溪实践站", &k)
	stays.away(true)
	stopped.away(false)
	station.must("devices.addAddress", object{"id": id, "address": stopped.at()})
	has := func(d *device, id any) bool {
		got, err := d.call("people.get", object{"id": id})
		return err == nil && got["name"] != ""
	}
	eventually(t, "the first staff device that comes takes what the other recorded alone", func() bool { return has(station, recorded[stopped]) })
	stopped.stop()
	stays.away(false)
	station.must("devices.addAddress", object{"id": id, "address": stays.at()})
	for _, d := range []*device{stays, station} {
		eventually(t, "and passes it on", func() bool { return has(d, recorded[one]) && has(d, recorded[two]) })
	}
	eventually(t, "their documents are equal", func() bool { return agree(stays, station) })
	for k := ledger.Points; k <= ledger.Debt; k++ {
		if sum := stays.terms(k); sum.Difference() != 0 || sum.Negative() {
			t.Errorf("%s: %+v", k, sum)
		}
	}
}

// TestTwoTermsOfOne: two machines are restored from one backup of an office that
// had no other device, and each begins the same term: nobody is there to ask.
// What is promised then: who joined one of them never mixes with the other, each
// keeps all that it recorded, and the books of each are right.
func TestTwoTermsOfOne(t *testing.T) {
	var k clock
	office := startBy(t, t.TempDir(), k.now)
	key := foundWithKey(t, office)
	office.must("backup.folder", object{"path": t.TempDir()})
	file := backedUp(t, office)
	one := burnt(t, office, file, key, &k)
	two := startBy(t, t.TempDir(), k.now)
	two.must("setup.restore", object{"path": file, "key": key})
	k.ahead.Add(int64(waitForProof))
	recorded := map[*device]any{}
	for i, d := range []*device{one, two} {
		eventually(t, "nobody is there to ask", func() bool { return d.govTerm() == 2 })
		recorded[d] = d.must("people.register", person("居民甲", "1390000001"+itoa(int64(i))))["id"]
	}
	id := one.must("app.state", object{})["device"].(object)["id"]
	station := joinBy(t, one, "station", "柳溪实践站", &k)
	has := func(d *device, id any) bool {
		got, err := d.call("people.get", object{"id": id})
		return err == nil && number(got["spendable"]) == 10
	}
	eventually(t, "the station follows the first", func() bool { return has(station, recorded[one]) })

	one.away(true)
	station.must("devices.addAddress", object{"id": id, "address": two.at()})
	c, err := station.here()
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the second has refused the station", func() bool { return errors.Is(c.mesh.now().LastError(one.device.Load().Public()), p2p.ErrNotMember) })
	one.away(false)
	station.must("devices.addAddress", object{"id": id, "address": one.at()})
	eventually(t, "the station agrees with the first as before", func() bool { return agree(one, station) })
	if has(station, recorded[two]) || has(one, recorded[two]) || has(two, recorded[one]) {
		t.Error("the two histories were mixed")
	}
	if !has(two, recorded[two]) || !has(one, recorded[one]) {
		t.Error("what one of them recorded is gone")
	}
	for _, d := range []*device{one, two, station} {
		d.sound()
	}
}
