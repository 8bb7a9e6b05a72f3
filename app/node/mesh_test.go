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
