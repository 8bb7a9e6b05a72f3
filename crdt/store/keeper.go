package store

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"sync/atomic"
)

const (
	// checkpointBytes is by how much the write-ahead log grows between two
	// background checkpoints, and what its file keeps when it begins anew.
	checkpointBytes = walPages * 4096
	// restartBytes is the size at which the log is made to begin anew. That
	// takes the writer's place for two syncs, so it is done once in a few
	// hundred commits; by itself the log never begins anew under load, because
	// the writer has always added something after the checkpoint.
	restartBytes = 4 * checkpointBytes
	// restartWait is for how long, in milliseconds, the writer's place is held
	// for readers of old pages to end; longer, the larger the log has grown.
	restartWait = 20
)

// keeper does in the background what a commit should not wait for: the lock
// file's sync and the checkpoint.
type keeper struct {
	sync     chan struct{}
	check    chan struct{}
	quit     chan struct{}
	done     sync.WaitGroup
	written  atomic.Uint64 // lock writes
	durable  atomic.Uint64 // of them known to be on the disk
	next     atomic.Int64  // the size of the log at which it is looked after
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

// committed looks at the log's size, which costs nothing beside a commit.
func (k *keeper) committed(s *Store) {
	if s.logSize() > max(checkpointBytes, k.next.Load()) {
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
// anybody wait. A log that has grown large nevertheless is made to begin anew:
// nobody may write meanwhile, and what is left to move by then is little.
func (s *Store) checkpoint() error {
	size := s.logSize()
	c, err := openConn(context.Background(), s.pool, fmt.Sprintf("busy_timeout=%d", restartWait*size/restartBytes), "synchronous=FULL", "wal_checkpoint(PASSIVE)")
	if err != nil {
		return err
	}
	next := size + checkpointBytes
	if size > restartBytes {
		var anew bool
		if anew, err = s.restartLog(c); anew {
			next = checkpointBytes
		}
	}
	s.keeper.next.Store(next)
	return errors.Join(err, c.close())
}

// restartLog lets the next commit write at the log's beginning again, unless a
// reader needs its pages: then it is tried again when the log has grown.
func (s *Store) restartLog(c *conn) (anew bool, err error) {
	select {
	case s.gate <- struct{}{}:
	case <-s.keeper.quit:
		return false, nil
	}
	defer func() { <-s.gate }()
	if s.Err() != nil {
		return false, nil
	}
	var busy, pages, moved int64
	err = c.QueryRow("PRAGMA wal_checkpoint(RESTART)").Scan(&busy, &pages, &moved)
	return err == nil && busy == 0, err
}

// logSize is the size of the write-ahead log's file, 0 if there is none.
func (s *Store) logSize() int64 {
	info, err := os.Stat(s.cfg.Path + "-wal")
	if err != nil {
		return 0
	}
	return info.Size()
}
