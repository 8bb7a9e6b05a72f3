package govern

import (
	"os"
	"strings"
	"testing"
)

// The page for people shows the table that the program judges by.
func TestDocsShowTheTable(t *testing.T) {
	page, err := os.ReadFile("../../docs/personal-data.md")
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(page), TableText()) {
		t.Errorf("docs/personal-data.md lacks this table:\n%s", TableText())
	}
}
