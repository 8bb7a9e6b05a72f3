package node

import (
	"os"
	"path/filepath"
	"testing"

	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/crdt/store"
)

// bookings lists the LOSS entries that are in force, of points.
func (d *device) bookings() (n int, points int64) {
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
	booked := s.Booked(head)
	err = c.view(d.t.Context(), func(q store.Querier) error {
		list, err := c.ledger.Losses(q)
		for _, x := range list {
			if x.Quota.Kind == ledger.Points {
				points += booked[govern.Cost{Feed: x.Feed, Quota: x.Quota.Sum(c.ledger.Community())}]
			}
		}
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return len(booked), points
}

// TestLossIsBooked: a station and its copy hand out the same nine points. The
// registrar books the loss to the reserve, once, also when a new term begins;
// the year says so and can be finished.
func TestLossIsBooked(t *testing.T) {
	var k clock
	k.set(2026, 12, 20, 10)
	office := foundBy(t, &k)
	station := joinBy(t, office, "station", "柳溪实践站", &k)
	p := person("张三", "13900000001")
	p["usualPlace"] = place(office, "柳溪实践站")
	id := office.must("people.register", p)["id"]
	soap := station.shelf("香皂", 1, 50)
	eventually(t, "the points are at the usual place", func() bool { return station.buy(id, soap, 1) == nil })
	eventually(t, "that is known", func() bool { return number(office.person(id)["spendable"]) == 9 })
	forked := station.writer()
	station.stop()
	dir := t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(station.dir)); err != nil {
		t.Fatal(err)
	}
	for _, d := range []string{dir, station.dir} { // one after the other: the copy is switched off then
		station = startBy(t, d, k.now)
		station.must("devices.pause", object{"on": true})
		if err := station.buy(id, soap, 9); err != nil {
			t.Fatal(err)
		}
		station.must("devices.pause", object{"on": false})
		if d == dir {
			eventually(t, "the office has it", func() bool { return number(office.person(id)["spendable"]) == 0 })
			station.stop()
		}
	}
	eventually(t, "the station goes on as another one", func() bool {
		r, err := station.call("audit.report", object{})
		return err == nil && r["incarnation"] != forked && number(office.must("app.state", object{})["sync"].(object)["online"]) == 1
	})
	for _, d := range []*device{office, station} {
		eventually(t, "both purchases count, one as loss", func() bool { return d.terms(ledger.Points).Loss == 9 })
		eventually(t, "it is booked", func() bool { y := d.year("2026"); return number(y["lost"]) == 9 && number(y["lostBooked"]) == 9 })
		if x := d.terms(ledger.Points); x.Difference() != 0 || x.Negative() || x.Consumed != 19 {
			t.Errorf("%+v", x)
		}
	}
	n, points := office.bookings()
	if points != 9 {
		t.Errorf("booked: %d points", points)
	}
	office.stop()
	if err := os.Remove(filepath.Join(office.dir, lockFile)); err != nil {
		t.Fatal(err)
	}
	office = startBy(t, office.dir, k.now)
	eventually(t, "the registrar goes on in a new term", func() bool {
		_, err := office.call("devices.ticket", object{"role": "station", "name": "x", "placeName": "y"})
		return err == nil
	})
	k.ahead.Add(int64(settleFor))
	office.looks(2)
	if again, points := office.bookings(); again != n || points != 9 {
		t.Errorf("after the succession: %d entries, %d points; before %d", again, points, n)
	}
	k.set(2027, 2, 20, 10)
	office.must("year.close", object{"period": "2026", "points": 0, "people": 0})
	office.must("year.final", object{"period": "2026"})
}
