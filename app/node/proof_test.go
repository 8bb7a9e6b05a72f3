package node

import (
	"errors"
	"sync/atomic"
	"testing"
	"time"

	"jishan/app/fault"
)

// onPhone runs a call of the phone pages.
func (d *device) onPhone(name string, params object) object {
	d.t.Helper()
	out, err := d.through(d.phoneOpened, name, params)
	if err != nil {
		d.t.Fatalf("%s: %v", name, err)
	}
	return out
}

// soapAt puts soap on a device's shelf and returns the offer's id.
func soapAt(d *device, points int) any {
	d.t.Helper()
	offer := d.must("shop.save", object{"id": "", "name": "香皂", "unit": "1 块", "kind": "goods", "points": points, "minimum": 0, "icon": "soap", "active": true, "code": ""})
	d.must("shop.receive", object{"offer": offer["id"], "n": 100, "why": ""})
	return offer["id"]
}

func withPoints(name, phone string, n int) object {
	p := person(name, phone)
	p["opening"] = object{"lifetime": 0, "year": 0, "spendable": n}
	return p
}

// Above the community's amount a redemption needs the PIN, checked at a
// merchant's till without a network, or the keeper's word; which of them stands
// in its transaction.
func TestCardProof(t *testing.T) {
	var later atomic.Int64
	clock := func() time.Time { return time.Now().Add(time.Duration(later.Load())) }
	pass := func(d time.Duration) { later.Add(int64(d)) }
	office := found(t)
	merchant := join(t, office, "merchant", "惠民超市")
	merchant.stop()
	merchant = startBy(t, merchant.dir, clock)
	id := office.must("people.register", withPoints("王五", "13900000005", 200))["id"]
	eventually(t, "the pepper is drawn", func() bool { return office.must("card.rule", object{})["pin"] == true })
	office.refuses("people.pin.weak", "people.replaceCard", object{"id": id, "pin": "1234"})
	card := office.must("people.replaceCard", object{"id": id, "pin": "2580"})
	office.refuses("card.rule.bad", "card.setRule", object{"above": -1})
	merchant.refuses("app.role", "card.setRule", object{"above": 20})
	office.must("card.setRule", object{"above": 20})
	eventually(t, "the merchant knows amount and card", func() bool {
		return merchant.must("card.rule", object{})["above"] == float64(20) && merchant.valid(card["qr"]) == "ok"
	})
	soap := soapAt(merchant, 10)
	eventually(t, "the points are at the till", func() bool {
		return merchant.must("till.pull", object{"person": id, "need": 100})["here"].(float64) >= 100
	})
	merchant.must("devices.pause", object{"on": true}) // everything below is checked without a network

	lines := func(n int, more object) object {
		out := object{"person": id, "lines": []object{{"offer": soap, "n": n}}}
		for k, v := range more {
			out[k] = v
		}
		return out
	}
	merchant.must("till.redeem", lines(2, nil))
	_, err := merchant.call("till.redeem", lines(1, nil)) // pieces of an order count together
	if f := fault.Of(err); f.Code != "till.proof" || f.Params["pin"] != true || f.Params["above"] != int64(20) {
		t.Errorf("%v", err)
	}
	if r := merchant.must("till.redeem", lines(3, object{"pin": "2580"})); r["proof"] != "pin" {
		t.Errorf("%v", r)
	}
	if r := merchant.must("till.redeem", lines(1, object{"word": true})); r["proof"] != "keeper" {
		t.Errorf("%v", r)
	}

	// Wrong ones: two are free, then waits, kept over a restart, per card.
	for range 2 {
		merchant.refuses("till.pin.wrong", "till.redeem", lines(3, object{"pin": "2581"}))
	}
	merchant.refuses("till.pin.wait", "till.redeem", lines(3, object{"pin": "2581"}))
	merchant.refuses("till.pin.wait", "till.redeem", lines(3, object{"pin": "2580"}))
	merchant.stop()
	merchant = startBy(t, merchant.dir, clock)
	merchant.refuses("till.pin.wait", "till.redeem", lines(3, object{"pin": "2580"}))
	pass(11 * time.Second)
	if r := merchant.must("till.redeem", lines(3, object{"pin": "2580"})); r["proof"] != "pin" {
		t.Errorf("after the wait and a restart, without the card: %v", r)
	}
	for n := range len(pinWaits) {
		pass(2 * time.Minute)
		if _, err := merchant.call("till.redeem", lines(3, object{"pin": "2581"})); err == nil {
			t.Fatalf("wrong PIN %d", n)
		}
	}
	pass(29 * time.Minute)
	merchant.refuses("till.pin.wait", "till.redeem", lines(3, object{"pin": "2580"}))
	pass(2 * time.Minute)
	merchant.must("till.redeem", lines(1, object{"pin": "2580"}))

	// Staff see it in the history.
	merchant.must("devices.pause", object{"on": false})
	eventually(t, "the history says how the holder was proven", func() bool {
		proofs := map[any]int{}
		for _, l := range office.must("people.passbook", object{"id": id, "offset": 0, "limit": 50})["lines"].([]any) {
			if l := l.(object); l["kind"] == "redeem" {
				proofs[l["proof"]]++
			}
		}
		return proofs["pin"] == 3 && proofs["keeper"] == 1 && proofs[""] == 1
	})
}

// Who lost the card and has no new one redeems nothing, by whichever call the
// person is named, and no phone shows more of it.
func TestVoidCardByName(t *testing.T) {
	office := found(t)
	merchant := join(t, office, "merchant", "惠民超市")
	reg := office.must("people.register", withPoints("王五", "13900000005", 40))
	id := reg["id"]
	card := office.must("people.card", object{"ids": []any{id}})["cards"].([]any)[0].(object)
	soap := soapAt(office, 10)
	eventually(t, "the opening is booked", func() bool { return office.must("people.get", object{"id": id})["spendable"] == float64(40) })
	till := office.must("voucher.tills", object{})["tills"].([]any)[0].(object)["id"]
	slip := office.must("voucher.issue", object{"person": id, "points": 10, "till": till, "until": time.Now().AddDate(0, 0, 3).Format("2006-01-02")})
	token := office.onPhone("phone.signIn", object{"code": reg["code"], "tail": "0005"})["token"]
	office.onPhone("phone.me", object{"token": token})

	refused := func(code, name string, params object) {
		t.Helper()
		if _, err := office.through(office.phoneOpened, name, params); !errors.Is(err, fault.New(code)) {
			t.Errorf("%s: got %v, want %s", name, err, code)
		}
	}
	office.must("people.blockCard", object{"id": id})
	order := object{"person": id, "lines": []object{{"offer": soap, "n": 1}}}
	office.refuses("till.blocked", "till.redeem", order)
	office.refuses("till.blocked", "till.reserve", order)
	office.refuses("till.blocked", "till.pull", object{"person": id, "need": 1})
	office.refuses("till.blocked", "voucher.issue", object{"person": id, "points": 10, "till": till, "until": time.Now().AddDate(0, 0, 3).Format("2006-01-02")})
	refused("phone.signIn", "phone.me", object{"token": token})
	refused("phone.wrong", "phone.signIn", object{"code": reg["code"], "tail": "0005"})
	eventually(t, "the merchant was told of the lost card", func() bool { return merchant.valid(card["qr"]) == "blocked" })
	merchant.refuses("till.blocked", "till.scan", object{"text": slip["text"]})

	fresh := office.must("people.replaceCard", object{"id": id})
	refused("phone.signIn", "phone.me", object{"token": token})
	office.onPhone("phone.signIn", object{"code": fresh["code"], "tail": "0005"})
	office.must("till.redeem", order)
	eventually(t, "the voucher was left good", func() bool {
		got, err := merchant.call("till.scan", object{"text": slip["text"]})
		if err != nil && !errors.Is(err, fault.New("till.blocked")) {
			t.Fatal(err)
		}
		return err == nil && got["voucher"].(object)["points"] == float64(10)
	})
}
