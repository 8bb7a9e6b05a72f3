package govern

import (
	"bytes"
	"errors"
	"fmt"
	"io"

	"filippo.io/age"
)

// maxParcel bounds what a parcel holds once opened, in bytes: some sentences.
const maxParcel = 16 << 10

// SealTo encrypts for the devices that stand at a place and are not revoked. A
// device that comes there later can't open it. Errors: ErrNobody.
func (c *Charter) SealTo(place string, plain []byte) ([]byte, error) {
	var to []age.Recipient
	for _, d := range c.Devices() {
		text, ok := c.Recipient(d.Device)
		if d.Revoked || d.Place != place || !ok {
			continue
		}
		r, err := age.ParseX25519Recipient(text)
		if err != nil {
			return nil, fmt.Errorf("govern: recipient: %w", err)
		}
		to = append(to, r)
	}
	if len(to) == 0 {
		return nil, ErrNobody
	}
	var out bytes.Buffer
	w, err := age.Encrypt(&out, to...)
	if err != nil {
		return nil, err
	}
	if _, err := w.Write(plain); err != nil {
		return nil, err
	}
	err = w.Close()
	return out.Bytes(), err
}

// ErrNobody says that no device stands at a place.
var ErrNobody = errors.New("govern: no device stands at this place")

// Unseal decrypts what SealTo made; false if it was not made for this device.
func (c *Charter) Unseal(sealed []byte) ([]byte, bool) {
	c.mu.Lock()
	d := c.device
	c.mu.Unlock()
	if d == nil || len(sealed) == 0 {
		return nil, false
	}
	r, err := age.Decrypt(bytes.NewReader(sealed), d.Identity)
	if err != nil {
		return nil, false
	}
	plain, err := io.ReadAll(io.LimitReader(r, maxParcel))
	return plain, err == nil
}
