package store

import (
	"context"
	"errors"
)

// Snapshot writes the database as it is now to a new file, without free pages,
// while others read and write. The file may hold what a backup tool must not
// see in the clear: its caller removes it.
func (s *Store) Snapshot(ctx context.Context, path string) error {
	if err := s.Err(); err != nil {
		return err
	}
	// The pool gives back what an examination used, which could only read.
	c, err := openConn(ctx, s.pool, "query_only=OFF", "busy_timeout=5000", "trusted_schema=OFF", "cell_size_check=ON", "temp_store=MEMORY", "cache_size=-1024")
	if err != nil {
		return err
	}
	_, err = c.c.ExecContext(ctx, "VACUUM INTO ?", path)
	return errors.Join(err, c.close())
}
