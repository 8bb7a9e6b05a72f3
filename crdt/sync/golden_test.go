package sync

import (
	"encoding/hex"
	"os"
	"strings"
	"testing"

	"jishan/crdt/store"
)

const goldenFile = "testdata/frames-1.txt"

// TestGolden pins the bytes of version 1: what a device with three documents
// and one without any tell each other. After a deliberate change of the format
// raise Version and write a new file with JISHAN_GOLDEN=1.
func TestGolden(t *testing.T) {
	full, empty := newShelf(t), &shelf{docs: map[store.DocID][]store.Stored{}, items: map[string][]store.Item{}}
	a, b := full.session(t), empty.session(t)
	b.nonce = [nonceSize]byte{9}
	var lines []string
	for range 12 {
		toB, toA := takeAll(a), takeAll(b)
		for _, f := range toB {
			lines = append(lines, "> "+hex.EncodeToString(f))
			if err := b.Handle(f); err != nil {
				t.Fatal(err)
			}
		}
		for _, f := range toA {
			lines = append(lines, "< "+hex.EncodeToString(f))
			if err := a.Handle(f); err != nil {
				t.Fatal(err)
			}
		}
	}
	got := strings.Join(lines, "\n") + "\n"
	if os.Getenv("JISHAN_GOLDEN") != "" {
		if err := os.WriteFile(goldenFile, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(goldenFile)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("the frames of version %d have changed:\n%s", Version, got)
	}
}

func takeAll(s *Session) (out [][]byte) {
	for {
		f, ok := s.Next()
		if !ok {
			return out
		}
		out = append(out, f)
	}
}
