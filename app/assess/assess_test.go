package assess

import (
	"strings"
	"testing"

	"jishan/app/coded"
	"jishan/app/people"
	"jishan/crdt/wire"
)

const round = "01kaq0000000000000000000zz"

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
	home := people.ID{7}.String()
	made := madeValue{Format: format, Title: "评议", Span: "2026-11", Version: 3, Items: []string{"PY01"}, Days: 3, At: 1_700_000_000_000}
	final := finalValue{Format: format, Head: home, Scores: []int64{2, Blank}}
	for _, x := range []struct {
		key  string
		v    wire.Value
		over bool
		ok   bool
	}{
		{"round/" + round + "/made", cbor(t, made), false, true},
		{"round/" + round + "/made", cbor(t, made), true, false},
		{"round/" + strings.ToUpper(round) + "/made", cbor(t, made), false, false},
		{"round/" + round + "/made", cbor(t, madeValue{Format: format, Title: "评议", Span: "2026-13", Version: 3, Items: []string{"PY01"}, At: 1}), false, false},
		{"round/" + round + "/made", cbor(t, madeValue{Format: format + 1, Title: "of a newer program"}), false, true},
		{"score/" + round + "/" + home + "/1", wire.IntValue(2), false, true},
		{"score/" + round + "/" + home + "/1", wire.IntValue(Blank), true, true},
		{"score/" + round + "/" + home + "/1", wire.IntValue(MaxScore + 1), false, false},
		{"score/" + round + "/" + home + "/1", wire.StringValue("2"), false, false},
		{"score/" + round + "/nobody/1", wire.IntValue(2), false, false},
		{"score/" + round + "/" + home + "/20", wire.IntValue(2), false, false},
		{"here/" + round + "/" + home, wire.IntValue(1), false, true},
		{"here/" + round + "/" + home, wire.IntValue(2), false, false},
		{"main/" + round + "/" + published, wire.TimeValue(5), false, true},
		{"main/" + round + "/won", wire.TimeValue(5), false, false},
		{"final/" + round + "/" + home, cbor(t, final), true, true},
		{"final/" + round + "/" + home, wire.BytesValue([]byte("?")), false, false},
		{"paid/" + round + "/" + home, wire.TimeValue(5), false, true},
		{"object/" + round + "/" + home + "/0123456789", cbor(t, saidValue{Format: format, At: 5, Person: home, Text: []byte("in the clear")}), false, false},
		{"later/" + round + "/anything", wire.IntValue(1), false, true},
		{"later/" + round + "/anything", wire.BytesValue(make([]byte, maxValue+1)), false, false},
		{"round", wire.IntValue(1), false, false},
	} {
		op := wire.Op{Key: x.key, Value: x.v}
		if x.over {
			op.Pred = []wire.OpID{{Counter: 1}}
		}
		if err := Form(&wire.Change{Ops: []wire.Op{op}}); (err == nil) != x.ok {
			t.Errorf("%s over=%v: %v", x.key, x.over, err)
		}
	}
	for key, only := range map[string]bool{"score/": false, "here/": false, "object/": false, "round/": false, "main/": true, "final/": true, "paid/": true, "answer/": true} {
		if OfficeOnly(&wire.Change{Ops: []wire.Op{{Key: key + round + "/x"}}}) != only {
			t.Errorf("%s: the main device's alone is not %v", key, only)
		}
	}
}
