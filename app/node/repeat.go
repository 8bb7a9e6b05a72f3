package node

import (
	"context"
	"crypto/sha256"
	"slices"
	"sync"

	"jishan/app/people"
)

// repeats remembers which requests of phones were carried out: a page that
// heard no answer sends the same one again under its word. A restart forgets
// them; what a page sends again is answered within minutes.
type repeats struct {
	mu      sync.Mutex
	of      map[people.ID]*wordList
	running map[wordKey]chan struct{}
	turn    uint64
}

// wordList is what one person's phones sent, the oldest first.
type wordList struct {
	words []wordHash
	turn  uint64 // of the last one
}

type wordHash [sha256.Size]byte

type wordKey struct {
	person people.ID
	word   wordHash
}

// maxWords is how many requests of one person are remembered: a page repeats
// the last one or two. Nobody can push out what another person sent.
const maxWords = 32

func (r *repeats) init() {
	r.of, r.running = map[people.ID]*wordList{}, map[wordKey]chan struct{}{}
}

// do carries a request out, unless the same person's request under this word
// was carried out before. One that failed was not. While the first one runs
// the second waits for its end. Errors: work's, ctx's.
func (r *repeats) do(ctx context.Context, p people.ID, call, word string, work func() error) (did bool, err error) {
	if word == "" {
		return true, work()
	}
	k := wordKey{p, sha256.Sum256([]byte(call + "\x00" + word))}
	for {
		done, other := r.begin(k)
		if done {
			return false, nil
		}
		if other == nil {
			break
		}
		select {
		case <-other:
		case <-ctx.Done():
			return false, ctx.Err()
		}
	}
	ok := false
	defer func() { r.end(k, ok) }()
	err = work()
	ok = err == nil
	return true, err
}

// begin tells whether the request was carried out, or who is at it; neither
// makes it the caller's, who ends it.
func (r *repeats) begin(k wordKey) (done bool, other chan struct{}) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if l := r.of[k.person]; l != nil && slices.Contains(l.words, k.word) {
		return true, nil
	}
	if other = r.running[k]; other == nil {
		r.running[k] = make(chan struct{})
	}
	return false, other
}

func (r *repeats) end(k wordKey, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	close(r.running[k])
	delete(r.running, k)
	if !ok {
		return
	}
	l := r.of[k.person]
	if l == nil {
		r.room()
		l = &wordList{}
		r.of[k.person] = l
	}
	if len(l.words) >= maxWords {
		l.words = slices.Delete(l.words, 0, 1)
	}
	r.turn++
	l.words, l.turn = append(l.words, k.word), r.turn
}

// room drops the person who was quiet for longest once there are as many as
// can be signed in.
func (r *repeats) room() {
	if len(r.of) < maxGuests {
		return
	}
	var first people.ID
	turn := r.turn + 1
	for p, l := range r.of {
		if l.turn < turn {
			first, turn = p, l.turn
		}
	}
	delete(r.of, first)
}
