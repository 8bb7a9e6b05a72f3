package partner

import (
	"errors"
	"strings"

	"github.com/fxamacker/cbor/v2"

	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Limits of letters and of what lies in documents.
const (
	// MaxItems bounds a letter: a charter of some thirty entries a week, for ten
	// years, and the statements.
	MaxItems = 20_000
	// MaxEntries bounds the statements, answers and receipts of a letter: three a
	// month for a hundred years.
	MaxEntries = 4096
	// MaxLetter bounds a letter's items in bytes.
	MaxLetter = 16 << 20
	// pieceSize is how much of a letter one change of an abroad feed holds: below
	// wire.MaxValue with room for the frame.
	pieceSize = 56 << 10
	maxPieces = MaxLetter/pieceSize + 1
	maxDoc    = store.MaxDocID
)

// format is the version of the encodings here.
const format = 1

// What is wrong with a letter, or with a change that holds one.
var (
	ErrForm    = errors.New("partner: malformed")
	ErrInvalid = errors.New("partner: invalid")
	ErrNewer   = errors.New("partner: a newer format")
	ErrEarly   = errors.New("partner: what comes before it is not here")
)

// Kind says what an item is. Numbers are never reused.
type Kind uint64

// The kinds of items.
const (
	KindGov   Kind = 1 // a change of the charter
	KindNet   Kind = 2 // a change of the statements towards us
	KindCert  Kind = 3 // the certificate of an incarnation that wrote a BURN
	KindMoved Kind = 4 // a BURN of somebody who moved here, as ledger evidence
	KindPaper Kind = 5 // what else goes with somebody who moved: only for who opens the letter, kept in no document
	KindCame  Kind = 6 // the sender's MINT for one of our BURNs, as ledger evidence
)

// MaxPaper bounds what goes with one person, in bytes: a record and some figures.
const MaxPaper = 16 << 10

// Item is one thing that a letter brings.
type Item struct {
	_     struct{} `cbor:",toarray"`
	Kind  Kind
	Doc   string // of a change: its document; else empty
	Bytes []byte // the change's chunk, the certificate, the evidence
	Seal  []byte // of a change, where it has one
}

var (
	encoding = must(cbor.CoreDetEncOptions().EncMode())
	decoding = must(cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		MaxNestedLevels: 6, MaxArrayElements: MaxItems, MaxMapPairs: 16,
	}.DecMode())
)

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// strict reads a value that encodes again to the same bytes.
func strict(raw []byte, v any) error {
	if err := decoding.Unmarshal(raw, v); err != nil {
		return ErrForm
	}
	again, err := encoding.Marshal(v)
	if err != nil || string(again) != string(raw) {
		return ErrForm
	}
	return nil
}

func (i Item) check() error {
	change := i.Kind == KindGov || i.Kind == KindNet
	switch {
	case i.Kind == 0:
		return ErrForm
	case i.Kind > KindCame:
		return ErrNewer
	case len(i.Bytes) == 0 || len(i.Bytes) > wire.MaxChunk || len(i.Doc) > maxDoc || change != (i.Doc != ""):
		return ErrForm
	case i.Kind == KindPaper && len(i.Bytes) > MaxPaper:
		return ErrForm
	case len(i.Seal) != 0 && (!change || len(i.Seal) != len(seal.Seal{})):
		return ErrForm
	}
	return nil
}

func (i Item) sealed() seal.Sealed {
	s := seal.Sealed{Chunk: i.Bytes}
	if len(i.Seal) == len(seal.Seal{}) {
		sig := seal.Seal(i.Seal)
		s.Seal = &sig
	}
	return s
}

func itemOf(kind Kind, doc store.DocID, c seal.Sealed) Item {
	i := Item{Kind: kind, Doc: string(doc), Bytes: c.Chunk, Seal: []byte{}}
	if c.Seal != nil {
		i.Seal = c.Seal[:]
	}
	return i
}

// piece is one change of an abroad feed: a part of a list of items.
type piece struct {
	_     struct{} `cbor:",toarray"`
	V     uint64
	Index uint64
	Total uint64
	Bytes []byte
}

// pieces divides items over changes.
func pieces(items []Item) (out [][]byte, err error) {
	raw, err := encoding.Marshal(items)
	if err != nil || len(raw) > MaxLetter {
		return nil, errors.Join(ErrForm, err)
	}
	total := uint64((len(raw) + pieceSize - 1) / pieceSize)
	for n := range total {
		b, err := encoding.Marshal(piece{V: format, Index: n, Total: total, Bytes: raw[n*pieceSize : min((n+1)*pieceSize, uint64(len(raw)))]})
		if err != nil {
			return nil, err
		}
		out = append(out, b)
	}
	return out, nil
}

func readPiece(raw []byte) (p piece, err error) {
	var parts []cbor.RawMessage
	var v uint64
	if decoding.Unmarshal(raw, &parts) != nil || len(parts) == 0 || decoding.Unmarshal(parts[0], &v) != nil || v == 0 {
		return p, ErrForm
	}
	if v > format {
		return p, ErrNewer
	}
	if err := strict(raw, &p); err != nil {
		return p, err
	}
	if p.Total == 0 || p.Total > maxPieces || p.Index >= p.Total || len(p.Bytes) == 0 || len(p.Bytes) > pieceSize {
		return p, ErrForm
	}
	return p, nil
}

// join puts pieces together again.
func join(parts [][]byte) (items []Item, err error) {
	raw := []byte(strings.Join(texts(parts), ""))
	if len(raw) > MaxLetter {
		return nil, ErrForm
	}
	if err := strict(raw, &items); err != nil {
		return nil, err
	}
	if len(items) == 0 || len(items) > MaxItems {
		return nil, ErrForm
	}
	for _, i := range items {
		if err := i.check(); err != nil {
			return nil, err
		}
	}
	return items, nil
}

func texts(parts [][]byte) []string {
	out := make([]string, len(parts))
	for i, p := range parts {
		out[i] = string(p)
	}
	return out
}
