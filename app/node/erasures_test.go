package node

import (
	"testing"
	"time"
)

// erasing is the newest erasure as a device knows it.
func (d *device) erasing() object {
	d.t.Helper()
	rows := d.must("people.erasures", object{"offset": 0, "limit": 5})["rows"].([]any)
	if len(rows) == 0 {
		return nil
	}
	return rows[0].(object)
}

// TestReceiptsOfAnErasure: each staff device says that it has destroyed the keys; the
// office counts them, names who has not, and is alarmed when that lasts. A merchant
// keeps no keys and is not counted.
func TestReceiptsOfAnErasure(t *testing.T) {
	var k clock
	office := foundBy(t, &k)
	station := joinBy(t, office, "station", "柳溪实践站", &k)
	dragon := joinBy(t, office, "station", "龙石站", &k)
	joinBy(t, office, "merchant", "小卖部", &k)
	id := office.must("people.register", person("欧阳秋水", "13900001234"))["id"]
	eventually(t, "everybody has all", func() bool {
		_, err := dragon.call("people.get", object{"id": id})
		return err == nil && station.changes() == office.changes()
	})
	dragon.away(true)
	office.must("people.erase", object{"id": id, "name": "欧阳秋水"})
	eventually(t, "two have erased", func() bool { e := office.erasing(); return e != nil && number(e["done"]) == 2 })
	e := office.erasing()
	missing := e["missing"].([]any)
	if number(e["of"]) != 3 || len(missing) != 1 || missing[0].(object)["place"] != "龙石站" || number(missing[0].(object)["last"]) == 0 || e["operator"] != "经办人甲" || e["person"] != id {
		t.Errorf("who has erased: %v", e)
	}
	if a := office.alarm(alarmErasing); a != nil {
		t.Errorf("alarmed at once: %v", a)
	}
	k.ahead.Add(int64(erasureLate + time.Hour))
	a := office.alarm(alarmErasing)
	if a == nil || a["name"] != "龙石站电脑" || number(a["params"].(object)["n"]) != 1 || number(a["params"].(object)["last"]) == 0 {
		t.Errorf("not alarmed after days: %v", a)
	}
	if a := station.alarm(alarmErasing); a != nil {
		t.Errorf("a station is alarmed: %v", a)
	}
	office.must("app.confirmClock", object{})
	dragon.must("app.confirmClock", object{})
	dragon.away(false)
	eventually(t, "all three have erased", func() bool { return number(office.erasing()["done"]) == 3 })
	if len(office.erasing()["missing"].([]any)) != 0 || office.alarm(alarmErasing) != nil {
		t.Errorf("somebody is still missing: %v", office.erasing())
	}
	office.refuses("call.page", "people.erasures", object{"offset": 0, "limit": 0})
}
