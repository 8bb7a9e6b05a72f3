package ledger

import (
	"encoding/hex"
	"fmt"

	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

func parseActor(text string) (a wire.Actor, err error) {
	b, err := hex.DecodeString(text)
	if err != nil || len(b) != len(a) {
		return a, fmt.Errorf("ledger: %q is no incarnation", text)
	}
	return wire.Actor(b), nil
}

// located is an admitted feed change.
type located struct {
	docPart
	seq    uint64
	beside bool // in a branch
	chunk  wire.Chunk
	seal   *seal.Seal // nil: a later change's covers it
}

func (c *located) place() uint64 { return c.number(c.seq) }

// find looks an admitted feed change of this community up by its hash.
func (l *Ledger) find(q store.Querier, h wire.Hash) (c located, ok bool, err error) {
	p, beside, ok, err := store.Lookup(q, h)
	if err != nil || !ok {
		return c, false, err
	}
	c.beside, c.seq, c.chunk, c.seal = beside, p.Seq, p.Chunk, p.Seal
	c.docPart, ok = l.parseDoc(p.Doc)
	return c, ok, nil
}

// at looks an admitted feed change up by its running number.
func (l *Ledger) at(q store.Querier, feed wire.Actor, number uint64) (*wire.Change, wire.Hash, error) {
	part, seq := split(number)
	p, ok, err := store.At(q, l.Doc(feed, part), feed, seq)
	if err != nil {
		return nil, wire.Hash{}, err
	}
	if !ok {
		return nil, wire.Hash{}, fmt.Errorf("transaction %d of %s: %w", number, feed, ErrUnknown)
	}
	return wire.Decode(p.Chunk)
}

// certificate finds an incarnation's certificate.
func certificate(q store.Querier, a wire.Actor) (seal.Certificate, error) {
	c, err := store.Certificate(q, a)
	if err != nil {
		return seal.Certificate{}, err
	}
	if c == nil {
		return seal.Certificate{}, fmt.Errorf("the certificate of %s: %w", a, ErrUnknown)
	}
	return *c, nil
}
