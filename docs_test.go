package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func page(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestREADMEsNameEveryRoom: what lives where is complete, in both languages.
func TestREADMEsNameEveryRoom(t *testing.T) {
	rooms, err := os.ReadDir("app")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range []string{"README.md", "README.zh-CN.md"} {
		text := page(t, file)
		for _, room := range rooms {
			if !strings.Contains(text, "`"+room.Name()+"`") {
				t.Errorf("%s does not name app/%s", file, room.Name())
			}
		}
	}
}

// TestDevelopmentNamesEveryScenario: the table of acceptance scenarios and the
// tests that bear their numbers are the same.
func TestDevelopmentNamesEveryScenario(t *testing.T) {
	files, err := filepath.Glob("app/*/*_test.go")
	if err != nil {
		t.Fatal(err)
	}
	var there []string
	for _, f := range files {
		for _, m := range regexp.MustCompile(`(?m)^func (TestScenario\w+)\(`).FindAllStringSubmatch(page(t, f), -1) {
			there = append(there, m[1])
		}
	}
	named := regexp.MustCompile(`TestScenario\w+`).FindAllString(page(t, "docs/development.md"), -1)
	slices.Sort(there)
	slices.Sort(named)
	if !slices.Equal(slices.Compact(named), there) {
		t.Errorf("docs/development.md names\n%v\nthere are\n%v", named, there)
	}
}

// TestThreatModelNamesTests: a promise names tests that there are.
func TestThreatModelNamesTests(t *testing.T) {
	there := map[string]bool{}
	for _, room := range []string{"app", "crdt", "p2p"} {
		err := filepath.WalkDir(room, func(path string, _ fs.DirEntry, err error) error {
			if err == nil && strings.HasSuffix(path, "_test.go") {
				for _, m := range regexp.MustCompile(`(?m)^func (Test\w+)\(`).FindAllStringSubmatch(page(t, path), -1) {
					there[m[1]] = true
				}
			}
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	for line := range strings.Lines(page(t, "docs/threat-model.md")) {
		_, promised, row := strings.Cut(line, " | `Test")
		if !row {
			continue
		}
		for _, name := range regexp.MustCompile(`Test\w+`).FindAllString("Test"+promised, -1) {
			if !there[name] {
				t.Errorf("there is no test %s: %s", name, line)
			}
		}
	}
}
