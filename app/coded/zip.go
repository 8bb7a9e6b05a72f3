package coded

import (
	"bytes"
	"compress/zlib"
	"errors"
	"fmt"
	"io"
)

// Zip compresses b as zlib (RFC 1950). common is a preset dictionary: what
// reader and writer know to be there often; nil for none.
func Zip(b, common []byte) ([]byte, error) {
	var out bytes.Buffer
	w, err := zlib.NewWriterLevelDict(&out, zlib.BestCompression, common)
	if err != nil {
		return nil, err
	}
	_, err = w.Write(b)
	err = errors.Join(err, w.Close())
	return out.Bytes(), err
}

// Unzip reads what Zip wrote, at most limit bytes of it. Errors: ErrCut,
// ErrDamaged.
func Unzip(b, common []byte, limit int) ([]byte, error) {
	in := bytes.NewReader(b)
	r, err := zlib.NewReaderDict(in, common)
	if err != nil {
		return nil, broken(err)
	}
	out, err := io.ReadAll(io.LimitReader(r, int64(limit)+1))
	if err != nil {
		return nil, broken(err)
	}
	if len(out) > limit || in.Len() > 0 {
		return nil, fmt.Errorf("%w: too much", ErrDamaged)
	}
	return out, nil
}

func broken(err error) error {
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		return ErrCut
	}
	return ErrDamaged
}
