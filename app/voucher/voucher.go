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
	"strings"

	"jishan/app/coded"
	"jishan/app/fault"
	"jishan/crdt/seal"
	"jishan/crdt/wire"
)

// The text begins with the format's name and version.
const (
	family  = "JSV"
	prefix  = family + "1:"
	version = 1
	domain  = "jishan voucher 1" // the external data of its signature
)

const (
	// MaxText bounds a voucher in characters: version 26 at level M, the
	// greatest code that a till's camera reads from a slip of 58 mm.
	MaxText = 1900
	// maxRaw bounds what is unpacked, in bytes.
	maxRaw = 4096
	// maxMasked bounds the masked name in bytes: five characters and a star.
	maxMasked = 24
	// maxChange bounds the sealed change in bytes.
	maxChange = 2048
)

// common is what is alike in all vouchers: the text of a change's context and
// its columns, the shape of the transaction.
var common = []byte("!\x00\x01\x00\x06\x15\x06\x34\x01\x42\x02\x56\x03\x57\x70\x02\x7f\x04tx/1\x01\x01\x01\x00" +
	"\xa4\x01\x01\x03\x58\x10\x04\x642026\x05\x81\xa5\x01\x02\x06\x50\x07\x82\x12\x6bv179\x83\x58\x20\x85\x6f\x4a\x83\x01 voucher!\x001 1.")

// Voucher is what a voucher's text holds.
type Voucher struct {
	Community   [16]byte
	Part        uint64 // of the payer's feed
	Change      wire.Chunk
	Seal        seal.Seal
	Masked      string            // 张*芳
	Certificate *seal.Certificate // of the payer's incarnation, if the till may not hold it
}

type body struct {
	_           struct{} `cbor:",toarray"`
	Version     uint64
	Community   [16]byte
	Part        uint64
	Change      []byte
	Seal        [64]byte
	Masked      string
	Certificate []byte
}

// Is tells whether a text means to be a voucher, of whatever version.
func Is(text string) bool { return strings.HasPrefix(strings.TrimSpace(text), family) }

// Text returns the voucher's text. sign is the payer's incarnation, whose key
// sealed the change.
func (v *Voucher) Text(sign ed25519.PrivateKey) (string, error) {
	b := body{Version: version, Community: v.Community, Part: v.Part, Change: v.Change, Seal: v.Seal, Masked: clip(v.Masked)}
	if v.Certificate != nil {
		b.Certificate = v.Certificate.Encode()
	}
	payload, err := coded.Marshal(b)
	if err != nil {
		return "", err
	}
	signed, err := coded.Sign1(payload, []byte(domain), func(m []byte) []byte { return ed25519.Sign(sign, m) })
	if err != nil {
		return "", err
	}
	zipped, err := coded.Zip(signed, common)
	return prefix + coded.Base45(zipped), err
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
	text = strings.TrimSpace(text)
	rest, ok := strings.CutPrefix(text, prefix)
	switch {
	case !Is(text):
		return Unproven{}, fault.New("voucher.bad")
	case !ok && laterVersion(text):
		return Unproven{}, fault.New("voucher.newer")
	case !ok && strings.HasPrefix(prefix, text):
		return Unproven{}, fault.New("voucher.cut")
	case !ok || len(text) > MaxText:
		return Unproven{}, fault.New("voucher.damaged")
	}
	signed, payload, err := unpack(rest)
	if err != nil {
		return Unproven{}, reason(err)
	}
	v, err := parse(payload)
	return Unproven{v, signed}, err
}

// laterVersion tells JSV2: and later from a damaged prefix.
func laterVersion(text string) bool {
	n, _, ok := strings.Cut(strings.TrimPrefix(text, family), ":")
	return ok && len(n) > 0 && len(n) < 4 && strings.Trim(n, "0123456789") == "" && n != "0" && n != "1"
}

func unpack(text string) (coded.Signed, []byte, error) {
	cut := len(text)%3 == 1 // one character alone is nothing: the next is missing
	if cut {
		text = text[:len(text)-1]
	}
	zipped, err := coded.FromBase45(text)
	if err != nil {
		return coded.Signed{}, nil, err
	}
	raw, err := coded.Unzip(zipped, common, maxRaw)
	if err != nil {
		return coded.Signed{}, nil, err
	}
	if cut {
		return coded.Signed{}, nil, coded.ErrDamaged
	}
	s, err := coded.ReadSign1(raw, []byte(domain))
	return s, s.Payload, err
}

func reason(err error) error {
	if errors.Is(err, coded.ErrCut) {
		return fault.New("voucher.cut")
	}
	return fault.New("voucher.damaged")
}

func parse(payload []byte) (*Voucher, error) {
	if n, err := coded.First(payload); err != nil || n == 0 {
		return nil, fault.New("voucher.damaged")
	} else if n > version {
		return nil, fault.New("voucher.newer")
	}
	var b body
	if err := coded.Unmarshal(payload, &b); err != nil || len(b.Masked) > maxMasked || len(b.Change) > maxChange || b.Part == 0 {
		return nil, fault.New("voucher.damaged")
	}
	v := &Voucher{Community: b.Community, Part: b.Part, Change: b.Change, Seal: b.Seal, Masked: b.Masked}
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
