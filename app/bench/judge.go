package bench

import (
	"context"
	"errors"
	"time"

	"jishan/crdt/engine"
	"jishan/crdt/wire"
)

// runJudge has automerge-go load a document in a child of this process, and
// save it, and load what was saved, as an export does. This process holds
// nothing itself: a child's peak begins at its parent's.
func runJudge(ctx context.Context, w wires) error {
	in := incoming{w: w}
	start := time.Now()
	_, err := engine.New(engine.Options{}).Export(ctx, in.chunks)
	j := judged{Seconds: time.Since(start).Seconds(), Unavailable: errors.Is(err, engine.ErrUnavailable)}
	in.chunks(func(wire.Chunk) bool { return true }) // whoever writes must not be left waiting
	if in.err != nil {
		return in.err
	}
	if err != nil && !j.Unavailable {
		j.Failed = err.Error()
	}
	if j.RSS, err = childrenPeak(); err != nil {
		j.NoRSS = err.Error()
	}
	return w.report(j)
}

// incoming are chunks up to an empty message.
type incoming struct {
	w     wires
	ended bool
	err   error
}

func (in *incoming) chunks(yield func(wire.Chunk) bool) {
	for !in.ended {
		b, err := in.w.receive()
		in.err, in.ended = err, err != nil || len(b) == 0
		if in.ended || !yield(b) {
			return
		}
	}
}
