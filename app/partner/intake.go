package partner

import (
	"database/sql"
	"errors"
	"fmt"
	"slices"

	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

func noRows(err error) bool { return errors.Is(err, sql.ErrNoRows) }

// intake is a list of items, judged by what is here, and what is new in it.
type intake struct {
	b         *Book
	q         store.Querier
	community string // whose items these are
	charter   *govern.Foreign
	fresh     []Item // in the order of the letter

	gov     []govRow
	certs   map[wire.Actor]seal.Certificate
	moved   []movedRow
	came    []cameRow
	papers  [][]byte
	judge   *judge // of the statements; nil before the first
	entries []linked
}

type govRow struct {
	term, seq uint64
	hash      wire.Hash
	chunk     []byte
}

type movedRow struct {
	hash     wire.Hash
	evidence []byte
}

// cameRow is one of our BURNs that was made anew there, and by what.
type cameRow struct {
	burn, hash wire.Hash
	at         int64
}

// judge looks at items one after the other, changes of one document together. It
// reads only.
func (b *Book) judge(q store.Querier, community string, items []Item) (*intake, error) {
	f, err := b.Foreign(q, community)
	if err != nil {
		return nil, err
	}
	in := &intake{b: b, q: q, community: community, charter: f, certs: map[wire.Actor]seal.Certificate{}}
	if err := contiguous(items); err != nil {
		return nil, err
	}
	for from := 0; from < len(items); {
		to := from + 1
		for to < len(items) && items[from].Doc != "" && items[to].Kind == items[from].Kind && items[to].Doc == items[from].Doc {
			to++
		}
		if err := in.run(items[from:to]); err != nil {
			return nil, err
		}
		from = to
	}
	return in, nil
}

// contiguous demands that the changes of a document stand together, as every letter
// has them, and that there are no more entries than a letter holds: what one costs is
// then in proportion to its length.
func contiguous(items []Item) error {
	seen, entries := map[string]bool{}, 0
	for i, x := range items {
		if x.Kind == KindNet {
			entries++
		}
		if x.Doc == "" || i > 0 && items[i-1].Doc == x.Doc {
			continue
		}
		if seen[x.Doc] {
			return invalid("%.80q comes twice", x.Doc)
		}
		seen[x.Doc] = true
	}
	if entries > MaxEntries {
		return invalid("%d entries", entries)
	}
	return nil
}

func (in *intake) run(items []Item) error {
	switch items[0].Kind {
	case KindGov:
		return in.govern(items)
	case KindNet:
		return in.net(items)
	case KindCert:
		return in.cert(items[0])
	case KindMoved:
		return in.move(items[0])
	case KindPaper:
		in.papers = append(in.papers, items[0].Bytes)
		return nil
	case KindCame:
		return in.come(items[0])
	}
	return ErrNewer
}

// govern takes changes of the charter. What is new must follow what is here.
func (in *intake) govern(items []Item) error {
	doc := store.DocID(items[0].Doc)
	p, err := govern.ParsePath(doc)
	if err != nil {
		return ErrForm
	}
	run := make([]seal.Sealed, len(items))
	for i, x := range items {
		run[i] = x.sealed()
	}
	law := in.charter.Snapshot()
	next, fresh, err := in.charter.Take(doc, run)
	if err != nil || fresh == 0 {
		return err
	}
	in.charter = next
	for i, x := range items {
		h, err := wire.Peek(x.Bytes)
		if err != nil {
			return fmt.Errorf("%w: %w", ErrForm, err)
		}
		if _, known := law.At(p.Term, h.Seq, [16]byte(h.Hash[:16])); known {
			continue
		}
		in.gov = append(in.gov, govRow{p.Term, h.Seq, h.Hash, x.Bytes})
		in.fresh = append(in.fresh, items[i])
	}
	return nil
}

// cert takes the certificate of one of the community's incarnations.
func (in *intake) cert(x Item) error {
	c, err := seal.DecodeCertificate(x.Bytes)
	if err != nil || c.Verify() != nil {
		return invalid("a certificate that nobody signed")
	}
	if !in.charter.Enrolled(c.Device) {
		return invalid("a certificate of a device that is not theirs")
	}
	if _, ok, err := in.author(c.Actor()); err != nil || ok {
		return err
	}
	in.certs[c.Actor()] = c
	in.fresh = append(in.fresh, x)
	return nil
}

// author finds an incarnation of the community, here or among these items.
func (in *intake) author(a wire.Actor) (seal.Certificate, bool, error) {
	if c, ok := in.certs[a]; ok {
		return c, true, nil
	}
	return in.b.Author(in.q, in.community, a)
}

// move takes a BURN of somebody who moved here. Who may write one is judged where
// the points are made anew; here, that it is whole and its author's.
func (in *intake) move(x Item) error {
	o, _, err := in.proof(x)
	if err != nil {
		return err
	}
	var here int
	if err := in.q.QueryRow(`SELECT count(*) FROM partner_moved WHERE hash = ?`, o.Hash[:]).Scan(&here); err != nil || here > 0 {
		return err
	}
	if !o.Tx.MovesTo(ledger.TextSubject(in.b.own())) {
		return invalid("nobody moved here by it")
	}
	if slices.ContainsFunc(in.moved, func(had movedRow) bool { return had.hash == o.Hash }) {
		return nil // it stands in the letter twice
	}
	in.moved = append(in.moved, movedRow{o.Hash, x.Bytes})
	in.fresh = append(in.fresh, x)
	return nil
}

// come takes their MINT for a BURN of ours: it says that somebody has arrived, and
// nothing hangs on it. It must be theirs, and of the feed that the BURN names.
func (in *intake) come(x Item) error {
	o, at, err := in.proof(x)
	if err != nil {
		return err
	}
	for i := range o.Tx.Entries {
		e := &o.Tx.Entries[i]
		if e.Type != ledger.Mint || e.Why != ledger.WhyMoved {
			continue
		}
		burn, err := in.ours(&o.Tx.Evidence[e.Evidence-1])
		if err != nil {
			return err
		}
		a, ok := burn.Tx.Sent(o.Feed)[e.Index]
		if !ok || a.N != e.Amount {
			return invalid("a MINT that no BURN of ours names")
		}
		var here int
		if err := in.q.QueryRow(`SELECT count(*) FROM partner_came WHERE burn = ?`, burn.Hash[:]).Scan(&here); err != nil || here > 0 {
			return err
		}
		if slices.ContainsFunc(in.came, func(had cameRow) bool { return had.burn == burn.Hash }) {
			return nil // both branches of a copied office took the person in
		}
		in.came = append(in.came, cameRow{burn.Hash, o.Hash, at})
		in.fresh = append(in.fresh, x)
		return nil // one transaction makes anew what one other burned
	}
	return invalid("nobody arrived by it")
}

// proof opens evidence of the community's, and tells when it was written.
func (in *intake) proof(x Item) (*ledger.Opened, int64, error) {
	v, err := ledger.DecodeEvidence(x.Bytes)
	if errors.Is(err, ledger.ErrNewer) {
		return nil, 0, ErrNewer
	}
	if err != nil {
		return nil, 0, ErrForm
	}
	ch, _, err := wire.Decode(v.Chunk)
	if err != nil {
		return nil, 0, fmt.Errorf("%w: %w", ErrForm, err)
	}
	c, ok, err := in.author(ch.Actor)
	if err == nil && !ok {
		err = fmt.Errorf("%w: the certificate of %s", ErrEarly, ch.Actor)
	}
	if err != nil {
		return nil, 0, err
	}
	o, err := ledger.OpenOf(in.community, v, c)
	if errors.Is(err, ledger.ErrNewer) {
		return nil, 0, ErrNewer
	}
	if err != nil {
		return nil, 0, invalid("evidence that proves nothing: %v", err)
	}
	return o, ch.Time, nil
}

// ours opens evidence that one of our own devices wrote.
func (in *intake) ours(v *ledger.Evidence) (*ledger.Opened, error) {
	p, err := wire.Peek(v.Chunk)
	if err != nil {
		return nil, fmt.Errorf("%w: %w", ErrForm, err)
	}
	c, err := store.Certificate(in.q, p.Actor)
	if err != nil || c == nil {
		return nil, errors.Join(err, invalid("a BURN of nobody here"))
	}
	o, err := ledger.OpenOf(in.b.own(), v, *c)
	if err != nil {
		err = invalid("a BURN that proves nothing: %v", err)
	}
	return o, err
}

// net takes changes of the statements that the community's registrars wrote to us.
func (in *intake) net(items []Item) error {
	doc := store.DocID(items[0].Doc)
	p, err := govern.ParsePath(doc)
	if err != nil || p.Row.Doc != NetDoc || p.Community != in.community || p.Place != in.b.own() || p.Epoch != 1 {
		return invalid("no statements of theirs to us")
	}
	cert, ok := in.charter.RegistrarAt(p.Under)
	if !ok {
		return fmt.Errorf("%w: the charter of term %d", ErrEarly, p.Under)
	}
	if a := cert.Actor(); a.String() != p.Author {
		return invalid("statements of somebody who was not the registrar")
	}
	if in.judge == nil {
		if in.judge, err = in.b.judgeOf(in.q, in.community, in.b.own()); err != nil {
			return err
		}
	}
	last := len(items) - 1
	if len(items[last].Seal) == 0 {
		return invalid("statements that end without a seal")
	}
	more := false
	for i, x := range items {
		fresh, h, seq, err := in.netChange(doc, p, x)
		if err != nil {
			return err
		}
		more = more || fresh
		// The last one's seal speaks for those before it, so it must follow them.
		if i == last && more && (!fresh || seal.Verify(cert, string(doc), seq, h, *x.sealed().Seal) != nil) {
			return invalid("the seal of %s %d", doc, seq)
		}
	}
	return nil
}

func (in *intake) netChange(doc store.DocID, p govern.Path, x Item) (fresh bool, h wire.Hash, seq uint64, err error) {
	ch, h, err := wire.Decode(x.Bytes)
	if err != nil {
		return false, h, 0, fmt.Errorf("%w: %w", ErrForm, err)
	}
	all := in.judge.here
	if here, ok := all.place[place{doc, ch.Seq}]; ok {
		if here != h {
			err = invalid("another history of %s", doc)
		}
		return false, h, ch.Seq, err
	}
	e, err := open(ch)
	if err != nil {
		return false, h, ch.Seq, err
	}
	ctx, err := seal.ParseContext(ch.Message)
	if err != nil || ctx.Term != p.Under || ch.Actor.String() != p.Author {
		return false, h, ch.Seq, invalid("written by somebody else, or under another term")
	}
	if prev, ok := all.place[place{doc, ch.Seq - 1}]; ch.Seq > 1 && (!ok || ch.Deps[0] != prev) {
		return false, h, ch.Seq, fmt.Errorf("%w: %s before %d", ErrEarly, doc, ch.Seq)
	}
	law := in.charter.Snapshot()
	at, known := law.At(ctx.Term, ctx.Seq, ctx.Head)
	if !known {
		return false, h, ch.Seq, fmt.Errorf("%w: their charter up to %d.%d", ErrEarly, ctx.Term, ctx.Seq)
	}
	in.judge.law, in.judge.at = law, at
	if err := in.judge.entry(e, before(ch, e)); err != nil {
		return false, h, ch.Seq, err
	}
	l := linked{Hash: h, Prev: before(ch, e), Side: in.community, Other: in.b.own(), Doc: doc, Seq: ch.Seq, Term: p.Under,
		At: ch.Time, Operator: ctx.Name(), Entry: e}
	all.add(l)
	in.entries = append(in.entries, l)
	in.fresh = append(in.fresh, x)
	return true, h, ch.Seq, nil
}

// save puts what is new into the tables.
func (in *intake) save(tx *store.Tx) error {
	for _, g := range in.gov {
		if _, err := tx.Exec(`INSERT INTO partner_gov (community, term, seq, hash, chunk) VALUES (?, ?, ?, ?, ?)`,
			in.community, int64(g.term), int64(g.seq), g.hash[:], g.chunk); err != nil {
			return err
		}
	}
	for a, c := range in.certs {
		if _, err := tx.Exec(`INSERT INTO partner_cert (community, actor, cert) VALUES (?, ?, ?)`, in.community, a[:], c.Encode()); err != nil {
			return err
		}
	}
	for _, m := range in.moved {
		if _, err := tx.Exec(`INSERT INTO partner_moved (hash, community, evidence) VALUES (?, ?, ?)`, m.hash[:], in.community, m.evidence); err != nil {
			return err
		}
	}
	for _, m := range in.came {
		if _, err := tx.Exec(`INSERT INTO partner_came (burn, community, hash, at) VALUES (?, ?, ?, ?)`, m.burn[:], in.community, m.hash[:], m.at); err != nil {
			return err
		}
	}
	for _, l := range in.entries {
		if err := saveEntry(tx, l); err != nil {
			return err
		}
	}
	return nil
}
