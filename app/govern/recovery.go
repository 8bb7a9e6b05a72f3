package govern

import (
	"crypto/ed25519"
	"errors"
	"io"
	"strings"

	"jishan/app/fault"
	"jishan/crdt/store"
)

// The recovery key is printed once and typed in years later, perhaps from a
// damp sheet of paper. So it has no look-alike characters, and every group
// carries its own check character: a slip is found and its place is named.
const (
	recoveryAlphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ" // Crockford: no I, L, O, U
	recoveryData     = 4                                  // characters of data in a group
	recoveryGroups   = 13                                 // 52 characters: 4 bits of version, 256 of seed
	recoveryVersion  = 1
)

// RecoveryKey is the seed of the Ed25519 key that can begin a new term of the
// charter when no registrar is left. It exists on paper only.
type RecoveryKey [ed25519.SeedSize]byte

// KindRecovery numbers the entry that replaces the recovery key.
const KindRecovery Kind = 15

// Recovery replaces the printed recovery key, when the sheet was lost or was
// seen by somebody: from here on the old one begins no term.
type Recovery struct {
	_      struct{} `cbor:",toarray"`
	Public [32]byte
}

// Kind returns the entry's number.
func (Recovery) Kind() Kind { return KindRecovery }

func (r Recovery) check() error {
	if r.Public == ([32]byte{}) {
		return errors.New("an empty recovery key")
	}
	return nil
}

// recovery returns the public half of the key that can end a term at this head.
func (s *state) recovery(at Point) (public [32]byte) {
	if s.genesis != nil {
		public = s.genesis.Recovery
	}
	for _, d := range s.recoveries {
		if s.within(d.At, at) {
			public = d.Entry.Public
		}
	}
	return public
}

// Recovery returns the public half of the printed recovery key that is in force.
func (c *Charter) Recovery() [32]byte {
	s := c.now()
	return s.recovery(s.head())
}

// RenewRecovery puts another recovery key in force. Fault:
// govern.registrar.only.
func (c *Charter) RenewRecovery(tx *store.Tx, public [32]byte) error {
	return c.Write(tx, "govern.recovery", Recovery{Public: public})
}

// NewRecoveryKey draws a recovery key.
func NewRecoveryKey(rand io.Reader) (RecoveryKey, error) {
	var k RecoveryKey
	_, err := io.ReadFull(rand, k[:])
	return k, err
}

// Private returns the signing key.
func (k RecoveryKey) Private() ed25519.PrivateKey { return ed25519.NewKeyFromSeed(k[:]) }

// Public returns the public key, which the genesis names.
func (k RecoveryKey) Public() [32]byte {
	return [32]byte(k.Private().Public().(ed25519.PublicKey))
}

// String returns the key as 13 groups of five characters, four of data and one
// check character, separated by hyphens.
func (k RecoveryKey) String() string {
	digits := recoveryDigits(k)
	groups := make([]string, recoveryGroups)
	for g := range groups {
		var b strings.Builder
		part := digits[g*recoveryData : (g+1)*recoveryData]
		for _, d := range part {
			b.WriteByte(recoveryAlphabet[d])
		}
		b.WriteByte(recoveryAlphabet[recoveryCheck(g, part)])
		groups[g] = b.String()
	}
	return strings.Join(groups, "-")
}

// ParseRecoveryKey reads what String printed. Spaces, line ends, hyphens and
// lower case are allowed, and O, I, L are read as 0, 1, 1. Faults:
// govern.recovery.length, govern.recovery.group{group, from 1},
// govern.recovery.version.
func ParseRecoveryKey(text string) (RecoveryKey, error) {
	digits, err := recoveryRead(text)
	if err != nil {
		return RecoveryKey{}, err
	}
	const size = recoveryData + 1
	if len(digits) != recoveryGroups*size {
		return RecoveryKey{}, fault.New("govern.recovery.length", "have", len(digits), "need", recoveryGroups*size)
	}
	var data []byte
	for g := range recoveryGroups {
		group := digits[g*size : (g+1)*size]
		if recoveryCheck(g, group[:recoveryData]) != group[recoveryData] {
			return RecoveryKey{}, fault.New("govern.recovery.group", "group", g+1)
		}
		data = append(data, group[:recoveryData]...)
	}
	if data[0]>>1 != recoveryVersion {
		return RecoveryKey{}, fault.New("govern.recovery.version")
	}
	return recoverySeed(data), nil
}

// recoveryDigits splits version and seed into digits of five bits: 4 bits of
// version come first, so the first digit holds them and one bit of the seed.
func recoveryDigits(k RecoveryKey) []byte {
	var out []byte
	acc, bits := uint(recoveryVersion), 4
	for _, b := range k {
		acc, bits = acc<<8|uint(b), bits+8
		for bits >= 5 {
			out = append(out, byte(acc>>(bits-5))&31)
			bits -= 5
		}
		acc &= 1<<bits - 1
	}
	return out
}

// recoverySeed is the inverse of recoveryDigits.
func recoverySeed(digits []byte) RecoveryKey {
	var k RecoveryKey
	acc, bits, n := uint(digits[0]&1), 1, 0
	for _, d := range digits[1:] {
		acc, bits = acc<<5|uint(d), bits+5
		if bits >= 8 {
			k[n] = byte(acc >> (bits - 8))
			n, bits = n+1, bits-8
		}
		acc &= 1<<bits - 1
	}
	return k
}

// recoveryCheck is a Reed-Solomon symbol over GF(32): it finds every single
// wrong character and every swap of two neighbours, and because the group's
// number takes part, a swap of two groups as well.
func recoveryCheck(group int, digits []byte) byte {
	c := byte(group+1) & 31
	for _, d := range digits {
		c = double32(c) ^ d
	}
	return double32(c)
}

// double32 multiplies by x in GF(32) with the polynomial x^5+x^2+1.
func double32(v byte) byte {
	v <<= 1
	if v&32 != 0 {
		v ^= 0b100101
	}
	return v
}

func recoveryRead(text string) ([]byte, error) {
	var digits []byte
	for _, r := range strings.ToUpper(text) {
		switch r {
		case ' ', '-', '\n', '\r', '\t', '\u3000':
			continue
		case 'O':
			r = '0'
		case 'I', 'L':
			r = '1'
		}
		d := strings.IndexRune(recoveryAlphabet, r)
		if d < 0 {
			return nil, fault.New("govern.recovery.group", "group", len(digits)/(recoveryData+1)+1)
		}
		digits = append(digits, byte(d))
	}
	return digits, nil
}
