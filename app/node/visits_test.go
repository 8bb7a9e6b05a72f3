package node

import (
	"reflect"
	"testing"
)

// TestNoCallTakesVisit: package guest takes the field "visit" out of every call, so
// no call may have one of its own.
func TestNoCallTakesVisit(t *testing.T) {
	n := start(t, t.TempDir())
	looked := 0
	for name, h := range n.calls {
		if h.takes.Kind() != reflect.Struct {
			continue
		}
		for i := range h.takes.NumField() {
			looked++
			if h.takes.Field(i).Tag.Get("json") == "visit" {
				t.Errorf("%s takes a field called visit", name)
			}
		}
	}
	if looked < 100 {
		t.Errorf("%d fields", looked)
	}
}
