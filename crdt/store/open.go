package store

import (
	"context"
	"database/sql"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"jishan/crdt/seal"
	"jishan/crdt/wire"
)

//go:embed schema.sql
var schema string

const (
	// readers is the number of read connections: a screen, a sync sender, and
	// one to spare. Each costs a page cache.
	readers = 3

	// walPages is how far the log grows, in pages of 4 KiB, until it is made to
	// begin anew whether anybody writes or not, and what its file keeps then: a
	// log that is overwritten costs less to sync than one that grows. It is
	// read whole after a crash, in a tenth of a second. walPagesHard is when the
	// writer moves pages itself, so that the log is bounded even if readers never
	// pause.
	walPages     = 8000
	walPagesHard = 16000

	// spare is for the writer, the checkpoint and the examination.
	spare = 3
)

// Store is one open database.
type Store struct {
	cfg   Config
	self  wire.Actor
	inUse *os.File
	pool  *sql.DB

	gate  chan struct{} // one token: the right to write
	read  *readPool
	write *conn // under gate, like all until the next blank line
	cache cache
	hlc   int64
	local chain
	lost  bool // this incarnation wrote more than the database knows

	commits uint64 // see Tx.Commits

	recent recent

	mu        sync.Mutex
	forked    map[wire.Actor]bool
	listeners []func(Commit)
	sets      map[string]*setCache

	writes  atomic.Uint64 // how many transactions have ended
	stopped atomic.Pointer[error]
	closed  chan struct{}
	once    sync.Once
	idle    []*conn // readers at closing time
	keeper  keeper
}

// Open opens or creates the database and everything derived that is missing
// or of another version. Errors: ErrInUse, ErrNewerFormat, ErrNewIncarnation,
// ErrCorrupt, ErrStopped when the disk failed. ctx bounds the opening only.
func Open(ctx context.Context, cfg Config) (*Store, error) {
	if cfg.Incarnation != nil && cfg.Lock == nil {
		return nil, errors.New("store: an incarnation needs a lock file")
	}
	if strings.ContainsRune(cfg.Path, '?') {
		return nil, fmt.Errorf("store: path %q holds a question mark", cfg.Path)
	}
	s := &Store{
		cfg: cfg, gate: make(chan struct{}, 1), read: newReadPool(), closed: make(chan struct{}),
		forked: map[wire.Actor]bool{}, sets: map[string]*setCache{},
	}
	if cfg.Incarnation != nil {
		s.self = cfg.Incarnation.Actor()
	}
	if err := s.open(ctx); err != nil {
		switch {
		case damage(err):
			err = fmt.Errorf("%w: %w", ErrCorrupt, err)
		case diskError(err), errors.Is(err, syscall.EIO), errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EROFS): // of the database, or of the files beside it
			err = fmt.Errorf("%w: %w", ErrStopped, err)
		}
		return nil, errors.Join(err, s.release())
	}
	s.keeper.start(s)
	return s, nil
}

func (s *Store) open(ctx context.Context) error {
	f, err := os.OpenFile(s.cfg.Path+".inuse", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	s.inUse = f
	if err := lockExclusive(f); err != nil {
		return err
	}
	if err := private(s.cfg.Path); err != nil {
		return err
	}
	if err := s.connect(ctx); err != nil {
		return err
	}
	steps := []func() error{s.look, s.prepare, s.load, s.checkTail, s.checkLock, s.setAside, s.prepareProjectors}
	for _, step := range steps {
		if err := step(); err != nil {
			return err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return nil
}

// connect opens the writer and the readers. busy_timeout comes first: every
// other pragma may meet a lock. secure_delete: what a row held is overwritten
// when it goes, since what must be forgotten (a key) goes by losing its row.
func (s *Store) connect(ctx context.Context) error {
	db, err := sql.Open("sqlite", s.cfg.Path)
	if err != nil {
		return err
	}
	s.pool = db
	db.SetMaxOpenConns(readers + spare)
	s.write, err = openConn(ctx, db, "busy_timeout=5000", "journal_mode=WAL", "synchronous=FULL",
		"trusted_schema=OFF", "foreign_keys=ON", "cell_size_check=ON", "temp_store=MEMORY",
		"secure_delete=ON", "cache_size=-16384", fmt.Sprintf("wal_autocheckpoint=%d", walPagesHard), fmt.Sprintf("journal_size_limit=%d", walPages*4096))
	if err != nil {
		return err
	}
	for range readers {
		c, err := openConn(ctx, db, "busy_timeout=5000", "query_only=ON", "trusted_schema=OFF", "cell_size_check=ON",
			"temp_store=MEMORY", "cache_size=-4096")
		if err != nil {
			return err
		}
		s.read.put(c)
	}
	return nil
}

// load reads what the writer keeps in memory.
func (s *Store) load() error {
	s.cache.reset()
	var clock int64
	err := s.write.QueryRow("SELECT value FROM meta WHERE key = 'clock'").Scan(&clock)
	if err != nil {
		return fmt.Errorf("store: clock: %w", err)
	}
	if err := s.local.load(s.write); err != nil {
		return err
	}
	s.hlc = max(clock, s.local.clock)
	items, err := setItems(s.write, SetFork, -1)
	if err != nil {
		return err
	}
	for _, it := range items {
		p, err := seal.DecodeForkProof(it.Blob)
		if err != nil {
			return fmt.Errorf("%w: fork proof: %w", ErrCorrupt, err)
		}
		s.forked[p.Actor()] = true
	}
	return nil
}

// Close waits for the writer and the readers, syncs the lock file and closes
// everything. What comes later gets an error.
func (s *Store) Close() (err error) {
	s.once.Do(func() {
		close(s.closed)
		s.gate <- struct{}{}
		s.stop(errClosed)
		for range readers {
			<-s.read.free
			s.idle = append(s.idle, s.read.take())
		}
		<-s.gate
		err = s.release()
	})
	return err
}

// release gives back what Open took; it works on half-open stores too.
func (s *Store) release() error {
	s.keeper.stop()
	var errs []error
	if s.cfg.Lock != nil {
		errs = append(errs, s.cfg.Lock.Close())
	}
	for len(s.read.free) > 0 {
		<-s.read.free
		s.idle = append(s.idle, s.read.take())
	}
	for _, c := range s.idle {
		errs = append(errs, c.close())
	}
	if s.write != nil {
		errs = append(errs, s.write.close())
	}
	if s.pool != nil {
		errs = append(errs, s.pool.Close())
	}
	if s.inUse != nil {
		errs = append(errs, s.inUse.Close())
	}
	return errors.Join(errs...)
}

// Self returns the incarnation that writes here; zero if none.
func (s *Store) Self() wire.Actor { return s.self }

// Err returns why the store has stopped, or nil.
func (s *Store) Err() error {
	if p := s.stopped.Load(); p != nil {
		return fmt.Errorf("%w: %w", ErrStopped, *p)
	}
	return nil
}

func (s *Store) stop(reason error) {
	s.stopped.CompareAndSwap(nil, &reason)
}

// OnCommit registers a listener. It is called after each commit, outside the
// write lock, in no fixed order between concurrent commits; it must be quick.
func (s *Store) OnCommit(f func(Commit)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.listeners = append(s.listeners, f)
}

func (s *Store) tell(c Commit) {
	s.mu.Lock()
	list := s.listeners
	s.mu.Unlock()
	for _, f := range list {
		f(c)
	}
}

// Forked says whether the incarnation is known to have two histories.
func (s *Store) Forked(a wire.Actor) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.forked[a]
}

// database makes the random id of a new database.
func (s *Store) database() ([]byte, error) {
	id := make([]byte, 16)
	_, err := io.ReadFull(s.cfg.Rand, id)
	return id, err
}
