package boot

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/url"
	"os"
)

// maxBundle is the largest bundle that is read at once; a screen's limit is
// smaller, a stick's exchange reads in pieces.
const maxBundle = 256 << 20

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
	Bytes int    `json:"bytes"`
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
		b, err := io.ReadAll(file.Body)
		if err == nil {
			err = writeWhole(*out, b)
		}
		if err != nil {
			return f.failed(err)
		}
		return f.print(exported{*out, *to, len(b)}, func(w io.Writer) { fmt.Fprintf(w, "%s: %d bytes\n", *out, len(b)) })
	})
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
	b, err := readBundle(rest[0], s.in)
	if err != nil {
		return f.failed(err)
	}
	return f.atRest(ctx, func(p product) int {
		r, err := call[imported](ctx, p, "devices.import", map[string]string{"file": base64.StdEncoding.EncodeToString(b)})
		if err != nil {
			return f.failed(err)
		}
		return f.print(r, func(w io.Writer) { fmt.Fprintf(w, "%d changes received from %s\n", r.Received, r.From) })
	})
}

// readBundle reads a file; "-" is standard input.
func readBundle(name string, in io.Reader) ([]byte, error) {
	if name != "-" {
		file, err := os.Open(name)
		if err != nil {
			return nil, err
		}
		defer file.Close()
		in = file
	}
	b, err := io.ReadAll(io.LimitReader(in, maxBundle+1))
	if err == nil && len(b) > maxBundle {
		err = fmt.Errorf("%s is larger than %d MB, so it is no bundle", name, maxBundle>>20)
	}
	return b, err
}
