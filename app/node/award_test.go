package node

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"jishan/app/ledger"
	"jishan/crdt/store"
)

// TestScenario15AwardDay: 41 people of 15 villages in one batch, in a hall without
// a network: 12,700 points for goods of CNY 2,400, to be delivered. Nobody is
// overdrawn, and a batch that is stopped goes on where it was.
func TestScenario15AwardDay(t *testing.T) {
	office := start(t, t.TempDir())
	var villages []string
	for n := range 15 {
		villages = append(villages, fmt.Sprintf("第%d村", n+1))
	}
	office.must("setup.create", object{"community": "东屏镇", "parent": "镇赉县", "office": "1 号电脑", "operator": "经办人甲", "grids": villages})
	digits := []rune("零一二三四五六七八九")
	text := "姓名\t电话\t网格\t地址\t累计积分\t年度积分\t可用积分\n"
	points := func(n int) int { // 40 x 310 + 300 = 12,700
		if n == 40 {
			return 300
		}
		return 310
	}
	for n := range 41 {
		has := points(n)
		if n == 7 {
			has-- // one point short
		}
		text += fmt.Sprintf("居民%c%c\t139%08d\t%s\t%d 号\t%d\t%d\t%d\n", digits[n/10], digits[n%10], 10_000_000+n, villages[n%15], n, has, has, has)
	}
	preview := office.must("people.rosterPreview", object{"text": text, "file": ""})
	if got := office.must("people.rosterImport", object{"token": preview["token"]}); number(got["count"]) != 41 {
		t.Fatalf("imported: %v of %v", got, preview)
	}
	var all []any
	poor := any(nil)
	for _, r := range office.must("people.list", object{"offset": 0, "limit": 100, "q": "", "grid": "", "sort": "lifetime", "desc": true})["rows"].([]any) {
		all = append(all, r.(object)["id"]) // who has 300 comes last
		if r.(object)["phoneTail"] == "0007" {
			poor = r.(object)["id"]
		}
	}
	if len(all) != 41 || poor == nil {
		t.Fatalf("%d people", len(all))
	}
	office.must("devices.pause", object{"on": true}) // the hall

	offer := func(name string, points, fen, n int) any {
		id := office.must("shop.save", object{"id": "", "name": name, "unit": "份", "kind": "goods", "points": points, "minimum": 0, "icon": "", "active": true, "code": "", "cost": fen})["id"]
		office.must("shop.receive", object{"offer": id, "n": n, "why": ""})
		return id
	}
	rice, oil := offer("大米", 310, 5_850, 40), offer("食用油", 300, 6_000, 1) // 40 x 58.50 + 60.00 = 2,400.00
	day := office.must("award.open", object{"title": "集中兑换日"})["id"]
	last := all[40]
	office.must("award.list", object{"day": day, "people": all[:40], "lines": []object{{"offer": rice, "n": 1}}, "home": true})
	office.refuses("till.stock", "award.list", object{"day": day, "people": []any{last}, "lines": []object{{"offer": rice, "n": 1}}, "home": true})
	office.must("award.list", object{"day": day, "people": []any{last}, "lines": []object{{"offer": oil, "n": 1}}, "home": true})
	office.refuses("award.title", "award.open", object{"title": " "})

	get := func() (object, []any) {
		got := office.must("award.get", object{"id": day})
		return got["day"].(object), got["gifts"].([]any)
	}
	sum, gifts := get()
	if number(sum["people"]) != 41 || number(sum["points"]) != 12_700 || number(sum["fen"]) != 240_000 || number(sum["done"]) != 0 {
		t.Fatalf("the list: %v", sum)
	}
	grids := map[any]bool{}
	for _, g := range gifts {
		grids[g.(object)["grid"]] = true
	}
	if len(grids) != 15 || gifts[0].(object)["address"] == "" {
		t.Errorf("%d villages, %v", len(grids), gifts[0])
	}
	id := map[any]any{}
	for _, g := range gifts {
		id[g.(object)["person"]] = g.(object)["id"]
	}
	office.refuses("award.notYet", "award.deliver", object{"id": id[last], "by": "送货员"})
	for _, p := range all[:20] {
		if p != poor {
			office.must("award.redeem", object{"id": id[p]})
		}
	}
	office.stop() // the machine is switched off in the middle
	office = start(t, office.dir)
	office.must("devices.pause", object{"on": true})
	office.refuses("award.done", "award.redeem", object{"id": id[all[0]]})
	office.refuses("award.done", "award.list", object{"day": day, "people": []any{all[0]}, "lines": []object{{"offer": oil, "n": 1}}, "home": false})
	office.refuses("award.done", "award.strike", object{"id": id[all[0]]})
	for _, p := range all {
		if sum, _ := get(); p != poor && (number(sum["done"]) < 19 || number(sum["done"]) > 41) {
			t.Fatal(sum)
		}
		_, err := office.call("award.redeem", object{"id": id[p]})
		_ = err // who was done before, and who is short, is refused
	}
	office.refuses("till.short", "award.redeem", object{"id": id[poor]})
	if sum, _ = get(); number(sum["done"]) != 40 || number(sum["deliver"]) != 40 {
		t.Errorf("all but one: %v", sum)
	}
	office.must("deed.record", object{"person": poor, "item": "WM01", "at": office.now(), "minutes": 30, "note": "", "witness": "", "line": ""})
	eventually(t, "the missing point is there", func() bool { return office.owing(poor, 310, 0) })
	office.must("award.redeem", object{"id": id[poor]})
	if sum, gifts = get(); number(sum["done"]) != 41 || number(sum["points"]) != 12_700 || number(sum["fen"]) != 240_000 {
		t.Errorf("the whole day: %v", sum)
	}
	for _, g := range gifts {
		if x := g.(object); number(x["here"]) != 0 || x["state"] != "done" || len(x["receipt"].(string)) != 64 {
			t.Errorf("%v", x)
		}
	}
	if today := office.must("till.today", object{"day": ""}); number(today["total"]) != 12_700 || len(today["receipts"].([]any)) != 41 {
		t.Errorf("today: %v in %d receipts", today["total"], len(today["receipts"].([]any)))
	}
	for _, o := range office.must("shop.offers", object{"all": true})["offers"].([]any) {
		if o := o.(object); number(o["stock"]) != 0 {
			t.Errorf("on the shelf: %v", o)
		}
	}
	if g := office.must("award.deliver", object{"id": id[last], "by": "送货员甲"}); g["givenBy"] != "送货员甲" || number(g["given"]) == 0 {
		t.Errorf("delivered: %v", g)
	}
	office.must("award.deliver", object{"id": id[poor], "by": "送货员甲"})
	office.must("award.deliver", object{"id": id[poor], "by": ""})
	if sum, _ = get(); number(sum["deliver"]) != 40 {
		t.Errorf("one of 41 was delivered: %v", sum)
	}
	office.sound()
}

// TestAwardDaysKeepTheirPrices: what was redeemed shows what it came to on that day,
// whatever the goods cost since; who is listed again stands there once, and so does
// somebody with two records.
func TestAwardDaysKeepTheirPrices(t *testing.T) {
	office := found(t)
	zhang, li := office.withPoints("张三", "13900000001", "30"), office.withPoints("李四", "13900000002", "30")
	offer := func(id any, points, fen int) any {
		return office.must("shop.save", object{"id": id, "name": "香皂", "unit": "块", "kind": "goods", "points": points, "minimum": 0, "icon": "", "active": true, "code": "", "cost": fen})["id"]
	}
	soap := offer("", 10, 300)
	office.must("shop.receive", object{"offer": soap, "n": 5, "why": ""})
	day := office.must("award.open", object{"title": "集中兑换日"})["id"]
	list := func(n int, who ...any) {
		office.must("award.list", object{"day": day, "people": who, "lines": []object{{"offer": soap, "n": n}}, "home": false})
	}
	list(1, zhang, li)
	list(2, zhang)
	gifts := office.must("award.get", object{"id": day})["gifts"].([]any)
	if len(gifts) != 2 {
		t.Fatalf("%d gifts", len(gifts))
	}
	for _, g := range gifts {
		if g := g.(object); g["person"] == zhang {
			office.must("award.redeem", object{"id": g["id"]})
		}
	}
	offer(soap, 15, 900)
	sum := office.must("award.get", object{"id": day})
	if d := sum["day"].(object); number(d["points"]) != 20+15 || number(d["fen"]) != 600+900 {
		t.Errorf("redeemed at 10 and 3.00, listed at 15 and 9.00: %v", d)
	}
	again := office.must("people.register", person("张叁", "13900000003"))["id"]
	office.must("people.join", object{"a": zhang, "b": again})
	eventually(t, "they are one", func() bool {
		_, err := office.call("award.list", object{"day": day, "people": []any{again}, "lines": []object{{"offer": soap, "n": 1}}, "home": false})
		return code(err) == "award.done"
	})
	list(1, li)
	if d := office.must("award.get", object{"id": day})["day"].(object); number(d["people"]) != 2 {
		t.Errorf("%v people", d["people"])
	}
}

// A day is redeemed where it was opened; another device shows how far it is.
func TestAnAwardDayAtTwoDevices(t *testing.T) {
	office := found(t)
	second := join(t, office, "station", "社区办公室")
	zhang := office.withPoints("张三", "13900000001", "30")
	soap := office.shelf("香皂", 10, 5)
	day := office.must("award.open", object{"title": "集中兑换日"})["id"]
	office.must("award.list", object{"day": day, "people": []any{zhang}, "lines": []object{{"offer": soap, "n": 2}}, "home": false})
	gift := office.must("award.get", object{"id": day})["gifts"].([]any)[0].(object)["id"]
	eventually(t, "the other computer of this place shows the day", func() bool {
		got, err := second.call("award.get", object{"id": day})
		return err == nil && got["day"].(object)["here"] == false && len(got["gifts"].([]any)) == 1
	})
	second.refuses("award.elsewhere", "award.redeem", object{"id": gift})
	second.refuses("award.elsewhere", "award.list", object{"day": day, "people": []any{zhang}, "lines": []object{{"offer": soap, "n": 1}}, "home": false})
	second.refuses("award.gift", "award.redeem", object{"id": day})
	office.must("award.redeem", object{"id": gift})
	receipt := office.must("till.today", object{"day": ""})["receipts"].([]any)[0].(object)
	office.must("ledger.undo", object{"ref": receipt["ref"]})
	if g := office.must("award.get", object{"id": day})["gifts"].([]any)[0].(object); g["state"] != "undone" || number(g["here"]) != 30 {
		t.Errorf("after the undo: %v", g)
	}
}

// An award day goes on at the device that succeeds its feed: what was redeemed stays
// so, who was not yet is redeemed now, and nobody gets anything twice.
func TestAnAwardDayGoesOnAfterANewIncarnation(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	var people []any
	for i, name := range []string{"张三", "李四"} {
		p := person(name, fmt.Sprintf("1390000000%d", i))
		p["usualPlace"] = place(office, "柳溪实践站")
		people = append(people, office.must("people.register", p)["id"])
	}
	soap := station.shelf("香皂", 5, 4)
	day := station.must("award.open", object{"title": "集中兑换日"})["id"]
	station.must("award.list", object{"day": day, "people": people, "lines": []object{{"offer": soap, "n": 1}}, "home": false})
	eventually(t, "the points are at the station", func() bool { return station.giftHere(day, people[0]) == 10 && station.giftHere(day, people[1]) == 10 })
	gifts := map[any]any{}
	for _, g := range station.must("award.get", object{"id": day})["gifts"].([]any) {
		gifts[g.(object)["person"]] = g.(object)["id"]
	}
	station.must("award.redeem", object{"id": gifts[people[0]]})
	first := station.writer()
	eventually(t, "the office has heard of it", func() bool { return office.person(people[0])["spendable"] == 5.0 })
	office.away(true)
	station.stop()
	if err := os.Remove(filepath.Join(station.dir, lockFile)); err != nil {
		t.Fatal(err)
	}
	station = start(t, station.dir)
	if station.writer() == first {
		t.Fatal("it is the same incarnation")
	}
	station.refuses("award.elsewhere", "award.redeem", object{"id": gifts[people[1]]}) // its points are not its own yet
	office.away(false)
	eventually(t, "the new incarnation has taken what lay there", func() bool { return station.giftHere(day, people[1]) == 10 })
	station.refuses("award.done", "award.redeem", object{"id": gifts[people[0]]})
	station.write(func(_ *community, tx *store.Tx) error { // as if the note were still on its way
		_, err := tx.Exec(`UPDATE shop_gift SET state = 'listed'`)
		return err
	})
	station.refuses("award.done", "award.redeem", object{"id": gifts[people[0]]})
	if g := station.must("award.redeem", object{"id": gifts[people[1]]}); g["state"] != "done" {
		t.Errorf("%v", g)
	}
	for i, p := range people {
		eventually(t, "both were redeemed once", func() bool { return number(office.person(p)["spendable"]) == 5 })
		station.refuses("award.done", "award.redeem", object{"id": gifts[people[i]]})
	}
	station.sound()
	office.sound()
}

// giftHere is what somebody on a day's list can spend at this device.
func (d *device) giftHere(day, person any) int64 {
	d.t.Helper()
	for _, g := range d.must("award.get", object{"id": day})["gifts"].([]any) {
		if g := g.(object); g["person"] == person {
			return number(g["here"])
		}
	}
	return 0
}

// TestAGiftOfTwoCopies: a station's folder was copied in the middle of an award day, and
// both machines redeemed the same gift. Wherever one looks, both redemptions are there:
// the list of the day, the gift, the alarm; both can be corrected, from any screen, and
// the gift says how it stands.
func TestAGiftOfTwoCopies(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	p := person("张三", "13900000001")
	p["usualPlace"] = place(office, "柳溪实践站")
	who := office.must("people.register", p)["id"]
	soap := station.shelf("香皂", 2, 50)
	day := station.must("award.open", object{"title": "集中兑换日"})["id"]
	station.must("award.list", object{"day": day, "people": []any{who}, "lines": []object{{"offer": soap, "n": 1}}, "home": false})
	eventually(t, "the points are at the station", func() bool { return station.giftHere(day, who) == 10 })
	gift := station.must("award.get", object{"id": day})["gifts"].([]any)[0].(object)["id"]
	eventually(t, "the list is at the office", func() bool { return station.sync("onlyHere") == 0 })

	one, two := twinsOf(t, station)
	apart(one, two, func(d *device) {
		if g := d.must("award.redeem", object{"id": gift}); g["state"] != "done" || number(g["times"]) != 1 {
			t.Fatalf("%v", g)
		}
	})
	_, running := oneStops(t, one, two)
	for _, d := range []*device{office, running} {
		eventually(t, "both histories are there", func() bool { return number(d.person(who)["spendable"]) == 6 })
	}
	eventually(t, "the other goes on as a new incarnation", func() bool { return running.buy(who, soap, 2) == nil })
	for _, d := range []*device{office, running} {
		eventually(t, "so is the purchase after them", func() bool { return number(d.person(who)["spendable"]) == 2 })
		a := d.alarm(alarmDoubled)
		if a == nil {
			t.Fatal("nobody is told")
		}
		if p := a["params"].(object); number(p["n"]) != 1 || number(p["points"]) != 2 || len(p["lines"].([]any)) != 2 || p["lines"].([]any)[1].(object)["goods"] != "香皂 × 1" {
			t.Errorf("%v", p)
		}
	}
	state := func() (state any, times, points int64) {
		x := running.must("award.get", object{"id": day})
		g := x["gifts"].([]any)[0].(object)
		return g["state"], number(g["times"]), number(x["day"].(object)["points"])
	}
	if s, n, points := state(); s != "done" || n != 2 || points != 4 {
		t.Errorf("the gift is %v, redeemed %d times, the day came to %d", s, n, points)
	}
	if list := running.must("till.today", object{"day": ""})["receipts"].([]any); len(list) != 3 {
		t.Errorf("%d receipts of the day", len(list))
	}
	for left := int64(1); left >= 0; left-- {
		var corrected any
		for _, l := range office.lines(who, "redeem") { // the office corrects what stands in either history
			if corrected == nil && l["undone"] == false && number(l["amount"]) == -2 {
				if l["correct"] != true {
					t.Fatalf("it can't be corrected: %v", l)
				}
				corrected = entryOf(l)
			}
		}
		if corrected == nil {
			t.Fatalf("none left: %v", office.lines(who, "redeem"))
		}
		office.must("correction.make", object{"hash": corrected, "reason": "只领了一次"})
		eventually(t, "the one that goes on carries it out", func() bool { _, n, _ := state(); return n == left })
	}
	if s, n, _ := state(); s != "undone" || n != 0 {
		t.Errorf("with both undone the gift is %v, %d", s, n)
	}
	for _, d := range []*device{office, running} {
		eventually(t, "the points are back, and the alarm is over", func() bool {
			return number(d.person(who)["spendable"]) == 6 && d.alarm(alarmDoubled) == nil
		})
		d.sound()
		if before := d.rows(); len(differing(before, d.rebuilds())) > 0 {
			t.Errorf("made anew other rows: %v", differing(before, d.rows()))
		}
	}
}

// TestNothingIsMadeOfALoss: two copies redeemed one gift, and the person had not enough for
// both: the rest is the community's loss. Giving one back would make points of nothing, so it
// is refused in words, at the office and at the device that could.
func TestNothingIsMadeOfALoss(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	p := person("张三", "13900000001")
	p["usualPlace"] = place(office, "柳溪实践站")
	who := office.must("people.register", p)["id"] // 10 points
	soap := station.shelf("香皂", 6, 50)
	day := station.must("award.open", object{"title": "集中兑换日"})["id"]
	station.must("award.list", object{"day": day, "people": []any{who}, "lines": []object{{"offer": soap, "n": 1}}, "home": false})
	eventually(t, "the points are at the station", func() bool { return station.giftHere(day, who) == 10 })
	gift := station.must("award.get", object{"id": day})["gifts"].([]any)[0].(object)["id"]
	eventually(t, "the list is at the office", func() bool { return station.sync("onlyHere") == 0 })
	one, two := twinsOf(t, station)
	apart(one, two, func(d *device) { d.must("award.redeem", object{"id": gift}) })
	_, running := oneStops(t, one, two)
	for _, d := range []*device{office, running} {
		eventually(t, "two points are loss", func() bool { return d.terms(ledger.Points).Loss == 2 && number(d.person(who)["spendable"]) == 0 })
		if a := d.alarm(alarmDoubled); a == nil {
			t.Error("nobody is told")
		}
	}
	sold := office.lines(who, "redeem")
	if len(sold) != 2 {
		t.Fatalf("%d redemptions", len(sold))
	}
	for _, l := range sold {
		office.refuses("ledger.undo.lost", "correction.look", object{"hash": entryOf(l)})
		office.refuses("ledger.undo.lost", "correction.make", object{"hash": entryOf(l), "reason": "只领了一次"})
		_, err := running.call("ledger.undo", object{"ref": l["ref"]})
		if c := code(err); c != "ledger.undo.lost" && c != "ledger.undo.foreign" {
			t.Errorf("undone at the device: %v", err)
		}
	}
	if n := number(office.person(who)["spendable"]); n != 0 {
		t.Errorf("%d points of nothing", n)
	}
}
