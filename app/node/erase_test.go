package node

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"jishan/crdt/store"
)

// holding returns the file of a stopped or running device that holds the bytes,
// free pages and log included; "" for none.
func (d *device) holding(text []byte) string {
	d.t.Helper()
	files, err := filepath.Glob(filepath.Join(d.dir, "*"))
	if err != nil || len(files) == 0 {
		d.t.Fatal("no files", err)
	}
	for _, f := range files {
		if info, err := os.Stat(f); err != nil || info.IsDir() {
			continue
		}
		raw, err := os.ReadFile(f)
		if err != nil {
			d.t.Fatal(err)
		}
		if bytes.Contains(raw, text) {
			return filepath.Base(f)
		}
	}
	return ""
}

func (d *device) vault() map[[32]byte]store.Item {
	d.t.Helper()
	list, err := d.community.store.SetItems(d.t.Context(), "vault", -1)
	if err != nil {
		d.t.Fatal(err)
	}
	out := map[[32]byte]store.Item{}
	for _, it := range list {
		out[it.ID] = it
	}
	return out
}

// TestForgottenEverywhere: after an erasure no staff device shows the person or
// holds the name, the phone or the key that opened them, not even in what the
// database no longer uses; points stay, and every list that named the person
// still opens.
func TestForgottenEverywhere(t *testing.T) {
	const name, phone = "欧阳秋水", "13900001234"
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	id := office.must("people.register", person(name, phone))["id"]
	for i := range 60 { // keys before and after, so that pages of the vault were split
		office.must("people.register", person(fmt.Sprintf("居民%c", '一'+rune(i)), fmt.Sprintf("139%08d", 20000000+i)))
	}
	eventually(t, "the bonus is booked", func() bool { return number(office.person(id)["spendable"]) == 10 })
	code := office.person(id)["code"]
	offer := office.shelf("香皂", 1, 5)
	office.must("till.scan", object{"text": code})
	office.must("till.reserve", object{"person": id, "lines": []object{{"offer": offer, "n": 1}}})
	office.must("order.post", object{"person": id, "type": "维修", "project": "", "text": "找" + name + "修灯泡", "address": "", "phone": phone, "via": "desk", "once": ""})
	office.must("people.household", object{"household": "", "members": []any{id}, "head": id})
	now := time.Now()
	act := office.must("activity.publish", object{"title": "楼道清扫", "type": "环境治理", "start": now.UnixMilli(), "end": now.Add(time.Hour).UnixMilli(), "place": "和平里 2 号院", "places": 9,
		"item": office.must("scheme.get", object{})["items"].([]any)[0].(object)["code"], "organiser": "经办人甲", "note": ""})["id"]
	office.must("activity.signUp", object{"id": act, "people": []any{id}})
	if _, err := office.phone("phone.signIn", object{"code": code, "tail": "1234"}); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the station has all", func() bool {
		_, err := station.call("people.get", object{"id": id})
		return err == nil && station.changes() == office.changes()
	})
	before := office.vault()

	look := office.must("people.eraseLook", object{"id": id})
	if number(look["reservations"]) != 1 || number(look["spendable"]) != 10 || number(look["devices"]) != 1 {
		t.Errorf("what is open: %v", look)
	}
	office.refuses("people.erase.name", "people.erase", object{"id": id, "name": "欧阳"})
	if got := office.must("people.views", object{"id": id, "offset": 0, "limit": 10}); number(got["total"]) != 1 || got["device"] != "1 号电脑" || got["rows"].([]any)[0].(object)["operator"] != "经办人甲" {
		t.Errorf("the view log: %v", got)
	}
	if done := office.must("people.erase", object{"id": id, "name": " " + name}); number(done["devices"]) != 1 {
		t.Errorf("erased: %v", done)
	}
	office.refuses("people.unknown", "people.erase", object{"id": id, "name": name})
	eventually(t, "the station has forgotten", func() bool {
		_, err := station.call("people.get", object{"id": id})
		gone := 0
		for k := range before {
			if station.vault()[k].Gone {
				gone++
			}
		}
		return err != nil && gone == 1 && station.changes() == office.changes()
	})

	for _, d := range []*device{office, station} {
		for _, q := range []string{name, "oyqs", "1234", code.(string)} {
			if got := d.must("people.list", object{"q": q, "grid": "", "sort": "name", "desc": false, "offset": 0, "limit": 50}); number(got["total"]) != 0 {
				t.Errorf("still found by %q", q)
			}
		}
		for call, params := range map[string]object{"till.reservations": {}, "till.today": {}, "home.get": {}, "activity.get": {"id": act}, "order.board": {"grid": "", "type": ""},
			"people.passbook": {"id": id, "offset": 0, "limit": 10}, "people.views": {"id": id, "offset": 0, "limit": 10}, "deed.today": {}, "honour.today": {}, "app.search": {"q": name}} {
			got, err := d.call(call, params)
			if err != nil {
				t.Errorf("%s: %v", call, err)
			}
			if text := fmt.Sprint(got); bytes.Contains([]byte(text), []byte(name)) || bytes.Contains([]byte(text), []byte(phone)) {
				t.Errorf("%s still says who it was: %s", call, text)
			}
		}
	}
	if got := office.must("people.passbook", object{"id": id, "offset": 0, "limit": 10}); number(got["total"]) != 1 {
		t.Errorf("the points are gone: %v", got)
	}
	secrets := map[string][]byte{"the name": []byte(name), "the phone": []byte(phone)}
	after := office.vault()
	for k, it := range before {
		if after[k].Gone {
			secrets["the key"] = it.Blob
		}
	}
	if len(secrets) != 3 || len(secrets["the key"]) < 32 {
		t.Fatalf("no key went: %d", len(secrets))
	}
	for _, d := range []*device{office, station} {
		d.stop()
		for what, text := range secrets {
			if file := d.holding(text); file != "" {
				t.Errorf("%s is in %s", what, file)
			}
		}
	}
}
