package govern

import (
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Two machines with the main device's key, cut off from each other, may both have gone on
// with one term of gov. What others wrote names a head of either, and is judged under that
// one, on every device alike, whichever came first there. Which of the two the community
// goes by is decided by the next term: it names the hash that it goes on from, and what
// lies in the other history is void like all that lies behind a cut.

// side is a history of a term beside the first one that is held here.
type side struct {
	from Point // the last change that it shares with another one
	last uint64
}

// point finds the place of a head; the hash tells the histories apart.
func (s *state) point(term, seq uint64, head [16]byte) (Point, bool) {
	p := Point{Term: term, Seq: seq}
	if h, ok := s.heads[p]; ok && head16(h) == head {
		return p, true
	}
	p, ok := s.beside[head]
	return p, ok && p.Term == term && p.Seq == seq
}

// cutOf is where a term goes on from, zero if that is not here.
func (s *state) cutOf(e Term) Point {
	p, ok := s.point(e.Term-1, e.CutSeq, head16(wire.Hash(e.CutHash)))
	if !ok || s.heads[p] != wire.Hash(e.CutHash) {
		return Point{}
	}
	return p
}

// leadsTo tells whether p stands in the history that ends at a place of the same term.
func (s *state) leadsTo(p, at Point) bool {
	for p.side != at.side {
		if at.side == 0 {
			return false
		}
		at = s.sides[at.side-1].from
	}
	return p.Seq <= at.Seq
}

// under is the place of the head that a change names; what names none of these stands
// under nothing.
func (s *state) under(ctx seal.Context) Point {
	p, _ := s.point(ctx.Term, ctx.Seq, ctx.Head)
	return p
}

// void counts the changes of a term that the next one doesn't go on from.
func (s *state) void(term uint64) (n uint64) {
	for p := range s.heads {
		if p.Term == term && !s.leadsTo(p, s.terms[term+1].Cut) {
			n++
		}
	}
	return n
}

// after is the place of a change that lies in a history beside its term's first one, behind
// the change with a place and a hash. The caller adds it next.
func (s *state) after(prev Point) Point {
	next := Point{Term: prev.Term, Seq: prev.Seq + 1}
	if prev.side > 0 && s.sides[prev.side-1].last == prev.Seq {
		next.side = prev.side
		s.sides[next.side-1].last = next.Seq
		return next
	}
	s.sides = append(s.sides, side{from: prev, last: next.Seq})
	next.side = len(s.sides)
	return next
}

// loose are changes of gov which the store holds beside a term's first history, by the
// change that each follows.
type loose map[wire.Hash][]wire.Chunk

// looseOf reads them; there are none but after a copy of the main device.
func (c *Charter) looseOf(q store.Querier) (loose, error) {
	any, err := store.HasBranches(q)
	if err != nil || !any {
		return nil, err
	}
	out := loose{}
	err = store.EachBeside(q, c.community+".*/gov/*", func(_ store.DocID, chunk wire.Chunk) error {
		h, err := wire.Peek(chunk)
		if err == nil && len(h.Deps) == 1 {
			out[h.Deps[0]] = append(out[h.Deps[0]], chunk)
		}
		return err
	})
	return out, err
}

// attach adds what follows a change beside the first history, and what follows that.
func (s *state) attach(prev Point, list loose) error {
	for _, chunk := range list[s.heads[prev]] {
		ch, h, err := wire.Decode(chunk)
		if err != nil {
			return err
		}
		if err := s.addBeside(prev, ch, h, list); err != nil {
			return err
		}
	}
	return nil
}

func (s *state) addBeside(prev Point, ch *wire.Change, h wire.Hash, list loose) error {
	if _, ok := s.point(prev.Term, ch.Seq, head16(h)); ok {
		return nil
	}
	raw, err := feedValue(ch)
	if err != nil {
		return err
	}
	entries, err := DecodeValue(raw)
	if err != nil {
		return err
	}
	at := s.after(prev)
	s.beside[head16(h)] = at
	s.add(at, h, ch.Actor, entries)
	s.times[at] = ch.Time
	return s.attach(at, list)
}

// ApplyBranch implements store.BranchProjector. There is no row of it: the store holds the
// change, and whatever reads the charter finds it there.
func (c *Charter) ApplyBranch(tx *store.Tx, ev store.Event) error {
	p, err := ParsePath(ev.Doc)
	if err != nil || len(ev.Change.Deps) != 1 {
		return err
	}
	return c.grow(tx, func(s *state) error {
		prev, ok := s.point(p.Term, ev.Change.Seq-1, head16(ev.Change.Deps[0]))
		if !ok {
			return nil // it comes with the change that it follows
		}
		return s.addBeside(prev, ev.Change, ev.Hash, nil)
	})
}
