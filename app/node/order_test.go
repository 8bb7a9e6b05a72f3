package node

import (
	"errors"
	"strings"
	"testing"

	"jishan/app/fault"
)

func wish(person any, once string) object {
	return object{"person": person, "type": "维修", "project": "", "text": "客厅的灯坏了", "address": "2-3-102", "phone": "13800000001", "via": "call", "once": once}
}

// state of an order at a device, "" while it is not there.
func (d *device) order(id any) object {
	o, err := d.call("order.get", object{"id": id})
	if err != nil {
		return object{}
	}
	return o
}

func TestScenario03TwoDispatchersCutOffFromEachOther(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "北门站")
	elder := office.must("people.register", person("宋玉芝", "13800000001"))["id"]
	one := office.must("people.register", person("张三", "13800000002"))["id"]
	two := office.must("people.register", person("李四", "13800000003"))["id"]
	id := station2wish(t, office, station, elder)

	station.cut()
	office.must("order.dispatch", object{"id": id, "kind": "person", "party": one, "item": "WX01", "tell": false, "seen": ""})
	station.must("order.dispatch", object{"id": id, "kind": "person", "party": two, "item": "WX01", "tell": false, "seen": ""})
	station.must("devices.pause", object{"on": false})
	for _, d := range []*device{office, station} {
		eventually(t, "both know of both dispatches", func() bool { return d.order(id)["clash"] == true })
	}
	a, b := office.order(id), station.order(id)
	winner := a["party"].(object)["name"]
	if b["party"].(object)["name"] != winner || a["lost"] == b["lost"] {
		t.Fatalf("office: %v, lost %v; station: %v, lost %v", winner, a["lost"], b["party"], b["lost"])
	}
	loser := office
	if b["lost"] == true {
		loser = station
	}
	told := false
	for _, x := range loser.must("home.get", object{})["todo"].([]any) {
		x := x.(object)
		told = told || x["kind"] == "clash" && x["title"] == winner && x["params"].(object)["lost"] == true
	}
	if !told {
		t.Error("the dispatcher who lost is not told")
	}

	offer := a["offer"]
	office.must("order.settle", object{"id": id, "offer": offer})
	office.must("order.done", object{"id": id, "offer": offer, "minutes": 30, "helpers": []any{}})
	office.must("order.review", object{"id": id, "stars": 5, "text": "好", "via": "callback"})
	eventually(t, "the points are booked at the station, too", func() bool {
		o := station.order(id)
		h, _ := o["helpers"].([]any)
		return o["clash"] == false && len(h) == 1 && h[0].(object)["awarded"] == "booked" && h[0].(object)["points"] == 3.0
	})
	served := one
	if winner == "李四" {
		served = two
	}
	lines := station.must("people.passbook", object{"id": served, "offset": 0, "limit": 10})["lines"].([]any)
	if top := lines[0].(object); top["text"] != "维修" || top["amount"] != 3.0 {
		t.Errorf("the passbook says %v", top)
	}
	office.refuses("order.stars", "order.review", object{"id": id, "stars": 5, "text": "", "via": "page"})
	office.refuses("order.span", "order.performance", object{"from": "2026-02-30", "to": ""})
}

// station2wish posts at the station and waits until the office has it.
func station2wish(t *testing.T, office, station *device, elder any) any {
	t.Helper()
	var id any
	eventually(t, "the station knows the resident", func() bool {
		o, err := station.call("order.post", wish(elder, "w1"))
		id = o["id"]
		return err == nil
	})
	eventually(t, "the office hears of it", func() bool { return office.must("order.badge", object{})["newest"] == id })
	if again := station.must("order.post", wish(elder, "w1"))["id"]; again != id {
		t.Error("a double click posted twice")
	}
	return id
}

func TestAMerchantServesAWish(t *testing.T) {
	office := found(t)
	till := join(t, office, "merchant", "水电行")
	elder := office.must("people.register", person("宋玉芝", "13800000001"))["id"]
	id := office.must("order.post", wish(elder, ""))["id"]
	shops := office.must("order.parties", object{})["merchants"].([]any)
	place := shops[0].(object)["id"]
	o := office.must("order.dispatch", object{"id": id, "kind": "merchant", "party": place, "item": "", "tell": true, "seen": ""})
	var job object
	eventually(t, "the merchant has it", func() bool {
		list := till.must("job.list", object{})["jobs"].([]any)
		if len(list) == 1 {
			job = list[0].(object)
		}
		return len(list) == 1
	})
	if job["masked"] != "宋*芝" || job["address"] != "2-3-102" || job["phone"] != "13800000001" || job["text"] != "客厅的灯坏了" || job["locked"] != false {
		t.Errorf("%v", job)
	}
	for _, name := range []string{"order.board", "order.badge", "project.list"} {
		till.refuses("app.role", name, object{})
	}
	for doc := range till.must("audit.report", object{})["documents"].(object) {
		if strings.Contains(doc, "/order/own/") {
			t.Errorf("a merchant holds %s", doc)
		}
	}
	with := func(more object) object {
		more["id"], more["offer"] = id, o["offer"]
		return more
	}
	till.must("job.answer", with(object{"yes": true, "why": ""}))
	till.must("job.reply", with(object{"text": "师傅半小时到"}))
	till.must("job.done", with(object{"minutes": 40}))
	eventually(t, "the office knows", func() bool { return office.order(id)["state"] == "served" })
	office.must("order.review", object{"id": id, "stars": 4, "text": "", "via": "desk"})
	eventually(t, "the merchant sees the stars", func() bool {
		j := till.must("job.list", object{})["jobs"].([]any)[0].(object)
		return j["stars"] == 4.0 && j["state"] == "closed"
	})
}

func TestAWishFromThePhone(t *testing.T) {
	d := found(t)
	enter := func(name, phone, tail string) (id, token any) {
		t.Helper()
		id = d.must("people.register", person(name, phone))["id"]
		in, err := d.phone("phone.signIn", object{"code": d.person(id)["code"], "tail": tail})
		if err != nil {
			t.Fatal(err)
		}
		return id, in["token"]
	}
	_, elder := enter("宋玉芝", "13800000001", "0001")
	fitter, hands := enter("张三", "13800000002", "0002")
	_, other := enter("李四", "13800000003", "0003")
	ask := func(token any, name string, more object) object {
		t.Helper()
		more["token"] = token
		out, err := d.phone("phone."+name, more)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		return out
	}
	refused := func(code string, token any, name string, more object) {
		t.Helper()
		more["token"] = token
		if _, err := d.phone("phone."+name, more); !errors.Is(err, fault.New(code)) {
			t.Errorf("%s: got %v, want %s", name, err, code)
		}
	}
	post := func() object {
		return object{"type": "维修", "project": "", "text": "客厅的灯坏了", "address": "2-3-102", "phone": "", "once": "page-1"}
	}
	refused("phone.signIn", "x", "postWish", post())
	id := ask(elder, "postWish", post())["id"]
	if ask(elder, "postWish", post())["id"] != id {
		t.Error("what the page sent again was posted twice")
	}
	refused("order.unknown", other, "wish", object{"id": id})
	refused("order.unknown", other, "cancelWish", object{"id": id})
	o := d.must("order.dispatch", object{"id": id, "kind": "person", "party": fitter, "item": "WX01", "tell": false, "seen": ""})
	d.must("order.reply", object{"id": id, "text": "会尽快派人到家中维修"})
	given := ask(hands, "wishes", object{})["given"].([]any)[0].(object)
	if given["address"] != "" || given["mine"] != false || given["masked"] != "宋*芝" {
		t.Errorf("before accepting: %v", given)
	}
	refused("order.unknown", other, "answerWish", object{"id": id, "offer": o["offer"], "yes": true, "why": ""})
	if w := ask(hands, "answerWish", object{"id": id, "offer": o["offer"], "yes": true, "why": ""}); w["address"] != "2-3-102" {
		t.Errorf("after accepting: %v", w)
	}
	ask(hands, "doneWish", object{"id": id, "offer": o["offer"], "minutes": 20, "with": []any{}})
	mine := ask(elder, "wishes", object{})["mine"].([]any)[0].(object)
	if mine["state"] != "served" || mine["party"] != "张*" || len(mine["steps"].([]any)) != 5 {
		t.Errorf("the resident sees %v", mine)
	}
	for _, s := range mine["steps"].([]any) {
		if s := s.(object); s["operator"] != "" || s["device"] != "" {
			t.Errorf("a phone is told who sat at which device: %v", s)
		}
	}
	ask(elder, "reviewWish", object{"id": id, "stars": 5, "text": "修得又快又好"})
	refused("order.reviewed", elder, "reviewWish", object{"id": id, "stars": 1, "text": ""})
	if w := ask(hands, "wish", object{"id": id}); w["praise"] != "修得又快又好" || w["points"] != 3.0 || w["awarded"] != "booked" {
		t.Errorf("the volunteer sees %v", w)
	}
	for i := range maxOpenWishes {
		p := post()
		p["once"] = "many-" + itoa(int64(i))
		ask(elder, "postWish", p)
	}
	p := post()
	p["once"] = "one too many"
	refused("order.many", elder, "postWish", p)
}
