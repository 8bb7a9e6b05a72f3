package seal

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"os"

	"jishan/crdt/wire"
)

// LockVersion is the version that this program writes.
const LockVersion = 1

const (
	lockMagic = "JSLK"
	// lockSlot is where the second of the two records begins. Records are
	// written in turn, so that a torn write spoils one of them at most; they
	// lie in different disk sectors.
	lockSlot = 4096
	// lockSize is a record: magic, version, incarnation, commit, tip,
	// fingerprint, checksum.
	lockSize = 4 + 1 + 16 + 8 + 32 + 32 + 8
)

// ErrNoLock: there is no lock file, or none of its records is whole.
var ErrNoLock = errors.New("seal: no lock file")

// ErrNewerLock: the lock file was written by a newer program.
var ErrNewerLock = errors.New("seal: lock file of a newer version")

// Lock is what the lock file remembers of the database beside which it was
// written: its last local commit. It must lie outside the database and outside
// every backup.
type Lock struct {
	Version     uint8
	Incarnation wire.Actor
	Commit      uint64   // number of the last local commit
	Tip         [32]byte // its chain hash
	Fingerprint [32]byte // of the machine, as the caller computes it
}

// LockFile writes a lock; its caller serialises the calls.
type LockFile struct {
	Path        string
	Fingerprint [32]byte // of the machine that runs now
	// Begun says that whoever makes an incarnation begins its lock: then one
	// that is missing, or names another incarnation, is always a reason to stop.
	// Otherwise a database without anything by the incarnation may begin it.
	Begun bool

	file *os.File
	turn int64
}

// ReadLock reads the lock file at path. Errors: ErrNoLock, ErrNewerLock, or
// the disk's.
func ReadLock(path string) (Lock, error) {
	b, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return Lock{}, ErrNoLock
	}
	if err != nil {
		return Lock{}, err
	}
	first, err1 := parseLock(b, 0)
	second, err2 := parseLock(b, lockSlot)
	switch {
	case errors.Is(err1, ErrNewerLock) || errors.Is(err2, ErrNewerLock):
		return Lock{}, ErrNewerLock
	case err1 != nil && err2 != nil:
		return Lock{}, ErrNoLock
	case err1 != nil || err2 == nil && newer(second, first):
		return second, nil
	}
	return first, nil
}

// newer says that a was written after b. Of two incarnations' records, a new
// incarnation's overwrites both, so numbers decide.
func newer(a, b Lock) bool { return a.Commit > b.Commit }

func parseLock(b []byte, at int) (Lock, error) {
	if len(b) < at+lockSize {
		return Lock{}, ErrNoLock
	}
	b = b[at : at+lockSize]
	sum := sha256.Sum256(b[:lockSize-8])
	if string(b[:4]) != lockMagic || string(sum[:8]) != string(b[lockSize-8:]) {
		return Lock{}, ErrNoLock
	}
	if b[4] > LockVersion {
		return Lock{}, ErrNewerLock
	}
	return Lock{
		Version: b[4], Incarnation: wire.Actor(b[5:21]), Commit: binary.BigEndian.Uint64(b[21:]),
		Tip: [32]byte(b[29:61]), Fingerprint: [32]byte(b[61:93]),
	}, nil
}

func (l Lock) encode() []byte {
	b := make([]byte, 0, lockSize)
	b = append(b, lockMagic...)
	b = append(b, LockVersion)
	b = append(b, l.Incarnation[:]...)
	b = binary.BigEndian.AppendUint64(b, l.Commit)
	b = append(b, l.Tip[:]...)
	b = append(b, l.Fingerprint[:]...)
	sum := sha256.Sum256(b)
	return append(b, sum[:8]...)
}

// Begin puts the lock of an incarnation that has just been made in the place of
// every earlier one, whole or not at all. Its commit is 0: whatever database it
// finds, it has written nothing there. Call it before the incarnation's key is
// kept; the lock must not be open.
func (f *LockFile) Begin(a wire.Actor) error {
	next := LockFile{Path: f.Path + ".new", Fingerprint: f.Fingerprint}
	err := os.Remove(next.Path)
	if errors.Is(err, fs.ErrNotExist) {
		err = nil
	}
	if err == nil {
		err = next.Reset(Lock{Version: LockVersion, Incarnation: a})
	}
	if err = errors.Join(err, next.Close()); err != nil {
		return err
	}
	return os.Rename(next.Path, f.Path)
}

// Read returns the lock on disk.
func (f *LockFile) Read() (Lock, error) { return ReadLock(f.Path) }

// Reset begins a new lock, for an incarnation that has written nothing or a
// version that was migrated: both records are written and synced.
func (f *LockFile) Reset(l Lock) error {
	if err := f.Write(l, false); err != nil {
		return err
	}
	return f.Write(l, true)
}

// Write records a local commit, and with sync set waits until it is on the
// disk. The fingerprint is the file's.
func (f *LockFile) Write(l Lock, sync bool) error {
	if err := f.open(); err != nil {
		return err
	}
	l.Fingerprint = f.Fingerprint
	if _, err := f.file.WriteAt(l.encode(), f.turn*lockSlot); err != nil {
		return fmt.Errorf("seal: lock file: %w", err)
	}
	f.turn = 1 - f.turn
	if !sync {
		return nil
	}
	return f.Sync()
}

// Sync waits until all that was written is on the disk. It may run beside
// Write.
func (f *LockFile) Sync() error {
	if f.file == nil {
		return nil
	}
	if err := syncData(f.file); err != nil {
		return fmt.Errorf("seal: lock file: %w", err)
	}
	return nil
}

// Close syncs and closes the file.
func (f *LockFile) Close() error {
	if f.file == nil {
		return nil
	}
	err := errors.Join(f.Sync(), f.file.Close())
	f.file = nil
	return err
}

func (f *LockFile) open() error {
	if f.file != nil {
		return nil
	}
	file, err := os.OpenFile(f.Path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return fmt.Errorf("seal: lock file: %w", err)
	}
	f.file, f.turn = file, f.next()
	return nil
}

// next chooses the older record's place, so that the newer survives a torn
// first write.
func (f *LockFile) next() int64 {
	b, err := os.ReadFile(f.Path)
	if err != nil {
		return 0
	}
	first, err1 := parseLock(b, 0)
	second, err2 := parseLock(b, lockSlot)
	if err1 == nil && (err2 != nil || newer(first, second)) {
		return 1
	}
	return 0
}
