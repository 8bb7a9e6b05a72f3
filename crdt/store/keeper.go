package store

import (
	"context"
	"os"
	"sync"
	"sync/atomic"
)

// checkpointBytes is the size of the write-ahead log at which the background
// checkpoint starts.
const checkpointBytes = walPages * 4096

// keeper does in the background what a commit should not wait for: the lock
// file's sync and the checkpoint.
type keeper struct {
	sync     chan struct{}
	check    chan struct{}
	quit     chan struct{}
	done     sync.WaitGroup
	written  atomic.Uint64 // lock writes
	durable  atomic.Uint64 // of them known to be on the disk
	commits  int           // since the log's size was looked at; under the gate
	stopOnce sync.Once
}

func (k *keeper) start(s *Store) {
	k.sync, k.check, k.quit = make(chan struct{}, 1), make(chan struct{}, 1), make(chan struct{})
	k.done.Go(func() { k.run(s) })
}

func (k *keeper) stop() {
	if k.quit == nil {
		return
	}
	k.stopOnce.Do(func() { close(k.quit) })
	k.done.Wait()
}

func (k *keeper) run(s *Store) {
	for {
		select {
		case <-k.quit:
			return
		case <-k.sync:
			n := k.written.Load()
			if err := s.cfg.Lock.Sync(); err != nil {
				s.stop(err)
			}
			k.durable.Store(n)
		case <-k.check:
			if err := s.checkpoint(); diskError(err) {
				s.stop(err)
			}
		}
	}
}

// lockWritten notes a lock write and sees to it that the file reaches the disk
// within lockEvery commits; the background sync usually comes in time.
func (k *keeper) lockWritten(s *Store) error {
	n := k.written.Add(1)
	switch behind := n - k.durable.Load(); {
	case behind >= lockEvery:
		if err := s.cfg.Lock.Sync(); err != nil {
			return err
		}
		k.durable.Store(n)
	case behind >= lockSoon:
		poke(k.sync)
	}
	return nil
}

// committed looks at the log's size now and then.
func (k *keeper) committed(s *Store) {
	if k.commits++; k.commits < 16 {
		return
	}
	k.commits = 0
	if info, err := os.Stat(s.cfg.Path + "-wal"); err == nil && info.Size() > checkpointBytes {
		poke(k.check)
	}
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// checkpoint moves what it can from the log to the database without making
// anybody wait.
func (s *Store) checkpoint() error {
	c, err := openConn(context.Background(), s.pool, "busy_timeout=5000", "synchronous=FULL", "wal_checkpoint(PASSIVE)")
	if err != nil {
		return err
	}
	return c.close()
}
