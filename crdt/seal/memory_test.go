package seal_test

import (
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"math/rand/v2"
	"testing"

	"jishan/crdt/seal"
	"jishan/crdt/wire"
)

// TestRemember: what was proven once stays proven, and nothing beside it.
func TestRemember(t *testing.T) {
	defer seal.Remember()()
	rng := rand.NewChaCha8([32]byte{1})
	_, device, err := ed25519.GenerateKey(rng)
	if err != nil {
		t.Fatal(err)
	}
	inc, err := seal.NewIncarnation(rng, device, 1)
	if err != nil {
		t.Fatal(err)
	}
	other, err := seal.NewIncarnation(rng, device, 2)
	if err != nil {
		t.Fatal(err)
	}
	h := wire.Hash(sha256.Sum256([]byte("a change")))
	s := inc.Seal("doc", 7, h)
	for range 2 {
		if err := seal.Verify(inc.Certificate, "doc", 7, h, s); err != nil {
			t.Fatal(err)
		}
	}
	for range 2 {
		if err := inc.Certificate.Verify(); err != nil {
			t.Fatal(err)
		}
	}
	bent := s
	bent[3] ^= 1
	for name, err := range map[string]error{
		"another document": seal.Verify(inc.Certificate, "doc2", 7, h, s),
		"another place":    seal.Verify(inc.Certificate, "doc", 8, h, s),
		"another change":   seal.Verify(inc.Certificate, "doc", 7, wire.Hash{1}, s),
		"another seal":     seal.Verify(inc.Certificate, "doc", 7, h, bent),
		"another author":   seal.Verify(other.Certificate, "doc", 7, h, s),
	} {
		if !errors.Is(err, seal.ErrSeal) {
			t.Errorf("%s passes: %v", name, err)
		}
	}
	for i, bend := range []func(*seal.Certificate){
		func(c *seal.Certificate) { c.Made++ }, func(c *seal.Certificate) { c.Device[1] ^= 1 }, func(c *seal.Certificate) { c.Own = other.Own },
	} {
		c := inc.Certificate
		if bend(&c); !errors.Is(c.Verify(), seal.ErrCertificate) {
			t.Errorf("certificate %d passes", i)
		}
	}
}
