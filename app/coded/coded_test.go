package coded

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"errors"
	"testing"
)

func TestBase45(t *testing.T) {
	for plain, text := range map[string]string{"AB": "BB8", "Hello!!": "%69 VD92EX0", "base-45": "UJCLQE7W581", "ietf!": "QED8WEX0", "": ""} { // RFC 9285
		if got := Base45([]byte(plain)); got != text {
			t.Errorf("%q: %q", plain, got)
		}
		if got, err := FromBase45(text); err != nil || string(got) != plain {
			t.Errorf("%q: %q %v", text, got, err)
		}
	}
	for _, bad := range []string{"GGW", "A", "AAAA", ":::", "::", "aa", "AB\x00"} {
		if _, err := FromBase45(bad); err == nil {
			t.Errorf("%q is accepted", bad)
		}
	}
}

// The Sig_structure is that of RFC 9052's examples with EdDSA; the signatures
// were made with github.com/veraison/go-cose v1.3.0 and the first key of RFC 8032.
func TestSign1IsCOSE(t *testing.T) {
	key := ed25519.NewKeyFromSeed(unhex(t, "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"))
	payload := []byte("This is the content.")
	const wantToSign = "846a5369676e61747572653143a101274054546869732069732074686520636f6e74656e742e"
	signatures := map[string]string{
		"":                 "6354488f9f290e36cd80e23762e664a5cb03e4267c66a8cffaef7c66d89a40bf2cbb8222432a08e5ee410d8b540c6931d26fb6af673f7e2100655d8bae765c04",
		"jishan voucher 1": "fcdddbdf8e3848a805ce6b9ffe1bebd548b06f0ad284bf0244d7d5878bda8a617b23abc89edd9613909003f2861b6a5d4d3b348fccfdb2d0bd0fc9a97272bd07",
	}
	if got := hex.EncodeToString(toSign(payload, nil)); got != wantToSign {
		t.Errorf("Sig_structure %s", got)
	}
	var b []byte
	for external, sig := range signatures {
		var err error
		if b, err = Sign1(payload, []byte(external), func(m []byte) []byte { return ed25519.Sign(key, m) }); err != nil {
			t.Fatal(err)
		}
		if want := "8443a10127a054" + hex.EncodeToString(payload) + "5840" + sig; hex.EncodeToString(b) != want {
			t.Errorf("%q: got  %x\nwant %s", external, b, want)
		}
	}
	b, err := Sign1(payload, nil, func(m []byte) []byte { return ed25519.Sign(key, m) })
	if err != nil {
		t.Fatal(err)
	}
	verify := func(m, sig []byte) bool { return ed25519.Verify(key.Public().(ed25519.PublicKey), m, sig) }
	s, err := ReadSign1(b, nil)
	if err != nil || s.Verify(verify) != nil || !bytes.Equal(s.Payload, payload) {
		t.Errorf("%q %v", s.Payload, err)
	}
	if s, err := ReadSign1(b, []byte("another format")); err != nil || !errors.Is(s.Verify(verify), ErrSignature) {
		t.Error("a signature serves another format")
	}
	for i := range b {
		c := bytes.Clone(b)
		c[i] ^= 1
		if s, err := ReadSign1(c, nil); err == nil && s.Verify(verify) == nil {
			t.Errorf("byte %d may be changed", i)
		}
	}
}

func unhex(t *testing.T, s string) []byte {
	t.Helper()
	b, err := hex.DecodeString(s)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func TestCutIsToldFromDamaged(t *testing.T) {
	b, err := Sign1([]byte("This is the content."), nil, func([]byte) []byte { return make([]byte, ed25519.SignatureSize) })
	if err != nil {
		t.Fatal(err)
	}
	for i := range b {
		if _, err := ReadSign1(b[:i], nil); !errors.Is(err, ErrCut) {
			t.Errorf("cut at %d: %v", i, err)
		}
	}
	for name, bad := range map[string][]byte{
		"more behind it": append(bytes.Clone(b), 0), "another algorithm": bytes.Replace(b, eddsa, []byte{0xa1, 0x01, 0x26}, 1),
		"a header": bytes.Replace(b, []byte{0xa0}, []byte{0xa1, 0x04, 0x00}, 1), "no array": {0x01}, "a tag": append([]byte{0xd2}, b...),
	} {
		if _, err := ReadSign1(bad, nil); !errors.Is(err, ErrDamaged) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n, err := First([]byte{0x82, 0x05, 0x00}); n != 5 || err != nil {
		t.Error(n, err)
	}
	if _, err := First([]byte{0x80}); !errors.Is(err, ErrDamaged) {
		t.Error(err)
	}
}
