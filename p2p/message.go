package p2p

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"time"

	"github.com/fxamacker/cbor/v2"
)

// A message on a link: a length (unsigned LEB128, of what follows), one kind
// byte, and the payload.
const (
	kindFrame byte = iota // one frame of the conversation
	kindPing              // say something
	kindPong              // the answer to a ping
	kindHello             // first message in both directions
	kindBye               // last message: a code
)

// linkVersion is the version of hello and of the messages above. A device with
// a newer MinVersion than ours can't be talked to; unknown kinds are skipped.
const linkVersion = 1

// hello opens a link.
type hello struct {
	Version    uint     `cbor:"1,keyasint"`
	MinVersion uint     `cbor:"2,keyasint"`
	Listen     []string `cbor:"3,keyasint"`
}

// maxHello bounds a hello: MaxAddrs addresses of at most 100 bytes, and room.
const maxHello = 4 << 10

// byeCodes are the reasons that travel.
var byeCodes = []error{
	1: ErrPeerClosed, 2: ErrNotMember, 3: ErrDuplicate, 4: ErrPenalty, 5: ErrRefused, 6: ErrVersion, 7: ErrFrame, 8: ErrReplaced,
}

// byeCode picks the code for a local reason.
func byeCode(err error) byte {
	for i, e := range byeCodes {
		if e != nil && errors.Is(err, e) {
			return byte(i)
		}
	}
	var broken *BrokenError
	if errors.As(err, &broken) {
		return 7
	}
	return 1
}

// byeError turns a received code into the reason.
func byeError(payload []byte) error {
	if len(payload) != 1 || int(payload[0]) >= len(byeCodes) || byeCodes[payload[0]] == nil {
		return ErrPeerClosed
	}
	err := byeCodes[payload[0]]
	if err == ErrPeerClosed {
		return err
	}
	return fmt.Errorf("%w: %w", ErrRefused, err)
}

// appendMessage appends one message to buf.
func appendMessage(buf []byte, kind byte, payload []byte) []byte {
	buf = binary.AppendUvarint(buf, uint64(len(payload)+1))
	buf = append(buf, kind)
	return append(buf, payload...)
}

// readMessage reads one message whose payload has at most limit bytes.
func readMessage(r *bufio.Reader, limit int) (kind byte, payload []byte, err error) {
	n, err := readLength(r)
	if err != nil {
		return 0, nil, err
	}
	switch {
	case n == 0:
		return 0, nil, fmt.Errorf("%w: empty", ErrFrame)
	case n > uint64(limit)+1:
		return 0, nil, fmt.Errorf("%w: length %d", ErrTooLong, n)
	}
	if kind, err = r.ReadByte(); err != nil {
		return 0, nil, err
	}
	payload = make([]byte, n-1)
	_, err = io.ReadFull(r, payload)
	return kind, payload, err
}

// readLength reads at most four LEB128 bytes: 256 MiB, more than any limit.
func readLength(r io.ByteReader) (n uint64, err error) {
	for shift := 0; shift < 28; shift += 7 {
		b, err := r.ReadByte()
		if err != nil {
			return 0, err
		}
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return n, nil
		}
	}
	return 0, fmt.Errorf("%w: endless length", ErrTooLong)
}

func encodeHello(addrs []string) ([]byte, error) {
	return cbor.Marshal(hello{Version: linkVersion, MinVersion: linkVersion, Listen: addrs})
}

var helloMode = func() cbor.DecMode {
	m, err := cbor.DecOptions{MaxArrayElements: 64, MaxMapPairs: 32, MaxNestedLevels: 8}.DecMode()
	if err != nil {
		panic(err) // constant options
	}
	return m
}()

func decodeHello(b []byte) (hello, error) {
	var m hello
	if err := helloMode.Unmarshal(b, &m); err != nil {
		return m, fmt.Errorf("%w: hello: %v", ErrFrame, err)
	}
	if m.MinVersion > linkVersion {
		return m, fmt.Errorf("%w (it needs version %d, this is %d)", ErrVersion, m.MinVersion, linkVersion)
	}
	var ok []string
	for _, s := range m.Listen {
		if _, err := parseAddr(s); err == nil && len(ok) < MaxAddrs {
			ok = append(ok, s)
		}
	}
	m.Listen = ok
	return m, nil
}

// deadlineReader gives each Read its own deadline: it measures silence, not
// the length of a message. It looks at ctx after setting the deadline, so that
// whoever ends ctx and then sets a deadline of its own is sure to wake it.
type deadlineReader struct {
	ctx context.Context
	s   interface {
		io.Reader
		SetReadDeadline(time.Time) error
	}
	d time.Duration
}

func (r deadlineReader) Read(p []byte) (int, error) {
	if err := r.s.SetReadDeadline(time.Now().Add(r.d)); err != nil {
		return 0, err
	}
	if err := r.ctx.Err(); err != nil {
		return 0, err
	}
	return r.s.Read(p)
}
