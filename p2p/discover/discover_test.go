package discover

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

func config() Config {
	return Config{
		Service: "_jishan-test._tcp", Instance: "jishan-a", Port: 4001, Community: "c0ffee", Peer: "12d3koowa",
		Addrs: func() []string { return []string{"/ip4/10.9.8.1/tcp/4001"} }, Found: func(Sighting) {},
	}
}

func TestConfigIsChecked(t *testing.T) {
	for name, spoil := range map[string]func(*Config){
		"instance":  func(c *Config) { c.Instance = "办公室" },
		"long":      func(c *Config) { c.Instance = strings.Repeat("a", 64) },
		"port":      func(c *Config) { c.Port = 0 },
		"community": func(c *Config) { c.Community = "a b" },
		"peer":      func(c *Config) { c.Peer = "" },
		"found":     func(c *Config) { c.Found = nil },
	} {
		c := config()
		spoil(&c)
		if err := Run(t.Context(), c); !errors.Is(err, ErrConfig) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestText(t *testing.T) {
	c := config()
	addrs := []string{"/ip4/127.0.0.1/tcp/1", "/ip4/0.0.0.0/tcp/1", "/ip4/10.0.0.1/tcp/1/p2p/x/p2p-circuit", "/dns4/a/tcp/1"}
	for range 20 {
		addrs = append(addrs, "/ip6/2001:db8:1111:2222:3333:4444:5555:6666/udp/65535/quic-v1")
	}
	addrs = append(addrs, "/ip4/10.0.0.1/tcp/"+strings.Repeat("1", 300))
	text := c.text(addrs)
	size := 0
	for _, s := range text {
		if size += len(s) + 1; len(s) > maxString {
			t.Errorf("%d bytes", len(s))
		}
	}
	if len(text) != 3+maxAddresses || size > maxText || strings.Contains(strings.Join(text, " "), "127.0.0.1") {
		t.Errorf("%v", text)
	}
	if _, ok := c.parse(text); ok {
		t.Error("it sees itself")
	}
	other := c
	other.Peer = "another"
	if s, ok := other.parse(append(text, "future=x")); !ok || s.Peer != c.Peer || len(s.Addrs) != maxAddresses {
		t.Errorf("%+v", s)
	}
	other.Community = "deadbeef"
	if _, ok := other.parse(text); ok {
		t.Error("it sees another community")
	}
	for _, bad := range [][]string{nil, {"v=x"}, {"v=1", "c=c0ffee", "p=b"}, {"v=1", "c=c0ffee", "p=b b", "a=/ip4/10.0.0.1/tcp/1"}, {"v=0", "c=c0ffee", "p=b", "a=/ip4/10.0.0.1/tcp/1"}} {
		if _, ok := other.parse(bad); ok {
			t.Errorf("%v is a sighting", bad)
		}
	}
}

const insideVar = "JISHAN_TEST_NETNS"

// network makes the namespace's loopback look like a LAN.
const network = "ip link set lo up multicast on && ip addr add 10.9.8.1/24 dev lo && ip route add 224.0.0.0/4 dev lo"

// TestInNamespace runs TestInside in a network namespace of its own, so that
// no packet leaves this machine.
func TestInNamespace(t *testing.T) {
	if os.Getenv(insideVar) != "" {
		t.Skip("already inside")
	}
	probe := exec.Command("unshare", "-n", "sh", "-c", network)
	if out, err := probe.CombinedOutput(); err != nil {
		t.Skipf("this machine allows no network namespace: %v %s", err, out)
	}
	cmd := exec.Command("unshare", "-n", "sh", "-c", network+` && exec "$0" -test.run '^TestInside$' -test.count=1 -test.v`, os.Args[0])
	cmd.Env = append(os.Environ(), insideVar+"=1")
	out, err := cmd.CombinedOutput()
	if err != nil || !strings.Contains(string(out), "--- PASS: TestInside") {
		t.Fatalf("%v\n%s", err, out)
	}
}

// TestInside: two devices and a stranger on one LAN.
func TestInside(t *testing.T) {
	if os.Getenv(insideVar) == "" {
		t.Skip("only inside a network namespace: see TestInNamespace")
	}
	var moved atomic.Bool
	seen := make(chan Sighting, 1024)
	a, b, stranger := config(), config(), config()
	for _, c := range []*Config{&a, &b, &stranger} {
		c.Browse, c.Poll = 300*time.Millisecond, 50*time.Millisecond
		c.Failed = func(err error) { t.Log(err) }
	}
	a.Found = func(s Sighting) { seen <- s }
	b.Instance, b.Peer = "jishan-b", "12d3koowb"
	b.Addrs = func() []string {
		if moved.Load() {
			return []string{"/ip4/10.9.8.1/tcp/4003", "/ip4/10.9.8.1/udp/4003/quic-v1"}
		}
		return []string{"/ip4/10.9.8.1/tcp/4002"}
	}
	stranger.Instance, stranger.Peer, stranger.Community = "jishan-s", "12d3koows", "other"
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 3)
	for _, c := range []Config{a, b, stranger} {
		go func() { done <- Run(ctx, c) }()
	}
	await := func(want ...string) {
		t.Helper()
		deadline := time.After(10 * time.Second)
		for {
			select {
			case s := <-seen:
				if s.Peer != b.Peer {
					t.Fatalf("saw %+v", s)
				}
				if slices.Equal(s.Addrs, want) {
					return
				}
			case <-deadline:
				t.Fatalf("%v was not seen", want)
			}
		}
	}
	await("/ip4/10.9.8.1/tcp/4002")
	await("/ip4/10.9.8.1/tcp/4002") // again, by a fresh resolver
	moved.Store(true)
	await("/ip4/10.9.8.1/tcp/4003", "/ip4/10.9.8.1/udp/4003/quic-v1")
	cancel()
	for range 3 {
		if err := <-done; err != nil {
			t.Error(err)
		}
	}
}
