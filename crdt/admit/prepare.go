package admit

import (
	"cmp"
	"crypto/sha256"
	"runtime"
	"slices"
	"sync"

	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// piece is one change on its way through admission.
type piece struct {
	seal.Sealed
	at    int // place in the batch
	from  string
	head  wire.Head
	cert  *seal.Certificate // nil: not known here
	run   []*piece          // what one seal covers, this piece included; nil: nothing covers it
	inRun int
	bad   string // why it is refused before any document is asked
}

// parse checks sizes, headers, checksums and hashes.
func parse(from string, items []seal.Sealed) []*piece {
	pieces := make([]*piece, len(items))
	for i, s := range items {
		p := &piece{Sealed: s, at: i, from: from}
		var err error
		if p.head, err = wire.Peek(s.Chunk); err != nil {
			p.bad = reasonOf(err, codeDamaged)
			p.head.Hash = sha256.Sum256(s.Chunk)
		}
		pieces[i] = p
	}
	return pieces
}

// distinct drops repetitions, keeping a sealed copy where there is one, and
// sorts by actor and sequence number; in a feed, history by history.
func distinct(pieces []*piece, shape store.Shape) []*piece {
	seen := make(map[wire.Hash]int, len(pieces))
	list := make([]*piece, 0, len(pieces))
	for _, p := range pieces {
		if p.bad != "" {
			list = append(list, p)
			continue
		}
		i, again := seen[p.head.Hash]
		switch {
		case !again:
			seen[p.head.Hash] = len(list)
			list = append(list, p)
		case list[i].Seal == nil && p.Seal != nil:
			list[i] = p
		}
	}
	slices.SortStableFunc(list, func(a, b *piece) int {
		return cmp.Or(a.head.Actor.Compare(b.head.Actor), cmp.Compare(a.head.Seq, b.head.Seq))
	})
	if shape != store.Feed {
		return list
	}
	return byChain(list)
}

// cover groups sorted pieces into runs that one seal speaks for. In a records
// document every change has its own.
func cover(pieces []*piece, shape store.Shape) (runs [][]*piece) {
	var open []*piece
	for _, p := range pieces {
		if p.bad != "" {
			continue
		}
		if len(open) > 0 && (shape != store.Feed || !follows(open[len(open)-1], p) || len(open) == seal.MaxRun) {
			open = nil
		}
		open = append(open, p)
		if p.Seal == nil {
			continue
		}
		for i, q := range open {
			q.run, q.inRun = open, i
		}
		runs = append(runs, open)
		open = nil
	}
	return runs
}

// follows says that q is the change of the same feed that names p as the one
// before it.
func follows(p, q *piece) bool {
	return q.head.Actor == p.head.Actor && q.head.Seq == p.head.Seq+1 &&
		len(q.head.Deps) == 1 && q.head.Deps[0] == p.head.Hash
}

// verify checks the runs' seals against the certificates, on all cores: it is
// most of what admission costs.
func verify(doc store.DocID, runs [][]*piece, certs map[wire.Actor]*seal.Certificate) {
	if len(runs) <= 16 { // not worth a second goroutine
		for _, run := range runs {
			verifyRun(doc, run, certs[run[0].head.Actor])
		}
		return
	}
	var wg sync.WaitGroup
	workers := min(runtime.GOMAXPROCS(0), (len(runs)+15)/16)
	for w := range workers {
		wg.Go(func() {
			for i := w; i < len(runs); i += workers {
				verifyRun(doc, runs[i], certs[runs[i][0].head.Actor])
			}
		})
	}
	wg.Wait()
}

func verifyRun(doc store.DocID, run []*piece, cert *seal.Certificate) {
	for _, p := range run {
		p.cert = cert
	}
	last := run[len(run)-1]
	if cert == nil || seal.Verify(*cert, string(doc), last.head.Seq, last.head.Hash, *last.Seal) == nil {
		return
	}
	last.bad = reasonSeal
	for _, p := range run {
		p.run = nil
	}
}

// authors lists who wrote the pieces, which are sorted by author.
func authors(pieces []*piece) (list []wire.Actor) {
	for _, p := range pieces {
		if p.bad == "" && (len(list) == 0 || list[len(list)-1] != p.head.Actor) {
			list = append(list, p.head.Actor)
		}
	}
	return list
}

// prove does for distinct pieces all that needs no document: they are covered by
// seals, and these are verified.
func prove(doc store.DocID, shape store.Shape, pieces []*piece, certs map[wire.Actor]*seal.Certificate) {
	verify(doc, cover(pieces, shape), certs)
	for _, p := range pieces {
		if p.bad == "" && p.run == nil {
			p.bad = reasonUncovered
		}
	}
}
