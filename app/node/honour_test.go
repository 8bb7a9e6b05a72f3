package node

import (
	"fmt"
	"strings"
	"testing"

	"jishan/app/ledger"
	"jishan/crdt/store"
)

// aaa is the table of the reported community: AAA at 180 points a year, ten
// free meals a year.
func (d *device) aaa(place any) object {
	d.t.Helper()
	return d.must("honour.save", object{"levels": []object{
		{"id": "", "name": "AAA级信用户", "points": 180, "benefits": []object{{"id": "", "name": "免费就餐", "unit": "次", "n": 10, "place": place}}},
	}})
}

func (d *device) standing(id any) object { return d.must("honour.person", object{"person": id}) }

// meals is what a device says of a person's only benefit.
func (d *device) meals(id any) object {
	d.t.Helper()
	list := d.standing(id)["benefits"].([]any)
	if len(list) != 1 {
		d.t.Fatalf("%d benefits", len(list))
	}
	return list[0].(object)
}

func (d *device) eat(id any, n int) error {
	_, err := d.call("honour.use", object{"person": id, "benefit": "b1", "n": n})
	return err
}

// benefits are the terms of all benefits, which must add up.
func (d *device) benefits() (t ledger.Terms) {
	d.t.Helper()
	c, err := d.here()
	if err != nil {
		d.t.Fatal(err)
	}
	if err := c.view(d.t.Context(), func(q store.Querier) (err error) { t, err = c.ledger.Totals(q, ledger.Benefit); return err }); err != nil {
		d.t.Fatal(err)
	}
	if t.Difference() != 0 || t.Negative() {
		d.t.Errorf("benefits: %+v", t)
	}
	return t
}

// TestScenario11AAAAndTenMeals: 179 points a year are no AAA, 180 are; ten meals
// come with it, and the eleventh is refused at two canteens that are cut off
// from each other.
func TestScenario11AAAAndTenMeals(t *testing.T) {
	office := found(t)
	left, right := join(t, office, "merchant", "东风食堂"), join(t, office, "merchant", "桃园食堂")
	shop := join(t, office, "station", "柳溪实践站")
	li := office.withPoints("李四", "13900000002", "179")
	shop.refuses("govern.registrar.only", "honour.save", object{"levels": []object{{"id": "", "name": "A", "points": 1, "benefits": []object{}}}})
	if table := office.aaa("")["levels"].([]any); len(table) != 1 || table[0].(object)["id"] != "l1" {
		t.Fatalf("the table: %v", table)
	}
	if s := office.standing(li); s["level"] != nil || number(s["missing"]) != 1 || len(s["benefits"].([]any)) != 0 {
		t.Errorf("with 179: %v", s)
	}
	office.must("deed.record", object{"person": li, "item": "WM01", "at": office.now(), "minutes": 30, "note": "", "witness": "", "line": ""})
	for _, d := range []*device{office, shop} {
		eventually(t, "180 are AAA", func() bool {
			s := d.standing(li)
			l, _ := s["level"].(object)
			return l["name"] == "AAA级信用户" && number(l["at"]) > 0 && len(s["benefits"].([]any)) == 1
		})
		if m := d.meals(li); number(m["given"]) != 10 || number(m["left"]) != 10 {
			t.Errorf("the meals: %v", m)
		}
	}
	c, err := office.here()
	if err != nil {
		t.Fatal(err)
	}
	for range 3 { // the chore may run as often as it likes
		c.tend.once(t.Context())
	}
	if b := office.benefits(); b.Minted != 11 { // the level and ten meals
		t.Errorf("made %d", b.Minted)
	}

	// The benefits lie at the office; who shows the card makes a canteen ask.
	left.refuses("honour.short", "honour.use", object{"person": li, "benefit": "b1", "n": 1})
	for d, n := range map[*device]int{left: 6, right: 4} {
		eventually(t, "the canteen knows of it and has its meals", func() bool {
			_, err := d.call("honour.pull", object{"person": li, "benefit": "b1", "n": n})
			return err == nil && len(d.standing(li)["benefits"].([]any)) == 1 && number(d.meals(li)["here"]) == int64(n)
		})
		if m := d.meals(li); number(m["left"]) != -1 {
			t.Errorf("a till says what it can't know: %v", m)
		}
	}
	for _, d := range []*device{office, left, right, shop} {
		d.cut()
	}
	eaten := 0
	for range 11 { // in turns, until both refuse
		for _, d := range []*device{left, right} {
			if d.eat(li, 1) == nil {
				eaten++
			}
		}
	}
	if eaten != 10 {
		t.Errorf("%d meals were eaten", eaten)
	}
	for _, d := range []*device{left, right, shop} {
		d.refuses("honour.short", "honour.use", object{"person": li, "benefit": "b1", "n": 1})
		d.refuses("till.pull.offline", "honour.pull", object{"person": li, "benefit": "b1", "n": 1})
	}
	for _, d := range []*device{office, left, right, shop} {
		d.must("devices.pause", object{"on": false})
	}
	for _, d := range []*device{office, shop} {
		eventually(t, "everybody knows that none is left", func() bool {
			m := d.meals(li)
			return number(m["used"]) == 10 && number(m["left"]) == 0
		})
		d.benefits()
	}
	left.refuses("honour.short", "honour.use", object{"person": li, "benefit": "b1", "n": 1})
	rows := left.must("honour.today", object{"day": ""})["rows"].([]any)
	if len(rows) != 6 || rows[0].(object)["name"] != "免费就餐" || number(rows[0].(object)["n"]) != 1 {
		t.Fatalf("the canteen's list: %v", rows)
	}
	// A meal entered by mistake is taken back, and eaten after all.
	row := rows[0].(object)
	left.must("ledger.undo", object{"ref": object{"doc": row["doc"], "seq": row["seq"], "hash": row["hash"]}})
	if r := left.must("honour.today", object{"day": ""})["rows"].([]any)[0].(object); r["undone"] != true {
		t.Errorf("the undone meal: %v", r)
	}
	eventually(t, "the office knows of the undo", func() bool { return number(office.meals(li)["left"]) == 1 })
	if err := left.eat(li, 1); err != nil {
		t.Error(err)
	}
	left.refuses("honour.short", "honour.use", object{"person": li, "benefit": "b1", "n": 1})
	office.sound()
}

// TestBenefitsOfTwoCopies: two copies of a canteen's computer give the same meals. The
// office is told how many too many, and who ate.
func TestBenefitsOfTwoCopies(t *testing.T) {
	office := found(t)
	canteen := join(t, office, "station", "东山食堂")
	canteen.shelf("香皂", 1, 5) // something to succeed to
	office.aaa("")
	li := office.withPoints("李四", "13900000002", "180")
	for _, d := range []*device{office, canteen} {
		eventually(t, "the level is known", func() bool { return len(d.standing(li)["benefits"].([]any)) == 1 })
	}
	eventually(t, "the canteen has all meals", func() bool {
		_, err := canteen.call("honour.pull", object{"person": li, "benefit": "b1", "n": 10})
		return err == nil && number(canteen.meals(li)["here"]) == 10
	})
	eventually(t, "the office has what was written", func() bool { return canteen.sync("onlyHere") == 0 })
	one, two := twinsOf(t, canteen)
	for d, n := range map[*device]int{one: 7, two: 5} {
		d.must("devices.pause", object{"on": true})
		if err := d.eat(li, n); err != nil {
			t.Fatal(err)
		}
	}
	for _, d := range []*device{one, two} {
		d.must("devices.pause", object{"on": false})
	}
	_, running := oneStops(t, one, two)
	for _, d := range []*device{office, running} {
		eventually(t, "it is told who ate too much", func() bool { return d.alarm(alarmOvergiven) != nil })
		p := d.alarm(alarmOvergiven)["params"].(object)
		lines := p["lines"].([]any)
		if number(p["n"]) != 2 || len(lines) != 2 || lines[0].(object)["person"] != "李四" {
			t.Errorf("%v", p)
		}
		eaten := map[any]bool{lines[0].(object)["goods"]: true, lines[1].(object)["goods"]: true}
		if !eaten["免费就餐 × 7"] || !eaten["免费就餐 × 5"] {
			t.Errorf("%v", lines)
		}
		if d.alarm(alarmDoubled) != nil {
			t.Error("a benefit is no gift")
		}
	}
	office.benefits()
	eventually(t, "the one that goes on gives back none of what was given twice", func() bool {
		said := map[string]int{}
		for _, x := range running.must("honour.today", object{"day": ""})["rows"].([]any) {
			x := x.(object)
			_, err := running.call("ledger.undo", object{"ref": object{"doc": x["doc"], "seq": x["seq"], "hash": x["hash"]}})
			if err == nil {
				t.Fatalf("%v uses were taken back", x["n"])
			}
			said[code(err)]++
		}
		return said["ledger.undo.lost"] > 0
	})
}

// TestScenario11Shares: 108 of 828 households are 13.0 %, and 11,200 of 12,385
// points are 90.4 %.
func TestScenario11Shares(t *testing.T) {
	d := found(t)
	d.aaa("")
	var b strings.Builder
	b.WriteString("姓名\t电话\t户号\t累计积分\t年度积分\t可用积分")
	for i := range 828 {
		year := 179
		if i < 108 {
			year = 180
		}
		fmt.Fprintf(&b, "\n村民%s\t137%08d\t%d\t%d\t%d\t0", string(rune('一'+i)), i, i, year, year)
	}
	// Two more of a household that has it: it counts once.
	fmt.Fprintf(&b, "\n村民%s\t137%08d\t0\t200\t200\t0", string(rune('一'+900)), 900)
	preview := d.must("people.rosterPreview", object{"text": b.String(), "file": ""})
	if number(preview["good"]) != 829 {
		t.Fatalf("%v good, %v bad", preview["good"], preview["bad"])
	}
	d.must("people.rosterImport", object{"token": preview["token"]})
	var s object
	patiently(t, "all levels are awarded", func() bool {
		s = d.must("honour.stats", object{})
		return number(s["levels"].([]any)[0].(object)["people"]) == 109
	})
	l := s["levels"].([]any)[0].(object)
	if number(s["households"]) != 828 || number(l["households"]) != 108 || number(l["householdShare"]) != 130 || number(l["peopleShare"]) != 131 {
		t.Errorf("108 of 828: %v of %v: %v", l["households"], s["households"], l["householdShare"])
	}
	if number(s["share"]) != -1 {
		t.Errorf("nothing was issued: %v", s["share"])
	}
	id := d.withPoints("李四", "13900000002", "12385")
	rice := d.shelf("大米", 100, 200)
	d.must("till.redeem", object{"person": id, "lines": []object{{"offer": rice, "n": 112}}, "word": true})
	s = d.must("honour.stats", object{})
	if number(s["issued"]) != 12385 || number(s["redeemed"]) != 11200 || number(s["share"]) != 904 || number(s["left"]) != 1185 {
		t.Errorf("11,200 of 12,385: %v", s)
	}
	eventually(t, "each of 110 has a level and ten meals", func() bool { return d.benefits().Minted == 110*11 })
}

// TestHonourTable: what was given stays given when the table changes; what is no
// good is refused in words and changes nothing.
func TestHonourTable(t *testing.T) {
	d := found(t)
	d.aaa("")
	li := d.withPoints("李四", "13900000002", "185")
	eventually(t, "ten meals", func() bool {
		b := d.standing(li)["benefits"].([]any)
		return len(b) == 1 && number(b[0].(object)["left"]) == 10
	})
	level := func(id, name string, points int, benefits ...object) object {
		return object{"id": id, "name": name, "points": points, "benefits": benefits}
	}
	meal := object{"id": "b1", "name": "免费就餐", "unit": "次", "n": 12, "place": ""}
	for code, levels := range map[string][]object{
		"honour.name":     {level("l1", "", 180)},
		"honour.points":   {level("l1", "AAA", 0)},
		"honour.same":     {level("l1", "AAA", 180), level("", "AAA", 200)},
		"honour.unknown":  {level("l9", "AAA", 180)},
		"honour.times":    {level("l1", "AAA", 180, object{"id": "", "name": "饭", "unit": "次", "n": 0, "place": ""})},
		"honour.unit":     {level("l1", "AAA", 180, object{"id": "", "name": "饭", "unit": "", "n": 1, "place": ""})},
		"honour.place":    {level("l1", "AAA", 180, object{"id": "", "name": "饭", "unit": "次", "n": 1, "place": "nowhere"})},
		"honour.levels":   make([]object, 11),
		"honour.benefits": {level("l1", "AAA", 180, make([]object, 11)...)},
	} {
		for i := range levels {
			if levels[i] == nil {
				levels[i] = level("", fmt.Sprint(i), i+1)
			}
			if b := levels[i]["benefits"].([]object); len(b) == 11 {
				for k := range b {
					b[k] = object{"id": "", "name": fmt.Sprint(k), "unit": "次", "n": 1, "place": ""}
				}
			}
		}
		d.refuses(code, "honour.save", object{"levels": levels})
	}
	table := d.must("honour.save", object{"levels": []object{
		level("", "A级信用户", 100, object{"id": "", "name": "免费理发", "unit": "次", "n": 2, "place": ""}),
		level("l1", "AAA级信用户", 190, meal),
	}})["levels"].([]any)
	if len(table) != 2 || table[0].(object)["name"] != "A级信用户" || table[0].(object)["id"] != "l2" {
		t.Errorf("the new table: %v", table)
	}
	eventually(t, "the lower level comes with its own", func() bool { return len(d.standing(li)["benefits"].([]any)) == 2 })
	s := d.standing(li)
	if s["level"].(object)["name"] != "AAA级信用户" {
		t.Errorf("an awarded level stays: %v", s)
	}
	for _, b := range s["benefits"].([]any) {
		if b := b.(object); b["id"] == "b1" && number(b["given"]) != 10 {
			t.Errorf("given twice, or changed: %v", b)
		}
	}
	d.must("honour.save", object{"levels": []object{}})
	if s := d.standing(li); s["level"] != nil || len(s["benefits"].([]any)) != 0 {
		t.Errorf("without a table: %v", s)
	}
	d.refuses("honour.unknown", "honour.use", object{"person": li, "benefit": "b1", "n": 1})
	if again := d.aaa("")["levels"].([]any)[0].(object); again["id"] != "l3" {
		t.Errorf("an id was given again: %v", again)
	}
}
