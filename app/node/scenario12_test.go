package node

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"testing"
	"time"

	"github.com/xuri/excelize/v2"
)

// workbook64 is a workbook as somebody made it by hand: groups in merged cells, a
// title above, columns in an order of their own.
func workbook64(t *testing.T, rows [][]any, merge ...[2]string) string {
	t.Helper()
	f := excelize.NewFile()
	for n, row := range rows {
		if err := f.SetSheetRow("Sheet1", fmt.Sprintf("A%d", n+1), &row); err != nil {
			t.Fatal(err)
		}
	}
	for _, m := range merge {
		if err := f.MergeCell("Sheet1", m[0], m[1]); err != nil {
			t.Fatal(err)
		}
	}
	var b bytes.Buffer
	if err := f.Write(&b); err != nil {
		t.Fatal(err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	return base64.StdEncoding.EncodeToString(b.Bytes())
}

// sevenBySixtyTwo is a rulebook of 7 groups and 62 items, among them those of the
// stairwell contest and of the vegetable plots.
func sevenBySixtyTwo() (rows [][]any, merge [][2]string) {
	rows = [][]any{{"某社区积分细则"}, {"序号", "分值", "大类", "小项"}}
	special := []struct {
		name   string
		points any
	}{{"报名参与文明楼道评比", "+2"}, {"所在楼道被评为文明楼道", "+3"}, {"小区毁绿种菜、饲养家禽", -3}}
	n := 0
	for g, size := range []int{9, 9, 9, 9, 9, 9, 8} {
		top := len(rows) + 1
		for range size {
			name, points := fmt.Sprintf("事项%d", n+1), any(1+n%5)
			if n < len(special) {
				name, points = special[n].name, special[n].points
			}
			n++
			rows = append(rows, []any{n, points, nil, name})
		}
		rows[top-1][2] = fmt.Sprintf("第%d类", g+1)
		merge = append(merge, [2]string{fmt.Sprintf("C%d", top), fmt.Sprintf("C%d", len(rows))})
	}
	return rows, merge
}

// imported reads a workbook and saves it as the next version.
func (d *device) imported(file string) object {
	d.t.Helper()
	draft := d.must("scheme.read", object{"text": "", "file": file})
	if number(draft["bad"]) != 0 {
		d.t.Fatal(draft["bad"], "rows are bad")
	}
	var items []any
	for _, r := range draft["rows"].([]any) {
		items = append(items, r.(object)["item"])
	}
	head := object{"title": "", "levels": draft["levels"], "why": "居民提的", "source": "", "upper": "", "upperKey": "", "upperVersion": 0}
	return d.must("scheme.save", object{"head": head, "items": items})
}

// coded is the rule of a name in a version.
func coded(s object, name string) object {
	for _, x := range s["items"].([]any) {
		if x := x.(object); x["name"] == name {
			return x
		}
	}
	return nil
}

func (d *device) claims(person any) []any {
	d.t.Helper()
	return d.must("claim.list", object{"person": person})["rows"].([]any)
}

// Scenario 12: a rulebook of 7 and 62 comes in from Excel, one of 5, 25 and 38 too,
// with the errors of all rows at once; +2 and +3 for all families of a stairwell; -3
// reaches its person first and can be appealed; what stands is on the list, when the
// list is on; a new version leaves old entries alone; a correction is an opposite entry.
func TestScenario12Rulebook(t *testing.T) {
	var k clock
	office := foundBy(t, &k)
	rows, merge := sevenBySixtyTwo()

	// All that is wrong is said at once, nothing is saved.
	bad := append([][]any{}, rows...)
	bad[5], bad[9] = []any{4, "三分", nil, "事项4"}, []any{8, 3, nil, ""}
	draft := office.must("scheme.read", object{"text": "", "file": workbook64(t, bad, merge...)})
	if number(draft["bad"]) != 2 || number(draft["good"]) != 60 {
		t.Fatalf("%v bad, %v good", draft["bad"], draft["good"])
	}
	if s := office.must("scheme.get", object{}); number(s["version"]) != 1 {
		t.Fatal("something was saved:", s["version"])
	}
	if f, err := office.File(t.Context(), "scheme-errors.xlsx", map[string][]string{"token": {draft["token"].(string)}}); err != nil || f.Body == nil {
		t.Fatal(err)
	}
	office.refuses("sheet.old", "scheme.read", object{"text": "", "file": base64.StdEncoding.EncodeToString([]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1 renamed to .xlsx"))})

	book := office.imported(workbook64(t, rows, merge...))
	if items := book["items"].([]any); number(book["version"]) != 2 || len(items) != 62 {
		t.Fatalf("version %v of %d items", book["version"], len(items))
	}
	entered, won, minus := coded(book, "报名参与文明楼道评比"), coded(book, "所在楼道被评为文明楼道"), coded(book, "小区毁绿种菜、饲养家禽")

	// Ten families of a stairwell, one of them of two people; a neighbour of another one.
	var family []any
	for n := range 10 {
		family = append(family, office.must("people.register", at(fmt.Sprintf("居民%c", '一'+n), fmt.Sprintf("1390000%04d", n), fmt.Sprintf("2-3-%d01", n+1)))["id"])
	}
	spouse := office.must("people.register", at("配偶", "13911110000", "2-3-101"))["id"]
	office.must("people.household", object{"household": "", "members": []any{family[0], spouse}, "head": family[0]})
	other := office.must("people.register", at("邻居", "13911110001", "2-30-101"))["id"]
	list := office.must("claim.families", object{"grid": "", "address": "2-3"})["families"].([]any)
	if len(list) != 10 {
		t.Fatalf("%d families", len(list))
	}
	var who []any
	for _, f := range list {
		who = append(who, f.(object)["person"])
	}
	post := func(item object, people ...any) object {
		return office.must("claim.post", object{"people": people, "item": item["code"], "at": time.Now().UnixMilli(), "minutes": 0, "count": 0, "hard": 0, "note": "文明楼道", "witness": "", "via": "desk"})
	}
	if got := post(entered, who...); number(got["posted"]) != 10 {
		t.Fatal(got)
	}
	if again := post(entered, who...); number(again["posted"]) != 0 || len(again["double"].([]any)) != 10 {
		t.Fatal("the same again: ", again)
	}
	post(won, who...)
	year := func(id any) int64 { return number(office.person(id)["year"]) }
	eventually(t, "every family has 2 and 3", func() bool {
		for _, id := range who {
			if year(id) != 15 { // and 10 for the registration
				return false
			}
		}
		return year(other) == 10
	})

	// -3: told first, appealed, refused once; the second time it stands.
	post(minus, family[1])
	open := office.claims(family[1])[0].(object)
	if open["state"] != "tell" || year(family[1]) != 15 {
		t.Fatalf("%v, %d", open["state"], year(family[1]))
	}
	in, err := office.phone("phone.signIn", object{"code": office.person(family[1])["code"], "tail": "0001"})
	if err != nil {
		t.Fatal(err)
	}
	withNotice := object{"id": open["id"], "text": "那块地是物业让种的"}
	office.must("claim.appeal", withNotice)
	office.refuses("claim.why", "claim.answer", object{"id": open["id"], "yes": true, "why": ""})
	office.refuses("claim.own", "claim.answer", object{"id": open["id"], "yes": true, "why": "物业确认"})
	office.must("app.operator", object{"name": "负责人乙"})
	if x := office.must("claim.answer", object{"id": open["id"], "yes": true, "why": "物业确认"}); x["state"] != "dropped" || year(family[1]) != 15 {
		t.Fatalf("%v", x)
	}

	// A new version gives the rule days to appeal; it does not touch what was booked.
	items := office.must("scheme.get", object{})["items"].([]any)
	for _, x := range items {
		switch x := x.(object); x["code"] {
		case minus["code"]:
			x["notice"] = 5
		case entered["code"]:
			x["points"] = 9
		}
	}
	newer := office.must("scheme.save", object{"items": items})
	if number(newer["version"]) != 3 {
		t.Fatal(newer["version"])
	}
	for _, l := range office.lines(family[0], "award") {
		if l["item"] == entered["code"] && (number(l["amount"]) != 2 || number(l["version"]) != 2) {
			t.Errorf("an old entry: %v", l)
		}
	}
	post(minus, family[1])
	if list, err := office.phone("phone.claims", object{"token": in["token"]}); err != nil || list["claims"].([]any)[0].(object)["state"] != "tell" {
		t.Fatalf("asked for is not shown: %v, %v", list, err)
	}
	told, err := office.phone("phone.shown", object{"token": in["token"], "ids": []any{office.newest(family[1])["id"]}})
	if err != nil {
		t.Fatal(err)
	}
	if first := told["claims"].([]any)[0].(object); first["state"] != "notice" || first["appeals"] != true || year(family[1]) != 15 {
		t.Fatalf("%v", first)
	}
	eventually(t, "the days have begun", func() bool { return number(office.newest(family[1])["until"]) > 0 })
	lists := office.must("lists.get", object{})
	if lists["on"] != false || len(lists["yellow"].([]any)) != 0 {
		t.Fatalf("lists are on: %v", lists)
	}
	office.must("lists.set", object{"on": true})
	if y := office.must("lists.get", object{})["yellow"].([]any); len(y) != 0 {
		t.Fatalf("shown before it counts: %v", y)
	}
	goBy(t, &k, 6, office)
	eventually(t, "the deduction counts", func() bool { return year(family[1]) == 12 })
	if y := office.must("lists.get", object{})["yellow"].([]any); len(y) != 1 || number(y[0].(object)["points"]) != -3 {
		t.Errorf("%v", y)
	}
	// An objection that comes when it is booked is seen, and if it is right it is taken
	// back: the yellow list forgets it, and the deed may be claimed anew.
	last := office.claims(family[1])[0].(object)["id"]
	office.must("claim.appeal", object{"id": last, "text": "那天我不在家"})
	if x := office.claims(family[1])[0].(object); x["late"] != true || x["state"] != "booked" || x["appeal"] != "那天我不在家" {
		t.Fatalf("%v", x)
	}
	office.refuses("claim.own", "claim.answer", object{"id": last, "yes": true, "why": "查过，确实不在"})
	office.must("app.operator", object{"name": "经办人甲"})
	if x := office.must("claim.answer", object{"id": last, "yes": true, "why": "查过，确实不在"}); x["late"] != false || year(family[1]) != 15 || len(office.lines(family[1], "undo")) != 1 {
		t.Fatalf("%v, %d", x, year(family[1]))
	}
	if y := office.must("lists.get", object{})["yellow"].([]any); len(y) != 0 {
		t.Errorf("taken back and listed: %v", y)
	}
	post(minus, family[1])

	// A correction is an opposite entry: the first one stays.
	lines := office.lines(family[2], "award")
	office.must("correction.make", object{"hash": entryOf(lines[0]), "reason": "记错了楼道"})
	if now := office.lines(family[2], "award"); len(now) != len(lines) || len(office.lines(family[2], "undo")) != 1 {
		t.Errorf("%d awards, %d undone", len(now), len(office.lines(family[2], "undo")))
	}
	if r := office.must("audit.report", object{}); number(r["negative"]) != 0 {
		t.Error(r["negative"])
	}
}

// at is a person with an address.
func at(name, phone, address string) object {
	p := person(name, phone)
	p["address"] = address
	return p
}

// tendNow wakes the chores: a clock that was put forward wakes nobody.
func (d *device) tendNow() {
	d.t.Helper()
	c, err := d.here()
	if err != nil {
		d.t.Fatal(err)
	}
	c.tend.poke()
}

// TestReadyRulebook: a ready-made rulebook is read like a sheet, and saved as the
// community's own; codes that stand for other items here are not taken again.
func TestReadyRulebook(t *testing.T) {
	office := found(t)
	books := office.must("scheme.ready", object{})["books"].([]any)
	if len(books) < 8 {
		t.Fatalf("%d ready-made rulebooks", len(books))
	}
	before := map[any]any{}
	for _, i := range office.must("scheme.get", object{})["items"].([]any) {
		before[i.(object)["code"]] = i.(object)["name"]
	}
	for _, b := range books {
		b := b.(object)
		d := office.must("scheme.read", object{"ready": b["id"]})
		if d["good"] != b["items"] || number(d["bad"]) != 0 {
			t.Errorf("%v: %v good, %v bad of %v", b["id"], d["good"], d["bad"], b["items"])
		}
		var items []any
		for _, r := range d["rows"].([]any) {
			i := r.(object)["item"].(object)
			if name, ok := before[i["code"]]; ok && name != i["name"] {
				t.Errorf("%v: %v is %v, and meant %v", b["id"], i["code"], i["name"], name)
			}
			items = append(items, i)
		}
		s := office.must("scheme.save", object{"head": object{"title": b["title"], "levels": d["levels"], "source": b["id"]}, "items": items})
		if s["source"] != b["id"] || len(s["items"].([]any)) != len(items) {
			t.Errorf("%v was saved as %v with %d items", b["id"], s["source"], len(s["items"].([]any)))
		}
	}
	office.refuses("scheme.ready.unknown", "scheme.read", object{"ready": "nowhere"})
}
