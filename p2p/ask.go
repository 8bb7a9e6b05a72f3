package p2p

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/protocol"
	"golang.org/x/time/rate"
)

// One question and its answer on a stream of their own: the request until the
// asker closes its half, then a status byte and the reply, or an error's text.
const (
	statusOK byte = iota
	statusNotMember
	statusLimit
	statusNoAnswer
	statusError // followed by a text of at most maxAnswerText bytes
)

const maxAnswerText = 200

func protoID(s string) protocol.ID { return protocol.ID(s) }

// Ask sends one question of at most MaxAsk bytes to a device and returns its
// answer, connecting if need be. It may return [*AnswerError], ErrNotMember,
// ErrAskLimit, ErrNoAnswer, ErrRefused, ErrNoAddress, ErrGone or ctx's error.
func (h *Host) Ask(ctx context.Context, pub [32]byte, req []byte) ([]byte, error) {
	switch {
	case len(req) > MaxAsk:
		return nil, ErrAskLimit
	case !h.member(pub):
		return nil, ErrNotMember
	}
	ctx, cancel := context.WithTimeout(ctx, h.timing.AskTimeout)
	defer cancel()
	s, err := h.openStream(ctx, pub, askProtocol)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = s.Reset() })
	defer stop()
	defer func() { _ = s.Close() }()
	reply, err := askOn(s, req)
	if ctx.Err() != nil {
		return nil, ctx.Err()
	}
	return reply, err
}

func askOn(s network.Stream, req []byte) ([]byte, error) {
	if _, err := s.Write(req); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrGone, err)
	}
	if err := s.CloseWrite(); err != nil {
		return nil, fmt.Errorf("%w: %v", ErrGone, err)
	}
	b, err := io.ReadAll(io.LimitReader(s, MaxAsk+2))
	switch {
	case err != nil:
		return nil, fmt.Errorf("%w: %v", ErrGone, err)
	case len(b) == 0:
		return nil, ErrGone
	case len(b) > MaxAsk+1:
		return nil, ErrAskLimit
	}
	return readStatus(b[0], b[1:])
}

func readStatus(status byte, rest []byte) ([]byte, error) {
	switch status {
	case statusOK:
		return rest, nil
	case statusNotMember:
		return nil, fmt.Errorf("%w: %w", ErrRefused, ErrNotMember)
	case statusLimit:
		return nil, ErrAskLimit
	case statusNoAnswer:
		return nil, ErrNoAnswer
	case statusError:
		return nil, &AnswerError{Text: string(rest[:min(len(rest), maxAnswerText)])}
	}
	return nil, fmt.Errorf("%w: status %d", ErrFrame, status)
}

// acceptAsk serves one question.
func (h *Host) acceptAsk(s network.Stream) {
	defer func() { _ = s.Close() }()
	_ = s.SetDeadline(time.Now().Add(h.timing.AskTimeout))
	status, reply := h.answer(s)
	if _, err := s.Write(append([]byte{status}, reply...)); err != nil {
		_ = s.Reset()
	}
}

func (h *Host) answer(s network.Stream) (byte, []byte) {
	p, err := connPeer(s.Conn())
	if err != nil || !h.member(p.Pub) {
		return statusNotMember, nil
	}
	if h.cfg.Answer == nil {
		return statusNoAnswer, nil
	}
	if !h.askRate(p.Pub).Allow() {
		h.refused(p, ErrAskLimit)
		return statusLimit, nil
	}
	req, err := io.ReadAll(io.LimitReader(s, MaxAsk+1))
	if len(req) > MaxAsk {
		h.refused(p, ErrTooLong)
	}
	if err != nil || len(req) > MaxAsk {
		return statusLimit, nil
	}
	ctx, cancel := context.WithTimeout(h.ctx, h.timing.AskTimeout)
	defer cancel()
	reply, err := h.cfg.Answer(ctx, p.Pub, req)
	var told *AnswerError
	switch {
	case errors.As(err, &told):
		return statusError, []byte(told.Text[:min(len(told.Text), maxAnswerText)])
	case err != nil || len(reply) > MaxAsk:
		return statusError, []byte("the question could not be answered")
	}
	return statusOK, reply
}

func (h *Host) askRate(pub [32]byte) *rate.Limiter {
	h.mu.Lock()
	defer h.mu.Unlock()
	l := h.askRates[pub]
	if l == nil {
		l = rate.NewLimiter(asksPerSecond, askBurst)
		h.askRates[pub] = l
	}
	return l
}
