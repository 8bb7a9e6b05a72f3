package wire

import (
	"bytes"
	"encoding/hex"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite testdata/golden")

// The bytes of a change are what seals sign and what other devices stored
// years ago: they never change. A new way to write changes gets a new folder.
func TestGolden(t *testing.T) {
	gone := small()
	gone.Ops[0].Delete = true
	plain := &Change{Actor: someActor(1), Seq: 1, StartOp: 1, Ops: []Op{{Key: "people/1/name", Value: StringValue("居民甲")}}}
	for name, c := range map[string]*Change{"first": plain, "put": small(), "delete": gone, "every-type": wide()} {
		chunk, hash := encode(t, c)
		file := filepath.Join("testdata", "golden", "v1", name+".hex")
		want := fmt.Sprintf("%s\n%s\n", hash, wrapHex(chunk))
		if *update {
			if err := os.WriteFile(file, []byte(want), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if string(got) != want {
			t.Errorf("%s: encodes to\n%s", name, want)
		}
		stored, err := readGolden(got)
		if err != nil {
			t.Fatal(err)
		}
		if back, _, err := Decode(stored); err != nil || !bytes.Equal(stored, chunk) || back.Seq != c.Seq {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// readGolden parses a golden file: the hash, then the chunk, in hexadecimal.
func readGolden(file []byte) (Chunk, error) {
	_, lines, _ := strings.Cut(string(file), "\n")
	return hex.DecodeString(strings.ReplaceAll(lines, "\n", ""))
}

func wrapHex(b []byte) string {
	var lines []string
	for len(b) > 0 {
		n := min(32, len(b))
		lines = append(lines, hex.EncodeToString(b[:n]))
		b = b[n:]
	}
	return strings.Join(lines, "\n")
}
