package people

import (
	"slices"
	"strings"
	"unicode/utf8"
)

// minNamed is the shortest name that is looked for in a text: a single sign stands
// in every sentence.
const minNamed = 2

// InText lists the names of residents that stand in a text in full, the longest
// first, so that whoever masks them one after another leaves nothing of any.
func (p *People) InText(text string) ([]string, error) {
	d, err := p.current()
	if err != nil {
		return nil, err
	}
	defer d.mu.Unlock()
	var out []string
	for _, e := range d.sorted() {
		if utf8.RuneCountInString(e.name) >= minNamed && strings.Contains(text, e.name) && !slices.Contains(out, e.name) {
			out = append(out, e.name)
		}
	}
	slices.SortStableFunc(out, func(a, b string) int { return len(b) - len(a) })
	return out, nil
}
