package coded

import (
	"errors"
	"strconv"
	"strings"
)

// Errors of reading a text.
var (
	// ErrOther says that a text does not mean to be of this family.
	ErrOther = errors.New("coded: something else")
	// ErrNewer says that a text is of a version after ours.
	ErrNewer = errors.New("coded: a newer version")
)

// Text is a kind of signed text for QR codes: family, version, a colon and
// base45 of a COSE_Sign1, whose payload is an array with the version in front.
type Text struct {
	Family  string // such as JSV, in letters that a QR holds cheaply
	Version int
	Domain  string // the external data of its signature
	Max     int    // characters
}

func (f Text) prefix() string { return f.Family + strconv.Itoa(f.Version) + ":" }

// Is tells whether a text means to be of the family, of whatever version.
func (f Text) Is(text string) bool { return strings.HasPrefix(strings.TrimSpace(text), f.Family) }

// Write makes the text of a payload that sign, an Ed25519 key, signs.
func (f Text) Write(payload []byte, sign func(message []byte) []byte) (string, error) {
	signed, err := Sign1(payload, []byte(f.Domain), sign)
	return f.prefix() + Base45(signed), err
}

// Read reads a text that Write made. Nothing of it is proven until
// Signed.Verify. Errors: ErrOther, ErrNewer, ErrCut, ErrDamaged.
func (f Text) Read(text string) (Signed, error) {
	text = strings.TrimSpace(text)
	rest, ok := strings.CutPrefix(text, f.prefix())
	switch {
	case !f.Is(text):
		return Signed{}, ErrOther
	case !ok && f.later(text):
		return Signed{}, ErrNewer
	case !ok && strings.HasPrefix(f.prefix(), text):
		return Signed{}, ErrCut
	case !ok || len(text) > f.Max:
		return Signed{}, ErrDamaged
	}
	signed, err := f.unpack(rest)
	if err != nil {
		return Signed{}, err
	}
	if n, err := First(signed.Payload); err != nil || n == 0 {
		return Signed{}, ErrDamaged
	} else if n > uint64(f.Version) {
		return Signed{}, ErrNewer
	}
	return signed, nil
}

// later tells a later version's prefix from a damaged one.
func (f Text) later(text string) bool {
	n, _, ok := strings.Cut(strings.TrimPrefix(text, f.Family), ":")
	return ok && len(n) > 0 && len(n) < 4 && strings.Trim(n, "0123456789") == "" && n != "0" && n != strconv.Itoa(f.Version)
}

func (f Text) unpack(text string) (Signed, error) {
	raw, err := FromBase45(text)
	if err == nil {
		return ReadSign1(raw, []byte(f.Domain))
	}
	// Half a group at the end: cut off, or written wrongly.
	whole, e := FromBase45(text[:len(text)-len(text)%3])
	if _, short := ReadSign1(whole, []byte(f.Domain)); e == nil && errors.Is(short, ErrCut) {
		return Signed{}, ErrCut
	}
	return Signed{}, ErrDamaged
}
