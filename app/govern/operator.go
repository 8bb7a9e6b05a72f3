package govern

import (
	"crypto/ed25519"
	"errors"
	"fmt"
	"strings"
	"unicode"
)

// Operators are the people who work at devices. The registrar certifies them in
// the charter: who somebody is and what he may do (Operator), and his keys, one
// for each device that he works at (OperatorKey). docs/operators.md says why.

// The entries about operators.
const (
	KindOperator    Kind = 12
	KindOperatorKey Kind = 13
	KindApproval    Kind = 14
)

// OperatorID names a person in the charter; drawn at random where he is added.
type OperatorID [5]byte

// String returns the id as changes name it: 8 characters of base32hex.
func (id OperatorID) String() string { return IDText(id[:]) }

// ParseOperatorID reads what String wrote.
func ParseOperatorID(text string) (id OperatorID, err error) {
	raw, err := idText.DecodeString(strings.ToUpper(text))
	if err != nil || len(raw) != len(id) || IDText(raw) != text {
		return id, errors.New("govern: not an operator's id")
	}
	return OperatorID(raw), nil
}

// OperatorRole is what a person may do.
type OperatorRole uint8

// The roles of people. Numbers are part of the certificate's encoding.
const (
	Lead    OperatorRole = 1 // everything, operators and settings among it
	Clerk   OperatorRole = 2 // the daily work
	Keeper  OperatorRole = 3 // a till and its shelf
	Witness OperatorRole = 4 // second signatures only
)

var operatorRoles = map[OperatorRole]string{Lead: "lead", Clerk: "clerk", Keeper: "keeper", Witness: "witness"}

// String returns the role as the screens' contract writes it.
func (r OperatorRole) String() string { return operatorRoles[r] }

// ParseOperatorRole reads what String wrote; 0 for anything else.
func ParseOperatorRole(s string) OperatorRole {
	for r, name := range operatorRoles {
		if name == s {
			return r
		}
	}
	return 0
}

// Operator says who somebody is, or replaces what an earlier one said of him.
type Operator struct {
	_        struct{} `cbor:",toarray"`
	ID       OperatorID
	Name     string
	Role     OperatorRole
	NotAfter int64 // milliseconds UTC, 0 = none; governs opening the key, never admission
	Out      bool  // works here no more
	Why      string
}

// OperatorKey certifies a key that an operator has at one device. The latest of
// an operator and device counts.
type OperatorKey struct {
	_        struct{} `cbor:",toarray"`
	Operator OperatorID
	Device   [32]byte
	Key      [32]byte
	Proof    []byte // by the key itself, see [ProveOperatorKey]
	Resets   uint64 // raised to let somebody try his PIN again
	Out      bool   // withdrawn, or asked for and refused
}

// Approval proves that several people wanted what stands beside it in the same
// change.
type Approval struct {
	_          struct{} `cbor:",toarray"`
	Signatures []Signature
}

// Signature is one person's, by the key that he has at one device.
type Signature struct {
	_        struct{} `cbor:",toarray"`
	Operator OperatorID
	Key      [32]byte
	Sig      []byte
}

// Kind returns the entry's number.
func (Operator) Kind() Kind    { return KindOperator }
func (OperatorKey) Kind() Kind { return KindOperatorKey }
func (Approval) Kind() Kind    { return KindApproval }

// maxOperatorName is in bytes: 20 characters of Chinese.
const maxOperatorName = 60

func (o Operator) check() error {
	switch {
	case operatorRoles[o.Role] == "":
		return ErrNewer
	case strings.TrimSpace(o.Name) == "" || len(o.Name) > maxOperatorName || !PlainLine(o.Name):
		return errors.New("the operator's name is empty or too long")
	case o.NotAfter < 0 || !text(o.Why, maxName):
		return errors.New("a bad operator")
	}
	return nil
}

func (k OperatorKey) check() error {
	if len(k.Proof) != ed25519.SignatureSize || k.Key == ([32]byte{}) {
		return errors.New("an operator's key without proof")
	}
	return nil
}

// maxSignatures bounds those of one approval.
const maxSignatures = 8

func (a Approval) check() error {
	if len(a.Signatures) < 2 || len(a.Signatures) > maxSignatures {
		return errors.New("an approval takes two signatures")
	}
	for _, s := range a.Signatures {
		if len(s.Sig) != ed25519.SignatureSize {
			return errors.New("a signature that is none")
		}
	}
	return nil
}

const operatorKeyDomain = "jishan operator key 1\x00"

// keyStatement binds a key to its owner and device, so that no certificate can
// give somebody's key to another person.
func keyStatement(community string, id OperatorID, device [32]byte) []byte {
	b := append([]byte(operatorKeyDomain+community+"\x00"), id[:]...)
	return append(b, device[:]...)
}

// ProveOperatorKey shows that whoever asks for a certificate has the key.
func ProveOperatorKey(key ed25519.PrivateKey, community string, id OperatorID, device [32]byte) []byte {
	return ed25519.Sign(key, keyStatement(community, id, device))
}

// Proven tells whether the key's own signature stands under the entry.
func (k OperatorKey) Proven(community string) bool {
	return ed25519.Verify(k.Key[:], keyStatement(community, k.Operator, k.Device), k.Proof)
}

// BareName is a name without what is typed by accident: two operators whose
// names look alike would be taken for each other.
func BareName(name string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsSpace(r) {
			return -1
		}
		return unicode.ToLower(r)
	}, name)
}

// keyAt is an operator and a device.
type keyAt struct {
	Operator OperatorID
	Device   [32]byte
}

// operator returns what the charter says of somebody under a head.
func (s *state) operator(id OperatorID, at Point) (Operator, bool) {
	d, ok := latest(s, s.operators[id], at)
	return d.Entry, ok
}

// operatorKey returns the key in force of an operator at a device: certified
// and not withdrawn, its owner works here, the device is one of ours.
func (s *state) operatorKey(id OperatorID, device [32]byte, at Point) (OperatorKey, bool) {
	k, ok := latest(s, s.operatorKeys[keyAt{id, device}], at)
	if !ok || k.Entry.Out {
		return k.Entry, false
	}
	o, ok := s.operator(id, at)
	if !ok || o.Out {
		return k.Entry, false
	}
	_, ok = s.cert(device, at)
	return k.Entry, ok
}

// keyed tells whether the charter ever certified an operator's key: from then
// on what takes two people takes two signatures. It looks at what was, not at
// what is in force, so that withdrawing everybody opens nothing.
func (s *state) keyed(at Point) bool {
	for _, list := range s.operatorKeys {
		for _, d := range list {
			if !d.Entry.Out && s.within(d.At, at) {
				return true
			}
		}
	}
	return false
}

// operatorsFit judges the entries of a change that are about operators.
func (s *state) operatorsFit(community string, at Point, entries []Entry) error {
	fresh := map[OperatorID]Operator{}
	for _, e := range entries {
		switch e := e.(type) {
		case Operator:
			if err := s.nameFree(e, at, fresh); err != nil {
				return err
			}
			fresh[e.ID] = e
		case OperatorKey:
			if err := s.keyFits(community, e, at, fresh); err != nil {
				return err
			}
		}
	}
	return nil
}

func (s *state) nameFree(o Operator, at Point, fresh map[OperatorID]Operator) error {
	if o.Out {
		return nil
	}
	for id := range s.operators {
		other, ok := s.operator(id, at)
		if f, now := fresh[id]; now {
			other, ok = f, true
		}
		if ok && id != o.ID && !other.Out && BareName(other.Name) == BareName(o.Name) {
			return fmt.Errorf("govern: two operators of one name: %.60q", o.Name)
		}
	}
	for id, other := range fresh {
		if id != o.ID && !other.Out && BareName(other.Name) == BareName(o.Name) {
			return fmt.Errorf("govern: two operators of one name: %.60q", o.Name)
		}
	}
	return nil
}

func (s *state) keyFits(community string, k OperatorKey, at Point, fresh map[OperatorID]Operator) error {
	if !k.Proven(community) {
		return errors.New("govern: an operator's key that its owner did not prove")
	}
	for of, list := range s.operatorKeys {
		for _, d := range list {
			if d.Entry.Key == k.Key && of != (keyAt{k.Operator, k.Device}) && s.within(d.At, at) {
				return errors.New("govern: one key for two operators or devices")
			}
		}
	}
	if k.Out {
		return nil
	}
	o, known := s.operator(k.Operator, at)
	if f, ok := fresh[k.Operator]; ok {
		o, known = f, true
	}
	if !known || o.Out {
		return errors.New("govern: the key of nobody who works here")
	}
	if _, ok := s.cert(k.Device, at); !ok {
		return errors.New("govern: an operator's key at a device that is none of ours")
	}
	return nil
}
