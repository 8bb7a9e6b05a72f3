package boot

import (
	"context"
	"fmt"
	"io"
	"os"

	"jishan/app/terminal"
)

// maxAppoint is more than a request takes, however a messenger breaks its lines.
const maxAppoint = 4096

type requested struct {
	Community   string `json:"community"`
	Device      string `json:"device"`
	Fingerprint string `json:"fingerprint,omitempty"` // not shown to people: it is what they must hear
	Text        string `json:"-"`
}

type appointment struct {
	Text string `json:"text"`
}

// runAppoint is the level above's answer to a community that lost its main device and
// its recovery key: it signs an appointment for the device that asks. Without the
// digits that were read out by telephone it only says who asks.
func runAppoint(ctx context.Context, s streams, args []string) int {
	f := newFlags(s, "appoint").withData()
	heard := f.String("heard", "", "the request's 20 digits, as the community read them out by telephone")
	out := f.String("out", "", "file to write the appointment to; else it is printed")
	rest, code := f.parse(args, 1, 1)
	if code >= 0 {
		return code
	}
	file, err := os.Open(rest[0])
	if err != nil {
		return f.failed(err)
	}
	defer file.Close()
	raw, err := io.ReadAll(io.LimitReader(file, maxAppoint))
	if err != nil {
		return f.failed(err)
	}
	return f.atRest(ctx, func(p product) int {
		asks, err := call[requested](ctx, p, "above.read", map[string]string{"text": string(raw)})
		if err != nil {
			return f.failed(err)
		}
		if *heard == "" {
			asks.Fingerprint = ""
			return f.print(asks, func(w io.Writer) {
				fmt.Fprintf(w, "%s asks that %q become its main computer.\nTelephone the community, have the 20 digits read to you, and give them with --heard.\n", terminal.Line(asks.Community), terminal.Line(asks.Device))
			})
		}
		a, err := call[appointment](ctx, p, "above.appoint", map[string]string{"text": string(raw), "fingerprint": *heard})
		if err != nil {
			return f.failed(err)
		}
		if *out != "" {
			if err := os.WriteFile(*out, []byte(a.Text+"\r\n"), 0o600); err != nil {
				return f.failed(err)
			}
			return f.print(a, func(w io.Writer) { fmt.Fprintf(w, "%s: the appointment for %s\n", *out, terminal.Line(asks.Community)) })
		}
		return f.print(a, func(w io.Writer) { fmt.Fprintln(w, a.Text) })
	})
}
