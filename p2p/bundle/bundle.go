// Package bundle carries frames in a file: on a USB stick, or through any
// messenger that takes a file. The file is encrypted to one recipient and signed
// by its sender.
//
// It must never know what the frames say; they are the caller's bytes, the same
// that would go over a link; nor who may send, which is the caller's to ask.
// Start reading at [Write] and [Open].
//
// A file is: the line "JISHAN-BUNDLE 2", a header (length, CBOR), and an age
// stream (X25519) of: frames with a length of four bytes each, a length of
// 2^32-1, and an Ed25519 signature by the header's device over the SHA-256 of
// all before it, from the first line on, without what age adds. The signature
// lies inside, so that the file does not prove to its finder who wrote it.
//
// Version 1 was not signed: whoever had a device's public key could write in
// anybody's name. It is not read any more.
package bundle

import (
	"bufio"
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
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
const Version = 2

// domain begins what is signed, so that the signature is good for nothing else.
const domain = "jishan bundle 2\x00"

// What is wrong with a file.
var (
	ErrMalformed = errors.New("bundle: not a bundle file")
	ErrOlder     = errors.New("bundle: made by an older version of the program, whose files nobody signed")
	ErrNewer     = errors.New("bundle: made by a newer version of the program")
	ErrRecipient = errors.New("bundle: made for another device")
	ErrDamaged   = errors.New("bundle: the file is damaged or not whole")
	ErrForged    = errors.New("bundle: not signed by the device that it names")
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
// ("age1..."), signed with the sender's device key, from which Header.From is
// set. It returns how many frames it wrote.
func Write(w io.Writer, key ed25519.PrivateKey, h Header, recipient string, frames iter.Seq2[[]byte, error]) (int, error) {
	to, err := age.ParseX25519Recipient(recipient)
	if err != nil {
		return 0, fmt.Errorf("bundle: recipient: %w", err)
	}
	h.From = key.Public().(ed25519.PublicKey)
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
	sum := sha256.New()
	sum.Write(head)
	n, err := writeFrames(io.MultiWriter(sum, inner), frames)
	if err != nil {
		return n, err
	}
	if _, err := inner.Write(ed25519.Sign(key, signed(sum))); err != nil {
		return n, err
	}
	return n, inner.Close()
}

func writeFrames(w io.Writer, frames iter.Seq2[[]byte, error]) (n int, err error) {
	for f, err := range frames {
		if err == nil && len(f) > MaxFrame {
			err = fmt.Errorf("bundle: a frame of %d bytes", len(f))
		}
		if err == nil {
			_, err = w.Write(append(binary.BigEndian.AppendUint32(nil, uint32(len(f))), f...))
		}
		if err != nil {
			return n, err
		}
		n++
	}
	_, err = w.Write(binary.BigEndian.AppendUint32(nil, end))
	return n, err
}

// signed is the text that a sender signs.
func signed(sum hash.Hash) []byte { return sum.Sum([]byte(domain)) }

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

// Reader is an opened bundle that was read to its end once and found whole, and
// signed by the device that its header names.
type Reader struct {
	Header
	r        io.ReadSeeker
	raw      []byte // the bytes of the header
	identity age.Identity
}

func readHeader(r *bufio.Reader) (h Header, raw []byte, err error) {
	line, err := r.ReadSlice('\n')
	if err != nil || len(line) > 32 || !bytes.HasPrefix(line, []byte(magic)) {
		return h, nil, ErrMalformed
	}
	switch v := string(line[len(magic) : len(line)-1]); v {
	case fmt.Sprint(Version):
	case "1":
		return h, nil, ErrOlder
	default:
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

// Open reads a whole bundle once, so that nothing of a damaged or forged one is
// used. r must not change between this and Frames: a file of one's own, not one
// on a stick. Errors: ErrMalformed, ErrOlder, ErrNewer, ErrRecipient,
// ErrDamaged, ErrForged, or the file's.
func Open(r io.ReadSeeker, identity age.Identity) (*Reader, error) {
	if _, err := r.Seek(0, io.SeekStart); err != nil {
		return nil, err
	}
	h, raw, err := readHeader(bufio.NewReader(r))
	if err != nil {
		return nil, err
	}
	b := &Reader{Header: h, r: r, raw: raw, identity: identity}
	for _, err := range b.Frames() {
		if err != nil {
			return nil, err
		}
	}
	return b, nil
}

// Frames returns the frames, from the first one each time. The signature is
// looked at behind the last.
func (b *Reader) Frames() iter.Seq2[[]byte, error] {
	return func(yield func([]byte, error) bool) {
		in, err := b.start()
		if err != nil {
			yield(nil, err)
			return
		}
		sum := sha256.New()
		sum.Write(b.raw)
		read := io.TeeReader(in, sum)
		for {
			f, last, err := next(read)
			if err == nil && last {
				err = b.signature(in, signed(sum))
			}
			if err != nil {
				yield(nil, err)
				return
			}
			if last || !yield(f, nil) {
				return
			}
		}
	}
}

// start begins to decrypt, from the first frame.
func (b *Reader) start() (io.Reader, error) {
	if _, err := b.r.Seek(int64(len(b.raw)), io.SeekStart); err != nil {
		return nil, err
	}
	in, err := age.Decrypt(bufio.NewReader(b.r), b.identity)
	if _, ok := errors.AsType[*age.NoIdentityMatchError](err); ok {
		return nil, ErrRecipient
	}
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	return in, nil
}

// signature reads what stands behind the last frame: a signature and no more.
func (b *Reader) signature(in io.Reader, text []byte) error {
	var sig [ed25519.SignatureSize]byte
	if _, err := io.ReadFull(in, sig[:]); err != nil {
		return fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if _, err := in.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		return fmt.Errorf("%w: more behind its end", ErrDamaged)
	}
	if !ed25519.Verify(b.From, text, sig[:]) {
		return ErrForged
	}
	return nil
}

func next(in io.Reader) (f []byte, last bool, err error) {
	var size [4]byte
	if _, err := io.ReadFull(in, size[:]); err != nil {
		return nil, false, fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	n := binary.BigEndian.Uint32(size[:])
	if n == end {
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
