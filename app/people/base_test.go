package people_test

import (
	"errors"
	"fmt"
	"testing"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/people"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

func (m *member) order(points int64) error {
	return m.Do(func(tx *store.Tx) error { return m.OrderBase(tx, "甲", "2026", points) })
}

func (m *member) pay(limit int) int {
	m.t.Helper()
	n, err := m.PayBase(ctx, "2026", limit)
	if err != nil {
		m.t.Fatal(err)
	}
	return n
}

func (m *member) base() (b people.Base) {
	m.t.Helper()
	err := m.Store.View(ctx, func(q store.Querier) (err error) { b, err = m.Base(q, "2026"); return err })
	if err != nil {
		m.t.Fatal(err)
	}
	return b
}

func TestBaseInSteps(t *testing.T) {
	w := newWorld(t, 95)
	o, s := w.office(), w.join("站", govern.Station)
	for i := range 5 {
		o.register(people.NewPerson{Name: "张三", Phone: fmt.Sprintf("1380000000%d", i)})
	}
	w.meet(o, s)
	for _, points := range []int64{0, -1, people.MaxBase + 1} {
		if err := s.order(points); !errors.Is(err, fault.New("base.points")) {
			t.Errorf("%d: %v", points, err)
		}
	}
	if o.pay(10) != 0 {
		t.Error("paid without an order")
	}
	if err := s.order(100); err != nil {
		t.Fatal(err)
	}
	if s.pay(10) != 0 {
		t.Error("a station paid")
	}
	w.meet(o, s)
	if o.pay(2) != 2 || o.base().Paid != 2 {
		t.Errorf("a step of two: %+v", o.base())
	}
	o.Must(func(tx *store.Tx) error { return o.StopBase(tx, "2026") })
	if o.pay(2) != 0 {
		t.Error("paid after a stop")
	}
	if err := o.order(50); !errors.Is(err, fault.New("base.other")) {
		t.Errorf("another amount: %v", err)
	}
	w.Clock += 1000
	o.register(people.NewPerson{Name: "李四", Phone: "13800000009"}) // after the order
	w.meet(o, s)
	if b := s.base(); !b.Stopped || b.Paid != 2 || b.People != 6 {
		t.Errorf("while stopped: %+v", b)
	}
	w.Clock += 1000
	if err := s.order(100); err != nil {
		t.Fatal(err)
	}
	w.meet(o, s)
	if o.pay(10) != 4 || o.pay(10) != 0 {
		t.Errorf("the rest: %+v", o.base())
	}
	w.meet(o, s)
	if b := s.base(); b.Paid != 6 || b.Open() != 0 || b.By != "甲" {
		t.Errorf("at the end: %+v", b)
	}
	has(t, s.one("李四"), 110, 110, 110)
	// Taken back by hand, it is not given again.
	w.Clock += 1000
	if err := o.order(100); err != nil || o.pay(10) != 0 {
		t.Errorf("given twice: %v", err)
	}
}

// An order is four fields of known types in the first shard; what is none of
// them passes, as a newer program may write.
func TestBaseForm(t *testing.T) {
	community := newWorld(t, 96).Community
	form := func(shard, key string, v wire.Value) error {
		return people.Form(store.DocID(community+".1/people/"+shard), &wire.Change{Ops: []wire.Op{{Key: key, Value: v}}})
	}
	for _, c := range []struct {
		shard, key string
		v          wire.Value
		ok         bool
	}{
		{"00", "base/2026/points", wire.IntValue(100), true}, {"00", "base/2026/by", wire.StringValue("甲"), true},
		{"00", "base/2026/newer", wire.StringValue("x"), true}, {"00", "base", wire.StringValue("x"), true},
		{"01", "base/2026/points", wire.IntValue(100), false}, {"00", "base/26/points", wire.IntValue(100), false},
		{"00", "base/2026/points", wire.StringValue("100"), false}, {"00", "base/year/points", wire.IntValue(1), false},
	} {
		if err := form(c.shard, c.key, c.v); (err == nil) != c.ok {
			t.Errorf("%s %s: %v", c.shard, c.key, err)
		}
	}
}
