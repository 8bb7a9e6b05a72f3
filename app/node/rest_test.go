package node

import (
	"testing"
	"time"

	"jishan/app/ledger"
	"jishan/crdt/store"
)

// moves is how often points of anybody were sent from one device to another.
func (d *device) moves() (n int) {
	d.t.Helper()
	c, err := d.here()
	if err != nil {
		d.t.Fatal(err)
	}
	err = c.view(d.t.Context(), func(q store.Querier) error {
		return q.QueryRow(`SELECT count(*) FROM ledger_move WHERE kind = ?`, int64(ledger.Points)).Scan(&n)
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return n
}

// TestIdlePointsRest: points that nobody used at the usual place come home after
// a week and stay there, for 60 days. More points, or another usual place, send
// all of them on; who is seen at the usual place gets them there.
func TestIdlePointsRest(t *testing.T) {
	var k clock
	office := foundBy(t, &k)
	station := joinBy(t, office, "station", "柳溪实践站", &k)
	other := joinBy(t, office, "station", "河湾实践站", &k)
	p := person("张三", "13900000001")
	p["usualPlace"] = place(office, "柳溪实践站")
	reg := office.must("people.register", p)
	eventually(t, "the points are at the usual place", func() bool { return station.spendableHere(reg) == 10 })
	home := func() bool { return office.spendableHere(reg) == 10 }
	days := func(n int) {
		const step = 4 // days: what lay for a week is seen a day late at most
		for range n / step {
			k.ahead.Add(step * int64(24*time.Hour))
			station.looks(0)
			office.looks(0)
		}
	}
	days(8)
	eventually(t, "they come home", home)
	office.looks(2)
	if n := office.moves(); n != 2 {
		t.Fatalf("%d moves, want there and back", n)
	}
	days(60)
	if n := office.moves(); n != 2 || !home() {
		t.Errorf("%d moves after 60 days, want 2: they come and go", n)
	}

	// seen at the usual place: its till asks for them, and they come back a week later
	eventually(t, "they are there for who is", func() bool {
		got, err := station.call("till.pull", object{"person": reg["id"], "need": 10})
		return err == nil && number(got["here"]) == 10
	})
	days(8)
	eventually(t, "they come home again", home)
	before := office.moves()
	days(8)
	if n := office.moves(); n != before {
		t.Errorf("%d moves more", n-before)
	}

	// more points
	office.must("base.start", object{"points": 5, "second": ""})
	eventually(t, "all of them go to the usual place", func() bool { return station.spendableHere(reg) == 15 })

	// another usual place
	days(8)
	eventually(t, "they come home", func() bool { return office.spendableHere(reg) == 15 })
	office.must("people.update", object{"id": reg["id"], "fields": object{"usualPlace": place(office, "河湾实践站")}})
	eventually(t, "they go to the new one", func() bool { return other.spendableHere(reg) == 15 })
	for _, d := range []*device{office, station, other} {
		d.sound()
	}
}
