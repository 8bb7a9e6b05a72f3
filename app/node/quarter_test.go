package node

import (
	"errors"
	"testing"
	"time"

	"jishan/app/fault"
	"jishan/app/zone"
)

// Points that end by quarters: the year's points and the levels count all
// quarters of the year, budgets stay a year's, and a quarter's close ends only
// what was earned in it.
func TestQuarters(t *testing.T) {
	var k clock
	k.set(2026, 3, 20, 10)
	office := foundBy(t, &k)
	office.must("year.cohorts", object{"quarterly": true})
	office.must("card.setRule", object{"above": 0})
	office.must("year.grace", object{"days": 0})
	id := office.withPoints("李四", "13900000002", "132")
	office.shows("in the first quarter", id, 132, 132, 132)
	if y := office.year("2026q1"); number(y["issued"]) != 132 || y["state"] != "running" {
		t.Errorf("the first quarter: %v", y)
	}
	office.refuses("year.early", "year.close", object{"period": "2026q1", "points": 132, "people": 1})
	office.refuses("year.unknown", "year.close", object{"period": "2026q5", "points": 132, "people": 1})

	k.set(2026, 4, 2, 10)
	second := office.withPoints("王五", "13900000005", "60")
	office.must("base.start", object{"points": 50, "second": ""})
	eventually(t, "the base points are there", func() bool { return office.spendable(id) == 182 })
	office.shows("in the second quarter", id, 182, 182, 182)
	if n := number(office.must("budget.get", object{})["issued"]); n != 132+60+2*50 {
		t.Errorf("the year's budget issued %d", n)
	}
	office.must("year.close", object{"period": "2026q1", "points": 132, "people": 1})
	eventually(t, "the first quarter is burned", func() bool { return number(office.year("2026q1")["expired"]) == 132 })
	office.must("year.final", object{"period": "2026q1"})
	office.shows("after the close", id, 182, 182, 50)
	office.shows("who came later", second, 110, 110, 110)
	soap := office.shelf("香皂", 1, 200)
	if err := office.buy(second, soap, 20); err != nil {
		t.Error(err)
	}
	if n := number(office.year("2026q2")["redeemed"]); n != 20 {
		t.Errorf("%d points of the quarter were redeemed: what ends first goes first", n)
	}
	if err := office.buy(second, soap, 90); err != nil { // of the quarter and of the year
		t.Error(err)
	}
	if err := office.buy(id, soap, 51); !errors.Is(err, fault.New("till.short")) {
		t.Errorf("points of a closed quarter were spent: %v", err)
	}

	// A deed of a year whose budget is closed is paid with the points of now.
	k.set(2027, 1, 3, 10)
	office.must("app.confirmClock", object{})
	office.must("year.close", object{"period": "2026", "points": 50, "people": 1})
	item := office.must("scheme.get", object{})["items"].([]any)[0].(object)
	at := time.Date(2026, 12, 30, 10, 0, 0, 0, zone.China).UnixMilli()
	office.must("deed.record", object{"person": second, "item": item["code"], "at": at, "minutes": 60, "note": "", "witness": "网格员", "line": ""})
	eventually(t, "the late deed is paid", func() bool { return number(office.year("2027q1")["issued"]) > 0 })
	if n := number(office.must("audit.report", object{})["negative"]); n != 0 {
		t.Errorf("%d negative", n)
	}
}
