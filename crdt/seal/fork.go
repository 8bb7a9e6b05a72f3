package seal

import (
	"bytes"
	"crypto/sha256"
	"fmt"

	"jishan/crdt/wire"
)

// ForkVersion is the version that this program writes.
const ForkVersion = 1

// MaxForkProof bounds an encoded proof in bytes: two full runs of the usual
// entries, or a few of the greatest.
const MaxForkProof = 2 << 20

const forkDomain = "jishan fork 1\x00"

// ForkProof shows that one incarnation sealed two different changes with one
// sequence number of one document. Anybody can verify it.
type ForkProof struct {
	Version     uint8
	Certificate Certificate
	Doc         string
	Seq         uint64
	Branch      [2]Branch // ascending by hash
}

// Branch is one of the two changes. Where its own seal did not travel, Chain
// leads to the next one that did.
type Branch struct {
	Hash  wire.Hash    // of the change with the proof's Seq
	Seal  Seal         // of that change, or of the last of Chain
	Chain []wire.Chunk // the changes Seq+1 .. of the same feed up to the sealed one
}

// NewForkProof makes a proof of two branches and verifies it.
func NewForkProof(c Certificate, doc string, seq uint64, a, b Branch) (ForkProof, error) {
	if a.Hash.Compare(b.Hash) > 0 {
		a, b = b, a
	}
	p := ForkProof{Version: ForkVersion, Certificate: c, Doc: doc, Seq: seq, Branch: [2]Branch{a, b}}
	return p, p.Verify()
}

// Actor returns the incarnation that forked.
func (p ForkProof) Actor() wire.Actor { return p.Certificate.Actor() }

// ID returns the proof's id in the set of proofs. One proof per incarnation is
// enough to stop it; of two, the set keeps the smaller.
func (p ForkProof) ID() [32]byte {
	a := p.Actor()
	return sha256.Sum256(append([]byte(forkDomain), a[:]...))
}

// Verify checks the certificate, both seals and the chains. Errors:
// ErrCertificate, ErrSeal, ErrMalformed.
func (p ForkProof) Verify() error {
	if p.Version != ForkVersion {
		return fmt.Errorf("%w: fork proof version %d", ErrMalformed, p.Version)
	}
	if err := p.Certificate.Verify(); err != nil {
		return err
	}
	if p.Branch[0].Hash.Compare(p.Branch[1].Hash) >= 0 {
		return fmt.Errorf("%w: fork proof of one change", ErrMalformed)
	}
	for _, b := range p.Branch {
		if err := b.verify(p.Certificate, p.Doc, p.Seq); err != nil {
			return err
		}
	}
	return nil
}

// verify follows the chain from the change to the sealed one. A change's first
// dependency in a feed is the change before it, and its hash covers that.
func (b Branch) verify(c Certificate, doc string, seq uint64) error {
	if len(b.Chain) > MaxRun {
		return fmt.Errorf("%w: fork proof chain", ErrMalformed)
	}
	last := b.Hash
	for _, chunk := range b.Chain {
		h, err := wire.Peek(chunk)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrMalformed, err)
		}
		seq++
		if h.Actor != c.Actor() || h.Seq != seq || len(h.Deps) != 1 || h.Deps[0] != last {
			return fmt.Errorf("%w: fork proof chain", ErrMalformed)
		}
		last = h.Hash
	}
	return Verify(c, doc, seq, last, b.Seal)
}

type forkBody struct {
	_           struct{} `cbor:",toarray"`
	Version     uint8
	Certificate []byte
	Doc         string
	Seq         uint64
	Branch      [2]branchBody
}

type branchBody struct {
	_     struct{} `cbor:",toarray"`
	Hash  []byte
	Seal  []byte
	Chain [][]byte
}

// Encode returns the proof in core deterministic CBOR.
func (p ForkProof) Encode() []byte {
	v := forkBody{Version: p.Version, Certificate: p.Certificate.Encode(), Doc: p.Doc, Seq: p.Seq}
	for i, b := range p.Branch {
		chain := make([][]byte, len(b.Chain))
		for j, c := range b.Chain {
			chain[j] = c
		}
		v.Branch[i] = branchBody{Hash: b.Hash[:], Seal: b.Seal[:], Chain: chain}
	}
	return encode(v)
}

// DecodeForkProof reads what Encode wrote and verifies it.
func DecodeForkProof(b []byte) (ForkProof, error) {
	var v forkBody
	if err := decode(b, MaxForkProof, &v); err != nil {
		return ForkProof{}, err
	}
	c, err := DecodeCertificate(v.Certificate)
	if err != nil {
		return ForkProof{}, err
	}
	p := ForkProof{Version: v.Version, Certificate: c, Doc: v.Doc, Seq: v.Seq}
	for i, w := range v.Branch {
		if len(w.Hash) != len(wire.Hash{}) || len(w.Seal) != len(Seal{}) {
			return ForkProof{}, fmt.Errorf("%w: fork proof", ErrMalformed)
		}
		p.Branch[i] = Branch{Hash: wire.Hash(w.Hash), Seal: Seal(w.Seal)}
		for _, chunk := range w.Chain {
			p.Branch[i].Chain = append(p.Branch[i].Chain, chunk)
		}
	}
	if !bytes.Equal(p.Encode(), b) {
		return ForkProof{}, fmt.Errorf("%w: fork proof is not deterministic", ErrMalformed)
	}
	return p, p.Verify()
}
