package wire

import (
	"crypto/sha256"
	"slices"
	"sync"
)

// Encode returns the change as a chunk of type 1, and its hash. It refuses
// what Decode would refuse, with the same errors.
func (c *Change) Encode() (Chunk, Hash, error) {
	if err := c.check(); err != nil {
		return nil, Hash{}, err
	}
	s := scratches.Get().(*scratch)
	defer scratches.Put(s)
	if !s.table(c) {
		return nil, Hash{}, refuse(ErrTooLarge, "actors")
	}
	body := s.encode(c)
	chunk, hash := seal(body)
	if len(chunk) > MaxChunk {
		return nil, Hash{}, refuse(ErrTooLarge, "chunk")
	}
	return chunk, hash, nil
}

// seal puts the header in front of the contents of a change.
func seal(body []byte) (Chunk, Hash) {
	chunk := make(Chunk, lengthAt, lengthAt+lebMax+len(body))
	copy(chunk, magic)
	chunk[typeAt] = typeChange
	chunk = appendULEB(chunk, uint64(len(body)))
	chunk = append(chunk, body...)
	hash := Hash(sha256.Sum256(chunk[typeAt:]))
	copy(chunk[checksumAt:typeAt], hash[:])
	return chunk, hash
}

// scratch holds the memory that encoding needs and no result keeps. None of it
// outgrows a few times MaxChunk, as only checked changes are encoded.
type scratch struct {
	body    []byte
	data    []byte   // the columns, one behind the other
	numbers []uint64 // one column's values
	others  []Actor  // ascending, without the author
}

var scratches = sync.Pool{New: func() any { return new(scratch) }}

// encode returns the contents of a checked change's chunk; they last until the
// scratch is used again.
func (s *scratch) encode(c *Change) []byte {
	s.table(c)
	s.head(c)
	s.data = s.data[:0]
	var ends [len(colOrder)]int
	s.keys(c)
	ends[atKey] = len(s.data)
	s.data = appendULEB(s.data, uint64(len(c.Ops))) // inserts: so many times false
	ends[atInsert] = len(s.data)
	s.actions(c)
	ends[atAction] = len(s.data)
	s.metas(c)
	ends[atValueMeta] = len(s.data)
	s.values(c)
	ends[atValue] = len(s.data)
	s.predCounts(c)
	ends[atPredCount] = len(s.data)
	s.predActors(c)
	ends[atPredActor] = len(s.data)
	s.predCounters(c)
	ends[atPredCounter] = len(s.data)
	s.list(&ends)
	s.body = append(s.body, s.data...)
	return s.body
}

// table collects the other actors that the predecessors name, and says whether
// they are few enough.
func (s *scratch) table(c *Change) bool {
	s.others = s.others[:0]
	last := c.Actor
	for i := range c.Ops {
		for _, p := range c.Ops[i].Pred {
			if p.Actor == c.Actor || p.Actor == last {
				continue
			}
			last = p.Actor
			s.others = append(s.others, p.Actor)
		}
	}
	if len(s.others) > 1 {
		slices.SortFunc(s.others, Actor.Compare)
		s.others = slices.Compact(s.others)
	}
	return len(s.others) < MaxActors
}

func (s *scratch) head(c *Change) {
	b := appendULEB(s.body[:0], uint64(len(c.Deps)))
	for i := range c.Deps {
		b = append(b, c.Deps[i][:]...)
	}
	b = append(b, byte(len(c.Actor)))
	b = append(b, c.Actor[:]...)
	b = appendULEB(b, c.Seq)
	b = appendULEB(b, c.StartOp)
	b = appendSLEB(b, c.Time)
	b = appendULEB(b, uint64(len(c.Message)))
	b = append(b, c.Message...)
	b = appendULEB(b, uint64(len(s.others)))
	for i := range s.others {
		b = append(b, byte(len(s.others[i])))
		b = append(b, s.others[i][:]...)
	}
	s.body = b
}

// list appends the list of the columns that are not empty. ends says where in
// the data each column ends.
func (s *scratch) list(ends *[len(colOrder)]int) {
	filled, begin := 0, 0
	for _, end := range ends {
		if end > begin {
			filled++
		}
		begin = end
	}
	s.body = appendULEB(s.body, uint64(filled))
	begin = 0
	for i, end := range ends {
		if end > begin {
			s.body = appendULEB(s.body, colOrder[i])
			s.body = appendULEB(s.body, uint64(end-begin))
		}
		begin = end
	}
}

func (s *scratch) keys(c *Change) {
	s.data = appendSLEB(s.data, -int64(len(c.Ops)))
	for i := range c.Ops {
		s.data = appendULEB(s.data, uint64(len(c.Ops[i].Key)))
		s.data = append(s.data, c.Ops[i].Key...)
	}
}

func (s *scratch) actions(c *Change) {
	s.numbers = s.numbers[:0]
	for i := range c.Ops {
		action := uint64(actionSet)
		if c.Ops[i].Delete {
			action = actionDelete
		}
		s.numbers = append(s.numbers, action)
	}
	s.data = appendRLE(s.data, s.numbers, false)
}

func (s *scratch) metas(c *Change) {
	s.numbers = s.numbers[:0]
	for i := range c.Ops {
		meta := uint64(Null)
		if !c.Ops[i].Delete {
			v := c.Ops[i].Value
			meta = uint64(v.size())<<kindBits | uint64(v.Kind)
		}
		s.numbers = append(s.numbers, meta)
	}
	s.data = appendRLE(s.data, s.numbers, false)
}

func (s *scratch) values(c *Change) {
	for i := range c.Ops {
		if !c.Ops[i].Delete {
			s.data = c.Ops[i].Value.append(s.data)
		}
	}
}

func (s *scratch) predCounts(c *Change) {
	s.numbers = s.numbers[:0]
	for i := range c.Ops {
		s.numbers = append(s.numbers, uint64(len(c.Ops[i].Pred)))
	}
	s.data = appendRLE(s.data, s.numbers, false)
}

func (s *scratch) predActors(c *Change) {
	s.numbers = s.numbers[:0]
	for i := range c.Ops {
		for _, p := range c.Ops[i].Pred {
			who := 0
			if p.Actor != c.Actor {
				who, _ = slices.BinarySearchFunc(s.others, p.Actor, Actor.Compare)
				who++
			}
			s.numbers = append(s.numbers, uint64(who))
		}
	}
	s.data = appendRLE(s.data, s.numbers, false)
}

func (s *scratch) predCounters(c *Change) {
	s.numbers = s.numbers[:0]
	before := uint64(0)
	for i := range c.Ops {
		for _, p := range c.Ops[i].Pred {
			s.numbers = append(s.numbers, p.Counter-before)
			before = p.Counter
		}
	}
	s.data = appendRLE(s.data, s.numbers, true)
}

// append appends the value's bytes.
func (v Value) append(dst []byte) []byte {
	switch v.Kind {
	case Uint:
		return appendULEB(dst, uint64(v.Num))
	case Int, Timestamp:
		return appendSLEB(dst, v.Num)
	}
	return append(dst, v.Raw...)
}

// size is the number of bytes that append appends.
func (v Value) size() int {
	switch v.Kind {
	case Uint, Int, Timestamp:
		var b [lebMax]byte
		return len(v.append(b[:0]))
	}
	return len(v.Raw)
}
