package wire

import (
	"bytes"
	"encoding/binary"
	"testing"
)

// FuzzDecode reads arbitrary contents under a right header and checksum, and
// arbitrary bytes as whole chunks and files.
func FuzzDecode(f *testing.F) {
	for _, c := range []*Change{small(), wide()} {
		chunk, _ := encode(f, c)
		_, body, _, _ := cut(chunk)
		f.Add(body)
	}
	r := baseRaw()
	_, body, _, _ := cut(r.chunk())
	f.Add(body)
	f.Fuzz(func(t *testing.T, body []byte) {
		chunk, _ := seal(body)
		acceptable(t, chunk)
		acceptable(t, repair(bytes.Clone(body)))
		Split(body)
		Inflate(body)
		chunk[typeAt] = typeDeflated
		if plain, err := Inflate(chunk); err == nil {
			acceptable(t, plain)
		}
	})
}

// acceptable fails if Decode accepts what encodes differently, or if Peek
// disagrees with it.
func acceptable(t *testing.T, chunk []byte) {
	head, headErr := Peek(chunk)
	c, hash, err := Decode(chunk)
	if err != nil {
		return
	}
	if headErr != nil || head.Hash != hash || head.Actor != c.Actor || head.Message != c.Message {
		t.Errorf("Peek: %+v, %v", head, headErr)
	}
	again, hash2, err := c.Encode()
	if err != nil || hash2 != hash || !bytes.Equal(again, chunk) {
		t.Errorf("encodes to %x, %v", again, err)
	}
}

// FuzzRoundTrip encodes changes made of arbitrary fields: what Encode takes,
// Decode must return the same. Run it with -fuzzminimizetime 20x: the pooled
// scratch memory makes coverage vary, and minimizing would take all the time.
func FuzzRoundTrip(f *testing.F) {
	f.Add(uint64(1), uint64(2), int64(3), "m", []byte("\x01\x01a\x06\x01x"))
	f.Add(uint64(9), uint64(300), int64(-1), "", []byte("\x02\x01a\x04\x02\x01\x01\x02\x02\x01b\x00\x00"))
	f.Fuzz(func(t *testing.T, seq, start uint64, time int64, message string, data []byte) {
		c := &Change{Actor: someActor(7), Seq: seq, StartOp: start, Time: time, Message: message}
		fill(c, data)
		chunk, hash, err := c.Encode()
		if err != nil {
			return
		}
		back, again, err := Decode(chunk)
		if err != nil || again != hash || !sameChange(c, back) {
			t.Errorf("%+v came back as %+v, %v", c, back, err)
		}
	})
}

// fill turns data into dependencies and operations, well-formed or not.
func fill(c *Change, data []byte) {
	next := func() byte {
		if len(data) == 0 {
			return 0
		}
		b := data[0]
		data = data[1:]
		return b
	}
	text := func() string {
		n := min(int(next()), len(data))
		s := string(data[:n])
		data = data[n:]
		return s
	}
	for range next() % 4 {
		c.Deps = append(c.Deps, someHash(next()))
	}
	for len(data) > 0 && len(c.Ops) < 300 {
		op := Op{Key: text(), Value: Value{Kind: Kind(next())}}
		switch op.Value.Kind {
		case String, Bytes:
			op.Value.Raw = text()
		case Int, Uint, Timestamp:
			var b [8]byte
			copy(b[:], text())
			op.Value.Num = int64(binary.LittleEndian.Uint64(b[:]))
		}
		for range next() % 8 {
			op.Pred = append(op.Pred, OpID{uint64(next()), someActor(next() % 4)})
		}
		if next()%4 == 3 {
			op.Delete, op.Value = true, Value{}
		}
		c.Ops = append(c.Ops, op)
	}
}
