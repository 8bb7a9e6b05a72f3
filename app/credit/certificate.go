package credit

import (
	"crypto/ed25519"
	"errors"
	"strings"
	"unicode/utf8"

	"github.com/oklog/ulid/v2"

	"jishan/app/coded"
	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/people"
)

// MaxText bounds a certificate in characters: version 18 at level M, which an old
// scanner reads from paper.
const MaxText = 800

const certificateVersion = 1

// textFormat begins each certificate with its name and version.
var textFormat = coded.Text{Family: "JSC", Version: certificateVersion, Domain: "jishan credit 1", Max: MaxText}

// Limits of a certificate's texts, in bytes.
const (
	maxName      = 60 // twenty Chinese characters: a minority name with its dots
	maxCommunity = 90
)

// Certificate is what a credit certificate says. It holds no id of the person's:
// the line's leads there, on a device of the community.
type Certificate struct {
	Community string `json:"community"` // id text
	Place     string `json:"place"`     // the community's name
	Line      string `json:"line"`      // id
	Number    string `json:"number"`
	Version   int64  `json:"version"`
	Name      string `json:"name"`   // whole: the bank compares it with the identity card
	IDTail    string `json:"idTail"` // the last four of the ID number; "" if none is kept
	Points    int64  `json:"points"`
	Basis     string `json:"basis"`
	Amount    int64  `json:"amount"` // yuan
	Made      int64  `json:"made"`
	Until     int64  `json:"until"`

	Signer [32]byte `json:"-"` // the device that printed it
}

type certificateBody struct {
	_         struct{} `cbor:",toarray"`
	Version   uint64
	Community [16]byte
	Place     string
	Line      [16]byte
	Of        int64
	Name      string
	IDTail    string
	Points    int64
	Basis     string
	Amount    int64
	Made      int64
	Until     int64
	Signer    [32]byte
}

// IsCertificate tells whether a text means to be a certificate, of whatever
// version.
func IsCertificate(text string) bool { return textFormat.Is(text) }

// Text returns the certificate's text, signed by a device.
func (c Certificate) Text(device ed25519.PrivateKey) (string, error) {
	community, err := people.ParseID(c.Community) // the same 16 bytes in the same spelling
	if err != nil {
		return "", err
	}
	line, err := ulid.ParseStrict(strings.ToUpper(c.Line))
	if err != nil {
		return "", err
	}
	payload, err := coded.Marshal(certificateBody{
		Version: certificateVersion, Community: community, Place: cut(c.Place, maxCommunity), Line: line, Of: c.Version, Name: cut(c.Name, maxName), IDTail: c.IDTail,
		Points: c.Points, Basis: c.Basis, Amount: c.Amount, Made: c.Made, Until: c.Until, Signer: [32]byte(device.Public().(ed25519.PublicKey)),
	})
	if err != nil {
		return "", err
	}
	return textFormat.Write(payload, func(m []byte) []byte { return ed25519.Sign(device, m) })
}

func cut(s string, limit int) string {
	for len(s) > limit {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return s
}

// ReadCertificate reads a certificate's text and proves that the device which it
// names has signed it. Whether that device may speak for the community is for the
// caller to say, by its key. Faults: credit.bad (no certificate), credit.newer,
// credit.cut (its end is missing), credit.damaged, credit.forged.
func ReadCertificate(text string) (Certificate, error) {
	signed, err := textFormat.Read(text)
	if err != nil {
		return Certificate{}, refusal(err)
	}
	var b certificateBody
	if coded.Unmarshal(signed.Payload, &b) != nil || !b.plain() {
		return Certificate{}, fault.New("credit.damaged")
	}
	if signed.Verify(func(m, sig []byte) bool { return ed25519.Verify(b.Signer[:], m, sig) }) != nil {
		return Certificate{}, fault.New("credit.forged")
	}
	id := strings.ToLower(ulid.ULID(b.Line).String())
	return Certificate{
		Community: people.ID(b.Community).String(), Place: b.Place, Line: id, Number: Number(id), Version: b.Of, Name: b.Name, IDTail: b.IDTail,
		Points: b.Points, Basis: b.Basis, Amount: b.Amount, Made: b.Made, Until: b.Until, Signer: b.Signer,
	}, nil
}

func (b certificateBody) plain() bool {
	return govern.PlainLine(b.Name) && govern.PlainLine(b.Place) && govern.PlainLine(b.IDTail) && len(b.Name) <= maxName && len(b.Place) <= maxCommunity && len(b.IDTail) <= 4 && b.Amount > 0 &&
		lineValue{Version: b.Of, Points: b.Points, Basis: b.Basis, Amount: b.Amount, Made: b.Made, Until: b.Until}.whole()
}

func refusal(err error) error {
	switch {
	case errors.Is(err, coded.ErrOther):
		return fault.New("credit.bad")
	case errors.Is(err, coded.ErrNewer):
		return fault.New("credit.newer")
	case errors.Is(err, coded.ErrCut):
		return fault.New("credit.cut")
	}
	return fault.New("credit.damaged")
}
