package pair

import (
	"context"
	"crypto/hmac"
	"errors"
	"io"
	"sync"
	"time"

	"jishan/p2p"
)

// maxOpen bounds the tickets open at once: an afternoon of setting up a
// district's devices.
const maxOpen = 64

// ErrTooMany says that too many tickets are open.
var ErrTooMany = errors.New("pair: too many open tickets")

// Request is what a joiner sent over a channel that proves its device key.
type Request struct {
	Device  [32]byte
	Ticket  Ticket
	Message []byte
}

// Inviter keeps the open tickets of a device and answers joiners. Its methods
// are safe for concurrent use.
type Inviter struct {
	// Accept decides about a joiner that knows the secret and returns what to
	// tell it. A *Refusal's code reaches the joiner; after any error the ticket
	// stays open until its tries are used up.
	accept func(ctx context.Context, r Request) ([]byte, error)
	clock  func() int64
	rand   io.Reader

	mu   sync.Mutex
	open map[[16]byte]*invitation
}

type invitation struct {
	ticket Ticket
	tries  int
	busy   bool
}

// NewInviter returns an inviter without tickets. clock is in milliseconds.
func NewInviter(clock func() int64, rand io.Reader, accept func(ctx context.Context, r Request) ([]byte, error)) *Inviter {
	return &Inviter{accept: accept, clock: clock, rand: rand, open: map[[16]byte]*invitation{}}
}

// Open makes a ticket usable, once, until it expires. Error: ErrTooMany.
func (v *Inviter) Open(t Ticket) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.sweep()
	if len(v.open) >= maxOpen {
		return ErrTooMany
	}
	v.open[t.id()] = &invitation{ticket: t}
	return nil
}

// Active tells whether any ticket is open: only then may strangers connect.
func (v *Inviter) Active() bool {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.sweep()
	return len(v.open) > 0
}

func (v *Inviter) sweep() {
	now := v.clock()
	for id, i := range v.open {
		if i.ticket.Expires <= now {
			delete(v.open, id)
		}
	}
}

// Handle answers one joiner; give it to p2p.Host.HandleGuest.
func (v *Inviter) Handle(pub [32]byte, s p2p.Stream) {
	ctx, cancel := context.WithTimeout(context.Background(), talkTime)
	defer cancel()
	if s.SetDeadline(time.Now().Add(talkTime)) != nil || v.talk(ctx, pub, s) != nil {
		_ = s.Reset()
		return
	}
	_ = s.Close()
}

func (v *Inviter) talk(ctx context.Context, pub [32]byte, s io.ReadWriter) error {
	id, err := receive(s, 16)
	if err != nil || len(id) != 16 {
		return errors.Join(ErrProtocol, err)
	}
	i := v.begin([16]byte(id))
	if i == nil {
		return send(s, []byte{statusUnknown})
	}
	reply, used, err := v.decide(ctx, pub, i, s)
	v.end(i, used) // before the reply: who is answered may try again at once
	if err != nil {
		return err
	}
	return send(s, reply)
}

// decide hears the joiner's proof and request and makes the answer.
func (v *Inviter) decide(ctx context.Context, pub [32]byte, i *invitation, s io.ReadWriter) (reply []byte, used bool, err error) {
	nonce := make([]byte, nonceLen)
	if _, err := io.ReadFull(v.rand, nonce); err != nil {
		return nil, false, err
	}
	if err := send(s, nonce); err != nil {
		return nil, false, err
	}
	b, err := receive(s, maxMessage+macLen)
	if err != nil || len(b) < macLen {
		return nil, false, errors.Join(ErrProtocol, err)
	}
	if !hmac.Equal(b[:macLen], i.ticket.proof("join", nonce, pub, b[macLen:])) {
		return []byte{statusUnknown}, false, nil
	}
	w, err := v.accept(ctx, Request{Device: pub, Ticket: i.ticket, Message: b[macLen:]})
	if r, ok := errors.AsType[*Refusal](err); ok {
		return append([]byte{statusRefused}, r.Code...), false, nil
	}
	if err != nil || len(w) > maxMessage {
		return append([]byte{statusRefused}, "pair.failed"...), false, nil
	}
	return append(append([]byte{statusWelcome}, i.ticket.proof("welcome", nonce, pub, w)...), w...), true, nil
}

// begin takes a ticket for one try: two joiners can't use it at once.
func (v *Inviter) begin(id [16]byte) *invitation {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.sweep()
	i := v.open[id]
	if i == nil || i.busy {
		return nil
	}
	i.busy = true
	i.tries++
	return i
}

// end gives the ticket back, unless it is used or burnt.
func (v *Inviter) end(i *invitation, used bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	i.busy = false
	if used || i.tries >= maxTries {
		delete(v.open, i.ticket.id())
	}
}
