package store_test

import (
	"context"
	"database/sql"
	"encoding/binary"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"

	"jishan/crdt/store"
)

func noRest(context.Context) error { return nil }

// full makes a closed folder with a few hundred pages and returns the
// database's bytes.
func full(t *testing.T, d *device) []byte {
	t.Helper()
	s := d.mustOpen(t)
	update(t, s, func(tx *store.Tx) error {
		for i := range 1100 { // so many that tables are read in pieces
			if _, err := tx.Append(doc("feed/"+d.inc.Actor().String()+"/"+strconv.Itoa(1+i/1000)), "x", fmt.Appendf(nil, "value %d %s", i, make([]byte, 60))); err != nil {
				return err
			}
			if _, err := tx.Put(doc("scheme"), "x", store.Put{Key: fmt.Sprintf("item/%d", i), Value: str("v")}); err != nil {
				return err
			}
		}
		return nil
	})
	if err := s.Examine(t.Context(), noRest); err != nil {
		t.Fatal("a sound database:", err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(d.dbPath())
	if err != nil {
		t.Fatal(err)
	}
	return good
}

// middle returns a leaf page of a table or an index, by its number from 1.
func middle(t *testing.T, path, name string) int {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var page int
	err = db.QueryRow(`SELECT pageno FROM dbstat WHERE name = ?1 AND pagetype = 'leaf' ORDER BY path
		LIMIT 1 OFFSET (SELECT count(*) / 2 FROM dbstat WHERE name = ?1 AND pagetype = 'leaf')`, name).Scan(&page)
	if err != nil {
		t.Fatal(name, err)
	}
	return page
}

// cell returns where the entry in the middle of a leaf page begins.
func cell(page []byte) int {
	n := int(binary.BigEndian.Uint16(page[3:]))
	return int(binary.BigEndian.Uint16(page[8+n/2*2:]))
}

// TestExamineFindsDamage flips single bytes and whole pages in tables and
// indices that opening does not read. Nothing is written afterwards.
func TestExamineFindsDamage(t *testing.T) {
	d := newDevice(t, 1)
	good := full(t, d)
	for _, c := range []struct {
		name string
		spot func(page []byte)
	}{
		{"change", func(p []byte) { p[cell(p)+200] ^= 1 }}, // one bit of the only truth
		{"change", func(p []byte) { clear(p) }},
		{"change_place", func(p []byte) { p[4] ^= 0x7f }}, // the number of entries
		{"change_place", func(p []byte) { p[cell(p)+9] ^= 1 }},
		{"change_tag", func(p []byte) { clear(p) }},
		{"mirror_entry", func(p []byte) { copy(p, "no page of a database") }},
		{"op", func(p []byte) { clear(p[:8]) }},
		{"op", func(p []byte) { p[cell(p)+8] ^= 0x40 }},                                                           // a key that is out of place
		{"change_place", func(p []byte) { n := 8; p[n], p[n+2] = p[n+2], p[n]; p[n+1], p[n+3] = p[n+3], p[n+1] }}, // two entries in the wrong order
	} {
		t.Run(c.name, func(t *testing.T) {
			bad, page := append([]byte(nil), good...), middle(t, d.dbPath(), c.name)
			c.spot(bad[(page-1)*4096 : page*4096])
			spoiled := *d
			spoiled.dir = t.TempDir()
			if err := os.WriteFile(spoiled.dbPath(), bad, 0o600); err != nil {
				t.Fatal(err)
			}
			copyFile(t, filepath.Join(d.dir, "lock"), spoiled.lockPath())
			s, err := spoiled.open()
			if err != nil {
				t.Fatal("opening reads this page, so the case says nothing:", err)
			}
			defer s.Close()
			if err := s.Examine(t.Context(), noRest); !errors.Is(err, store.ErrCorrupt) {
				t.Fatalf("page %d: %v", page, err)
			}
			if !errors.Is(s.Err(), store.ErrCorrupt) || !errors.Is(appendOne(s, d.feed(), "x"), store.ErrCorrupt) {
				t.Error("it goes on after damage was found:", s.Err())
			}
			if v, err := s.Vector(t.Context(), doc("scheme")); err != nil || len(v) != 1 {
				t.Error("what can be read is read:", v, err)
			}
		})
	}
}

// TestExamineIsInPieces: no piece is a whole large table, and commits between
// two pieces disturb nothing.
func TestExamineIsInPieces(t *testing.T) {
	d := newDevice(t, 1)
	full(t, d)
	s := d.mustOpen(t)
	pieces := 0
	err := s.Examine(t.Context(), func(context.Context) error {
		if pieces++; pieces%8 != 0 {
			return nil
		}
		return appendOne(s, doc("feed/"+d.inc.Actor().String()+"/3"), "x")
	})
	// change twice (rows and hashes), op, register, past, mirror_entry, mirror_field: 1100 rows each.
	// What comes in meanwhile is not run after for ever.
	if err != nil || pieces < 7*11 || pieces > 14*11 {
		t.Error(pieces, err)
	}
}

// TestExamineGivesWay: it ends at a rest and in the middle of a piece, and the
// store goes on.
func TestExamineGivesWay(t *testing.T) {
	d := newDevice(t, 1)
	full(t, d)
	s := d.mustOpen(t)
	enough := errors.New("enough")
	pieces := 0
	err := s.Examine(t.Context(), func(context.Context) error {
		if pieces++; pieces == 3 {
			return enough
		}
		return appendOne(s, doc("feed/"+d.inc.Actor().String()+"/2"), "x") // nobody waits for it
	})
	if !errors.Is(err, enough) || s.Err() != nil {
		t.Error(err, s.Err())
	}
	ctx, cancel := context.WithCancel(t.Context())
	err = s.Examine(ctx, func(context.Context) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) || s.Err() != nil {
		t.Error(err, s.Err())
	}
	if err := s.Examine(t.Context(), noRest); err != nil {
		t.Error(err)
	}
}

// TestFilesArePrivate: in a folder that everybody may read, and with files that
// an older program left open to all.
func TestFilesArePrivate(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no such modes")
	}
	d := newDevice(t, 1)
	if err := os.Chmod(d.dir, 0o755); err != nil {
		t.Fatal(err)
	}
	look := func(s *store.Store) {
		t.Helper()
		if err := appendOne(s, d.feed(), "x"); err != nil {
			t.Fatal(err)
		}
		files, err := os.ReadDir(d.dir)
		if err != nil || len(files) < 5 {
			t.Fatal(files, err)
		}
		for _, f := range files {
			if i, err := f.Info(); err != nil || i.Mode().Perm() != 0o600 {
				t.Errorf("%s: %v %v", f.Name(), i.Mode(), err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
	look(d.mustOpen(t))
	if err := os.Chmod(d.dbPath(), 0o644); err != nil {
		t.Fatal(err)
	}
	look(d.mustOpen(t))
}
