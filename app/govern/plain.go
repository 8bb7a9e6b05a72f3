package govern

import (
	"crypto/sha256"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/oklog/ulid/v2"
)

// PlainLine tells whether typed text can stand on one line of a screen or a
// printed form as it reads: no line breaks, no control characters, and no marks
// that turn the direction of writing, with which one name can look like
// another. All subjects ask this of what people type, before it is written and
// when it comes from other devices.
func PlainLine(s string) bool {
	return utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return r == '\n' || disturbs(r) })
}

// ShortLine is PlainLine of at most limit characters.
func ShortLine(s string, limit int) bool { return utf8.RuneCountInString(s) <= limit && PlainLine(s) }

// FilledLine is ShortLine of what says something.
func FilledLine(s string, limit int) bool { return strings.TrimSpace(s) != "" && ShortLine(s, limit) }

// TrimmedLine is FilledLine without spaces at its ends.
func TrimmedLine(s string, limit int) bool { return s == strings.TrimSpace(s) && FilledLine(s, limit) }

// IsID says whether s is an id as records write them: 16 bytes as a ULID is written, in
// lower case.
func IsID(s string) bool {
	_, err := ulid.ParseStrict(strings.ToUpper(s))
	return err == nil && s == strings.ToLower(s)
}

// HashID is the id of what never changes, by what it says; domain keeps one kind of thing
// from bearing another's id.
func HashID(domain, of string) string {
	h := sha256.Sum256([]byte(domain + "\x00" + of))
	return strings.ToLower(ulid.ULID(h[:16]).String())
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
