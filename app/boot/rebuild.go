package boot

import (
	"context"
	"encoding/hex"
	"fmt"
	"io"
	"maps"
	"slices"

	"jishan/crdt/store"
)

// rebuilder is what boot needs of a product at rest to make its tables anew.
type rebuilder interface {
	Rebuild(ctx context.Context) error
	ProjectionDigest(ctx context.Context) (store.Digests, error)
}

type rebuilt struct {
	OK     bool     `json:"ok"` // as before
	Digest string   `json:"digest"`
	Differ []string `json:"differ"` // tables that were not as they should have been
	Tables int      `json:"tables"`
}

// runRebuild makes everything derived anew and says whether it was right
// before. Tables that differed are right now.
func runRebuild(ctx context.Context, s streams, args []string) int {
	f := newFlags(s, "rebuild").withData()
	if _, code := f.parse(args, 0, 0); code >= 0 {
		return code
	}
	return f.atRest(ctx, func(p product) int {
		r, err := rebuild(ctx, p)
		if err != nil {
			return f.failed(err)
		}
		f.print(r, func(w io.Writer) {
			if r.OK {
				fmt.Fprintf(w, "%d tables made anew, all as before (%.16s)\n", r.Tables, r.Digest)
				return
			}
			fmt.Fprintf(w, "%d tables made anew; these were wrong and are right now: %v\n", r.Tables, r.Differ)
		})
		if !r.OK {
			return exitFailed
		}
		return exitOK
	})
}

func rebuild(ctx context.Context, p product) (rebuilt, error) {
	d, ok := p.(rebuilder)
	if !ok {
		return rebuilt{}, fmt.Errorf("this data folder has nothing to rebuild")
	}
	before, err := d.ProjectionDigest(ctx)
	if err != nil {
		return rebuilt{}, err
	}
	if err := d.Rebuild(ctx); err != nil {
		return rebuilt{}, err
	}
	after, err := d.ProjectionDigest(ctx)
	if err != nil {
		return rebuilt{}, err
	}
	r := rebuilt{OK: before.Whole == after.Whole, Digest: hex.EncodeToString(after.Whole[:]), Differ: []string{}, Tables: len(after.Tables)}
	for _, name := range slices.Sorted(maps.Keys(after.Tables)) {
		if before.Tables[name] != after.Tables[name] {
			r.Differ = append(r.Differ, name)
		}
	}
	return r, nil
}
