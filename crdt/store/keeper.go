package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"
)

const (
	// quietPages is how many pages the log may grow, 4 MB, until they are moved
	// to the database as soon as nobody has written for quietPause: at a counter
	// that is at once, and no commit meets it. Beside work without a pause they
	// are moved when there are walPages of them.
	quietPages = 1000
	quietPause = 250 * time.Millisecond
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
	grown    atomic.Int64  // pages in the log since the last checkpoint
	most     atomic.Int64  // of them that wait for a pause
	waiting  atomic.Bool   // for a pause
	stopOnce sync.Once
}

func (k *keeper) start(s *Store) {
	k.sync, k.check, k.quit = make(chan struct{}, 1), make(chan struct{}, 1), make(chan struct{})
	k.most.Store(walPages)
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
	var pause <-chan time.Time // nil: nothing waits for one
	var writes uint64
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
			continue
		case <-k.check:
		case <-pause:
		}
		if n := s.writes.Load(); (pause == nil || n != writes) && k.grown.Load() < k.most.Load() {
			writes, pause = n, time.After(quietPause)
			k.waiting.Store(true)
			continue
		}
		if err := s.checkpoint(); diskError(err) {
			s.stop(err)
		}
		pause = nil
		k.waiting.Store(false)
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

// committed counts what a commit added to the log.
func (k *keeper) committed(s *Store) error {
	pages, err := s.write.wrote()
	if n := k.grown.Add(int64(pages)); n >= k.most.Load() || n >= quietPages && !k.waiting.Load() {
		poke(k.check)
	}
	return err
}

func poke(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// checkpoint moves what it can from the log to the database without making
// anybody wait. The next commit then begins the log anew if nobody wrote
// meanwhile. Under work without a pause somebody always has: a log that has
// grown large is made to begin anew. Nobody may write while that is done, and
// what is left to move by then is little.
func (s *Store) checkpoint() error {
	s.keeper.grown.Store(0)
	most := int64(walPages)
	c, err := openConn(context.Background(), s.pool, "synchronous=FULL")
	if err != nil {
		return err
	}
	_, pages, moved, err := c.checkpoint("PASSIVE")
	switch {
	case err != nil:
	case pages >= walPages:
		var anew bool
		if anew, err = s.restartLog(c, pages); !anew {
			most = quietPages // tried again soon
		}
	case moved < pages || s.keeper.grown.Load() > 0: // somebody was in the way: again in the next pause
		s.keeper.grown.Add(quietPages)
	}
	s.keeper.most.Store(most)
	return errors.Join(err, c.close())
}

// checkpoint moves pages. It returns whether somebody was in the way, how many
// the log has, and how many of them were moved.
func (c *conn) checkpoint(mode string) (busy bool, pages, moved int64, err error) {
	err = c.QueryRow("PRAGMA wal_checkpoint("+mode+")").Scan(&busy, &pages, &moved)
	return busy, pages, moved, err
}

// restartLog lets the next commit write at the log's beginning again, unless a
// reader needs its pages: then it is tried again when the log has grown.
func (s *Store) restartLog(c *conn, pages int64) (anew bool, err error) {
	if err := c.script(fmt.Sprintf("PRAGMA busy_timeout=%d", restartWait*pages/walPages)); err != nil {
		return false, err
	}
	select {
	case s.gate <- struct{}{}:
	case <-s.keeper.quit:
		return false, nil
	}
	defer func() { <-s.gate }()
	if s.Err() != nil {
		return false, nil
	}
	busy, _, _, err := c.checkpoint("RESTART")
	return err == nil && !busy, err
}
