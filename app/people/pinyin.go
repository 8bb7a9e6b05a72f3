package people

import (
	"strings"
	"unicode"

	"github.com/mozillazg/go-pinyin"
)

// maxReadings bounds how many spellings of one name are searched: names of
// four characters with two readings each make sixteen.
const maxReadings = 16

// speller turns names into pinyin. Most people share a few hundred
// characters, so each character is looked up once.
type speller struct {
	args  pinyin.Args
	known map[rune][]string
}

func newSpeller() *speller {
	args := pinyin.NewArgs()
	args.Heteronym = true
	return &speller{args: args, known: map[rune][]string{}}
}

// rune returns the readings of a character, itself in lower case if it is no
// Han character, nil for what is skipped.
func (s *speller) rune(r rune) []string {
	if out, ok := s.known[r]; ok {
		return out
	}
	var out []string
	switch {
	case unicode.Is(unicode.Han, r):
		for _, p := range pinyin.SinglePinyin(r, s.args) {
			p = strings.ReplaceAll(p, "ü", "v")
			if p != "" && !contains(out, p) {
				out = append(out, p)
			}
		}
	case unicode.IsLetter(r):
		out = []string{string(unicode.ToLower(r))}
	}
	s.known[r] = out
	return out
}

func contains(list []string, s string) bool {
	for _, e := range list {
		if e == s {
			return true
		}
	}
	return false
}

// spelling is one reading of a name.
type spelling struct{ full, initials string }

// spell returns the readings of a name, the usual one first.
func (s *speller) spell(name string) []spelling {
	out := []spelling{{}}
	for _, r := range name {
		readings := s.rune(r)
		if len(readings) == 0 {
			continue
		}
		var next []spelling
		for _, p := range readings { // the usual reading of all before the rarer ones
			for _, o := range out {
				if len(next) < maxReadings {
					next = append(next, spelling{o.full + p, o.initials + string([]rune(p)[0])})
				}
			}
		}
		out = next
	}
	return out
}
