package node

import (
	"encoding/base64"
	"net/url"
	"testing"

	"jishan/app/fault"
)

// handedDown is a street's rulebook as a file, base64.
func (d *device) handedDown(open string) string {
	d.t.Helper()
	return base64.StdEncoding.EncodeToString(d.saved(d.t, "rulebook", url.Values{"open": {open}}))
}

func rule(code, group, name string, points int) object {
	return object{"code": code, "group": group, "name": name, "kind": "deed", "points": points}
}

// ruleOf finds a rule of a reply by its code; nil for none.
func ruleOf(s object, code string) object {
	for _, x := range s["items"].([]any) {
		if i := x.(object); i["code"] == code {
			return i
		}
	}
	return nil
}

// TestRulebookFromAbove: a street hands its rulebook down. A community that named the
// street takes it in: what is locked stays, what is open and its own may be changed,
// a later version replaces what is locked and brings nothing back that was dropped.
// Another street's, an older one and a changed file are refused.
func TestRulebookFromAbove(t *testing.T) {
	street, stranger := start(t, t.TempDir()), start(t, t.TempDir())
	for d, name := range map[*device]string{street: "河东街道", stranger: "河西街道"} {
		d.must("setup.create", object{"community": name, "parent": "", "office": "街道电脑", "operator": "街道甲", "grids": []string{}, "level": "street"})
	}
	save := func(d *device, items ...object) object {
		return d.must("scheme.save", object{"head": object{"title": "文明积分细则", "levels": "大类/小项"}, "items": items})
	}
	save(street, rule("JD01", "环境", "清扫楼道", 2), rule("JD02", "环境", "巡河", 3), rule("JD03", "文明", "文明劝导", 1))
	save(stranger, rule("JD01", "环境", "清扫楼道", 9))
	file := street.handedDown("JD03")

	office := found(t)
	if _, err := office.File(t.Context(), "rulebook", url.Values{}); err == nil {
		t.Error("a community hands a rulebook down")
	}
	office.refuses("scheme.above.none", "scheme.above", object{"file": file})
	office.must("above.name", object{"text": street.must("partners.list", object{})["introduction"]})
	station := join(t, office, "station", "柳溪实践站")
	save(office, rule("A01", "互助", "代买药品", 2), rule("A02", "环境", "清扫楼道", 5), rule("JD02", "互助", "家电维修", 4))

	office.refuses("scheme.above.other", "scheme.above", object{"file": stranger.handedDown("")})
	raw, err := base64.StdEncoding.DecodeString(file)
	if err != nil {
		t.Fatal(err)
	}
	raw[len(raw)-1] ^= 1
	office.refuses("scheme.above.forged", "scheme.above", object{"file": base64.StdEncoding.EncodeToString(raw)})
	office.refuses("scheme.above.bad", "scheme.adopt", object{"file": base64.StdEncoding.EncodeToString(raw[:len(raw)/2]), "why": ""})
	if _, err := office.call("scheme.adopt", object{"file": file, "why": ""}); fault.Of(err).Code != "scheme.above.code" || fault.Of(err).Params["codes"] != "JD02" {
		t.Errorf("codes that mean something else: %v", err)
	}
	save(office, rule("A01", "互助", "代买药品", 2), rule("A02", "环境", "清扫楼道", 5), rule("A03", "互助", "家电维修", 4))

	seen := office.must("scheme.above", object{"file": file})
	if seen["by"] != "河东街道" || number(seen["locked"]) != 2 || len(seen["items"].([]any)) != 5 {
		t.Errorf("what it would become: %v", seen)
	}
	station.refuses("app.role", "scheme.adopt", object{"file": file, "why": ""})
	now := office.must("scheme.adopt", object{"file": file, "why": "街道下发"})
	if now["upper"] != "河东街道" || ruleOf(now, "JD01")["locked"] != true || ruleOf(now, "JD03")["locked"] != false || ruleOf(now, "A02") != nil || number(ruleOf(now, "A03")["points"]) != 4 {
		t.Errorf("taken in: %v", now)
	}
	office.refuses("scheme.above.old", "scheme.adopt", object{"file": file, "why": ""})
	with := func(s object, change func(object) bool) (list []object) {
		for _, x := range s["items"].([]any) {
			i := object{}
			for k, v := range x.(object) {
				i[k] = v
			}
			if change(i) {
				list = append(list, i)
			}
		}
		return list
	}
	for _, bad := range []func(object) bool{
		func(i object) bool { return i["code"] != "JD01" },
		func(i object) bool { i["points"] = 7; return true },
	} {
		office.refuses("scheme.locked", "scheme.save", object{"head": nil, "items": with(now, bad)})
	}
	office.must("scheme.save", object{"head": nil, "items": with(now, func(i object) bool { return i["code"] != "JD03" })})

	save(street, rule("JD01", "环境", "清扫楼道", 3), rule("JD03", "文明", "文明劝导", 1), rule("JD04", "文明", "宣讲", 5))
	file = street.handedDown("JD03 JD04")
	now = office.must("scheme.adopt", object{"file": file, "why": ""})
	if number(ruleOf(now, "JD01")["points"]) != 3 || ruleOf(now, "JD02") != nil || ruleOf(now, "JD03") != nil || ruleOf(now, "JD04") == nil || ruleOf(now, "A01") == nil {
		t.Errorf("the next one taken in: %v", now)
	}
	back := office.must("scheme.restore", object{"version": 1})
	if number(ruleOf(back, "JD01")["points"]) != 3 || back["upper"] != "河东街道" {
		t.Errorf("an old version back: %v", back)
	}
	eventually(t, "the station has it", func() bool { return ruleOf(station.must("scheme.get", object{}), "JD01") != nil })
}
