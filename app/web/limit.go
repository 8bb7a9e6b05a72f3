package web

import (
	"net"
	"net/netip"
	"sync"
	"time"
)

// pace is how often one address may ask: a reserve that refills.
type pace struct {
	burst float64       // asked at once
	every time.Duration // one more after each
}

var (
	// phoneCalls: a page loads about twenty files at once, a person taps now
	// and then; a queue of phones behind one router shares an address.
	phoneCalls = pace{burst: 120, every: 100 * time.Millisecond}
	// phoneEntries: a helper signs in a few neighbours from one phone; a
	// stranger who guesses four digits gets 600 tries an hour.
	phoneEntries = pace{burst: 10, every: 6 * time.Second}
	// phoneApplications: a family with its mistakes in the form; who wants to fill the
	// office's list has a dozen an hour.
	phoneApplications = pace{burst: 10, every: 5 * time.Minute}
)

// maxAddresses bounds the memory of a rate limit. When it is full, the address
// that was quiet for longest is forgotten, which only gives it its reserve back.
const maxAddresses = 2048

// rates counts requests per address.
type rates struct {
	clock func() time.Time
	pace  pace
	mu    sync.Mutex
	seen  map[netip.Prefix]*reserve
}

type reserve struct {
	left float64
	at   time.Time
}

func newRates(clock func() time.Time, p pace) *rates {
	return &rates{clock: clock, pace: p, seen: map[netip.Prefix]*reserve{}}
}

// allow takes one request out of the reserve of a "host:port".
func (l *rates) allow(from string) bool {
	who, ok := source(from)
	if !ok {
		return false
	}
	now := l.clock()
	l.mu.Lock()
	defer l.mu.Unlock()
	r := l.seen[who]
	if r == nil {
		l.forget()
		r = &reserve{left: l.pace.burst, at: now}
		l.seen[who] = r
	}
	if d := now.Sub(r.at); d > 0 {
		r.left = min(l.pace.burst, r.left+float64(d)/float64(l.pace.every))
	}
	r.at = now
	if r.left < 1 {
		return false
	}
	r.left--
	return true
}

func (l *rates) forget() {
	if len(l.seen) < maxAddresses {
		return
	}
	var oldest netip.Prefix
	var at time.Time
	for who, r := range l.seen {
		if !oldest.IsValid() || r.at.Before(at) {
			oldest, at = who, r.at
		}
	}
	delete(l.seen, oldest)
}

// source is what counts as one address: an IPv4 address, or the 64 bits of
// IPv6 below which a machine chooses freely.
func source(from string) (netip.Prefix, bool) {
	at, err := netip.ParseAddrPort(from)
	if err != nil {
		return netip.Prefix{}, false
	}
	a := at.Addr().Unmap().WithZone("")
	bits := 32
	if a.Is6() {
		bits = 64
	}
	p, err := a.Prefix(bits)
	return p, err == nil
}

// crowd is a listener that takes no more connections than it has places for,
// in all and from one address: what is too much is closed at once, so that one
// machine can't keep the others out.
type crowd struct {
	net.Listener
	all, each int
	mu        sync.Mutex
	open      int
	from      map[netip.Prefix]int
}

func newCrowd(l net.Listener, all, each int) *crowd {
	return &crowd{Listener: l, all: all, each: each, from: map[netip.Prefix]int{}}
}

func (c *crowd) Accept() (net.Conn, error) {
	for {
		conn, err := c.Listener.Accept()
		if err != nil {
			return nil, err
		}
		if who, ok := source(conn.RemoteAddr().String()); ok && c.enter(who) {
			return &guest{Conn: conn, leave: sync.OnceFunc(func() { c.leave(who) })}, nil
		}
		conn.Close()
	}
}

func (c *crowd) enter(who netip.Prefix) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.open >= c.all || c.from[who] >= c.each {
		return false
	}
	c.open++
	c.from[who]++
	return true
}

func (c *crowd) leave(who netip.Prefix) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open--
	if c.from[who]--; c.from[who] == 0 {
		delete(c.from, who)
	}
}

type guest struct {
	net.Conn
	leave func()
}

func (g *guest) Close() error {
	g.leave()
	return g.Conn.Close()
}
