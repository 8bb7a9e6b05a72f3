package ledger

import (
	"bytes"
	"cmp"
	"database/sql"
	"maps"
	"slices"

	"jishan/app/fault"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Deductions and corrections as commands: what takes points from a person, and
// the opposite of anything that this feed, or one that it succeeds, has written.

// Deduction takes points away.
type Deduction struct {
	Person  Subject
	Points  int64
	Period  string // whose points go first, and whose year is lessened by a debt
	Deed    Deed   // of a deduction by the rulebook: its key is used once; zero for none
	Item    string
	Version uint32
	Note    string
}

// Deduct burns what this device holds of a person's points, the named period
// first and then the oldest, and books the rest as a debt. Faults of one with a
// deed: ledger.turn.missing, ledger.deed.used, ledger.period.closed.
func (l *Ledger) Deduct(tx *store.Tx, d Deduction) (store.Ref, error) {
	if err := amounts(d.Points); err != nil {
		return store.Ref{}, err
	}
	if d.Deed != (Deed{}) {
		if err := l.canMint(tx, d.Deed, d.Period); err != nil {
			return store.Ref{}, err
		}
	}
	es, err := l.deduction(tx, d)
	if err != nil {
		return store.Ref{}, err
	}
	return l.Write(tx, "ledger.deduct", es...)
}

func (l *Ledger) deduction(tx *store.Tx, d Deduction) ([]Entry, error) {
	have, err := l.pointsHere(tx, d.Person)
	if err != nil {
		return nil, err
	}
	if d.Deed != (Deed{}) {
		d.Person, have = underOne(d.Person, have)
	}
	for i := range have {
		if have[i].Quota.Period == d.Period {
			have = append([]Amount{have[i]}, append(have[:i:i], have[i+1:]...)...)
			break
		}
	}
	proto := Entry{Why: WhyDeduction, Deed: d.Deed, Item: d.Item, Version: d.Version, Note: d.Note}
	if d.Deed != (Deed{}) {
		proto.Why = WhyFine
	}
	var es []Entry
	rest := d.Points
	for _, a := range have {
		if n := min(rest, a.N); n > 0 {
			e := proto
			e.Type, e.Quota, e.Amount = Burn, a.Quota, n
			es = append(es, e)
			rest -= n
		}
	}
	if rest > 0 {
		e := proto
		e.Type, e.Quota, e.Amount = Mint, Quota{Debt, d.Person, d.Period}, rest
		es = append(es, e)
	}
	return es, nil
}

// underOne chooses the subject of a person that a deduction by the rulebook takes
// from, as one deed is of one subject: the one with most points here. What it lacks
// is owed, and collected from the others.
func underOne(person Subject, have []Amount) (Subject, []Amount) {
	sum := map[Subject]int64{}
	for _, a := range have {
		if sum[a.Quota.Subject] += a.N; sum[a.Quota.Subject] > sum[person] {
			person = a.Quota.Subject
		}
	}
	return person, slices.DeleteFunc(have, func(a Amount) bool { return a.Quota.Subject != person })
}

// deducts tells whether a transaction is a deduction.
func (t *Tx) deducts() bool { return t.taken() > 0 }

// taken is what a deduction took, debt included.
func (t *Tx) taken() (n int64) {
	for i := range t.Entries {
		if takesAway(t.Entries[i].Why) {
			n += t.Entries[i].Amount
		}
	}
	return n
}

// Correction says what came of an opposite entry, in points.
type Correction struct {
	Ref   store.Ref
	Back  int64 // what the person got back, less what of it paid debts
	Taken int64 // what was taken from the person
	Debt  int64 // what the person owes for it
}

// Correct writes the opposite of a whole own transaction, like Undo. Of an award
// whose points are partly gone it burns what is here, and the rest becomes a debt.
// The note says why. Faults: as Undo.
func (l *Ledger) Correct(tx *store.Tx, h wire.Hash, note string) (c Correction, err error) {
	b, err := l.open(tx)
	if err != nil {
		return c, err
	}
	before := b.paidFirst
	c.Ref, err = l.undo(tx, h, note)
	if fault.Of(err).Code == "ledger.undo.moved" {
		c.Ref, err = l.recall(tx, h, note)
	}
	if err != nil {
		return Correction{}, err
	}
	done, err := l.Transaction(tx, c.Ref.Hash)
	if err != nil {
		return Correction{}, err
	}
	for _, e := range done.Tx.Entries {
		switch {
		case e.Quota.Kind == Points && e.Type == Restore:
			c.Back += e.Amount
		case e.Quota.Kind == Points && e.Type == Burn && e.Why == WhyCollect: // of what came back, another debt is paid
			c.Back -= e.Amount
		case e.Quota.Kind == Points && e.Type == Burn:
			c.Taken += e.Amount
		case e.Why == WhyRecall:
			c.Debt += e.Amount
		}
	}
	c.Back -= min(c.Back, b.paidFirst-before)
	return c, nil
}

// noted puts a reason on the first entry of points or debt.
func noted(es []Entry, note string) []Entry {
	for i := range es {
		if k := es[i].Quota.Kind; note != "" && (k == Points || k == Debt) {
			es[i].Note = note
			break
		}
	}
	return es
}

// recall takes back an award of which not all is here.
func (l *Ledger) recall(tx *store.Tx, h wire.Hash, note string) (store.Ref, error) {
	_, s, err := l.mine(tx)
	if err != nil {
		return store.Ref{}, err
	}
	past, _, err := s.Past(h)
	if err != nil {
		return store.Ref{}, err
	}
	var es []Entry
	for i := range past.Entries {
		o := &past.Entries[i]
		if o.Type != Mint || o.Quota.Kind != Points || o.Evidence > 0 || mints(past) != 1 {
			continue
		}
		if err := l.inYear(tx, o.Quota.Period); err != nil {
			return store.Ref{}, err
		}
		have, err := s.Held(o.Quota)
		if err != nil {
			return store.Ref{}, err
		}
		ref := Ref{h, uint32(i)}
		if have > 0 {
			es = append(es, Entry{Type: Burn, Quota: o.Quota, Amount: have, Why: WhyRecall, Ref: ref})
		}
		es = append(es, Entry{Type: Mint, Quota: Quota{Debt, o.Quota.Subject, o.Quota.Period}, Amount: o.Amount - have, Why: WhyRecall, Ref: ref})
	}
	if len(es) == 0 {
		return store.Ref{}, fault.New("ledger.undo.nothing")
	}
	return l.Write(tx, "ledger.recall", noted(es, note)...)
}

// undoDeduction gives back what a deduction took. What is still owed of it is
// cancelled. What was collected meanwhile comes back by whole collections, the
// newest first, and what of those paid other debts is collected again at once.
func (l *Ledger) undoDeduction(tx *store.Tx, s *feedState, past *Tx, h wire.Hash, note string) (store.Ref, error) {
	g := giving{l: l, tx: tx, s: s}
	for i := range past.Entries {
		if err := g.entry(&past.Entries[i], Ref{h, uint32(i)}); err != nil {
			return store.Ref{}, err
		}
	}
	if len(g.es) == 0 {
		return store.Ref{}, fault.New("ledger.period.closed", "period", past.Entries[0].Quota.Period)
	}
	return l.Write(tx, "ledger.undo", noted(g.es, note)...)
}

// giving is the opposite of a deduction while it is put together.
type giving struct {
	l     *Ledger
	tx    *store.Tx
	s     *feedState
	es    []Entry
	back  []Amount        // collected points that come back
	again map[Quota]int64 // debts that come back with them
}

func (g *giving) entry(o *Entry, ref Ref) error {
	if !takesAway(o.Why) {
		return nil
	}
	done, err := g.s.Undone(ref)
	if err != nil {
		return err
	}
	if done > 0 {
		return fault.New("ledger.undo.done")
	}
	if o.Type == Mint {
		return g.debt(o, ref)
	}
	_, err = g.restore(o, ref)
	return err
}

// restore adds the opposite of a BURN; none of points whose period is closed:
// they would have expired.
func (g *giving) restore(o *Entry, ref Ref) (bool, error) {
	if o.Quota.Kind == Points {
		if err := g.l.inYear(g.tx, o.Quota.Period); err != nil {
			if fault.Of(err).Code == "ledger.period.closed" {
				err = nil
			}
			return false, err
		}
	}
	g.es = append(g.es, Entry{Type: Restore, Quota: o.Quota, Amount: o.Amount, Why: WhyReturn, Ref: ref})
	return true, nil
}

// debt cancels a debt; as much of it as was paid is owed again first.
func (g *giving) debt(o *Entry, ref Ref) error {
	owed, err := g.s.Held(o.Quota)
	if err != nil {
		return err
	}
	g.again = map[Quota]int64{}
	if owed < o.Amount {
		if err := g.uncollect(o.Quota, o.Amount-owed); err != nil {
			return err
		}
	}
	if owed += g.again[o.Quota]; owed < o.Amount {
		return fault.New("ledger.undo.moved", "need", o.Amount, "here", owed)
	}
	g.es = append(g.es, Entry{Type: Burn, Quota: o.Quota, Amount: o.Amount, Why: WhyUndo, Ref: ref})
	if g.again[o.Quota] > 0 {
		g.again[o.Quota] = owed - o.Amount
	}
	g.collectAgain()
	return nil
}

// uncollect takes back collections of a person until as much of a debt is owed
// again.
func (g *giving) uncollect(debt Quota, need int64) error {
	group, err := g.l.Together(g.tx, debt.Subject)
	if err != nil {
		return err
	}
	list, err := g.l.collections(g.tx, group)
	if err != nil {
		return err
	}
	for _, h := range list {
		if g.again[debt] >= need {
			return nil
		}
		past, _, err := g.s.Past(h)
		if err != nil {
			return err
		}
		if past == nil || !past.collected(debt) {
			continue
		}
		if err := g.takeBack(past, h, group); err != nil {
			return err
		}
	}
	return nil
}

// collected tells whether a transaction paid of a debt.
func (t *Tx) collected(debt Quota) bool {
	for i := range t.Entries {
		if e := &t.Entries[i]; e.Type == Burn && e.Why == WhyCollect && e.Quota == debt {
			return true
		}
	}
	return false
}

// takeBack takes back what one transaction collected of a person, under all the
// person's subjects.
func (g *giving) takeBack(past *Tx, h wire.Hash, group []Subject) error {
	for i := range past.Entries {
		o, ref := &past.Entries[i], Ref{h, uint32(i)}
		if o.Type != Burn || o.Why != WhyCollect || !slices.Contains(group, o.Quota.Subject) {
			continue
		}
		done, err := g.s.Undone(ref)
		if err != nil || done > 0 {
			return err // it came back before, as a whole
		}
		switch ok, err := g.restore(o, ref); {
		case err != nil:
			return err
		case o.Quota.Kind == Debt:
			g.again[o.Quota] += o.Amount
		case ok:
			g.back = append(g.back, Amount{o.Quota, o.Amount})
		}
	}
	return nil
}

// collectAgain pays other debts with what came back, as they were paid before.
func (g *giving) collectAgain() {
	for _, q := range slices.SortedFunc(maps.Keys(g.again), func(a, b Quota) int {
		return cmp.Or(cmp.Compare(a.Period, b.Period), bytes.Compare(a.Subject[:], b.Subject[:]))
	}) {
		for i := range g.back {
			n := min(g.again[q], g.back[i].N)
			if n < 1 {
				continue
			}
			g.again[q] -= n
			g.back[i].N -= n
			g.es = append(g.es, Entry{Type: Burn, Quota: g.back[i].Quota, Amount: n, Why: WhyCollect}, Entry{Type: Burn, Quota: q, Amount: n, Why: WhyCollect})
		}
	}
}

// collections lists the transactions of this feed, and of those before it, in
// which points of a person paid debts, the newest first.
func (l *Ledger) collections(tx *store.Tx, group []Subject) (list []wire.Hash, err error) {
	if err := l.settle(tx); err != nil {
		return nil, err
	}
	type place struct {
		inc    []byte
		number uint64
	}
	in, args := among(group)
	var at []place
	err = store.EachRow(tx, func(r *sql.Rows) error {
		var p place
		err := r.Scan(&p.inc, &p.number)
		at = append(at, p)
		return err
	}, `SELECT DISTINCT f.inc, x.number FROM ledger_line x JOIN ledger_feed f ON f.n = x.feed
		WHERE x.person IN `+in+` AND x.kind = ? AND x.n < 0 AND x.branch = x'' ORDER BY x.at DESC, x.number DESC`, append(args, int64(LineDebt))...)
	for _, p := range at {
		_, h, err := l.at(tx, wire.Actor(p.inc), p.number)
		if err != nil {
			return nil, err
		}
		list = append(list, h)
	}
	return list, err
}

// deductAgain lists the entries that take again what a deduction beyond a cut
// took: by its own deed, or else by one that is derived from where it stood, once.
// None if it was undone there, or was taken again.
func (l *Ledger) deductAgain(tx *store.Tx, b *book, t *Tx, h wire.Hash) ([]Entry, error) {
	for i := range t.Entries {
		e := &t.Entries[i]
		if !takesAway(e.Why) {
			continue
		}
		if gone, err := b.undoings(Ref{h, uint32(i)}); err != nil || len(gone) > 0 {
			return nil, err
		}
		d := Deduction{Person: e.Quota.Subject, Points: t.taken(), Period: e.Quota.Period, Deed: e.Deed, Item: e.Item, Version: e.Version, Note: e.Note}
		var can error
		if d.Deed.Turn == (Subject{}) {
			d.Deed = lateDeed(Ref{h, 0})
			used, err := l.madeAgain(tx, b, d.Deed)
			if err != nil || used {
				return nil, err
			}
			can = l.inYear(tx, d.Period)
		} else {
			can = l.canMint(tx, d.Deed, d.Period)
		}
		if can != nil {
			_, err := l.allowed(store.Ref{}, can)
			return nil, err
		}
		return l.deduction(tx, d)
	}
	return nil, nil
}
