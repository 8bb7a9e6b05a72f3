package ledger

import (
	"bytes"
	"context"
	"crypto/ed25519"
	"errors"
	"fmt"
	"path/filepath"
	"testing"

	"jishan/app/fault"
	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// The same rules over real stores, real seals and real admission.

const communityText = "00000000000000000000000000"

// village is a community of devices with stores.
type village struct {
	t      testing.TB
	gov    orders
	devs   []*node
	office *node
	a, b   *node
	till   *node
	thin   bool // the wire drops the seals of quoted changes, too
}

// node is one device.
type node struct {
	dir   string
	v     *village
	name  string
	role  Role
	inc   seal.Incarnation
	st    *store.Store
	l     *Ledger
	known int
	now   int64
}

// Law implements Governance.
func (n *node) Law(store.Querier) Law { return lawAt{&n.v.gov, n.known} }

// The rules of admission that matter here.

func (n *node) Shape(store.DocID) (store.Shape, error) { return store.Feed, nil }
func (n *node) HeadKnown(_ *store.Tx, c seal.Context) (bool, error) {
	return c.Seq <= uint64(n.known), nil
}
func (n *node) Authority(*store.Tx, store.DocID, [32]byte, seal.Context) error { return nil }
func (n *node) Form(tx *store.Tx, d store.DocID, _ [32]byte, ch *wire.Change) error {
	return n.l.Form(tx, d, ch)
}
func (n *node) Subject(tx *store.Tx, d store.DocID, ch *wire.Change, h wire.Hash, c seal.Context) error {
	return n.l.Subject(tx, d, ch, h, c)
}

func newVillage(t testing.TB) *village {
	v := &village{t: t, gov: orders{members: map[wire.Actor]Member{}}}
	v.office = v.add("office", Registrar)
	v.a, v.b = v.add("a", Staff), v.add("b", Staff)
	v.till = v.add("till", Merchant)
	for _, n := range v.devs {
		n.update(func(tx *store.Tx) error {
			for _, o := range v.devs {
				c := o.inc.Certificate
				if _, err := tx.SetAdd(store.SetIncarnation, store.Item{ID: c.ID(), Blob: c.Encode()}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return v
}

func (v *village) add(name string, r Role) *node {
	v.t.Helper()
	i := byte(len(v.devs) + 1)
	key := ed25519.NewKeyFromSeed(bytes.Repeat([]byte{i}, ed25519.SeedSize))
	inc, err := seal.NewIncarnation(bytes.NewReader(bytes.Repeat([]byte{i, 9}, 32)), key, 1000)
	if err != nil {
		v.t.Fatal(err)
	}
	n := &node{v: v, name: name, role: r, inc: inc, now: 1_780_000_000_000}
	v.gov.members[inc.Actor()] = Member{Role: r, Device: inc.Device}
	n.l = New(inc.Actor(), communityText, n)
	dir := v.t.TempDir()
	n.dir = dir
	n.st, err = store.Open(context.Background(), store.Config{
		Path: filepath.Join(dir, "jishan.db"), Clock: func() int64 { n.now += 1000; return n.now }, Rand: bytes.NewReader(make([]byte, 64)),
		Incarnation: &n.inc, Lock: &seal.LockFile{Path: filepath.Join(dir, "lock")}, Projectors: []store.Projector{n.l, NewRequests(func(path string) store.DocID { return store.DocID(path) })},
		Shape: n.Shape,
	})
	if err != nil {
		v.t.Fatal(err)
	}
	v.t.Cleanup(func() { _ = n.st.Close() })
	v.devs = append(v.devs, n)
	n.l.UseHome(func(store.Querier) (wire.Actor, bool, error) { return v.office.inc.Actor(), true, nil })
	return n
}

func (n *node) author() store.Author {
	return store.Author{Operator: "op-" + n.name, Context: func(*store.Tx) (seal.Context, error) {
		return seal.Context{Term: 1, Seq: uint64(n.known)}, nil
	}}
}

func (n *node) try(fn func(tx *store.Tx) error) error {
	return n.st.Update(context.Background(), n.author(), fn)
}

func (n *node) update(fn func(tx *store.Tx) error) {
	n.v.t.Helper()
	if err := n.try(fn); err != nil {
		n.v.t.Fatalf("%s: %v", n.name, err)
	}
}

func (n *node) view(fn func(q store.Querier) error) {
	n.v.t.Helper()
	if err := n.st.View(context.Background(), fn); err != nil {
		n.v.t.Fatalf("%s: %v", n.name, err)
	}
}

func (n *node) actor() wire.Actor { return n.inc.Actor() }

// pull brings from o what n may read, with one seal per batch as the wire does.
func (n *node) pull(o *node) {
	n.v.t.Helper()
	n.known = max(n.known, o.known)
	ctx := context.Background()
	docs, err := o.st.Docs(ctx)
	if err != nil {
		n.v.t.Fatal(err)
	}
	for again := true; again; {
		again = false
		for _, d := range docs {
			p, ok := n.l.parseDoc(d.ID)
			if !ok || n.role == Merchant && p.actor != n.actor() {
				continue
			}
			have, err := n.st.Vector(ctx, d.ID)
			if err != nil {
				n.v.t.Fatal(err)
			}
			seq := uint64(0)
			if len(have) > 0 {
				seq = have[0].Seq
			}
			list, err := o.st.After(ctx, d.ID, p.actor, seq, 2000)
			if err != nil {
				n.v.t.Fatal(err)
			}
			if len(list) == 0 {
				continue
			}
			items := make([]seal.Sealed, len(list))
			for i, c := range list {
				items[i] = c.Sealed
				if i%seal.MaxRun != seal.MaxRun-1 && i < len(list)-1 && (!seal.Quoted(c.Chunk) || n.v.thin) {
					items[i].Seal = nil
				}
			}
			res, err := admit.Batch(ctx, n.st, n, "peer", d.ID, items)
			if err != nil {
				n.v.t.Fatal(err)
			}
			if res.Refused > 0 {
				n.v.t.Fatalf("%s refuses %s of %s: %+v", n.name, d.ID, o.name, res.Verdicts)
			}
			again = again || res.Admitted > 0
		}
		if again {
			if _, err := admit.Retry(ctx, n.st, n); err != nil {
				n.v.t.Fatal(err)
			}
		}
	}
}

func (v *village) meet() {
	v.t.Helper()
	for range 2 {
		for _, a := range v.devs {
			for _, b := range v.devs {
				if a != b {
					a.pull(b)
				}
			}
		}
	}
}

// check compares the rows with Sum over the stored transactions, and asks for
// the equality.
func (n *node) check() {
	n.v.t.Helper()
	n.update(func(*store.Tx) error { return nil }) // a new CLOSE moves rows at the next commit
	n.view(func(q store.Querier) error {
		closed, err := n.l.closings(q)
		if err != nil {
			return err
		}
		sums, err := n.l.sums(q, closed)
		if err != nil {
			return err
		}
		for quota, want := range sums.Terms {
			if want.Difference() != 0 || want.Negative() {
				n.v.t.Fatalf("%s: %s: %+v", n.name, quota, *want)
			}
			got, err := n.l.Account(q, quota)
			if err != nil {
				return err
			}
			if got != *want {
				n.v.t.Fatalf("%s: %s: rows say %+v, transactions %+v", n.name, quota, got, *want)
			}
		}
		for k := Points; k <= lastKind; k++ {
			total := Terms{}
			for quota, x := range sums.Terms {
				if quota.Kind == k {
					total.Add(*x)
				}
			}
			got, err := n.l.Totals(q, k)
			if err != nil {
				return err
			}
			if got != total {
				n.v.t.Fatalf("%s: %s: %+v, want %+v", n.name, k, got, total)
			}
		}
		lost := map[Quota]int64{}
		list, err := n.l.Losses(q)
		for _, x := range list {
			lost[x.Quota] += x.N
		}
		for quota, want := range sums.Terms {
			if err == nil && lost[quota] != want.Loss {
				n.v.t.Fatalf("%s: %s: the feeds cost %d, the loss is %d", n.name, quota, lost[quota], want.Loss)
			}
		}
		if err != nil {
			return err
		}
		bad, err := n.l.NegativeCount(q)
		if bad != 0 {
			n.v.t.Fatalf("%s: %d quotas below zero", n.name, bad)
		}
		if err != nil {
			return err
		}
		people, err := n.l.AllBalances(q, year)
		for _, b := range people {
			if b.Spendable < 0 || b.OnTheWay < 0 || b.Vouchers < 0 || b.Vouchers > b.OnTheWay || n.role < Staff && (b.Spendable != b.Here || b.OnTheWay != 0) {
				n.v.t.Fatalf("%s: %+v", n.name, b)
			}
		}
		for at := (Sounding{}); err == nil && !at.Done; {
			err = Sound(q, &at, 3)
		}
		return err
	})
}

// rebuilds checks that the rows can be had again.
func (n *node) rebuilds() {
	n.v.t.Helper()
	ctx := context.Background()
	before, err := n.st.ProjectionDigest(ctx)
	if err != nil {
		n.v.t.Fatal(err)
	}
	if err := n.st.Rebuild(ctx); err != nil {
		n.v.t.Fatal(err)
	}
	after, err := n.st.ProjectionDigest(ctx)
	if err != nil {
		n.v.t.Fatal(err)
	}
	for table, sum := range before.Tables {
		if after.Tables[table] != sum {
			n.v.t.Errorf("%s: table %s differs after a rebuild", n.name, table)
		}
	}
}

func code(err error) string { return fault.Of(err).Code }

// start: the registrar makes a turn and a budget and sends them to station a.
func (v *village) start() {
	v.t.Helper()
	v.office.update(func(tx *store.Tx) error {
		l := v.office.l
		if err := errors.Join(l.EnsureTurn(tx, activity), l.EnsureIssue(tx, activity, year, 1000)); err != nil {
			return err
		}
		_, err := l.SendTurn(tx, activity, Amount{Quota{Issue, activity, year}, 500}, v.a.actor())
		return err
	})
	v.a.pull(v.office)
	v.a.update(func(tx *store.Tx) error {
		n, err := v.a.l.TakeAll(tx)
		if n != 2 {
			return fmt.Errorf("took %d: %w", n, err)
		}
		return err
	})
}

func (n *node) award(key byte, who Subject, points int64) error {
	return n.try(func(tx *store.Tx) error {
		_, err := n.l.Award(tx, Award{Person: who, Points: points, Period: year, Turn: activity, Key: id(key), Item: "A109", Version: 2, Note: "好"})
		return err
	})
}

func TestEarnMoveRedeemUndo(t *testing.T) {
	v := newVillage(t)
	v.start()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(v.a.award(1, person, 10))
	if err := v.a.award(1, person, 10); code(err) != "ledger.deed.used" {
		t.Fatal(err)
	}
	if err := v.b.award(2, person, 10); code(err) != "ledger.turn.missing" {
		t.Fatal(err)
	}
	if err := v.a.award(3, person, 10_000); code(err) != "ledger.issue.short" {
		t.Fatal(err)
	}
	good, receipt := id(120), id(130)
	var bought store.Ref
	v.a.update(func(tx *store.Tx) error {
		if _, err := v.a.l.Receive(tx, good, 5, ""); err != nil {
			return err
		}
		var err error
		bought, err = v.a.l.Redeem(tx, Redemption{Person: person, Points: 4, Goods: []Goods{{good, 1}}, Receipt: receipt})
		return err
	})
	err := v.a.try(func(tx *store.Tx) error {
		_, err := v.a.l.Redeem(tx, Redemption{Person: person, Points: 7, Goods: []Goods{{good, 1}}, Receipt: receipt})
		return err
	})
	if f := fault.Of(err); f.Code != "ledger.points.short" || f.Params["here"] != int64(6) || f.Params["spendable"] != int64(6) {
		t.Fatal(err)
	}
	v.meet()
	balance := func(n *node) (b Balance) {
		n.view(func(q store.Querier) (err error) { b, err = n.l.Balance(q, person, year); return })
		return b
	}
	want := Balance{Person: person, Lifetime: 10, Year: 10, Spendable: 6}
	for _, n := range []*node{v.office, v.a, v.b} {
		want.Here = 0
		if n == v.a {
			want.Here = 6
		}
		if got := balance(n); got != want {
			t.Fatalf("%s: %+v", n.name, got)
		}
	}
	// A station pulls the rights it needs.
	var ask, answer []byte
	v.b.view(func(q store.Querier) (err error) { ask, err = v.b.l.Request(q, person, 5); return })
	v.a.update(func(tx *store.Tx) (err error) { answer, err = v.a.l.Offer(tx, ask, v.b.inc.Device); return })
	v.b.update(func(tx *store.Tx) error {
		n, err := v.b.l.Accept(tx, answer)
		if n != 5 {
			t.Errorf("accepted %d", n)
		}
		return err
	})
	if b := balance(v.b); b.Here != 5 || b.Spendable != 6 { // a's MOVE is not here: unseen
		t.Fatalf("%+v", b)
	}
	if err := v.b.try(func(tx *store.Tx) error { _, err := v.b.l.Accept(tx, answer); return err }); code(err) != "ledger.voucher.taken" {
		t.Fatal(err)
	}
	v.b.check()
	v.meet()
	// Undo at the author only, once.
	if err := v.b.try(func(tx *store.Tx) error { _, err := v.b.l.Undo(tx, bought.Hash); return err }); code(err) != "ledger.undo.foreign" {
		t.Fatal(err)
	}
	v.a.update(func(tx *store.Tx) error { _, err := v.a.l.Undo(tx, bought.Hash); return err })
	if err := v.a.try(func(tx *store.Tx) error { _, err := v.a.l.Undo(tx, bought.Hash); return err }); code(err) != "ledger.undo.done" {
		t.Fatal(err)
	}
	v.meet()
	v.office.view(func(q store.Querier) error {
		lines, err := v.office.l.Lines(q, person, 0, 10)
		if err != nil {
			return err
		}
		if len(lines) != 3 || lines[0].Kind != LineUndo || lines[0].Points != 4 || lines[1].Kind != LineRedeem || !lines[1].Undone ||
			lines[1].Receipt != receipt || len(lines[1].Goods) != 1 || lines[1].Ref != bought || lines[2].Kind != LineAward ||
			lines[2].Item != "A109" || lines[2].Version != 2 || lines[2].Operator != "op-a" || lines[2].Device != v.a.inc.Device || lines[2].Deed.Key != id(1) ||
			lines[0].Undoes != bought.Hash || lines[0].Own || lines[2].Note != "好" {
			t.Errorf("%+v", lines)
		}
		f, err := v.office.l.Flows(q, 0, 1<<60)
		if f != (Flow{Awarded: 10, Awards: 1}) {
			t.Errorf("%+v", f)
		}
		return err
	})
	if b := balance(v.office); b.Spendable != 10 || b.Lifetime != 10 {
		t.Fatalf("%+v", b)
	}
	for _, n := range v.devs {
		n.check()
		n.rebuilds()
	}
	var digests [][32]byte
	for _, n := range []*node{v.office, v.a, v.b} {
		n.view(func(q store.Querier) error {
			d, err := n.l.BalancesDigest(q, year)
			digests = append(digests, d)
			return err
		})
	}
	if digests[0] != digests[1] || digests[1] != digests[2] {
		t.Error("balances differ")
	}
}

func TestTill(t *testing.T) {
	v := newVillage(t)
	v.start()
	if err := v.a.award(1, person, 10); err != nil {
		t.Fatal(err)
	}
	pull := func(n int64) (int64, error) {
		var ask, answer []byte
		v.till.view(func(q store.Querier) (err error) { ask, err = v.till.l.Request(q, person, n); return })
		v.a.update(func(tx *store.Tx) (err error) { answer, err = v.a.l.Offer(tx, ask, v.till.inc.Device); return })
		var got int64
		err := v.till.try(func(tx *store.Tx) (err error) { got, err = v.till.l.Accept(tx, answer); return })
		return got, err
	}
	if n, err := pull(3); n != 0 || err != nil { // no exposure: takes and sends home
		t.Fatal(n, err)
	}
	v.office.pull(v.a)
	v.office.pull(v.till)
	var voucher []byte
	v.office.update(func(tx *store.Tx) error {
		if n, err := v.office.l.TakeAll(tx); n != 1 || err != nil {
			return fmt.Errorf("took %d: %w", n, err)
		}
		n, err := v.office.l.GrantExposure(tx, v.till.actor(), 5)
		if n != 5 {
			return fmt.Errorf("granted %d: %w", n, err)
		}
		again, err := v.office.l.GrantExposure(tx, v.till.actor(), 5)
		if again != 0 {
			return fmt.Errorf("granted %d more: %w", again, err)
		}
		return err
	})
	v.office.view(func(q store.Querier) error {
		for _, h := range v.moves(q, v.office, v.till.actor()) {
			b, err := v.office.l.Voucher(q, h)
			if err != nil {
				return err
			}
			voucher = b
		}
		return nil
	})
	v.till.update(func(tx *store.Tx) error { _, err := v.till.l.Take(tx, voucher); return err })
	if n, err := pull(5); n != 5 || err != nil {
		t.Fatal(n, err)
	}
	good := id(120)
	var ref store.Ref
	v.till.update(func(tx *store.Tx) error {
		if _, err := v.till.l.Receive(tx, good, 3, ""); err != nil {
			return err
		}
		var err error
		ref, err = v.till.l.Redeem(tx, Redemption{Person: person, Points: 5, Goods: []Goods{{good, 2}}, Receipt: id(131)})
		return err
	})
	v.meet()
	v.office.update(func(tx *store.Tx) error {
		n, err := v.office.l.GrantExposure(tx, v.till.actor(), 5)
		if n != 5 {
			return fmt.Errorf("renewed %d: %w", n, err)
		}
		return err
	})
	// Undone without exposure at hand: the points go home.
	v.till.update(func(tx *store.Tx) error { _, err := v.till.l.Undo(tx, ref.Hash); return err })
	v.till.view(func(q store.Querier) error {
		n, err := v.till.l.Rights(q, person)
		if n != 0 {
			t.Errorf("%d rest at the till", n)
		}
		return err
	})
	v.meet()
	v.office.update(func(tx *store.Tx) error { _, err := v.office.l.TakeAll(tx); return err })
	for _, n := range v.devs {
		n.check()
		n.rebuilds()
	}
	v.office.view(func(q store.Querier) error {
		x, err := v.office.l.Totals(q, Points)
		if x.Minted != 10 || x.Consumed != 5 || x.Restored != 5 || x.Held != 10 || x.InFlight != 0 {
			t.Errorf("%+v", x)
		}
		list, err2 := v.office.l.StockEverywhere(q)
		if len(list) != 1 || list[0].N != 3 {
			t.Errorf("%+v", list)
		}
		return errors.Join(err, err2)
	})
}

// moves lists untaken changes to a payee.
func (v *village) moves(q store.Querier, n *node, to wire.Actor) []wire.Hash {
	other := *n.l
	other.self = to
	list, err := other.waitingFor(q, other.self, n.now)
	if err != nil {
		v.t.Fatal(err)
	}
	return list
}

func TestOpeningBalances(t *testing.T) {
	v := newVillage(t)
	v.start()
	o := Opening{Person: person, Lifetime: 132, Year: 40, Spendable: 112, Period: year, Turn: activity, Key: id(9), Item: "opening", Version: 1}
	var ref store.Ref
	v.a.update(func(tx *store.Tx) (err error) { ref, err = v.a.l.Open(tx, o); return })
	v.a.view(func(q store.Querier) error {
		b, err := v.a.l.Balance(q, person, year)
		if b.Lifetime != 132 || b.Year != 40 || b.Spendable != 112 {
			t.Errorf("%+v", b)
		}
		return err
	})
	if err := v.a.try(func(tx *store.Tx) error { _, err := v.a.l.Open(tx, o); return err }); code(err) != "ledger.deed.used" {
		t.Fatal(err)
	}
	o2 := o
	o2.Person, o2.Key, o2.Spendable = id(51), id(10), 0
	v.a.update(func(tx *store.Tx) error { _, err := v.a.l.Open(tx, o2); return err })
	v.a.update(func(tx *store.Tx) error { _, err := v.a.l.Undo(tx, ref.Hash); return err })
	v.meet()
	v.office.view(func(q store.Querier) error {
		list, err := v.office.l.AllBalances(q, year)
		if len(list) != 2 || list[0] != (Balance{Person: person}) || list[1].Lifetime != 132 || list[1].Spendable != 0 {
			t.Errorf("%+v", list)
		}
		return err
	})
	for _, n := range v.devs {
		n.check()
		n.rebuilds()
	}
}

func TestSlotsAndDeductions(t *testing.T) {
	v := newVillage(t)
	v.start()
	var first store.Ref
	v.a.update(func(tx *store.Tx) error {
		if _, err := v.a.l.MintSlots(tx, activity, 2); err != nil {
			return err
		}
		var err error
		first, err = v.a.l.Confirm(tx, activity, id(1))
		if err == nil {
			_, err = v.a.l.Confirm(tx, activity, id(2))
		}
		return err
	})
	confirm := func(tx *store.Tx) error { _, err := v.a.l.Confirm(tx, activity, id(3)); return err }
	if err := v.a.try(confirm); code(err) != "ledger.slot.full" {
		t.Fatal(err)
	}
	v.a.update(func(tx *store.Tx) error { _, err := v.a.l.Undo(tx, first.Hash); return err })
	v.a.update(confirm)
	if err := v.a.award(1, person, 4); err != nil {
		t.Fatal(err)
	}
	v.a.update(func(tx *store.Tx) error {
		_, err := v.a.l.Deduct(tx, Deduction{Person: person, Points: 10, Period: year, Item: "B1", Version: 1})
		return err
	})
	v.a.view(func(q store.Querier) error {
		b, err := v.a.l.Balance(q, person, year)
		if b.Spendable != 0 || b.Debt != 6 || b.Year != -6 || b.Lifetime != 4 {
			t.Errorf("%+v", b)
		}
		return err
	})
	v.meet()
	for _, n := range v.devs {
		n.check()
		n.rebuilds()
	}
}
