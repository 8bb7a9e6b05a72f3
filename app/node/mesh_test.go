package node

import (
	"sync"
	"testing"

	"jishan/p2p"
)

// Whoever asks for the network at the same time gets one host, and it ends with
// the community: none is left behind that nobody closes.
func TestOneHost(t *testing.T) {
	d := found(t)
	c, err := d.here()
	if err != nil {
		t.Fatal(err)
	}
	for range 3 {
		d.must("devices.pause", object{"on": true})
		var mu sync.Mutex
		seen := map[*p2p.Host]bool{}
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				err := c.mesh.up(t.Context())
				mu.Lock()
				defer mu.Unlock()
				if seen[c.mesh.now()] = true; err != nil {
					t.Error(err)
				}
			})
		}
		all.Wait()
		if len(seen) != 1 || seen[nil] {
			t.Errorf("%d hosts", len(seen))
		}
	}
	d.stop()
	if err := c.mesh.up(t.Context()); err != nil || c.mesh.now() != nil {
		t.Errorf("a host without a community: %v", err)
	}
}

// A stranger who tries all day writes a line an hour, and many strangers no
// more than a bounded number.
func TestRefusalsAreSaidSeldom(t *testing.T) {
	var r refusals
	lines, counted := 0, 0
	const day, step = 24 * 3600 * 1000, 500
	for now := int64(0); now <= day; now += step {
		if n := r.note([32]byte{1}, 1, now); n > 0 {
			lines, counted = lines+1, counted+n
		}
	}
	if lines != 25 || counted < day/step-7200 {
		t.Errorf("%d lines for %d refusals", lines, counted)
	}
	lines = 0
	for i := range 10_000 {
		if r.note([32]byte{2, byte(i), byte(i >> 8)}, 1, day) > 0 {
			lines++
		}
	}
	if lines > maxRefused {
		t.Errorf("%d lines for strangers with new keys", lines)
	}
}
