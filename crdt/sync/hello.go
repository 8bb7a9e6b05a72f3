package sync

import (
	"fmt"

	"github.com/fxamacker/cbor/v2"
)

// hello is the first frame of both sides: the type, the major version, and
// this as CBOR. Unknown fields are of a newer minor version and skipped.
type hello struct {
	Minor     uint              `cbor:"1,keyasint"`
	Community string            `cbor:"2,keyasint"`
	Formats   map[string]uint64 `cbor:"3,keyasint,omitempty"`
	Nonce     []byte            `cbor:"4,keyasint"`           // half of the session's salt
	First     []byte            `cbor:"5,keyasint"`           // openSize bytes for each space
	Buckets   []byte            `cbor:"6,keyasint,omitempty"` // of the documents; absent: there are none
}

const nonceSize = 8

var helloModes = func() (m struct {
	enc cbor.EncMode
	dec cbor.DecMode
}) {
	var err error
	if m.enc, err = cbor.CoreDetEncOptions().EncMode(); err != nil {
		panic(err) // constant options
	}
	m.dec, err = cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		MaxNestedLevels: 8, MaxArrayElements: 64, MaxMapPairs: 64,
	}.DecMode()
	if err != nil {
		panic(err)
	}
	return m
}()

func (h hello) encode() ([]byte, error) {
	b, err := helloModes.enc.Marshal(h)
	if err != nil {
		return nil, fmt.Errorf("sync: hello: %w", err)
	}
	return append([]byte{typeHello, Version}, b...), nil
}

// decodeHello reads what comes after the type byte.
func decodeHello(b []byte, community string) (h hello, err error) {
	if len(b) == 0 {
		return h, malformed("hello")
	}
	switch {
	case b[0] > Version:
		return h, fmt.Errorf("%w (version %d here, %d there)", ErrNewer, Version, b[0])
	case b[0] < Version:
		return h, fmt.Errorf("%w (version %d here, %d there)", ErrOlder, Version, b[0])
	}
	if err := helloModes.dec.Unmarshal(b[1:], &h); err != nil {
		return h, malformed("hello: %v", err)
	}
	switch {
	case h.Community != community:
		return h, ErrCommunity
	case len(h.Nonce) != nonceSize, len(h.Formats) > maxFormats, len(h.First) < len(spaceNames)*openSize:
		return h, malformed("hello: fields")
	case h.Buckets != nil && len(h.Buckets) != buckets*bucketSize:
		return h, malformed("hello: buckets")
	}
	return h, nil
}
