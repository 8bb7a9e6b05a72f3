package govern

import (
	"errors"
	"fmt"
	"slices"

	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// A device that was put back to an older copy does not know who was enrolled
// since, and refuses them. So such a device proves itself: it shows how the
// charter went on. Nothing of that is believed because of who shows it. It is
// read beside the charter first, and only what goes on exactly where the own
// charter ends, sealed by the incarnation that writes that term, is taken.

// Piece is a run of changes of one term of gov, in order, the last one sealed.
type Piece struct {
	Term uint64
	Run  []seal.Sealed
}

// Tip is where a term of gov ends at a device.
type Tip struct {
	_    struct{} `cbor:",toarray"`
	Term uint64
	Seq  uint64
	Hash [32]byte
}

// ErrNoProof says that what was shown does not go on where the charter ends
// here, or does not enrol who shows it.
var ErrNoProof = errors.New("govern: this is no proof of an enrolment")

// Tips tells where each term of gov ends here.
func (c *Charter) Tips() (out []Tip) {
	s := c.now()
	for term, seq := range s.last {
		out = append(out, Tip{Term: term, Seq: seq, Hash: s.heads[Point{Term: term, Seq: seq}]})
	}
	slices.SortFunc(out, func(a, b Tip) int { return int(a.Term) - int(b.Term) })
	return out
}

// Beyond reads what is held of gov behind another device's tips: only of terms
// that it has as far as they are here, and of those that follow them. Nothing
// if its charter has another history. Who was revoked is shown that, and nothing that
// the community ordered afterwards.
func (c *Charter) Beyond(q store.Querier, tips []Tip, reader [32]byte) (out []Piece, err error) {
	s := c.now()
	end, revoked := s.revokedAt(reader)
	if !revoked {
		end = s.head()
	}
	from := map[uint64]uint64{}
	for _, t := range tips {
		from[t.Term] = t.Seq
		if at := (Point{Term: t.Term, Seq: t.Seq}); !s.head().Before(at) && s.heads[at] != wire.Hash(t.Hash) && s.last[t.Term] >= t.Seq {
			return nil, nil
		}
	}
	for term := uint64(1); term <= end.Term; term++ {
		last := s.last[term]
		if term == end.Term {
			last = end.Seq
		}
		for seq := from[term]; seq < last; {
			list, err := store.After(q, c.Doc(fmt.Sprintf("gov/%d", term)), s.terms[term].Actor, seq, seal.MaxRun)
			if err != nil || len(list) == 0 {
				return out, err
			}
			p := Piece{Term: term}
			for _, x := range list {
				p.Run, seq = append(p.Run, x.Sealed), x.Seq
				if seq >= last && x.Seal != nil { // a seal speaks for those before it
					break
				}
			}
			out = append(out, p)
		}
	}
	return out, nil
}

// revokedAt is where a device was revoked that still is.
func (s *state) revokedAt(device [32]byte) (Point, bool) {
	head := s.head()
	c, in := s.cert(device, head)
	if in || c.At == (Point{}) {
		return Point{}, false
	}
	for _, r := range s.revokes[device] {
		if s.within(r.At, head) && !r.At.Before(c.At) {
			return r.At, true
		}
	}
	return Point{}, false
}

// Foretell reads pieces beside the charter and tells whether the device may
// connect under what they say; now is in milliseconds. It returns the
// certificates of those who begin terms in them. Nothing is written. Error:
// ErrNoProof, with what is wrong.
func (c *Charter) Foretell(q store.Querier, pieces []Piece, device [32]byte, now int64) (fresh []seal.Certificate, err error) {
	known := c.now()
	f, err := c.beside(q, known)
	if err != nil {
		return nil, err
	}
	for _, p := range pieces {
		if f, _, err = f.Take(c.Doc(fmt.Sprintf("gov/%d", p.Term)), p.Run); err != nil {
			return nil, fmt.Errorf("%w: %w", ErrNoProof, err)
		}
	}
	cert, in := f.s.cert(device, f.s.head())
	if !in {
		cert, in = f.s.lapsed(device)
	}
	if !in || cert.Entry.NotAfter != 0 && now > cert.Entry.NotAfter {
		return nil, fmt.Errorf("%w: the device is not enrolled", ErrNoProof)
	}
	for term, cert := range f.certs {
		if _, ok := known.terms[term]; !ok {
			fresh = append(fresh, cert)
		}
	}
	return fresh, nil
}

// beside is the own charter as one that can be read on without being written.
func (c *Charter) beside(q store.Querier, s *state) (*Foreign, error) {
	f := &Foreign{c: c, s: s, certs: map[uint64]seal.Certificate{}}
	for n, t := range s.terms {
		cert, err := store.Certificate(q, t.Actor)
		if err != nil {
			return nil, err
		}
		if cert != nil {
			f.certs[n] = *cert
		}
	}
	return f, nil
}
