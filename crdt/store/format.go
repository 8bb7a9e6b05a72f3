package store

import (
	"database/sql"
	"errors"
	"fmt"
	"strings"
)

// format is the version of the database that this program writes.
const format = 3

// migrations[i] leads from format i+1 to i+2, in one transaction. A released
// one is never changed.
var migrations = []func(*conn) error{judgeBranches, maskTables}

// judgeBranches puts the second histories of records documents, which format 1
// kept beside them, into the waiting room, where they are judged and find their
// place in the document. What is derived is made anew: digests named them.
func judgeBranches(c *conn) error {
	return c.script(`INSERT OR IGNORE INTO waiting(doc, actor, seq, hash, chunk, seal, origin, at, reason)
			SELECT doc, actor, seq, hash, chunk, seal, 'bundle', at, '[branch] it was kept beside the document'
			FROM branch WHERE doc IN (SELECT id FROM doc WHERE shape = 2) ORDER BY doc, actor, seq;
		DELETE FROM branch WHERE doc IN (SELECT id FROM doc WHERE shape = 2);
		DELETE FROM projector`)
}

// maskTables makes the tables of masked changes. No withdrawal that an older program
// wrote has marks, so nothing is masked yet.
func maskTables(c *conn) error {
	return c.script(`CREATE TABLE IF NOT EXISTS mask (n INTEGER PRIMARY KEY, doc INTEGER NOT NULL, actor INTEGER NOT NULL, seq INTEGER NOT NULL, built INTEGER NOT NULL) STRICT;
		CREATE INDEX IF NOT EXISTS mask_place ON mask(doc, actor, seq);
		CREATE TABLE IF NOT EXISTS mask_key (doc INTEGER NOT NULL, key TEXT NOT NULL, n INTEGER NOT NULL, PRIMARY KEY (doc, key, n)) STRICT, WITHOUT ROWID;
		CREATE INDEX IF NOT EXISTS mask_key_change ON mask_key(n)`)
}

// prepare creates the tables of a new database or brings an older one up.
func (s *Store) prepare() error {
	have, err := s.format()
	if err != nil {
		return err
	}
	if have > format {
		return fmt.Errorf("%w: format %d, this program knows %d", ErrNewerFormat, have, format)
	}
	if have == format {
		return nil
	}
	return s.write.atomically(func() error {
		if have == 0 {
			return s.create()
		}
		for _, step := range migrations[have-1:] {
			if err := step(s.write); err != nil {
				return fmt.Errorf("store: migration: %w", err)
			}
		}
		_, err := s.write.Exec("UPDATE meta SET value = ? WHERE key = 'format'", format)
		return err
	})
}

// format returns 0 for an empty database.
func (s *Store) format() (int, error) {
	var tables int
	if err := s.write.QueryRow("SELECT count(*) FROM sqlite_master").Scan(&tables); err != nil {
		return 0, err
	}
	if tables == 0 {
		return 0, nil
	}
	var have int
	err := s.write.QueryRow("SELECT value FROM meta WHERE key = 'format'").Scan(&have)
	if errors.Is(err, sql.ErrNoRows) || err != nil && strings.Contains(err.Error(), "no such table") {
		return 0, fmt.Errorf("%w: it is no Jishan database", ErrCorrupt)
	}
	if err == nil && have < 1 {
		return 0, fmt.Errorf("%w: format %d", ErrCorrupt, have)
	}
	return have, err
}

func (s *Store) create() error {
	if err := s.write.script(schema); err != nil {
		return err
	}
	id, err := s.database()
	if err != nil {
		return err
	}
	_, err = s.write.Exec("INSERT INTO meta(key, value) VALUES ('format', ?), ('database', ?), ('clock', 0)", format, id)
	return err
}

// atomically runs fn in one transaction of its own.
func (c *conn) atomically(fn func() error) error {
	if err := c.script("BEGIN IMMEDIATE"); err != nil {
		return err
	}
	err := fn()
	if err == nil {
		err = c.script("COMMIT")
	}
	if err != nil {
		return errors.Join(err, c.rollback())
	}
	return nil
}

// rollback undoes the open transaction; SQLite may have done so itself.
func (c *conn) rollback() error {
	c.abandon()
	_, err := c.exec("ROLLBACK")
	if err != nil && strings.Contains(err.Error(), "no transaction is active") {
		return nil
	}
	return err
}
