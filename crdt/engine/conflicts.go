//go:build cgo && !android && !ios && (linux || darwin) && (amd64 || arm64)

package engine

import (
	"encoding/hex"
	"fmt"
	"math"
	"slices"

	"github.com/automerge/automerge-go"

	"jishan/crdt/wire"
)

// keysPerChange keeps the changes of the experiments within the limits of
// wire: 64 visible values a key.
const keysPerChange = 128

// registersOf returns all visible values of the root map's keys, the shown one
// first. The library has no call for it, so it is made to say it:
//
//  1. The change by which it deletes some keys names as predecessors all
//     operations that it sees there.
//  2. The shown value is read; then a change that replaces only the greatest
//     operation brings up the value of the next one, until none is left.
//
// The document is of no further use afterwards.
func registersOf(doc *automerge.Doc) (map[string][]Held, error) {
	shown, err := doc.RootMap().Values()
	if err != nil || len(shown) == 0 {
		return nil, err
	}
	keys := make([]string, 0, len(shown))
	for key := range shown {
		keys = append(keys, key)
	}
	slices.Sort(keys)
	registers, start, err := visible(doc, keys)
	if err != nil {
		return nil, err
	}
	p, err := newPeeler(doc, start)
	if err != nil {
		return nil, err
	}
	return registers, p.run(registers, keys)
}

// visible lists the operations on each key, the greatest first, without their
// values; and the counter that the document's next operation gets.
func visible(doc *automerge.Doc, keys []string) (map[string][]Held, uint64, error) {
	copied, err := doc.Fork()
	if err != nil {
		return nil, 0, err
	}
	// One head instead of perhaps many keeps the next changes small.
	if _, err := copied.Commit("", automerge.CommitOptions{AllowEmpty: true}); err != nil {
		return nil, 0, err
	}
	registers, start := make(map[string][]Held, len(keys)), uint64(0)
	for batch := range slices.Chunk(keys, keysPerChange) {
		c, err := deleteAll(copied, batch)
		if err != nil {
			return nil, 0, err
		}
		if start == 0 {
			start = c.StartOp
		}
		for _, op := range c.Ops {
			for _, id := range slices.Backward(op.Pred) {
				registers[op.Key] = append(registers[op.Key], Held{ID: id})
			}
		}
	}
	if len(registers) != len(keys) {
		return nil, 0, fmt.Errorf("%d keys, of which %d can be deleted", len(keys), len(registers))
	}
	return registers, start, nil
}

func deleteAll(doc *automerge.Doc, keys []string) (*wire.Change, error) {
	for _, key := range keys {
		if err := doc.RootMap().Delete(key); err != nil {
			return nil, err
		}
	}
	hash, err := doc.Commit("")
	if err != nil {
		return nil, err
	}
	change, err := doc.Change(hash)
	if err != nil {
		return nil, err
	}
	chunk, err := wire.Inflate(change.Save())
	if err != nil {
		return nil, err
	}
	c, _, err := wire.Decode(chunk)
	return c, err
}

// peeler takes the shown values of a document away, one layer after another.
type peeler struct {
	doc  *automerge.Doc
	next wire.Change // without operations
}

// newPeeler prepares changes of a new actor on top of the document.
func newPeeler(doc *automerge.Doc, start uint64) (*peeler, error) {
	p := &peeler{doc: doc, next: wire.Change{Seq: 1, StartOp: start}}
	actor, err := hex.DecodeString(automerge.NewActorID())
	if err != nil {
		return nil, err
	}
	p.next.Actor = wire.Actor(actor)
	hash, err := doc.Commit("", automerge.CommitOptions{AllowEmpty: true})
	p.next.Deps = []wire.Hash{wire.Hash(hash)}
	return p, err
}

// run fills in the values.
func (p *peeler) run(registers map[string][]Held, keys []string) error {
	for layer := 0; len(keys) > 0; layer++ {
		for _, key := range keys {
			v, err := p.doc.RootMap().Get(key)
			if err != nil {
				return err
			}
			if registers[key][layer].Value, err = scalar(v); err != nil {
				return fmt.Errorf("%q: %w", key, err)
			}
		}
		keys = slices.DeleteFunc(keys, func(key string) bool { return len(registers[key]) == layer+1 })
		for batch := range slices.Chunk(keys, keysPerChange) {
			if err := p.remove(registers, batch, layer); err != nil {
				return err
			}
		}
	}
	return nil
}

// remove deletes the values of one layer.
func (p *peeler) remove(registers map[string][]Held, keys []string, layer int) error {
	c := p.next
	for _, key := range keys {
		c.Ops = append(c.Ops, wire.Op{Key: key, Delete: true, Pred: []wire.OpID{registers[key][layer].ID}})
	}
	chunk, hash, err := c.Encode()
	if err != nil {
		return err
	}
	p.next.Seq++
	p.next.StartOp += uint64(len(keys))
	p.next.Deps = []wire.Hash{hash}
	return p.doc.LoadIncremental(chunk)
}

// scalar translates a value of the library.
func scalar(v *automerge.Value) (wire.Value, error) {
	switch v.Kind() {
	case automerge.KindNull:
		return wire.NullValue(), nil
	case automerge.KindBool:
		return wire.BoolValue(v.Bool()), nil
	case automerge.KindUint64:
		if v.Uint64() > math.MaxInt64 {
			return wire.Value{}, wire.ErrTooLarge
		}
		return wire.Value{Kind: wire.Uint, Num: int64(v.Uint64())}, nil
	case automerge.KindInt64:
		return wire.IntValue(v.Int64()), nil
	case automerge.KindStr:
		return wire.StringValue(v.Str()), nil
	case automerge.KindBytes:
		return wire.BytesValue(v.Bytes()), nil
	case automerge.KindTime:
		return wire.TimeValue(v.Time().UnixMilli()), nil
	}
	return wire.Value{}, fmt.Errorf("%w: %v", wire.ErrShape, v.Kind())
}
