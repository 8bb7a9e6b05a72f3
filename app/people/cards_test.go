package people_test

import (
	"errors"
	"testing"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/people"
)

func (m *member) card(id string) people.Card {
	m.t.Helper()
	list, err := m.Cards(ctx, []string{id})
	if err != nil {
		m.t.Fatal(err)
	}
	return list[0]
}

func (m *member) resolve(text string) people.Found {
	m.t.Helper()
	f, err := m.Resolve(ctx, text)
	if err != nil {
		m.t.Fatal(err)
	}
	return f
}

func TestCardAtAMerchantWithoutNetwork(t *testing.T) {
	w := newWorld(t, 40)
	o, shop := w.office(), w.join("小卖部", govern.Merchant)
	c := o.card(o.register(zhang).ID)
	if f := shop.resolve(c.QR); f.Validity != people.CardOK || f.Masked != "张*" || f.Code != c.Code || f.Person.String() != c.ID || !f.Own {
		t.Errorf("%+v", f)
	}
	if _, err := shop.Resolve(ctx, c.Code); !errors.Is(err, fault.New("people.code.unknown")) {
		t.Errorf("a merchant knows a code: %v", err)
	}
	if len(c.QR) > people.MaxCardText || c.Community != "柳溪社区" || c.Name != "张三" {
		t.Errorf("%+v", c)
	}
	other := newWorld(t, 41)
	if f := other.office().resolve(c.QR); f.Own || f.Validity != people.CardUnknown {
		t.Errorf("at another community: %+v", f)
	}
}

func TestLostCards(t *testing.T) {
	w := newWorld(t, 42)
	o, s := w.office(), w.join("站", govern.Station)
	id := o.register(zhang).ID
	old := o.card(id)
	w.meet(o, s)
	if f := s.resolve(old.Code); f.Validity != people.CardOK {
		t.Errorf("%+v", f)
	}
	if err := s.BlockCard(ctx, "op", id); err != nil {
		t.Fatal(err)
	}
	for _, text := range []string{old.QR, old.Code} {
		if f := s.resolve(text); f.Validity != people.CardBlocked {
			t.Errorf("blocked: %+v", f)
		}
	}
	fresh, err := s.ReplaceCard(ctx, "op", id)
	if err != nil || fresh.Code == old.Code || fresh.QR == old.QR {
		t.Fatalf("%+v %v", fresh, err)
	}
	w.meet(o, s)
	if f := o.resolve(fresh.QR); f.Validity != people.CardOK || f.Generation != 1 {
		t.Errorf("the new card: %+v", f)
	}
	if f := o.resolve(old.QR); f.Validity != people.CardBlocked {
		t.Errorf("the old card: %+v", f)
	}
	if _, err := o.Resolve(ctx, old.Code); !errors.Is(err, fault.New("people.code.unknown")) {
		t.Errorf("the old code: %v", err)
	}
	if p := o.get(id); p.CardGeneration != 1 || p.CardBlocked || p.Code != fresh.Code {
		t.Errorf("%+v", p)
	}
}

func TestBadScans(t *testing.T) {
	w := newWorld(t, 43)
	for text, code := range map[string]string{"": "people.code.bad", "JS1:": "people.card.bad", "JS1:AAA": "people.card.bad", "12345": "people.code.bad", "http://x": "people.code.bad"} {
		if _, err := w.office().Resolve(ctx, text); !errors.Is(err, fault.New(code)) {
			t.Errorf("%q: %v", text, err)
		}
	}
	if _, err := w.office().Cards(ctx, []string{people.ID{1}.String()}); !errors.Is(err, fault.New("people.unknown")) {
		t.Errorf("%v", err)
	}
	if _, err := w.office().Cards(ctx, make([]string, 500)); !errors.Is(err, fault.New("call.page")) {
		t.Errorf("%v", err)
	}
	if err := w.office().BlockCard(ctx, "op", people.ID{1}.String()); !errors.Is(err, fault.New("people.unknown")) {
		t.Errorf("%v", err)
	}
}
