package selection

import (
	"strings"
	"testing"

	"jishan/app/coded"
	"jishan/app/people"
	"jishan/crdt/wire"
)

const one = "01kaq0000000000000000000zz"

func cbor(t *testing.T, v any) wire.Value {
	t.Helper()
	b, err := coded.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return wire.BytesValue(b)
}

// What admission lets pass is what this program writes, and nothing that could not be
// shown or would stand over what is written once.
func TestForm(t *testing.T) {
	id := people.ID{7}.String()
	made := madeValue{Format: format, Title: "好媳妇", Kind: People, Places: 2, Choices: 2, Item: "RY01", Version: 3, Days: 5, At: 1_700_000_000_000}
	with := func(change func(*madeValue)) wire.Value { m := made; change(&m); return cbor(t, m) }
	tally := tallyValue{Format: format, Votes: []int64{2, 1}, Voters: 2}
	for _, x := range []struct {
		key  string
		v    wire.Value
		over bool
		ok   bool
	}{
		{"begun/" + one + "/made", cbor(t, made), false, true},
		{"begun/" + one + "/made", cbor(t, made), true, false},
		{"begun/" + strings.ToUpper(one) + "/made", cbor(t, made), false, false},
		{"begun/" + one + "/made", with(func(m *madeValue) { m.Choices = 3 }), false, false},
		{"begun/" + one + "/made", with(func(m *madeValue) { m.Kind = Projects }), false, false},
		{"begun/" + one + "/made", with(func(m *madeValue) { m.Kind, m.Item = Projects, "" }), false, true},
		{"begun/" + one + "/made", with(func(m *madeValue) { m.Title = "a\u202eb" }), false, false},
		{"begun/" + one + "/made", with(func(m *madeValue) { m.Format++ }), false, true},
		{"vote/" + one + "/" + id, cbor(t, textValue{Format: format, At: 5, Text: []byte("1,2")}), false, false},
		{"vote/" + one + "/" + id, cbor(t, textValue{Format: format + 1, At: 5}), false, true},
		{"vote/" + one + "/" + id, cbor(t, textValue{Format: format + 1, At: 5}), true, false},
		{"vote/" + one + "/nobody", cbor(t, textValue{Format: format + 1, At: 5}), false, false},
		{"main/" + one + "/" + Vote, wire.TimeValue(5), false, true},
		{"main/" + one + "/won", wire.TimeValue(5), false, false},
		{"ballot/" + one + "/1", wire.StringValue(id), false, true},
		{"ballot/" + one + "/0", wire.StringValue(id), false, false},
		{"ballot/" + one + "/201", wire.StringValue(id), false, false},
		{"ballot/" + one + "/1", wire.StringValue("nobody"), false, false},
		{"tally/" + one + "/made", cbor(t, tally), false, true},
		{"tally/" + one + "/made", cbor(t, tally), true, false},
		{"tally/" + one + "/made", cbor(t, tallyValue{Format: format, Votes: []int64{3}, Voters: 2}), false, false},
		{"counted/" + one + "/" + id, wire.BytesValue(make([]byte, 16)), false, true},
		{"counted/" + one + "/" + id, wire.BytesValue(make([]byte, 15)), false, false},
		{"chosen/" + one + "/1", wire.IntValue(1), false, true},
		{"chosen/" + one + "/1", wire.IntValue(2), false, false},
		{"won/" + one + "/1", wire.IntValue(MaxGrant + 1), false, false},
		{"won/" + one + "/1", wire.IntValue(20_000), false, true},
		{"object/" + one + "/" + id + "/0123456789", cbor(t, textValue{Format: format, At: 5, Text: []byte("in the clear")}), false, false},
		{"later/" + one + "/anything", wire.IntValue(1), false, true},
		{"later/" + one + "/anything", wire.BytesValue(make([]byte, maxValue+1)), false, false},
		{"begun", wire.IntValue(1), false, false},
	} {
		op := wire.Op{Key: x.key, Value: x.v}
		if x.over {
			op.Pred = []wire.OpID{{Counter: 1}}
		}
		if err := Form(&wire.Change{Ops: []wire.Op{op}}); (err == nil) != x.ok {
			t.Errorf("%s over=%v: %v", x.key, x.over, err)
		}
	}
	for key, only := range map[string]bool{"begun/": false, "nominee/": false, "check/": false, "vote/": false, "object/": false,
		"main/": true, "ballot/": true, "tally/": true, "counted/": true, "chosen/": true, "answer/": true, "won/": true, "paid/": true} {
		if OfficeOnly(&wire.Change{Ops: []wire.Op{{Key: key + one + "/x"}}}) != only {
			t.Errorf("%s: the main device's alone is not %v", key, only)
		}
	}
}
