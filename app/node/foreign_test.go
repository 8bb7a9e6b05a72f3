package node

import (
	"bytes"
	"crypto/rand"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/crdt/store"
)

// A database of another community, copied into this folder, is refused, and
// nothing of it is mixed with this one: with the right file back all is there.
func TestForeignDatabase(t *testing.T) {
	mine, other := found(t), found(t)
	id := mine.must("people.register", person("王五", "13900000005"))["id"]
	mine.stop()
	other.stop()
	at := filepath.Join(mine.dir, databaseFile)
	right, err := os.ReadFile(at)
	if err != nil {
		t.Fatal(err)
	}
	wrong, err := os.ReadFile(filepath.Join(other.dir, databaseFile))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(at, wrong, 0o600); err != nil {
		t.Fatal(err)
	}
	n, err := Open(t.Context(), Config{Data: mine.dir, P2P: []string{"127.0.0.1:0"}, Version: "test", Clock: time.Now, Rand: rand.Reader, Log: slog.New(slog.DiscardHandler)})
	if !errors.Is(err, fault.New("data.foreign")) {
		if n != nil {
			_ = n.Close()
		}
		t.Fatalf("a foreign database: %v", err)
	}
	if err := os.WriteFile(at, right, 0o600); err != nil {
		t.Fatal(err)
	}
	mine = start(t, mine.dir)
	if p := mine.person(id); p["name"] != "王五" {
		t.Errorf("with the right file back: %v", p)
	}
}

// A folder that has lost its database or its key is refused, and nothing new
// is put in its place: with the file back all is there.
func TestLostFiles(t *testing.T) {
	d := found(t)
	id := d.must("people.register", person("王五", "13900000005"))["id"]
	d.stop()
	for _, name := range []string{databaseFile, govern.DeviceFile} {
		for _, rest := range []string{"nothing", "an empty file"} {
			at := filepath.Join(d.dir, name)
			right, err := os.ReadFile(at)
			if err == nil {
				err = os.Remove(at)
			}
			if err == nil && rest != "nothing" {
				err = os.WriteFile(at, nil, 0o600)
			}
			if err != nil {
				t.Fatal(err)
			}
			n, err := Open(t.Context(), Config{Data: d.dir, P2P: []string{"127.0.0.1:0"}, Version: "test", Clock: time.Now, Rand: rand.Reader, Log: slog.New(slog.DiscardHandler)})
			if !errors.Is(err, fault.New("data.lost")) {
				if n != nil {
					_ = n.Close()
				}
				t.Fatalf("%s of %s: %v", rest, name, err)
			}
			if err := os.WriteFile(at, right, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	d = start(t, d.dir)
	if p := d.person(id); p["name"] != "王五" {
		t.Errorf("with the files back: %v", p)
	}
}

// A database that opens but holds no charter has lost its log: it is refused, and
// nothing is written into it.
func TestDatabaseWithoutCharter(t *testing.T) {
	d := found(t)
	id := d.must("people.register", person("王五", "13900000005"))["id"]
	d.stop()
	at := filepath.Join(d.dir, databaseFile)
	right, err := os.ReadFile(at)
	if err != nil {
		t.Fatal(err)
	}
	bare := filepath.Join(t.TempDir(), databaseFile)
	st, err := store.Open(t.Context(), store.Config{Path: bare, Clock: d.now, Rand: rand.Reader, Shape: func(store.DocID) (store.Shape, error) { return store.Records, nil }})
	if err == nil {
		err = st.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	wrong, err := os.ReadFile(bare)
	if err == nil {
		err = os.WriteFile(at, wrong, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
	n, err := Open(t.Context(), Config{Data: d.dir, P2P: []string{"127.0.0.1:0"}, Version: "test", Clock: time.Now, Rand: rand.Reader, Log: slog.New(slog.DiscardHandler)})
	f, _ := errors.AsType[*fault.Fault](err)
	if f == nil || f.Code != "data.lost" || f.Params["file"] != databaseFile+"-wal" {
		if n != nil {
			_ = n.Close()
		}
		t.Fatalf("a database without a charter: %v", err)
	}
	if now, err := os.ReadFile(at); err != nil || !bytes.Equal(now, wrong) {
		t.Errorf("something was written: %v", err)
	}
	if err := os.WriteFile(at, right, 0o600); err != nil {
		t.Fatal(err)
	}
	d = start(t, d.dir)
	if p := d.person(id); p["name"] != "王五" {
		t.Errorf("with the right file back: %v", p)
	}
}
