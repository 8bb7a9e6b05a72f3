package main

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

const (
	bin     = "build/bin"
	done    = "build/bin/.done" // stamps and caches, as in the Makefile
	program = "build/bin/jishan"
)

// plan is "make test". Compiling and installing fill both processors; what
// measures time or opens windows runs alone.
func plan() [][]lane {
	return [][]lane{
		{
			{shell("screens: install and build", "make", "--no-print-directory", "dist")},
			{{"gofmt", gofmt}, shell("go vet", "go", "vet", "./...")},
		},
		{
			{front("eslint", "lint", "--cache", "--cache-strategy", "content", "--cache-location", "../"+done+"/eslint"),
				front("vue-tsc", "type-check", "--incremental", "--tsBuildInfoFile", "../"+done+"/tsc"), {"vitest", vitest}},
			{shell("staticcheck", "go", "tool", "staticcheck", "./..."),
				{"build without cgo", static}},
		},
		{{{"go test", goTest("-timeout=30m", "./...")}}},
		{{shell("program", "make", "--no-print-directory", "binary"),
			{"vet of the window", window("vet")},
			{"staticcheck of the window", window("tool", "staticcheck")},
			{"window", picture},
			{"browser", browser},
			{"demo", demo("10")}}},
	}
}

// sizes are how long the long suites go on.
type sizes struct {
	fuzz      time.Duration // each target
	histories int           // of documents, against automerge-go
	seeds     int           // communities that are played with faults
	demo      int           // seconds
	crashes   int           // times that a device is killed at a write, or a write refused
}

// long is "make nightly": every test anew, random histories and played
// communities in numbers, the race detector, every fuzz target for a while, a
// long demo, the programs for other systems.
func long(of sizes) [][]lane {
	lanes := lane{
		shell("screens", "make", "--no-print-directory", "dist"),
		{"go test, nothing from the cache", goTest("-count=1", "-timeout=1h", "./...")},
		{"random histories", goTest("-count=1", "-timeout=3h", "-run=^TestHistories", "./crdt/engine",
			fmt.Sprint("-histories=", of.histories), fmt.Sprint("-jshistories=", max(1, of.histories/jsSlower)))},
		{"crashes", goTest("-count=1", "-timeout=3h", "-run=^TestCrash$", "./app/node", fmt.Sprint("-crash=", of.crashes))},
		{"hostile device", goTest("-count=1", "-timeout=3h", "-run=^TestHostile$", "./app/node", fmt.Sprint("-hostile=", hostileFrames))},
		{"race detector", goTest("-race", "-timeout=1h", "./app/web/...", "./app/node/...", "./crdt/store/...", "./crdt/sync/...", "./p2p/...")},
	}
	for _, t := range fuzzTargets() {
		lanes = append(lanes, shell("fuzz "+t.dir+" "+t.name, "go", "test", "-run=^$", "-fuzz=^"+t.name+"$", "-fuzztime="+of.fuzz.String(), "./"+t.dir))
	}
	lanes = append(lanes, shell("program", "make", "--no-print-directory", "binary"),
		shell("played communities", program, "sim", "--json", "--seeds", fmt.Sprint(of.seeds)),
		step{"demo", demo(fmt.Sprint(of.demo))},
		shell("cross", "make", "--no-print-directory", "cross"))
	return [][]lane{{lanes}}
}

// hostileFrames is what a device that keeps no rule sends in a night.
const hostileFrames = 1_000_000

// jsSlower is how many times fewer histories the JavaScript Automerge gets.
const jsSlower = 50

type fuzzTarget struct{ dir, name string }

// fuzzTargets finds "func FuzzX(" in the test files.
func fuzzTargets() (found []fuzzTarget) {
	for _, f := range testFiles() {
		b, err := os.ReadFile(f)
		if err != nil {
			continue
		}
		for line := range strings.Lines(string(b)) {
			if name, ok := strings.CutPrefix(line, "func Fuzz"); ok {
				name, _, _ = strings.Cut(name, "(")
				found = append(found, fuzzTarget{filepath.Dir(f), "Fuzz" + name})
			}
		}
	}
	return found
}

// testFiles lists the test files of the rooms, however deep they lie.
func testFiles() (found []string) {
	for _, room := range []string{"app", "crdt", "p2p", "build"} {
		_ = filepath.WalkDir(room, func(path string, d fs.DirEntry, err error) error {
			if err == nil && d.IsDir() && d.Name() == "node_modules" {
				return fs.SkipDir
			}
			if err == nil && strings.HasSuffix(path, "_test.go") {
				found = append(found, path)
			}
			return nil // what can't be read, go vet says
		})
	}
	return found
}

func gofmt(*count) (string, error) {
	out, err := command("gofmt", "-l", "main.go", "docs_test.go", "imports_test.go", "app", "crdt", "p2p", "build", "frontend/assets.go")
	if err == nil && strings.TrimSpace(out) != "" {
		err = fmt.Errorf("not formatted: make fmt")
	}
	return out, err
}

// static: the whole product but the judge, on any system with Go alone.
func static(*count) (string, error) {
	return commandEnv([]string{"CGO_ENABLED=0"}, "go", "build", "./...")
}

// window runs a go command with the window's tags, where the machine has them.
func window(verb ...string) func(*count) (string, error) {
	return func(c *count) (string, error) {
		tags, err := command("sh", "build/tags.sh")
		if err != nil {
			return tags, err
		}
		args := slices.Concat([]string{"go"}, verb, []string{"-tags", strings.TrimSpace(tags), "./app/desktop", "./app/boot", "."})
		return command(args...)
	}
}

// picture opens the real window and looks at it.
func picture(*count) (string, error) {
	return command("sh", "build/window.sh", program, filepath.Join(bin, "window.png"))
}
