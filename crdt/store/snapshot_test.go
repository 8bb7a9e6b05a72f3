package store_test

import (
	"context"
	"path/filepath"
	"testing"

	"jishan/crdt/store"
)

// TestSnapshotAfterExamination: the examination's connection, which may only
// read, goes back to the pool; a snapshot that gets it writes its file all the
// same.
func TestSnapshotAfterExamination(t *testing.T) {
	d := newDevice(t, 1)
	s := d.mustOpen(t)
	if err := appendOne(s, d.feed(), "x"); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if err := s.Examine(ctx, func(context.Context) error { return nil }); err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(t.TempDir(), "snapshot")
	if err := s.Snapshot(ctx, at); err != nil {
		t.Fatal(err)
	}
	r, err := store.OpenReading(ctx, at)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if v, err := r.Vector(ctx, d.feed()); err != nil || len(v) != 1 || v[0].Seq != 1 {
		t.Error("the snapshot holds something else:", v, err)
	}
}
