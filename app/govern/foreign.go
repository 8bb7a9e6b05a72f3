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
// sealed. What is known already is skipped; fresh counts the others. Errors:
// ErrForeign, ErrGap, ErrNewer.
func (f *Foreign) Take(doc store.DocID, run []seal.Sealed) (next *Foreign, fresh int, err error) {
	p, err := f.c.path(doc)
	if err != nil || p.Term == 0 || p.Epoch != 1 || len(run) == 0 || run[len(run)-1].Seal == nil {
		return f, 0, fmt.Errorf("%w: %.80q", ErrForeign, string(doc))
	}
	next = f.grown()
	var at Point
	var tip wire.Hash
	var more bool
	for _, x := range run {
		if at, tip, more, err = next.add(p.Term, x.Chunk); err != nil {
			return f, 0, err
		}
		if more {
			fresh++
		}
	}
	if fresh == 0 {
		return f, 0, nil
	}
	// The last one's seal speaks for those before it, so it must follow them.
	if !more || seal.Verify(next.certs[p.Term], string(doc), at.Seq, tip, *run[len(run)-1].Seal) != nil {
		return f, 0, fmt.Errorf("%w: the seal of %d.%d", ErrForeign, at.Term, at.Seq)
	}
	return next, fresh, nil
}

func (f *Foreign) grown() *Foreign {
	return &Foreign{c: f.c, s: f.s.clone(), certs: maps.Clone(f.certs)}
}

// Restore adds a change that Take took once, from this device's own disk.
func (f *Foreign) Restore(term uint64, chunk []byte) error {
	_, _, _, err := f.add(term, chunk)
	return err
}

// add judges one change and appends it; false for one that is here.
func (f *Foreign) add(term uint64, chunk []byte) (at Point, h wire.Hash, more bool, err error) {
	ch, h, err := wire.Decode(chunk)
	if err != nil {
		return at, h, false, fmt.Errorf("%w: %w", ErrForeign, err)
	}
	at = Point{term, ch.Seq}
	if have, ok := f.s.heads[at]; ok {
		if have != h {
			err = fmt.Errorf("%w: another history from %d.%d on", ErrForeign, term, ch.Seq)
		}
		return at, h, false, err
	}
	if _, before := f.s.terms[term-1]; ch.Seq != f.s.last[term]+1 || ch.Seq == 1 && term > 1 && !before {
		return at, h, false, ErrGap
	}
	entries, err := f.judge(term, ch)
	if errors.Is(err, ErrNewer) {
		return at, h, false, ErrNewer
	}
	if err != nil {
		return at, h, false, fmt.Errorf("%w: %w", ErrForeign, err)
	}
	f.s.add(at, h, ch.Actor, entries)
	return at, h, true, nil
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
	if ch.Deps[0] != f.s.heads[Point{term, ch.Seq - 1}] {
		return nil, errors.New("govern: it follows another history")
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
