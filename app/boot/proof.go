package boot

import (
	"context"
	"fmt"
	"io"
	"os"

	"jishan/crdt/seal"
)

// checkedProof is what a fork proof says when it is good.
type checkedProof struct {
	Device      string   `json:"device"`
	Incarnation string   `json:"incarnation"`
	Doc         string   `json:"doc"`
	Seq         uint64   `json:"seq"`
	Changes     []string `json:"changes"` // the two different changes with that number
}

// docProof checks a fork proof that was saved to a file. It needs no data
// folder: everything that it goes by is in the file.
func docProof(_ context.Context, s streams, args []string) int {
	f := newFlags(s, "doc proof")
	rest, code := f.parse(args, 1, 1)
	if code >= 0 {
		return code
	}
	info, err := os.Stat(rest[0])
	if err == nil && info.Size() > seal.MaxForkProof {
		err = fmt.Errorf("%s is no fork proof: it has %d bytes", rest[0], info.Size())
	}
	if err != nil {
		return f.failed(err)
	}
	b, err := os.ReadFile(rest[0])
	if err != nil {
		return f.failed(err)
	}
	p, err := seal.DecodeForkProof(b)
	if err != nil {
		return f.failed(fmt.Errorf("this proves nothing: %w", err))
	}
	out := checkedProof{Device: seal.DeviceText(p.Certificate.Device), Incarnation: p.Actor().String(), Doc: p.Doc, Seq: p.Seq,
		Changes: []string{p.Branch[0].Hash.String(), p.Branch[1].Hash.String()}}
	return f.print(out, func(w io.Writer) {
		fmt.Fprintf(w, "proven: device %s\nsealed two different changes with number %d of %s\nas incarnation %s:\n  %s\n  %s\n",
			out.Device, out.Seq, out.Doc, out.Incarnation, out.Changes[0], out.Changes[1])
	})
}
