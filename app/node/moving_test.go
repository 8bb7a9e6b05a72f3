package node

import (
	"encoding/base64"
	"net/url"
	"slices"
	"testing"

	"jishan/app/zone"
)

// letter is the file that one community writes to another.
func (d *device) letter(t *testing.T, to *device) string {
	t.Helper()
	return base64.StdEncoding.EncodeToString(d.saved(t, "letter", url.Values{"to": {to.named(t)}}))
}

func (d *device) named(t *testing.T) string {
	t.Helper()
	c, err := d.here()
	if err != nil {
		t.Fatal(err)
	}
	return c.charter.Community()
}

func (d *device) reads(t *testing.T, letter string) object {
	t.Helper()
	return d.must("partners.letter", object{"file": letter})
}

// agreed makes two communities know each other, with caps for what may be unsettled in
// the first one's ledger and in the second one's.
func agreed(t *testing.T, a, b *device, ours, theirs int) {
	t.Helper()
	for _, x := range []struct {
		of, with     *device
		ours, theirs int
	}{{a, b, ours, theirs}, {b, a, theirs, ours}} {
		x.of.must("partners.agree", object{"id": "", "text": x.with.must("partners.list", object{})["introduction"], "ours": x.ours, "theirs": x.theirs, "peg": 100, "until": ""})
	}
	b.reads(t, a.letter(t, b))
	a.reads(t, b.letter(t, a))
}

func (d *device) recap(t *testing.T, with *device, ours, theirs int) {
	t.Helper()
	d.must("partners.agree", object{"id": with.named(t), "text": "", "ours": ours, "theirs": theirs, "peg": 100, "until": ""})
}

func (d *device) movers(t *testing.T, kind string) []object {
	t.Helper()
	var out []object
	for _, x := range d.must("people.movers", object{})[kind].([]any) {
		out = append(out, x.(object))
	}
	return out
}

// Somebody moves with all points: burned here, made anew there once, under the cap
// that both agreed, and the old community hears of it.
func TestMoveToAnotherCommunity(t *testing.T) {
	a, b, c := found(t), found(t), found(t)
	agreed(t, a, b, 500, 20)
	agreed(t, c, b, 500, 500)
	form := person("张三", "13900000001")
	form["opening"] = object{"lifetime": 80, "year": 50, "spendable": 30}
	id := a.must("people.register", form)["id"]
	before := number(a.person(id)["spendable"])
	if before <= 20 {
		t.Fatalf("%d points: too few to meet the cap", before)
	}
	to := b.named(t)

	look := a.must("people.moveLook", object{"id": id, "partner": to})
	if number(look["points"]) != before || look["gone"] != nil || len(look["elsewhere"].([]any)) != 0 {
		t.Errorf("what moves: %v", look)
	}
	away := object{"id": id, "partner": to, "consent": "self", "name": "张三"}
	with := func(key string, v any) object {
		out := object{}
		for k, x := range away {
			out[k] = x
		}
		out[key] = v
		return out
	}
	a.refuses("people.erase.name", "people.moveAway", with("name", "李四"))
	a.refuses("people.move.consent", "people.moveAway", with("consent", ""))
	a.refuses("people.move.agreement", "people.moveAway", with("partner", a.named(t)))
	offer := a.shelf("香皂", 1, 5)
	a.must("till.reserve", object{"person": id, "lines": []object{{"offer": offer, "n": 1}}})
	a.refuses("people.move.open", "people.moveAway", away)
	for _, r := range a.must("till.reservations", object{})["rows"].([]any) {
		a.must("till.endReservation", object{"id": r.(object)["id"], "state": "cancelled"})
	}
	volunteers := func() int64 { return number(a.must("stats.month", object{"month": ""})["volunteers"]) }
	lived := volunteers()
	gone := a.must("people.moveAway", away)
	if g := gone["gone"].(object); number(g["points"]) != before || number(g["arrived"]) != 0 || g["consent"] != "self" {
		t.Errorf("gone: %v", gone)
	}
	if p := a.person(id); number(p["spendable"]) != 0 || p["cardBlocked"] != true {
		t.Errorf("left behind: %v", p)
	}
	a.refuses("people.move.nothing", "people.moveAway", away)
	// Who moved is no volunteer here any more, and the points that went along were not deducted.
	m, y := a.addsUp(zone.Month(a.now())), a.must("year.list", object{})["years"].([]any)[0].(object)
	if volunteers() != lived-1 || m["moved"] != before || m["deducted"] != 0 || number(y["moved"]) != before || number(y["deducted"]) != 0 {
		t.Errorf("%d of %d volunteers, the month %v, the year moved %v, deducted %v", volunteers(), lived, m, y["moved"], y["deducted"])
	}
	span := a.must("stats.span", object{"from": zone.Month(a.now()), "to": zone.Month(a.now())})
	if f := span["months"].([]any)[0].(object)["figures"].(object); number(f["moved"]) != before || number(f["deducted"]) != before {
		t.Errorf("of what was deducted, moved: %v", f)
	}

	letter := a.letter(t, b)
	raw, _ := base64.StdEncoding.DecodeString(letter)
	b.refuses("bundle.damaged", "partners.letter", object{"file": base64.StdEncoding.EncodeToString(raw[:len(raw)/2])})
	c.refuses("bundle.recipient", "partners.letter", object{"file": letter})
	if got := b.reads(t, letter); number(got["moved"]) != 1 {
		t.Errorf("the letter: %v", got)
	}
	b.reads(t, a.letter(t, b)) // again, and it changes nothing
	list := b.movers(t, "arrivals")
	if len(list) != 1 || list[0]["name"] != "张三" || number(list[0]["points"]) != before || number(list[0]["missing"]) != before-20 {
		t.Fatalf("arrivals: %v", list)
	}
	burn := object{"burn": list[0]["burn"], "as": ""}
	b.refuses("people.arrive.unknown", "people.arrive", object{"burn": "00", "as": ""})
	c.refuses("people.arrive.unknown", "people.arrive", burn)
	b.refuses("people.arrive.credit", "people.arrive", burn)
	if rows := b.must("people.list", object{"q": "张三", "grid": "", "sort": "", "offset": 0, "limit": 5}); number(rows["total"]) != 0 {
		t.Errorf("registered without points: %v", rows)
	}
	a.recap(t, b, 500, 400)
	b.recap(t, a, 400, 500)
	b.reads(t, a.letter(t, b))
	reg := b.must("people.arrive", burn)
	there := b.person(reg["id"])
	old := a.person(id)
	if number(there["spendable"]) != before || there["lifetime"] != old["lifetime"] || there["year"] != old["year"] || reg["existing"] != false {
		t.Errorf("there: %v, was %v", there, old)
	}
	b.refuses("people.arrive.done", "people.arrive", burn)
	b.reads(t, letter) // replayed after the arrival
	b.refuses("people.arrive.done", "people.arrive", burn)
	if list := b.movers(t, "arrivals"); len(list) != 1 || number(list[0]["done"]) == 0 || list[0]["name"] != "张三" || list[0]["phone"] != "" {
		t.Errorf("after the arrival: %v", list)
	}
	if x := b.with(t, a); number(x["used"]) != before {
		t.Errorf("credit: %v", x)
	}

	a.reads(t, b.letter(t, a))
	if d := a.movers(t, "departures"); len(d) != 1 || number(d[0]["arrived"]) == 0 || d[0]["name"] != "张三" {
		t.Errorf("departures: %v", d)
	}
	a.sound()
	b.sound()
}

// TestMovingToAndFro: whoever comes back has what was earned, not the sum of all
// letters, however often.
func TestMovingToAndFro(t *testing.T) {
	a, b := found(t), found(t)
	agreed(t, a, b, 500, 500)
	form := person("张三", "13900000001")
	form["opening"] = object{"lifetime": 80, "year": 50, "spendable": 30}
	id := a.must("people.register", form)["id"]
	first := a.person(id)
	at, other := a, b
	var earned int64
	for round := range 5 {
		at.must("people.moveAway", object{"id": id, "partner": other.named(t), "consent": "self", "name": "张三"})
		other.reads(t, at.letter(t, other))
		list := other.movers(t, "arrivals")
		came := list[slices.IndexFunc(list, func(x object) bool { return number(x["done"]) == 0 })]
		id = other.must("people.arrive", object{"burn": came["burn"], "as": ""})["id"]
		at.reads(t, other.letter(t, at))
		at, other = other, at
		item, points := []string{"JY01", "BN02", "HJ02"}[round/2], []int64{5, 2, 2}[round/2] // at each place another one
		earned += points
		at.must("deed.record", object{"person": id, "item": item, "at": at.now(), "minutes": 0, "note": "", "witness": "", "line": ""})
		eventually(t, "the deed is paid", func() bool { return number(at.person(id)["lifetime"]) == number(first["lifetime"])+earned })
		for _, k := range []string{"lifetime", "year", "spendable"} {
			if got := at.person(id)[k]; number(got) != number(first[k])+earned {
				t.Fatalf("move %d: %s is %v, was %v, %d were earned", round+1, k, got, first[k], earned)
			}
		}
	}
	a.sound()
	b.sound()
}

func (d *device) with(t *testing.T, with *device) object {
	t.Helper()
	for _, x := range d.must("partners.list", object{})["partners"].([]any) {
		if x.(object)["id"] == with.named(t) {
			return x.(object)
		}
	}
	t.Fatal("no such partner")
	return nil
}

// Who is registered there already keeps the record, and the figures add up.
func TestMoveToWhereSomebodyIsKnown(t *testing.T) {
	a, b := found(t), found(t)
	agreed(t, a, b, 500, 500)
	form := person("李四", "13900000002")
	id := a.must("people.register", form)["id"]
	there := b.must("people.register", form)["id"]
	eventually(t, "both bonuses are booked", func() bool {
		return number(a.person(id)["spendable"]) == 10 && number(b.person(there)["spendable"]) == 10
	})
	a.must("people.moveAway", object{"id": id, "partner": b.named(t), "consent": "guardian", "name": "李四"})
	b.reads(t, a.letter(t, b))
	list := b.movers(t, "arrivals")
	if len(list) != 1 || len(list[0]["similar"].([]any)) != 1 || list[0]["consent"] != "guardian" {
		t.Fatalf("arrivals: %v", list)
	}
	b.refuses("people.unknown", "people.arrive", object{"burn": list[0]["burn"], "as": id.(string)[:1] + "0000000000000000000000000"})
	reg := b.must("people.arrive", object{"burn": list[0]["burn"], "as": ""})
	if reg["id"] != there || reg["existing"] != true {
		t.Errorf("another record: %v", reg)
	}
	if p := b.person(there); number(p["spendable"]) != 20 || number(p["lifetime"]) != 20 || number(p["year"]) != 20 {
		t.Errorf("there: %v", p)
	}
}
