package govern

import (
	"errors"
	"strings"
	"testing"

	"jishan/app/fault"

	"pgregory.net/rapid"
)

func TestRecoveryKeyRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		k := RecoveryKey(rapid.SliceOfN(rapid.Byte(), 32, 32).Draw(t, "seed"))
		text := k.String()
		for _, form := range []string{text, strings.ToLower(text), strings.ReplaceAll(text, "-", " \n"), strings.ReplaceAll(text, "0", "O")} {
			got, err := ParseRecoveryKey(form)
			if err != nil || got != k {
				t.Fatalf("%q: %v", form, err)
			}
		}
	})
}

func TestRecoveryKeyTypos(t *testing.T) {
	k := RecoveryKey{1, 2, 3, 200, 31: 77}
	text := k.String()
	for i, c := range text {
		if c == '-' {
			continue
		}
		for _, r := range recoveryAlphabet {
			if r == c {
				continue
			}
			_, err := ParseRecoveryKey(text[:i] + string(r) + text[i+1:])
			f := fault.Of(err)
			if f.Code != "govern.recovery.group" || f.Params["group"] != i/6+1 {
				t.Fatalf("character %d as %c: %v", i, r, err)
			}
		}
	}
}

func TestRecoveryKeySwaps(t *testing.T) {
	text := RecoveryKey{9, 8, 7, 31: 3}.String()
	b := []byte(text)
	for i := 0; i+1 < len(b); i++ {
		if i%6 >= 3 || b[i] == b[i+1] { // neighbours among a group's data
			continue
		}
		c := append([]byte(nil), b...)
		c[i], c[i+1] = c[i+1], c[i]
		if _, err := ParseRecoveryKey(string(c)); err == nil {
			t.Errorf("swap at %d not found", i)
		}
	}
	groups := strings.Split(text, "-")
	groups[2], groups[5] = groups[5], groups[2]
	if _, err := ParseRecoveryKey(strings.Join(groups, "-")); groups[2] != groups[5] && err == nil {
		t.Error("swapped groups not found")
	}
}

func TestRecoveryKeyLength(t *testing.T) {
	for _, s := range []string{"", "abc", RecoveryKey{}.String()[:70], RecoveryKey{}.String() + "0"} {
		if _, err := ParseRecoveryKey(s); !errors.Is(err, fault.New("govern.recovery.length")) {
			t.Errorf("%q: %v", s, err)
		}
	}
	if _, err := ParseRecoveryKey("中文"); err == nil {
		t.Error("Chinese text accepted")
	}
}
