package people_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/people"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

func (m *member) seal(id people.ID, field, plain string) (sealed []byte) {
	m.t.Helper()
	m.Must(func(tx *store.Tx) (err error) { sealed, err = m.SealText(tx, id, field, plain); return err })
	return sealed
}

func (m *member) say(id people.ID, plain string) (note string) {
	m.t.Helper()
	m.Must(func(tx *store.Tx) (err error) { note, err = m.Say(tx, id, plain); return err })
	return note
}

// reads is what a device shows for a sealed text.
func (m *member) reads(id people.ID, field string, sealed []byte) (s string) {
	m.t.Helper()
	m.read(func(q store.Querier) (err error) { s, err = m.Texts(q).Open(id, field, sealed); return err })
	return s
}

func (m *member) said(id people.ID, note string) (s string) {
	m.t.Helper()
	m.read(func(q store.Querier) (err error) { s, err = m.Texts(q).Said(id, note); return err })
	return s
}

func (m *member) read(fn func(store.Querier) error) {
	m.t.Helper()
	if err := m.Store.View(ctx, fn); err != nil {
		m.t.Fatal(err)
	}
}

// keys counts the keys of the vault that open something.
func (m *member) keys() (n int) {
	m.t.Helper()
	list, err := m.Store.SetItems(ctx, "vault", -1)
	if err != nil {
		m.t.Fatal(err)
	}
	for _, it := range list {
		if !it.Gone {
			n++
		}
	}
	return n
}

func idOf(t *testing.T, r people.Registered) people.ID {
	t.Helper()
	id, err := people.ParseID(r.ID)
	if err != nil {
		t.Fatal(err)
	}
	return id
}

// A sealed text opens at every staff device, under the field and the person it was
// sealed for, and nowhere else; a merchant opens none.
func TestTextsAreBound(t *testing.T) {
	w := newWorld(t, 21)
	o, s := w.office(), w.join("站", govern.Station)
	shop := w.join("小卖部", govern.Merchant)
	id, other := idOf(t, o.register(zhang)), idOf(t, o.register(people.NewPerson{Name: "李四", Phone: "13700000002"}))
	const field = "activity/2026-02/deed/x/y/note"
	sealed, note := o.seal(id, field, "雨中护送"), o.say(id, "占用消防通道")
	w.meet(o, s, shop)
	for _, m := range []*member{o, s} {
		if m.reads(id, field, sealed) != "雨中护送" || m.said(id, note) != "占用消防通道" {
			t.Errorf("%s does not read it", m.Device.Name)
		}
		for where, got := range map[string]string{
			"another field": m.reads(id, "activity/2026-03/deed/x/y/note", sealed), "another person": m.reads(other, field, sealed),
			"another person's entry": m.said(other, note), "a text that has not come": m.said(id, "said:0123456789abcdef"),
			"a newer version": m.reads(id, field, append([]byte{2}, sealed[1:]...)),
		} {
			if got != people.Unread {
				t.Errorf("%s: %q", where, got)
			}
		}
		if m.said(id, "v1770253200") != "v1770253200" {
			t.Error("a note that names no text is not left alone")
		}
	}
	if shop.reads(id, field, sealed) != people.Unread || shop.said(id, note) != people.Unread {
		t.Error("a merchant reads it")
	}
}

// An erasure destroys all keys of a person: those that no field of the person names,
// because the community's key was turned since, and those that come later from a
// device that had not heard of it.
func TestErasureDestroysEveryKey(t *testing.T) {
	w := newWorld(t, 22)
	o, s, stolen := w.office(), w.join("站", govern.Station), w.join("被盗的站", govern.Station)
	id := idOf(t, o.register(zhang))
	keep := idOf(t, o.register(people.NewPerson{Name: "李四", Phone: "13700000002"}))
	first, kept := o.seal(id, "a", "第一句"), o.seal(keep, "x", "还在")
	w.meet(o, s, stolen)
	w.Office.Must(func(tx *store.Tx) error {
		return w.Office.Charter.Revoke(tx, w.Rand, govern.Withdrawal{Device: stolen.Key.Public(), Why: "lost"})
	})
	second, third := o.seal(id, "b", "第二句"), o.seal(id, "c", "第三句")
	if n := o.keys(); n != 3 { // of both people, and one under the new community key
		t.Fatalf("%d keys", n)
	}
	w.meet(o, s)
	away := s.seal(id, "d", "第四句") // under one of its own: the other is known by no name
	if err := o.Erase(ctx, "op", id.String()); err != nil {
		t.Fatal(err)
	}
	if n := o.keys(); n != 1 {
		t.Errorf("%d keys are left at the office", n)
	}
	w.meet(o, s)
	for range 2 {
		for _, m := range []*member{o, s} {
			if err := m.SweepKeys(ctx); err != nil {
				t.Fatal(err)
			}
		}
		w.meet(o, s)
	}
	for _, m := range []*member{o, s} {
		if n := m.keys(); n != 1 {
			t.Errorf("%s: %d keys are left", m.Device.Name, n)
		}
		for field, sealed := range map[string][]byte{"a": first, "b": second, "c": third, "d": away} {
			if got := m.reads(id, field, sealed); got != people.Erased {
				t.Errorf("%s reads %q", m.Device.Name, got)
			}
		}
		if m.reads(keep, "x", kept) != "还在" {
			t.Error("somebody else's text is gone")
		}
	}
	err := o.Do(func(tx *store.Tx) error { _, err := o.SealText(tx, id, "e", "又一句"); return err })
	if !errors.Is(err, fault.New("people.unknown")) {
		t.Errorf("a text about an erased person: %v", err)
	}
}

// A text of a thing has a key of its own, which goes alone.
func TestThings(t *testing.T) {
	w := newWorld(t, 23)
	o := w.office()
	thing := people.ID{9}
	var first, second []byte
	o.Must(func(tx *store.Tx) (err error) {
		if first, err = o.SealThing(tx, thing, "note", "找李四"); err != nil {
			return err
		}
		second, err = o.SealThing(tx, thing, "note", "到门口")
		return err
	})
	o.Must(func(tx *store.Tx) error { return o.DropThing(tx, thing, first) })
	if o.reads(thing, "note", first) != people.Erased || o.reads(thing, "note", second) != "到门口" {
		t.Error("the wrong one is gone")
	}
	o.Must(func(tx *store.Tx) error { return o.DropThing(tx, thing, []byte("names no key")) })
}

// What admission lets in for a text beside an entry of the ledger.
func TestSaidForm(t *testing.T) {
	w := newWorld(t, 24)
	o := w.office()
	id := idOf(t, o.register(zhang))
	sealed := o.seal(id, "x", "占用消防通道")
	doc := o.Charter.Doc(fmt.Sprintf("people/%02d", id.Shard()))
	key := "said/" + id.String() + "/0123456789abcdef"
	form := func(key string, v wire.Value, del bool) error {
		return people.Form(doc, &wire.Change{Ops: []wire.Op{{Key: key, Value: v, Delete: del}}})
	}
	newer := append([]byte{7}, "of a later program"...)
	for name, v := range map[string]wire.Value{"a sealed text": wire.BytesValue(sealed), "one of a later version": wire.BytesValue(newer)} {
		if err := form(key, v, false); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	other := id
	other[0] ^= 0x80
	for name, err := range map[string]error{
		"in the clear":   form(key, wire.BytesValue([]byte("占用消防通道")), false),
		"ASCII":          form(key, wire.BytesValue([]byte("Li Si")), false),
		"a string":       form(key, wire.StringValue(string(sealed)), false),
		"nothing":        form(key, wire.BytesValue(nil), false),
		"too long":       form(key, wire.BytesValue(o.seal(id, "x", strings.Repeat("长", 60))), false),
		"cut short":      form(key, wire.BytesValue(sealed[:len(sealed)-1]), false),
		"a removal":      form(key, wire.Value{}, true),
		"another shard":  form("said/"+other.String()+"/0123456789abcdef", wire.BytesValue(sealed), false),
		"a longer name":  form(key+"0", wire.BytesValue(sealed), false),
		"capital digits": form("said/"+id.String()+"/0123456789ABCDEF", wire.BytesValue(sealed), false),
	} {
		if err == nil {
			t.Errorf("%s passes", name)
		}
	}
}
