package node

import (
	"bytes"
	"errors"
	"io"
	"net/url"
	"strings"
	"testing"
	"time"

	"jishan/app/fault"
	"jishan/app/law"
	"jishan/crdt/seal"
	"jishan/crdt/store"
)

// alarm returns a device's alarm of a code, nil if there is none.
func (d *device) alarm(code string) object {
	d.t.Helper()
	for _, a := range d.must("alarms.list", object{})["alarms"].([]any) {
		if a := a.(object); a["code"] == code {
			return a
		}
	}
	return nil
}

// TestClockAlarm: a device whose clock is off is named, with how far.
func TestClockAlarm(t *testing.T) {
	var ko, ks clock
	office := foundBy(t, &ko)
	station := joinBy(t, office, "station", "柳溪实践站", &ks)
	if a := office.alarm("clock"); a != nil {
		t.Errorf("with right clocks: %v", a)
	}
	ks.ahead.Store(int64(9*time.Minute + 30*time.Second))
	c, err := office.here()
	if err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is noticed", func() bool {
		c.skewMu.Lock()
		skew := time.Duration(c.skew[station.Node.device.Load().Public()]) * time.Millisecond
		c.skewMu.Unlock()
		if skew < skewLimit {
			ko.ahead.Add(int64(clockEvery)) // the next question is due
			ks.ahead.Add(int64(clockEvery))
			c.tend.poke()
			time.Sleep(2 * tendPause)
		}
		return skew > skewLimit
	})
	a := office.alarm("clock")
	if p := a["params"].(object); a["name"] != "柳溪实践站电脑" || number(p["minutes"]) != 9 || p["ahead"] != true {
		t.Errorf("%v", a)
	}
	eventually(t, "the pill says so", func() bool {
		return number(office.must("app.state", object{})["sync"].(object)["attention"]) == 1
	})
	if list := office.must("home.get", object{})["todo"].([]any); len(list) != 1 || list[0].(object)["kind"] != "alarm" || list[0].(object)["detail"] != "clock" {
		t.Errorf("what waits: %v", list)
	}
}

// forked gives the office a proof that a station's feed has two histories.
func (d *device) forked(station *device) {
	d.t.Helper()
	c, err := station.here()
	if err != nil {
		d.t.Fatal(err)
	}
	branch := func(n byte) seal.Branch {
		h := [32]byte{n}
		return seal.Branch{Hash: h, Seal: c.inc.Seal("x", 1, h)}
	}
	p, err := seal.NewForkProof(c.inc.Certificate, "x", 1, branch(1), branch(2))
	if err != nil {
		d.t.Fatal(err)
	}
	o, err := d.here()
	if err == nil {
		err = o.store.Update(d.t.Context(), store.Author{}, func(tx *store.Tx) error {
			_, err := tx.SetAdd(store.SetFork, store.Item{ID: p.ID(), Blob: p.Encode()})
			return err
		})
	}
	if err != nil {
		d.t.Fatal(err)
	}
}

// TestForkAlarm: a fork is said, its proof can be saved and checked by anybody,
// and it is settled when the feed was closed and its device goes on.
func TestForkAlarm(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	if _, err := office.File(t.Context(), "fork.proof", url.Values{"id": {stationID(office)}}); !errors.Is(err, fault.New("devices.proof.none")) {
		t.Errorf("a proof of nothing: %v", err)
	}
	office.forked(station)
	a := office.alarm("fork")
	if a == nil || a["name"] != "柳溪实践站电脑" {
		t.Fatalf("no alarm: %v", a)
	}
	f, err := office.File(t.Context(), "fork.proof", url.Values{"id": {a["device"].(string)}})
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(f.Body)
	if err != nil {
		t.Fatal(err)
	}
	if p, err := seal.DecodeForkProof(b); err != nil || p.Certificate.Device != station.Node.device.Load().Public() {
		t.Errorf("the proof: %v", err)
	}
	eventually(t, "it is settled", func() bool { return office.alarm("fork")["params"].(object)["settled"] == true })
	eventually(t, "nothing else is wrong", func() bool { return office.alarm("closed") == nil })
}

// TestClosedAndFrozenAlarms: the feed that a device writes was closed while it
// was away, and one was ended by an invalid entry: both are said, by name, until
// the device goes on under a new incarnation.
func TestClosedAndFrozenAlarms(t *testing.T) {
	t.Parallel()
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	id := office.must("people.register", person("张三", "13900000001"))["id"]
	eventually(t, "the station works", func() bool { _, err := station.call("people.get", object{"id": id}); return err == nil })
	old := station.Node.community.store.Self()
	station.cut()
	c, err := office.here()
	if err != nil {
		t.Fatal(err)
	}
	if office.alarm("closed") != nil || office.alarm("frozen") != nil {
		t.Error("an alarm of nothing")
	}
	err = c.store.Update(t.Context(), store.Author{}, func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO ended(doc, seq, hash, reason, proof) VALUES (?, 1, x'', 'test', x'')`, string(c.ledger.Doc(old, 1)))
		return err
	})
	if err == nil {
		err = c.write(t.Context(), func(tx *store.Tx) error {
			cuts, err := law.Cuts(tx, c.ledger, old, "test")
			if err != nil {
				return err
			}
			return c.charter.Write(tx, "govern.close", cuts...)
		})
	}
	if err != nil {
		t.Fatal(err)
	}
	for _, code := range []string{"closed", "frozen"} {
		if a := office.alarm(code); a == nil || a["name"] != "柳溪实践站电脑" || a["device"] != deviceText(station.Node.device.Load().Public()) || a["link"] != "/devices" {
			t.Errorf("%s: %v", code, a)
		}
	}
	station.must("devices.pause", object{"on": false})
	eventually(t, "it goes on under a new one", func() bool { return office.alarm("closed") == nil })
	eventually(t, "the other is succeeded", func() bool { return office.alarm("frozen") == nil })
}

// TestDebtAndBudgetAlarms: points that people owe and a budget that is used up
// are said with their numbers, and no longer than they are true.
func TestDebtAndBudgetAlarms(t *testing.T) {
	t.Parallel()
	office := found(t)
	office.must("budget.set", object{"points": 20, "incomeFen": 0, "second": ""})
	var ids []any
	for i, name := range []string{"张三", "李四"} {
		id := office.must("people.register", person(name, "1390000000"+itoa(int64(i+1))))["id"]
		ids = append(ids, id)
		eventually(t, "the bonus is booked", func() bool { return number(office.budgetNow()["left"]) == int64(10-10*i) })
		if a := office.alarm("budget"); (a != nil) != (i == 1) {
			t.Errorf("after %d of 2: %v", i+1, a)
		}
		if i == 0 {
			if a := office.alarm("debt"); a != nil {
				t.Errorf("nobody owes: %v", a)
			}
			office.must("deed.deduct", object{"person": id, "points": 13, "reason": "占用消防通道"})
			if a := office.alarm("debt"); a == nil || a["link"] != "/people" || number(a["params"].(object)["people"]) != 1 || number(a["params"].(object)["points"]) != 3 {
				t.Errorf("3 are owed: %v", a)
			}
		}
	}
	a := office.alarm("budget")
	if a == nil || a["link"] != "/points/budget" || number(a["params"].(object)["budget"]) != 20 || a["params"].(object)["period"] != period(office.now()) {
		t.Fatalf("all is issued: %v", a)
	}
	bonus := office.must("people.passbook", object{"id": ids[1], "offset": 0, "limit": 5})["lines"].([]any)[0].(object)
	office.must("ledger.undo", object{"ref": bonus["ref"]})
	if a := office.alarm("budget"); a != nil {
		t.Errorf("there is budget again: %v", a)
	}
	item := office.must("scheme.get", object{})["items"].([]any)[0].(object)
	office.must("deed.record", object{"person": ids[0], "item": item["code"], "at": office.now(), "minutes": 60, "note": "", "witness": "网格员", "line": ""})
	eventually(t, "later income pays the debt", func() bool { return office.alarm("debt") == nil })
}

// A change that stands only in a branch of a feed that has forked is here, too.
func TestBranchesAreHere(t *testing.T) {
	d := found(t)
	c, err := d.here()
	if err != nil {
		t.Fatal(err)
	}
	gone, beside := strings.Repeat("0f", 32), strings.Repeat("f0", 32)
	err = c.store.Update(t.Context(), store.Author{}, func(tx *store.Tx) error {
		_, err := tx.Exec(`INSERT INTO branch(doc, actor, seq, hash, chunk, seal, at) VALUES ('elsewhere', ?, 1, ?, x'00', NULL, 0)`, make([]byte, 16), bytes.Repeat([]byte{0xf0}, 32))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	missing := d.must("audit.has", object{"hashes": []string{gone, beside}})["missing"].([]any)
	if len(missing) != 1 || missing[0] != gone {
		t.Error(missing)
	}
}
