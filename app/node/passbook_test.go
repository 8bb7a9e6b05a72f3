package node

import "testing"

// A deed is shown as its recorder's, at both ends, before and after another
// device booked it.
func TestADeedNamesWhoRecordedIt(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "桂花实践站")
	id := office.must("people.register", person("居民甲", "13900000001"))["id"]
	eventually(t, "the station knows the person", func() bool {
		_, err := station.call("people.get", object{"id": id})
		return err == nil
	})
	station.must("deed.record", object{"person": id, "item": "BN01", "at": station.now(), "minutes": 60, "note": "", "witness": "居民乙", "line": ""})
	deed := func(d *device) (out object) {
		for _, l := range d.must("people.passbook", object{"id": id, "offset": 0, "limit": 20})["lines"].([]any) {
			if l := l.(object); l["item"] == "BN01" {
				out = l
			}
		}
		return out
	}
	names := func(d *device) {
		t.Helper()
		if l := deed(d); l["place"] != "桂花实践站" || l["operator"] != "经办人乙" || l["witness"] != "居民乙" {
			t.Errorf("%v", l)
		}
	}
	names(station)
	for _, d := range []*device{office, station} {
		eventually(t, "the office booked it", func() bool { return deed(d)["state"] == "booked" })
		names(d)
		if l := deed(d); l["device"] != office.must("app.state", object{})["device"].(object)["name"] {
			t.Errorf("booked by %v", l["device"])
		}
	}
}
