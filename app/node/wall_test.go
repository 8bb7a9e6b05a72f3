package node

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// The wall is answered on a locked device and tells a passer-by nothing but what would
// hang there anyhow: names masked, rankings and lists only where they are switched on.
func TestWallOnALockedDevice(t *testing.T) {
	const name, objector = "欧阳秋水", "司徒晚晴"
	var k clock
	d := foundWithPIN(t, &k)
	id := d.must("people.register", person(name, "13900001234"))["id"]
	other := d.must("people.register", person(objector, "13900001235"))["id"]
	for _, x := range []any{id, other} {
		eventually(t, "the bonus is booked", func() bool { return number(d.person(x)["spendable"]) == 10 })
	}
	d.must("people.update", object{"id": other, "fields": object{"flags": []any{"unlisted"}}})
	now := d.now()
	d.must("publicity.post", object{"kind": "notice", "title": "停水通知", "body": "明天", "contact": "", "grid": "", "from": now - 1000, "until": now + 3_600_000, "about": "", "names": ""})
	d.must("activity.publish", object{"title": "送春联", "type": "文化", "start": now + 3_600_000, "end": now + 7_200_000, "place": "广场", "places": 5, "item": "", "organiser": "", "note": "请找" + name})
	d.must("honour.save", object{"levels": []object{{"id": "", "name": "热心居民", "points": 5, "benefits": []object{}}}})
	wall := func() object { return d.must("wall.get", object{}) }
	eventually(t, "the level is awarded", func() bool { return len(wall()["honours"].([]any)) == 1 })
	d.must("session.lock", object{})
	w := wall()
	text := fmt.Sprint(w)
	if len(w["notices"].([]any)) != 1 || !strings.Contains(text, "停水") || !strings.Contains(text, "送春联") || !strings.Contains(text, "欧**水") {
		t.Errorf("the wall shows %s", text)
	}
	for _, secret := range []string{name, objector, "司**晴", "1390000", "经办人", fmt.Sprint(id)} {
		if strings.Contains(text, secret) {
			t.Errorf("a passer-by reads %q", secret)
		}
	}
	if len(w["ranking"].([]any))+len(w["red"].([]any))+len(w["yellow"].([]any)) != 0 {
		t.Error("lists that nobody switched on")
	}
	d.refuses("app.locked", "publicity.list", object{"all": true})
	d.refuses("app.locked", "ranking.get", object{"by": "people", "span": ""})
	d.mustOpen("经办人甲", "2580")
	d.must("ranking.set", object{"level": "desk"})
	d.must("lists.set", object{"on": true})
	d.must("session.lock", object{})
	if w = wall(); len(w["ranking"].([]any)) != 1 || len(w["red"].([]any)) != 1 || strings.Contains(fmt.Sprint(w), "司**晴") {
		t.Errorf("switched on: %v", w)
	}
	k.ahead.Store(int64(2 * time.Hour))
	if w = wall(); len(w["notices"].([]any)) != 0 {
		t.Error("a notice hangs after its days")
	}
}
