package partner

import (
	"slices"
	"testing"

	"jishan/crdt/wire"
)

func spent(number uint64, when int64) deal { return deal{number: number, at: when, spent: 10} }

func taken(number uint64, when int64, of ...at) deal {
	return deal{number: number, at: when, back: 4, after: of}
}

func feedNo(n byte) wire.Actor { return wire.Actor{n} }

// stated puts one feed after the other into statements until nothing is left, and
// demands that no reversal comes in an earlier one than what it reverses.
func stated(t *testing.T, all []*stretch, most int) (statements int) {
	t.Helper()
	in := map[at]int{}
	whole := map[wire.Actor][]deal{}
	for _, s := range all {
		whole[s.feed] = slices.Clone(s.deals)
	}
	for left := true; left; statements++ {
		chosen, later := choose(all, most)
		if len(chosen) == 0 || len(chosen) > most {
			t.Fatalf("%d feeds in statement %d, %d points left", len(chosen), statements, later)
		}
		for _, s := range chosen {
			for _, x := range s.deals {
				in[at{s.feed, x.number}] = statements
			}
		}
		left = false
		for _, s := range all {
			for _, c := range chosen {
				if c.feed == s.feed {
					s.from = c.end() + 1
				}
			}
			s.deals = slices.DeleteFunc(slices.Clone(whole[s.feed]), func(x deal) bool { return x.number < s.from })
			left = left || len(s.deals) > 0
		}
		if left != (later != 0) {
			t.Fatalf("%d points left, but %t", later, left)
		}
	}
	for feed, deals := range whole {
		for _, x := range deals {
			for _, a := range x.after {
				if in[a] > in[at{feed, x.number}] {
					t.Errorf("%v %d is taken back in statement %d and stated in %d", a.feed, a.number, in[at{feed, x.number}], in[a])
				}
			}
		}
	}
	return statements
}

// Of more feeds than a statement has room for, none is left out for ever, and a
// reversal never comes before what it reverses: here the feeds that the bound would
// leave out first are those whose redemptions are taken back.
func TestMoreFeedsThanAStatementHolds(t *testing.T) {
	const most = 4
	var all []*stretch
	for n := byte(1); n <= 10; n++ {
		s := &stretch{feed: feedNo(n), from: 1, limit: 100, deals: []deal{spent(3, int64(n))}}
		if n <= 5 { // takes back what a feed after it redeemed, in between two redemptions
			s.deals = append(s.deals, taken(7, 20, at{feedNo(11 - n), 3}), spent(9, 30))
		}
		all = append(all, s)
	}
	if n := stated(t, all, most); n > 5 {
		t.Errorf("%d statements", n)
	}
}

// Two feeds that take back each other's redemptions are stated together or cut apart.
func TestFeedsThatTakeBackFromEachOther(t *testing.T) {
	pair := func() []*stretch {
		return []*stretch{
			{feed: feedNo(1), from: 1, limit: 9, deals: []deal{spent(1, 1), taken(2, 5, at{feedNo(2), 1}), spent(3, 6)}},
			{feed: feedNo(2), from: 1, limit: 9, deals: []deal{spent(1, 2), taken(2, 5, at{feedNo(1), 3})}},
		}
	}
	if n := stated(t, pair(), 2); n != 1 {
		t.Errorf("%d statements for both together", n)
	}
	if n := stated(t, pair(), 1); n < 3 {
		t.Errorf("%d statements, one feed each", n)
	}
}

// What is not stated this month holds back what takes it away, and that what follows
// it; what never is, beyond a cut, holds nobody back.
func TestReversalWaitsForWhatItReverses(t *testing.T) {
	chosen, later := choose([]*stretch{
		{feed: feedNo(1), from: 5, limit: 9, deals: []deal{spent(5, 1), taken(6, 2, at{feedNo(2), 3}), spent(7, 3)}},
		{feed: feedNo(2), from: 1, limit: 9, deals: []deal{spent(2, 1)}}, // number 3 is of the next month
		{feed: feedNo(3), from: 1, limit: 9, deals: []deal{taken(1, 1, at{feedNo(1), 7})}},
		{feed: feedNo(4), from: 1, limit: 9, deals: []deal{taken(1, 1, at{feedNo(5), 8})}},
		{feed: feedNo(5), from: 1, limit: 7},
	}, MaxRanges)
	ends := map[byte]uint64{}
	for _, s := range chosen {
		ends[s.feed[0]] = s.end()
	}
	if len(ends) != 3 || ends[1] != 5 || ends[2] != 2 || ends[4] != 1 {
		t.Errorf("%v", ends)
	}
	if want := int64(-4 + 10 - 4); later != want {
		t.Errorf("%d points left, not %d", later, want)
	}
}
