package p2p

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/libp2p/go-libp2p"
	"github.com/libp2p/go-libp2p/core/crypto"
	"github.com/libp2p/go-libp2p/core/host"
	"github.com/libp2p/go-libp2p/core/network"
	"github.com/libp2p/go-libp2p/core/peer"
	"github.com/libp2p/go-libp2p/p2p/net/swarm"
	"github.com/libp2p/go-libp2p/p2p/security/noise"
	quic "github.com/libp2p/go-libp2p/p2p/transport/quic"
	"github.com/libp2p/go-libp2p/p2p/transport/tcp"
	ma "github.com/multiformats/go-multiaddr"
	manet "github.com/multiformats/go-multiaddr/net"
	"golang.org/x/time/rate"
)

// Protocols that a host speaks. Only members get past the first two; a guest
// gets as far as the protocols of [Host.HandleGuest].
const (
	syncProtocol = "/jishan/sync/1"
	askProtocol  = "/jishan/ask/1"
)

// Host is one device's presence on the network. Its methods are safe for
// concurrent use.
type Host struct {
	cfg    Config
	timing Timing
	self   [32]byte
	lp     host.Host
	book   book

	ctx    context.Context // ends with Close
	cancel context.CancelFunc
	wg     sync.WaitGroup

	randMu sync.Mutex

	mu       sync.Mutex
	slots    map[[32]byte]*slot
	inviters map[[32]byte]int // devices we are joining through, with open calls
	askRates map[[32]byte]*rate.Limiter

	reportMu sync.Mutex
	reports  *rate.Limiter
	missed   int
}

// slot is what a host keeps about one device for as long as it runs.
type slot struct {
	link       *link
	pending    bool          // an outgoing hello is under way
	dialer     bool          // a redial loop runs
	up         chan struct{} // closed while a link stands, else open
	wake       chan struct{} // clears the loop's pause; buffered, 1
	penalty    time.Time     // no link before
	lastErr    error
	stopRedial context.CancelFunc
}

// New starts a host and returns when it really listens on every address of
// cfg.Listen; a [*PortError] names those it could not bind. The host runs until
// ctx ends or Close.
func New(ctx context.Context, cfg Config) (*Host, error) {
	if err := cfg.check(); err != nil {
		return nil, err
	}
	h := &Host{
		cfg: cfg, timing: cfg.Timing.orDefault(),
		book:     book{addrs: map[[32]byte][]ma.Multiaddr{}},
		slots:    map[[32]byte]*slot{},
		inviters: map[[32]byte]int{},
		askRates: map[[32]byte]*rate.Limiter{},
		reports:  rate.NewLimiter(refusalsPerSecond, refusalBurst),
	}
	copy(h.self[:], cfg.Key[32:])
	h.ctx, h.cancel = context.WithCancel(ctx)
	if err := h.listen(); err != nil {
		h.cancel()
		return nil, err
	}
	h.lp.Network().Notify(&network.NotifyBundle{ConnectedF: h.limitGuest})
	h.lp.SetStreamHandler(syncProtocol, h.acceptLink)
	h.lp.SetStreamHandler(askProtocol, h.acceptAsk)
	context.AfterFunc(h.ctx, func() { h.shut() })
	return h, nil
}

func (cfg *Config) check() error {
	switch {
	case len(cfg.Key) != 64:
		return errors.New("p2p: Config.Key is no Ed25519 private key")
	case cfg.Gate == nil || cfg.Open == nil:
		return errors.New("p2p: Config.Gate and Config.Open are required")
	}
	for _, list := range [][]string{cfg.Listen, cfg.Announce} {
		for _, s := range list {
			if _, err := parseAddr(s); err != nil {
				return err
			}
		}
	}
	return nil
}

func (h *Host) listen() error {
	key, err := crypto.UnmarshalEd25519PrivateKey(h.cfg.Key)
	if err != nil {
		return fmt.Errorf("p2p: device key: %w", err)
	}
	rm, err := resourceManager()
	if err != nil {
		return fmt.Errorf("p2p: limits: %w", err)
	}
	h.lp, err = libp2p.New(
		libp2p.Identity(key),
		libp2p.NoListenAddrs, // we listen below, to see each address succeed
		// Two processes must not share one port unnoticed, hence no reuseport.
		libp2p.Transport(tcp.NewTCPTransport, tcp.DisableReuseport()),
		libp2p.Transport(quic.NewTransport),
		libp2p.Security(noise.ID, noise.New),
		libp2p.ResourceManager(rm),
		libp2p.ConnectionGater(gater{h}),
		libp2p.UserAgent("jishan"),
		libp2p.DisableRelay(),
		libp2p.DisableMetrics(),
		libp2p.DisableIdentifyAddressDiscovery(),
		libp2p.ForceReachabilityPrivate(), // no reachability probes
		libp2p.Ping(false),
		libp2p.MultiaddrResolver(nil),
		libp2p.UDPBlackHoleSuccessCounter(nil), // a long offline spell must not disable QUIC
		libp2p.IPv6BlackHoleSuccessCounter(nil),
		libp2p.WithDialTimeout(h.timing.Dial),
	)
	if err != nil {
		return fmt.Errorf("p2p: start: %w", err)
	}
	var missing []string
	for _, s := range h.cfg.Listen {
		m, _ := parseAddr(s) // checked in check
		if err := h.lp.Network().Listen(m); err != nil || !h.isListening(m) {
			missing = append(missing, s)
		}
	}
	if len(missing) > 0 {
		return errors.Join(&PortError{Missing: missing}, h.lp.Close())
	}
	return nil
}

// isListening looks for m among the addresses really bound: same address and
// protocols, same port unless m asks for any.
func (h *Host) isListening(m ma.Multiaddr) bool {
	for _, got := range h.lp.Network().ListenAddresses() {
		if got.Equal(m) {
			return true
		}
		if sameButPort(got, m) {
			return true
		}
	}
	return false
}

func sameButPort(got, want ma.Multiaddr) bool {
	if len(got) != len(want) {
		return false
	}
	for i := range got {
		if got[i].Equal(&want[i]) {
			continue
		}
		code := got[i].Protocol().Code
		anyPort := (code == ma.P_TCP || code == ma.P_UDP) && want[i].Value() == "0"
		if code != want[i].Protocol().Code || !anyPort {
			return false
		}
	}
	return true
}

// ID returns this device's own public key.
func (h *Host) ID() [32]byte { return h.self }

// Addrs returns the addresses at which others can reach this device, at most
// MaxAddrs; loopback ones only if there is nothing else. Where interfaces can't
// be listed it returns Config.Announce or the plain listen addresses.
func (h *Host) Addrs() []string {
	if len(h.cfg.Announce) > 0 {
		return h.cfg.Announce[:min(len(h.cfg.Announce), MaxAddrs)]
	}
	list, err := h.lp.Network().InterfaceListenAddresses()
	if err != nil || len(list) == 0 {
		list = h.lp.Network().ListenAddresses()
	}
	var far, near []string
	for _, m := range list {
		switch {
		case !dialable(m) || manet.IsIPUnspecified(m) || manet.IsIP6LinkLocal(m):
		case manet.IsIPLoopback(m):
			near = append(near, m.String())
		default:
			far = append(far, m.String())
		}
	}
	if len(far) == 0 {
		far = near
	}
	return far[:min(len(far), MaxAddrs)]
}

// Peers returns the devices connected now.
func (h *Host) Peers() []Peer {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []Peer
	for _, s := range h.slots {
		if s.link != nil && s.link.up {
			out = append(out, s.link.peer)
		}
	}
	return out
}

// LastError says why the last attempt to reach a device failed; nil after a
// success or before the first attempt.
func (h *Host) LastError(pub [32]byte) error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if s := h.slots[pub]; s != nil {
		return s.lastErr
	}
	return nil
}

// Disconnect ends the link to a device and every connection with it, and
// forgets its addresses. Call it when a device is revoked. It does not wait, so
// a conversation may call it.
func (h *Host) Disconnect(pub [32]byte) {
	h.book.forget(pub)
	h.mu.Lock()
	s := h.slots[pub]
	var l *link
	if s != nil {
		l = s.link
		if s.stopRedial != nil {
			s.stopRedial()
		}
	}
	h.mu.Unlock()
	if l == nil {
		h.closePeer(pub)
		return
	}
	l.stop(ErrDropped)
	go func() { // ends with the link
		<-l.done
		h.closePeer(pub)
	}()
}

// Close ends every link with a goodbye and stops listening. It returns when
// all goroutines of the host have ended.
func (h *Host) Close() error {
	h.cancel()
	return h.shut()
}

func (h *Host) shut() error {
	h.mu.Lock()
	links := make([]*link, 0, len(h.slots))
	for _, s := range h.slots {
		if s.link != nil {
			links = append(links, s.link)
		}
	}
	h.mu.Unlock()
	for _, l := range links {
		l.stop(ErrClosed)
	}
	for _, l := range links {
		<-l.done
	}
	err := h.lp.Close()
	h.wg.Wait()
	return err
}

func (h *Host) closing() bool { return h.ctx.Err() != nil }

func (h *Host) closePeer(pub [32]byte) {
	if id, err := PeerID(pub); err == nil {
		// The only error is that a connection was closed already.
		_ = h.lp.Network().ClosePeer(id)
	}
}

// slotOf returns the slot of a device, making it. The caller holds h.mu.
func (h *Host) slotOf(pub [32]byte) *slot {
	s := h.slots[pub]
	if s == nil {
		s = &slot{wake: make(chan struct{}, 1), up: make(chan struct{})}
		h.slots[pub] = s
	}
	return s
}

// refused reports a refused device, at a bounded rate.
func (h *Host) refused(p Peer, why error) {
	h.reportMu.Lock()
	if !h.reports.Allow() {
		h.missed++
		h.reportMu.Unlock()
		return
	}
	missed := h.missed
	h.missed = 0
	h.reportMu.Unlock()
	h.event(Event{Kind: Refused, Peer: p, Reason: why, Missed: missed})
}

func (h *Host) event(e Event) {
	if h.cfg.Events != nil {
		h.cfg.Events(e)
	}
}

// clearBackoff forgets libp2p's own pauses between dials: ours are enough.
func (h *Host) clearBackoff(id peer.ID) {
	if sw, ok := h.lp.Network().(*swarm.Swarm); ok {
		sw.Backoff().Clear(id)
	}
}

// connPeer describes the device at the other end of a connection.
func connPeer(c network.Conn) (Peer, error) {
	pub, err := PeerPub(c.RemotePeer())
	m := c.RemoteMultiaddr()
	return Peer{
		Pub: pub, Addr: m.String(), Transport: transportOf(m),
		Outgoing: c.Stat().Direction == network.DirOutbound,
	}, err
}
