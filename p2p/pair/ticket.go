// Package pair lets a new device join by a ticket.
//
// A ticket is a text (or its QR) that the inviting device made: a 128-bit
// secret, who invites and where it listens. The joiner dials exactly that
// device, proves that it knows the secret without sending it, and hands over
// what it wants to be; the inviter's callback decides and answers. Package pair
// must never know a community's rules or documents: request and welcome are the
// callers' bytes. Start reading at [Ticket], then [Inviter] and [Join].
package pair

import (
	"bytes"
	"crypto/sha256"
	"encoding/base32"
	"errors"
	"fmt"
	"io"
	"strings"

	"github.com/fxamacker/cbor/v2"

	"jishan/p2p"
)

// Version is the version of tickets and of the protocol.
const Version = 1

// Limits of a ticket.
const (
	// maxText bounds a ticket's text: twelve addresses of 80 bytes, names, and
	// base32 around them.
	maxText = 4096
	// maxName bounds each name in bytes.
	maxName = 200
	// checkSize is enough that a mistyped ticket is caught with all but one in
	// four thousand million.
	checkSize = 4
)

// What is wrong with a ticket.
var (
	ErrMalformed = errors.New("pair: not a ticket, or not copied whole")
	ErrNewer     = errors.New("pair: the ticket was made by a newer version of the program")
	ErrExpired   = errors.New("pair: the ticket has expired")
)

// Ticket invites one device.
type Ticket struct {
	Secret    [16]byte
	Device    [32]byte // who invites
	Addrs     []string // where it listens: multiaddrs
	Expires   int64    // milliseconds since 1970
	Community string   // its name
	Inviter   string   // the inviting device's name
	Role      string   // the role offered
	Name      string   // the name meant for the new device
}

type ticketBody struct {
	_         struct{} `cbor:",toarray"`
	Version   uint
	Secret    []byte
	Device    []byte
	Addrs     []string
	Expires   int64
	Community string
	Inviter   string
	Role      string
	Name      string
}

const prefix = "JISHAN"

var alphabet = base32.HexEncoding.WithPadding(base32.NoPadding)

// NewTicket draws the secret of t.
func NewTicket(rand io.Reader, t Ticket) (Ticket, error) {
	_, err := io.ReadFull(rand, t.Secret[:])
	return t, err
}

// String returns the ticket as text: capital letters and digits only, which
// keeps its QR small and survives being read out.
func (t Ticket) String() string {
	b, err := encMode.Marshal(ticketBody{Version: Version, Secret: t.Secret[:], Device: t.Device[:], Addrs: t.Addrs,
		Expires: t.Expires, Community: t.Community, Inviter: t.Inviter, Role: t.Role, Name: t.Name})
	if err != nil {
		panic(err) // plain bytes, texts and numbers always encode
	}
	return fmt.Sprintf("%s%d:%s", prefix, Version, alphabet.EncodeToString(append(b, check(b)...)))
}

func check(b []byte) []byte {
	h := sha256.Sum256(append([]byte("jishan ticket 1\x00"), b...))
	return h[:checkSize]
}

// ParseTicket reads a ticket's text; spaces, line breaks and case don't matter.
// now is in milliseconds. Errors: ErrMalformed, ErrNewer, ErrExpired.
func ParseTicket(text string, now int64) (Ticket, error) {
	text = strings.ToUpper(strings.Join(strings.Fields(text), ""))
	rest, ok := strings.CutPrefix(text, prefix)
	version, data, ok2 := strings.Cut(rest, ":")
	if !ok || !ok2 || len(text) > maxText {
		return Ticket{}, ErrMalformed
	}
	if version != fmt.Sprint(Version) {
		if version != "" && strings.Trim(version, "0123456789") == "" {
			return Ticket{}, ErrNewer
		}
		return Ticket{}, ErrMalformed
	}
	b, err := alphabet.DecodeString(data)
	if err != nil || len(b) <= checkSize || !bytes.Equal(check(b[:len(b)-checkSize]), b[len(b)-checkSize:]) {
		return Ticket{}, ErrMalformed
	}
	t, err := decodeTicket(b[:len(b)-checkSize])
	if err == nil && t.Expires <= now {
		err = ErrExpired
	}
	return t, err
}

func decodeTicket(b []byte) (Ticket, error) {
	var v ticketBody
	if err := decMode.Unmarshal(b, &v); err != nil || v.Version != Version || len(v.Secret) != 16 || len(v.Device) != 32 ||
		len(v.Addrs) == 0 || len(v.Addrs) > p2p.MaxAddrs {
		return Ticket{}, ErrMalformed
	}
	for _, s := range []string{v.Community, v.Inviter, v.Role, v.Name} {
		if len(s) > maxName {
			return Ticket{}, ErrMalformed
		}
	}
	return Ticket{Secret: [16]byte(v.Secret), Device: [32]byte(v.Device), Addrs: v.Addrs, Expires: v.Expires,
		Community: v.Community, Inviter: v.Inviter, Role: v.Role, Name: v.Name}, nil
}

var encMode, decMode = modes()

func modes() (cbor.EncMode, cbor.DecMode) {
	e, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		panic(err)
	}
	d, err := cbor.DecOptions{DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		MaxNestedLevels: 4, MaxArrayElements: 64, MaxMapPairs: 16}.DecMode()
	if err != nil {
		panic(err)
	}
	return e, d
}
