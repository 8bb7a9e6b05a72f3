package boot

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
	"syscall"

	"jishan/app/web"
)

// atRest opens the product over a data folder that no process works in,
// connected to nobody.
func (f *flags) atRest(ctx context.Context, fn func(product) int) int {
	dir, err := oldFolder(*f.data)
	if err != nil {
		return f.failed(err)
	}
	p, err := openProduct(ctx, setup{data: *f.data, p2p: off, phone: off}, dir.dir, slog.New(slog.DiscardHandler))
	if err != nil {
		return f.failed(errors.Join(err, dir.close()))
	}
	code := fn(p)
	if err := errors.Join(p.Close(), dir.close()); err != nil {
		return f.failed(err)
	}
	return code
}

func runBundle(ctx context.Context, s streams, args []string) int {
	if len(args) > 0 {
		switch args[0] {
		case "export":
			return bundleExport(ctx, s, args[1:])
		case "import":
			return bundleImport(ctx, s, args[1:])
		}
	}
	return newFlags(s, "bundle").withData().noVerb(args)
}

type exported struct {
	File  string `json:"file"`
	To    string `json:"to"`
	Bytes int64  `json:"bytes"`
}

func bundleExport(ctx context.Context, s streams, args []string) int {
	f := newFlags(s, "bundle export").withData()
	to := f.String("to", "", "id of the device that the bundle is for; only that device can read it")
	out := f.String("out", "", "file to write")
	if _, code := f.parse(args, 0, 0); code >= 0 {
		return code
	}
	if *to == "" || *out == "" {
		fmt.Fprintln(s.err, "jishan bundle export: --to DEVICE and --out FILE are needed")
		return exitUsage
	}
	return f.atRest(ctx, func(p product) int {
		file, err := p.File(ctx, "bundle", url.Values{"to": {*to}})
		if err != nil {
			return f.failed(err)
		}
		size, err := save(*out, file)
		if err != nil {
			return f.failed(err)
		}
		return f.print(exported{*out, *to, size}, func(w io.Writer) { fmt.Fprintf(w, "%s: %d bytes\n", *out, size) })
	})
}

// save writes a file of the product's to a place and tells its size.
func save(path string, file *web.File) (int64, error) {
	if c, ok := file.Body.(io.Closer); ok {
		defer c.Close()
	}
	if err := writeAll(path, file.Body); err != nil {
		return 0, err
	}
	info, err := os.Stat(path)
	if err != nil {
		return 0, err
	}
	return info.Size(), nil
}

type imported struct {
	Received int    `json:"received"`
	From     string `json:"from"`
}

func bundleImport(ctx context.Context, s streams, args []string) int {
	f := newFlags(s, "bundle import").withData()
	rest, code := f.parse(args, 1, 1)
	if code >= 0 {
		return code
	}
	file, err := openBundle(rest[0], s.in)
	if err != nil {
		return f.failed(err)
	}
	defer file.Close()
	return f.atRest(ctx, func(p product) int {
		n, from, err := p.Import(ctx, file)
		if err != nil {
			return f.failed(err)
		}
		return f.print(imported{n, from}, func(w io.Writer) { fmt.Fprintf(w, "%d changes received from %s\n", n, from) })
	})
}

// openBundle opens a file; "-" is standard input.
func openBundle(name string, in io.Reader) (io.ReadCloser, error) {
	if name == "-" {
		return io.NopCloser(in), nil
	}
	info, err := os.Stat(name)
	if err == nil && info.IsDir() {
		return nil, &os.PathError{Op: "read", Path: name, Err: syscall.EISDIR}
	}
	if err != nil {
		return nil, err
	}
	return os.Open(name)
}
