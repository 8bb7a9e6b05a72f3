package wiretest

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"

	"jishan/crdt/wire"
)

// Shape says how large a random history gets.
type Shape struct {
	Replicas int // at most
	Steps    int // at most
	Keys     int // few keys make many conflicts
	MaxOps   int // operations of one change, at most
}

// Small is the shape for tests of many thousands of histories.
var Small = Shape{Replicas: 8, Steps: 16, Keys: 4, MaxOps: 4}

// Entry is one change as everybody sees it.
type Entry struct {
	Change *wire.Change
	Chunk  wire.Chunk
	Hash   wire.Hash
}

// Event is what happened at one replica: it made a change, or it received
// changes of others, in causal order.
type Event struct {
	Replica int
	Made    *Entry
	Got     []*Entry
}

// History is a run of a few replicas of one document.
type History struct {
	Events   []Event
	Replicas []*Replica
	Entries  []*Entry // all changes in an order that respects causality
}

// Replica is one device's copy of the document.
type Replica struct {
	Actor     wire.Actor
	Registers Registers
	Heads     []wire.Hash // ascending
	Entries   []*Entry    // in the order in which they came

	seq, maxOp uint64
	last       wire.Hash // of the own change number seq
	seen       map[wire.Hash]bool
}

// NewReplica returns an empty copy that writes as actor.
func NewReplica(actor wire.Actor) *Replica {
	return &Replica{Actor: actor, Registers: Registers{}, seen: map[wire.Hash]bool{}}
}

// Add applies a change whose dependencies are there already.
func (r *Replica) Add(e *Entry) {
	r.Registers.Apply(e.Change)
	r.Heads = slices.DeleteFunc(r.Heads, func(h wire.Hash) bool { return slices.Contains(e.Change.Deps, h) })
	r.Heads = append(r.Heads, e.Hash)
	slices.SortFunc(r.Heads, wire.Hash.Compare)
	r.Entries = append(r.Entries, e)
	r.seen[e.Hash] = true
	r.maxOp = max(r.maxOp, e.Change.StartOp+uint64(len(e.Change.Ops))-1)
	if e.Change.Actor == r.Actor {
		r.seq, r.last = e.Change.Seq, e.Hash
	}
}

// Make writes a change with these operations, whose predecessors it fills in.
func (r *Replica) Make(ops []wire.Op, time int64, message string) (*Entry, error) {
	c := &wire.Change{Actor: r.Actor, Seq: r.seq + 1, StartOp: r.maxOp + 1, Time: time, Message: message, Deps: r.deps(), Ops: ops}
	for i := range c.Ops {
		c.Ops[i].Pred = r.Registers.Preds(c.Ops[i].Key)
	}
	chunk, hash, err := c.Encode()
	if err != nil {
		return nil, err
	}
	e := &Entry{c, chunk, hash}
	r.Add(e)
	return e, nil
}

// deps are the heads and, as Automerge adds it, the author's last change.
func (r *Replica) deps() []wire.Hash {
	deps := slices.Clone(r.Heads)
	if r.seq > 0 && !slices.Contains(deps, r.last) {
		deps = append(deps, r.last)
		slices.SortFunc(deps, wire.Hash.Compare)
	}
	return deps
}

// Pull takes from another replica what this one has not got, and returns it.
func (r *Replica) Pull(from *Replica) []*Entry {
	var got []*Entry
	for _, e := range from.Entries {
		if !r.seen[e.Hash] {
			r.Add(e)
			got = append(got, e)
		}
	}
	return got
}

// Random makes a history; equal sources of randomness make equal histories. It
// panics if wire refuses a change that it should not.
func Random(rnd *rand.Rand, s Shape) *History {
	h := &History{}
	for range 1 + rnd.IntN(s.Replicas) {
		h.Replicas = append(h.Replicas, NewReplica(RandomActor(rnd)))
	}
	for range 1 + rnd.IntN(s.Steps) {
		i := rnd.IntN(len(h.Replicas))
		if j := rnd.IntN(len(h.Replicas)); j != i && rnd.IntN(3) == 0 {
			h.pull(i, j)
			continue
		}
		h.make(rnd, s, i)
	}
	return h
}

// Meet lets all replicas receive everything.
func (h *History) Meet() {
	for i := range h.Replicas[1:] {
		h.pull(0, i+1)
	}
	for i := range h.Replicas[1:] {
		h.pull(i+1, 0)
	}
}

func (h *History) pull(to, from int) {
	if got := h.Replicas[to].Pull(h.Replicas[from]); len(got) > 0 {
		h.Events = append(h.Events, Event{Replica: to, Got: got})
	}
}

func (h *History) make(rnd *rand.Rand, s Shape, i int) {
	r := h.Replicas[i]
	ops := RandomOps(rnd, s, r.Registers)
	if len(ops) == 0 {
		return
	}
	message := ""
	if rnd.IntN(2) == 0 {
		message = fmt.Sprintf("登记 %d", rnd.IntN(100))
	}
	e, err := r.Make(ops, rnd.Int64N(1<<42), message)
	if err != nil {
		panic(err)
	}
	h.Entries = append(h.Entries, e)
	h.Events = append(h.Events, Event{Replica: i, Made: e})
}

// RandomOps returns what somebody who sees regs might do in one change. It
// leaves out what Automerge itself does not write: deletes of absent
// keys, and puts of the only value that is there already.
func RandomOps(rnd *rand.Rand, s Shape, regs Registers) []wire.Op {
	var ops []wire.Op
	for _, k := range rnd.Perm(s.Keys)[:1+rnd.IntN(min(s.MaxOps, s.Keys))] {
		op := wire.Op{Key: fmt.Sprintf("activity/%d/标题", k)}
		held := regs[op.Key]
		if len(held) > 0 && rnd.IntN(4) == 0 {
			op.Delete = true
		} else if op.Value = RandomValue(rnd); len(held) == 1 && held[0].Value == op.Value {
			continue
		}
		ops = append(ops, op)
	}
	return ops
}

// RandomActor returns an actor id.
func RandomActor(rnd *rand.Rand) (a wire.Actor) {
	for i := range a {
		a[i] = byte(rnd.Uint32())
	}
	return a
}

// RandomValue returns a value of any type, often one that other calls return
// as well, sometimes one that makes other tools deflate the change.
func RandomValue(rnd *rand.Rand) wire.Value {
	switch rnd.IntN(10) {
	case 0:
		return wire.NullValue()
	case 1:
		return wire.BoolValue(rnd.IntN(2) == 0)
	case 2:
		return wire.Value{Kind: wire.Uint, Num: rnd.Int64() >> rnd.IntN(63)}
	case 3:
		return wire.IntValue(int64(rnd.Uint64()) >> rnd.IntN(64))
	case 4:
		return wire.TimeValue(rnd.Int64N(1 << 42))
	case 5:
		return wire.BytesValue([]byte(strings.Repeat("\xff\x00", rnd.IntN(200))))
	case 6:
		return wire.StringValue(strings.Repeat("社区花园浇水", rnd.IntN(60)))
	default:
		return wire.IntValue(int64(rnd.IntN(3)))
	}
}
