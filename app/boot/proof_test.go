package boot

import (
	"crypto/ed25519"
	"crypto/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jishan/crdt/seal"
)

// A fork proof that was saved to a file is checked without any data folder;
// one that was changed by a bit proves nothing.
func TestDocProof(t *testing.T) {
	_, device, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	inc, err := seal.NewIncarnation(rand.Reader, device, 1)
	if err != nil {
		t.Fatal(err)
	}
	branch := func(n byte) seal.Branch {
		h := [32]byte{n}
		return seal.Branch{Hash: h, Seal: inc.Seal("feed", 7, h)}
	}
	p, err := seal.NewForkProof(inc.Certificate, "feed", 7, branch(1), branch(2))
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "fork.proof")
	b := p.Encode()
	for _, c := range []struct {
		flip int
		code int
		say  string
	}{{-1, 0, "number 7 of feed"}, {len(b) - 1, exitFailed, "proves nothing"}, {len(b) / 2, exitFailed, "proves nothing"}} {
		x := append([]byte{}, b...)
		if c.flip >= 0 {
			x[c.flip] ^= 1
		}
		if err := os.WriteFile(file, x, 0o600); err != nil {
			t.Fatal(err)
		}
		if got := run(t, "doc", "proof", file); got.code != c.code || !strings.Contains(got.out+got.err, c.say) {
			t.Errorf("%d: %+v", c.flip, got)
		}
	}
	if got := run(t, "doc", "proof", file+"x"); got.code != exitFailed {
		t.Errorf("no file: %+v", got)
	}
}
