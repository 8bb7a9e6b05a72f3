package store

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"

	"jishan/crdt/seal"
	"jishan/crdt/wire"
)

const (
	// localKept is how many local commits stay in the database for comparison
	// with the lock file. After a power failure the lock is at most
	// lockEvery commits old; the rest is margin.
	localKept = 1024

	// lockEvery is after how many commits the lock file must be on the disk,
	// lockSoon is when a background sync starts so that the counter seldom
	// waits for it. Not earlier: the disk makes the commits beside it wait.
	lockEvery = 64
	lockSoon  = 48

	chainDomain = "jishan local commit 1\x00"
)

// chain is the numbered, hash-chained row of local commits.
type chain struct {
	n     uint64
	tip   [32]byte
	clock int64
}

func (c *chain) load(q Querier) error {
	var tip []byte
	err := q.QueryRow("SELECT n, tip, clock FROM local ORDER BY n DESC LIMIT 1").Scan(&c.n, &tip, &c.clock)
	if errors.Is(err, sql.ErrNoRows) {
		*c = chain{}
		return nil
	}
	if err == nil && len(tip) != len(c.tip) {
		return fmt.Errorf("%w: local commit", ErrCorrupt)
	}
	copy(c.tip[:], tip)
	return err
}

// next returns the chain after one more commit.
func (c chain) next(authored []wire.Hash, clock int64) chain {
	h := sha256.New()
	h.Write([]byte(chainDomain))
	h.Write(c.tip[:])
	var n [8]byte
	binary.BigEndian.PutUint64(n[:], c.n+1)
	h.Write(n[:])
	for _, a := range authored {
		h.Write(a[:])
	}
	return chain{n: c.n + 1, tip: [32]byte(h.Sum(nil)), clock: clock}
}

// save writes the commit's row, and drops rows that no lock file can name.
func (c chain) save(w *conn, actor wire.Actor) error {
	_, err := w.Exec("INSERT INTO local(n, actor, tip, clock) VALUES (?, ?, ?, ?)", int64(c.n), actor[:], c.tip[:], c.clock)
	if err == nil && c.n%lockEvery == 0 {
		_, err = w.Exec("DELETE FROM local WHERE n <= ?", int64(c.n)-localKept)
	}
	return err
}

// checkLock compares the database with the lock file, and begins a new lock
// for an incarnation that has written nothing.
func (s *Store) checkLock() error {
	if s.cfg.Incarnation == nil {
		return nil
	}
	wrote, err := s.wroteSelf()
	if err != nil {
		return err
	}
	var lost []byte
	err = s.write.QueryRow("SELECT value FROM meta WHERE key = 'lost'").Scan(&lost)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if string(lost) == string(s.self[:]) {
		return fmt.Errorf("%w: its own later changes came from a peer", ErrNewIncarnation)
	}
	if s.forked[s.self] {
		return fmt.Errorf("%w: it was seen with two histories", ErrNewIncarnation)
	}
	l, err := s.cfg.Lock.Read()
	switch {
	case errors.Is(err, seal.ErrNewerLock):
		return fmt.Errorf("%w: %w", ErrNewerFormat, err)
	case errors.Is(err, seal.ErrNoLock) && (wrote || s.cfg.Lock.Begun):
		return fmt.Errorf("%w: the lock file is missing", ErrNewIncarnation)
	case err != nil && !errors.Is(err, seal.ErrNoLock):
		return err
	case err != nil || l.Incarnation != s.self && !wrote && !s.cfg.Lock.Begun:
		return s.cfg.Lock.Reset(s.lockNow())
	case l.Incarnation != s.self:
		return fmt.Errorf("%w: the lock file names another incarnation", ErrNewIncarnation)
	case l.Fingerprint != s.cfg.Lock.Fingerprint:
		return fmt.Errorf("%w: the data folder was on another machine", ErrNewIncarnation)
	}
	return s.compareLock(l)
}

// compareLock: behind or disagreeing means a restored database; ahead is the
// normal trace of a crash between commit and lock.
func (s *Store) compareLock(l seal.Lock) error {
	if s.local.n < l.Commit {
		return &BehindError{l.Commit - s.local.n}
	}
	if l.Commit == 0 {
		return s.cfg.Lock.Write(s.lockNow(), true)
	}
	var tip []byte
	err := s.write.QueryRow("SELECT tip FROM local WHERE n = ?", int64(l.Commit)).Scan(&tip)
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return err
	}
	if string(tip) != string(l.Tip[:]) {
		return fmt.Errorf("%w: the database and the lock file disagree at commit %d", ErrNewIncarnation, l.Commit)
	}
	return s.cfg.Lock.Write(s.lockNow(), true)
}

// BehindError is an ErrNewIncarnation: this device acknowledged commits that its
// database does not hold. A restored backup, or a write-ahead log that was lost.
type BehindError struct {
	Commits uint64 // at least so many, each with one change or more
}

// Error says how many.
func (b *BehindError) Error() string {
	return fmt.Sprintf("%s: the database is %d commits behind the lock file", ErrNewIncarnation.Error(), b.Commits)
}

// Unwrap makes it an ErrNewIncarnation.
func (b *BehindError) Unwrap() error { return ErrNewIncarnation }

// Behind says how many commits a database that is open for looking only lacks,
// by the lock file at path; 0 where nothing can be said.
func (s *Store) Behind(path string) (uint64, error) {
	l, err := seal.ReadLock(path)
	if errors.Is(err, seal.ErrNoLock) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	var here chain
	if err := s.View(context.Background(), here.load); err != nil {
		return 0, err
	}
	return max(l.Commit, here.n) - here.n, nil
}

// look lets the caller refuse a database that is not the one he means. Of one that
// is newer than this program nothing can be asked.
func (s *Store) look() error {
	if have, err := s.format(); s.cfg.Look == nil || err != nil || have > format {
		return err
	}
	return s.cfg.Look(s.write)
}

// wroteSelf says whether the database holds anything by this incarnation,
// written here or come back from peers.
func (s *Store) wroteSelf() (bool, error) {
	var n int
	err := s.write.QueryRow(`SELECT count(*) FROM (
		SELECT 1 FROM local WHERE actor = ?1
		UNION ALL SELECT 1 FROM tip JOIN actor ON actor.n = tip.actor WHERE actor.id = ?1 LIMIT 1)`, s.self[:]).Scan(&n)
	return n > 0, err
}

func (s *Store) lockNow() seal.Lock {
	return seal.Lock{
		Version: seal.LockVersion, Incarnation: s.self, Commit: s.local.n, Tip: s.local.tip,
		Fingerprint: s.cfg.Lock.Fingerprint,
	}
}
