package p2p

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	ma "github.com/multiformats/go-multiaddr"
)

// AddAddrs remembers addresses of a device (multiaddrs without /p2p) and keeps
// a link to it from now on, for as long as Gate allows it.
func (h *Host) AddAddrs(pub [32]byte, addrs []string) error {
	return h.addAddrs(pub, addrs, false)
}

// Sighted is AddAddrs for a device that was seen on the network just now: the
// pause before the next attempt ends.
func (h *Host) Sighted(pub [32]byte, addrs []string) error {
	return h.addAddrs(pub, addrs, true)
}

func (h *Host) addAddrs(pub [32]byte, addrs []string, now bool) error {
	var list []ma.Multiaddr
	for _, s := range addrs {
		m, err := parseAddr(s)
		if err != nil {
			return err
		}
		list = append(list, m)
	}
	if pub == h.self || len(list) == 0 {
		return nil
	}
	if err := h.book.add(pub, list); err != nil {
		return err
	}
	h.keepLinked(pub, now)
	return nil
}

// Poke ends all pauses between attempts: the network has changed, or somebody
// pressed "sync now".
func (h *Host) Poke() {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, s := range h.slots {
		s.poke()
	}
}

// Retry ends the pause before the next attempt at one device: it has a reason now to
// answer otherwise.
func (h *Host) Retry(pub [32]byte) { h.keepLinked(pub, true) }

func (s *slot) poke() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

// Dial connects to the device at addrs, each with its /p2p/<peer id>, waits
// until the link stands, and returns the device. The addresses stay known.
func (h *Host) Dial(ctx context.Context, addrs []string) ([32]byte, error) {
	var pub [32]byte
	var plain []string
	for i, s := range addrs {
		p, a, err := SplitAddr(s)
		if err != nil {
			return pub, err
		}
		if i > 0 && p != pub {
			return pub, fmt.Errorf("%w: addresses of two devices", ErrBadAddress)
		}
		pub, plain = p, append(plain, a)
	}
	switch {
	case len(plain) == 0:
		return pub, ErrNoAddress
	case !h.member(pub):
		return pub, ErrNotMember
	}
	if err := h.bookOnly(pub, plain); err != nil {
		return pub, err
	}
	err := h.dialAndWait(ctx, pub)
	h.keepLinked(pub, err != nil)
	return pub, err
}

// dialAndWait returns when the device is linked, by this attempt or by one that
// was under way, from either side.
func (h *Host) dialAndWait(ctx context.Context, pub [32]byte) error {
	ctx, cancel := context.WithTimeout(ctx, h.timing.Dial)
	defer cancel()
	h.mu.Lock()
	up := h.slotOf(pub).up
	h.mu.Unlock()
	l, err := h.connect(ctx, pub)
	if err == nil {
		h.spawn(l.run)
	} else if !errors.Is(err, ErrDuplicate) {
		return err
	}
	select {
	case <-up:
		return nil
	case <-ctx.Done():
		return errors.Join(ctx.Err(), h.LastError(pub))
	}
}

// spawn runs f in the background unless the host is closing; then f runs here,
// and ends at once because every context has ended.
func (h *Host) spawn(f func()) {
	h.mu.Lock()
	if h.closing() {
		h.mu.Unlock()
		f()
		return
	}
	h.wg.Add(1)
	h.mu.Unlock()
	go func() {
		defer h.wg.Done()
		f()
	}()
}

// keepLinked starts the device's redial loop, or wakes it.
func (h *Host) keepLinked(pub [32]byte, now bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closing() {
		return
	}
	s := h.slotOf(pub)
	if s.dialer {
		if now {
			s.poke()
		}
		return
	}
	ctx, cancel := context.WithCancel(h.ctx)
	s.dialer, s.stopRedial = true, cancel
	h.wg.Add(1)
	go func() {
		defer h.wg.Done()
		defer cancel()
		h.redial(ctx, pub, s)
	}()
}

// redial keeps one device linked. Its rules: the lower id dials at once, the
// higher one gives it Yield to do so unless it is woken; after a failure the pause doubles from
// RedialMin to RedialMax; a link that lasted clears it, and so does a wake.
func (h *Host) redial(ctx context.Context, pub [32]byte, s *slot) {
	defer func() {
		h.mu.Lock()
		s.dialer, s.stopRedial = false, nil
		h.mu.Unlock()
	}()
	fails := 0
	for first := true; ctx.Err() == nil; first = false {
		if first && !lowerID(h.self, pub) {
			if _, ok := pause(ctx, s.wake, h.timing.Yield); !ok {
				return
			}
		}
		began := time.Now()
		if err := h.dialAndStay(ctx, pub, s); errors.Is(err, ErrNotMember) {
			fails = 16 // until it is enrolled, only a try at the longest pause, or when somebody wakes us
		}
		if time.Since(began) > h.timing.Dead+h.timing.Dial {
			fails = 0
		}
		wait := h.redialPause(fails)
		if !lowerID(h.self, pub) {
			wait += h.timing.Yield // the lower id has noticed, too
		}
		woken, ok := pause(ctx, s.wake, wait)
		if !ok {
			return
		}
		if fails++; woken {
			fails = 0 // what failed before says nothing about now
		}
	}
}

// dialAndStay waits out a link that stands, or makes one and carries it.
func (h *Host) dialAndStay(ctx context.Context, pub [32]byte, s *slot) error {
	h.mu.Lock()
	l := s.link
	h.mu.Unlock()
	if l == nil {
		made, err := h.connect(ctx, pub)
		if err == nil {
			made.run()
			return nil
		}
		if !errors.Is(err, ErrDuplicate) {
			return err
		}
		h.mu.Lock()
		l = s.link
		h.mu.Unlock()
	}
	if l != nil {
		select {
		case <-l.done:
		case <-ctx.Done():
		}
	}
	return nil
}

// pause waits d, less if wake fires; ok is false when ctx ended.
func pause(ctx context.Context, wake <-chan struct{}, d time.Duration) (woken, ok bool) {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false, false
	case <-wake:
		return true, true
	case <-t.C:
	}
	return false, true
}

// redialPause doubles from RedialMin, give or take a quarter, so that a whole
// office does not dial in step after a power cut.
func (h *Host) redialPause(fails int) time.Duration {
	d := h.timing.RedialMin << min(fails, 16)
	d = min(d, h.timing.RedialMax)
	if h.cfg.Rand == nil {
		return d
	}
	var b [1]byte
	h.randMu.Lock()
	_, err := h.cfg.Rand.Read(b[:])
	h.randMu.Unlock()
	if err != nil {
		return d // no jitter is harmless
	}
	return d*3/4 + d/2*time.Duration(b[0])/256
}

// connect makes one attempt at a link; ErrDuplicate when the device is linked
// already or an attempt is under way. The caller must run the link it gets.
func (h *Host) connect(ctx context.Context, pub [32]byte) (*link, error) {
	if !h.member(pub) {
		return nil, ErrNotMember
	}
	h.mu.Lock()
	s := h.slotOf(pub)
	if s.link != nil || s.pending {
		h.mu.Unlock()
		return nil, ErrDuplicate
	}
	s.pending = true
	h.mu.Unlock()
	l, err := h.attempt(ctx, pub)
	h.mu.Lock()
	s.pending = false
	if err != nil && !errors.Is(err, ErrDuplicate) {
		s.lastErr = err
	}
	h.mu.Unlock()
	if (errors.Is(err, ErrRefused) || errors.Is(err, ErrFrame)) && !errors.Is(err, ErrDuplicate) {
		h.refused(Peer{Pub: pub, Outgoing: true}, err)
	}
	return l, err
}

func (h *Host) attempt(ctx context.Context, pub [32]byte) (*link, error) {
	ctx, cancel := context.WithTimeout(ctx, h.timing.Dial)
	defer cancel()
	st, err := h.openStream(ctx, pub, syncProtocol)
	if err != nil {
		return nil, err
	}
	l, err := h.newLink(st)
	if err != nil {
		_ = st.Reset()
		return nil, err
	}
	stop := context.AfterFunc(ctx, func() { _ = st.Reset() })
	err = h.greetOutgoing(l)
	stop()
	if err != nil {
		l.cancel(err)
		_ = st.Reset()
		if errors.Is(err, ErrSilent) || errors.Is(err, ErrGone) {
			h.closePeer(pub) // the connection under it is no good
		}
		return nil, err
	}
	return l, nil
}

func (h *Host) greetOutgoing(l *link) error {
	if err := l.writeHello(); err != nil {
		return l.writeError(err)
	}
	if err := l.readHello(); err != nil {
		return err
	}
	if err := h.claim(l); err != nil {
		return err
	}
	return l.openAfterClaim()
}

// openStream opens a stream of one protocol, connecting first if needed, to
// addresses of the book only.
func (h *Host) openStream(ctx context.Context, pub [32]byte, proto string) (network.Stream, error) {
	id, err := PeerID(pub)
	if err != nil {
		return nil, err
	}
	if h.lp.Network().Connectedness(id) != network.Connected {
		addrs := h.book.get(pub)
		if len(addrs) == 0 {
			return nil, ErrNoAddress
		}
		h.clearBackoff(id)
		h.lp.Peerstore().ClearAddrs(id)
		if err := h.lp.Connect(ctx, peer.AddrInfo{ID: id, Addrs: addrs}); err != nil {
			return nil, fmt.Errorf("p2p: dial: %w", err)
		}
	}
	s, err := h.lp.NewStream(network.WithNoDial(ctx, "connected"), id, protoID(proto))
	if err != nil {
		return nil, fmt.Errorf("%w: %v", ErrGone, err)
	}
	return s, nil
}

func lowerID(a, b [32]byte) bool { return bytes.Compare(a[:], b[:]) < 0 }
