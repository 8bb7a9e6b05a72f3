package store

import (
	"context"
	"errors"
	"fmt"
	"os"

	"jishan/crdt/wire"
)

// ErrOlderFormat: the database must be brought up first, which opening it for
// writing does.
var ErrOlderFormat = errors.New("store: the data folder was written by an older version")

// OpenReading opens an existing database to look at it. Nothing is written or
// derived anew, so no projections are needed; writing fails. Errors: ErrInUse,
// ErrNewerFormat, ErrOlderFormat, ErrCorrupt, or the disk's.
func OpenReading(ctx context.Context, path string) (*Store, error) {
	if _, err := os.Stat(path); err != nil {
		return nil, err // SQLite would make an empty one
	}
	s := &Store{
		cfg: Config{Path: path}, gate: make(chan struct{}, 1), read: newReadPool(), closed: make(chan struct{}),
		forked: map[wire.Actor]bool{}, sets: map[string]*setCache{},
	}
	if err := s.openReading(ctx); err != nil {
		if damage(err) {
			err = fmt.Errorf("%w: %w", ErrCorrupt, err)
		}
		return nil, errors.Join(err, s.release())
	}
	return s, nil
}

func (s *Store) openReading(ctx context.Context) error {
	f, err := os.OpenFile(s.cfg.Path+".inuse", os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return err
	}
	s.inUse = f
	if err := lockExclusive(f); err != nil {
		return err
	}
	if err := s.connect(ctx); err != nil {
		return err
	}
	if err := s.write.script("PRAGMA query_only=ON"); err != nil {
		return err
	}
	have, err := s.format()
	switch {
	case err != nil:
		return err
	case have == 0:
		return fmt.Errorf("%w: it is empty", ErrCorrupt)
	case have > format:
		return fmt.Errorf("%w: format %d, this program knows %d", ErrNewerFormat, have, format)
	case have < format:
		return fmt.Errorf("%w: format %d, this program writes %d", ErrOlderFormat, have, format)
	}
	return nil
}
