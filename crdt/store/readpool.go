package store

import (
	"context"
	"sync"
)

// readPool holds the read connections that nobody uses. Who reads gets the one
// that was used last: its statements are prepared.
type readPool struct {
	free  chan struct{} // a token for each connection; take needs one
	mu    sync.Mutex
	conns []*conn
}

func newReadPool() *readPool { return &readPool{free: make(chan struct{}, readers)} }

func (p *readPool) put(c *conn) {
	p.mu.Lock()
	p.conns = append(p.conns, c)
	p.mu.Unlock()
	p.free <- struct{}{}
}

func (p *readPool) take() *conn {
	p.mu.Lock()
	defer p.mu.Unlock()
	last := len(p.conns) - 1
	c := p.conns[last]
	p.conns = p.conns[:last]
	return c
}

// usable says whether the store may be asked at all.
func (s *Store) usable(ctx context.Context) error {
	select {
	case <-s.closed:
		return errClosed
	default:
		return ctx.Err()
	}
}
