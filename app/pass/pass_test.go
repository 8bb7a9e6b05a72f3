package pass

import (
	"bytes"
	"crypto/ed25519"
	"flag"
	"os"
	"strings"
	"testing"

	qrcode "github.com/skip2/go-qrcode"
	"pgregory.net/rapid"

	"jishan/app/coded"
	"jishan/app/fault"
	"jishan/crdt/seal"
)

var update = flag.Bool("update", false, "write golden files that are missing")

// issuer is an incarnation that is the same in every run.
func issuer(t testing.TB, seed byte) *seal.Incarnation {
	t.Helper()
	device := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{seed}, ed25519.SeedSize))
	inc, err := seal.NewIncarnation(bytes.NewReader(bytes.Repeat([]byte{seed + 1}, 32)), device, 1_780_000_000_000)
	if err != nil {
		t.Fatal(err)
	}
	return &inc
}

func sample(inc *seal.Incarnation) *Pass {
	return &Pass{
		Community: [8]byte{5, 6, 7}, Person: [16]byte{1, 2, 3, 4}, Level: "l5", Life: 1230,
		From: 1_780_000_000, Until: 1_790_000_000, Masked: "张*芳", Certificate: inc.Certificate,
	}
}

func text(t testing.TB, p *Pass, inc *seal.Incarnation) string {
	t.Helper()
	s, err := p.Text(inc.Private)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func code(err error) string { return fault.Of(err).Code }

// What was printed once is read for ever, and written again byte for byte.
func TestGolden(t *testing.T) {
	const file = "testdata/pass-1.txt"
	inc := issuer(t, 7)
	made := text(t, sample(inc), inc)
	if _, err := os.Stat(file); err != nil && *update {
		if err := os.WriteFile(file, []byte(made+"\n"), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	kept, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.TrimSpace(string(kept)) != made {
		t.Errorf("version 1 is written otherwise:\n%s\n%s", kept, made)
	}
	u, err := Read(string(kept))
	if err != nil {
		t.Fatal(err)
	}
	if *u.Pass != *sample(inc) || u.Verify() != nil {
		t.Errorf("version 1 is read as %+v", u.Pass)
	}
}

func TestRefusals(t *testing.T) {
	inc := issuer(t, 7)
	good := text(t, sample(inc), inc)
	for name, x := range map[string]struct{ text, code string }{
		"empty": {"", "pass.bad"}, "a voucher": {"JSV1:ABC", "pass.bad"}, "newer": {"JSL2:ABC", "pass.newer"},
		"version 0": {"JSL0:ABC", "pass.damaged"}, "prefix": {"JSL1:", "pass.cut"}, "no base45": {"JSL1:abc", "pass.damaged"},
		"too long": {"JSL1:" + strings.Repeat("0", MaxText), "pass.damaged"}, "more behind it": {good + "00", "pass.damaged"},
		"blanks": {" " + good + "\r\n", ""},
	} {
		if _, err := Read(x.text); x.code == "" && err != nil || x.code != "" && code(err) != x.code {
			t.Errorf("%s: %v, want %q", name, err, x.code)
		}
	}
	for i := 5; i < len(good); i++ {
		if _, err := Read(good[:i]); code(err) != "pass.cut" {
			t.Fatalf("cut after %d characters: %v", i, err)
		}
	}
}

// What no program writes is not read either, whoever signed it.
func TestValuesNobodyWrites(t *testing.T) {
	inc := issuer(t, 7)
	for name, change := range map[string]func(*body){
		"says nothing": func(b *body) { b.Level, b.Life = "", 0 }, "capitals": func(b *body) { b.Level = "L5" },
		"a long level": func(b *body) { b.Level = "l12345678" }, "a key's border": func(b *body) { b.Level = "l/5" },
		"below nothing": func(b *body) { b.Life = -10 }, "told to the point": func(b *body) { b.Life = 1234 },
		"too many": func(b *body) { b.Life = 1 << 50 }, "no first day": func(b *body) { b.From = 0 },
		"backwards": func(b *body) { b.From, b.Until = b.Until, b.From }, "for ever": func(b *body) { b.Until = 1 << 60 },
		"a long name": func(b *body) { b.Masked = strings.Repeat("张", 9) }, "two lines": func(b *body) { b.Masked = "张\n芳" },
		"no certificate": func(b *body) { b.Certificate = []byte{} }, "another version": func(b *body) { b.Version = 2 },
	} {
		p := sample(inc)
		b := body{Version: version, Community: p.Community, Person: p.Person, Level: p.Level, Life: p.Life, From: p.From, Until: p.Until, Masked: p.Masked, Certificate: p.Certificate.Encode()}
		change(&b)
		payload, err := coded.Marshal(b)
		if err != nil {
			t.Fatal(err)
		}
		s, err := format.Write(payload, func(m []byte) []byte { return ed25519.Sign(inc.Private, m) })
		if err != nil {
			t.Fatal(err)
		}
		if _, err := Read(s); code(err) != "pass.damaged" && code(err) != "pass.newer" {
			t.Errorf("%s: %v", name, err)
		}
	}
	if _, err := (&Pass{}).Text(inc.Private); err == nil {
		t.Error("an empty pass is written")
	}
}

// Whatever is changed in a pass's text, it proves nothing else.
func TestMutatedPasses(t *testing.T) {
	inc := issuer(t, 7)
	good := text(t, sample(inc), inc)
	rapid.Check(t, func(t *rapid.T) {
		b := []byte(good)
		for range rapid.IntRange(1, 3).Draw(t, "n") {
			b[rapid.IntRange(5, len(b)-1).Draw(t, "at")] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"[rapid.IntRange(0, 44).Draw(t, "to")]
		}
		if u, err := Read(string(b)); err == nil && u.Verify() == nil && strings.TrimSpace(string(b)) != good {
			t.Fatalf("%q", b)
		}
	})
}

func TestForeignKeysProveNothing(t *testing.T) {
	inc, other := issuer(t, 7), issuer(t, 70)
	u, err := Read(text(t, sample(inc), other)) // signed by another device than its certificate says
	if err != nil || code(u.Verify()) != "pass.forged" {
		t.Errorf("a foreign signature: %v", err)
	}
	p := sample(inc)
	p.Certificate.Sig[0] ^= 1
	u, err = Read(text(t, p, inc))
	if err != nil || code(u.Verify()) != "pass.forged" {
		t.Errorf("a broken certificate: %v", err)
	}
}

func TestDays(t *testing.T) {
	p := sample(issuer(t, 7))
	for now, want := range map[int64]string{
		p.From*1000 - 1: "pass.early", p.From * 1000: "", p.Until * 1000: "", p.Until*1000 + 999: "", p.Until*1000 + 1000: "pass.expired",
	} {
		if err := p.Good(now); want == "" && err != nil || want != "" && code(err) != want {
			t.Errorf("at %d: %v, want %q", now, err, want)
		}
	}
}

// docs/passes.md states these figures.
func TestSize(t *testing.T) {
	inc := issuer(t, 7)
	p := sample(inc)
	p.Level, p.Life, p.Masked = "l1234567", 1<<40/Step*Step, Masked(strings.Repeat("张", 40))
	for name, s := range map[string]string{"usual": text(t, sample(inc), inc), "longest": text(t, p, inc)} {
		q, err := qrcode.New(s, qrcode.Medium)
		if err != nil {
			t.Fatal(err)
		}
		q.DisableBorder = true
		if n := len(q.Bitmap()); len(s) > MaxText || n > 85 {
			t.Errorf("%s: %d characters, %d modules", name, len(s), n)
		}
		t.Logf("%s: %d characters, version %d, %d modules", name, len(s), q.VersionNumber, len(q.Bitmap()))
	}
}

func FuzzRead(f *testing.F) {
	inc := issuer(f, 7)
	f.Add(text(f, sample(inc), inc))
	f.Fuzz(func(t *testing.T, s string) {
		if u, err := Read(s); err == nil {
			if _, err := u.Text(inc.Private); err != nil {
				t.Errorf("read but not written: %v", err)
			}
		}
	})
}
