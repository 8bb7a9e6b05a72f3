package terminal

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"testing"
)

func TestMistakesAreOneSentence(t *testing.T) {
	for _, c := range []struct{ arg, says string }{
		{"--nonsense", "there is no flag --nonsense"},
		{"--" + strings.Repeat("x", 5000), "there is no flag --xxx"},
		{"--n", "--n needs a value"},
		{"--n=x", `--n can't be "x"`},
		{"--n=99999999999999999999", `--n is out of range: "99999999999999999999"`},
		{"--yes=maybe", `--yes can't be "maybe"`},
		{"--u=-1", `--u can't be "-1"`},
		{"---n", "not understood: ---n"},
		{"--a\x1b[31m\n", "there is no flag --a"},
		{"--\xff\xfe", "there is no flag --"},
	} {
		f := flag.NewFlagSet("jishan x", flag.ContinueOnError)
		f.Int("n", 0, "")
		f.Uint64("u", 0, "")
		f.Bool("yes", false, "")
		var out bytes.Buffer
		if err := Parse(f, []string{c.arg}, &out); err == nil {
			t.Error(c.arg, "is taken")
		}
		text := out.String()
		if !strings.HasPrefix(text, "jishan x: "+c.says) || strings.Count(text, "\n") != 1 || len(text) > 400 || strings.Contains(text, "\x1b") {
			t.Errorf("%.20q: %q", c.arg, text)
		}
	}
}

func TestHelpIsWhole(t *testing.T) {
	f := flag.NewFlagSet("jishan x", flag.ContinueOnError)
	f.Int("n", 0, "how many")
	var out bytes.Buffer
	if err := Parse(f, []string{"-h"}, &out); !errors.Is(err, flag.ErrHelp) || !strings.Contains(out.String(), "how many") {
		t.Error(err, out.String())
	}
	if err := Parse(f, []string{"--n", "3"}, &out); err != nil || f.Lookup("n").Value.String() != "3" {
		t.Error(err)
	}
}

func TestWords(t *testing.T) {
	at := func(err error) error {
		return fmt.Errorf("somewhere: %w", &fs.PathError{Op: "open", Path: "/a/b", Err: err})
	}
	for _, c := range []struct {
		err  error
		says string
	}{
		{at(syscall.ENOENT), "/a/b is not there"},
		{at(syscall.EACCES), "/a/b may not be opened"},
		{at(syscall.EROFS), "read-only"},
		{at(syscall.ENOTDIR), "no folder"},
		{at(syscall.EISDIR), "is a folder"},
		{at(syscall.ENAMETOOLONG), "too long"},
		{at(syscall.ENOSPC), "the disk is full"},
		{at(syscall.EFBIG), "may not grow"},
		{&os.LinkError{Op: "rename", Old: "/x", New: "/a/b", Err: syscall.EACCES}, "/a/b may not be"},
		{&net.OpError{Op: "listen", Addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 80}, Err: os.NewSyscallError("bind", syscall.EADDRINUSE)}, "127.0.0.1:80 is taken"},
		{&net.OpError{Op: "listen", Addr: &net.TCPAddr{IP: net.IPv4(10, 0, 0, 1), Port: 80}, Err: os.NewSyscallError("bind", syscall.EADDRNOTAVAIL)}, "no address of this machine"},
		{errors.New("one\ntwo"), "one"},
	} {
		if got := Words(c.err); !strings.Contains(got, c.says) || strings.Contains(got, "\n") {
			t.Errorf("%v: %q", c.err, got)
		}
	}
}

type refuser struct{}

func (refuser) Write([]byte) (int, error) { return 0, syscall.ENOSPC }

func TestOutRemembers(t *testing.T) {
	o := &Out{W: refuser{}}
	fmt.Fprintln(o, "x")
	if !errors.Is(o.Err, syscall.ENOSPC) {
		t.Error(o.Err)
	}
}
