package boot

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	made = regexp.MustCompile(`fault\.New\(\s*"([a-z]\w*(?:\.\w+)*)"([^\n]*)`)
	hole = regexp.MustCompile(`\{(\w+)\}`)
)

// commanded tells whether a command may be answered with a code of the file: the
// files of what commands do, and what stands before every use case.
func commanded(file, code string) bool {
	switch file {
	case "app/node/bundles.go", "app/node/upload.go", "app/node/identity.go", "app/node/community.go", "app/node/node.go", "app/backup/backup.go":
		return true
	}
	subject, _, _ := strings.Cut(code, ".")
	return slices.Contains([]string{"app.locked", "app.phase", "device.copied", "file.unknown", "internal"}, code) || slices.Contains([]string{"bundle", "data"}, subject)
}

// TestEverySentence compares the sentences with the codes of the source: each is of
// a code that something answers, with parameters that it gives, and what a
// command may be answered has one.
func TestEverySentence(t *testing.T) {
	params, seen := map[string]string{"internal": ""}, 0
	err := filepath.WalkDir("../..", func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if e.IsDir() && (e.Name() == "node_modules" || e.Name() == ".git") {
			return filepath.SkipDir
		}
		if filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		b, err := os.ReadFile(path)
		file, _ := strings.CutPrefix(filepath.ToSlash(path), "../../")
		for _, m := range made.FindAllStringSubmatch(string(b), -1) {
			params[m[1]] += m[2]
			seen++
			if _, ok := sentences[m[1]]; !ok && commanded(file, m[1]) {
				t.Errorf("%s answers %s, which has no sentence", file, m[1])
			}
		}
		return err
	})
	if err != nil || seen < 300 {
		t.Fatalf("%d codes in the source: %v", seen, err)
	}
	for code, text := range sentences {
		given, ok := params[code]
		if !ok {
			t.Errorf("nothing answers %s", code)
		}
		for _, m := range hole.FindAllStringSubmatch(text, -1) {
			if ok && !strings.Contains(given, `"`+m[1]+`"`) {
				t.Errorf("%s says {%s}, which it is not given", code, m[1])
			}
		}
	}
}
