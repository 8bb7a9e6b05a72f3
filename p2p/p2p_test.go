package p2p

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// quick makes a link's life short enough for a test; the order of the
// durations is that of the defaults.
var quick = Timing{
	Ping: 100 * time.Millisecond, Dead: 1000 * time.Millisecond, Yield: 200 * time.Millisecond,
	RedialMin: 50 * time.Millisecond, RedialMax: 400 * time.Millisecond, Dial: 3 * time.Second,
	Stall: 3 * time.Second, Penalty: 400 * time.Millisecond, AskTimeout: 2 * time.Second,
}

// talk is a hand-made conversation: what it gets goes to in, what is put in
// out is sent.
type talk struct {
	peer   Peer
	in     chan []byte
	out    chan []byte
	closed chan error
	handle atomic.Pointer[func([]byte) error] // instead of in
	made   atomic.Int64                       // frames that Next returned
}

func newTalk(p Peer) *talk {
	return &talk{peer: p, in: make(chan []byte, 1024), out: make(chan []byte, 1024), closed: make(chan error, 1)}
}

func (c *talk) Handle(f []byte) error {
	if h := c.handle.Load(); h != nil {
		return (*h)(f)
	}
	c.in <- f
	return nil
}

func (c *talk) onFrame(f func([]byte) error) { c.handle.Store(&f) }

func (c *talk) Next(ctx context.Context) ([]byte, error) {
	select {
	case f := <-c.out:
		c.made.Add(1)
		return f, nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (c *talk) Close(err error) { c.closed <- err }

// node is one host of a test, with what happened to it.
type node struct {
	*Host
	t      *testing.T
	mu     sync.Mutex
	barred map[[32]byte]bool
	talks  chan *talk
	events chan Event
}

func key(name string) ed25519.PrivateKey {
	s := sha256.Sum256([]byte(name))
	return ed25519.NewKeyFromSeed(s[:])
}

func pubOf(name string) (p [32]byte) {
	copy(p[:], key(name)[32:])
	return p
}

func start(t *testing.T, name string, change ...func(*Config)) *node {
	t.Helper()
	n := &node{t: t, barred: map[[32]byte]bool{}, talks: make(chan *talk, 64), events: make(chan Event, 1024)}
	listen, err := ListenBoth("127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	cfg := Config{
		Key: key(name), Listen: listen, Timing: quick,
		Gate: func(p [32]byte) bool {
			n.mu.Lock()
			defer n.mu.Unlock()
			return !n.barred[p]
		},
		Open: func(p Peer) (Conversation, error) {
			c := newTalk(p)
			n.talks <- c
			return c, nil
		},
		Events: func(e Event) { n.events <- e },
	}
	for _, f := range change {
		f(&cfg)
	}
	n.Host, err = New(t.Context(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := n.Close(); err != nil {
			t.Errorf("close %s: %v", name, err)
		}
	})
	return n
}

func (n *node) bar(p [32]byte, yes bool) {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.barred[p] = yes
}

// full returns the host's addresses with its peer id, of one transport or all.
func (n *node) full(transport string) (out []string) {
	for _, a := range n.Addrs() {
		m, err := parseAddr(a)
		if err != nil {
			n.t.Fatal(err)
		}
		if transport != "" && transportOf(m) != transport {
			continue
		}
		s, err := JoinAddr(n.ID(), a)
		if err != nil {
			n.t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

func wait[T any](t *testing.T, ch <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-ch:
		return v
	case <-time.After(10 * time.Second):
		t.Fatalf("nothing came: %s", what)
		panic("unreachable")
	}
}

func (n *node) waitEvent(kind EventKind, pub [32]byte) Event {
	n.t.Helper()
	for {
		e := wait(n.t, n.events, fmt.Sprintf("event %d", kind))
		if e.Kind == kind && e.Peer.Pub == pub {
			return e
		}
	}
}

func link2(t *testing.T, a, b *node, transport string) (*talk, *talk) {
	t.Helper()
	if _, err := a.Dial(t.Context(), b.full(transport)); err != nil {
		t.Fatal(err)
	}
	return wait(t, a.talks, "a's conversation"), wait(t, b.talks, "b's conversation")
}

func TestBothTransports(t *testing.T) {
	for _, tr := range []string{"tcp", "quic"} {
		t.Run(tr, func(t *testing.T) {
			a, b := start(t, "a"), start(t, "b")
			ca, cb := link2(t, a, b, tr)
			if e := b.waitEvent(Connected, a.ID()); e.Peer.Transport != tr || e.Peer.Outgoing {
				t.Errorf("peer is %+v", e.Peer)
			}
			big := bytes.Repeat([]byte("jishan"), MaxFrame/6)
			for i, f := range [][]byte{{}, []byte("one"), big} {
				ca.out <- f
				if got := wait(t, cb.in, "frame"); !bytes.Equal(got, f) {
					t.Errorf("frame %d: %d bytes arrived", i, len(got))
				}
			}
			cb.out <- []byte("back")
			if got := wait(t, ca.in, "answer"); string(got) != "back" {
				t.Errorf("got %q", got)
			}
			if ps := a.Peers(); len(ps) != 1 || ps[0].Pub != b.ID() || len(ps[0].Listen) == 0 {
				t.Errorf("peers: %+v", ps)
			}
		})
	}
}

func TestPortInUseIsSaid(t *testing.T) {
	a := start(t, "a")
	for _, addr := range a.Addrs() {
		_, err := New(t.Context(), Config{
			Key: key("b"), Listen: []string{addr}, Gate: func([32]byte) bool { return true },
			Open: func(Peer) (Conversation, error) { return nil, nil },
		})
		var pe *PortError
		if !errors.As(err, &pe) || len(pe.Missing) != 1 || pe.Missing[0] != addr {
			t.Errorf("second host on %s: %v", addr, err)
		}
	}
}

func TestGateRefuses(t *testing.T) {
	t.Parallel()
	for _, tr := range []string{"tcp", "quic"} {
		a, b := start(t, "a"), start(t, "b")
		b.bar(a.ID(), true)
		if _, err := a.Dial(t.Context(), b.full(tr)); err == nil {
			t.Error("a refused device believes that it is connected")
		}
		if e := b.waitEvent(Refused, a.ID()); !errors.Is(e.Reason, ErrNotMember) {
			t.Errorf("reason %v", e.Reason)
		}
		if _, err := b.Dial(t.Context(), a.full(tr)); !errors.Is(err, ErrNotMember) {
			t.Errorf("dialling a device that is not enrolled: %v", err)
		}
		select {
		case <-b.talks:
			t.Error("a conversation was opened")
		default:
		}
		// Enrolled meanwhile: it connects by itself.
		b.bar(a.ID(), false)
		a.Poke()
		a.waitEvent(Connected, b.ID())
		_, err := a.Close(), b.Close()
		if err != nil {
			t.Error(err)
		}
	}
}

func TestRevokedIsCut(t *testing.T) {
	t.Parallel()
	a, b := start(t, "a"), start(t, "b")
	ca, cb := link2(t, a, b, "")
	b.bar(a.ID(), true)
	b.Disconnect(a.ID())
	if err := wait(t, cb.closed, "close"); !errors.Is(err, ErrDropped) {
		t.Errorf("b's reason: %v", err)
	}
	wait(t, ca.closed, "close")
	a.Poke()
	b.waitEvent(Refused, a.ID())
	if len(b.Peers()) != 0 {
		t.Error("still connected")
	}
}

func TestBothDialAtOnce(t *testing.T) {
	t.Parallel()
	for i := range 3 {
		a, b := start(t, fmt.Sprint("a", i)), start(t, fmt.Sprint("b", i))
		var wg sync.WaitGroup
		for _, p := range [][2]*node{{a, b}, {b, a}} {
			wg.Go(func() {
				if _, err := p[0].Dial(t.Context(), p[1].full("")); err != nil {
					t.Errorf("round %d: %v", i, err)
				}
			})
		}
		wg.Wait()
		ca, cb := wait(t, a.talks, "talk"), wait(t, b.talks, "talk")
		ca.out <- []byte("hello")
		select {
		case <-cb.in:
		case <-time.After(5 * time.Second):
			t.Fatalf("round %d: the two ends are not the same link", i)
		}
		if len(a.talks) != 0 || len(b.talks) != 0 {
			t.Errorf("round %d: more than one conversation", i)
		}
	}
}

// The connection dies without a word; both sides notice, and meet again.
func TestCutAndReconnect(t *testing.T) {
	t.Parallel()
	for _, tr := range []string{"tcp", "quic"} {
		t.Run(tr, func(t *testing.T) {
			a, b := start(t, "a"), start(t, "b")
			ca, cb := link2(t, a, b, tr)
			id, err := PeerID(b.ID())
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range a.lp.Network().ConnsToPeer(id) {
				_ = c.Close()
			}
			wait(t, ca.closed, "a's end")
			wait(t, cb.closed, "b's end")
			ca, cb = wait(t, a.talks, "again"), wait(t, b.talks, "again")
			ca.out <- []byte("still here")
			wait(t, cb.in, "frame after the cut")
		})
	}
}

// Only the higher id may know an address, right after joining: a poke ends its
// waiting for the lower one.
func TestPokeEndsYield(t *testing.T) {
	t.Parallel()
	for _, names := range [][2]string{{"a", "b"}, {"b", "a"}} {
		patient := func(c *Config) { c.Timing.Yield = time.Hour }
		a, b := start(t, names[0], patient), start(t, names[1], patient)
		if err := a.AddAddrs(b.ID(), b.Addrs()); err != nil {
			t.Fatal(err)
		}
		a.Poke()
		b.waitEvent(Connected, a.ID())
		if err := errors.Join(a.Close(), b.Close()); err != nil {
			t.Error(err)
		}
	}
}

// A host is restarted with the same key: the others come back to it.
func TestRestart(t *testing.T) {
	a, b := start(t, "a"), start(t, "b")
	_, cb := link2(t, a, b, "")
	addrs := a.Addrs()
	if err := a.Close(); err != nil {
		t.Fatal(err)
	}
	if err := wait(t, cb.closed, "close"); !errors.Is(err, ErrPeerClosed) {
		t.Errorf("b's reason: %v", err)
	}
	if err := b.AddAddrs(a.ID(), addrs); err != nil {
		t.Fatal(err)
	}
	a2 := start(t, "a", func(c *Config) { c.Listen = addrs })
	b.Poke()
	wait(t, a2.talks, "reconnection")
}

// A device that stops reading and writing is given up, and the others do not
// notice.
func TestSilentPeer(t *testing.T) {
	t.Parallel()
	a, b := start(t, "a"), start(t, "b")
	mute := start(t, "mute", func(c *Config) {
		c.Timing.Ping, c.Timing.Dead = time.Hour, time.Hour
	})
	ca, cb := link2(t, a, b, "")
	stuck := make(chan struct{})
	defer close(stuck)
	if _, err := mute.Dial(t.Context(), a.full("")); err != nil {
		t.Fatal(err)
	}
	cm, toMute := wait(t, mute.talks, "mute"), wait(t, a.talks, "to mute")
	cm.onFrame(func([]byte) error { <-stuck; return nil }) // stops reading, hence no PONG
	toMute.out <- []byte("x")
	if err := wait(t, toMute.closed, "end"); !errors.Is(err, ErrSilent) {
		t.Errorf("reason: %v", err)
	}
	ca.out <- []byte("y")
	wait(t, cb.in, "frame between the others")
}

// A link with nothing to say stays up by pings alone.
func TestIdleStaysUp(t *testing.T) {
	t.Parallel()
	a, b := start(t, "a"), start(t, "b")
	ca, cb := link2(t, a, b, "")
	select {
	case err := <-ca.closed:
		t.Errorf("ended: %v", err)
	case err := <-cb.closed:
		t.Errorf("ended: %v", err)
	case <-time.After(3 * quick.Dead / 2):
	}
}

// A slow reader holds the writer back: frames are made only when the link can
// take them.
func TestBackPressure(t *testing.T) {
	a, b := start(t, "a"), start(t, "b")
	gate := make(chan struct{})
	const frames, size = 120, 512 << 10
	all := make(chan struct{})
	var got atomic.Int64
	ca, cb := link2(t, a, b, "")
	cb.onFrame(func([]byte) error {
		<-gate
		if got.Add(1) == frames {
			close(all)
		}
		return nil
	})
	go func() {
		for range frames {
			ca.out <- make([]byte, size)
		}
	}()
	stable(t, &ca.made)
	if n := ca.made.Load(); n > peerMemory/size+2 {
		t.Errorf("%d frames of 512 KiB were made for a peer that reads none", n)
	}
	close(gate)
	select {
	case <-all:
	case <-time.After(60 * time.Second):
		t.Errorf("%d of %d frames arrived", got.Load(), frames)
	}
}

// stable waits until n has not moved for a while.
func stable(t *testing.T, n *atomic.Int64) {
	t.Helper()
	for last, quiet := int64(-1), 0; quiet < 20; time.Sleep(5 * time.Millisecond) {
		if now := n.Load(); now != last {
			last, quiet = now, 0
		} else {
			quiet++
		}
	}
}

// A device whose conversation breaks the rules is cut, reported, and kept out
// for a while; the others go on.
func TestRuleBreaker(t *testing.T) {
	a, b, bad := start(t, "a"), start(t, "b"), start(t, "bad")
	ca, cb := link2(t, a, b, "")
	cbad, toBad := link2(t, bad, a, "")
	wrong := errors.New("lies")
	toBad.onFrame(func([]byte) error { return wrong })
	cbad.out <- []byte("garbage")
	if e := a.waitEvent(Disconnected, bad.ID()); !errors.Is(e.Reason, wrong) {
		t.Errorf("reason: %v", e.Reason)
	}
	if e := a.waitEvent(Refused, bad.ID()); !errors.Is(e.Reason, ErrPenalty) {
		t.Errorf("reason: %v", e.Reason)
	}
	ca.out <- []byte("y")
	wait(t, cb.in, "frame between the others")
}

// Raw garbage on the stream, below the conversation.
func TestGarbageStream(t *testing.T) {
	t.Parallel()
	a, bad := start(t, "a"), start(t, "bad")
	for i, raw := range [][]byte{
		{0}, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
		appendMessage(nil, kindFrame, []byte("no hello")),
		appendMessage(nil, kindHello, []byte("no cbor")),
		appendMessage(nil, kindHello, []byte{0xa2, 1, 9, 2, 9}), // a version of the future
	} {
		if err := bad.bookOnly(a.ID(), a.Addrs()); err != nil {
			t.Fatal(err)
		}
		s, err := bad.openStream(t.Context(), a.ID(), syncProtocol)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Write(raw); err != nil {
			t.Fatal(err)
		}
		e := a.waitEvent(Refused, bad.ID())
		want := ErrFrame
		if i == 4 {
			want = ErrVersion
		}
		if !errors.Is(e.Reason, want) {
			t.Errorf("case %d: %v", i, e.Reason)
		}
		_ = s.Reset()
	}
}

// A member that says hello and then too much, too fast, is cut off with the
// reason; one that says nothing at all is, too. The others do not notice.
func TestTooMuchTooFastNothing(t *testing.T) {
	a, b := start(t, "a"), start(t, "b")
	ca, cb := link2(t, a, b, "")
	hello, err := encodeHello(nil)
	if err != nil {
		t.Fatal(err)
	}
	hello = appendMessage(nil, kindHello, hello)
	pings := bytes.Repeat(appendMessage(nil, kindPing, nil), idleBurst+idlePerSecond)
	for i, c := range []struct {
		raw  []byte
		kind EventKind
		want error
	}{
		{append(bytes.Clone(hello), 0xff, 0xff, 0xff, 0x7f), Disconnected, ErrTooLong},
		{append(bytes.Clone(hello), pings...), Disconnected, ErrFlood},
		{nil, Refused, ErrSilent},
	} {
		bad := start(t, fmt.Sprint("bad", i))
		if err := bad.bookOnly(a.ID(), a.Addrs()); err != nil {
			t.Fatal(err)
		}
		s, err := bad.openStream(t.Context(), a.ID(), syncProtocol)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := s.Write(c.raw); err != nil {
			t.Fatal(err)
		}
		if e := a.waitEvent(c.kind, bad.ID()); !errors.Is(e.Reason, c.want) {
			t.Errorf("case %d: %v", i, e.Reason)
		}
		_ = s.Reset()
	}
	ca.out <- []byte("y")
	wait(t, cb.in, "frame between the others")
}

func TestOpenRefuses(t *testing.T) {
	a := start(t, "a")
	b := start(t, "b", func(c *Config) {
		c.Open = func(Peer) (Conversation, error) { return nil, errors.New("not now") }
	})
	if _, err := a.Dial(t.Context(), b.full("")); !errors.Is(err, ErrRefused) {
		t.Errorf("dial: %v", err)
	}
	b.waitEvent(Refused, a.ID())
}

func TestOnlyNamedAddresses(t *testing.T) {
	a := start(t, "a")
	for _, s := range []string{
		"", "/dns4/example.test/tcp/1", "/ip4/127.0.0.1", "/ip4/127.0.0.1/udp/1",
		"/ip4/127.0.0.1/tcp/1/ws", "/ip4/127.0.0.1/tcp/1/p2p-circuit", "127.0.0.1:1",
	} {
		if err := a.AddAddrs(pubOf("x"), []string{s}); !errors.Is(err, ErrBadAddress) {
			t.Errorf("%q: %v", s, err)
		}
	}
	m, err := parseAddr("/ip4/127.0.0.1/tcp/9")
	if err != nil {
		t.Fatal(err)
	}
	id, err := PeerID(pubOf("x"))
	if err != nil {
		t.Fatal(err)
	}
	if (gater{a.Host}).InterceptAddrDial(id, m) {
		t.Error("an address that nobody named may be dialled")
	}
}

func TestPeerIDRoundTrip(t *testing.T) {
	id, err := PeerID(pubOf("a"))
	if err != nil {
		t.Fatal(err)
	}
	if back, err := PeerPub(id); err != nil || back != pubOf("a") {
		t.Errorf("%x, %v", back, err)
	}
	if _, err := PeerPub("garbage"); err == nil {
		t.Error("a garbage id has a key")
	}
}
