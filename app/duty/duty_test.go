package duty

import (
	"strings"
	"testing"

	"jishan/app/coded"
	"jishan/crdt/wire"
)

// What admission takes: a task under the hash of what it says, nothing written over but
// who has it, nothing deleted, nothing that can't be.
func TestForm(t *testing.T) {
	raw := func(v any) wire.Value {
		b, err := coded.Marshal(v)
		if err != nil {
			t.Fatal(err)
		}
		return wire.BytesValue(b)
	}
	form := func(op wire.Op) error { return Form(&wire.Change{Ops: []wire.Op{op}}) }
	what := whatValue{Format: format, Kind: Spot, Title: "墙角", Item: "HJ01", Per: "week", Times: 7, Made: 1}
	id := func(v whatValue) string { return "duty/" + hash(raw(v).Raw) }
	person := make([]byte, 16)
	deed := strings.Repeat("0", 26)
	good := []wire.Op{
		{Key: id(what) + "/what", Value: raw(what)},
		{Key: id(what) + "/holder", Value: raw(holderValue{Format: format, Person: person, At: 1})},
		{Key: id(what) + "/holder", Value: raw(holderValue{Format: format, Person: []byte{}, At: 1})},
		{Key: id(what) + "/off", Value: raw(wordValue{Format: format, At: 1, Text: "x"})},
		{Key: id(what) + "/done." + deed, Value: raw(doneValue{Format: format, Person: person, At: 1})},
	}
	for _, op := range good {
		if err := form(op); err != nil {
			t.Errorf("%s: %v", op.Key, err)
		}
		over, gone, long := op, op, op
		over.Pred, gone.Delete, long.Value = []wire.OpID{{Counter: 1}}, true, wire.BytesValue(make([]byte, maxValue+1))
		if holder := strings.HasSuffix(op.Key, "/holder"); (form(over) == nil) != holder {
			t.Errorf("%s written over: %v", op.Key, form(over))
		}
		if form(gone) == nil || form(long) == nil {
			t.Errorf("%s deleted, or too long, passes", op.Key)
		}
	}
	bad := map[string]func(*whatValue){
		"eight days a week": func(v *whatValue) { v.Times = 8 },
		"never":             func(v *whatValue) { v.Times = 0 },
		"by the hour":       func(v *whatValue) { v.Per = "hour" },
		"of a kind unknown": func(v *whatValue) { v.Kind = "dog" },
		"of no name":        func(v *whatValue) { v.Title = " " },
		"of two lines":      func(v *whatValue) { v.Place = "a\nb" },
		"of a long name":    func(v *whatValue) { v.Title = strings.Repeat("长", MaxTitle+1) },
		"by no item":        func(v *whatValue) { v.Item = "" },
	}
	for name, change := range bad {
		v := what
		change(&v)
		if form(wire.Op{Key: id(v) + "/what", Value: raw(v)}) == nil {
			t.Errorf("a task %s passes", name)
		}
	}
	other := what
	other.Title = "别处"
	for name, op := range map[string]wire.Op{
		"under another id":  {Key: id(what) + "/what", Value: raw(other)},
		"of half a person":  {Key: id(what) + "/holder", Value: raw(holderValue{Format: format, Person: person[:8], At: 1})},
		"done by nobody":    {Key: id(what) + "/done." + deed, Value: raw(doneValue{Format: format, Person: []byte{}, At: 1})},
		"done as no deed":   {Key: id(what) + "/done.x", Value: raw(doneValue{Format: format, Person: person, At: 1})},
		"ended for nothing": {Key: id(what) + "/off", Value: raw(wordValue{Format: format, At: 1, Text: " "})},
		"of another key":    {Key: id(what) + "/else", Value: raw(what)},
	} {
		if form(op) == nil {
			t.Errorf("a record %s passes", name)
		}
	}
	newer := raw([]any{uint64(format + 1), "something new"})
	if err := form(wire.Op{Key: id(what) + "/off", Value: newer}); err != nil {
		t.Errorf("what a newer program wrote: %v", err)
	}
}
