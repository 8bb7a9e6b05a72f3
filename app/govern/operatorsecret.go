package govern

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/ed25519"
	"crypto/hkdf"
	"crypto/sha256"
	"errors"
	"fmt"
	"io"

	"golang.org/x/crypto/argon2"
)

// An operator's private key lies on the disk of the device where it was made,
// sealed by a PIN and by the device's own secret; it never travels. Somebody with
// the whole disk has the device's secret too and can only be slowed down by the
// cost of a try: docs/operators.md says what that is worth.

const (
	sealedVersion = 1
	sealedSalt    = 16
	sealedInfo    = "jishan operator secret 1"
	deviceInfo    = "jishan operator device 1"
	// Bounds of what a file may ask of this machine.
	maxSealTime   = 64
	maxSealMemory = 1 << 20 // KiB
)

// SealCost is what one try of a PIN costs.
type SealCost struct {
	Time    uint32 `json:"time"`
	Memory  uint32 `json:"memory"` // KiB
	Threads uint8  `json:"threads"`
}

// DefaultSealCost takes 64 MiB and about 0.3 s on two slow cores. One thread, so
// that a try does not hold up a till.
var DefaultSealCost = SealCost{Time: 2, Memory: 64 << 10, Threads: 1}

// SealedKey is a private key as the disk holds it.
type SealedKey struct {
	Version int      `json:"version"`
	Cost    SealCost `json:"cost"`
	Salt    []byte   `json:"salt"`
	Nonce   []byte   `json:"nonce"`
	Box     []byte   `json:"box"`
}

// ErrPIN says that the PIN, or the device, is not the one the key was sealed for.
var ErrPIN = errors.New("govern: the PIN does not open this key")

// SealOperatorKey seals a key for one operator at one device.
func SealOperatorKey(rand io.Reader, d *Device, id OperatorID, pin string, key ed25519.PrivateKey, cost SealCost) (SealedKey, error) {
	s := SealedKey{Version: sealedVersion, Cost: cost, Salt: make([]byte, sealedSalt)}
	if _, err := io.ReadFull(rand, s.Salt); err != nil {
		return s, err
	}
	box, err := s.aead(d, id, pin)
	if err != nil {
		return s, err
	}
	s.Nonce = make([]byte, box.NonceSize())
	if _, err := io.ReadFull(rand, s.Nonce); err != nil {
		return s, err
	}
	s.Box = box.Seal(nil, s.Nonce, key.Seed(), id[:])
	return s, nil
}

// Open returns the key. Errors: ErrPIN; ErrNewerDevice for a version that this
// program does not know.
func (s SealedKey) Open(d *Device, id OperatorID, pin string) (ed25519.PrivateKey, error) {
	if s.Version > sealedVersion {
		return nil, ErrNewerDevice
	}
	box, err := s.aead(d, id, pin)
	if err != nil {
		return nil, err
	}
	if len(s.Nonce) != box.NonceSize() {
		return nil, fmt.Errorf("govern: a sealed key that is damaged")
	}
	seed, err := box.Open(nil, s.Nonce, s.Box, id[:])
	if err != nil || len(seed) != ed25519.SeedSize {
		return nil, ErrPIN
	}
	return ed25519.NewKeyFromSeed(seed), nil
}

// aead makes the cipher from what the PIN and the device give together.
func (s SealedKey) aead(d *Device, id OperatorID, pin string) (cipher.AEAD, error) {
	c := s.Cost
	if s.Version != sealedVersion || len(s.Salt) != sealedSalt || c.Time < 1 || c.Time > maxSealTime || c.Memory < 8 || c.Memory > maxSealMemory || c.Threads < 1 {
		return nil, errors.New("govern: a sealed key that is damaged")
	}
	own, err := hkdf.Key(sha256.New, d.Private.Seed(), nil, deviceInfo, 32)
	if err != nil {
		return nil, err
	}
	slow := argon2.IDKey([]byte(pin), append(s.Salt[:sealedSalt:sealedSalt], id[:]...), c.Time, c.Memory, c.Threads, 32)
	key, err := hkdf.Key(sha256.New, append(slow, own...), s.Salt, sealedInfo, 32)
	if err != nil {
		return nil, err
	}
	block, err := aes.NewCipher(key)
	if err != nil {
		return nil, err
	}
	return cipher.NewGCM(block)
}
