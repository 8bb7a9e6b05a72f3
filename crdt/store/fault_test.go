package store_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"jishan/crdt/store"
)

// TestDiskFull fills the database up to SQLite's page limit, which gives the
// same error as a full disk.
func TestDiskFull(t *testing.T) {
	d := newDevice(t, 1)
	s := d.mustOpen(t)
	ctx := context.Background()
	kept := 0
	var err error
	limit := func(tx *store.Tx) error {
		rows, err := tx.Query("PRAGMA max_page_count = 120")
		if err != nil {
			return err
		}
		return rows.Close()
	}
	update(t, s, limit)
	for err == nil && kept < 10_000 {
		if err = appendOne(s, d.feed(), string(make([]byte, 900))); err == nil {
			kept++
		}
	}
	if !errors.Is(err, store.ErrStopped) || kept == 0 {
		t.Fatal(kept, err)
	}
	if err := appendOne(s, doc("feed/another/1"), "x"); !errors.Is(err, store.ErrStopped) {
		t.Fatal("it goes on after a full disk:", err)
	}
	if v, err := s.Vector(ctx, d.feed()); err != nil || v[0].Seq != uint64(kept) {
		t.Fatal("reading:", v, err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = d.mustOpen(t) // there is room again
	if v, err := s.Vector(ctx, d.feed()); err != nil || v[0].Seq != uint64(kept) {
		t.Fatal("something acknowledged is lost:", v, kept, err)
	}
	if err := appendOne(s, d.feed(), "x"); err != nil {
		t.Fatal(err)
	}
	checkRebuild(t, s)
}

// TestLockFileFails: what can't be locked is not acknowledged.
func TestLockFileFails(t *testing.T) {
	d := newDevice(t, 1)
	cfg := d.config()
	dir := t.TempDir()
	cfg.Lock.Path = filepath.Join(dir, "gone", "lock")
	if err := os.Mkdir(filepath.Join(dir, "gone"), 0o700); err != nil {
		t.Fatal(err)
	}
	s, err := store.Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := errors.Join(cfg.Lock.Close(), os.RemoveAll(filepath.Dir(cfg.Lock.Path))); err != nil {
		t.Fatal(err)
	}
	if err := appendOne(s, d.feed(), "x"); !errors.Is(err, store.ErrStopped) {
		t.Fatal(err)
	}
	if err := appendOne(s, d.feed(), "y"); !errors.Is(err, store.ErrStopped) {
		t.Fatal(err)
	}
}

// TestCorruptPage spoils pages one after another: each is noticed by Open, by
// use or by Check, and never goes unnoticed by all of them.
func TestCorruptPage(t *testing.T) {
	d := newDevice(t, 1)
	s := d.mustOpen(t)
	update(t, s, func(tx *store.Tx) error {
		for i := range 600 {
			if _, err := tx.Append(d.feed(), "x", fmt.Appendf(nil, "value %d %s", i, make([]byte, 60))); err != nil {
				return err
			}
			_, err := tx.Put(doc("scheme"), "x", store.Put{Key: fmt.Sprintf("item/%d", i), Value: str("v")})
			if err != nil {
				return err
			}
		}
		return nil
	})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	good, err := os.ReadFile(d.dbPath())
	if err != nil {
		t.Fatal(err)
	}
	pages := len(good) / 4096
	r := rand.New(rand.NewPCG(1, 2))
	for range 25 {
		page := r.IntN(pages)
		if noticed := spoil(t, d, good, page); !noticed {
			t.Errorf("page %d of %d: damage went unnoticed", page, pages)
		}
	}
}

// spoil overwrites one page in a copy of the folder.
func spoil(t *testing.T, d *device, good []byte, page int) bool {
	t.Helper()
	c := *d
	c.dir = t.TempDir()
	bad := append([]byte(nil), good...)
	for i := range 4096 {
		bad[page*4096+i] ^= byte(0x5a + i)
	}
	if err := os.WriteFile(c.dbPath(), bad, 0o600); err != nil {
		t.Fatal(err)
	}
	copyFile(t, filepath.Join(d.dir, "lock"), c.lockPath())
	s, err := c.open()
	if err != nil {
		return errors.Is(err, store.ErrCorrupt)
	}
	defer s.Close()
	err = s.Check(context.Background())
	if err == nil {
		return false
	}
	if !errors.Is(err, store.ErrCorrupt) {
		t.Errorf("page %d: %v", page, err)
	}
	if err := appendOne(s, c.feed(), "x"); !errors.Is(err, store.ErrStopped) {
		t.Errorf("page %d: it goes on after damage was found: %v", page, err)
	}
	return true
}
