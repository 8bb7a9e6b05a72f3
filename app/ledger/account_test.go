package ledger

import (
	"testing"

	"jishan/crdt/wire"
)

// Sets that no honest device can make, written down by hand: what Sum says of
// them, term by term.

// written is a transaction of feed a behind prev, as if it had been admitted.
func written(a byte, prev *Entered, mark byte, es []Entry, open ...*Entered) *Entered {
	t := &Entered{Place: Place{Feed: feed(wire.Actor{a}), Number: 1}, Hash: wire.Hash{a, mark}, Tx: &Tx{Entries: es}}
	if prev != nil {
		t.Number, t.Prev = prev.Number+1, prev.Hash
	}
	for _, o := range open {
		t.Open = append(t.Open, &Opened{Place: o.Place, Hash: o.Hash, Tx: o.Tx})
	}
	return t
}

func sumOf(closed map[wire.Actor]Closing, set ...*Entered) Sums {
	var list []Entered
	for _, t := range set {
		list = append(list, *t)
	}
	return Sum(home, list, closed, true)
}

var goods = Quota{Kind: Stock, Subject: id(77)}

func makes(n int64) Entry { return Entry{Type: Mint, Quota: goods, Amount: n} }
func sends(n int64, to byte) Entry {
	return Entry{Type: Move, Quota: goods, Amount: n, To: feed(wire.Actor{to})}
}

func (s Sums) want(t *testing.T, q Quota, want Terms) {
	t.Helper()
	if got := s.Terms[q]; got == nil || *got != want || got.Difference() != 0 {
		t.Errorf("%+v, want %+v", got, want)
	}
}

// TestSumTakenByTwoFeeds: a payee and its successor both took a MOVE, each
// within what counts: the second TAKE is loss.
func TestSumTakenByTwoFeeds(t *testing.T) {
	m := written(1, nil, 1, []Entry{makes(5), sends(5, 2)})
	first := written(2, nil, 1, []Entry{take(goods, 5, 1)}, m)
	second := written(3, nil, 1, []Entry{take(goods, 5, 1)}, m)
	third := written(4, nil, 1, []Entry{take(goods, 5, 1)}, m)
	sumOf(nil, m, first).want(t, goods, Terms{Minted: 5, Held: 5})
	sumOf(nil, m, first, second).want(t, goods, Terms{Minted: 5, Held: 10, Loss: 5})
	sumOf(nil, m, first, second, third).want(t, goods, Terms{Minted: 5, Held: 15, Loss: 10})
}

// TestSumTakenInBothBranches: each TAKE of a forked feed counts once, whichever
// branch it stands in (rule 4).
func TestSumTakenInBothBranches(t *testing.T) {
	m := written(1, nil, 1, []Entry{makes(5), sends(5, 2)})
	root := written(2, nil, 1, []Entry{makes(1)})
	left := written(2, root, 2, []Entry{take(goods, 5, 1)}, m)
	right := written(2, root, 3, []Entry{take(goods, 5, 1)}, m)
	s := sumOf(nil, m, root, left, right)
	s.want(t, goods, Terms{Minted: 6, Stranded: 6})
	if !s.Forked[wire.Actor{2}] || s.Forked[wire.Actor{1}] {
		t.Errorf("forked: %v", s.Forked)
	}
	spent := written(2, left, 4, []Entry{{Type: Consume, Quota: goods, Amount: 5}})
	again := written(2, right, 5, []Entry{{Type: Consume, Quota: goods, Amount: 5}})
	sumOf(nil, m, root, left, right, spent, again).want(t, goods, Terms{Minted: 6, Consumed: 10, Loss: 4})
	closed := map[wire.Actor]Closing{{2}: {Cut: Cut{Tips: []Tip{{3, spent.Hash}, {3, again.Hash}}}}}
	sumOf(closed, m, root, left, right, spent, again).want(t, goods, Terms{Minted: 6, Consumed: 10, Loss: 4})
	closed[wire.Actor{2}] = Closing{Cut: Cut{Tips: []Tip{{3, spent.Hash}}}} // the other branch's hand-over is a claim
	sumOf(closed, m, root, left, right, spent, again).want(t, goods, Terms{Minted: 6, Consumed: 10, Stranded: 1, Loss: 5})
}

// TestSumRestoredByTwoFeeds: one CONSUME is restored by the feed's successor
// and by somebody who does not know of it: what exceeds it is loss.
func TestSumRestoredByTwoFeeds(t *testing.T) {
	used := written(1, nil, 1, []Entry{makes(5), {Type: Consume, Quota: goods, Amount: 4}})
	back := Entry{Type: Restore, Quota: goods, Amount: 4, Ref: Ref{used.Hash, 1}}
	one := written(1, used, 2, []Entry{back})
	two := written(2, nil, 1, []Entry{back})
	sumOf(nil, used, one).want(t, goods, Terms{Minted: 5, Held: 5, Consumed: 4, Restored: 4})
	sumOf(nil, used, one, two).want(t, goods, Terms{Minted: 5, Held: 9, Consumed: 4, Restored: 4, Loss: 4})
	branch := written(1, used, 3, []Entry{back})
	sumOf(nil, used, one, branch).want(t, goods, Terms{Minted: 5, Stranded: 5, Consumed: 4, Restored: 4})
}

// TestExposureExactly: what a till takes in one transaction, less what it moves
// on, is at most what it spends of its exposure, over all its income.
func TestExposureExactly(t *testing.T) {
	w := newWorld()
	office, till := w.device(1, Registrar), w.device(2, Merchant)
	x := exposureOf(w, till)
	p := Quota{Points, person, "2026"}
	must := func(m *memTx, err error) *memTx {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		return m
	}
	give := must(w.make(office, nil, 0, []Entry{
		{Type: Mint, Quota: turn, Amount: 1}, {Type: Mint, Quota: budget, Amount: 100}, {Type: Mint, Quota: x, Amount: 20}}))
	give = must(w.make(office, give, 0, []Entry{{Type: Consume, Quota: budget, Amount: 10},
		{Type: Mint, Quota: p, Amount: 10, Deed: Deed{activity, id(1)}, Item: "A", Version: 1},
		{Type: Move, Quota: p, Amount: 6, To: feed(till)}, {Type: Move, Quota: p, Amount: 4, To: feed(till)}, {Type: Move, Quota: x, Amount: 20, To: feed(till)}}))
	got := must(w.make(till, nil, 0, []Entry{take(x, 20, 4)}, give))
	both := func(n int64, more ...Entry) error {
		es := append([]Entry{take(p, 6, 2), take(p, 4, 3)}, more...)
		if n > 0 {
			es = append(es, Entry{Type: Consume, Quota: x, Amount: n})
		}
		_, err := w.make(till, got, 0, es, give)
		return err
	}
	home := Entry{Type: Move, Quota: p, Amount: 7, To: feed(office)}
	for _, c := range []struct {
		name string
		err  error
		ok   bool
	}{
		{"none", both(0), false}, {"one short", both(9), false}, {"exactly", both(10), true}, {"more", both(11), true},
		{"less what goes home", both(3, home), true}, {"one short of that", both(2, home), false},
	} {
		if (c.err == nil) != c.ok {
			t.Errorf("%s: %v", c.name, c.err)
		}
	}
	rests := must(w.make(till, got, 0, []Entry{take(p, 6, 2), {Type: Consume, Quota: x, Amount: 6}}, give))
	used := must(w.make(till, rests, 0, []Entry{{Type: Consume, Quota: p, Amount: 6}}))
	back := Entry{Type: Restore, Quota: p, Amount: 6, Ref: Ref{used.Hash, 0}}
	if _, err := w.make(till, used, 0, []Entry{back, {Type: Consume, Quota: x, Amount: 5}}); err == nil {
		t.Error("points restored with less exposure")
	}
	must(w.make(till, used, 0, []Entry{back, {Type: Consume, Quota: x, Amount: 6}}))
	// fresh exposure brings the closes it was granted under
	w.gov.list = append(w.gov.list, order{period: "2020"})
	later := must(w.make(office, give, 1, []Entry{{Type: Mint, Quota: x, Amount: 5}, {Type: Move, Quota: x, Amount: 5, To: feed(till)}}))
	if _, err := w.make(till, got, 0, []Entry{take(x, 5, 1)}, later); err == nil {
		t.Error("exposure under an older head than its granter's")
	}
	must(w.make(till, got, 1, []Entry{take(x, 5, 1)}, later))
	// what a till inherits is income, too
	other := w.device(3, Merchant)
	w.gov.members[other] = Member{Role: Merchant, Device: w.gov.members[till].Device}
	w.gov.list = append(w.gov.list, order{closed: till, cut: cutAt(rests)}, order{closed: till, heir: &Heir{To: other, Rights: w.rights(till, rests)}})
	inherit := func(n int64) error {
		es := []Entry{{Type: Succeed, Quota: x, Amount: 14, From: till}, {Type: Succeed, Quota: p, Amount: 6, From: till}}
		if n > 0 {
			es = append(es, Entry{Type: Consume, Quota: x, Amount: n})
		}
		_, err := w.make(other, nil, 3, es)
		return err
	}
	if inherit(5) == nil || inherit(0) == nil || inherit(6) != nil {
		t.Error("a till inherits points without exposure")
	}
}
