package node

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
	"time"

	"jishan/app/fault"
	"jishan/app/ledger"
)

func (d *device) voucherState(person any, hash any) any {
	d.t.Helper()
	for _, r := range d.must("voucher.list", object{"person": person})["rows"].([]any) {
		if r := r.(object); r["hash"] == hash {
			return r["state"]
		}
	}
	return nil
}

// A voucher that is called back goes home from its till, and from nowhere else:
// as long as the till has not heard of it, showing it is good, and one of the
// two stands.
func TestRecallVoucher(t *testing.T) {
	office := found(t)
	merchant := join(t, office, "merchant", "惠民超市")
	reg := office.must("people.register", withPoints("王五", "13900000005", 40))
	other := office.must("people.register", withPoints("赵六", "13900000006", 40))
	id := reg["id"]
	eventually(t, "the openings are booked", func() bool {
		return office.person(id)["here"] == float64(40) && office.person(other["id"])["here"] == float64(40)
	})
	till := office.must("voucher.tills", object{})["tills"].([]any)[0].(object)["id"]
	issue := func(n int) object {
		return office.must("voucher.issue", object{"person": id, "points": n, "till": till, "until": time.Now().AddDate(0, 0, 3).Format("2006-01-02")})
	}
	token := office.onPhone("phone.signIn", object{"code": reg["code"], "tail": "0005"})["token"]
	stranger := office.onPhone("phone.signIn", object{"code": other["code"], "tail": "0006"})["token"]

	eventually(t, "the till may hold points", func() bool { return merchant.terms(ledger.Exposure).Held > 0 })
	merchant.must("devices.pause", object{"on": true})
	first, second := issue(10), issue(5)
	if _, err := office.through(office.phoneOpened, "phone.recall", object{"token": stranger, "hash": first["hash"]}); !errors.Is(err, fault.New("voucher.unknown")) {
		t.Errorf("somebody else's: %v", err)
	}
	office.refuses("voucher.unknown", "voucher.recall", object{"hash": "00000000000000000000000000000000000000000000000000000000000000aa"})
	office.must("voucher.recall", object{"hash": first["hash"]})
	rows := office.onPhone("phone.recall", object{"token": token, "hash": second["hash"]})["rows"].([]any)
	if len(rows) != 2 || rows[0].(object)["state"] != "recalled" {
		t.Errorf("on the phone: %v", rows)
	}
	if s := office.voucherState(id, first["hash"]); s != "recalled" {
		t.Errorf("waiting for the till: %v", s)
	}
	if p := office.person(id); p["spendable"] != float64(25) || p["here"] != float64(25) || p["vouchers"] != float64(15) {
		t.Errorf("nothing came home yet: %v here, %v to spend", p["here"], p["spendable"])
	}
	// The till has not heard of it: whoever shows the second one there has it.
	merchant.must("till.scan", object{"text": second["text"]})
	merchant.must("devices.pause", object{"on": false})
	eventually(t, "one went home, the other was used", func() bool {
		return office.voucherState(id, first["hash"]) == "returned" && office.voucherState(id, second["hash"]) == "used"
	})
	eventually(t, "its points are home", func() bool {
		return office.person(id)["here"] == float64(35) && office.person(id)["spendable"] == float64(40)
	})
	merchant.refuses("voucher.back", "till.scan", object{"text": first["text"]})
	office.refuses("voucher.gone", "voucher.recall", object{"hash": first["hash"]})
	office.refuses("voucher.gone", "voucher.recall", object{"hash": second["hash"]})
	if n := number(office.must("audit.report", object{})["negative"]); n != 0 {
		t.Errorf("%d negative", n)
	}
}

// TestVouchersOverAnIncarnation: vouchers that were made out to a till before it was set up
// anew are shown there, and called back from there, as soon as it has succeeded itself.
func TestVouchersOverAnIncarnation(t *testing.T) {
	office := found(t)
	merchant := join(t, office, "merchant", "惠民超市")
	id := office.must("people.register", withPoints("王五", "13900000005", 40))["id"]
	eventually(t, "the opening is booked", func() bool { return office.person(id)["here"] == float64(40) })
	till := office.must("voucher.tills", object{})["tills"].([]any)[0].(object)["id"]
	eventually(t, "the till may hold points", func() bool { return merchant.terms(ledger.Exposure).Held > 0 })
	issue := func(n int) object {
		return office.must("voucher.issue", object{"person": id, "points": n, "till": till, "until": time.Now().AddDate(0, 0, 3).Format("2006-01-02")})
	}
	shown, wanted := issue(10), issue(5)
	first := merchant.writer()
	merchant.stop()
	if err := os.Remove(filepath.Join(merchant.dir, lockFile)); err != nil {
		t.Fatal(err)
	}
	merchant = start(t, merchant.dir)
	if merchant.writer() == first {
		t.Fatal("it is the same incarnation")
	}
	eventually(t, "it takes what was made out to who it was", func() bool {
		_, err := merchant.call("till.scan", object{"text": shown["text"]})
		return err == nil
	})
	office.must("voucher.recall", object{"hash": wanted["hash"]})
	eventually(t, "one was used, the other went home", func() bool {
		return office.voucherState(id, shown["hash"]) == "used" && office.voucherState(id, wanted["hash"]) == "returned"
	})
	eventually(t, "all is where it belongs", func() bool { return office.person(id)["spendable"] == float64(40) })
	merchant.stop() // and once more: what an earlier incarnation took is not good again
	if err := os.Remove(filepath.Join(merchant.dir, lockFile)); err != nil {
		t.Fatal(err)
	}
	merchant = start(t, merchant.dir)
	eventually(t, "a photocopy is refused with what became of it", func() bool {
		_, err := merchant.call("till.scan", object{"text": shown["text"]})
		if c := code(err); c != "voucher.taken" && c != "voucher.before" {
			t.Fatalf("shown again: %v", err)
		}
		return code(err) == "voucher.taken"
	})
	for _, d := range []*device{office, merchant} {
		d.sound()
	}
}
