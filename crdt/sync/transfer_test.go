package sync

import (
	"bytes"
	"context"
	"errors"
	"testing"

	"jishan/crdt/store"
)

func export(t *testing.T, from, to *device, known map[store.DocID][]store.Tip) (out [][]byte) {
	t.Helper()
	for f, err := range Export(context.Background(), from.config(to.key), known) {
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, bytes.Clone(f))
	}
	return out
}

func frames(list [][]byte) func(func([]byte, error) bool) {
	return func(yield func([]byte, error) bool) {
		for _, f := range list {
			if !yield(f, nil) {
				return
			}
		}
	}
}

func TestExportImport(t *testing.T) {
	a, b := pair(t)
	a.append(5000 - 905) // two batches at least, one part
	a.put(docID("people/01"), "person/1/name", "甲")
	a.addItem(setVault, store.Item{ID: seedOf("k"), Blob: []byte("x")})
	list := export(t, a, b, nil)
	got, err := Import(context.Background(), b.config(a.key), frames(list))
	if err != nil || got.Admitted != 4096 || got.Items != 2 || len(got.Docs) != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	for f, err := range Export(context.Background(), b.config(a.key), nil) { // its certificate goes back
		if err != nil {
			t.Fatal(err)
		}
		if len(f) > MaxFrame {
			t.Error("frame too large")
		}
	}
	if a.digests(nil) != b.digests(nil) {
		t.Error("differ after import")
	}
	again, err := Import(context.Background(), b.config(a.key), frames(list))
	if err != nil || again.Admitted != 0 || again.Known != 4096 {
		t.Errorf("again: %+v, %v", again, err)
	}
	// Only what is new, when the vectors are known.
	vec, err := b.st.Vector(context.Background(), a.feed())
	if err != nil {
		t.Fatal(err)
	}
	a.put(docID("people/01"), "person/2/name", "乙")
	part := export(t, a, b, map[store.DocID][]store.Tip{a.feed(): vec})
	got, err = Import(context.Background(), b.config(a.key), frames(part))
	if err != nil || got.Changes != 2 || got.Admitted != 1 {
		t.Errorf("part: %+v, %v", got, err)
	}
}

func TestImportRefuses(t *testing.T) {
	a, b := pair(t)
	a.append(3)
	list := export(t, a, b, nil)
	other := b.config(a.key)
	other.Community = "another"
	if _, err := Import(context.Background(), other, frames(list)); !errors.Is(err, ErrCommunity) {
		t.Errorf("%v", err)
	}
	for name, bad := range map[string][][]byte{
		"nothing":     nil,
		"no hello":    list[1:],
		"odd frame":   {list[0], {typeOpen, 0, 0}},
		"empty frame": {list[0], {}},
		"garbage":     {list[0], append([]byte{typeChanges}, "garbage"...)},
	} {
		if _, err := Import(context.Background(), b.config(a.key), frames(bad)); err == nil {
			t.Errorf("%s: imported", name)
		}
	}
	if b.digests(nil) != "" {
		t.Error("something was admitted")
	}
	broken := func(yield func([]byte, error) bool) {
		if yield(list[0], nil) {
			yield(nil, errors.New("stick pulled out"))
		}
	}
	if _, err := Import(context.Background(), b.config(a.key), broken); err == nil {
		t.Error("no error")
	}
}
