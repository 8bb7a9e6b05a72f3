package store

import (
	"context"
	"errors"
	"fmt"
	"time"

	"jishan/crdt/wire"
)

// examineRows is how many changes are hashed between two rests: about a
// millisecond of work, so that a commit at the same moment hardly waits.
const examineRows = 100

const (
	// quietFor is how long nobody has written when a piece begins, unless that
	// does not happen in quietTries times that long: beside somebody who writes
	// without a pause, a piece in fifty milliseconds is read.
	quietFor   = 5 * time.Millisecond
	quietTries = 10
)

// Examine looks for damage while work goes on: every table against its indices,
// and the hash of every change; the seals, which only others' devices check
// again, are not verified. It has a connection of its own, so that it takes
// nobody's, and works in pieces of about a millisecond, each with a snapshot of
// its own: the log beside the database can begin anew between two. It calls
// rest after each piece, and waits while somebody writes; the error of rest ends
// it, and so does ctx. ctx must have ended before Close. Error: ErrCorrupt, after which the store has
// stopped: nothing more is written, what can be read is still read.
func (s *Store) Examine(ctx context.Context, rest func(context.Context) error) error {
	c, err := openConn(ctx, s.pool, "busy_timeout=5000", "query_only=ON", "trusted_schema=OFF", "cell_size_check=ON",
		"temp_store=MEMORY", "cache_size=-1024")
	if err != nil {
		return s.examined(err)
	}
	err = c.examine(ctx, s.gently(rest))
	return errors.Join(s.examined(err), c.close())
}

// gently makes a rest last until nobody has written for a while.
func (s *Store) gently(rest func(context.Context) error) func(context.Context) error {
	before := s.writes.Load()
	return func(ctx context.Context) error {
		if err := rest(ctx); err != nil {
			return err
		}
		for range quietTries {
			seen := before
			if before = s.writes.Load(); before == seen && len(s.gate) == 0 {
				break
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(quietFor):
			}
		}
		return nil
	}
}

// examined stops the store when damage was found.
func (s *Store) examined(err error) error {
	if damage(err) {
		err = fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if errors.Is(err, ErrCorrupt) {
		s.stop(err)
	}
	return err
}

func (c *conn) examine(ctx context.Context, rest func(context.Context) error) error {
	tables, err := c.strings(ctx, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
	if err != nil {
		return err
	}
	for _, name := range tables {
		if err := c.examineTable(ctx, name, rest); err != nil {
			return err
		}
	}
	for after := int64(0); ; {
		last, more, err := c.examineChanges(ctx, after)
		if err != nil || !more {
			return err
		}
		after = last
		if err := rest(ctx); err != nil {
			return err
		}
	}
}

// examineTable walks one table with its indices, in pieces if it is large. A
// table that can't be asked for in pieces is checked at once.
func (c *conn) examineTable(ctx context.Context, name string, rest func(context.Context) error) error {
	large, err := c.large(ctx, name)
	if err != nil {
		return err
	}
	if large {
		l, err := c.layout(ctx, name)
		if err != nil {
			return err
		}
		w := l.walk()
		if _, err := c.prepared(w.next); err == nil {
			return c.examinePieces(ctx, name, w, rest)
		} else if damage(err) {
			return err
		}
	}
	if err := c.examineAtOnce(ctx, name); err != nil {
		return err
	}
	return rest(ctx)
}

func (c *conn) examinePieces(ctx context.Context, name string, w walk, rest func(context.Context) error) error {
	last, err := c.piece(name, w, nil)
	for err == nil && last != nil {
		if err = rest(ctx); err == nil {
			last, err = c.piece(name, w, last)
		}
	}
	return err
}

func (c *conn) examineAtOnce(ctx context.Context, name string) error {
	rows, err := c.c.QueryContext(ctx, "PRAGMA integrity_check("+quoted(name)+")")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var line string
		if err := rows.Scan(&line); err != nil {
			return err
		}
		if line != "ok" {
			return fmt.Errorf("%w: table %s: %s", ErrCorrupt, name, line)
		}
	}
	return rows.Err()
}

// examineChanges hashes some changes and returns the number of the last, and
// whether there were as many as in a piece.
func (c *conn) examineChanges(ctx context.Context, after int64) (last int64, more bool, err error) {
	rows, err := c.c.QueryContext(ctx, `SELECT change.n, seq, hash, chunk, actor.id FROM change LEFT JOIN actor ON actor.n = change.actor
		WHERE change.n > ? ORDER BY change.n LIMIT ?`, after, examineRows)
	if err != nil {
		return after, false, err
	}
	defer rows.Close()
	last, n := after, 0
	for ; rows.Next(); n++ {
		var seq uint64
		var hash, chunk, actor []byte
		if err := rows.Scan(&last, &seq, &hash, &chunk, &actor); err != nil {
			return after, false, fmt.Errorf("%w: a change after row %d: %w", ErrCorrupt, last, err)
		}
		h, err := wire.Peek(chunk)
		if err != nil || string(h.Hash[:]) != string(hash) || len(actor) < len(h.Actor) || string(h.Actor[:]) != string(actor[:len(h.Actor)]) || h.Seq != seq {
			return after, false, errors.Join(fmt.Errorf("%w: change row %d", ErrCorrupt, last), err)
		}
	}
	return last, n == examineRows, rows.Err()
}
