package engine

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
)

// lastWords is how many bytes of a dying child's standard error are kept: the
// library's panic message is one line, and comes first.
const lastWords = 300

// ask starts a child, sends the question and hands each frame of the answer to
// take.
func (j *Judge) ask(ctx context.Context, question string, in iter.Seq[frame], take func(frame) error) error {
	if !available {
		return ErrUnavailable
	}
	program, err := j.program()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, j.opts.Timeout)
	defer cancel()
	c, err := start(ctx, program, question, j.opts.Memory)
	if err != nil {
		return err
	}
	err = c.send(in)
	if err == nil {
		err = c.receive(take)
	}
	return c.end(ctx, err)
}

func (j *Judge) program() (string, error) {
	if j.opts.Program != "" {
		return j.opts.Program, nil
	}
	if !ready.Load() {
		return "", ErrNoChild
	}
	return os.Executable()
}

// child is a running child process.
type child struct {
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout io.ReadCloser
	words  words
}

func start(ctx context.Context, program, question string, memory uint64) (*child, error) {
	c := &child{}
	c.cmd = exec.CommandContext(ctx, program, ChildArg, question, strconv.FormatUint(memory, 10))
	// Nothing of the parent's environment is the child's business. Without
	// tracebacks the library's own last words stay readable.
	c.cmd.Env = []string{"GOTRACEBACK=none"}
	c.cmd.Stderr = &c.words
	var err error
	if c.stdin, err = c.cmd.StdinPipe(); err != nil {
		return nil, err
	}
	if c.stdout, err = c.cmd.StdoutPipe(); err != nil {
		return nil, err
	}
	return c, c.cmd.Start()
}

// send writes the question. A child that stops listening has something to say
// or is dead; receive will find out which.
func (c *child) send(in iter.Seq[frame]) error {
	w := bufio.NewWriterSize(c.stdin, partSize)
	total := 0
	for f := range in {
		if total += len(f.data); total > MaxInput {
			return ErrTooLarge
		}
		if err := writeFrame(w, f); err != nil {
			return notListening(err)
		}
	}
	if err := writeFrame(w, frame{kind: frameEnd}); err != nil {
		return notListening(err)
	}
	return notListening(w.Flush())
}

func notListening(err error) error {
	if errors.Is(err, syscall.EPIPE) {
		return nil
	}
	return err
}

// receive reads the answer up to its end.
func (c *child) receive(take func(frame) error) error {
	r := bufio.NewReaderSize(c.stdout, partSize)
	for total := 0; ; {
		f, err := readFrame(r)
		if err != nil {
			return err
		}
		if total += len(f.data); total > MaxInput {
			return ErrTooLarge
		}
		switch f.kind {
		case frameEnd:
			return nil
		case frameRefused:
			return fmt.Errorf("%w: %s", ErrRefused, f.data)
		}
		if err := take(f); err != nil {
			return err
		}
	}
}

// end makes sure that the child is gone, and says what the end of the
// conversation means.
func (c *child) end(ctx context.Context, err error) error {
	died := errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF)
	if err != nil && !died {
		// It exits by itself otherwise. One that is gone already can't be
		// killed, which is as good.
		_ = c.cmd.Process.Kill()
	}
	exit := c.cmd.Wait()
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil:
		return fmt.Errorf("engine: %w", ctx.Err())
	case died:
		return fmt.Errorf("%w (%v) %s", ErrJudgeDied, exit, c.words.first())
	}
	return err
}

// words keeps the beginning of what a child writes to its standard error.
type words struct{ bytes.Buffer }

func (w *words) Write(p []byte) (int, error) {
	w.Buffer.Write(p[:min(len(p), max(0, lastWords-w.Len()))])
	return len(p), nil
}

// first returns the first line.
func (w *words) first() string {
	line, _, _ := strings.Cut(w.String(), "\n")
	return line
}
