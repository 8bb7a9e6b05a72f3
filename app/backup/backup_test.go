package backup

import (
	"bytes"
	"crypto/ed25519"
	"crypto/rand"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jishan/app/fault"
)

// key draws a recovery key.
func key(t *testing.T) (public [32]byte, private ed25519.PrivateKey) {
	t.Helper()
	pub, private, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return [32]byte(pub), private
}

// sample packs two files.
func sample(t *testing.T, recovery [32]byte, m Manifest) ([]byte, map[string][]byte) {
	t.Helper()
	dir := t.TempDir()
	files := map[string][]byte{"jishan.db": []byte(strings.Repeat("a page ", 100_000)), "device.key": {}}
	var sources []Source
	for name, b := range files {
		path := filepath.Join(dir, "source-"+name)
		if err := os.WriteFile(path, b, 0o600); err != nil {
			t.Fatal(err)
		}
		sources = append(sources, Source{name, path})
	}
	var out bytes.Buffer
	if err := Write(&out, recovery, m, sources); err != nil {
		t.Fatal(err)
	}
	return out.Bytes(), files
}

func TestThereAndBack(t *testing.T) {
	public, private := key(t)
	b, files := sample(t, public, Manifest{Community: "c", Device: "d", Made: 1_700_000_000_000})
	if bytes.Contains(b, []byte("a page")) || bytes.Contains(b, []byte("jishan.db")) {
		t.Error("it is not encrypted")
	}
	dir := t.TempDir()
	m, err := Read(bytes.NewReader(b), private, dir)
	if err != nil || m.Community != "c" || m.Device != "d" || m.Made != 1_700_000_000_000 || len(m.Files) != 2 {
		t.Fatal(m, err)
	}
	for name, want := range files {
		if got, err := os.ReadFile(filepath.Join(dir, name)); err != nil || !bytes.Equal(got, want) {
			t.Errorf("%s: %d bytes, %v", name, len(got), err)
		}
	}
}

func TestAnotherKey(t *testing.T) {
	public, _ := key(t)
	_, other := key(t)
	b, _ := sample(t, public, Manifest{})
	if _, err := Read(bytes.NewReader(b), other, t.TempDir()); !errors.Is(err, fault.New("backup.key")) {
		t.Error(err)
	}
}

// Whatever is cut or changed is noticed: age authenticates every piece, and
// that the last one is the last.
func TestDamaged(t *testing.T) {
	public, private := key(t)
	b, _ := sample(t, public, Manifest{})
	for _, cut := range []int{0, 1, 30, len(b) / 2, len(b) - 1} {
		if _, err := Read(bytes.NewReader(b[:cut]), private, t.TempDir()); !errors.Is(err, fault.New("backup.damaged")) {
			t.Errorf("cut at %d: %v", cut, err)
		}
	}
	for at := 0; at < len(b); at += 1 + len(b)/200 {
		bad := bytes.Clone(b)
		bad[at] ^= 1
		if _, err := Read(bytes.NewReader(bad), private, t.TempDir()); !errors.Is(err, fault.New("backup.damaged")) && !errors.Is(err, fault.New("backup.key")) {
			t.Errorf("a bit at %d: %v", at, err)
		}
	}
	if _, err := Read(bytes.NewReader(append(bytes.Clone(b), 0)), private, t.TempDir()); !errors.Is(err, fault.New("backup.damaged")) {
		t.Error("a longer one:", err)
	}
}

// Names in a manifest never lead out of the folder.
func TestForgedManifest(t *testing.T) {
	for _, files := range [][]File{
		{{Name: "../x"}}, {{Name: "/x"}}, {{Name: "a/b"}}, {{Name: ""}}, {{Name: "."}}, {{Name: ".."}}, {{Name: "a"}, {Name: "a"}},
		{{Name: "a", Size: -1}}, {{Name: "a", Size: maxBytes}, {Name: "b", Size: 1}}, make([]File, maxFiles+1),
	} {
		if (Manifest{Files: files}).check() == nil {
			t.Errorf("%v is allowed", files)
		}
	}
}
