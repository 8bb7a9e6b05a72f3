package node

import (
	"testing"
)

// valid says what a till thinks of a card's QR or digits.
func (d *device) valid(text any) string {
	d.t.Helper()
	a, _ := d.must("till.scan", object{"text": text})["account"].(object)
	v, _ := a["valid"].(string)
	return v
}

// A card replaced at the office is refused at a merchant's till as soon as the
// two have met, by network or by stick, also by its digits and after a restart.
func TestReplacedCardAtAMerchant(t *testing.T) {
	office := found(t)
	merchant := join(t, office, "merchant", "惠民超市")
	id := office.must("people.register", person("王五", "13900000005"))["id"]
	old := office.must("people.card", object{"ids": []any{id}})["cards"].([]any)[0].(object)
	if v := merchant.valid(old["qr"]); v != "ok" {
		t.Fatalf("the first card: %s", v)
	}
	fresh := office.must("people.replaceCard", object{"id": id})
	eventually(t, "the merchant refuses the old card", func() bool { return merchant.valid(old["qr"]) == "blocked" })
	if v := merchant.valid(old["code"]); v != "blocked" {
		t.Errorf("the old card's digits: %s", v)
	}
	offer := merchant.must("shop.save", object{"id": "", "name": "香皂", "unit": "1 块", "kind": "goods", "points": 1, "minimum": 0, "icon": "soap", "active": true, "code": ""})
	merchant.must("shop.receive", object{"offer": offer["id"], "n": 5, "why": ""})
	merchant.refuses("till.blocked", "till.redeem", object{"person": id, "lines": []object{{"offer": offer["id"], "n": 1}}})
	if v := merchant.valid(fresh["qr"]); v != "ok" {
		t.Errorf("the new card: %s", v)
	}

	// The new card was shown here: the old one buys nothing all the same.
	if v := merchant.valid(old["qr"]); v != "blocked" {
		t.Errorf("the old card again: %s", v)
	}
	merchant.refuses("till.blocked", "till.pull", object{"person": id, "need": 1})
	merchant.refuses("till.blocked", "till.redeem", object{"person": id, "lines": []object{{"offer": offer["id"], "n": 1}}})
	merchant.refuses("till.blocked", "till.reserve", object{"person": id, "lines": []object{{"offer": offer["id"], "n": 1}}})
	if v := merchant.valid(fresh["qr"]); v != "ok" {
		t.Errorf("the new card again: %s", v)
	}
	merchant.must("till.pull", object{"person": id, "need": 1})

	merchant.must("devices.pause", object{"on": true})
	office.must("devices.pause", object{"on": true})
	third := office.must("people.replaceCard", object{"id": id})
	if v := merchant.valid(fresh["qr"]); v != "ok" {
		t.Errorf("cut off, it can't know: %s", v)
	}
	stick := t.TempDir()
	office.must("devices.exchange", object{"path": stick})
	merchant.must("devices.exchange", object{"path": stick})
	merchant.stop()
	merchant = start(t, merchant.dir)
	for _, text := range []any{old["qr"], fresh["qr"], fresh["code"]} {
		if v := merchant.valid(text); v != "blocked" {
			t.Errorf("by stick and after a restart: %v is %s", text, v)
		}
	}
	for _, text := range []any{third["qr"], third["code"]} {
		if v := merchant.valid(text); v != "ok" {
			t.Errorf("the newest card: %v is %s", text, v)
		}
	}
}

// A card reported lost is refused at the merchant's till too, by its QR and its
// digits, until a new one is issued; the old one stays refused.
func TestLostCardAtAMerchant(t *testing.T) {
	office := found(t)
	merchant := join(t, office, "merchant", "惠民超市")
	id := office.must("people.register", person("王五", "13900000005"))["id"]
	old := office.must("people.card", object{"ids": []any{id}})["cards"].([]any)[0].(object)
	if v := merchant.valid(old["qr"]); v != "ok" {
		t.Fatalf("before: %s", v)
	}
	if p := office.must("people.blockCard", object{"id": id}); p["cardBlocked"] != true {
		t.Errorf("%v", p)
	}
	if v := office.valid(old["code"]); v != "blocked" {
		t.Errorf("at the office: %s", v)
	}
	eventually(t, "the merchant refuses the lost card", func() bool { return merchant.valid(old["qr"]) == "blocked" })
	if v := merchant.valid(old["code"]); v != "blocked" {
		t.Errorf("its digits: %s", v)
	}
	offer := merchant.must("shop.save", object{"id": "", "name": "香皂", "unit": "1 块", "kind": "goods", "points": 1, "minimum": 0, "icon": "soap", "active": true, "code": ""})
	merchant.must("shop.receive", object{"offer": offer["id"], "n": 5, "why": ""})
	merchant.refuses("till.blocked", "till.redeem", object{"person": id, "lines": []object{{"offer": offer["id"], "n": 1}}})
	merchant.refuses("app.role", "people.blockCard", object{"id": id})
	office.refuses("people.unknown", "people.blockCard", object{"id": "00000000000000000000000000"})

	fresh := office.must("people.replaceCard", object{"id": id})
	if p := office.must("people.get", object{"id": id}); p["cardBlocked"] != false {
		t.Errorf("%v", p)
	}
	if v := merchant.valid(fresh["qr"]); v != "ok" {
		t.Errorf("the new card: %s", v)
	}
	if v := merchant.valid(old["qr"]); v != "blocked" {
		t.Errorf("the old card again: %s", v)
	}
}
