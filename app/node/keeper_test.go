package node

import (
	"strings"
	"testing"
)

// TestAMerchantsPointsAreItsKeepers: who keeps a shop says so in the own record; what the
// rulebook gives the person stands at the merchant, at every staff device and at no till.
func TestAMerchantsPointsAreItsKeepers(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "桂花实践站")
	till := join(t, office, "merchant", "惠民超市")
	id := office.must("people.register", person("店主甲", "13900000001"))["id"]
	shop := place(office, "惠民超市")
	keepers := func(d *device) (out []object) {
		t.Helper()
		for _, m := range d.must("merchants.list", object{})["merchants"].([]any) {
			for _, k := range m.(object)["keepers"].([]any) {
				if m.(object)["place"] != shop {
					t.Errorf("at %v: %v", m, k)
				}
				out = append(out, k.(object))
			}
		}
		return out
	}
	eventually(t, "the merchant is known", func() bool { return len(office.must("merchants.list", object{})["merchants"].([]any)) == 1 })
	for _, bad := range []any{"nowhere", place(office, "桂花实践站")} {
		office.refuses("people.shop.unknown", "people.update", object{"id": id, "fields": object{"shop": bad}})
	}
	if got := keepers(office); len(got) != 0 {
		t.Errorf("before anybody keeps it: %v", got)
	}
	if got := office.must("people.update", object{"id": id, "fields": object{"shop": shop}}); got["shop"] != shop {
		t.Errorf("%v", got["shop"])
	}
	office.must("deed.record", object{"person": id, "item": "BN01", "at": office.now(), "minutes": 600, "note": "捐大米二百斤", "witness": "居民乙", "line": ""})
	want := number(office.person(id)["lifetime"])
	eventually(t, "it is booked", func() bool { want = number(office.person(id)["lifetime"]); return want > 10 })
	for _, d := range []*device{office, station} {
		eventually(t, "the points stand at the merchant", func() bool {
			got := keepers(d)
			return len(got) == 1 && got[0]["id"] == id && number(got[0]["lifetime"]) == want && got[0]["year"] == office.person(id)["year"]
		})
	}
	// The link is sealed, as the shop's name is on its door; the one-person file says it.
	if page, _ := office.dossierOf(id); !strings.Contains(page, "惠民超市") {
		t.Error("the one-person file says nothing of the shop")
	}
	till.refuses("app.role", "merchants.list", object{})
	office.must("people.update", object{"id": id, "fields": object{"shop": ""}})
	eventually(t, "nobody keeps it", func() bool { return len(keepers(station)) == 0 })
	station.must("people.update", object{"id": id, "fields": object{"shop": shop}})
	eventually(t, "a station's word arrives", func() bool { return len(keepers(office)) == 1 })
	office.must("people.erase", object{"id": id, "name": "店主甲"})
	if got := keepers(office); len(got) != 0 {
		t.Errorf("after an erasure: %v", got)
	}
}
