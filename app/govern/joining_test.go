package govern

import (
	"math/rand/v2"
	"slices"
	"testing"

	"jishan/crdt/wire"
)

func personN(n byte) PersonID { return PersonID{n} }

func joinedBy(settings ...Setting) Joined {
	s := newState()
	for i, set := range settings {
		at := Point{Term: 1, Seq: uint64(i) + 1}
		s.terms[1] = term{}
		s.add(at, wire.Hash{byte(i)}, wire.Actor{}, []Entry{Policy{Settings: []Setting{set}}})
	}
	return s.joined
}

// Chains lead to the smallest id, whatever the order and however often a joining is
// written; there is no cycle to be written.
func TestChainsLeadToTheSmallestID(t *testing.T) {
	seed := rand.Uint64()
	t.Log("seed", seed)
	r := rand.New(rand.NewPCG(seed, 1))
	all := []Setting{
		JoinSetting(personN(3), personN(2), true), JoinSetting(personN(1), personN(2), true),
		JoinSetting(personN(3), personN(1), true), JoinSetting(personN(7), personN(8), true), JoinSetting(personN(2), personN(3), true),
	}
	for range 20 {
		r.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		j := joinedBy(all...)
		for n := byte(1); n <= 3; n++ {
			if got := j.Of(personN(n)); !slices.Equal(got, []PersonID{personN(1), personN(2), personN(3)}) || j.Lead(personN(n)) != personN(1) {
				t.Fatalf("%v of %d", got, n)
			}
		}
		if len(j.Groups()) != 2 || j.Lead(personN(8)) != personN(7) || j.Lead(personN(9)) != personN(9) {
			t.Fatalf("%v", j.Groups())
		}
	}
}

// What is taken apart is apart, and the ids that hung together through others stay.
func TestApart(t *testing.T) {
	j := joinedBy(JoinSetting(personN(1), personN(2), true), JoinSetting(personN(2), personN(3), true), JoinSetting(personN(3), personN(2), false))
	if j.Lead(personN(3)) != personN(3) || j.Lead(personN(2)) != personN(1) {
		t.Errorf("%v", j.Groups())
	}
	if again := j.Set(personN(3), personN(2), true); again.Lead(personN(3)) != personN(1) || j.Lead(personN(3)) != personN(3) {
		t.Error("a question changed the answer")
	}
}

// A key that is no joining counts nowhere, and joinings are no settings.
func TestWhatIsNoJoining(t *testing.T) {
	for _, key := range []string{"join/", "join/01/02", "join/zz/zz", JoinSetting(personN(1), personN(2), true).Key + "/x", "join/" + "02000000000000000000000000000000/01000000000000000000000000000000"} {
		if j := joinedBy(Setting{Key: key, Num: 1}); !j.Empty() {
			t.Errorf("%q joins", key)
		}
	}
	s := newState()
	s.terms[1] = term{}
	s.add(Point{Term: 1, Seq: 1}, wire.Hash{}, wire.Actor{}, []Entry{Policy{Settings: []Setting{JoinSetting(personN(1), personN(2), true)}}})
	if len(s.rules(Point{Term: 1, Seq: 1}).Other) != 0 || s.joinedAt(Point{Term: 1, Seq: 0}).Lead(personN(2)) != personN(2) {
		t.Error("a joining is a setting, or counts before it was written")
	}
}
