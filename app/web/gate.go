package web

import (
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"encoding/hex"
	"fmt"
	"io"
	"net/http"
	"sync"
	"time"

	"jishan/app/fault"
)

// sessionHeader carries the session on every call, file and event stream. A
// header and not a cookie: cookies are shared by all ports of a machine, so
// that another user's page on another port would be given it, and no other
// site's form, link or image can send a header.
const sessionHeader = "X-Jishan"

const (
	// maxSessions are the browsers open at a time; the one that opened first goes.
	maxSessions = 64
	// codeTries wrong codes in a row begin a pause, each twice as long as the one
	// before: 240 guesses a day at last, of a million codes.
	codeTries            = 5
	firstPause, maxPause = time.Minute, 30 * time.Minute
	// codes is how many opening codes there are: six digits.
	codes = 1_000_000
	// maxOpen is the largest request to open: a word or a code.
	maxOpen = 1 << 10
)

// gate lets in whoever read what this start printed. Everybody on the machine
// can reach a loopback address; only who started the program sees its terminal.
type gate struct {
	clock  func() time.Time
	random io.Reader
	fresh  func() bool

	mu       sync.Mutex
	word     string // of the printed link; "" when it was used
	code     string
	sessions []hashed // oldest first
	given    bool     // somebody was let in since the start
	free     hashed   // the session that was given without a proof
	wrong    int      // codes, in a row
	until    time.Time
}

// hashed is all that is kept of a session.
type hashed [sha256.Size]byte

func newGate(clock func() time.Time, random io.Reader, fresh func() bool) (*gate, error) {
	g := &gate{clock: clock, random: random, fresh: fresh}
	var err error
	if g.word, err = g.secret(); err != nil {
		return nil, err
	}
	var b [8]byte
	if _, err := io.ReadFull(random, b[:]); err != nil {
		return nil, err
	}
	g.code = fmt.Sprintf("%06d", binary.BigEndian.Uint64(b[:])%codes)
	return g, nil
}

// secret is 128 random bits as text.
func (g *gate) secret() (string, error) {
	var b [16]byte
	_, err := io.ReadFull(g.random, b[:])
	return hex.EncodeToString(b[:]), err
}

// proof is what a page shows to be let in: the word of the link, the code, or
// neither.
type proof struct {
	Word string `json:"word"`
	Code string `json:"code"`
}

// enter returns a new session. Faults: web.closed, web.code.wrong,
// web.code.wait{seconds}.
func (g *gate) enter(p proof) (string, error) {
	// Asked outside the lock: the program may take its time to answer.
	fresh := p == proof{} && g.fresh()
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case p.Word != "":
		if !same(p.Word, g.word) {
			return "", fault.New("web.closed")
		}
		g.word = ""
	case p.Code != "":
		if err := g.try(p.Code); err != nil {
			return "", err
		}
	case g.given || !fresh:
		return "", fault.New("web.closed")
	}
	return g.admit(p == proof{})
}

// try counts a wrong code. While the pause lasts not even the right one is
// taken, so that guessing learns nothing from it.
func (g *gate) try(code string) error {
	now := g.clock()
	if wait := g.until.Sub(now); wait > 0 {
		return fault.New("web.code.wait", "seconds", int64((wait+time.Second-1)/time.Second))
	}
	if same(code, g.code) {
		g.wrong = 0
		return nil
	}
	g.wrong++
	if n := g.wrong / codeTries; n > 0 && g.wrong%codeTries == 0 {
		g.until = now.Add(pauseAfter(n))
	}
	return fault.New("web.code.wrong")
}

// pauseAfter is the pause behind the n-th row of wrong codes.
func pauseAfter(n int) time.Duration {
	pause := firstPause
	for ; n > 1 && pause < maxPause; n-- {
		pause *= 2
	}
	return min(pause, maxPause)
}

// admit notes a session. Who showed a proof ends the one that was given
// without: it may have been another user of the machine, who was quicker.
func (g *gate) admit(free bool) (string, error) {
	s, err := g.secret()
	if err != nil {
		return "", err
	}
	h := hashed(sha256.Sum256([]byte(s)))
	if free {
		g.free = h
	} else if g.free != (hashed{}) {
		g.forget(g.free)
		g.free = hashed{}
	}
	g.given = true
	g.sessions = append(g.sessions, h)
	if len(g.sessions) > maxSessions {
		g.sessions = g.sessions[1:]
	}
	return s, nil
}

func (g *gate) forget(h hashed) {
	kept := g.sessions[:0]
	for _, x := range g.sessions {
		if x != h {
			kept = append(kept, x)
		}
	}
	g.sessions = kept
}

// holds tells whether a session was given by this start.
func (g *gate) holds(session string) bool {
	h := hashed(sha256.Sum256([]byte(session)))
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, x := range g.sessions {
		if x == h {
			return true
		}
	}
	return false
}

// same compares without telling by its time how much was right.
func same(a, b string) bool {
	return b != "" && subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1
}

// open answers POST /api/open {word} or {code} with {session}.
func (s *Site) open(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodPost && r.Header.Get(sessionHeader) == "" {
		refuse(w, http.StatusForbidden, fault.New("web.header"))
		return
	}
	var p proof
	if status, f := readOpen(w, r, &p); f != nil {
		refuse(w, status, f)
		return
	}
	session, err := s.gate.enter(p)
	if err != nil {
		f := fault.Of(err)
		status := http.StatusUnauthorized
		if f.Code == "web.code.wait" {
			status = http.StatusTooManyRequests
		}
		if f.Code == "internal" {
			LogInternal(s.log, "open", err)
			status = http.StatusInternalServerError
		}
		refuse(w, status, f)
		return
	}
	reply(w, http.StatusOK, []byte(`{"session":"`+session+`"}`))
}

// opened runs next for those whom the gate let in.
func (s *Site) opened(next http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		if !s.gate.holds(r.Header.Get(sessionHeader)) {
			refuse(w, http.StatusUnauthorized, fault.New("web.closed"))
			return
		}
		next(w, r)
	}
}

// Opening is what the terminal of this start prints: the word of the link,
// which opens one browser, and the code for the others.
type Opening struct{ Word, Code string }

// Opening tells how to be let in. It is for the terminal, never for a log.
func (s *Site) Opening() Opening {
	s.gate.mu.Lock()
	defer s.gate.mu.Unlock()
	return Opening{s.gate.word, s.gate.code}
}

// Link is the address of the screens, opened by the word. It stands behind the
// #, which no browser sends: the page takes it from there (bridge/opening.ts).
func (o Opening) Link(addr string) string { return "http://" + addr + "/#open=" + o.Word }
