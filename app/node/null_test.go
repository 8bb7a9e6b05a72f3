package node

import (
	"encoding/json"
	"errors"
	"reflect"
	"testing"

	"jishan/app/fault"
)

// A null for a number is refused with the field's name by every call, as nothing else
// would keep it from counting as 0; a pointer may be null, a list may be, too.
func TestNullIsNoNumber(t *testing.T) {
	type inner struct {
		N int64 `json:"n"`
	}
	type embedded struct {
		E float64 `json:"e"`
	}
	type request struct {
		embedded
		Deep []inner          `json:"deep"`
		By   map[string]inner `json:"by"`
		May  *int64           `json:"may"`
		Raw  json.RawMessage  `json:"raw"`
		Text string           `json:"text"`
	}
	for text, field := range map[string]string{
		`{"e": null}`:                              "e",
		`{"E": null}`:                              "e",
		`{"deep": [{"n": 1}, {"n": null}]}`:        "deep.n",
		`{"by": {"x": {"n": null}}}`:               "by.x.n",
		`{"may": null, "deep": null, "raw": null}`: "-",
		`{"text": "null", "deep": [{"n": 0}]}`:     "-",
	} {
		var r request
		err := strict(json.RawMessage(text), &r)
		f, _ := errors.AsType[*fault.Fault](err)
		if field == "-" && err != nil || field != "-" && (f == nil || f.Code != "call.params" || f.Params["field"] != field) {
			t.Errorf("%s: %v, want %s", text, err, field)
		}
	}

	// Every number at the top of every call.
	d := start(t, t.TempDir())
	looked := 0
	for name, h := range d.calls {
		for _, field := range numbersOf(h.takes) {
			looked++
			params, err := json.Marshal(object{field: nil})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := h.run(t.Context(), params); !errors.Is(err, fault.New("call.params")) {
				t.Errorf("%s: null for %s: %v", name, field, err)
			}
		}
	}
	if looked < 30 {
		t.Errorf("only %d numbers in all calls", looked)
	}
}

func numbersOf(t reflect.Type) (names []string) {
	if t.Kind() != reflect.Struct {
		return nil
	}
	for i := range t.NumField() {
		f := t.Field(i)
		if k := f.Type.Kind(); k >= reflect.Int && k <= reflect.Float64 && f.Tag.Get("json") != "" {
			names = append(names, f.Tag.Get("json"))
		}
	}
	return names
}
