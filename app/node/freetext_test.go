package node

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"
)

// writeAbout types something about a person into every text that stands beside a
// deed, a claim, a wish, a deduction or a correction, at two staff devices, and
// returns what was typed by where it stands. Every text is found nowhere else.
func writeAbout(t *testing.T, office, station *device, id any) map[string]string {
	t.Helper()
	withDeductions(office)
	s := map[string]string{
		"deed's note": "雨中鼗鼓护送", "deed's witness": "甪里见证", "deed's line": "麤簿七页",
		"reason of a deduction": "屡屡犇骉扰邻", "reason of one by the rulebook": "龘门堵路", "witness of it": "爨坊老伯",
		"reason of a correction": "鬻错了人", "reason of one that was asked for": "甪直人非彼",
		"claim's note": "黼黻送医", "claim's witness": "鼗先生", "why a claim was refused": "饕餮未到场", "asked about a claim": "犇骉几号楼", "reply to that": "爨下麤庐二楼", "appeal": "幽篁里人可证", "answer to it": "麤查属实",
		"wish": "客厅的灯龗坏了", "reply to it": "彧师傅已上门", "wish's address": "饕餮街八号",
		"objection to an assessment": "院里鼗鼓非我所置", "answer to the objection": "黼座已查过",
		"reason of a nomination": "鬻子之贤", "why a nominee passed": "麤粝自甘", "said against a nominee": "饕餮之徒", "answer to that": "龘言无据",
		"proposal": "院中可置鼗椅", "answer to a proposal": "爨下尚有余木",
	}
	plain := object{"person": id, "at": office.now() - 3_600_000, "minutes": 120, "note": s["deed's note"], "witness": s["deed's witness"], "line": s["deed's line"]}
	for _, x := range office.must("scheme.get", object{})["items"].([]any) {
		if x := x.(object); x["kind"] == "time" && plain["item"] == nil {
			plain["item"] = x["code"]
		}
	}
	office.must("deed.record", plain)
	for _, d := range []*device{office, station} { // of a deed that two recorded either may be shown
		eventually(t, "the scheme is there", func() bool {
			_, err := d.call("people.get", object{"id": id})
			return err == nil && number(d.must("scheme.get", object{})["version"]) == 2
		})
	}
	station.must("deed.deduct", object{"person": id, "item": "KF01", "at": station.now(), "reason": s["reason of one by the rulebook"], "witness": s["witness of it"]})
	office.must("deed.deduct", object{"person": id, "points": 2, "reason": s["reason of a deduction"]})
	office.must("deed.deduct", object{"person": id, "points": 1, "reason": "记重了"})
	var mine []object
	eventually(t, "the station knows the deductions", func() bool {
		mine = nil
		for _, l := range station.lines(id, "deduct") {
			if l["item"] == "" {
				mine = append(mine, l)
			}
		}
		return len(mine) == 2 && station.changes() == office.changes()
	})
	office.must("correction.make", object{"hash": entryOf(mine[1]), "reason": s["reason of a correction"]})
	station.must("correction.make", object{"hash": entryOf(mine[0]), "reason": s["reason of one that was asked for"]})
	eventually(t, "the office does what it was asked", func() bool { return len(office.lines(id, "undo")) == 2 })
	disputes(t, office, id, plain["item"], s)
	round := office.publicRound()
	office.must("assess.object", object{"id": round["id"], "home": round["home"], "text": s["objection to an assessment"]})
	tag := office.home(round["id"], 0)["objections"].([]any)[0].(object)["tag"]
	office.must("assess.answer", object{"id": round["id"], "home": round["home"], "tag": tag, "yes": false, "why": s["answer to the objection"], "scores": []int{}})
	office.selectAbout(id, s)
	proposed := office.must("council.propose", object{"person": id, "text": s["proposal"]})["id"]
	office.must("council.reply", object{"id": proposed, "state": "council", "text": s["answer to a proposal"]})
	wish := office.must("order.post", object{"person": id, "type": "维修", "project": "", "text": s["wish"], "address": s["wish's address"], "phone": "", "via": "desk", "once": ""})["id"]
	office.must("order.reply", object{"id": wish, "text": s["reply to it"]})
	return s
}

// selectAbout nominates somebody, of whom much is said.
func (d *device) selectAbout(id any, s map[string]string) (selection any) {
	d.t.Helper()
	selection = d.openSelection(id, s["reason of a nomination"], s["why a nominee passed"])
	d.votes(selection, id, 1)
	d.must("selection.tally", object{"id": selection})
	d.must("selection.publish", object{"id": selection, "lines": []int{1}})
	d.must("selection.object", object{"id": selection, "nominee": id, "text": s["said against a nominee"]})
	tag := d.nominee(selection, 0)["objections"].([]any)[0].(object)["tag"]
	d.must("selection.answer", object{"id": selection, "nominee": id, "tag": tag, "yes": false, "why": s["answer to that"]})
	return selection
}

// openSelection is a selection with one nominee in which people vote.
func (d *device) openSelection(nominee any, text, why string) (id any) {
	d.t.Helper()
	id = d.must("selection.begin", object{"title": "好邻居", "kind": "people", "places": 1, "choices": 1, "item": "", "grant": 0, "days": 5, "phone": true})["id"]
	d.must("selection.nominate", object{"id": id, "person": nominee, "name": "", "text": text})
	d.must("selection.check", object{"id": id})
	d.must("selection.judge", object{"id": id, "nominee": nominee, "yes": true, "why": why})
	d.must("selection.open", object{"id": id})
	return id
}

// disputes makes two claims: one that a review refuses, and a deduction that is
// objected to and answered.
func disputes(t *testing.T, office *device, id, item any, s map[string]string) {
	t.Helper()
	post := func(item any, minutes int, days int) any {
		before := len(office.claims(id))
		office.must("claim.post", object{"people": []any{id}, "item": item, "at": office.now() - int64(days)*24*3_600_000, "minutes": minutes, "count": 0, "hard": 0,
			"note": s["claim's note"], "witness": s["claim's witness"], "via": "desk"})
		rows := office.claims(id)
		if len(rows) != before+1 {
			t.Fatalf("%d claims", len(rows))
		}
		for _, r := range rows {
			if r := r.(object); r["state"] != "refused" && number(r["minutes"]) == int64(minutes) && r["witness"] == s["claim's witness"] {
				return r["id"]
			}
		}
		t.Fatal("no open claim")
		return nil
	}
	items := office.must("scheme.get", object{})["items"].([]any)
	for _, x := range items {
		if x := x.(object); x["code"] == item {
			x["review"] = true
		}
	}
	office.must("scheme.save", object{"items": items})
	first := post(item, 60, 1)
	office.must("app.operator", object{"name": "经办人乙"})
	office.must("claim.ask", object{"id": first, "text": s["asked about a claim"]})
	office.must("claim.reply", object{"id": first, "text": s["reply to that"]})
	office.must("claim.review", object{"id": first, "yes": false, "why": s["why a claim was refused"]})
	office.must("app.operator", object{"name": "经办人甲"})
	second := post("KF01", 0, 2)
	office.must("app.operator", object{"name": "经办人乙"})
	office.must("claim.appeal", object{"id": second, "text": s["appeal"]})
	office.must("claim.answer", object{"id": second, "yes": true, "why": s["answer to it"]})
	office.must("app.operator", object{"name": "经办人甲"})
}

// readAll is what the screens of a device say about a person and of the day.
func (d *device) readAll(id any) string {
	d.t.Helper()
	var b strings.Builder
	for name, params := range map[string]object{
		"people.passbook": {"id": id, "offset": 0, "limit": 50}, "deed.today": {}, "correction.list": {}, "claim.list": {"person": id}, "order.list": {"person": id, "offset": 0, "limit": 50},
		"order.board": {"grid": "", "type": ""}, "till.today": {}, "home.get": {}, "lists.get": {}, "audit.report": {}, "council.proposals": {},
	} {
		got, err := d.call(name, params)
		if err != nil {
			d.t.Errorf("%s: %v", name, err)
		}
		fmt.Fprintln(&b, got)
	}
	for _, x := range d.must("assess.list", object{})["rows"].([]any) {
		fmt.Fprintln(&b, d.round(x.(object)["id"]))
	}
	for _, x := range d.must("selection.list", object{})["rows"].([]any) {
		fmt.Fprintln(&b, d.selection(x.(object)["id"]))
	}
	return b.String()
}

// TestFreeTextIsSealed: what is typed about a person beside a deed is read at every
// staff device that has the person's key and stands in no file of any of them; a
// merchant never gets it. After an erasure no screen says it any more, and those who
// ask are told so instead of being shown nothing.
func TestFreeTextIsSealed(t *testing.T) {
	const name = "欧阳秋水"
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	id := office.must("people.register", person(name, "13900001234"))["id"]
	eventually(t, "the bonus is booked", func() bool { return number(office.person(id)["spendable"]) == 10 })
	said := writeAbout(t, office, station, id)
	eventually(t, "the station has all", func() bool { return station.changes() == office.changes() })
	unread := []string{"deed's line", "wish's address", "reply to it"} // in no list
	for _, d := range []*device{office, station} {
		text := d.readAll(id)
		for where, s := range said {
			if !strings.Contains(text, s) && !slices.Contains(unread, where) {
				t.Errorf("nobody reads the %s", where)
			}
		}
	}
	office.must("people.erase", object{"id": id, "name": name})
	eventually(t, "the station has forgotten", func() bool {
		_, err := station.call("people.get", object{"id": id})
		return err != nil && station.changes() == office.changes()
	})
	for _, d := range []*device{office, station} {
		text := d.readAll(id)
		if !strings.Contains(text, "@erased") {
			t.Error("nothing says that it was erased")
		}
		for where, s := range said {
			if strings.Contains(text, s) {
				t.Errorf("the %s is still read", where)
			}
		}
	}
	for _, d := range []*device{office, station} {
		d.stop()
		for where, s := range said {
			if file := d.holding([]byte(s)); file != "" {
				t.Errorf("the %s is in %s", where, file)
			}
		}
	}
}

// An activity's note hangs on no person: it is sealed with a key of its own, and a
// note that was changed is gone for good.
func TestActivityNoteIsSealed(t *testing.T) {
	const first, second = "请联系鼗鼓阿姨", "请到门口集合"
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	now := time.Now()
	id := office.must("activity.publish", object{"title": "楼道清扫", "type": "环境治理", "start": now.UnixMilli(), "end": now.Add(time.Hour).UnixMilli(), "place": "和平里 2 号院", "places": 9,
		"item": "", "organiser": "经办人甲", "note": first})["id"]
	reads := func(d *device, note string) func() bool {
		return func() bool {
			got, err := d.call("activity.get", object{"id": id})
			return err == nil && got["note"] == note
		}
	}
	for _, d := range []*device{office, station} {
		eventually(t, "the note is read", reads(d, first))
	}
	before := office.vault()
	office.must("activity.update", object{"id": id, "fields": object{"note": second}})
	for _, d := range []*device{office, station} {
		eventually(t, "the new note is read", reads(d, second))
	}
	gone := 0
	for k, it := range office.vault() {
		if _, old := before[k]; old && it.Gone {
			gone++
		}
	}
	if gone != 1 {
		t.Errorf("%d keys were destroyed", gone)
	}
	for _, d := range []*device{office, station} {
		d.stop()
		for _, s := range []string{first, second} {
			if file := d.holding([]byte(s)); file != "" {
				t.Errorf("%q is in %s", s, file)
			}
		}
	}
}
