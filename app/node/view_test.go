package node

import (
	"slices"
	"sync/atomic"
	"testing"

	"jishan/app/people"
	"jishan/crdt/store"
)

// TestALookIsNoNews: an open panel loads the person again at every "people";
// were a look told as that, it would look for ever.
func TestALookIsNoNews(t *testing.T) {
	d := found(t)
	id := d.must("people.register", person("张一", "13900000001"))["id"]
	d.still()
	topics := d.Events(t.Context())
	var commits atomic.Int64
	d.community.store.OnCommit(func(store.Commit) { commits.Add(1) })
	for range 20 {
		d.must("people.get", object{"id": id})
	}
	d.hub.tell("marker")
	heard := []string{}
	for !slices.Contains(heard, "marker") {
		heard = append(heard, <-topics...)
	}
	if slices.Contains(heard, "people") || slices.Contains(heard, "ledger") || commits.Load() != 0 {
		t.Errorf("20 looks made %d commits and told %v", commits.Load(), heard)
	}
	pid, err := people.ParseID(id.(string))
	if err != nil {
		t.Fatal(err)
	}
	if _, n, err := d.community.people.Views(t.Context(), pid, 0, 1); err != nil || n != 1 {
		t.Errorf("20 looks in a row left %d rows, %v", n, err)
	}
	d.must("people.update", object{"id": id, "fields": object{"note": "x"}}) // what changes a person is told
	for !slices.Contains(heard, "people") {
		heard = append(heard, <-topics...)
	}
}
