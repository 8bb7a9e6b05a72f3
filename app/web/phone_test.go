package web

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"
)

type hand struct{ now time.Time }

func (h *hand) clock() time.Time { return h.now }

func phonePlace(t *testing.T, h *hand) *place {
	t.Helper()
	s, f, log := site(t, h.clock)
	srv, err := s.ServePhone("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return serve(t, srv, f, log)
}

func TestPhoneReachesItsPageOnly(t *testing.T) {
	p := phonePlace(t, &hand{now: time.Now()})
	for path, status := range map[string]int{
		"/": 200, "/phone.html": 200, "/assets/phone-1.js": 200, "/assets/shared-2.js": 200,
		"/assets/office-3.js": 404, "/index.html": 404, "/people": 404, "/api/call/echo.back": 404, "/api/events": 404,
	} {
		if a := p.ask("GET", path, ""); a.status != status {
			t.Errorf("%s: %d, want %d", path, a.status, status)
		}
	}
	if a := p.ask("POST", "/api/call/echo.back", "{}", "X-Jishan", "1", "Content-Type", "application/json"); a.status != 404 {
		t.Error("the screens' calls are open to phones:", a.status)
	}
	json := []string{"Content-Type", "application/json"}
	if a := p.ask("POST", "/phone/call/phone.hello", `{"a":1}`, json...); a.status != 200 || a.body != `{"a":1}` {
		t.Errorf("%+v", a)
	}
	if a := p.ask("POST", "/phone/call/phone.hello", `"`+strings.Repeat("x", maxPhoneCall)+`"`, json...); a.status != 413 {
		t.Errorf("%d for a large body", a.status)
	}
	if a := p.ask("POST", "/phone/call/phone.hello", `{}`); a.status != 415 {
		t.Errorf("%d for no type", a.status)
	}
	if a := p.ask("POST", "/phone/call/phone.hello", `{}`, append(json, "Host", "evil.example")...); a.status != 421 {
		t.Errorf("%d for a name that was led here", a.status)
	}
	if a := p.ask("POST", "/phone/call/phone.hello", `{}`, append(json, "Origin", "http://evil.example")...); a.status != 403 {
		t.Errorf("%d for another site's page", a.status)
	}
}

func TestPhoneGuessingIsSlow(t *testing.T) {
	h := &hand{now: time.Unix(1_700_000_000, 0)}
	p := phonePlace(t, h)
	try := func() int {
		return p.ask("POST", "/phone/call/"+signIn, "{}", "Content-Type", "application/json").status
	}
	passed := 0
	for range 40 {
		if try() == 200 {
			passed++
		}
	}
	if passed != int(phoneEntries.burst) {
		t.Errorf("%d guesses passed at once, want %v", passed, phoneEntries.burst)
	}
	h.now = h.now.Add(phoneEntries.every)
	if a, b := try(), try(); a != 200 || b != 429 {
		t.Errorf("after one interval: %d %d", a, b)
	}
	if a := p.ask("POST", "/phone/call/phone.hello", "{}", "Content-Type", "application/json"); a.status != 200 {
		t.Error("the other calls must go on:", a.status)
	}
}

// Who has no card writes to the office's list a few times an hour, and asks after an
// application as slowly as a stranger guesses.
func TestApplicationsAreSlow(t *testing.T) {
	h := &hand{now: time.Unix(1_700_000_000, 0)}
	p := phonePlace(t, h)
	try := func(call string) (passed int) {
		for range 40 {
			if p.ask("POST", "/phone/call/"+call, "{}", "Content-Type", "application/json").status == 200 {
				passed++
			}
		}
		return passed
	}
	if n := try(apply); n != int(phoneApplications.burst) {
		t.Errorf("%d applications at once, want %v", n, phoneApplications.burst)
	}
	if n := try(applied); n != int(phoneEntries.burst) {
		t.Errorf("%d questions at once, want %v", n, phoneEntries.burst)
	}
	if h.now = h.now.Add(phoneApplications.every); try(apply) != 1 {
		t.Error("after one interval there is room for one")
	}
	if p.ask("POST", "/phone/call/phone.hello", "{}", "Content-Type", "application/json").status != 200 {
		t.Error("the other calls must go on")
	}
}

// However many phones ask, few calls are carried out at a time.
func TestPhonesTakeTurns(t *testing.T) {
	h := &hand{now: time.Now()}
	s, f, _ := site(t, h.clock)
	f.slow = make(chan struct{})
	site := httptest.NewServer(s.Phone())
	defer site.Close()
	const phones = 12
	var asked sync.WaitGroup
	for range phones {
		asked.Go(func() {
			rsp, err := http.Post(site.URL+"/phone/call/phone.hello", "application/json", strings.NewReader("{}"))
			if err != nil || rsp.StatusCode != 200 {
				t.Error(rsp, err)
				return
			}
			rsp.Body.Close()
		})
	}
	for end := time.Now().Add(10 * time.Second); f.now.Load() < phoneWork && time.Now().Before(end); {
		time.Sleep(time.Millisecond) // all places are taken, nobody was let go
	}
	for range phones {
		f.slow <- struct{}{}
	}
	asked.Wait()
	if n := f.most.Load(); n != phoneWork {
		t.Errorf("%d at a time, want %d", n, phoneWork)
	}
}

func TestRatesForgetTheOldest(t *testing.T) {
	h := &hand{now: time.Unix(1_700_000_000, 0)}
	l := newRates(h.clock, pace{burst: 1, every: time.Hour})
	for i := range maxAddresses * 2 {
		h.now = h.now.Add(time.Millisecond)
		if !l.allow(fmt.Sprintf("10.%d.%d.%d:1", i>>16, i>>8&255, i&255)) {
			t.Fatal("a new address was refused", i)
		}
	}
	if len(l.seen) != maxAddresses {
		t.Error("addresses kept:", len(l.seen))
	}
	last := maxAddresses*2 - 1
	if l.allow(fmt.Sprintf("10.%d.%d.%d:2", last>>16, last>>8&255, last&255)) {
		t.Error("the newest address was forgotten")
	}
	if !l.allow("[2001:db8::1]:1") || l.allow("[2001:db8::2]:1") {
		t.Error("one IPv6 network has one reserve")
	}
	if l.allow("nonsense") {
		t.Error("no address passed")
	}
}

func TestCrowd(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {}))
	srv.Listener.Close()
	srv.Listener = newCrowd(inner, 3, 2)
	srv.Start()
	defer srv.Close()
	ask := func(c net.Conn) bool { // does anybody answer?
		_ = c.SetDeadline(time.Now().Add(5 * time.Second))
		fmt.Fprintf(c, "GET / HTTP/1.1\r\nHost: x\r\n\r\n")
		n, _ := c.Read(make([]byte, 64))
		return n > 0
	}
	var open []net.Conn
	for i := range 3 {
		c, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		if got := ask(c); got != (i < 2) {
			t.Errorf("connection %d answered: %v", i, got)
		}
		open = append(open, c)
	}
	open[0].Close()
	deadline := time.Now().Add(5 * time.Second)
	for { // the server notices the end on its own time
		c, err := net.Dial("tcp", inner.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		ok := ask(c)
		c.Close()
		if ok {
			return
		}
		if time.Now().After(deadline) {
			t.Fatal("a place that became free was not given out")
		}
	}
}
