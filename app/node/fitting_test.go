package node

import (
	"fmt"
	"testing"
)

// Whose skills fit an order is offered first, with what they have done and whether they are
// free: neither who wished for it, nor who has it or declined it, nor who can do something else.
func TestFitting(t *testing.T) {
	office := found(t)
	enrol := func(n int, name, skills string) any {
		p := person(name, fmt.Sprint("1380000000", n))
		p["skills"] = skills
		return office.must("people.register", p)["id"]
	}
	elder := enrol(1, "宋玉芝", "水电维修") // who wishes for it
	zhang := enrol(2, "张三", "水电维修、开锁")
	enrol(3, "李四", "家电维修")
	enrol(4, "王五", "理发")
	zhao := enrol(5, "赵六", "维修")
	office.must("people.update", object{"id": zhao, "fields": object{"flags": []any{"away"}}})
	fitting := func(id any) (out []string) {
		t.Helper()
		for _, r := range office.must("order.fitting", object{"id": id})["rows"].([]any) {
			r := r.(object)
			out = append(out, fmt.Sprintf("%v/%v/%v/%v", r["name"], r["done"], r["open"], r["free"]))
		}
		return out
	}
	want := func(what string, id any, list string) {
		t.Helper()
		if got := fmt.Sprint(fitting(id)); got != list {
			t.Errorf("%s: %s, want %s", what, got, list)
		}
	}
	post := func(text string) any {
		w := wish(elder, "")
		w["text"] = text
		return office.must("order.post", w)["id"]
	}
	first := post("家里水电坏了")
	want("at first", first, "[张三/0/0/true 李四/0/0/true 赵六/0/0/false]")
	o := office.must("order.dispatch", object{"id": first, "kind": "person", "party": zhang, "item": "", "tell": false, "seen": ""})
	want("who has it", first, "[李四/0/0/true 赵六/0/0/false]")
	second := post("客厅的灯坏了")
	want("who has another", second, "[李四/0/0/true 张三/0/1/false 赵六/0/0/false]")
	office.must("order.done", object{"id": first, "offer": o["offer"], "minutes": 30, "helpers": []any{}})
	want("who has done one", second, "[张三/1/0/true 李四/0/0/true 赵六/0/0/false]")
	o = office.must("order.dispatch", object{"id": second, "kind": "person", "party": zhang, "item": "", "tell": false, "seen": ""})
	office.must("order.answer", object{"id": second, "offer": o["offer"], "yes": false, "why": "busy"})
	want("who declined", second, "[李四/0/0/true 赵六/0/0/false]")
	cut := wish(elder, "")
	cut["type"], cut["text"] = "理发", "请人上门"
	want("something else", office.must("order.post", cut)["id"], "[王五/0/0/true]")
	office.refuses("order.unknown", "order.fitting", object{"id": "x"})
}
