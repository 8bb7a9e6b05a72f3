package node

import (
	"context"
	"slices"
	"sync"
	"time"
)

// gather is how long changes are gathered before the screens hear of them: one
// repaint for a batch of a thousand entries instead of a thousand.
const gather = 80 * time.Millisecond

// hub tells listeners which topics changed, never what: the screens ask again.
type hub struct {
	mu        sync.Mutex
	listeners map[chan []string]map[string]bool
	wake      chan struct{}
}

func newHub() *hub {
	return &hub{listeners: map[chan []string]map[string]bool{}, wake: make(chan struct{}, 1)}
}

// tell marks topics as changed for every listener.
func (h *hub) tell(topics ...string) {
	h.mu.Lock()
	for _, due := range h.listeners {
		for _, t := range topics {
			due[t] = true
		}
	}
	h.mu.Unlock()
	select {
	case h.wake <- struct{}{}:
	default:
	}
}

// listen returns a channel of topics that ends with ctx.
func (h *hub) listen(ctx context.Context) <-chan []string {
	c := make(chan []string, 1)
	h.mu.Lock()
	h.listeners[c] = map[string]bool{}
	h.mu.Unlock()
	context.AfterFunc(ctx, func() {
		h.mu.Lock()
		delete(h.listeners, c)
		close(c)
		h.mu.Unlock()
	})
	return c
}

// run delivers until ctx ends. A listener that does not read keeps its topics
// until it does; nobody waits for it.
func (h *hub) run(ctx context.Context) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-h.wake:
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(gather):
		}
		if h.deliver() {
			select {
			case h.wake <- struct{}{}: // somebody was slow: try again after a while
			default:
			}
		}
	}
}

func (h *hub) deliver() (late bool) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c, due := range h.listeners {
		if len(due) == 0 {
			continue
		}
		topics := make([]string, 0, len(due))
		for t := range due {
			topics = append(topics, t)
		}
		slices.Sort(topics)
		select {
		case c <- topics:
			clear(due)
		default:
			late = true
		}
	}
	return late
}
