package govern

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"strings"

	"jishan/app/fault"
)

// Scope is how far from home a merchant takes points. It is the home
// community's word; whether another community takes it is that one's.
type Scope uint8

// The scopes, ascending: each reaches where the ones below reach. Numbers are
// never reused.
const (
	ScopeCommunity Scope = 1 // the home community alone
	ScopeStreet    Scope = 2 // communities of the same street 街道/镇
	ScopeDistrict  Scope = 3 // of the same district 区县
	ScopeCity      Scope = 4 // of the same city 市
)

// Scopes lists all of them, the narrowest first.
var Scopes = []Scope{ScopeCommunity, ScopeStreet, ScopeDistrict, ScopeCity}

var scopeNames = [...]string{"", "community", "street", "district", "city"}

// String returns the scope's name, as a Cert holds it.
func (s Scope) String() string {
	if s == 0 || int(s) >= len(scopeNames) {
		return ""
	}
	return scopeNames[s]
}

// ParseScope reads what String wrote; no text is what merchants had before there
// were others. 0 for anything else.
func ParseScope(name string) Scope {
	if name == "" {
		return ScopeCommunity
	}
	for _, s := range Scopes {
		if s.String() == name {
			return s
		}
	}
	return 0
}

// Region is where a community lies.
type Region struct {
	_        struct{} `cbor:",toarray"`
	Street   string   // 街道/镇
	District string   // 区县
	City     string   // 市
}

func (r Region) check() bool {
	for _, s := range []string{r.Street, r.District, r.City} {
		if s != strings.TrimSpace(s) || !text(s, maxName) || !PlainLine(s) {
			return false
		}
	}
	return true
}

// Reaches tells whether a merchant of one region, with this scope, takes points of
// a community in another. Two streets of one name in two districts are two streets;
// a region that does not say its street is in nobody's.
func (s Scope) Reaches(home, away Region) bool {
	same := func(a, b string) bool { return a == b }
	named := func(a, b string) bool { return a != "" && a == b }
	switch s {
	case ScopeStreet:
		return named(home.Street, away.Street) && same(home.District, away.District) && same(home.City, away.City)
	case ScopeDistrict:
		return named(home.District, away.District) && same(home.City, away.City)
	case ScopeCity:
		return named(home.City, away.City)
	}
	return false
}

// ScopeCert is the home community's word that one device of one of its merchants
// may take points elsewhere. It holds all that a reader needs who knows the home
// community as a partner.
type ScopeCert struct {
	_        struct{} `cbor:",toarray"`
	Version  uint
	Home     string   // the home community's id
	HomeName string   // 柳溪社区
	Root     [32]byte // the device key of the home community's registrar, which signs
	Region   Region   // of the home community
	Place    string   // of the merchant, in the home community
	Merchant string   // the place's name
	Device   [32]byte
	Scope    Scope
	NotAfter int64 // milliseconds UTC
	Sig      []byte
}

const (
	scopeVersion = 1
	scopePrefix  = "JSS1:" // the digit is the version
	scopeDomain  = "jishan scope 1\x00"
	// maxScope bounds a certificate in bytes: six names of 60 Chinese characters.
	maxScope = 1400
)

// Sign signs the certificate as the registrar of the home community. Fault:
// scope.bad where a field can't stand in one.
func (c ScopeCert) Sign(registrar ed25519.PrivateKey) (ScopeCert, error) {
	c.Version, c.Root = scopeVersion, [32]byte(registrar.Public().(ed25519.PublicKey))
	c.Sig = ed25519.Sign(registrar, c.statement())
	if b := c.Encode(); !c.fits() || len(b) > maxScope {
		return ScopeCert{}, fault.New("scope.bad")
	}
	return c, nil
}

func (c ScopeCert) statement() []byte {
	c.Sig = []byte{}
	return append([]byte(scopeDomain), c.Encode()...)
}

// Encode returns the certificate's one encoding.
func (c ScopeCert) Encode() []byte { return must(encMode.Marshal(c)) }

// String is the certificate as text: for a paper, a message, a QR.
func (c ScopeCert) String() string {
	return scopePrefix + base64.RawURLEncoding.EncodeToString(c.Encode())
}

func (c ScopeCert) fits() bool {
	_, err := idText.DecodeString(strings.ToUpper(c.Home))
	return err == nil && len(c.Home) == 26 && strings.TrimSpace(c.HomeName) != "" && text(c.HomeName, maxName) && PlainLine(c.HomeName) &&
		strings.TrimSpace(c.Merchant) != "" && text(c.Merchant, maxName) && PlainLine(c.Merchant) && segment(c.Place) &&
		c.Region.check() && c.Scope.String() != "" && c.NotAfter > 0 && len(c.Sig) == ed25519.SignatureSize
}

// ReadScope reads a certificate's text. Faults: those of DecodeScope.
func ReadScope(s string) (ScopeCert, error) {
	s = strings.Join(strings.Fields(s), "") // a messenger breaks long lines
	rest, ok := strings.CutPrefix(s, scopePrefix)
	if !ok || len(rest) > base64.RawURLEncoding.EncodedLen(maxScope) {
		return ScopeCert{}, fault.New("scope.bad")
	}
	b, err := base64.RawURLEncoding.DecodeString(rest)
	if err != nil {
		return ScopeCert{}, fault.New("scope.bad")
	}
	return DecodeScope(b)
}

// DecodeScope reads a certificate and checks that Root signed it; whose root that
// is, the reader must know. Faults: scope.bad, scope.newer, scope.forged.
func DecodeScope(raw []byte) (ScopeCert, error) {
	if len(raw) > maxScope {
		return ScopeCert{}, fault.New("scope.bad")
	}
	if v, err := version(raw); err != nil || v == 0 {
		return ScopeCert{}, fault.New("scope.bad")
	} else if v > scopeVersion {
		return ScopeCert{}, fault.New("scope.newer")
	}
	var c ScopeCert
	if err := decMode.Unmarshal(raw, &c); err != nil || !c.fits() || !bytes.Equal(c.Encode(), raw) {
		return ScopeCert{}, fault.New("scope.bad")
	}
	if !ed25519.Verify(c.Root[:], c.statement(), c.Sig) {
		return ScopeCert{}, fault.New("scope.forged")
	}
	return c, nil
}
