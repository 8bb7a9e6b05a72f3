package people

import (
	"cmp"
	"slices"
	"strings"
	"unicode"
)

// Skilled is somebody whose skills have something in common with a text.
type Skilled struct {
	ID           ID
	Name, Masked string
	Grid         string
	Skills       string
	Away, Unable bool
	Common       int // how much
}

// Skilled lists people by how much their skills have in common with a text, those with most
// first. Skills are what somebody typed (水电维修、理发), a wish is, too, and so two signs that stand
// side by side in both are taken for one thing; of other scripts it must be a whole word.
func (p *People) Skilled(text string) ([]Skilled, error) {
	wanted := pieces(text)
	d, err := p.current()
	if err != nil {
		return nil, err
	}
	defer d.mu.Unlock()
	var out []Skilled
	for _, e := range d.sorted() {
		n := 0
		for piece := range pieces(e.skills) {
			if wanted[piece] {
				n++
			}
		}
		if n > 0 {
			out = append(out, Skilled{e.id, e.name, Mask(e.name), e.grid, e.skills, slices.Contains(e.flags, "away"), slices.Contains(e.flags, "unable"), n})
		}
	}
	slices.SortStableFunc(out, func(a, b Skilled) int { return cmp.Compare(b.Common, a.Common) })
	return out, nil
}

// vague are signs that stand together in many skills and wishes and say nothing of either.
var vague = map[string]bool{"服务": true, "帮忙": true, "帮助": true, "老人": true, "志愿": true, "擅长": true, "可以": true, "居民": true, "社区": true, "家里": true, "需要": true}

// pieces are the words of other scripts and the pairs of Chinese signs of a text.
func pieces(text string) map[string]bool {
	out := map[string]bool{}
	for _, word := range strings.FieldsFunc(strings.ToLower(text), func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) }) {
		signs := []rune(word)
		if !unicode.Is(unicode.Han, signs[0]) {
			out[word] = true
			continue
		}
		for i := range len(signs) - 1 {
			if pair := string(signs[i : i+2]); !vague[pair] {
				out[pair] = true
			}
		}
	}
	return out
}
