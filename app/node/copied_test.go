package node

import (
	"crypto/rand"
	"os"
	"testing"
	"time"

	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/crdt/seal"
	"jishan/crdt/store"
)

// govLength is how many changes the charter's first term has.
func (d *device) govLength() (n uint64) {
	d.t.Helper()
	c, err := d.here()
	if err != nil {
		d.t.Fatal(err)
	}
	s, err := c.tend.snapshot(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	p, _, _ := s.Head()
	return p.Seq
}

func (d *device) copiedHere() bool { return d.must("app.state", object{})["copied"] != nil }

// twinsOf makes a copy of a station's whole folder and starts both.
func twinsOf(t *testing.T, station *device) (one, two *device) {
	t.Helper()
	station.stop()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(station.dir)); err != nil {
		t.Fatal(err)
	}
	return start(t, station.dir), start(t, dir)
}

// apart lets two machines with one device key do something while each is cut off, and
// connects them again.
func apart(one, two *device, do func(*device)) {
	for _, d := range []*device{one, two} {
		d.must("devices.pause", object{"on": true})
		do(d)
	}
	for _, d := range []*device{one, two} {
		d.must("devices.pause", object{"on": false})
	}
}

// oneStops waits until one of them has met the other and stopped.
func oneStops(t *testing.T, one, two *device) (stopped, running *device) {
	t.Helper()
	eventually(t, "one of them stops", func() bool { return one.copiedHere() != two.copiedHere() })
	if two.copiedHere() {
		return two, one
	}
	return one, two
}

// TestCopiedStationRuns: a station's folder was copied and both machines run
// and write. One of them stops with words, no loop goes on, the office hears of
// it and decides, also the other way round; the one that goes joins anew.
func TestCopiedStationRuns(t *testing.T) {
	var k clock
	office := foundBy(t, &k)
	station := join(t, office, "station", "柳溪实践站")
	p := person("张三", "13900000001")
	p["usualPlace"] = place(office, "柳溪实践站")
	reg := office.must("people.register", p)
	soap := station.shelf("香皂", 1, 50)
	eventually(t, "the points are at the usual place", func() bool { return station.buy(reg["id"], soap, 1) == nil })
	eventually(t, "that is known", func() bool { return number(office.person(reg["id"])["spendable"]) == 9 })
	one, two := twinsOf(t, station)
	apart(one, two, func(d *device) {
		if err := d.buy(reg["id"], soap, 1); err != nil {
			t.Fatal(err)
		}
	})
	stopped, running := oneStops(t, one, two)
	stopped.refuses("device.copied", "till.redeem", object{"person": reg["id"], "lines": []object{{"offer": soap, "n": 1}}})
	eventually(t, "the office hears of it", func() bool { return len(office.copies()) == 1 })
	eventually(t, "what the stopped one wrote counts as sent, and it leaves the place to the other", func() bool {
		return stopped.sync("onlyHere") == 0 && stopped.sync("online") == 0 && running.sync("online") > 0
	})
	eventually(t, "the office has the alarm", func() bool { return office.alarm(alarmCopied) != nil })
	eventually(t, "the other goes on", func() bool { return running.buy(reg["id"], soap, 1) == nil })
	for _, d := range []*device{office, running} {
		eventually(t, "both purchases and the one after count", func() bool {
			return number(d.person(reg["id"])["spendable"]) == 6 && d.terms(ledger.Points).Stranded == 0
		})
		d.sound()
	}
	var grown [3]uint64
	for i := range grown { // the first time the stopped one's feed may still be closed and succeeded
		k.ahead.Add(int64(settleFor))
		for _, d := range []*device{office, running, office} {
			d.looks(2)
		}
		grown[i] = office.govLength()
	}
	if grown[2] != grown[1] {
		t.Errorf("the charter grew while nobody did anything: %v", grown)
	}

	// The office wants the other one.
	running.refuses("govern.registrar.only", "devices.keep", object{"id": office.copies()[0], "stays": "stopped"})
	asked := office.alarm(alarmCopied)["params"].(object)
	if number(asked["stoppedAt"]) == 0 || asked["stoppedAddr"] != "127.0.0.1" || asked["online"] != true || asked["runningAddr"] != "127.0.0.1" {
		t.Errorf("the two are not told apart: %v", asked)
	}
	office.stoppedBefore(office.copies()[0])
	office.must("devices.keep", object{"id": office.copies()[0], "stays": "stopped"})
	if got := office.alarm(alarmCopied); got == nil || got["params"].(object)["decided"] != "stopped" {
		t.Errorf("after the decision the office is told: %v", got)
	}
	office.refuses("devices.copied.none", "devices.keep", object{"id": stationID(office), "stays": "stopped"})
	stopped.must("devices.pause", object{"on": false})
	eventually(t, "they have changed places", func() bool { return !stopped.copiedHere() && running.copiedHere() })
	eventually(t, "the rights came along", func() bool { return stopped.buy(reg["id"], soap, 1) == nil })
	if list := office.copies(); len(list) != 0 {
		t.Errorf("it was decided, and the office is asked again: %v", list)
	}
	eventually(t, "nothing is waited for any more", func() bool { return office.alarm(alarmCopied) == nil })
	running.must("devices.pause", object{"on": false})
	eventually(t, "the other hears that it was decided", func() bool {
		c, _ := running.must("app.state", object{})["copied"].(object)
		return c["decided"] == true
	})
	eventually(t, "it begins as a new device", func() bool { _, err := running.call("setup.anew", object{}); return err == nil })
	ticket := office.must("devices.ticket", object{"role": "station", "name": "另一台", "placeName": "河湾实践站"})
	running.must("setup.join", object{"text": ticket["text"], "device": "另一台", "operator": "经办人丙"})
	eventually(t, "it is ready", func() bool { return running.must("app.state", object{})["phase"] == "ready" })
	if running.copiedHere() || stopped.copiedHere() {
		t.Error("a new device and an old one are no copies")
	}
	running.must("people.register", person("李四", "13900000002"))
	for _, d := range []*device{office, stopped, running} {
		eventually(t, "all agree", func() bool {
			p, err := d.call("people.get", object{"id": reg["id"]})
			return err == nil && number(p["spendable"]) == 5 && d.terms(ledger.Points).Unseen == 0
		})
		d.sound()
	}
}

// sync is a number of the line that is always visible.
func (d *device) sync(name string) int64 {
	line, _ := d.must("app.state", object{})["sync"].(object)
	return number(line[name])
}

// stoppedBefore notes that a copy of a device had stopped once before: whatever is
// decided about the last one is decided about that.
func (d *device) stoppedBefore(id any) {
	d.t.Helper()
	c, err := d.here()
	if err != nil {
		d.t.Fatal(err)
	}
	pub, err := parseDevice(id.(string))
	if err != nil {
		d.t.Fatal(err)
	}
	err = c.store.Update(d.t.Context(), store.Author{}, func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO local_stopped (device, incarnation, at) VALUES (?, ?, 1)`, pub[:], make([]byte, 16))
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
}

// copies are the devices of which the office must say which copy stays.
func (d *device) copies() (ids []any) {
	d.t.Helper()
	c, err := d.here()
	if err != nil {
		d.t.Fatal(err)
	}
	err = c.view(d.t.Context(), func(q store.Querier) error {
		list, err := c.allTwins(q)
		for _, x := range list {
			ids = append(ids, deviceText(x.device))
		}
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return ids
}

// TestEndlessIncarnations: a program that begins one incarnation after another
// and never stops does not make the charter grow for ever; the office is asked.
func TestEndlessIncarnations(t *testing.T) {
	var k clock
	office := foundBy(t, &k)
	station := joinBy(t, office, "station", "柳溪实践站", &k)
	key := station.device.Load().Private
	station.stop()
	c, err := office.here()
	if err != nil {
		t.Fatal(err)
	}
	err = c.write(t.Context(), func(tx *store.Tx) error { return c.charter.SetPolicy(tx, govern.SuccessionWaitSetting(1)) })
	if err != nil {
		t.Fatal(err)
	}
	const many = 3 * maxEndings
	for i := range many {
		inc, err := seal.NewIncarnation(rand.Reader, key, office.now()+int64(i))
		if err != nil {
			t.Fatal(err)
		}
		err = c.store.Update(t.Context(), store.Author{}, func(tx *store.Tx) error {
			_, err := tx.SetAdd(store.SetIncarnation, store.Item{ID: inc.ID(), Blob: inc.Encode()})
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	closed := func() int {
		s, err := c.tend.snapshot(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		head, _, _ := s.Head()
		return len(s.Closed(head))
	}
	eventually(t, "they are seen", func() bool { return office.waitsForEnds() == many })
	k.ahead.Add(int64(time.Minute))
	eventually(t, "the office is asked", func() bool { return closed() == maxEndings && len(office.copies()) == 1 })
	k.ahead.Add(int64(settleFor))
	office.looks(2)
	if n := closed(); n != maxEndings {
		t.Errorf("%d feeds were closed, at most %d may be", n, maxEndings)
	}
	office.must("devices.keep", object{"id": office.copies()[0], "stays": "running"})
	eventually(t, "some more are closed, and no more than that", func() bool { return closed() == 2*maxEndings })
}

// waitsForEnds is how many ended feeds this device has seen.
func (d *device) waitsForEnds() (n int) {
	d.t.Helper()
	c, err := d.here()
	if err != nil {
		d.t.Fatal(err)
	}
	err = c.view(d.t.Context(), func(q store.Querier) error { return q.QueryRow(`SELECT count(*) FROM local_ended`).Scan(&n) })
	if err != nil {
		d.t.Fatal(err)
	}
	return n
}
