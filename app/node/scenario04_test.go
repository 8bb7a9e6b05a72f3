package node_test

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"log/slog"
	"net/url"
	"path/filepath"
	"testing"
	"time"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/guest"
	"jishan/app/node"
)

type object = map[string]any

// caller is an office or a merchant's device as its screens use it.
type caller interface {
	Call(ctx context.Context, name string, params json.RawMessage) (any, error)
}

func ask(t *testing.T, d caller, name string, params object) (object, error) {
	t.Helper()
	b, err := json.Marshal(params)
	if err != nil {
		t.Fatal(err)
	}
	v, err := d.Call(t.Context(), name, b)
	if err != nil {
		return nil, err
	}
	if b, err = json.Marshal(v); err != nil {
		t.Fatal(err)
	}
	out := object{}
	if err := json.Unmarshal(b, &out); err != nil {
		t.Fatal(err)
	}
	return out, nil
}

func must(t *testing.T, d caller, name string, params object) object {
	t.Helper()
	out, err := ask(t, d, name, params)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return out
}

func refuses(t *testing.T, d caller, code, name string, params object) *fault.Fault {
	t.Helper()
	_, err := ask(t, d, name, params)
	if !errors.Is(err, fault.New(code)) {
		t.Fatalf("%s: %v, want %s", name, err, code)
	}
	return fault.Of(err)
}

func until(t *testing.T, what string, ok func() bool) {
	t.Helper()
	for end := time.Now().Add(40 * time.Second); !ok(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("never: " + what)
		}
	}
}

func config(t *testing.T, dir string) node.Config {
	return node.Config{Data: dir, P2P: []string{"127.0.0.1:0"}, Version: "test", Clock: time.Now, Rand: rand.Reader, Demo: true,
		Log: slog.New(slog.NewTextHandler(t.Output(), nil))}
}

func office(t *testing.T, name string, site govern.Site) *node.Node {
	t.Helper()
	n, err := node.Open(t.Context(), config(t, t.TempDir()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = n.Close() })
	must(t, n, "setup.create", object{"community": name, "parent": site.Street, "office": "办公室电脑", "operator": "经办人甲", "grids": []string{}})
	if err := n.Lies(site); err != nil {
		t.Fatal(err)
	}
	return n
}

func openDevice(t *testing.T, dir string) *guest.Device {
	t.Helper()
	d, err := guest.Open(t.Context(), config(t, dir))
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func ticket(t *testing.T, n *node.Node, place string) any {
	t.Helper()
	return must(t, n, "devices.ticket", object{"role": "merchant", "name": place, "placeName": place})["text"]
}

// TestScenario04OneTillTwoCommunities: a shop that takes points of the street's
// communities: one program, a feed in each, cards of each at the counter, what may
// be unsettled refused in words, and all of it there after a start.
func TestScenario04OneTillTwoCommunities(t *testing.T) {
	site := govern.Site{Street: "光明路街道", District: "路北区", City: "唐山市"}
	far := govern.Site{Street: "文化路街道", District: "路北区", City: "唐山市"}
	home, away, other := office(t, "柳溪社区", site), office(t, "桥东社区", site), office(t, "河湾社区", far)
	for _, o := range []*node.Node{away, other} {
		if err := errors.Join(o.Befriend(home, site, 12), home.Befriend(o, site, 12), home.Letter(o)); err != nil {
			t.Fatal(err)
		}
	}
	dir := t.TempDir()
	shop := openDevice(t, dir)
	t.Cleanup(func() { _ = shop.Close() })
	must(t, shop, "setup.join", object{"text": ticket(t, home, "惠民超市"), "device": "收银电脑", "operator": "店主"})
	refuses(t, shop, "visits.scope", "visits.join", object{"text": ticket(t, away, "惠民超市")})
	place := must(t, home, "merchants.list", object{})["merchants"].([]any)[0].(object)["place"]
	refuses(t, home, "scope.unknown", "merchants.scope", object{"place": place, "scope": "world"})
	must(t, home, "merchants.scope", object{"place": place, "scope": "street"})
	until(t, "the shop has its certificate", func() bool { return must(t, shop, "visits.list", object{})["text"] != "" })

	if f := refuses(t, shop, "ticket.refused", "visits.join", object{"text": ticket(t, other, "惠民超市")}); f.Params["code"] != "guest.scope" {
		t.Errorf("another street refuses with %v", f)
	}
	at := must(t, shop, "visits.join", object{"text": ticket(t, away, "惠民超市")})["id"]
	refuses(t, shop, "visits.again", "visits.join", object{"text": ticket(t, away, "惠民超市")})
	if list := must(t, shop, "visits.list", object{})["visits"].([]any); len(list) != 2 || list[1].(object)["name"] != "桥东社区" || list[0].(object)["home"] != true {
		t.Errorf("communities: %v", list)
	}
	guests := must(t, away, "merchants.list", object{})["merchants"].([]any)
	if g := guests[0].(object); len(guests) != 1 || g["home"] != "柳溪社区" || g["scope"] != "street" || g["name"] != "惠民超市" {
		t.Errorf("what the office sees: %v", guests)
	}

	who := must(t, away, "people.register", object{"name": "张三", "phone": "13900000001", "idNumber": "", "birthday": "", "grid": "", "address": "",
		"usualPlace": "", "skills": "", "note": "", "guardian": "", "household": "", "opening": object{"lifetime": 0, "year": 0, "spendable": 30}})
	card := must(t, away, "people.card", object{"ids": []any{who["id"]}})["cards"].([]any)[0].(object)["qr"]
	if f := refuses(t, shop, "visits.card", "till.scan", object{"text": card}); f.Params["at"] != at || f.Params["name"] != "桥东社区" {
		t.Errorf("the own community says %v", f)
	}
	shown := must(t, shop, "till.scan", object{"visit": at, "text": card})["account"].(object)
	if shown["masked"] != "张*" && shown["masked"] != "*三" {
		t.Errorf("the card at the counter: %v", shown)
	}
	if f := refuses(t, shop, "visits.card", "till.scan", object{"text": shown["code"]}); f.Params["at"] != at {
		t.Errorf("typed digits: %v", f)
	}
	soap := must(t, shop, "shop.save", object{"visit": at, "id": "", "name": "香皂", "unit": "块", "kind": "goods", "points": 5, "minimum": 0, "icon": "soap", "active": true, "code": ""})["id"]
	must(t, shop, "shop.receive", object{"visit": at, "offer": soap, "n": 9, "why": ""})
	if own := must(t, shop, "shop.offers", object{"all": true})["offers"].([]any); len(own) != 0 {
		t.Errorf("one community's shelf shows in the other: %v", own)
	}
	until(t, "the points and the credit are at the till", func() bool {
		out, err := ask(t, shop, "till.pull", object{"visit": at, "person": who["id"], "need": 30})
		credit := must(t, away, "merchants.list", object{})["merchants"].([]any)[0].(object)["credit"]
		return err == nil && out["here"] == float64(30) && credit == float64(12)
	})
	must(t, shop, "devices.pause", object{"visit": at, "on": true}) // cut off
	buy := func(n int) object {
		return object{"visit": at, "person": who["id"], "lines": []object{{"offer": soap, "n": n}}, "word": true}
	}
	until(t, "the credit was taken", func() bool { _, err := ask(t, shop, "till.redeem", buy(2)); return err == nil })
	f := refuses(t, shop, "till.credit", "till.redeem", buy(1))
	if f.Params["here"] != int64(2) || f.Params["need"] != int64(5) || f.Params["community"] != "桥东社区" {
		t.Errorf("refused with %v", f)
	}
	if own := must(t, shop, "till.today", object{"day": ""}); len(own["receipts"].([]any)) != 0 {
		t.Errorf("today at home: %v", own)
	}

	if err := shop.Close(); err != nil {
		t.Fatal(err)
	}
	shop = openDevice(t, dir)
	if list := must(t, shop, "visits.list", object{})["visits"].([]any); len(list) != 2 {
		t.Errorf("after a start: %v", list)
	}
	root, err := home.Root()
	if err != nil {
		t.Fatal(err)
	}
	until(t, "the office knows what it owes", func() bool {
		spent, err := away.Owed(root)
		return err == nil && spent == 10
	})
	refuses(t, shop, "visits.unknown", "till.today", object{"visit": "nowhere", "day": ""})
	refuses(t, shop, "visits.home", "setup.anew", object{"visit": at})
	if _, err := shop.File(t.Context(), "backup", url.Values{"visit": {"nowhere"}}); !errors.Is(err, fault.New("visits.unknown")) {
		t.Error(err)
	}
	if dirs, _ := filepath.Glob(filepath.Join(dir, guest.Folder, "*")); len(dirs) != 1 {
		t.Errorf("attempts that failed left folders: %v", dirs)
	}
}
