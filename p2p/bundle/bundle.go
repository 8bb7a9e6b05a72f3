// Package bundle carries frames in a file: on a USB stick, or through any
// messenger that takes a file. The file is encrypted to one recipient.
//
// It must never know what the frames say; they are the caller's bytes, the same
// that would go over a link. Start reading at [Write] and [Open].
//
// A file is: the line "JISHAN-BUNDLE 1", a header (length, CBOR), and an age
// stream (X25519) of: the SHA-256 of all before it, then frames with a length
// of four bytes each, then a length of 2^32-1, which only a whole file has.
package bundle

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"

	"filippo.io/age"
	"github.com/fxamacker/cbor/v2"
)

// Limits of a file.
const (
	// MaxFrame is the link's limit.
	MaxFrame = 1 << 20
	// maxHeader bounds the header: two device ids and a community's.
	maxHeader = 1024
	end       = 1<<32 - 1
)

const magic = "JISHAN-BUNDLE "

// Version is the version that this program writes and reads.
const Version = 1

// What is wrong with a file.
var (
	ErrMalformed = errors.New("bundle: not a bundle file")
	ErrNewer     = errors.New("bundle: made by a newer version of the program")
	ErrRecipient = errors.New("bundle: made for another device")
	ErrDamaged   = errors.New("bundle: the file is damaged or not whole")
)

// Header says from whom to whom a bundle goes. It is readable by anybody who
// finds the stick, and names devices and community by their ids only.
type Header struct {
	_         struct{} `cbor:",toarray"`
	From, To  []byte   // device keys
	Community string
	Made      int64 // milliseconds since 1970
}

// Write writes a bundle of the frames to the recipient, an age X25519 one
// ("age1..."). It returns how many frames it wrote.
func Write(w io.Writer, h Header, recipient string, frames iter.Seq2[[]byte, error]) (int, error) {
	to, err := age.ParseX25519Recipient(recipient)
	if err != nil {
		return 0, fmt.Errorf("bundle: recipient: %w", err)
	}
	head, err := h.encode()
	if err != nil {
		return 0, err
	}
	if _, err := w.Write(head); err != nil {
		return 0, err
	}
	inner, err := age.Encrypt(w, to)
	if err != nil {
		return 0, err
	}
	sum := sha256.Sum256(head)
	if _, err := inner.Write(sum[:]); err != nil {
		return 0, err
	}
	n := 0
	for f, err := range frames {
		if err == nil && len(f) > MaxFrame {
			err = fmt.Errorf("bundle: a frame of %d bytes", len(f))
		}
		if err == nil {
			_, err = inner.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(f))), f...))
		}
		if err != nil {
			return n, err
		}
		n++
	}
	if _, err := inner.Write(binary.BigEndian.AppendUint32(nil, end)); err != nil {
		return n, err
	}
	return n, inner.Close()
}

func (h Header) encode() ([]byte, error) {
	mode, err := cbor.CoreDetEncOptions().EncMode()
	if err != nil {
		return nil, err
	}
	b, err := mode.Marshal(h)
	if err != nil || len(b) > maxHeader {
		return nil, errors.Join(fmt.Errorf("bundle: header of %d bytes", len(b)), err)
	}
	head := fmt.Appendf(nil, "%s%d\n", magic, Version)
	return append(binary.BigEndian.AppendUint16(head, uint16(len(b))), b...), nil
}

// Reader is an opened bundle that was read to its end once and found whole.
type Reader struct {
	Header
	r        io.ReadSeeker
	body     int64
	sum      [32]byte
	identity age.Identity
}

// ReadHeader reads the header alone. Errors: ErrMalformed, ErrNewer.
func ReadHeader(r io.Reader) (Header, error) {
	h, _, err := readHeader(bufio.NewReader(r))
	return h, err
}

func readHeader(r *bufio.Reader) (h Header, raw []byte, err error) {
	line, err := r.ReadSlice('\n')
	if err != nil || len(line) > 32 || !bytes.HasPrefix(line, []byte(magic)) {
		return h, nil, ErrMalformed
	}
	if v := string(line[len(magic) : len(line)-1]); v != fmt.Sprint(Version) {
		return h, nil, fmt.Errorf("%w (format %.8q)", ErrNewer, v)
	}
	raw = append(raw, line...)
	var size [2]byte
	if _, err := io.ReadFull(r, size[:]); err != nil {
		return h, nil, ErrMalformed
	}
	n := int(binary.BigEndian.Uint16(size[:]))
	if n > maxHeader {
		return h, nil, ErrMalformed
	}
	b := make([]byte, n)
	if _, err := io.ReadFull(r, b); err != nil {
		return h, nil, ErrMalformed
	}
	if err := cbor.Unmarshal(b, &h); err != nil || len(h.From) != 32 || len(h.To) != 32 {
		return h, nil, ErrMalformed
	}
	return h, append(append(raw, size[:]...), b...), nil
}

// Open reads a whole bundle once, so that nothing of a damaged one is used.
// Errors: ErrMalformed, ErrNewer, ErrRecipient, ErrDamaged, or the file's.
func Open(r io.ReadSeeker, identity age.Identity) (*Reader, error) {
	h, raw, err := readHeader(bufio.NewReader(r))
	if err != nil {
		return nil, err
	}
	b := &Reader{Header: h, r: r, body: int64(len(raw)), sum: sha256.Sum256(raw), identity: identity}
	for _, err := range b.Frames() {
		if err != nil {
			return nil, err
		}
	}
	return b, nil
}

// Frames returns the frames, from the first one each time.
func (b *Reader) Frames() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		in, err := b.start()
		if err != nil {
			yield(nil, err)
			return
		}
		for {
			f, last, err := next(in)
			if err != nil {
				yield(nil, err)
				return
			}
			if last {
				return
			}
			if !yield(f, nil) {
				return
			}
		}
	}
}

func (b *Reader) start() (io.Reader, error) {
	if _, err := b.r.Seek(b.body, io.SeekStart); err != nil {
		return nil, err
	}
	in, err := age.Decrypt(bufio.NewReader(b.r), b.identity)
	if _, ok := errors.AsType[*age.NoIdentityMatchError](err); ok {
		return nil, ErrRecipient
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	var sum [32]byte
	if _, err := io.ReadFull(in, sum[:]); err != nil || sum != b.sum {
		return nil, errors.Join(ErrDamaged, err)
	}
	return in, nil
}

func next(in io.Reader) (f []byte, last bool, err error) {
	var size [4]byte
	if _, err := io.ReadFull(in, size[:]); err != nil {
		return nil, false, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	n := binary.BigEndian.Uint32(size[:])
	if n == end {
		if _, err := in.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
			return nil, false, fmt.Errorf("%w: more behind its end", ErrDamaged)
		}
		return nil, true, nil
	}
	if n > MaxFrame {
		return nil, false, ErrDamaged
	}
	f = make([]byte, n)
	if _, err := io.ReadFull(in, f); err != nil {
		return nil, false, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return f, false, nil
}
