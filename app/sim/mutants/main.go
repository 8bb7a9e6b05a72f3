// Command mutants plants known bugs, one after another, into a copy of the
// tree, builds the simulator and tells with how many seeds it finds each. A
// patch file begins with a line that says what is wrong, and one with the
// simulator's arguments:
//
//	# a MOVE may be taken again by the same feed
//	# sim: --profile hostile --seeds 40
//
// It must be run at the top of the tree. A bug that is not found, or a patch
// that does not fit any more, makes it fail.
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
	flag.Parse()
	if err := run(*only); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(only string) error {
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
	missed, tried := 0, 0
	for _, p := range patches {
		if !strings.Contains(filepath.Base(p), only) {
			continue
		}
		tried++
		text, err := hunt(dir, p)
		if err != nil {
			missed++
			text = err.Error()
		}
		fmt.Printf("%-34s %s\n", strings.TrimSuffix(filepath.Base(p), ".patch"), text)
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

// hunt plants one bug, looks for it, and takes it out again.
func hunt(dir, patch string) (string, error) {
	b, err := os.ReadFile(patch)
	if err != nil {
		return "", err
	}
	args := ""
	for line := range strings.Lines(string(b)) {
		if a, ok := strings.CutPrefix(line, "# sim: "); ok {
			args = strings.TrimSpace(a)
		}
	}
	if args == "" {
		return "", errors.New("no line with the simulator's arguments")
	}
	if err := apply(dir, b); err != nil {
		return "", fmt.Errorf("the patch does not fit: %w", err)
	}
	text, err := look(dir, args)
	return text, errors.Join(err, apply(dir, b, "--reverse"))
}

func apply(dir string, patch []byte, more ...string) error {
	c := exec.Command("patch", append([]string{"--strip=1", "--silent", "--no-backup-if-mismatch", "--reject-file=-"}, more...)...)
	c.Dir, c.Stdin = dir, bytes.NewReader(patch)
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, bytes.TrimSpace(out))
	}
	return nil
}

func look(dir, args string) (string, error) {
	bin := filepath.Join(dir, "sim.test")
	build := exec.Command("go", "test", "-trimpath", "-c", "-o", bin, "./app/sim")
	build.Dir = dir
	if out, err := build.CombinedOutput(); err != nil {
		return "", fmt.Errorf("it does not build: %s", bytes.TrimSpace(out))
	}
	c := exec.Command(bin, "-test.run", "^TestCommand$", "-test.timeout", patience.String(), "-sim", args+" --json --first --shrink=false")
	out, err := c.Output()
	if err == nil {
		return "", errors.New("NOT FOUND")
	}
	for line := range strings.Lines(string(out)) {
		var r struct {
			Seeds    int
			Failures []struct{ Oracle, Text string }
		}
		if json.Unmarshal([]byte(line), &r) == nil && len(r.Failures) > 0 {
			return fmt.Sprintf("seed %-3d %-10s %.90s", r.Seeds, r.Failures[0].Oracle, r.Failures[0].Text), nil
		}
	}
	if bytes.Contains(out, []byte("panic:")) {
		return "it stopped with a panic or for want of time", nil
	}
	return "", fmt.Errorf("it failed otherwise: %.200s", out)
}
