// Package seal says who wrote a change: incarnations, the certificates that
// devices give them, Ed25519 seals over change hashes, fork proofs, the
// context that a change's message carries, and the lock file that tells a
// restored backup from a crash.
//
// It is about keys and bytes. It must never know a role, a document's meaning,
// a database or a network. Start reading at [Verify]: the sealed statement is
// what everything else stands on.
package seal

import (
	"crypto/ed25519"
	"encoding/binary"
	"errors"

	"jishan/crdt/wire"
)

// Errors of verification.
var (
	// ErrSeal: the seal is not the certificate's key over this change.
	ErrSeal = errors.New("seal: wrong seal")
	// ErrCertificate: a certificate's bytes or signatures are wrong.
	ErrCertificate = errors.New("seal: wrong certificate")
	// ErrMalformed: bytes that are no value of this package.
	ErrMalformed = errors.New("seal: malformed")
)

const (
	sealDomain = "jishan seal 1\x00"
	algEd25519 = 1

	// MaxRun is how many changes in a row of a feed part one seal may cover:
	// the last carries it, at most 63 before it have none. It bounds what a
	// receiver must hold back until it can verify, and a fork proof's length.
	MaxRun = 64
)

// Seal is an Ed25519 signature over a change's place and hash.
type Seal [ed25519.SignatureSize]byte

// Sealed is a change on its way: the chunk and its seal. A nil seal means that
// a later seal of the same feed part covers it; at most MaxRun-1 in a row.
type Sealed struct {
	Chunk wire.Chunk
	Seal  *Seal
}

// statement is what a seal signs. The document's id begins with its community,
// so a seal can't be moved to another document or community.
func statement(doc string, actor wire.Actor, seq uint64, h wire.Hash) []byte {
	b := make([]byte, 0, len(sealDomain)+1+2+len(doc)+len(actor)+8+len(h))
	b = append(b, sealDomain...)
	b = append(b, algEd25519)
	b = binary.BigEndian.AppendUint16(b, uint16(len(doc)))
	b = append(b, doc...)
	b = append(b, actor[:]...)
	b = binary.BigEndian.AppendUint64(b, seq)
	return append(b, h[:]...)
}

// Seal signs change seq of this incarnation in the document.
func (i *Incarnation) Seal(doc string, seq uint64, h wire.Hash) Seal {
	return Seal(ed25519.Sign(i.Private, statement(doc, i.Actor(), seq, h)))
}

// Verify checks a seal against the incarnation's certificate, whose own
// signatures the caller has verified before. Error: ErrSeal.
func Verify(c Certificate, doc string, seq uint64, h wire.Hash, s Seal) error {
	known := proven{c.Public, doc, seq, h, s}
	if memory.holds(known) {
		return nil
	}
	if !ed25519.Verify(c.Public[:], statement(doc, c.Actor(), seq, h), s[:]) {
		return ErrSeal
	}
	memory.add(known)
	return nil
}
