// Package voucher writes and reads vouchers: a MOVE of points to one till, as
// its author sealed it, in a text for a QR code. A till needs nothing else to
// take it: no network, and no list of people.
//
// It must never know a ledger, a database or a role: whether a voucher is
// still good is for the ledger and the till to say. The format is described in
// docs/vouchers.md. Start reading at [Read].
package voucher

import (
	"crypto/ed25519"
	"errors"

	"jishan/app/coded"
	"jishan/app/fault"
	"jishan/crdt/seal"
	"jishan/crdt/wire"
)

const version = 1

// format begins each text with its name and version.
var format = coded.Text{Family: "JSV", Version: version, Domain: "jishan voucher 1", Max: MaxText}

const (
	// MaxText bounds a voucher in characters: version 26 at level M, the
	// greatest code that a till's camera reads from a slip of 58 mm.
	MaxText = 1900
	// maxMasked bounds the masked name in bytes: five characters and a star.
	maxMasked = 24
	// maxValue bounds the transaction in bytes: points of some years.
	maxValue = 1024
)

// Voucher is what a voucher's text holds.
type Voucher struct {
	Community   [8]byte // the first half of its id
	Part        uint64  // of the payer's feed
	Change      wire.Chunk
	Seal        seal.Seal
	Masked      string            // 张*芳
	Certificate *seal.Certificate // of the payer's incarnation, if the till may not hold it
}

type body struct {
	_           struct{} `cbor:",toarray"`
	Version     uint64
	Community   [8]byte // the first half: enough to tell communities apart, the seal holds the rest
	Part        uint64
	Change      *short
	Seal        [64]byte
	Masked      string
	Certificate []byte
}

// Is tells whether a text means to be a voucher, of whatever version.
func Is(text string) bool { return format.Is(text) }

// Text returns the voucher's text. sign is the payer's incarnation, whose key
// sealed the change.
func (v *Voucher) Text(sign ed25519.PrivateKey) (string, error) {
	change, err := shorten(v.Change)
	if err != nil {
		return "", err
	}
	b := body{Version: version, Community: v.Community, Part: v.Part, Change: change, Seal: v.Seal, Masked: clip(v.Masked), Certificate: []byte{}}
	if v.Certificate != nil {
		b.Certificate = v.Certificate.Encode()
	}
	payload, err := coded.Marshal(b)
	if err != nil {
		return "", err
	}
	return format.Write(payload, func(m []byte) []byte { return ed25519.Sign(sign, m) })
}

func clip(s string) string {
	for len(s) > maxMasked {
		rs := []rune(s)
		s = string(rs[:len(rs)-1])
	}
	return s
}

// Read reads a voucher's text. Nothing of it is proven until Verify. Faults:
// voucher.bad (no voucher), voucher.newer, voucher.cut (its end is missing),
// voucher.damaged.
func Read(text string) (Unproven, error) {
	signed, err := format.Read(text)
	if err != nil {
		return Unproven{}, reason(err)
	}
	v, err := parse(signed.Payload)
	return Unproven{v, signed}, err
}

func reason(err error) error {
	switch {
	case errors.Is(err, coded.ErrOther):
		return fault.New("voucher.bad")
	case errors.Is(err, coded.ErrNewer):
		return fault.New("voucher.newer")
	case errors.Is(err, coded.ErrCut):
		return fault.New("voucher.cut")
	}
	return fault.New("voucher.damaged")
}

func parse(payload []byte) (*Voucher, error) {
	var b body
	if err := coded.Unmarshal(payload, &b); err != nil || len(b.Masked) > maxMasked || b.Part == 0 || b.Change == nil || len(b.Change.Value) > maxValue {
		return nil, fault.New("voucher.damaged")
	}
	change, err := b.Change.full()
	if err != nil {
		return nil, fault.New("voucher.damaged")
	}
	v := &Voucher{Community: b.Community, Part: b.Part, Change: change, Seal: b.Seal, Masked: b.Masked}
	if len(b.Certificate) > 0 {
		c, err := seal.DecodeCertificate(b.Certificate)
		if err != nil {
			return nil, fault.New("voucher.damaged")
		}
		v.Certificate = &c
	}
	return v, nil
}

// Unproven is a voucher as it was read.
type Unproven struct {
	*Voucher
	signed coded.Signed
}

// Payer returns the incarnation that wrote the voucher. Fault: voucher.damaged.
func (u Unproven) Payer() (wire.Actor, error) {
	h, err := wire.Peek(u.Change)
	if err != nil {
		return wire.Actor{}, fault.New("voucher.damaged")
	}
	return h.Actor, nil
}

// Verify checks the signature with the certificate of the payer's incarnation:
// the one that this device holds, or else the voucher's own, which says whose
// device it is and must be judged under the community's charter. The change's
// own seal is the ledger's to check. Fault: voucher.forged.
func (u Unproven) Verify(c seal.Certificate) error {
	payer, err := u.Payer()
	if err != nil {
		return err
	}
	if c.Actor() != payer || c.Verify() != nil {
		return fault.New("voucher.forged")
	}
	if u.signed.Verify(func(m, sig []byte) bool { return ed25519.Verify(c.Public[:], m, sig) }) != nil {
		return fault.New("voucher.forged")
	}
	return nil
}
