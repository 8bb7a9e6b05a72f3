package node

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"
)

func (d *device) notices(all bool) []any {
	d.t.Helper()
	return d.must("publicity.list", object{"all": all})["notices"].([]any)
}

// A notice typed at the office hangs at the station and on phones, that of a grid before
// those who live there alone; a resident's name passes masked or with consent only.
func TestNoticeReachesStationAndPhone(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	grids := office.must("people.grids", object{})["grids"].([]any)
	grid := grids[0].(object)["id"]
	other := grids[1].(object)["id"]
	home := person("欧阳秋水", "13900001234")
	home["grid"] = grid
	id := office.must("people.register", home)["id"]
	now := office.now()
	post := func(title, body string, grid any, names string) (object, error) {
		return office.call("publicity.post", object{"kind": "publicity", "title": title, "body": body, "contact": "办公室", "grid": grid, "from": now - 1000, "until": now + 24*3_600_000, "about": "", "names": names})
	}
	if _, err := post("表扬欧阳秋水", "欧阳秋水助人为乐。", "", ""); err == nil || !strings.Contains(fmt.Sprint(err), "publicity.names") || strings.Contains(fmt.Sprint(err), "欧阳秋水") {
		t.Errorf("a resident is named in public: %v", err)
	}
	if len(office.notices(true)) != 0 {
		t.Error("what was refused hangs")
	}
	if _, err := post("表扬欧阳秋水", "欧阳秋水助人为乐。", "", "mask"); err != nil {
		t.Fatal(err)
	}
	for _, g := range []any{grid, other} {
		if _, err := post("网格通知", "明天停水。", g, ""); err != nil {
			t.Fatal(err)
		}
	}
	if _, err := post("没有的网格", "x", "nowhere", ""); err == nil {
		t.Error("a notice for a grid that there is not")
	}
	eventually(t, "the station has them", func() bool { return len(station.notices(false)) == 3 && station.changes() == office.changes() })
	if text := fmt.Sprint(station.notices(true)); strings.Contains(text, "欧阳秋水") || !strings.Contains(text, "欧**水助人为乐") {
		t.Errorf("the station shows %s", text)
	}
	board := func(token any) string {
		got, err := station.phone("phone.board", object{"token": token})
		if err != nil {
			t.Fatal(err)
		}
		return fmt.Sprint(got)
	}
	if text := board(""); strings.Contains(text, "停水") || !strings.Contains(text, "助人为乐") || strings.Contains(text, "经办人") {
		t.Errorf("a stranger reads %s", text)
	}
	in, err := station.phone("phone.signIn", object{"code": office.person(id)["code"], "tail": "1234"})
	if err != nil {
		t.Fatal(err)
	}
	if text := board(in["token"]); strings.Count(text, "停水") != 1 {
		t.Errorf("the resident reads %s", text)
	}
	for _, x := range office.notices(true) {
		if x := x.(object); x["grid"] == "" {
			station.must("publicity.withdraw", object{"id": x["id"], "reason": "写错了"})
		}
	}
	eventually(t, "the office sees it withdrawn", func() bool { return len(office.notices(false)) == 2 })
	if text := board(""); strings.Contains(text, "助人为乐") {
		t.Errorf("what was withdrawn still hangs: %s", text)
	}
}

// A merchant reads what is for everybody and for merchants, in which nobody is named, also
// who agreed to hang on the board here; it never has who typed it, a grid's notice or why
// one was taken down.
func TestMerchantReadsNotices(t *testing.T) {
	const name, reason = "欧阳秋水", "写错了一个骉字"
	office := found(t)
	station, merchant := join(t, office, "station", "柳溪实践站"), join(t, office, "merchant", "惠民超市")
	id := office.must("people.register", person(name, "13900001234"))["id"]
	grid := office.must("people.grids", object{})["grids"].([]any)[0].(object)["id"]
	now := office.now()
	post := func(from *device, title, body, contact string, grid any) any {
		return from.must("publicity.post", object{"kind": "notice", "title": title, "body": body, "contact": contact, "grid": grid, "from": now - 1000, "until": now + 24*3_600_000, "about": "", "names": "keep"})["id"]
	}
	public := post(office, "表扬"+name, name+"助人为乐。", name, "")
	post(station, "结算改到五号", "请各店核对。", "办公室", "@merchants")
	post(office, "网格停水", "明天停水。", "", grid)
	office.refuses("publicity.grid", "publicity.post", object{"kind": "notice", "title": "x", "body": "x", "contact": "", "grid": "@nobody", "from": now - 1000, "until": now + 3_600_000, "about": "", "names": ""})
	reads := func() []any { return merchant.must("publicity.shown", object{})["notices"].([]any) }
	eventually(t, "the merchant has both", func() bool { return len(reads()) == 2 })
	if text := fmt.Sprint(reads()); strings.Contains(text, name) || strings.Contains(text, "停水") || !strings.Contains(text, "欧**水助人为乐") || !strings.Contains(text, "结算改到五号") || strings.Contains(text, "经办人") {
		t.Errorf("the merchant reads %s", text)
	}
	if text := fmt.Sprint(office.notices(false)); !strings.Contains(text, name+"助人为乐") {
		t.Errorf("who agreed is masked on the board here: %s", text)
	}
	if got, err := station.phone("phone.board", object{"token": ""}); err != nil || strings.Contains(fmt.Sprint(got), "结算") {
		t.Errorf("residents read what is for merchants: %v, %v", got, err)
	}
	merchant.refuses("app.role", "publicity.list", object{"all": true})
	merchant.refuses("app.role", "publicity.post", object{})
	eventually(t, "the station has the notice", func() bool { return len(station.notices(false)) == 3 })
	station.must("publicity.withdraw", object{"id": public, "reason": reason})
	eventually(t, "the merchant no longer shows it", func() bool { return len(reads()) == 1 })
	frames := office.framesFor(merchant)
	if !bytes.Contains(frames, []byte("结算改到五号")) {
		t.Fatal("the search finds nothing")
	}
	merchant.stop()
	for _, text := range []string{name, "停水", reason, id.(string)} {
		if bytes.Contains(frames, []byte(text)) {
			t.Errorf("a merchant is sent %q", text)
		}
		if bytes.Contains(merchantBytes(t, merchant), []byte(text)) {
			t.Errorf("a merchant's folder holds %q", text)
		}
	}
}

// Of a meeting staff see who came; the record holds ids, so whoever was erased is
// nobody there, and the notice of it names nobody.
func TestCouncilFromMinutesToAction(t *testing.T) {
	const name = "欧阳秋水"
	office := found(t)
	id := office.must("people.register", person(name, "13900001234"))["id"]
	eventually(t, "the bonus is booked", func() bool { return number(office.person(id)["spendable"]) == 10 })
	matter := object{"title": "添长椅", "decision": "添六条", "for": 3, "against": 0, "abstain": 1}
	minutes := object{"title": "三月议事会", "at": office.now() - 1000, "place": "会议室", "present": []any{id}, "others": 3, "matters": []any{matter}, "names": ""}
	made := office.must("council.enter", minutes)["id"]
	if _, sections := office.dossierOf(id); len(sections["meetings"]) != 1 || sections["meetings"][0]["title"] != "三月议事会" {
		t.Errorf("the file about a person who came says %v", sections["meetings"])
	}
	office.refuses("people.unknown", "council.enter", object{"title": "x", "at": 1, "place": "", "present": []any{strings.Repeat("0", 26)}, "others": 3, "matters": []any{matter}, "names": ""})
	minutes["place"] = name + "家"
	office.refuses("publicity.names", "council.enter", minutes)
	got := office.must("council.get", object{"id": made})
	if p := got["present"].([]any); len(p) != 1 || p[0].(object)["name"] != name || number(got["came"]) != 4 {
		t.Errorf("%v", got)
	}
	now := time.Now().UnixMilli()
	office.must("publicity.post", object{"kind": "result", "title": "议事结果", "body": "添六条长椅。", "contact": "", "grid": "", "from": now - 1000, "until": now + 3_600_000, "about": made, "names": ""})
	office.must("council.act", object{"id": made, "matter": 0, "text": "长椅已安好", "names": ""})
	office.must("people.erase", object{"id": id, "name": name})
	got = office.must("council.get", object{"id": made})
	if p := got["present"].([]any); len(p) != 1 || p[0].(object)["name"] != "" || number(got["came"]) != 4 || len(got["notices"].([]any)) != 1 {
		t.Errorf("%v", got)
	}
	if m := got["matters"].([]any)[0].(object); m["action"] != "长椅已安好" || number(m["for"]) != 3 {
		t.Errorf("%v", m)
	}
	office.must("council.strike", object{"id": made, "reason": "记错了"})
	office.refuses("publicity.off", "council.act", object{"id": made, "matter": 0, "text": "x", "names": ""})
	office.stop()
	if file := office.holding([]byte(name)); file != "" {
		t.Errorf("the name is in %s", file)
	}
}
