package ledger

import (
	"bytes"
	"fmt"

	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// VoucherVersion is the version of vouchers and of evidence that travels alone.
const VoucherVersion = 1

// MaxVoucher bounds a voucher in bytes: one change and the changes up to its
// seal.
const MaxVoucher = MaxValue

type wireVoucher struct {
	V        uint64       `cbor:"1,keyasint"`
	Evidence wireEvidence `cbor:"2,keyasint"`
}

// Encode returns the evidence as a voucher: CBOR, core deterministic.
func (v *Evidence) Encode() ([]byte, error) {
	if err := v.check(); err != nil {
		return nil, err
	}
	w := (&Tx{Evidence: []Evidence{*v}}).pack(Subject{})
	return encMode.Marshal(wireVoucher{V: VoucherVersion, Evidence: w.Evidence[0]})
}

// DecodeEvidence reads a voucher, strictly. Errors: ErrNewer, ErrForm.
func DecodeEvidence(b []byte) (*Evidence, error) {
	if len(b) > MaxVoucher {
		return nil, malformed("%d bytes", len(b))
	}
	var w wireVoucher
	if err := decMode.Unmarshal(b, &w); err != nil || w.V != VoucherVersion {
		return nil, whyNot(b, err)
	}
	t, err := (&wireTx{Evidence: []wireEvidence{w.Evidence}}).unpack(Subject{})
	if err != nil {
		return nil, err
	}
	v := &t.Evidence[0]
	again, err := v.Encode()
	if err == nil && !bytes.Equal(again, b) {
		err = malformed("not the canonical encoding")
	}
	return v, err
}

// parse reads the embedded change of this community without verifying its seal.
func (l *Ledger) parse(v *Evidence) (*Opened, *wire.Change, error) { return parseOf(l.community, v) }

// parseOf reads the embedded change of a community.
func parseOf(community Subject, v *Evidence) (*Opened, *wire.Change, error) {
	ch, h, err := wire.Decode(v.Chunk)
	if err != nil {
		return nil, nil, err
	}
	t, err := decodeOf(community, ch)
	if err != nil {
		return nil, nil, err
	}
	c, err := seal.ParseContext(ch.Message)
	if err != nil {
		return nil, nil, err
	}
	d := docPart{ch.Actor, v.Epoch, v.Part}
	return &Opened{Place: Place{Feed: Feed{Incarnation: ch.Actor, Community: community}, Number: d.number(ch.Seq), Head: headOf(c)}, Hash: h, Tx: t}, ch, nil
}

// verify checks that the author sealed the change: by itself, or by a later
// change of the part that builds on it.
func (l *Ledger) verify(q store.Querier, v *Evidence, ch *wire.Change, h wire.Hash) error {
	cert, err := certificate(q, ch.Actor)
	if err != nil {
		return err
	}
	return v.verify(string(l.docAt(ch.Actor, v.Epoch, v.Part)), cert, ch, h)
}

// OpenOf opens evidence of another community, by its id text, that the
// certificate's incarnation wrote. Error: ErrNewer, or why it proves nothing.
func OpenOf(community string, v *Evidence, cert seal.Certificate) (*Opened, error) {
	o, ch, err := parseOf(TextSubject(community), v)
	if err != nil {
		return nil, err
	}
	if ch.Actor != cert.Actor() {
		return nil, fmt.Errorf("ledger: not this incarnation's change")
	}
	return o, v.verify(string(feedDoc(community, ch.Actor, v.Epoch, v.Part)), cert, ch, o.Hash)
}

func (v *Evidence) verify(doc string, cert seal.Certificate, ch *wire.Change, h wire.Hash) error {
	seq, tip := ch.Seq, h
	for _, c := range v.Tail {
		p, err := wire.Peek(c)
		if err != nil {
			return err
		}
		if p.Actor != ch.Actor || p.Seq != seq+1 || len(p.Deps) != 1 || p.Deps[0] != tip {
			return fmt.Errorf("ledger: the tail does not follow the embedded change")
		}
		seq, tip = p.Seq, p.Hash
	}
	return seal.Verify(cert, doc, seq, tip, v.Seal)
}

// evidence collects an admitted change with what proves it.
func (l *Ledger) evidence(q store.Querier, h wire.Hash) (*Evidence, error) {
	c, ok, err := l.find(q, h)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, fmt.Errorf("change %s: %w", h, ErrUnknown)
	}
	if c.beside { // a seal of its own, or none that others could embed
		p, _, err := store.BranchChange(q, h)
		if err != nil {
			return nil, err
		}
		if p.Seal == nil {
			return nil, fmt.Errorf("no seal for change %s: %w", h, ErrUnknown)
		}
		return &Evidence{Epoch: c.epoch, Part: c.part, Chunk: c.chunk, Seal: *p.Seal}, nil
	}
	if c.seal != nil {
		return &Evidence{Epoch: c.epoch, Part: c.part, Chunk: c.chunk, Seal: *c.seal}, nil
	}
	list, err := store.After(q, l.docAt(c.actor, c.epoch, c.part), c.actor, c.seq-1, seal.MaxRun)
	if err != nil {
		return nil, err
	}
	v := &Evidence{Epoch: c.epoch, Part: c.part, Chunk: c.chunk}
	for i, s := range list {
		if i > 0 {
			v.Tail = append(v.Tail, s.Chunk)
		}
		if s.Seal != nil {
			v.Seal = *s.Seal
			return v, nil
		}
	}
	return nil, fmt.Errorf("no seal for change %s: %w", h, ErrUnknown)
}
