package node

import (
	"errors"
	"maps"
	"testing"
	"time"

	"jishan/app/fault"
)

// shopper is a phone that is signed in at a device, and its person.
type shopper struct {
	t     *testing.T
	at    *device
	id    any
	token any
}

func shops(t *testing.T, d *device, name, phone, points string) *shopper {
	t.Helper()
	s := &shopper{t: t, at: d, id: d.withPoints(name, phone, points)}
	in, err := d.phone("phone.signIn", object{"code": d.person(s.id)["code"], "tail": phone[len(phone)-4:]})
	if err != nil {
		t.Fatal(err)
	}
	s.token = in["token"]
	return s
}

func (s *shopper) order(once string, offer any, n int, more ...object) (object, error) {
	s.t.Helper()
	ask := object{"token": s.token, "lines": []object{{"offer": offer, "n": n}}, "pin": "", "once": once}
	for _, m := range more {
		maps.Copy(ask, m)
	}
	return s.at.phone("phone.order", ask)
}

func (s *shopper) ordered(once string, offer any, n int) object {
	s.t.Helper()
	out, err := s.order(once, offer, n)
	if err != nil {
		s.t.Fatal(err)
	}
	return out["orders"].([]any)[0].(object)
}

func (s *shopper) shelf() object {
	s.t.Helper()
	out, err := s.at.phone("phone.shelf", object{"token": s.token})
	if err != nil {
		s.t.Fatal(err)
	}
	return out
}

func (s *shopper) here() int64 { return number(s.at.person(s.id)["here"]) }

func isFault(t *testing.T, err error, code string) {
	t.Helper()
	if !errors.Is(err, fault.New(code)) {
		t.Errorf("got %v, want %s", err, code)
	}
}

// left is what is left of the first thing on the shelf as a phone shows it.
func left(shelf object) int64 { return number(shelf["offers"].([]any)[0].(object)["left"]) }

func line(offer any, n int) []object { return []object{{"offer": offer, "n": n}} }

// Ordered on the phone, sent twice, over a restart, fetched by number: one order,
// one redemption; nothing of it can be spent otherwise meanwhile.
func TestMallFromOrderToPickUp(t *testing.T) {
	d := found(t)
	soap := d.shelf("香皂", 8, 5)
	li := shops(t, d, "李四", "13900000002", "40")
	if s, err := d.phone("phone.shelf", object{"token": ""}); err != nil || left(s) != 5 || len(s["orders"].([]any)) != 0 {
		t.Fatalf("the shelf for everybody: %v %v", s, err)
	}
	first := li.ordered("word-0001", soap, 3)
	again := li.ordered("word-0001", soap, 3)
	if first["id"] != again["id"] || len(li.shelf()["orders"].([]any)) != 1 {
		t.Fatalf("two orders of one: %v %v", first, again)
	}
	d.stop()
	d = start(t, d.dir)
	li.at = d
	if o := li.ordered("word-0001", soap, 3); o["id"] != first["id"] {
		t.Errorf("another order after the restart: %v", o)
	}
	shelf := li.shelf()
	if left(shelf) != 2 || number(shelf["free"]) != 16 {
		t.Errorf("left %d, free %v", left(shelf), shelf["free"])
	}

	// At the till 24 of the 40 points wait for the order, and three of the five pieces.
	card := d.must("till.scan", object{"text": d.person(li.id)["code"]})["account"].(object)
	if number(card["here"]) != 16 || number(card["kept"]) != 24 {
		t.Errorf("at the till: %v", card)
	}
	honour := d.must("shop.save", object{"id": "", "name": "锦旗", "unit": "面", "kind": "honour", "points": 17, "minimum": 0, "icon": "", "active": true, "code": ""})["id"]
	d.refuses("till.short", "till.redeem", object{"person": li.id, "lines": line(honour, 1), "word": true})
	wang := d.withPoints("王五", "13900000003", "40")
	d.refuses("till.stock", "till.redeem", object{"person": wang, "lines": line(soap, 3), "word": true})

	pick := first["pick"].(string)
	if len(pick) != pickNumber {
		t.Fatalf("the number is %q", pick)
	}
	scan := d.must("till.scan", object{"text": pick})
	if a := scan["account"].(object); scan["kind"] != "pick" || number(a["here"]) != 40 || scan["pick"].(object)["id"] != first["id"] {
		t.Fatalf("%v", scan)
	}
	fetch := object{"person": li.id, "pick": first["id"], "lines": line(soap, 3), "word": true}
	d.refuses("till.pick.person", "till.redeem", object{"person": wang, "pick": first["id"], "lines": line(soap, 3), "word": true})
	receipt := d.must("till.redeem", fetch)
	if number(receipt["total"]) != 24 || number(receipt["hereAfter"]) != 16 || li.here() != 16 {
		t.Errorf("%v", receipt)
	}
	d.refuses("till.pick.state", "till.redeem", fetch)
	d.refuses("till.pick.state", "till.scan", object{"text": "JSP1:" + first["id"].(string)})
	d.refuses("till.pick.state", "till.scan", object{"text": pick}) // the number: no word that nobody knows it
	over := li.shelf()
	if o := over["orders"].([]any)[0].(object); o["state"] != "done" || o["svg"] != "" || left(over) != 2 || number(over["free"]) != 16 {
		t.Errorf("after it was fetched: %v", over)
	}
	if o := li.ordered("word-0001", soap, 3); o["state"] != "done" || number(d.person(li.id)["here"]) != 16 {
		t.Errorf("what the page sends late is ordered anew: %v", o)
	}
}

const pickNumber = 6

// What is set aside is not written into a voucher and not given to another till.
func TestMallPointsStay(t *testing.T) {
	d := found(t)
	shop := join(t, d, "merchant", "惠民超市")
	roomy(t, shop)
	soap := d.shelf("香皂", 8, 5)
	li := shops(t, d, "李四", "13900000002", "40")
	order := li.ordered("word-0001", soap, 4)
	issue := object{"person": li.id, "points": 9, "till": d.till("惠民超市"), "until": today()}
	d.refuses("voucher.short", "voucher.issue", issue)
	card := d.must("people.card", object{"ids": []any{li.id}})["cards"].([]any)[0].(object)
	shop.must("till.scan", object{"text": card["qr"]})
	if got := shop.must("till.pull", object{"person": li.id, "need": 40}); number(got["here"]) != 8 {
		t.Errorf("the other till got %v", got["here"])
	}
	if _, err := d.phone("phone.cancelOrder", object{"token": li.token, "id": order["id"]}); err != nil {
		t.Fatal(err)
	}
	if s := li.shelf(); left(s) != 5 || s["orders"].([]any)[0].(object)["state"] != "cancelled" {
		t.Errorf("after it was cancelled: %v", s)
	}
	if got := shop.must("till.pull", object{"person": li.id, "need": 40}); number(got["here"]) != 40 {
		t.Errorf("the other till got %v", got["here"])
	}
	d.refuses("till.pick.state", "till.scan", object{"text": "JSP1:" + order["id"].(string)})
}

// TestMallFetchesTheOneThatIsShown: of two orders alike the code's own is handed
// over, though the other one is older; that one stays.
func TestMallFetchesTheOneThatIsShown(t *testing.T) {
	d := found(t)
	soap := d.shelf("香皂", 8, 5)
	li := shops(t, d, "李四", "13900000002", "40")
	older, newer := li.ordered("word-0001", soap, 1), li.ordered("word-0002", soap, 1)
	d.must("till.redeem", object{"person": li.id, "lines": line(soap, 1), "word": true, "pick": newer["id"]})
	states := map[any]any{}
	for _, o := range li.shelf()["orders"].([]any) {
		states[o.(object)["id"]] = o.(object)["state"]
	}
	if states[newer["id"]] != "done" || states[older["id"]] != "open" {
		t.Errorf("%v", states)
	}
}

// Refusals, limits, and an order that nobody came for.
func TestMallRefusesAndLapses(t *testing.T) {
	k := &clock{}
	d := foundBy(t, k)
	soap := d.shelf("香皂", 8, 9)
	li := shops(t, d, "李四", "13900000002", "60")
	for code, more := range map[string]object{
		"mall.once": {"once": "short"}, "phone.signIn": {"token": "x"}, "till.empty": {"lines": []object{}}, "till.amount": {"lines": line(soap, -1)},
		"till.stock": {"lines": line(soap, 10)}, "till.short": {"lines": line(soap, 8)}, "shop.offer.unknown": {"lines": line("nothing", 1)},
	} {
		_, err := li.order("word-"+code, soap, 1, more)
		isFault(t, err, code)
	}
	first := li.ordered("word-0001", soap, 1)
	li.ordered("word-0002", soap, 1)
	li.ordered("word-0003", soap, 1)
	_, err := li.order("word-0004", soap, 1)
	isFault(t, err, "mall.many")

	wang := shops(t, d, "王五", "13900000003", "60")
	_, err = wang.at.phone("phone.cancelOrder", object{"token": wang.token, "id": first["id"]})
	isFault(t, err, "till.reserved.unknown")

	k.ahead.Store(int64(8 * 24 * time.Hour))
	li.signIn("0002")
	s := li.shelf()
	if o := s["orders"].([]any)[2].(object); o["state"] != "lapsed" || left(s) != 9 || number(s["free"]) != 60 {
		t.Errorf("after its time: %v", s)
	}
	// Who comes late gets it if it is still there.
	if scan := d.must("till.scan", object{"text": first["pick"]}); scan["pick"].(object)["state"] != "lapsed" {
		t.Errorf("%v", scan)
	}
	d.must("till.redeem", object{"person": li.id, "pick": first["id"], "lines": line(soap, 1), "word": true})
	for i := range 10 {
		o := li.ordered("daily-00"+string(rune('a'+i)), soap, 1)
		if _, err := d.phone("phone.cancelOrder", object{"token": li.token, "id": o["id"]}); err != nil {
			t.Fatal(err)
		}
	}
	_, err = li.order("daily-too-many", soap, 1)
	isFault(t, err, "mall.daily")
}

// A card with a PIN orders by its PIN only, and wrong ones are counted.
func TestMallAsksForThePIN(t *testing.T) {
	d := found(t)
	soap := d.shelf("香皂", 8, 9)
	li := shops(t, d, "李四", "13900000002", "60")
	d.must("people.replaceCard", object{"id": li.id, "pin": "2718"})
	li.signIn("0002")
	_, err := li.order("word-0001", soap, 1)
	isFault(t, err, "mall.pin")
	_, err = li.order("word-0001", soap, 1, object{"pin": "1111"})
	isFault(t, err, "till.pin.wrong")
	if _, err = li.order("word-0001", soap, 1, object{"pin": "2718"}); err != nil {
		t.Fatal(err)
	}
	if _, err = li.order("word-0001", soap, 1); err != nil { // its answer was lost
		t.Error(err)
	}
}

func (s *shopper) signIn(tail string) {
	s.t.Helper()
	in, err := s.at.phone("phone.signIn", object{"code": s.at.person(s.id)["code"], "tail": tail})
	if err != nil {
		s.t.Fatal(err)
	}
	s.token = in["token"]
}
