package terminal

import (
	"errors"
	"io"
	"io/fs"
	"net"
	"os"
	"strings"
	"syscall"
	"unicode"
)

func printable(r rune) rune {
	if !unicode.IsPrint(r) {
		return unicode.ReplacementChar
	}
	return r
}

// plain are the system's errors that need no path.
var plain = []struct {
	err  error
	text string
}{
	{syscall.ENOSPC, "the disk is full: nothing was lost, but nothing can be written until there is room"},
	{syscall.EDQUOT, "the disk quota of this user is used up: nothing was lost, but nothing can be written until there is room"},
	{syscall.EFBIG, "a file may not grow any more here (a limit of this user or of the disk): nothing was lost"},
	{syscall.EMFILE, "this user has too many files open"},
	{syscall.ENFILE, "this machine has too many files open"},
	{syscall.EIO, "the disk failed to read or write"},
}

// ofPath are those that are about a file or folder.
var ofPath = []struct {
	err  error
	text string
}{
	{fs.ErrNotExist, "is not there"},
	{fs.ErrPermission, "may not be opened or changed by this user"},
	{fs.ErrExist, "is there already"},
	{syscall.EROFS, "can't be written: the disk is read-only"},
	{syscall.ENOTDIR, "can't be used: a part of that path is no folder"},
	{syscall.EISDIR, "is a folder, not a file"},
	{syscall.ENAMETOOLONG, "can't be used: the name is too long"},
	{syscall.ELOOP, "can't be used: its links lead in a circle"},
}

// Words says in one sentence what the system did not allow; anything else is
// its first line.
func Words(err error) string {
	if o, ok := errors.AsType[*net.OpError](err); ok && o.Addr != nil {
		switch {
		case errors.Is(err, syscall.EADDRINUSE):
			return o.Addr.String() + " is taken by another program: name another address"
		case errors.Is(err, syscall.EADDRNOTAVAIL):
			return o.Addr.String() + " is no address of this machine: name another one"
		case errors.Is(err, fs.ErrPermission):
			return o.Addr.String() + " may not be used by this user: name a port above 1023"
		}
	}
	for _, p := range plain {
		if errors.Is(err, p.err) {
			return p.text
		}
	}
	if path := pathOf(err); path != "" {
		for _, p := range ofPath {
			if errors.Is(err, p.err) {
				return Line(path) + " " + p.text
			}
		}
	}
	first, _, _ := strings.Cut(err.Error(), "\n")
	return first
}

func pathOf(err error) string {
	if e, ok := errors.AsType[*fs.PathError](err); ok {
		return e.Path
	}
	if e, ok := errors.AsType[*os.LinkError](err); ok {
		return e.New
	}
	return ""
}

// Out is standard output that remembers whether it took everything: a result
// that went nowhere is no success.
type Out struct {
	W   io.Writer
	Err error // the first
}

// Write implements io.Writer.
func (o *Out) Write(b []byte) (int, error) {
	n, err := o.W.Write(b)
	if o.Err == nil {
		o.Err = err
	}
	return n, err
}
