package people

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/fxamacker/cbor/v2"

	"jishan/app/coded"
	"jishan/app/fault"
)

// CodeDigits is the length of the code printed on a card: eight digits and a
// check digit, short enough to be read out on the telephone.
const CodeDigits = 9

// cardState is what the record keeps of a person's card.
type cardState struct {
	Generation int // 0 for the first card; raised when a card is replaced
	Attempt    int // raised while another person's card has the code; drawn at random for a card that replaces another
}

// String returns the field's value, "" for a first card with the first code.
func (c cardState) String() string {
	if c == (cardState{}) {
		return ""
	}
	return strconv.Itoa(c.Generation) + "." + strconv.Itoa(c.Attempt)
}

// maxCard bounds generations and attempts: nobody loses a card that often.
const maxCard = 9999

// serials is how many serial numbers a generation has.
const serials = maxCard + 1

// serial orders all cards of a person: a later generation, and in it a later
// attempt, is greater.
func (c cardState) serial() int64 { return int64(c.Generation)*serials + int64(c.Attempt) }

func parseCard(s string) cardState {
	g, a, _ := strings.Cut(s, ".")
	c := cardState{}
	c.Generation, _ = strconv.Atoi(g)
	c.Attempt, _ = strconv.Atoi(a)
	if c.Generation < 0 || c.Generation > maxCard || c.Attempt < 0 || c.Attempt > maxCard {
		return cardState{}
	}
	return c
}

// code returns the nine digits of a person's card.
func (c cardState) code(id ID) string {
	h := sha256.Sum256(fmt.Appendf(nil, "jishan card code 1\x00%s\x00%d\x00%d", id, c.Generation, c.Attempt))
	eight := fmt.Sprintf("%08d", binary.BigEndian.Uint64(h[:8])%100_000_000)
	return eight + string(checkDigit(eight))
}

// checkDigit is ISO 7064 MOD 11,10: it finds every wrong digit and every swap
// of two neighbours but 0 and 9 in few cases.
func checkDigit(s string) byte {
	p := 10
	for i := range len(s) {
		p = (p + int(s[i]-'0')) % 10
		if p == 0 {
			p = 10
		}
		p = p * 2 % 11
	}
	return byte('0' + (11-p)%10)
}

// NormalCode returns a typed or scanned card code as nine digits. Fault:
// people.code.bad.
func NormalCode(s string) (string, error) {
	d := strings.NewReplacer(" ", "", "-", "").Replace(fold(s))
	if len(d) != CodeDigits || !digits(d) || checkDigit(d[:CodeDigits-1]) != d[CodeDigits-1] {
		return "", fault.New("people.code.bad")
	}
	return d, nil
}

// The QR of a card: "JS1:" and base45 of CBOR with a signature. It is checked
// without a network and without a list of people.
const (
	cardPrefix  = "JS1:"
	cardVersion = 1
	// cardPINVersion is a card with a PIN: the same and the verifier. A card
	// without one stays as it always was.
	cardPINVersion = 2
	cardDomain     = "jishan card 1\x00"
	maxMask        = 16 // bytes of the masked name: six Chinese characters and stars
	// MaxCardText bounds a card's QR text: version 8 at level M, which an old
	// scanner reads from a worn card.
	MaxCardText = 221
)

// CardProof is what a card says, signed by a staff device of the community.
type CardProof struct {
	Community  string // id text
	Person     ID
	Masked     string
	Generation int
	Attempt    int
	Code       string
	Signer     [8]byte // the first bytes of the signing device's id
	PIN        Verifier
}

type cardBody struct {
	_          struct{} `cbor:",toarray"`
	Version    uint
	Community  [16]byte
	Person     [16]byte
	Masked     string
	Generation uint
	Attempt    uint
	Signer     [8]byte
	Sig        []byte

	pin Verifier // version 2
}

var (
	cardEnc = must(cbor.CoreDetEncOptions().EncMode())
	cardDec = must(cbor.DecOptions{IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden}.DecMode())
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// pinBody is a card with a PIN, version 2.
type pinBody struct {
	_          struct{} `cbor:",toarray"`
	Version    uint
	Community  [16]byte
	Person     [16]byte
	Masked     string
	Generation uint
	Attempt    uint
	Signer     [8]byte
	PIN        Verifier
	Sig        []byte
}

// bytes encodes a card: in version 1 where it has no PIN.
func (b cardBody) bytes() ([]byte, error) {
	if b.Version == cardVersion {
		return cardEnc.Marshal(b)
	}
	return cardEnc.Marshal(pinBody{
		Version: b.Version, Community: b.Community, Person: b.Person, Masked: b.Masked, Generation: b.Generation, Attempt: b.Attempt,
		Signer: b.Signer, PIN: b.pin, Sig: b.Sig,
	})
}

func (b cardBody) statement() []byte {
	b.Sig = []byte{}
	return append([]byte(cardDomain), must(b.bytes())...)
}

// cardText makes a card's QR text; of version 2 if it has a PIN.
func cardText(device ed25519.PrivateKey, community string, id ID, masked string, c cardState, pin Verifier) (string, error) {
	raw, err := ParseID(community) // the same 16 bytes in the same spelling
	if err != nil {
		return "", err
	}
	for len(masked) > maxMask {
		rs := []rune(masked)
		masked = string(rs[:len(rs)-1])
	}
	b := cardBody{
		Version: cardVersion, Community: raw, Person: id, Masked: masked,
		Generation: uint(c.Generation), Attempt: uint(c.Attempt), Signer: [8]byte(device.Public().(ed25519.PublicKey)[:8]),
	}
	if pin != (Verifier{}) {
		b.Version, b.pin = cardPINVersion, pin
	}
	b.Sig = ed25519.Sign(device, b.statement())
	body, err := b.bytes()
	return cardPrefix + coded.Base45(body), err
}

// IsCard tells whether a scanned text is a card's QR, of whatever version.
func IsCard(text string) bool { return strings.HasPrefix(strings.TrimSpace(text), cardPrefix) }

// ReadCard reads a card's QR text and checks its signature. community is this
// device's own; signers returns the ids of its staff devices in force whose id
// begins with the bytes. Faults: people.card.bad (no card, damaged),
// people.card.newer, people.card.foreign{community} (with what the card says,
// unproven), people.card.signer (no such device, or revoked: print a new card),
// people.card.forged.
func ReadCard(text, community string, signers func(prefix [8]byte) [][32]byte) (CardProof, error) {
	text = strings.TrimSpace(text)
	if !IsCard(text) || len(text) > MaxCardText {
		return CardProof{}, fault.New("people.card.bad")
	}
	b, err := decodeCard(text[len(cardPrefix):])
	if err != nil {
		return CardProof{}, err
	}
	p := CardProof{
		Community: ID(b.Community).String(), Person: b.Person, Masked: b.Masked,
		Generation: int(b.Generation), Attempt: int(b.Attempt), Signer: b.Signer, PIN: b.pin,
	}
	p.Code = cardState{p.Generation, p.Attempt}.code(p.Person)
	if p.Community != community {
		return p, fault.New("people.card.foreign", "community", p.Community)
	}
	keys := signers(p.Signer)
	if len(keys) == 0 {
		return CardProof{}, fault.New("people.card.signer")
	}
	for _, key := range keys {
		if ed25519.Verify(key[:], b.statement(), b.Sig) {
			return p, nil
		}
	}
	return CardProof{}, fault.New("people.card.forged")
}

// CardCommunity is which community a card says it is of, unproven: whoever belongs
// to that one can prove it. False for what is no card.
func CardCommunity(text string) (community string, ok bool) {
	text = strings.TrimSpace(text)
	if !IsCard(text) || len(text) > MaxCardText {
		return "", false
	}
	b, err := decodeCard(text[len(cardPrefix):])
	return ID(b.Community).String(), err == nil
}

func decodeCard(text string) (cardBody, error) {
	raw, err := coded.FromBase45(text)
	if err != nil {
		return cardBody{}, fault.New("people.card.bad")
	}
	v, err := cardBodyVersion(raw)
	if err != nil || v == 0 {
		return cardBody{}, fault.New("people.card.bad")
	}
	if v > cardPINVersion {
		return cardBody{}, fault.New("people.card.newer")
	}
	var b cardBody
	if v == cardVersion {
		err = cardDec.Unmarshal(raw, &b)
	} else {
		var p pinBody
		err = cardDec.Unmarshal(raw, &p)
		b = cardBody{Version: v, Community: p.Community, Person: p.Person, Masked: p.Masked, Generation: p.Generation, Attempt: p.Attempt, Signer: p.Signer, Sig: p.Sig, pin: p.PIN}
	}
	if err != nil || b.Generation > maxCard || b.Attempt > maxCard || v == cardPINVersion && b.pin == (Verifier{}) {
		return cardBody{}, fault.New("people.card.bad")
	}
	if again, err := b.bytes(); err != nil || !bytes.Equal(again, raw) {
		return cardBody{}, fault.New("people.card.bad")
	}
	return b, nil
}

func cardBodyVersion(raw []byte) (uint, error) {
	var parts []cbor.RawMessage
	if err := cardDec.Unmarshal(raw, &parts); err != nil {
		return 0, err
	}
	if len(parts) == 0 {
		return 0, errors.New("people: an empty card")
	}
	var v uint
	err := cardDec.Unmarshal(parts[0], &v)
	return v, err
}
