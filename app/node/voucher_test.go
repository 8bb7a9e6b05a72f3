package node

import (
	"errors"
	"strings"
	"testing"
	"time"

	"jishan/app/fault"
	"jishan/app/ledger"
	"jishan/app/zone"
	"jishan/crdt/store"
)

func (d *device) cut() { d.must("devices.pause", object{"on": true}) }

// withPoints registers a person with an opening balance.
func (d *device) withPoints(name, phone, points string) any {
	d.t.Helper()
	preview := d.must("people.rosterPreview", object{"text": "姓名\t电话\t累计积分\t年度积分\t可用积分\n" + name + "\t" + phone + "\t" + points + "\t" + points + "\t" + points, "file": ""})
	d.must("people.rosterImport", object{"token": preview["token"]})
	list := d.must("people.list", object{"offset": 0, "limit": 10, "q": phone, "grid": "", "sort": "name", "desc": false})
	return list["rows"].([]any)[0].(object)["id"]
}

func (d *device) till(name string) any {
	d.t.Helper()
	for _, x := range d.must("voucher.tills", object{})["tills"].([]any) {
		if x := x.(object); x["name"] == name {
			return x["id"]
		}
	}
	d.t.Fatalf("no till %s", name)
	return nil
}

func (d *device) shelf(name string, points, n int) any {
	d.t.Helper()
	o := d.must("shop.save", object{"id": "", "name": name, "unit": "1 块", "kind": "goods", "points": points, "minimum": 0, "icon": "soap", "active": true, "code": ""})
	d.must("shop.receive", object{"offer": o["id"], "n": n, "why": ""})
	return o["id"]
}

// roomy waits until a till may hold points.
func roomy(t *testing.T, d *device) {
	t.Helper()
	eventually(t, "the till may hold points", func() bool {
		c, err := d.here()
		if err != nil {
			t.Fatal(err)
		}
		var have int64
		err = c.view(t.Context(), func(q store.Querier) (err error) {
			have, err = c.ledger.Here(q, ledger.Quota{Kind: ledger.Exposure, Subject: ledger.TillSubject(d.Node.device.Load().Public())})
			return err
		})
		return err == nil && have > 0
	})
}

func today() string { return zone.Day(time.Now().UnixMilli()) }

// The whole way: issued at the office, printed, shown at a till that has no
// network, redeemed there, and known to be used when the till comes back.
func TestVoucherAtATillWithoutNetwork(t *testing.T) {
	office := found(t)
	shop := join(t, office, "merchant", "惠民超市")
	other := join(t, office, "merchant", "龙石粮油")
	li := office.withPoints("李四", "13900000002", "95")
	soap := shop.shelf("香皂", 4, 20)
	roomy(t, shop)
	eventually(t, "the office knows its tills", func() bool { return len(office.must("voucher.tills", object{})["tills"].([]any)) == 2 })
	order := object{"person": li, "points": 30, "till": office.till("惠民超市"), "until": today()}
	for code, change := range map[string]object{
		"till.amount": {"points": 0}, "voucher.short": {"points": 96}, "voucher.till": {"till": "nobody"},
		"voucher.until": {"until": "2020-01-01"}, "people.unknown": {"person": "00000000000000000000000000"},
	} {
		bad := object{}
		for k, v := range order {
			bad[k] = v
		}
		for k, v := range change {
			bad[k] = v
		}
		office.refuses(code, "voucher.issue", bad)
	}
	shop.refuses("app.role", "voucher.issue", order)
	slip := office.must("voucher.issue", order)
	text := slip["text"].(string)
	t.Logf("%d characters", len(text))
	if slip["masked"] != "李*" || slip["till"] != "惠民超市" || number(slip["points"]) != 30 || !strings.Contains(slip["svg"].(string), "<svg") {
		t.Errorf("the slip: %v", slip)
	}
	if got := zone.Day(number(slip["until"])); got != today() {
		t.Errorf("good until %s", got)
	}
	if again := office.must("voucher.slip", object{"hash": slip["hash"]}); again["text"] != text {
		t.Error("printed again, the slip is another one")
	}
	if got := office.person(li); number(got["spendable"]) != 65 || number(got["here"]) != 65 || number(got["vouchers"]) != 30 || number(got["onTheWay"]) != 0 {
		t.Errorf("after issuing: %v", got)
	}
	if a := office.must("till.scan", object{"text": office.person(li)["code"]})["account"].(object); number(a["spendable"]) != 65 || number(a["vouchers"]) != 30 || number(a["onTheWay"]) != 0 {
		t.Errorf("at the office's till: %v", a)
	}
	_, err := office.call("voucher.issue", object{"person": li, "points": 66, "till": office.till("惠民超市"), "until": today()})
	if f := fault.Of(err); f.Code != "voucher.short" || f.Params["here"] != int64(65) || f.Params["elsewhere"] != int64(0) || f.Params["vouchers"] != int64(30) {
		t.Errorf("more than is left beside the voucher: %v", err)
	}
	shop.cut()
	_, err = other.call("till.scan", object{"text": text})
	if f := fault.Of(err); f.Code != "voucher.other" || f.Params["till"] != "惠民超市" {
		t.Errorf("at another till: %v", err)
	}
	shop.refuses("voucher.cut", "till.scan", object{"text": text[:len(text)/2]})
	shop.refuses("voucher.damaged", "till.scan", object{"text": text[:40] + "0" + text[41:60] + "ZZ" + text[62:]})
	shop.refuses("voucher.newer", "till.scan", object{"text": "JSV2" + text[4:]})
	scan := shop.must("till.scan", object{"text": text})
	account := scan["account"].(object)
	if scan["kind"] != "person" || account["masked"] != "李*" || number(account["here"]) != 30 || number(scan["voucher"].(object)["points"]) != 30 {
		t.Fatalf("at the till: %v", scan)
	}
	shop.refuses("voucher.taken", "till.scan", object{"text": text})
	receipt := shop.must("till.redeem", object{"person": li, "lines": []object{{"offer": soap, "n": 5}}})
	if number(receipt["total"]) != 20 || number(receipt["hereAfter"]) != 10 || receipt["masked"] != "李*" {
		t.Errorf("the receipt: %v", receipt)
	}
	if v := office.must("voucher.list", object{"person": li})["rows"].([]any)[0].(object); v["state"] != "open" || v["own"] != true {
		t.Errorf("while the till is away: %v", v)
	}
	shop.must("devices.pause", object{"on": false})
	eventually(t, "the office knows that it was used", func() bool {
		v := office.must("voucher.list", object{"person": ""})["rows"].([]any)[0].(object)
		return v["state"] == "used" && v["masked"] == "李*" && number(office.person(li)["spendable"]) == 75
	})
}

func TestVoucherPastItsTime(t *testing.T) {
	office := found(t)
	shop := join(t, office, "merchant", "惠民超市")
	li := office.withPoints("李四", "13900000002", "95")
	roomy(t, shop)
	order := object{"person": li, "points": 30, "till": office.till("惠民超市"), "until": today()}
	shown, kept := office.must("voucher.issue", order), office.must("voucher.issue", order)
	shop.cut()
	dir := shop.dir
	shop.stop()
	shop = startBy(t, dir, func() time.Time { return time.Now().Add(30 * time.Hour) })
	shop.cut()
	_, err := shop.call("till.scan", object{"text": shown["text"]})
	if f := fault.Of(err); f.Code != "voucher.expired" {
		t.Fatalf("past its time: %v", err)
	}
	shop.refuses("voucher.back", "till.scan", object{"text": shown["text"]})
	if a := shop.must("voucher.return", object{"text": kept["text"]}); number(a["points"]) != 30 {
		t.Errorf("sent home: %v", a)
	}
	shop.must("devices.pause", object{"on": false})
	eventually(t, "the points are home", func() bool { return number(office.person(li)["here"]) == 95 })
	for _, v := range office.must("voucher.list", object{"person": ""})["rows"].([]any) {
		if v.(object)["state"] != "returned" {
			t.Errorf("%v", v)
		}
	}
}

// A device that joined while the till was away writes a voucher: the till
// can't know it, and says so.
func TestVoucherOfAnUnknownDevice(t *testing.T) {
	office := found(t)
	shop := join(t, office, "merchant", "惠民超市")
	li := office.withPoints("李四", "13900000002", "95")
	roomy(t, shop)
	shop.cut()
	station := join(t, office, "station", "柳溪实践站")
	eventually(t, "the station knows the person", func() bool {
		_, err := station.call("people.get", object{"id": li})
		return err == nil
	})
	slip := station.must("voucher.issue", object{"person": li, "points": 5, "till": station.till("惠民超市"), "until": today()})
	t.Logf("%d characters with the station's certificate", len(slip["text"].(string)))
	shop.refuses("voucher.issuer", "till.scan", object{"text": slip["text"]})
	shop.must("devices.pause", object{"on": false})
	eventually(t, "the till knows the station", func() bool {
		_, err := shop.call("till.scan", object{"text": slip["text"]})
		return err == nil || errors.Is(err, fault.New("voucher.taken"))
	})
}

func TestVoucherOfAnotherCommunity(t *testing.T) {
	office, strange := found(t), found(t)
	shop := join(t, strange, "merchant", "惠民超市")
	join(t, office, "merchant", "龙石粮油")
	li := office.withPoints("李四", "13900000002", "95")
	eventually(t, "the office knows its till", func() bool { return len(office.must("voucher.tills", object{})["tills"].([]any)) == 1 })
	slip := office.must("voucher.issue", object{"person": li, "points": 30, "till": office.till("龙石粮油"), "until": today()})
	shop.refuses("voucher.foreign", "till.scan", object{"text": slip["text"]})
	shop.refuses("voucher.foreign", "voucher.return", object{"text": slip["text"]})
	shop.refuses("voucher.bad", "voucher.return", object{"text": "hello"})
}

// phone runs a phone page's use case.
func (d *device) phone(name string, params object) (object, error) {
	d.t.Helper()
	return d.through(d.phoneOpened, name, params)
}

func TestVoucherOnThePhone(t *testing.T) {
	office := found(t)
	shop := join(t, office, "merchant", "惠民超市")
	li := office.withPoints("李四", "13900000002", "195")
	roomy(t, shop)
	in, err := office.phone("phone.signIn", object{"code": office.person(li)["code"], "tail": "0002"})
	if err != nil {
		t.Fatal(err)
	}
	ask := object{"token": in["token"], "points": 100, "till": office.till("惠民超市"), "once": "1"}
	first, err := office.phone("phone.voucher", ask)
	if err != nil {
		t.Fatal(err)
	}
	again, err := office.phone("phone.voucher", ask) // the page heard no answer
	if err != nil || len(again["vouchers"].([]any)) != 1 || number(office.person(li)["here"]) != 95 {
		t.Errorf("sent twice: %v %v", again, err)
	}
	for code, change := range map[string]object{"voucher.phone": {"points": 101}, "phone.signIn": {"token": "x"}, "voucher.short": {"points": 96}} {
		bad := object{"token": in["token"], "points": 1, "till": ask["till"], "once": code}
		for k, v := range change {
			bad[k] = v
		}
		if _, err := office.phone("phone.voucher", bad); !errors.Is(err, fault.New(code)) {
			t.Errorf("got %v, want %s", err, code)
		}
	}
	slip := first["vouchers"].([]any)[0].(object)
	if scan := shop.must("till.scan", object{"text": slip["text"]}); number(scan["voucher"].(object)["points"]) != 100 {
		t.Errorf("at the till: %v", scan)
	}
	eventually(t, "the phone shows it no more", func() bool {
		left, err := office.phone("phone.vouchers", object{"token": in["token"]})
		return err == nil && len(left["vouchers"].([]any)) == 0
	})
}

// Points that go to somebody's usual till by themselves can be shown there, from
// the phone, where no network brought them; once, whichever way was quicker.
func TestForwardedPointsOnThePhone(t *testing.T) {
	office := found(t)
	shop := join(t, office, "merchant", "惠民超市")
	roomy(t, shop)
	shop.cut()
	p := person("李四", "13900000002")
	p["usualPlace"] = place(office, "惠民超市")
	reg := office.must("people.register", p)
	in, err := office.phone("phone.signIn", object{"code": reg["code"], "tail": "0002"})
	if err != nil {
		t.Fatal(err)
	}
	sent := func() []any {
		v, err := office.phone("phone.vouchers", object{"token": in["token"]})
		if err != nil {
			t.Fatal(err)
		}
		return v["sent"].([]any)
	}
	eventually(t, "the points are sent", func() bool { return len(sent()) == 1 })
	slip := sent()[0].(object)
	if slip["till"] != "惠民超市" || number(slip["points"]) != 10 || number(slip["until"]) != 0 {
		t.Errorf("the slip: %v", slip)
	}
	if scan := shop.must("till.scan", object{"text": slip["text"]}); number(scan["account"].(object)["here"]) != 10 {
		t.Errorf("at the till: %v", scan)
	}
	shop.refuses("voucher.taken", "till.scan", object{"text": slip["text"]})
	shop.must("devices.pause", object{"on": false})
	eventually(t, "the till is heard", func() bool { return len(sent()) == 0 })
}
