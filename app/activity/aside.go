package activity

import (
	"errors"
	"sync"

	"jishan/crdt/store"
)

// What can't be paid for want of rights waits for them. What fails for any other
// reason, a record that can't be read or a fault of the program, would take all that
// is paid in the same transaction with it, now and every time it is tried. It is set
// aside for a while and the transaction runs again without it; the reason is kept, for
// the screens.

const (
	// asideFor is how long something stays aside before it is tried again, milliseconds.
	asideFor = 10 * 60 * 1000
	// maxAside bounds what one call sets aside: more is no single record's fault.
	maxAside = 20
)

// Stuck is what failed in the midst of others, and why. Key says what it was about.
type Stuck struct {
	Key string
	Why error
}

func (s *Stuck) Error() string { return s.Key + ": " + s.Why.Error() }

// Unwrap returns the reason.
func (s *Stuck) Unwrap() error { return s.Why }

// asides are what is set aside now, since the program started.
type asides struct {
	mu sync.Mutex
	of map[string]aside
}

type aside struct {
	why   error
	until int64
}

// apart does what concerns one key, unless that is set aside. Error: Stuck.
func (b *Board) apart(key string, do func() error) error {
	b.asides.mu.Lock()
	a, known := b.asides.of[key]
	b.asides.mu.Unlock()
	if known && b.Clock() < a.until {
		return nil
	}
	err := do()
	if err == nil {
		if known {
			b.asides.mu.Lock()
			delete(b.asides.of, key)
			b.asides.mu.Unlock()
		}
		return nil
	}
	if _, stuck := errors.AsType[*Stuck](err); stuck {
		return err
	}
	return &Stuck{key, err}
}

// Run runs a transaction that tends or pays. What is stuck in it is set aside and the
// transaction run again; write rolls back what fails, and gives another error than
// Stuck back where the whole device can't write.
func (b *Board) Run(write func(func(*store.Tx) error) error, fn func(*store.Tx) error) error {
	for n := 0; ; n++ {
		err := write(fn)
		s, stuck := errors.AsType[*Stuck](err)
		if !stuck || n == maxAside {
			return err
		}
		b.asides.mu.Lock()
		if b.asides.of == nil {
			b.asides.of = map[string]aside{}
		}
		b.asides.of[s.Key] = aside{s.Why, b.Clock() + asideFor}
		b.asides.mu.Unlock()
	}
}

// Aside tells how much is set aside, and the reason of one of them.
func (b *Board) Aside() (n int, why error) {
	b.asides.mu.Lock()
	defer b.asides.mu.Unlock()
	for _, a := range b.asides.of {
		if why == nil || a.why.Error() < why.Error() { // the same one as long as nothing changes
			why = a.why
		}
	}
	return len(b.asides.of), why
}
