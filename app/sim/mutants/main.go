// Command mutants plants known bugs, one after another, into a copy of the
// tree, builds the simulator and tells with how many seeds it finds each. A
// patch file begins with a line that says what is wrong, and one with the
// simulator's arguments:
//
//	# a MOVE may be taken again by the same feed
//	# sim: --profile hostile --seeds 40
//
// It must be run at the top of the tree. A bug that is not found, or a patch
// that does not fit any more, makes it fail. With -table it writes what it found
// as a page of docs.
package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// parts of the tree that the simulator is built from.
var parts = []string{"go.mod", "go.sum", "app", "crdt", "p2p"}

// patience bounds one bug's search: a mutant may well talk for ever.
const patience = 5 * time.Minute

func main() {
	only := flag.String("only", "", "plant only bugs whose name holds this")
	page := flag.String("table", "", "write the table of all bugs to this Markdown file")
	flag.Parse()
	if err := run(*only, *page); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(only, page string) error {
	dir, err := os.MkdirTemp("", "jishan-mutants-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	for _, p := range parts {
		if err := copyTree(p, filepath.Join(dir, p)); err != nil {
			return err
		}
	}
	patches, err := filepath.Glob("app/sim/mutants/*.patch")
	if err != nil {
		return err
	}
	slices.Sort(patches)
	missed, tried, rows := 0, 0, ""
	for _, p := range patches {
		if !strings.Contains(filepath.Base(p), only) {
			continue
		}
		tried++
		name := strings.TrimSuffix(filepath.Base(p), ".patch")
		b, err := os.ReadFile(p)
		if err != nil {
			return err
		}
		bug := read(b)
		f, err := hunt(dir, bug)
		if err != nil {
			missed++
			f.text = err.Error()
		}
		fmt.Printf("%-34s seed %-3d %-10s %s\n", name, f.seeds, f.oracle, f.text)
		rows += fmt.Sprintf("| %s | %s | `%s` | %d | %s |\n", name, bug.what, bug.args, f.seeds, f.oracle)
	}
	if page != "" {
		if err := os.WriteFile(page, []byte(tableHead+rows), 0o644); err != nil {
			return err
		}
	}
	fmt.Printf("%d of %d found\n", tried-missed, tried)
	if missed > 0 || tried == 0 {
		return fmt.Errorf("%d were not found", missed)
	}
	return nil
}

// copyTree copies what the go tool needs.
func copyTree(from, to string) error {
	return filepath.WalkDir(from, func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if e.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), b, 0o600)
	})
}

const tableHead = `# Planted bugs

Written by ` + "`go run ./app/sim/mutants -table docs/mutants.md`" + `: each patch of app/sim/mutants, the
worlds in which it is looked for, how many it took, and the promise that broke first.

| patch | what is wrong | simulator | worlds | broke |
|---|---|---|---|---|
`

// bug is a patch file as its first lines describe it.
type bug struct {
	patch      []byte
	what, args string
}

func read(patch []byte) bug {
	b := bug{patch: patch}
	for line := range strings.Lines(string(patch)) {
		line = strings.TrimSpace(line)
		if a, ok := strings.CutPrefix(line, "# sim: "); ok {
			b.args = a
		} else if a, ok := strings.CutPrefix(line, "# "); ok && b.what == "" {
			b.what = a
		}
	}
	return b
}

// found is how a bug showed.
type found struct {
	seeds        int
	oracle, text string
}

// hunt plants one bug, looks for it, and takes it out again.
func hunt(dir string, b bug) (found, error) {
	if b.args == "" {
		return found{}, errors.New("no line with the simulator's arguments")
	}
	if err := apply(dir, b.patch); err != nil {
		return found{}, fmt.Errorf("the patch does not fit: %w", err)
	}
	f, err := look(dir, b.args)
	return f, errors.Join(err, apply(dir, b.patch, "--reverse"))
}

func apply(dir string, patch []byte, more ...string) error {
	c := exec.Command("patch", append([]string{"--strip=1", "--silent", "--no-backup-if-mismatch", "--reject-file=-"}, more...)...)
	c.Dir, c.Stdin = dir, bytes.NewReader(patch)
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, bytes.TrimSpace(out))
	}
	return nil
}

func look(dir, args string) (found, error) {
	bin := filepath.Join(dir, "sim.test")
	build := exec.Command("go", "test", "-trimpath", "-c", "-o", bin, "./app/sim")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		return found{}, fmt.Errorf("it does not build: %s", bytes.TrimSpace(out))
	}
	c := exec.Command(bin, "-test.run", "^TestCommand$", "-test.timeout", patience.String(), "-sim", args+" --json --first --shrink=false")
	out, err := c.Output()
	if err == nil {
		return found{}, errors.New("NOT FOUND")
	}
	for line := range strings.Lines(string(out)) {
		var r struct {
			Seeds    int
			Failures []struct{ Oracle, Text string }
		}
		if json.Unmarshal([]byte(line), &r) == nil && len(r.Failures) > 0 {
			return found{r.Seeds, r.Failures[0].Oracle, fmt.Sprintf("%.90s", r.Failures[0].Text)}, nil
		}
	}
	if bytes.Contains(out, []byte("panic:")) {
		return found{1, "panic", "it stopped with a panic or for want of time"}, nil
	}
	return found{}, fmt.Errorf("it failed otherwise: %.200s", out)
}
