// Package engine asks automerge-go, the reference implementation, what it
// thinks of a document: to verify it, to save it compactly, and to read files
// of other Automerge tools.
//
// The library aborts the whole process on some bytes, so it runs in a child
// process of the same program: a bad document costs a verdict, never the till.
// This is the only package that imports automerge-go, and no other byte of a
// remote device may reach that library outside the child. It must never know
// what documents mean or where they are stored.
//
// The library exists for Linux and macOS with cgo. Everywhere else the package
// compiles and every question is answered with [ErrUnavailable].
//
// Start reading at [Judge]; what the child does is in judge.go.
package engine

import (
	"context"
	"errors"
	"iter"
	"time"

	"jishan/crdt/wire"
)

var (
	// ErrUnavailable: this build of the program has no automerge-go.
	ErrUnavailable = errors.New("engine: this build has no Automerge library (it needs cgo on Linux or macOS, amd64 or arm64)")
	// ErrJudgeDied: the child process ended before it had answered, as bad
	// bytes make the library do; the next question gets a new child.
	ErrJudgeDied = errors.New("engine: the Automerge process died, most likely of bad bytes")
	// ErrRefused: the library says that the document is wrong, and why.
	ErrRefused = errors.New("engine: Automerge refuses the document")
	// ErrTooLarge: the document exceeds MaxInput.
	ErrTooLarge = errors.New("engine: document too large to judge")
	// ErrNoChild: the program never called RunChildIfAsked, so starting it
	// again would run something else.
	ErrNoChild = errors.New("engine: the program does not call engine.RunChildIfAsked")
)

// MaxInput bounds the bytes of one document on its way to the child and of the
// answer on its way back. It is ten times the largest document planned for:
// 100,000 changes of 290 bytes.
const MaxInput = 512 << 20

// Options of a Judge; zero fields take the defaults.
type Options struct {
	// Timeout bounds one question; by default DefaultTimeout.
	Timeout time.Duration
	// Memory bounds the child's private memory in bytes where the system
	// enforces it (Linux); by default DefaultMemory.
	Memory uint64
	// Program is the executable to start as the child; by default the running
	// one, which must have called RunChildIfAsked.
	Program string
}

const (
	// DefaultTimeout is fifty times what the largest document takes.
	DefaultTimeout = 5 * time.Minute
	// DefaultMemory lets 100,000 changes be judged (1 to 2 GiB) and still
	// leaves room on a PC with 8 GiB.
	DefaultMemory = 4 << 30
)

// Judge asks the questions. It has no state between them and may be used by
// several goroutines at once; each question is a process of its own.
type Judge struct{ opts Options }

// New returns a judge. It starts nothing.
func New(opts Options) *Judge {
	if opts.Timeout == 0 {
		opts.Timeout = DefaultTimeout
	}
	if opts.Memory == 0 {
		opts.Memory = DefaultMemory
	}
	return &Judge{opts}
}

// Held is one visible value and the operation that put it there.
type Held struct {
	ID    wire.OpID
	Value wire.Value
}

// Verdict is what Automerge makes of a document.
type Verdict struct {
	Heads   []wire.Hash // ascending
	Changes int
	// Registers holds for every key of the root map all visible values, the
	// shown one first.
	Registers map[string][]Held
}

// Verify loads the changes of one document, given in causal order, and
// returns what Automerge makes of them. It also has the library save the
// document and load the saved file again. A change whose dependencies are
// missing, or that comes twice, is an error.
//
// automerge-go can't list conflict sets, so they are found out by experiment on
// a copy: deleting a key names all operations that the library sees there, and
// removing the shown value brings up the next one.
//
// Errors: ErrUnavailable, ErrJudgeDied, ErrRefused, ErrTooLarge, ErrNoChild,
// and those of ctx.
func (j *Judge) Verify(ctx context.Context, changes iter.Seq[wire.Chunk]) (Verdict, error) {
	v := Verdict{Registers: map[string][]Held{}}
	err := j.ask(ctx, askVerify, chunkFrames(changes), v.add)
	if err != nil {
		return Verdict{}, err
	}
	return v, nil
}

// Export returns the document that consists of these changes, given in causal
// order, as a compact Automerge file. Errors are those of Verify.
func (j *Judge) Export(ctx context.Context, changes iter.Seq[wire.Chunk]) ([]byte, error) {
	var file []byte
	err := j.ask(ctx, askExport, chunkFrames(changes), func(f frame) error {
		if f.kind != framePart {
			return errProtocol
		}
		file = append(file, f.data...)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return file, nil
}

// Import returns all changes of an Automerge file in causal order, as chunks of
// type 1. They need not be of our shape: wire.Decode tells. Errors are those
// of Verify.
func (j *Judge) Import(ctx context.Context, file []byte) ([]wire.Chunk, error) {
	var chunks []wire.Chunk
	err := j.ask(ctx, askImport, partFrames(file), func(f frame) error {
		if f.kind != frameChunk {
			return errProtocol
		}
		chunks = append(chunks, wire.Chunk(f.data))
		return nil
	})
	if err != nil {
		return nil, err
	}
	return chunks, nil
}
