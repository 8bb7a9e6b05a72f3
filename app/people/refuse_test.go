package people_test

import (
	"fmt"
	"testing"

	"jishan/app/govern"
	"jishan/app/people"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

func (m *member) replace(id string) people.Card {
	m.t.Helper()
	c, err := m.ReplaceCard(ctx, "op", id)
	if err != nil {
		m.t.Fatal(err)
	}
	return c
}

func (m *member) takes(c people.Card, want people.Validity) {
	m.t.Helper()
	if f := m.resolve(c.QR); f.Validity != want {
		m.t.Errorf("%s takes %s as %q, want %q", m.Device.Name, c.Code, f.Validity, want)
	}
	if f := m.resolve(c.QR); m.Holds(f.Person, f.Generation, f.Code) != (want == people.CardOK) {
		m.t.Errorf("%s by its code: %s", m.Device.Name, c.Code)
	}
}

func TestMerchantRefusesAReplacedCard(t *testing.T) {
	w := newWorld(t, 60)
	o, s, shop := w.office(), w.join("站", govern.Station), w.join("小卖部", govern.Merchant)
	id := o.register(zhang).ID
	w.meet(o, s, shop)
	old := o.card(id)
	shop.takes(old, people.CardOK)
	first := o.replace(id)
	shop.takes(old, people.CardOK) // it can't know yet
	shop.takes(first, people.CardOK)
	w.meet(o, shop)
	shop.takes(old, people.CardBlocked)
	shop.takes(first, people.CardOK)
	s.takes(first, people.CardOK) // not heard of, and signed
	w.meet(o, s)
	if err := s.BlockCard(ctx, "op", id); err != nil {
		t.Fatal(err)
	}
	w.meet(s, shop)
	shop.takes(first, people.CardBlocked)
	second := s.replace(id)
	w.meet(s, shop)
	shop.takes(second, people.CardOK)
	shop.takes(old, people.CardBlocked)
	if page := shop.list(people.Ask{}); page.Total != 0 {
		t.Errorf("a merchant reads people: %+v", page)
	}
	before, err := shop.Store.ProjectionDigest(ctx)
	if err != nil {
		t.Fatal(err)
	}
	if err := shop.Store.Rebuild(ctx); err != nil {
		t.Fatal(err)
	}
	after, err := shop.Store.ProjectionDigest(ctx)
	if err != nil || before.Whole != after.Whole {
		t.Errorf("a rebuild forgets cards: %v", err)
	}
}

func TestCardReplacedTwiceApart(t *testing.T) {
	for seed := range uint64(3) {
		w := newWorld(t, 70+seed)
		o, s, shop := w.office(), w.join("站", govern.Station), w.join("小卖部", govern.Merchant)
		id := o.register(zhang).ID
		w.meet(o, s, shop)
		old := o.card(id)
		a, b := o.replace(id), s.replace(id)
		if a.Code == b.Code || a.QR == b.QR {
			t.Fatalf("seed %d: two devices printed one card", seed)
		}
		w.meet(o, shop)
		shop.takes(a, people.CardOK)
		w.meet(s, shop)
		w.meet(o, s, shop)
		holds, fails := a, b
		if o.card(id).Code == b.Code {
			holds, fails = b, a
		}
		for _, m := range []*member{o, s, shop} {
			m.takes(holds, people.CardOK)
			m.takes(fails, people.CardBlocked)
			m.takes(old, people.CardBlocked)
		}
		for _, m := range []*member{o, s} {
			if p := m.get(id); p.CardBlocked || p.CardGeneration != 1 || p.Code != holds.Code || len(p.Conflicts) != 0 {
				t.Errorf("seed %d, %s: %+v", seed, m.Device.Name, p)
			}
		}
		third := s.replace(id)
		w.meet(o, s, shop)
		shop.takes(third, people.CardOK)
		shop.takes(holds, people.CardBlocked)
	}
}

func TestErasedPersonsCard(t *testing.T) {
	w := newWorld(t, 80)
	o, shop := w.office(), w.join("小卖部", govern.Merchant)
	id := o.register(zhang).ID
	old := o.card(id)
	if err := o.Erase(ctx, "op", id); err != nil {
		t.Fatal(err)
	}
	w.meet(o, shop)
	shop.takes(old, people.CardBlocked)
	shop.takes(o.card(o.register(zhang).ID), people.CardOK)
}

// An older program wrote a replacement into the person's record alone.
func TestOlderReplacementsReachMerchants(t *testing.T) {
	w := newWorld(t, 81)
	o, shop := w.office(), w.join("小卖部", govern.Merchant)
	id := o.register(zhang).ID
	old := o.card(id)
	pid, err := people.ParseID(id)
	if err != nil {
		t.Fatal(err)
	}
	o.Must(func(tx *store.Tx) error {
		_, err := tx.Put(o.Charter.Doc(fmt.Sprintf("people/%02d", pid.Shard())), "people.card", store.Put{Key: "person/" + id + "/card", Value: wire.StringValue("1.0")})
		return err
	})
	w.meet(o, shop)
	o.takes(old, people.CardBlocked)
	shop.takes(old, people.CardOK)
	for range 2 {
		if _, err := o.AwardDue(ctx, "op", 10); err != nil {
			t.Fatal(err)
		}
	}
	w.meet(o, shop)
	shop.takes(old, people.CardBlocked)
	shop.takes(o.card(id), people.CardOK)
}

func TestCardDocumentForm(t *testing.T) {
	w := newWorld(t, 82)
	o, s, shop := w.office(), w.join("站", govern.Station), w.join("小卖部", govern.Merchant)
	id := o.register(zhang).ID
	doc := o.Charter.Doc("card")
	for name, p := range map[string]store.Put{
		"a text":        {Key: "card/" + id + "/least", Value: wire.StringValue("张三")},
		"a negative":    {Key: "card/" + id + "/least", Value: wire.IntValue(-1)},
		"zero":          {Key: "card/" + id + "/least", Value: wire.IntValue(0)},
		"beyond bounds": {Key: "card/" + id + "/least", Value: wire.IntValue(100_000_001)},
		"a name":        {Key: "card/" + id + "/name", Value: wire.IntValue(1)},
		"no person":     {Key: "card/张三/least", Value: wire.IntValue(1)},
		"more segments": {Key: "card/" + id + "/least/x", Value: wire.IntValue(1)},
	} {
		ch := &wire.Change{Ops: []wire.Op{{Key: p.Key, Value: p.Value}}}
		if err := people.Form(doc, ch); err == nil {
			t.Errorf("%s is accepted", name)
		}
	}
	if err := people.Form(doc, &wire.Change{Ops: []wire.Op{{Key: "card/" + id + "/least", Delete: true}}}); err == nil {
		t.Error("a removal is accepted")
	}
	if err := people.Form(doc, &wire.Change{Ops: []wire.Op{{Key: "card/" + id + "/least", Value: wire.IntValue(100_000_000)}}}); err != nil {
		t.Error(err)
	}
	if !o.Charter.MayRead(shop.Key.Public(), doc) {
		t.Error("a merchant may not read it")
	}
	head := func(m *member) error {
		return m.Do(func(tx *store.Tx) error {
			c, err := m.Charter.Head(tx)
			if err != nil {
				return err
			}
			return m.Charter.Authority(tx, doc, m.Key.Public(), c)
		})
	}
	if head(o) != nil || head(s) != nil || head(shop) == nil {
		t.Errorf("writers: %v %v %v", head(o), head(s), head(shop))
	}
}

// A smaller number written later lowers nothing.
func TestRefusedCardStaysRefused(t *testing.T) {
	w := newWorld(t, 83)
	o, shop := w.office(), w.join("小卖部", govern.Merchant)
	id := o.register(zhang).ID
	old := o.card(id)
	o.replace(id)
	o.Must(func(tx *store.Tx) error {
		_, err := tx.Put(o.Charter.Doc("card"), "people.card", store.Put{Key: "card/" + id + "/least", Value: wire.IntValue(1)})
		return err
	})
	w.meet(o, shop)
	shop.takes(old, people.CardBlocked)
	o.takes(old, people.CardBlocked)
}
