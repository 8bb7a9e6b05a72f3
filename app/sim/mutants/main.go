// Command mutants plants known bugs into a copy of the tree, builds the
// simulator and tells with how many seeds it finds each. The same worlds must
// hold every promise without the bug. A
// patch file begins with a line that says what is wrong, and one with the
// simulator's arguments:
//
//	# a MOVE may be taken again by the same feed
//	# sim: --profile hostile --seeds 40
//
// What the simulator does not play names a test instead, which must fail:
//
//	# test: -run TestStates ./app/claim
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

// planted is a bug with its name.
type planted struct {
	bug
	name string
}

func run(only, page, done string) error {
	field, err := newField()
	if err != nil {
		return err
	}
	defer os.RemoveAll(field.dir)
	known, err := openResults(done, field.sum)
	if err != nil {
		return err
	}
	bugs, err := field.plantAll(only)
	if err != nil {
		return err
	}
	missed, seeds, cpu, rows, end := 0, 0, 0.0, "", ""
	for i, b := range bugs {
		f, err := known.of(b.bug, func() (found, error) { return field.hunt(b) })
		if err != nil {
			missed++
			f.Oracle, f.Text = err.Error(), ""
		}
		fmt.Printf("%-34s seed %-3d %6.1f s %-10s %s\n", b.name, f.Seeds, f.CPU, f.Oracle, f.Text)
		seeds, cpu = seeds+f.Seeds, cpu+f.CPU
		rows += fmt.Sprintf("| %s | %s | `%s` | %d | %.0f | %s |\n", b.name, b.what, b.where(), f.Seeds, f.CPU, f.Oracle)
		end = fmt.Sprintf("%d of %d found, in %d worlds and %.0f CPU seconds", i+1-missed, i+1, seeds, cpu)
		if left := len(bugs) - i - 1; left > 0 {
			end += fmt.Sprintf("; %d were not looked for yet", left)
		}
		if page == "" {
			continue
		}
		if err := os.WriteFile(page, []byte(tableHead+rows+"\n"+end+".\n"), 0o644); err != nil {
			return err
		}
	}
	fmt.Println(end)
	if missed > 0 || len(bugs) == 0 {
		return fmt.Errorf("%d were not found", missed)
	}
	return nil
}

// field is where bugs are planted: two copies of the tree. In the first many stand
// beside the right functions, in one build; in the second there is one at a time.
type field struct {
	dir, sum string
	beside   map[string]bool // bugs of the first copy
	bin      string          // of the first copy
}

func newField() (*field, error) {
	dir, err := os.MkdirTemp("", "jishan-mutants-")
	if err != nil {
		return nil, err
	}
	f := &field{dir: dir, beside: map[string]bool{}, bin: filepath.Join(dir, "all.test")}
	err = errors.Join(os.Mkdir(filepath.Join(dir, "one"), 0o700), os.Mkdir(filepath.Join(dir, "all"), 0o700))
	sum := sha256.New()
	for _, p := range parts {
		err = errors.Join(err, copyTree(p, filepath.Join(dir, "one", p), sum), copyTree(p, filepath.Join(dir, "all", p), io.Discard))
	}
	f.sum = hex.EncodeToString(sum.Sum(nil))
	return f, err
}

// plantAll reads the bugs whose name holds a text, and builds the first copy.
func (f *field) plantAll(only string) (bugs []planted, err error) {
	patches, err := filepath.Glob("app/sim/mutants/*.patch")
	if err != nil {
		return nil, err
	}
	slices.Sort(patches)
	all := &switches{dir: filepath.Join(f.dir, "all"), plan: map[string]map[string][]variant{}}
	for _, p := range patches {
		name := strings.TrimSuffix(filepath.Base(p), ".patch")
		if !strings.Contains(name, only) {
			continue
		}
		b, err := os.ReadFile(p)
		if err != nil {
			return nil, err
		}
		x := planted{read(b), name}
		if x.test == "" {
			if f.beside[name], err = all.plant(name, x.bug); err != nil {
				return nil, fmt.Errorf("%s: %w", name, err)
			}
		}
		bugs = append(bugs, x)
	}
	if err := all.write(); err != nil {
		return nil, err
	}
	return bugs, build(all.dir, f.bin)
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
broke first; or the test that fails. All rows are of one tree; the world in which a bug shows holds every promise
without it, and the test passes.

| patch | what is wrong | simulator | worlds | CPU | broke |
|---|---|---|---|---|---|
`

// bug is a patch file as its first lines describe it.
type bug struct {
	patch      []byte
	what, args string
	test       string // arguments of go test, instead of the simulator's
}

// where says in what a bug is looked for.
func (b bug) where() string {
	if b.test != "" {
		return "go test " + b.test
	}
	return b.args
}

func read(patch []byte) bug {
	b := bug{patch: patch}
	for line := range strings.Lines(string(patch)) {
		line = strings.TrimSpace(line)
		if a, ok := strings.CutPrefix(line, "# sim: "); ok {
			b.args = a
		} else if a, ok := strings.CutPrefix(line, "# test: "); ok {
			b.test = a
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
	seed   uint64
}

// hunt looks for a bug. What fails in the same world without it is no find.
func (f *field) hunt(b planted) (found, error) {
	switch {
	case b.test != "":
		return f.tested(b)
	case b.args == "":
		return found{}, errors.New("no line with the simulator's or a test's arguments")
	}
	var x found
	var err error
	if f.beside[b.name] {
		x, err = look(f.bin, b.name, b.args)
	} else {
		x, err = f.alone(b)
	}
	if err != nil {
		return x, err
	}
	if _, err := look(f.bin, "", fmt.Sprintf("%s --from %d --seeds 1", b.args, x.seed)); !errors.Is(err, errNotFound) {
		return x, fmt.Errorf("seed %d fails without it, too", x.seed)
	}
	return x, nil
}

// alone plants one bug in the second copy, looks for it, and takes it out again.
func (f *field) alone(b planted) (found, error) {
	dir, bin := filepath.Join(f.dir, "one"), filepath.Join(f.dir, "one.test")
	if err := apply(dir, b.patch); err != nil {
		return found{}, fmt.Errorf("the patch does not fit: %w", err)
	}
	var x found
	err := build(dir, bin)
	if err == nil {
		x, err = look(bin, "", b.args)
	}
	return x, errors.Join(err, apply(dir, b.patch, "--reverse"))
}

// tested plants one bug in the second copy and runs the test that must find it,
// there and without it.
func (f *field) tested(b planted) (found, error) {
	dir := filepath.Join(f.dir, "one")
	if err := apply(dir, b.patch); err != nil {
		return found{}, fmt.Errorf("the patch does not fit: %w", err)
	}
	out, failed := test(dir, b.test)
	if err := apply(dir, b.patch, "--reverse"); err != nil {
		return found{}, err
	}
	_, name, fell := strings.Cut(out, "--- FAIL: ")
	switch {
	case failed == nil:
		return found{}, errNotFound
	case !fell:
		return found{}, fmt.Errorf("it failed otherwise: %.200s", out)
	}
	if out, err := test(dir, b.test); err != nil {
		return found{}, fmt.Errorf("the test fails without it, too: %.200s", out)
	}
	name, _, _ = strings.Cut(name, " ")
	return found{Oracle: "test", Text: name}, nil
}

func test(dir, args string) (string, error) {
	c := exec.Command("go", append([]string{"test", "-trimpath", "-count=1", "-timeout", patience.String()}, strings.Fields(args)...)...)
	c.Dir = dir
	out, err := c.CombinedOutput()
	return string(out), err
}

func apply(dir string, patch []byte, more ...string) error {
	c := exec.Command("patch", append([]string{"--strip=1", "--silent", "--no-backup-if-mismatch", "--reject-file=-"}, more...)...)
	c.Dir, c.Stdin = dir, bytes.NewReader(patch)
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("%w: %s", err, bytes.TrimSpace(out))
	}
	return nil
}

func build(dir, bin string) error {
	c := exec.Command("go", "test", "-trimpath", "-ldflags=-s -w", "-c", "-o", bin, "./app/sim")
	c.Dir = dir
	if out, err := c.CombinedOutput(); err != nil {
		return fmt.Errorf("it does not build: %s", bytes.TrimSpace(out))
	}
	return nil
}

// errNotFound says that all worlds held what they promise.
var errNotFound = errors.New("NOT FOUND")

// look plays worlds with the bug of that name chosen, none for the empty name.
func look(bin, name, args string) (found, error) {
	c := exec.Command(bin, "-test.run", "^TestCommand$", "-test.timeout", patience.String(), "-sim", args+" --json --first --shrink=false")
	c.Env = append(os.Environ(), chosen+"="+name)
	out, err := c.Output()
	if err == nil {
		return found{}, errNotFound
	}
	for line := range strings.Lines(string(out)) {
		var r struct {
			Seeds    int
			CPU      float64 `json:"cpu_seconds"`
			Failures []struct {
				Seed         uint64
				Oracle, Text string
			}
		}
		if json.Unmarshal([]byte(line), &r) == nil && len(r.Failures) > 0 {
			f := r.Failures[0]
			return found{Seeds: r.Seeds, CPU: r.CPU, Oracle: f.Oracle, Text: fmt.Sprintf("%.90s", f.Text), seed: f.Seed}, nil
		}
	}
	if bytes.Contains(out, []byte("panic:")) {
		return found{Seeds: 1, Oracle: "panic", Text: "it stopped with a panic or for want of time", seed: 1}, nil
	}
	return found{}, fmt.Errorf("it failed otherwise: %.200s", out)
}
