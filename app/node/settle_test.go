package node

import (
	"io"
	"net/url"
	"testing"

	"jishan/app/settle"
	"jishan/app/zone"
	"jishan/crdt/store"
)

// A shop sells at its own till; the office settles, writes the bank's sheet and
// notes the payment; the shop reads its own and nobody else's.
func TestMerchantIsSettled(t *testing.T) {
	office := found(t)
	shop := join(t, office, "merchant", "便民超市")
	other := join(t, office, "merchant", "理发店")
	who := office.must("people.register", person("张三", "13800000001"))["id"]
	sell := func(points int64) {
		t.Helper()
		offer := shop.must("shop.save", object{"id": "", "name": "理发", "unit": "1 次", "kind": "service", "points": points, "minimum": 0, "icon": "", "active": true, "code": ""})["id"]
		card := office.must("people.card", object{"ids": []any{who}})["cards"].([]any)[0].(object)["qr"]
		eventually(t, "the points are at the till", func() bool {
			out, err := shop.call("till.scan", object{"text": card})
			if err != nil || out["account"] == nil {
				return false
			}
			_, _ = shop.call("till.pull", object{"person": who, "need": points})
			_, err = shop.call("till.redeem", object{"person": who, "lines": []any{object{"offer": offer, "n": 1}}})
			return err == nil
		})
	}
	sell(5)
	of := func(d *device) object {
		t.Helper()
		return d.must("settle.list", object{})["merchants"].([]any)[0].(object)
	}
	eventually(t, "the office knows it", func() bool { return number(of(office)["due"].(object)["later"]) == 5 })
	place := of(office)["place"]
	office.refuses("settle.peg", "settle.make", object{"place": place, "today": true})
	office.must("settings.save", object{"unitFen": 150})
	if made := office.must("settle.make", object{"place": "", "today": false})["made"].([]any); len(made) != 0 {
		t.Fatalf("today is not over: %v", made)
	}
	office.must("settle.terms", object{"place": place, "payee": "便民超市个体户", "account": "6228 4800 0000 0001", "bank": "农业银行", "peg": 0})
	made := office.must("settle.make", object{"place": place, "today": true})["made"].([]any)
	if len(made) != 1 || number(made[0].(object)["pay"]) != 750 || made[0].(object)["account"] != "6228480000000001" {
		t.Fatalf("%v", made)
	}
	if again := office.must("settle.make", object{"place": place, "today": true})["made"].([]any); len(again) != 0 {
		t.Fatalf("twice: %v", again)
	}
	id := made[0].(object)["id"]
	f, err := office.File(t.Context(), "settle.xlsx", url.Values{})
	if err != nil {
		t.Fatal(err)
	}
	if b, err := io.ReadAll(f.Body); err != nil || len(b) < 1000 {
		t.Fatalf("%d bytes: %v", len(b), err)
	}
	if _, err := office.File(t.Context(), "settle.xlsx", url.Values{"without": {id.(string)}}); err == nil {
		t.Error("the sheet holds what was not ticked")
	}
	office.must("settle.paid", object{"ids": []any{id}, "reference": " ABC-1 "})
	office.refuses("settle.paid", "settle.paid", object{"ids": []any{id}, "reference": "ABC-1"})
	money := office.must("fund.get", object{"year": ""})
	spent := money["entries"].([]any)
	if len(spent) != 1 || spent[0].(object)["kind"] != "settle" || number(spent[0].(object)["fen"]) != 750 || spent[0].(object)["who"] != "便民超市" || spent[0].(object)["voucher"] != "ABC-1" ||
		number(money["left"]) != -750 || number(money["cover"].(object)["owedFen"]) != 0 {
		t.Errorf("what was paid does not stand in the money, once: %v", money)
	}
	office.refuses("settle.unknown", "settle.paid", object{"ids": []any{"zz"}, "reference": "ABC-1"})
	eventually(t, "the shop reads that it was paid", func() bool {
		rows := shop.must("settle.history", object{"place": "", "offset": 0, "limit": 10})["rows"].([]any)
		return len(rows) == 1 && rows[0].(object)["reference"] == "ABC-1"
	})
	sheet := shop.must("settle.sheet", object{"id": id})
	if lines := sheet["lines"].([]any); sheet["complete"] != true || len(lines) != 1 || number(lines[0].(object)["fen"]) != 750 {
		t.Errorf("%v", sheet)
	}
	if m := of(shop); m["name"] != "便民超市" || number(m["paidFen"]) != 750 || number(m["due"].(object)["number"]) != 0 {
		t.Errorf("%v", m)
	}
	shop.refuses("app.role", "settle.make", object{"place": place, "today": true})
	other.refuses("settle.unknown", "settle.sheet", object{"id": id})
	if m := of(other); m["name"] != "理发店" || number(m["settled"]) != 0 {
		t.Errorf("another merchant reads %v", m)
	}
	if _, err := office.File(t.Context(), "settle.xlsx", url.Values{}); err == nil {
		t.Error("an empty sheet for the bank")
	}
}

// The registrar's computer settles yesterday by itself, once.
func TestYesterdayIsSettledByItself(t *testing.T) {
	office := found(t)
	office.must("settings.save", object{"unitFen": 100})
	shop := join(t, office, "merchant", "便民超市")
	offer := shop.must("shop.save", object{"id": "", "name": "理发", "unit": "1 次", "kind": "service", "points": 5, "minimum": 0, "icon": "", "active": true, "code": ""})["id"]
	who := office.must("people.register", person("张三", "13800000001"))["id"]
	card := office.must("people.card", object{"ids": []any{who}})["cards"].([]any)[0].(object)["qr"]
	eventually(t, "it is redeemed", func() bool {
		if _, err := shop.call("till.scan", object{"text": card}); err != nil {
			return false
		}
		_, _ = shop.call("till.pull", object{"person": who, "need": 5})
		_, err := shop.call("till.redeem", object{"person": who, "lines": []any{object{"offer": offer, "n": 1}}})
		return err == nil
	})
	c, err := office.here()
	if err != nil {
		t.Fatal(err)
	}
	place := office.must("settle.list", object{})["merchants"].([]any)[0].(object)["place"].(string)
	now := office.now()
	_, tomorrow := zone.DayBounds(now)
	eventually(t, "the office knows it", func() bool {
		var d settle.Due
		if err := c.view(t.Context(), func(q store.Querier) (err error) {
			d, err = c.settle.Due(q, place, tomorrow, now)
			return err
		}); err != nil {
			t.Fatal(err)
		}
		return d.Points == 5
	})
	at := tomorrow + settleFrom
	for range 2 { // the second run finds nothing
		late := &tender{c: c, settled: map[string]string{}}
		if err := late.settle(t.Context(), place, zone.Day(now), tomorrow, at); err != nil {
			t.Fatal(err)
		}
		if late.settled[place] != zone.Day(now) {
			t.Error("it would be looked at again")
		}
	}
	m := office.must("settle.list", object{})["merchants"].([]any)[0].(object)
	if number(m["settled"]) != 1 || number(m["unpaidFen"]) != 500 || m["last"].(object)["operator"] != "" {
		t.Errorf("%v", m)
	}
}
