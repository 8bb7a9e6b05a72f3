package node

import (
	"crypto/rand"
	"errors"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"jishan/app/fault"
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
