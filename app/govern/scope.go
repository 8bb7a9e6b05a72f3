package govern

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"slices"
	"strings"

	"jishan/app/fault"
)

// The scopes of a merchant, from the narrowest on: how far from home it takes
// points. It is the home community's word; whether another community takes it is
// that one's.
const (
	ScopeCommunity = "community" // the home community alone
	ScopeStreet    = "street"    // communities of the same street 街道/镇
	ScopeDistrict  = "district"  // of the same district 区县
	ScopeCity      = "city"      // of the same city 市
)

// Scopes lists all of them, the narrowest first.
var Scopes = []string{ScopeCommunity, ScopeStreet, ScopeDistrict, ScopeCity}

// Site says where a community lies. The names are those that everybody writes:
// 迎泽街道, 迎泽区, 太原市. An empty one was not said.
type Site struct {
	_                      struct{} `cbor:",toarray"`
	Street, District, City string
}

// Reaches tells whether a merchant of that scope, which stands at this site,
// serves the people of another community. What was not said reaches nobody; two
// streets of one name in two districts are two streets.
func (s Site) Reaches(scope string, other Site) bool {
	same := func(a, b string) bool { return a != "" && a == b }
	switch scope {
	case ScopeCity:
		return same(s.City, other.City)
	case ScopeDistrict:
		return same(s.City, other.City) && same(s.District, other.District)
	case ScopeStreet:
		return same(s.City, other.City) && same(s.District, other.District) && same(s.Street, other.Street)
	}
	return false
}

func (s Site) check() error {
	for _, name := range []string{s.Street, s.District, s.City} {
		if !text(name, maxName) || !PlainLine(name) || strings.TrimSpace(name) != name {
			return errors.New("a bad name of a street, district or city")
		}
	}
	return nil
}

// ScopeCert is the home community's word that one device of one of its merchants
// may take points elsewhere. It holds all that a reader needs who knows the home
// community as a partner.
type ScopeCert struct {
	_        struct{} `cbor:",toarray"`
	Version  uint
	Root     [32]byte // of the home community: SHA-256 over the first value of its charter; half of it is its id
	HomeName string   // 柳溪社区
	Signer   [32]byte // the device of the home community's registrar
	Site     Site     // of the home community
	Place    string   // of the merchant, in the home community
	Merchant string   // the place's name
	Device   [32]byte
	Scope    string
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
	c.Version, c.Signer = scopeVersion, [32]byte(registrar.Public().(ed25519.PublicKey))
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

// Home is the home community's id text.
func (c ScopeCert) Home() string { return IDText(c.Root[:16]) }

func (c ScopeCert) fits() bool {
	name := func(s string) bool { return strings.TrimSpace(s) != "" && text(s, maxName) && PlainLine(s) }
	return name(c.HomeName) && name(c.Merchant) && segment(c.Place) && c.Site.check() == nil && slices.Contains(Scopes, c.Scope) && c.NotAfter > 0 && len(c.Sig) == ed25519.SignatureSize
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

// DecodeScope reads a certificate and checks that Signer signed it; whether that is
// the registrar of the home community, the reader must know. Faults: scope.bad, scope.newer, scope.forged.
func DecodeScope(raw []byte) (ScopeCert, error) {
	c, err := parseScope(raw)
	if err == nil && !ed25519.Verify(c.Signer[:], c.statement(), c.Sig) {
		return ScopeCert{}, fault.New("scope.forged")
	}
	return c, err
}

// parseScope is DecodeScope of what was verified before.
func parseScope(raw []byte) (ScopeCert, error) {
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
	return c, nil
}
