package guest

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"testing"
	"time"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/node"
)

// open starts a node with a community of its own; pin locks its screens.
func open(t *testing.T, name, pin string) *node.Node {
	t.Helper()
	n, err := node.Open(t.Context(), node.Config{Data: t.TempDir(), P2P: []string{"127.0.0.1:0"}, Version: "test", Clock: time.Now, Rand: rand.Reader,
		PINCost: govern.SealCost{Time: 1, Memory: 64, Threads: 1}, Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Error(err)
		}
	})
	must(t, n, "setup.create", map[string]any{"community": name, "parent": "河东街道", "office": "1 号电脑", "operator": "经办人甲", "grids": []string{}, "pin": pin})
	return n
}

type caller interface {
	Call(ctx context.Context, name string, params json.RawMessage) (any, error)
}

func call(t *testing.T, d caller, name string, params any) (map[string]any, error) {
	t.Helper()
	raw, err := json.Marshal(params)
	if err != nil {
		t.Fatal(err)
	}
	got, err := d.Call(t.Context(), name, raw)
	if err != nil {
		return nil, err
	}
	out := map[string]any{}
	raw, err = json.Marshal(got)
	if err == nil {
		err = json.Unmarshal(raw, &out)
	}
	return out, err
}

func must(t *testing.T, d caller, name string, params any) map[string]any {
	t.Helper()
	out, err := call(t, d, name, params)
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	return out
}

// A till that is locked says of no card whose it is.
func TestLockedTillNamesNoCommunity(t *testing.T) {
	home, other := open(t, "柳溪社区", "2580"), open(t, "河湾社区", "")
	p := must(t, other, "people.register", map[string]any{"name": "张三", "phone": "13900000001"})
	card := must(t, other, "people.card", map[string]any{"ids": []any{p["id"]}})["cards"].([]any)[0].(map[string]any)["qr"]
	d := &Device{home: home, visits: []*node.Node{other}}
	scan := map[string]any{"text": card}
	if _, err := call(t, d, "till.scan", scan); !errors.Is(err, fault.New("visits.card")) {
		t.Fatalf("while it is open: %v", err)
	}
	must(t, d, "session.lock", map[string]any{})
	_, err := call(t, d, "till.scan", scan)
	if err == nil || errors.Is(err, fault.New("visits.card")) {
		t.Errorf("while it is locked: %v", err)
	}
}

// A call is for the community that it names, whatever the screen shows by the time it
// arrives; one for a community that this device is not in goes nowhere.
func TestCallStaysInItsCommunity(t *testing.T) {
	home, other := open(t, "柳溪社区", ""), open(t, "河湾社区", "")
	d := &Device{home: home, visits: []*node.Node{other}}
	person := map[string]any{"name": "张三", "phone": "13900000001", "visit": other.Community()}
	id := must(t, d, "people.register", person)["id"]
	if _, err := call(t, home, "people.get", map[string]any{"id": id}); err == nil {
		t.Error("it landed in the device's own community")
	}
	must(t, other, "people.get", map[string]any{"id": id})
	person["visit"] = "00000000000000000000000000"
	if _, err := call(t, d, "people.register", person); !errors.Is(err, fault.New("visits.unknown")) {
		t.Errorf("for nobody: %v", err)
	}
}
