package ledger

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"

	"jishan/crdt/wire"
)

// A random world: devices that behave, now and then one that lies, forks, is
// lost, closed and succeeded; every step is judged twice and every device's
// set is added up.

type player struct {
	a       wire.Actor
	role    Role
	tip     *memTx
	known   int
	has     map[*memTx]bool
	retired bool // knows its own CLOSE
}

type play struct {
	t       *rapid.T
	rng     *rand.Rand // uniform choices; rapid draws the seed and the length
	w       *memWorld
	players []*player
	faults  bool
	step    int
	stats   map[string]int
}

func newPlay(t *rapid.T, faults bool) *play {
	seed := rapid.Uint64().Draw(t, "seed")
	p := &play{t: t, rng: rand.New(rand.NewPCG(seed, 1)), w: newWorld(), faults: faults, stats: map[string]int{}}
	for i, r := range []Role{Registrar, Staff, Staff, Merchant, Merchant} {
		p.players = append(p.players, &player{a: p.w.device(byte(i+1), r), role: r, has: map[*memTx]bool{}})
	}
	m := p.w.gov.members[p.players[4].a]
	m.Home = partner
	p.w.gov.members[p.players[4].a] = m
	reg := p.players[0]
	es := []Entry{{Type: Mint, Quota: turn, Amount: 1}, {Type: Mint, Quota: budget, Amount: issued}, p.move(turn, 1, p.players[1]), p.move(budget, issued, p.players[1])}
	for _, m := range p.players[3:] {
		x := exposureOf(p.w, m.a)
		es = append(es, Entry{Type: Mint, Quota: x, Amount: capTill}, p.move(x, capTill, m))
	}
	es = append(es, Entry{Type: Mint, Quota: owed, Amount: capTill}, p.move(owed, capTill, p.players[4]))
	p.write(reg, es)
	p.meet()
	for _, d := range p.players {
		p.takeAll(d)
	}
	p.meet()
	return p
}

func (p *play) between(low, high int) int { return low + p.rng.IntN(high-low+1) }

func pick[T any](p *play, list []T) T { return list[p.rng.IntN(len(list))] }

func (p *play) move(q Quota, n int64, to *player) Entry {
	return Entry{Type: Move, Quota: q, Amount: n, To: feed(to.a), Head: to.tip.state().Tip()}
}

// write judges a transaction twice and keeps it if it is valid. An honest
// device writes only on its own tip.
func (p *play) write(d *player, es []Entry, evidence ...*memTx) *memTx {
	return p.writeOn(d, d.tip, es, evidence...)
}

func (p *play) writeOn(d *player, prev *memTx, es []Entry, evidence ...*memTx) *memTx {
	t, err := p.w.make(d.a, prev, d.known, es, evidence...)
	if errors.Is(err, ErrForm) {
		return nil
	}
	if says := oracleSays(p.w, d.a, prev, d.known, t.Tx, evidence); says != (err == nil) {
		p.t.Fatalf("step %d: the oracle says %v, Judge %v, to %+v", p.step, says, err, es)
	}
	if err != nil {
		p.stats["refused"]++
		return nil
	}
	p.stats["written"]++
	for _, e := range es {
		if e.Why >= WhyReturn || e.Why == WhyCollect {
			p.stats[fmt.Sprintf("%s for reason %d", e.Type, e.Why)]++
		}
	}
	d.has[t] = true
	if prev == d.tip {
		d.tip = t
	}
	return t
}

// sees brings what b may read of a.
func (p *play) sync(a, b *player) {
	for _, x := range [][2]*player{{a, b}, {b, a}} {
		from, to := x[0], x[1]
		to.known = max(to.known, from.known)
		for again := true; again; {
			again = false
			for _, t := range p.w.txs {
				if !from.has[t] || to.has[t] || to.role == Merchant && t.Feed.Incarnation != to.a || !p.here(to, t) {
					continue
				}
				to.has[t], again = true, true
			}
		}
	}
	for _, d := range []*player{a, b} {
		l := lawAt{&p.w.gov, d.known}
		if _, closed, _ := l.Cut(headAt(d.known), d.a); closed {
			d.retired = true
		}
	}
}

// here tells whether what a transaction waits for is here.
func (p *play) here(d *player, t *memTx) bool {
	if t.prev != nil && !d.has[t.prev] || t.Entered.Head.Seq > uint64(d.known) {
		return false
	}
	for _, e := range t.Tx.Entries {
		if e.Type == Take && e.Quota.Kind == Turn && !d.has[p.w.by[t.Open[e.Evidence-1].Hash]] {
			return false
		}
		if e.Type == Succeed {
			c, _, _ := lawAt{&p.w.gov, d.known}.Cut(t.Entered.Head, e.From)
			for _, tip := range c.Tips {
				if x := p.w.by[tip.Hash]; x != nil && !d.has[x] {
					return false
				}
			}
		}
	}
	return true
}

func (p *play) meet() {
	for range 2 {
		for i, a := range p.players {
			for _, b := range p.players[i+1:] {
				p.sync(a, b)
			}
		}
	}
}

// takeAll takes what names d, as vouchers that reach it in any case.
func (p *play) takeAll(d *player) {
	for _, v := range p.w.txs {
		if d.role != Merchant && !d.has[v] {
			continue
		}
		for i, e := range v.Tx.Entries {
			if e.Type != Move || e.To.Incarnation != d.a && !p.succeeds(d, e.To.Incarnation) || d.tip.state().taken[MoveID{v.Hash, uint32(i)}] {
				continue
			}
			es := []Entry{take(e.Quota, e.Amount, uint32(i))}
			if d.role == Merchant && e.Quota.Kind == Points && p.between(0, 3) > 0 { // forgotten now and then: refused
				es = append(es, Entry{Type: Consume, Quota: exposureOf(p.w, d.a), Amount: e.Amount})
			}
			p.write(d, es, v)
		}
	}
}

func (p *play) succeeds(d *player, a wire.Actor) bool {
	_, ok, _ := lawAt{&p.w.gov, d.known}.Heir(headAt(d.known), a)
	return ok
}

func (p *play) player() *player {
	return pick(p, p.players)
}

func (p *play) account() Quota {
	return Quota{Points, id(byte(50 + p.between(0, 1))), pick(p, []string{"2025", "2026"})}
}

// able picks somebody who holds a quota of a kind, and one of those, three
// times out of four; so that random schedules are not mostly refusals.
func (p *play) able(d *player, k Kind) (*player, Quota) {
	type pair struct {
		d *player
		q Quota
	}
	var list []pair
	for _, x := range p.players {
		for _, q := range []Quota{turn, {Points, id(50), "2025"}, {Points, id(50), "2026"}, {Points, id(51), "2025"}, {Points, id(51), "2026"}} {
			if q.Kind == k && x.tip.state().held[q] > 0 {
				list = append(list, pair{x, q})
			}
		}
	}
	if len(list) == 0 || p.between(0, 3) == 0 {
		return d, p.account()
	}
	x := pick(p, list)
	return x.d, x.q
}

func (p *play) act() {
	p.step++
	d, o := p.player(), p.player()
	q := p.account()
	n := int64(p.between(1, 4))
	kinds := 11
	if p.faults {
		kinds = 17
	}
	switch k := p.between(0, kinds-1); k {
	case 0, 1:
		p.sync(d, o)
	case 2, 3:
		d, _ = p.able(d, Turn)
		p.write(d, []Entry{{Type: Consume, Quota: budget, Amount: n}, {Type: Mint, Quota: q, Amount: n,
			Deed: Deed{activity, id(byte(p.between(1, 30)))}, Item: "A", Version: 1}})
	case 4:
		d, q = p.able(d, Points)
		p.write(d, []Entry{p.move(q, n, o)})
	case 5:
		d, _ = p.able(d, Turn)
		if m := d.tip.state().held[budget]; m > 0 && !o.retired {
			p.write(d, []Entry{p.move(turn, 1, o), p.move(budget, m, o)})
		}
	case 6, 7:
		p.takeAll(d)
	case 8:
		d, q = p.able(d, Points)
		p.redeem(d, q, n)
	case 9:
		p.undo(d)
	case 10:
		if p.between(0, 1) == 0 {
			p.noise(d)
		} else {
			d, _ = p.able(d, pick(p, []Kind{Turn, Points}))
			for range 3 {
				p.minus(d)
			}
		}
	case 11: // a CLOSE with some cut, and a successor
		p.close(o)
	case 12: // a clone goes on from an earlier place
		p.clone(d)
	case 13:
		p.w.gov.list = append(p.w.gov.list, order{period: "2025"})
		p.players[0].known = len(p.w.gov.list)
	case 14:
		d, q = p.able(d, Points)
		p.write(d, []Entry{{Type: Burn, Quota: q, Amount: n, Why: WhyExpiry}})
	case 15:
		p.takeSucceeded(d)
	case 16:
		d, _ = p.able(d, Points)
		p.debt(d)
	}
}

// redeem spends points; a guest now and then forgets the credit, or spends more of
// it: refused.
func (p *play) redeem(d *player, q Quota, n int64) {
	es := []Entry{{Type: Consume, Quota: q, Amount: n, Order: id(9)}}
	if d == p.players[4] && p.between(0, 3) > 0 {
		es = append(es, Entry{Type: Consume, Quota: owed, Amount: n + int64(p.between(0, 3)/3)})
	}
	p.write(d, es)
}

// undo restores a whole own transaction.
func (p *play) undo(d *player) {
	var mine []*memTx
	for t := d.tip; t != nil; t = t.prev {
		mine = append(mine, t)
	}
	if len(mine) == 0 {
		return
	}
	x := pick(p, mine)
	var es []Entry
	back := int64(0)
	for i, e := range x.Tx.Entries {
		switch {
		case e.Type == Mint:
			es = append(es, Entry{Type: Burn, Quota: e.Quota, Amount: e.Amount, Why: WhyUndo, Ref: Ref{x.Hash, uint32(i)}})
		case e.Type == Consume && e.Quota.Kind != Exposure:
			es = append(es, Entry{Type: Restore, Quota: e.Quota, Amount: e.Amount, Ref: Ref{x.Hash, uint32(i)}})
			if e.Quota.Kind == Points {
				back += e.Amount
			}
		}
	}
	if d.role == Merchant && back > 0 {
		es = append(es, Entry{Type: Consume, Quota: exposureOf(p.w, d.a), Amount: back})
	}
	if len(es) > 0 {
		p.write(d, es)
	}
}

// noise writes something odd: mostly refused, by both judges alike.
func (p *play) noise(d *player) {
	if len(p.w.txs) == 0 {
		return
	}
	v := pick(p, p.w.txs)
	i := uint32(p.between(0, 4))
	e := v.Tx.Entries[int(i)%len(v.Tx.Entries)]
	e.Evidence, e.Index = 0, 0
	switch p.between(0, 8) {
	case 6: // takes without exposure
		if e.Type == Move {
			for _, x := range p.players {
				if x.a == e.To.Incarnation {
					p.write(x, []Entry{take(e.Quota, e.Amount, i%uint32(len(v.Tx.Entries)))}, v)
				}
			}
		}
	case 7: // under an older head
		if d.known > 0 {
			d.known--
			p.write(d, []Entry{{Type: Seen, Tips: []Seenness{{d.a, Tip{uint64(p.step), wire.Hash{2}}}}}})
			d.known++
		}
	case 8: // half of an undo
		for _, x := range p.players {
			for t := x.tip; t != nil; t = t.prev {
				if t == v && e.Type == Consume {
					p.write(x, []Entry{{Type: Restore, Quota: e.Quota, Amount: e.Amount, Ref: Ref{v.Hash, i % uint32(len(v.Tx.Entries))}}})
				}
			}
		}
	case 0:
		p.write(d, []Entry{{Type: Take, Quota: e.Quota, Amount: max(1, e.Amount), Evidence: 1, Index: i}}, v)
	case 1:
		p.write(d, []Entry{{Type: Take, Quota: e.Quota, Amount: max(1, e.Amount), Evidence: 1, Index: i},
			{Type: Take, Quota: e.Quota, Amount: max(1, e.Amount), Evidence: 1, Index: i}}, v)
	case 2:
		p.write(d, []Entry{{Type: Restore, Quota: e.Quota, Amount: max(1, e.Amount), Ref: Ref{v.Hash, i}}})
	case 3:
		if e.Type != Seen && e.Type != Take {
			p.write(d, []Entry{e})
		}
	case 4:
		p.write(d, []Entry{{Type: Mint, Quota: Quota{pick(p, []Kind{Stock, Slot, Issue, Turn, Debt, Credit}), id(70), ""}, Amount: 1}})
	case 5:
		p.write(d, []Entry{{Type: Burn, Quota: e.Quota, Amount: max(1, e.Amount), Why: WhyCorrection}})
	}
}

// debt makes a debt of somebody whose points lie here, and collects it, mostly
// as it should be.
func (p *play) debt(d *player) {
	_, q := p.able(d, Points)
	owed := Quota{Kind: Debt, Subject: q.Subject, Period: q.Period}
	n := int64(p.between(1, 3))
	p.write(d, []Entry{{Type: Mint, Quota: owed, Amount: n, Why: WhyDeduction}})
	paid := max(1, n-int64(p.between(0, 1)))
	p.write(d, []Entry{{Type: Burn, Quota: q, Amount: max(1, paid-int64(p.between(0, 4)/4)), Why: WhyCollect}, {Type: Burn, Quota: owed, Amount: paid, Why: WhyCollect}})
}

// close orders a CLOSE of x with a cut somewhere in what the registrar holds
// of it, and the office or a station as successor.
func (p *play) close(x *player) {
	reg := p.players[0]
	if x == reg || reg.known != len(p.w.gov.list) {
		return
	}
	if _, done, _ := (lawAt{&p.w.gov, reg.known}).Cut(headAt(reg.known), x.a); done {
		return
	}
	var cut []*memTx
	for _, t := range p.w.txs {
		if reg.has[t] && t.Feed.Incarnation == x.a && p.between(0, 2) == 0 {
			cut = []*memTx{t}
		}
	}
	p.w.gov.list = append(p.w.gov.list, order{closed: x.a, cut: cutAt(cut...)})
	p.stats["closed"]++
	if p.between(0, 1) == 1 {
		to := p.players[p.between(0, 2)]
		if to != x && !to.retired {
			p.w.gov.list = append(p.w.gov.list, order{closed: x.a, heir: &Heir{To: to.a, Rights: p.w.rights(x.a, cut...)}})
		}
	}
	reg.known = len(p.w.gov.list)
}

// clone writes a second history from an earlier place of d's feed.
func (p *play) clone(d *player) {
	if d.tip == nil || d == p.players[0] {
		return
	}
	at := d.tip.prev
	_, q := p.able(d, Points)
	p.stats["forked"]++
	if len(d.tip.Tx.Evidence) > 0 && p.between(0, 1) == 0 { // takes the same again
		es := append([]Entry{{Type: Seen, Tips: []Seenness{{d.a, Tip{uint64(p.step), wire.Hash{3}}}}}}, d.tip.Tx.Entries...)
		if t := p.writeOn(d, at, es, p.w.by[d.tip.Open[0].Hash]); t != nil {
			at = t
		}
	}
	for range 2 {
		if t := p.writeOn(d, at, []Entry{{Type: Seen, Tips: []Seenness{{d.a, Tip{uint64(p.step), wire.Hash{1}}}}}, {Type: Consume, Quota: q, Amount: 1}}); t != nil {
			at = t
		}
	}
}

// takeSucceeded takes every right of every SUCCEED that d may take.
func (p *play) takeSucceeded(d *player) {
	for i := range p.w.gov.list[:d.known] {
		g := &p.w.gov.list[i]
		if g.heir == nil {
			continue
		}
		for _, q := range []Quota{turn, budget, {Points, id(50), "2025"}, {Points, id(50), "2026"}, {Points, id(51), "2025"}, {Points, id(51), "2026"}} {
			if n := g.heir.Rights[q.Sum(home)]; n > 0 {
				p.write(d, []Entry{{Type: Succeed, Quota: q, Amount: n, From: g.closed}})
			}
		}
	}
}

// check asks for the equality at every device, over what it holds.
func (p *play) check() {
	for _, d := range p.players {
		var set []Entered
		for _, t := range p.w.txs {
			if d.has[t] {
				set = append(set, t.Entered)
			}
		}
		closed := p.w.closings(d.known)
		if d.role == Merchant { // it reads its own feed only, and so its own CLOSE only
			for a := range closed {
				if a != d.a {
					delete(closed, a)
				}
			}
		}
		sums := Sum(home, set, closed, d.role != Merchant)
		if !sums.Closed {
			p.stats["not reference-closed"]++
			continue
		}
		for q, t := range sums.Terms {
			p.stats["equalities"]++
			if t.Difference() != 0 || t.Negative() {
				p.t.Fatalf("step %d, device %x: %s: %+v", p.step, d.a[0], q, *t)
			}
			if !p.faults && t.Loss != 0 {
				p.t.Fatalf("step %d: loss of %s without a fault", p.step, q)
			}
		}
		for deed, n := range sums.Deeds {
			if n > 1 && !p.faults {
				p.t.Fatalf("deed %v pays %d times", deed, n)
			}
		}
	}
	for _, d := range p.players { // an honest device never overspends
		for q, n := range d.tip.state().held {
			if n < 0 {
				p.t.Fatalf("device %x holds %d of %s", d.a[0], n, q)
			}
		}
	}
	if !p.faults {
		for _, m := range p.players[3:] {
			rest := m.tip.state().held[exposureOf(p.w, m.a)]
			for q, n := range m.tip.state().held {
				if q.Kind == Points {
					rest += n
				}
			}
			if rest > capTill {
				p.t.Fatalf("%d rest at a till", rest)
			}
		}
	}
}

func TestWorlds(t *testing.T) {
	for _, faults := range []bool{false, true} {
		t.Run(fmt.Sprintf("faults=%v", faults), func(t *testing.T) {
			total := map[string]int{}
			rapid.Check(t, func(t *rapid.T) {
				p := newPlay(t, faults)
				for range 60 {
					p.act()
					p.check()
				}
				p.meet()
				p.check()
				for k, n := range p.stats {
					total[k] += n
				}
			})
			t.Log(total)
		})
	}
}
