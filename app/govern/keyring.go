package govern

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"
)

const (
	keyringVersion = 1
	keyringLimit   = 16 << 10 // bytes: 300 generations of the community key
)

// Keyring is what a staff device needs to read people: the versions of the
// community key, which wrap each person's key, and the id key, from which
// person ids are made. The id key never changes, else a person registered
// again would get a second id.
type Keyring struct {
	_    struct{}          `cbor:",toarray"`
	V    uint              // version of this encoding
	ID   [32]byte          // for the HMAC of person ids
	Keys map[uint][32]byte // community keys by version, from 1
}

// NewKeyring draws an id key and version 1 of the community key.
func NewKeyring(rand io.Reader) (Keyring, error) {
	k := Keyring{V: keyringVersion, Keys: map[uint][32]byte{}}
	if _, err := io.ReadFull(rand, k.ID[:]); err != nil {
		return Keyring{}, err
	}
	return k.Next(rand)
}

// Next returns the keyring with one more version of the community key. It is
// called when a staff device is revoked: what is written from then on, that
// device can't read.
func (k Keyring) Next(rand io.Reader) (Keyring, error) {
	next := Keyring{V: keyringVersion, ID: k.ID, Keys: map[uint][32]byte{}}
	for v, key := range k.Keys {
		next.Keys[v] = key
	}
	var key [32]byte
	if _, err := io.ReadFull(rand, key[:]); err != nil {
		return Keyring{}, err
	}
	next.Keys[k.Current()+1] = key
	return next, nil
}

// Current returns the highest version, 0 for an empty keyring.
func (k Keyring) Current() uint {
	var top uint
	for v := range k.Keys {
		top = max(top, v)
	}
	return top
}

// Wrap encrypts the keyring to a device's age recipient.
func (k Keyring) Wrap(recipient string) ([]byte, error) {
	to, err := age.ParseX25519Recipient(recipient)
	if err != nil {
		return nil, fmt.Errorf("govern: recipient: %w", err)
	}
	plain, err := encMode.Marshal(k)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
}

// OpenKeyring decrypts what Wrap made for this device.
func OpenKeyring(wrapped []byte, id *age.X25519Identity) (Keyring, error) {
	r, err := age.Decrypt(bytes.NewReader(wrapped), id)
	if err != nil {
		return Keyring{}, fmt.Errorf("govern: keyring: %w", err)
	}
	plain, err := io.ReadAll(io.LimitReader(r, keyringLimit))
	if err != nil {
		return Keyring{}, fmt.Errorf("govern: keyring: %w", err)
	}
	var k Keyring
	if err := decMode.Unmarshal(plain, &k); err != nil {
		return Keyring{}, fmt.Errorf("govern: keyring: %w", err)
	}
	if k.V != keyringVersion {
		return Keyring{}, errors.New("govern: keyring of a newer version")
	}
	return k, nil
}
