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

// Protocol is the guest protocol's name. Four messages, each with a length of
// four bytes before it:
//
//	joiner   ID of the ticket (a hash of its secret)
//	inviter  nonce
//	joiner   proof over nonce, both devices and the request; the request
//	inviter  status; proof over nonce and welcome, then the welcome; or a reason
const Protocol = "/jishan/pair/1"

// Limits of the protocol.
const (
	// maxMessage bounds a request and a welcome.
	maxMessage = 256 << 10
	// talkTime bounds the whole exchange; deciding is a matter of one
	// transaction at the inviter.
	talkTime = 30 * time.Second
	// maxTries burns a ticket: with 128 bits nobody needs a second guess, three
	// allow for a broken connection.
	maxTries = 3
	nonceLen = 16
	macLen   = sha256.Size
)

// Why joining failed. ErrSecret and ErrUsed are said to the joiner by their
// status byte; a Refusal carries the inviter's own words.
var (
	ErrSecret   = errors.New("pair: the ticket is not known there, or was used already")
	ErrProtocol = errors.New("pair: the other side does not keep to the protocol")
)

// Refusal is the inviter's reason not to let a device join: a short code.
type Refusal struct{ Code string }

func (r *Refusal) Error() string { return "pair: refused: " + r.Code }

const (
	statusWelcome byte = iota
	statusUnknown
	statusRefused
)

// opener is the part of a host that Join needs.
type opener interface {
	ID() [32]byte
	OpenGuest(ctx context.Context, pub [32]byte, addrs []string, proto string) (p2p.Stream, func(), error)
}

// Join dials the inviting device and returns its welcome. Errors: ErrSecret,
// ErrProtocol, *Refusal, or the network's.
func Join(ctx context.Context, h opener, t Ticket, request []byte) ([]byte, error) {
	s, done, err := h.OpenGuest(ctx, t.Device, t.Addrs, Protocol)
	if err != nil {
		return nil, err
	}
	defer done()
	defer s.Close()
	stop := context.AfterFunc(ctx, func() { _ = s.Reset() })
	defer stop()
	if err := s.SetDeadline(time.Now().Add(talkTime)); err != nil {
		return nil, err
	}
	w, err := t.join(s, h.ID(), request)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return w, err
}

func (t Ticket) join(s io.ReadWriter, self [32]byte, request []byte) ([]byte, error) {
	id := t.id()
	if err := send(s, id[:]); err != nil {
		return nil, err
	}
	nonce, err := receive(s, 1+nonceLen)
	if err != nil {
		return nil, err
	}
	if len(nonce) == 1 {
		return nil, ErrSecret
	}
	if len(nonce) != nonceLen {
		return nil, ErrProtocol
	}
	if err := send(s, append(t.proof("join", nonce, self, request), request...)); err != nil {
		return nil, err
	}
	b, err := receive(s, maxMessage+1+macLen)
	if err != nil {
		return nil, err
	}
	return t.welcome(b, nonce, self)
}

func (t Ticket) welcome(b, nonce []byte, self [32]byte) ([]byte, error) {
	switch {
	case len(b) > macLen && b[0] == statusWelcome:
		w := b[1+macLen:]
		if !hmac.Equal(b[1:1+macLen], t.proof("welcome", nonce, self, w)) {
			return nil, ErrProtocol
		}
		return w, nil
	case len(b) > 0 && b[0] == statusUnknown:
		return nil, ErrSecret
	case len(b) > 0 && b[0] == statusRefused:
		return nil, &Refusal{Code: string(b[1:min(len(b), 1+maxName)])}
	}
	return nil, ErrProtocol
}

// id names the ticket without giving its secret away.
func (t Ticket) id() [16]byte {
	h := sha256.Sum256(append([]byte("jishan ticket id 1\x00"), t.Secret[:]...))
	return [16]byte(h[:16])
}

// proof shows knowledge of the secret, bound to both devices and what is said.
func (t Ticket) proof(what string, nonce []byte, joiner [32]byte, message []byte) []byte {
	m := hmac.New(sha256.New, t.Secret[:])
	fmt.Fprintf(m, "jishan pair 1 %s\x00", what)
	m.Write(nonce)
	m.Write(joiner[:])
	m.Write(t.Device[:])
	m.Write(message)
	return m.Sum(nil)
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
