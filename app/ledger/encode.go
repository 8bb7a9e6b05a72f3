package ledger

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/fxamacker/cbor/v2"

	"jishan/crdt/wire"
)

// Version is the version of transactions that this program writes and reads.
const Version = 1

// Errors of decoding.
var (
	// ErrNewer says that a value is of a version, or holds an entry type, kind
	// or reason, that this program does not know: it waits for a newer program.
	ErrNewer = errors.New("ledger: written by a newer version")
	// ErrForm says that a value is no transaction: the feed ends before it.
	ErrForm = errors.New("ledger: malformed transaction")
)

func malformed(format string, a ...any) error {
	return fmt.Errorf("%w: %s", ErrForm, fmt.Sprintf(format, a...))
}

// The shape on the wire, version 1. Subjects stand once in a dictionary, in
// the order of their first use; an index counts from 0 for an entry's subject
// and from 1 where the field may be absent. The period that most entries share
// is the transaction's.
type (
	wireTx struct {
		V        uint64         `cbor:"1,keyasint"`
		Part     *wirePart      `cbor:"2,keyasint,omitempty"`
		IDs      []byte         `cbor:"3,keyasint,omitempty"`
		Period   string         `cbor:"4,keyasint,omitempty"`
		Entries  []wireEntry    `cbor:"5,keyasint"`
		Evidence []wireEvidence `cbor:"6,keyasint,omitempty"`
	}
	wirePart struct {
		_      struct{} `cbor:",toarray"`
		Seq    uint64
		Hash   [32]byte
		Number uint64
	}
	wireTip struct {
		_      struct{} `cbor:",toarray"`
		Number uint64
		Hash   [32]byte
	}
	wireRef struct {
		_     struct{} `cbor:",toarray"`
		Hash  [32]byte
		Index uint32
	}
	wireSeen struct {
		_      struct{} `cbor:",toarray"`
		Inc    [16]byte
		Number uint64
		Hash   [32]byte
	}
	wireEvidence struct {
		_     struct{} `cbor:",toarray"`
		Epoch uint64
		Part  uint64
		Chunk []byte
		Tail  [][]byte
		Seal  [64]byte
	}
	wireEntry struct {
		Type     uint64     `cbor:"1,keyasint"`
		Kind     uint64     `cbor:"2,keyasint,omitempty"` // absent: points
		Subject  uint32     `cbor:"3,keyasint,omitempty"`
		Amount   int64      `cbor:"4,keyasint,omitempty"`
		Period   *string    `cbor:"5,keyasint,omitempty"` // absent: the transaction's
		To       []byte     `cbor:"6,keyasint,omitempty"` // incarnation, or incarnation and community
		Head     *wireTip   `cbor:"7,keyasint,omitempty"`
		Turn     uint32     `cbor:"8,keyasint,omitempty"`
		Key      uint32     `cbor:"9,keyasint,omitempty"`
		Item     string     `cbor:"10,keyasint,omitempty"`
		Version  uint32     `cbor:"11,keyasint,omitempty"`
		Evidence uint32     `cbor:"12,keyasint,omitempty"`
		Index    uint32     `cbor:"13,keyasint,omitempty"`
		Ref      *wireRef   `cbor:"14,keyasint,omitempty"`
		From     []byte     `cbor:"15,keyasint,omitempty"`
		Order    uint32     `cbor:"16,keyasint,omitempty"`
		Why      uint64     `cbor:"17,keyasint,omitempty"`
		Note     string     `cbor:"18,keyasint,omitempty"`
		Tips     []wireSeen `cbor:"19,keyasint,omitempty"`
	}
)

var (
	encMode = must(cbor.CoreDetEncOptions().EncMode())
	decMode = must(strict(cbor.ExtraDecErrorUnknownField).DecMode())
	// looseMode looks at versions and types only, past fields it does not know.
	looseMode = must(strict(cbor.ExtraDecErrorNone).DecMode())
)

func strict(extra cbor.ExtraDecErrorCond) cbor.DecOptions {
	return cbor.DecOptions{
		DupMapKey: cbor.DupMapKeyEnforcedAPF, IndefLength: cbor.IndefLengthForbidden, TagsMd: cbor.TagsForbidden,
		MaxNestedLevels: 8, MaxArrayElements: 1 << 12, MaxMapPairs: 64, ExtraReturnErrors: extra,
	}
}

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// Encode returns the transaction as CBOR, core deterministic. feedCommunity is
// the community of the feed it stands in; payees there are written short.
func (t *Tx) Encode(feedCommunity Subject) ([]byte, error) {
	if err := t.check(feedCommunity); err != nil {
		return nil, err
	}
	b := t.pack(feedCommunity).append(make([]byte, 0, 128))
	if len(b) > MaxValue {
		return nil, malformed("%d bytes", len(b))
	}
	return b, nil
}

// Decode reads a transaction of a feed of that community, strictly: it encodes
// again to the same bytes. Errors: ErrNewer (the change waits), ErrForm.
func Decode(value []byte, feedCommunity Subject) (*Tx, error) {
	if len(value) > MaxValue {
		return nil, malformed("%d bytes", len(value))
	}
	w, ok := parseTx(value)
	if !ok || w.newer() {
		w = &wireTx{}
		if err := decMode.Unmarshal(value, w); err != nil || w.newer() {
			return nil, whyNot(value, err)
		}
	}
	t, err := w.unpack(feedCommunity)
	if err != nil {
		return nil, err
	}
	again, err := t.Encode(feedCommunity)
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(again, value) {
		return nil, malformed("not the canonical encoding")
	}
	return t, nil
}

func (w *wireTx) newer() bool {
	for _, e := range w.Entries {
		if e.Type > uint64(lastType) || e.Kind > uint64(lastKind) || e.Why > uint64(lastWhy) {
			return true
		}
	}
	return w.V != Version
}

// whyNot tells a newer value from a malformed one.
func whyNot(value []byte, err error) error {
	var version struct {
		V uint64 `cbor:"1,keyasint"`
	}
	if e := looseMode.Unmarshal(value, &version); e != nil {
		return malformed("%v", e)
	}
	if version.V > Version {
		return ErrNewer
	}
	var types struct {
		Entries []struct {
			Type uint64 `cbor:"1,keyasint"`
			Kind uint64 `cbor:"2,keyasint"`
			Why  uint64 `cbor:"17,keyasint"`
		} `cbor:"5,keyasint"`
	}
	if e := looseMode.Unmarshal(value, &types); e != nil {
		return malformed("%v", e)
	}
	for _, e := range types.Entries {
		if e.Type > uint64(lastType) || e.Kind > uint64(lastKind) || e.Why > uint64(lastWhy) {
			return ErrNewer
		}
	}
	return malformed("version %d: %v", version.V, err)
}

// ids is the dictionary of subjects while it is made.
type ids struct{ list []Subject }

func (d *ids) of(s Subject) uint32 {
	for i, o := range d.list {
		if o == s {
			return uint32(i)
		}
	}
	d.list = append(d.list, s)
	return uint32(len(d.list) - 1)
}

func (d *ids) opt(s Subject) uint32 {
	if s == (Subject{}) {
		return 0
	}
	return d.of(s) + 1
}

func (d *ids) bytes() []byte {
	b := make([]byte, 0, len(d.list)*len(Subject{}))
	for _, s := range d.list {
		b = append(b, s[:]...)
	}
	return b
}

func (t *Tx) pack(c Subject) *wireTx {
	w := &wireTx{V: Version, Period: t.sharedPeriod(), Entries: make([]wireEntry, len(t.Entries))}
	if t.Part != nil {
		w.Part = &wirePart{Seq: t.Part.PrevSeq, Hash: t.Part.PrevHash, Number: t.Part.Number}
	}
	var d ids
	for i := range t.Entries {
		t.Entries[i].pack(&w.Entries[i], &d, w.Period, c)
	}
	w.IDs = d.bytes()
	for _, e := range t.Evidence {
		we := wireEvidence{Epoch: e.Epoch, Part: e.Part, Chunk: e.Chunk, Tail: make([][]byte, len(e.Tail)), Seal: e.Seal}
		for i, c := range e.Tail {
			we.Tail[i] = c
		}
		w.Evidence = append(w.Evidence, we)
	}
	return w
}

// sharedPeriod is the first period that is named at all.
func (t *Tx) sharedPeriod() string {
	for i := range t.Entries {
		if p := t.Entries[i].Quota.Period; p != "" {
			return p
		}
	}
	return ""
}

func (e *Entry) pack(w *wireEntry, d *ids, period string, c Subject) {
	w.Type, w.Amount = uint64(e.Type), e.Amount
	if e.Type != Seen {
		if e.Quota.Kind != Points {
			w.Kind = uint64(e.Quota.Kind)
		}
		w.Subject = d.of(e.Quota.Subject)
		if p := e.Quota.Period; p != period {
			w.Period = &p
		}
	}
	if e.To != (Feed{}) {
		w.To = append(w.To, e.To.Incarnation[:]...)
		if e.To.Community != c {
			w.To = append(w.To, e.To.Community[:]...)
		}
	}
	if e.Head != (Tip{}) {
		w.Head = &wireTip{Number: e.Head.Number, Hash: e.Head.Hash}
	}
	w.Turn, w.Key = d.opt(e.Deed.Turn), d.opt(e.Deed.Key)
	w.Item, w.Version = e.Item, e.Version
	w.Evidence, w.Index = uint32(e.Evidence), e.Index
	if e.Ref != (Ref{}) {
		w.Ref = &wireRef{Hash: e.Ref.Hash, Index: e.Ref.Index}
	}
	if e.From != (wire.Actor{}) {
		w.From = e.From[:]
	}
	w.Order, w.Why, w.Note = d.opt(e.Order), uint64(e.Why), e.Note
	for _, s := range e.Tips {
		w.Tips = append(w.Tips, wireSeen{Inc: s.Incarnation, Number: s.Tip.Number, Hash: s.Tip.Hash})
	}
}

func (w *wireTx) unpack(c Subject) (*Tx, error) {
	n := len(Subject{})
	if len(w.IDs)%n != 0 || len(w.Entries) > MaxEntries {
		return nil, malformed("dictionary or number of entries")
	}
	d := make([]Subject, len(w.IDs)/n)
	for i := range d {
		d[i] = Subject(w.IDs[i*n:])
	}
	t := &Tx{Entries: make([]Entry, len(w.Entries))}
	if w.Part != nil {
		t.Part = &Part{PrevSeq: w.Part.Seq, PrevHash: w.Part.Hash, Number: w.Part.Number}
	}
	for i := range w.Entries {
		if err := w.Entries[i].unpack(&t.Entries[i], d, w.Period, c); err != nil {
			return nil, err
		}
	}
	for _, e := range w.Evidence {
		ev := Evidence{Epoch: e.Epoch, Part: e.Part, Chunk: e.Chunk, Seal: e.Seal}
		for _, c := range e.Tail {
			ev.Tail = append(ev.Tail, c)
		}
		t.Evidence = append(t.Evidence, ev)
	}
	return t, nil
}

func (w *wireEntry) unpack(e *Entry, d []Subject, period string, c Subject) error {
	bad := false
	opt := func(i uint32) Subject {
		if i == 0 {
			return Subject{}
		}
		if int(i) > len(d) {
			bad = true
			return Subject{}
		}
		return d[i-1]
	}
	e.Type, e.Amount, e.Why, e.Note = Type(w.Type), w.Amount, Why(w.Why), w.Note
	if e.Type != Seen {
		e.Quota = Quota{Kind: Kind(w.Kind), Subject: opt(w.Subject + 1), Period: period}
		if w.Kind == 0 {
			e.Quota.Kind = Points
		}
		if w.Period != nil {
			e.Quota.Period = *w.Period
		}
	}
	switch len(w.To) {
	case 0:
	case 16:
		e.To = Feed{Incarnation: wire.Actor(w.To), Community: c}
	case 32:
		e.To = Feed{Incarnation: wire.Actor(w.To[:16]), Community: Subject(w.To[16:])}
	default:
		bad = true
	}
	if w.Head != nil {
		e.Head = Tip{Number: w.Head.Number, Hash: w.Head.Hash}
	}
	e.Deed = Deed{Turn: opt(w.Turn), Key: opt(w.Key)}
	e.Item, e.Version = w.Item, w.Version
	e.Evidence, e.Index = int(w.Evidence), w.Index
	if w.Ref != nil {
		e.Ref = Ref{Hash: w.Ref.Hash, Index: w.Ref.Index}
	}
	if len(w.From) == len(e.From) {
		e.From = wire.Actor(w.From)
	} else if len(w.From) > 0 {
		bad = true
	}
	e.Order = opt(w.Order)
	for _, s := range w.Tips {
		e.Tips = append(e.Tips, Seenness{Incarnation: s.Inc, Tip: Tip{Number: s.Number, Hash: s.Hash}})
	}
	if bad {
		return malformed("dictionary index or length")
	}
	return nil
}
