package sim

import (
	"bytes"
	"errors"
	"fmt"
	"math/rand/v2"

	"jishan/crdt/store"
	"jishan/crdt/sync"
)

// network joins every two devices by a link, on which frames lie in memory.
type network struct {
	w     *world
	links []*link
	up    map[[2]int]*link
	rules weather
	rng   *rand.Rand // of this step
}

// weather is what the network does to frames, per mille of each frame.
type weather struct{ drop, twice, swap, late int }

// link is one session between two devices, both sides.
type link struct {
	a, b    *device
	sa, sb  *sync.Session
	toA     [][]byte
	toB     [][]byte
	oneWay  bool // nothing arrives at a
	broken  bool
	swapped bool
}

func newNetwork(w *world) *network { return &network{w: w, up: map[[2]int]*link{}} }

// committed tells every session what a commit changed.
func (n *network) committed(d *device, c store.Commit) {
	for _, l := range n.links {
		switch d {
		case l.a:
			l.sa.Committed(c)
		case l.b:
			l.sb.Committed(c)
		}
	}
}

// reachable tells whether two devices can talk now.
func (n *network) reachable(a, b *device) bool {
	return a != b && !a.down && !b.down && !a.cut && !b.cut && !n.w.apart(a, b)
}

// connect opens the links that should be there and closes those that should
// not.
func (n *network) connect() error {
	kept := n.links[:0]
	for _, l := range n.links {
		if l.broken || !n.reachable(l.a, l.b) {
			l.close()
			delete(n.up, [2]int{l.a.n, l.b.n})
			continue
		}
		kept = append(kept, l)
	}
	n.links = kept
	for i, a := range n.w.devices {
		for j := i + 1; j < len(n.w.devices); j++ {
			b := n.w.devices[j]
			if n.up[[2]int{i, j}] != nil || !n.reachable(a, b) || a.pub() == b.pub() || !n.gate(a, b) {
				continue
			}
			if err := n.open(a, b); err != nil {
				return err
			}
		}
	}
	return nil
}

// gate: only devices of the charter may connect; one that knows no charter yet
// is a joiner whom the other invited.
func (n *network) gate(a, b *device) bool {
	ok := func(x, y *device) bool { return !x.charter.Known() || x.charter.MayConnect(y.pub(), x.clock()) }
	return ok(a, b) && ok(b, a)
}

func (n *network) open(a, b *device) (err error) {
	l := &link{a: a, b: b}
	if l.sa, err = a.session(b); err != nil {
		return err
	}
	if l.sb, err = b.session(a); err != nil {
		return err
	}
	n.links = append(n.links, l)
	n.up[[2]int{a.n, b.n}] = l
	return nil
}

// formats are the versions that the product writes.
var formats = map[string]uint64{"change": 1, "entry": 1, "gov": 1}

func (d *device) session(peer *device) (*sync.Session, error) {
	return sync.New(d.w.ctx, sync.Config{
		Source: d.source, Policy: d, Peer: peer.pub(), Community: d.charter.Community(),
		Formats: formats, Rand: d.w.source, Clock: d.clock,
	})
}

func (l *link) close() {
	l.sa.Close()
	l.sb.Close()
}

// dropAll ends every link of a device, as its process's end does.
func (n *network) dropAll(d *device) {
	kept := n.links[:0]
	for _, l := range n.links {
		if l.a == d || l.b == d {
			l.close()
			delete(n.up, [2]int{l.a.n, l.b.n})
			continue
		}
		kept = append(kept, l)
	}
	n.links = kept
}

// maxHops bounds what is said in one step: a community of a dozen devices
// that were apart for months needs some dozens.
const maxHops = 20000

// pump moves frames until all is silent.
func (n *network) pump() error {
	for hop := 0; ; hop++ {
		busy := false
		for _, l := range n.links {
			if l.broken {
				continue
			}
			moved, err := n.hop(l)
			if err != nil {
				return err
			}
			busy = busy || moved
		}
		if !busy {
			return nil
		}
		if hop > maxHops {
			return fail("silence", "the devices still talk after %d hops", hop)
		}
	}
}

// hop moves what a link's sides have to say now: one side's frames arrive
// before the other side speaks, which then says nothing that it just heard.
func (n *network) hop(l *link) (bool, error) {
	l.toB = n.say(l.sa, l.toB)
	toB := n.trouble(l, l.toB)
	l.toB = nil
	if err := n.deliver(l, l.b, l.sb, toB); err != nil {
		return true, err
	}
	l.toA = n.say(l.sb, l.toA)
	toA := n.trouble(l, l.toA)
	l.toA = nil
	if l.oneWay {
		toA = nil
	}
	err := n.deliver(l, l.a, l.sa, toA)
	l.broken = l.broken || l.swapped
	return len(toA)+len(toB) > 0 && !l.broken, err
}

func (n *network) deliver(l *link, d *device, s *sync.Session, frames [][]byte) error {
	for _, f := range frames {
		if err := n.hear(l, d, s, f); err != nil {
			return err
		}
	}
	return nil
}

func (n *network) say(s *sync.Session, out [][]byte) [][]byte {
	for {
		f, ok := s.Next()
		if !ok {
			return out
		}
		n.w.stats.bytes += int64(len(f))
		out = append(out, bytes.Clone(f))
	}
}

// trouble does to frames what a bad network does: where one is lost, what
// follows is lost too and the link breaks, as a stream does; doubled, swapped
// and late ones arrive as no stream would bring them, and the session must
// stand it or end. Two swapped ones are the last of their link: documents are
// numbered in the order in which they are named, so what came behind them would
// be taken for another document's.
func (n *network) trouble(l *link, frames [][]byte) [][]byte {
	r := n.rules
	if r == (weather{}) {
		return frames
	}
	out := make([][]byte, 0, len(frames))
	for _, f := range frames {
		switch x := n.rng.IntN(1000); {
		case x < r.drop:
			l.broken = true
			return out
		case x < r.drop+r.twice:
			out = append(out, f, f)
		case x < r.drop+r.twice+r.swap && len(out) > 0:
			l.swapped = true
			return append(out[:len(out)-1], f, out[len(out)-1])
		case x < r.drop+r.twice+r.swap+r.late:
			l.broken = true // what is late comes after the link was given up
			return out
		default:
			out = append(out, f)
		}
	}
	return out
}

// hear hands a frame over. What the session refuses ends the link; a failure
// of the own store ends the world.
func (n *network) hear(l *link, d *device, s *sync.Session, f []byte) error {
	if l.broken {
		return nil
	}
	err := s.Handle(f)
	var own *sync.StoreError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &own):
		if d.stale(err) {
			l.broken = true
			return nil
		}
		return fmt.Errorf("%s: %w", d, err)
	case n.rules == (weather{}) && !l.a.hostile && !l.b.hostile && !l.oneWay:
		return fail("session", "%s and %s fell out on a clean link: %v", l.a, l.b, err)
	}
	l.broken = true
	return nil
}

// stale notes that the product asks for a new incarnation.
func (d *device) stale(err error) bool {
	if !errors.Is(err, store.ErrNewIncarnation) && !errors.Is(err, store.ErrForked) {
		return false
	}
	d.w.renew = append(d.w.renew, d)
	return true
}
