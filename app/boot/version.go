package boot

import (
	"context"
	"fmt"
	"io"
	"runtime"

	"jishan/app/desktop"
	"jishan/crdt/engine"
)

// Version is the program's version, and Commit where it was built from if that
// is known; the Makefile sets it when linking.
var (
	Version = "0.1.0"
	Commit  = ""
)

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
	return build{Version: Version, Commit: Commit, Go: runtime.Version(), System: runtime.GOOS + "/" + runtime.GOARCH,
		Window: desktop.Available, Judge: engine.Available()}
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
