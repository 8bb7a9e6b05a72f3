package node

import (
	"testing"

	"jishan/app/ledger"
)

// TestDeedsOfTwoMainDevices: two copies of the main device pay a deed each, together more
// than the year's budget has left. Both deeds are paid wherever they are looked at, none is
// on its way, and any award can be taken back: what comes back to the budget was taken from
// somebody's points.
func TestDeedsOfTwoMainDevices(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	who := []any{office.must("people.register", person("张三", "13900000001"))["id"], office.must("people.register", person("李四", "13900000002"))["id"]}
	n := int64(0)
	deed := func(d *device, i int) {
		d.t.Helper()
		n++
		d.must("deed.record", object{"person": who[i], "item": "XC01", "at": d.now() - n*60_000, "minutes": 90, "note": "", "witness": "", "line": itoa(n)}) // 3 points
	}
	eventually(t, "their points are here", func() bool { return number(office.person(who[1])["spendable"]) == 10 })
	deed(office, 0)
	eventually(t, "the first deed is paid", func() bool { return number(office.person(who[0])["spendable"]) == 13 })
	office.must("budget.set", object{"points": 27, "incomeFen": 0, "second": ""}) // 4 are left
	eventually(t, "the station agrees", func() bool { return agree(office, station) })
	station.must("devices.pause", object{"on": true})
	one, two := twinsOf(t, office)
	for i, d := range []*device{one, two} {
		d.must("devices.pause", object{"on": true})
		deed(d, i)
		want := []int64{16, 13}[i]
		eventually(t, "it is paid there", func() bool { return number(d.person(who[i])["spendable"]) == want })
	}
	for _, d := range []*device{station, one} {
		d.must("devices.pause", object{"on": false})
	}
	eventually(t, "the station has the first history", func() bool { return number(station.person(who[0])["spendable"]) == 16 })
	two.must("devices.pause", object{"on": false})
	_, running := oneStops(t, one, two)
	paid := func(d *device) bool {
		for i, want := range []int64{16, 13} {
			if p := d.person(who[i]); number(p["spendable"]) != want || number(p["onTheWay"]) != 0 {
				return false
			}
		}
		return true
	}
	for _, d := range []*device{running, station} {
		eventually(t, "both deeds are paid and none is on its way", func() bool { return paid(d) })
	}
	id := running.must("app.state", object{})["device"].(object)["id"]
	eventually(t, "it has begun its term and decides", func() bool {
		_, err := running.call("devices.keep", object{"id": id, "stays": "running"})
		return err == nil
	})
	for i := range who {
		for _, l := range running.lines(who[i], "award") {
			if number(l["amount"]) != 3 { // for being registered
				continue
			}
			if l["correct"] != true {
				t.Errorf("an award can't be taken back: %v", l)
				continue
			}
			eventually(t, "it is taken back", func() bool {
				_, err := running.call("correction.make", object{"hash": entryOf(l), "reason": "记错了"})
				return err == nil || code(err) == "ledger.undo.done"
			})
		}
	}
	for _, d := range []*device{running, station} {
		eventually(t, "nobody has more than before the deeds", func() bool {
			return number(d.person(who[0])["spendable"]) == 10 && number(d.person(who[1])["spendable"]) == 10
		})
		if issue := d.terms(ledger.Issue); issue.Difference() != 0 || issue.Negative() || issue.Loss != 2 {
			t.Errorf("the budget: %+v", issue)
		}
		if points := d.terms(ledger.Points); points.Difference() != 0 || points.Negative() || points.Loss != 0 || points.Held != 20 {
			t.Errorf("points: %+v", points)
		}
		if before := d.rows(); len(differing(before, d.rebuilds())) > 0 {
			t.Errorf("made anew other rows: %v", differing(before, d.rows()))
		}
	}
}
