package activity

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"jishan/app/fault"
)

// Limits of a pasted 接龙: a chat group has at most 500 members.
const (
	maxPaste     = 64 << 10
	maxPasteRows = 500
	maxPasteName = 20 // characters; longer is no name
)

// pasted is one line of a 接龙.
type pasted struct {
	Name string
	Tail string // last four digits of a phone number, if the line holds one
}

// numbered matches what the chat program puts before a name: "1. ", "12、",
// "3）", and the keycap digits.
var numbered = regexp.MustCompile(`^\s*(\d{1,3})(?:\x{fe0f}?\x{20e3}|\s*[.．、，,:：)）\-]|\s)\s*`)

var phoneDigits = regexp.MustCompile(`\d{4,13}`)

// parsePaste reads a pasted 接龙. With numbered lines only those count: the
// others are the title, rules and chatter. Without any, each line is a name.
// The same name and tail twice counts once. Faults: activity.paste.empty,
// activity.paste.large {max}.
func parsePaste(text string) ([]pasted, error) {
	if len(text) > maxPaste {
		return nil, fault.New("activity.paste.large", "max", maxPaste)
	}
	var with, without []pasted
	for line := range strings.Lines(strings.ToValidUTF8(text, "")) {
		line = foldDigits(strings.TrimSpace(line))
		if m := numbered.FindString(line); m != "" {
			with = addPasted(with, line[len(m):])
		} else if !strings.HasPrefix(line, "#") && !strings.HasPrefix(line, "接龙") && !strings.HasPrefix(line, "例") {
			without = addPasted(without, line)
		}
	}
	rows := with
	if len(rows) == 0 {
		rows = without
	}
	switch {
	case len(rows) == 0:
		return nil, fault.New("activity.paste.empty")
	case len(rows) > maxPasteRows:
		return nil, fault.New("activity.paste.large", "max", maxPasteRows)
	}
	return rows, nil
}

// addPasted appends what a line says, unless it is there already.
func addPasted(rows []pasted, line string) []pasted {
	p := pasted{Name: nameIn(line)}
	if p.Name == "" {
		return rows
	}
	if d := phoneDigits.FindString(strings.NewReplacer("-", "", " ", "").Replace(line)); len(d) >= 4 {
		p.Tail = d[len(d)-4:]
	}
	for _, r := range rows {
		if r == p {
			return rows
		}
	}
	return append(rows, p)
}

// nameIn returns the first words of a line that can be a name: letters and the
// dot inside names, up to digits, brackets or punctuation.
func nameIn(line string) string {
	line = strings.TrimLeftFunc(line, func(r rune) bool { return !unicode.IsLetter(r) })
	end := strings.IndexFunc(line, func(r rune) bool {
		return !unicode.IsLetter(r) && r != '·' && r != '•' && r != ' '
	})
	if end >= 0 {
		line = line[:end]
	}
	words := strings.Fields(line)
	if len(words) == 0 {
		return ""
	}
	name := words[0]
	if isLatin(name) { // Latin names have spaces, Chinese ones end at the first
		name = strings.Join(words, " ")
	} else if utf8.RuneCountInString(name) == 1 && len(words) > 1 && utf8.RuneCountInString(words[1]) == 1 {
		name += words[1] // 张 三
	}
	if utf8.RuneCountInString(name) > maxPasteName {
		return ""
	}
	return name
}

func isLatin(s string) bool {
	for _, r := range s {
		if r > unicode.MaxLatin1 {
			return false
		}
	}
	return true
}

// foldDigits turns full-width digits and spaces into plain ones.
func foldDigits(s string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r == '　' || r == '\t':
			return ' '
		}
		return r
	}, s)
}
