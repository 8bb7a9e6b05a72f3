package boot

import (
	"context"
	"log/slog"
	"net"
	"net/netip"
	"sync"

	"jishan/app/web"
)

// off is how a flag says that something shall not run.
const off = "off"

// phones keeps the listener of the phone pages where the settings want it.
type phones struct {
	site    *web.Site
	product product
	log     *slog.Logger
	fixed   string // from the command line: the settings don't count

	mu     sync.Mutex
	at     string // what was wanted when server was started
	server *web.Server
}

// run follows the settings until ctx ends.
func (p *phones) run(ctx context.Context) {
	for topics := range p.product.Events(ctx) {
		for _, t := range topics {
			if t != "settings" {
				continue
			}
			if err := p.follow(); err != nil {
				p.log.Warn("the phone pages can't be served", "err", err.Error())
			}
		}
	}
}

func (p *phones) wanted() string {
	switch p.fixed {
	case "":
		return p.product.PhoneWanted()
	case off:
		return ""
	}
	return p.fixed
}

// follow starts, moves or ends the listener as wanted.
func (p *phones) follow() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	want := p.wanted()
	if want == p.at && (want == "" || p.server != nil) {
		return nil
	}
	if p.server != nil {
		ctx, cancel := context.WithTimeout(context.Background(), closeLimit)
		defer cancel()
		if err := p.server.Close(ctx); err != nil {
			p.log.Warn("the phone pages did not end in order", "err", err.Error())
		}
		p.server = nil
	}
	p.at = want
	var err error
	if want != "" {
		p.server, err = p.site.ServePhone(want)
	}
	p.product.PhoneServed(p.url())
	return err
}

func (p *phones) url() string {
	if p.server == nil {
		return ""
	}
	return "http://" + reachable(p.server.Addr(), ownAddresses()) + "/"
}

func (p *phones) addr() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.server == nil {
		return ""
	}
	return p.server.Addr()
}

func (p *phones) stop(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.server == nil {
		return nil
	}
	s := p.server
	p.server = nil
	return s.Close(ctx)
}

// reachable replaces "every address" by the one that phones most likely see.
func reachable(listening string, own []netip.Addr) string {
	at, err := netip.ParseAddrPort(listening)
	if err != nil || !at.Addr().IsUnspecified() {
		return listening
	}
	best := netip.AddrFrom4([4]byte{127, 0, 0, 1})
	for _, a := range own {
		if rank(a) > rank(best) {
			best = a
		}
	}
	return netip.AddrPortFrom(best, at.Port()).String()
}

// rank prefers what a home or office network hands out.
func rank(a netip.Addr) int {
	switch {
	case a.Is4() && a.IsPrivate():
		return 4
	case a.Is4() && a.IsGlobalUnicast():
		return 3
	case a.Is6() && a.IsGlobalUnicast() && !a.IsPrivate():
		return 2
	case a.IsPrivate():
		return 1
	}
	return 0
}

// ownAddresses lists this machine's addresses; systems that don't allow it
// give none.
func ownAddresses() []netip.Addr {
	list, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	var own []netip.Addr
	for _, a := range list {
		if n, ok := a.(*net.IPNet); ok {
			if ip, ok := netip.AddrFromSlice(n.IP); ok {
				own = append(own, ip.Unmap())
			}
		}
	}
	return own
}
