package sync

import (
	"context"
	"fmt"
	"iter"
	"slices"

	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Export yields the frames that bring a device from known (its vectors by
// document; nil: it has nothing) to what this store holds and the policy lets
// it read: a HELLO, the sets, the governance documents, the rest. They are the
// frames of a session, for a file. The first error ends it.
func Export(ctx context.Context, cfg Config, known map[store.DocID][]store.Tip) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		s, err := New(ctx, cfg)
		if err == nil {
			err = s.export(known, yield)
		}
		if err != nil {
			yield(nil, err)
		}
	}
}

// export returns nil also when the consumer stopped.
func (s *Session) export(known map[store.DocID][]store.Tip, yield func([]byte, error) bool) error {
	h, err := s.greet()
	if err != nil || !yield(h, nil) {
		return err
	}
	for _, sp := range s.spaces {
		sp.ready, sp.dirty, sp.theirs = true, sp.set != "", map[uint64]struct{}{}
	}
	docs := s.spaces[docSpace].mine.elements
	ids := make([]store.DocID, len(docs))
	for i, e := range docs {
		ids[i] = e.doc
		s.doc(ids[i]).told = vectorOf(known[ids[i]])
	}
	slices.SortFunc(ids, inOrder)
	for _, id := range ids {
		s.owe(id)
	}
	for {
		f, err := s.itemsFrame()
		if f == nil && err == nil {
			f, err = s.changesFrame()
		}
		if err != nil || f == nil || !yield(f, nil) {
			return err
		}
		s.flights, s.flying = nil, 0 // nobody answers a file
	}
}

// Imported is what became of a file.
type Imported struct {
	Changes, Admitted, Known, Waiting, Refused int
	Items                                      int
	Docs                                       []store.DocID // named in the file, ascending

	ends map[store.DocID]vector
}

// End tells how far an author's changes in the file go in a document; 0: there are
// none.
func (i Imported) End(doc store.DocID, author wire.Actor) uint64 {
	t, _ := i.ends[doc].get(author)
	return t.seq
}

// Import takes the frames of Export, in order. Every batch is admitted whole
// or not at all, as in a session; importing the rest later, or all again, is
// harmless. cfg.Peer is the device that wrote the file.
func Import(ctx context.Context, cfg Config, frames iter.Seq2[[]byte, error]) (Imported, error) {
	s, err := New(ctx, cfg)
	if err != nil {
		return Imported{}, err
	}
	for _, sp := range s.spaces {
		sp.ready = true
	}
	for frame, err := range frames {
		if err == nil {
			err = s.importFrame(frame)
		}
		if err != nil {
			return s.imported(), err
		}
	}
	if !s.greeted {
		return s.imported(), malformed("a file without a hello")
	}
	return s.imported(), nil
}

func (s *Session) importFrame(frame []byte) error {
	if len(frame) == 0 || len(frame) > MaxFrame {
		return malformed("frame of %d bytes", len(frame))
	}
	r := &reader{b: frame[1:]}
	switch {
	case !s.greeted && frame[0] == typeHello:
		h, err := decodeHello(r.b, s.cfg.Community)
		if err != nil {
			return err
		}
		s.greeted = true
		s.count(func(st *Stats) { st.PeerMinor = h.Minor })
		return nil
	case !s.greeted:
		return fmt.Errorf("%w: no hello", ErrOrder)
	case frame[0] == typeItems:
		return s.onItems(r)
	case frame[0] == typeChanges:
		defer func() { s.out, s.acks = nil, 0 }()
		return s.onChanges(r)
	case s.stats.PeerMinor > Minor:
		return s.wasted(nil)
	}
	return malformed("frame type %d in a file", frame[0])
}

func (s *Session) imported() Imported {
	st := s.Stats()
	out := Imported{
		Changes: int(st.ChangesReceived), Admitted: int(st.Admitted), Known: int(st.Known),
		Waiting: int(st.Waiting), Refused: int(st.Refused), Items: int(st.ItemsReceived - st.ItemsRefused),
		Docs: slices.Clone(s.peerNames),
	}
	slices.Sort(out.Docs)
	out.Docs, out.ends = slices.Compact(out.Docs), map[store.DocID]vector{}
	for doc, d := range s.docs {
		out.ends[doc] = d.told
	}
	return out
}
