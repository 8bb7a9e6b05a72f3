package voucher

import (
	"bytes"
	"errors"
	"strconv"

	"jishan/crdt/seal"
	"jishan/crdt/wire"
)

// Action is what the context of a voucher's change says was done. With the
// shape of a feed's change it needs no place in the text.
const Action = "voucher" + seal.QuoteMark

// short is a voucher's change without what follows from the rest: the chunk's
// header and checksum, its columns, the words of its context. The encoding of
// changes is canonical, so full makes exactly the bytes that were sealed.
type short struct {
	_        struct{} `cbor:",toarray"`
	Dep      []byte   // hash of the change before; empty for the first of a part
	Actor    [16]byte
	Seq      uint64
	Time     int64
	Term     uint64 // the governance entry that the author knew
	Entry    uint64
	Head     [16]byte
	Operator string
	Value    []byte // the transaction
}

// shorten fails for a change that full would not make again.
func shorten(chunk wire.Chunk) (*short, error) {
	ch, _, err := wire.Decode(chunk)
	if err != nil {
		return nil, err
	}
	c, err := seal.ParseContext(ch.Message)
	if err != nil {
		return nil, err
	}
	if len(ch.Ops) != 1 || len(ch.Deps) > 1 {
		return nil, errShape
	}
	s := &short{
		Dep: []byte{}, Actor: ch.Actor, Seq: ch.Seq, Time: ch.Time, Term: c.Term, Entry: c.Seq, Head: c.Head,
		Operator: c.Operator, Value: []byte(ch.Ops[0].Value.Raw),
	}
	for _, d := range ch.Deps {
		s.Dep = d[:]
	}
	again, err := s.full()
	if err == nil && !bytes.Equal(again, chunk) {
		err = errShape
	}
	return s, err
}

var errShape = errors.New("voucher: not the change of a voucher")

func (s *short) full() (wire.Chunk, error) {
	ch := wire.Change{
		Actor: s.Actor, Seq: s.Seq, StartOp: s.Seq, Time: s.Time,
		Message: seal.Context{Term: s.Term, Seq: s.Entry, Head: s.Head, Operator: s.Operator, Action: Action}.String(),
		Ops:     []wire.Op{{Key: "tx/" + strconv.FormatUint(s.Seq, 10), Value: wire.BytesValue(s.Value)}},
	}
	switch len(s.Dep) {
	case 0:
	case len(wire.Hash{}):
		ch.Deps = []wire.Hash{wire.Hash(s.Dep)}
	default:
		return nil, errShape
	}
	chunk, _, err := ch.Encode()
	return chunk, err
}
