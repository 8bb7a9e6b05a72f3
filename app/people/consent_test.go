package people_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/people"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

func (m *member) agrees(id people.ID, purpose string, given bool, how string, on int64) error {
	return m.Do(func(tx *store.Tx) error {
		return m.NoteConsent(tx, id, people.Consent{Purpose: purpose, Given: given, How: how, On: on})
	})
}

func (m *member) agreed(id people.ID) (out []people.Consent) {
	m.t.Helper()
	m.read(func(q store.Querier) (err error) { out, err = m.Consents(q, id); return err })
	return out
}

// What was said of a purpose last holds, on every device, and all that was said before
// stays; an erasure leaves it, as it names nobody.
func TestConsents(t *testing.T) {
	w := newWorld(t, 46)
	o, s := w.office(), w.join("站", govern.Station)
	id := idOf(t, o.register(zhang))
	w.meet(o, s)
	const day = int64(24 * 3600 * 1000)
	var now int64
	o.Must(func(tx *store.Tx) error { now = tx.Now(); return nil })
	for _, step := range []struct {
		m     *member
		given bool
		how   string
		on    int64
		want  int
	}{{o, true, "paper", now - 9*day, 1}, {o, true, "paper", now - 9*day, 1}, {s, false, "phone", now - day, 2}, {o, true, "desk", now, 3}, {s, false, "desk", now, 4}} {
		if err := step.m.agrees(id, "contact", step.given, step.how, step.on); err != nil {
			t.Fatal(err)
		}
		w.meet(o, s)
		for _, m := range []*member{o, s} {
			got := m.agreed(id)
			if len(got) != step.want || got[0].Given != step.given || got[0].How != step.how || got[0].On != step.on || slices.Contains(people.Withdrawn(got), "contact") == step.given {
				t.Fatalf("%s after %v: %+v", m.Device.Name, step, got)
			}
		}
	}
	for field, err := range map[string]error{"purpose": o.agrees(id, "fun", true, "desk", now), "how": o.agrees(id, "care", true, "telepathy", now), "on": o.agrees(id, "care", true, "desk", now+2*day)} {
		if f := fault.Of(err); f.Code != "people.consent" || f.Params["field"] != field {
			t.Errorf("%s: %v", field, err)
		}
	}
	if err := o.agrees(people.ID{1}, "care", true, "desk", now); !errors.Is(err, fault.New("people.unknown")) {
		t.Errorf("of nobody: %v", err)
	}
	if err := o.Erase(ctx, "甲", id.String()); err != nil {
		t.Fatal(err)
	}
	if got := o.agreed(id); len(got) != 4 {
		t.Errorf("after the erasure: %+v", got)
	}
}

// Of words that were written apart all devices hold the same one, and a withdrawal
// weighs more.
func TestConsentsWrittenApart(t *testing.T) {
	w := newWorld(t, 47)
	o, s := w.office(), w.join("站", govern.Station)
	id := idOf(t, o.register(zhang))
	w.meet(o, s)
	var now int64
	o.Must(func(tx *store.Tx) error { now = tx.Now(); return nil })
	if err := errors.Join(o.agrees(id, "photo", true, "desk", now), s.agrees(id, "photo", false, "desk", now)); err != nil {
		t.Fatal(err)
	}
	w.meet(o, s)
	if a, b := o.agreed(id), s.agreed(id); len(a) != 2 || len(b) != 2 || a[0] != b[0] || a[0].Given {
		t.Errorf("%+v and %+v", a, b)
	}
}

// A consent is written once, of a known form, in its person's shard.
func TestConsentForm(t *testing.T) {
	w := newWorld(t, 48)
	o := w.office()
	id := idOf(t, o.register(zhang))
	var doc store.DocID
	var good wire.Op
	o.Must(func(tx *store.Tx) error {
		doc = o.Charter.Doc(fmt.Sprintf("people/%02d", id.Shard()))
		good = wire.Op{Key: "consent/" + id.String() + "/00112233445566ff", Value: wire.BytesValue([]byte("\x85\x01\x65photo\xf5\x64desk\x05"))}
		return nil
	})
	form := func(op wire.Op) error { return people.Form(doc, &wire.Change{Ops: []wire.Op{op}}) }
	if err := form(good); err != nil {
		t.Fatal(err)
	}
	with := func(fn func(*wire.Op)) wire.Op { op := good; fn(&op); return op }
	for name, op := range map[string]wire.Op{
		"a second one":  with(func(op *wire.Op) { op.Pred = []wire.OpID{{Counter: 1}} }),
		"a removal":     with(func(op *wire.Op) { op.Delete = true }),
		"another way":   with(func(op *wire.Op) { op.Value = wire.BytesValue([]byte("\x85\x01\x65photo\xf5\x64mind\x05")) }),
		"no purpose":    with(func(op *wire.Op) { op.Value = wire.BytesValue([]byte("\x85\x01\x65money\xf5\x64desk\x05")) }),
		"a text":        with(func(op *wire.Op) { op.Value = wire.StringValue("yes") }),
		"a long one":    with(func(op *wire.Op) { op.Value = wire.BytesValue([]byte("\x81\x02" + strings.Repeat("x", 300))) }),
		"of nobody":     with(func(op *wire.Op) { op.Key = "consent/x/00112233445566ff" }),
		"without name":  with(func(op *wire.Op) { op.Key = "consent/" + id.String() + "/" }),
		"another shard": with(func(op *wire.Op) { op.Key = "consent/" + otherShard(id).String() + "/00112233445566ff" }),
	} {
		if form(op) == nil {
			t.Errorf("%s passes", name)
		}
	}
	if err := form(with(func(op *wire.Op) { op.Value = wire.BytesValue([]byte("\x82\x02\x01")) })); err != nil {
		t.Errorf("of a newer program: %v", err)
	}
}

func otherShard(id people.ID) people.ID {
	for x := id; ; x[0]++ {
		if x.Shard() != id.Shard() {
			return x
		}
	}
}
