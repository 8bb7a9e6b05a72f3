package govern

import (
	"errors"
	"fmt"
	"maps"

	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Foreign is the charter of another community as far as it was brought here: its
// feed's changes, each judged as that community's own devices judge them. It is
// known by its id alone, which is a hash over its first value, so it does not
// matter who brought it. A Foreign never changes; Take returns a longer one.
type Foreign struct {
	c     *Charter // for its id: it is never opened
	s     *state
	certs map[uint64]seal.Certificate // of the registrar's incarnation, by term
}

// NewForeign begins with nothing of a community, by its id text.
func NewForeign(community string) *Foreign {
	return &Foreign{c: New(community), s: newState(), certs: map[uint64]seal.Certificate{}}
}

// What is wrong with a piece of a foreign charter.
var (
	ErrForeign = errors.New("govern: not this community's charter")
	ErrGap     = errors.New("govern: what comes before is missing")
)

// Take adds changes of one term's document, in their order and the last one
// sealed. What is known already is skipped; fresh counts the others. Nobody need be
// trusted to have written them, so their seal is looked at before their meaning.
// Errors: ErrForeign, ErrGap, ErrNewer.
func (f *Foreign) Take(doc store.DocID, run []seal.Sealed) (next *Foreign, fresh int, err error) {
	p, err := f.c.path(doc)
	if err != nil || p.Term == 0 || p.Epoch != 1 || len(run) == 0 || run[len(run)-1].Seal == nil {
		return f, 0, fmt.Errorf("%w: %.80q", ErrForeign, string(doc))
	}
	list, err := f.follow(p.Term, run)
	if err != nil || len(list) == 0 {
		return f, 0, err
	}
	next = f.grown()
	rest := list
	if list[0].Seq == 1 { // it says itself whose key seals it, and is signed for that
		if err := next.add(p.Term, list[0]); err != nil {
			return f, 0, err
		}
		rest = list[1:]
	}
	tip := list[len(list)-1]
	if err := seal.Verify(next.certs[p.Term], string(doc), tip.Seq, tip.hash, *run[len(run)-1].Seal); err != nil {
		return f, 0, fmt.Errorf("%w: the seal of %d.%d: %w", ErrForeign, p.Term, tip.Seq, err)
	}
	for _, x := range rest {
		if err := next.add(p.Term, x); err != nil {
			return f, 0, err
		}
	}
	return next, len(list), nil
}

// following is a change that goes on where a charter ends.
type following struct {
	*wire.Change
	hash wire.Hash
}

// follow reads changes of a term and checks that those which are not here go on
// where it ends here, up to the last one: its seal speaks for those before it.
func (f *Foreign) follow(term uint64, run []seal.Sealed) (list []following, err error) {
	last := f.s.last[term]
	prev := f.s.heads[Point{Term: term, Seq: last}]
	for _, x := range run {
		ch, h, err := wire.Decode(x.Chunk)
		if err != nil {
			return nil, fmt.Errorf("%w: %w", ErrForeign, err)
		}
		have, ok := f.s.heads[Point{Term: term, Seq: ch.Seq}]
		if ok && have == h && len(list) == 0 {
			continue
		}
		if ok || ch.Seq <= last {
			return nil, fmt.Errorf("%w: another history from %d.%d on", ErrForeign, term, ch.Seq)
		}
		if _, before := f.s.terms[term-1]; ch.Seq != last+1 || ch.Seq == 1 && term > 1 && !before {
			return nil, ErrGap
		}
		if ch.Seq > 1 && (len(ch.Deps) != 1 || ch.Deps[0] != prev) {
			return nil, fmt.Errorf("%w: %d.%d follows another history", ErrForeign, term, ch.Seq)
		}
		list, last, prev = append(list, following{ch, h}), ch.Seq, h
	}
	return list, nil
}

func (f *Foreign) grown() *Foreign {
	return &Foreign{c: f.c, s: f.s.clone(), certs: maps.Clone(f.certs)}
}

// Restore adds a change that Take took once, from this device's own disk.
func (f *Foreign) Restore(term uint64, chunk []byte) error {
	list, err := f.follow(term, []seal.Sealed{{Chunk: chunk}})
	if err != nil || len(list) == 0 {
		return err
	}
	return f.add(term, list[0])
}

// add judges one change and appends it.
func (f *Foreign) add(term uint64, x following) error {
	entries, err := f.judge(term, x.Change)
	if errors.Is(err, ErrNewer) {
		return ErrNewer
	}
	if err != nil {
		return fmt.Errorf("%w: %w", ErrForeign, err)
	}
	f.s.add(Point{Term: term, Seq: x.Seq}, x.hash, x.Actor, entries)
	return nil
}

func (f *Foreign) judge(term uint64, ch *wire.Change) ([]Entry, error) {
	raw, err := feedValue(ch)
	if err != nil {
		return nil, err
	}
	entries, err := DecodeValue(raw)
	if err != nil {
		return nil, err
	}
	if ch.Seq == 1 {
		return entries, f.opens(term, ch, raw, entries)
	}
	ctx, err := seal.ParseContext(ch.Message)
	if err != nil {
		return nil, err
	}
	return entries, f.s.next(f.c.community, term, ch, entries, ctx)
}

// opens judges the first change of a term and keeps whose key seals it.
func (f *Foreign) opens(term uint64, ch *wire.Change, raw []byte, entries []Entry) error {
	if err := f.c.first(f.s, term, ch, raw, entries); err != nil {
		return err
	}
	var incarnation []byte
	switch e := entries[0].(type) {
	case Genesis:
		incarnation = e.Incarnation
	case Term:
		incarnation = e.Incarnation
	}
	cert, err := seal.DecodeCertificate(incarnation)
	f.certs[term] = cert
	return err
}

// Snapshot answers questions about every head of the charter that is here.
func (f *Foreign) Snapshot() Snapshot { return Snapshot{f.s} }

// Root is the hash over the first value; zero while that is not here.
func (f *Foreign) Root() [32]byte { return f.s.root }

// RegistrarAt returns the certificate of the incarnation that writes a term.
func (f *Foreign) RegistrarAt(term uint64) (seal.Certificate, bool) {
	c, ok := f.certs[term]
	return c, ok
}

// Registrar returns the registrar's device of today and where it reads letters.
func (f *Foreign) Registrar() (device [32]byte, recipient string, ok bool) {
	at := f.s.head()
	t, ok := f.s.terms[at.Term]
	if !ok {
		return device, "", false
	}
	cert, ok := f.s.cert(t.Device, at)
	return t.Device, cert.Entry.Recipient, ok
}

// Enrolled tells whether a device ever had a certificate there.
func (f *Foreign) Enrolled(device [32]byte) bool {
	_, ok := latest(f.s, f.s.certs[device], f.s.head())
	return ok
}
