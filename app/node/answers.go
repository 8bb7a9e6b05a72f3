package node

import "sync"

// answers are the requests with a word that were made a moment ago, in memory.
type answers struct {
	mu    sync.Mutex
	by    map[[32]byte]*attempt
	order [][32]byte
}

// join returns the attempt under the same word, or a itself if it is the first.
func (s *answers) join(a *attempt) *attempt {
	s.mu.Lock()
	defer s.mu.Unlock()
	if first := s.by[a.id]; first != nil {
		return first
	}
	if s.by == nil {
		s.by = map[[32]byte]*attempt{}
	}
	s.by[a.id] = a
	if s.order = append(s.order, a.id); len(s.order) > maxAnswers {
		delete(s.by, s.order[0])
		s.order = s.order[1:]
	}
	return a
}

// forget lets a request that failed be made again.
func (s *answers) forget(a *attempt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.by[a.id] == a {
		delete(s.by, a.id)
	}
}
