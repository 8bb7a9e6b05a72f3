// Package pass writes and reads passes: a dated word of a staff device about one
// person, in a text for a QR code. It says which level the person has and how many
// points were earned in all, so that a till without a network can give the discount
// that hangs on them.
//
// It must never know a ledger, a database or a price: whether the device may say so
// and what it is worth at a till is for the charter and the shop. The format is
// described in docs/passes.md. Start reading at [Read].
package pass

import (
	"crypto/ed25519"
	"errors"
	"strings"
	"unicode/utf8"

	"jishan/app/coded"
	"jishan/app/fault"
	"jishan/crdt/seal"
)

const version = 1

// format begins each text with its name and version.
var format = coded.Text{Family: "JSL", Version: version, Domain: "jishan pass 1", Max: MaxText}

const (
	// MaxText bounds a pass in characters: the longest that Text makes has 560.
	MaxText = 600
	// maxMasked bounds the masked name in bytes: five characters and a star.
	maxMasked = 24
	// maxLevel bounds a level's id in bytes, such as "l12".
	maxLevel = 8
	// maxSeconds is the year 9999: days beyond it can't be written.
	maxSeconds = 253_402_300_800
	// Step is what points earned in all are rounded down to: a till learns no more
	// than it needs.
	Step = 10
)

// Pass is what a pass's text holds.
type Pass struct {
	Community   [8]byte // the first half of its id
	Person      [16]byte
	Level       string // id of the level, "" for none
	Life        int64  // points earned in all, rounded down to Step; 0: nothing is said
	From, Until int64  // seconds since 1970, both within
	Masked      string // 张*芳
	Certificate seal.Certificate
}

type body struct {
	_           struct{} `cbor:",toarray"`
	Version     uint64
	Community   [8]byte
	Person      [16]byte
	Level       string
	Life        int64
	From, Until int64
	Masked      string
	Certificate []byte
}

// Is tells whether a text means to be a pass, of whatever version.
func Is(text string) bool { return format.Is(text) }

// Text returns the pass's text. sign is the key of the certificate's incarnation.
func (p *Pass) Text(sign ed25519.PrivateKey) (string, error) {
	if !p.whole() {
		return "", errors.New("pass: not whole")
	}
	payload, err := coded.Marshal(body{
		Version: version, Community: p.Community, Person: p.Person, Level: p.Level, Life: p.Life,
		From: p.From, Until: p.Until, Masked: p.Masked, Certificate: p.Certificate.Encode(),
	})
	if err != nil {
		return "", err
	}
	return format.Write(payload, func(m []byte) []byte { return ed25519.Sign(sign, m) })
}

// whole tells whether a pass says something, within its bounds.
func (p *Pass) whole() bool {
	return (p.Level != "" || p.Life > 0) && len(p.Level) <= maxLevel && strings.Trim(p.Level, "abcdefghijklmnopqrstuvwxyz0123456789") == "" &&
		p.Life >= 0 && p.Life <= 1<<40 && p.Life%Step == 0 &&
		p.From > 0 && p.From < p.Until && p.Until <= maxSeconds &&
		len(p.Masked) <= maxMasked && utf8.ValidString(p.Masked) && !strings.ContainsFunc(p.Masked, func(r rune) bool { return r < ' ' })
}

// Masked cuts a masked name to what a pass holds.
func Masked(name string) string {
	for len(name) > maxMasked {
		_, n := utf8.DecodeLastRuneInString(name)
		name = name[:len(name)-n]
	}
	return name
}

// Unproven is a pass as it was read.
type Unproven struct {
	*Pass
	signed coded.Signed
}

// Read reads a pass's text. Nothing of it is proven until Verify. Faults: pass.bad
// (no pass), pass.newer, pass.cut (its end is missing), pass.damaged.
func Read(text string) (Unproven, error) {
	signed, err := format.Read(text)
	switch {
	case errors.Is(err, coded.ErrOther):
		return Unproven{}, fault.New("pass.bad")
	case errors.Is(err, coded.ErrNewer):
		return Unproven{}, fault.New("pass.newer")
	case errors.Is(err, coded.ErrCut):
		return Unproven{}, fault.New("pass.cut")
	case err != nil:
		return Unproven{}, fault.New("pass.damaged")
	}
	var b body
	if err := coded.Unmarshal(signed.Payload, &b); err != nil {
		return Unproven{}, fault.New("pass.damaged")
	}
	c, err := seal.DecodeCertificate(b.Certificate)
	p := &Pass{b.Community, b.Person, b.Level, b.Life, b.From, b.Until, b.Masked, c}
	if err != nil || !p.whole() {
		return Unproven{}, fault.New("pass.damaged")
	}
	return Unproven{p, signed}, nil
}

// Verify checks that the certificate's incarnation signed the pass and that the
// certificate is its device's. Whose device that is stands in the charter. Fault:
// pass.forged.
func (u Unproven) Verify() error {
	c := u.Certificate
	if c.Verify() != nil || u.signed.Verify(func(m, sig []byte) bool { return ed25519.Verify(c.Public[:], m, sig) }) != nil {
		return fault.New("pass.forged")
	}
	return nil
}

// Good says whether a pass is good at a time, milliseconds. Faults: pass.early{from},
// pass.expired{until}, in seconds.
func (p *Pass) Good(now int64) error {
	switch {
	case now < p.From*1000:
		return fault.New("pass.early", "from", p.From)
	case now/1000 > p.Until:
		return fault.New("pass.expired", "until", p.Until)
	}
	return nil
}
