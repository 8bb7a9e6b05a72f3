package node

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"

	"jishan/app/fault"
	"jishan/crdt/seal"
)

// Files of the data folder. The database alone is backed up; the others make
// this machine this device, and a copy of them elsewhere is another device's
// business (docs/seals-and-admission.md).
const (
	databaseFile    = "jishan.db"
	incarnationFile = "incarnation.key"
	lockFile        = "incarnation.lock"
)

// incarnationMagic begins the file that holds the writing key; its last
// character is the version.
const incarnationMagic = "JSINC1"

func saveIncarnation(dir string, inc seal.Incarnation) error {
	b := append([]byte(incarnationMagic), inc.Private.Seed()...)
	return replaceFile(filepath.Join(dir, incarnationFile), append(b, inc.Certificate.Encode()...), 0o600)
}

// loadIncarnation returns nil when there is none.
func loadIncarnation(dir string) (*seal.Incarnation, error) {
	b, err := os.ReadFile(filepath.Join(dir, incarnationFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	head := len(incarnationMagic)
	if len(b) < head+ed25519.SeedSize || !bytes.Equal(b[:head-1], []byte(incarnationMagic[:head-1])) {
		return nil, fault.New("data.damaged", "file", incarnationFile)
	}
	if b[head-1] != incarnationMagic[head-1] {
		return nil, fault.New("data.newer", "found", string(b[head-1:head]), "known", 1)
	}
	key := ed25519.NewKeyFromSeed(b[head : head+ed25519.SeedSize])
	cert, err := seal.DecodeCertificate(b[head+ed25519.SeedSize:])
	if err != nil || !bytes.Equal(cert.Public[:], key.Public().(ed25519.PublicKey)) || cert.Verify() != nil {
		return nil, fault.New("data.damaged", "file", incarnationFile)
	}
	return &seal.Incarnation{Certificate: cert, Private: key}, nil
}

// freshIncarnation makes and saves a new writing identity. Its lock comes first:
// from its first commit on, a database from before it was made is noticed, even
// where the lock that comes back with it is of an earlier one.
func freshIncarnation(dir string, rand io.Reader, device ed25519.PrivateKey, now int64) (*seal.Incarnation, error) {
	inc, err := seal.NewIncarnation(rand, device, now)
	if err != nil {
		return nil, err
	}
	if err := lockIn(dir).Begin(inc.Actor()); err != nil {
		return nil, err
	}
	if err := saveIncarnation(dir, inc); err != nil {
		return nil, err
	}
	return &inc, nil
}

// lockIn is the lock file of a data folder.
func lockIn(dir string) *seal.LockFile {
	return &seal.LockFile{Path: filepath.Join(dir, lockFile), Fingerprint: fingerprint(), Begun: true}
}

// fingerprint tells this machine from a clone of its disk put into another
// one: the machine id where the system has one, and the name.
func fingerprint() [32]byte {
	id, err := os.ReadFile("/etc/machine-id")
	if err != nil {
		id = nil // not on Windows, macOS, Android: the name must do
	}
	name, err := os.Hostname()
	if err != nil {
		name = ""
	}
	return sha256.Sum256(fmt.Appendf(nil, "jishan machine 1\x00%s\x00%s\x00%s", runtime.GOOS, bytes.TrimSpace(id), name))
}
