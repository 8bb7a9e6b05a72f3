package voucher

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"flag"
	"os"
	"strings"
	"testing"

	qrcode "github.com/skip2/go-qrcode"
	"pgregory.net/rapid"

	"jishan/app/coded"
	"jishan/app/fault"
	"jishan/crdt/seal"
	"jishan/crdt/wire"
)

var update = flag.Bool("update", false, "write golden files that are missing")

// issuer is an incarnation that is the same in every run.
func issuer(t testing.TB) *seal.Incarnation {
	t.Helper()
	device := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	inc, err := seal.NewIncarnation(bytes.NewReader(bytes.Repeat([]byte{8}, 32)), device, 1_780_000_000_000)
	if err != nil {
		t.Fatal(err)
	}
	return &inc
}

const doc = "00000000000000000000000000.1/feed/x/1"

func sample(t testing.TB, inc *seal.Incarnation, seq uint64, value []byte, certificate bool) *Voucher {
	t.Helper()
	ch := wire.Change{Actor: inc.Actor(), Seq: seq, StartOp: seq, Time: 1_780_000_001_000,
		Message: seal.Context{Term: 1, Seq: 20, Head: [16]byte{1, 2, 3}, Operator: "经办人甲", Action: Action}.String()}
	key := "tx/1"
	if seq == 12 {
		key, ch.Deps = "tx/12", []wire.Hash{{9, 9, 9}}
	}
	ch.Ops = []wire.Op{{Key: key, Value: wire.BytesValue(value)}}
	chunk, h, err := ch.Encode()
	if err != nil {
		t.Fatal(err)
	}
	v := &Voucher{Community: [8]byte{5, 6, 7}, Part: 1, Change: chunk, Seal: inc.Seal(doc, seq, h), Masked: "张*芳"}
	if certificate {
		v.Certificate = &inc.Certificate
	}
	return v
}

// A transaction as long as that of a real voucher.
var value = []byte("\xa4\x01\x01\x03\x50abcdefghijklmnop\x04\x642026\x05\x81\xa5" + strings.Repeat("0123456789", 7))

func text(t testing.TB, v *Voucher, inc *seal.Incarnation) string {
	t.Helper()
	s, err := v.Text(inc.Private)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func code(err error) string { return fault.Of(err).Code }

// The golden files are made once per version and never again.
func TestGolden(t *testing.T) {
	inc := issuer(t)
	for name, v := range map[string]*Voucher{"voucher-1.txt": sample(t, inc, 12, value, false), "voucher-1-certificate.txt": sample(t, inc, 1, value, true)} {
		file := "testdata/" + name
		got := text(t, v, inc)
		want, err := os.ReadFile(file)
		if errors.Is(err, os.ErrNotExist) && *update {
			if err := os.WriteFile(file, []byte(got+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		if got+"\n" != string(want) {
			t.Errorf("%s: written differently:\n%s", name, got)
		}
		u, err := Read(string(want))
		if err != nil {
			t.Fatal(name, err)
		}
		if !bytes.Equal(u.Change, v.Change) || u.Seal != v.Seal || u.Masked != v.Masked || u.Part != 1 || u.Community != v.Community || (u.Certificate == nil) != (v.Certificate == nil) {
			t.Errorf("%s: read differently: %+v", name, u)
		}
		if err := u.Verify(inc.Certificate); err != nil {
			t.Error(name, err)
		}
	}
}

func TestRefusals(t *testing.T) {
	inc := issuer(t)
	good := text(t, sample(t, inc, 12, value, false), inc)
	for name, x := range map[string]struct{ text, code string }{
		"empty": {"", "voucher.bad"}, "a card": {"JS1:ABC", "voucher.bad"}, "an address": {"http://example.invalid/", "voucher.bad"},
		"newer": {"JSV2:ABC", "voucher.newer"}, "much newer": {"JSV12:ABC", "voucher.newer"}, "version 0": {"JSV0:ABC", "voucher.damaged"},
		"prefix": {"JSV", "voucher.cut"}, "prefix and version": {"JSV1", "voucher.cut"}, "only a prefix": {"JSV1:", "voucher.cut"},
		"no base45": {"JSV1:abc", "voucher.damaged"}, "too long": {"JSV1:" + strings.Repeat("0", MaxText), "voucher.damaged"},
		"more behind it": {good + "00", "voucher.damaged"}, "blanks": {" " + good + "\r\n", ""},
	} {
		if _, err := Read(x.text); x.code == "" && err != nil || x.code != "" && code(err) != x.code {
			t.Errorf("%s: %v, want %q", name, err, x.code)
		}
	}
	for i := 5; i < len(good); i++ {
		if _, err := Read(good[:i]); code(err) != "voucher.cut" {
			t.Fatalf("cut after %d characters: %v", i, err)
		}
	}
	inner, err := coded.Marshal([]any{2, "something"})
	if err != nil {
		t.Fatal(err)
	}
	newer, err := coded.Sign1(inner, []byte(format.Domain), func(m []byte) []byte { return ed25519.Sign(inc.Private, m) })
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Read("JSV1:" + coded.Base45(newer)); code(err) != "voucher.newer" {
		t.Errorf("newer inside: %v", err)
	}
}

// Only what a voucher's change looks like can be written as one.
func TestOtherChangesAreNoVouchers(t *testing.T) {
	inc := issuer(t)
	for name, ch := range map[string]wire.Change{
		"another action": {Message: seal.Context{Action: "ledger.move!"}.String()}, "no context": {Message: "hello"},
		"another time": {Message: seal.Context{Action: Action}.String(), StartOp: 9},
	} {
		ch.Actor, ch.Seq, ch.StartOp = inc.Actor(), 1, max(1, ch.StartOp)
		ch.Ops = []wire.Op{{Key: "tx/1", Value: wire.BytesValue(value)}}
		chunk, _, err := ch.Encode()
		if err != nil {
			t.Fatal(name, err)
		}
		if s, err := (&Voucher{Part: 1, Change: chunk}).Text(inc.Private); err == nil {
			t.Errorf("%s: %s", name, s)
		}
	}
}

// Whatever is changed in a voucher's text, it proves nothing else.
func TestMutatedVouchers(t *testing.T) {
	inc := issuer(t)
	good := text(t, sample(t, inc, 12, value, true), inc)
	rapid.Check(t, func(t *rapid.T) {
		b := []byte(good)
		for range rapid.IntRange(1, 3).Draw(t, "n") {
			b[rapid.IntRange(5, len(b)-1).Draw(t, "at")] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"[rapid.IntRange(0, 44).Draw(t, "to")]
		}
		if u, err := Read(string(b)); err == nil && u.Verify(inc.Certificate) == nil && strings.TrimSpace(string(b)) != good {
			t.Fatalf("%q", b)
		}
	})
}

func TestForeignKeysProveNothing(t *testing.T) {
	inc := issuer(t)
	other, err := seal.NewIncarnation(bytes.NewReader(bytes.Repeat([]byte{3}, 32)), ed25519.NewKeyFromSeed(bytes.Repeat([]byte{4}, 32)), 1)
	if err != nil {
		t.Fatal(err)
	}
	u, err := Read(text(t, sample(t, inc, 12, value, false), &other)) // signed by somebody else
	if err != nil || code(u.Verify(inc.Certificate)) != "voucher.forged" || code(u.Verify(other.Certificate)) != "voucher.forged" {
		t.Error("a foreign signature proves a voucher")
	}
	u, err = Read(text(t, sample(t, inc, 12, value, false), inc))
	if err != nil {
		t.Fatal(err)
	}
	broken := inc.Certificate
	broken.Sig[0] ^= 1
	if u.Verify(inc.Certificate) != nil || code(u.Verify(broken)) != "voucher.forged" {
		t.Error("a broken certificate proves a voucher")
	}
}

// docs/vouchers.md states these figures.
func TestSizes(t *testing.T) {
	inc := issuer(t)
	for _, x := range []struct {
		certificate bool
		most        int
		modules     int
	}{{false, 600, 73}, {true, 909, 93}} {
		s := text(t, sample(t, inc, 12, value, x.certificate), inc)
		q, err := qrcode.New(s, qrcode.Medium)
		if err != nil {
			t.Fatal(err)
		}
		q.DisableBorder = true
		if n := len(q.Bitmap()); len(s) > x.most || n > x.modules {
			t.Errorf("certificate %v: %d characters, version %d, %d modules", x.certificate, len(s), q.VersionNumber, n)
		}
		t.Logf("certificate %v: %d characters, version %d, %d modules", x.certificate, len(s), q.VersionNumber, len(q.Bitmap()))
	}
}

func FuzzRead(f *testing.F) {
	inc := issuer(f)
	f.Add(text(f, sample(f, inc, 12, value, true), inc))
	f.Fuzz(func(t *testing.T, s string) {
		if u, err := Read(s); err == nil {
			if _, err := u.Text(inc.Private); err != nil {
				t.Errorf("read but not written: %v", err)
			}
		}
	})
}
