package wire

import (
	"bytes"
	"compress/flate"
	"crypto/sha256"
	"io"
)

// Inflate turns a deflated change (type 2), as other Automerge tools write
// them into files, into a chunk of type 1; a chunk of type 1 is copied. The
// result's checksum is right and its size within MaxChunk, but nothing else is
// known of it. Errors: ErrTooLarge, ErrChecksum, ErrMalformed, ErrCanonical,
// ErrShape.
//
// It is for files that somebody imports, never for what peers send.
func Inflate(chunk []byte) (Chunk, error) {
	if len(chunk) > MaxChunk {
		return nil, refuse(ErrTooLarge, "chunk")
	}
	kind, body, rest, err := cut(chunk)
	if err != nil {
		return nil, err
	}
	if len(rest) > 0 {
		return nil, refuse(ErrMalformed, "bytes behind the chunk")
	}
	switch kind {
	case typeChange:
	case typeDeflated:
		if body, err = inflate(body); err != nil {
			return nil, err
		}
	default:
		return nil, refuse(ErrShape, "no change chunk")
	}
	plain := plainChunk(chunk, body)
	if len(plain) > MaxChunk {
		return nil, refuse(ErrTooLarge, "chunk")
	}
	if !sumFits(plain, sha256.Sum256(plain[typeAt:])) {
		return nil, refuse(ErrChecksum, "chunk")
	}
	return plain, nil
}

// plainChunk gives body the header of a chunk of type 1 with the checksum of
// chunk: Automerge takes it over the inflated form.
func plainChunk(chunk, body []byte) Chunk {
	plain := append(make(Chunk, 0, lengthAt+lebMax+len(body)), chunk[:typeAt]...)
	plain = append(plain, typeChange)
	plain = appendULEB(plain, uint64(len(body)))
	return append(plain, body...)
}

func inflate(body []byte) ([]byte, error) {
	in := bytes.NewReader(body)
	out, err := io.ReadAll(io.LimitReader(flate.NewReader(in), MaxChunk+1))
	switch {
	case err != nil:
		return nil, refuse(ErrMalformed, "deflated contents")
	case len(out) > MaxChunk:
		return nil, refuse(ErrTooLarge, "inflated chunk")
	case in.Len() > 0:
		return nil, refuse(ErrMalformed, "bytes behind the deflated contents")
	}
	return out, nil
}

// Split parts change chunks that lie one behind the other, such as a file of
// changes; deflated ones are inflated. Chunks of type 1 share memory with b,
// and their checksums are not looked at yet. Errors: ErrTooLarge, ErrChecksum
// (of deflated ones), ErrMalformed, ErrCanonical, ErrShape.
func Split(b []byte) ([]Chunk, error) {
	var chunks []Chunk
	for total := 0; len(b) > 0; {
		chunk, rest, err := first(b)
		if err != nil {
			return nil, err
		}
		if total += len(chunk); total > MaxFile {
			return nil, refuse(ErrTooLarge, "file")
		}
		chunks, b = append(chunks, chunk), rest
	}
	return chunks, nil
}

// first parts the first chunk from the rest.
func first(b []byte) (Chunk, []byte, error) {
	kind, _, rest, err := cut(b)
	if err != nil {
		return nil, nil, err
	}
	size := len(b) - len(rest)
	switch {
	case size > MaxChunk:
		return nil, nil, refuse(ErrTooLarge, "chunk")
	case kind == typeDeflated:
		chunk, err := Inflate(b[:size])
		return chunk, rest, err
	case kind == typeDocument:
		return nil, nil, refuse(ErrShape, "a compact document, not changes")
	case kind != typeChange:
		return nil, nil, refuse(ErrShape, "chunk type")
	}
	return b[:size:size], rest, nil
}
