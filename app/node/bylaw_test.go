package node

import (
	"errors"
	"strings"
	"testing"

	"jishan/app/fault"
	"jishan/app/zone"
)

// The office writes the rules of redemption; a merchant's till and a phone show them, and
// the least sum holds at every till, also one that is cut off: a merchant's must see so many
// points with its own eyes.
func TestRulesOfRedemptionReachEveryTill(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	merchant := join(t, office, "merchant", "惠民超市")
	soap, rice := office.shelf("香皂", 4, 9), merchant.shelf("大米", 5, 9)
	today, tomorrow := zone.DayBounds(office.now())
	text := "每天 9:00 到 17:00 兑换。\n烟酒不兑。"
	station.refuses("app.role", "bylaw.save", object{"text": text, "least": 20, "from": today})
	for code, bad := range map[string]object{
		"bylaw.text":  {"text": strings.Repeat("长", 3001), "least": 0, "from": today},
		"bylaw.least": {"text": text, "least": 1_000_001, "from": today},
		"bylaw.from":  {"text": text, "least": 20, "from": today - 1},
	} {
		office.refuses(code, "bylaw.save", bad)
	}
	if out := office.must("bylaw.save", object{"text": text, "least": 20, "from": today}); len(out["versions"].([]any)) != 1 {
		t.Errorf("%v", out)
	}
	office.must("bylaw.save", object{"text": text + "每人一件。", "least": 30, "from": tomorrow})
	for _, d := range []*device{station, merchant} {
		eventually(t, "the rules are there", func() bool { return len(d.must("bylaw.get", object{})["versions"].([]any)) == 2 })
		if now := d.must("bylaw.get", object{})["now"].(object); now["text"] != text || number(now["least"]) != 20 || now["state"] != "force" {
			t.Errorf("%v", now)
		}
	}
	poor, rich := shops(t, office, "居民甲", "13800000001", "19"), shops(t, office, "居民乙", "13800000002", "25")
	if rules := poor.shelf()["rules"].(object); rules["text"] != text || number(rules["least"]) != 20 {
		t.Errorf("the phone shows %v", rules)
	}
	_, err := poor.order("abcdefgh", soap, 1)
	isFault(t, err, "till.least")
	_, err = office.call("till.redeem", object{"person": poor.id, "pick": "", "lines": line(soap, 1), "pin": "", "word": true})
	var f *fault.Fault
	if !errors.As(err, &f) || f.Code != "till.least" || f.Params["missing"] != int64(1) || f.Params["have"] != int64(19) {
		t.Errorf("%v", err)
	}
	office.must("till.redeem", object{"person": rich.id, "pick": "", "lines": line(soap, 1), "pin": "", "word": true})

	roomy(t, merchant)
	pull := func(need int) object { return merchant.must("till.pull", object{"person": rich.id, "need": need}) }
	if a := pull(5); number(a["here"]) != 5 || number(a["lacks"]) != 15 || number(a["least"]) != 20 {
		t.Errorf("%v", a)
	}
	merchant.refuses("till.least", "till.redeem", object{"person": rich.id, "pick": "", "lines": line(rice, 1), "pin": "", "word": true})
	if a := pull(20); number(a["here"]) != 20 || number(a["lacks"]) != 0 {
		t.Errorf("%v", a)
	}
	merchant.must("devices.pause", object{"on": true})
	merchant.must("till.redeem", object{"person": rich.id, "pick": "", "lines": line(rice, 1), "pin": "", "word": true})
	merchant.refuses("till.least", "till.redeem", object{"person": rich.id, "pick": "", "lines": line(rice, 1), "pin": "", "word": true})
}
