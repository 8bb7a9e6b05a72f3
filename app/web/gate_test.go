package web

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"jishan/app/fault"
)

// closedPlace is a start that nobody has opened yet, on a folder with a community.
func closedPlace(t *testing.T, h *hand) *place {
	t.Helper()
	s, f, log := site(t, h.clock)
	srv, err := s.ServeBrowser("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	p := serve(t, srv, f, log)
	p.site = s
	return p
}

func wrongOf(code string) string {
	if code[0] == '0' {
		return "1" + code[1:]
	}
	return "0" + code[1:]
}

// Who only reaches the address reaches nothing behind it: no call, no file, no
// events. The pages themselves are no secret.
func TestNothingWithoutASession(t *testing.T) {
	p := closedPlace(t, &hand{now: time.Now()})
	json := []string{"Content-Type", "application/json"}
	for _, session := range []string{"", "1", "open", strings.Repeat("0", 32), p.site.Opening().Word, p.site.Opening().Code} {
		p.session = session
		for path, method := range map[string]string{"/api/call/echo.back": "POST", "/api/file/people.xlsx": "GET", "/api/events": "GET"} {
			if a := p.ask(method, path, "{}", json...); a.status != 401 || code(a) != "web.closed" {
				t.Errorf("%s with %q: %d %s", path, session, a.status, a.body)
			}
		}
	}
	p.session = ""
	if a := p.ask("GET", "/", ""); a.status != 200 {
		t.Error("the page that asks for the code:", a.status)
	}
	if len(p.fake.calls) != 0 {
		t.Error("the program was asked:", p.fake.calls)
	}
	if a := p.open("", ""); a.status != 401 || code(a) != "web.closed" {
		t.Error("opened without a proof though there is a community:", a)
	}
}

func TestTheWordOpensOnce(t *testing.T) {
	p := closedPlace(t, &hand{now: time.Now()})
	word := p.site.Opening().Word
	if a := p.open(word[:31]+"x", ""); a.status != 401 {
		t.Error("another word:", a)
	}
	p.session = p.enter(word, "")
	if a := p.post("echo.back", "{}"); a.status != 200 {
		t.Error(a)
	}
	if a := p.open(word, ""); a.status != 401 || code(a) != "web.closed" {
		t.Error("the word opens twice:", a)
	}
	if o := p.site.Opening(); o.Word != "" {
		t.Error("a used word is shown:", o)
	}
	if log := p.log.String(); strings.Contains(log, word) || strings.Contains(log, p.session) {
		t.Error("logged:", log)
	}
}

// The code opens as many browsers as one likes; wrong ones in a row begin a
// pause in which the right one is refused too.
func TestGuessingTheCode(t *testing.T) {
	h := &hand{now: time.Unix(1_700_000_000, 0)}
	p := closedPlace(t, h)
	right := p.site.Opening().Code
	first, second := p.enter("", right), p.enter("", right)
	for _, p.session = range []string{first, second} {
		if a := p.post("echo.back", "{}"); a.status != 200 {
			t.Error(a)
		}
	}
	for round, pause := range []time.Duration{firstPause, 2 * firstPause, 4 * firstPause} {
		for range codeTries {
			if a := p.open("", wrongOf(right)); a.status != 401 || code(a) != "web.code.wrong" {
				t.Fatalf("round %d: %+v", round, a)
			}
		}
		a := p.open("", right)
		var f fault.Fault
		if err := json.Unmarshal([]byte(a.body), &f); err != nil || a.status != 429 || f.Code != "web.code.wait" || f.Params["seconds"] != pause.Seconds() {
			t.Fatalf("round %d: %+v", round, a)
		}
		h.now = h.now.Add(pause)
	}
	p.enter("", right)
	if a := p.open("", wrongOf(right)); code(a) != "web.code.wrong" {
		t.Error("the right one did not begin anew:", a)
	}
	if pauseAfter(60) != maxPause {
		t.Error(pauseAfter(60))
	}
}

// On a folder without a community the first browser is let in; what it got
// ends as soon as somebody shows what the terminal printed.
func TestTheFirstIsLetInWhereNothingIsYet(t *testing.T) {
	p := closedPlace(t, &hand{now: time.Now()})
	p.fake.fresh = true
	free := p.enter("", "")
	if a := p.open("", ""); a.status != 401 {
		t.Error("a second one was let in too:", a)
	}
	if p.session = free; p.post("echo.back", "{}").status != 200 {
		t.Error("the first one can't work")
	}
	p.session = p.enter("", p.site.Opening().Code)
	if p.post("echo.back", "{}").status != 200 {
		t.Error("who knows the code can't work")
	}
	if p.session = free; p.post("echo.back", "{}").status != 401 {
		t.Error("the one without a proof goes on")
	}
	p.fake.fresh = true
	if a := p.open("", ""); a.status != 401 {
		t.Error("free again:", a)
	}
}

func TestSessionsAreBounded(t *testing.T) {
	p := closedPlace(t, &hand{now: time.Now()})
	first := p.enter("", p.site.Opening().Code)
	var last string
	for range maxSessions {
		last = p.enter("", p.site.Opening().Code)
	}
	if p.site.gate.holds(first) || !p.site.gate.holds(last) || len(p.site.gate.sessions) != maxSessions {
		t.Error("the oldest was to go:", len(p.site.gate.sessions))
	}
}

// The way in is as closed to other sites, and as narrow, as everything else.
func TestTheWayInIsGuarded(t *testing.T) {
	p := closedPlace(t, &hand{now: time.Now()})
	body, _ := json.Marshal(proof{Code: p.site.Opening().Code})
	port := p.addr[strings.LastIndex(p.addr, ":"):]
	for why, c := range map[string]struct {
		method, body string
		headers      []string
		status       int
	}{
		"a form":         {"POST", string(body), []string{"Content-Type", "text/plain"}, 415},
		"no header":      {"POST", string(body), []string{sessionHeader, ""}, 403},
		"a link":         {"GET", "", nil, 405},
		"too much":       {"POST", `"` + strings.Repeat("x", maxOpen) + `"`, nil, 413},
		"no object":      {"POST", `[1]`, nil, 400},
		"another origin": {"POST", string(body), []string{"Origin", "http://127.0.0.1:1"}, 403},
		"a rebound name": {"POST", string(body), []string{"Host", "evil.example" + port}, 421},
		"a preflight":    {"OPTIONS", "", []string{"Origin", "http://evil.example", "Access-Control-Request-Method", "POST"}, 403},
	} {
		a := p.ask(c.method, "/api/open", c.body, append([]string{sessionHeader, "1", "Content-Type", "application/json"}, c.headers...)...)
		if a.status != c.status || strings.Contains(a.body, "session") {
			t.Errorf("%s: %d %s", why, a.status, a.body)
		}
		for name := range a.header {
			if strings.HasPrefix(name, "Access-Control-") || name == http.CanonicalHeaderKey("Set-Cookie") {
				t.Errorf("%s: %s is sent", why, name)
			}
		}
	}
}

// A body is not read before it is known whose it is: an upload of somebody who
// was not let in ends with its first bytes.
func TestNoUploadWithoutASession(t *testing.T) {
	p := closedPlace(t, &hand{now: time.Now()})
	r, err := http.NewRequest("POST", p.base+"/api/call/people.rosterPreview", endless{})
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	rsp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		t.Fatal("no answer before the body ended:", err)
	}
	rsp.Body.Close()
	if rsp.StatusCode != 401 {
		t.Error(rsp.StatusCode)
	}
}

// endless is an upload without an end.
type endless struct{}

func (endless) Read(b []byte) (int, error) { return len(b), nil }
