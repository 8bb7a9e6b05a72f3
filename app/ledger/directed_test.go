package ledger

import (
	"errors"
	"testing"

	"jishan/crdt/wire"
)

// The schedules that break the naive readings of docs/quotas.md, as far as
// they concern entries. (One of the fourteen, "database file put back", is the
// lock file's: crdt/store.)

// scene is a small community: an office (registrar), two stations, two tills.
type scene struct {
	t                          *testing.T
	w                          *memWorld
	office, a, b, till1, till2 wire.Actor
	tip                        map[wire.Actor]*memTx
	known                      int // governance entries that everybody knows
}

var (
	person   = id(50)
	activity = id(60)
	year     = "2026"
	account  = Quota{Points, person, year}
	turn     = Quota{Kind: Turn, Subject: activity}
	budget   = Quota{Issue, activity, ""}
)

const issued, capTill = 120, 6

func exposureOf(w *memWorld, till wire.Actor) Quota {
	return Quota{Kind: Exposure, Subject: TillSubject(w.gov.members[till].Device)}
}

// newScene gives the turn and the budget to station a, exposure to the tills.
func newScene(t *testing.T) *scene {
	s := &scene{t: t, w: newWorld(), tip: map[wire.Actor]*memTx{}}
	s.office, s.a, s.b = s.w.device(1, Registrar), s.w.device(2, Staff), s.w.device(3, Staff)
	s.till1, s.till2 = s.w.device(4, Merchant), s.w.device(5, Merchant)
	x1, x2 := exposureOf(s.w, s.till1), exposureOf(s.w, s.till2)
	start := s.ok(s.office, []Entry{
		{Type: Mint, Quota: turn, Amount: 1}, {Type: Mint, Quota: budget, Amount: issued},
		{Type: Mint, Quota: x1, Amount: capTill}, {Type: Mint, Quota: x2, Amount: capTill},
		s.move(turn, 1, s.a), s.move(budget, issued, s.a), s.move(x1, capTill, s.till1), s.move(x2, capTill, s.till2)})
	s.ok(s.a, []Entry{take(turn, 1, 4), take(budget, issued, 5)}, start)
	s.ok(s.till1, []Entry{take(x1, capTill, 6)}, start)
	s.ok(s.till2, []Entry{take(x2, capTill, 7)}, start)
	return s
}

func (s *scene) ok(a wire.Actor, es []Entry, evidence ...*memTx) *memTx {
	s.t.Helper()
	t, err := s.w.make(a, s.tip[a], s.known, es, evidence...)
	if err != nil {
		s.t.Fatalf("refused: %v", err)
	}
	s.tip[a] = t
	return t
}

func (s *scene) refused(a wire.Actor, es []Entry, evidence ...*memTx) {
	s.t.Helper()
	if _, err := s.w.make(a, s.tip[a], s.known, es, evidence...); !errors.Is(err, ErrInvalid) {
		s.t.Fatalf("not refused: %v", err)
	}
}

func (s *scene) move(q Quota, n int64, to wire.Actor) Entry {
	return Entry{Type: Move, Quota: q, Amount: n, To: feed(to), Head: s.tip[to].state().Tip()}
}

func take(q Quota, n int64, index uint32) Entry {
	return Entry{Type: Take, Quota: q, Amount: n, Evidence: 1, Index: index}
}

func award(n int64, key byte) []Entry {
	return []Entry{{Type: Consume, Quota: budget, Amount: n},
		{Type: Mint, Quota: account, Amount: n, Deed: Deed{activity, id(key)}, Item: "A109", Version: 1}}
}

func redeem(n int64) []Entry {
	return []Entry{{Type: Consume, Quota: account, Amount: n, Order: id(99)}}
}

func (s *scene) takeIn(till wire.Actor, n int64, v *memTx, index uint32) []Entry {
	return []Entry{take(account, n, index), {Type: Consume, Quota: exposureOf(s.w, till), Amount: n}}
}

func (s *scene) close(a wire.Actor, cut ...*memTx) {
	s.w.gov.list = append(s.w.gov.list, order{closed: a, cut: cutAt(cut...)})
	s.known++
}

func (s *scene) succeed(a, to wire.Actor, cut ...*memTx) {
	s.w.gov.list = append(s.w.gov.list, order{closed: a, heir: &Heir{To: to, Rights: s.w.rights(a, cut...)}})
	s.known++
}

// holds checks the equality over a set, and the loss of points.
func (s *scene) holds(loss int64, set ...*memTx) Sums {
	s.t.Helper()
	if set == nil {
		set = s.w.txs
	}
	var in []Entered
	for _, t := range set {
		in = append(in, t.Entered)
	}
	sums := Sum(home, in, s.w.closings(s.known), true)
	got := int64(0)
	for q, t := range sums.Terms {
		if t.Difference() != 0 || t.Negative() {
			s.t.Fatalf("%s: %+v", q, *t)
		}
		if q.Kind == Points {
			got += t.Loss
		}
	}
	if got != loss {
		s.t.Fatalf("loss %d, want %d", got, loss)
	}
	return sums
}

func TestOneMoveTwoCommunities(t *testing.T) { // one till, two feeds, one MOVE
	s := newScene(t)
	s.ok(s.a, award(3, 1))
	v := s.ok(s.a, []Entry{s.move(account, 3, s.till1)})
	s.ok(s.till1, s.takeIn(s.till1, 3, v, 0), v)
	other := feed(s.till1)
	other.Community = id(201)
	other2 := &memTx{prev: s.tip[s.till1]}
	other2.Place = Place{Feed: other, Number: 3}
	tx := &Tx{Entries: []Entry{take(account, 3, 0)}, Evidence: []Evidence{{Epoch: 1, Part: 1, Chunk: v.Hash[:]}}}
	if err := Judge(&memState{last: s.tip[s.till1]}, tx, other2.Place, memEnv{lawAt{&s.w.gov, 0}, s.w}); !errors.Is(err, ErrInvalid) {
		t.Fatalf("taken in the feed of another community: %v", err)
	}
	s.refused(s.till1, s.takeIn(s.till1, 3, v, 0), v)
	s.refused(s.a, []Entry{{Type: Move, Quota: account, Amount: 1, To: other}})
	s.holds(0)
}

func TestHalfRestore(t *testing.T) { // issue restored, points kept
	s := newScene(t)
	x := s.ok(s.a, award(3, 1))
	restore := Entry{Type: Restore, Quota: budget, Amount: 3, Ref: Ref{x.Hash, 0}}
	burn := Entry{Type: Burn, Quota: account, Amount: 3, Why: WhyUndo, Ref: Ref{x.Hash, 1}}
	s.refused(s.a, []Entry{restore})
	s.refused(s.a, []Entry{burn})
	part := restore
	part.Amount = 2
	s.refused(s.a, []Entry{part, burn})
	s.ok(s.a, []Entry{restore, burn})
	s.refused(s.a, []Entry{restore, burn}) // once
	s.holds(0)
}

func TestTurnBringsItsChain(t *testing.T) { // turn taken without its chain
	s := newScene(t)
	s.ok(s.a, award(3, 1))
	v := s.ok(s.a, []Entry{s.move(turn, 1, s.b), s.move(budget, 9, s.b)})
	s.ok(s.b, []Entry{take(turn, 1, 0), take(budget, 9, 1)}, v)
	s.refused(s.b, award(3, 1))
	s.ok(s.b, award(3, 2))
	s.refused(s.a, award(3, 3)) // the turn is gone
	if _, err := s.w.make(s.till1, s.tip[s.till1], 0, []Entry{take(turn, 1, 0)}, v); err == nil {
		t.Fatal("a till took a turn")
	}
	s.holds(0)
}

func TestVoucherNeedsExposure(t *testing.T) { // liar's voucher
	s := newScene(t)
	s.ok(s.a, award(9, 1))
	v := s.ok(s.a, []Entry{s.move(account, 9, s.till1)})
	s.refused(s.till1, []Entry{take(account, 9, 0)}, v)
	s.refused(s.till1, s.takeIn(s.till1, 9, v, 0), v)                                                                // more than the cap
	s.refused(s.till1, []Entry{take(account, 9, 0), {Type: Consume, Quota: exposureOf(s.w, s.till2), Amount: 9}}, v) // another till's
	s.ok(s.till1, []Entry{take(account, 9, 0), s.move(account, 9, s.a)}, v)                                          // takes and sends home
	s.holds(0)
}

func TestExposureIsNeverRestored(t *testing.T) {
	s := newScene(t)
	s.ok(s.a, award(6, 1))
	v := s.ok(s.a, []Entry{s.move(account, 6, s.till1)})
	in := s.ok(s.till1, s.takeIn(s.till1, 6, v, 0), v)
	s.refused(s.till1, []Entry{{Type: Restore, Quota: exposureOf(s.w, s.till1), Amount: 6, Ref: Ref{in.Hash, 1}}})
}

func TestPhotocopiesAtAClone(t *testing.T) { // photocopies at a cloned till, stale heads
	s := newScene(t)
	s.ok(s.a, award(6, 1))
	v := s.ok(s.a, []Entry{s.move(account, 6, s.till1)})
	before := s.tip[s.till1]
	s.ok(s.till1, s.takeIn(s.till1, 6, v, 0), v)
	s.ok(s.till1, redeem(6))
	s.tip[s.till1] = before // the clone
	s.ok(s.till1, append(s.takeIn(s.till1, 6, v, 0), Entry{Type: Seen, Tips: []Seenness{{s.a, Tip{1, v.Hash}}}}), v)
	s.refused(s.till1, s.takeIn(s.till1, 6, v, 0), v)
	s.ok(s.till1, append(redeem(6), Entry{Type: Seen, Tips: []Seenness{{s.a, Tip{1, v.Hash}}}}))
	s.holds(6) // bounded by the exposure
}

func TestMovedAwayOnce(t *testing.T) { // two devices of B mint one BURN
	s := newScene(t)
	other := id(201)
	s.ok(s.a, award(3, 1))
	b1, b2 := s.w.device(21, Registrar), s.w.device(22, Staff)
	at := func(a wire.Actor) Feed { return Feed{a, other} }
	credit := Quota{Kind: Credit, Subject: home}
	burn := s.ok(s.a, []Entry{{Type: Burn, Quota: account, Amount: 3, Why: WhyMoved, To: at(b1)}})
	mint := func(a wire.Actor, es ...Entry) error {
		st := &memState{held: map[Quota]int64{credit: 5}}
		tx := &Tx{Entries: append([]Entry{{Type: Mint, Quota: Quota{Points, id(77), year}, Amount: 3, Why: WhyMoved, Evidence: 1}}, es...),
			Evidence: []Evidence{{Epoch: 1, Part: 1, Chunk: burn.Hash[:]}}}
		return Judge(st, tx, Place{Feed: at(a), Number: 1}, memEnv{lawAt{&s.w.gov, 0}, s.w})
	}
	spend := Entry{Type: Consume, Quota: credit, Amount: 3}
	if err := mint(b1, spend); err != nil {
		t.Fatal(err)
	}
	if err := mint(b2, spend); !errors.Is(err, ErrInvalid) {
		t.Fatalf("another device minted it: %v", err)
	}
	if err := mint(b1); !errors.Is(err, ErrInvalid) {
		t.Fatalf("minted without credit: %v", err)
	}
	s.refused(s.a, []Entry{{Type: Burn, Quota: account, Amount: 3, Why: WhyMoved, To: feed(s.b)}})
}

func TestHandOverByALostDevice(t *testing.T) {
	s := newScene(t)
	s.ok(s.a, award(6, 1))
	cut := s.tip[s.a]
	s.ok(s.a, redeem(4))                                // handed over beyond the cut
	late := s.ok(s.a, []Entry{s.move(account, 2, s.b)}) // does not count
	s.ok(s.b, []Entry{take(account, 2, 0)}, late)       // it had not seen the CLOSE
	s.close(s.a, cut)
	sums := s.holds(6)
	if len(sums.Handed) == 0 || sums.Terms[account].Consumed != 4 {
		t.Fatalf("a hand-over was un-done: %+v", sums.Terms[account])
	}
	s.succeed(s.a, s.office, cut)
	s.ok(s.office, []Entry{{Type: Succeed, Quota: account, Amount: 6, From: s.a}})
	s.refused(s.office, []Entry{{Type: Succeed, Quota: account, Amount: 6, From: s.a}})
	s.refused(s.b, []Entry{{Type: Succeed, Quota: turn, Amount: 1, From: s.a}})
	s.refused(s.a, redeem(1)) // it knows its own CLOSE
	s.holds(6)
}

func TestVoucherToALostDevice(t *testing.T) {
	s := newScene(t)
	s.close(s.b)
	s.succeed(s.b, s.office)
	s.ok(s.a, award(3, 1))
	v := s.ok(s.a, []Entry{s.move(account, 3, s.b)})
	s.refused(s.till1, s.takeIn(s.till1, 3, v, 0), v)
	s.ok(s.office, []Entry{take(account, 3, 0)}, v)
	s.holds(0)
}

func TestSuccessorTakesOnlyWhatWasNotTaken(t *testing.T) {
	s := newScene(t)
	s.ok(s.a, award(3, 1))
	v := s.ok(s.a, []Entry{s.move(account, 3, s.b)})
	cut := s.ok(s.b, []Entry{take(account, 3, 0)}, v)
	s.close(s.b, cut)
	s.succeed(s.b, s.office, cut)
	s.refused(s.office, []Entry{take(account, 3, 0)}, v)
	s.ok(s.office, []Entry{{Type: Succeed, Quota: account, Amount: 3, From: s.b}})
	s.holds(0)
}

func TestSucceedOfAVoidTerm(t *testing.T) { // SUCCEED of a void term, used
	s := newScene(t)
	s.ok(s.a, award(3, 1))
	cut := s.tip[s.a]
	s.close(s.a, cut)
	s.succeed(s.a, s.b, cut)
	s.ok(s.b, []Entry{{Type: Succeed, Quota: account, Amount: 3, From: s.a}})
	// The new term never heard of that SUCCEED and orders another one.
	s.w.gov.list[len(s.w.gov.list)-1] = order{period: "void"}
	s.succeed(s.a, s.office, cut)
	s.ok(s.office, []Entry{{Type: Succeed, Quota: account, Amount: 3, From: s.a}})
	s.holds(3)
}

func TestBranchesInAnyOrder(t *testing.T) { // freeze by arrival order
	s := newScene(t)
	s.ok(s.a, award(6, 1))
	fork := s.tip[s.a]
	x := s.ok(s.a, []Entry{s.move(account, 6, s.b)})
	s.tip[s.a] = fork
	y := s.ok(s.a, []Entry{s.move(account, 6, s.office)})
	s.ok(s.b, []Entry{take(account, 6, 0)}, x)
	s.ok(s.office, []Entry{take(account, 6, 0)}, y)
	first := s.holds(6)
	back := make([]*memTx, 0, len(s.w.txs))
	for _, t := range s.w.txs {
		back = append([]*memTx{t}, back...)
	}
	second := s.holds(6, back...)
	for q, a := range first.Terms {
		if *a != *second.Terms[q] {
			t.Fatalf("%s depends on the order: %+v %+v", q, *a, *second.Terms[q])
		}
	}
}

func TestHandOverBeforeARevocation(t *testing.T) {
	s := newScene(t)
	s.ok(s.a, award(3, 1))
	s.ok(s.a, redeem(3))
	s.close(s.a) // absent cut: none
	sums := s.holds(3)
	if sums.Terms[account].Consumed != 3 || sums.Terms[account].Minted != 0 {
		t.Fatalf("%+v", sums.Terms[account])
	}
}

func TestTheMerchantsOwnSum(t *testing.T) { // merchant's own equality
	s := newScene(t)
	s.ok(s.a, award(3, 1))
	v := s.ok(s.a, []Entry{s.move(account, 3, s.till1)})
	in := s.ok(s.till1, s.takeIn(s.till1, 3, v, 0), v)
	sums := s.holds(0, in.prev, in)
	if sums.Terms[account].Unseen != 3 {
		t.Fatalf("%+v", sums.Terms[account])
	}
}

func TestDeedOfAVoidMint(t *testing.T) { // deed key of a void MINT
	s := newScene(t)
	cut := s.tip[s.a]
	s.ok(s.a, award(3, 1))
	v := s.ok(s.a, []Entry{s.move(turn, 1, s.b), s.move(budget, 9, s.b)})
	s.ok(s.b, []Entry{take(turn, 1, 0), take(budget, 9, 1)}, v)
	s.refused(s.b, award(3, 1))
	s.close(s.a, cut)
	s.ok(s.b, award(3, 1)) // the CLOSE voids the first
	s.holds(0)
}

func TestClosedYear(t *testing.T) {
	s := newScene(t)
	s.ok(s.a, award(6, 1))
	v := s.ok(s.a, []Entry{s.move(account, 2, s.b)})
	used := s.ok(s.a, redeem(1))
	expire := []Entry{{Type: Burn, Quota: account, Amount: 3, Why: WhyExpiry}}
	s.refused(s.a, expire)
	s.w.gov.list = append(s.w.gov.list, order{period: year})
	s.ok(s.a, redeem(1)) // had not seen it: booked late
	s.known++
	s.refused(s.a, redeem(1))
	s.refused(s.a, award(3, 2))
	s.refused(s.a, []Entry{s.move(account, 1, s.b)})
	s.refused(s.a, []Entry{{Type: Restore, Quota: account, Amount: 1, Ref: Ref{used.Hash, 0}}})
	expire[0].Amount = 2
	s.ok(s.a, expire)
	s.ok(s.b, []Entry{take(account, 2, 0)}, v)
	s.holds(0)
}

func TestHeadsOnlyGoForward(t *testing.T) {
	s := newScene(t)
	s.w.gov.list = append(s.w.gov.list, order{period: "2020"})
	s.known = 1
	s.ok(s.a, award(3, 1))
	s.known = 0
	s.refused(s.a, award(3, 2))
}

func TestExposureUnderAnOlderHead(t *testing.T) {
	s := newScene(t)
	s.w.gov.list = append(s.w.gov.list, order{period: "2020"})
	s.known = 1
	x := exposureOf(s.w, s.till1)
	v := s.ok(s.office, []Entry{{Type: Mint, Quota: x, Amount: 2}, s.move(x, 2, s.till1)})
	s.known = 0
	s.refused(s.till1, []Entry{take(x, 2, 1)}, v)
	s.known = 1
	s.ok(s.till1, []Entry{take(x, 2, 1)}, v)
}

func TestHeadNotInMyPast(t *testing.T) { // a till rolled back to a backup must not take again
	s := newScene(t)
	s.ok(s.a, award(3, 1))
	old := s.tip[s.till1]
	s.ok(s.till1, []Entry{{Type: Seen, Tips: []Seenness{{s.a, Tip{1, wire.Hash{1}}}}}})
	v := s.ok(s.a, []Entry{s.move(account, 3, s.till1)})
	s.tip[s.till1] = old
	s.refused(s.till1, s.takeIn(s.till1, 3, v, 0), v)
}

func TestTakeSeesClose(t *testing.T) {
	s := newScene(t)
	s.ok(s.a, award(3, 1))
	cut := s.tip[s.a]
	v := s.ok(s.a, []Entry{s.move(account, 3, s.b)})
	s.close(s.a, cut)
	s.refused(s.b, []Entry{take(account, 3, 0)}, v)
}
