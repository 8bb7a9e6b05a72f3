package engine

import (
	"errors"
	"slices"
	"testing"

	"jishan/crdt/wire"
)

// A program that never calls RunChildIfAsked must not start itself again and
// again.
func TestNoChildWithoutRunChildIfAsked(t *testing.T) {
	was := ready.Swap(false)
	defer ready.Store(was)
	_, err := New(Options{}).Verify(t.Context(), slices.Values[[]wire.Chunk](nil))
	want := ErrNoChild
	if !available {
		want = ErrUnavailable
	}
	if !errors.Is(err, want) {
		t.Error(err)
	}
}

func TestRegisterFrame(t *testing.T) {
	held := []Held{
		{wire.OpID{Counter: 1 << 31, Actor: wire.Actor{1}}, wire.BytesValue([]byte{0xff, 0})},
		{wire.OpID{Counter: 1, Actor: wire.Actor{2}}, wire.IntValue(-1 << 63)},
	}
	f := registerFrame("键", held)
	key, got, err := parseRegister(f.data)
	if err != nil || key != "键" || !slices.Equal(got, held) {
		t.Errorf("%q %v %v", key, got, err)
	}
	for n := range f.data {
		if _, got, err := parseRegister(f.data[:n]); err == nil && len(got) != 1 {
			t.Errorf("cut at %d: %v", n, got)
		}
	}
}
