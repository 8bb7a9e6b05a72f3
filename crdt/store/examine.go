package store

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"jishan/crdt/wire"
)

// examineRows is how many changes are hashed between two rests: a few
// milliseconds of work.
const examineRows = 500

// Examine looks for damage while work goes on: every table against its indices,
// and the hash of every change; the seals, which only others' devices check
// again, are not verified. It has a connection of its
// own, so that it takes nobody's, and calls rest after each piece; the error of
// rest ends it, and so does ctx, in the middle of a piece. The longest piece is
// one table: as long the log beside the database can't begin anew. ctx must
// have ended before Close. Error: ErrCorrupt, after which the store has
// stopped: nothing more is written, what can be read is still read.
func (s *Store) Examine(ctx context.Context, rest func(context.Context) error) error {
	c, err := openConn(ctx, s.pool, "busy_timeout=5000", "query_only=ON", "trusted_schema=OFF", "cell_size_check=ON",
		"temp_store=MEMORY", "cache_size=-1024")
	if err != nil {
		return s.examined(err)
	}
	err = c.examine(ctx, rest)
	return errors.Join(s.examined(err), c.close())
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
	tables, err := c.tables(ctx)
	if err != nil {
		return err
	}
	for _, name := range tables {
		if err := c.examineTable(ctx, name); err != nil {
			return err
		}
		if err := rest(ctx); err != nil {
			return err
		}
	}
	for after := int64(0); ; {
		last, err := c.examineChanges(ctx, after)
		if err != nil || last == after {
			return err
		}
		after = last
		if err := rest(ctx); err != nil {
			return err
		}
	}
}

func (c *conn) tables(ctx context.Context) (names []string, err error) {
	rows, err := c.c.QueryContext(ctx, "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			return nil, err
		}
		names = append(names, name)
	}
	return names, rows.Err()
}

// examineTable walks one table with its indices.
func (c *conn) examineTable(ctx context.Context, name string) error {
	rows, err := c.c.QueryContext(ctx, `PRAGMA integrity_check("`+strings.ReplaceAll(name, `"`, `""`)+`")`)
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

// examineChanges hashes some changes and returns the number of the last.
func (c *conn) examineChanges(ctx context.Context, after int64) (last int64, err error) {
	rows, err := c.c.QueryContext(ctx, `SELECT change.n, seq, hash, chunk, actor.id FROM change LEFT JOIN actor ON actor.n = change.actor
		WHERE change.n > ? ORDER BY change.n LIMIT ?`, after, examineRows)
	if err != nil {
		return after, err
	}
	defer rows.Close()
	last = after
	for rows.Next() {
		var seq uint64
		var hash, chunk, actor []byte
		if err := rows.Scan(&last, &seq, &hash, &chunk, &actor); err != nil {
			return after, fmt.Errorf("%w: a change after row %d: %w", ErrCorrupt, last, err)
		}
		h, err := wire.Peek(chunk)
		if err != nil || string(h.Hash[:]) != string(hash) || string(h.Actor[:]) != string(actor) || h.Seq != seq {
			return after, errors.Join(fmt.Errorf("%w: change row %d", ErrCorrupt, last), err)
		}
	}
	return last, rows.Err()
}
