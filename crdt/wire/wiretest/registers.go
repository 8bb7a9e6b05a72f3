// Package wiretest is for tests only: it makes random histories of a document
// and says, with the simplest code there is, what they must come to. Packages
// that keep documents compare themselves with it; the tests of crdt/engine
// compare it with Automerge itself.
//
// It must never be imported by the product. Start reading at [Registers], then
// at [Random].
package wiretest

import (
	"slices"

	"jishan/crdt/wire"
)

// Held is one visible value of a key and the operation that put it there.
type Held struct {
	ID    wire.OpID
	Value wire.Value
}

// Registers are the visible values of a document: for every key its conflict
// set, the shown value first. Keys that are deleted are absent.
//
// The merge rule: an operation replaces those that it names as predecessors;
// what is left is the conflict set; the greatest id is shown.
type Registers map[string][]Held

// Apply adds a change, whose dependencies must have been applied before.
func (r Registers) Apply(c *wire.Change) {
	for i, op := range c.Ops {
		held := slices.DeleteFunc(slices.Clone(r[op.Key]), func(h Held) bool {
			return slices.Contains(op.Pred, h.ID)
		})
		if !op.Delete {
			held = append(held, Held{wire.OpID{Counter: c.StartOp + uint64(i), Actor: c.Actor}, op.Value})
		}
		slices.SortFunc(held, func(a, b Held) int { return b.ID.Compare(a.ID) })
		if r[op.Key] = held; len(held) == 0 {
			delete(r, op.Key)
		}
	}
}

// Preds returns the operations that a new one on key replaces, ascending.
func (r Registers) Preds(key string) []wire.OpID {
	var ids []wire.OpID
	for _, h := range r[key] {
		ids = append(ids, h.ID)
	}
	slices.Reverse(ids)
	return ids
}
