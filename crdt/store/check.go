package store

import (
	"context"
	"errors"
	"fmt"

	"jishan/crdt/wire"
)

const (
	// openTail is how many of the latest changes Open looks at: what a crash
	// could have spoiled lies at the end.
	openTail = 64
	// checkTailRows is how many Check hashes again, enough for the work of
	// weeks and done in seconds.
	checkTailRows = 50_000
)

// checkTail hashes the latest changes and compares the vector with them.
func (s *Store) checkTail() error { return tailSound(s.write, openTail) }

func tailSound(q Querier, limit int) error {
	rows, err := q.Query(`SELECT change.seq, change.hash, change.seal, change.chunk, change.n, tip.seq, tip.hash
		FROM change LEFT JOIN tip ON tip.doc = change.doc AND tip.actor = change.actor
		ORDER BY change.n DESC LIMIT ?`, limit)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var c Stored
		var n int64
		var tipSeq uint64
		var tipHash []byte
		if err := c.scan(rows.Scan, &n, &tipSeq, &tipHash); err != nil {
			return fmt.Errorf("%w: %w", ErrCorrupt, err)
		}
		h, err := wire.Peek(c.Chunk)
		if err != nil || h.Hash != c.Hash || h.Seq != c.Seq {
			return errors.Join(fmt.Errorf("%w: change row %d", ErrCorrupt, n), err)
		}
		if tipSeq < c.Seq || tipSeq == c.Seq && string(tipHash) != string(c.Hash[:]) {
			return fmt.Errorf("%w: vector at change row %d", ErrCorrupt, n)
		}
	}
	return rows.Err()
}

// Check looks at the whole database: SQLite's integrity check, and the hashes
// of the latest changes. It takes seconds and reads a snapshot; work goes on.
// Error: ErrCorrupt, after which the store has stopped.
func (s *Store) Check(ctx context.Context) error {
	err := s.View(ctx, func(q Querier) error {
		if err := integrity(q); err != nil {
			return err
		}
		return tailSound(q, checkTailRows)
	})
	if errors.Is(err, ErrCorrupt) {
		s.stop(err)
	}
	return err
}

func integrity(q Querier) error {
	rows, err := q.Query("PRAGMA integrity_check(10)")
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
			return fmt.Errorf("%w: %s", ErrCorrupt, line)
		}
	}
	return rows.Err()
}
