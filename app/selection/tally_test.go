package selection

import (
	"fmt"
	"reflect"
	"testing"

	"jishan/crdt/wire"
)

func cast(at int64, by byte, lines ...int) Cast {
	return Cast{Record: "r", At: at, By: wire.Actor{by}, Lines: lines, Read: len(lines) > 0}
}

// Of one person one vote counts, the first that can be read, in whatever order the votes
// came; a voter of whom nothing can be read is counted apart.
func TestOnePersonOneVote(t *testing.T) {
	for i, x := range []struct {
		casts      []Cast
		counts     string
		differ, ok bool
	}{
		{[]Cast{cast(5, 1, 2)}, "2", false, true},
		{[]Cast{cast(9, 1, 2), cast(5, 2, 3)}, "3", true, true},
		{[]Cast{cast(5, 2, 3), cast(9, 1, 2)}, "3", true, true},
		{[]Cast{cast(5, 2, 3), cast(5, 1, 2)}, "2", true, true},
		{[]Cast{cast(5, 1, 2, 3), cast(9, 2, 3, 2)}, "2,3", false, true},
		{[]Cast{cast(1, 1), cast(9, 2, 3)}, "3", false, true},
		{[]Cast{cast(1, 1)}, "", false, false},
	} {
		one, differ, ok := One(x.casts)
		if got := Ballot(one.Lines); got != x.counts || differ != x.differ || ok != x.ok {
			t.Errorf("%d: %q, differ %v, %v", i, got, differ, ok)
		}
	}
	casts := map[string][]Cast{"a": {cast(5, 1, 1), cast(9, 2, 2)}, "b": {cast(1, 1)}, "c": {cast(3, 1, 1, 3)}, "d": {cast(3, 1, 2)}}
	got := Count(casts, []int{1, 2, 1}) // line 3 is the person of line 1
	if want := (Tally{Votes: []int64{2, 1, 0}, Voters: 3, Differ: 1, Unread: 1}); !reflect.DeepEqual(got, want) {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestBallot(t *testing.T) {
	if s := Ballot([]int{12, 3}); s != "3,12" {
		t.Error(s)
	}
	for text, ok := range map[string]bool{"3,12": true, "1": true, "": false, "0": false, "13": false, "1,1": false, "01": false, "1,2,3": false, "x": false, "1,": false, "@erased": false} {
		if _, got := ReadBallot(text, 12, 2); got != ok {
			t.Errorf("%q: %v", text, got)
		}
	}
}

// Nobody is passed over who has more votes; of equals the community chooses.
func TestTop(t *testing.T) {
	votes := []int64{5, 3, 3, 0, 1}
	for lines, ok := range map[[3]int]bool{{1}: true, {1, 2}: true, {1, 3}: true, {1, 2, 3}: true, {2}: false, {2, 3}: false, {1, 5}: false, {1, 1}: false, {1, 9}: false, {}: false} {
		var list []int
		for _, n := range lines {
			if n > 0 {
				list = append(list, n)
			}
		}
		if Top(votes, list, 3) != ok {
			t.Errorf("%v: not %v", list, ok)
		}
	}
	if Top(votes, []int{1, 2, 3}, 2) || Top(votes, []int{1, 2, 3, 5, 4}, 5) {
		t.Error("more than there are places, or somebody without a vote")
	}
	for _, n := range []int{-1, 0, 6} {
		if Top(votes, []int{n}, 3) {
			t.Error(fmt.Sprint("line ", n))
		}
	}
}
