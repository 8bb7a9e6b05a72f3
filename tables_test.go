package main

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	tableMade = regexp.MustCompile(`CREATE TABLE (\w+)`)
	tableUsed = regexp.MustCompile(`\b(?:FROM|JOIN|INTO|UPDATE|TABLE)\s+(\w+)`)
)

// TestTables: the tables of the store's schema are its own. Whoever wants to know
// what they hold asks one of its functions (crdt/store/held.go), so that the
// format on disk can change in one place.
func TestTables(t *testing.T) {
	schema, err := os.ReadFile("crdt/store/schema.sql")
	if err != nil {
		t.Fatal(err)
	}
	private := map[string]bool{}
	for _, m := range tableMade.FindAllStringSubmatch(string(schema), -1) {
		private[m[1]] = true
	}
	if !private["change"] || len(private) < 10 {
		t.Fatalf("tables of the schema: %v", private)
	}
	used := 0
	err = filepath.WalkDir(".", func(file string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() && (e.Name() == "node_modules" || e.Name() == ".git" || filepath.ToSlash(file) == "crdt/store") {
			return filepath.SkipDir
		}
		if filepath.Ext(file) != ".go" || strings.HasSuffix(file, "_test.go") {
			return nil
		}
		b, err := os.ReadFile(file)
		for _, m := range tableUsed.FindAllStringSubmatch(string(b), -1) {
			used++
			if private[m[1]] {
				t.Errorf("%s names the store's table %s: ask a function of crdt/store", file, m[1])
			}
		}
		return err
	})
	if err != nil || used < 50 {
		t.Fatalf("%d tables named elsewhere: %v", used, err)
	}
}
