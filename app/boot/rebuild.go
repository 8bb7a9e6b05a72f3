package boot

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"maps"
	"slices"

	"jishan/app/node"
	"jishan/crdt/store"
)

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
	dir, err := oldFolder(*f.data)
	if err != nil {
		return f.failed(err)
	}
	before, after, err := node.Rebuild(ctx, nodeConfig(setup{p2p: off}, dir.dir, slog.New(slog.DiscardHandler)))
	if err = errors.Join(err, dir.close()); err != nil {
		return f.failed(err)
	}
	r := compared(before, after)
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
}

func compared(before, after store.Digests) rebuilt {
	r := rebuilt{OK: before.Whole == after.Whole, Digest: hex.EncodeToString(after.Whole[:]), Differ: []string{}, Tables: len(after.Tables)}
	all := maps.Clone(before.Tables)
	maps.Copy(all, after.Tables)
	for _, name := range slices.Sorted(maps.Keys(all)) {
		if was, is := before.Tables[name], after.Tables[name]; was != is {
			r.Differ = append(r.Differ, name)
		}
	}
	return r
}
