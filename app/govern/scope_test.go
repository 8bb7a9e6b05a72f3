package govern

import (
	"bytes"
	"crypto/ed25519"
	"errors"
	"testing"

	"jishan/app/fault"
)

func scopeSample(t *testing.T) ScopeCert {
	t.Helper()
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize))
	c, err := ScopeCert{
		Root: [32]byte{1}, HomeName: "柳溪社区", Site: Site{Street: "迎泽街道", District: "迎泽区", City: "太原市"},
		Place: "p1", Merchant: "惠民超市", Device: [32]byte{9}, Scope: ScopeStreet, NotAfter: 1_800_000_000_000,
	}.Sign(key)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestGoldenScope(t *testing.T) {
	c := scopeSample(t)
	golden(t, "scope-1.txt", c.String())
	back, err := ReadScope("  " + c.String()[:40] + "\n" + c.String()[40:])
	if err != nil || back.String() != c.String() {
		t.Errorf("%v %+v", err, back)
	}
}

// TestScopeTampered: whatever byte is changed, nobody takes the certificate.
func TestScopeTampered(t *testing.T) {
	raw := scopeSample(t).Encode()
	for i := range raw {
		b := bytes.Clone(raw)
		b[i] ^= 1
		if _, err := DecodeScope(b); err == nil {
			t.Fatalf("byte %d changed, and it is taken", i)
		}
		if _, err := DecodeScope(raw[:i]); err == nil {
			t.Fatalf("cut at %d, and it is taken", i)
		}
	}
	wider := scopeSample(t)
	wider.Scope = ScopeCity
	if _, err := ReadScope(wider.String()); !errors.Is(err, fault.New("scope.forged")) {
		t.Error("a widened scope:", err)
	}
	for _, s := range []string{"", "JSS1:", "JSS1:!", "JSV1:abc"} {
		if _, err := ReadScope(s); !errors.Is(err, fault.New("scope.bad")) {
			t.Errorf("%q: %v", s, err)
		}
	}
}

func TestReaches(t *testing.T) {
	home := Site{Street: "迎泽街道", District: "迎泽区", City: "太原市"}
	street := Site{Street: "桥东街道", District: "迎泽区", City: "太原市"}
	twin := Site{Street: "迎泽街道", District: "杏花岭区", City: "太原市"} // a street of the same name elsewhere
	city := Site{Street: "云冈街道", District: "云冈区", City: "大同市"}
	unsaid := Site{City: "太原市"}
	for _, c := range []struct {
		scope string
		away  Site
		want  bool
	}{
		{ScopeCommunity, home, false}, {ScopeStreet, home, true}, {ScopeDistrict, home, true}, {ScopeCity, home, true},
		{ScopeStreet, street, false}, {ScopeDistrict, street, true}, {ScopeCity, street, true},
		{ScopeStreet, twin, false}, {ScopeDistrict, twin, false}, {ScopeCity, twin, true},
		{ScopeCity, city, false}, {ScopeStreet, unsaid, false}, {ScopeDistrict, unsaid, false}, {ScopeCity, unsaid, true},
		{"", home, false}, {"world", home, false},
	} {
		if got := home.Reaches(c.scope, c.away); got != c.want {
			t.Errorf("%s to %+v: %v", c.scope, c.away, got)
		}
	}
	if (Site{}).Reaches(ScopeStreet, Site{}) || (Site{}).Reaches(ScopeCity, Site{}) {
		t.Error("two that don't say where they lie are in the same street")
	}
}
