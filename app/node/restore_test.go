package node

import (
	"os"
	"path/filepath"
	"testing"

	"jishan/crdt/seal"
)

// writer is the incarnation that a device writes as.
func (d *device) writer() any { return d.must("audit.report", object{})["incarnation"] }

// TestBackupAroundANewIncarnation: a database from before, or from just after,
// an incarnation was made is put back when that incarnation has written: it is
// noticed, also where the lock file is gone or was put back as well.
func TestBackupAroundANewIncarnation(t *testing.T) {
	for name, spoil := range map[string]func(t *testing.T, lock string, old []byte){
		"the lock stays": func(*testing.T, string, []byte) {},
		"without its lock": func(t *testing.T, lock string, _ []byte) {
			if err := os.Remove(lock); err != nil {
				t.Fatal(err)
			}
		},
		"with the lock of then": func(t *testing.T, lock string, old []byte) {
			if err := os.WriteFile(lock, old, 0o600); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			d := found(t)
			d.must("people.register", person("孙七", "13900000007"))
			d.stop()
			lock := filepath.Join(d.dir, lockFile)
			then, err := os.ReadFile(lock)
			if err != nil {
				t.Fatal(err)
			}
			put := copyDatabase(t, d.dir)
			if err := os.Remove(lock); err != nil {
				t.Fatal(err)
			}
			d = start(t, d.dir)
			second := d.writer()
			d.must("people.register", person("周八", "13900000008"))
			d.stop()
			put()
			spoil(t, lock, then)
			d = start(t, d.dir)
			if got := d.writer(); got == second {
				t.Error("it writes on with a database from before it was made")
			}
		})
	}
}

// TestLockBeginsWithItsIncarnation: the lock names an incarnation before
// anything else knows it, and a start that was cut off there begins another one.
func TestLockBeginsWithItsIncarnation(t *testing.T) {
	d := found(t)
	first := d.writer()
	d.stop()
	if l, err := seal.ReadLock(filepath.Join(d.dir, lockFile)); err != nil || l.Incarnation.String() != first || l.Commit == 0 {
		t.Fatalf("lock: %+v, %v", l, err)
	}
	if err := lockIn(d.dir).Begin([16]byte{9}); err != nil {
		t.Fatal(err)
	}
	d = start(t, d.dir)
	if d.writer() == first {
		t.Error("the lock is of another incarnation, and the old one writes on")
	}
	d.must("people.register", person("孙七", "13900000007"))
}
