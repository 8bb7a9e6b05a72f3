package web

import (
	"bufio"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"jishan/app/fault"
)

// fake is a product with one call of each sort.
type fake struct {
	mu     sync.Mutex
	calls  []string
	topics chan []string
	fresh  bool
	slow   chan struct{} // where it is there, a phone's call waits for a word
	now    atomic.Int64  // phones' calls under way
	most   atomic.Int64
}

func (f *fake) Call(ctx context.Context, name string, params json.RawMessage) (any, error) {
	f.mu.Lock()
	f.calls = append(f.calls, name+" "+string(params))
	f.mu.Unlock()
	switch name {
	case "echo.back":
		return params, nil
	case "echo.refuse":
		return nil, fault.New("people.phone.bad", "field", "phone")
	case "echo.panic":
		panic("张三 must not be logged")
	case "echo.broken":
		return nil, errors.New("disk on fire")
	case "echo.nothing":
		return func() {}, nil
	}
	return nil, fault.New("call.unknown", "name", name)
}

func (f *fake) PhoneCall(ctx context.Context, name string, params json.RawMessage) (any, error) {
	if f.slow != nil {
		n := f.now.Add(1)
		defer f.now.Add(-1)
		for m := f.most.Load(); n > m && !f.most.CompareAndSwap(m, n); m = f.most.Load() {
		}
		<-f.slow
	}
	return f.Call(ctx, "echo.back", params)
}

type closing struct {
	io.Reader
	closed *bool
}

func (c closing) Close() error { *c.closed = true; return nil }

var fileClosed bool

func (f *fake) File(ctx context.Context, name string, q url.Values) (*File, error) {
	if name != "people.xlsx" {
		return nil, fault.New("file.unknown", "name", name)
	}
	if q.Get("break") != "" {
		return &File{Name: "x", Type: "text/plain", Body: io.MultiReader(strings.NewReader("half"), brokenReader{})}, nil
	}
	return &File{Name: "花名册.xlsx", Type: "application/octet-stream", Body: closing{strings.NewReader("rows"), &fileClosed}}, nil
}

type brokenReader struct{}

func (brokenReader) Read([]byte) (int, error) { return 0, errors.New("cut") }

func (f *fake) Events(ctx context.Context) <-chan []string { return f.topics }

var dist = fstest.MapFS{
	"index.html":          {Data: []byte("<!doctype html><title>main</title>")},
	"phone.html":          {Data: []byte(`<script type=module src="/assets/phone-1.js"></script>`)},
	"assets/phone-1.js":   {Data: []byte(`import "./shared-2.js"`)},
	"assets/shared-2.js":  {Data: []byte(`x`)},
	"assets/office-3.js":  {Data: []byte(`office`)},
	".gitkeep":            {Data: []byte("")},
	"favicon.svg":         {Data: []byte("<svg/>")},
	"assets/deep/a-4.css": {Data: []byte("a{}")},
}

type place struct {
	t       *testing.T
	site    *Site
	fake    *fake
	log     *bytes.Buffer
	base    string
	addr    string
	session string // goes along with every request; "" is none
}

func site(t *testing.T, clock func() time.Time) (*Site, *fake, *bytes.Buffer) {
	t.Helper()
	f, log := &fake{topics: make(chan []string, 4)}, &bytes.Buffer{}
	s, err := New(Config{Product: f, Dist: dist, Log: slog.New(slog.NewJSONHandler(log, nil)), Clock: clock, Random: rand.Reader, Fresh: func() bool { return f.fresh }})
	if err != nil {
		t.Fatal(err)
	}
	return s, f, log
}

func browser(t *testing.T) *place {
	t.Helper()
	s, f, log := site(t, time.Now)
	srv, err := s.ServeBrowser("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := serve(t, srv, f, log)
	p.site = s
	p.session = p.enter(s.Opening().Word, "")
	return p
}

// enter opens the screens and returns the session.
func (p *place) enter(word, code string) string {
	p.t.Helper()
	a := p.open(word, code)
	var got struct{ Session string }
	if err := json.Unmarshal([]byte(a.body), &got); err != nil || a.status != 200 || len(got.Session) != 32 {
		p.t.Fatalf("not let in: %+v", a)
	}
	return got.Session
}

func (p *place) open(word, code string) answer {
	p.t.Helper()
	b, err := json.Marshal(proof{word, code})
	if err != nil {
		p.t.Fatal(err)
	}
	return p.ask("POST", "/api/open", string(b), sessionHeader, "1", "Content-Type", "application/json")
}

func serve(t *testing.T, srv *Server, f *fake, log *bytes.Buffer) *place {
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
		defer cancel()
		if err := srv.Close(ctx); err != nil {
			t.Error(err)
		}
	})
	return &place{t: t, fake: f, log: log, addr: srv.Addr(), base: "http://" + srv.Addr()}
}

type answer struct {
	status int
	header http.Header
	body   string
}

// ask sends one request; headers are given as name, value; "Host" sets the host.
func (p *place) ask(method, path, body string, headers ...string) answer {
	p.t.Helper()
	r, err := http.NewRequest(method, p.base+path, strings.NewReader(body))
	if err != nil {
		p.t.Fatal(err)
	}
	if p.session != "" {
		r.Header.Set(sessionHeader, p.session)
	}
	for i := 0; i < len(headers); i += 2 {
		if headers[i] == "Host" {
			r.Host = headers[i+1]
			continue
		}
		r.Header.Set(headers[i], headers[i+1])
	}
	rsp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer rsp.Body.Close()
	b, err := io.ReadAll(rsp.Body)
	if err != nil && !strings.Contains(path, "break") {
		p.t.Fatal(err)
	}
	return answer{rsp.StatusCode, rsp.Header, string(b)}
}

func (p *place) post(name, body string, headers ...string) answer {
	p.t.Helper()
	return p.ask("POST", "/api/call/"+name, body, append([]string{"Content-Type", "application/json"}, headers...)...)
}

// get leaves the body to the caller.
func (p *place) get(path string) (*http.Response, error) {
	r, err := http.NewRequest("GET", p.base+path, nil)
	if err != nil {
		return nil, err
	}
	r.Header.Set(sessionHeader, p.session)
	return http.DefaultTransport.RoundTrip(r)
}

func code(a answer) string {
	var f fault.Fault
	if json.Unmarshal([]byte(a.body), &f) != nil {
		return "no fault: " + a.body
	}
	return f.Code
}

func TestCalls(t *testing.T) {
	p := browser(t)
	if a := p.post("echo.back", `{"q":"李"}`); a.status != 200 || a.body != `{"q":"李"}` || a.header.Get("Cache-Control") != "no-store" {
		t.Errorf("echo: %+v", a)
	}
	if a := p.post("echo.back", ``); a.body != `{}` {
		t.Errorf("an empty body is an empty object: %+v", a)
	}
	for _, c := range []struct {
		name, body, code string
		status           int
	}{
		{"echo.refuse", "{}", "people.phone.bad", 422},
		{"echo.absent", "{}", "call.unknown", 404},
		{"Echo.Back", "{}", "call.unknown", 404},
		{"echo", "{}", "call.unknown", 404},
		{"echo.broken", "{}", "internal", 500},
		{"echo.nothing", "{}", "internal", 500},
		{"echo.panic", "{}", "internal", 500},
		{"echo.back", "{", "web.json", 400},
		{"echo.back", "{} {}", "web.json", 400},
		{"echo.back", `"` + strings.Repeat("x", maxCall) + `"`, "web.large", 413},
	} {
		if a := p.post(c.name, c.body); a.status != c.status || code(a) != c.code {
			t.Errorf("%s: %d %s, want %d %s", c.name, a.status, code(a), c.status, c.code)
		}
	}
	log := p.log.String()
	if !strings.Contains(log, "disk on fire") || !strings.Contains(log, "a call panicked") {
		t.Error("internal errors belong into the log:", log)
	}
	if strings.Contains(log, "张三") {
		t.Error("the value of a panic is in the log")
	}
}

func TestOtherSitesAreRefused(t *testing.T) {
	p := browser(t)
	port := p.addr[strings.LastIndex(p.addr, ":"):]
	for _, c := range []struct {
		why     string
		status  int
		headers []string
	}{
		{"same origin", 200, []string{"Origin", "http://" + p.addr, "Sec-Fetch-Site", "same-origin"}},
		{"localhost", 200, []string{"Host", "localhost" + port, "Origin", "http://localhost" + port}},
		{"forwarded port", 200, []string{"Host", "127.0.0.1:9"}},
		{"rebound name", 421, []string{"Host", "evil.example" + port}},
		{"name that looks like a number", 421, []string{"Host", "127.0.0.1.evil.example" + port}},
		{"LAN address", 421, []string{"Host", "192.0.2.1" + port}},
		{"foreign origin", 403, []string{"Origin", "http://evil.example"}},
		{"opaque origin", 403, []string{"Origin", "null"}},
		{"other port here", 403, []string{"Origin", "http://127.0.0.1:1"}},
		{"other scheme", 403, []string{"Origin", "https://" + p.addr}},
		{"cross-site fetch", 403, []string{"Sec-Fetch-Site", "cross-site"}},
		{"same-site fetch", 403, []string{"Sec-Fetch-Site", "same-site"}},
		{"no session", 401, []string{sessionHeader, ""}},
		{"a made-up session", 401, []string{sessionHeader, "1"}},
		{"the session as a cookie", 401, []string{sessionHeader, "", "Cookie", "session=" + p.session}},
		{"form", 415, []string{"Content-Type", "text/plain"}},
		{"form with json inside", 415, []string{"Content-Type", "text/plain; x=application/json"}},
	} {
		before := len(p.fake.calls)
		a := p.post("echo.back", "{}", c.headers...)
		if a.status != c.status {
			t.Errorf("%s: %d, want %d", c.why, a.status, c.status)
		}
		if ran := len(p.fake.calls) > before; ran != (c.status == 200) {
			t.Errorf("%s: ran = %v", c.why, ran)
		}
	}
	if a := p.ask("GET", "/api/file/people.xlsx", "", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"); a.status != 403 {
		t.Error("a link of another site fetched a file:", a.status)
	}
	if a := p.ask("GET", "/", "", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate"); a.status != 200 {
		t.Error("a link to the start page:", a.status)
	}
	if a := p.ask("GET", "/api/call/echo.back", ""); a.status != 405 {
		t.Error("GET of a call:", a.status)
	}
}

func TestPages(t *testing.T) {
	p := browser(t)
	for _, c := range []struct {
		path, kind, has string
		status          int
	}{
		{"/", "text/html; charset=utf-8", "main", 200},
		{"/index.html", "text/html; charset=utf-8", "main", 200},
		{"/people/1", "text/html; charset=utf-8", "main", 200},
		{"/assets/office-3.js", "text/javascript; charset=utf-8", "office", 200},
		{"/assets/gone-9.js", "application/json; charset=utf-8", "web.unknown", 404},
		{"/assets/", "application/json; charset=utf-8", "web.unknown", 404},
		{"/.gitkeep", "application/json; charset=utf-8", "web.unknown", 404},
		{"/etc/passwd", "text/html; charset=utf-8", "main", 200},
		{"/api/none", "application/json; charset=utf-8", "web.unknown", 404},
	} {
		a := p.ask("GET", c.path, "")
		if a.status != c.status || a.header.Get("Content-Type") != c.kind || !strings.Contains(a.body, c.has) {
			t.Errorf("%s: %d %s %.60s", c.path, a.status, a.header.Get("Content-Type"), a.body)
		}
		for _, h := range []string{"Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy"} {
			if a.header.Get(h) == "" {
				t.Errorf("%s: no %s", c.path, h)
			}
		}
	}
	if c := p.ask("GET", "/assets/office-3.js", "").header.Get("Cache-Control"); !strings.Contains(c, "immutable") {
		t.Error("hashed files may stay in the cache:", c)
	}
	if a := p.ask("POST", "/", ""); a.status != 405 {
		t.Error("POST of a page:", a.status)
	}
}

func TestFiles(t *testing.T) {
	p := browser(t)
	fileClosed = false
	a := p.ask("GET", "/api/file/people.xlsx?q=1", "")
	if a.status != 200 || a.body != "rows" || !fileClosed {
		t.Errorf("file: %+v, closed %v", a, fileClosed)
	}
	if d := a.header.Get("Content-Disposition"); !strings.Contains(d, "attachment") || !strings.Contains(d, "filename*=utf-8''%E8%8A%B1") {
		t.Error("a Chinese name must survive:", d)
	}
	if a := p.ask("GET", "/api/file/other.xlsx", ""); a.status != 404 || code(a) != "file.unknown" {
		t.Errorf("unknown file: %+v", a)
	}
	if a := p.ask("GET", "/api/file/..%2f..%2fsecret", ""); a.status != 404 {
		t.Errorf("a path as a name: %+v", a)
	}
	r, err := p.get("/api/file/people.xlsx?break=1")
	if err == nil {
		_, err = io.ReadAll(r.Body)
		r.Body.Close()
	}
	if err == nil {
		t.Error("half a file looks like a whole one")
	}
}

func TestEvents(t *testing.T) {
	p := browser(t)
	rsp, err := p.get("/api/events")
	if err != nil {
		t.Fatal(err)
	}
	defer rsp.Body.Close()
	if k := rsp.Header.Get("Content-Type"); k != "text/event-stream" {
		t.Fatal(k)
	}
	p.fake.topics <- []string{"people", "ledger"}
	lines := bufio.NewScanner(rsp.Body)
	for lines.Scan() {
		if text, ok := strings.CutPrefix(lines.Text(), "data: "); ok {
			if text != `{"topics":["people","ledger"]}` {
				t.Error(text)
			}
			return
		}
	}
	t.Error("the stream ended without the event:", lines.Err())
}

// A stream outlives the time that a request is given to arrive.
func TestEventsOutliveTheReadDeadline(t *testing.T) {
	s, f, log := site(t, time.Now)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	const read = 50 * time.Millisecond
	p := serve(t, start(l, s.Browser(), read, time.Minute, slog.New(slog.DiscardHandler)), f, log)
	p.session = p.enter(s.Opening().Word, "")
	rsp, err := p.get("/api/events")
	if err != nil {
		t.Fatal(err)
	}
	defer rsp.Body.Close()
	time.AfterFunc(4*read, func() { f.topics <- []string{"shop"} })
	b := bufio.NewReader(rsp.Body)
	for {
		line, err := b.ReadString('\n')
		if err != nil {
			t.Fatal("the stream ended early:", err)
		}
		if strings.Contains(line, "shop") {
			return
		}
	}
}

func TestCloseEndsStreamsAndWaitsForCalls(t *testing.T) {
	s, f, log := site(t, time.Now)
	srv, err := s.ServeBrowser("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := &place{t: t, fake: f, log: log, addr: srv.Addr(), base: "http://" + srv.Addr()}
	p.session = p.enter(s.Opening().Word, "")
	rsp, err := p.get("/api/events")
	if err != nil {
		t.Fatal(err)
	}
	defer rsp.Body.Close()
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	if err := srv.Close(ctx); err != nil {
		t.Fatal("an open stream kept the server from closing:", err)
	}
}

func TestOnlyLoopback(t *testing.T) {
	s, _, _ := site(t, time.Now)
	for _, addr := range []string{"0.0.0.0:0", "192.0.2.1:0", "[::]:0", "example.org:0"} {
		if srv, err := s.ServeBrowser(addr); !errors.Is(err, ErrNotLoopback) {
			t.Errorf("%s: %v %v", addr, srv, err)
		}
	}
	srv, err := s.ServeBrowser(":0")
	if err != nil {
		t.Fatal(err)
	}
	defer srv.Close(context.Background())
	if !strings.HasPrefix(srv.Addr(), "127.0.0.1:") {
		t.Error(srv.Addr())
	}
}

func TestUnbuiltPagesSaySo(t *testing.T) {
	s, err := New(Config{Product: &fake{}, Dist: fstest.MapFS{}, Log: slog.New(slog.DiscardHandler), Clock: time.Now, Random: rand.Reader, Fresh: func() bool { return true }})
	if err != nil {
		t.Fatal(err)
	}
	if !errors.Is(s.Built(), ErrNoPages) {
		t.Error("an empty dist passes for pages")
	}
	srv, err := s.ServeBrowser("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := serve(t, srv, nil, nil)
	if a := p.ask("GET", "/", ""); a.status != 503 || !strings.Contains(a.body, "make build") {
		t.Errorf("%+v", a)
	}
}
