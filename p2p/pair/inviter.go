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

// Accept decides about a joiner that knows a ticket's secret. It tells the
// welcome part by part, each of at most MaxPart bytes; tell returns when the
// joiner has taken it. Without an error the welcome is complete; of errors a
// *Refusal's code reaches the joiner. in says that the device is let in now,
// even if the welcome broke off: the ticket is its own then, and it may come
// with it again, so what Accept writes must be written once.
type Accept func(ctx context.Context, r Request, tell func(part []byte) error) (in bool, err error)

// Inviter keeps the open tickets of a device and answers joiners. Its methods
// are safe for concurrent use.
type Inviter struct {
	accept Accept
	clock  func() int64
	rand   io.Reader

	mu   sync.Mutex
	open map[[16]byte]*invitation
}

type invitation struct {
	ticket Ticket
	tries  int
	busy   bool
	device *[32]byte // who was accepted, though it may not know, or for whom it was made: nobody else is
}

// NewInviter returns an inviter without tickets. clock is in milliseconds.
func NewInviter(clock func() int64, rand io.Reader, accept Accept) *Inviter {
	return &Inviter{accept: accept, clock: clock, rand: rand, open: map[[16]byte]*invitation{}}
}

// Open makes a ticket usable, once, until it expires. Error: ErrTooMany.
func (v *Inviter) Open(t Ticket) error { return v.add(&invitation{ticket: t}) }

// OpenFor is Open of a ticket that one device alone may use.
func (v *Inviter) OpenFor(t Ticket, device [32]byte) error {
	return v.add(&invitation{ticket: t, device: &device})
}

func (v *Inviter) add(i *invitation) error {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.sweep()
	if len(v.open) >= maxOpen {
		return ErrTooMany
	}
	v.open[i.ticket.id()] = i
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
	ctx, cancel := context.WithTimeout(context.Background(), maxTalk)
	defer cancel()
	if v.talk(ctx, pub, s) != nil {
		_ = s.Reset()
		return
	}
	_ = s.Close()
}

func (v *Inviter) talk(ctx context.Context, pub [32]byte, s p2p.Stream) error {
	if err := s.SetDeadline(time.Now().Add(talkTime)); err != nil {
		return err
	}
	id, err := receive(s, 16)
	if err != nil || len(id) != 16 {
		return errors.Join(ErrProtocol, err)
	}
	i := v.begin([16]byte(id), pub)
	if i == nil {
		return send(s, []byte{statusUnknown})
	}
	answer, became, err := v.decide(ctx, pub, i, s)
	v.end(i, pub, became) // before the answer: who is answered may try again at once
	if err != nil || answer == nil {
		return err
	}
	return send(s, answer)
}

// became is what a talk made of its ticket.
type became uint8

const (
	asBefore became = iota
	guessed         // a wrong proof
	accepted        // the joiner may not know yet
	used
)

// decide hears the joiner's proof and request, and tells the welcome. answer is
// what is left to say.
func (v *Inviter) decide(ctx context.Context, pub [32]byte, i *invitation, s p2p.Stream) (answer []byte, _ became, err error) {
	nonce := make([]byte, nonceLen)
	if _, err := io.ReadFull(v.rand, nonce); err != nil {
		return nil, asBefore, err
	}
	if err := send(s, nonce); err != nil {
		return nil, asBefore, err
	}
	b, err := receive(s, maxRequest+macLen)
	if err != nil || len(b) < macLen {
		return nil, asBefore, errors.Join(ErrProtocol, err)
	}
	if !hmac.Equal(b[:macLen], i.ticket.proof("join", nonce, pub, b[macLen:])) {
		return []byte{statusUnknown}, guessed, nil
	}
	t := &teller{s: s, ticket: i.ticket, nonce: nonce, joiner: pub}
	in, err := v.accept(ctx, Request{Device: pub, Ticket: i.ticket, Message: b[macLen:]}, t.tell)
	out := asBefore
	if in {
		out = accepted
	}
	switch r, ok := errors.AsType[*Refusal](err); {
	case t.err != nil:
		return nil, out, t.err // the joiner went away
	case ok:
		return append([]byte{statusRefused}, r.Code...), out, nil
	case errors.Is(err, ErrTooLong):
		return append([]byte{statusRefused}, longCode...), out, nil
	case err != nil:
		return append([]byte{statusRefused}, "pair.failed"...), out, nil
	}
	if t.say(statusEnd, nil); t.err != nil {
		return nil, out, t.err
	}
	return nil, used, nil
}

// teller sends the parts of a welcome.
type teller struct {
	s      p2p.Stream
	ticket Ticket
	nonce  []byte
	joiner [32]byte
	number uint32
	size   int
	err    error // of the joiner's side
}

func (t *teller) tell(part []byte) error {
	if t.err != nil {
		return t.err
	}
	t.size += 1 + macLen + len(part)
	if len(part) > MaxPart || t.size > MaxWelcome {
		return ErrTooLong
	}
	t.say(statusPart, part)
	return t.err
}

// say sends a part or the end, and waits until it is taken.
func (t *teller) say(status byte, part []byte) {
	if t.err = t.s.SetDeadline(time.Now().Add(talkTime)); t.err != nil {
		return
	}
	proof := t.ticket.partProof(status, t.number, t.nonce, t.joiner, part)
	t.number++
	if t.err = send(t.s, append(append([]byte{status}, proof...), part...)); t.err == nil {
		_, t.err = receive(t.s, len(taken))
	}
}

// begin takes a ticket for one try: two joiners can't use it at once, and only
// the device that was accepted can use it again.
func (v *Inviter) begin(id [16]byte, pub [32]byte) *invitation {
	v.mu.Lock()
	defer v.mu.Unlock()
	v.sweep()
	i := v.open[id]
	if i == nil || i.busy || i.device != nil && *i.device != pub {
		return nil
	}
	i.busy = true
	return i
}

// end gives the ticket back, unless it is used or burnt. Who was accepted again
// and again, and never says that it knows, burns it as well.
func (v *Inviter) end(i *invitation, pub [32]byte, b became) {
	v.mu.Lock()
	defer v.mu.Unlock()
	i.busy = false
	switch b {
	case guessed:
		i.tries++
	case accepted:
		i.tries++
		i.device = &pub
	}
	if b == used || i.tries >= maxTries {
		delete(v.open, i.ticket.id())
	}
}
