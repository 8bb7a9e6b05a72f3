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
		out = append(out, Tip{Term: term, Seq: seq, Hash: s.heads[Point{term, seq}]})
	}
	slices.SortFunc(out, func(a, b Tip) int { return int(a.Term) - int(b.Term) })
	return out
}

// Beyond reads what is held of gov behind another device's tips: only of terms
// that it has as far as they are here, and of those that follow them. Nothing
// if its charter has another history.
func (c *Charter) Beyond(q store.Querier, tips []Tip) (out []Piece, err error) {
	s := c.now()
	from := map[uint64]uint64{}
	for _, t := range tips {
		from[t.Term] = t.Seq
		if at := (Point{t.Term, t.Seq}); !s.head().Before(at) && s.heads[at] != wire.Hash(t.Hash) && s.last[t.Term] >= t.Seq {
			return nil, nil
		}
	}
	for term := uint64(1); term <= s.head().Term; term++ {
		for seq := from[term]; seq < s.last[term]; {
			list, err := store.After(q, c.Doc(fmt.Sprintf("gov/%d", term)), s.terms[term].Actor, seq, seal.MaxRun)
			if err != nil || len(list) == 0 {
				return out, err
			}
			p := Piece{Term: term}
			for _, x := range list {
				p.Run, seq = append(p.Run, x.Sealed), x.Seq
			}
			out = append(out, p)
		}
	}
	return out, nil
}

// Foretell reads pieces beside the charter and tells whether the device may
// connect under what they say; now is in milliseconds. It returns the
// certificates of those who begin terms in them. Nothing is written. Error:
// ErrNoProof, with what is wrong.
func (c *Charter) Foretell(q store.Querier, pieces []Piece, device [32]byte, now int64) ([]seal.Certificate, error) {
	f := foretold{c: c, s: c.now().clone(), certs: map[wire.Actor]seal.Certificate{}}
	for _, p := range pieces {
		if err := f.read(q, p); err != nil {
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
	return f.fresh, nil
}

// foretold is the charter with what somebody shows of how it went on.
type foretold struct {
	c     *Charter
	s     *state
	certs map[wire.Actor]seal.Certificate
	fresh []seal.Certificate
}

func (f *foretold) read(q store.Querier, p Piece) error {
	doc := f.c.Doc(fmt.Sprintf("gov/%d", p.Term))
	if len(p.Run) == 0 || p.Run[len(p.Run)-1].Seal == nil {
		return errors.New("an empty run, or its end is not sealed")
	}
	for i, x := range p.Run {
		h, err := f.add(p.Term, x.Chunk)
		if err != nil {
			return err
		}
		if i < len(p.Run)-1 {
			continue // a seal covers all before it in the feed
		}
		cert, err := f.writer(q, p.Term)
		if err != nil {
			return err
		}
		if err := seal.Verify(cert, string(doc), f.s.last[p.Term], h, *x.Seal); err != nil {
			return err
		}
	}
	return nil
}

// add judges one change as admission does and appends it.
func (f *foretold) add(term uint64, chunk []byte) (h wire.Hash, err error) {
	ch, h, err := wire.Decode(chunk)
	if err != nil {
		return h, err
	}
	last := Point{term, f.s.last[term]}
	if ch.Seq != last.Seq+1 || last.Seq > 0 && (len(ch.Deps) != 1 || ch.Deps[0] != f.s.heads[last]) {
		return h, errors.New("it does not follow what is here")
	}
	raw, err := feedValue(ch)
	if err != nil {
		return h, err
	}
	entries, err := DecodeValue(raw)
	if err != nil {
		return h, err
	}
	ctx, err := seal.ParseContext(ch.Message)
	if err != nil {
		return h, err
	}
	if ch.Seq == 1 {
		err = f.c.first(f.s, term, ch, raw, entries)
	} else {
		err = f.s.next(f.c.community, term, ch, entries, ctx)
	}
	if err != nil {
		return h, err
	}
	if t, ok := entries[0].(Term); ok {
		cert, err := seal.DecodeCertificate(t.Incarnation)
		if err != nil {
			return h, err
		}
		f.certs[ch.Actor] = cert
		f.fresh = append(f.fresh, cert)
	}
	f.s.add(Point{term, ch.Seq}, h, ch.Actor, entries)
	return h, nil
}

// writer is the certificate of who writes a term.
func (f *foretold) writer(q store.Querier, term uint64) (seal.Certificate, error) {
	a := f.s.terms[term].Actor
	if cert, ok := f.certs[a]; ok {
		return cert, nil
	}
	cert, err := store.Certificate(q, a)
	if err != nil {
		return seal.Certificate{}, err
	}
	if cert == nil {
		return seal.Certificate{}, errors.New("nobody is known to write this term")
	}
	return *cert, nil
}
