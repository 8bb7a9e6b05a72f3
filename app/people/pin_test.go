package people_test

import (
	"errors"
	"testing"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/people"
	"jishan/crdt/store"
)

func TestNormalPIN(t *testing.T) {
	for in, want := range map[string]string{"2580": "2580", " 25 80 ": "2580", "２５８０": "2580", "136790": "136790"} {
		if got, err := people.NormalPIN(in); err != nil || got != want {
			t.Errorf("%q: %q %v", in, got, err)
		}
	}
	for in, code := range map[string]string{
		"": "people.pin.bad", "123": "people.pin.bad", "1234567": "people.pin.bad", "12a4": "people.pin.bad",
		"0000": "people.pin.weak", "1234": "people.pin.weak", "987654": "people.pin.weak",
	} {
		if _, err := people.NormalPIN(in); !errors.Is(err, fault.New(code)) {
			t.Errorf("%q: %v", in, err)
		}
	}
}

// A PIN is checked with the card alone; a card without one, and one for another
// card, fits nothing; a new card needs it set again.
func TestCardPIN(t *testing.T) {
	w := newWorld(t, 44)
	o, shop := w.office(), w.join("小卖部", govern.Merchant)
	id := o.register(zhang).ID
	if f := shop.resolve(o.card(id).QR); f.PIN != (people.Verifier{}) {
		t.Error("a first card has no PIN")
	}
	if _, err := o.ReplaceCardPIN(ctx, "op", id, "2580"); !errors.Is(err, fault.New("people.pin.pepper")) {
		t.Fatalf("before there is a pepper: %v", err)
	}
	if err := o.Write(ctx, "op", func(tx *store.Tx) error { return o.Charter.SetPolicy(tx, govern.CardPepperSetting([32]byte{1, 2})) }); err != nil {
		t.Fatal(err)
	}
	c, err := o.ReplaceCardPIN(ctx, "op", id, "2580")
	if err != nil {
		t.Fatal(err)
	}
	w.meet(o, shop)
	f := shop.resolve(c.QR)
	if f.Validity != people.CardOK || f.PIN == (people.Verifier{}) || o.resolve(c.Code).PIN != f.PIN {
		t.Fatalf("%+v", f)
	}
	for pin, want := range map[string]bool{"2580": true, "2581": false, "": false} {
		if got, err := shop.Fits(f.PIN, pin, f.Person, f.Code); err != nil || got != want {
			t.Errorf("%q fits: %v %v", pin, got, err)
		}
	}
	if got, _ := shop.Fits(f.PIN, "2580", f.Person, "000000000"); got {
		t.Error("the PIN fits another card")
	}
	if got, _ := shop.Fits(people.Verifier{}, "2580", f.Person, f.Code); got {
		t.Error("a PIN fits a card without one")
	}
	if p, err := o.Get(ctx, "op", id); err != nil || !p.CardPIN {
		t.Errorf("%+v %v", p, err)
	}
	if fresh, err := o.ReplaceCard(ctx, "op", id); err != nil || shop.resolve(fresh.QR).PIN != (people.Verifier{}) {
		t.Errorf("a new card has the old PIN: %v", err)
	}
	if _, err := o.ReplaceCardPIN(ctx, "op", id, "1111"); !errors.Is(err, fault.New("people.pin.weak")) {
		t.Error(err)
	}
}

// Who lost the card and has no new one is void, at every device that was told.
func TestVoid(t *testing.T) {
	w := newWorld(t, 45)
	o, shop := w.office(), w.join("小卖部", govern.Merchant)
	id := o.register(zhang).ID
	pid, err := people.ParseID(id)
	if err != nil {
		t.Fatal(err)
	}
	both := func(want bool) {
		t.Helper()
		w.meet(o, shop)
		if o.Void(pid) != want || shop.Void(pid) != want {
			t.Errorf("void: office %v, merchant %v, want %v", o.Void(pid), shop.Void(pid), want)
		}
	}
	both(false)
	if err := o.BlockCard(ctx, "op", id); err != nil {
		t.Fatal(err)
	}
	both(true)
	if _, err := o.ReplaceCard(ctx, "op", id); err != nil {
		t.Fatal(err)
	}
	both(false)
	if err := o.BlockCard(ctx, "op", id); err != nil {
		t.Fatal(err)
	}
	both(true)
}
