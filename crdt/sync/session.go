package sync

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"

	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Policy is what the layers above decide. Its methods are called with the
// session locked: they must not call back into it (Dirty and Committed may be
// called at any time).
type Policy interface {
	// MayRead says whether the peer may hold the document. It is asked before
	// anything about the document is said.
	MayRead(peer [32]byte, doc store.DocID) bool
	// MaySet says whether the peer may hold the set.
	MaySet(peer [32]byte, set string) bool
	// CheckItem judges an item of a set from the peer. Certificates and fork
	// proofs have been verified before.
	CheckItem(peer [32]byte, set string, item store.Item) error
	// Admit judges changes and stores what is sound: [admit.Batch].
	Admit(ctx context.Context, from string, doc store.DocID, items []seal.Sealed) (admit.Result, error)
}

// Config is what a session needs. All but Formats are required.
type Config struct {
	Source    Source
	Policy    Policy
	Peer      [32]byte // the other device's key
	Community string
	Formats   map[string]uint64 // versions in force here, told to the peer
	Rand      io.Reader         // for this side's half of the salt
	Clock     func() int64      // milliseconds
}

// Session is one side of one connection. Handle and Next may be called from
// two goroutines; everything else from any.
type Session struct {
	cfg Config
	ctx context.Context

	mu        sync.Mutex
	err       error
	started   bool
	greeted   bool
	nonce     [nonceSize]byte
	salt      [2 * nonceSize]byte // both nonces, the smaller first
	spaces    []*space
	out       [][]byte // control frames, first to last
	acks      uint64
	docs      map[store.DocID]*docState
	vectors   map[store.DocID]held // this side's, of the last snapshots
	gov, rest queue
	flights   []flight
	flying    int // bytes
	named     int
	peerNames []store.DocID
	peerNamed map[store.DocID]struct{}
	keys      map[[refKeySize]byte]store.DocID // see resolve
	keyed     map[store.DocID]struct{}         // those in keys
	waste     wasteMeter
	fruits    int // batches that brought something, in this round
	// Documents of which one side holds changes that the other could not admit
	// yet; when they move, everything is compared again.
	unsettled map[store.DocID]struct{}

	dirtyMu   sync.Mutex
	dirtyDocs map[store.DocID]struct{}
	dirtySets map[string]struct{}
	overflow  bool
	resync    bool
	wake      chan struct{}

	statsMu sync.Mutex
	stats   Stats
	talked  bool // a frame went out since the last one came in
}

// docState is what a session knows about the peer's copy of a document.
type docState struct {
	told   vector // what the peer has or was sent
	sure   vector // what the peer is known to have admitted
	knows  bool   // the peer holds it under this id
	number int    // in this side's table of names, from 1

	// sent is the last change that went out of an author's histories while
	// there are more of them to send.
	sent map[wire.Actor]wire.Hash
}

// held is this side's vector for a digest.
type held struct {
	digest [32]byte
	v      vector
}

// flight is one CHANGES frame that waits for its ACK.
type flight struct {
	doc   store.DocID
	after vector
	size  int
}

// New makes one side of a session. ctx bounds its reading of the store.
func New(ctx context.Context, cfg Config) (*Session, error) {
	s := &Session{
		cfg: cfg, ctx: ctx,
		docs: map[store.DocID]*docState{}, unsettled: map[store.DocID]struct{}{}, keyed: map[store.DocID]struct{}{}, peerNamed: map[store.DocID]struct{}{},
		keys: map[[refKeySize]byte]store.DocID{}, vectors: map[store.DocID]held{},
		dirtyDocs: map[store.DocID]struct{}{}, dirtySets: map[string]struct{}{},
		wake: make(chan struct{}, 1),
	}
	if _, err := io.ReadFull(cfg.Rand, s.nonce[:]); err != nil {
		return nil, fmt.Errorf("sync: no randomness: %w", err)
	}
	for id, set := range spaceNames {
		s.spaces = append(s.spaces, &space{id: id, set: set})
	}
	s.waste.last = cfg.Clock()
	s.signal()
	return s, nil
}

// Next returns the next frame for the peer, if there is one now. Call it when
// the link can take a frame; after ok is false, wait for [Session.Wake]. A
// failure of the own store ends the session: see [Session.Err].
func (s *Session) Next() (frame []byte, ok bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return nil, false
	}
	frame, err := s.next()
	if err != nil {
		s.err = err
		s.signal()
		return nil, false
	}
	if frame == nil {
		s.noteSync()
		return nil, false
	}
	s.count(func(st *Stats) {
		st.FramesOut++
		st.BytesOut += uint64(len(frame))
		s.talked = true
	})
	return frame, true
}

func (s *Session) next() ([]byte, error) {
	if !s.started {
		return s.greet()
	}
	if !s.greeted {
		return nil, nil
	}
	s.collect()
	for {
		if len(s.out) > 0 {
			f := s.out[0]
			s.out = slices.Delete(s.out, 0, 1)
			return f, nil
		}
		if f := s.ackFrame(); f != nil {
			return f, nil
		}
		for _, frame := range []func() ([]byte, error){s.itemsFrame, s.changesFrame} {
			if f, err := frame(); f != nil || err != nil {
				return f, err
			}
		}
		if err := s.contentDone(); err != nil {
			return nil, err
		}
		if err := s.openWanted(); err != nil {
			return nil, err
		}
		if len(s.out) == 0 {
			return nil, nil
		}
	}
}

// openWanted opens the rounds that somebody asked for.
func (s *Session) openWanted() error {
	for _, sp := range s.spaces {
		if sp.want && sp.ready && sp.step == idle && !sp.sentOpen {
			sp.last = nil // a wanted round has a reason
			if err := s.begin(sp); err != nil {
				return err
			}
		}
	}
	return nil
}

// Handle takes one frame from the peer. An error ends the session; it is a
// [*StoreError] when the peer is not to blame.
func (s *Session) Handle(frame []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	defer s.signal()
	if s.err != nil {
		return s.err
	}
	s.count(func(st *Stats) {
		st.FramesIn++
		st.BytesIn += uint64(len(frame))
		if s.talked {
			st.RoundTrips++
			s.talked = false
		}
	})
	if err := s.handle(frame); err != nil {
		s.err = err
		return err
	}
	s.noteSync()
	return nil
}

func (s *Session) handle(frame []byte) error {
	if len(frame) == 0 {
		return malformed("empty frame")
	}
	if len(frame) > MaxFrame {
		return fmt.Errorf("%w: frame of %d bytes", ErrTooLarge, len(frame))
	}
	if !s.started { // the peer was quicker: our hello must come first
		f, err := s.greet()
		if err != nil {
			return err
		}
		s.out = append([][]byte{f}, s.out...)
	}
	if frame[0] == typeHello || !s.greeted {
		return s.onHello(frame)
	}
	r := &reader{b: frame[1:]}
	switch frame[0] {
	case typeOpen:
		return s.wasted(s.onOpen(r))
	case typeBuckets:
		return s.wasted(s.onBuckets(r))
	case typePrints:
		return s.wasted(s.onPrints(r))
	case typeDocs:
		return s.wasted(s.onDocs(r))
	case typeItems:
		return s.onItems(r)
	case typeChanges:
		return s.onChanges(r)
	case typeDone:
		return s.wasted(s.onDone(r))
	case typeAck:
		return s.onAck(r)
	case typeTips:
		return s.onTips(r)
	}
	if s.stats.PeerMinor > Minor {
		s.count(func(st *Stats) { st.Skipped++ })
		return s.wasted(nil)
	}
	return malformed("frame type %d", frame[0])
}

// greet makes the hello, with the first OPEN of every space in it.
func (s *Session) greet() ([]byte, error) {
	h := hello{Minor: Minor, Community: s.cfg.Community, Formats: s.cfg.Formats, Nonce: s.nonce[:]}
	for _, sp := range s.spaces {
		if err := s.take(sp); err != nil {
			return nil, err
		}
		h.First = append(h.First, sp.mine.digest[:]...)
	}
	if docs := s.spaces[docSpace].mine; len(docs.elements) > 0 {
		h.Buckets = docs.sumBytes()
	}
	s.started = true
	return h.encode()
}

func (s *Session) onHello(frame []byte) error {
	if s.greeted || frame[0] != typeHello {
		return fmt.Errorf("%w: hello", ErrOrder)
	}
	h, err := decodeHello(frame[1:], s.cfg.Community)
	if err != nil {
		return err
	}
	s.greeted = true
	s.mixSalt([nonceSize]byte(h.Nonce))
	s.count(func(st *Stats) { st.PeerMinor, st.PeerFormats, st.Rounds = h.Minor, h.Formats, 1 })
	same := true
	for i, sp := range s.spaces {
		sp.gotOpen, sp.peerFlag = true, true
		sp.peerDigest = [openSize]byte(h.First[i*openSize:])
		same = same && (!early(i) || sp.mine.digest == sp.peerDigest)
	}
	return s.compareFirst(same, h.Buckets)
}

// compareFirst goes on from the hello. What it says about the late spaces
// counts only if the early ones are the same: else they are opened again when
// those are settled.
func (s *Session) compareFirst(same bool, sums []byte) error {
	if !same {
		for _, sp := range s.spaces {
			if !early(sp.id) {
				sp.reset()
				sp.last = nil
			}
		}
	}
	for _, sp := range s.spaces {
		if !sp.gotOpen {
			continue
		}
		if sp.id != docSpace {
			if err := s.compare(sp); err != nil {
				return err
			}
			continue
		}
		goOn, err := s.decide(sp)
		if err != nil {
			return err
		}
		if goOn { // the hellos have said the BUCKETS
			s.lookInto(sp, append(sums, make([]byte, buckets*bucketSize-len(sums))...))
		}
	}
	return nil
}

func (s *Session) mixSalt(peer [nonceSize]byte) {
	a, b := s.nonce, peer
	if string(b[:]) < string(a[:]) {
		a, b = b, a
	}
	copy(s.salt[:], a[:])
	copy(s.salt[nonceSize:], b[:])
}

func (s *Session) say(frame []byte) { s.out = append(s.out, frame) }

func (s *Session) doc(id store.DocID) *docState {
	d := s.docs[id]
	if d == nil {
		d = &docState{}
		s.docs[id] = d
	}
	return d
}

func (s *Session) knowsVector(doc store.DocID, digest [32]byte) bool {
	h, ok := s.vectors[doc]
	return ok && h.digest == digest
}

// Err returns why the session ended; nil while it runs.
func (s *Session) Err() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.err
}

// Pull is Next for a link with a goroutine of its own: it waits for a frame.
func (s *Session) Pull(ctx context.Context) ([]byte, error) {
	for {
		if f, ok := s.Next(); ok {
			return f, nil
		}
		if err := s.Err(); err != nil {
			return nil, err
		}
		select {
		case <-s.wake:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
	}
}

// Close ends the session: later calls fail with ErrClosed.
func (s *Session) Close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.err = ErrClosed
	}
	s.signal()
}

// Wake is signalled when Next may have a frame again.
func (s *Session) Wake() <-chan struct{} { return s.wake }

func (s *Session) signal() {
	select {
	case s.wake <- struct{}{}:
	default:
	}
}
