package node

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"

	"jishan/app/correction"
	"jishan/app/people"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// lines of a person's passbook of one kind, as a device shows them.
func (d *device) lines(id any, kind string) (out []object) {
	d.t.Helper()
	for _, l := range d.must("people.passbook", object{"id": id, "offset": 0, "limit": 50})["lines"].([]any) {
		if l := l.(object); l["kind"] == kind {
			out = append(out, l)
		}
	}
	return out
}

func entryOf(l object) any { return l["ref"].(object)["hash"] }

// owing tells whether a device knows a person with that much to spend and to owe.
func (d *device) owing(id any, spendable, debt int64) bool {
	p, err := d.call("people.get", object{"id": id})
	return err == nil && number(p["spendable"]) == spendable && number(p["debt"]) == debt
}

// correction is the only request that a device knows.
func (d *device) correction() object {
	d.t.Helper()
	rows := d.must("correction.list", object{})["rows"].([]any)
	if len(rows) != 1 {
		d.t.Fatalf("%d requests: %v", len(rows), rows)
	}
	return rows[0].(object)
}

// allAgree waits until devices hold the same documents and balances.
func allAgree(t *testing.T, devices ...*device) {
	t.Helper()
	eventually(t, "all devices agree", func() bool {
		first := devices[0].must("audit.report", object{})
		for _, d := range devices[1:] {
			r := d.must("audit.report", object{})
			if r["balances"] != first["balances"] {
				return false
			}
			for doc, digest := range first["documents"].(object) {
				if r["documents"].(object)[doc] != digest {
					return false
				}
			}
		}
		return true
	})
}

// TestCorrectionOfAbsentAuthor: what a station wrote is asked for by two others
// while it is away. It hears of both when it comes back and corrects once, in the
// name and for the reason of who asked; a restart and another look add nothing.
func TestCorrectionOfAbsentAuthor(t *testing.T) {
	office := found(t)
	author := join(t, office, "station", "柳溪实践站")
	other := join(t, office, "station", "河湾实践站")
	reg := office.must("people.register", person("张三", "13900000001"))
	id := reg["id"]
	eventually(t, "the author knows the points", func() bool { return author.owing(id, 10, 0) })
	author.must("deed.deduct", object{"person": id, "points": 14, "reason": "占用消防通道"})
	for _, d := range []*device{office, other} {
		eventually(t, "the deduction is known", func() bool { return d.owing(id, 0, 4) })
	}
	author.stop()
	other.must("app.operator", object{"name": "网格员丙"})
	hash := entryOf(other.lines(id, "deduct")[0])
	other.refuses("correction.reason", "correction.make", object{"hash": hash, "reason": " "})
	look := other.must("correction.look", object{"hash": hash})
	if number(look["back"]) != 10 || number(look["cancel"]) != 4 || look["here"] != false || look["place"] != "柳溪实践站" {
		t.Errorf("%v", look)
	}
	other.must("devices.pause", object{"on": true})
	office.must("devices.pause", object{"on": true})
	if got := other.must("correction.make", object{"hash": hash, "reason": "认错了人"}); got["state"] != "open" {
		t.Errorf("%v", got)
	}
	office.must("correction.make", object{"hash": hash, "reason": "认错了人"})
	for _, d := range []*device{office, other} {
		if l := d.lines(id, "deduct")[0]; l["asked"] != "open" || l["undone"] != false {
			t.Errorf("%v", l)
		}
		d.must("devices.pause", object{"on": false})
	}
	eventually(t, "one request", func() bool { return office.correction()["by"] == other.correction()["by"] })
	by := office.correction()["by"]

	author = start(t, author.dir)
	all := []*device{office, other, author}
	for _, d := range all {
		eventually(t, "it is corrected", func() bool { return d.owing(id, 10, 0) })
	}
	author.stop()
	author = start(t, author.dir)
	all[2] = author
	c, err := author.here()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.tend.corrections(t.Context()); err != nil {
		t.Error(err)
	}
	allAgree(t, all...)
	for _, d := range all {
		if r := d.correction(); r["state"] != "done" || r["kind"] != "deduct" || number(r["points"]) != 14 {
			t.Errorf("%v", r)
		}
		undone := d.lines(id, "undo")
		if len(undone) == 0 || undone[len(undone)-1]["operator"] != by || undone[0]["place"] != "柳溪实践站" {
			t.Fatalf("%v", undone)
		}
		back := int64(0)
		for _, l := range undone {
			back += number(l["amount"]) + number(l["owed"]) // of 14, 4 were owed and are no more
		}
		if p := d.person(id); back != 10 || number(p["year"]) != 10 || number(p["lifetime"]) != 10 {
			t.Errorf("%d back, %v", back, p)
		}
		d.refuses("ledger.undo.done", "correction.make", object{"hash": hash, "reason": "认错了人"})
		d.refuses("correction.over", "correction.withdraw", object{"hash": hash})
		d.sound()
	}
}

// TestCorrectionOfSpentAward: a station asks for an award of the office while it is
// cut off, and somebody spent the points there meanwhile. What there is goes, the
// rest is owed.
func TestCorrectionOfSpentAward(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	p := person("张三", "13900000001")
	p["usualPlace"] = place(office, "柳溪实践站")
	id := office.must("people.register", p)["id"]
	offer := station.must("shop.save", object{"id": "", "name": "香皂", "unit": "1 块", "kind": "goods", "points": 6, "minimum": 0, "icon": "soap", "active": true, "code": ""})
	station.must("shop.receive", object{"offer": offer["id"], "n": 9, "why": ""})
	eventually(t, "the points are at the usual place", func() bool {
		_, err := station.call("till.redeem", object{"person": id, "lines": []object{{"offer": offer["id"], "n": 1}}})
		return err == nil
	})
	station.must("devices.pause", object{"on": true})
	hash := entryOf(station.lines(id, "award")[0])
	if look := station.must("correction.look", object{"hash": hash}); number(look["take"]) != 4 || number(look["debt"]) != 6 {
		t.Errorf("%v", look)
	}
	station.must("correction.make", object{"hash": hash, "reason": "重复登记"})
	station.must("correction.withdraw", object{"hash": hash})
	if r := station.correction(); r["state"] != "withdrawn" {
		t.Errorf("%v", r)
	}
	station.must("correction.make", object{"hash": hash, "reason": "重复登记"})
	station.must("devices.pause", object{"on": false})
	for _, d := range []*device{office, station} {
		eventually(t, "it is corrected", func() bool {
			p := d.person(id)
			return number(p["spendable"]) == 0 && number(p["debt"]) == 6 && number(p["lifetime"]) == 0
		})
	}
	allAgree(t, office, station)
	office.sound()
	station.sound()
}

// TestCorrectionAfterRevocation: the author is revoked; its successor carries the
// request out.
func TestCorrectionAfterRevocation(t *testing.T) {
	office := found(t)
	author := join(t, office, "station", "柳溪实践站")
	id := office.must("people.register", person("张三", "13900000001"))["id"]
	eventually(t, "the author knows the points", func() bool { return author.owing(id, 10, 0) })
	author.must("deed.deduct", object{"person": id, "points": 14, "reason": "占用消防通道"})
	eventually(t, "the deduction is known", func() bool { return office.owing(id, 0, 4) })
	allAgree(t, office, author)
	station := stationID(office)
	author.stop()
	hash := entryOf(office.lines(id, "deduct")[0])
	if got := office.must("correction.make", object{"hash": hash, "reason": "认错了人"}); got["state"] != "open" {
		t.Errorf("%v", got)
	}
	office.must("devices.revoke", object{"id": station})
	eventually(t, "the successor corrects it", func() bool { return office.owing(id, 10, 0) })
	if r := office.correction(); r["state"] != "done" || r["here"] != true {
		t.Errorf("%v", r)
	}
	office.sound()
}

// TestCorrectionAtATill: a merchant's device undoes its own redemption when staff
// ask for it; it reads a hash and no word of why.
func TestCorrectionAtATill(t *testing.T) {
	office := found(t)
	till := join(t, office, "merchant", "利民超市")
	p := person("张三", "13900000001")
	p["usualPlace"] = place(office, "利民超市")
	id := office.must("people.register", p)["id"]
	offer := till.must("shop.save", object{"id": "", "name": "香皂", "unit": "1 块", "kind": "goods", "points": 6, "minimum": 0, "icon": "soap", "active": true, "code": ""})
	till.must("shop.receive", object{"offer": offer["id"], "n": 9, "why": ""})
	eventually(t, "the points are at the till", func() bool {
		_, err := till.call("till.redeem", object{"person": id, "lines": []object{{"offer": offer["id"], "n": 1}}})
		return err == nil
	})
	eventually(t, "the redemption is known", func() bool { return len(office.lines(id, "redeem")) == 1 })
	till.refuses("app.role", "correction.list", object{})
	till.must("devices.pause", object{"on": true})
	hash := entryOf(office.lines(id, "redeem")[0])
	office.must("correction.make", object{"hash": hash, "reason": "商品退回"})
	till.must("devices.pause", object{"on": false})
	eventually(t, "the till undoes it", func() bool { return office.correction()["state"] == "done" })
	eventually(t, "the points are back", func() bool { return number(office.person(id)["spendable"]) == 10 })
	c, err := till.here()
	if err != nil {
		t.Fatal(err)
	}
	err = c.view(t.Context(), func(q store.Querier) error {
		var n int
		err := q.QueryRow("SELECT count(*) FROM correction_request").Scan(&n)
		if n != 0 {
			t.Errorf("the till reads %d requests with their reasons", n)
		}
		return err
	})
	if err != nil {
		t.Error(err)
	}
	office.sound()
}

// TestRequestsBehindOneThatFails: what can't be carried out keeps nothing behind it
// waiting, on its page or the next ones, and is told.
func TestRequestsBehindOneThatFails(t *testing.T) {
	office := found(t)
	c, err := office.here()
	if err != nil {
		t.Fatal(err)
	}
	var all []wire.Hash
	for n := range byte(2*correctionsAtOnce + 20) {
		all = append(all, wire.Hash{1, n})
	}
	page := func(_ store.Querier, after wire.Hash) (out []wire.Hash, _ error) {
		i := slices.IndexFunc(all, func(h wire.Hash) bool { return bytes.Compare(h[:], after[:]) > 0 })
		if i < 0 {
			return nil, nil
		}
		return all[i:min(i+correctionsAtOnce, len(all))], nil
	}
	bad := errors.New("bad")
	done := 0
	err = eachPage(t.Context(), c, page, func(h wire.Hash) wire.Hash { return h }, func(h wire.Hash) error {
		if h == all[3] || h == all[60] {
			return bad
		}
		done++
		return nil
	})
	if !errors.Is(err, bad) || done != len(all)-2 {
		t.Errorf("%d of %d done: %v", done, len(all), err)
	}
}

// TestWhoAsked: who asked for a correction is who sat at the device that wrote it
// down, whatever name its program put into the record.
func TestWhoAsked(t *testing.T) {
	office := found(t)
	c, err := office.here()
	if err != nil {
		t.Fatal(err)
	}
	reg := office.must("people.register", person("张三", "13900000001"))
	id, err := people.ParseID(reg["id"].(string))
	if err != nil {
		t.Fatal(err)
	}
	err = c.write(t.Context(), func(tx *store.Tx) error {
		return c.fixes.Ask(tx, correction.Request{Hash: wire.Hash{7}, Person: id, Author: wire.Actor{9}, By: "别人"})
	})
	if err != nil {
		t.Fatal(err)
	}
	if r := office.correction(); r["by"] != "经办人甲" {
		t.Errorf("asked by %v", r["by"])
	}
}

// A registration's bonus that was taken back is not given again, by no chore and
// after no start.
func TestABonusTakenBackStaysSo(t *testing.T) {
	d := found(t)
	id := d.must("people.register", person("王五", "13900000001"))["id"]
	eventually(t, "the bonus is booked", func() bool { return d.owing(id, 10, 0) })
	d.must("ledger.undo", object{"ref": d.lines(id, "award")[0]["ref"]})
	d.stop()
	d = start(t, d.dir)
	d.still()
	if !d.owing(id, 0, 0) || len(d.lines(id, "award")) != 1 {
		t.Errorf("it came back: %v", d.lines(id, "award"))
	}
}

// TestCorrectionsOverIncarnations: what a station sold before it was set up anew twice can
// still be corrected: its third incarnation has inherited what the first one wrote.
func TestCorrectionsOverIncarnations(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	p := person("张三", "13900000001")
	p["usualPlace"] = place(office, "柳溪实践站")
	who := office.must("people.register", p)["id"]
	soap := station.shelf("香皂", 2, 50)
	for round := range 3 {
		if round > 0 {
			station.stop()
			if err := os.Remove(filepath.Join(station.dir, lockFile)); err != nil {
				t.Fatal(err)
			}
			station = start(t, station.dir)
		}
		left := 10 - 2*float64(round)
		eventually(t, "the points are at the station", func() bool { return station.buy(who, soap, 1) == nil })
		eventually(t, "the office has heard of it", func() bool { return office.person(who)["spendable"] == left-2 })
	}
	sold := office.lines(who, "redeem")
	if len(sold) != 3 {
		t.Fatalf("%d redemptions", len(sold))
	}
	for n := range sold {
		office.must("correction.make", object{"hash": entryOf(sold[len(sold)-1-n]), "reason": "拿错了"})
		eventually(t, "it is corrected", func() bool { return number(office.person(who)["spendable"]) == int64(4+2*(n+1)) })
	}
	for _, d := range []*device{office, station} {
		eventually(t, "all agree", func() bool { return number(d.person(who)["spendable"]) == 10 })
		d.sound()
	}
}
