package sync

import (
	"slices"
	"sync"

	"jishan/crdt/store"
)

// packedBytes and packedDocs bound the packed batches that wait for other
// sessions.
const (
	packedBytes = 2 * batchBytes
	packedDocs  = 1024
)

// packs keeps the batches made last, packed, one for each document: what is new
// here goes to everybody who is connected, and most of them lack the same.
type packs struct {
	mu      sync.Mutex
	batches map[store.DocID]packedBatch
	bytes   int
}

// packedBatch is a batch for whoever was told this much, while we hold this much.
type packedBatch struct {
	told   vector
	held   []store.Tip
	packed []byte // flags and payload
	packing
}

// packing is what a session notes of a batch that goes out.
type packing struct {
	n          uint64 // changes
	after      vector // what the peer has then
	more       bool   // of this document, for the next frame
	unsendable bool
}

// sharing is a Source that all sessions of a store use together.
type sharing interface{ shared() *packs }

func (s *stored) shared() *packs { return &s.packs }

func (p *packs) find(doc store.DocID, told vector, held []store.Tip) (packedBatch, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	b, ok := p.batches[doc]
	return b, ok && slices.Equal(b.told, told) && slices.Equal(b.held, held)
}

func (p *packs) put(doc store.DocID, b packedBatch) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.bytes -= len(p.batches[doc].packed); p.batches == nil || p.bytes+len(b.packed) > packedBytes || len(p.batches) >= packedDocs {
		p.batches, p.bytes = map[store.DocID]packedBatch{}, 0
	}
	p.batches[doc] = b
	p.bytes += len(b.packed)
}
