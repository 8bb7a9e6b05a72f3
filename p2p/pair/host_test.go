package pair

import (
	"context"
	"crypto/ed25519"
	"crypto/rand"
	"crypto/sha256"
	"errors"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"jishan/p2p"
)

func newHost(t *testing.T, name string, guest func([32]byte) bool) *p2p.Host {
	t.Helper()
	seed := sha256.Sum256([]byte(name))
	listen, err := p2p.ListenBoth("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	h, err := p2p.New(t.Context(), p2p.Config{
		Key: ed25519.NewKeyFromSeed(seed[:]), Listen: listen, Guest: guest,
		Gate:   func([32]byte) bool { return false }, // nobody is enrolled
		Open:   func(p2p.Peer) (p2p.Conversation, error) { return nil, errors.New("no conversation") },
		Answer: func(context.Context, [32]byte, []byte) ([]byte, error) { return []byte("secret"), nil },
		Timing: p2p.Timing{Dial: 2 * time.Second},
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(); err != nil {
			t.Error(err)
		}
	})
	return h
}

// The whole way over the real network stack: strangers get in only while a
// ticket is open, and no further than pairing.
func TestOverTheNetwork(t *testing.T) {
	var accepted atomic.Int32
	v := NewInviter(func() int64 { return now }, rand.Reader, func(_ context.Context, r Request, tell func([]byte) error) (bool, error) {
		accepted.Add(1)
		return true, tell(append([]byte("welcome "), r.Message...))
	})
	office := newHost(t, "office", func([32]byte) bool { return v.Active() })
	office.HandleGuest(Protocol, v.Handle)
	joiner := newHost(t, "joiner", nil)
	k, err := NewTicket(rand.Reader, Ticket{Device: office.ID(), Addrs: office.Addrs(), Expires: now + 1000, Community: "滨河社区"})
	if err != nil {
		t.Fatal(err)
	}
	enter := func(k Ticket) (string, error) {
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		w, err := join(ctx, joiner, k, "me")
		return strings.Join(w, "|"), err
	}
	if _, err := enter(k); err == nil {
		t.Error("a stranger got in with no ticket open")
	}
	if err := v.Open(k); err != nil {
		t.Fatal(err)
	}
	wrong := k
	wrong.Secret[0] ^= 1
	if _, err := enter(wrong); !errors.Is(err, ErrSecret) {
		t.Errorf("wrong secret: %v", err)
	}
	if _, err := joiner.Ask(t.Context(), office.ID(), []byte("x")); err == nil {
		t.Error("a guest got an answer")
	}
	impostor := k
	impostor.Device = joiner.ID() // not the key behind the address
	if _, err := enter(impostor); err == nil {
		t.Error("it joined a device that can't prove its key")
	}
	// The text of the ticket is what the joiner really has.
	read, err := ParseTicket(k.String(), now)
	if err != nil {
		t.Fatal(err)
	}
	if w, err := enter(read); err != nil || w != "welcome me" {
		t.Errorf("%q, %v", w, err)
	}
	if _, err := enter(read); err == nil {
		t.Error("joined twice")
	}
	if accepted.Load() != 1 {
		t.Errorf("accepted %d times", accepted.Load())
	}
}

// What an eavesdropper at the joiner's desk recorded is worth nothing with
// another nonce.
func TestReplay(t *testing.T) {
	k := ticket(t)
	n := 0
	v := NewInviter(func() int64 { return now }, rand.Reader, func(context.Context, Request, func([]byte) error) (bool, error) {
		n++
		return false, &Refusal{Code: "later"}
	})
	if err := v.Open(k); err != nil {
		t.Fatal(err)
	}
	nonce := make([]byte, nonceLen)
	recorded := append(k.proof("join", nonce, [32]byte{9}, []byte("me")), "me"...)
	h := pipeHost{[32]byte{9}, v}
	s, _, err := h.OpenGuest(t.Context(), k.Device, k.Addrs, Protocol)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	id := k.id()
	if err := send(s, id[:]); err != nil {
		t.Fatal(err)
	}
	if _, err := receive(s, 64); err != nil {
		t.Fatal(err)
	}
	if err := send(s, recorded); err != nil {
		t.Fatal(err)
	}
	if b, err := receive(s, 64); err != nil || b[0] != statusUnknown || n != 0 {
		t.Errorf("%v %v, accepted %d", b, err, n)
	}
}
