package pair

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"io"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"jishan/p2p"
)

// pipeHost joins a joiner to an inviter through an in-memory pipe.
type pipeHost struct {
	self    [32]byte
	inviter *Inviter
}

type pipeStream struct{ net.Conn }

func (p pipeStream) CloseWrite() error { return nil }
func (p pipeStream) Reset() error      { return p.Close() }

func (h pipeHost) ID() [32]byte { return h.self }
func (h pipeHost) OpenGuest(_ context.Context, _ [32]byte, _ []string, _ string) (p2p.Stream, func(), error) {
	a, b := net.Pipe()
	go h.inviter.Handle(h.self, pipeStream{b})
	return pipeStream{a}, func() {}, nil
}

var now = time.Date(2026, 3, 26, 10, 0, 0, 0, time.UTC).UnixMilli()

// join reads a whole welcome.
func join(ctx context.Context, h opener, k Ticket, request string) (parts []string, err error) {
	w, err := Join(ctx, h, k, []byte(request))
	if err != nil {
		return nil, err
	}
	defer w.Close()
	for {
		p, err := w.Next()
		if err == io.EOF {
			return parts, w.Done()
		}
		if err != nil {
			return parts, err
		}
		parts = append(parts, string(p))
	}
}

// welcoming accepts whoever knows the secret and tells these parts.
func welcoming(parts ...string) Accept {
	return func(_ context.Context, _ Request, tell func([]byte) error) (bool, error) {
		for _, p := range parts {
			if err := tell([]byte(p)); err != nil {
				return false, err
			}
		}
		return true, nil
	}
}

func ticket(t *testing.T) Ticket {
	t.Helper()
	k, err := NewTicket(rand.Reader, Ticket{Device: [32]byte{7}, Addrs: []string{"/ip4/127.0.0.1/tcp/4001"}, Expires: now + 600_000,
		Community: "滨河社区", Inviter: "1 号电脑", Role: "station", Name: "实践站电脑"})
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestTicketText(t *testing.T) {
	k := ticket(t)
	text := k.String()
	got, err := ParseTicket(" "+strings.ToLower(text[:20])+"\n"+text[20:], now)
	if err != nil || got.String() != text || got.Community != k.Community {
		t.Fatalf("%v %+v", err, got)
	}
	if _, err := ParseTicket(text, k.Expires); !errors.Is(err, ErrExpired) {
		t.Errorf("expired: %v", err)
	}
	if _, err := ParseTicket("JISHAN2:ABC", now); !errors.Is(err, ErrNewer) {
		t.Errorf("newer: %v", err)
	}
	for i := range len(text) {
		c := byte('7')
		if text[i] == c {
			c = '8'
		}
		bad := text[:i] + string(c) + text[i+1:]
		if _, err := ParseTicket(bad, now); err == nil {
			t.Fatalf("a typo at %d is not noticed", i)
		}
	}
	for _, bad := range []string{"", "JISHAN1:", text[:len(text)-2], "hello", strings.Repeat("A", maxText+1)} {
		if _, err := ParseTicket(bad, now); !errors.Is(err, ErrMalformed) {
			t.Errorf("%.20q: %v", bad, err)
		}
	}
}

func TestJoinOnce(t *testing.T) {
	k := ticket(t)
	var seen Request
	v := NewInviter(func() int64 { return now }, rand.Reader, func(ctx context.Context, r Request, tell func([]byte) error) (bool, error) {
		seen = r
		return welcoming("wel", "", "come")(ctx, r, tell)
	})
	if err := v.Open(k); err != nil {
		t.Fatal(err)
	}
	h := pipeHost{[32]byte{9}, v}
	w, err := join(t.Context(), h, k, "me")
	if err != nil || !slices.Equal(w, []string{"wel", "", "come"}) || seen.Device != h.self || !bytes.Equal(seen.Message, []byte("me")) {
		t.Fatalf("%q %v %+v", w, err, seen)
	}
	if v.Active() {
		t.Error("a used ticket is still open")
	}
	if _, err := join(t.Context(), h, k, "me"); !errors.Is(err, ErrSecret) {
		t.Errorf("twice: %v", err)
	}
}

func TestWrongSecretBurns(t *testing.T) {
	k := ticket(t)
	v := NewInviter(func() int64 { return now }, rand.Reader, func(context.Context, Request, func([]byte) error) (bool, error) {
		t.Error("accepted without the secret")
		return false, nil
	})
	if err := v.Open(k); err != nil {
		t.Fatal(err)
	}
	// An attacker that overheard the ticket's id but not its secret.
	for try := range maxTries {
		a, b := net.Pipe()
		go v.Handle([32]byte{9}, pipeStream{b})
		id := k.id()
		if err := send(a, id[:]); err != nil {
			t.Fatal(err)
		}
		if nonce, err := receive(a, 64); err != nil || len(nonce) != nonceLen {
			t.Fatalf("try %d: %v", try, err)
		}
		if err := send(a, make([]byte, macLen+4)); err != nil {
			t.Fatal(err)
		}
		if b, err := receive(a, 64); err != nil || b[0] != statusUnknown {
			t.Fatalf("try %d: %v %v", try, b, err)
		}
		_ = a.Close()
	}
	if v.Active() {
		t.Error("three wrong proofs did not burn the ticket")
	}
}

func TestRefusalAndExpiry(t *testing.T) {
	k, clock := ticket(t), now
	v := NewInviter(func() int64 { return clock }, rand.Reader, func(context.Context, Request, func([]byte) error) (bool, error) {
		return false, &Refusal{Code: "devices.role.bad"}
	})
	if err := v.Open(k); err != nil {
		t.Fatal(err)
	}
	h := pipeHost{[32]byte{9}, v}
	_, err := join(t.Context(), h, k, "me")
	if r, ok := errors.AsType[*Refusal](err); !ok || r.Code != "devices.role.bad" {
		t.Errorf("refusal: %v", err)
	}
	clock = k.Expires
	if _, err := join(t.Context(), h, k, "me"); !errors.Is(err, ErrSecret) {
		t.Errorf("expired at the inviter: %v", err)
	}
}

// A joiner that breaks off leaves the ticket to whoever has its text, unless it
// was let in already: then to itself alone, until it says that it knows.
func TestBreakingOff(t *testing.T) {
	letIn := func(_ context.Context, _ Request, tell func([]byte) error) (bool, error) {
		if err := tell([]byte("before")); err != nil {
			return false, err
		}
		return true, tell([]byte("after"))
	}
	for reads := range 4 { // parts read before it goes away; 3: the end, too
		k := ticket(t)
		v := NewInviter(func() int64 { return now }, rand.Reader, letIn)
		if err := v.Open(k); err != nil {
			t.Fatal(err)
		}
		h, other := pipeHost{[32]byte{9}, v}, pipeHost{[32]byte{8}, v}
		w, err := Join(t.Context(), h, k, []byte("me"))
		if err != nil {
			t.Fatal(err)
		}
		for range reads {
			if _, err := w.Next(); err != nil && err != io.EOF {
				t.Fatal(err)
			}
		}
		w.Close()
		idle(t, v)
		if reads >= 2 {
			if _, err := join(t.Context(), other, k, "me"); !errors.Is(err, ErrSecret) {
				t.Errorf("%d parts read: another device used the ticket of one that was let in: %v", reads, err)
			}
		}
		if got, err := join(t.Context(), h, k, "me"); err != nil || len(got) != 2 {
			t.Errorf("%d parts read: %v %v", reads, got, err)
		}
		if v.Active() {
			t.Errorf("%d parts read: the ticket is still open", reads)
		}
	}
}

// idle waits until the inviter has noticed that a joiner is gone.
func idle(t *testing.T, v *Inviter) {
	t.Helper()
	for end := time.Now().Add(10 * time.Second); ; time.Sleep(time.Millisecond) {
		v.mu.Lock()
		busy := false
		for _, i := range v.open {
			busy = busy || i.busy
		}
		v.mu.Unlock()
		if !busy {
			return
		}
		if time.Now().After(end) {
			t.Fatal("the inviter waits for who is gone")
		}
	}
}

// A welcome has no end that a device must take, and parts stay where they are.
func TestWelcomeIsBounded(t *testing.T) {
	k := ticket(t)
	part := strings.Repeat("x", MaxPart)
	many := make([]string, MaxWelcome/MaxPart+1)
	for i := range many {
		many[i] = part
	}
	for name, parts := range map[string][]string{"one part": {part + "x"}, "all parts": many} {
		v := NewInviter(func() int64 { return now }, rand.Reader, welcoming(parts...))
		if err := v.Open(k); err != nil {
			t.Fatal(err)
		}
		if _, err := join(t.Context(), pipeHost{[32]byte{9}, v}, k, "me"); !errors.Is(err, ErrTooLong) {
			t.Errorf("%s: %v", name, err)
		}
	}
	nonce, self := make([]byte, nonceLen), [32]byte{9}
	if bytes.Equal(k.partProof(statusPart, 1, nonce, self, []byte("a")), k.partProof(statusPart, 2, nonce, self, []byte("a"))) ||
		bytes.Equal(k.partProof(statusPart, 1, nonce, self, nil), k.partProof(statusEnd, 1, nonce, self, nil)) {
		t.Error("a part is proved in another place as well")
	}
}
