package bundle

import (
	"bytes"
	"errors"
	"iter"
	"math/rand/v2"
	"testing"

	"filippo.io/age"
)

func framesOf(list ...[]byte) iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		for _, f := range list {
			if !yield(f, nil) {
				return
			}
		}
	}
}

func write(t *testing.T, id *age.X25519Identity, list ...[]byte) []byte {
	t.Helper()
	var b bytes.Buffer
	h := Header{From: make([]byte, 32), To: bytes.Repeat([]byte{2}, 32), Community: "c", Made: 7}
	n, err := Write(&b, h, id.Recipient().String(), framesOf(list...))
	if err != nil || n != len(list) {
		t.Fatalf("%d frames: %v", n, err)
	}
	return b.Bytes()
}

func identity(t *testing.T) *age.X25519Identity {
	t.Helper()
	id, err := age.GenerateX25519Identity()
	if err != nil {
		t.Fatal(err)
	}
	return id
}

func TestRoundTrip(t *testing.T) {
	id := identity(t)
	want := [][]byte{[]byte("one"), {}, bytes.Repeat([]byte{3}, MaxFrame)}
	r, err := Open(bytes.NewReader(write(t, id, want...)), id)
	if err != nil || r.Community != "c" || r.Made != 7 {
		t.Fatalf("%v %+v", err, r)
	}
	for range 2 { // frames can be read again
		i := 0
		for f, err := range r.Frames() {
			if err != nil || !bytes.Equal(f, want[i]) {
				t.Fatalf("frame %d: %v", i, err)
			}
			i++
		}
		if i != len(want) {
			t.Fatalf("%d frames", i)
		}
	}
}

func TestRefused(t *testing.T) {
	id := identity(t)
	good := write(t, id, []byte("one"), bytes.Repeat([]byte{9}, 100_000))
	if _, err := Open(bytes.NewReader(good), identity(t)); !errors.Is(err, ErrRecipient) {
		t.Errorf("another device's: %v", err)
	}
	if _, err := Open(bytes.NewReader([]byte("PK\x03\x04 not a bundle\n")), id); !errors.Is(err, ErrMalformed) {
		t.Errorf("a zip: %v", err)
	}
	if _, err := ReadHeader(bytes.NewReader(bytes.Replace(good, []byte("BUNDLE 1"), []byte("BUNDLE 2"), 1))); !errors.Is(err, ErrNewer) {
		t.Errorf("newer: %v", err)
	}
	seed := rand.Uint64()
	t.Logf("seed %d", seed)
	rng := rand.New(rand.NewPCG(seed, 0))
	for range 300 {
		cut := rng.IntN(len(good))
		if _, err := Open(bytes.NewReader(good[:cut]), id); err == nil {
			t.Fatalf("cut at %d is not noticed", cut)
		}
		bad := bytes.Clone(good)
		at := rng.IntN(len(bad))
		bad[at] ^= 1 << rng.IntN(8)
		if _, err := Open(bytes.NewReader(bad), id); err == nil {
			t.Fatalf("a changed bit at %d is not noticed", at)
		}
	}
}
