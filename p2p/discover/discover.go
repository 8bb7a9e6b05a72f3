// Package discover finds the community's other devices on the LAN, by mDNS
// (zeroconf), and lets them find this one.
//
// What it hears are hints that anybody on the network can forge: the caller
// dials the addresses, and the connection proves who is there. It must never
// know a document, a role or a person, and it announces nothing personal: a
// version, a hash of the community's id, the device's key and its addresses.
// Start reading at [Run].
package discover

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/grandcat/zeroconf"
)

// Version is the version of the announcement.
const Version = 1

// Limits. A TXT string over 255 bytes or a name over 63 is silently never
// announced; all TXT together must stay under one packet.
const (
	maxWord      = 63
	maxString    = 255
	maxText      = 1200
	maxAddresses = 6
	// Sightings of one browse beyond this are a flood: no community has so
	// many devices on one LAN.
	maxSightings = 512
)

// Defaults of the periods: zeroconf asks only until the first answer, so it
// must be started again; addresses change when a cable is plugged.
const (
	browseEvery  = 10 * time.Second
	addressEvery = 5 * time.Second
)

// ErrConfig: a configuration that could not be announced.
var ErrConfig = errors.New("discover: unusable configuration")

// Config says what to announce and whom to tell. Service, Instance, Port,
// Community, Peer, Addrs and Found are required.
type Config struct {
	Service   string          // "_jishan._tcp"
	Instance  string          // this device's name: [a-z0-9-], at most 63
	Port      int             // of the host
	Community string          // a hash of the community's id: [a-z0-9]
	Peer      string          // this device's id text: ASCII
	Addrs     func() []string // multiaddrs now; asked every few seconds
	Found     func(Sighting)  // called for others of the same community, again at every round
	Failed    func(error)     // what does not work just now; nil: nobody is told
	// Browse and Poll override the periods; zero: 10 s and 5 s.
	Browse, Poll time.Duration
}

// Sighting is another device, as it says itself.
type Sighting struct {
	Version int
	Peer    string
	Addrs   []string // multiaddrs, unchecked
}

// Run announces and looks until ctx ends. A machine without a usable network
// is no error: it tries again. Error: ErrConfig.
func Run(ctx context.Context, cfg Config) error {
	if err := cfg.check(); err != nil {
		return err
	}
	if cfg.Browse == 0 {
		cfg.Browse = browseEvery
	}
	if cfg.Poll == 0 {
		cfg.Poll = addressEvery
	}
	var wg sync.WaitGroup
	wg.Go(func() { cfg.announce(ctx) })
	wg.Go(func() { cfg.look(ctx) })
	wg.Wait()
	return nil
}

func (cfg *Config) check() error {
	switch {
	case !word(cfg.Instance, "-"):
		return fmt.Errorf("%w: instance %q", ErrConfig, cfg.Instance)
	case !word(cfg.Community, "") || !word(strings.ToLower(cfg.Peer), ""):
		return fmt.Errorf("%w: community or peer", ErrConfig)
	case cfg.Port <= 0 || cfg.Port > 65535 || cfg.Service == "" || cfg.Addrs == nil || cfg.Found == nil:
		return fmt.Errorf("%w: a field is missing", ErrConfig)
	}
	return nil
}

// word says that s is a short word of small letters, digits and what else is
// allowed.
func word(s, also string) bool {
	return s != "" && len(s) <= maxWord && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789"+also) == ""
}

// text makes the TXT strings, as many addresses as fit.
func (cfg *Config) text(addrs []string) []string {
	out := []string{"v=" + strconv.Itoa(Version), "c=" + cfg.Community, "p=" + cfg.Peer}
	size := 0
	for _, s := range out {
		size += len(s) + 1
	}
	n := 0
	for _, a := range addrs {
		s := "a=" + a
		if n == maxAddresses || size+len(s)+1 > maxText {
			break
		}
		if len(s) > maxString || !announceable(a) {
			continue
		}
		out, size, n = append(out, s), size+len(s)+1, n+1
	}
	return out
}

// announceable: no loopback, no relay, nothing that is no IP address.
func announceable(addr string) bool {
	ip, err := ipOf(addr)
	return err == nil && !ip.IsLoopback() && !ip.IsUnspecified() && !strings.Contains(addr, "p2p-circuit")
}

func ipOf(addr string) (netip.Addr, error) {
	words := strings.SplitN(addr, "/", 4)
	if len(words) < 4 || words[0] != "" || words[1] != "ip4" && words[1] != "ip6" {
		return netip.Addr{}, fmt.Errorf("discover: address %q", addr)
	}
	return netip.ParseAddr(words[2])
}

// parse reads another device's TXT strings. Unknown keys are of a newer version
// and skipped; ok is false for this device itself and other communities.
func (cfg *Config) parse(text []string) (s Sighting, ok bool) {
	community := ""
	for _, t := range text {
		key, value, _ := strings.Cut(t, "=")
		switch key {
		case "v":
			n, err := strconv.Atoi(value)
			if err != nil {
				return s, false
			}
			s.Version = n
		case "c":
			community = value
		case "p":
			s.Peer = value
		case "a":
			if len(s.Addrs) < maxAddresses && announceable(value) {
				s.Addrs = append(s.Addrs, value)
			}
		}
	}
	ok = s.Version >= 1 && community == cfg.Community && s.Peer != cfg.Peer && len(s.Addrs) > 0 &&
		word(strings.ToLower(s.Peer), "")
	return s, ok
}

// announce keeps the device registered under its present addresses.
func (cfg *Config) announce(ctx context.Context) {
	var server *zeroconf.Server
	var told []string
	for {
		text := cfg.text(cfg.Addrs())
		if server == nil || !slices.Equal(text, told) {
			if server != nil {
				server.Shutdown()
				server = nil
			}
			var err error
			if server, err = cfg.register(text); err != nil {
				server = nil
				cfg.failed(err)
			}
			told = text
		}
		if !pause(ctx, cfg.Poll) {
			if server != nil {
				server.Shutdown()
			}
			return
		}
	}
}

// register announces with the device's own name as host name: the computer's
// name may be a person's.
func (cfg *Config) register(text []string) (*zeroconf.Server, error) {
	var ips []string
	for _, t := range text {
		if addr, ok := strings.CutPrefix(t, "a="); ok {
			ip, err := ipOf(addr)
			if err != nil {
				return nil, err
			}
			if s := ip.WithZone("").String(); !slices.Contains(ips, s) {
				ips = append(ips, s)
			}
		}
	}
	if len(ips) == 0 {
		return nil, errors.New("discover: no address to announce")
	}
	return zeroconf.RegisterProxy(cfg.Instance, cfg.Service, "local.", cfg.Port, cfg.Instance, ips, text, nil)
}

// look browses again and again, each time with a fresh resolver: one resolver
// stops asking after its first answer and reports each instance once.
func (cfg *Config) look(ctx context.Context) {
	for ctx.Err() == nil {
		began := time.Now()
		if err := cfg.browse(ctx); err != nil {
			cfg.failed(err)
		}
		if !pause(ctx, cfg.Browse-time.Since(began)) {
			return
		}
	}
}

// browse runs one resolver for one period.
func (cfg *Config) browse(ctx context.Context) error {
	r, err := resolver()
	if err != nil {
		return fmt.Errorf("discover: %w", err)
	}
	ctx, cancel := context.WithTimeout(ctx, cfg.Browse)
	defer cancel()
	entries := make(chan *zeroconf.ServiceEntry, 16)
	err = r.Browse(ctx, cfg.Service, "local.", entries)
	if err != nil {
		cancel() // the resolver then closes entries
	}
	n := 0
	for e := range entries { // to its end: a resolver that can't report never ends
		s, ok := cfg.parse(e.Text)
		if n++; ok && n <= maxSightings {
			cfg.Found(s)
		}
	}
	if err != nil {
		return fmt.Errorf("discover: %w", err)
	}
	return nil
}

// resolver prefers IPv4: asked for both, the library leaks a socket on machines
// without IPv6 each time.
func resolver() (*zeroconf.Resolver, error) {
	r, err := zeroconf.NewResolver(zeroconf.SelectIPTraffic(zeroconf.IPv4))
	if err == nil {
		return r, nil
	}
	r, err6 := zeroconf.NewResolver(zeroconf.SelectIPTraffic(zeroconf.IPv6))
	if err6 != nil {
		return nil, errors.Join(err, err6)
	}
	return r, nil
}

func (cfg *Config) failed(err error) {
	if cfg.Failed != nil {
		cfg.Failed(err)
	}
}

// pause waits d; false when ctx ended.
func pause(ctx context.Context, d time.Duration) bool {
	t := time.NewTimer(max(d, 0))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-t.C:
		return true
	}
}
