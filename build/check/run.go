package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

func shell(name string, args ...string) step {
	return step{name, func(*count) (string, error) { return command(args...) }}
}

// front runs a script of frontend/package.json; paths are relative to there.
func front(name, script string, args ...string) step {
	return shell(name, append([]string{"npm", "--prefix", "frontend", "run", "--silent", script, "--"}, args...)...)
}

func command(args ...string) (string, error) { return commandEnv(nil, args...) }

func commandEnv(env []string, args ...string) (string, error) {
	c := exec.Command(args[0], args[1:]...)
	c.Env = append(os.Environ(), env...)
	out, err := c.CombinedOutput()
	return string(out), err
}

func goTest(args ...string) func(*count) (string, error) {
	return func(c *count) (string, error) { return goTestEnv(c, nil, args...) }
}

// goTestEnv runs go test and counts its tests. What failed is returned in full,
// with the seeds and inputs that it printed.
func goTestEnv(c *count, env []string, args ...string) (string, error) {
	cmd := exec.Command("go", append([]string{"test", "-json"}, args...)...)
	cmd.Env = append(os.Environ(), env...)
	var stderr bytes.Buffer
	cmd.Stderr = &stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return "", err
	}
	if err := cmd.Start(); err != nil {
		return "", err
	}
	t := tests{said: map[string]*strings.Builder{}}
	readErr := t.follow(c, out)
	return stderr.String() + t.failures.String(), errors.Join(readErr, cmd.Wait())
}

// tests follows the events of "go test -json".
type tests struct {
	said     map[string]*strings.Builder // package and test -> output
	failures strings.Builder
}

// follow reads events to the end, however long a line is: what is left unread
// would keep go test waiting for ever.
func (t *tests) follow(c *count, from io.Reader) error {
	lines := bufio.NewReader(from)
	for {
		b, err := lines.ReadBytes('\n')
		if len(b) > 0 {
			t.line(c, bytes.TrimSuffix(b, []byte("\n")))
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("the events of go test can't be read: %w", err)
		}
	}
}

type event struct{ Action, Package, Test, Output, ImportPath string }

func (t *tests) line(c *count, b []byte) {
	var e event
	if json.Unmarshal(b, &e) != nil {
		fmt.Fprintf(&t.failures, "%s\n", b)
		return
	}
	top, _, _ := strings.Cut(e.Test, "/")
	key := e.Package + " " + top
	if t.said[key] == nil {
		t.said[key] = &strings.Builder{}
	}
	switch e.Action {
	case "build-output":
		t.failures.WriteString(e.Output)
	case "output":
		t.said[key].WriteString(e.Output)
	case "pass", "fail", "skip":
		t.end(c, e, key)
	}
}

func (t *tests) end(c *count, e event, key string) {
	if strings.Contains(e.Test, "/") {
		return // its top test counts
	}
	switch {
	case e.Action == "fail" && e.Test == "":
		t.unfinished(e.Package)
	case e.Action == "fail":
		t.failures.WriteString(t.said[key].String())
		c.add(0, 1)
	case e.Test == "":
	case e.Action == "pass":
		c.add(1, 0)
	case e.Action == "skip":
		c.skip(strings.TrimSpace(e.Package + " " + e.Test + ": " + reason(t.said[key])))
	}
	delete(t.said, key)
}

// unfinished writes out what tests said that never ended: the program died
// with them or was stopped for taking too long.
func (t *tests) unfinished(pkg string) {
	for _, key := range slices.Sorted(maps.Keys(t.said)) {
		if strings.HasPrefix(key, pkg+" ") {
			t.failures.WriteString(t.said[key].String())
			delete(t.said, key)
		}
	}
}

// reason is the last line that a skipped test said.
func reason(b *strings.Builder) string {
	last := ""
	for line := range strings.Lines(b.String()) {
		if line = strings.TrimSpace(line); line != "" && !strings.HasPrefix(line, "--- ") && !strings.HasPrefix(line, "=== ") {
			last = line
		}
	}
	return last
}

// vitest counts the tests of the screens.
func vitest(c *count) (string, error) {
	report, err := filepath.Abs(filepath.Join(bin, "vitest.json"))
	if err != nil {
		return "", err
	}
	_ = os.Remove(report) // an old one must not pass for this run's
	out, err := command("npm", "--prefix", "frontend", "run", "--silent", "test", "--", "--reporter=default", "--reporter=json", "--outputFile.json="+report)
	b, e := os.ReadFile(report)
	if e != nil {
		return out, fmt.Errorf("no report: %w", e)
	}
	var r struct{ NumPassedTests, NumFailedTests int }
	if e := json.Unmarshal(b, &r); e != nil {
		return out, e
	}
	c.add(r.NumPassedTests, r.NumFailedTests)
	return out, err
}

// browser plays the flows in Chromium against the real program; each line
// "ok NAME" or "FAIL NAME" is one.
func browser(c *count) (string, error) {
	abs, err := filepath.Abs(program)
	if err != nil {
		return "", err
	}
	out, err := commandEnv([]string{"JISHAN=" + abs}, "npm", "--prefix", "frontend", "run", "--silent", "e2e")
	for line := range strings.Lines(out) {
		switch {
		case strings.HasPrefix(line, "ok "):
			c.add(1, 0)
		case strings.HasPrefix(line, "FAIL "):
			c.add(0, 1)
		}
	}
	if err == nil && c.passed == 0 {
		err = fmt.Errorf("no flow reported itself")
	}
	return out, err
}

// demo plays three devices and checks the sum.
func demo(seconds string) func(*count) (string, error) {
	return func(*count) (string, error) {
		out, err := command(program, "demo", "--headless", "--json", "--seconds", seconds)
		if err != nil {
			return out, err
		}
		var r struct {
			OK, Equal                               bool
			Confirmed, Negative, Lost, Loss, Unseen int
		}
		last := out[strings.LastIndex(strings.TrimSpace(out), "\n")+1:]
		if err := json.Unmarshal([]byte(last), &r); err != nil {
			return out, err
		}
		if !r.OK || !r.Equal || r.Confirmed != 13 || r.Negative != 0 || r.Lost != 0 || r.Loss != 0 || r.Unseen != 0 {
			return out, fmt.Errorf("the devices don't agree")
		}
		return out, nil
	}
}
