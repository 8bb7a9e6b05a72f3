// Package page is the sealed talk between a page on a phone and the station
// that served it, over plain HTTP, where the browser's own cryptography is not
// to be had.
//
// Each side has an X25519 key: the station one of this start, the page one that
// it made and keeps. Requests and replies are boxes between the two (NaCl box:
// X25519, XSalsa20, Poly1305), so that whoever listens on the network reads
// neither digits nor points, and a request counts only if it was made with the
// page's own key. A box is taken once, within [Window] of the station's clock.
//
// It must never know a call, a person or HTTP, and it is no defence against
// somebody who changes the page on its way: over plain HTTP there is none. The
// page's side is frontend/src/phone/seal.ts. Start reading at [Station.Open].
package page

import (
	"bytes"
	"crypto/rand"
	"encoding/base64"
	"encoding/json"
	"io"
	"sync"
	"time"

	"golang.org/x/crypto/nacl/box"

	"jishan/app/fault"
)

const (
	// Window is how far a request's time may be from the station's clock.
	Window = 2 * time.Minute
	// maxSeen bounds the memory of boxes that were taken: some 60 bytes each. The
	// listener lets an address make ten a second.
	maxSeen = 50_000
)

// Station is one start's side.
type Station struct {
	clock       func() int64 // milliseconds
	random      io.Reader
	public, key [32]byte

	mu        sync.Mutex
	seen, old map[[24]byte]bool // nonces of this span of time and of the one before
	span      int64
}

// New makes the key of this start.
func New(random io.Reader, clock func() int64) (*Station, error) {
	public, key, err := box.GenerateKey(random)
	if err != nil {
		return nil, err
	}
	return &Station{clock: clock, random: random, public: *public, key: *key, seen: map[[24]byte]bool{}}, nil
}

// Hello is what a page must know before it can seal anything.
type Hello struct {
	Key   []byte `json:"key"`
	Clock int64  `json:"clock"` // milliseconds
}

// Hello tells the key of this start and the time.
func (s *Station) Hello() Hello { return Hello{s.public[:], s.clock()} }

// Sealed is what crosses the network, both ways. A request names the page's key.
type Sealed struct {
	Page  []byte `json:"page,omitempty"`
	Nonce []byte `json:"nonce"`
	Box   []byte `json:"box"`
}

// request is what a page's box holds. The call's name stands inside, so that a
// box can't be put under another one.
type request struct {
	Name   string          `json:"name"`
	At     int64           `json:"at"`
	Params json.RawMessage `json:"params"`
}

// Request is an opened box and the way to answer it.
type Request struct {
	Page   string // the page's key as text
	Params json.RawMessage

	shared [32]byte
	nonce  []byte
	random io.Reader
}

// Open opens a box that a page sealed for the call name. What does not open, is
// too old, or was taken before, is page.seal: the page asks for the station's
// key and clock again and seals anew.
func (s *Station) Open(name string, body json.RawMessage) (*Request, error) {
	refused := fault.New("page.seal")
	var in Sealed
	if json.Unmarshal(body, &in) != nil || len(in.Page) != 32 || len(in.Nonce) != 24 {
		return nil, refused
	}
	r := &Request{Page: base64.StdEncoding.EncodeToString(in.Page), nonce: in.Nonce, random: s.random}
	box.Precompute(&r.shared, (*[32]byte)(in.Page), &s.key)
	nonce := [24]byte(in.Nonce)
	text, ok := box.OpenAfterPrecomputation(nil, in.Box, &nonce, &r.shared)
	if !ok {
		return nil, refused
	}
	var q request
	if json.Unmarshal(text, &q) != nil || q.Name != name || !s.first(nonce, q.At) {
		return nil, refused
	}
	r.Params = q.Params
	return r, nil
}

// first notes a box and tells whether it is in time and was not taken before.
func (s *Station) first(nonce [24]byte, at int64) bool {
	now := s.clock()
	if d := now - at; d > Window.Milliseconds() || d < -Window.Milliseconds() {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	// A box may come from Window before to Window after its time: two spans of
	// that length hold all that can come again.
	if span := now / (2 * Window.Milliseconds()); span != s.span {
		s.old = s.seen
		if d := span - s.span; d != 1 && d != -1 { // too far off for any that was taken
			s.old = nil
		}
		s.seen, s.span = map[[24]byte]bool{}, span
	}
	if s.seen[nonce] || s.old[nonce] || len(s.seen) >= maxSeen {
		return false
	}
	s.seen[nonce] = true
	return true
}

// reply is what the station's box holds: which request it answers, and the
// result or the fault.
type reply struct {
	To     []byte       `json:"to"`
	Result any          `json:"result,omitempty"`
	Fault  *fault.Fault `json:"fault,omitempty"`
}

// Answer seals a result, or the fault in whose stead it is.
func (r *Request) Answer(result any, f *fault.Fault) (Sealed, error) {
	text, err := json.Marshal(reply{r.nonce, result, f})
	if err != nil {
		return Sealed{}, err
	}
	var nonce [24]byte
	if _, err := io.ReadFull(r.random, nonce[:]); err != nil {
		return Sealed{}, err
	}
	return Sealed{Nonce: nonce[:], Box: box.SealAfterPrecomputation(nil, text, &nonce, &r.shared)}, nil
}

// Page is a page's side: for tests and measurements that play one.
type Page struct {
	station     [32]byte
	public, key [32]byte
}

// NewPage makes a page with a key of its own that knows the station.
func NewPage(h Hello) (*Page, error) {
	public, key, err := box.GenerateKey(rand.Reader)
	if err != nil {
		return nil, err
	}
	return &Page{station: [32]byte(h.Key), public: *public, key: *key}, nil
}

// Seal makes the box of one call at a time in milliseconds.
func (p *Page) Seal(name string, at int64, params any) (Sealed, error) {
	inner, err := json.Marshal(params)
	if err != nil {
		return Sealed{}, err
	}
	text, err := json.Marshal(request{name, at, inner})
	if err != nil {
		return Sealed{}, err
	}
	var nonce [24]byte
	if _, err := rand.Read(nonce[:]); err != nil {
		return Sealed{}, err
	}
	return Sealed{Page: p.public[:], Nonce: nonce[:], Box: box.Seal(nil, text, &nonce, &p.station, &p.key)}, nil
}

// Open reads the station's answer to a request.
func (p *Page) Open(asked, got Sealed, result any) error {
	refused := fault.New("page.seal")
	if len(got.Nonce) != 24 {
		return refused
	}
	text, ok := box.Open(nil, got.Box, (*[24]byte)(got.Nonce), &p.station, &p.key)
	if !ok {
		return refused
	}
	out := struct {
		To     []byte
		Result json.RawMessage
		Fault  *fault.Fault
	}{}
	if json.Unmarshal(text, &out) != nil || !bytes.Equal(out.To, asked.Nonce) {
		return refused
	}
	if out.Fault != nil {
		return out.Fault
	}
	if result == nil {
		return nil
	}
	return json.Unmarshal(out.Result, result)
}
