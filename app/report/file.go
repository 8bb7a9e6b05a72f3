package report

import (
	"bytes"
	"crypto/ed25519"

	"jishan/app/fault"
	"jishan/app/govern"
)

// Limits of a file: a street with forty communities and two years.
const (
	maxReports = 2_000
	// MaxFile bounds a file in bytes.
	MaxFile = 4 << 20
	// magic begins a file; the digit is its version.
	magic = "jishan-report 1\n"
)

// carrierDomain keeps a carrier's signature from being taken for another one.
const carrierDomain = "jishan report carrier 1\x00"

// Bundle are the reports of one community and who it is.
type Bundle struct {
	_            struct{} `cbor:",toarray"`
	Introduction string   // govern.Introduction, as text
	Reports      [][]byte
}

// body is what follows the magic.
type body struct {
	_       struct{} `cbor:",toarray"`
	Bundles []Bundle
	Carrier string // the introduction of a street that passes on what it has; "" for a community's own file
	Sig     []byte // the carrier's, over the bundles
}

// File writes bundles as a file.
func File(list []Bundle) ([]byte, error) { return encode(body{Bundles: list, Sig: []byte{}}) }

// Forward writes what a street has of its communities, and its word that these are
// its communities: who knows the street need not ask each of them.
func Forward(key ed25519.PrivateKey, carrier string, list []Bundle) ([]byte, error) {
	raw, err := encoding.Marshal(list)
	if err != nil {
		return nil, err
	}
	return encode(body{Bundles: list, Carrier: carrier, Sig: ed25519.Sign(key, append([]byte(carrierDomain), raw...))})
}

func encode(b body) ([]byte, error) {
	raw, err := encoding.Marshal(b)
	if err == nil && len(raw)+len(magic) > MaxFile {
		err = fault.New("report.file.large", "max", MaxFile>>20)
	}
	return append([]byte(magic), raw...), err
}

// Opened is a file as it was read: nothing of it is believed yet.
type Opened struct {
	Bundles []Bundle
	Carrier *govern.Introduction // nil for a community's own file; its signature is good
}

// ReadFile reads a file. Faults: report.file.bad, report.newer, report.forged.
func ReadFile(raw []byte) (out Opened, err error) {
	bad := fault.New("report.file.bad")
	rest, ok := bytes.CutPrefix(raw, []byte(magic))
	if !ok && bytes.HasPrefix(raw, []byte(magic[:len(magic)-2])) {
		return out, fault.New("report.newer")
	}
	var b body
	if !ok || len(raw) > MaxFile || decoding.Unmarshal(rest, &b) != nil || len(b.Bundles) == 0 {
		return out, bad
	}
	if again, err := encoding.Marshal(b); err != nil || !bytes.Equal(again, rest) {
		return out, bad
	}
	out.Bundles = b.Bundles
	if b.Carrier == "" {
		return out, nil
	}
	i, err := govern.ReadIntroduction(b.Carrier)
	if err != nil {
		return out, bad
	}
	list, err := encoding.Marshal(b.Bundles)
	if err != nil || len(b.Sig) != ed25519.SignatureSize || !ed25519.Verify(i.Device[:], append([]byte(carrierDomain), list...), b.Sig) {
		return out, fault.New("report.forged", "name", i.Name)
	}
	out.Carrier = &i
	return out, nil
}
