package desktop

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jishan/app/fault"
	"jishan/app/web"
)

type fake struct{}

func (fake) Call(_ context.Context, name string, params json.RawMessage) (any, error) {
	switch name {
	case "echo.back":
		return params, nil
	case "echo.refuse":
		return nil, fault.New("people.phone.bad", "field", "phone")
	case "echo.broken":
		return nil, errors.New("a secret")
	}
	panic("张三")
}

func (fake) File(_ context.Context, name string, q url.Values) (*web.File, error) {
	if name == "broken" {
		return &web.File{Name: "b", Body: io.MultiReader(strings.NewReader("half"), failing{})}, nil
	}
	return &web.File{Name: "花名册.xlsx", Body: strings.NewReader("rows " + q.Get("grid"))}, nil
}

type failing struct{}

func (failing) Read([]byte) (int, error) { return 0, errors.New("cut") }

func (fake) Events(context.Context) <-chan []string { return nil }

func bridge(ask func(string) (string, error)) (*Bridge, *strings.Builder) {
	log := &strings.Builder{}
	return &Bridge{ctx: context.Background(), product: fake{}, log: slog.New(slog.NewTextHandler(log, nil)), ask: ask}, log
}

func TestCall(t *testing.T) {
	b, log := bridge(nil)
	if r, err := b.Call("echo.back", `{"q":"李"}`); err != nil || r != `{"q":"李"}` {
		t.Error(r, err)
	}
	if r, err := b.Call("echo.back", ""); err != nil || r != `{}` {
		t.Error(r, err)
	}
	for _, c := range [][3]string{
		{"echo.refuse", "{}", `{"code":"people.phone.bad","params":{"field":"phone"}}`},
		{"echo.broken", "{}", `{"code":"internal"}`},
		{"echo.panics", "{}", `{"code":"internal"}`},
		{"echo", "{}", `{"code":"call.unknown","params":{"name":""}}`},
		{"echo.back", "{", `{"code":"web.json"}`},
		{"echo.back", strings.Repeat(" ", maxParams+1), `{"code":"web.large","params":{"limit":25165824}}`},
	} {
		_, err := b.Call(c[0], c[1])
		if err == nil {
			t.Errorf("%s passed", c[0])
			continue
		}
		if got := formatted(err); got != c[2] {
			t.Errorf("%s: the page gets %s", c[0], got)
		}
	}
	if !strings.Contains(log.String(), "a secret") || strings.Contains(log.String(), "张三") {
		t.Error("the log must hold the error and not the panic's value:", log)
	}
}

func TestSaveFile(t *testing.T) {
	dir := t.TempDir()
	b, _ := bridge(func(suggested string) (string, error) { return filepath.Join(dir, suggested), nil })
	path, err := b.SaveFile("people.xlsx", "q=&grid=%E4%B8%80")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := os.ReadFile(path); err != nil || string(got) != "rows 一" || filepath.Base(path) != "花名册.xlsx" {
		t.Error(path, string(got), err)
	}
	old := filepath.Join(dir, "b")
	if err := os.WriteFile(old, []byte("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := b.SaveFile("broken", ""); fault.Of(err).Code != "file.write" {
		t.Error("half a file was saved:", err)
	}
	if got, _ := os.ReadFile(old); string(got) != "old" {
		t.Errorf("the old file became %q", got)
	}
	if left, _ := filepath.Glob(filepath.Join(dir, ".jishan-*")); len(left) > 0 {
		t.Error("left behind:", left)
	}
	b, _ = bridge(func(string) (string, error) { return "", nil })
	if path, err := b.SaveFile("people.xlsx", ""); path != "" || err != nil {
		t.Error("a changed mind is no error:", path, err)
	}
	for _, name := range []string{"../x", "", "A.xlsx", "a/b"} {
		if _, err := b.SaveFile(name, ""); fault.Of(err).Code != "file.unknown" {
			t.Errorf("%q: %v", name, err)
		}
	}
	if _, err := b.SaveFile("people.xlsx", "%zz"); fault.Of(err).Code != "call.params" {
		t.Error(err)
	}
}

func TestPlaceIsRemembered(t *testing.T) {
	dir := t.TempDir()
	if p, known := readPlace(dir); known || p.Width != defaultWidth {
		t.Error("no file:", p, known)
	}
	want := place{X: 10, Y: 20, Width: 1000, Height: 700, Maximised: true}
	if err := want.write(dir); err != nil {
		t.Fatal(err)
	}
	if p, known := readPlace(dir); !known || p != want {
		t.Error(p, known)
	}
	for _, bad := range []string{"", "{", `{"Width":1,"Height":1}`, `{"Width":900,"Height":99999999}`, `{"X":1e9}`} {
		if err := os.WriteFile(filepath.Join(dir, placeFile), []byte(bad), 0o600); err != nil {
			t.Fatal(err)
		}
		if p, known := readPlace(dir); known || p.Width != defaultWidth {
			t.Errorf("%q was taken for a place: %v", bad, p)
		}
	}
}

func TestPlaceOnAnUnpluggedScreen(t *testing.T) {
	for _, c := range []struct {
		p  place
		ok bool
	}{
		{place{X: 0, Y: 0, Width: 1280, Height: 800}, true},
		{place{X: 1900, Y: 0, Width: 1280, Height: 800}, false},
		{place{X: -1250, Y: 0, Width: 1280, Height: 800}, false},
		{place{X: -1000, Y: 0, Width: 1280, Height: 800}, true},
		{place{X: 0, Y: -5, Width: 1280, Height: 800}, false},
		{place{X: 0, Y: 1000, Width: 1280, Height: 800}, false},
	} {
		if got := c.p.within(1920, 1080); got != c.ok {
			t.Errorf("%+v: %v", c.p, got)
		}
	}
}
