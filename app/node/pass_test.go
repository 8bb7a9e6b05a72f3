package node

import (
	"crypto/ed25519"
	"strings"
	"testing"
	"time"

	"jishan/app/fault"
	"jishan/app/pass"
	"jishan/app/zone"
	"jishan/crdt/seal"
)

func (d *device) stars() {
	d.t.Helper()
	d.must("honour.save", object{"levels": []object{
		{"id": "", "name": "三星志愿者", "points": 50, "benefits": []object{}}, {"id": "", "name": "五星志愿者", "points": 90, "benefits": []object{}},
	}})
}

func term(level string, life, percent, points int) object {
	return object{"level": level, "life": life, "percent": percent, "points": points}
}

// TestPassAtATillWithoutNetwork: a merchant gives 9 折 to five stars. Its till, cut off,
// knows no level: it gives the discount for a pass, and the next time for the card alone;
// the receipt, the day and the settlement say what was paid.
func TestPassAtATillWithoutNetwork(t *testing.T) {
	office := found(t)
	till := join(t, office, "merchant", "惠民超市")
	office.stars()
	li, wang := office.withPoints("李四", "13900000002", "95"), office.withPoints("王五", "13900000003", "5")
	rice := till.shelf("大米", 25, 20)
	roomy(t, till)
	eventually(t, "the till knows the levels", func() bool { return len(till.must("honour.table", object{})["levels"].([]any)) == 2 })
	till.refuses("shop.terms.level", "shop.saveTerms", object{"terms": []object{term("l7", 0, 10, 0)}})
	till.refuses("shop.terms.off", "shop.saveTerms", object{"terms": []object{term("l2", 0, 10, 3)}})
	till.must("shop.saveTerms", object{"terms": []object{term("l2", 0, 10, 0)}})
	if got := till.must("shop.terms", object{})["terms"].([]any); len(got) != 1 || got[0].(object)["level"] != "l2" {
		t.Errorf("the terms: %v", got)
	}
	for code, r := range map[string]object{
		"people.unknown": {"person": "00000000000000000000000000", "until": today()}, "pass.until": {"person": li, "until": "2020-01-01"}, "pass.none": {"person": wang, "until": today()},
	} {
		office.refuses(code, "pass.issue", r)
	}
	till.refuses("app.role", "pass.issue", object{"person": li, "until": today()})
	made := office.must("pass.issue", object{"person": li, "until": today()})
	text := made["text"].(string)
	if made["level"] != "五星志愿者" || number(made["life"]) != 90 || made["masked"] != "李*" || zone.Day(number(made["until"])) != today() || !strings.Contains(made["svg"].(string), "<svg") {
		t.Errorf("the pass: %v", made)
	}
	card := office.card(li)["qr"]
	till.must("till.scan", object{"text": card})
	till.must("till.pull", object{"person": li, "need": 95}) // points follow their owner, while there is a network
	till.cut()
	a := till.must("till.scan", object{"text": card})["account"].(object)
	if len(a["off"].([]any)) != 0 {
		t.Errorf("a till knows levels: %v", a)
	}
	till.refuses("pass.cut", "till.scan", object{"text": text[:len(text)/2]})
	till.refuses("pass.newer", "till.scan", object{"text": "JSL2" + text[4:]})
	till.refuses("pass.damaged", "till.scan", object{"text": text[:40] + "0" + text[41:60] + "ZZ" + text[62:]})
	_, err := till.call("till.scan", object{"text": text, "person": wang})
	if f := fault.Of(err); f.Code != "pass.other" || f.Params["masked"] != "李*" {
		t.Errorf("somebody else's: %v", err)
	}
	if s := till.must("till.scan", object{"text": text}); s["kind"] != "pass" || s["account"] != nil || number(s["pass"].(object)["off"].([]any)[0].(object)["percent"]) != 10 {
		t.Errorf("a pass alone opens an account: %v", s)
	}
	s := till.must("till.scan", object{"text": " " + text + "\n", "person": li})
	a = s["account"].(object)
	off := a["off"].([]any)
	if s["kind"] != "person" || len(off) != 1 || off[0].(object)["name"] != "五星志愿者" || number(a["offUntil"]) != number(made["until"]) {
		t.Errorf("with the pass: %v", s)
	}
	r := till.must("till.redeem", object{"person": li, "lines": []object{{"offer": rice, "n": 2}}, "pick": "", "pin": "", "word": true})
	if number(r["total"]) != 45 || number(r["less"]) != 5 || r["lessLevel"] != "五星志愿者" || number(r["hereAfter"]) != 50 {
		t.Errorf("the receipt: %v", r)
	}
	a = till.must("till.scan", object{"text": card})["account"].(object)
	if len(a["off"].([]any)) != 1 {
		t.Errorf("the next time, by the card alone: %v", a)
	}
	till.must("devices.pause", object{"on": false})
	eventually(t, "the office knows what was paid", func() bool {
		return number(office.person(li)["spendable"]) == 50
	})
	eventually(t, "the merchant will be paid what was redeemed", func() bool {
		for _, m := range office.must("settle.list", object{})["merchants"].([]any) {
			if due := m.(object)["due"].(object); number(due["later"]) == 45 && number(due["laterDeals"]) == 1 {
				return true
			}
		}
		return false
	})
	till.must("ledger.undo", object{"ref": r["ref"]})
	eventually(t, "and that it came back", func() bool { return number(office.person(li)["spendable"]) == 95 })
	till.sound()
	office.sound()
}

// TestStaffTillKnowsLevels: where all feeds are read no pass is needed; a discount by points
// earned in all stands beside those by level, and the better one is given.
func TestStaffTillKnowsLevels(t *testing.T) {
	office := found(t)
	office.stars()
	li := office.withPoints("李四", "13900000002", "60")
	soap := office.shelf("香皂", 4, 20)
	office.must("shop.saveTerms", object{"terms": []object{term("l1", 0, 10, 0), term("l2", 0, 50, 0), term("", 60, 0, 1)}})
	a := office.must("till.scan", object{"text": office.person(li)["code"]})["account"].(object)
	if off := a["off"].([]any); len(off) != 2 || number(a["offUntil"]) != 0 {
		t.Errorf("three stars and 60 points: %v", a)
	}
	r := office.must("till.redeem", object{"person": li, "lines": []object{{"offer": soap, "n": 5}}, "pick": "", "pin": "", "word": false})
	if number(r["total"]) != 15 || number(r["less"]) != 5 || number(r["lessLife"]) != 60 {
		t.Errorf("the receipt: %v", r)
	}
	page, err := office.phone("phone.pass", object{"token": office.phoneToken(li, "0002")})
	if err != nil {
		t.Fatal(err)
	}
	p := page["pass"].(object)
	if p["level"] != "三星志愿者" || number(p["life"]) != 60 || len(page["places"].([]any)) != 1 {
		t.Errorf("on the phone: %v", page)
	}
	if days := (number(p["until"]) - office.now()) / (24 * 3600 * 1000); days < 29 || days > 31 {
		t.Errorf("a phone's pass is good for %d days", days)
	}
	office.must("honour.save", object{"levels": []object{}}) // the level is no more: old terms may stay, and give nothing
	office.must("shop.saveTerms", object{"terms": []object{term("l1", 0, 10, 0)}})
	r = office.must("till.redeem", object{"person": li, "lines": []object{{"offer": soap, "n": 5}}, "pick": "", "pin": "", "word": false})
	if number(r["total"]) != 20 || number(r["less"]) != 0 {
		t.Errorf("of a level that is no more: %v", r)
	}
}

// TestPassRefusals: whatever a till is shown, it gives nothing for what no staff device of
// its community signed for that day, and says why.
func TestPassRefusals(t *testing.T) {
	var k clock
	office := foundBy(t, &k)
	till := joinBy(t, office, "merchant", "惠民超市", &k)
	office.stars()
	li := office.withPoints("李四", "13900000002", "95")
	good := office.must("pass.issue", object{"person": li, "until": zone.Day(office.now() + 3*24*3600*1000)})["text"].(string)
	eventually(t, "the till knows the levels", func() bool { return len(till.must("honour.table", object{})["levels"].([]any)) == 2 })
	mine := func(d *device) *seal.Incarnation {
		c, err := d.here()
		if err != nil {
			t.Fatal(err)
		}
		return c.inc
	}
	forge := func(inc *seal.Incarnation, sign ed25519.PrivateKey, change func(*pass.Pass)) string {
		u, err := pass.Read(good)
		if err != nil {
			t.Fatal(err)
		}
		p := *u.Pass
		p.Certificate = inc.Certificate
		change(&p)
		s, err := p.Text(sign)
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	o, m := mine(office), mine(till)
	stranger, err := seal.NewIncarnation(strings.NewReader(strings.Repeat("x", 32)), ed25519.NewKeyFromSeed([]byte(strings.Repeat("y", 32))), 1)
	if err != nil {
		t.Fatal(err)
	}
	none := func(*pass.Pass) {}
	for name, x := range map[string]struct{ text, code string }{
		"another community's":        {forge(o, o.Private, func(p *pass.Pass) { p.Community[0] ^= 1 }), "pass.foreign"},
		"signed by somebody else":    {forge(o, m.Private, none), "pass.forged"},
		"by a merchant":              {forge(m, m.Private, func(p *pass.Pass) { p.Level = "l2" }), "pass.void"},
		"by a device nobody knows":   {forge(&stranger, stranger.Private, none), "pass.issuer"},
		"for tomorrow":               {forge(o, o.Private, func(p *pass.Pass) { p.From += 24 * 3600 }), "pass.early"},
		"of yesterday":               {forge(o, o.Private, func(p *pass.Pass) { p.From, p.Until = p.From-2*24*3600, p.From-1 }), "pass.expired"},
		"of a level that nobody has": {forge(o, o.Private, func(p *pass.Pass) { p.Level, p.Life = "l9", 0 }), "pass.level"},
	} {
		if _, err := till.call("till.scan", object{"text": x.text, "person": ""}); fault.Of(err).Code != x.code {
			t.Errorf("%s: %v, want %s", name, err, x.code)
		}
	}
	till.must("shop.saveTerms", object{"terms": []object{term("l2", 0, 10, 0)}})
	off := func() int {
		c, err := till.here()
		if err != nil {
			t.Fatal(err)
		}
		a, err := c.account(t.Context(), li.(string))
		if err != nil {
			t.Fatal(err)
		}
		return len(a.Off)
	}
	if off() != 0 {
		t.Error("a refused pass was remembered")
	}
	till.must("till.scan", object{"text": good, "person": ""})
	if off() != 1 {
		t.Error("the good one gives nothing")
	}
	if err := till.Close(); err != nil {
		t.Fatal(err)
	}
	till = startBy(t, till.dir, k.now)
	if off() != 1 {
		t.Error("it is forgotten when the till is started anew")
	}
	k.ahead.Store(int64(5 * 24 * time.Hour))
	till.must("app.confirmClock", object{})
	if off() != 0 {
		t.Error("a remembered pass gives something after its last day")
	}
	till.refuses("pass.expired", "till.scan", object{"text": good, "person": ""})
}
