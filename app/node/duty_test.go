package node

import (
	"strings"
	"testing"
)

func (d *device) duty(id any) object {
	d.t.Helper()
	for _, x := range d.must("duty.list", object{})["duties"].([]any) {
		if x := x.(object); x["id"] == id {
			return x
		}
	}
	return object{}
}

// TestDuties: a duty is taken on, done at two devices that are cut off from each other,
// corrected, handed on and ended. Its deeds are deeds like all others: paid once.
func TestDuties(t *testing.T) {
	var k clock
	k.set(2026, 11, 18, 10) // a Wednesday
	office := foundBy(t, &k)
	station := joinBy(t, office, "station", "柳溪实践站", &k)
	zhang := office.must("people.register", person("张三", "13900000001"))["id"]
	li := office.must("people.register", person("李四", "13900000002"))["id"]
	var item object
	for _, x := range office.must("scheme.get", object{})["items"].([]any) {
		if x := x.(object); x["kind"] == "time" && x["witness"] != true && item == nil {
			item = x
		}
	}
	watch := func(with object) object {
		out := object{"kind": "spot", "title": "2 号院北墙角", "place": "2 号院", "item": item["code"], "per": "week", "times": 3, "person": zhang}
		for k, v := range with {
			out[k] = v
		}
		return out
	}
	withDeductions(office)
	for want, with := range map[string]object{
		"duty.kind":           {"kind": "dog"},
		"duty.text":           {"title": strings.Repeat("长", 41)},
		"duty.times":          {"times": 8},
		"duty.item":           {"item": "KF01"},
		"scheme.item.unknown": {"item": "XX99"},
		"people.unknown":      {"person": strings.Repeat("0", 26)},
	} {
		office.refuses(want, "duty.open", watch(with))
	}
	if list := office.must("duty.list", object{})["duties"].([]any); len(list) != 0 {
		t.Fatalf("refused, and there is %v", list)
	}
	id := office.must("duty.open", watch(nil))["id"]
	eventually(t, "the station has heard of it", func() bool { return station.duty(id)["name"] == "张三" })
	if x := station.duty(id); number(x["times"]) != 3 || x["per"] != "week" || number(x["done"]) != 0 || number(x["before"]) != -1 || x["itemName"] != item["name"] || x["waits"] != false {
		t.Errorf("%v", x)
	}
	at := office.now()
	station.away(true)
	for _, d := range []*device{office, station} { // both write one and the same down
		d.must("duty.done", object{"id": id, "at": at - 3_600_000, "minutes": 60, "note": "", "witness": ""})
	}
	station.must("duty.done", object{"id": id, "at": at - 26*3_600_000, "minutes": 60, "note": "扫了落叶", "witness": ""})
	station.refuses("deed.double", "duty.done", object{"id": id, "at": at - 26*3_600_000, "minutes": 60, "note": "", "witness": ""})
	office.must("duty.hand", object{"id": id, "person": li})
	station.away(false)
	for _, d := range []*device{office, station} {
		eventually(t, "two times, and somebody else has it", func() bool {
			x := d.duty(id)
			return number(x["done"]) == 2 && x["name"] == "李四" && number(x["last"]) == at-3_600_000
		})
		eventually(t, "each was paid once", func() bool { return len(d.lines(zhang, "award")) == 2+1 }) // and the bonus
	}
	for _, l := range office.lines(zhang, "award") {
		if note, _ := l["note"].(string); strings.Contains(note, "扫了落叶") {
			office.must("correction.make", object{"hash": entryOf(l), "reason": "没有去"})
		}
	}
	for _, d := range []*device{office, station} {
		eventually(t, "what was taken back is not counted", func() bool { return number(d.duty(id)["done"]) == 1 })
	}
	k.set(2026, 11, 30, 10) // the week after next
	if x := office.duty(id); number(x["done"]) != 0 || number(x["before"]) != 0 {
		t.Errorf("a week later: %v", x)
	}
	office.must("duty.hand", object{"id": id, "person": ""})
	office.refuses("duty.nobody", "duty.done", object{"id": id, "at": office.now(), "minutes": 60, "note": "", "witness": ""})
	office.refuses("duty.text", "duty.end", object{"id": id, "reason": " "})
	office.must("duty.end", object{"id": id, "reason": "墙角改成花坛"})
	office.refuses("duty.over", "duty.end", object{"id": id, "reason": "再结束"})
	office.refuses("duty.over", "duty.hand", object{"id": id, "person": zhang})
	office.refuses("duty.over", "duty.done", object{"id": id, "at": office.now(), "minutes": 60, "note": "", "witness": ""})
	eventually(t, "the station knows why", func() bool { return station.duty(id)["why"] == "墙角改成花坛" })
	for _, d := range []*device{office, station} {
		d.sound()
		if before := d.rows(); len(differing(before, d.rebuilds())) > 0 {
			t.Errorf("made anew other rows: %v", differing(before, d.rows()))
		}
	}
}
