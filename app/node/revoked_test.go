package node

import (
	"errors"
	"testing"

	"jishan/app/fault"
	"jishan/app/law"
	"jishan/app/ledger"
	"jishan/crdt/store"
)

// tillWith joins a till that holds a person's ten points.
func tillWith(t *testing.T, office *device) (till *device, reg object, soap any) {
	t.Helper()
	till = join(t, office, "merchant", "惠民超市")
	p := person("张三", "13900000001")
	p["usualPlace"] = place(office, "惠民超市")
	reg = office.must("people.register", p)
	card := office.must("people.card", object{"ids": []any{reg["id"]}})["cards"].([]any)[0].(object)
	till.must("till.scan", object{"text": card["qr"]})
	soap = till.shelf("香皂", 1, 50)
	eventually(t, "the points are at the till", func() bool { return till.spendableHere(reg) == 10 })
	eventually(t, "the office knows it", func() bool { return office.terms(ledger.Points).InFlight == 0 })
	return till, reg, soap
}

// TestRevokedTillSellsOn: a till that was revoked while nobody reached it sells
// what it holds. The office names it and how much that can be; when it is
// connected again nobody lets it in, but it hears why, and stops with words.
func TestRevokedTillSellsOn(t *testing.T) {
	office := found(t)
	till, reg, soap := tillWith(t, office)
	if a := office.alarm(alarmRevoked); a != nil {
		t.Errorf("an alarm of nothing: %v", a)
	}
	till.must("devices.pause", object{"on": true})
	id := till.must("app.state", object{})["device"].(object)["id"]
	office.must("devices.revoke", object{"id": id})
	a := office.alarm(alarmRevoked)
	if a == nil || a["device"] != id || a["name"] != "惠民超市电脑" || number(a["params"].(object)["points"]) != 10 || number(a["params"].(object)["lost"]) != 0 {
		t.Fatalf("the office is told: %v", a)
	}
	for range 4 {
		if err := till.buy(reg["id"], soap, 1); err != nil {
			t.Fatal(err)
		}
	}
	for n := range 3 { // what is ordered since is not its business any more
		office.must("limits.set", object{"till": 100 + n, "start": 100})
	}
	till.must("devices.pause", object{"on": false})
	eventually(t, "it hears that it was revoked", func() bool { return till.must("app.state", object{})["revoked"] == true })
	till.refuses("device.revoked", "till.redeem", object{"person": reg["id"], "lines": []object{{"offer": soap, "n": 1}}})
	eventually(t, "the office knows that it has stopped", func() bool { return office.alarm(alarmRevoked) == nil })
	eventually(t, "the points are at the office", func() bool { return office.spendableHere(reg) == 10 })
	eventually(t, "the office knows what it sold", func() bool { a := office.alarm(alarmSold); return a != nil && number(a["params"].(object)["n"]) == 4 })
	if got := office.alarm(alarmSold)["params"].(object); got["how"] != soldRevoked || number(got["points"]) != 4 || number(got["lost"]) != 4 {
		t.Errorf("the office is told: %v", got)
	}
	eventually(t, "the till has handed it over", func() bool {
		h, ok := till.must("app.state", object{})["handover"].(object)
		return ok && number(h["left"]) == 0 && len(h["to"].([]any)) == 1
	})
	if here, there := till.govLength(), office.govLength(); here > there-3 {
		t.Errorf("the till knows %d orders of %d, three of them younger than its revocation", here, there)
	}
	till.stop()
	till = start(t, till.dir)
	till.refuses("device.revoked", "till.redeem", object{"person": reg["id"], "lines": []object{{"offer": soap, "n": 1}}})
	office.balanced(4)
}

// TestRevokedTillHandsOver: what a till sold before it heard of its revocation comes
// to the office by itself, is named with persons and goods until somebody there has
// seen it, is booked as loss, and is paid by no settlement. A station that was away
// when the till reported hears of both from the office.
func TestRevokedTillHandsOver(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	till, reg, soap := tillWith(t, office)
	eventually(t, "all know all", func() bool {
		return station.terms(ledger.Points) == office.terms(ledger.Points) && station.terms(ledger.Points).Minted == 10
	})
	till.must("devices.pause", object{"on": true})
	id := till.must("app.state", object{})["device"].(object)["id"]
	office.must("devices.revoke", object{"id": id})
	eventually(t, "the station knows of the revocation", func() bool { return station.alarm(alarmRevoked) != nil })
	if err := till.buy(reg["id"], soap, 3); err != nil {
		t.Fatal(err)
	}
	station.must("devices.pause", object{"on": true})
	till.must("devices.pause", object{"on": false})
	eventually(t, "the office knows it all", func() bool { return office.alarm(alarmRevoked) == nil && office.alarm(alarmSold) != nil })
	lines := office.alarm(alarmSold)["params"].(object)["lines"].([]any)
	if len(lines) != 1 || lines[0].(object)["person"] != "张三" || lines[0].(object)["goods"] != "香皂 × 3" || number(lines[0].(object)["points"]) != 3 {
		t.Errorf("the sales: %v", lines)
	}
	station.must("devices.pause", object{"on": false})
	eventually(t, "the station hears of both", func() bool { return station.alarm(alarmRevoked) == nil && station.alarm(alarmSold) != nil })
	eventually(t, "it is booked to the reserve", func() bool { _, points := office.bookings(); return points == 3 })
	if office.alarm(alarmSold) == nil {
		t.Error("the alarm vanished with the booking: nobody has looked")
	}
	station.refuses("govern.registrar.only", "devices.soldSeen", object{"id": id})
	office.must("devices.soldSeen", object{"id": id})
	office.refuses("devices.sold.none", "devices.soldSeen", object{"id": id})
	eventually(t, "it is over for everybody", func() bool { return office.alarm(alarmSold) == nil && station.alarm(alarmSold) == nil })
	if p := office.person(reg["id"]); number(p["spendable"]) != 10 {
		t.Errorf("the person has %v, the loss is the community's", p["spendable"])
	}
	till.stop()
	till = start(t, till.dir)
	eventually(t, "nothing is left to hand over after a start", func() bool {
		h, ok := till.must("app.state", object{})["handover"].(object)
		return ok && number(h["left"]) == 0
	})
	office.balanced(3)
	station.balanced(3)
}

// TestBothCopiesOfARevokedTill: a till's folder was copied, both machines sold the same
// points, and the till is revoked. One hears of it and hands over; the other one comes
// later, hears of it too and hands over its own, and all sales are named.
func TestBothCopiesOfARevokedTill(t *testing.T) {
	office := found(t)
	till, reg, soap := tillWith(t, office)
	one, two := twinsOf(t, till)
	one.must("devices.pause", object{"on": true})
	two.must("devices.pause", object{"on": true})
	for d, list := range map[*device][]int{one: {1, 1, 1, 4}, two: {2, 5}} {
		for _, n := range list {
			if err := d.buy(reg["id"], soap, n); err != nil {
				t.Fatal(err)
			}
		}
	}
	id := one.must("app.state", object{})["device"].(object)["id"]
	office.must("devices.revoke", object{"id": id})
	sold := 0
	for _, x := range []struct {
		d *device
		n int
	}{{two, 2}, {one, 4}} {
		x.d.must("devices.pause", object{"on": false})
		eventually(t, "it hears that it was revoked", func() bool { return x.d.must("app.state", object{})["revoked"] == true })
		sold += x.n
		eventually(t, "the office knows what it sold", func() bool {
			a := office.alarm(alarmSold)
			return a != nil && int(number(a["params"].(object)["n"])) == sold
		})
		eventually(t, "nothing is left to hand over", func() bool {
			h, ok := x.d.must("app.state", object{})["handover"].(object)
			return ok && number(h["left"]) == 0
		})
		x.d.must("devices.pause", object{"on": true})
	}
	if got := office.alarm(alarmSold)["params"].(object); number(got["points"]) != 14 || number(got["lost"]) != 14 {
		t.Errorf("the office is told: %v", got)
	}
	office.balanced(14)
}

// TestRevokedStationHandsOver: what a station recorded before it heard of its revocation comes
// to the office by itself and counts nowhere; a station that was away then gets it from the
// office. The office says that it was honest, and it stands and is paid everywhere.
func TestRevokedStationHandsOver(t *testing.T) {
	office := found(t)
	station, west := join(t, office, "station", "柳溪实践站"), join(t, office, "station", "河湾实践站")
	old := office.must("people.register", person("居民甲", "13900000000"))["id"]
	for _, d := range []*device{station, west} {
		eventually(t, "they agree", func() bool { return d.owing(old, 10, 0) && agree(office, d) })
	}
	id := station.must("app.state", object{})["device"].(object)["id"]
	station.must("devices.pause", object{"on": true})
	late := station.must("people.register", person("居民乙", "13900000001"))["id"]
	for i, who := range []any{late, old} {
		station.must("deed.record", object{"person": who, "item": "WM01", "at": station.now() - int64(i+1)*60_000, "minutes": 60, "note": "", "witness": "", "line": ""})
	}
	office.must("devices.revoke", object{"id": id})
	eventually(t, "the other station knows of it", func() bool { return west.alarm(alarmRevoked) != nil || agree(office, west) })
	west.must("devices.pause", object{"on": true})
	station.must("devices.pause", object{"on": false})
	eventually(t, "it is at the office and masked", func() bool { return office.maskedAt()["people"] > 0 && office.maskedAt()["activity"] > 0 })
	eventually(t, "nothing is left to hand over", func() bool {
		h, ok := station.must("app.state", object{})["handover"].(object)
		return ok && number(h["left"]) == 0
	})
	if !office.owing(old, 10, 0) {
		t.Error("what a revoked device recorded counts before anybody said so")
	}
	west.must("devices.pause", object{"on": false})
	eventually(t, "the other station has it, too", func() bool { return agree(office, west) && west.maskedAt()["people"] > 0 })
	office.must("devices.count", object{"id": id})
	for _, d := range []*device{office, west} {
		eventually(t, "it stands and is paid", func() bool { return d.owing(late, 12, 0) && d.owing(old, 12, 0) })
		eventually(t, "the rows are the same", func() bool { return agree(office, d) && len(differing(office.rows(), d.rows())) == 0 })
		d.sound()
	}
}

// balanced checks the equality where so many points were lost.
func (d *device) balanced(lost int64) {
	d.t.Helper()
	for k := ledger.Points; k <= ledger.Debt; k++ {
		if t := d.terms(k); t.Difference() != 0 || t.Negative() || k == ledger.Points && t.Loss != lost {
			d.t.Errorf("%s: %+v", k, t)
		}
	}
}

// TestClosedAMomentAgo: a command at a till whose feed was closed while it was
// typed is refused with words, and the till goes on as a new incarnation.
func TestClosedAMomentAgo(t *testing.T) {
	office := found(t)
	till, reg, soap := tillWith(t, office)
	c, err := till.here()
	if err != nil {
		t.Fatal(err)
	}
	old := c.store.Self()
	c.tend.stop() // its chores have not looked yet
	o, err := office.here()
	if err != nil {
		t.Fatal(err)
	}
	err = o.write(t.Context(), func(tx *store.Tx) error {
		cuts, err := law.Cuts(tx, o.ledger, old, "test")
		if err != nil {
			return err
		}
		return o.charter.Write(tx, "govern.close", cuts...)
	})
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the till has the close", func() bool {
		s, err := c.tend.snapshot(t.Context())
		head, _, _ := s.Head()
		_, closed := s.Cuts(old, head)
		return err == nil && closed
	})
	if err := till.buy(reg["id"], soap, 1); !errors.Is(err, fault.New("device.closed")) {
		t.Errorf("a command after the close: %v", err)
	}
	eventually(t, "it goes on", func() bool { now, err := till.here(); return err == nil && now.store.Self() != old })
	eventually(t, "its rights came along", func() bool { return till.buy(reg["id"], soap, 1) == nil })
	eventually(t, "all is known", func() bool { return number(office.person(reg["id"])["spendable"]) == 9 })
	office.sound()
}
