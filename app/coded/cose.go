package coded

import (
	"bytes"
	"errors"
	"io"

	"github.com/fxamacker/cbor/v2"
)

// Errors of reading.
var (
	// ErrCut says that the end is missing.
	ErrCut = errors.New("coded: cut off")
	// ErrDamaged says that bytes are not what was written.
	ErrDamaged = errors.New("coded: damaged")
	// ErrSignature says that a signature is not the key's.
	ErrSignature = errors.New("coded: wrong signature")
)

// eddsa is the protected header {1: -8}: algorithm EdDSA (RFC 9053, 2.2). It
// is the only one this package writes and takes.
var eddsa = []byte{0xa1, 0x01, 0x27}

// maxNested bounds the depth of what is decoded.
const maxNested = 8

var (
	enc = must(cbor.CoreDetEncOptions().EncMode())
	dec = must(cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		MaxNestedLevels: maxNested, ExtraReturnErrors: cbor.ExtraDecErrorUnknownField,
	}.DecMode())
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Marshal encodes in core deterministic CBOR.
func Marshal(v any) ([]byte, error) { return enc.Marshal(v) }

// Unmarshal decodes what Marshal wrote and nothing else: the value encodes to
// the same bytes again. Errors: ErrCut, ErrDamaged.
func Unmarshal(b []byte, v any) error {
	if err := dec.Unmarshal(b, v); errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF) {
		return ErrCut
	} else if err != nil {
		return ErrDamaged
	}
	again, err := enc.Marshal(v)
	if err != nil || !bytes.Equal(again, b) {
		return ErrDamaged
	}
	return nil
}

// First decodes the first element of an array, where formats keep their version.
func First(b []byte) (uint64, error) {
	var parts []cbor.RawMessage
	if err := dec.Unmarshal(b, &parts); err != nil || len(parts) == 0 {
		return 0, ErrDamaged
	}
	var n uint64
	if err := dec.Unmarshal(parts[0], &n); err != nil {
		return 0, ErrDamaged
	}
	return n, nil
}

// Read decodes an array with its format in front, strictly, and asks whole whether it
// is all that it must be. Errors: ErrDamaged, ErrNewer for a format after known.
func Read[T any](b []byte, known uint64, whole func(T) bool) (out T, err error) {
	f, err := First(b)
	switch {
	case err != nil || f == 0 || f > 255:
		return out, ErrDamaged
	case f > known:
		return out, ErrNewer
	}
	if Unmarshal(b, &out) != nil || !whole(out) {
		return out, ErrDamaged
	}
	return out, nil
}

// Passes tells whether admission lets a value pass: Read takes it, or it is of a newer
// program, of which this one can say no more.
func Passes[T any](b []byte, known uint64, whole func(T) bool) bool {
	_, err := Read(b, known, whole)
	return err == nil || errors.Is(err, ErrNewer)
}

// sign1 is COSE_Sign1, untagged: the prefix of the text says what it is.
type sign1 struct {
	_           struct{} `cbor:",toarray"`
	Protected   []byte
	Unprotected map[int]any
	Payload     []byte
	Signature   []byte
}

// signed is the Sig_structure of RFC 9052, 4.4.
type signed struct {
	_         struct{} `cbor:",toarray"`
	Context   string
	Protected []byte
	External  []byte
	Payload   []byte
}

func toSign(payload, external []byte) []byte {
	if external == nil {
		external = []byte{} // an empty byte string, not null
	}
	return must(enc.Marshal(signed{Context: "Signature1", Protected: eddsa, External: external, Payload: payload}))
}

// Sign1 wraps a payload that sign, an Ed25519 key, signs. external is what both
// sides know and the bytes don't repeat: the format's name, so that no
// signature serves elsewhere.
func Sign1(payload, external []byte, sign func(message []byte) []byte) ([]byte, error) {
	return enc.Marshal(sign1{Protected: eddsa, Unprotected: map[int]any{}, Payload: payload, Signature: sign(toSign(payload, external))})
}

// Signed is a COSE_Sign1 that was read and not verified yet.
type Signed struct {
	Payload []byte
	message []byte
	sig     []byte
}

// ReadSign1 reads a COSE_Sign1 as Sign1 writes it. Errors: ErrCut, ErrDamaged.
func ReadSign1(b, external []byte) (Signed, error) {
	var s sign1
	if err := Unmarshal(b, &s); err != nil {
		return Signed{}, err
	}
	if !bytes.Equal(s.Protected, eddsa) || len(s.Unprotected) > 0 {
		return Signed{}, ErrDamaged
	}
	return Signed{Payload: s.Payload, message: toSign(s.Payload, external), sig: s.Signature}, nil
}

// Verify checks the signature. verify is ed25519.Verify with the key that the
// payload names. Error: ErrSignature.
func (s Signed) Verify(verify func(message, sig []byte) bool) error {
	if !verify(s.message, s.sig) {
		return ErrSignature
	}
	return nil
}
