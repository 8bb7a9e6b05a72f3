package ledger

import "encoding/binary"

// Reading transactions by hand: the fast way for what is well formed. Whatever
// it does not like goes to the library, which says what is wrong with it; what
// it accepts is encoded again and compared, so it need not be strict itself.

// parser reads CBOR items; bad says that something was unexpected.
type parser struct {
	b   []byte
	bad bool
}

// head reads an item's head of that major type.
func (p *parser) head(major byte) uint64 {
	if p.bad || len(p.b) == 0 || p.b[0]&0xe0 != major {
		p.bad = true
		return 0
	}
	low := p.b[0] & 0x1f
	p.b = p.b[1:]
	if low < 24 {
		return uint64(low)
	}
	size := 1 << (low - 24)
	if low > 27 || len(p.b) < size {
		p.bad = true
		return 0
	}
	var full [8]byte
	copy(full[8-size:], p.b)
	p.b = p.b[size:]
	return binary.BigEndian.Uint64(full[:])
}

// count reads a length that what is left could hold.
func (p *parser) count(major byte, each int) int {
	n := p.head(major)
	if n > uint64(len(p.b)/each) {
		p.bad = true
		return 0
	}
	return int(n)
}

func (p *parser) uint() uint64 { return p.head(majorUint) }

func (p *parser) uint32() uint32 {
	n := p.uint()
	if n > 1<<32-1 {
		p.bad = true
	}
	return uint32(n)
}

// bytes reads a byte string. It keeps a copy: values outlive the chunk.
func (p *parser) bytes() []byte {
	n := p.count(majorBytes, 1)
	v := append([]byte(nil), p.b[:n]...)
	p.b = p.b[n:]
	return v
}

func (p *parser) fixed(into []byte) {
	n := p.count(majorBytes, 1)
	if n != len(into) {
		p.bad = true
		return
	}
	copy(into, p.b)
	p.b = p.b[n:]
}

func (p *parser) text() string {
	n := p.count(majorText, 1)
	s := string(p.b[:n])
	p.b = p.b[n:]
	return s
}

func (p *parser) array(n uint64) {
	if p.head(majorArray) != n {
		p.bad = true
	}
}

func parseTx(b []byte) (*wireTx, bool) {
	p := &parser{b: b}
	w := &wireTx{}
	for n := p.count(majorMap, 1); n > 0 && !p.bad; n-- {
		switch p.uint() {
		case 1:
			w.V = p.uint()
		case 2:
			p.array(3)
			w.Part = &wirePart{Seq: p.uint()}
			p.fixed(w.Part.Hash[:])
			w.Part.Number = p.uint()
		case 3:
			w.IDs = p.bytes()
		case 4:
			w.Period = p.text()
		case 5:
			w.Entries = make([]wireEntry, min(p.count(majorArray, 1), MaxEntries+1))
			for i := range w.Entries {
				p.entry(&w.Entries[i])
			}
		case 6:
			for n := p.count(majorArray, 1); n > 0 && !p.bad; n-- {
				w.Evidence = append(w.Evidence, p.evidence())
			}
		default:
			p.bad = true
		}
	}
	return w, !p.bad && len(p.b) == 0
}

func (p *parser) evidence() (e wireEvidence) {
	p.array(5)
	e.Epoch, e.Part, e.Chunk = p.uint(), p.uint(), p.bytes()
	e.Tail = make([][]byte, min(p.count(majorArray, 1), MaxTail+1))
	for i := range e.Tail {
		e.Tail[i] = p.bytes()
	}
	p.fixed(e.Seal[:])
	return e
}

func (p *parser) entry(w *wireEntry) {
	for n := p.count(majorMap, 1); n > 0 && !p.bad; n-- {
		switch key := p.uint(); key {
		case 1:
			w.Type = p.uint()
		case 2:
			w.Kind = p.uint()
		case 3:
			w.Subject = p.uint32()
		case 4:
			w.Amount = int64(p.uint())
		case 5:
			s := p.text()
			w.Period = &s
		case 6:
			w.To = p.bytes()
		case 7:
			p.array(2)
			w.Head = &wireTip{Number: p.uint()}
			p.fixed(w.Head.Hash[:])
		default:
			p.more(w, key)
		}
	}
}

// more reads the rarer fields.
func (p *parser) more(w *wireEntry, key uint64) {
	switch key {
	case 8:
		w.Turn = p.uint32()
	case 9:
		w.Key = p.uint32()
	case 10:
		w.Item = p.text()
	case 11:
		w.Version = p.uint32()
	case 12:
		w.Evidence = p.uint32()
	case 13:
		w.Index = p.uint32()
	case 14:
		p.array(2)
		w.Ref = &wireRef{}
		p.fixed(w.Ref.Hash[:])
		w.Ref.Index = p.uint32()
	case 15:
		w.From = p.bytes()
	case 16:
		w.Order = p.uint32()
	case 17:
		w.Why = p.uint()
	case 18:
		w.Note = p.text()
	case 19:
		w.Tips = make([]wireSeen, min(p.count(majorArray, 1), MaxTips+1))
		for i := range w.Tips {
			p.array(3)
			p.fixed(w.Tips[i].Inc[:])
			w.Tips[i].Number = p.uint()
			p.fixed(w.Tips[i].Hash[:])
		}
	default:
		p.bad = true
	}
}
