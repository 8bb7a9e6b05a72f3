package node

import (
	"fmt"
	"strings"
	"testing"

	"jishan/app/people"
)

func (d *device) selection(id any) object {
	d.t.Helper()
	return d.must("selection.get", object{"id": id})
}

func (d *device) nominee(id any, n int) object {
	d.t.Helper()
	return d.selection(id)["nominees"].([]any)[n].(object)
}

func (d *device) votes(id any, who any, lines ...int) {
	d.t.Helper()
	d.must("selection.vote", object{"id": id, "person": who, "lines": lines})
}

func (d *device) tally(id any) (out []int64) {
	d.t.Helper()
	for _, n := range d.selection(id)["nominees"].([]any) {
		out = append(out, number(n.(object)["votes"]))
	}
	return out
}

// forVote is a selection of one from two nominees, heads[0] and heads[1], that is
// open for votes at the office and at the station.
func forVote(t *testing.T, office, station *device, heads []any) any {
	t.Helper()
	id := office.must("selection.begin", object{"title": "好媳妇", "kind": "people", "places": 1, "choices": 1, "item": "PY01", "grant": 0, "days": 3, "phone": false})["id"]
	office.must("selection.nominate", object{"id": id, "person": heads[0], "name": "", "text": "照顾婆婆十年"})
	eventually(t, "the station knows the nominee", func() bool {
		got, err := station.call("selection.get", object{"id": id})
		return err == nil && len(got["nominees"].([]any)) == 1
	})
	station.refuses("selection.nominated", "selection.nominate", object{"id": id, "person": heads[0], "name": "", "text": "再推荐一次"})
	station.refuses("people.unknown", "selection.nominate", object{"id": id, "person": strings.Repeat("0", 26), "name": "", "text": "查无此人"})
	station.refuses("selection.name", "selection.nominate", object{"id": id, "person": heads[1], "name": "项目", "text": "不是项目"})
	station.must("people.update", object{"id": heads[2], "fields": object{"flags": []string{"unlisted"}}})
	station.refuses("selection.unlisted", "selection.nominate", object{"id": id, "person": heads[2], "name": "", "text": "不愿上榜"})
	station.must("selection.nominate", object{"id": id, "person": heads[1], "name": "", "text": "居民一也夸她"})
	eventually(t, "the office knows both", func() bool { return len(office.selection(id)["nominees"].([]any)) == 2 })
	station.refuses("govern.registrar.only", "selection.check", object{"id": id})
	office.refuses("selection.state", "selection.open", object{"id": id})
	office.must("selection.check", object{"id": id})
	office.refuses("selection.unchecked", "selection.open", object{"id": id})
	eventually(t, "the station checks", func() bool { return station.selection(id)["state"] == "check" })
	station.away(true)
	for n := range 2 {
		office.must("selection.judge", object{"id": id, "nominee": heads[n], "yes": true, "why": "派出所、民政都没有意见"})
	}
	station.must("selection.judge", object{"id": id, "nominee": heads[1], "yes": false, "why": "还要核实"})
	station.away(false)
	eventually(t, "both say that they differ", func() bool {
		return office.nominee(id, 1)["verdict"] == "differ" && station.nominee(id, 1)["verdict"] == "differ"
	})
	office.refuses("selection.conflict", "selection.open", object{"id": id})
	station.must("selection.judge", object{"id": id, "nominee": heads[1], "yes": true, "why": "核实过了"})
	eventually(t, "it is settled", func() bool { return office.nominee(id, 1)["verdict"] == "yes" })
	office.must("selection.open", object{"id": id})
	eventually(t, "the station takes votes", func() bool {
		return station.selection(id)["state"] == "vote" && number(station.nominee(id, 1)["line"]) == 2
	})
	return id
}

// TestSelection: seven steps. Two devices that are cut off from each other both take a
// vote of one person; one of them counts, and both show it. Two records that are one
// person have one vote. What comes after the tally is listed and counts nothing, and
// what the honour gives is claimed once.
func TestSelection(t *testing.T) {
	var k clock
	office, station, _, heads := assessed(t, &k)
	a, b := office.must("people.register", person("周七", "13900000071"))["id"], office.must("people.register", person("周琪", "13900000072"))["id"]
	eventually(t, "the station knows them", func() bool { _, err := station.call("people.get", object{"id": b}); return err == nil })
	id := forVote(t, office, station, heads)

	station.away(true)
	office.votes(id, heads[2], 1)
	office.refuses("selection.voted", "selection.vote", object{"id": id, "person": heads[2], "lines": []int{2}})
	for _, bad := range [][]int{{}, {3}, {0}, {1, 2}, {-1}} {
		office.refuses("selection.lines", "selection.vote", object{"id": id, "person": heads[0], "lines": bad})
	}
	if got := station.must("selection.voter", object{"id": id, "person": heads[2]}); got["voted"] != false {
		t.Errorf("the station knows what it can't: %v", got)
	}
	station.votes(id, heads[2], 2) // later, and something else
	office.votes(id, a, 2)
	station.votes(id, b, 2) // the same person, whom nobody has joined yet
	station.votes(id, heads[1], 2)
	station.away(false)
	eventually(t, "both have all", func() bool {
		return office.changes() == station.changes() && number(office.selection(id)["voters"]) == 4
	})
	station.refuses("selection.voted", "selection.vote", object{"id": id, "person": heads[1], "lines": []int{1}})
	office.must("people.join", object{"a": a, "b": b})
	for _, d := range []*device{office, station} {
		eventually(t, "who voted twice is shown", func() bool { return number(d.selection(id)["voters"]) == 3 })
		differ := d.selection(id)["differ"].([]any)
		if text := fmt.Sprint(differ); len(differ) != 1 || strings.Count(text, "counts:true") != 1 || !strings.Contains(text, "1 号电脑") || !strings.Contains(text, "柳溪实践站电脑") {
			t.Errorf("whose devices differ: %v", differ)
		}
		if first := differ[0].(object)["votes"].([]any)[0].(object); first["counts"] != true {
			t.Errorf("the first vote is not the one that counts: %v", differ)
		}
		if got := d.tally(id); fmt.Sprint(got) != "[-1 -1]" {
			t.Errorf("counts are shown while people vote: %v", got)
		}
	}
	station.refuses("selection.voted", "selection.vote", object{"id": id, "person": a, "lines": []int{1}})
	countedOnce(t, &k, office, station, id, heads)
}

func countedOnce(t *testing.T, k *clock, office, station *device, id any, heads []any) {
	t.Helper()
	station.refuses("govern.registrar.only", "selection.tally", object{"id": id})
	station.away(true)
	office.must("selection.tally", object{"id": id})
	office.refuses("selection.state", "selection.tally", object{"id": id})
	office.refuses("selection.state", "selection.vote", object{"id": id, "person": heads[0], "lines": []int{1}})
	station.votes(id, heads[0], 1) // it can't know
	station.away(false)
	for _, d := range []*device{office, station} {
		eventually(t, "the late vote is listed", func() bool { s := d.selection(id); return s["state"] == "counted" && len(s["late"].([]any)) == 1 })
		if got := d.tally(id); fmt.Sprint(got) != "[1 2]" || number(d.selection(id)["voters"]) != 3 || len(d.selection(id)["differ"].([]any)) != 1 {
			t.Errorf("counted: %v, %v", got, d.selection(id))
		}
	}
	for _, lines := range [][]int{{1}, {1, 2}, {}, {2, 2}, {3}} {
		office.refuses("selection.chosen", "selection.publish", object{"id": id, "lines": lines})
	}
	office.must("selection.publish", object{"id": id, "lines": []int{2}})
	eventually(t, "it is public", func() bool { return station.nominee(id, 1)["chosen"] == true })
	const why = "那天鼗鼓声里我见她摔门"
	station.refuses("selection.nominee", "selection.object", object{"id": id, "nominee": heads[0], "text": why})
	station.must("selection.object", object{"id": id, "nominee": heads[1], "text": why})
	eventually(t, "the office has it", func() bool { return len(office.nominee(id, 1)["objections"].([]any)) == 1 })
	said := office.nominee(id, 1)["objections"].([]any)[0].(object)
	if said["text"] != why || office.holding([]byte(why)) != "" {
		t.Errorf("the objection is not read, or stands in the clear: %v", said)
	}
	office.refuses("selection.state", "selection.decide", object{"id": id, "grants": []object{}})
	goBy(t, k, 4, office, station)
	office.refuses("selection.objections", "selection.decide", object{"id": id, "grants": []object{}})
	office.must("selection.answer", object{"id": id, "nominee": heads[1], "tag": said["tag"], "yes": false, "why": "问过邻居，没有这回事"})
	office.refuses("selection.objection", "selection.answer", object{"id": id, "nominee": heads[1], "tag": said["tag"], "yes": true, "why": "再想想"})
	office.refuses("selection.grant", "selection.decide", object{"id": id, "grants": []object{{"line": 2, "yuan": 1}}})
	office.must("selection.decide", object{"id": id, "grants": []object{}})
	if got := office.must("selection.honour", object{"id": id}); number(got["claims"]) != 1 || number(got["points"]) != 5 {
		t.Errorf("honoured: %v", got)
	}
	office.refuses("selection.state", "selection.honour", object{"id": id})
	office.refuses("selection.state", "selection.drop", object{"id": id})
	eventually(t, "the points are booked", func() bool {
		return number(office.person(heads[1])["year"]) == 15 && number(office.person(heads[0])["year"]) == 10
	})
	if c := office.newest(heads[1]); c["note"] != "好媳妇" || c["witness"] != "3 人投票" {
		t.Errorf("what the claim says: %v", c)
	}
	allAgree(t, office, station)
}

// TestSelectionOfProjects: money by line up to what the selection allows; who an objection
// is right about gets nothing and nobody moves up. A voter who was erased before the tally
// has a vote that nobody can read.
func TestSelectionOfProjects(t *testing.T) {
	var k clock
	office, station, _, heads := assessed(t, &k)
	begin := object{"title": "公益项目", "kind": "projects", "places": 2, "choices": 2, "item": "", "grant": 20_000, "days": 0, "phone": false}
	for field, bad := range map[string]any{"title": " ", "kind": "teams", "places": 0, "choices": 3, "grant": -1, "days": 61, "item": "TS"} {
		params := object{}
		for k, v := range begin {
			params[k] = v
		}
		params[field] = bad
		code := "selection." + field
		office.refuses(code, "selection.begin", params)
	}
	office.refuses("publicity.names", "selection.begin", object{"title": "居民一评选", "kind": "projects", "places": 2, "choices": 2, "item": "", "grant": 0, "days": 0, "phone": false})
	id := office.must("selection.begin", begin)["id"]
	office.refuses("selection.empty", "selection.check", object{"id": id})
	for _, name := range []string{"楼道读书角", "爱心理发队", "屋顶菜园"} {
		office.must("selection.nominate", object{"id": id, "person": "", "name": name, "text": "去年办了十场，居民一也来"})
		k.ahead.Add(int64(1e9)) // one after the other
	}
	office.refuses("selection.nominated", "selection.nominate", object{"id": id, "person": "", "name": "屋顶菜园", "text": "再说一次"})
	if n := office.nominee(id, 0); n["masked"] != "楼道读书角" || n["shown"] != "去年办了十场，"+people.Mask("居民一")+"也来" {
		t.Errorf("what others may see: %v", n)
	}
	var ids []any
	for n := range 3 {
		ids = append(ids, office.nominee(id, n)["id"])
	}
	for n, x := range ids {
		office.must("selection.judge", object{"id": id, "nominee": x, "yes": n < 2, "why": "查过账"})
	}
	office.must("selection.check", object{"id": id})
	office.must("selection.open", object{"id": id})
	if n := office.nominee(id, 2); number(n["line"]) != 0 || n["verdict"] != "no" {
		t.Errorf("who did not pass stands on the ballot: %v", n)
	}
	office.votes(id, heads[0], 1, 2)
	office.votes(id, heads[1], 2)
	office.votes(id, heads[2], 1, 2)
	office.must("people.erase", object{"id": heads[2], "name": office.person(heads[2])["name"]})
	office.must("selection.tally", object{"id": id})
	if got, s := office.tally(id), office.selection(id); fmt.Sprint(got) != "[1 2 -1]" || number(s["voters"]) != 2 || number(s["unread"]) != 1 {
		t.Errorf("counted: %v, %v", got, s)
	}
	office.must("selection.publish", object{"id": id, "lines": []int{1, 2}})
	office.must("selection.object", object{"id": id, "nominee": ids[0], "text": "没有办过"})
	tag := office.nominee(id, 0)["objections"].([]any)[0].(object)["tag"]
	office.must("selection.answer", object{"id": id, "nominee": ids[0], "tag": tag, "yes": true, "why": "属实"})
	office.refuses("selection.grant", "selection.decide", object{"id": id, "grants": []object{{"line": 1, "yuan": 100}}})
	office.refuses("selection.grant", "selection.decide", object{"id": id, "grants": []object{{"line": 2, "yuan": 20_001}}})
	office.refuses("selection.nominee", "selection.decide", object{"id": id, "grants": []object{{"line": 7, "yuan": 5}}})
	office.must("selection.decide", object{"id": id, "grants": []object{{"line": 2, "yuan": 20_000}}})
	office.must("selection.honour", object{"id": id})
	for _, d := range []*device{office, station} {
		eventually(t, "one is honoured, with the money", func() bool {
			got, err := d.call("selection.get", object{"id": id})
			if err != nil || got["state"] != "honoured" {
				return false
			}
			all := got["nominees"].([]any)
			first, second := all[0].(object), all[1].(object)
			return first["struck"] == true && number(first["won"]) == -1 && number(second["won"]) == 20_000
		})
	}
}

// TestVoteOnThePhone: only where the selection allows it, once with a vote at a desk, with
// masked names and nothing that leads to a person.
func TestVoteOnThePhone(t *testing.T) {
	office := found(t)
	li := office.must("people.register", person("李四", "13900000002"))["id"]
	wang := office.must("people.register", person("王五六", "13900000003"))["id"]
	in, err := office.phone("phone.signIn", object{"code": office.person(li)["code"], "tail": "0002"})
	if err != nil {
		t.Fatal(err)
	}
	ask := object{"token": in["token"]}
	closed := office.must("selection.begin", object{"title": "不在手机上", "kind": "projects", "places": 1, "choices": 1, "item": "", "grant": 0, "days": 0, "phone": false})["id"]
	office.must("selection.nominate", object{"id": closed, "person": "", "name": "读书角", "text": "好"})
	project := office.nominee(closed, 0)["id"]
	office.must("selection.judge", object{"id": closed, "nominee": project, "yes": true, "why": "好"})
	office.must("selection.check", object{"id": closed})
	office.must("selection.open", object{"id": closed})
	id := office.openSelection(wang, "李四说他热心", "没有意见")
	got, err := office.phone("phone.selections", ask)
	if err != nil {
		t.Fatal(err)
	}
	rows := got["rows"].([]any)
	text := fmt.Sprint(rows)
	if len(rows) != 1 || rows[0].(object)["voted"] != false || !strings.Contains(text, people.Mask("王五六")) || !strings.Contains(text, people.Mask("李四")+"说他热心") {
		t.Errorf("the ballot: %v", rows)
	}
	for _, leak := range []string{"王五六", "李四", wang.(string), li.(string)} {
		if strings.Contains(text, leak) {
			t.Errorf("a phone reads %s", leak)
		}
	}
	refused := func(code string, params object) {
		t.Helper()
		params["token"] = in["token"]
		if _, err := office.phone("phone.vote", params); err == nil || !strings.Contains(err.Error(), code) {
			t.Errorf("%v: %v, want %s", params, err, code)
		}
	}
	refused("selection.phone", object{"id": closed, "lines": []int{1}})
	refused("selection.lines", object{"id": id, "lines": []int{2}})
	refused("selection.unknown", object{"id": "x", "lines": []int{1}})
	if got, err = office.phone("phone.vote", object{"token": in["token"], "id": id, "lines": []int{1}}); err != nil || got["rows"].([]any)[0].(object)["voted"] != true {
		t.Errorf("voted: %v, %v", got, err)
	}
	refused("selection.voted", object{"id": id, "lines": []int{1}})
	office.refuses("selection.voted", "selection.vote", object{"id": id, "person": li, "lines": []int{1}})
	if _, err := office.phone("phone.vote", object{"token": "nobody", "id": id, "lines": []int{1}}); err == nil || !strings.Contains(err.Error(), "phone.signIn") {
		t.Errorf("nobody votes: %v", err)
	}
	office.must("selection.tally", object{"id": id})
	if me, err := office.phone("phone.me", ask); err != nil || number(me["votes"]) != 0 {
		t.Errorf("after the count: %v, %v", me["votes"], err)
	}
	if got := office.tally(id); fmt.Sprint(got) != "[1]" {
		t.Errorf("counted: %v", got)
	}
}
