package node

import (
	"slices"
	"strings"
	"testing"
)

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

// A book with a debt can be followed with a pencil: the correction says what it took
// and what is owed of it, later points pay that, and every line begins where the one
// before it ended, on whichever page it stands.
func TestABookWithADebtAddsUp(t *testing.T) {
	office := found(t)
	id := office.must("people.register", person("居民甲", "13900000001"))["id"]
	soap := office.shelf("香皂", 20, 5)
	deed := func(minutes int) object {
		return office.must("deed.record", object{"person": id, "item": "BN01", "at": office.now() - int64(minutes), "minutes": minutes, "note": "", "witness": "居民乙", "line": ""})
	}
	wrong := deed(60 * 10)
	points := number(wrong["points"])
	if points < 15 || number(wrong["spendable"]) != 10+points || number(wrong["settled"]) != 0 {
		t.Fatalf("%v", wrong)
	}
	office.must("till.redeem", object{"person": id, "lines": []object{{"offer": soap, "n": 1}}})
	office.must("correction.make", object{"hash": wrong["ref"].(object)["hash"], "reason": "分钟录多了"})
	owes := 20 - 10
	if !office.owing(id, 0, int64(owes)) {
		t.Fatalf("%v", office.person(id))
	}
	paid := deed(60)
	n := number(paid["points"])
	if number(paid["settled"]) != n || number(paid["spendable"]) != 0 || number(paid["debt"]) != int64(owes)-n {
		t.Errorf("the notice of a deed of %d points: %v", n, paid)
	}
	eventually(t, "they went to the debt", func() bool { return office.owing(id, 0, int64(owes)-n) })

	page := func(offset, limit int) []any {
		return office.must("people.passbook", object{"id": id, "offset": offset, "limit": limit})["lines"].([]any)
	}
	lines := page(0, 50)
	for i := range lines {
		if one := page(i, 1); len(one) != 1 || one[0].(object)["ref"].(object)["hash"] != lines[i].(object)["ref"].(object)["hash"] || one[0].(object)["balance"] != lines[i].(object)["balance"] {
			t.Errorf("page %d: %v, want %v", i, one, lines[i])
		}
	}
	slices.Reverse(lines)
	balance, debt := int64(0), int64(0)
	var kinds []any
	for _, l := range lines {
		l := l.(object)
		kinds = append(kinds, l["kind"])
		if number(l["before"]) != balance {
			t.Errorf("begins at %v, the line before it ended at %d: %v", l["before"], balance, l)
		}
		change := number(l["amount"])
		if l["kind"] == "undo" {
			change += number(l["owed"])
			if number(l["amount"]) != -points || number(l["owed"]) != int64(owes) || l["reason"] != "分钟录多了" {
				t.Errorf("%v", l)
			}
		}
		balance, debt = balance+change, debt+number(l["owed"])
		if number(l["balance"]) != balance || number(l["debt"]) != debt {
			t.Errorf("%d and %d owed by the lines: %v", balance, debt, l)
		}
	}
	if want := []any{"award", "award", "redeem", "undo", "award", "debt"}; !slices.Equal(kinds, want) {
		t.Errorf("%v, want %v", kinds, want)
	}
}

// A registration at a station is booked by the main device, which nobody sits at for
// it: the line names who registered the person, and where, on every device.
func TestARegistrationNamesItsKeeper(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	here := office.must("people.register", person("居民甲", "13900000001"))["id"]
	there := station.must("people.register", person("居民乙", "13900000002"))["id"]
	for _, d := range []*device{office, station} {
		eventually(t, "both are booked and known", func() bool {
			for _, id := range []any{here, there} {
				if p, err := d.call("people.get", object{"id": id}); err != nil || number(p["spendable"]) != 10 {
					return false
				}
			}
			return true
		})
		for id, want := range map[any][2]any{here: {"经办人甲", ""}, there: {"经办人乙", "柳溪实践站"}} {
			l := d.must("people.passbook", object{"id": id, "offset": 0, "limit": 10})["lines"].([]any)[0].(object)
			if l["item"] != "registration" || l["operator"] != want[0] || id == there && l["place"] != want[1] {
				t.Errorf("%v by %v at %v, want %v", l["item"], l["operator"], l["place"], want)
			}
		}
	}
	page, _ := office.dossierOf(there)
	if !strings.Contains(page, "经办人乙") {
		t.Error("the file about the person does not name the keeper")
	}
}
