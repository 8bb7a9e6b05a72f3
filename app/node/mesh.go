package node

import (
	"context"
	"errors"
	"maps"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"time"

	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	crdtsync "jishan/crdt/sync"
	"jishan/p2p"
	"jishan/p2p/pair"
)

// mesh keeps this device in touch with the others: one session for each
// connected device, questions and answers, tickets.
type mesh struct {
	c       *community
	inviter *pair.Inviter
	window  *pair.Window    // two minutes in which new devices may knock
	source  crdtsync.Source // one for all sessions: it keeps what it read

	turning sync.Mutex // one up or down at a time: there is one host
	ended   bool       // no host any more
	ports   []string   // where it listened before a pause

	refused refusals
	late    door // for revoked devices that hand over what they wrote (late.go)
	door    door // for who was enrolled after the copy that this device was put back to

	mu         sync.Mutex
	host       *p2p.Host // nil while cut off
	alone      int64     // since when nobody is connected, milliseconds
	stop       context.CancelFunc
	talks      map[[32]byte]*talk
	parted     map[[32]byte]met    // when links that ended were good last
	breaches   map[breach]often    // who broke the rules, not written down yet
	promised   map[[16]byte]string // ticket secret: where its device will stand
	unannounce context.CancelFunc  // ends the window's announcement on the LAN
}

func newMesh(c *community) *mesh {
	m := &mesh{c: c, talks: map[[32]byte]*talk{}, parted: map[[32]byte]met{}, breaches: map[breach]often{}, alone: c.node.now()}
	m.source = crdtsync.Of(c.store)
	m.inviter = pair.NewInviter(c.node.now, c.node.cfg.Rand, m.accept)
	m.window = pair.NewWindow(c.node.device.Load().Public(), c.node.now, c.node.cfg.Rand, m.invite, func() { c.node.hub.tell("devices") })
	return m
}

// up starts the network side, if it is not there. Nothing but the devices of the
// charter, and joiners while a ticket or the window is open, may connect.
func (m *mesh) up(ctx context.Context) error {
	m.turning.Lock()
	defer m.turning.Unlock()
	if m.ended || m.now() != nil {
		return nil
	}
	n := m.c.node
	var listen []string
	for i, hostport := range n.cfg.P2P {
		if i < len(m.ports) { // others remember the port that we had
			hostport = m.ports[i]
		}
		both, err := p2p.ListenBoth(hostport)
		if err != nil {
			return err
		}
		listen = append(listen, both...)
	}
	run, stop := context.WithCancel(context.WithoutCancel(ctx))
	h, err := p2p.New(run, p2p.Config{
		Key: n.device.Load().Private, Listen: listen, Rand: n.cfg.Rand,
		Gate: m.admits,
		Guest: func(pub [32]byte) bool {
			return m.inviter.Active() || m.window.Active() || m.hasDoor(pub) || m.takesLate(pub)
		},
		Open:   m.open,
		Answer: m.answer,
		Events: m.event,
	})
	if err != nil {
		stop()
		return err
	}
	h.HandleGuest(pair.Protocol, m.inviter.Handle)
	h.HandleGuest(pair.MeetProtocol, m.window.Handle)
	h.HandleGuest(proveProtocol, m.hearProof)
	h.HandleGuest(lateProtocol, m.hearLate)
	m.mu.Lock()
	m.host, m.stop = h, stop
	m.mu.Unlock()
	m.keepPorts(h)
	n.setNetErr(nil)
	m.addresses(h)
	n.discover(run, m, h)
	n.wg.Go(func() { notice(run, n.now, network, h.Poke) })
	return nil
}

// keepPorts remembers the port that the system chose, for after a pause.
func (m *mesh) keepPorts(h *p2p.Host) {
	port := portOf(h.Addrs())
	m.ports = nil
	for _, hostport := range m.c.node.cfg.P2P {
		host, p, err := net.SplitHostPort(hostport)
		if err == nil && p == "0" && port > 0 && len(m.c.node.cfg.P2P) == 1 {
			hostport = net.JoinHostPort(host, strconv.Itoa(port))
		}
		m.ports = append(m.ports, hostport)
	}
}

// end is down for good: the community is closed.
func (m *mesh) end() {
	m.turning.Lock()
	m.ended = true
	m.turning.Unlock()
	m.down()
}

// down cuts this device off: every socket is closed.
func (m *mesh) down() {
	m.turning.Lock()
	defer m.turning.Unlock()
	m.mu.Lock()
	h, stop := m.host, m.stop
	m.host, m.stop = nil, nil
	m.mu.Unlock()
	if h == nil {
		return
	}
	m.closeWindow()
	stop()
	if err := h.Close(); err != nil {
		m.c.node.log.Warn("the network side did not close in order", "err", err.Error())
	}
}

// now returns the running host, or nil while cut off.
func (m *mesh) now() *p2p.Host {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.host
}

// poke ends the pauses between attempts to connect.
func (m *mesh) poke() {
	if h := m.now(); h != nil {
		h.Poke()
	}
}

// reach waits until some device is connected, at most limit. It tells whether
// one is.
func (m *mesh) reach(ctx context.Context, limit time.Duration) bool {
	ctx, cancel := context.WithTimeout(ctx, limit)
	defer cancel()
	if m.now() == nil || len(m.c.charter.Devices()) < 2 {
		return false
	}
	for first := true; len(m.online()) == 0; first = false {
		if first {
			m.poke()
		}
		select {
		case <-ctx.Done():
			return false
		case <-time.After(reachEvery):
		}
	}
	return true
}

// reachEvery is how often reach looks: well below what a person notices.
const reachEvery = 50 * time.Millisecond

// addresses hands the remembered addresses to the host.
func (m *mesh) addresses(h *p2p.Host) {
	for device, list := range m.c.node.localCopy().Addresses {
		pub, err := parseDevice(device)
		if err == nil && pub != m.c.node.device.Load().Public() {
			err = h.AddAddrs(pub, list)
		}
		if err != nil {
			m.c.node.log.Warn("remembered addresses are of no use", "device", device, "err", err.Error())
		}
	}
}

// talk is the conversation over one link.
type talk struct {
	*crdtsync.Session
	m      *mesh
	peer   p2p.Peer
	cancel context.CancelFunc
}

func (m *mesh) open(peer p2p.Peer) (p2p.Conversation, error) {
	ctx, cancel := context.WithCancel(context.Background())
	s, err := crdtsync.New(ctx, m.config(peer.Pub))
	if err != nil {
		cancel()
		return nil, err
	}
	t := &talk{Session: s, m: m, peer: peer, cancel: cancel}
	m.mu.Lock()
	m.talks[peer.Pub] = t
	m.mu.Unlock()
	m.c.tend.poke() // somebody may have to be told something
	return t, nil
}

// admits tells whether a device may talk to this one now, by a link or by a
// bundle.
func (m *mesh) admits(pub [32]byte) bool {
	return pub != m.c.node.device.Load().Public() && m.c.charter.MayConnect(pub, m.c.node.now())
}

// config is what a device is told and what is taken from it, by a link or by a
// bundle.
func (m *mesh) config(peer [32]byte) crdtsync.Config {
	return crdtsync.Config{
		Source: m.source, Policy: policy{m.c}, Peer: peer, Community: m.c.charter.Community(),
		Formats: formats, Rand: m.c.node.cfg.Rand, Clock: m.c.node.now,
	}
}

// formats are the versions that this program writes, told to every peer.
var formats = map[string]uint64{"change": 1, "entry": 1, "gov": 1}

// Next implements p2p.Conversation.
func (t *talk) Next(ctx context.Context) ([]byte, error) { return t.Pull(ctx) }

// Close implements p2p.Conversation: it is called once, with the reason.
func (t *talk) Close(err error) {
	t.Session.Close()
	t.cancel()
	t.m.mu.Lock()
	t.m.part(t)
	if t.m.talks[t.peer.Pub] == t {
		delete(t.m.talks, t.peer.Pub)
	}
	if len(t.m.talks) == 0 {
		t.m.alone = t.m.c.node.now()
	}
	t.m.mu.Unlock()
	t.m.noteEnd(t)
	if reason := brokenRule(err, t.Stats().FramesIn > 0); reason != "" {
		t.m.c.node.log.Warn("a device broke the rules and was cut off", "device", deviceText(t.peer.Pub), "reason", reason, "err", err.Error())
		t.m.broke(t.peer.Pub, reason)
	}
	t.m.c.node.hub.tell("state", "devices")
}

// changed tells every session what a commit changed.
func (m *mesh) changed(c store.Commit) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for _, t := range m.talks {
		t.Committed(c)
	}
}

// online returns the devices that are connected now.
func (m *mesh) online() map[[32]byte]*talk {
	m.mu.Lock()
	defer m.mu.Unlock()
	out := map[[32]byte]*talk{}
	for pub, t := range m.talks {
		out[pub] = t
	}
	return out
}

// offlineSince is since when nobody is connected; it counts from the start of
// the program.
func (m *mesh) offlineSince() int64 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.alone
}

// event notes who came and went. It must not call back into the host.
func (m *mesh) event(e p2p.Event) {
	n := m.c.node
	switch e.Kind {
	case p2p.Connected:
		n.log.Info("connected", "device", deviceText(e.Peer.Pub), "transport", e.Peer.Transport)
		n.wg.Go(func() { m.remember(e.Peer) })
	case p2p.Disconnected:
		n.log.Info("disconnected", "device", deviceText(e.Peer.Pub), "reason", errText(e.Reason))
	case p2p.Refused:
		if times := m.refused.note(e.Peer.Pub, 1+e.Missed, n.now()); times > 0 {
			n.log.Warn("refused", "device", deviceText(e.Peer.Pub), "reason", errText(e.Reason), "times", times)
		}
		m.broke(e.Peer.Pub, brokenRule(e.Reason, false))
		if e.Peer.Outgoing {
			m.c.tend.poke() // it may have to be shown the charter
		}
	}
	n.hub.tell("state", "devices")
}

// refusals counts who was refused, so that a stranger who tries for a day
// writes 24 lines and not the whole log.
type refusals struct {
	mu sync.Mutex
	of map[[32]byte]refused
}

type refused struct {
	said  int64 // when, milliseconds
	times int   // since then
}

const (
	// refusedEvery is how often one device's refusals are written down.
	refusedEvery = time.Hour
	// maxRefused bounds the devices that are remembered: a stranger can make
	// keys. What is beyond counts as one device.
	maxRefused = 64
)

// note counts and returns how many refusals are to be said now, 0 for none.
func (r *refusals) note(device [32]byte, times int, now int64) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	maps.DeleteFunc(r.of, func(_ [32]byte, x refused) bool {
		age := now - x.said
		return age >= 2*refusedEvery.Milliseconds() || x.times == 0 && age >= refusedEvery.Milliseconds()
	})
	x, known := r.of[device]
	if !known && len(r.of) >= maxRefused {
		device = [32]byte{}
		x, known = r.of[device]
	}
	x.times += times
	out := 0
	if !known || now-x.said >= refusedEvery.Milliseconds() {
		out, x = x.times, refused{said: now}
	}
	if r.of == nil {
		r.of = map[[32]byte]refused{}
	}
	r.of[device] = x
	return out
}

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// remember keeps the addresses at which a device says that it listens.
func (m *mesh) remember(p p2p.Peer) {
	list := p.Listen
	if p.Outgoing {
		list = append([]string{p.Addr}, list...)
	}
	if err := m.c.node.rememberAddrs(deviceText(p.Pub), list); err != nil {
		m.c.node.log.Warn("addresses were not remembered", "err", err.Error())
	}
}

// via tells whether an address (a multiaddr such as /ip4/10.0.0.2/tcp/4001) is
// of this building or of the wide network.
func via(addr string) string {
	parts := strings.Split(addr, "/")
	if len(parts) < 3 || parts[1] != "ip4" && parts[1] != "ip6" {
		return ""
	}
	ip, err := netip.ParseAddr(parts[2])
	switch {
	case err != nil:
		return ""
	case ip.IsPrivate() || ip.IsLoopback() || ip.IsLinkLocalUnicast():
		return "lan"
	}
	return "wan"
}

// policy answers what sessions must ask the layers above.
type policy struct{ c *community }

// MayRead implements crdtsync.Policy.
func (p policy) MayRead(peer [32]byte, doc store.DocID) bool { return p.c.charter.MayRead(peer, doc) }

// MaySet implements crdtsync.Policy.
func (p policy) MaySet(peer [32]byte, set string) bool { return p.c.charter.MaySet(peer, set) }

// CheckItem implements crdtsync.Policy. Only staff may bring people's keys.
func (p policy) CheckItem(peer [32]byte, set string, _ store.Item) error {
	if !p.c.charter.MaySet(peer, set) {
		return errors.New("this device may not bring items of set " + set)
	}
	return nil
}

// Admit implements crdtsync.Policy.
func (p policy) Admit(ctx context.Context, from string, doc store.DocID, items []seal.Sealed) (admit.Result, error) {
	res, err := admit.Batch(ctx, p.c.store, p.c.rules, from, doc, items)
	if res.Refused > 0 {
		p.c.tend.poke() // its author is to be told
	}
	return res, err
}
