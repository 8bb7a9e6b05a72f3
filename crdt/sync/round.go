package sync

import (
	"cmp"
	"encoding/binary"
	"fmt"
	"slices"

	"jishan/crdt/store"
)

// A round compares one space. Both sides go through the same steps, each frame
// of a step answering the other side's of the step before, so a frame that
// comes in another step is a violation.
//
// Invariants:
//  1. A side sends exactly one OPEN, and if the round goes on exactly one BUCKETS,
//     one PRINTS (in parts), one DOCS (in parts; documents only) and one DONE.
//  2. Both decide from the same two digests and flags whether the round goes on.
//  3. A flag says that this side's digest has moved since its last OPEN: so a
//     difference that two rounds can't remove ends in silence.

// take makes the snapshot of a space, limited to what the peer may have.
func (s *Session) take(sp *space) error {
	var list []element
	switch {
	case sp.set == "":
		docs, err := s.cfg.Source.Documents(s.ctx, func(d store.DocID) bool {
			return (sp.id == docSpace || isGov(d)) && s.cfg.Policy.MayRead(s.cfg.Peer, d)
		}, s.knowsVector)
		if err != nil {
			return &StoreError{err}
		}
		list = s.docElements(docs)
	case s.cfg.Policy.MaySet(s.cfg.Peer, sp.set):
		items, err := s.cfg.Source.Items(s.ctx, sp.set)
		if err != nil {
			return &StoreError{err}
		}
		list = itemElements(items)
	}
	sp.mine = newSnapshot(list)
	sp.flag = sp.last == nil || *sp.last != sp.mine.digest
	digest := sp.mine.digest
	sp.last = &digest
	sp.sentOpen, sp.step, sp.want = true, opened, false
	return nil
}

// begin opens a round.
func (s *Session) begin(sp *space) error {
	if err := s.take(sp); err != nil {
		return err
	}
	f := []byte{typeOpen, byte(sp.id), 0}
	if sp.flag {
		f[2] = 1
	}
	s.say(append(f, sp.mine.digest[:]...))
	if sp.id == docSpace {
		s.count(func(st *Stats) { st.Rounds++ })
	}
	return nil
}

func (s *Session) onOpen(r *reader) error {
	sp := s.readSpace(r)
	flag := r.byte("flag")
	digest := r.take(openSize, "digest")
	if err := r.end(); err != nil {
		return err
	}
	if sp.gotOpen || sp.step > opened || !sp.ready && !s.mayOpen(sp) {
		return orderError("OPEN", sp)
	}
	sp.gotOpen, sp.peerFlag, sp.peerDigest = true, flag&1 == 1, [openSize]byte(digest)
	if !sp.sentOpen {
		if err := s.begin(sp); err != nil {
			return err
		}
	}
	return s.compare(sp)
}

// mayOpen: the late spaces are opened anew after the early ones have moved.
func (s *Session) mayOpen(sp *space) bool { return !early(sp.id) && s.earlyReady() }

// compare decides, when both OPENs are there.
func (s *Session) compare(sp *space) error {
	goOn, err := s.decide(sp)
	if goOn && err == nil {
		s.say(append([]byte{typeBuckets, byte(sp.id)}, sp.mine.sumBytes()...))
		sp.step = bucketed
	}
	return err
}

func (s *Session) decide(sp *space) (goOn bool, err error) {
	switch {
	case sp.mine.digest == sp.peerDigest:
		s.matched(sp, func(*element) bool { return true })
		return false, s.finish(sp, true)
	case !sp.flag && !sp.peerFlag:
		return false, s.finish(sp, false)
	}
	return true, nil
}

func (m *snapshot) sumBytes() []byte {
	b := make([]byte, 0, buckets*bucketSize)
	for i := range m.sums {
		b = append(b, m.sums[i][:]...)
	}
	return b
}

func (s *Session) onBuckets(r *reader) error {
	sp := s.readSpace(r)
	sums := r.take(buckets*bucketSize, "buckets")
	if err := r.end(); err != nil {
		return err
	}
	if sp.step != bucketed {
		return orderError("BUCKETS", sp)
	}
	s.lookInto(sp, sums)
	return nil
}

// lookInto finds the buckets that differ and sends their prints.
func (s *Session) lookInto(sp *space, sums []byte) {
	differs := false
	for i := range sp.differ {
		sp.differ[i] = string(sp.mine.sums[i][:]) != string(sums[i*bucketSize:(i+1)*bucketSize])
		differs = differs || sp.differ[i]
	}
	for i := range sp.differ { // the short digests lied: look everywhere
		sp.differ[i] = sp.differ[i] || !differs
	}
	s.sayPrints(sp)
	sp.prints, sp.step = map[uint64]struct{}{}, printed
}

// sayPrints sends the prints of the differing buckets, in frames of bounded
// size. The other side knows which buckets these are.
func (s *Session) sayPrints(sp *space) {
	frame := []byte{typePrints, byte(sp.id), 0}
	for i := range sp.mine.elements {
		e := &sp.mine.elements[i]
		if !sp.differ[e.bucket()] {
			continue
		}
		if len(frame) > batchBytes {
			s.say(frame)
			frame = []byte{typePrints, byte(sp.id), 0}
		}
		var b [8]byte
		binary.BigEndian.PutUint64(b[:], s.print(e.key, e.digest))
		frame = append(frame, b[8-printSize:]...)
	}
	frame[2] = 1
	s.say(frame)
}

func (s *Session) onPrints(r *reader) error {
	sp := s.readSpace(r)
	last := r.byte("last")
	if sp.step != printed && r.err == nil {
		return orderError("PRINTS", sp)
	}
	if len(r.b)%printSize != 0 {
		r.fail("prints")
	}
	for len(r.b) > 0 {
		var b [8]byte
		copy(b[8-printSize:], r.take(printSize, "print"))
		sp.prints[binary.BigEndian.Uint64(b[:])] = struct{}{}
	}
	switch {
	case r.err != nil:
		return r.err
	case len(sp.prints) > maxPrints:
		return fmt.Errorf("%w: prints", ErrTooLarge)
	case last&1 == 0:
		return nil
	}
	s.matched(sp, func(e *element) bool { return !sp.differ[e.bucket()] || has(sp.prints, s.print(e.key, e.digest)) })
	if sp.set != "" {
		sp.dirty, sp.ready, sp.step = true, true, content
		return nil
	}
	sp.lists = map[store.DocID]struct{}{}
	s.sayDocs(sp)
	sp.step = listed
	return nil
}

func has[K comparable](m map[K]struct{}, k K) bool {
	_, ok := m[k]
	return ok
}

// matched notes what both sides hold in the same state.
func (s *Session) matched(sp *space, same func(*element) bool) {
	if sp.set != "" && sp.theirs == nil {
		sp.theirs = map[uint64]struct{}{}
	}
	for i := range sp.mine.elements {
		e := &sp.mine.elements[i]
		if !same(e) {
			continue
		}
		if sp.set != "" {
			sp.theirs[s.print(e.key, e.digest)] = struct{}{}
			continue
		}
		d := s.doc(e.doc)
		d.told, d.sure, d.knows = d.told.merge(e.v), d.sure.merge(e.v), true
	}
}

// sayDocs lists the documents that the peer lacks or has otherwise.
func (s *Session) sayDocs(sp *space) {
	frame := []byte{typeDocs, byte(sp.id), 0}
	var owed []store.DocID
	for i := range sp.mine.elements {
		e := &sp.mine.elements[i]
		if !sp.differ[e.bucket()] || has(sp.prints, s.print(e.key, e.digest)) {
			continue
		}
		if len(frame) > batchBytes {
			s.say(frame)
			frame = []byte{typeDocs, byte(sp.id), 0}
		}
		frame = s.appendRef(frame, e.doc)
		frame = appendVector(frame, e.v)
		owed = append(owed, e.doc)
	}
	frame[2] = 1
	s.say(frame)
	slices.SortFunc(owed, inOrder)
	for _, doc := range owed {
		s.owe(doc)
	}
}

// inOrder puts shorter ids first, so that the numbered parts of a feed go out
// ascending: a later part waits for the one before, and a whole part is as much
// as the other side's waiting room holds for one peer.
func inOrder(a, b store.DocID) int {
	return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
}

func appendVector(b []byte, v vector) []byte {
	v = v[:min(len(v), maxTips)]
	b = binary.AppendUvarint(b, uint64(len(v)))
	for _, t := range v {
		b = append(b, t.actor[:]...)
		b = binary.AppendUvarint(b, t.seq)
		b = append(b, t.mark[:]...)
	}
	return b
}

func (r *reader) vector() vector {
	v := make(vector, 0, 4)
	for range r.count(maxTips, 16+1+markSize, "vector") {
		var t tip
		copy(t.actor[:], r.take(len(t.actor), "actor"))
		t.seq = r.uvarint("seq")
		copy(t.mark[:], r.take(markSize, "mark"))
		if len(v) > 0 && v[len(v)-1].actor.Compare(t.actor) >= 0 || t.seq == 0 {
			r.fail("vector")
		}
		if r.err != nil {
			return nil
		}
		v = append(v, t)
	}
	return v
}

func (s *Session) onDocs(r *reader) error {
	sp := s.readSpace(r)
	last := r.byte("last")
	if r.err == nil && sp.step != listed {
		return orderError("DOCS", sp)
	}
	for len(r.b) > 0 {
		doc := s.readRef(r)
		v := r.vector()
		if r.err != nil {
			break
		}
		if !s.cfg.Policy.MayRead(s.cfg.Peer, doc) || sp.id == govSpace && !isGov(doc) {
			s.count(func(st *Stats) { st.Ignored++ })
			continue
		}
		if len(sp.lists) >= maxAliases {
			return fmt.Errorf("%w: documents", ErrTooLarge)
		}
		sp.lists[doc] = struct{}{}
		d := s.doc(doc)
		d.told, d.sure, d.knows = v, v, true
	}
	if err := r.end(); err != nil {
		return err
	}
	if last&1 == 1 {
		s.unlisted(sp)
		sp.ready, sp.step = true, content
	}
	return nil
}

// unlisted: what differs here and is not in the peer's list, the peer has not.
func (s *Session) unlisted(sp *space) {
	for i := range sp.mine.elements {
		e := &sp.mine.elements[i]
		if sp.differ[e.bucket()] && !has(sp.prints, s.print(e.key, e.digest)) && !has(sp.lists, e.doc) {
			d := s.doc(e.doc)
			d.told, d.sure = nil, nil
		}
	}
}

// contentDone sends DONE for the spaces of which nothing is owed any more.
func (s *Session) contentDone() error {
	for _, sp := range s.spaces {
		if sp.step != content || sp.sentDone || s.owes(sp) {
			continue
		}
		s.say([]byte{typeDone, byte(sp.id)})
		sp.sentDone = true
		if err := s.roundOver(sp); err != nil {
			return err
		}
	}
	return nil
}

func (s *Session) owes(sp *space) bool {
	switch {
	case sp.set != "":
		return sp.dirty
	case sp.id == govSpace:
		return s.gov.len() > 0
	}
	return s.gov.len()+s.rest.len() > 0
}

func (s *Session) onDone(r *reader) error {
	sp := s.readSpace(r)
	if err := r.end(); err != nil {
		return err
	}
	if sp.step != content || sp.gotDone {
		return orderError("DONE", sp)
	}
	sp.gotDone = true
	return s.roundOver(sp)
}

// roundOver ends a round when both are done, and verifies the documents by
// another one, which ends at its OPEN when all is well.
func (s *Session) roundOver(sp *space) error {
	if !sp.sentDone || !sp.gotDone {
		return nil
	}
	again := sp.id == docSpace
	if again && s.admittedSince() == 0 {
		s.waste.level += fruitlessRound
		if err := s.wasted(nil); err != nil {
			return err
		}
	}
	if err := s.finish(sp, !again); err != nil {
		return err
	}
	if again {
		return s.begin(sp)
	}
	return nil
}

// finish ends a round. After the last early space the others are opened.
func (s *Session) finish(sp *space, equal bool) error {
	sp.reset()
	sp.ready, sp.equal = true, equal
	if sp.id == docSpace && equal {
		clear(s.unsettled)
	}
	if !early(sp.id) || !s.earlyReady() {
		return nil
	}
	for _, late := range s.spaces {
		if early(late.id) || late.ready || late.sentOpen {
			continue
		}
		if err := s.begin(late); err != nil {
			return err
		}
	}
	return nil
}

// earlyReady says that every early space has ended its first round.
func (s *Session) earlyReady() bool {
	for _, sp := range s.spaces {
		if early(sp.id) && (!sp.ready || sp.step != idle) {
			return false
		}
	}
	return true
}

func (s *Session) readSpace(r *reader) *space {
	id := r.byte("space")
	if r.err == nil && int(id) >= len(s.spaces) {
		r.fail("space")
	}
	if r.err != nil {
		return &space{} // the error is reported by the caller's r.end
	}
	return s.spaces[id]
}

func orderError(what string, sp *space) error {
	return fmt.Errorf("%w: %s of space %d in step %d", ErrOrder, what, sp.id, sp.step)
}
