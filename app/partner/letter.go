package partner

import (
	"errors"
	"fmt"
	"iter"
	"slices"

	"github.com/fxamacker/cbor/v2"

	"jishan/app/fault"
	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/app/zone"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// letterVersion is the version of letters that this program writes and reads.
const letterVersion = 1

// header is the first frame of a letter.
type header struct {
	_        struct{} `cbor:",toarray"`
	V        uint64
	From, To string // community ids
}

// Letter returns the frames of a letter to a partner: everything of ours that
// concerns them, each time. papers go along to whoever opens it and are kept in no
// document. Errors: ErrForm where that is more than a letter holds.
func (b *Book) Letter(q store.Querier, to string, papers ...[]byte) ([][]byte, error) {
	first, err := encoding.Marshal(header{V: letterVersion, From: b.own(), To: to})
	if err != nil {
		return nil, err
	}
	items, err := b.items(q, to)
	if err != nil {
		return nil, err
	}
	for _, p := range papers {
		items = append(items, Item{Kind: KindPaper, Bytes: p, Seal: []byte{}})
	}
	if len(items) > MaxItems {
		return nil, fmt.Errorf("%w: %d items", ErrForm, len(items))
	}
	if err := contiguous(items); err != nil {
		return nil, err
	}
	out, size := [][]byte{first}, 0
	for _, i := range items {
		raw, err := encoding.Marshal(i)
		if err != nil {
			return nil, err
		}
		if size += len(raw); size > MaxLetter {
			return nil, fmt.Errorf("%w: %d bytes", ErrForm, size)
		}
		out = append(out, raw)
	}
	return out, nil
}

// items are the charter, the statements to them, who moved there and who came.
func (b *Book) items(q store.Querier, to string) (out []Item, err error) {
	law, err := b.charter.Snapshot(q)
	if err != nil {
		return nil, err
	}
	head, _, _ := law.Head()
	for term := uint64(1); term <= head.Term; term++ {
		w, ok := law.Writer(term)
		if !ok {
			return nil, fmt.Errorf("%w: term %d", store.ErrCorrupt, term)
		}
		if out, err = appendDoc(q, out, KindGov, b.charter.Doc(fmt.Sprintf("gov/%d", term)), w); err != nil {
			return nil, err
		}
	}
	chain, err := chainOf(q, b.own(), to)
	if err != nil {
		return nil, err
	}
	done := map[store.DocID]bool{}
	for _, l := range chain.list { // what an outdated registrar wrote beside the chain does not count
		if done[l.Doc] {
			continue
		}
		done[l.Doc] = true
		p, _ := b.parse(l.Doc)
		w, _ := law.Writer(p.Under)
		if out, err = appendDoc(q, out, KindNet, l.Doc, w); err != nil {
			return nil, err
		}
	}
	moved, err := b.feeds.MovedTo(q, ledger.TextSubject(to))
	if err != nil {
		return nil, err
	}
	came, err := b.feeds.CameFrom(q, ledger.TextSubject(to))
	if err != nil {
		return nil, err
	}
	told := map[wire.Actor]bool{}
	if out, err = b.proofs(q, out, KindMoved, moved, told); err != nil {
		return nil, err
	}
	return b.proofs(q, out, KindCame, came, told)
}

func appendDoc(q store.Querier, out []Item, kind Kind, doc store.DocID, w wire.Actor) ([]Item, error) {
	for seq := uint64(0); ; {
		list, err := store.After(q, doc, w, seq, readStep)
		if err != nil || len(list) == 0 {
			return out, err
		}
		for _, c := range list {
			out = append(out, itemOf(kind, doc, c.Sealed))
			seq = c.Seq
		}
	}
}

// readStep is how many changes are read at once.
const readStep = 256

// proofs appends transactions as evidence, each author's certificate first.
func (b *Book) proofs(q store.Querier, out []Item, kind Kind, list []wire.Hash, told map[wire.Actor]bool) ([]Item, error) {
	for _, h := range list {
		raw, err := b.feeds.Voucher(q, h)
		if errors.Is(err, ledger.ErrUnknown) { // its seal has not come yet: the next letter brings it
			continue
		}
		if err != nil {
			return nil, err
		}
		v, err := ledger.DecodeEvidence(raw)
		if err != nil {
			return nil, err
		}
		head, err := wire.Peek(v.Chunk)
		if err != nil {
			return nil, err
		}
		if !told[head.Actor] {
			c, err := store.Certificate(q, head.Actor)
			if err != nil || c == nil {
				return nil, errors.Join(err, fmt.Errorf("partner: no certificate of %s", head.Actor))
			}
			told[head.Actor] = true
			out = append(out, Item{Kind: KindCert, Bytes: c.Encode(), Seal: []byte{}})
		}
		out = append(out, Item{Kind: kind, Bytes: raw, Seal: []byte{}})
	}
	return out, nil
}

// Arrival is what a letter brought.
type Arrival struct {
	From   string   // the community's id
	Items  int      // that are new
	Moved  int      // people's BURNs among them
	Papers [][]byte // all that go along, new or not
}

// Accept takes in a letter's frames, all or nothing. by is the device that signed
// the whole: it must have been the registrar's when the letter was written. It runs
// on the registrar's device. Faults: partner.unknown, partner.letter.other (not to
// us), partner.letter.signer, partner.letter.outdated (their main device is another
// one since), partner.letter.early, partner.letter.newer, partner.letter.bad,
// govern.registrar.only.
func (b *Book) Accept(tx *store.Tx, by [32]byte, frames iter.Seq2[[]byte, error], now int64) (a Arrival, err error) {
	law, err := b.charter.Snapshot(tx)
	if err != nil {
		return a, err
	}
	at, _, _ := law.Head()
	if w, ok := law.Writer(at.Term); !ok || w != tx.Self() {
		return a, fault.New("govern.registrar.only")
	}
	from, items, err := b.readLetter(frames)
	if err != nil {
		return a, letterFault(err)
	}
	terms, ok := law.Partner(from, at)
	if !ok {
		return a, fault.New("partner.unknown")
	}
	known, err := b.judge(tx, from, ofCharter(items)) // what a stranger wrote is looked at no further
	if err != nil {
		return a, letterFault(err)
	}
	wrote, still := wroteLetter(known.charter, items, by)
	if known.charter.Root() != terms.Root || !wrote {
		return a, fault.New("partner.letter.signer", "name", terms.Name)
	}
	if !still {
		return a, fault.New("partner.letter.outdated", "name", terms.Name)
	}
	in, err := b.judge(tx, from, items)
	if err != nil {
		return a, letterFault(err)
	}
	a = Arrival{From: from, Items: len(in.fresh), Moved: len(in.moved), Papers: in.papers}
	if len(in.fresh) == 0 {
		return a, nil
	}
	if err := b.keep(tx, from, at, in.fresh, now); err != nil {
		return a, err
	}
	return a, b.reach(tx, law, at, in)
}

// readLetter reads the frames within their bounds.
func (b *Book) readLetter(frames iter.Seq2[[]byte, error]) (from string, items []Item, err error) {
	var h *header
	size := 0
	for f, err := range frames {
		if err != nil {
			return "", nil, err
		}
		if h == nil {
			if h, err = readHeader(f); err != nil {
				return "", nil, err
			}
			if h.To != b.own() {
				return "", nil, fault.New("partner.letter.other")
			}
			continue
		}
		if size += len(f); len(items) >= MaxItems || size > MaxLetter {
			return "", nil, ErrForm
		}
		var i Item
		if err := strict(f, &i); err != nil {
			return "", nil, err
		}
		if err := i.check(); err != nil {
			return "", nil, err
		}
		items = append(items, i)
	}
	if h == nil || len(items) == 0 {
		return "", nil, ErrForm
	}
	return h.From, items, nil
}

func readHeader(raw []byte) (*header, error) {
	var parts []cbor.RawMessage
	var v uint64
	if decoding.Unmarshal(raw, &parts) != nil || len(parts) == 0 || decoding.Unmarshal(parts[0], &v) != nil || v == 0 {
		return nil, ErrForm
	}
	if v > letterVersion {
		return nil, ErrNewer
	}
	h := new(header)
	return h, strict(raw, h)
}

func letterFault(err error) error {
	switch {
	case errors.Is(err, ErrNewer), errors.Is(err, govern.ErrNewer):
		return fault.New("partner.letter.newer")
	case errors.Is(err, ErrEarly), errors.Is(err, govern.ErrGap):
		return fmt.Errorf("%w: %w", fault.New("partner.letter.early"), err)
	case errors.Is(err, ErrForm), errors.Is(err, ErrInvalid), errors.Is(err, govern.ErrForeign):
		return fmt.Errorf("%w: %w", fault.New("partner.letter.bad"), err)
	}
	return err
}

// wroteLetter tells whether a device was the registrar's at the end of the charter
// that the letter itself holds, and whether it still is as far as letters told: one
// that was replaced may be lost or stolen, and its successor's letter says all that
// its own did.
func wroteLetter(f *govern.Foreign, items []Item, by [32]byte) (wrote, still bool) {
	var term uint64
	for _, i := range items {
		if p, err := govern.ParsePath(store.DocID(i.Doc)); i.Kind == KindGov && err == nil {
			term = max(term, p.Term)
		}
	}
	cert, ok := f.RegistrarAt(term)
	last, _, _ := f.Snapshot().Head()
	now, _ := f.RegistrarAt(last.Term)
	return ok && cert.Device == by, now.Device == by
}

// ofCharter are the changes of the charter among items.
func ofCharter(items []Item) []Item {
	return slices.DeleteFunc(slices.Clone(items), func(i Item) bool { return i.Kind != KindGov })
}

// keep writes items into the abroad feed.
func (b *Book) keep(tx *store.Tx, from string, at govern.Point, items []Item, now int64) error {
	list, err := pieces(items)
	if err != nil {
		return err
	}
	doc := b.charter.Doc(fmt.Sprintf("%s/%s/%s/%d-%d", AbroadDoc, from, tx.Self(), at.Term, zone.In(now).Year()))
	for _, p := range list {
		if _, err := tx.Append(doc, "partner.letter", p); err != nil {
			return err
		}
	}
	return nil
}

// reach says in our charter how much of theirs is here, if that has grown.
func (b *Book) reach(tx *store.Tx, law govern.Snapshot, at govern.Point, in *intake) error {
	head, hash, ok := in.charter.Snapshot().Head()
	if !ok {
		return nil
	}
	id := [16]byte(ledger.TextSubject(in.community))
	if known, _, ok := law.Abroad(id, at); ok && !known.Before(head) {
		return nil
	}
	return b.charter.Write(tx, "govern.abroad", govern.Abroad{Community: id, Term: head.Term, Seq: head.Seq, Head: hash})
}
