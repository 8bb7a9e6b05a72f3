package pair

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"jishan/p2p"
)

// Protocol is the guest protocol's name. Its messages, each with a length of
// four bytes before it:
//
//	joiner   ID of the ticket (a hash of its secret)
//	inviter  nonce
//	joiner   proof over nonce, both devices and the request; the request
//	inviter  a part of the welcome, or its end: status; proof over nonce, number
//	         and part; the part. Or, at any time, a reason
//	joiner   taken: one byte, after each part and after the end
//
// Parts are as many as it takes, and each waits for the one before to be taken:
// neither side ever holds more than one. Only a joiner that took all parts, and
// said so, has used the ticket up.
const Protocol = "/jishan/pair/2"

// Limits of the protocol.
const (
	// MaxPart bounds a part of a welcome: a frame of package sync with room for
	// what stands around it.
	MaxPart = 1<<20 + 64
	// MaxWelcome bounds all parts together: a charter of 800 restored devices
	// with 1,000 rights each, which a joiner still judges well within maxTalk.
	MaxWelcome = 32 << 20
	// maxRequest bounds what a joiner says of itself: names and one certificate.
	maxRequest = 16 << 10
	// talkTime bounds the wait for one message; deciding, and taking a part, is
	// a matter of one transaction.
	talkTime = 30 * time.Second
	// maxTalk bounds the whole exchange: as long as a guest may stay connected.
	maxTalk = 2 * time.Minute
	// maxTries burns a ticket: with 128 bits nobody needs a second guess.
	maxTries = 3
	nonceLen = 16
	macLen   = sha256.Size
)

// Why joining failed. ErrSecret is said to the joiner by its status byte; a
// Refusal carries the inviter's own words.
var (
	ErrSecret   = errors.New("pair: the ticket is not known there, or was used already")
	ErrProtocol = errors.New("pair: the other side does not keep to the protocol")
	ErrTooLong  = errors.New("pair: the welcome is longer than a device can take when it joins")
)

// Refusal is the inviter's reason not to let a device join: a short code.
type Refusal struct{ Code string }

func (r *Refusal) Error() string { return "pair: refused: " + r.Code }

const (
	statusPart byte = iota
	statusUnknown
	statusRefused
	statusEnd
)

// longCode is the Refusal of an inviter whose welcome exceeds MaxWelcome.
const longCode = "pair.long"

// opener is the part of a host that Join needs.
type opener interface {
	ID() [32]byte
	OpenGuest(ctx context.Context, pub [32]byte, addrs []string, proto string) (p2p.Stream, func(), error)
}

// Welcome is what a joiner is told, part by part. It is for one goroutine.
type Welcome struct {
	ctx    context.Context
	ticket Ticket
	s      p2p.Stream
	close  func()
	self   [32]byte
	nonce  []byte
	number uint32 // of parts read
	size   int
	owed   bool // the last part was not acknowledged yet
}

// Join dials the inviting device and hands it the request. Then read the
// welcome with Next, say Done, and Close it. ctx bounds all of it. Errors:
// ErrSecret, ErrProtocol, or the network's.
func Join(ctx context.Context, h opener, t Ticket, request []byte) (*Welcome, error) {
	s, done, err := h.OpenGuest(ctx, t.Device, t.Addrs, Protocol)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = s.Reset() })
	w := &Welcome{ctx: ctx, ticket: t, s: s, self: h.ID(), close: func() {
		stop()
		_ = s.Close()
		done()
	}}
	if err := w.ask(request); err != nil {
		w.Close()
		return nil, w.why(err)
	}
	return w, nil
}

// why prefers the reason for which a stream was cut.
func (w *Welcome) why(err error) error {
	if e := w.ctx.Err(); e != nil {
		return e
	}
	return err
}

func (w *Welcome) ask(request []byte) error {
	if err := w.s.SetDeadline(time.Now().Add(talkTime)); err != nil {
		return err
	}
	id := w.ticket.id()
	if err := send(w.s, id[:]); err != nil {
		return err
	}
	nonce, err := receive(w.s, nonceLen)
	switch {
	case err != nil:
		return err
	case len(nonce) == 1:
		return ErrSecret
	case len(nonce) != nonceLen:
		return ErrProtocol
	}
	w.nonce = nonce
	return send(w.s, append(w.ticket.proof("join", nonce, w.self, request), request...))
}

// Next returns the next part, which may be empty; what came before is taken.
// After the last one it returns io.EOF. Errors: ErrSecret, ErrProtocol,
// ErrTooLong, *Refusal, or the network's.
func (w *Welcome) Next() ([]byte, error) {
	b, err := w.next()
	if err != nil && err != io.EOF {
		err = w.why(err)
	}
	return b, err
}

func (w *Welcome) next() ([]byte, error) {
	if err := w.s.SetDeadline(time.Now().Add(talkTime)); err != nil {
		return nil, err
	}
	if w.owed {
		if err := send(w.s, taken); err != nil {
			return nil, err
		}
		w.owed = false
	}
	b, err := receive(w.s, MaxPart+1+macLen)
	if err != nil {
		return nil, err
	}
	if b[0] != statusPart && b[0] != statusEnd {
		return nil, refusal(b)
	}
	if len(b) < 1+macLen || !hmac.Equal(b[1:1+macLen], w.ticket.partProof(b[0], w.number, w.nonce, w.self, b[1+macLen:])) {
		return nil, ErrProtocol
	}
	w.number, w.owed, w.size = w.number+1, true, w.size+len(b)
	switch {
	case b[0] == statusEnd:
		return nil, io.EOF
	case w.size > MaxWelcome:
		return nil, ErrTooLong
	}
	return b[1+macLen:], nil
}

// taken is the joiner's answer to a part.
var taken = []byte{1}

// refusal reads an answer that is no part.
func refusal(b []byte) error {
	switch code := string(b[1:min(len(b), 1+maxName)]); {
	case b[0] == statusUnknown:
		return ErrSecret
	case b[0] != statusRefused:
		return ErrProtocol
	case code == longCode:
		return ErrTooLong
	default:
		return &Refusal{Code: code}
	}
}

// Done tells the inviter, after io.EOF, that all of the welcome is kept: the
// ticket is used up. Without it the same device may use the ticket again.
func (w *Welcome) Done() error {
	if err := w.s.SetDeadline(time.Now().Add(talkTime)); err != nil {
		return err
	}
	if err := send(w.s, taken); err != nil {
		return w.why(err)
	}
	_, err := w.s.Read(make([]byte, 1)) // until the inviter has read it and closes
	if err == io.EOF {
		return nil
	}
	return w.why(errors.Join(ErrProtocol, err))
}

// Close ends the talk. Without Done before, nothing was agreed.
func (w *Welcome) Close() { w.close() }

// id names the ticket without giving its secret away.
func (t Ticket) id() [16]byte {
	h := sha256.Sum256(append([]byte("jishan ticket id 1\x00"), t.Secret[:]...))
	return [16]byte(h[:16])
}

// proof shows knowledge of the secret, bound to both devices and what is said.
func (t Ticket) proof(what string, nonce []byte, joiner [32]byte, message []byte) []byte {
	m := hmac.New(sha256.New, t.Secret[:])
	fmt.Fprintf(m, "jishan pair 2 %s\x00", what)
	m.Write(nonce)
	m.Write(joiner[:])
	m.Write(t.Device[:])
	m.Write(message)
	return m.Sum(nil)
}

// partProof binds a part to its place among the parts.
func (t Ticket) partProof(status byte, number uint32, nonce []byte, joiner [32]byte, part []byte) []byte {
	return t.proof(fmt.Sprintf("part %d %d", status, number), nonce, joiner, part)
}

func send(w io.Writer, b []byte) error {
	_, err := w.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(b))), b...))
	return err
}

func receive(r io.Reader, limit int) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n == 0 || n > uint32(limit) {
		return nil, ErrProtocol
	}
	b := make([]byte, n)
	_, err := io.ReadFull(r, b)
	return b, err
}
