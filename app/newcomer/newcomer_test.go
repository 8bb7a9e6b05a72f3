package newcomer_test

import (
	"errors"
	"strings"
	"testing"

	"jishan/app/coded"
	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/govern/governtest"
	"jishan/app/newcomer"
	"jishan/app/people"
	"jishan/crdt/admit"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

const hour = 3_600_000

func world(t *testing.T, seed uint64) (*governtest.World, map[*governtest.Device]*newcomer.Book) {
	books := map[*governtest.Device]*newcomer.Book{}
	w := governtest.New(t, seed, func(d *governtest.Device) ([]store.Projector, admit.Rules) {
		b := newcomer.New(d.Charter.Doc)
		books[d] = b
		return []store.Projector{b}, nil
	})
	return w, books
}

// sealed has the form of a sealed text of n bytes.
func sealed(n int) []byte { return append([]byte{1}, make([]byte, 36+(n/16+1)*16+16)...) }

func box(string) ([]byte, error) { return sealed(200), nil }

func idOf(t *testing.T, word string) people.ID {
	t.Helper()
	id, ok := newcomer.IDOf("c", newcomer.Number("c", word))
	if !ok {
		t.Fatal("a number that is none")
	}
	return id
}

// A number is the same for the same word of a page, and finds its application and no other;
// what is no number finds nothing.
func TestNumbers(t *testing.T) {
	n := newcomer.Number("c", "word")
	if n != newcomer.Number("c", "word") || n == newcomer.Number("c", "other") || n == newcomer.Number("d", "word") || len(n) != 12 {
		t.Errorf("%s", n)
	}
	want, _ := newcomer.IDOf("c", n)
	if got, ok := newcomer.IDOf("c", " "+n[:4]+" "+n[4:8]+" "+n[8:]); !ok || got != want {
		t.Error("spaces change who it is")
	}
	if other, _ := newcomer.IDOf("d", n); other == want {
		t.Error("a number serves in another community")
	}
	for _, bad := range []string{"", "1", n + "1", n[:11] + "x", n[:11] + "１"} {
		if _, ok := newcomer.IDOf("c", bad); ok {
			t.Errorf("%q is a number", bad)
		}
	}
}

// Two who decide apart say one thing everywhere, in any order of arrival: who was taken in
// stays taken in. What ended is ended.
func TestEndedApart(t *testing.T) {
	w, books := world(t, 811)
	one, two := w.Join("一站", govern.Station), w.Join("二站", govern.Station)
	w.Meet(w.Office, one, two)
	id, person := idOf(t, "word"), people.ID{7}
	ask := func(d *governtest.Device) { d.Must(func(tx *store.Tx) error { return books[d].Ask(tx, id, box) }) }
	ask(one)
	w.Clock += hour
	ask(one) // sent again
	w.Meet(one, two, w.Office)
	two.Must(func(tx *store.Tx) error { return books[two].Refuse(tx, id, "乙", box) })
	w.Clock += hour
	one.Must(func(tx *store.Tx) error { return books[one].Accept(tx, id, person, "甲") })
	w.Meet(w.Office, two)
	w.Meet(w.Office, one)
	w.Meet(one, two, w.Office)
	for _, d := range []*governtest.Device{w.Office, one, two} {
		d.Must(func(tx *store.Tx) error {
			a, known, err := books[d].Get(tx, id)
			if !known || a.State != newcomer.Accepted || a.Person != person || a.By != "甲" || a.At != governtest.Start && a.At >= w.Clock {
				t.Errorf("%s: %+v", d.Name, a)
			}
			n, openErr := books[d].Open(tx)
			if n != 0 {
				t.Errorf("%s: %d wait", d.Name, n)
			}
			return errors.Join(err, openErr)
		})
		for what, end := range map[string]func(*store.Tx) error{
			"accepted": func(tx *store.Tx) error { return books[d].Accept(tx, id, person, "甲") },
			"refused":  func(tx *store.Tx) error { return books[d].Refuse(tx, id, "甲", box) },
			"lapsed":   func(tx *store.Tx) error { return books[d].Lapse(tx, id) },
		} {
			if err := d.Do(end); !errors.Is(err, fault.New("newcomer.ended")) {
				t.Errorf("%s again: %v", what, err)
			}
		}
	}
	if err := one.Do(func(tx *store.Tx) error { return books[one].Lapse(tx, people.ID{1}) }); !errors.Is(err, fault.New("newcomer.unknown")) {
		t.Errorf("of nobody: %v", err)
	}
}

// Who fills the list with nonsense fills it no further, by day and in all.
func TestApplicationsAreBounded(t *testing.T) {
	w, books := world(t, 812)
	b, n := books[w.Office], 0
	fill := func() (err error) {
		for range newcomer.MaxWaiting + 1 {
			n++
			id := idOf(t, strings.Repeat("x", n))
			if err = w.Office.Do(func(tx *store.Tx) error { return b.Ask(tx, id, box) }); err != nil {
				return err
			}
		}
		return nil
	}
	for i, want := range []int{newcomer.MaxDay, newcomer.MaxWaiting, newcomer.MaxWaiting} {
		if err := fill(); !errors.Is(err, fault.New("newcomer.full")) {
			t.Fatalf("fill %d: %v", i, err)
		}
		w.Office.Must(func(tx *store.Tx) error {
			got, err := b.Open(tx)
			if got != want {
				t.Errorf("fill %d: %d wait, want %d", i, got, want)
			}
			return err
		})
		w.Clock += 25 * hour
	}
}

// What admission lets in: applications and their ends, sealed, in their shard, written
// once, and what a newer program may write.
func TestForm(t *testing.T) {
	const doc = store.DocID("00000000000000000000000000.1/people/00")
	type asked struct {
		_      struct{} `cbor:",toarray"`
		Format uint64
		At     int64
		Text   []byte
	}
	type ended struct {
		_      struct{} `cbor:",toarray"`
		Format uint64
		At     int64
		State  string
		Person []byte
		By     string
		Reason []byte
	}
	value := func(v any) wire.Value {
		b, err := coded.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return wire.BytesValue(b)
	}
	id, who := people.ID{0x0f}, people.ID{9}
	key := func(field string) string { return newcomer.Field(id, field) }
	form := func(op wire.Op) error { return newcomer.Form(doc, &wire.Change{Ops: []wire.Op{op}}) }
	good := asked{Format: 1, At: 1, Text: sealed(300)}
	for name, op := range map[string]wire.Op{
		"an application":    {Key: key("asked"), Value: value(good)},
		"taken in":          {Key: key("ended"), Value: value(ended{Format: 1, At: 1, State: "accepted", Person: who[:], By: "甲"})},
		"refused":           {Key: key("ended"), Value: value(ended{Format: 1, At: 1, State: "refused", By: "甲", Reason: sealed(30)})},
		"lapsed":            {Key: key("ended"), Value: value(ended{Format: 1, At: 1, State: "lapsed"})},
		"a newer format":    {Key: key("asked"), Value: value([]any{uint64(2), "later"})},
		"another subject's": {Key: "person/x/name", Value: wire.StringValue("x")},
	} {
		if err := form(op); err != nil {
			t.Errorf("%s is refused: %v", name, err)
		}
	}
	plain, long, late := good, good, good
	plain.Text, long.Text, late.At = []byte("欧阳秋水 13900001234"), sealed(4*newcomer.MaxText+16), 0
	for name, op := range map[string]wire.Op{
		"in the clear":           {Key: key("asked"), Value: value(plain)},
		"too long":               {Key: key("asked"), Value: value(long)},
		"no time":                {Key: key("asked"), Value: value(late)},
		"another shard":          {Key: newcomer.Field(people.ID{0x10}, "asked"), Value: value(good)},
		"another field":          {Key: key("more"), Value: value(good)},
		"no id":                  {Key: "newcomer/x/asked", Value: value(good)},
		"written over":           {Key: key("asked"), Value: value(good), Pred: []wire.OpID{{Counter: 1}}},
		"taken away":             {Key: key("asked"), Delete: true},
		"text for a value":       {Key: key("asked"), Value: wire.StringValue("x")},
		"an end of another word": {Key: key("ended"), Value: value(ended{Format: 1, At: 1, State: "lost"})},
		"nobody taken in":        {Key: key("ended"), Value: value(ended{Format: 1, At: 1, State: "accepted"})},
		"somebody refused":       {Key: key("ended"), Value: value(ended{Format: 1, At: 1, State: "refused", Person: who[:], Reason: sealed(30)})},
		"refused for nothing":    {Key: key("ended"), Value: value(ended{Format: 1, At: 1, State: "refused"})},
		"a reason in the clear":  {Key: key("ended"), Value: value(ended{Format: 1, At: 1, State: "refused", Reason: []byte("不在本社区")})},
	} {
		if err := form(op); err == nil {
			t.Errorf("%s is let in", name)
		}
	}
}
