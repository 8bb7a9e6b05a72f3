package seal

import (
	"fmt"

	"jishan/crdt/wire"
)

// maxRunBytes bounds an encoded run in bytes.
const maxRunBytes = MaxRun * (wire.MaxChunk + 128)

type sealedBody struct {
	_     struct{} `cbor:",toarray"`
	Chunk []byte
	Seal  []byte
}

// EncodeRun writes sealed changes as CBOR, in order: the form in which
// evidence is kept.
func EncodeRun(run []Sealed) []byte {
	list := make([]sealedBody, len(run))
	for i, s := range run {
		list[i].Chunk = s.Chunk
		if s.Seal != nil {
			list[i].Seal = s.Seal[:]
		}
	}
	return encode(list)
}

// DecodeRun reads what EncodeRun wrote. Error: ErrMalformed.
func DecodeRun(b []byte) ([]Sealed, error) {
	var list []sealedBody
	if err := decode(b, maxRunBytes, &list); err != nil {
		return nil, err
	}
	run := make([]Sealed, len(list))
	for i, s := range list {
		run[i].Chunk = s.Chunk
		if len(s.Seal) == 0 {
			continue
		}
		if len(s.Seal) != len(Seal{}) {
			return nil, fmt.Errorf("%w: run", ErrMalformed)
		}
		sig := Seal(s.Seal)
		run[i].Seal = &sig
	}
	return run, nil
}
