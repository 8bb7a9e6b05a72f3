package pair

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"net"
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
	v := NewInviter(func() int64 { return now }, rand.Reader, func(_ context.Context, r Request) ([]byte, error) {
		seen = r
		return []byte("welcome"), nil
	})
	if err := v.Open(k); err != nil {
		t.Fatal(err)
	}
	h := pipeHost{[32]byte{9}, v}
	w, err := Join(t.Context(), h, k, []byte("me"))
	if err != nil || string(w) != "welcome" || seen.Device != h.self || !bytes.Equal(seen.Message, []byte("me")) {
		t.Fatalf("%q %v %+v", w, err, seen)
	}
	if v.Active() {
		t.Error("a used ticket is still open")
	}
	if _, err := Join(t.Context(), h, k, []byte("me")); !errors.Is(err, ErrSecret) {
		t.Errorf("twice: %v", err)
	}
}

func TestWrongSecretBurns(t *testing.T) {
	k := ticket(t)
	v := NewInviter(func() int64 { return now }, rand.Reader, func(context.Context, Request) ([]byte, error) {
		t.Error("accepted without the secret")
		return nil, nil
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
	v := NewInviter(func() int64 { return clock }, rand.Reader, func(context.Context, Request) ([]byte, error) {
		return nil, &Refusal{Code: "devices.role.bad"}
	})
	if err := v.Open(k); err != nil {
		t.Fatal(err)
	}
	h := pipeHost{[32]byte{9}, v}
	_, err := Join(t.Context(), h, k, []byte("me"))
	if r, ok := errors.AsType[*Refusal](err); !ok || r.Code != "devices.role.bad" {
		t.Errorf("refusal: %v", err)
	}
	clock = k.Expires
	if _, err := Join(t.Context(), h, k, []byte("me")); !errors.Is(err, ErrSecret) {
		t.Errorf("expired at the inviter: %v", err)
	}
}
