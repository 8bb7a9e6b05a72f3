package node

import (
	"testing"

	"github.com/fxamacker/cbor/v2"

	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// forge writes an entry that breaks a rule, as a program would that was tampered
// with: points out of nothing. Its own books take it.
func (d *device) forge(person any) store.Ref {
	d.t.Helper()
	c, err := d.here()
	if err != nil {
		d.t.Fatal(err)
	}
	var ref store.Ref
	err = c.store.Update(d.t.Context(), store.Author{Operator: "x", Context: c.charter.Head}, func(tx *store.Tx) error {
		t := ledger.Tx{Entries: []ledger.Entry{{Type: ledger.Mint, Amount: 50,
			Quota: ledger.Quota{Kind: ledger.Points, Subject: ledger.TextSubject(person.(string)), Period: period(d.now())},
			Deed:  ledger.Deed{Turn: ledger.Subject{1}, Key: ledger.Subject{2}}, Item: "x", Version: 1}}}
		value, err := t.Encode(c.ledger.Community())
		if err != nil {
			return err
		}
		ref, err = tx.Append(c.ledger.Doc(c.store.Self(), 1), "award", value)
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return ref
}

func (d *device) refusedHere() object {
	o, _ := d.must("app.state", object{})["refused"].(object)
	return o
}

// digests are of all documents, as devices compare them.
func (d *device) digests() map[store.DocID][32]byte {
	d.t.Helper()
	c, err := d.here()
	if err != nil {
		return nil
	}
	out := map[store.DocID][32]byte{}
	err = c.view(d.t.Context(), func(q store.Querier) error {
		list, err := store.Docs(q)
		for _, x := range list {
			out[x.ID] = x.Digest
		}
		return err
	})
	if err != nil {
		d.t.Fatal(err)
	}
	return out
}

func agree(a, b *device) bool {
	x, y := a.digests(), b.digests()
	for doc, sum := range x {
		if y[doc] != sum {
			return false
		}
	}
	return len(x) == len(y) && len(x) > 0
}

// TestRefusedFeed: a station whose program was tampered with writes an entry that
// no other device accepts, and works on. It is told, stops with words, sets aside
// what counts nowhere, and goes on when the office has decided; what was handed
// over is written again, the points out of nothing are not.
func TestRefusedFeed(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	p := person("张三", "13900000001")
	p["usualPlace"] = place(office, "柳溪实践站")
	reg := office.must("people.register", p)
	soap := station.shelf("香皂", 1, 50)
	eventually(t, "the points are at the usual place", func() bool { return station.buy(reg["id"], soap, 1) == nil })
	eventually(t, "that is known", func() bool { return number(office.person(reg["id"])["spendable"]) == 9 })
	old := station.writer()
	station.must("devices.pause", object{"on": true})
	ref := station.forge(reg["id"])
	for range 3 {
		if err := station.buy(reg["id"], soap, 1); err != nil {
			t.Fatal(err)
		}
	}
	if n := number(station.person(reg["id"])["spendable"]); n != 56 {
		t.Fatalf("its own books: %d", n)
	}
	station.must("devices.pause", object{"on": false})
	eventually(t, "it is told and stops", func() bool { return station.refusedHere() != nil })
	eventually(t, "what counts nowhere does not count here", func() bool {
		sum := station.terms(ledger.Points)
		return sum.Minted == 10 && sum.Consumed == 1 && number(station.refusedHere()["entries"]) == 4
	})
	if o := station.refusedHere(); number(o["number"]) != int64(ref.Seq) || o["reason"] != "subject" || o["self"] != false {
		t.Errorf("why: %v", o)
	}
	station.refuses("device.refused", "till.redeem", object{"person": reg["id"], "lines": []object{{"offer": soap, "n": 1}}})
	eventually(t, "the office knows that it has stopped", func() bool {
		a := office.alarm(alarmFrozen)
		return a != nil && a["params"].(object)["stopped"] == true && a["params"].(object)["closed"] == false
	})
	eventually(t, "they agree while it waits", func() bool { return agree(office, station) })
	station.stop()
	station = start(t, station.dir)
	if o := station.refusedHere(); o == nil || number(o["entries"]) != 4 {
		t.Fatalf("after a restart: %v", o)
	}
	station.refuses("govern.registrar.only", "devices.goOn", object{"id": stationID(station)})
	office.must("devices.goOn", object{"id": stationID(office)})
	office.refuses("devices.refused.none", "devices.goOn", object{"id": stationID(office)})
	eventually(t, "it goes on", func() bool {
		r, err := station.call("audit.report", object{}) // while it opens again there is none
		return err == nil && r["incarnation"] != old && station.refusedHere() == nil
	})
	eventually(t, "what was handed over counts again", func() bool { return number(office.person(reg["id"])["spendable"]) == 6 })
	eventually(t, "its rights came along", func() bool { return station.buy(reg["id"], soap, 1) == nil })
	for _, d := range []*device{office, station} {
		eventually(t, "both agree", func() bool {
			return number(d.person(reg["id"])["spendable"]) == 5 && d.terms(ledger.Points).Stranded == 0 && d.terms(ledger.Points).Unseen == 0
		})
		d.sound()
	}
	eventually(t, "all documents are equal", func() bool { return agree(office, station) })
	if office.must("audit.report", object{})["balances"] != station.must("audit.report", object{})["balances"] {
		t.Error("the balances differ")
	}
	eventually(t, "no alarm is left at the office", func() bool { return office.alarm(alarmFrozen) == nil })
	a := station.alarm(alarmAside)
	if a == nil || number(a["params"].(object)["again"]) != 3 || number(a["params"].(object)["left"]) != 1 {
		t.Fatalf("what was set aside: %v", a)
	}
	rows := station.must("devices.aside", object{})["rows"].([]any)
	if len(rows) != 4 || number(rows[0].(object)["given"]) != 50 || rows[0].(object)["again"] != false || rows[1].(object)["again"] != true || number(rows[1].(object)["redeemed"]) != 1 || rows[1].(object)["masked"] != "张*" {
		t.Errorf("the list: %v", rows)
	}
	station.must("devices.asideSeen", object{})
	if a := station.alarm(alarmAside); a != nil {
		t.Errorf("somebody has looked at it: %v", a)
	}
	c, err := station.here()
	if err != nil {
		t.Fatal(err)
	}
	before, err := c.store.ProjectionDigest(t.Context())
	if err == nil {
		err = c.store.Rebuild(t.Context())
	}
	if err != nil {
		t.Fatal(err)
	}
	if after, err := c.store.ProjectionDigest(t.Context()); err != nil || after.Whole != before.Whole {
		t.Errorf("a rebuild finds something else: %v", err)
	}
}

// TestLiarStopsNobody: a peer that says of valid entries that they are invalid, of
// entries that do not exist, of a charter, or nonsense, stops nobody; it is named.
func TestLiarStopsNobody(t *testing.T) {
	var k clock
	office := foundBy(t, &k)
	station := joinBy(t, office, "station", "柳溪实践站", &k)
	liar := joinBy(t, office, "station", "河湾实践站", &k)
	p := person("张三", "13900000001")
	p["usualPlace"] = place(office, "柳溪实践站")
	reg := office.must("people.register", p)
	soap := station.shelf("香皂", 1, 50)
	eventually(t, "the points are at the usual place", func() bool { return station.buy(reg["id"], soap, 1) == nil })
	c, err := station.here()
	if err != nil {
		t.Fatal(err)
	}
	self := c.store.Self()
	doc := c.ledger.Doc(self, 1)
	pub := liar.Node.device.Load().Public()
	claim := func(doc store.DocID, seq uint64, h wire.Hash) byte {
		t.Helper()
		b, err := cbor.Marshal(endNotice{Version: noticeVersion, Doc: string(doc), Seq: seq, Hash: h[:], Reason: "[subject] a lie"})
		if err != nil {
			t.Fatal(err)
		}
		answer, err := c.mesh.answer(t.Context(), pub, append([]byte{askRefused}, b...))
		if err != nil || len(answer) != 2 {
			return 99
		}
		return answer[1]
	}
	n := uint64(0)
	err = c.view(t.Context(), func(q store.Querier) error {
		for seq := uint64(1); ; seq++ {
			have, found, err := store.At(q, doc, self, seq)
			if err != nil || !found {
				return err
			}
			if said := claim(doc, seq, have.Hash); said != claimWrong {
				t.Errorf("entry %d: %d", seq, said)
			}
			if said := claim(doc, seq, have.Hash); said != claimWrong {
				t.Errorf("entry %d again: %d", seq, said)
			}
			if said := claim(doc, seq, wire.Hash{1}); said != claimUnknown {
				t.Errorf("entry %d with another hash: %d", seq, said)
			}
			k.ahead.Add(int64(claimEvery))
			n++
		}
	})
	if err != nil || n < 3 {
		t.Fatalf("%d entries, %v", n, err)
	}
	if said := claim(doc, n+7, wire.Hash{1}); said != claimUnknown {
		t.Errorf("an entry to come: %d", said)
	}
	for _, other := range []store.DocID{c.charter.Doc("gov/1"), c.charter.Doc("scheme"), "x"} {
		if said := claim(other, 1, wire.Hash{1}); said != 99 {
			t.Errorf("%s: %d", other, said)
		}
	}
	if station.refusedHere() != nil || station.buy(reg["id"], soap, 1) != nil {
		t.Error("a lie stopped it")
	}
	if a := station.alarm(alarmUnfair); a == nil || a["device"] != deviceText(pub) || number(a["params"].(object)["number"]) != int64(n) {
		t.Errorf("the liar is not named: %v", a)
	}
}

// TestRefusedMainDevice: the main device itself writes an invalid entry. It is
// told by a station, stops, sets aside what counts nowhere, and decides for
// itself: a new term, under a new incarnation, writes again what the rules allow.
func TestRefusedMainDevice(t *testing.T) {
	office := found(t)
	station := join(t, office, "station", "柳溪实践站")
	reg := office.must("people.register", person("张三", "13900000001"))
	soap := office.shelf("香皂", 1, 50)
	eventually(t, "the points are here", func() bool { return office.spendableHere(reg) == 10 })
	eventually(t, "the station agrees", func() bool { return agree(office, station) })
	old := office.writer()
	office.must("devices.pause", object{"on": true})
	office.forge(reg["id"])
	for range 3 {
		if err := office.buy(reg["id"], soap, 1); err != nil {
			t.Fatal(err)
		}
	}
	office.must("devices.pause", object{"on": false})
	eventually(t, "it is told and stops", func() bool { return office.refusedHere() != nil })
	if o := office.refusedHere(); o["self"] != true || number(o["entries"]) != 4 {
		t.Errorf("why: %v", o)
	}
	office.refuses("device.refused", "till.redeem", object{"person": reg["id"], "lines": []object{{"offer": soap, "n": 1}}})
	eventually(t, "they agree while it waits", func() bool { return agree(office, station) })
	office.must("devices.goOn", object{"id": office.must("app.state", object{})["device"].(object)["id"]})
	eventually(t, "it goes on in a new term", func() bool {
		r, err := office.call("audit.report", object{})
		return err == nil && r["incarnation"] != old && office.refusedHere() == nil && office.govTerm() == 2
	})
	for _, d := range []*device{office, station} {
		eventually(t, "what was handed over counts, the points out of nothing do not", func() bool {
			sum := d.terms(ledger.Points)
			return number(d.person(reg["id"])["spendable"]) == 7 && sum.Minted == 10 && sum.Stranded == 0 && sum.Unseen == 0
		})
		d.sound()
	}
	eventually(t, "it works", func() bool { return office.buy(reg["id"], soap, 1) == nil })
	eventually(t, "their documents are equal", func() bool { return agree(office, station) })
	if a := office.alarm(alarmAside); a == nil || number(a["params"].(object)["again"]) != 3 || number(a["params"].(object)["left"]) != 1 {
		t.Errorf("what was set aside: %v", a)
	}
}
