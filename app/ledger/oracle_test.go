package ledger

import (
	"reflect"
	"slices"

	"jishan/crdt/wire"
)

// oracle is a second reading of docs/quotas.md: it keeps no state, but asks
// each question of the whole chain before the transaction, and builds on none
// of the functions that Judge uses.
type oracle struct {
	w     *memWorld
	chain []*memTx // the feed's past, first transaction first
	me    wire.Actor
	role  Role
	gov   []order
	tx    *Tx
	open  []*memTx
}

// oracleSays tells whether a well-formed transaction is valid there.
func oracleSays(w *memWorld, a wire.Actor, prev *memTx, known int, tx *Tx, evidence []*memTx) bool {
	o := &oracle{w: w, me: a, role: w.gov.members[a].Role, gov: w.gov.list[:known], tx: tx, open: evidence}
	for t := prev; t != nil; t = t.prev {
		o.chain = append([]*memTx{t}, o.chain...)
	}
	if prev != nil && int(prev.Entered.Head.Seq) > known || o.closed(a) != nil {
		return false
	}
	minted, issue, income, out, exposed := int64(0), int64(0), int64(0), int64(0), int64(0)
	spent := map[Kind]int64{} // of a guest
	for i, e := range tx.Entries {
		if !o.entry(i, e) {
			return false
		}
		p := e.Quota.Kind == Points
		if e.Type == Consume && (p || e.Quota == Quota{Kind: Credit, Subject: w.gov.members[a].Home}) {
			spent[e.Quota.Kind] += e.Amount
		}
		switch {
		case e.Type == Mint && p:
			minted += e.Amount
		case e.Type == Consume && e.Quota.Kind == Issue:
			issue += e.Amount
		case e.Type == Consume && e.Quota.Kind == Exposure:
			exposed += e.Amount
		case p && (e.Type == Take || e.Type == Restore || e.Type == Succeed):
			income += e.Amount
		case p && e.Type == Move:
			out += e.Amount
		}
	}
	if w.gov.members[a].Home != (Subject{}) && spent[Points] != spent[Credit] {
		return false
	}
	return minted <= issue && (o.role != Merchant || income-out <= exposed)
}

func (o *oracle) closed(a wire.Actor) *Cut {
	for i := range o.gov {
		if g := &o.gov[i]; g.heir == nil && g.period == "" && g.closed == a {
			return &g.cut
		}
	}
	return nil
}

func (o *oracle) yearClosed(p string) bool {
	for _, g := range o.gov {
		if g.period != "" && g.period == p {
			return true
		}
	}
	return false
}

func inside(c *Cut, t *memTx) bool {
	for _, tip := range c.Tips {
		if t.Number < tip.Number || t.Hash == tip.Hash {
			return true
		}
	}
	return false
}

// sum adds a quota up over the chain and the entries before the i-th.
func (o *oracle) sum(q Quota, i int) (n int64) {
	add := func(e Entry) {
		if e.Quota != q {
			return
		}
		switch e.Type {
		case Mint, Take, Succeed, Restore:
			n += e.Amount
		case Move, Consume, Burn:
			n -= e.Amount
		}
	}
	for _, t := range o.chain {
		for _, e := range t.Tx.Entries {
			add(e)
		}
	}
	for _, e := range o.tx.Entries[:i] {
		add(e)
	}
	return n
}

// minters lists the transactions that used a key in the turn's chain: this
// feed's, and those of every feed that the turn came from, up to there.
func (o *oracle) minters(d Deed) (list []*memTx) {
	seen := map[*memTx]bool{}
	var walk func(t *memTx)
	walk = func(t *memTx) {
		for ; t != nil && !seen[t]; t = t.prev {
			seen[t] = true
			for _, e := range t.Tx.Entries {
				if (e.Type == Mint || e.Type == Tally || e.Type == Burn) && e.Deed == d {
					list = append(list, t)
				}
				if e.Quota.Kind != Turn || e.Quota.Subject != d.Turn {
					continue
				}
				if e.Type == Take {
					walk(o.w.by[t.Open[e.Evidence-1].Hash])
				}
				if e.Type == Succeed {
					for i := range o.w.gov.list[:t.Entered.Head.Seq] {
						if g := &o.w.gov.list[i]; g.heir == nil && g.period == "" && g.closed == e.From {
							for _, tip := range g.cut.Tips {
								walk(o.w.by[tip.Hash])
							}
						}
					}
				}
			}
		}
	}
	if len(o.chain) > 0 {
		walk(o.chain[len(o.chain)-1])
	}
	return list
}

func (o *oracle) freeKey(d Deed, i int) bool {
	for _, e := range o.tx.Entries[:i] {
		if (e.Type == Mint || e.Type == Burn) && e.Deed == d {
			return false
		}
	}
	return o.neverUsed(d)
}

func (o *oracle) neverUsed(d Deed) bool {
	for _, t := range o.minters(d) {
		if c := o.closed(t.Feed.Incarnation); c == nil || inside(c, t) {
			return false
		}
	}
	return true
}

// tookMove tells whether a chain took a MOVE.
func tookMove(last *memTx, h wire.Hash, index uint32) bool {
	for t := last; t != nil; t = t.prev {
		for _, e := range t.Tx.Entries {
			if e.Type == Take && t.Open[e.Evidence-1].Hash == h && e.Index == index {
				return true
			}
		}
	}
	return false
}

func (o *oracle) heir(a wire.Actor) *Heir {
	for _, g := range o.gov {
		if g.heir != nil && g.closed == a {
			return g.heir
		}
	}
	return nil
}

// mine: the MOVE names me, or somebody I succeed who did not take it.
func (o *oracle) mine(to wire.Actor, takenBy func(last *memTx) bool) bool {
	for n := 0; to != o.me; n++ {
		h, c := o.heir(to), o.closed(to)
		if h == nil || c == nil || n >= 20 {
			return false
		}
		for _, tip := range c.Tips {
			if takenBy(o.w.by[tip.Hash]) {
				return false
			}
		}
		to = h.To
	}
	return true
}

func (o *oracle) entry(i int, e Entry) bool {
	enough := o.sum(e.Quota, i) >= e.Amount
	open := !o.yearClosed(e.Quota.Period)
	switch e.Type {
	case Mint:
		return open && o.mint(i, e)
	case Move:
		return enough && open && e.To.Incarnation != o.me && e.To.Community == home
	case Take:
		return o.take(i, e)
	case Succeed:
		return o.succeed(i, e)
	case Consume:
		if e.Quota.Kind == Exposure && e.Quota.Subject != TillSubject(o.w.gov.members[o.me].Device) {
			return false
		}
		return enough && open && e.Quota.Kind != Turn
	case Restore:
		if e.Why == WhyReturn {
			return o.givesBack(i, e)
		}
		return open && e.Quota.Kind != Exposure && o.undoes(i, e, Consume)
	case Burn:
		switch e.Why {
		case WhyExpiry:
			return enough && !open
		case WhyUndo:
			return enough && o.undoes(i, e, Mint)
		case WhyMoved:
			return enough && e.To.Community != home
		case WhyCollect:
			var sum [lastKind + 1]int64
			for _, x := range o.tx.Entries {
				if x.Type == Burn && x.Why == WhyCollect && x.Quota.Subject == e.Quota.Subject {
					sum[x.Quota.Kind] += x.Amount
				}
			}
			return enough && sum[Points] == sum[Debt]
		case WhyFine:
			return enough && o.fined(e)
		case WhyRecall:
			return enough && o.recalls(e)
		}
		return enough
	}
	return e.Type == Seen
}

// fined: staff, with the turn if one is named; the key was never used, and in
// this transaction by this person's deduction alone.
func (o *oracle) fined(e Entry) bool {
	for _, x := range o.tx.Entries {
		if x.Deed == e.Deed && (x.Why != WhyFine || x.Quota.Subject != e.Quota.Subject) && x.Type != Tally {
			return false
		}
	}
	held := e.Deed.Turn == (Subject{}) || o.sum(Quota{Kind: Turn, Subject: e.Deed.Turn}, o.place(e)) > 0
	return o.role >= Staff && held && o.neverUsed(e.Deed)
}

// place finds an entry of the transaction: the first of those that are alike.
func (o *oracle) place(e Entry) int {
	return slices.IndexFunc(o.tx.Entries, func(x Entry) bool { return reflect.DeepEqual(x, e) })
}

// recalls: the named MINT stands alone in its transaction and nothing of it was
// undone; all that is held of it is burned first, the rest becomes one debt.
func (o *oracle) recalls(e Entry) bool {
	past := o.mayUndo()[e.Ref.Hash]
	if o.role < Staff || past == nil || int(e.Ref.Index) >= len(past.Tx.Entries) || o.wasUndone(e.Ref) {
		return false
	}
	m := past.Tx.Entries[e.Ref.Index]
	n := 0
	for _, x := range past.Tx.Entries {
		if x.Type == Mint {
			n++
		}
	}
	if n != 1 || m.Type != Mint || m.Quota.Kind != Points || m.Why == WhyMoved || m.Quota.Subject != e.Quota.Subject || m.Quota.Period != e.Quota.Period {
		return false
	}
	burned, owed, at := int64(0), []int64{}, 0
	for i, x := range o.tx.Entries {
		if x.Ref != e.Ref {
			continue
		}
		if x.Why != WhyRecall || len(owed) > 0 {
			return false
		}
		if x.Type == Mint {
			owed, at = append(owed, x.Amount), i
		} else {
			burned += x.Amount
		}
	}
	return len(owed) == 1 && burned+owed[0] == m.Amount && (e.Type == Burn || o.sum(m.Quota, at) == 0)
}

func (o *oracle) wasUndone(r Ref) bool {
	for _, t := range o.mayUndo() {
		for _, y := range t.Tx.Entries {
			if y.Ref == r {
				return true
			}
		}
	}
	return false
}

// givesBack: a BURN of this feed's past, whole, once: a deduction with all that
// belongs to it, or collections with at least as much debt.
func (o *oracle) givesBack(i int, e Entry) bool {
	may := o.mayUndo()
	past := may[e.Ref.Hash]
	if o.role < Staff || past == nil || int(e.Ref.Index) >= len(past.Tx.Entries) || o.wasUndone(e.Ref) {
		return false
	}
	for _, y := range o.tx.Entries[:i] {
		if y.Ref == e.Ref {
			return false
		}
	}
	b := past.Tx.Entries[e.Ref.Index]
	if b.Type != Burn || b.Quota != e.Quota || b.Amount != e.Amount || e.Quota.Kind == Points && o.yearClosed(e.Quota.Period) {
		return false
	}
	switch b.Why {
	case WhyCollect:
		var sum [lastKind + 1]int64
		for _, x := range o.tx.Entries {
			if x.Type != Restore || x.Why != WhyReturn || x.Quota.Subject != e.Quota.Subject {
				continue
			}
			if t := may[x.Ref.Hash]; t != nil && int(x.Ref.Index) < len(t.Tx.Entries) && t.Tx.Entries[x.Ref.Index].Why == WhyCollect {
				sum[x.Quota.Kind] += x.Amount
			}
		}
		return sum[Points] <= sum[Debt]
	case WhyDeduction, WhyFine:
		for j, y := range past.Tx.Entries {
			if y.Type != Mint && y.Type != Burn || y.Type == Burn && y.Quota.Period != "" && o.yearClosed(y.Quota.Period) {
				continue
			}
			if !slices.ContainsFunc(o.tx.Entries, func(z Entry) bool {
				return z.Ref == Ref{past.Hash, uint32(j)} && (y.Type == Burn && z.Type == Restore && z.Why == WhyReturn || y.Type == Mint && z.Type == Burn && z.Why == WhyUndo)
			}) {
				return false
			}
		}
		return true
	}
	return false
}

func (o *oracle) mint(i int, e Entry) bool {
	switch e.Why {
	case WhyFine:
		return o.fined(e)
	case WhyRecall:
		return o.recalls(e)
	}
	switch e.Quota.Kind {
	case Points:
		turn := o.sum(Quota{Kind: Turn, Subject: e.Deed.Turn}, i)
		return o.role >= Staff && turn > 0 && e.Deed.Key != (Subject{}) && o.freeKey(e.Deed, i)
	case Stock:
		return true
	case Slot, Debt:
		return o.role >= Staff
	case Turn:
		for _, t := range append(o.chain, &memTx{Entered: Entered{Tx: &Tx{Entries: o.tx.Entries[:i]}}}) {
			for _, x := range t.Tx.Entries {
				if x.Type == Mint && x.Quota == e.Quota {
					return false
				}
			}
		}
	}
	return o.role == Registrar
}

func (o *oracle) take(i int, e Entry) bool {
	v := o.open[e.Evidence-1]
	if int(e.Index) >= len(v.Tx.Entries) {
		return false
	}
	m := v.Tx.Entries[e.Index]
	if m.Type != Move || m.Quota != e.Quota || m.Amount != e.Amount {
		return false
	}
	for _, x := range o.tx.Entries[:i] {
		if x.Type == Take && o.open[x.Evidence-1] == v && x.Index == e.Index {
			return false
		}
	}
	var last *memTx
	if len(o.chain) > 0 {
		last = o.chain[len(o.chain)-1]
	}
	if tookMove(last, v.Hash, e.Index) {
		return false
	}
	if m.To.Incarnation == o.me {
		found := m.Head == Tip{}
		for _, t := range o.chain {
			found = found || t.Hash == m.Head.Hash
		}
		if !found {
			return false
		}
	} else if !o.mine(m.To.Incarnation, func(last *memTx) bool { return tookMove(last, v.Hash, e.Index) }) {
		return false
	}
	if c := o.closed(v.Feed.Incarnation); c != nil && !inside(c, v) {
		return false
	}
	if e.Quota.Kind == Exposure && int(v.Entered.Head.Seq) > len(o.gov) {
		return false
	}
	return e.Quota.Kind != Turn || o.role >= Staff
}

func (o *oracle) succeed(i int, e Entry) bool {
	h := o.heir(e.From)
	if h == nil || o.closed(e.From) == nil || h.Rights[e.Quota.Sum(home)] != e.Amount {
		return false
	}
	took := func(t *memTx) bool {
		for ; t != nil; t = t.prev {
			for _, x := range t.Tx.Entries {
				if x.Type == Succeed && x.From == e.From && x.Quota == e.Quota {
					return true
				}
			}
		}
		return false
	}
	for _, x := range o.tx.Entries[:i] {
		if x.Type == Succeed && x.From == e.From && x.Quota == e.Quota {
			return false
		}
	}
	if len(o.chain) > 0 && took(o.chain[len(o.chain)-1]) {
		return false
	}
	if e.Quota.Kind == Turn && o.role < Staff {
		return false
	}
	return o.mine(h.To, took)
}

// mayUndo lists the transactions of this feed, and of those it succeeds up to
// their cuts.
func (o *oracle) mayUndo() map[wire.Hash]*memTx {
	out := map[wire.Hash]*memTx{}
	for _, t := range o.chain {
		out[t.Hash] = t
		for _, e := range t.Tx.Entries {
			if e.Type != Succeed {
				continue
			}
			for i := range o.w.gov.list[:t.Entered.Head.Seq] {
				if g := &o.w.gov.list[i]; g.heir == nil && g.period == "" && g.closed == e.From {
					for _, tip := range g.cut.Tips {
						for x := o.w.by[tip.Hash]; x != nil; x = x.prev {
							out[x.Hash] = x
						}
					}
				}
			}
		}
	}
	return out
}

func (o *oracle) undoes(i int, e Entry, want Type) bool {
	may := o.mayUndo()
	past := may[e.Ref.Hash]
	if past == nil || int(e.Ref.Index) >= len(past.Tx.Entries) {
		return false
	}
	x := past.Tx.Entries[e.Ref.Index]
	if x.Type != want || x.Why == WhyRecall || x.Quota != e.Quota || x.Amount != e.Amount {
		return false
	}
	for _, t := range may { // once, by whoever
		for _, y := range t.Tx.Entries {
			if y.Ref == e.Ref {
				return false
			}
		}
	}
	for _, y := range o.tx.Entries[:i] {
		if y.Ref == e.Ref {
			return false
		}
	}
	for j, y := range past.Tx.Entries { // whole
		if y.Type != Mint && (y.Type != Consume || y.Quota.Kind == Exposure) {
			continue
		}
		ok := false
		for _, z := range o.tx.Entries {
			ok = ok || z.Ref == Ref{past.Hash, uint32(j)} && (z.Type == Restore) == (y.Type == Consume) && z.Why != WhyRecall
		}
		if !ok {
			return false
		}
	}
	return true
}
