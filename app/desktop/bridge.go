// Package desktop is the product's own window (Wails, the system's WebKit or
// WebView2): it shows the same pages as a browser, but calls go through bound
// functions and events through the window's runtime.
//
// It must never know a subject, and it is the only importer of wails. The
// window itself is behind build tags (window.go); without them Run says so and
// the pages are served to a browser instead. Start reading at Bridge.
package desktop

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"

	"jishan/app/fault"
	"jishan/app/web"
)

// Product is the part of a running device that the window uses.
type Product interface {
	Call(ctx context.Context, name string, params json.RawMessage) (any, error)
	File(ctx context.Context, name string, q url.Values) (*web.File, error)
	Events(ctx context.Context) <-chan []string
}

// Config is what a window is made of.
type Config struct {
	Product Product
	Pages   fs.FS                           // what vite built
	Rest    http.Handler                    // what the pages ask for beyond themselves
	Guard   func(http.Handler) http.Handler // sets the pages' security headers
	Data    string                          // folder in which the window's place is remembered
	Title   string
	Log     *slog.Logger
}

// ErrNoWindow says that this build, or this machine, has no window.
var ErrNoWindow = errors.New("this build has no window: build with `make build` where GTK 3 and WebKitGTK 4.1 are installed, or use `jishan serve`")

const (
	// maxParams is the largest request of a screen, as over HTTP.
	maxParams = 24 << 20
	maxQuery  = 8 << 10
)

var (
	callName = regexp.MustCompile(`^[a-z]{1,30}\.[a-zA-Z]{1,40}$`)
	saveName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,40}(\.[a-z0-9]{1,8})?$`)
)

// Bridge is the one struct that is bound into the page: window.go.desktop.Bridge.
type Bridge struct {
	ctx     context.Context
	product Product
	log     *slog.Logger
	ask     func(suggested string) (path string, err error) // the save dialog; "" = changed one's mind
}

// Call runs a use case: JSON in, JSON out. Errors reach the page as {code, params}.
func (b *Bridge) Call(name, params string) (result string, err error) {
	defer b.recovered(name, &err)
	if !callName.MatchString(name) {
		return "", fault.New("call.unknown", "name", "")
	}
	if len(params) > maxParams {
		return "", fault.New("web.large", "limit", maxParams)
	}
	if params == "" {
		params = "{}"
	}
	if !json.Valid([]byte(params)) {
		return "", fault.New("web.json")
	}
	v, err := b.product.Call(b.ctx, name, json.RawMessage(params))
	if err != nil {
		return "", b.outward(name, err)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return "", b.outward(name, err)
	}
	return string(text), nil
}

// SaveFile makes a file, asks where to put it, and returns the place; "" when
// the person changed their mind. The query is written as in an address.
func (b *Bridge) SaveFile(name, query string) (path string, err error) {
	defer b.recovered(name, &err)
	if !saveName.MatchString(name) {
		return "", fault.New("file.unknown", "name", "")
	}
	q, err := url.ParseQuery(query)
	if err != nil || len(query) > maxQuery {
		return "", fault.New("call.params", "field", "query")
	}
	f, err := b.product.File(b.ctx, name, q)
	if err != nil {
		return "", b.outward(name, err)
	}
	if c, ok := f.Body.(io.Closer); ok {
		defer c.Close()
	}
	path, err = b.ask(f.Name)
	if err != nil || path == "" {
		return "", b.outward(name, err)
	}
	if err := replace(path, f.Body); err != nil {
		web.LogInternal(b.log, name, err)
		return "", fault.New("file.write", "name", filepath.Base(path))
	}
	return path, nil
}

// outward keeps what is inside an error in the log; a fault passes.
func (b *Bridge) outward(name string, err error) error {
	if err == nil {
		return nil
	}
	f := fault.Of(err)
	if f.Code == "internal" {
		web.LogInternal(b.log, name, err)
	}
	return f
}

func (b *Bridge) recovered(name string, err *error) {
	if v := recover(); v != nil {
		web.LogPanic(b.log, name)
		*err = fault.New("internal")
	}
}

// replace writes a file beside its place and moves it there: a stick pulled out
// half way leaves the old file or none, never half a one.
func replace(path string, from io.Reader) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".jishan-*")
	if err != nil {
		return err
	}
	defer os.Remove(f.Name())
	_, err = io.Copy(f, from)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return os.Rename(f.Name(), path)
}

// formatted is what the page's promise is rejected with: the fault as JSON
// text, since the window's runtime makes an Error of whatever it gets, and of
// an object only its "[object Object]" would be left.
func formatted(err error) any {
	f := fault.Of(err)
	text, e := json.Marshal(f)
	if e != nil { // a parameter that is no JSON: the code must still arrive
		text, _ = json.Marshal(fault.New(f.Code))
	}
	return string(text)
}
