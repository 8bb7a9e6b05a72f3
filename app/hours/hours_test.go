package hours

import (
	"strings"
	"testing"

	"jishan/crdt/wire"
)

func value(v any) wire.Value { return wire.BytesValue(must(encoding.Marshal(v))) }

// What admission lets in, and what not.
func TestForm(t *testing.T) {
	p := Paper{Format: format, Year: 2026, Number: 7, Person: strings.Repeat("a", 26), At: 5, By: "经办人甲", From: 1, To: 9, Times: 2, Minutes: 90}
	id := serviceID("deed:1")
	form := func(key string, v wire.Value) error { return Form(&wire.Change{Ops: []wire.Op{{Key: key, Value: v}}}) }
	layout := Layout{Format: format, At: 1, Columns: []Column{{Title: "姓名", Field: "name"}}}
	for what, err := range map[string]error{
		"a certificate":   form("paper/2026-000007/issued", value(p)),
		"a mark":          form("sent/"+id+"/national", value(sent{Format: format, At: 1, Batch: 1})),
		"a layout":        form("layout/national/columns", value(layout)),
		"a newer format":  form("paper/2026-000007/issued", value([]any{uint64(2), "x"})),
		"of a newer kind": form("more/x/y", wire.StringValue("x")),
	} {
		if err != nil {
			t.Errorf("%s is refused: %v", what, err)
		}
	}
	none, wide := p, layout
	none.Minutes = 0
	wide.Columns = make([]Column, MaxColumns+1)
	for what, err := range map[string]error{
		"under another number":   form("paper/2026-000008/issued", value(p)),
		"of no minute":           form("paper/2026-000007/issued", value(none)),
		"of batch 0":             form("sent/"+id+"/national", value(sent{Format: format, At: 1})),
		"of a service of no key": form("sent/x/national", value(sent{Format: format, At: 1, Batch: 1})),
		"too many columns":       form("layout/national/columns", value(wide)),
		"an unknown field":       form("layout/national/columns", value(Layout{Format: format, At: 1, Columns: []Column{{Title: "x", Field: "pin"}}})),
		"a deletion":             Form(&wire.Change{Ops: []wire.Op{{Key: "sent/" + id + "/national", Delete: true}}}),
	} {
		if err == nil {
			t.Errorf("%s passes", what)
		}
	}
}
