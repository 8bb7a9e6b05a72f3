package people

import (
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/chacha20poly1305"
)

// Sealed values and wrapped keys begin with a version byte, so that another
// cipher can come without touching what is there.
const (
	valueVersion = 1
	wrapVersion  = 2 // with whose key it is inside
	wrappedSize  = 32 + len(ID{})
	maxVersion   = 31 // of one that a later program may write: no text begins with such a byte, so none in the clear passes for one
	padTo        = 16 // bytes: the length of a name must not tell the name
	nonceSize    = chacha20poly1305.NonceSizeX
	sealedHead   = 13 + nonceSize // version, generation, number, nonce
	sealedTail   = chacha20poly1305.Overhead
	maxSealed    = 4 << 10 // bytes of a sealed value: the longest note fits twice
)

// ErrNoKey says that the key a value names is not in the vault: it has not
// arrived yet, or it was destroyed.
var ErrNoKey = errors.New("people: the key of this value is not here")

// ErrDestroyed says that the key was destroyed: an erasure has passed here.
var ErrDestroyed = fmt.Errorf("people: the key of this value was destroyed: %w", ErrNoKey)

var errSealed = errors.New("people: a sealed value is damaged")

// keyRef names a key within a person: the generation and a random number, so
// that two devices that register the same person apart make two keys, not two
// contents of one.
type keyRef struct {
	Generation uint32
	Number     uint64
}

// vaultID returns the id of the key's item in the vault. It is a hash: the
// vault shows how many keys there are, not whose.
func vaultID(community string, person ID, k keyRef) [32]byte {
	h := sha256.New()
	fmt.Fprintf(h, "jishan vault 1\x00%s\x00", community)
	h.Write(person[:])
	var n [12]byte
	binary.BigEndian.PutUint32(n[:4], k.Generation)
	binary.BigEndian.PutUint64(n[4:], k.Number)
	h.Write(n[:])
	return [32]byte(h.Sum(nil))
}

// tombstoneID names the item that says: every key of this person and
// generation is destroyed, also those that some device made while it was away.
func tombstoneID(community string, person ID, generation uint32) [32]byte {
	return vaultID(community, person, keyRef{Generation: generation})
}

// sealValue encrypts a field: version, generation, number, nonce, ciphertext.
// The place (community, person, field) is authenticated, so that no value can
// be moved to another person or field.
func sealValue(rand io.Reader, key [32]byte, k keyRef, place, plain string) ([]byte, error) {
	out := make([]byte, 13, 13+nonceSize+len(plain)+padTo+chacha20poly1305.Overhead)
	out[0] = valueVersion
	binary.BigEndian.PutUint32(out[1:], k.Generation)
	binary.BigEndian.PutUint64(out[5:], k.Number)
	return seal(rand, key, out, pad(plain), place)
}

// valueKey returns the key that a sealed value names.
func valueKey(sealed []byte) (keyRef, error) {
	if len(sealed) < 13+nonceSize+padTo+chacha20poly1305.Overhead || len(sealed) > maxSealed {
		return keyRef{}, errSealed
	}
	if sealed[0] != valueVersion {
		return keyRef{}, fmt.Errorf("people: a sealed value of version %d: %w", sealed[0], errSealed)
	}
	return keyRef{binary.BigEndian.Uint32(sealed[1:]), binary.BigEndian.Uint64(sealed[5:])}, nil
}

// openValue decrypts what sealValue made for the same place.
func openValue(key [32]byte, sealed []byte, place string) (string, error) {
	if _, err := valueKey(sealed); err != nil {
		return "", err
	}
	plain, err := unseal(key, sealed, 13, place)
	if err != nil {
		return "", err
	}
	return unpad(plain)
}

// wrapKey encrypts a key, and whose it is, under a version of the community key;
// the item's id is authenticated. Whoever erases a person finds all its keys by
// what is inside, also those that no value of the person names.
func wrapKey(rand io.Reader, community [32]byte, version uint, item [32]byte, owner ID, key [32]byte) ([]byte, error) {
	head := binary.AppendUvarint([]byte{wrapVersion}, uint64(version))
	return seal(rand, community, head, append(key[:], owner[:]...), string(item[:]))
}

// unwrapKey decrypts what wrapKey made, with the community keys by version.
func unwrapKey(community map[uint][32]byte, item [32]byte, blob []byte) (key [32]byte, owner ID, err error) {
	if len(blob) < 2 || blob[0] != wrapVersion {
		return key, owner, fmt.Errorf("people: a wrapped key of another version: %w", errSealed)
	}
	version, n := binary.Uvarint(blob[1:])
	if n <= 0 || len(blob) != 1+n+nonceSize+wrappedSize+chacha20poly1305.Overhead {
		return key, owner, errSealed
	}
	by, ok := community[uint(version)]
	if !ok {
		return key, owner, ErrNoKey
	}
	plain, err := unseal(by, blob, 1+n, string(item[:]))
	if err != nil {
		return key, owner, err
	}
	return [32]byte(plain[:32]), ID(plain[32:]), nil
}

// wrappedUnder returns the version of the community key, 0 if there is none.
func wrappedUnder(blob []byte) uint {
	if len(blob) < 2 || blob[0] != wrapVersion {
		return 0
	}
	v, n := binary.Uvarint(blob[1:])
	if n <= 0 {
		return 0
	}
	return uint(v)
}

func seal(rand io.Reader, key [32]byte, head, plain []byte, place string) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(key[:])
	if err != nil {
		return nil, err
	}
	var nonce [nonceSize]byte
	if _, err := io.ReadFull(rand, nonce[:]); err != nil {
		return nil, err
	}
	out := append(head, nonce[:]...)
	return aead.Seal(out, nonce[:], plain, []byte(place)), nil
}

func unseal(key [32]byte, sealed []byte, head int, place string) ([]byte, error) {
	aead, err := chacha20poly1305.NewX(key[:])
	if err != nil {
		return nil, err
	}
	body := sealed[head:]
	plain, err := aead.Open(nil, body[:nonceSize], body[nonceSize:], []byte(place))
	if err != nil {
		return nil, errSealed
	}
	return plain, nil
}

// pad appends a one bit and zeros up to a multiple of padTo.
func pad(s string) []byte {
	out := make([]byte, (len(s)/padTo+1)*padTo)
	copy(out, s)
	out[len(s)] = 0x80
	return out
}

func unpad(b []byte) (string, error) {
	for i := len(b) - 1; i >= 0; i-- {
		switch b[i] {
		case 0:
		case 0x80:
			return string(b[:i]), nil
		default:
			return "", errSealed
		}
	}
	return "", errSealed
}
