package bylaw

import (
	"errors"
	"strings"
	"testing"

	"jishan/app/coded"
	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/govern/governtest"
	"jishan/app/zone"
	"jishan/crdt/admit"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

const rules = "每天 9:00 到 17:00 在积分超市兑换。\n烟酒不兑。"

func world(t *testing.T, seed uint64) (*governtest.World, map[*governtest.Device]*Book) {
	books := map[*governtest.Device]*Book{}
	w := governtest.New(t, seed, func(d *governtest.Device) ([]store.Projector, admit.Rules) {
		b := New(d.Charter.Doc)
		books[d] = b
		return []store.Projector{b}, nil
	})
	return w, books
}

// states are the versions at a time, the latest day first: least sum and state.
func states(t *testing.T, d *governtest.Device, b *Book, now int64) (out []string, force Rules) {
	t.Helper()
	d.Must(func(tx *store.Tx) error {
		list, err := b.Versions(tx, now)
		for _, r := range list {
			out = append(out, strings.Repeat("x", int(r.Least))+r.State)
		}
		if err != nil {
			return err
		}
		force, err = b.Now(tx, now)
		return err
	})
	return out, force
}

// A version holds from its day on, at every device; two written apart both stay, and all
// devices take the same one.
func TestVersionsHoldFromTheirDay(t *testing.T) {
	w, books := world(t, 731)
	one := w.Join("一站", govern.Station)
	shop := w.Join("惠民超市", govern.Merchant)
	w.Meet(w.Office, one, shop)
	today, tomorrow := zone.DayBounds(governtest.Start)
	save := func(text string, least, from int64) {
		w.Office.Must(func(tx *store.Tx) error { return books[w.Office].Save(tx, text, least, from) })
	}
	if _, none := states(t, w.Office, books[w.Office], governtest.Start); !none.None() || none.Made != 0 {
		t.Errorf("rules that nobody wrote: %+v", none)
	}
	save(rules, 2, today)
	save(rules, 2, today) // once more: an answer was lost
	save(rules+"\r\n每人每月一桶油。", 5, tomorrow+3_600_000)
	w.Meet(w.Office, one, shop)
	for _, d := range []*governtest.Device{w.Office, one, shop} {
		all, now := states(t, d, books[d], governtest.Start)
		if strings.Join(all, ",") != "xxxxxahead,xxforce" || now.Text != rules || now.Least != 2 || now.From != today {
			t.Errorf("%s: %v, %+v", d.Name, all, now)
		}
		all, later := states(t, d, books[d], tomorrow)
		if strings.Join(all, ",") != "xxxxxforce,xxpast" || later.Least != 5 || later.Text != rules+"\n每人每月一桶油。" || later.From != tomorrow {
			t.Errorf("%s, tomorrow: %v, %+v", d.Name, all, later)
		}
	}
	save("", 0, tomorrow) // they are taken back before they began
	if _, r := states(t, w.Office, books[w.Office], tomorrow); !r.None() {
		t.Errorf("taken back: %+v", r)
	}
}

func TestWhatIsRefused(t *testing.T) {
	w, books := world(t, 732)
	today, _ := zone.DayBounds(governtest.Start)
	for code, try := range map[string]func(tx *store.Tx) error{
		"bylaw.text":  func(tx *store.Tx) error { return books[w.Office].Save(tx, strings.Repeat("长", MaxText+1), 0, today) },
		"bylaw.least": func(tx *store.Tx) error { return books[w.Office].Save(tx, rules, -1, today) },
		"bylaw.from":  func(tx *store.Tx) error { return books[w.Office].Save(tx, rules, 0, today-1) },
	} {
		w.Office.Must(func(tx *store.Tx) error {
			if err := try(tx); !errors.Is(err, fault.New(code)) {
				t.Errorf("got %v, want %s", err, code)
			}
			return nil
		})
	}
	if all, _ := states(t, w.Office, books[w.Office], governtest.Start); len(all) != 0 {
		t.Errorf("%v of what was refused", all)
	}
}

// What admission takes: a version under the hash of what it says, nothing written over,
// nothing deleted, nothing that can't be.
func TestForm(t *testing.T) {
	op := func(v any, key string) wire.Op {
		b, err := coded.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if key == "" {
			key = "version/" + hash(string(b)) + "/text"
		}
		return wire.Op{Key: key, Value: wire.BytesValue(b)}
	}
	good := value{Format: format, Text: rules, Least: 20, From: 1, Made: 1}
	with := func(change func(*value)) value { v := good; change(&v); return v }
	plain := op(good, "")
	over, gone := plain, plain
	over.Pred, gone.Delete = []wire.OpID{{Counter: 1}}, true
	for name, x := range map[string]struct {
		op   wire.Op
		pass bool
	}{
		"good":              {plain, true},
		"of nothing":        {op(with(func(v *value) { v.Text, v.Least = "", 0 }), ""), true},
		"of a newer format": {op([]any{uint64(format + 1), "new"}, ""), true},
		"written over":      {over, false},
		"deleted":           {gone, false},
		"under another id":  {op(with(func(v *value) { v.Least = 21 }), plain.Key), false},
		"of another key":    {op(good, strings.TrimSuffix(plain.Key, "text")+"else"), false},
		"below nothing":     {op(with(func(v *value) { v.Least = -1 }), ""), false},
		"beyond all":        {op(with(func(v *value) { v.Least = MaxLeast + 1 }), ""), false},
		"of no day":         {op(with(func(v *value) { v.From = 0 }), ""), false},
		"too long":          {op(with(func(v *value) { v.Text = strings.Repeat("长", MaxText+1) }), ""), false},
		"with a bell":       {op(with(func(v *value) { v.Text = "a\ab" }), ""), false},
	} {
		if err := Form(&wire.Change{Ops: []wire.Op{x.op}}); (err == nil) != x.pass {
			t.Errorf("%s: %v", name, err)
		}
	}
}
