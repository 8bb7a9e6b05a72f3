package engine

import (
	"bufio"
	"fmt"
	"io"
	"iter"
	"os"
	"strconv"
	"sync/atomic"
)

// ChildArg is the hidden sub-command by which the program starts itself as the
// child. What follows it is the question and the bound on memory in bytes.
const ChildArg = "automerge-judge"

// ready says that this program can be its own child.
var ready atomic.Bool

// RunChildIfAsked turns the process into the child and ends it, if it was
// started as one. main calls it before anything else, and so does the TestMain
// of every package whose tests use a Judge.
func RunChildIfAsked() {
	ready.Store(true)
	if len(os.Args) < 2 || os.Args[1] != ChildArg {
		return
	}
	if err := runChild(os.Args[2:], os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	os.Exit(0)
}

// runChild answers one question. A document that is refused is an answer; an
// error is a failure to answer.
func runChild(args []string, in io.Reader, out io.Writer) error {
	if len(args) != 2 {
		return errProtocol
	}
	memory, err := strconv.ParseUint(args[1], 10, 64)
	if err != nil {
		return err
	}
	if err := limitMemory(memory); err != nil {
		return err
	}
	w := bufio.NewWriterSize(out, partSize)
	last := frame{kind: frameEnd}
	q := &query{in: bufio.NewReaderSize(in, partSize)}
	if err := answer(args[0], q, func(f frame) error { return writeFrame(w, f) }); err != nil {
		if q.err != nil {
			return q.err
		}
		last = frame{frameRefused, []byte(err.Error())}
	}
	if err := writeFrame(w, last); err != nil {
		return err
	}
	return w.Flush()
}

// query is the question as the child reads it.
type query struct {
	in  io.Reader
	err error
}

// frames yields the data of the question's frames, which must be of one kind.
// What goes wrong is in err afterwards.
func (q *query) frames(kind byte) iter.Seq[[]byte] {
	return func(yield func([]byte) bool) {
		for total := 0; ; {
			f, err := readFrame(q.in)
			if err != nil {
				q.err = err
				return
			}
			if f.kind == frameEnd {
				return
			}
			if total += len(f.data); f.kind != kind || total > MaxInput {
				q.err = errProtocol
				return
			}
			if !yield(f.data) {
				return
			}
		}
	}
}
