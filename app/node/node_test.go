package node

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"jishan/app/fault"
)

// device is one running node of a test, with its folder.
type device struct {
	*Node
	t        *testing.T
	dir      string
	recovery string // the printed key, where a test needs it
}

func start(t *testing.T, dir string) *device {
	t.Helper()
	return startBy(t, dir, time.Now)
}

// startBy opens a device that goes by a clock.
func startBy(t *testing.T, dir string, now func() time.Time) *device {
	t.Helper()
	d := &device{t: t, dir: dir}
	n, err := Open(t.Context(), Config{Data: dir, P2P: []string{"127.0.0.1:0"}, Version: "test", Clock: now, Rand: rand.Reader, Demo: true, PINCost: cheapPIN,
		Log: slog.New(slog.NewTextHandler(t.Output(), nil))})
	if err != nil {
		t.Fatal(err)
	}
	d.Node = n
	t.Cleanup(func() {
		if d.Node != nil {
			d.stop()
		}
	})
	return d
}

func (d *device) stop() {
	d.t.Helper()
	if err := d.Close(); err != nil {
		d.t.Error(err)
	}
	d.Node = nil
}

// renewals bounds how long a test waits for a community that is opened again: a
// machine that is busy with other tests takes seconds.
const renewals = 400

type object = map[string]any

// call runs a use case as a screen would: through JSON both ways.
func (d *device) call(name string, params object) (object, error) {
	d.t.Helper()
	return d.through(d.Call, name, params)
}

func (d *device) through(call func(context.Context, string, json.RawMessage) (any, error), name string, params object) (object, error) {
	d.t.Helper()
	p, err := json.Marshal(params)
	if err != nil {
		d.t.Fatal(err)
	}
	v, err := call(d.t.Context(), name, p)
	for range renewals { // as the screens do it
		if !errors.Is(err, errRenewing) {
			break
		}
		time.Sleep(50 * time.Millisecond)
		v, err = call(d.t.Context(), name, p)
	}
	if err != nil {
		return nil, err
	}
	b, err := json.Marshal(v)
	if err != nil {
		d.t.Fatal(err)
	}
	out := object{}
	if err := json.Unmarshal(b, &out); err != nil {
		d.t.Fatal(err)
	}
	return out, nil
}

func (d *device) must(name string, params object) object {
	d.t.Helper()
	out, err := d.call(name, params)
	if err != nil {
		d.t.Fatalf("%s: %v", name, err)
	}
	return out
}

func (d *device) refuses(code, name string, params object) {
	d.t.Helper()
	if _, err := d.call(name, params); !errors.Is(err, fault.New(code)) {
		d.t.Errorf("%s: got %v, want %s", name, err, code)
	}
}

// eventually waits for what other devices cause.
func eventually(t *testing.T, what string, ok func() bool) {
	t.Helper()
	end := time.Now().Add(40 * time.Second) // of a machine that is busy with other tests
	for !ok() {
		if time.Now().After(end) {
			t.Fatal("never: " + what)
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func found(t *testing.T) *device {
	d := start(t, t.TempDir())
	out := d.must("setup.create", object{"community": "柳溪社区", "parent": "河东街道", "office": "1 号电脑", "operator": "经办人甲", "grids": []string{"一网格", "二网格"}})
	if ok := d.must("setup.checkRecovery", object{"text": out["recoveryKey"]}); ok["ok"] != true {
		t.Error("the recovery key is not the community's")
	}
	return d
}

func join(t *testing.T, office *device, role, place string) *device {
	t.Helper()
	ticket := office.must("devices.ticket", object{"role": role, "name": place + "电脑", "placeName": place})
	d := start(t, t.TempDir())
	preview := d.must("setup.readTicket", object{"text": ticket["text"]})
	if preview["community"] != "柳溪社区" || preview["role"] != role {
		t.Errorf("preview: %v", preview)
	}
	d.must("setup.join", object{"text": ticket["text"], "device": place + "电脑", "operator": "经办人乙"})
	eventually(t, "the device is ready", func() bool { return d.must("app.state", object{})["phase"] == "ready" })
	return d
}

func person(name, phone string) object {
	return object{"name": name, "phone": phone, "idNumber": "", "birthday": "", "grid": "", "address": "2-3-102", "usualPlace": "", "skills": "", "note": "", "guardian": "", "household": ""}
}

func number(v any) int64 { f, _ := v.(float64); return int64(f) }

// balance of a person as a device shows it.
func (d *device) person(id any) object {
	d.t.Helper()
	return d.must("people.get", object{"id": id})
}

func TestScenario14ElderWithPassbook(t *testing.T) {
	d := found(t)
	reg := d.must("people.register", person("张三", "13900000001"))
	if reg["existing"] != false || number(reg["onTheWay"]) != 0 {
		t.Errorf("registered: %v", reg)
	}
	again := d.must("people.register", person("张三", "13900000001"))
	if again["existing"] != true || again["id"] != reg["id"] {
		t.Errorf("registered twice: %v", again)
	}
	// 95 on paper, 10 of them... the roster brings them along.
	preview := d.must("people.rosterPreview", object{"text": "姓名\t电话\t累计积分\t年度积分\t可用积分\n李四\t13900000002\t95\t95\t95", "file": ""})
	if number(preview["good"]) != 1 {
		t.Fatalf("preview: %v", preview)
	}
	d.must("people.rosterImport", object{"token": preview["token"]})
	list := d.must("people.list", object{"offset": 0, "limit": 10, "q": "lisi", "grid": "", "sort": "name", "desc": false})
	li := list["rows"].([]any)[0].(object)
	if number(li["spendable"]) != 95 {
		t.Fatalf("opening: %v", li)
	}
	scheme := d.must("scheme.get", object{})
	item := scheme["items"].([]any)[0].(object)
	deed := object{"person": li["id"], "item": item["code"], "at": time.Now().UnixMilli(), "minutes": 60, "note": "", "witness": "网格员", "line": "存折第 8 行"}
	got := d.must("deed.record", deed)
	if number(got["points"]) != 3 || number(got["spendable"]) != 98 {
		t.Errorf("95 + 3: %v", got)
	}
	d.refuses("deed.double", "deed.record", deed)
	made := d.must("deed.today", object{})["rows"].([]any)
	if len(made) != 1 || made[0].(object)["masked"] != li["masked"] || made[0].(object)["text"] != item["name"] || number(made[0].(object)["points"]) != 3 {
		t.Errorf("recorded today: %v", made)
	}
	offer := d.must("shop.save", object{"id": "", "name": "洗衣液", "unit": "1 袋", "kind": "goods", "points": 8, "minimum": 2, "icon": "bottle", "active": true, "code": "6900001"})
	d.must("shop.receive", object{"offer": offer["id"], "n": 3, "why": "进货"})
	receipt := d.must("till.redeem", object{"person": li["id"], "lines": []object{{"offer": offer["id"], "n": 2}}})
	if number(receipt["total"]) != 16 || number(receipt["hereAfter"]) != 82 {
		t.Errorf("receipt: %v", receipt)
	}
	d.refuses("till.stock", "till.redeem", object{"person": li["id"], "lines": []object{{"offer": offer["id"], "n": 2}}})
	d.must("ledger.undo", object{"ref": receipt["ref"]})
	d.refuses("ledger.undo.done", "ledger.undo", object{"ref": receipt["ref"]})
	book := d.must("people.passbook", object{"id": li["id"], "offset": 0, "limit": 50})
	lines := book["lines"].([]any)
	if first := lines[0].(object); first["kind"] != "undo" || number(first["amount"]) != 16 || number(first["balance"]) != 98 {
		t.Errorf("the undo's line: %v", first)
	}
	if second := lines[1].(object); second["kind"] != "redeem" || second["undone"] != true || number(second["balance"]) != 82 {
		t.Errorf("the undone line: %v", second)
	}
	mistake := object{"person": li["id"], "item": item["code"], "at": time.Now().UnixMilli(), "minutes": 60, "note": "", "witness": "", "line": "存折第 9 行"}
	wrong := d.must("deed.record", mistake)
	d.must("ledger.undo", object{"ref": wrong["ref"]})
	book = d.must("people.passbook", object{"id": li["id"], "offset": 0, "limit": 1})
	if l := book["lines"].([]any)[0].(object); l["kind"] != "undo" || l["text"] != item["name"] {
		t.Errorf("the undo does not say of what: %v", l)
	}
	if m := d.must("stats.month", object{"month": ""}); number(m["attendances"]) != 1 || number(m["minutes"]) != 60 {
		t.Errorf("an undone service still counts: %v", m)
	}
	if got := d.person(li["id"]); number(got["spendable"]) != 98 || number(got["lifetime"]) != 98 {
		t.Errorf("at the end: %v", got)
	}
}

func TestThreeDevices(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	merchant := join(t, office, "merchant", "惠民超市")
	away := station.must("people.register", person("王五", "13900000005"))
	if number(away["onTheWay"]) != 10 {
		t.Errorf("a station awarded the bonus itself: %v", away)
	}
	eventually(t, "the bonus is booked", func() bool { return number(station.person(away["id"])["spendable"]) == 10 })

	offer := merchant.must("shop.save", object{"id": "", "name": "香皂", "unit": "1 块", "kind": "goods", "points": 4, "minimum": 0, "icon": "soap", "active": true, "code": ""})
	merchant.must("shop.receive", object{"offer": offer["id"], "n": 5, "why": ""})
	card := office.must("people.card", object{"ids": []any{away["id"]}})["cards"].([]any)[0].(object)
	scan := merchant.must("till.scan", object{"text": card["qr"]})
	account, _ := scan["account"].(object)
	if scan["kind"] != "person" || account["masked"] != "王*" || account["valid"] != "ok" {
		t.Fatalf("card at the till: %v", scan)
	}
	merchant.refuses("till.short", "till.redeem", object{"person": away["id"], "lines": []object{{"offer": offer["id"], "n": 1}}})
	eventually(t, "the points are at the till", func() bool {
		a := merchant.must("till.pull", object{"person": away["id"], "need": 4})
		return number(a["here"]) >= 4
	})
	merchant.must("till.redeem", object{"person": away["id"], "lines": []object{{"offer": offer["id"], "n": 1}}})
	merchant.stop()
	merchant = start(t, merchant.dir)
	typed := merchant.must("till.scan", object{"text": card["code"]})
	if typed["kind"] != "person" {
		t.Errorf("a code typed at a till that has met the card: %v", typed)
	}
	for _, name := range []string{"people.list", "people.get", "activity.list", "stats.month", "deed.record"} {
		merchant.refuses("app.role", name, object{})
	}
	eventually(t, "the office knows of it", func() bool { return number(office.person(away["id"])["spendable"]) == 6 })
	if raw := merchantBytes(t, merchant); bytes.Contains(raw, []byte("王五")) || bytes.Contains(raw, []byte("13900000005")) {
		t.Error("the merchant's folder holds a name or a phone")
	}
	report := office.must("audit.report", object{})
	terms := report["terms"].(object)
	sum := func(names ...string) (n int64) {
		for _, x := range names {
			n += number(terms[x])
		}
		return n
	}
	if sum("minted", "unseen", "loss") != sum("held", "inflight", "stranded", "consumed", "burned")-sum("restored") || number(terms["minted"]) != 10 {
		t.Errorf("the sum does not hold: %v", terms)
	}
}

func merchantBytes(t *testing.T, d *device) []byte {
	t.Helper()
	var all []byte
	err := filepath.WalkDir(d.dir, func(path string, e os.DirEntry, err error) error {
		if err != nil || e.IsDir() {
			return err
		}
		b, err := os.ReadFile(path)
		all = append(all, b...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

func TestStickInsteadOfCable(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	station.must("devices.pause", object{"on": true})
	if s := station.must("app.state", object{})["sync"].(object); number(s["online"]) != 0 {
		t.Fatalf("cut off, yet: %v", s)
	}
	reg := station.must("people.register", person("赵六", "13900000006"))
	if s := station.must("app.state", object{})["sync"].(object); number(s["onlyHere"]) == 0 {
		t.Errorf("registered while cut off, yet nothing is only here: %v", s)
	}
	stick := t.TempDir()
	if out := station.must("devices.exchange", object{"path": stick}); number(out["files"]) != 1 || number(out["sent"]) == 0 {
		t.Fatalf("left on the stick: %v", out)
	}
	if out := office.must("devices.exchange", object{"path": stick}); number(out["received"]) == 0 {
		t.Fatalf("taken from the stick: %v", out)
	}
	eventually(t, "the office books the bonus", func() bool { return number(office.person(reg["id"])["spendable"]) == 10 })
	office.must("devices.exchange", object{"path": stick})
	station.must("devices.exchange", object{"path": stick})
	eventually(t, "the station has it", func() bool { return number(station.person(reg["id"])["spendable"]) == 10 })

	file, err := office.File(t.Context(), "bundle", url.Values{"to": {stationID(office)}})
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(file.Body)
	if err != nil {
		t.Fatal(err)
	}
	office.refuses("bundle.recipient", "devices.import", object{"file": base64.StdEncoding.EncodeToString(b)})
	station.refuses("bundle.damaged", "devices.import", object{"file": base64.StdEncoding.EncodeToString(b[:len(b)-40])})
	station.must("devices.import", object{"file": base64.StdEncoding.EncodeToString(b)})
}

func stationID(d *device) string {
	for _, x := range d.must("devices.list", object{})["devices"].([]any) {
		if x := x.(object); x["role"] == "station" {
			return x["id"].(string)
		}
	}
	return ""
}

func TestRestartKeepsEverything(t *testing.T) {
	d := found(t)
	reg := d.must("people.register", person("孙七", "13900000007"))
	before := d.must("audit.report", object{})
	d.stop()
	d = start(t, d.dir)
	after := d.must("audit.report", object{})
	if before["incarnation"] != after["incarnation"] || before["balances"] != after["balances"] {
		t.Errorf("before %v, after %v", before, after)
	}
	if number(d.person(reg["id"])["spendable"]) != 10 {
		t.Error("the bonus is gone")
	}
}

func TestBadInput(t *testing.T) {
	d := start(t, t.TempDir())
	d.refuses("app.phase", "people.list", object{})
	d.refuses("call.unknown", "people.destroy", object{})
	d.refuses("ticket.bad", "setup.readTicket", object{"text": "JISHAN1:ABC"})
	d.refuses("ticket.bad", "setup.join", object{"text": "hello", "device": "x", "operator": "y"})
	d.refuses("operator.bad", "setup.create", object{"community": "柳溪社区", "parent": "", "office": "x", "operator": " ", "grids": []string{}})
	for _, odd := range []string{"陈\n样", "陈\u202e样", "陈\x00"} {
		d.refuses("operator.bad", "setup.create", object{"community": "柳溪社区", "parent": "", "office": "x", "operator": odd, "grids": []string{}})
	}
	d.refuses("govern.name.bad", "setup.create", object{"community": strings.Repeat("长", 200), "parent": "", "office": "x", "operator": "甲", "grids": []string{}})
	if _, err := os.Stat(filepath.Join(d.dir, databaseFile)); err == nil {
		t.Error("a refused founding left a database")
	}
	d = found(t)
	d.refuses("setup.done", "setup.sample", object{})
	for _, c := range []struct {
		code, name string
		params     object
	}{
		{"call.params", "people.get", object{"id": 5}},
		{"call.params", "people.get", object{"nobody": "x"}},
		{"people.unknown", "people.get", object{"id": strings.Repeat("0", 26)}},
		{"people.name.bad", "people.register", person("", "13900000001")},
		{"people.phone.bad", "people.register", person("张三", "12")},
		{"activity.unknown", "activity.get", object{"id": "01j00000000000000000000000"}},
		{"till.amount", "till.redeem", object{"person": strings.Repeat("0", 26), "lines": []object{{"offer": "x", "n": -1}}}},
		{"till.empty", "till.redeem", object{"person": strings.Repeat("0", 26), "lines": []object{}}},
		{"shop.points", "shop.save", object{"id": "", "name": "x", "unit": "", "kind": "goods", "points": -3, "minimum": 0, "icon": "", "active": true, "code": ""}},
		{"shop.offer.unknown", "shop.receive", object{"offer": "x", "n": 1, "why": ""}},
		{"settings.bad", "settings.save", object{"size": 99}},
		{"devices.unknown", "devices.revoke", object{"id": "x"}},
		{"bundle.bad", "devices.import", object{"file": base64.StdEncoding.EncodeToString([]byte("PK nothing"))}},
		{"file.bad", "devices.import", object{"file": "%%%"}},
		{"stick.missing", "devices.exchange", object{"path": "relative/path"}},
		{"ledger.undo.foreign", "ledger.undo", object{"ref": object{"doc": "", "seq": 1, "hash": strings.Repeat("0", 64)}}},
		{"month.bad", "stats.month", object{"month": "2026-13"}},
		{"govern.role.bad", "devices.ticket", object{"role": "king", "name": "x", "placeName": "y"}},
	} {
		d.refuses(c.code, c.name, c.params)
	}
}

func TestClockAYearOff(t *testing.T) {
	dir := t.TempDir()
	clock := time.Date(2026, 3, 26, 10, 0, 0, 0, time.UTC)
	open := func() *device {
		d := &device{t: t, dir: dir}
		n, err := Open(t.Context(), Config{Data: dir, Version: "test", Clock: func() time.Time { return clock }, Rand: rand.Reader, Demo: true, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
		if err != nil {
			t.Fatal(err)
		}
		d.Node = n
		return d
	}
	d := open()
	d.must("setup.create", object{"community": "柳溪社区", "parent": "", "office": "1 号电脑", "operator": "甲", "grids": []string{}})
	d.stop()
	for _, wrong := range []time.Duration{-400 * 24 * time.Hour, 400 * 24 * time.Hour} {
		clock = clock.Add(wrong)
		d = open()
		if s := d.must("app.state", object{}); number(s["clockLast"]) == 0 {
			t.Errorf("%v: not doubted", wrong)
		}
		d.refuses("clock.doubt", "people.register", person("张三", "13900000001"))
		d.stop()
		clock = clock.Add(-wrong)
	}
	clock = clock.Add(400 * 24 * time.Hour)
	d = open()
	d.must("app.confirmClock", object{})
	d.must("people.register", person("张三", "13900000001"))
	d.stop()
}

func TestOfficeWithoutItsLock(t *testing.T) {
	d := found(t)
	d.must("people.register", person("孙七", "13900000007"))
	before := d.must("audit.report", object{})
	d.stop()
	if err := os.Remove(filepath.Join(d.dir, lockFile)); err != nil {
		t.Fatal(err)
	}
	d = start(t, d.dir)
	if after := d.must("audit.report", object{}); before["incarnation"] == after["incarnation"] {
		t.Fatal("without its lock file the device writes on as if nothing had happened")
	}
	eventually(t, "the registrar goes on in a new term", func() bool {
		_, err := d.call("devices.ticket", object{"role": "station", "name": "x", "placeName": "y"})
		return err == nil
	})
	station := join(t, d, "station", "柳溪实践站")
	reg := station.must("people.register", person("周八", "13900000008"))
	eventually(t, "the new term books the bonus", func() bool { return number(station.person(reg["id"])["spendable"]) == 10 })
	list := d.must("people.list", object{"offset": 0, "limit": 10, "q": "sunqi", "grid": "", "sort": "name", "desc": false})
	if sun := list["rows"].([]any)[0].(object); number(sun["lifetime"]) != 10 {
		t.Errorf("the bonus of before was booked again or is gone: %v", sun)
	}
}

func TestBothCutOffMeetAgain(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	for _, on := range []bool{true, false} {
		for _, d := range []*device{office, station} {
			d.must("devices.pause", object{"on": on})
		}
	}
	eventually(t, "they are back", func() bool { return number(office.must("app.state", object{})["sync"].(object)["online"]) == 1 })
}

func TestHugeOffsets(t *testing.T) {
	d := found(t)
	reg := d.must("people.register", person("张三", "13900000001"))
	const most = int64(1<<63 - 1)
	d.must("people.list", object{"offset": most, "limit": 200, "q": "", "grid": "", "sort": "name", "desc": false})
	d.must("people.passbook", object{"id": reg["id"], "offset": most, "limit": 200})
	offer := d.must("shop.save", object{"id": "", "name": "香皂", "unit": "", "kind": "goods", "points": 4, "minimum": 0, "icon": "", "active": true, "code": ""})
	d.must("shop.receive", object{"offer": offer["id"], "n": 1, "why": "a\x00b" + strings.Repeat("长", 1_000_000)})
}
