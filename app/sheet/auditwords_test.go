package sheet

import (
	"maps"
	"os"
	"regexp"
	"strings"
	"testing"
)

// The workbook calls an action what the screen calls it.
func TestAuditWords(t *testing.T) {
	page, err := os.ReadFile("../../frontend/src/i18n/zh/auditaction.ts")
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^  (\w+): '([^']*)',$`).FindAllStringSubmatch(string(page), -1) {
		want[strings.Replace(m[1], "_", ".", 1)] = m[2]
	}
	if len(want) == 0 || !maps.Equal(want, auditWords) {
		t.Errorf("the screen has %d words, the workbook %d, or they differ", len(want), len(auditWords))
	}
}
