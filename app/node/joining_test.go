package node

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"jishan/app/people"
)

// card returns the QR and the digits of a person's card.
func (d *device) card(id any) object {
	d.t.Helper()
	return d.must("people.card", object{"ids": []any{id}})["cards"].([]any)[0].(object)
}

// twoRecords registers one person twice, with the ID number and with the phone, and
// returns the records, the leading one first.
func twoRecords(first, second *device) (lead, other string) {
	first.t.Helper()
	byNumber := person("张三", "")
	byNumber["idNumber"], byNumber["address"] = "110101195003072975", ""
	byPhone := person("张三", "13900000001")
	byPhone["birthday"] = "1950-03-07"
	a := first.must("people.register", byNumber)["id"].(string)
	b := second.must("people.register", byPhone)["id"].(string)
	if a == b {
		first.t.Fatal("the two are one record")
	}
	return min(a, b), max(a, b)
}

func (d *device) canSpend(id any) int64 {
	d.t.Helper()
	p, err := d.call("people.get", object{"id": id})
	if err != nil {
		return -1
	}
	return number(p["spendable"])
}

// pairOf finds the two in the list of what may be one person.
func (d *device) pairOf(a, b string) object {
	d.t.Helper()
	for _, r := range d.must("people.doubles", object{})["rows"].([]any) {
		row := r.(object)
		ids := []any{row["a"].(object)["id"], row["b"].(object)["id"]}
		if slices.Contains(ids, any(a)) && slices.Contains(ids, any(b)) {
			return row
		}
	}
	return nil
}

// One person with two records: found, asked for by a station, joined by the office,
// one everywhere; both cards buy, together, at a till that is cut off; taken apart
// again with nothing lost.
func TestTwoRecordsOfOnePerson(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "桂花实践站")
	merchant := join(t, office, "merchant", "惠民超市")
	lead, other := twoRecords(office, station)
	eventually(t, "both hold both, with their bonus", func() bool {
		return station.canSpend(lead) == 10 && office.canSpend(other) == 10
	})
	first, second := office.card(lead), office.card(other)

	row := station.pairOf(lead, other)
	if row == nil || !slices.Equal(row["reasons"].([]any), []any{"birthday"}) {
		t.Fatalf("likely doubles: %v", row)
	}
	if got := station.must("people.join", object{"a": other, "b": lead})["state"]; got != "asked" {
		t.Errorf("a station: %v", got)
	}
	eventually(t, "the office is asked", func() bool { r := office.pairOf(lead, other); return r != nil && r["ask"] != nil })
	if station.canSpend(lead) != 10 {
		t.Error("a request joined them")
	}
	if got := office.must("people.join", object{"a": lead, "b": other})["state"]; got != "joined" {
		t.Errorf("the office: %v", got)
	}
	for _, d := range []*device{office, station} {
		eventually(t, "one person with the points of both", func() bool { return d.canSpend(lead) == 20 && d.canSpend(other) == 20 })
		if p := d.person(other); p["id"] != lead || p["phone"] != "13900000001" || p["idNumber"] != "110101195003072975" {
			t.Errorf("put together: %v", p)
		}
		for _, q := range []string{"张三", "0001", "2975", first["code"].(string), second["code"].(string)} {
			list := d.must("people.list", object{"offset": 0, "limit": 10, "q": q, "grid": "", "sort": "name", "desc": false})
			if number(list["total"]) != 1 && q != second["code"] || number(list["total"]) > 1 {
				t.Errorf("search %q finds %v", q, list["total"])
			}
		}
		if n := number(d.must("people.passbook", object{"id": lead, "offset": 0, "limit": 50})["total"]); n != 2 {
			t.Errorf("lines of the passbook: %d", n)
		}
		if row := d.pairOf(lead, other); row != nil {
			t.Errorf("still a double: %v", row)
		}
	}
	if a, b := office.must("audit.report", object{})["balances"], station.must("audit.report", object{})["balances"]; a != b {
		t.Errorf("balances differ: %v %v", a, b)
	}

	offer := merchant.must("shop.save", object{"id": "", "name": "香皂", "unit": "1 块", "kind": "goods", "points": 15, "minimum": 0, "icon": "soap", "active": true, "code": ""})
	merchant.must("shop.receive", object{"offer": offer["id"], "n": 5, "why": ""})
	scan := func(card object) object {
		return merchant.must("till.scan", object{"text": card["qr"]})["account"].(object)
	}
	eventually(t, "the till knows that the second card is the first one's", func() bool { return scan(second)["person"] == lead })
	eventually(t, "the points of both come to the till", func() bool {
		got, err := merchant.call("till.pull", object{"person": lead, "need": 20})
		return err == nil && number(got["here"]) == 20
	})
	merchant.must("devices.pause", object{"on": true})
	if a := scan(second); number(a["here"]) != 20 || a["person"] != lead {
		t.Errorf("cut off: %v", a)
	}
	receipt := merchant.must("till.redeem", object{"person": lead, "lines": []object{{"offer": offer["id"], "n": 1}}})
	if number(receipt["total"]) != 15 || number(receipt["hereAfter"]) != 5 {
		t.Errorf("out of both: %v", receipt)
	}
	merchant.refuses("till.short", "till.redeem", object{"person": other, "lines": []object{{"offer": offer["id"], "n": 1}}})
	merchant.must("devices.pause", object{"on": false})
	eventually(t, "the office has met it", func() bool { return office.canSpend(lead) == 5 })

	recs := office.must("people.records", object{"ids": []any{lead}})
	if len(recs["records"].([]any)) != 2 || recs["joined"] != true {
		t.Errorf("records: %v", recs)
	}
	for _, full := range []bool{false, true} {
		list := office.must("people.records", object{"ids": []any{lead}, "full": full})["records"].([]any)
		one := list[slices.IndexFunc(list, func(x any) bool { return x.(object)["phone"] != "" })].(object) // the ids decide which leads
		if hidden := strings.Contains(one["phone"].(string), "*"); hidden == full || !strings.HasPrefix(one["phone"].(string), "1") {
			t.Errorf("asked for in full %v, the number is %v", full, one["phone"])
		}
	}
	if cards := office.person(lead)["cards"].([]any); len(cards) != 1 || cards[0].(object)["code"] == office.person(lead)["code"] {
		t.Errorf("the other record's card: %v", cards)
	}
	if tw := recs["twice"].([]any); len(tw) != 1 || len(tw[0].(object)["lines"].([]any)) != 2 {
		t.Errorf("the bonus of both is not shown: %v", tw)
	}

	if got := office.must("people.apart", object{"id": other})["state"]; got != "apart" {
		t.Errorf("apart: %v", got)
	}
	eventually(t, "two people again", func() bool {
		a, b := station.canSpend(lead), station.canSpend(other)
		return a+b == 5 && a >= 0 && b >= 0 && station.person(other)["id"] == other
	})
	if p := station.person(lead); p["phone"] == "13900000001" && p["idNumber"] != "" {
		t.Errorf("still together: %v", p)
	}
}

// A card reported lost may be either: both are refused, and one new one is printed.
func TestLostCardOfTwoRecords(t *testing.T) {
	office := found(t)
	merchant := join(t, office, "merchant", "惠民超市")
	lead, other := twoRecords(office, office)
	first, second := office.card(lead), office.card(other)
	office.must("people.join", object{"a": lead, "b": other})
	office.must("people.blockCard", object{"id": lead})
	eventually(t, "the till refuses both", func() bool {
		return merchant.valid(first["qr"]) == "blocked" && merchant.valid(second["qr"]) == "blocked"
	})
	fresh := office.must("people.replaceCard", object{"id": lead})
	eventually(t, "the till takes the new one", func() bool { return merchant.valid(fresh["qr"]) == "ok" })
	if p := office.person(other); p["cardBlocked"] != false {
		t.Errorf("the person's card: %v", p["cardBlocked"])
	}
}

// One deed that was recorded under both ids is paid once where that is known, and
// shown where it was paid before.
func TestOneDeedUnderTwoRecords(t *testing.T) {
	office := found(t)
	lead, other := twoRecords(office, office)
	item := office.must("scheme.get", object{})["items"].([]any)[0].(object)["code"]
	deed := func(id string, at int64) {
		office.must("deed.record", object{"person": id, "item": item, "at": at, "minutes": 60, "note": "", "witness": "", "line": ""})
	}
	now := office.now()
	deed(lead, now)
	deed(other, now)
	office.must("people.join", object{"a": lead, "b": other})
	before := office.canSpend(lead)
	twice := office.must("people.records", object{"ids": []any{lead}})["twice"].([]any)
	if len(twice) != 2 { // the bonus and the deed
		t.Fatalf("twice: %v", twice)
	}
	for _, tw := range twice {
		for _, l := range tw.(object)["lines"].([]any) {
			if line := l.(object); line["record"] == other {
				if line["canUndo"] != true {
					t.Errorf("no correction is offered: %v", line)
				}
				office.must("ledger.undo", object{"ref": line["ref"]})
			}
		}
	}
	if left := office.must("people.records", object{"ids": []any{lead}})["twice"].([]any); len(left) != 0 {
		t.Errorf("left: %v", left)
	}
	if after := office.canSpend(lead); after >= before {
		t.Errorf("%d, then %d", before, after)
	}
	deed(lead, now-24*3_600_000)
	paid := office.canSpend(lead)
	deed(other, now-24*3_600_000)
	if got := office.canSpend(lead); got != paid {
		t.Errorf("paid under both ids: %d, then %d", paid, got)
	}
}

// What was answered while the main device is away counts: a ninth record is refused
// with words, and not left out when the main device comes back.
func TestTooManyRecordsOfOnePerson(t *testing.T) {
	office := found(t)
	second := join(t, office, "office", "二楼办公室")
	second.must("devices.pause", object{"on": true})
	var ids []any
	for n := range 9 {
		ids = append(ids, second.must("people.register", person(fmt.Sprintf("居民%c", '甲'+rune(n)), fmt.Sprintf("1390000010%d", n)))["id"])
	}
	for _, id := range ids[1:8] {
		second.must("people.join", object{"a": ids[0], "b": id})
	}
	second.refuses("people.join.many", "people.join", object{"a": ids[0], "b": ids[8]})
	second.must("devices.pause", object{"on": false})
	c, err := second.here()
	if err != nil {
		t.Fatal(err)
	}
	first, err := people.ParseID(ids[0].(string))
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "the eight are one", func() bool { return len(c.people.IDs(first)) == 8 })
}

// Two offices that join records of one person while they are apart come to one
// person of all of them, also where those are more than each would join alone; the
// list says so, the points are one sum, and nothing of it is spent twice.
func TestTwoOfficesJoinMoreThanOneWould(t *testing.T) {
	office := found(t)
	second := join(t, office, "office", "二楼办公室")
	var ids []any
	for n := range 11 {
		ids = append(ids, office.must("people.register", person(fmt.Sprintf("居民%c", '甲'+rune(n)), fmt.Sprintf("139000001%02d", n)))["id"])
	}
	for _, id := range ids {
		eventually(t, "the second office knows them", func() bool { return second.owing(id, 10, 0) })
	}
	second.must("devices.pause", object{"on": true})
	for _, id := range ids[1:6] {
		office.must("people.join", object{"a": ids[0], "b": id})
	}
	for _, id := range ids[6:] {
		second.must("people.join", object{"a": ids[0], "b": id})
	}
	second.must("devices.pause", object{"on": false})
	for _, d := range []*device{office, second} {
		eventually(t, "all are one", func() bool { return d.owing(ids[10], 110, 0) })
		joined := d.must("people.doubles", object{})["joined"].([]any)
		if len(joined) != 1 || number(joined[0].(object)["records"]) != 11 || joined[0].(object)["many"] != true {
			t.Errorf("%v", joined)
		}
		if rows := d.must("people.doubles", object{})["rows"].([]any); len(rows) != 0 {
			t.Errorf("still waiting: %v", rows)
		}
	}
	second.refuses("people.join.many", "people.join", object{"a": ids[0], "b": second.must("people.register", person("居民新", "13900000199"))["id"]})
	office.must("deed.deduct", object{"person": ids[3], "points": 95, "reason": "占用消防通道"})
	for _, d := range []*device{office, second} {
		eventually(t, "it is taken of all of them", func() bool { return d.owing(ids[7], 15, 0) })
	}
	allAgree(t, office, second)
	office.sound()
	second.sound()
}
