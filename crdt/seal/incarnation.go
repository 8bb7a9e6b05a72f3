package seal

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base32"
	"fmt"
	"io"

	"github.com/fxamacker/cbor/v2"

	"jishan/crdt/wire"
)

// CertificateVersion is the version that this program writes.
const CertificateVersion = 1

const (
	actorDomain       = "jishan incarnation 1"
	certificateDomain = "jishan certificate 1\x00"

	// maxCertificate bounds an encoded certificate in bytes: two keys, two
	// signatures, a time, and room for their headers.
	maxCertificate = 320
)

var idText = base32.HexEncoding.WithPadding(base32.NoPadding)

// Device is a machine that the community knows: an Ed25519 key.
type Device struct{ Public ed25519.PublicKey }

// String returns the device id: 52 lower-case base32hex characters.
func (d Device) String() string { return lower(idText.EncodeToString(d.Public)) }

// DeviceText returns the id text of a device's public key.
func DeviceText(public [32]byte) string { return Device{public[:]}.String() }

func lower(s string) string { return string(bytes.ToLower([]byte(s))) }

// Certificate binds an incarnation's key to the device that it runs on. Both
// keys sign it: the device because it answers for what the incarnation does,
// the incarnation so that no other device can claim its work.
type Certificate struct {
	Version uint8
	Public  [32]byte // the incarnation's key
	Device  [32]byte // the device's key
	Made    int64    // milliseconds since 1970
	Sig     [64]byte // by the device
	Own     [64]byte // by the incarnation
}

// Incarnation is an identity that writes: its certificate and its key.
type Incarnation struct {
	Certificate
	Private ed25519.PrivateKey
}

// NewIncarnation makes a new identity, certified by the device's key. It holds
// nothing yet. now is in milliseconds.
func NewIncarnation(rand io.Reader, device ed25519.PrivateKey, now int64) (Incarnation, error) {
	seed := make([]byte, ed25519.SeedSize)
	if _, err := io.ReadFull(rand, seed); err != nil {
		return Incarnation{}, fmt.Errorf("seal: no randomness: %w", err)
	}
	key := ed25519.NewKeyFromSeed(seed)
	c := Certificate{
		Version: CertificateVersion,
		Public:  [32]byte(key.Public().(ed25519.PublicKey)),
		Device:  [32]byte(device.Public().(ed25519.PublicKey)),
		Made:    now,
	}
	c.Sig = [64]byte(ed25519.Sign(device, c.statement()))
	c.Own = [64]byte(ed25519.Sign(key, c.statement()))
	return Incarnation{Certificate: c, Private: key}, nil
}

// Actor returns the incarnation's id, which is the Automerge actor of all that
// it writes.
func (c Certificate) Actor() wire.Actor {
	id := c.ID()
	return wire.Actor(id[:16])
}

// ID returns the certificate's id in the set of certificates; it begins with
// the actor.
func (c Certificate) ID() [32]byte {
	b := make([]byte, 0, len(actorDomain)+len(c.Public))
	b = append(b, actorDomain...)
	return sha256.Sum256(append(b, c.Public[:]...))
}

// Verify checks version and both signatures. Error: ErrCertificate.
func (c Certificate) Verify() error {
	if c.Version != CertificateVersion {
		return fmt.Errorf("%w: version %d", ErrCertificate, c.Version)
	}
	if memory.holdsCertificate(c) {
		return nil
	}
	s := c.statement()
	if !ed25519.Verify(c.Device[:], s, c.Sig[:]) {
		return fmt.Errorf("%w: the device did not sign it", ErrCertificate)
	}
	if !ed25519.Verify(c.Public[:], s, c.Own[:]) {
		return fmt.Errorf("%w: the incarnation did not sign it", ErrCertificate)
	}
	memory.addCertificate(c)
	return nil
}

// certificateBody is the CBOR form, an array.
type certificateBody struct {
	_       struct{} `cbor:",toarray"`
	Version uint8
	Public  []byte
	Device  []byte
	Made    int64
	Sig     []byte
	Own     []byte
}

func (c Certificate) body(sig, own []byte) []byte {
	return encode(certificateBody{
		Version: c.Version, Public: c.Public[:], Device: c.Device[:], Made: c.Made, Sig: sig, Own: own,
	})
}

func (c Certificate) statement() []byte {
	return append([]byte(certificateDomain), c.body([]byte{}, []byte{})...)
}

// Encode returns the certificate in core deterministic CBOR.
func (c Certificate) Encode() []byte { return c.body(c.Sig[:], c.Own[:]) }

// DecodeCertificate reads what Encode wrote and nothing else. It does not
// verify signatures. Error: ErrMalformed.
func DecodeCertificate(b []byte) (Certificate, error) {
	var v certificateBody
	if err := decode(b, maxCertificate, &v); err != nil {
		return Certificate{}, err
	}
	if len(v.Public) != 32 || len(v.Device) != 32 || len(v.Sig) != 64 || len(v.Own) != 64 {
		return Certificate{}, fmt.Errorf("%w: certificate", ErrMalformed)
	}
	c := Certificate{
		Version: v.Version, Public: [32]byte(v.Public), Device: [32]byte(v.Device), Made: v.Made,
		Sig: [64]byte(v.Sig), Own: [64]byte(v.Own),
	}
	if !bytes.Equal(c.Encode(), b) {
		return Certificate{}, fmt.Errorf("%w: certificate is not deterministic", ErrMalformed)
	}
	return c, nil
}

var encMode, decMode = modes()

func modes() (cbor.EncMode, cbor.DecMode) {
	e, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		panic(err)
	}
	d, err := cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		MaxNestedLevels: 8, MaxArrayElements: 1024, MaxMapPairs: 16,
	}.DecMode()
	if err != nil {
		panic(err)
	}
	return e, d
}

// encode can't fail: the values of this package are plain bytes and numbers.
func encode(v any) []byte {
	b, err := encMode.Marshal(v)
	if err != nil {
		panic(err)
	}
	return b
}

func decode(b []byte, limit int, v any) error {
	if len(b) > limit {
		return fmt.Errorf("%w: %d bytes", ErrMalformed, len(b))
	}
	if err := decMode.Unmarshal(b, v); err != nil {
		return fmt.Errorf("%w: %w", ErrMalformed, err)
	}
	return nil
}
