package node

import (
	"sync"
	"testing"
	"time"

	"jishan/crdt/store"
)

// shown is what the devices page says of the only other device.
func (d *device) shown() (online bool, last, lacks int64, unknown int64) {
	d.t.Helper()
	r := d.must("devices.list", object{})
	for _, x := range r["devices"].([]any) {
		if x := x.(object); x["self"] != true {
			return x["online"].(bool), number(x["last"]), number(x["lacks"]), number(r["unknown"])
		}
	}
	d.t.Fatal("there is no other device")
	return
}

// A device that is connected shows the moment of now; after the link has gone,
// and after a restart, it is never an earlier one. Nothing new was exchanged
// on the second link, so what the two agree on is older than it.
func TestLastMetNeverGoesBack(t *testing.T) {
	k := &clock{}
	k.ahead.Store(int64(-4 * time.Minute)) // the office's clock at first
	office := foundBy(t, k)
	station := join(t, office, "station", "滨河实践站")
	at := int64(0)
	see := func(what string, want bool) {
		t.Helper()
		eventually(t, what, func() bool {
			online, last, _, _ := office.shown()
			if last < at {
				t.Fatalf("%s: last met went back by %d ms", what, at-last)
			}
			at = last
			return online == want
		})
	}
	see("the station is there", true)
	eventually(t, "the office knows what the station holds", func() bool { _, _, lacks, unknown := office.shown(); return lacks == 0 && unknown == 0 })
	station.must("devices.pause", object{"on": true})
	see("it has gone", false)
	k.ahead.Store(0)
	before := at
	station.must("devices.pause", object{"on": false})
	see("it is back", true)
	eventually(t, "a later moment is shown", func() bool { _, last, _, _ := office.shown(); at = max(at, last); return last > before })
	c, err := office.here()
	if err != nil {
		t.Fatal(err)
	}
	busy, free := make(chan error, 1), make(chan struct{})
	release := sync.OnceFunc(func() { close(free) })
	defer release()
	go func() { // nothing can be written down meanwhile
		busy <- c.store.Update(t.Context(), store.Author{}, func(*store.Tx) error { <-free; return nil })
	}()
	station.must("devices.pause", object{"on": true})
	see("it has gone again", false)
	release()
	if err := <-busy; err != nil {
		t.Fatal(err)
	}
	for range 20 {
		see("it stays away", false)
	}
	office.stop()
	office = startBy(t, office.dir, k.now)
	see("after a restart", false)
}

// Of a device that was never met nobody knows what it holds: that is said, and
// is not "it lacks nothing".
func TestNeverMetIsUnknown(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "滨河实践站")
	station.must("devices.pause", object{"on": true})
	shop := join(t, office, "merchant", "惠民超市")
	eventually(t, "one of two is unknown", func() bool {
		r := shop.must("devices.list", object{})
		return len(r["devices"].([]any)) == 3 && number(r["unknown"]) == 1
	})
	for _, x := range shop.must("devices.list", object{})["devices"].([]any) {
		if x := x.(object); x["role"] == "station" && (number(x["lacks"]) != -1 || number(x["last"]) != 0) {
			t.Errorf("never met: %v", x)
		}
	}
}
