package govern

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"fmt"
	"strings"

	"jishan/app/fault"
	"jishan/crdt/seal"
	"jishan/crdt/store"
)

// The level above (a street, a district) may appoint a community's main device: its
// key is named in the community's charter, by the introduction that it made of
// itself. There is no network between the two. The device that shall take over
// makes a request, the office above signs an appointment for it, and both travel
// as text.

// keyAbove is the setting that holds the introduction of the level above.
const keyAbove = "above"

// AboveOf returns the level above that these settings name; false for none.
func (r Settings) AboveOf() (Introduction, bool) {
	text := r.Other[keyAbove].Text
	if text == "" {
		return Introduction{}, false
	}
	i, err := ReadIntroduction(text)
	return i, err == nil
}

// NameAbove names the level above by its introduction, or with an empty text nobody.
// Faults: govern.registrar.only, above.own, those of ReadIntroduction.
func (c *Charter) NameAbove(tx *store.Tx, introduction string) error {
	set := Setting{Key: keyAbove}
	if introduction != "" {
		i, err := ReadIntroduction(introduction)
		if err != nil {
			return err
		}
		if i.Community() == c.community {
			return fault.New("above.own")
		}
		set.Text = i.String()
	}
	return c.Write(tx, "govern.above", Policy{Settings: []Setting{set}})
}

// Request asks the level above to appoint a device. It is signed by that device,
// which proves no more than that the device exists: that it is the right one, two
// people find out by reading each other the fingerprint.
type Request struct {
	_      struct{} `cbor:",toarray"`
	V      uint64
	Root   [32]byte // of the community
	Name   string   // of the community
	Term   uint64   // that would begin
	Device [32]byte
	Called string // what the device is called
	Made   int64  // milliseconds UTC
	Sig    []byte
}

// KindAppointment numbers the entry that stands behind a TERM which the level above
// ordered. Numbers are never reused.
const KindAppointment Kind = 21

// Appointment is the order of the level above that a device begins a term of a
// community's charter. It is good for that one term.
type Appointment struct {
	_      struct{} `cbor:",toarray"`
	V      uint64
	Root   [32]byte // of the community
	Term   uint64
	Device [32]byte // that becomes registrar
	Made   int64    // milliseconds UTC
	Signer [32]byte // device of the level above
	Sig    []byte
}

const (
	aboveVersion      = 1
	askPrefix         = "JSQ1:" // the digits are versions
	appointmentPrefix = "JSA1:"
	askDomain         = "jishan request 1\x00"
	appointmentDomain = "jishan appointment 1\x00"
	// maxAbove bounds both in bytes: two names, keys and a signature.
	maxAbove = 800
)

// Kind returns the entry's number.
func (Appointment) Kind() Kind { return KindAppointment }

func (a Appointment) check() error {
	switch {
	case a.V > aboveVersion:
		return ErrNewer
	case a.V == 0 || a.Root == [32]byte{} || a.Term < 2 || a.Term > maxTerm || a.Made <= 0 || len(a.Sig) != ed25519.SignatureSize:
		return errors.New("a bad appointment")
	}
	return nil
}

func (a Appointment) statement() []byte {
	a.Sig = []byte{}
	return append([]byte(appointmentDomain), must(encMode.Marshal(a))...)
}

// String is the appointment as text.
func (a Appointment) String() string {
	return appointmentPrefix + base64.RawURLEncoding.EncodeToString(must(encMode.Marshal(a)))
}

func (r Request) statement() []byte {
	r.Sig = []byte{}
	return append([]byte(askDomain), must(encMode.Marshal(r))...)
}

// String is the request as text.
func (r Request) String() string {
	return askPrefix + base64.RawURLEncoding.EncodeToString(must(encMode.Marshal(r)))
}

// Community returns the id text of the community that asks.
func (r Request) Community() string { return IDText(r.Root[:16]) }

// Fingerprint is what both sides compare by telephone: five groups of four digits,
// as that of an introduction.
func (r Request) Fingerprint() string {
	sum := sha256.Sum256(must(encMode.Marshal([]any{"jishan request fingerprint 1", r.Root, r.Term, r.Device})))
	groups := make([]string, 5)
	for g := range groups {
		groups[g] = fmt.Sprintf("%04d", binary.BigEndian.Uint32(sum[4*g:])%10000)
	}
	return strings.Join(groups, " ")
}

// RequestAppointment asks that this device begin the next term; now is in
// milliseconds. Fault: above.none where no level above is named.
func (c *Charter) RequestAppointment(d *Device, now int64) (Request, error) {
	s := c.now()
	if _, ok := s.rules(s.head()).AboveOf(); !ok {
		return Request{}, fault.New("above.none")
	}
	e, _ := s.enrolled(d.Public())
	r := Request{V: aboveVersion, Root: s.root, Name: s.rules(s.head()).Name, Term: s.head().Term + 1, Device: d.Public(), Called: e.Name, Made: now}
	r.Sig = ed25519.Sign(d.Private, r.statement())
	return r, nil
}

// ReadRequest reads a request and checks that its device signed it. Faults:
// above.request.bad, above.newer.
func ReadRequest(s string) (r Request, err error) {
	bad := fault.New("above.request.bad")
	raw, err := aboveBytes(s, askPrefix, bad)
	if err != nil {
		return r, err
	}
	if decMode.Unmarshal(raw, &r) != nil || !bytes.Equal(must(encMode.Marshal(r)), raw) || !text(r.Name, maxName) || !PlainLine(r.Name) || !text(r.Called, maxName) || !PlainLine(r.Called) ||
		r.Term < 2 || r.Term > maxTerm || r.Made <= 0 || len(r.Sig) != ed25519.SignatureSize || !ed25519.Verify(r.Device[:], r.statement(), r.Sig) {
		return Request{}, bad
	}
	return r, nil
}

// ReadAppointment reads an appointment and checks that its signer signed it;
// whether that is the level above, a charter says. Faults: above.appointment.bad,
// above.newer.
func ReadAppointment(s string) (a Appointment, err error) {
	bad := fault.New("above.appointment.bad")
	raw, err := aboveBytes(s, appointmentPrefix, bad)
	if err != nil {
		return a, err
	}
	if decMode.Unmarshal(raw, &a) != nil || !bytes.Equal(must(encMode.Marshal(a)), raw) || a.check() != nil || !ed25519.Verify(a.Signer[:], a.statement(), a.Sig) {
		return Appointment{}, bad
	}
	return a, nil
}

// aboveBytes takes the bytes out of a text that a messenger may have broken.
func aboveBytes(s, prefix string, bad error) ([]byte, error) {
	rest, ok := strings.CutPrefix(strings.Join(strings.Fields(s), ""), prefix)
	if !ok || len(rest) > base64.RawURLEncoding.EncodedLen(maxAbove) {
		return nil, bad
	}
	raw, err := base64.RawURLEncoding.DecodeString(rest)
	if err != nil {
		return nil, bad
	}
	if v, err := version(raw); err != nil || v == 0 {
		return nil, bad
	} else if v > aboveVersion {
		return nil, fault.New("above.newer")
	}
	return raw, nil
}

// Appoint orders, as the level above, what a request asks for; this device must be
// its community's registrar. Faults: govern.registrar.only, above.own.
func (c *Charter) Appoint(d *Device, r Request, now int64) (Appointment, error) {
	s := c.now()
	if !s.registrar(d.Public(), s.head()) {
		return Appointment{}, fault.New("govern.registrar.only")
	}
	if r.Community() == c.community {
		return Appointment{}, fault.New("above.own")
	}
	a := Appointment{V: aboveVersion, Root: r.Root, Term: r.Term, Device: r.Device, Made: now, Signer: d.Public()}
	a.Sig = ed25519.Sign(d.Private, a.statement())
	return a, nil
}

// appointed tells whether an appointment orders a TERM under its cut: it is of this
// community, for this term and device, by the level above that the charter names.
func (s *state) appointed(cut Point, e Term, a Appointment) bool {
	above, ok := s.rules(cut).AboveOf()
	return ok && a.Root == s.root && a.Term == e.Term && a.Device == e.Device && a.Signer == above.Device && ed25519.Verify(a.Signer[:], a.statement(), a.Sig)
}

// TakeAppointment begins a new term by the order of the level above; else as
// TakeOver. device is this device's key. Faults: above.none, above.appointment.other
// if the order is of another level, device, community or time.
func (c *Charter) TakeAppointment(tx *store.Tx, device ed25519.PrivateKey, a Appointment, inc seal.Certificate, self Cert, more ...Entry) error {
	s, err := c.at(tx)
	if err != nil {
		return err
	}
	cut := s.head()
	if _, ok := s.rules(cut).AboveOf(); !ok {
		return fault.New("above.none")
	}
	if !s.appointed(cut, Term{Term: cut.Term + 1, Device: self.Device}, a) {
		return fault.New("above.appointment.other")
	}
	return c.begin(tx, ByAbove, device, inc, self, append([]Entry{a}, more...))
}
