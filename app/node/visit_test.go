package node

import (
	"testing"

	"jishan/app/people"
)

func TestVisitEnds(t *testing.T) {
	var v visits
	a, b := people.ID{1}, people.ID{2}
	if v.open(a, 0) {
		t.Error("a visit that never began")
	}
	v.note(a, 1000)
	if !v.open(a, 1000+visitFor-1) || v.open(a, 1000+visitFor) || v.open(b, 1000) {
		t.Error("a visit lasts visitFor, for one person")
	}
	v.note(b, 1000+visitFor)
	if len(v.at) != 1 {
		t.Errorf("%d visits kept, one is over", len(v.at))
	}
}
