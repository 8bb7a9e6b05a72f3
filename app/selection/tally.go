package selection

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"strings"

	"jishan/crdt/wire"
)

// Ballot writes the lines that somebody votes for as they are sealed.
func Ballot(lines []int) string {
	list := slices.Sorted(slices.Values(lines))
	out := make([]string, len(list))
	for i, n := range list {
		out[i] = strconv.Itoa(n)
	}
	return strings.Join(out, ",")
}

// ReadBallot reads what Ballot wrote; false for what names no line, one twice, one that
// there is not, or too many.
func ReadBallot(text string, lines int, choices int64) (out []int, ok bool) {
	for part := range strings.SplitSeq(text, ",") {
		n, err := strconv.Atoi(part)
		if err != nil || n < 1 || n > lines || strconv.Itoa(n) != part || slices.Contains(out, n) {
			return nil, false
		}
		out = append(out, n)
	}
	return out, int64(len(out)) <= choices
}

// Cast is a vote as it is counted.
type Cast struct {
	Record string // of the person it was taken under
	At     int64
	By     wire.Actor
	Lines  []int
	Read   bool // it can be opened, and says something
}

// before is the order in which the votes of one person stand: by the clocks of the
// devices that took them, and where they say the same by device and record, so that
// every device has the same order.
func before(a, b Cast) int {
	return cmp.Or(cmp.Compare(a.At, b.At), bytes.Compare(a.By[:], b.By[:]), cmp.Compare(a.Record, b.Record))
}

// One is what counts of the votes of one person: the first that can be read, as if
// the second device had known of it and refused the other one. differ tells that another one
// says something else. False where none can be read.
func One(casts []Cast) (counts Cast, differ, ok bool) {
	for _, c := range slices.SortedFunc(slices.Values(casts), before) {
		switch {
		case !c.Read:
		case !ok:
			counts, ok = c, true
		default:
			differ = differ || Ballot(c.Lines) != Ballot(counts.Lines)
		}
	}
	return counts, differ, ok
}

// Count counts one vote for each person: casts by the id that stands for the person,
// whatever record and device a vote was taken under. same gives for each line the first
// line of that nominee: who stands there twice gets one vote of a voter who named both.
func Count(casts map[string][]Cast, same []int) (out Tally) {
	out.Votes = make([]int64, len(same))
	for _, list := range casts {
		one, differ, ok := One(list)
		if !ok {
			out.Unread++
			continue
		}
		out.Voters++
		if differ {
			out.Differ++
		}
		given := map[int]bool{}
		for _, n := range one.Lines {
			if first := same[n-1]; !given[first] {
				given[first] = true
				out.Votes[first-1]++
			}
		}
	}
	return out
}

// Top tells whether lines may be chosen by their votes: as many as there are places at
// most, each with a vote, and nobody left out who has more than one of them. Of those
// with equal votes at the end the community chooses.
func Top(votes []int64, lines []int, places int64) bool {
	if len(lines) == 0 || int64(len(lines)) > places {
		return false
	}
	least := int64(-1)
	for i, n := range lines {
		if n < 1 || n > len(votes) || votes[n-1] < 1 || slices.Contains(lines[:i], n) {
			return false
		}
		if least < 0 || votes[n-1] < least {
			least = votes[n-1]
		}
	}
	for i, v := range votes {
		if v > least && !slices.Contains(lines, i+1) {
			return false
		}
	}
	return true
}
