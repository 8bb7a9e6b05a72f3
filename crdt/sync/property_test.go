package sync

import (
	"flag"
	"fmt"
	"os"
	"testing"

	"jishan/crdt/store"

	"pgregory.net/rapid"
)

// A case opens three databases with synced commits: a dozen say more than
// their time costs elsewhere. -rapid.checks raises it.
func TestMain(m *testing.M) {
	flag.Parse()
	given := false
	flag.Visit(func(f *flag.Flag) { given = given || f.Name == "rapid.checks" })
	if !given {
		if err := flag.Set("rapid.checks", "12"); err != nil {
			panic(err)
		}
	}
	os.Exit(m.Run())
}

// world is three devices, the sessions between them, and what became of old
// ones.
type world struct {
	*rapid.T
	devs  []*device
	pipes map[[2]int]*pipe
	old   [][][]byte // frames of whole sessions, as one side sent them
	keys  int
}

var pairs = [][2]int{{0, 1}, {1, 2}, {0, 2}}

func (w *world) pair() [2]int { return pairs[rapid.IntRange(0, 2).Draw(w.T, "pair")] }
func (w *world) dev() *device { return w.devs[rapid.IntRange(0, 2).Draw(w.T, "device")] }

func (w *world) write() {
	d := w.dev()
	switch rapid.IntRange(0, 4).Draw(w.T, "what") {
	case 0:
		d.append(rapid.IntRange(1, 150).Draw(w.T, "entries"))
	case 1, 2:
		doc := docID(fmt.Sprintf("people/%02d", rapid.IntRange(0, 3).Draw(w.T, "shard")))
		d.put(doc, fmt.Sprintf("person/%d/name", rapid.IntRange(0, 3).Draw(w.T, "person")), rapid.StringN(1, 20, 60).Draw(w.T, "name"))
	case 3:
		d.update(func(tx *store.Tx) error { // one writer of governance, as in life
			_, err := tx.Append(docID("gov/"+d.name), "role", []byte("x"))
			return err
		})
	case 4:
		w.keys++
		d.addItem(setVault, store.Item{ID: seedOf(fmt.Sprint("k", w.keys/2)), Blob: []byte{byte(w.keys)}, Gone: w.keys%5 == 0})
	}
}

// run moves some frames, in one direction more than in the other.
func (w *world) run() {
	at := w.pair()
	p := w.pipes[at]
	if p == nil {
		p = connect(w.devs[at[0]], w.devs[at[1]])
		w.pipes[at] = p
	}
	for range rapid.IntRange(1, 8).Draw(w.T, "hops") {
		p.hop(w.T)
	}
}

// cut ends a session in the middle of what is under way: each side still gets
// some first part of it.
func (w *world) cut() {
	at := w.pair()
	p := w.pipes[at]
	if p == nil {
		return
	}
	toB, toA := p.fill(p.a), p.fill(p.b)
	for _, f := range toB[:rapid.IntRange(0, len(toB)).Draw(w.T, "toB")] {
		p.handle(w.T, p.b, f)
	}
	for _, f := range toA[:rapid.IntRange(0, len(toA)).Draw(w.T, "toA")] {
		p.handle(w.T, p.a, f)
	}
	w.old = append(w.old, toB, toA)
	p.cut()
	delete(w.pipes, at)
}

// replay gives a whole old session's frames to a new one, out of its order or
// twice: it may end the session, never harm the store.
func (w *world) replay() {
	if len(w.old) == 0 {
		return
	}
	frames := rapid.SampledFrom(w.old).Draw(w.T, "session")
	d := w.dev()
	before := d.digests(nil)
	s := d.session(seedOf("somebody"))
	for _, f := range append(frames, frames...) {
		if s.Handle(f) != nil {
			break
		}
		for _, ok := s.Next(); ok; _, ok = s.Next() {
		}
	}
	d.drop(s)
	if after := d.digests(nil); len(after) < len(before) {
		w.Fatalf("documents were lost")
	}
}

func TestAnyOrderOfMeeting(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		dir, err := os.MkdirTemp("", "sync")
		if err != nil {
			t.Fatal(err)
		}
		defer os.RemoveAll(dir)
		w := &world{T: t, pipes: map[[2]int]*pipe{}}
		for _, n := range []string{"a", "b", "c"} {
			d := newDevice(t, dir, n)
			defer d.close()
			w.devs = append(w.devs, d)
		}
		for range rapid.IntRange(1, 25).Draw(t, "steps") {
			switch rapid.IntRange(0, 6).Draw(t, "step") {
			case 0, 1, 2:
				w.write()
			case 3, 4:
				w.run()
			case 5:
				w.cut()
			case 6:
				w.replay()
			}
		}
		w.heal()
	})
}

// heal cuts everything off once more, and lets the devices meet in a line,
// twice: then all is equal, and a third meeting is two hellos a pair.
func (w *world) heal() {
	for at, p := range w.pipes {
		p.cut()
		delete(w.pipes, at)
	}
	line := pairs[:2]
	for range 2 {
		for _, at := range line {
			p := connect(w.devs[at[0]], w.devs[at[1]])
			p.settle(w.T)
			p.cut()
		}
	}
	same(w.T, w.devs...)
	for _, at := range line {
		p := connect(w.devs[at[0]], w.devs[at[1]])
		p.settle(w.T)
		if p.frames != 2 {
			w.Fatalf("%d frames between equal devices", p.frames)
		}
		if !p.a.Stats().InSync || !p.b.Stats().InSync {
			w.Fatalf("equal, but not said to be")
		}
		p.cut()
	}
}
