package seal

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"jishan/crdt/wire"
)

var updateGolden = flag.Bool("update", false, "write the golden files anew")

const testDoc = "00000000000000000000000000.1/feed/x/1"

func testDevice() ed25519.PrivateKey {
	return ed25519.NewKeyFromSeed(bytes.Repeat([]byte{1}, ed25519.SeedSize))
}

func testIncarnation(t *testing.T) Incarnation {
	t.Helper()
	i, err := NewIncarnation(bytes.NewReader(bytes.Repeat([]byte{2}, 32)), testDevice(), 1_700_000_000_000)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// TestGolden fixes every format of this package: version 1 must stay readable
// for ever.
func TestGolden(t *testing.T) {
	i := testIncarnation(t)
	s := i.Seal(testDoc, 7, wire.Hash{3})
	c := Context{Term: 1, Seq: 42, Head: [16]byte{1, 2, 3}, Operator: "李 %", Action: "activity.publish"}
	p, err := NewForkProof(i.Certificate, testDoc, 7,
		Branch{Hash: wire.Hash{3}, Seal: s}, Branch{Hash: wire.Hash{1}, Seal: i.Seal(testDoc, 7, wire.Hash{1})})
	if err != nil {
		t.Fatal(err)
	}
	l := Lock{Version: 1, Incarnation: i.Actor(), Commit: 12, Tip: [32]byte{4}, Fingerprint: [32]byte{5}}
	var b strings.Builder
	for _, line := range []struct {
		name  string
		bytes []byte
	}{
		{"actor", actorBytes(i)}, {"certificate", i.Encode()}, {"seal", s[:]}, {"fork", p.Encode()}, {"lock", l.encode()},
		{"run", EncodeRun([]Sealed{{Chunk: wire.Chunk("a")}, {Chunk: wire.Chunk("b"), Seal: &s}})},
	} {
		fmt.Fprintf(&b, "%s %s\n", line.name, hex.EncodeToString(line.bytes))
	}
	fmt.Fprintf(&b, "context %s\ndevice %s\n", c, Device{testDevice().Public().(ed25519.PublicKey)})
	path := filepath.Join("testdata", "golden-1.txt")
	if *updateGolden {
		if err := os.WriteFile(path, []byte(b.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if b.String() != string(want) {
		t.Errorf("formats changed:\n%s", b.String())
	}
}

func actorBytes(i Incarnation) []byte {
	a := i.Actor()
	return a[:]
}

func TestSealCoversEverything(t *testing.T) {
	i := testIncarnation(t)
	h := wire.Hash{3}
	s := i.Seal(testDoc, 7, h)
	if err := Verify(i.Certificate, testDoc, 7, h, s); err != nil {
		t.Fatal(err)
	}
	other, err := NewIncarnation(bytes.NewReader(bytes.Repeat([]byte{9}, 32)), testDevice(), 1)
	if err != nil {
		t.Fatal(err)
	}
	flipped := s
	flipped[63] ^= 1
	for name, err := range map[string]error{
		"document":    Verify(i.Certificate, testDoc+"1", 7, h, s),
		"seq":         Verify(i.Certificate, testDoc, 8, h, s),
		"hash":        Verify(i.Certificate, testDoc, 7, wire.Hash{4}, s),
		"incarnation": Verify(other.Certificate, testDoc, 7, h, s),
		"signature":   Verify(i.Certificate, testDoc, 7, h, flipped),
	} {
		if !errors.Is(err, ErrSeal) {
			t.Errorf("%s is not covered: %v", name, err)
		}
	}
}

func TestCertificate(t *testing.T) {
	i := testIncarnation(t)
	c, err := DecodeCertificate(i.Encode())
	if err != nil || c != i.Certificate || c.Verify() != nil {
		t.Fatal(c, err)
	}
	raw := i.Encode()
	for n := range raw {
		bad := bytes.Clone(raw)
		bad[n] ^= 0x10
		if c, err := DecodeCertificate(bad); err == nil && c.Verify() == nil {
			t.Errorf("byte %d may be anything", n)
		}
	}
	// another device can't claim the incarnation: it lacks the second signature
	thief := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{8}, 32))
	stolen := i.Certificate
	stolen.Device = [32]byte(thief.Public().(ed25519.PublicKey))
	stolen.Sig = [64]byte(ed25519.Sign(thief, stolen.statement()))
	if err := stolen.Verify(); !errors.Is(err, ErrCertificate) {
		t.Fatal(err)
	}
	if _, err := DecodeCertificate(append(raw, 0)); !errors.Is(err, ErrMalformed) {
		t.Fatal(err)
	}
}

func TestContext(t *testing.T) {
	for _, c := range []Context{
		{}, {Action: "genesis"}, {Operator: "-", Action: "a b"}, {Term: 3, Seq: 9, Head: [16]byte{255}, Operator: "王%20", Action: "x"},
		{Operator: "\x00\x7f\xff", Action: "-"},
	} {
		got, err := ParseContext(c.String())
		if err != nil || got != c {
			t.Errorf("%q: %+v %v", c.String(), got, err)
		}
		if strings.Count(c.String(), " ") != 3 {
			t.Errorf("%q has not four words", c.String())
		}
	}
	good := Context{Term: 1, Seq: 2, Head: [16]byte{1}, Operator: "op", Action: "act"}.String()
	for _, s := range []string{
		"", "hello", good + " ", " " + good, strings.Replace(good, "1 1", "2 1", 1), strings.Replace(good, "1.2", "01.2", 1),
		strings.Replace(good, "op", "o%70", 1), strings.Replace(good, "op", "%7", 1), good[:len(good)-8] + "  ", strings.Repeat("a", 300),
		strings.Replace(good, "1.2.", "1.2.-", 1), strings.Replace(good, "op", "%6F%70", 1), strings.Replace(good, "op", "%e7", 1),
	} {
		if c, err := ParseContext(s); err == nil {
			t.Errorf("%q was read as %+v", s, c)
		}
	}
}

func TestForkProofRefusals(t *testing.T) {
	i := testIncarnation(t)
	a := Branch{Hash: wire.Hash{1}, Seal: i.Seal(testDoc, 7, wire.Hash{1})}
	b := Branch{Hash: wire.Hash{2}, Seal: i.Seal(testDoc, 7, wire.Hash{2})}
	p, err := NewForkProof(i.Certificate, testDoc, 7, b, a)
	if err != nil {
		t.Fatal(err)
	}
	if q, err := DecodeForkProof(p.Encode()); err != nil || q.ID() != p.ID() || q.Branch[0].Hash != a.Hash {
		t.Fatal(q, err)
	}
	late := Branch{Hash: wire.Hash{2}, Seal: i.Seal(testDoc, 8, wire.Hash{2})}
	chained := b
	chained.Chain = []wire.Chunk{wire.Chunk("rubbish")}
	for name, try := range map[string]func() (ForkProof, error){
		"one change":     func() (ForkProof, error) { return NewForkProof(i.Certificate, testDoc, 7, a, a) },
		"other sequence": func() (ForkProof, error) { return NewForkProof(i.Certificate, testDoc, 7, a, late) },
		"other document": func() (ForkProof, error) { return NewForkProof(i.Certificate, testDoc+"x", 7, a, b) },
		"broken chain":   func() (ForkProof, error) { return NewForkProof(i.Certificate, testDoc, 7, a, chained) },
		"cut off":        func() (ForkProof, error) { return DecodeForkProof(p.Encode()[:200]) },
		"empty":          func() (ForkProof, error) { return DecodeForkProof(nil) },
	} {
		if _, err := try(); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}

func TestLockFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "lock")
	if _, err := ReadLock(path); !errors.Is(err, ErrNoLock) {
		t.Fatal(err)
	}
	f := &LockFile{Path: path, Fingerprint: [32]byte{7}}
	for n := range uint64(5) {
		if err := f.Write(Lock{Incarnation: wire.Actor{1}, Commit: n, Tip: [32]byte{byte(n)}}, n == 3); err != nil {
			t.Fatal(err)
		}
		l, err := f.Read()
		if err != nil || l.Commit != n || l.Tip[0] != byte(n) || l.Fingerprint[0] != 7 {
			t.Fatal(l, err)
		}
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	// a torn write of the newest record leaves the one before
	torn := bytes.Clone(whole)
	clear(torn[50:90])
	if err := os.WriteFile(path, torn, 0o600); err != nil {
		t.Fatal(err)
	}
	l, err := ReadLock(path)
	if err != nil || l.Commit != 3 {
		t.Fatal(l, err)
	}
	// and the next write replaces the torn one
	if err := f.Write(Lock{Incarnation: wire.Actor{1}, Commit: 9}, true); err != nil {
		t.Fatal(err)
	}
	if l, err = ReadLock(path); err != nil || l.Commit != 9 {
		t.Fatal(l, err)
	}
	if err := f.Reset(Lock{Incarnation: wire.Actor{2}, Commit: 1}); err != nil {
		t.Fatal(err)
	}
	if l, err = ReadLock(path); err != nil || l.Commit != 1 || l.Incarnation != (wire.Actor{2}) {
		t.Fatal(l, err)
	}
	if err := f.Close(); err != nil {
		t.Fatal(err)
	}
}

func FuzzDecode(f *testing.F) {
	i, err := NewIncarnation(bytes.NewReader(bytes.Repeat([]byte{2}, 32)), testDevice(), 5)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(i.Encode())
	f.Add(EncodeRun([]Sealed{{Chunk: wire.Chunk("a")}}))
	f.Fuzz(func(t *testing.T, b []byte) {
		if c, err := DecodeCertificate(b); err == nil && !bytes.Equal(c.Encode(), b) {
			t.Error("certificate encodes otherwise")
		}
		if p, err := DecodeForkProof(b); err == nil && !bytes.Equal(p.Encode(), b) {
			t.Error("fork proof encodes otherwise")
		}
		if c, err := ParseContext(string(b)); err == nil && c.String() != string(b) {
			t.Error("context writes otherwise")
		}
		_, _ = DecodeRun(b)
	})
}
