package ledger

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestThePackageCommentNamesEveryFile(t *testing.T) {
	doc, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	named := regexp.MustCompile(`[a-z_]+\.(go|sql)`).FindAllString(string(doc), -1)
	slices.Sort(named)
	files, err := filepath.Glob("*.*")
	if err != nil {
		t.Fatal(err)
	}
	files = slices.DeleteFunc(files, func(f string) bool { return f == "doc.go" || strings.HasSuffix(f, "_test.go") })
	slices.Sort(files)
	if !slices.Equal(named, files) {
		t.Errorf("doc.go names\n%v\nthe folder holds\n%v", named, files)
	}
}
