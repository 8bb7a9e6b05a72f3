package p2p

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"golang.org/x/time/rate"
)

// link is one live stream with one device. Three goroutines: the reader hands
// frames to the conversation one at a time; the feeder asks it for the next
// frame, only when the writer is idle; the writer is the only one to write.
//
// Invariants:
//  1. A slot has at most one link; whoever holds it in slot.link owns the
//     device's events.
//  2. Connected comes before the first Handle, Disconnected after the last,
//     and after Close of the conversation.
//  3. The first reason wins; it is set before anything is torn down.
type link struct {
	h      *Host
	stream network.Stream
	in     *bufio.Reader
	peer   Peer
	conv   Conversation
	up     bool // Connected was reported; guarded by h.mu

	ctx    context.Context
	cancel context.CancelCauseFunc
	done   chan struct{} // everything has ended, the slot is free
	pong   chan struct{} // a ping wants its answer; buffered, 1
}

func (h *Host) newLink(s network.Stream) (*link, error) {
	p, err := connPeer(s.Conn())
	if err != nil {
		return nil, err
	}
	p.Outgoing = s.Stat().Direction == network.DirOutbound
	p.Since = time.Now()
	l := &link{h: h, stream: s, peer: p, done: make(chan struct{}), pong: make(chan struct{}, 1)}
	l.ctx, l.cancel = context.WithCancelCause(h.ctx)
	l.in = bufio.NewReaderSize(deadlineReader{l.ctx, s, h.timing.Dead}, 64<<10)
	return l, nil
}

// stop ends the link with a reason; the first one counts.
func (l *link) stop(reason error) { l.cancel(reason) }

// acceptLink serves a stream that another device opened.
func (h *Host) acceptLink(s network.Stream) {
	l, err := h.newLink(s)
	if err != nil {
		_ = s.Reset()
		return
	}
	defer l.cancel(nil)
	slow := time.AfterFunc(h.timing.Dial, func() { _ = s.Reset() })
	err = h.greetIncoming(l)
	if late := !slow.Stop(); late && err != nil {
		err = ErrSilent
	}
	if err != nil {
		l.peer.Since = time.Time{}
		if !errors.Is(err, ErrDuplicate) {
			h.refused(l.peer, err)
		}
		l.bye(err)
		return
	}
	l.run()
}

// greetIncoming reads the hello, takes the device's slot, opens the
// conversation and answers.
func (h *Host) greetIncoming(l *link) error {
	if !h.member(l.peer.Pub) {
		return ErrNotMember
	}
	if err := l.readHello(); err != nil {
		return err
	}
	if err := h.claim(l); err != nil {
		return err
	}
	return l.openAfterClaim()
}

// openAfterClaim opens the conversation and tells the other side; on an error
// the slot is free again.
func (l *link) openAfterClaim() error {
	conv, err := l.h.cfg.Open(l.peer)
	if err != nil {
		l.h.release(l)
		close(l.done)
		return fmt.Errorf("%w: %w", ErrRefused, err)
	}
	l.conv = conv
	if l.peer.Outgoing {
		return nil
	}
	if err := l.writeHello(); err != nil {
		conv.Close(err)
		l.h.release(l)
		close(l.done)
		return err
	}
	return nil
}

// claim makes l the device's link, or refuses it. An opener never opens while
// it has a live link, so a second hello means that the old link is dead at the
// other end, unless both dialled at the same moment: then the lower id's wins.
func (h *Host) claim(l *link) error {
	for {
		h.mu.Lock()
		if h.closing() {
			h.mu.Unlock()
			return ErrClosed
		}
		s := h.slotOf(l.peer.Pub)
		old := s.link
		if err := h.mayClaim(s, l); err != nil {
			h.mu.Unlock()
			return err
		}
		if old == nil {
			s.link = l
			h.mu.Unlock()
			return nil
		}
		h.mu.Unlock()
		old.stop(ErrReplaced)
		<-old.done
	}
}

func (h *Host) mayClaim(s *slot, l *link) error {
	lower := lowerID(h.self, l.peer.Pub)
	switch {
	case time.Now().Before(s.penalty):
		return ErrPenalty
	case l.peer.Outgoing && s.link != nil:
		return ErrDuplicate
	case l.peer.Outgoing:
		return nil
	case s.link == nil && s.pending && lower:
		return ErrDuplicate // ours is under way and wins
	case s.link != nil && s.link.peer.Outgoing && lower && time.Since(s.link.peer.Since) < h.timing.Yield:
		return ErrDuplicate
	}
	return nil
}

// release frees the slot.
func (h *Host) release(l *link) {
	h.mu.Lock()
	defer h.mu.Unlock()
	s := h.slotOf(l.peer.Pub)
	if s.link == l {
		s.link = nil
	}
}

// run carries the conversation until something ends it, and reports both ends.
func (l *link) run() {
	l.h.mu.Lock()
	l.up = true
	s := l.h.slotOf(l.peer.Pub)
	s.lastErr = nil
	close(s.up)
	l.h.mu.Unlock()
	l.h.event(Event{Kind: Connected, Peer: l.peer})

	var wg sync.WaitGroup
	want, frames := make(chan struct{}, 1), make(chan []byte)
	for _, f := range []func() error{
		l.readAll,
		func() error { return l.feed(want, frames) },
		func() error { return l.writeAll(want, frames) },
	} {
		wg.Add(1)
		go func() {
			defer wg.Done()
			if err := f(); err != nil {
				l.stop(err)
			}
		}()
	}
	<-l.ctx.Done()
	reason := context.Cause(l.ctx)
	if errors.Is(reason, context.Canceled) {
		reason = ErrClosed
	}
	// A writer that is blocked in Write must not hold up the end.
	_ = l.stream.SetWriteDeadline(time.Now().Add(byeTime))
	_ = l.stream.SetReadDeadline(time.Now())
	wg.Wait()
	l.bye(reason)
	l.finish(reason)
}

// byeTime is how long the last message of a link may take to leave.
const byeTime = 500 * time.Millisecond

func (l *link) finish(reason error) {
	l.conv.Close(reason)
	var broken *BrokenError
	l.h.mu.Lock()
	s := l.h.slotOf(l.peer.Pub)
	s.lastErr = reason
	if errors.As(reason, &broken) || errors.Is(reason, ErrFrame) {
		s.penalty = time.Now().Add(l.h.timing.Penalty)
	}
	l.up = false
	s.up = make(chan struct{})
	l.h.mu.Unlock()
	l.h.event(Event{Kind: Disconnected, Peer: l.peer, Reason: reason})
	l.h.release(l)
	switch {
	case errors.Is(reason, ErrReplaced):
	case errors.Is(reason, ErrSilent) || errors.Is(reason, ErrStalled):
		l.h.closePeer(l.peer.Pub) // its other connections run over the same dead path
	default:
		_ = l.stream.Conn().Close()
	}
	close(l.done)
}

// readAll is the reader. It stops at the first error.
func (l *link) readAll() error {
	idle := rate.NewLimiter(idlePerSecond, idleBurst)
	for {
		kind, payload, err := readMessage(l.in, MaxFrame)
		if err != nil {
			return l.readError(err)
		}
		if kind != kindFrame && !idle.Allow() {
			return ErrFlood
		}
		switch kind {
		case kindFrame:
			if err := l.conv.Handle(payload); err != nil {
				return &BrokenError{err}
			}
		case kindPing:
			select {
			case l.pong <- struct{}{}:
			default: // one answer is on its way, it counts for both
			}
		case kindBye:
			return byeError(payload)
		}
		if l.ctx.Err() != nil {
			return nil
		}
	}
}

func (l *link) readError(err error) error {
	switch {
	case l.ctx.Err() != nil:
		return nil // we are being stopped, the reason is known
	case errors.Is(err, os.ErrDeadlineExceeded):
		return ErrSilent
	case errors.Is(err, ErrFrame):
		return err
	case errors.Is(err, io.EOF):
		return ErrGone
	}
	return fmt.Errorf("%w: %v", ErrGone, err)
}

// feed asks the conversation for a frame each time the writer wants one.
func (l *link) feed(want <-chan struct{}, frames chan<- []byte) error {
	for {
		select {
		case <-want:
		case <-l.ctx.Done():
			return nil
		}
		f, err := l.conv.Next(l.ctx)
		if err != nil {
			if l.ctx.Err() != nil {
				return nil
			}
			return err
		}
		if len(f) > MaxFrame {
			return fmt.Errorf("p2p: own frame of %d bytes", len(f))
		}
		select {
		case frames <- f:
		case <-l.ctx.Done():
			return nil
		}
	}
}

// writeAll is the writer: frames, answers to pings, and a ping when there was
// nothing to say for a while.
func (l *link) writeAll(want chan<- struct{}, frames <-chan []byte) error {
	idle := time.NewTicker(l.h.timing.Ping)
	defer idle.Stop()
	want <- struct{}{}
	for {
		var err error
		select {
		case <-l.ctx.Done():
			return nil
		case f := <-frames:
			if err = l.write(kindFrame, f); err == nil {
				want <- struct{}{}
			}
		case <-l.pong:
			err = l.write(kindPong, nil)
		case <-idle.C:
			err = l.write(kindPing, nil)
		}
		if err != nil {
			return l.writeError(err)
		}
		idle.Reset(l.h.timing.Ping)
	}
}

func (l *link) writeError(err error) error {
	if errors.Is(err, os.ErrDeadlineExceeded) {
		return ErrStalled
	}
	return fmt.Errorf("%w: %v", ErrGone, err)
}

// stallUnit is how much of a frame must leave within Timing.Stall: slow links
// are fine as long as something moves.
const stallUnit = 64 << 10

func (l *link) write(kind byte, payload []byte) error {
	buf := appendMessage(make([]byte, 0, len(payload)+8), kind, payload)
	for len(buf) > 0 {
		if err := l.stream.SetWriteDeadline(time.Now().Add(l.h.timing.Stall)); err != nil {
			return err
		}
		if l.ctx.Err() != nil { // after the deadline: see deadlineReader
			return ErrClosed
		}
		n := min(len(buf), stallUnit)
		if _, err := l.stream.Write(buf[:n]); err != nil {
			return err
		}
		buf = buf[n:]
	}
	return nil
}

// bye says why and closes the stream. Nothing can be done about its failure.
func (l *link) bye(reason error) {
	defer func() { _ = l.stream.Reset() }()
	if errors.Is(reason, ErrGone) || errors.Is(reason, ErrStalled) || errors.Is(reason, ErrSilent) {
		return
	}
	_ = l.stream.SetWriteDeadline(time.Now().Add(byeTime))
	if _, err := l.stream.Write(appendMessage(nil, kindBye, []byte{byeCode(reason)})); err != nil {
		return
	}
	if l.stream.CloseWrite() != nil {
		return
	}
	// Wait for the other end to close too, else the reset would overtake the
	// message; what it still sends is thrown away.
	_ = l.stream.SetReadDeadline(time.Now().Add(byeTime))
	_, _ = io.Copy(io.Discard, io.LimitReader(l.stream, MaxFrame))
}

func (l *link) writeHello() error {
	b, err := encodeHello(l.h.Addrs())
	if err != nil {
		return err
	}
	return l.write(kindHello, b)
}

// readHello expects a hello (or a goodbye) as the first message.
func (l *link) readHello() error {
	kind, payload, err := readMessage(l.in, maxHello)
	if err != nil {
		return l.readError(err)
	}
	switch kind {
	case kindHello:
		m, err := decodeHello(payload)
		l.peer.Listen = m.Listen
		return err
	case kindBye:
		return byeError(payload)
	}
	return fmt.Errorf("%w: no hello", ErrFrame)
}
