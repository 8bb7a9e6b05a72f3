package store

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"jishan/crdt/wire"
)

// MaxAhead is how far a foreign change's time may pull the hybrid clock ahead
// of the machine's, in milliseconds: more than honest clocks differ, less than
// anybody would notice on a receipt.
const MaxAhead = 5 * 60 * 1000

// Tx is one writing transaction. It is used by one goroutine, and not after
// the function that got it has returned. Its own reads see its writes; rows of
// the tables doc, tip and head follow at the commit only, so ask Vector.
type Tx struct {
	s        *Store
	c        *conn
	author   Author
	now      int64 // 0 until asked for
	merged   int64
	touched  []*document
	actors   []wire.Actor
	aliases  []int64 // numbers of strands that are new
	changed  map[DocID]bool
	sets     map[string][][32]byte
	forked   []wire.Actor
	authored []wire.Hash
	fresh    []taken
	waited   bool // something came into the waiting room
	lost     bool
	broken   error // an insertion failed half-way
	past     pastMemo
	context  contextMemo
	replay   bool               // a rebuild: the rows of change exist
	remask   bool               // what is masked may be otherwise now
	flipped  map[DocID]bool     // projections have heard of what is masked now, or the other way round
	again    map[Projector]bool // a replay for these, of what was judged already
	remade   bool
	replayN  int64
}

var errClosed = errors.New("store: closed")

// Update runs fn in one transaction, commits, writes the lock file if anything
// was authored, and returns: what fn did is then durable. Writers take turns.
// An error or panic of fn undoes everything. Errors: fn's, ErrStopped, ctx's.
func (s *Store) Update(ctx context.Context, a Author, fn func(*Tx) error) error {
	select {
	case s.gate <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	done, err := s.update(ctx, a, fn)
	if err == nil && (len(done.Docs) > 0 || len(done.Sets) > 0) {
		s.tell(done)
	}
	return err
}

// update holds the gate and gives it back.
func (s *Store) update(ctx context.Context, a Author, fn func(*Tx) error) (done Commit, err error) {
	defer func() { s.writes.Add(1); <-s.gate }()
	if err := s.Err(); err != nil {
		return done, err
	}
	if err := ctx.Err(); err != nil {
		return done, err
	}
	tx := &Tx{s: s, c: s.write, author: a, changed: map[DocID]bool{}}
	if err := s.write.begin(); err != nil {
		return done, s.failed(err)
	}
	finished := false
	defer func() {
		if !finished { // error or panic
			err = errors.Join(err, s.undo(tx))
		}
	}()
	if err := fn(tx); err != nil {
		return done, s.failed(err)
	}
	next, err := tx.finish()
	if err == nil {
		err = s.write.catchUp() // a row that can't be written is no failure of the COMMIT
	}
	if err != nil {
		return done, s.failed(err)
	}
	if err := s.write.commit(); err != nil {
		s.stop(err)
		return done, s.failed(err)
	}
	finished = true
	return tx.commit(), s.acknowledge(tx, next)
}

func (c *conn) begin() error {
	_, err := c.Exec("BEGIN IMMEDIATE")
	return err
}

func (c *conn) commit() error {
	_, err := c.Exec("COMMIT")
	return err
}

// failed stops the store if the disk is to blame.
func (s *Store) failed(err error) error {
	bad := s.write.bad
	if bad == nil && (diskError(err) || errors.Is(err, ErrCorrupt)) {
		bad = err
	}
	if bad == nil {
		return err
	}
	if damage(bad) {
		bad = fmt.Errorf("%w: %w", ErrCorrupt, bad)
	}
	s.stop(bad)
	return s.Err()
}

func (s *Store) undo(tx *Tx) error {
	tx.forget()
	err := s.write.rollback()
	if err != nil {
		s.stop(err)
	}
	if s.Err() != nil {
		return nil // the reason is known already
	}
	return err
}

// finish writes what goes with the commit.
func (tx *Tx) finish() (chain, error) {
	if tx.broken != nil {
		return chain{}, tx.broken
	}
	if err := tx.settleMasks(); err != nil {
		return chain{}, err
	}
	if err := tx.finishProjectors(); err != nil {
		return chain{}, err
	}
	if err := tx.writeBack(); err != nil {
		return chain{}, err
	}
	if len(tx.authored) > 0 {
		next := tx.s.local.next(tx.authored, tx.Now())
		return next, next.save(tx.c, tx.s.self)
	}
	var err error
	if tx.merged > tx.s.hlc {
		_, err = tx.c.Exec("UPDATE meta SET value = ? WHERE key = 'clock'", tx.merged)
	}
	return tx.s.local, err
}

// acknowledge does what must follow a commit before anybody hears of it.
func (s *Store) acknowledge(tx *Tx, next chain) error {
	tx.settle()
	s.recent.published(tx)
	if tx.remade {
		s.cache.reset() // of some documents there are two views now
		s.recent.clear()
	}
	s.hlc = max(s.hlc, tx.merged)
	s.local = next
	s.lost = s.lost || tx.lost
	s.bumpSets(tx)
	s.commits++
	err := s.keeper.committed(s)
	if len(tx.authored) > 0 && err == nil {
		s.hlc = max(s.hlc, tx.now)
		if err = s.cfg.Lock.Write(s.lockNow(), false); err == nil {
			err = s.keeper.lockWritten(s)
		}
	}
	if err != nil {
		s.stop(err)
		return s.Err()
	}
	return nil
}

func (tx *Tx) commit() Commit {
	c := Commit{Local: len(tx.authored) > 0}
	for d := range tx.changed {
		c.Docs = append(c.Docs, d)
	}
	for n := range tx.sets {
		c.Sets = append(c.Sets, n)
	}
	return c
}

// View runs fn on a snapshot that does not change meanwhile. Errors: fn's,
// ctx's, or ErrStopped after damage was found.
func (s *Store) View(ctx context.Context, fn func(Querier) error) (err error) {
	var c *conn
	select {
	case <-s.closed:
		return errClosed
	default:
	}
	select {
	case <-s.read.free:
		c = s.read.take()
	case <-s.closed:
		return errClosed
	case <-ctx.Done():
		return ctx.Err()
	}
	defer s.read.put(c)
	if _, err := c.Exec("BEGIN"); err != nil {
		return s.readFailed(c, err)
	}
	defer func() {
		if e := c.rollback(); e != nil {
			err = errors.Join(err, s.readFailed(c, e))
		}
	}()
	return s.readFailed(c, fn(c))
}

// readFailed stops the store when a reader meets damage.
func (s *Store) readFailed(c *conn, err error) error {
	bad := c.bad
	c.bad = nil
	if bad == nil && diskError(err) {
		bad = err
	}
	switch {
	case bad != nil && damage(bad):
		s.stop(fmt.Errorf("%w: %w", ErrCorrupt, bad))
	case errors.Is(err, ErrCorrupt):
		s.stop(err)
	default:
		return err
	}
	return s.Err()
}

// Query reads within the transaction.
func (tx *Tx) Query(query string, args ...any) (*sql.Rows, error) { return tx.c.Query(query, args...) }

// QueryRow reads one row within the transaction.
func (tx *Tx) QueryRow(query string, args ...any) *sql.Row { return tx.c.QueryRow(query, args...) }

// Exec writes within the transaction; for projections' own tables only.
func (tx *Tx) Exec(query string, args ...any) (sql.Result, error) { return tx.c.Exec(query, args...) }

// Later writes within the transaction like Exec, for rows that nobody needs at
// once: it may happen beside what the caller does next, but before any other
// statement and the commit, which have its error. The arguments must not be
// changed afterwards.
func (tx *Tx) Later(query string, args ...any) { tx.c.later(query, args...) }

// Now returns the transaction's time, milliseconds since 1970: one value for
// all of it, later than every earlier transaction's.
func (tx *Tx) Now() int64 {
	if tx.now == 0 {
		tx.now = max(tx.s.hlc+1, tx.s.cfg.Clock())
	}
	return tx.now
}

// merge lets a foreign change's time pull the hybrid clock.
func (tx *Tx) merge(t int64) {
	if t > tx.merged && t > tx.s.hlc {
		tx.merged = min(t, tx.s.cfg.Clock()+MaxAhead)
	}
}

// Commits numbers the states of the database since the store was opened: each
// transaction that is committed makes a new one, and so does a rebuild when it
// begins. Rows that were kept in memory are right while the number is the one
// that they were kept for.
func (tx *Tx) Commits() uint64 { return tx.s.commits }

// Self returns the incarnation that writes here; zero if none.
func (tx *Tx) Self() wire.Actor { return tx.s.self }

// Forked says whether the incarnation is known to have two histories.
func (tx *Tx) Forked(a wire.Actor) bool { return tx.s.Forked(a) }
