package govern_test

import (
	"errors"
	"testing"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/govern/governtest"
	"jishan/crdt/store"
)

// selfOf is what a device certifies of itself when it takes over.
func selfOf(t *testing.T, w *governtest.World, d *governtest.Device) govern.Cert {
	t.Helper()
	wrapped, err := w.Founding.Keyring.Wrap(d.Key.Recipient())
	if err != nil {
		t.Fatal(err)
	}
	return govern.Cert{Device: d.Key.Public(), Role: govern.Office, Name: d.Name, Place: "office", Recipient: d.Key.Recipient(), Keyring: wrapped}
}

// Only the device that is named, as long as it is named and one of ours, begins a term
// as the standby; everybody takes it from that one, and everything else is refused.
func TestOnlyTheStandbyStandsIn(t *testing.T) {
	w := governtest.New(t, 12, nil)
	a, b, shop := w.Join("甲站", govern.Station), w.Join("乙站", govern.Station), w.Join("店", govern.Merchant)
	name := func(d [32]byte) error {
		return w.Office.Do(func(tx *store.Tx) error { return w.Office.Charter.NameStandby(tx, d) })
	}
	stands := func(d *governtest.Device) error {
		return d.Do(func(tx *store.Tx) error {
			return d.Charter.StandIn(tx, d.Key.Private, d.Incarnation.Certificate, selfOf(t, w, d))
		})
	}
	other := fault.New("govern.standby.other")
	for _, x := range []struct {
		device [32]byte
		code   string
	}{{shop.Key.Public(), "govern.role.bad"}, {w.Office.Key.Public(), "govern.device.self"}, {[32]byte{9}, "govern.device.unknown"}} {
		if err := name(x.device); !errors.Is(err, fault.New(x.code)) {
			t.Errorf("named: %v, want %s", err, x.code)
		}
	}
	w.Meet(w.Office, a, b)
	if err := stands(a); !errors.Is(err, other) {
		t.Errorf("nobody was named: %v", err)
	}
	if err := errors.Join(name(a.Key.Public()), name([32]byte{})); err != nil {
		t.Fatal(err)
	}
	w.Meet(w.Office, a, b)
	if err := stands(a); !errors.Is(err, other) {
		t.Errorf("the name was taken back: %v", err)
	}
	if err := errors.Join(name(a.Key.Public()), name(b.Key.Public())); err != nil {
		t.Fatal(err)
	}
	w.Meet(w.Office, a, b)
	if err := stands(a); !errors.Is(err, other) {
		t.Errorf("another one was named since: %v", err)
	}
	if err := stands(b); err != nil {
		t.Fatal(err)
	}
	w.Meet(b, a, w.Office, shop)
	for _, d := range []*governtest.Device{a, b, w.Office, shop} {
		if reg, _, _ := d.Charter.Registrar(); reg != b.Key.Public() {
			t.Errorf("%s: another registrar", d.Name)
		}
		if e, _ := d.Charter.Device(b.Key.Public()); e.Standby {
			t.Errorf("%s: the registrar is its own standby", d.Name)
		}
	}
}
