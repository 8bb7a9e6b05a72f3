package store_test

import (
	"context"
	"crypto/sha256"
	"errors"
	"os"
	"path/filepath"
	"testing"

	"jishan/crdt/seal"
	"jishan/crdt/store"
)

// copyFile copies a closed database or lock file.
func copyFile(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(to, b, 0o600); err != nil {
		t.Fatal(err)
	}
}

// reopen opens and closes, and returns Open's error.
func reopen(t *testing.T, d *device) error {
	t.Helper()
	s, err := d.open()
	if err != nil {
		return err
	}
	return s.Close()
}

// write appends n entries in commits of their own and closes.
func write(t *testing.T, d *device, n int, value string) {
	t.Helper()
	s, err := d.open()
	if err != nil {
		t.Fatal(err)
	}
	for range n {
		if err := appendOne(s, d.feed(), value); err != nil {
			t.Fatal(err)
		}
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
}

func TestLockFile(t *testing.T) {
	cases := []struct {
		name string
		do   func(t *testing.T, d *device)
		want error
	}{
		{"nothing happened", func(*testing.T, *device) {}, nil},
		{"lock behind: crash between commit and lock", func(t *testing.T, d *device) {
			copyFile(t, d.lockPath(), d.lockPath()+".old")
			write(t, d, 3, "more")
			copyFile(t, d.lockPath()+".old", d.lockPath())
		}, nil},
		{"lock far behind: no crash does that", func(t *testing.T, d *device) {
			copyFile(t, d.lockPath(), d.lockPath()+".old")
			write(t, d, 1200, "more")
			copyFile(t, d.lockPath()+".old", d.lockPath())
		}, store.ErrNewIncarnation},
		{"database behind: a restored backup", func(t *testing.T, d *device) {
			copyFile(t, d.dbPath(), d.dbPath()+".old")
			write(t, d, 1, "more")
			copyFile(t, d.dbPath()+".old", d.dbPath())
		}, store.ErrNewIncarnation},
		{"database disagrees: a copy that wrote on", func(t *testing.T, d *device) {
			copyFile(t, d.dbPath(), d.dbPath()+".old")
			copyFile(t, d.lockPath(), d.lockPath()+".old")
			write(t, d, 2, "here")
			copyFile(t, d.lockPath(), d.lockPath()+".new")
			copyFile(t, d.dbPath()+".old", d.dbPath())
			copyFile(t, d.lockPath()+".old", d.lockPath())
			write(t, d, 3, "there")
			copyFile(t, d.lockPath()+".new", d.lockPath())
		}, store.ErrNewIncarnation},
		{"lock missing", func(t *testing.T, d *device) {
			if err := os.Remove(d.lockPath()); err != nil {
				t.Fatal(err)
			}
		}, store.ErrNewIncarnation},
		{"lock is rubbish", func(t *testing.T, d *device) {
			if err := os.WriteFile(d.lockPath(), make([]byte, 8192), 0o600); err != nil {
				t.Fatal(err)
			}
		}, store.ErrNewIncarnation},
		{"one of its records is torn", func(t *testing.T, d *device) {
			b, err := os.ReadFile(d.lockPath())
			if err != nil {
				t.Fatal(err)
			}
			clear(b[4096+20 : 4096+60])
			if err := os.WriteFile(d.lockPath(), b, 0o600); err != nil {
				t.Fatal(err)
			}
		}, nil},
		{"another machine", func(_ *testing.T, d *device) { d.finger[3]++ }, store.ErrNewIncarnation},
		{"database lost", func(t *testing.T, d *device) {
			if err := os.Remove(d.dbPath()); err != nil {
				t.Fatal(err)
			}
		}, store.ErrNewIncarnation},
		{"lock of a newer version", func(t *testing.T, d *device) { newerLock(t, d) }, store.ErrNewerFormat},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			d := newDevice(t, 1)
			write(t, d, 5, "x")
			c.do(t, d)
			err := reopen(t, d)
			if !errors.Is(err, c.want) {
				t.Fatalf("got %v, want %v", err, c.want)
			}
			if c.want == nil || errors.Is(c.want, store.ErrNewerFormat) {
				return
			}
			// the refusal stands until there is a new incarnation, which works
			if err := reopen(t, d); !errors.Is(err, store.ErrNewIncarnation) {
				t.Fatal("second opening:", err)
			}
			d.inc = newDevice(t, 2).inc
			write(t, d, 2, "new life")
			if err := reopen(t, d); err != nil {
				t.Fatal(err)
			}
		})
	}
}

func newerLock(t *testing.T, d *device) {
	t.Helper()
	b, err := os.ReadFile(d.lockPath())
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []int{0, 4096} {
		record := b[at : at+101]
		record[4] = seal.LockVersion + 1
		sum := sha256.Sum256(record[:93])
		copy(record[93:], sum[:8])
	}
	if err := os.WriteFile(d.lockPath(), b, 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestOldIncarnationStaysOut(t *testing.T) {
	d := newDevice(t, 1)
	write(t, d, 2, "x")
	old := d.inc
	d.inc = newDevice(t, 2).inc
	write(t, d, 1, "y")
	d.inc = old
	if err := reopen(t, d); !errors.Is(err, store.ErrNewIncarnation) {
		t.Fatal(err)
	}
}

func TestSecondProcess(t *testing.T) {
	d := newDevice(t, 1)
	d.mustOpen(t)
	if _, err := d.open(); !errors.Is(err, store.ErrInUse) {
		t.Fatal(err)
	}
}

func TestNewerFormat(t *testing.T) {
	d := newDevice(t, 1)
	write(t, d, 1, "x")
	s, err := d.open()
	if err != nil {
		t.Fatal(err)
	}
	update(t, s, func(tx *store.Tx) error {
		_, err := tx.Exec("UPDATE meta SET value = 99 WHERE key = 'format'")
		return err
	})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if err := reopen(t, d); !errors.Is(err, store.ErrNewerFormat) {
		t.Fatal(err)
	}
}

func TestNoDatabaseAtAll(t *testing.T) {
	d := newDevice(t, 1)
	if err := os.WriteFile(d.dbPath(), []byte("this is a letter to the community, no database"), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := reopen(t, d); !errors.Is(err, store.ErrCorrupt) {
		t.Fatal(err)
	}
}

func TestReadOnlyStore(t *testing.T) {
	cfg := newDevice(t, 1).config()
	cfg.Incarnation, cfg.Lock = nil, nil
	cfg.Path = filepath.Join(t.TempDir(), "jishan.db")
	s, err := store.Open(context.Background(), cfg)
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if err := appendOne(s, doc("feed/x/1"), "v"); !errors.Is(err, store.ErrReadOnly) {
		t.Fatal(err)
	}
}
