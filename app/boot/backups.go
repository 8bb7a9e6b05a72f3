package boot

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"jishan/app/node"
)

// maxKey is more than a recovery key takes, however it is spaced.
const maxKey = 4096

type saved struct {
	File  string `json:"file"`
	Bytes int64  `json:"bytes"`
}

func runBackup(ctx context.Context, s streams, args []string) int {
	f := newFlags(s, "backup").withData()
	out := f.String("out", "", "file to write; only the printed recovery key opens it")
	if _, code := f.parse(args, 0, 0); code >= 0 {
		return code
	}
	if *out == "" {
		fmt.Fprintln(s.err, "jishan backup: --out FILE is needed")
		return exitUsage
	}
	return f.atRest(ctx, func(p product) int {
		file, err := p.File(ctx, "backup", nil)
		if err != nil {
			return f.failed(err)
		}
		size, err := save(*out, file)
		if err != nil {
			return f.failed(err)
		}
		return f.print(saved{*out, size}, func(w io.Writer) { fmt.Fprintf(w, "%s: %d bytes\n", *out, size) })
	})
}

type restored struct {
	Community string `json:"community"`
	Device    string `json:"device"`
	Made      int64  `json:"made"` // ms
}

func runRestore(ctx context.Context, s streams, args []string) int {
	f := newFlags(s, "restore").withData()
	keyFile := f.String("key-file", "-", "file with the printed recovery key; - is standard input")
	rest, code := f.parse(args, 1, 1)
	if code >= 0 {
		return code
	}
	file, err := os.Open(rest[0])
	if err != nil {
		return f.failed(err)
	}
	defer file.Close()
	if *keyFile == "-" {
		fmt.Fprintln(s.err, "Type the recovery key from the paper and press Enter:")
	}
	key, err := readKey(*keyFile, s.in)
	if err != nil {
		return f.failed(err)
	}
	dir, err := newFolder(*f.data)
	if err != nil {
		return f.failed(err)
	}
	defer dir.close()
	m, err := node.Restore(dir.dir, file, key, time.Now().UnixMilli())
	if err != nil {
		return f.failed(err)
	}
	return f.print(restored{m.Community, m.Device, m.Made}, func(w io.Writer) {
		fmt.Fprintf(w, "restored from %s; start the program with this data folder, and it goes on\n", time.UnixMilli(m.Made).Format(time.DateTime))
	})
}

// readKey reads the key from a file, or one line of standard input.
func readKey(name string, in io.Reader) (string, error) {
	if name == "-" {
		line, err := bufio.NewReader(io.LimitReader(in, maxKey)).ReadString('\n')
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return line, err
	}
	file, err := os.Open(name)
	if err != nil {
		return "", err
	}
	defer file.Close()
	b, err := io.ReadAll(io.LimitReader(file, maxKey))
	return string(b), err
}
