package node

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"jishan/app/activity"
	"jishan/app/claim"
	"jishan/app/fault"
	"jishan/crdt/store"
)

// TestADeedThatWaitsIsClaimed: what needs a review or a notice can't be recorded as
// if it needed none, whatever screen or program asks.
func TestADeedThatWaitsIsClaimed(t *testing.T) {
	office := found(t)
	id := office.must("people.register", person("王五", "13900000001"))["id"]
	items := office.must("scheme.get", object{})["items"].([]any)
	var code any
	for _, x := range items {
		if x := x.(object); x["kind"] == "time" && code == nil {
			code, x["witness"] = x["code"], false
		}
	}
	deed := object{"person": id, "item": code, "at": office.now() - 3_600_000, "minutes": 60, "note": "", "witness": "", "line": ""}
	for field, value := range map[string]any{"review": true, "notice": 3, "lead": true} {
		changed := make([]any, len(items))
		for i, x := range items {
			one := maps.Clone(x.(object))
			if one["code"] == code {
				one[field] = value
			}
			changed[i] = one
		}
		office.must("scheme.save", object{"items": changed})
		office.refuses("deed.claim", "deed.record", deed)
	}
	office.must("scheme.save", object{"items": items})
	office.must("deed.record", deed)
}

// ruled changes one rule of the rulebook.
func (d *device) ruled(code any, change object) {
	d.t.Helper()
	items := d.must("scheme.get", object{})["items"].([]any)
	for _, x := range items {
		if x := x.(object); x["code"] == code {
			maps.Copy(x, change)
		}
	}
	d.must("scheme.save", object{"items": items})
}

func (d *device) claimed(item any, people ...any) {
	d.t.Helper()
	d.must("claim.post", object{"people": people, "item": item, "at": d.now(), "minutes": 0, "count": 0, "hard": 0, "note": "", "witness": "", "via": "desk"})
}

// newest is the claim of a person that was made last; empty where none has arrived yet.
func (d *device) newest(person any) object {
	d.t.Helper()
	if list := d.claims(person); len(list) > 0 {
		return list[0].(object)
	}
	return object{}
}

// TestClaimsAreSigned: where operators have keys, a review and an answer count under
// the signature of somebody else, whose key is in force until the claim is booked.
func TestClaimsAreSigned(t *testing.T) {
	var k clock
	d := foundWithPIN(t, &k)
	d.must("operators.add", object{"name": "李四", "role": "clerk", "until": 0, "pin": "1379"})
	d.must("operators.add", object{"name": "赵六", "role": "clerk", "until": 0, "pin": "3591"})
	withDeductions(d)
	d.ruled("JY01", object{"review": true, "notice": 2})
	who := d.must("people.register", person("王五", "13900000005"))["id"]

	d.claimed("JY01", who)
	x := d.newest(who)
	if x["state"] != "review" || x["own"] != true || x["lead"] != false {
		t.Fatalf("%v", x)
	}
	yes := object{"id": x["id"], "yes": true, "why": ""}
	d.refuses("claim.own", "claim.review", yes)
	d.mustOpen("李四", "1379")
	d.must("claim.review", yes)
	eventually(t, "its days have begun", func() bool { x = d.newest(who); return x["state"] == "notice" && number(x["until"]) > 0 })
	if r := x["review"].(object); r["by"] != "李四" || r["void"] != "" {
		t.Errorf("%v", r)
	}

	// The reviewer's key is withdrawn: his word counts no more, and somebody else's does.
	d.mustOpen("经办人甲", "2580")
	d.must("operators.withdraw", object{"id": d.opener("李四")["id"], "device": ""})
	if x = d.newest(who); x["state"] != "review" || x["void"].(object)["void"] != claim.VoidUnsigned {
		t.Fatalf("%v", x)
	}
	d.mustOpen("赵六", "3591")
	d.must("claim.review", yes)
	eventually(t, "its days have begun anew", func() bool { x = d.newest(who); return x["state"] == "notice" && number(x["until"]) > 0 })

	// A clerk enters a deduction; the appeal is answered by a lead, not by him.
	d.claimed("KF01", who)
	minus := object{"id": d.newest(who)["id"]}
	d.must("claim.tell", object{"id": minus["id"], "how": "call"})
	d.must("claim.appeal", object{"id": minus["id"], "text": "不是我的车"})
	answer := object{"id": minus["id"], "yes": true, "why": "查过"}
	d.refuses("operator.role", "claim.answer", answer)
	d.mustOpen("经办人甲", "2580")
	if x := d.must("claim.answer", answer); x["state"] != "dropped" {
		t.Errorf("%v", x)
	}
	k.ahead.Store(int64(3 * 24 * time.Hour)) // and the desk is locked
	d.mustOpen("经办人甲", "2580")
	goBy(t, &k, 3, d)
	eventually(t, "it is booked", func() bool { return len(d.lines(who, "award")) == 2 }) // with the registration
	if l := d.lines(who, "award"); l[0]["operator"] != "经办人甲" || number(l[0]["amount"]) != 5 {
		t.Errorf("%v", l[0])
	}
}

// TestWitnessesSign: where operators have keys, what needs a witness takes a second
// operator's signature: a name alone, or one's own, does not do.
func TestWitnessesSign(t *testing.T) {
	var k clock
	d := foundWithPIN(t, &k)
	d.must("operators.add", object{"name": "见证甲", "role": "witness", "until": 0, "pin": "1379"})
	d.must("operators.add", object{"name": "看店乙", "role": "keeper", "until": 0, "pin": "2468"})
	who := d.must("people.register", person("王五", "13900000001"))["id"]
	deed := object{"person": who, "item": "WX01", "at": d.now(), "minutes": 0, "note": "", "witness": "李四", "line": ""}
	d.refuses("deed.claim", "deed.record", deed)
	post := object{"people": []any{who}, "item": "WX01", "at": d.now(), "minutes": 0, "count": 0, "hard": 0, "note": "", "witness": "", "via": "desk"}
	d.refuses("deed.witness", "claim.post", post)
	post["witness"] = "李四"
	d.must("claim.post", post)
	yes := object{"id": d.newest(who)["id"], "yes": true, "why": ""}
	by := func(name, pin string) object {
		yes["sign"] = object{"id": d.opener(name)["id"], "pin": pin}
		return yes
	}
	d.refuses("claim.own", "claim.review", yes)
	d.refuses("claim.own", "claim.review", by("经办人甲", "2580"))
	d.refuses("operator.role", "claim.review", by("看店乙", "2468"))
	d.refuses("operator.pin.wrong", "claim.review", by("见证甲", "9999"))
	if len(d.lines(who, "award")) != 1 { // the registration's
		t.Error("booked without a signature")
	}
	if x := d.must("claim.review", by("见证甲", "1379")); x["review"].(object)["by"] != "见证甲" {
		t.Errorf("%v", x)
	}
	eventually(t, "it is booked", func() bool { return len(d.lines(who, "award")) == 2 })
	if l := d.lines(who, "award")[0]; l["operator"] != "经办人甲" || l["witness"] != "李四" || number(l["amount"]) != 3 {
		t.Errorf("%v", l)
	}
}

// TestWhatWaitsIsPaidByClaimOnly: a station whose program records a deduction, or what
// needs a review, as a plain deed pays and takes nothing.
func TestWhatWaitsIsPaidByClaimOnly(t *testing.T) {
	office := found(t)
	withDeductions(office)
	office.ruled("JY01", object{"review": true})
	station := join(t, office, "station", "柳溪实践站")
	who := office.must("people.register", person("王五", "13900000005"))["id"].(string)
	eventually(t, "the points are known", func() bool { return station.owing(who, 10, 0) })
	for _, item := range []string{"KF01", "JY01", "HJ02"} {
		station.write(func(c *community, tx *store.Tx) error {
			book, err := c.scheme.Get(tx)
			if err == nil {
				_, err = c.activity.RecordClaimed(tx, activity.Deed{Person: who, Item: item, At: tx.Now()}, book.Version, "经办人丙")
			}
			return err
		})
	}
	eventually(t, "what waits for nobody is paid", func() bool { return office.owing(who, 12, 0) })
	if len(office.lines(who, "deduct")) != 0 || len(office.lines(who, "award")) != 2 {
		t.Errorf("%v", office.lines(who, "award"))
	}
}

// write writes to a device's claims as a program of another make would.
func (d *device) write(fn func(*community, *store.Tx) error) {
	d.t.Helper()
	c, err := d.here()
	if err == nil {
		err = c.writeAs(d.t.Context(), "经办人丙", func(tx *store.Tx) error { return fn(c, tx) })
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

// TestOnlyTheMainDeviceBooks: a station whose program says that a deduction's days
// began long ago, or that a claim was booked, is refused and named.
func TestOnlyTheMainDeviceBooks(t *testing.T) {
	office := found(t)
	withDeductions(office)
	station := join(t, office, "station", "柳溪实践站")
	who := office.must("people.register", person("王五", "13900000005"))["id"]
	eventually(t, "the points are known", func() bool { return station.owing(who, 10, 0) })
	station.claimed("KF01", who)
	station.must("claim.tell", object{"id": station.newest(who)["id"], "how": "call"})
	eventually(t, "the days have begun", func() bool { return number(office.newest(who)["until"]) > 0 })
	eventually(t, "the station knows", func() bool { return number(station.newest(who)["until"]) > 0 })
	station.must("devices.pause", object{"on": true})
	id := station.newest(who)["id"].(string)
	station.write(func(c *community, tx *store.Tx) error {
		x, err := c.claim.Get(tx, id)
		if err != nil {
			return err
		}
		return c.claim.Hear(tx, x)
	})
	until := office.newest(who)["until"]
	station.must("devices.pause", object{"on": false})
	eventually(t, "it is refused", func() bool { return len(office.must("devices.list", object{})["quarantine"].([]any)) > 0 })
	if x := office.newest(who); x["state"] != "notice" || x["until"] != until {
		t.Errorf("%v", x)
	}
}

// TestNoClaimStarves: what waits behind hundreds that nobody ever tells is booked all
// the same, and what ended is not looked at again.
func TestNoClaimStarves(t *testing.T) {
	office := found(t)
	withDeductions(office)
	var many []any
	for n := range 30 {
		many = append(many, office.must("people.register", person("居民"+string('一'+rune(n)), fmt.Sprintf("1390000%04d", n)))["id"])
	}
	const days = claimsAtOnce/30 + 2 // more than a page
	for n := range days {
		office.must("claim.post", object{"people": many, "item": "KF01", "at": office.now() - int64(n)*24*3_600_000, "minutes": 0, "count": 0, "hard": 0, "note": "", "witness": "", "via": "desk"})
	}
	office.claimed("HJ02", many[0])
	eventually(t, "it is booked", func() bool { return office.newest(many[0])["state"] == "booked" })

	office.must("claim.withdraw", object{"id": office.newest(many[1])["id"]})
	c, err := office.here()
	if err != nil {
		t.Fatal(err)
	}
	waiting := func() (n int) {
		err := c.view(t.Context(), func(q store.Querier) error {
			list, err := c.claim.Waiting(q, claim.Place{}, 10_000)
			n = len(list)
			return err
		})
		if err != nil {
			t.Error(err)
		}
		return n
	}
	eventually(t, "what was withdrawn is left out", func() bool { return waiting() == 30*days-1 })
}

// TestClaimsOfJoinedRecords: two records of one person are one: the same deed is not
// claimed under both, and the phone shows what stands under either.
func TestClaimsOfJoinedRecords(t *testing.T) {
	office := found(t)
	office.ruled("JY01", object{"review": true})
	a := office.must("people.register", person("王五", "13900000005"))["id"]
	b := office.must("people.register", person("王武", "13900000006"))["id"]
	office.claimed("JY01", a)
	office.must("people.join", object{"a": a, "b": b})
	eventually(t, "they are one", func() bool { return len(office.claims(b)) == 1 })
	for _, id := range []any{a, b} {
		office.refuses("claim.double", "claim.post", object{"people": []any{id}, "item": "JY01", "at": office.now(), "minutes": 0, "count": 0, "hard": 0, "note": "", "witness": "", "via": "desk"})
	}
}

// TestShownOnThePhone: a deduction counts as told when the page has shown it, not when
// the page asked for it, and to its person only. The person objects, once however often
// the page sends it; what was booked meanwhile can be objected to as well.
func TestShownOnThePhone(t *testing.T) {
	var k clock
	d := foundBy(t, &k)
	withDeductions(d)
	items := d.must("scheme.get", object{})["items"].([]any)
	d.must("scheme.save", object{"items": append(items, object{"code": "KF02", "group": "扣分", "name": "楼道堆物", "kind": "deduct", "points": 2, "minutes": 0, "dayCap": 0, "witness": false})})
	who := d.must("people.register", person("王五", "13900000005"))["id"]
	other := d.must("people.register", person("赵六", "13900000006"))["id"]
	token := func(id any, tail string) any {
		in, err := d.phone("phone.signIn", object{"code": d.person(id)["code"], "tail": tail})
		if err != nil {
			t.Fatal(err)
		}
		return in["token"]
	}
	mine, theirs := token(who, "0005"), token(other, "0006")
	shown := func(item, call string, params object) object {
		t.Helper()
		got, err := d.phone(call, params)
		if err != nil {
			t.Fatal(err)
		}
		for _, x := range got["claims"].([]any) {
			if x.(object)["item"] == item {
				return x.(object)
			}
		}
		return object{}
	}
	d.claimed("KF01", who)
	d.claimed("KF02", who)
	of := func(item string) object {
		for _, x := range d.claims(who) {
			if x.(object)["item"] == item {
				return x.(object)
			}
		}
		return object{}
	}
	parked, piled := of("KF01")["id"], of("KF02")["id"]
	if x := shown("KF02", "phone.claims", object{"token": mine}); x["state"] != "tell" || x["appeals"] != true || number(x["days"]) < 3 || number(x["points"]) >= 0 {
		t.Fatalf("%v", x)
	}
	if got, err := d.phone("phone.shown", object{"token": theirs, "ids": []any{parked, piled, "no such"}}); err != nil || len(got["claims"].([]any)) != 0 {
		t.Fatalf("somebody else's page: %v, %v", got, err)
	}
	before := d.changes()
	if shown("KF02", "phone.shown", object{"token": mine, "ids": []any{}}); d.changes() != before || of("KF02")["state"] != "tell" {
		t.Fatal("nothing was shown, and it counts as told")
	}
	if x := shown("KF02", "phone.shown", object{"token": mine, "ids": []any{piled}}); x["state"] != "notice" || number(x["told"]) == 0 {
		t.Fatalf("%v", x)
	}
	if x := of("KF01"); x["state"] != "tell" {
		t.Fatalf("what was not shown is %v", x["state"])
	}
	if told := of("KF02")["told"].(object); told["how"] != "page" {
		t.Errorf("told by %v", told["how"])
	}
	before = d.changes()
	if shown("KF02", "phone.shown", object{"token": mine, "ids": []any{piled}}); d.changes() != before {
		t.Error("shown again is told again")
	}

	appeal := object{"token": mine, "id": piled, "text": "那天我不在家"}
	if x := shown("KF02", "phone.appealClaim", appeal); x["state"] != "appealed" || x["appeal"] != "那天我不在家" || x["appeals"] != false {
		t.Fatalf("%v", x)
	}
	before = d.changes()
	if x := shown("KF02", "phone.appealClaim", appeal); x["state"] != "appealed" || d.changes() != before {
		t.Errorf("sent again: %v", x["state"])
	}
	if _, err := d.phone("phone.appealClaim", object{"token": theirs, "id": parked, "text": "不是我"}); fault.Of(err).Code != "claim.unknown" {
		t.Errorf("somebody else's: %v", err)
	}
	shown("KF01", "phone.shown", object{"token": mine, "ids": []any{parked}})
	eventually(t, "the days have begun", func() bool { return number(of("KF01")["until"]) > 0 })
	goBy(t, &k, 8, d)
	eventually(t, "it is booked", func() bool { return of("KF01")["state"] == "booked" })
	late := func() object { return shown("KF01", "phone.claims", object{"token": token(who, "0005")}) }
	if x := late(); x["appeals"] != true {
		t.Fatalf("booked, and no objection may be made: %v", x)
	}
	appeal = object{"token": token(who, "0005"), "id": parked, "text": "记错了楼"}
	for range 2 {
		if _, err := d.phone("phone.appealClaim", appeal); err != nil {
			t.Fatal(err)
		}
	}
	if x := late(); x["appeals"] != false || of("KF01")["late"] != true {
		t.Errorf("%v", x)
	}
}

// TestOneAppealForTwins: two devices that were cut off entered the same deduction. The
// person was told of one and has appealed; when the appeal is right, the other one falls,
// too. Entered anew after that, it is a new one.
func TestOneAppealForTwins(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	withDeductions(office)
	who := office.must("people.register", person("王五", "13900000005"))["id"]
	eventually(t, "the station knows them and the rule", func() bool {
		_, err := station.call("people.get", object{"id": who})
		got := station.must("scheme.get", object{})["items"].([]any)
		return err == nil && len(got) == len(office.must("scheme.get", object{})["items"].([]any))
	})
	station.away(true)
	at := office.now()
	for _, d := range []*device{office, station} {
		d.must("claim.post", object{"people": []any{who}, "item": "KF01", "at": at, "minutes": 0, "count": 0, "hard": 0, "note": "", "witness": "", "via": "desk"})
	}
	told := office.newest(who)["id"]
	office.must("claim.tell", object{"id": told, "how": "call"})
	office.must("claim.appeal", object{"id": told, "text": "不是我"})
	home := func(d *device) (out []string) {
		for _, x := range d.must("home.get", object{})["todo"].([]any) {
			if x := x.(object); x["kind"] == "claim" {
				out = append(out, fmt.Sprint(x["detail"], x["params"].(object)["n"]))
			}
		}
		return out
	}
	if got := home(office); !slices.Equal(got, []string{"appealed1"}) {
		t.Errorf("the first page says %v", got)
	}
	if got := home(station); !slices.Equal(got, []string{"tell1"}) {
		t.Errorf("the station's first page says %v", got)
	}
	second := join(t, office, "station", "河湾实践站") // somebody else answers
	eventually(t, "it has heard", func() bool { return len(second.claims(who)) == 1 })
	second.must("claim.answer", object{"id": told, "yes": true, "why": "是别人"})
	eventually(t, "the office has heard the answer", func() bool { return office.newest(who)["state"] == "dropped" })
	station.away(false)
	states := func(d *device) map[any]int {
		n := map[any]int{}
		for _, x := range d.claims(who) {
			n[x.(object)["state"]]++
		}
		return n
	}
	for _, d := range []*device{office, station, second} {
		eventually(t, "the twin is gone, too", func() bool { n := states(d); return n["dropped"] == 1 && n["withdrawn"] == 1 && len(n) == 2 })
	}
	office.must("claim.post", object{"people": []any{who}, "item": "KF01", "at": at, "minutes": 0, "count": 0, "hard": 0, "note": "", "witness": "", "via": "desk"})
	office.looks(2)
	if n := states(office); n["tell"] != 1 {
		t.Errorf("entered anew: %v", n)
	}
}
