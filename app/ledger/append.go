package ledger

import "encoding/binary"

// Writing transactions by hand: every admitted one is encoded again to see
// that it is canonical, and the library's encoder takes ten times as long.
// TestAppendIsTheLibrarys holds the two against each other.

// The major types of CBOR.
const (
	majorUint  = 0 << 5
	majorBytes = 2 << 5
	majorText  = 3 << 5
	majorArray = 4 << 5
	majorMap   = 5 << 5
)

// appendHead writes an item's head in its shortest form.
func appendHead(b []byte, major byte, n uint64) []byte {
	switch {
	case n < 24:
		return append(b, major|byte(n))
	case n < 1<<8:
		return append(b, major|24, byte(n))
	case n < 1<<16:
		return binary.BigEndian.AppendUint16(append(b, major|25), uint16(n))
	case n < 1<<32:
		return binary.BigEndian.AppendUint32(append(b, major|26), uint32(n))
	}
	return binary.BigEndian.AppendUint64(append(b, major|27), n)
}

func appendBytes(b, v []byte) []byte {
	return append(appendHead(b, majorBytes, uint64(len(v))), v...)
}

func appendText(b []byte, v string) []byte {
	return append(appendHead(b, majorText, uint64(len(v))), v...)
}

// pairs writes a map with small integer keys; empty values are left out. The
// number of pairs fits into the head's first byte.
type pairs struct {
	b    []byte
	head int // where the map's head stands
	n    byte
}

func openMap(b []byte) pairs { return pairs{b: append(b, 0), head: len(b)} }

func (p *pairs) close() []byte {
	p.b[p.head] = majorMap | p.n
	return p.b
}

func (p *pairs) key(k byte) {
	p.n++
	p.b = append(p.b, k)
}

func (p *pairs) uint(k byte, v uint64) {
	if v != 0 {
		p.key(k)
		p.b = appendHead(p.b, majorUint, v)
	}
}

func (p *pairs) text(k byte, v string) {
	if v != "" {
		p.key(k)
		p.b = appendText(p.b, v)
	}
}

func (p *pairs) bytes(k byte, v []byte) {
	if len(v) > 0 {
		p.key(k)
		p.b = appendBytes(p.b, v)
	}
}

func (w *wireTx) append(b []byte) []byte {
	p := openMap(b)
	p.uint(1, w.V)
	if w.Part != nil {
		p.key(2)
		p.b = appendHead(appendHead(p.b, majorArray, 3), majorUint, w.Part.Seq)
		p.b = appendHead(appendBytes(p.b, w.Part.Hash[:]), majorUint, w.Part.Number)
	}
	p.bytes(3, w.IDs)
	p.text(4, w.Period)
	p.key(5)
	p.b = appendHead(p.b, majorArray, uint64(len(w.Entries)))
	for i := range w.Entries {
		p.b = w.Entries[i].append(p.b)
	}
	if len(w.Evidence) > 0 {
		p.key(6)
		p.b = appendHead(p.b, majorArray, uint64(len(w.Evidence)))
		for i := range w.Evidence {
			p.b = w.Evidence[i].append(p.b)
		}
	}
	return p.close()
}

func (w *wireEvidence) append(b []byte) []byte {
	b = appendHead(appendHead(appendHead(b, majorArray, 5), majorUint, w.Epoch), majorUint, w.Part)
	b = appendHead(appendBytes(b, w.Chunk), majorArray, uint64(len(w.Tail)))
	for _, c := range w.Tail {
		b = appendBytes(b, c)
	}
	return appendBytes(b, w.Seal[:])
}

func (w *wireEntry) append(b []byte) []byte {
	p := openMap(b)
	p.uint(1, w.Type)
	p.uint(2, w.Kind)
	p.uint(3, uint64(w.Subject))
	p.uint(4, uint64(w.Amount))
	if w.Period != nil {
		p.key(5)
		p.b = appendText(p.b, *w.Period)
	}
	p.bytes(6, w.To)
	if w.Head != nil {
		p.key(7)
		p.b = appendBytes(appendHead(appendHead(p.b, majorArray, 2), majorUint, w.Head.Number), w.Head.Hash[:])
	}
	p.uint(8, uint64(w.Turn))
	p.uint(9, uint64(w.Key))
	p.text(10, w.Item)
	p.uint(11, uint64(w.Version))
	p.uint(12, uint64(w.Evidence))
	p.uint(13, uint64(w.Index))
	if w.Ref != nil {
		p.key(14)
		p.b = appendHead(appendBytes(appendHead(p.b, majorArray, 2), w.Ref.Hash[:]), majorUint, uint64(w.Ref.Index))
	}
	p.bytes(15, w.From)
	p.uint(16, uint64(w.Order))
	p.uint(17, w.Why)
	p.text(18, w.Note)
	if len(w.Tips) > 0 {
		p.key(19)
		p.b = appendHead(p.b, majorArray, uint64(len(w.Tips)))
		for _, s := range w.Tips {
			p.b = appendHead(appendBytes(appendHead(p.b, majorArray, 3), s.Inc[:]), majorUint, s.Number)
			p.b = appendBytes(p.b, s.Hash[:])
		}
	}
	return p.close()
}
