package govern

import (
	"testing"

	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// TestSides: a term of the charter has two histories from change 3 on. What names a head
// of either is judged under that one, on a device that met them in either order; a term
// that goes on from one of them makes the other void, and what its main device ordered
// there can be given again.
func TestSides(t *testing.T) {
	key := [32]byte{1}
	setting := func(n int64) Entry { return Policy{Settings: []Setting{{Key: "x", Num: n}}} }
	hash := func(seq uint64, side byte) wire.Hash { return wire.Hash{byte(seq), side} }
	change := func(seq uint64, n int64) *wire.Change {
		raw, err := EncodeValue(setting(n))
		if err != nil {
			t.Fatal(err)
		}
		return &wire.Change{Seq: seq, StartOp: seq, Deps: []wire.Hash{{}}, Ops: []wire.Op{{Key: store.FeedKey(seq), Value: wire.Value{Kind: wire.Bytes, Raw: string(raw)}}}}
	}
	// 1, 2, then 3 and 4 on the left, 3 on the right; each sets its own number.
	left, right := map[uint64]int64{3: 30, 4: 40}, map[uint64]int64{3: 31}
	for name, order := range map[string][2]map[uint64]int64{"left": {left, right}, "right": {right, left}} {
		s := newState()
		side := func(i int) byte {
			if (name == "left") == (i == 0) {
				return 'l'
			}
			return 'r'
		}
		s.add(Point{Term: 1, Seq: 1}, hash(1, 0), wire.Actor{}, []Entry{Genesis{Device: key}})
		s.add(Point{Term: 1, Seq: 2}, hash(2, 0), wire.Actor{}, []Entry{setting(20)})
		for seq := uint64(3); order[0][seq] > 0; seq++ {
			s.add(Point{Term: 1, Seq: seq}, hash(seq, side(0)), wire.Actor{}, []Entry{setting(order[0][seq])})
		}
		prev := Point{Term: 1, Seq: 2}
		for seq := uint64(3); order[1][seq] > 0; seq++ {
			if err := s.addBeside(prev, change(seq, order[1][seq]), hash(seq, side(1)), nil); err != nil {
				t.Fatal(err)
			}
			prev = s.beside[head16(hash(seq, side(1)))]
		}
		if s.head().side != 0 || s.heads[s.head()] != hash(s.head().Seq, name[0]) {
			t.Errorf("%s first: the head is %v", name, s.head())
		}
		tips := []struct {
			seq  uint64
			side byte
			set  int64
			void uint64 // once a term goes on from here
		}{{2, 0, 20, 3}, {3, 'l', 30, 2}, {4, 'l', 40, 1}, {3, 'r', 31, 2}}
		for _, tip := range tips {
			h := hash(tip.seq, tip.side)
			at := s.under(seal.Context{Term: 1, Seq: tip.seq, Head: head16(h)})
			if got := s.rules(at).Other["x"].Num; got != tip.set {
				t.Errorf("%s first: under %d%c it is %d", name, tip.seq, tip.side, got)
			}
			if _, ok := s.point(1, tip.seq+7, head16(h)); ok {
				t.Error("a head under another number")
			}
			n := s.clone()
			n.add(Point{Term: 2, Seq: 1}, wire.Hash{77}, wire.Actor{8}, []Entry{Term{Term: 2, Device: key, CutSeq: tip.seq, CutHash: [32]byte(h), By: ByRegistrar}})
			if got := n.rules(n.head()).Other["x"].Num; got != tip.set || n.void(1) != tip.void {
				t.Errorf("%s first: a term that goes on from %d%c has %d, and %d are void", name, tip.seq, tip.side, got, n.void(1))
			}
			for _, x := range tips {
				p, ok := n.point(1, x.seq, head16(hash(x.seq, x.side)))
				if kept := x.seq <= tip.seq && (x.side == tip.side || x.side == 0); !ok || n.resumed(p) == kept || n.within(p, n.head()) != kept {
					t.Errorf("%s first: %d%c under a term that goes on from %d%c", name, x.seq, x.side, tip.seq, tip.side)
				}
			}
		}
	}
	if p := newState().under(seal.Context{Term: 1, Seq: 1}); p != (Point{}) {
		t.Errorf("a head of nothing is %v", p)
	}
}
