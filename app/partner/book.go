package partner

import (
	_ "embed" // the schema
	"errors"
	"fmt"
	"sync"

	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/app/settle"
	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Feeds finds this community's ledger feeds; *ledger.Ledger has it.
type Feeds interface {
	settle.Feeds
	// Voucher is a transaction as its author sealed it, for others to verify.
	Voucher(q store.Querier, h wire.Hash) ([]byte, error)
	// MovedTo lists the transactions by which people moved to another community.
	MovedTo(q store.Querier, community ledger.Subject) ([]wire.Hash, error)
	// CameFrom lists those by which people came from one.
	CameFrom(q store.Querier, community ledger.Subject) ([]wire.Hash, error)
}

// Book keeps what other communities are to this one, on one device. It is a
// store.Projector; its commands write on the registrar's device.
type Book struct {
	charter *govern.Charter
	feeds   Feeds

	mu    sync.Mutex
	known map[string]knownCharter
}

// knownCharter is a charter as the table held it when it was read.
type knownCharter struct {
	changes int64
	tip     wire.Hash
	foreign *govern.Foreign
}

// New returns the book of a community. Feeds may come later, by UseFeeds: the
// ledger's law asks this book.
func New(charter *govern.Charter) *Book {
	return &Book{charter: charter, known: map[string]knownCharter{}}
}

// UseFeeds names where the ledger's feeds are found, before the store is opened.
func (b *Book) UseFeeds(f Feeds) { b.feeds = f }

func (b *Book) own() string { return b.charter.Community() }

//go:embed schema.sql
var schema string

// Name implements store.Projector.
func (b *Book) Name() string { return "partner" }

// Version implements store.Projector.
func (b *Book) Version() int { return 3 }

// Schema implements store.Projector.
func (b *Book) Schema() string { return schema }

// The kinds of documents of this package, as the first segment of their path.
const (
	AbroadDoc = "abroad"
	NetDoc    = "net"
)

// Wants implements store.Projector.
func (b *Book) Wants(doc store.DocID) bool {
	_, ok := b.parse(doc)
	return ok
}

func (b *Book) parse(doc store.DocID) (govern.Path, bool) {
	p, err := govern.ParsePath(doc)
	return p, err == nil && (p.Row.Doc == AbroadDoc || p.Row.Doc == NetDoc) && p.Community == b.own()
}

// value is what a change of one of the feeds holds.
func value(ch *wire.Change) ([]byte, error) {
	if len(ch.Ops) != 1 || ch.StartOp != ch.Seq || ch.Ops[0].Key != store.FeedKey(ch.Seq) || ch.Ops[0].Delete || ch.Ops[0].Value.Kind != wire.Bytes || len(ch.Ops[0].Pred) != 0 {
		return nil, ErrForm
	}
	if want := min(ch.Seq-1, 1); uint64(len(ch.Deps)) != want {
		return nil, ErrForm
	}
	return []byte(ch.Ops[0].Value.Raw), nil
}

func open(ch *wire.Change) (Entry, error) {
	raw, err := value(ch)
	if err != nil {
		return Entry{}, err
	}
	e, err := Decode(raw)
	if err == nil && ch.Seq > 1 && e.Prev != (wire.Hash{}) {
		return Entry{}, fmt.Errorf("%w: only the first change of a document names the one before", ErrForm)
	}
	return e, err
}

// before returns the entry that a change follows; the zero hash for none.
func before(ch *wire.Change, e Entry) wire.Hash {
	if ch.Seq > 1 {
		return ch.Deps[0]
	}
	return e.Prev
}

// Form checks a change of an abroad or net feed before its meaning; kind is the
// path's first segment. A newer program's value passes and waits in Subject.
func Form(kind string, ch *wire.Change) error {
	raw, err := value(ch)
	if err != nil {
		return err
	}
	if kind == AbroadDoc {
		_, err = readPiece(raw)
	} else {
		_, err = open(ch)
	}
	if errors.Is(err, ErrNewer) {
		return nil
	}
	return err
}

// Subject judges a change of an abroad or net feed: nil, admit.Wait, or why it is
// invalid.
func (b *Book) Subject(tx *store.Tx, doc store.DocID, ch *wire.Change, ctx seal.Context) error {
	p, ok := b.parse(doc)
	if !ok {
		return ErrForm
	}
	if p.Under != ctx.Term {
		return invalid("a document of term %d written under term %d", p.Under, ctx.Term)
	}
	law, err := b.charter.Snapshot(tx)
	if err != nil {
		return err
	}
	if w, ok := law.Writer(ctx.Term); !ok || w != ch.Actor {
		return invalid("not written by the registrar")
	}
	if p.Row.Doc == AbroadDoc {
		_, err = b.arrived(tx, doc, p.Place, ch)
		return waits(err)
	}
	e, err := open(ch)
	if err != nil {
		return waits(err)
	}
	j, err := b.judgeOf(tx, b.own(), p.Place)
	if err != nil {
		return err
	}
	j.own, j.law, j.at = true, law, law.Under(ctx)
	return waits(j.entry(e, before(ch, e)))
}

// judgeOf is a judge of what one side says to the other; the law is to come.
func (b *Book) judgeOf(q store.Querier, side, other string) (*judge, error) {
	here, err := historyOf(q, side, other)
	if err != nil {
		return nil, err
	}
	there, err := historyOf(q, other, side)
	return &judge{b: b, q: q, side: side, other: other, here: here, there: there}, err
}

// waits turns what may be good later into admission's word for it.
func waits(err error) error {
	if errors.Is(err, ErrNewer) || errors.Is(err, ErrEarly) || errors.Is(err, govern.ErrGap) || errors.Is(err, govern.ErrNewer) {
		return admit.Wait(err.Error())
	}
	return err
}

// arrived judges the items that a change of an abroad feed completes; nil for one
// that is followed by more.
func (b *Book) arrived(q store.Querier, doc store.DocID, community string, ch *wire.Change) (*intake, error) {
	raw, err := value(ch)
	if err != nil {
		return nil, err
	}
	last, err := readPiece(raw)
	if err != nil {
		return nil, err
	}
	if last.Index > ch.Seq-1 {
		return nil, invalid("a piece without those before it")
	}
	parts, first := [][]byte{}, uint64(0)
	if last.Index > 0 && last.Index+1 < last.Total { // the one before was looked at like that itself
		first = last.Index - 1
	}
	for n := first; n < last.Index; n++ {
		x, ok, err := store.At(q, doc, ch.Actor, ch.Seq-last.Index+n)
		if err != nil || !ok {
			return nil, errors.Join(err, ErrEarly)
		}
		c, _, err := wire.Decode(x.Chunk)
		if err != nil {
			return nil, err
		}
		raw, err := value(c)
		if err != nil {
			return nil, err
		}
		p, err := readPiece(raw)
		if err != nil || p.Index != n || p.Total != last.Total {
			return nil, errors.Join(err, invalid("a piece that does not fit the others"))
		}
		parts = append(parts, p.Bytes)
	}
	if last.Index+1 < last.Total {
		return nil, nil
	}
	items, err := join(append(parts, last.Bytes))
	if err != nil {
		return nil, err
	}
	return b.judge(q, community, items)
}

// Apply implements store.Projector.
func (b *Book) Apply(tx *store.Tx, ev store.Event) error {
	p, ok := b.parse(ev.Doc)
	if !ok {
		return ErrForm
	}
	if p.Row.Doc == AbroadDoc {
		in, err := b.arrived(tx, ev.Doc, p.Place, ev.Change)
		if err != nil || in == nil {
			return err
		}
		return in.save(tx)
	}
	e, err := open(ev.Change)
	if err != nil {
		return err
	}
	return saveEntry(tx, linked{Hash: ev.Hash, Prev: before(ev.Change, e), Side: b.own(), Other: p.Place, Doc: ev.Doc, Seq: ev.Change.Seq,
		Term: p.Under, At: ev.Change.Time, Operator: ev.Context.Name(), Entry: e})
}

// Foreign returns another community's charter as it is known here; one without a
// root if no letter brought it.
func (b *Book) Foreign(q store.Querier, community string) (*govern.Foreign, error) {
	var changes int64
	var tip []byte
	err := q.QueryRow(`SELECT count(*), coalesce((SELECT hash FROM partner_gov WHERE community = ?1 ORDER BY term DESC, seq DESC LIMIT 1), x'')
		FROM partner_gov WHERE community = ?1`, community).Scan(&changes, &tip)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	k, ok := b.known[community]
	b.mu.Unlock()
	if ok && k.changes == changes && k.tip == hashOf(tip) {
		return k.foreign, nil
	}
	f, err := readForeign(q, community)
	if err != nil {
		return nil, err
	}
	b.mu.Lock()
	b.known[community] = knownCharter{changes, hashOf(tip), f}
	b.mu.Unlock()
	return f, nil
}

func readForeign(q store.Querier, community string) (*govern.Foreign, error) {
	f := govern.NewForeign(community)
	rows, err := q.Query(`SELECT term, chunk FROM partner_gov WHERE community = ? ORDER BY term, seq`, community)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var term uint64
		var chunk []byte
		if err := rows.Scan(&term, &chunk); err != nil {
			return nil, err
		}
		if err := f.Restore(term, chunk); err != nil { // it was judged before it was kept
			return nil, fmt.Errorf("%w: charter of %s: %w", store.ErrCorrupt, community, err)
		}
	}
	return f, rows.Err()
}

// Author returns the certificate of an incarnation that another community named as
// its own; false where it named no such. Others may name the same: a letter proves
// who is enrolled where, and one device may be in several communities.
func (b *Book) Author(q store.Querier, community string, a wire.Actor) (cert seal.Certificate, ok bool, err error) {
	var raw []byte
	err = q.QueryRow(`SELECT cert FROM partner_cert WHERE community = ? AND actor = ?`, community, a[:]).Scan(&raw)
	if noRows(err) {
		return cert, false, nil
	}
	if err == nil {
		cert, err = seal.DecodeCertificate(raw)
	}
	return cert, err == nil, err
}

// Evidence lists the BURNs of people who moved here from a community, as
// ledger.DecodeEvidence reads them.
func (b *Book) Evidence(q store.Querier, community string) (out [][]byte, err error) {
	rows, err := q.Query(`SELECT evidence FROM partner_moved WHERE community = ? ORDER BY hash`, community)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var raw []byte
		if err := rows.Scan(&raw); err != nil {
			return nil, err
		}
		out = append(out, raw)
	}
	return out, rows.Err()
}

// Came tells which of our BURNs were made anew in a community, and when by its clock,
// in milliseconds.
func (b *Book) Came(q store.Querier, community string) (out map[wire.Hash]int64, err error) {
	rows, err := q.Query(`SELECT burn, at FROM partner_came WHERE community = ?`, community)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	out = map[wire.Hash]int64{}
	for rows.Next() {
		var raw []byte
		var at int64
		if err := rows.Scan(&raw, &at); err != nil {
			return nil, err
		}
		out[hashOf(raw)] = at
	}
	return out, rows.Err()
}
