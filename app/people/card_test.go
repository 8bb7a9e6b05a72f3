package people

import (
	"crypto/ed25519"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"jishan/app/coded"
	"jishan/app/fault"
)

var update = flag.Bool("update", false, "write the golden files anew")

var (
	cardKey   = ed25519.NewKeyFromSeed(make([]byte, 32))
	cardHome  = ID{1, 2, 3}.String()
	signedBy  = func([8]byte) [][32]byte { return [][32]byte{{9}, [32]byte(cardKey.Public().(ed25519.PublicKey))} }
	signedNot = func([8]byte) [][32]byte { return nil }
)

func TestGoldenCard(t *testing.T) {
	pin := verifierOf([32]byte{7}, "2580", ID{4, 5, 6}, cardState{2, 1}.code(ID{4, 5, 6}))
	for name, v := range map[string]Verifier{"card-1.txt": {}, "card-2.txt": pin} {
		got, err := cardText(cardKey, cardHome, ID{4, 5, 6}, "张*芳", cardState{Generation: 2, Attempt: 1}, v)
		if err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, []byte(got+"\n"), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil || strings.TrimRight(string(want), "\n") != got {
			t.Errorf("%s: the format changed: %v\n%s", name, err, got)
		}
		p, err := ReadCard(got, cardHome, signedBy)
		if err != nil || p.Person != (ID{4, 5, 6}) || p.Masked != "张*芳" || p.Generation != 2 || p.Code != (cardState{2, 1}).code(ID{4, 5, 6}) || p.PIN != v {
			t.Errorf("%s: %+v %v", name, p, err)
		}
	}
}

func TestCardRefusals(t *testing.T) {
	good, err := cardText(cardKey, cardHome, ID{4}, "张*", cardState{}, Verifier{})
	if err != nil {
		t.Fatal(err)
	}
	newer, err := cardEnc.Marshal([]any{3, "whatever"})
	if err != nil {
		t.Fatal(err)
	}
	other := ed25519.NewKeyFromSeed([]byte(strings.Repeat("x", 32)))
	forged, err := cardText(other, cardHome, ID{4}, "张*", cardState{}, Verifier{})
	if err != nil {
		t.Fatal(err)
	}
	foreign, err := cardText(cardKey, ID{8}.String(), ID{4}, "张*", cardState{}, Verifier{})
	if err != nil {
		t.Fatal(err)
	}
	for name, x := range map[string]struct {
		text, code string
		signers    func([8]byte) [][32]byte
	}{
		"empty": {"", "people.card.bad", signedBy}, "no card": {"hello", "people.card.bad", signedBy}, "only a prefix": {"JS1:", "people.card.bad", signedBy},
		"cut": {good[:50], "people.card.bad", signedBy}, "too long": {"JS1:" + strings.Repeat("0", 300), "people.card.bad", signedBy},
		"lower case": {strings.ToLower(good), "people.card.bad", signedBy}, "newer": {"JS1:" + coded.Base45(newer), "people.card.newer", signedBy},
		"forged": {forged, "people.card.forged", signedBy}, "no signer": {good, "people.card.signer", signedNot}, "foreign": {foreign, "people.card.foreign", signedBy},
	} {
		if _, err := ReadCard(x.text, cardHome, x.signers); !errors.Is(err, fault.New(x.code)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// Whatever is changed in a card's text, it does not say anything else.
func TestMutatedCards(t *testing.T) {
	good, err := cardText(cardKey, cardHome, ID{4}, "张*芳", cardState{}, Verifier{})
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		b := []byte(good)
		b[rapid.IntRange(4, len(b)-1).Draw(t, "at")] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"[rapid.IntRange(0, 44).Draw(t, "to")]
		if p, err := ReadCard(string(b), cardHome, signedBy); err == nil && string(b) != good {
			t.Fatalf("%q says %+v", b, p)
		}
	})
}

func TestCardsAreShort(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringOfN(rapid.RuneFrom([]rune("张小芳龘鱻靐阿依古丽·")), 1, maxNameRunes, -1).Draw(t, "name")
		id := ID(rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "id"))
		c := cardState{rapid.IntRange(0, maxCard).Draw(t, "generation"), rapid.IntRange(0, maxCard).Draw(t, "attempt")}
		pin := Verifier(rapid.SliceOfN(rapid.Byte(), 8, 8).Draw(t, "pin"))
		text, err := cardText(cardKey, cardHome, id, Mask(name), c, pin)
		if err != nil || len(text) > MaxCardText {
			t.Fatalf("%d characters, %v", len(text), err)
		}
		p, err := ReadCard(text, cardHome, signedBy)
		if err != nil || p.Person != id || p.Code != c.code(id) || p.PIN != pin || parseCard(c.String()) != c {
			t.Fatalf("%+v %v", p, err)
		}
	})
}

func TestCardCodes(t *testing.T) {
	code := cardState{}.code(ID{7})
	if got, err := NormalCode(" " + code[:3] + " " + code[3:6] + "-" + code[6:]); err != nil || got != code {
		t.Errorf("%q %v", got, err)
	}
	for i := range code {
		for d := byte('0'); d <= '9'; d++ {
			if d == code[i] {
				continue
			}
			if _, err := NormalCode(code[:i] + string(d) + code[i+1:]); err == nil {
				t.Errorf("digit %d as %c is not found", i, d)
			}
		}
	}
	for _, s := range []string{"", "12345678", "1234567890", "12345678x", "张三"} {
		if _, err := NormalCode(s); err == nil {
			t.Errorf("%q is a code", s)
		}
	}
	if (cardState{1, 0}).code(ID{7}) == code || (cardState{0, 1}).code(ID{7}) == code {
		t.Error("a new card has the old code")
	}
}
