package node

import (
	"errors"
	"io"
	"net/url"
	"testing"
	"time"

	"jishan/app/fault"
	"jishan/crdt/seal"
	"jishan/crdt/store"
)

// alarm returns a device's alarm of a code, nil if there is none.
func (d *device) alarm(code string) object {
	d.t.Helper()
	for _, a := range d.must("alarms.list", object{})["alarms"].([]any) {
		if a := a.(object); a["code"] == code {
			return a
		}
	}
	return nil
}

// TestClockAlarm: a device whose clock is off is named, with how far.
func TestClockAlarm(t *testing.T) {
	var ko, ks clock
	office := foundBy(t, &ko)
	station := joinBy(t, office, "station", "柳溪实践站", &ks)
	if a := office.alarm("clock"); a != nil {
		t.Errorf("with right clocks: %v", a)
	}
	ks.ahead.Store(int64(9*time.Minute + 30*time.Second))
	c, err := office.here()
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is noticed", func() bool {
		c.skewMu.Lock()
		skew := time.Duration(c.skew[station.Node.device.Public()]) * time.Millisecond
		c.skewMu.Unlock()
		if skew < skewLimit {
			ko.ahead.Add(int64(clockEvery)) // the next question is due
			ks.ahead.Add(int64(clockEvery))
			c.tend.poke()
			time.Sleep(2 * tendPause)
		}
		return skew > skewLimit
	})
	a := office.alarm("clock")
	if p := a["params"].(object); a["name"] != "柳溪实践站电脑" || number(p["minutes"]) != 9 || p["ahead"] != true {
		t.Errorf("%v", a)
	}
	eventually(t, "the pill says so", func() bool {
		return number(office.must("app.state", object{})["sync"].(object)["attention"]) == 1
	})
	if list := office.must("home.get", object{})["todo"].([]any); len(list) != 1 || list[0].(object)["kind"] != "alarm" || list[0].(object)["detail"] != "clock" {
		t.Errorf("what waits: %v", list)
	}
}

// forked gives the office a proof that a station's feed has two histories.
func (d *device) forked(station *device) {
	d.t.Helper()
	c, err := station.here()
	if err != nil {
		d.t.Fatal(err)
	}
	branch := func(n byte) seal.Branch {
		h := [32]byte{n}
		return seal.Branch{Hash: h, Seal: c.inc.Seal("x", 1, h)}
	}
	p, err := seal.NewForkProof(c.inc.Certificate, "x", 1, branch(1), branch(2))
	if err != nil {
		d.t.Fatal(err)
	}
	o, err := d.here()
	if err == nil {
		err = o.store.Update(d.t.Context(), store.Author{}, func(tx *store.Tx) error {
			_, err := tx.SetAdd(store.SetFork, store.Item{ID: p.ID(), Blob: p.Encode()})
			return err
		})
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

// TestForkAlarm: a fork is said, its proof can be saved and checked by anybody,
// and it is settled when the feed was closed and its device goes on.
func TestForkAlarm(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	if _, err := office.File(t.Context(), "fork.proof", url.Values{"id": {stationID(office)}}); !errors.Is(err, fault.New("devices.proof.none")) {
		t.Errorf("a proof of nothing: %v", err)
	}
	office.forked(station)
	a := office.alarm("fork")
	if a == nil || a["name"] != "柳溪实践站电脑" {
		t.Fatalf("no alarm: %v", a)
	}
	f, err := office.File(t.Context(), "fork.proof", url.Values{"id": {a["device"].(string)}})
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(f.Body)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := seal.DecodeForkProof(b); err != nil || p.Certificate.Device != station.Node.device.Public() {
		t.Errorf("the proof: %v", err)
	}
	eventually(t, "it is settled", func() bool { return office.alarm("fork")["params"].(object)["settled"] == true })
	eventually(t, "nothing else is wrong", func() bool { return office.alarm("closed") == nil })
}
