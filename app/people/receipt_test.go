package people_test

import (
	"fmt"
	"testing"

	"jishan/app/govern"
	"jishan/app/people"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// vaultTo gives one device's vault to another, and no document.
func (m *member) vaultTo(to *member) {
	m.t.Helper()
	list, err := m.Store.SetItems(ctx, people.VaultSet, -1)
	if err != nil {
		m.t.Fatal(err)
	}
	to.Must(func(tx *store.Tx) error {
		for _, it := range list {
			if _, err := tx.SetAdd(people.VaultSet, it); err != nil {
				return err
			}
		}
		return nil
	})
}

// chores are what a device does after every commit about the erased.
func (m *member) chores() {
	m.t.Helper()
	for _, do := range []func() error{func() error { return m.FinishErasures(ctx) }, func() error { return m.SweepKeys(ctx) }, func() error { return m.GiveReceipts(ctx) }} {
		if err := do(); err != nil {
			m.t.Fatal(err)
		}
	}
}

// receipts is how many devices say that they have destroyed the keys, as one knows it.
func (m *member) receipts(id people.ID) (n int) {
	m.t.Helper()
	m.read(func(q store.Querier) error {
		list, _, err := m.Erasures(q, 0, 100)
		for _, e := range list {
			if e.Person == id {
				n = len(e.Receipts)
			}
		}
		return err
	})
	return n
}

func (m *member) erase(id people.ID) {
	m.t.Helper()
	if err := m.Erase(ctx, "op", id.String()); err != nil {
		m.t.Fatal(err)
	}
}

// A key that comes late is destroyed at once, without a restart: one of somebody who
// came back after an erasure, though whose it is comes after it; and one that is
// wrapped under a community key that comes after it. Until it can be told whose it is
// the device gives no receipt.
func TestLateKeysDoNotOutliveAnErasure(t *testing.T) {
	w := newWorld(t, 41)
	o, s, away, stolen := w.office(), w.join("站", govern.Station), w.join("外出的站", govern.Station), w.join("被盗的站", govern.Station)
	first := idOf(t, o.register(zhang))
	o.erase(first)
	o.chores()
	w.meet(o, s, away, stolen)
	for _, m := range []*member{s, away} {
		m.chores()
	}
	w.meet(o, s, away)
	if n := o.receipts(first); n != 3 {
		t.Fatalf("%d receipts of the first erasure", n)
	}

	back := idOf(t, o.register(zhang))
	if back == first {
		t.Fatal("who comes back has the old id")
	}
	other := idOf(t, o.register(people.NewPerson{Name: "李四", Phone: "13700000002"}))
	w.Office.Must(func(tx *store.Tx) error {
		return w.Office.Charter.Revoke(tx, w.Rand, govern.Withdrawal{Device: stolen.Key.Public(), Why: "lost"})
	})
	w.meet(o, away)
	away.seal(back, "a", "迟来的一句") // under keys that nobody else has, and under the newer community key
	away.seal(other, "b", "另一句")
	o.erase(back)
	o.erase(other)
	o.chores()
	o.vaultTo(s) // tombstones first,
	away.vaultTo(s)
	s.chores()
	before := s.keys()
	w.meet(o, s) // whose and under which key afterwards
	if before == 0 {
		t.Fatal("the late keys are not at the station")
	}
	if err := s.GiveReceipts(ctx); err != nil { // before the sweep
		t.Fatal(err)
	}
	if n := s.receipts(back); n != 1 {
		t.Errorf("%d receipts while the keys are still there", n)
	}
	s.chores()
	if n := s.keys(); n != 0 {
		t.Errorf("%d keys outlive the erasure", n)
	}
	w.meet(o, s, away)
	away.chores()
	w.meet(o, s, away)
	for _, id := range []people.ID{back, other} {
		if n := o.receipts(id); n != 3 {
			t.Errorf("%d receipts", n)
		}
	}
}

// Who erases one of several joined records without knowing of the others erases one;
// the registrar's device does the rest.
func TestErasureReachesJoinedRecords(t *testing.T) {
	w := newWorld(t, 42)
	o, s := w.office(), w.join("站", govern.Station)
	a, b := idOf(t, o.register(zhang)), idOf(t, o.register(people.NewPerson{Name: "张三", Phone: "13900000001"}))
	third := idOf(t, o.register(people.NewPerson{Name: "李四", Phone: "13700000002"}))
	w.meet(o, s)
	o.Must(func(tx *store.Tx) error { return o.Charter.SetPolicy(tx, govern.JoinSetting(a, b, true)) })
	s.erase(b)
	if n := s.keys(); n != 2 {
		t.Fatalf("%d keys are left at the station, which knows of no joining", n)
	}
	w.meet(o, s)
	s.chores() // a station joins nobody
	if s.keys() != 2 {
		t.Error("a station erased a record that it was not asked to")
	}
	o.chores()
	w.meet(o, s)
	for _, m := range []*member{o, s} {
		m.chores()
		if n := m.keys(); n != 1 {
			t.Errorf("%s: %d keys are left", m.Device.Name, n)
		}
	}
	w.meet(o, s)
	if o.receipts(a) != 2 || o.receipts(b) != 2 || o.receipts(third) != 0 || o.get(third.String()).Name != "李四" {
		t.Errorf("receipts: %d, %d, %d", o.receipts(a), o.receipts(b), o.receipts(third))
	}
}

// A receipt is its author's own, is written once and never taken back.
func TestReceiptForm(t *testing.T) {
	w := newWorld(t, 43)
	o := w.office()
	id := idOf(t, o.register(zhang))
	doc := o.Charter.Doc(fmt.Sprintf("people/%02d", id.Shard()))
	self, other := wire.Actor{1}, wire.Actor{2}
	key := "receipt/" + id.String() + "/" + self.String()
	form := func(op wire.Op) error { return people.Form(doc, &wire.Change{Actor: self, Ops: []wire.Op{op}}) }
	if err := form(wire.Op{Key: key, Value: wire.TimeValue(5)}); err != nil {
		t.Error(err)
	}
	for name, op := range map[string]wire.Op{
		"another device's": {Key: "receipt/" + id.String() + "/" + other.String(), Value: wire.TimeValue(5)},
		"a second one":     {Key: key, Value: wire.TimeValue(6), Pred: []wire.OpID{{Counter: 1, Actor: self}}},
		"a removal":        {Key: key, Delete: true, Pred: []wire.OpID{{Counter: 1, Actor: self}}},
		"a text":           {Key: key, Value: wire.StringValue("yes")},
		"of nobody":        {Key: "receipt/x/" + self.String(), Value: wire.TimeValue(5)},
		"a longer key":     {Key: key + "/x", Value: wire.TimeValue(5)},
	} {
		if form(op) == nil {
			t.Errorf("%s passes", name)
		}
	}
}

// A text beside an entry can't be replaced; who writes another one under its name,
// saying that he has not seen the first, gets both shown.
func TestSaidIsWrittenOnce(t *testing.T) {
	w := newWorld(t, 44)
	o, s := w.office(), w.join("站", govern.Station)
	id := idOf(t, o.register(zhang))
	w.meet(o, s)
	note := o.say(id, "占用消防通道")
	key := "said/" + id.String() + "/" + note[len("said:"):]
	doc := o.Charter.Doc(fmt.Sprintf("people/%02d", id.Shard()))
	forged := s.seal(id, key, "另有说法")
	if err := people.Form(doc, &wire.Change{Ops: []wire.Op{{Key: key, Value: wire.BytesValue(forged), Pred: []wire.OpID{{Counter: 1}}}}}); err == nil {
		t.Error("a replacement passes")
	}
	s.Must(func(tx *store.Tx) error {
		_, err := tx.Put(doc, "people.say", store.Put{Key: key, Value: wire.BytesValue(forged)})
		return err
	})
	w.meet(o, s)
	for _, m := range []*member{o, s} {
		if got := m.said(id, note); got != "占用消防通道 / 另有说法" && got != "另有说法 / 占用消防通道" {
			t.Errorf("%s shows %q", m.Device.Name, got)
		}
	}
}
