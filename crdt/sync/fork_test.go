package sync

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"

	"jishan/crdt/store"
)

// histories of the author x that a device holds: all changes, and those beside
// the first history.
func (d *device) histories(x *device) (all, beside int) {
	d.Helper()
	err := d.st.View(context.Background(), func(q store.Querier) error {
		list, err := store.Histories(q, x.feed(), x.inc.Actor(), 1)
		if err != nil {
			return err
		}
		branches, err := store.Branches(q, x.feed())
		all, beside = len(list), len(branches)
		return err
	})
	if err != nil {
		d.Fatal(err)
	}
	return all, beside
}

// TestBothBranchesEverywhere: two clones of one device go on apart, each meets
// another device, then these meet each other and a third: all hold both
// histories, have equal digests whichever came first, and are silent then.
func TestBothBranchesEverywhere(t *testing.T) {
	for _, c := range []struct{ common, left, right int }{{5, 3, 7}, {0, 1, 1}, {1, 400, 2}, {200, 150, 260}, {70, 1, 130}} {
		t.Run(fmt.Sprint(c), func(t *testing.T) {
			left, right := newDevice(t, t.TempDir(), "x"), newDevice(t, t.TempDir(), "x")
			t.Cleanup(left.close)
			t.Cleanup(right.close)
			list := devices(t, "a", "b", "c")
			a, b := list[0], list[1]
			if c.common > 0 {
				left.append(c.common)
				right.append(c.common)
			}
			right.rand = rand.NewChaCha8(seedOf("another life"))
			left.append(c.left)
			right.append(c.right)
			for _, p := range []*pipe{connect(a, left), connect(b, right)} {
				p.settle(t)
				p.cut()
			}
			ab := connect(a, b)
			ab.settle(t)
			same(t, a, b)
			settle(t, ab, connect(b, list[2]))
			same(t, list...)
			for _, d := range list {
				if all, beside := d.histories(left); all != c.common+c.left+c.right || beside != c.left && beside != c.right {
					t.Errorf("%s holds %d changes, %d of them in a branch", d.name, all, beside)
				}
				if !d.st.Forked(left.inc.Actor()) {
					t.Errorf("%s does not know of the fork", d.name)
				}
				digest := d.digests(nil)
				if err := d.st.Rebuild(context.Background()); err != nil {
					t.Fatal(err)
				}
				if d.digests(nil) != digest {
					t.Errorf("%s: another digest after a rebuild", d.name)
				}
			}
			for _, d := range list {
				d.live = nil
			}
			p := connect(a, list[2])
			p.settle(t)
			if p.frames != 2 {
				t.Errorf("%d frames between equal devices", p.frames)
			}
			for _, clone := range []*device{left, right} {
				p := connect(b, clone)
				p.settle(t)
				p.cut()
				same(t, b, clone)
			}
		})
	}
}
