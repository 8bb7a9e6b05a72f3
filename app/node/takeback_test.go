package node

import "testing"

// TestTakenBackWhileItIsPaid: a cut-off station takes back a deed that the office has heard
// of by stick and paid meanwhile. The payment is corrected as soon as the two meet, once,
// and the deed can be entered anew.
func TestTakenBackWhileItIsPaid(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	who := office.must("people.register", person("张三", "13900000001"))["id"] // 10 points
	eventually(t, "the station knows the person", func() bool { _, err := station.call("people.get", object{"id": who}); return err == nil })
	station.cut()
	deed := object{"person": who, "item": "WM01", "at": station.now(), "minutes": 30, "note": "", "witness": "", "line": ""}
	for range 2 { // the first by mistake, the second as well
		if got := station.must("deed.record", deed); got["onTheWay"] != true {
			t.Fatalf("%v", got)
		}
		waiting := station.lines(who, "deed")
		if len(waiting) != 1 || waiting[0]["takeBack"] == "" || station.must("deed.today", object{})["rows"].([]any)[0].(object)["takeBack"] != waiting[0]["takeBack"] {
			t.Fatalf("%v", waiting)
		}
		station.must("deed.takeBack", object{"deed": waiting[0]["takeBack"]})
		station.refuses("deed.unknown", "deed.takeBack", object{"deed": waiting[0]["takeBack"]})
		if left := station.lines(who, "deed"); len(left) != 0 || number(station.person(who)["onTheWay"]) != 0 {
			t.Fatalf("%v", left)
		}
	}
	station.must("deed.record", deed)
	office.must("devices.import", fileOf(station.forged(t, station.device.Load().Private, headerFor(office), office, nil)))
	eventually(t, "the office pays", func() bool { return number(office.person(who)["spendable"]) > 10 })
	if l := office.lines(who, "award"); len(l) == 0 || l[0]["takeBack"] != "" {
		t.Errorf("%v", l)
	}
	line := station.lines(who, "deed")[0]
	office.refuses("deed.paid", "deed.takeBack", object{"deed": line["takeBack"]})
	station.must("deed.takeBack", object{"deed": line["takeBack"]})
	station.must("devices.pause", object{"on": false})
	for _, d := range []*device{office, station} {
		eventually(t, "the payment is corrected", func() bool {
			return number(d.person(who)["spendable"]) == 10 && number(d.person(who)["lifetime"]) == 10
		})
	}
	asked := office.must("correction.list", object{})["rows"].([]any)
	if len(asked) != 1 || asked[0].(object)["state"] != "done" || asked[0].(object)["reason"] != takenBackWhy {
		t.Errorf("%v", asked)
	}
	eventually(t, "the station knows that it was paid and taken back", func() bool { return station.sync("onlyHere") == 0 })
	if got := station.must("deed.record", deed); got["again"] != false {
		t.Errorf("%v", got)
	}
	for _, d := range []*device{office, station} {
		eventually(t, "entered anew it is paid", func() bool { return number(d.person(who)["spendable"]) > 10 && number(d.person(who)["onTheWay"]) == 0 })
		d.sound()
		if before := d.rows(); len(differing(before, d.rebuilds())) > 0 {
			t.Errorf("made anew other rows: %v", differing(before, d.rows()))
		}
	}
}
