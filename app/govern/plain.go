package govern

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// PlainLine tells whether typed text can stand on one line of a screen or a
// printed form as it reads: no line breaks, no control characters, and no marks
// that turn the direction of writing, with which one name can look like
// another. All subjects ask this of what people type, before it is written and
// when it comes from other devices.
func PlainLine(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r == '\n' || disturbs(r) })
}

// PlainText is PlainLine for texts of several lines.
func PlainText(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, disturbs)
}

func disturbs(r rune) bool {
	switch r {
	case '\n':
		return false
	case '\u2028', '\u2029': // line and paragraph separator
		return true
	}
	return unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r)
}
