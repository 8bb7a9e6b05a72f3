// Package backup packs the files of a device into one encrypted file and
// unpacks it on another machine. A backup can be read only with the printed
// recovery key of the community, which exists on paper: a stolen stick tells
// nothing, and no computer that is still there can be asked for it.
//
// It must never know what the files mean, nor hold a key that could open what
// it wrote. Start with Write.
package backup

import (
	"archive/tar"
	"bytes"
	"crypto/ed25519"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"time"

	"filippo.io/age"
	"filippo.io/age/agessh"
	"github.com/klauspost/compress/zstd"
	"golang.org/x/crypto/ssh"

	"jishan/app/fault"
)

// Version is the version of the format: an age file with one recipient, the
// recovery key; in it zstd; in that tar, whose first member is the manifest.
const Version = 1

const (
	manifestName = "jishan-backup.json"
	// maxManifest is far above what a manifest takes.
	maxManifest = 64 << 10
	// maxFiles is more than a device ever has.
	maxFiles = 16
	// maxBytes bounds what a backup may unpack to, so that a forged one does not
	// fill the disk: a community of a million entries takes a hundredth.
	maxBytes = 64 << 30
)

// Manifest says what a backup holds.
type Manifest struct {
	Version   int    `json:"version"`
	Community string `json:"community"`
	Device    string `json:"device"`
	Made      int64  `json:"made"` // ms
	Files     []File `json:"files"`
}

// File is a file of a backup.
type File struct {
	Name string `json:"name"`
	Size int64  `json:"size"` // bytes
}

// Source is a file that goes into a backup.
type Source struct {
	Name string // in the backup
	Path string
}

// Write writes a backup that only the holder of a recovery key can read.
func Write(w io.Writer, recovery [32]byte, m Manifest, sources []Source) error {
	to, err := recipient(recovery)
	if err != nil {
		return err
	}
	m.Version, m.Files = Version, nil
	for _, s := range sources {
		info, err := os.Stat(s.Path)
		if err != nil {
			return err
		}
		m.Files = append(m.Files, File{s.Name, info.Size()})
	}
	sealed, err := age.Encrypt(w, to)
	if err != nil {
		return err
	}
	packed, err := zstd.NewWriter(sealed)
	if err != nil {
		return err
	}
	t := tar.NewWriter(packed)
	if err := pack(t, m, sources); err != nil {
		return errors.Join(err, packed.Close())
	}
	return errors.Join(t.Close(), packed.Close(), sealed.Close())
}

func recipient(recovery [32]byte) (age.Recipient, error) {
	key, err := ssh.NewPublicKey(ed25519.PublicKey(recovery[:]))
	if err != nil {
		return nil, err
	}
	return agessh.NewEd25519Recipient(key)
}

func pack(t *tar.Writer, m Manifest, sources []Source) error {
	head, err := json.Marshal(m)
	if err != nil {
		return err
	}
	if err := member(t, manifestName, int64(len(head)), m.Made, bytes.NewReader(head)); err != nil {
		return err
	}
	for i, s := range sources {
		if err := packFile(t, s, m.Files[i].Size, m.Made); err != nil {
			return err
		}
	}
	return nil
}

func packFile(t *tar.Writer, s Source, size, made int64) (err error) {
	f, err := os.Open(s.Path)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	return member(t, s.Name, size, made, f)
}

func member(t *tar.Writer, name string, size, made int64, r io.Reader) error {
	if err := t.WriteHeader(&tar.Header{Name: name, Mode: 0o600, Size: size, ModTime: time.UnixMilli(made)}); err != nil {
		return err
	}
	_, err := io.CopyN(t, r, size)
	return err
}

// Read unpacks a backup into an empty folder. Nothing in the folder counts
// until it returned without an error. Faults: backup.key (made for another
// recovery key), backup.newer{found, known}, backup.damaged.
func Read(r io.Reader, recovery ed25519.PrivateKey, dir string) (Manifest, error) {
	id, err := agessh.NewEd25519Identity(recovery)
	if err != nil {
		return Manifest{}, err
	}
	opened, err := age.Decrypt(r, id)
	var other *age.NoIdentityMatchError
	if errors.As(err, &other) {
		return Manifest{}, fault.New("backup.key")
	}
	if err != nil {
		return Manifest{}, damaged(err)
	}
	unpacked, err := zstd.NewReader(opened)
	if err != nil {
		return Manifest{}, damaged(err)
	}
	defer unpacked.Close()
	return unpack(tar.NewReader(unpacked), dir)
}

func damaged(err error) error { return errors.Join(fault.New("backup.damaged"), err) }

func unpack(t *tar.Reader, dir string) (m Manifest, err error) {
	head, err := t.Next()
	if err != nil || head.Name != manifestName || head.Size > maxManifest {
		return m, damaged(errors.Join(err, errors.New("no manifest")))
	}
	if err := json.NewDecoder(t).Decode(&m); err != nil {
		return m, damaged(err)
	}
	if m.Version != Version {
		return m, fault.New("backup.newer", "found", m.Version, "known", Version)
	}
	if err := m.check(); err != nil {
		return m, damaged(err)
	}
	for _, f := range m.Files {
		head, err := t.Next()
		if err != nil || head.Name != f.Name || head.Size != f.Size {
			return m, damaged(errors.Join(err, fmt.Errorf("%s is not what the manifest says", f.Name)))
		}
		if err := unpackFile(t, filepath.Join(dir, f.Name), f.Size); err != nil {
			return m, err
		}
	}
	if _, err := t.Next(); !errors.Is(err, io.EOF) { // age and zstd check their ends here
		return m, damaged(errors.Join(err, errors.New("more than the manifest says")))
	}
	return m, nil
}

// check refuses names that would leave the folder, and more than fits.
func (m Manifest) check() error {
	total := int64(0)
	var names []string
	for _, f := range m.Files {
		if f.Size < 0 || f.Size > maxBytes || !fs.ValidPath(f.Name) || f.Name == "." || filepath.Base(f.Name) != f.Name || !filepath.IsLocal(f.Name) || slices.Contains(names, f.Name) {
			return fmt.Errorf("file %q", f.Name)
		}
		total, names = total+f.Size, append(names, f.Name)
	}
	if len(names) > maxFiles || total > maxBytes {
		return errors.New("too much")
	}
	return nil
}

func unpackFile(r io.Reader, path string, size int64) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	source := &reader{r: r}
	_, err = io.CopyN(f, source, size)
	if source.err != nil {
		err = damaged(source.err)
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}

// reader remembers that reading failed: then the backup is damaged, where a
// failing write is the disk's.
type reader struct {
	r   io.Reader
	err error
}

func (r *reader) Read(p []byte) (int, error) {
	n, err := r.r.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		r.err = err
	}
	return n, err
}
