package fund

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

func world(t *testing.T, seed uint64) (*governtest.World, map[*governtest.Device]*Book) {
	books := map[*governtest.Device]*Book{}
	w := governtest.New(t, seed, func(d *governtest.Device) ([]store.Projector, admit.Rules) {
		b := New(d.Charter.Doc)
		books[d] = b
		return []store.Projector{b}, nil
	})
	return w, books
}

func yearOf(t *testing.T, d *governtest.Device, b *Book, year string) (y Year) {
	t.Helper()
	d.Must(func(tx *store.Tx) (err error) { y, err = b.Year(tx, year); return err })
	return y
}

// Money comes and goes, a year carries over into the next, a grant is used up to its end,
// and an opposite entered twice, apart, counts once.
func TestMoneyOfTwoYears(t *testing.T) {
	w, books := world(t, 741)
	b := books[w.Office]
	other := w.Join("二室", govern.Office)
	w.Meet(w.Office, other)
	year := zone.Year(governtest.Start)
	before := zone.YearStart(governtest.Start, 0) - 3_600_000
	add := func(e Entry) (id string) {
		t.Helper()
		if e.Day == 0 {
			e.Day = governtest.Start
		}
		w.Office.Must(func(tx *store.Tx) (err error) { id, err = b.Add(tx, e); return err })
		return id
	}
	add(Entry{Kind: Own, Fen: 100_000, Day: before})
	add(Entry{Kind: County, Fen: 300_000, Voucher: "2026-001"})
	add(Entry{Kind: Donation, Fen: 500_000, Who: "惠民超市"})
	add(Entry{Kind: Goods, Fen: 100_000, Who: "永顺粮油"})
	add(Entry{Kind: Own, Fen: 100_000})
	wrong := add(Entry{Kind: Purchase, Fen: 70_000, Word: "毛巾"})
	grant := add(Entry{Kind: Support, Fen: 200_000, Who: "银龄互助"})
	add(Entry{Kind: Use, Fen: 150_000, Grant: grant, Word: "血压计"})
	y := yearOf(t, w.Office, b, year)
	if y.Before != 100_000 || y.Left != 100_000+300_000+500_000+100_000-70_000-200_000 || y.Share != 600 || len(y.Entries) != 7 {
		t.Errorf("%+v", y)
	}
	if len(y.Grants) != 1 || y.Grants[0].Used != 150_000 || y.Grants[0].Left != 50_000 || y.Entries[0].Kind != Use || y.Entries[0].Who != "银龄互助" {
		t.Errorf("%+v", y.Grants)
	}
	w.Meet(w.Office, other)
	for _, d := range []*governtest.Device{w.Office, other} {
		d.Must(func(tx *store.Tx) error { return books[d].Undo(tx, wrong, d.Name+"：记错了", d.Name) })
	}
	w.Meet(w.Office, other)
	for _, d := range []*governtest.Device{w.Office, other} {
		y := yearOf(t, d, books[d], year)
		if y.Left != 730_000+70_000 || y.Sums[Purchase] != 0 || len(y.Entries) != 8 || y.Entries[0].Fen != -70_000 || y.Entries[0].Undoes != wrong {
			t.Errorf("%s: %+v", d.Name, y)
		}
	}
	if a, o := yearOf(t, w.Office, b, year), yearOf(t, other, books[other], year); a.Entries[0].ID != o.Entries[0].ID {
		t.Error("two devices count two opposites")
	}
	if last := yearOf(t, w.Office, b, zone.Year(before)); last.Before != 0 || last.Left != 100_000 || last.Share != 0 || len(last.Entries) != 1 {
		t.Errorf("%+v", last)
	}
}

func TestWhatIsRefused(t *testing.T) {
	w, books := world(t, 742)
	b, now := books[w.Office], int64(governtest.Start)
	var grant, spent string
	w.Office.Must(func(tx *store.Tx) (err error) {
		grant, err = b.Add(tx, Entry{Kind: Support, Fen: 100, Day: now, Who: "银龄互助"})
		return err
	})
	w.Office.Must(func(tx *store.Tx) (err error) {
		spent, err = b.Add(tx, Entry{Kind: Use, Fen: 60, Day: now, Grant: grant})
		return err
	})
	good := Entry{Kind: Own, Fen: 1, Day: now}
	with := func(change func(*Entry)) func(tx *store.Tx) error {
		e := good
		change(&e)
		return func(tx *store.Tx) error { _, err := b.Add(tx, e); return err }
	}
	long := strings.Repeat("长", 200)
	undo := func(id, why string) func(tx *store.Tx) error {
		return func(tx *store.Tx) error { return b.Undo(tx, id, why, "") }
	}
	for _, x := range []struct {
		code string
		try  func(tx *store.Tx) error
	}{
		{"fund.kind", with(func(e *Entry) { e.Kind = "x" })},
		{"fund.fen", with(func(e *Entry) { e.Fen = 0 })},
		{"fund.fen", with(func(e *Entry) { e.Fen = MaxFen + 1 })},
		{"fund.day", with(func(e *Entry) { e.Day = now + 24*3_600_000 })},
		{"fund.day", with(func(e *Entry) { e.Day = 0 })},
		{"fund.text", with(func(e *Entry) { e.Who = long })},
		{"fund.text", with(func(e *Entry) { e.Word = "a\nb" })},
		{"fund.text", with(func(e *Entry) { e.Voucher = long })},
		{"fund.who", with(func(e *Entry) { e.Kind = Donation })},
		{"fund.grant", with(func(e *Entry) { e.Kind = Use })},
		{"fund.over", with(func(e *Entry) { e.Kind, e.Grant, e.Fen = Use, grant, 41 })},
		{"fund.unknown", undo("01arz3ndektsv4rrffq69g5fav", "x")},
		{"fund.used", undo(grant, "x")},
		{"fund.why", undo(spent, " ")},
	} {
		w.Office.Must(func(tx *store.Tx) error {
			if err := x.try(tx); !errors.Is(err, fault.New(x.code)) {
				t.Errorf("got %v, want %s", err, x.code)
			}
			return nil
		})
	}
	w.Office.Must(undo(spent, "没有用"))
	w.Office.Must(func(tx *store.Tx) error {
		if err := undo(spent, "再来")(tx); !errors.Is(err, fault.New("fund.undone")) {
			t.Errorf("undone twice: %v", err)
		}
		return nil
	})
	w.Office.Must(undo(grant, "项目不办了"))
	if y := yearOf(t, w.Office, b, zone.Year(now)); y.Left != 0 || len(y.Grants) != 0 || y.Sums[Use] != 0 || len(y.Entries) != 4 {
		t.Errorf("%+v", y)
	}
}

// What admission takes: an entry under the hash of what it says, nothing written over,
// nothing deleted, nothing that can't be.
func TestForm(t *testing.T) {
	op := func(v any, key string) wire.Op {
		b, err := coded.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		if key == "" {
			key = "entry/" + hash(string(b)) + "/what"
		}
		return wire.Op{Key: key, Value: wire.BytesValue(b)}
	}
	good := value{Format: format, Kind: Donation, Fen: 5, Day: 1, Who: "超市", Made: 1}
	with := func(change func(*value)) wire.Op { v := good; change(&v); return op(v, "") }
	plain := op(good, "")
	over, gone := plain, plain
	over.Pred, gone.Delete = []wire.OpID{{Counter: 1}}, true
	for name, x := range map[string]struct {
		op   wire.Op
		pass bool
	}{
		"good":              {plain, true},
		"of a newer format": {op([]any{uint64(format + 1), "new"}, ""), true},
		"written over":      {over, false},
		"deleted":           {gone, false},
		"under another id":  {wire.Op{Key: plain.Key, Value: with(func(v *value) { v.Fen = 6 }).Value}, false},
		"of another key":    {op(good, strings.TrimSuffix(plain.Key, "what")+"else"), false},
		"of nothing":        {with(func(v *value) { v.Fen = 0 }), false},
		"of a kind unknown": {with(func(v *value) { v.Kind = "x" }), false},
		"a use of no grant": {with(func(v *value) { v.Kind = Use }), false},
		"of two lines":      {with(func(v *value) { v.Who = "a\nb" }), false},
	} {
		if err := Form(&wire.Change{Ops: []wire.Op{x.op}}); (err == nil) != x.pass {
			t.Errorf("%s: %v", name, err)
		}
	}
}
