package node

import (
	"fmt"
	"strings"
	"testing"
)

// Who came to a meeting is counted against those who had a seat on that day: who has two
// records is one member, and whose term is over is none.
func TestCouncilMembersAndWhoCame(t *testing.T) {
	office := found(t)
	var ids []any
	for n := range 4 {
		ids = append(ids, office.must("people.register", person([]string{"李四", "王五", "赵六", "孙七"}[n], fmt.Sprint("1390000010", n)))["id"])
	}
	now := office.now()
	const day = 24 * 3_600_000
	seat := func(id any, role string, from, until int64) object {
		return object{"person": id, "role": role, "from": from, "until": until}
	}
	office.must("council.seat", seat(ids[0], "理事长", now-30*day, now+300*day))
	office.must("council.seat", seat(ids[1], "", now-30*day, now+300*day))
	office.must("council.seat", seat(ids[2], "", now-30*day, now-10*day)) // over before the meeting
	last := office.must("council.seat", seat(ids[3], "", now-30*day, now+300*day))["id"]
	office.refuses("council.seated", "council.seat", seat(ids[0], "", now, now+day))
	office.refuses("people.unknown", "council.seat", seat(strings.Repeat("0", 26), "", now, now+day))
	office.refuses("publicity.names", "council.seat", seat(ids[2], "代王五", now, now+day))
	matter := object{"title": "添长椅", "decision": "添六条", "for": 3, "against": 0, "abstain": 0, "proposal": ""}
	enter := func(at int64) any {
		return office.must("council.enter", object{"title": "议事会", "at": at, "place": "", "present": []any{ids[0], ids[2]}, "others": 3, "matters": []any{matter}, "names": ""})["id"]
	}
	meeting := func(id any) (members float64, came []string, absent []string) {
		m := office.must("council.get", object{"id": id})
		for _, p := range m["present"].([]any) {
			if p := p.(object); p["member"] == true {
				came = append(came, fmt.Sprint(p["name"], p["role"]))
			}
		}
		for _, p := range m["absent"].([]any) {
			absent = append(absent, fmt.Sprint(p.(object)["name"]))
		}
		return m["members"].(float64), came, absent
	}
	first := enter(now - 5*day)
	members, came, absent := meeting(first)
	if members != 3 || fmt.Sprint(came) != "[李四理事长]" || len(absent) != 2 {
		t.Errorf("%v members, %v came, %v didn't", members, came, absent)
	}
	office.must("council.unseat", object{"id": last, "at": now - 6*day, "reason": "搬走了"})
	office.refuses("council.seat", "council.unseat", object{"id": "x", "at": now, "reason": "搬走了"})
	if members, _, absent = meeting(first); members != 2 || fmt.Sprint(absent) != "[王五]" {
		t.Errorf("after one left: %v members, %v didn't come", members, absent)
	}
	if members, came, _ = meeting(enter(now - 20*day)); members != 4 || len(came) != 2 {
		t.Errorf("ten days before: %v members, %v came", members, came)
	}
	states := map[string]any{}
	for _, s := range office.must("council.seats", object{})["seats"].([]any) {
		s := s.(object)
		states[s["name"].(string)] = s["state"]
	}
	if fmt.Sprint(states) != "map[孙七:over 李四:force 王五:force 赵六:over]" {
		t.Errorf("%v", states)
	}
	if _, sections := office.dossierOf(ids[3]); len(sections["seats"]) != 1 || sections["seats"][0]["reason"] != "搬走了" {
		t.Errorf("the file about a member says %v", sections["seats"])
	}
	twin := office.must("people.register", person("李四", "13900000199"))["id"]
	twice := office.must("council.seat", seat(twin, "", now-30*day, now+300*day))["id"]
	if members, _, _ = meeting(first); members != 3 {
		t.Errorf("with a record of its own: %v members", members)
	}
	office.must("people.join", object{"a": ids[0], "b": twin})
	if members, came, _ = meeting(first); members != 2 || len(came) != 1 {
		t.Errorf("one person with two records: %v members, %v came", members, came)
	}
	office.must("council.unseat", object{"id": twice, "at": now - 20*day, "reason": "同一个人"})
	office.must("people.erase", object{"id": ids[1], "name": "王五"})
	if members, _, absent = meeting(first); members != 2 || len(absent) != 1 || absent[0] != "" {
		t.Errorf("after an erasure: %v members, %q", members, absent)
	}
	if text := fmt.Sprint(office.must("council.get", object{"id": first}), office.must("council.seats", object{})); strings.Contains(text, "王五") {
		t.Errorf("an erased member is named: %s", text)
	}
}

// A proposal that comes before the council is tied to the matter that decided it: desk and
// phone show the decision, until the minutes are struck.
func TestProposalDecided(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	li := office.must("people.register", person("李四", "13900000002"))["id"]
	in, err := office.phone("phone.signIn", object{"code": office.person(li)["code"], "tail": "0002"})
	if err != nil {
		t.Fatal(err)
	}
	phone := func() object {
		t.Helper()
		got, err := office.phone("phone.proposals", object{"token": in["token"]})
		if err != nil || len(got["rows"].([]any)) != 1 {
			t.Fatalf("%v, %v", got, err)
		}
		return got["rows"].([]any)[0].(object)
	}
	id := office.must("council.propose", object{"person": li, "text": "院里长椅太少"})["id"]
	office.must("council.reply", object{"id": id, "state": "council", "text": "四月上会"})
	minutes := object{"title": "四月议事会", "at": office.now() - 1000, "place": "", "present": []any{li}, "others": 4, "names": "",
		"matters": []any{object{"title": "楼道堆物", "decision": "清理", "for": 0, "against": 0, "abstain": 0, "proposal": ""}, object{"title": "添长椅", "decision": "添六条", "for": 4, "against": 1, "abstain": 0, "proposal": id}}}
	made := office.must("council.enter", minutes)["id"]
	minutes["matters"] = []any{object{"title": "x", "decision": "x", "for": 0, "against": 0, "abstain": 0, "proposal": strings.Repeat("0", 26)}}
	office.refuses("council.proposal.unknown", "council.enter", minutes)
	if n := len(office.must("council.list", object{})["meetings"].([]any)); n != 1 {
		t.Errorf("%d minutes after a refusal", n)
	}
	decision := func(row object) (state, text any) {
		d, _ := row["decision"].(object)
		if d == nil {
			return row["state"], ""
		}
		return row["state"], d["matter"].(object)["decision"]
	}
	eventually(t, "the station knows what was decided", func() bool {
		rows := station.must("council.proposals", object{})["rows"].([]any)
		if len(rows) != 1 {
			return false
		}
		state, text := decision(rows[0].(object))
		return state == "decided" && text == "添六条"
	})
	if state, text := decision(phone()); state != "council" || text != "" {
		t.Errorf("the phone reads what was not made known: %v %v", state, text)
	}
	result := office.must("publicity.post", object{"kind": "result", "title": "议事结果", "body": "添六条长椅。", "contact": "", "grid": "", "from": office.now() - 1000, "until": office.now() + 3_600_000, "about": made, "names": ""})["id"]
	row := phone()
	if state, text := decision(row); state != "decided" || text != "添六条" || row["decision"].(object)["minutes"] != "" || row["decision"].(object)["meeting"] != "四月议事会" {
		t.Errorf("the phone reads %v", row)
	}
	if d, sections := office.dossierOf(li); !strings.Contains(fmt.Sprint(sections["proposals"]), "添六条") {
		t.Errorf("the person's file says %v, %d bytes", sections["proposals"], len(d))
	}
	office.must("council.act", object{"id": made, "matter": 1, "text": "长椅已安好", "names": ""})
	if m := phone()["decision"].(object)["matter"].(object); m["action"] != "长椅已安好" {
		t.Errorf("the phone reads %v", m)
	}
	station.must("council.reply", object{"id": id, "state": "done", "text": "都安好了"})
	eventually(t, "an answer goes before the decision", func() bool { state, text := decision(phone()); return state == "done" && text == "添六条" })
	office.must("council.strike", object{"id": made, "reason": "票数记错了"})
	if state, text := decision(phone()); state != "done" || text != "" {
		t.Errorf("struck minutes decide: %v, %v", state, text)
	}
	office.refuses("publicity.off", "publicity.withdraw", object{"id": result, "reason": "议事会记录作废了"})
	quiet := office.must("council.propose", object{"person": li, "text": "路灯不亮"})["id"]
	minutes["matters"] = []any{object{"title": "路灯", "decision": "先问路灯所", "for": 0, "against": 0, "abstain": 0, "proposal": quiet}}
	office.must("council.enter", minutes)
	for _, x := range office.must("council.proposals", object{})["rows"].([]any) {
		if x := x.(object); x["id"] == quiet && x["state"] != "discussed" {
			t.Errorf("without a vote it is %v", x["state"])
		}
	}
	allAgree(t, office, station)
}
