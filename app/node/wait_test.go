package node

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// closed tells whether the office knows a CLOSE of the incarnation's feed, and
// whose successor took it over.
func (d *device) closed(a wire.Actor) (closed, succeeded bool) {
	d.t.Helper()
	c, err := d.here()
	if err != nil {
		d.t.Fatal(err)
	}
	s, err := c.tend.snapshot(d.t.Context())
	if err != nil {
		d.t.Fatal(err)
	}
	head, _, _ := s.Head()
	_, closed = s.Cuts(a, head)
	_, _, _, succeeded = s.Heir(a, head)
	return closed, succeeded
}

// looks waits until the chores of the device have looked at everything so many
// times from now on, the one that is under way not counted: what they had not
// done by then they don't do.
func (d *device) looks(n int64) {
	d.t.Helper()
	c, err := d.here()
	if err != nil {
		d.t.Fatal(err)
	}
	upto := c.tend.rounds.Load() + n + 1
	eventually(d.t, "the chores look", func() bool {
		if now, err := d.here(); err != nil || now != c {
			d.t.Fatal("it was opened again meanwhile", err)
		}
		c.tend.poke()
		return c.tend.rounds.Load() >= upto
	})
}

func (d *device) self() wire.Actor {
	d.t.Helper()
	c, err := d.here()
	if err != nil {
		d.t.Fatal(err)
	}
	return c.store.Self()
}

// TestSuccessionWait: a feed that has ended is not closed while a staff device
// stays away that may hold more of it, for as long as the community's setting
// says, and is closed then.
func TestSuccessionWait(t *testing.T) {
	var k clock
	office := foundBy(t, &k)
	station := joinBy(t, office, "station", "柳溪实践站", &k)
	away := joinBy(t, office, "station", "河湾实践站", &k)
	station.shelf("香皂", 1, 5)
	eventually(t, "the office knows the goods", func() bool { return office.terms(ledger.Stock).Held == 5 })
	away.stop()
	c, err := office.here()
	if err != nil {
		t.Fatal(err)
	}
	err = c.write(t.Context(), func(tx *store.Tx) error { return c.charter.SetPolicy(tx, govern.SuccessionWaitSetting(30)) })
	if err != nil {
		t.Fatal(err)
	}
	old := station.self()
	station.stop()
	if err := os.Remove(filepath.Join(station.dir, lockFile)); err != nil {
		t.Fatal(err)
	}
	station = startBy(t, station.dir, k.now)
	eventually(t, "the end is seen", func() bool { return office.waitsForEnds() == 1 })
	k.ahead.Add(int64(29 * time.Minute))
	office.looks(2)
	if closed, _ := office.closed(old); closed {
		t.Error("closed before its time, while a station was away")
	}
	k.ahead.Add(int64(2 * time.Minute))
	eventually(t, "it is closed and succeeded", func() bool { _, done := office.closed(old); return done })
	for _, d := range []*device{office, station} {
		eventually(t, "nothing is lost", func() bool { x := d.terms(ledger.Stock); return x.Held == 5 && x.Stranded == 0 })
		d.sound()
	}
}

// TestPayeeThatNeverTakes is rule 10: a station was met a week after points were
// sent to it and has not taken them. Its feed is closed, and under its next
// incarnation it has them.
func TestPayeeThatNeverTakes(t *testing.T) {
	var k clock
	k.set(2026, 3, 2, 10)
	office := foundBy(t, &k)
	station := joinBy(t, office, "station", "柳溪实践站", &k)
	payee, key := station.self(), station.device.Load().Public()
	eventually(t, "all are in step", func() bool { return number(office.must("app.state", object{})["sync"].(object)["onlyHere"]) == 0 })
	station.stop()
	p := person("张三", "13900000001")
	p["usualPlace"] = place(office, "柳溪实践站")
	id := office.must("people.register", p)["id"]
	eventually(t, "the points are on their way", func() bool { return office.terms(ledger.Points).InFlight == 10 })
	c, err := office.here()
	if err != nil {
		t.Fatal(err)
	}
	k.ahead.Add(int64(payeePatience + time.Hour))
	office.looks(2)
	if closed, _ := office.closed(payee); closed {
		t.Fatal("closed, though it was never met")
	}
	err = c.store.Update(t.Context(), store.Author{}, func(tx *store.Tx) error { // somebody carried a stick
		return noteHeldBy(tx, key, 0, k.now().UnixMilli(), "usb")
	})
	if err != nil {
		t.Fatal(err)
	}
	c.tend.poke()
	eventually(t, "its feed is closed", func() bool { closed, _ := office.closed(payee); return closed })
	station = startBy(t, station.dir, k.now)
	eventually(t, "it goes on as another one", func() bool {
		r, err := station.call("audit.report", object{})
		return err == nil && r["incarnation"] != payee.String()
	})
	eventually(t, "and has them", func() bool { return station.spendableHere(object{"id": id}) == 10 })
	for _, d := range []*device{office, station} {
		eventually(t, "nothing is stranded", func() bool { x := d.terms(ledger.Points); return x.Held == 10 && x.Stranded == 0 })
		d.sound()
	}
}

// TestRestoredTill: a till goes on as a new incarnation; its goods, its exposure
// and the points that lay there come back to it, or go home, and can be spent.
func TestRestoredTill(t *testing.T) {
	office := found(t)
	till := join(t, office, "merchant", "惠民超市")
	id := office.must("people.register", person("张三", "13900000001"))["id"]
	soap := till.shelf("香皂", 1, 9)
	buy := func() error {
		_, err := till.call("till.pull", object{"person": id, "need": 1})
		if err == nil {
			err = till.buy(id, soap, 1)
		}
		return err
	}
	eventually(t, "the till can sell", func() bool { return buy() == nil })
	eventually(t, "the office knows", func() bool { return number(office.person(id)["spendable"]) == 9 })
	old := till.self()
	till.stop()
	put := copyDatabase(t, till.dir)
	till = start(t, till.dir)
	eventually(t, "another sale", func() bool { return buy() == nil })
	eventually(t, "the office knows that, too", func() bool { return number(office.person(id)["spendable"]) == 8 })
	till.stop()
	put()
	till = start(t, till.dir)
	if till.self() == old {
		t.Fatal("it writes on as if nothing had happened")
	}
	eventually(t, "the old feed is succeeded", func() bool { _, done := office.closed(old); return done })
	eventually(t, "it can sell again", func() bool { return buy() == nil })
	eventually(t, "the office sees it", func() bool {
		x := office.terms(ledger.Points)
		return number(office.person(id)["spendable"]) == 7 && x.Stranded == 0 && office.terms(ledger.Stock).Held == 6
	})
	office.sound()
}
