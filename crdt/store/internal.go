package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"

	"modernc.org/sqlite"
)

// Internal says that an error speaks about this machine (database, disk,
// cancellation) and not about what was asked. No verdict about a change may
// rest on such an error.
func Internal(err error) bool {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return true
	}
	for _, known := range []error{
		ErrStopped, ErrCorrupt, errClosed, context.Canceled, context.DeadlineExceeded,
		sql.ErrConnDone, sql.ErrTxDone, sql.ErrNoRows, driver.ErrBadConn,
	} {
		if errors.Is(err, known) {
			return true
		}
	}
	return false
}
