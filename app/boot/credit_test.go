package boot

import (
	"crypto/ed25519"
	"encoding/hex"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"jishan/app/credit"
	"jishan/app/people"
)

// A bank checks a certificate with the community's page alone.
func TestCreditCommand(t *testing.T) {
	key := ed25519.NewKeyFromSeed(make([]byte, ed25519.SeedSize))
	now := time.Now().UnixMilli()
	c := credit.Certificate{Community: people.ID{1}.String(), Place: "柳溪社区", Line: "01jdb3cv6h000000000000z7k4", Version: 1, Name: "张三", IDTail: "123X",
		Points: 90, Basis: credit.Lifetime, Amount: 200_000, Made: now, Until: now + 1_000_000}
	text, err := c.Text(key)
	if err != nil {
		t.Fatal(err)
	}
	save := func(lines ...credit.Line) string {
		signer := credit.Signer{Key: hex.EncodeToString(key.Public().(ed25519.PublicKey)), Name: "1 号电脑"}
		b, err := credit.NewKit(c.Community, c.Place, now, []credit.Signer{signer}, lines).Page()
		if err != nil {
			t.Fatal(err)
		}
		at := filepath.Join(t.TempDir(), "page.html")
		if err := os.WriteFile(at, b, 0o600); err != nil {
			t.Fatal(err)
		}
		return at
	}
	page := save()
	if got := run(t, "credit", page, text); got.code != exitOK || !strings.Contains(got.out, "in force") || !strings.Contains(got.out, "CNY 200000, suggested for 90 points") {
		t.Errorf("%d %s%s", got.code, got.out, got.err)
	}
	void := save(credit.Line{ID: c.Line, State: credit.Withdrawn, Until: c.Until})
	if got := run(t, "credit", void, text); got.code != exitFailed || !strings.Contains(got.out, "consent was withdrawn") {
		t.Errorf("%d %s%s", got.code, got.out, got.err)
	}
	for says, args := range map[string][]string{
		"cut off":                {"credit", page, text[:len(text)-8]},
		"no credit certificate":  {"credit", page, "hello"},
		"no check page":          {"credit", os.Args[0], text},
		"is not genuine":         {"credit", page, forged(t, c, key)},
		"is not there":           {"credit", page + "x", text},
		"not in the check page":  {"credit", page, forged(t, c, nil)},
		"an argument is missing": {"credit", page},
	} {
		if got := run(t, args...); got.code == exitOK || !strings.Contains(got.err, says) {
			t.Errorf("%s: %d %s%s", says, got.code, got.out, got.err)
		}
	}
}

// forged is a certificate in key's name that another key signed; with no key one
// that another device signed in its own name.
func forged(t *testing.T, c credit.Certificate, key ed25519.PrivateKey) string {
	t.Helper()
	other := ed25519.NewKeyFromSeed([]byte(strings.Repeat("x", ed25519.SeedSize)))
	if key != nil {
		other = append(other[:32:32], key[32:]...) // says it is key, signs as itself
	}
	text, err := c.Text(other)
	if err != nil {
		t.Fatal(err)
	}
	return text
}
