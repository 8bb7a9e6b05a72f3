package sync

import (
	"slices"
	"testing"

	"jishan/crdt/store"
)

// Ten parts of a feed must go out first to last: by text alone 10 comes before
// 2, and everything behind a gap would have to wait at the other side.
func TestPartsGoOutInOrder(t *testing.T) {
	docs := []store.DocID{"c.1/feed/aa/10", "c.1/feed/aa/2", "c.1/feed/bb/1", "c.1/feed/aa/1", "c.1/scheme"}
	slices.SortFunc(docs, inOrder)
	want := []store.DocID{"c.1/scheme", "c.1/feed/aa/1", "c.1/feed/aa/2", "c.1/feed/bb/1", "c.1/feed/aa/10"}
	if !slices.Equal(docs, want) {
		t.Errorf("%v", docs)
	}
}
