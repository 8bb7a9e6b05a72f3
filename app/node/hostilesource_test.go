package node

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"slices"
	"strings"

	"jishan/crdt/admit"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	crdtsync "jishan/crdt/sync"
	"jishan/crdt/wire"
)

// What the liar's session is told that it holds: crdtsync.Source and Policy.

// Documents implements crdtsync.Source: true documents, some with digests and
// vectors that are lies, and some that nobody has.
func (a *attacker) Documents(_ context.Context, want func(store.DocID) bool, _ func(store.DocID, [32]byte) bool) (out []crdtsync.Document, err error) {
	for _, id := range a.docs {
		if !want(id) {
			continue
		}
		tips, _ := a.Vector(context.Background(), id)
		d := crdtsync.Document{ID: id, Shape: store.Records, Digest: store.VectorDigest(id, tips), Tips: tips}
		if a.rng.IntN(3) == 0 {
			d.Digest = [32]byte(a.noise(32))
		}
		out = append(out, d)
	}
	return out, nil
}

// Vector implements crdtsync.Source.
func (a *attacker) Vector(_ context.Context, doc store.DocID) ([]store.Tip, error) {
	tips := map[wire.Actor]store.Tip{}
	for _, c := range a.given[doc] {
		if ch, h, err := wire.Decode(c.Chunk); err == nil && ch.Seq > tips[ch.Actor].Seq {
			tips[ch.Actor] = store.Tip{Actor: ch.Actor, Seq: ch.Seq, Hash: h}
		}
	}
	me := a.inc.Actor()
	var out []store.Tip
	for _, x := range tips {
		if a.rng.IntN(12) == 0 {
			x.Seq += a.rng.Uint64N(1 << 40)
		}
		if x.Actor != me {
			out = append(out, x)
		}
	}
	// Its own are always ahead of what it said last: there is something to ask for.
	a.claimed += 1 + a.rng.Uint64N(1<<20)
	out = append(out, store.Tip{Actor: me, Seq: a.claimed, Hash: wire.Hash(a.noise(32))})
	slices.SortFunc(out, func(x, y store.Tip) int { return x.Actor.Compare(y.Actor) })
	return out, nil
}

// After implements crdtsync.Source: changes that it makes up. What it aims goes
// alone, or one would stand in another's way.
func (a *attacker) After(_ context.Context, doc store.DocID, actor wire.Actor, seq uint64, limit int) (out []store.Stored, err error) {
	p := a.spots[doc]
	if p != nil && (p.kind == ownFeed || a.rng.IntN(4) > 0) {
		if actor == a.inc.Actor() {
			out = a.aim(doc, p)
		}
	} else {
		for n := range min(limit, 1+a.rng.IntN(8)) {
			x, err := a.wild(doc, actor, seq+uint64(n)+1)
			if err != nil {
				break // it may be unable to say what it would like to
			}
			out = append(out, x)
		}
	}
	if len(out) > 0 { // and there is no more
		if out[len(out)-1].Seq = a.claimed; actor != a.inc.Actor() {
			out[len(out)-1].Seq = 1 << 50
		}
	}
	return out, nil
}

// Histories implements crdtsync.Source.
func (a *attacker) Histories(ctx context.Context, doc store.DocID, actor wire.Actor, first uint64) ([]store.Stored, error) {
	return a.After(ctx, doc, actor, first, seal.MaxRun)
}

// Items implements crdtsync.Source.
func (a *attacker) Items(_ context.Context, set string) ([]store.Item, error) {
	out := []store.Item{{ID: wire.Hash(a.noise(32)), Blob: a.noise(1 + a.rng.IntN(200))}}
	if set == store.SetIncarnation {
		out = append(out, store.Item{ID: a.inc.ID(), Blob: a.inc.Certificate.Encode()})
	}
	return out, nil
}

// AddItems implements crdtsync.Source: it needs nothing.
func (a *attacker) AddItems(context.Context, string, []store.Item) (int, error) { return 0, nil }

// MayRead implements crdtsync.Policy.
func (a *attacker) MayRead([32]byte, store.DocID) bool { return true }

// MaySet implements crdtsync.Policy.
func (a *attacker) MaySet([32]byte, string) bool { return true }

// CheckItem implements crdtsync.Policy.
func (a *attacker) CheckItem([32]byte, string, store.Item) error { return nil }

// Admit implements crdtsync.Policy.
func (a *attacker) Admit(_ context.Context, _ string, _ store.DocID, items []seal.Sealed) (admit.Result, error) {
	return admit.Result{Admitted: len(items)}, nil
}

// wild makes up one change that is wrong in more than one way: with a seal of its
// own that fits, and something wrong inside; or a true one where it does not belong.
func (a *attacker) wild(doc store.DocID, actor wire.Actor, seq uint64) (store.Stored, error) {
	ch := wire.Change{Actor: a.inc.Actor(), Seq: seq, StartOp: seq, Time: a.began,
		Message: seal.Context{Operator: "经办人乙", Action: "people.register"}.String(),
		Ops:     []wire.Op{{Key: fmt.Sprintf("person/%d/name", a.rng.IntN(50)), Value: wire.BytesValue(a.noise(1 + a.rng.IntN(60)))}}}
	if p := a.spots[doc]; p != nil && p.seq > 0 {
		ch.Seq, ch.Deps = p.seq+1+a.rng.Uint64N(70), []wire.Hash{p.hash}
	}
	kind := []string{"replayed", "forgedDependency", "duplicate", "future", "deep", "manyDependencies", "anotherActor", "checksumAlone", "endless", "clock"}[a.rng.IntN(10)]
	a.did[kind]++
	switch kind {
	case "replayed":
		from := a.given[a.docs[a.rng.IntN(len(a.docs))]]
		if len(from) > 0 {
			x := from[a.rng.IntN(len(from))]
			return store.Stored{Seq: seq, Hash: x.Hash, Sealed: x.Sealed}, nil
		}
	case "forgedDependency":
		ch.Deps = []wire.Hash{wire.Hash(a.noise(32))}
	case "duplicate":
		ch.Seq = 1
	case "future":
		ch.Seq, ch.StartOp = a.rng.Uint64()>>1, a.rng.Uint64()>>1
	case "deep":
		ch.Ops[0].Key = "person/" + strings.Repeat("1/", 200) + "name"
	case "manyDependencies":
		for range 200 {
			ch.Deps = append(ch.Deps, wire.Hash(a.noise(32)))
		}
		slices.SortFunc(ch.Deps, func(x, y wire.Hash) int { return bytes.Compare(x[:], y[:]) })
	case "anotherActor":
		ch.Actor = actor
	case "endless":
		for i := range 300 {
			ch.Ops = append(ch.Ops, wire.Op{Key: fmt.Sprintf("z/%04d", i), Value: wire.BytesValue(a.noise(8))})
		}
	case "clock":
		ch.Time = a.rng.Int64() >> 8
	}
	chunk, h, err := ch.Encode()
	if err != nil {
		return store.Stored{}, err
	}
	if kind == "checksumAlone" {
		chunk, h = a.rechecked(chunk)
	}
	s := a.inc.Seal(string(doc), ch.Seq, h)
	return store.Stored{Seq: ch.Seq, Hash: h, Sealed: seal.Sealed{Chunk: chunk, Seal: &s}}, nil
}

// rechecked spoils a chunk's contents and mends its checksum.
func (a *attacker) rechecked(chunk wire.Chunk) (wire.Chunk, wire.Hash) {
	const head = 8 // magic and checksum
	b := bytes.Clone(chunk)
	for range 1 + a.rng.IntN(3) {
		b[head+2+a.rng.IntN(len(b)-head-2)] ^= 1 << a.rng.IntN(8)
	}
	h := sha256.Sum256(b[head:])
	copy(b[4:head], h[:4])
	return b, h
}
