package node

import (
	"encoding/json"
	"errors"
	"testing"
	"time"

	"jishan/app/fault"
)

// TestRenewalIsNoFirstRun: while a community is closed and opened again, every
// call says so; none says that the device belongs to no community.
func TestRenewalIsNoFirstRun(t *testing.T) {
	d := found(t)
	c, err := d.here()
	if err != nil {
		t.Fatal(err)
	}
	d.setup.Lock() // the renewal waits for this, and begins
	d.renew(c)
	renewing := func() bool { return errors.Is(d.asks("app.state"), fault.New("app.renewing")) }
	if renewing() {
		t.Error("it is not closed yet")
	}
	d.setup.Unlock()
	seen := false
	for end := time.Now().Add(40 * time.Second); ; { // without a pause: it takes a few milliseconds
		for _, name := range []string{"app.state", "people.list", "settings.save", "setup.create", "app.operator"} {
			switch err := d.asks(name); {
			case errors.Is(err, fault.New("app.phase")):
				t.Fatalf("%s: %v", name, err)
			case errors.Is(err, fault.New("app.renewing")):
				seen = true
			}
		}
		if now, err := d.here(); err == nil && now != c {
			break
		}
		if time.Now().After(end) {
			t.Fatal("it was never opened again")
		}
	}
	if !seen {
		t.Error("the renewal was never seen: nothing is proved")
	}
	if phase := d.must("app.state", object{})["phase"]; phase != "ready" {
		t.Errorf("it is %v now", phase)
	}
}

// asks calls once, with nothing, as no screen does.
func (d *device) asks(name string) error {
	_, err := d.Call(d.t.Context(), name, json.RawMessage("{}"))
	return err
}
