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
