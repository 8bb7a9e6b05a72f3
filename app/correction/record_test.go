package correction

import (
	"strings"
	"testing"

	"jishan/app/people"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

const doc = store.DocID("00000000000000000000000000.1/people/00")

func value(t *testing.T, v any) wire.Value {
	t.Helper()
	b, err := encoding.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return wire.BytesValue(b)
}

// sealedOf has the form of a sealed text of n bytes.
func sealedOf(n int) []byte {
	return append([]byte{1}, make([]byte, 36+(n/16+1)*16+16)...)
}

// What admission lets in: requests in their person's shard, within limits, and
// what a newer program may write; nothing else under the kind's keys.
func TestForm(t *testing.T) {
	h := wire.Hash{1}
	ask := asked{Format: format, Person: people.ID{0x0f}, Author: wire.Actor{2}, At: 1, By: "经办人甲", Reason: sealedOf(20)}
	form := func(key string, v wire.Value, del bool) error {
		return Form(doc, &wire.Change{Ops: []wire.Op{{Key: key, Value: v, Delete: del}}})
	}
	for name, err := range map[string]error{
		"a request":         form(key(h, "asked"), value(t, ask), false),
		"a withdrawal":      form(key(h, "off"), wire.TimeValue(5), false),
		"a refusal":         form(key(h, "no"), value(t, refused{Format: format, At: 1, Code: "ledger.period.closed"}), false),
		"a newer format":    form(key(h, "asked"), value(t, []any{uint64(3), "later"}), false),
		"a newer field":     form(key(h, "more"), wire.StringValue("x"), false),
		"another subject's": form("person/x/name", wire.StringValue("x"), true),
	} {
		if err != nil {
			t.Errorf("%s is refused: %v", name, err)
		}
	}
	long, other, late, plain, old := ask, ask, ask, ask, ask
	plain.Reason, old.Format = []byte("认错了人，是隔壁的"), 1
	long.Reason = sealedOf(4*MaxReason + 16)
	other.Person = people.ID{0x10}
	late.At = 0
	for name, err := range map[string]error{
		"a long reason":         form(key(h, "asked"), value(t, long), false),
		"another shard":         form(key(h, "asked"), value(t, other), false),
		"no time":               form(key(h, "asked"), value(t, late), false),
		"a reason in the clear": form(key(h, "asked"), value(t, plain), false),
		"an older format":       form(key(h, "asked"), value(t, old), false),
		"a deletion":            form(key(h, "off"), wire.Value{}, true),
		"a short hash":          form("correction/01/asked", value(t, ask), false),
		"text for a time":       form(key(h, "off"), wire.StringValue("5"), false),
		"bytes cut short":       form(key(h, "asked"), wire.BytesValue([]byte(value(t, ask).Raw)[:5]), false),
		"a field of 5,000":      form(key(h, "more"), wire.StringValue(strings.Repeat("x", maxUnknown+1)), false),
		"a line in a code":      form(key(h, "no"), value(t, refused{Format: format, At: 1, Code: "a\nb"}), false),
	} {
		if err == nil {
			t.Errorf("%s passes", name)
		}
	}
}
