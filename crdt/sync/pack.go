package sync

import (
	"encoding/binary"
	"fmt"
	"sync"

	"github.com/klauspost/compress/zstd"

	"jishan/crdt/seal"
	"jishan/crdt/wire"
)

// zstd is tried on batches from packMin on, and kept when it saves a twentieth.
const (
	packMin    = 512
	packWindow = 1 << 20
)

const flagPacked = 1

var packer = sync.OnceValues(func() (*zstd.Encoder, error) {
	return zstd.NewWriter(nil, zstd.WithEncoderConcurrency(1), zstd.WithWindowSize(packWindow), zstd.WithEncoderCRC(false))
})

var unpacker = sync.OnceValues(func() (*zstd.Decoder, error) {
	return zstd.NewReader(nil, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxMemory(maxPayload),
		zstd.WithDecoderMaxWindow(packWindow), zstd.WithDecoderLowmem(true))
})

// appendPacked appends flags and payload to a frame.
func appendPacked(frame, payload []byte) ([]byte, error) {
	if len(payload) >= packMin {
		e, err := packer()
		if err != nil {
			return nil, fmt.Errorf("sync: zstd: %w", err)
		}
		if z := e.EncodeAll(payload, nil); len(z) < len(payload)-len(payload)/20 {
			frame = append(frame, flagPacked)
			frame = binary.AppendUvarint(frame, uint64(len(payload)))
			return append(frame, z...), nil
		}
	}
	return append(append(frame, 0), payload...), nil
}

// unpack reads flags and payload: the rest of a frame.
func (r *reader) unpack() []byte {
	flags := r.byte("flags")
	if flags&^flagPacked != 0 {
		r.fail("flags")
	}
	if r.err != nil || flags == 0 {
		b := r.b
		r.b = nil
		return b
	}
	n := r.uvarint("raw length")
	if n > maxPayload || len(r.b) == 0 {
		r.fail("raw length")
		return nil
	}
	d, err := unpacker()
	if err != nil {
		r.err = fmt.Errorf("sync: zstd: %w", err)
		return nil
	}
	// The capacity is only a hint: what is there may be far less than claimed.
	b, err := d.DecodeAll(r.b, make([]byte, 0, min(int(n), 64*len(r.b))))
	if err != nil || uint64(len(b)) != n {
		r.fail("compressed batch")
		return nil
	}
	r.b = nil
	return b
}

// appendSealed appends one change: length and whether a seal follows, bytes,
// seal.
func appendSealed(b []byte, s seal.Sealed) []byte {
	n := uint64(len(s.Chunk)) << 1
	if s.Seal != nil {
		n |= 1
	}
	b = binary.AppendUvarint(b, n)
	b = append(b, s.Chunk...)
	if s.Seal != nil {
		b = append(b, s.Seal[:]...)
	}
	return b
}

// readBatch reads the changes of a payload. The last one is sealed, and at most
// MaxRun-1 in a row are not.
func readBatch(payload []byte) ([]seal.Sealed, error) {
	r := reader{b: payload}
	var out []seal.Sealed
	run := 0
	for len(r.b) > 0 {
		n := r.uvarint("change length")
		if n>>1 > wire.MaxChunk {
			r.fail("change length")
		}
		s := seal.Sealed{Chunk: wire.Chunk(r.take(int(n>>1), "change"))}
		run++
		if n&1 == 1 {
			if raw := r.take(len(seal.Seal{}), "seal"); raw != nil {
				sig := seal.Seal(raw)
				s.Seal = &sig
			}
			run = 0
		}
		switch {
		case r.err != nil:
			return nil, r.err
		case run >= seal.MaxRun:
			return nil, malformed("%d changes without a seal", run)
		case len(out) >= maxBatch:
			return nil, fmt.Errorf("%w: changes in a batch", ErrTooLarge)
		}
		out = append(out, s)
	}
	if len(out) == 0 || run > 0 {
		return nil, malformed("the batch does not end with a seal")
	}
	return out, nil
}
