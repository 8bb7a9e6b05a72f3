package ledger

import (
	"slices"
	"testing"
)

func TestPeriodsByEnd(t *testing.T) {
	got := []string{"2028", "2027", "2028q1", "2027q4", "2027q1", "2026"}
	slices.SortFunc(got, endsBefore)
	if want := []string{"2026", "2027q1", "2027q4", "2027", "2028q1", "2028"}; !slices.Equal(got, want) {
		t.Errorf("%v", got)
	}
}
