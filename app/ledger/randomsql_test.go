package ledger

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"jishan/app/fault"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// TestRowsEqualMaps plays random days of four devices over real stores and
// compares, at every device: rows with Sum over the transactions, the State of
// judging in SQL with the one in maps, and rows with rebuilt rows.
func TestRowsEqualMaps(t *testing.T) {
	for seed := range uint64(5) {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			v := newVillage(t)
			v.thin = seed%2 == 1
			v.start()
			r := rand.New(rand.NewPCG(seed, 7))
			var done []store.Ref
			for range 120 {
				v.act(r, &done)
			}
			for _, n := range v.devs {
				n.check()
				n.equalsMaps()
			}
			v.meet()
			for _, n := range v.devs {
				n.check()
				n.equalsMaps()
				n.rebuilds()
			}
			v.office.view(func(q store.Querier) error {
				var late, taken, lost, again int
				err := q.QueryRow(`SELECT (SELECT count(*) FROM ledger_late), (SELECT count(*) FROM ledger_move WHERE idx = ? AND taken > 0),
					(SELECT count(*) FROM ledger_taken WHERE seen = ?), (SELECT count(*) FROM ledger_sum WHERE loss > 0)`, succeedIndex, takeLost).Scan(&late, &taken, &lost, &again)
				t.Logf("%d orders, %d late transactions, %d rights taken, %d TAKEs lost, %d quotas with loss", len(v.gov.list), late, taken, lost, again)
				return err
			})
		})
	}
}

// act is one random command; a fault is an answer, anything else a failure.
func (v *village) act(r *rand.Rand, done *[]store.Ref) {
	v.t.Helper()
	n, o := v.devs[r.IntN(len(v.devs))], v.devs[r.IntN(len(v.devs))]
	who, points := id(byte(50+r.IntN(3))), int64(1+r.IntN(6))
	good := id(120)
	keep := func(ref store.Ref, err error) error {
		if err == nil && ref.Seq > 0 {
			*done = append(*done, ref)
		}
		return err
	}
	if k := r.IntN(10); k < 3 && n != o {
		n.pull(o)
		return
	}
	var answer []byte
	var ask []byte
	k := r.IntN(10)
	if k == 9 {
		v.closeOne(r)
		return
	}
	if k == 3 {
		o.view(func(q store.Querier) (err error) { ask, err = o.l.Request(q, who, points); return })
	}
	err := n.try(func(tx *store.Tx) error {
		switch k {
		case 0, 1:
			return keep(n.l.Award(tx, Award{Person: who, Points: points, Period: []string{"2025", year}[r.IntN(2)], Turn: activity, Key: id(byte(r.IntN(60))), Item: "A", Version: 1}))
		case 2:
			return keep(n.l.Redeem(tx, Redemption{Person: who, Points: points, Goods: []Goods{{good, 1}}, Receipt: id(9)}))
		case 3:
			var err error
			answer, err = n.l.Offer(tx, ask, o.inc.Device)
			return err
		case 4:
			switch r.IntN(4) {
			case 0:
				return keep(n.l.Deduct(tx, Deduction{Person: who, Points: 2 * points, Period: year}))
			case 1:
				return keep(n.l.Deduct(tx, Deduction{Person: who, Points: points, Period: year, Deed: Deed{activity, id(byte(r.IntN(60)))}, Item: "B", Version: 1}))
			case 2:
				_, err := n.l.Collect(tx)
				return err
			}
			return keep(n.l.Receive(tx, good, points, ""))
		case 5:
			_, err := n.l.TakeAll(tx)
			if err == nil {
				_, err = n.l.Rewrite(tx, func(wire.Actor) bool { return true })
			}
			return err
		case 6:
			if len(*done) == 0 {
				return nil
			}
			_, err := n.l.Correct(tx, (*done)[r.IntN(len(*done))].Hash, "")
			return err
		case 7:
			if n == v.office {
				_, err := n.l.GrantExposure(tx, v.till.actor(), 20)
				return err
			}
			return n.l.Forward(tx, who, o.actor())
		}
		_, err := n.l.SendTurn(tx, activity, Amount{Quota{Issue, activity, year}, 10}, o.actor())
		return err
	})
	v.allowed(err)
	if answer != nil && n != o {
		v.allowed(o.try(func(tx *store.Tx) error { _, err := o.l.Accept(tx, answer); return err }))
	}
	if k == 7 && n == v.office { // exposure travels like a voucher
		n.view(func(q store.Querier) error {
			for _, h := range v.moves(q, n, v.till.actor()) {
				b, err := n.l.Voucher(q, h)
				if err != nil {
					return err
				}
				v.allowed(v.till.try(func(tx *store.Tx) error { _, err := v.till.l.Take(tx, b); return err }))
			}
			return nil
		})
	}
}

func (v *village) allowed(err error) {
	v.t.Helper()
	var f *fault.Fault
	if err != nil && !errors.As(err, &f) && !errors.Is(err, ErrUnknown) && !errors.Is(err, ErrInvalid) {
		v.t.Fatal(err)
	}
}

// equalsMaps replays every feed that is here into maps and compares.
func (n *node) equalsMaps() {
	t := n.v.t
	t.Helper()
	w := newWorld()
	w.gov = n.v.gov
	var set []Entered
	n.view(func(q store.Querier) error {
		docs, err := store.Docs(q)
		if err != nil {
			return err
		}
		for _, d := range docs {
			p, ok := n.l.parseDoc(d.ID)
			if !ok {
				continue
			}
			err := store.Each(q, d.ID, func(_ wire.Actor, c store.Stored) error {
				e, err := n.l.entered(p, c.Chunk)
				set = append(set, e)
				return err
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	// A transaction follows its own feed, and a turn's chain the feed it came from.
	tips := map[wire.Actor]*memTx{}
	for len(set) > 0 {
		before := len(set)
		set = slices.DeleteFunc(set, func(e Entered) bool {
			for i := range e.Tx.Entries {
				x := &e.Tx.Entries[i]
				if x.Type == Take && x.Quota.Kind == Turn && w.by[e.Open[x.Evidence-1].Hash] == nil && n.role != Merchant {
					return false
				}
			}
			for _, x := range e.Tx.Entries { // a succession what is within the cut
				if x.Type != Succeed {
					continue
				}
				c, _, _ := lawAt{&w.gov, n.known}.Cut(e.Head, x.From)
				for _, tip := range c.Tips {
					if w.by[tip.Hash] == nil {
						return false
					}
				}
			}
			prev := tips[e.Feed.Incarnation]
			if prev.state().Tip() != (Tip{e.Number - 1, e.Prev}) {
				return false
			}
			x := &memTx{Entered: e, prev: prev}
			c, err := Effects(e.Tx, e.Place, given{lawAt{&w.gov, n.known}, &e})
			if err != nil {
				t.Fatal(err)
			}
			x.after = prev.state().apply(w, x, c)
			w.by[e.Hash], tips[e.Feed.Incarnation] = x, x
			w.txs = append(w.txs, x)
			return true
		})
		if len(set) == before {
			t.Fatalf("%s: %d transactions follow nothing", n.name, len(set))
		}
	}
	n.update(func(tx *store.Tx) error {
		b, err := n.l.open(tx)
		if err != nil {
			return err
		}
		for a, last := range tips {
			s, err := b.state(a)
			if err != nil {
				return err
			}
			n.sameState(s, last, w)
		}
		return nil
	})
}

// given opens evidence that was parsed before.
type given struct {
	lawAt
	e *Entered
}

func (g given) Open(v *Evidence) (*Opened, error) {
	for i := range g.e.Tx.Evidence {
		if &g.e.Tx.Evidence[i] == v {
			return g.e.Open[i], nil
		}
	}
	return nil, errors.New("no such evidence")
}

func (g given) OpenForeign(_ Subject, v *Evidence) (*Opened, error) { return g.Open(v) }

func (n *node) sameState(s *feedState, last *memTx, w *memWorld) {
	t, want := n.v.t, last.after
	t.Helper()
	if s.Tip() != want.Tip() || s.Head() != want.Head() {
		t.Fatalf("%s: tip %v, want %v", n.name, s.Tip(), want.Tip())
	}
	for q, amount := range want.held {
		if got, err := s.Held(q); got != amount || err != nil {
			t.Fatalf("%s: holds %d of %s, want %d: %v", n.name, got, q, amount, err)
		}
	}
	for _, x := range w.txs {
		for i := range x.Tx.Entries {
			e := &x.Tx.Entries[i]
			ref := Ref{x.Hash, uint32(i)}
			taken, err := s.Taken(MoveID(ref))
			if taken != want.taken[MoveID(ref)] || err != nil {
				t.Fatalf("%s: taken %v: %v", n.name, taken, err)
			}
			undone, err := s.Undone(ref)
			if undone != want.undone[ref] || err != nil {
				t.Fatalf("%s: undone %d, want %d: %v", n.name, undone, want.undone[ref], err)
			}
			if e.Deed == (Deed{}) {
				continue
			}
			uses, err := s.Uses(e.Deed)
			if err != nil {
				t.Fatal(err)
			}
			less := func(a, b Use) int { return a.Tip.Hash.Compare(b.Tip.Hash) }
			slices.SortFunc(uses, less)
			wanted := slices.Clone(want.uses[e.Deed])
			slices.SortFunc(wanted, less)
			if !slices.Equal(uses, wanted) {
				t.Fatalf("%s: uses %v, want %v", n.name, uses, wanted)
			}
		}
		past, own, err := s.Past(x.Hash)
		wanted, mine, _ := want.Past(x.Hash)
		if err != nil || own != mine || (past != nil) != (wanted != nil) {
			t.Fatalf("%s: past %v %v: %v", n.name, past, own, err)
		}
	}
}
