package sync

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// shelf is a Source in memory with a handful of changes, for the fuzzer.
type shelf struct {
	docs    map[store.DocID][]store.Stored
	items   map[string][]store.Item
	admits  int
	biggest int
}

func newShelf(t testing.TB) *shelf {
	t.Helper()
	s := &shelf{docs: map[store.DocID][]store.Stored{}, items: map[string][]store.Item{}}
	for d := range 3 {
		doc := docID(fmt.Sprintf("people/%02d", d))
		var deps []wire.Hash
		for seq := range uint64(3) {
			c := wire.Change{Actor: wire.Actor{1}, Seq: seq + 1, StartOp: seq + 1, Deps: deps, Ops: []wire.Op{{Key: fmt.Sprint("k", seq)}}}
			chunk, h, err := c.Encode()
			if err != nil {
				t.Fatal(err)
			}
			deps = []wire.Hash{h}
			s.docs[doc] = append(s.docs[doc], store.Stored{Seq: seq + 1, Hash: h, Sealed: seal.Sealed{Chunk: chunk, Seal: &seal.Seal{}}})
		}
	}
	s.items[setVault] = []store.Item{{ID: seedOf("x"), Blob: []byte("blob")}}
	return s
}

func (s *shelf) Documents(_ context.Context, want func(store.DocID) bool, _ func(store.DocID, [32]byte) bool) (out []Document, err error) {
	for _, id := range slices.Sorted(maps.Keys(s.docs)) {
		if want(id) {
			tips, _ := s.Vector(context.Background(), id)
			out = append(out, Document{ID: id, Shape: store.Records, Digest: store.VectorDigest(id, tips), Tips: tips})
		}
	}
	return out, nil
}

func (s *shelf) Vector(_ context.Context, doc store.DocID) ([]store.Tip, error) {
	list := s.docs[doc]
	if len(list) == 0 {
		return nil, nil
	}
	last := list[len(list)-1]
	return []store.Tip{{Actor: wire.Actor{1}, Seq: last.Seq, Hash: last.Hash}}, nil
}

func (s *shelf) After(_ context.Context, doc store.DocID, _ wire.Actor, seq uint64, limit int) ([]store.Stored, error) {
	list := s.docs[doc]
	list = list[min(seq, uint64(len(list))):]
	return list[:min(limit, len(list))], nil
}

func (s *shelf) Histories(_ context.Context, doc store.DocID, _ wire.Actor, first uint64) ([]store.Stored, error) {
	list := s.docs[doc]
	return list[min(first-1, uint64(len(list))):], nil
}

func (s *shelf) Items(_ context.Context, set string) ([]store.Item, error) { return s.items[set], nil }

func (s *shelf) AddItems(_ context.Context, _ string, items []store.Item) (int, error) {
	return len(items), nil
}

func (s *shelf) MayRead([32]byte, store.DocID) bool           { return true }
func (s *shelf) MaySet([32]byte, string) bool                 { return true }
func (s *shelf) CheckItem([32]byte, string, store.Item) error { return nil }
func (s *shelf) Admit(_ context.Context, _ string, doc store.DocID, items []seal.Sealed) (admit.Result, error) {
	s.admits++
	size := 0
	for _, it := range items {
		size += len(it.Chunk)
	}
	s.biggest = max(s.biggest, size)
	return admit.Result{Admitted: len(items) % 2, Waiting: (len(items) + 1) % 2}, nil
}

func (s *shelf) session(t testing.TB) *Session {
	t.Helper()
	x, err := New(context.Background(), Config{
		Source: s, Policy: s, Community: community, Rand: rand.NewChaCha8([32]byte{1}), Clock: func() int64 { return 1 },
	})
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// FuzzHandle feeds a session a sequence of frames: the input is cut into
// frames by length bytes. mode chooses how far the session has come. Nothing
// may panic, an error must be typed, and after an error nothing is said.
func FuzzHandle(f *testing.F) {
	s := newShelf(f)
	other := &shelf{docs: map[store.DocID][]store.Stored{}, items: map[string][]store.Item{}}
	f.Add(byte(0), []byte{})
	for mode := range byte(3) {
		a, b := s.session(f), other.session(f)
		for range 12 {
			for fr, ok := a.Next(); ok; fr, ok = a.Next() {
				f.Add(mode, joined(fr))
				_ = b.Handle(fr)
			}
			for fr, ok := b.Next(); ok; fr, ok = b.Next() {
				f.Add(mode, joined(fr))
				_ = a.Handle(fr)
			}
		}
	}
	f.Fuzz(func(t *testing.T, mode byte, in []byte) {
		shelf := newShelf(t)
		s := shelf.session(t)
		if mode%3 > 0 {
			greetFor(t, s, mode%3 == 2, shelf)
		}
		for len(in) > 1 {
			n := int(in[0])<<8 | int(in[1])
			in = in[2:]
			n = min(n, len(in))
			err := s.Handle(in[:n:n])
			in = in[n:]
			for range 50 {
				if _, ok := s.Next(); !ok {
					break
				}
			}
			if err != nil {
				checkTyped(t, err)
				if _, ok := s.Next(); ok {
					t.Fatal("it talks after an error")
				}
				return
			}
		}
		if shelf.biggest > maxPayload {
			t.Fatalf("a batch of %d bytes", shelf.biggest)
		}
	})
}

func joined(fr []byte) []byte {
	return append([]byte{byte(len(fr) >> 8), byte(len(fr))}, fr...)
}

// greetFor brings s behind the hello: with an empty peer, or an equal one.
func greetFor(t *testing.T, s *Session, equal bool, mine *shelf) {
	t.Helper()
	peer := &shelf{docs: map[store.DocID][]store.Stored{}, items: map[string][]store.Item{}}
	if equal {
		peer = mine
	}
	h, ok := peer.session(t).Next()
	if !ok {
		t.Fatal("no hello")
	}
	if err := s.Handle(h); err != nil {
		t.Fatal(err)
	}
	for range 50 {
		if _, ok := s.Next(); !ok {
			break
		}
	}
}

func checkTyped(t *testing.T, err error) {
	t.Helper()
	var own *StoreError
	for _, e := range []error{ErrNewer, ErrOlder, ErrCommunity, ErrMalformed, ErrTooLarge, ErrOrder, ErrRefused, ErrFlood} {
		if errors.Is(err, e) {
			return
		}
	}
	if errors.As(err, &own) {
		t.Fatalf("the peer's frame made our own failure: %v", err)
	}
	t.Fatalf("untyped: %v", err)
}

// The salt is the same at both ends.
func TestSalt(t *testing.T) {
	a, b := newShelf(t).session(t), newShelf(t).session(t)
	a.nonce, b.nonce = [nonceSize]byte{1}, [nonceSize]byte{2}
	a.mixSalt(b.nonce)
	b.mixSalt(a.nonce)
	if a.salt != b.salt || a.salt == ([2 * nonceSize]byte{}) {
		t.Errorf("%x %x", a.salt, b.salt)
	}
}
