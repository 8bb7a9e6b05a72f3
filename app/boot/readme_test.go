package boot

import (
	"os"
	"regexp"
	"strings"
	"testing"
)

// TestREADMEsNameEveryCommand compares the block of commands in both READMEs
// with the program's own list: every command, every word and flag it takes.
func TestREADMEsNameEveryCommand(t *testing.T) {
	words := regexp.MustCompile(`--[a-z0-9-]+|\b[a-z]{3,}\b`)
	for _, file := range []string{"../../README.md", "../../README.zh-CN.md"} {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		_, block, _ := strings.Cut(string(text), "jishan serve ")
		block, _, _ = strings.Cut("jishan serve "+block, "```")
		for _, c := range commands() {
			for _, want := range append(words.FindAllString(c.args, -1), c.name) {
				if want != "--json" && !regexp.MustCompile(`(^|[^a-z-])`+want+`($|[^a-z-])`).MatchString(block) {
					t.Errorf("%s does not name %q of jishan %s", file, want, c.name)
				}
			}
		}
		for _, line := range strings.Split(strings.TrimSpace(block), "\n") {
			if name := strings.Fields(line)[1]; !isCommand(name) {
				t.Errorf("%s names jishan %s, which is no command", file, name)
			}
		}
	}
}

func isCommand(name string) bool {
	for _, c := range commands() {
		if c.name == name {
			return true
		}
	}
	return false
}
