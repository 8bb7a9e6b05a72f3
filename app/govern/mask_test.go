package govern

import (
	"fmt"
	"testing"

	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// TestWithdrawal: marks of all entries of a revocation count together; a revocation
// without marks masks nothing, one that found nothing to mark masks everything, and a
// device that is let in again is masked no more.
func TestWithdrawal(t *testing.T) {
	doc := func(path string) store.DocID { return store.DocID("c.1/" + path) }
	device := [32]byte{7}
	cert, out := Cert{Device: device, Role: Station}, func(marks ...Mark) Entry { return Revoke{Device: device, Marks: marks} }
	for _, c := range []struct {
		what    string
		entries []Entry // one change each
		at      uint64  // where it was revoked; 0: nothing is masked
		marks   string
	}{
		{"never revoked", []Entry{cert}, 0, "[]"},
		{"by an older program", []Entry{cert, out()}, 0, "[]"},
		{"nothing was seen", []Entry{cert, out(Mark{})}, 3, "[]"},
		{"in one entry", []Entry{cert, out(Mark{Doc: "people/00", Seq: 4})}, 3, "[c.1/people/00 4]"},
		{"in two", []Entry{cert, out(Mark{Doc: "people/00", Seq: 4}), out(Mark{Doc: "people/01", Seq: 5})}, 3, "[c.1/people/00 4 c.1/people/01 5]"},
		{"let in again", []Entry{cert, out(Mark{}), cert}, 0, "[]"},
		{"and out again", []Entry{cert, out(Mark{Doc: "people/00", Seq: 4}), cert, out(Mark{Doc: "people/00", Seq: 9})}, 5, "[c.1/people/00 9]"},
	} {
		s := newState()
		for i, e := range append([]Entry{Genesis{}}, c.entries...) {
			s.add(Point{Term: 1, Seq: uint64(i + 1)}, wire.Hash{byte(i + 1)}, wire.Actor{1}, []Entry{e})
		}
		w, masks := s.withdrawal(device, doc)
		var marks []any
		for _, m := range w.Marks {
			marks = append(marks, m.Doc, m.Seq)
		}
		if masks != (c.at > 0) || masks && (w.Term != 1 || w.Head != c.at) || masks && fmt.Sprint(marks) != c.marks {
			t.Errorf("%s: %v, %d.%d, %v", c.what, masks, w.Term, w.Head, marks)
		}
	}
}
