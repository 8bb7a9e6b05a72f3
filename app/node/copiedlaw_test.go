package node

import (
	"testing"

	"jishan/app/ledger"
)

// TestTwoHistoriesOfTheCharter: two copies of the main device give orders while they are cut
// off from each other: both revoke a station, one sets a limit, the other enrols a station,
// and each sells the same points under its own orders. When they meet everything is known
// everywhere, whichever history came first: what was sold twice is loss and is named, one
// of them goes on, the station that the other enrolled belongs to the community, and
// nothing waits.
func TestTwoHistoriesOfTheCharter(t *testing.T) {
	office := found(t)
	thief, east := join(t, office, "station", "柳溪实践站"), join(t, office, "station", "河湾实践站")
	who := office.must("people.register", person("张三", "13900000001"))["id"]
	eventually(t, "the points are here", func() bool { return office.spendableHere(object{"id": who}) == 10 })
	soap := office.shelf("香皂", 1, 50)
	eventually(t, "all agree", func() bool { return agree(office, thief) && agree(office, east) })
	id := thief.must("app.state", object{})["device"].(object)["id"]
	for _, d := range []*device{thief, east} {
		d.must("devices.pause", object{"on": true})
	}
	one, two := twinsOf(t, office)
	one.must("devices.pause", object{"on": true})
	two.must("devices.pause", object{"on": true})
	one.must("devices.revoke", object{"id": id})
	one.must("limits.set", object{"till": 150, "start": 100})
	two.must("devices.pause", object{"on": false})
	west := join(t, two, "station", "东岭实践站")
	two.must("devices.revoke", object{"id": id})
	li := west.must("people.register", person("李四", "13900000002"))["id"]
	eventually(t, "the new station is in step", func() bool { return agree(two, west) })
	for d, n := range map[*device]int{one: 8, two: 6} {
		if err := d.buy(who, soap, n); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "the new station is in step", func() bool { return agree(two, west) })
	two.must("devices.pause", object{"on": true})
	for _, d := range []*device{one, east} {
		d.must("devices.pause", object{"on": false})
	}
	eventually(t, "a station has the one history", func() bool { return agree(one, east) })
	two.must("devices.pause", object{"on": false})
	_, running := oneStops(t, one, two)
	all := []*device{running, east, west}
	main := running.must("app.state", object{})["device"].(object)["id"]
	west.must("devices.addAddress", object{"id": main, "address": running.at()}) // it knows the one that enrolled it
	eventually(t, "it has begun its term and decides", func() bool {
		_, err := running.call("devices.keep", object{"id": main, "stays": "running"})
		return err == nil
	})
	for _, d := range all {
		eventually(t, "what was sold twice is named", func() bool {
			a := d.alarm(alarmOverspent)
			return a != nil && number(a["params"].(object)["lost"]) == 4 && number(a["params"].(object)["n"]) == 2
		})
		eventually(t, "the person of the new station has points", func() bool { return number(d.person(li)["spendable"]) == 10 && number(d.person(who)["spendable"]) == 0 })
	}
	eventually(t, "nothing differs and nothing waits", func() bool {
		for _, d := range all {
			c, err := d.here()
			if err != nil {
				return false
			}
			k, err := c.store.Counts(t.Context())
			if err != nil || k.Waiting > 0 || !agree(running, d) {
				return false
			}
		}
		return true
	})
	for _, d := range all {
		if p := d.terms(ledger.Points); p.Difference() != 0 || p.Negative() || p.Loss != 4 || p.Consumed != 14 {
			t.Errorf("%+v", p)
		}
		if got := d.must("limits.get", object{}); number(got["till"]) != 150 {
			t.Errorf("the limit that one of them set: %v", got)
		}
		if before := d.rows(); len(differing(before, d.rebuilds())) > 0 {
			t.Errorf("made anew other rows: %v", differing(before, d.rows()))
		}
	}
}
