package sync

import (
	"maps"
	"slices"

	"jishan/crdt/store"
)

// maxDirty bounds the ids that wait for the link; beyond it a round finds them.
const maxDirty = 1 << 16

// Dirty says that documents have changed here, by a local command or another
// peer. It only notes the ids: call it from store.OnCommit.
func (s *Session) Dirty(docs ...store.DocID) {
	s.dirtyMu.Lock()
	for _, d := range docs {
		if len(s.dirtyDocs) >= maxDirty {
			s.overflow = true
			break
		}
		s.dirtyDocs[d] = struct{}{}
	}
	s.dirtyMu.Unlock()
	s.signal()
}

// DirtySets says that sets have changed here.
func (s *Session) DirtySets(names ...string) {
	s.dirtyMu.Lock()
	for _, n := range names {
		s.dirtySets[n] = struct{}{}
	}
	s.dirtyMu.Unlock()
	s.signal()
}

// Committed is Dirty and DirtySets for one commit.
func (s *Session) Committed(c store.Commit) {
	if len(c.Sets) > 0 {
		s.DirtySets(c.Sets...)
	}
	s.Dirty(c.Docs...)
}

// Resync compares everything once more, e.g. because somebody asked or because
// the peer's rights have changed.
func (s *Session) Resync() {
	s.dirtyMu.Lock()
	s.resync = true
	s.dirtyMu.Unlock()
	s.signal()
}

// collect moves what was noted into the queues.
func (s *Session) collect() {
	s.dirtyMu.Lock()
	docs, sets, all := s.dirtyDocs, s.dirtySets, s.resync || s.overflow
	if len(docs) > 0 {
		s.dirtyDocs = map[store.DocID]struct{}{}
	}
	if len(sets) > 0 {
		s.dirtySets = map[string]struct{}{}
	}
	s.resync, s.overflow = false, false
	s.dirtyMu.Unlock()
	for _, d := range slices.SortedFunc(maps.Keys(docs), inOrder) {
		s.owe(d)
		if isGov(d) {
			s.rightsMoved()
		}
		if has(s.unsettled, d) {
			delete(s.unsettled, d)
			s.spaces[docSpace].want = true
		}
	}
	for _, sp := range s.spaces {
		if sp.set != "" && has(sets, sp.set) {
			sp.dirty = true
		}
		sp.want = sp.want || all
	}
}

// rightsMoved wants the late spaces compared again: a governance change may
// let the peer read more. Before their first round that happens anyway.
func (s *Session) rightsMoved() {
	for _, sp := range s.spaces {
		if !early(sp.id) && sp.ready {
			sp.want = true
		}
	}
}

// owe puts a document into the queue.
func (s *Session) owe(doc store.DocID) {
	if isGov(doc) {
		s.gov.add(doc)
		return
	}
	s.rest.add(doc)
}

// queue holds document ids, each once, first come first served.
type queue struct {
	list []store.DocID
	in   map[store.DocID]struct{}
}

func (q *queue) len() int { return len(q.list) }

func (q *queue) add(doc store.DocID) {
	if q.in == nil {
		q.in = map[store.DocID]struct{}{}
	}
	if !has(q.in, doc) {
		q.in[doc] = struct{}{}
		q.list = append(q.list, doc)
	}
}

func (q *queue) front() store.DocID { return q.list[0] }

func (q *queue) pop() {
	delete(q.in, q.list[0])
	q.list = q.list[1:]
	if len(q.list) == 0 {
		q.list = nil
	}
}
