package node

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"jishan/app/govern"
	"jishan/crdt/store"
)

// putBack stops a device and starts it over the database of before.
func (d *device) putBack(put func(), k *clock) *device {
	d.t.Helper()
	d.stop()
	put()
	return startBy(d.t, d.dir, k.now)
}

// away takes a device off the network, or brings it back.
func (d *device) away(on bool) { d.must("devices.pause", object{"on": on}) }

// TestPutBackTwice: the main device is put back, meets one station, is put back
// again and meets another one that has not heard of the first. It begins no term
// before it has met both: else it would begin the same one twice, and the two
// would stay apart for ever.
func TestPutBackTwice(t *testing.T) {
	var k clock
	office := foundBy(t, &k)
	west := joinBy(t, office, "station", "柳溪实践站", &k)
	east := joinBy(t, office, "station", "河湾实践站", &k)
	for _, d := range []*device{west, east} {
		eventually(t, "they agree", func() bool { return agree(office, d) })
	}
	office.stop()
	put := copyDatabase(t, office.dir)
	office = startBy(t, office.dir, k.now)
	office.must("people.register", person("张三", "13900000001"))
	for _, d := range []*device{west, east} {
		eventually(t, "they agree", func() bool { return agree(office, d) })
	}
	for _, meets := range []*device{west, east} {
		for _, d := range []*device{west, east} {
			d.away(d != meets)
		}
		office = office.putBack(put, &k)
		eventually(t, "what was lost is back", func() bool { return agree(office, meets) })
		office.looks(2)
		if n := office.govTerm(); n != 1 {
			t.Fatalf("it began term %d, and a station was away that may know of another one", n)
		}
		a := office.alarm(alarmHanding)
		if a == nil || number(a["params"].(object)["n"]) != 1 {
			t.Errorf("nothing says what it waits for: %v", a)
		}
	}
	west.away(false)
	eventually(t, "it is the main device again", func() bool { return office.govTerm() == 2 })
	for _, d := range []*device{west, east} {
		eventually(t, "all agree", func() bool { return agree(office, d) })
	}
	if a := office.alarm(alarmHanding); a != nil {
		t.Errorf("it waits no more, and says so: %v", a)
	}
	office.sound()
}

// TestPutBackAndPatient: a station that never comes is waited for no longer than
// the community's setting says.
func TestPutBackAndPatient(t *testing.T) {
	var k clock
	office := foundBy(t, &k)
	west := joinBy(t, office, "station", "柳溪实践站", &k)
	east := joinBy(t, office, "station", "河湾实践站", &k)
	c, err := office.here()
	if err != nil {
		t.Fatal(err)
	}
	err = c.write(t.Context(), func(tx *store.Tx) error { return c.charter.SetPolicy(tx, govern.SuccessionWaitSetting(30)) })
	if err != nil {
		t.Fatal(err)
	}
	for _, d := range []*device{west, east} {
		eventually(t, "they agree", func() bool { return agree(office, d) })
	}
	east.away(true)
	office.stop()
	if err := os.Remove(filepath.Join(office.dir, lockFile)); err != nil { // who lost it may have lost more
		t.Fatal(err)
	}
	office = startBy(t, office.dir, k.now)
	eventually(t, "they agree", func() bool { return agree(office, west) })
	k.ahead.Add(int64(29 * time.Minute))
	office.looks(2)
	if n := office.govTerm(); n != 1 {
		t.Fatalf("it began term %d before its time", n)
	}
	k.ahead.Add(int64(2 * time.Minute))
	eventually(t, "it is the main device again", func() bool { return office.govTerm() == 2 })
	east.away(false)
	for _, d := range []*device{west, east} {
		eventually(t, "all agree", func() bool { return agree(office, d) })
	}
	office.sound()
}
