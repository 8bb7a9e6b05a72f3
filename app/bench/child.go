package bench

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
)

// Roles of a child process: `jishan bench --as ROLE`.
const (
	roleJoiner = "joiner"
	roleJudge  = "judge"
)

// maxMessage bounds a message between the processes: a session's frame is at
// most 1 MiB.
const maxMessage = 4 << 20

// wires are the two directions of a conversation in messages: a length of four
// bytes and so many bytes.
type wires struct {
	in  *bufio.Reader
	out *bufio.Writer
}

func newWires(in io.Reader, out io.Writer) wires {
	return wires{bufio.NewReaderSize(in, 64<<10), bufio.NewWriterSize(out, 64<<10)}
}

func (w wires) send(b []byte) error {
	if _, err := w.out.Write(binary.BigEndian.AppendUint32(nil, uint32(len(b)))); err != nil {
		return err
	}
	if _, err := w.out.Write(b); err != nil {
		return err
	}
	return w.out.Flush()
}

func (w wires) receive() ([]byte, error) {
	var n [4]byte
	if _, err := io.ReadFull(w.in, n[:]); err != nil {
		return nil, err
	}
	size := binary.BigEndian.Uint32(n[:])
	if size > maxMessage {
		return nil, fmt.Errorf("a message of %d bytes", size)
	}
	b := make([]byte, size)
	_, err := io.ReadFull(w.in, b)
	return b, err
}

func (w wires) report(v any) error {
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	return w.send(b)
}

// child is this program once more, in a part of its own.
type child struct {
	wires
	cmd   *exec.Cmd
	stdin io.Closer
}

func startChild(ctx context.Context, role string) (*child, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, program, "bench", "--as", role)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	return &child{newWires(out, in), cmd, in}, cmd.Start()
}

// end waits for the child. What went wrong in the conversation comes first:
// the child's own words are on standard error.
func (c *child) end(err error) error {
	err = errors.Join(err, c.stdin.Close())
	if err != nil {
		_ = c.cmd.Process.Kill() // one that is gone already is as good
	}
	return errors.Join(err, c.cmd.Wait())
}

// runChild is the other end.
func runChild(ctx context.Context, role string, in io.Reader, out io.Writer) error {
	w := newWires(in, out)
	switch role {
	case roleJoiner:
		return runJoiner(ctx, w)
	case roleJudge:
		return runJudge(ctx, w)
	}
	return fmt.Errorf("unknown role %q", role)
}
