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
// as a page of docs. With -done it goes on where a run over the same tree ended.
package main

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
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
	done := flag.String("done", "", "keep what was found in this file, and look for the rest only")
	flag.Parse()
	if err := run(*only, *page, *done); err != nil {
		fmt.Fprintln(os.Stderr, "mutants:", err)
		os.Exit(1)
	}
}

func run(only, page, done string) error {
	dir, err := os.MkdirTemp("", "jishan-mutants-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	tree := sha256.New()
	for _, p := range parts {
		if err := copyTree(p, filepath.Join(dir, p), tree); err != nil {
			return err
		}
	}
	known, err := openResults(done, hex.EncodeToString(tree.Sum(nil)))
	if err != nil {
		return err
	}
	patches, err := filepath.Glob("app/sim/mutants/*.patch")
	if err != nil {
		return err
	}
	slices.Sort(patches)
	missed, tried, seeds, cpu, rows := 0, 0, 0, 0.0, ""
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
		f, err := known.of(bug, func() (found, error) { return hunt(dir, bug) })
		if err != nil {
			missed++
			f.Text = err.Error()
		}
		fmt.Printf("%-34s seed %-3d %6.1f s %-10s %s\n", name, f.Seeds, f.CPU, f.Oracle, f.Text)
		seeds, cpu = seeds+f.Seeds, cpu+f.CPU
		rows += fmt.Sprintf("| %s | %s | `%s` | %d | %.0f | %s |\n", name, bug.what, bug.args, f.Seeds, f.CPU, f.Oracle)
	}
	end := fmt.Sprintf("%d of %d found, in %d worlds and %.0f CPU seconds", tried-missed, tried, seeds, cpu)
	if page != "" {
		if err := os.WriteFile(page, []byte(tableHead+rows+"\n"+end+".\n"), 0o644); err != nil {
			return err
		}
	}
	fmt.Println(end)
	if missed > 0 || tried == 0 {
		return fmt.Errorf("%d were not found", missed)
	}
	return nil
}

// results keeps what was found in a file, a line of JSON each, under a hash of
// the tree and the patch: nothing counts that was found on another tree.
type results struct {
	path, tree string
	have       map[string]found
}

func openResults(path, tree string) (*results, error) {
	r := &results{path, tree, map[string]found{}}
	if path == "" {
		return r, nil
	}
	b, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, err
	}
	for line := range bytes.Lines(b) {
		var f found
		if json.Unmarshal(line, &f) == nil { // the last line may be half
			r.have[f.Key] = f
		}
	}
	return r, nil
}

func (r *results) of(b bug, look func() (found, error)) (found, error) {
	sum := sha256.Sum256(append([]byte(r.tree), b.patch...))
	key := hex.EncodeToString(sum[:])
	if f, ok := r.have[key]; ok {
		return f, nil
	}
	f, err := look()
	if err != nil || r.path == "" {
		return f, err
	}
	f.Key = key
	line, err := json.Marshal(f)
	if err != nil {
		return f, err
	}
	out, err := os.OpenFile(r.path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return f, err
	}
	_, err = out.Write(append(line, '\n'))
	return f, errors.Join(err, out.Close())
}

// copyTree copies what the go tool needs, and adds it to a sum: all but the
// planted bugs and the program that plants them.
func copyTree(from, to string, sum io.Writer) error {
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
		if filepath.Base(filepath.Dir(path)) != "mutants" {
			fmt.Fprintf(sum, "%s %d\n%s", path, len(b), b)
		}
		return os.WriteFile(filepath.Join(to, rel), b, 0o600)
	})
}

const tableHead = `# Planted bugs

Written by ` + "`go run ./app/sim/mutants -table docs/mutants.md`" + `: each patch of app/sim/mutants, the
worlds in which it is looked for, how many it took, CPU seconds without the build, and the promise that
broke first. All rows are of one tree, on which the same worlds hold every promise without the patch.

| patch | what is wrong | simulator | worlds | CPU | broke |
|---|---|---|---|---|---|
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
	Key    string  `json:"key"`
	Seeds  int     `json:"seeds"`
	CPU    float64 `json:"cpu"` // seconds
	Oracle string  `json:"oracle"`
	Text   string  `json:"text"`
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
	build := exec.Command("go", "test", "-trimpath", "-ldflags=-s -w", "-c", "-o", bin, "./app/sim")
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
			CPU      float64 `json:"cpu_seconds"`
			Failures []struct{ Oracle, Text string }
		}
		if json.Unmarshal([]byte(line), &r) == nil && len(r.Failures) > 0 {
			return found{Seeds: r.Seeds, CPU: r.CPU, Oracle: r.Failures[0].Oracle, Text: fmt.Sprintf("%.90s", r.Failures[0].Text)}, nil
		}
	}
	if bytes.Contains(out, []byte("panic:")) {
		return found{Seeds: 1, Oracle: "panic", Text: "it stopped with a panic or for want of time"}, nil
	}
	return found{}, fmt.Errorf("it failed otherwise: %.200s", out)
}
