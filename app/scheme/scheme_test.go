package scheme

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"jishan/app/fault"
	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

func TestFullUnitsCount(t *testing.T) {
	half := Item{Kind: Time, Points: 1, Minutes: 30}
	for minutes, want := range map[int64]int64{-5: 0, 0: 0, 29: 0, 30: 1, 59: 1, 60: 2, 105: 3, 120: 4} {
		if got := half.Value(minutes); got != want {
			t.Errorf("%d minutes give %d, want %d", minutes, got, want)
		}
	}
	if got := (Item{Kind: Time, Points: 3, Minutes: 60}).Value(119); got != 3 {
		t.Errorf("119 minutes of clean-up give %d", got)
	}
	if got := (Item{Kind: Deed, Points: 8}).Value(0); got != 8 {
		t.Errorf("a deed gives %d", got)
	}
	if got := (Item{Kind: Time, Points: 3}).Value(60); got != 0 {
		t.Errorf("a unit of no minutes gives %d", got)
	}
}

func TestWrongRulesAreNamedByLine(t *testing.T) {
	good := Item{Code: "A1", Name: "x", Kind: Deed, Points: 1}
	for code, spoil := range map[string]func(*Item){
		"scheme.item.code":        func(i *Item) { i.Code = "a b" },
		"scheme.item.name":        func(i *Item) { i.Name = strings.Repeat("长", 61) },
		"scheme.item.group":       func(i *Item) { i.Group = "a\nb" },
		"scheme.item.kind":        func(i *Item) { i.Kind = "magic" },
		"scheme.item.points":      func(i *Item) { i.Points = 0 },
		"scheme.item.minutes":     func(i *Item) { i.Kind = Time },
		"scheme.item.cap":         func(i *Item) { i.DayCap = -1 },
		"scheme.item.code.double": func(i *Item) { i.Code = "A1" },
	} {
		bad := good
		bad.Code = "B2"
		spoil(&bad)
		_, err := clean([]Item{good, bad})
		var f *fault.Fault
		if !errors.As(err, &f) || f.Code != code || f.Params["line"] != 2 {
			t.Errorf("want %s of line 2, got %v", code, err)
		}
	}
	if _, err := clean(nil); !errors.Is(err, fault.New("scheme.empty")) {
		t.Error(err)
	}
	if _, err := clean(make([]Item, MaxItems+1)); !errors.Is(err, fault.New("scheme.large")) {
		t.Error(err)
	}
	if _, err := clean(Default()); err != nil {
		t.Error(err)
	}
}

// office is one of two offices with the rulebook.
type office struct {
	st   *store.Store
	book *Book
	cert seal.Certificate
}

const community = "00000000000000000000000000"

func newOffice(t *testing.T, n byte) *office {
	inc, err := seal.NewIncarnation(bytes.NewReader(bytes.Repeat([]byte{n, 3}, 32)), ed25519.NewKeyFromSeed(bytes.Repeat([]byte{n}, 32)), 1000)
	if err != nil {
		t.Fatal(err)
	}
	o := &office{cert: inc.Certificate, book: New(func(path string) store.DocID { return store.DocID(community + ".1/" + path) })}
	dir, now := t.TempDir(), int64(1_770_000_000_000)
	o.st, err = store.Open(context.Background(), store.Config{
		Path: filepath.Join(dir, "jishan.db"), Clock: func() int64 { now += 1000; return now }, Rand: bytes.NewReader(make([]byte, 64)),
		Incarnation: &inc, Lock: &seal.LockFile{Path: filepath.Join(dir, "lock")}, Projectors: []store.Projector{o.book}, Shape: o.Shape,
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := o.st.Close(); err != nil {
			t.Error(err)
		}
	})
	return o
}

func (o *office) Shape(store.DocID) (store.Shape, error)                         { return store.Records, nil }
func (o *office) HeadKnown(*store.Tx, seal.Context) (bool, error)                { return true, nil }
func (o *office) Authority(*store.Tx, store.DocID, [32]byte, seal.Context) error { return nil }
func (o *office) Form(_ *store.Tx, _ store.DocID, _ [32]byte, ch *wire.Change) error {
	return Form(ch)
}
func (o *office) Subject(*store.Tx, store.DocID, *wire.Change, wire.Hash, seal.Context) error {
	return nil
}

func (o *office) do(fn func(tx *store.Tx) error) error {
	return o.st.Update(context.Background(), store.Author{Operator: "甲", Context: func(*store.Tx) (seal.Context, error) {
		return seal.Context{Term: 1, Seq: 1}, nil
	}}, fn)
}

func (o *office) save(t *testing.T, items []Item, by string) (s Scheme) {
	t.Helper()
	err := o.do(func(tx *store.Tx) (err error) {
		s, err = o.book.Save(tx, items, by)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func (o *office) see(t *testing.T, fn func(q store.Querier) error) {
	t.Helper()
	if err := o.st.View(context.Background(), fn); err != nil {
		t.Fatal(err)
	}
}

// pull brings what p wrote.
func (o *office) pull(t *testing.T, p *office) {
	t.Helper()
	ctx, doc := context.Background(), o.book.doc(Path)
	tips, err := p.st.Vector(ctx, doc)
	if err != nil {
		t.Fatal(err)
	}
	err = o.do(func(tx *store.Tx) error {
		_, err := tx.SetAdd(store.SetIncarnation, store.Item{ID: p.cert.ID(), Blob: p.cert.Encode()})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, tip := range tips {
		list, err := p.st.After(ctx, doc, tip.Actor, 0, 100)
		if err != nil {
			t.Fatal(err)
		}
		items := make([]seal.Sealed, len(list))
		for i := range list {
			items[i] = list[i].Sealed
		}
		if res, err := admit.Batch(ctx, o.st, o, "peer", doc, items); err != nil || res.Refused > 0 || res.Waiting > 0 {
			t.Fatalf("%v %+v", err, res)
		}
	}
}

func TestVersionsStayAndTwoMadeApartAreBothKept(t *testing.T) {
	a, b := newOffice(t, 1), newOffice(t, 2)
	a.see(t, func(q store.Querier) error {
		s, err := a.book.Get(q)
		if s.Version != 0 || s.Items == nil {
			t.Errorf("before the first: %+v", s)
		}
		return err
	})
	one := a.save(t, Default(), "甲")
	if again := a.save(t, Default(), "乙"); one.Version != 1 || again.Version != 1 {
		t.Fatalf("unchanged items made version %d", again.Version)
	}
	b.pull(t, a)
	dearer, cheaper := Default(), Default()
	dearer[0].Points, cheaper[0].Points = 4, 2
	a.save(t, dearer, "甲")
	b.save(t, cheaper, "乙")
	a.pull(t, b)
	b.pull(t, a)
	var in [2]Scheme
	for i, o := range []*office{a, b} {
		o.see(t, func(q store.Querier) error {
			now, err := o.book.Get(q)
			if err != nil {
				return err
			}
			in[i] = now
			rivals, err := o.book.Rivals(q)
			if now.Version != 2 || len(rivals) != 1 || rivals[0].Version != 2 || rivals[0].Items[0].Points+now.Items[0].Points != 6 {
				t.Errorf("in force %+v, beside it %+v", now, rivals)
			}
			old, err2 := o.book.At(q, 1)
			if !slices.Equal(old.Items, Default()) || old.By != "甲" {
				t.Errorf("version 1 is now %+v", old)
			}
			_, err3 := o.book.At(q, 7)
			if !errors.Is(err3, fault.New("scheme.version.unknown")) {
				t.Error(err3)
			}
			return errors.Join(err, err2)
		})
	}
	if in[0].By != in[1].By {
		t.Fatalf("two offices follow different rules: %s, %s", in[0].By, in[1].By)
	}
	settled := Default()
	settled[0].Points = 5
	if s := b.save(t, settled, "丙"); s.Version != 3 {
		t.Fatalf("settled as version %d", s.Version)
	}
	b.see(t, func(q store.Querier) error {
		now, err := b.book.Get(q)
		if now.Version != 3 || now.By != "丙" {
			t.Errorf("in force %+v", now)
		}
		all, err2 := b.book.Versions(q)
		if len(all) != 3 {
			t.Errorf("%d versions", len(all))
		}
		return errors.Join(err, err2)
	})
}

// A town's rulebook with its sub-items has hundreds of rules; it must be saved,
// pass admission's check of records, and reach the other office whole.
func TestThreeHundredRulesAreOneVersion(t *testing.T) {
	a, b := newOffice(t, 1), newOffice(t, 2)
	var rules []Item
	for n := range 300 {
		rules = append(rules, Item{Code: fmt.Sprintf("GZ%03d", n), Group: "环境卫生与文明创建", Name: fmt.Sprintf("参与第 %d 项社区志愿服务满一小时并有人见证", n),
			Kind: Time, Points: 3, Minutes: 60, DayCap: 12, Witness: n%2 == 0})
	}
	saved := a.save(t, rules, "甲")
	for v := range 4 { // versions grow the document, not the value
		rules[v].Points++
		saved = a.save(t, rules, "甲")
	}
	b.pull(t, a)
	b.see(t, func(q store.Querier) error {
		now, err := b.book.Get(q)
		if now.Version != saved.Version || !slices.Equal(now.Items, rules) {
			t.Errorf("version %d with %d rules arrived", now.Version, len(now.Items))
		}
		return err
	})
	for n := range rules {
		rules[n].Name = strings.Repeat("长", maxText)
	}
	err := a.do(func(tx *store.Tx) error {
		_, err := a.book.Save(tx, rules, "甲")
		return err
	})
	if !errors.Is(err, fault.New("scheme.bytes")) {
		t.Errorf("a rulebook beyond one value: %v", err)
	}
}

func TestFormRefusesWhatDoesNotReadBack(t *testing.T) {
	value, err := body{From: 1, By: "甲", Items: Default()}.encode()
	if err != nil {
		t.Fatal(err)
	}
	newer, err := encoding.Marshal([]any{uint64(4), "of a later program"})
	if err != nil {
		t.Fatal(err)
	}
	form := func(key string, v wire.Value, del bool) error {
		return Form(&wire.Change{Ops: []wire.Op{{Key: key, Value: v, Delete: del}}})
	}
	minus := append(Default(), Item{Code: "KF01", Name: "占用消防通道", Kind: Deduct, Points: 3})
	var takes [3][]byte // by format
	for f := range takes {
		b := plainBody{Format: uint64(f), From: 1, By: "甲"}
		for _, i := range minus {
			b.Items = append(b.Items, plain(i))
		}
		if takes[f], err = encoding.Marshal(b); err != nil {
			t.Fatal(err)
		}
	}
	for _, good := range [][]byte{value, newer, takes[minusFormat]} {
		if err := form("version/1/items", wire.BytesValue(good), false); err != nil {
			t.Error(err)
		}
	}
	for name, err := range map[string]error{
		"key":       form("version/01/items", wire.BytesValue(value), false),
		"zero":      form("version/0/items", wire.BytesValue(value), false),
		"kind":      form("version/1/items", wire.StringValue("x"), false),
		"removal":   form("version/1/items", wire.Value{}, true),
		"cut short": form("version/1/items", wire.BytesValue(value[:len(value)-1]), false),
		"more":      form("version/1/items", wire.BytesValue(append(slices.Clone(value), 0)), false),
		"deduction in a format that programs without it read": form("version/1/items", wire.BytesValue(takes[plainFormat]), false),
		"empty": form("version/1/items", wire.BytesValue(nil), false),
	} {
		if err == nil {
			t.Errorf("%s passes", name)
		}
	}
}

func FuzzForm(f *testing.F) {
	value, err := body{From: 1, By: "甲", Items: Default()[:1]}.encode()
	if err != nil {
		f.Fatal(err)
	}
	f.Add("version/1/items", value)
	f.Fuzz(func(t *testing.T, key string, value []byte) {
		if Form(&wire.Change{Ops: []wire.Op{{Key: key, Value: wire.BytesValue(value)}}}) != nil {
			return
		}
		if b, err := decode(value); err == nil {
			if _, err := clean(b.Items); err != nil {
				t.Fatalf("a rulebook passes that Save would refuse: %v", err)
			}
		}
	})
}
