package node

import (
	"testing"
	"time"
)

// TestScenario02SixActivitiesOnTopOfImportedPoints: 120 points came along on
// paper; six activities of an hour make 132, and the phone says 6.
func TestScenario02SixActivitiesOnTopOfImportedPoints(t *testing.T) {
	t.Parallel()
	var k clock
	k.set(2026, 6, 10, 12)
	office := foundBy(t, &k)
	id := office.withPoints("李四", "13900000002", "120")
	hour := time.Hour.Milliseconds()
	for i := range int64(6) {
		start := office.now() - (6-i)*24*hour
		a := office.must("activity.publish", object{"title": "楼道清扫", "type": "环境治理", "start": start, "end": start + hour,
			"place": "和平里 2 号院", "places": 0, "item": "XC01", "organiser": "经办人甲", "note": ""})
		office.must("activity.after", object{"id": a["id"], "rows": []object{{"person": id, "inAt": start, "outAt": start + hour}}})
		office.must("activity.finish", object{"id": a["id"]})
	}
	eventually(t, "all six are booked", func() bool { return number(office.person(id)["spendable"]) == 132 })
	office.shows("120 and six hours", id, 132, 132, 132)
	in, err := office.phone("phone.signIn", object{"code": office.person(id)["code"], "tail": "0002"})
	if err != nil {
		t.Fatal(err)
	}
	if me, err := office.phone("phone.me", object{"token": in["token"]}); err != nil || number(me["sessions"]) != 6 || number(me["year"]) != 132 {
		t.Errorf("on the phone: %v, %v", me, err)
	}
}
