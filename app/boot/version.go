package boot

import (
	"context"
	"fmt"
	"io"
	"runtime"
	"runtime/debug"

	"jishan/app/desktop"
	"jishan/crdt/engine"
)

// Version is the program's version; releases set it when linking.
var Version = "0.1.0"

// build says what this program is made of.
type build struct {
	Version string `json:"version"`
	Commit  string `json:"commit,omitempty"`
	Go      string `json:"go"`
	System  string `json:"system"`
	Window  bool   `json:"window"` // it can show a window
	Judge   bool   `json:"judge"`  // it holds automerge-go
}

func thisBuild() build {
	b := build{Version: Version, Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH, Window: desktop.Available, Judge: engine.Available()}
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, s := range info.Settings {
			if s.Key == "vcs.revision" && len(s.Value) >= 12 {
				b.Commit = s.Value[:12]
			}
		}
	}
	return b
}

func runVersion(_ context.Context, s streams, args []string) int {
	f := newFlags(s, "version")
	if _, code := f.parse(args, 0, 0); code >= 0 {
		return code
	}
	b := thisBuild()
	return f.print(b, func(w io.Writer) {
		fmt.Fprintf(w, "jishan %s %s %s, window: %s, automerge-go: %s\n", b.Version, b.System, b.Go, yes(b.Window), yes(b.Judge))
	})
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}
