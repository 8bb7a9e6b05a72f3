package claim

import (
	"strings"
	"testing"

	"jishan/app/people"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

const doc = store.DocID("00000000000000000000000000.1/people/00")

var who = people.ID{0x0f}

func raw(t *testing.T, v any) string {
	t.Helper()
	b, err := value(v)
	if err != nil {
		t.Fatal(err)
	}
	return b.Raw
}

func made() madeValue {
	return madeValue{Format: format, Item: "JS01", Version: 2, At: 5, Via: FromDesk, Made: 6, Salt: make([]byte, saltSize)}
}

// ops are the records of a claim.
func (p posting) ops() (out []wire.Op) {
	for field, text := range map[string]string{"made": p.made, "note": p.note, "witness": p.witness} {
		if text != "" {
			out = append(out, wire.Op{Key: keyOf(p.person, p.id, field), Value: wire.BytesValue([]byte(text))})
		}
	}
	return out
}

func newPosting(t *testing.T, change func(*madeValue)) posting {
	m := made()
	if change != nil {
		change(&m)
	}
	p := posting{person: who, made: raw(t, m), note: "\x02sealed note", witness: "\x02sealed name"}
	p.id = p.hash()
	return p
}

func op(p people.ID, id, field, raw string, pred ...wire.OpID) wire.Op {
	return wire.Op{Key: keyOf(p, id, field), Value: wire.BytesValue([]byte(raw)), Pred: pred}
}

// What admission lets in: a claim whose id is its hash, and words under keys of
// their own; nothing that is written over another value.
func TestForm(t *testing.T) {
	good := newPosting(t, nil)
	word := raw(t, wordValue{Format: format, Yes: true, Text: []byte{}, Sig: []byte{}})
	const tag = ".0123456789"
	before := wire.OpID{Counter: 1, Actor: wire.Actor{1}}
	form := func(ops ...wire.Op) error { return Form(doc, &wire.Change{Ops: ops}) }
	bare := good
	bare.note, bare.witness = "", ""
	bare.id = bare.hash()
	for name, err := range map[string]error{
		"a claim":                      form(good.ops()...),
		"without texts":                form(bare.ops()...),
		"with a word":                  form(append(good.ops(), op(who, good.id, posted+tag, word))...),
		"a word by itself":             form(op(who, good.id, review+tag, word)),
		"a newer word":                 form(op(who, good.id, "praise"+tag, "x")),
		"a newer field, written again": form(op(who, good.id, "more", "x", before)),
		"a newer format of a word":     form(op(who, good.id, review+tag, raw(t, []any{uint64(format + 1), "later"}))),
		"a newer claim":                form(op(who, good.id, "made", raw(t, []any{uint64(format + 1), "later"}))),
		"another subject's":            form(wire.Op{Key: "person/x/name", Delete: true}),
	} {
		if err != nil {
			t.Errorf("%s is refused: %v", name, err)
		}
	}
	other := newPosting(t, func(m *madeValue) { m.Item = "JS02" })
	other.id = good.id
	swapped := good
	swapped.note, swapped.witness = good.witness, good.note
	elsewhere := good
	elsewhere.person = people.ID{0x10}
	elsewhere.id = elsewhere.hash()
	for name, err := range map[string]error{
		"another claim under its id":  form(other.ops()...),
		"another note":                form(op(who, good.id, "made", good.made), op(who, good.id, "note", "\x02another"), op(who, good.id, "witness", good.witness)),
		"texts that changed places":   form(swapped.ops()...),
		"a note that comes later":     form(op(who, good.id, "note", good.note)),
		"a witness without the rest":  form(op(who, good.id, "witness", good.witness)),
		"without its note":            form(op(who, good.id, "made", good.made), op(who, good.id, "witness", good.witness)),
		"a claim written over":        form(op(who, bare.id, "made", bare.made, before)),
		"a word written over":         form(op(who, good.id, review+tag, word, before)),
		"another shard":               form(elsewhere.ops()...),
		"a deletion":                  form(wire.Op{Key: keyOf(who, good.id, review+tag), Delete: true, Pred: []wire.OpID{before}}),
		"text for bytes":              form(wire.Op{Key: keyOf(who, good.id, review+tag), Value: wire.StringValue(word)}),
		"a damaged word":              form(op(who, good.id, review+tag, word[:5])),
		"an older format":             form(op(who, good.id, review+tag, raw(t, wordValue{Format: 1, Text: []byte{}, Sig: []byte{}}))),
		"a reason in the clear":       form(op(who, good.id, review+tag, raw(t, wordValue{Format: format, Text: []byte("张三"), Sig: []byte{}}))),
		"half a signature":            form(op(who, good.id, review+tag, raw(t, wordValue{Format: format, Text: []byte{}, Sig: make([]byte, 32)}))),
		"an id of another length":     form(op(who, "0123", review+tag, word)),
		"a large value of somebody":   form(op(who, good.id, "more", strings.Repeat("x", maxUnknown+1))),
		"an amount that overflows":    form(newPosting(t, func(m *madeValue) { m.Count = 1 << 62 }).ops()...),
		"more minutes than a day has": form(newPosting(t, func(m *madeValue) { m.Minutes = 1441 }).ops()...),
		"from nowhere":                form(newPosting(t, func(m *madeValue) { m.Via = "sky" }).ops()...),
	} {
		if err == nil {
			t.Errorf("%s passes", name)
		}
	}
}

// Only the main device says that days begin, of a notice or of a question, that a claim is booked, or that nothing
// comes of it.
func TestOfficeOnly(t *testing.T) {
	for _, word := range words {
		want := word == heard || word == waits || word == booked || word == ended
		ch := &wire.Change{Ops: []wire.Op{op(who, newPosting(t, nil).id, "more", ""), op(who, newPosting(t, nil).id, word+".0123456789", "")}}
		if got := OfficeOnly(ch); got != want {
			t.Errorf("%s: %v", word, got)
		}
	}
}
