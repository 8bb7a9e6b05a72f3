package sync

import (
	"context"
	"maps"

	"jishan/crdt/store"
)

// Stats are a session's figures.
type Stats struct {
	BytesIn, BytesOut   uint64 // of frames, before the link's encryption
	FramesIn, FramesOut uint64
	RoundTrips          uint64 // answers to something this side had said
	Rounds              uint64 // comparisons of the documents
	ChangesSent         uint64
	ChangesReceived     uint64
	Admitted, Known     uint64 // of those received
	Waiting, Refused    uint64
	Forked              uint64
	ItemsSent           uint64
	ItemsReceived       uint64
	ItemsRefused        uint64
	Ignored             uint64 // documents and items that the peer has no business with
	Skipped             uint64 // frames of a newer minor version
	Unsendable          uint64 // runs without a seal that no frame can carry
	PeerMinor           uint
	PeerFormats         map[string]uint64
	InSync              bool  // both hold the same and nothing is under way
	InSyncAt            int64 // when that was last so, in milliseconds; 0: never
}

func (s *Session) count(f func(*Stats)) {
	s.statsMu.Lock()
	defer s.statsMu.Unlock()
	f(&s.stats)
}

// Stats returns the figures. It never waits for admission.
func (s *Session) Stats() Stats {
	s.statsMu.Lock()
	defer s.statsMu.Unlock()
	st := s.stats
	st.PeerFormats = maps.Clone(st.PeerFormats)
	return st
}

// noteSync brings InSync up to date; called when a frame was handled or sent.
func (s *Session) noteSync() {
	quiet := s.greeted && len(s.out) == 0 && len(s.flights) == 0 && s.gov.len()+s.rest.len() == 0
	for _, sp := range s.spaces {
		quiet = quiet && sp.ready && sp.step == idle && !sp.dirty
	}
	quiet = quiet && s.spaces[docSpace].equal && len(s.unsettled) == 0
	now := s.cfg.Clock()
	s.count(func(st *Stats) {
		st.InSync = quiet
		if quiet {
			st.InSyncAt = now
		}
	})
}

// Lack is what the peer is not known to have of one document.
type Lack struct {
	Doc     store.DocID
	Changes uint64
}

// Lacks compares this store with what the peer is known to have admitted:
// what is still only here, as far as this peer goes.
func (s *Session) Lacks(ctx context.Context) ([]Lack, error) {
	docs, err := s.cfg.Source.Documents(ctx,
		func(d store.DocID) bool { return s.cfg.Policy.MayRead(s.cfg.Peer, d) },
		func(store.DocID, [32]byte) bool { return false })
	if err != nil {
		return nil, &StoreError{err}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []Lack
	for _, d := range docs {
		var sure vector
		if st := s.docs[d.ID]; st != nil {
			sure = st.sure
		}
		if n := sure.lacks(vectorOf(d.Tips)); n > 0 {
			out = append(out, Lack{d.ID, n})
		}
	}
	return out, nil
}

// wasteMeter is a leaky bucket for frames that brought nothing.
type wasteMeter struct {
	level float64
	last  int64 // milliseconds
}

func (m *wasteMeter) add(now int64) bool {
	m.level = max(0, m.level-float64(max(0, now-m.last))*wasteRate/1000)
	m.last = now
	m.level++
	return m.level <= wasteBurst
}

// wasted counts a frame that brought nothing by itself.
func (s *Session) wasted(err error) error {
	if err == nil && !s.waste.add(s.cfg.Clock()) {
		return ErrFlood
	}
	return err
}
