package seal

import "testing"

func TestOperatorText(t *testing.T) {
	for text, want := range map[string][2]string{
		"":                            {"", ""},
		"张三":                          {"张三", ""},
		"张三#04hg2cia":                 {"张三", "04hg2cia"},
		"a#b#04hg2cia":                {"a#b", "04hg2cia"},
		"#04hg2cia":                   {"", "04hg2cia"},
		"张三#04hg2ciz":                 {"张三#04hg2ciz", ""}, // z is no digit of an id
		"张三#04HG2CIA":                 {"张三#04HG2CIA", ""},
		"张三 04hg2cia":                 {"张三 04hg2cia", ""},
		OperatorText("李", "00000000"): {"李", "00000000"},
	} {
		name, id := SplitOperator(text)
		if name != want[0] || id != want[1] {
			t.Errorf("%q: %q and %q", text, name, id)
		}
		c, err := ParseContext(Context{Term: 1, Seq: 2, Operator: text, Action: "a"}.String())
		if err != nil || c.Operator != text || c.Name() != want[0] {
			t.Errorf("%q: %+v %v", text, c, err)
		}
	}
}
