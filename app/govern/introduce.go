package govern

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"strings"

	"filippo.io/age"

	"jishan/app/fault"
)

// Introduction is how a community makes itself known to another one: what its
// charter is told by, and where letters to it go. It is public, and signed by the
// registrar's device, which proves no more than that the device exists: that it
// comes from the right community two clerks find out by reading each other the
// fingerprint.
type Introduction struct {
	_         struct{} `cbor:",toarray"`
	Version   uint64
	Root      [32]byte // SHA-256 over the first value of the charter
	Name      string
	Site      Site
	Device    [32]byte // of the registrar
	Recipient string   // its age recipient
	Made      int64    // milliseconds UTC
	Sig       []byte
}

const (
	introductionVersion = 1
	introductionPrefix  = "JSI1:" // the digit is the version
	introductionDomain  = "jishan introduction 1\x00"
	// maxIntroduction bounds one in bytes: four names, keys and a signature.
	maxIntroduction = 1200
)

// Introduce returns this community's introduction; this device must be the
// registrar's. Fault: govern.registrar.only.
func (c *Charter) Introduce(d *Device, now int64) (Introduction, error) {
	s := c.now()
	t, ok := s.terms[s.head().Term]
	if !ok || t.Device != d.Public() {
		return Introduction{}, fault.New("govern.registrar.only")
	}
	r := s.rules(s.head())
	i := Introduction{Version: introductionVersion, Root: s.root, Name: r.Name, Site: r.Site, Device: d.Public(), Recipient: d.Recipient(), Made: now}
	i.Sig = ed25519.Sign(d.Private, i.statement())
	if !i.fits() {
		return Introduction{}, fault.New("partner.introduction.bad")
	}
	return i, nil
}

func (i Introduction) statement() []byte {
	i.Sig = []byte{}
	return append([]byte(introductionDomain), must(encMode.Marshal(i))...)
}

// String is the introduction as text: for a file, a message, a QR.
func (i Introduction) String() string {
	return introductionPrefix + base64.RawURLEncoding.EncodeToString(must(encMode.Marshal(i)))
}

// Community returns the id text of the community that introduces itself.
func (i Introduction) Community() string { return IDText(i.Root[:16]) }

func (i Introduction) fits() bool {
	_, err := age.ParseX25519Recipient(i.Recipient)
	return err == nil && strings.TrimSpace(i.Name) != "" && text(i.Name, maxName) && PlainLine(i.Name) && i.Site.check() == nil &&
		i.Made > 0 && i.Root != [32]byte{} && len(i.Sig) == ed25519.SignatureSize
}

// Fingerprint is what both clerks compare by telephone: five groups of four
// digits over everything that letters depend on. Finding another key with the same
// one takes 2^66 attempts.
func (i Introduction) Fingerprint() string {
	sum := sha256.Sum256(must(encMode.Marshal([]any{"jishan fingerprint 1", i.Root, i.Device, i.Recipient})))
	groups := make([]string, 5)
	for g := range groups { // four bytes for four digits: no digit is more likely by a millionth
		groups[g] = fmt.Sprintf("%04d", binary.BigEndian.Uint32(sum[4*g:])%10000)
	}
	return strings.Join(groups, " ")
}

// ReadIntroduction reads an introduction and checks that its device signed it.
// Faults: partner.introduction.bad, partner.introduction.newer,
// partner.introduction.forged.
func ReadIntroduction(s string) (Introduction, error) {
	bad := fault.New("partner.introduction.bad")
	s = strings.Join(strings.Fields(s), "") // a messenger breaks long lines
	rest, ok := strings.CutPrefix(s, introductionPrefix)
	if !ok || len(rest) > base64.RawURLEncoding.EncodedLen(maxIntroduction) {
		return Introduction{}, bad
	}
	raw, err := base64.RawURLEncoding.DecodeString(rest)
	if err != nil {
		return Introduction{}, bad
	}
	if v, err := version(raw); err != nil || v == 0 {
		return Introduction{}, bad
	} else if v > introductionVersion {
		return Introduction{}, fault.New("partner.introduction.newer")
	}
	var i Introduction
	if err := decMode.Unmarshal(raw, &i); err != nil || !i.fits() || !bytes.Equal(must(encMode.Marshal(i)), raw) {
		return Introduction{}, bad
	}
	if !ed25519.Verify(i.Device[:], i.statement(), i.Sig) {
		return Introduction{}, fault.New("partner.introduction.forged")
	}
	return i, nil
}
