package govern

import "testing"

func TestPlain(t *testing.T) {
	for s, want := range map[string]struct{ line, text bool }{
		"张三":          {true, true},
		"阿依古丽·买买提":    {true, true},
		"a\u200cb":    {true, true}, // joins letters in some scripts
		"第一行\n第二行":    {false, true},
		"a\tb":        {false, false},
		"a\rb":        {false, false},
		"a\u2028b":    {false, false},
		"a\u202eb":    {false, false},
		"a\u2066b":    {false, false},
		"a\u061cb":    {false, false},
		"a\u0085b":    {false, false},
		"a\x7fb":      {false, false},
		"\xff":        {false, false},
		"中文，English。": {true, true},
	} {
		if PlainLine(s) != want.line || PlainText(s) != want.text {
			t.Errorf("%q: line %v, text %v", s, PlainLine(s), PlainText(s))
		}
	}
}

// What may stand where a record names an id, and on one line.
func TestIDsAndLines(t *testing.T) {
	for s, want := range map[string]bool{
		"01arz3ndektsv4rrffq69g5fav": true, "00000000000000000000000000": true,
		"01ARZ3NDEKTSV4RRFFQ69G5FAV": false, "01arz3ndektsv4rrffq69g5fa": false, "01arz3ndektsv4rrffq69g5favx": false,
		"81arz3ndektsv4rrffq69g5fav": false, "01arz3ndektsv4rrffq69g5fau": false, "": false,
	} {
		if IsID(s) != want {
			t.Errorf("IsID(%q) is %v", s, !want)
		}
	}
	for s, want := range map[string][3]bool{ // short, filled, trimmed
		"一二三": {true, true, true}, "一二三四": {}, "": {true}, " ": {true}, " 一": {true, true}, "一\n": {}, "\xff": {},
	} {
		if got := [3]bool{ShortLine(s, 3), FilledLine(s, 3), TrimmedLine(s, 3)}; got != want {
			t.Errorf("%q: %v, want %v", s, got, want)
		}
	}
}
