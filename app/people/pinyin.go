package people

import (
	"slices"
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

// surnames are characters that are read otherwise at the head of a name.
var surnames = map[rune]string{
	'仇': "qiu", '单': "shan", '解': "xie", '查': "zha", '曾': "zeng", '区': "ou", '任': "ren", '华': "hua", '朴': "piao", '盖': "ge",
	'缪': "miao", '冼': "xian", '翟': "zhai", '尹': "yin", '覃': "qin", '黑': "he", '折': "she", '种': "chong", '繁': "po", '秘': "bi",
	'洗': "xian", '乐': "yue", '召': "shao", '员': "yun", '宓': "mi", '纪': "ji", '燕': "yan", '宁': "ning", '葛': "ge", '郇': "xun", '令': "ling",
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
			if p != "" && !slices.Contains(out, p) {
				out = append(out, p)
			}
		}
	case unicode.IsLetter(r):
		out = []string{string(unicode.ToLower(r))}
	}
	s.known[r] = out
	return out
}

// spelling is one reading of a name.
type spelling struct{ full, initials string }

// spell returns the readings of a name, the usual one first.
func (s *speller) spell(name string) []spelling {
	out := []spelling{{}}
	for i, r := range name {
		readings := s.rune(r)
		if as, ok := surnames[r]; ok && i == 0 {
			readings = append([]string{as}, slices.DeleteFunc(slices.Clone(readings), func(p string) bool { return p == as })...)
		}
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
