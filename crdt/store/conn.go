package store

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"

	"modernc.org/sqlite"
	lib "modernc.org/sqlite/lib"
)

// maxStatements bounds the prepared statements of a connection. The product
// has a few hundred; more means that somebody builds statements from values.
const maxStatements = 1024

// conn is one SQLite connection with its prepared statements. One goroutine
// uses it at a time; see behind.go for the writer's second one.
type conn struct {
	c     *sql.Conn
	kept  map[string][]*statement
	execs map[string]driver.Stmt // those without rows
	args  []driver.NamedValue    // of the statement that runs
	total int
	bad   error // the first error that means a sick disk

	behind behind
}

// statement is a prepared statement and the rows that came from it last: while
// those are open, it can't serve a second time.
type statement struct {
	*sql.Stmt
	rows *sql.Rows
}

func (s *statement) busy() bool {
	if s.rows == nil {
		return false
	}
	if _, err := s.rows.Columns(); err != nil { // "rows are closed"
		s.rows = nil
		return false
	}
	return true
}

// openConn takes a connection from the pool and applies the pragmas in order.
func openConn(ctx context.Context, db *sql.DB, pragmas ...string) (*conn, error) {
	c, err := db.Conn(ctx)
	if err != nil {
		return nil, err
	}
	for _, p := range pragmas {
		if _, err := c.ExecContext(ctx, "PRAGMA "+p); err != nil {
			return nil, errors.Join(err, c.Close())
		}
	}
	return &conn{c: c, kept: map[string][]*statement{}, execs: map[string]driver.Stmt{}}, nil
}

// prepared returns a statement that is not in use. Statements run without the
// caller's context: an interrupted one would leave the transaction in doubt,
// and each is short.
func (c *conn) prepared(query string) (*statement, error) {
	for _, s := range c.kept[query] {
		if !s.busy() {
			return s, nil
		}
	}
	if c.total >= maxStatements {
		if err := c.forget(); err != nil {
			return nil, err
		}
	}
	p, err := c.c.PrepareContext(context.Background(), query)
	if err != nil {
		return nil, c.note(err)
	}
	s := &statement{Stmt: p}
	c.kept[query] = append(c.kept[query], s)
	c.total++
	return s, nil
}

// forget closes the statements that are not in use.
func (c *conn) forget() error {
	errs := []error{c.forgetExecs()}
	for query, list := range c.kept {
		var open []*statement
		for _, s := range list {
			if s.busy() {
				open = append(open, s)
				continue
			}
			errs = append(errs, s.Close())
			c.total--
		}
		c.kept[query] = open
		if open == nil {
			delete(c.kept, query)
		}
	}
	return errors.Join(errs...)
}

// Exec runs a statement without rows.
func (c *conn) Exec(query string, args ...any) (sql.Result, error) {
	if err := c.catchUp(); err != nil {
		return nil, err
	}
	return c.exec(query, args...)
}

// exec goes past database/sql, which takes as long as a short statement does:
// a transaction runs a dozen of them.
func (c *conn) exec(query string, args ...any) (r sql.Result, err error) {
	err = c.c.Raw(func(dc any) error {
		s, err := c.direct(dc, query)
		if err != nil {
			return err
		}
		if err := c.setArgs(args); err != nil {
			return err
		}
		r, err = s.ExecContext(context.Background(), c.args)
		clear(c.args)
		return err
	})
	return r, c.note(err)
}

// direct returns the driver's statement, prepared once.
func (c *conn) direct(dc any, query string) (driver.StmtExecContext, error) {
	s := c.execs[query]
	if s == nil {
		if c.total >= maxStatements {
			if err := c.closeExecs(); err != nil {
				return nil, err
			}
		}
		var err error
		if s, err = dc.(driver.Conn).Prepare(query); err != nil {
			return nil, err
		}
		c.execs[query] = s
		c.total++
	}
	return s.(driver.StmtExecContext), nil
}

func (c *conn) setArgs(args []any) (err error) {
	c.args = c.args[:0]
	for i, a := range args {
		v := driver.NamedValue{Ordinal: i + 1}
		switch x := a.(type) {
		case int64, string, []byte, nil:
			v.Value = x
		default:
			if v.Value, err = driver.DefaultParameterConverter.ConvertValue(a); err != nil {
				return fmt.Errorf("store: argument %d: %w", i+1, err)
			}
		}
		c.args = append(c.args, v)
	}
	return nil
}

func (c *conn) forgetExecs() error {
	if len(c.execs) == 0 {
		return nil
	}
	return c.c.Raw(func(any) error { return c.closeExecs() })
}

func (c *conn) closeExecs() error {
	var errs []error
	for _, s := range c.execs {
		errs = append(errs, s.Close())
	}
	c.total -= len(c.execs)
	clear(c.execs)
	return errors.Join(errs...)
}

// wrote is how many pages the connection has written since it was asked last.
func (c *conn) wrote() (pages int, err error) {
	err = c.c.Raw(func(dc any) error {
		pages, _, err = dc.(sqlite.DBStatus).Status(sqlite.DBStatusCacheWrite, true)
		return err
	})
	return pages, err
}

// Query runs a statement with rows, which the caller closes.
func (c *conn) Query(query string, args ...any) (*sql.Rows, error) {
	if err := c.catchUp(); err != nil {
		return nil, err
	}
	s, err := c.prepared(query)
	if err != nil {
		return nil, err
	}
	rows, err := s.Stmt.QueryContext(context.Background(), args...)
	if err != nil {
		return nil, c.note(err)
	}
	s.rows = rows
	return rows, nil
}

// QueryRow runs a statement with one row at most, to be scanned at once.
func (c *conn) QueryRow(query string, args ...any) *sql.Row {
	_ = c.catchUp() // a Row can't hold the error; no COMMIT gets past it
	s, err := c.prepared(query)
	if err != nil {
		return c.c.QueryRowContext(context.Background(), query, args...)
	}
	return s.Stmt.QueryRowContext(context.Background(), args...)
}

// script runs several statements, unprepared.
func (c *conn) script(query string) error {
	if err := c.catchUp(); err != nil {
		return err
	}
	_, err := c.c.ExecContext(context.Background(), query)
	return c.note(err)
}

func (c *conn) close() error { return errors.Join(c.forget(), c.c.Close()) }

func (c *conn) note(err error) error {
	if c.bad == nil && diskError(err) {
		c.bad = err
	}
	return err
}

// diskError says that an error leaves the state of the disk in doubt.
func diskError(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() & 0xff {
	case lib.SQLITE_IOERR, lib.SQLITE_CORRUPT, lib.SQLITE_FULL, lib.SQLITE_CANTOPEN, lib.SQLITE_NOTADB, lib.SQLITE_READONLY:
		return true
	}
	return false
}

// damage says that an error means wrong bytes in the database.
func damage(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && (e.Code()&0xff == lib.SQLITE_CORRUPT || e.Code()&0xff == lib.SQLITE_NOTADB)
}
