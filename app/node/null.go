package node

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
)

// A null for a number leaves it at 0 in encoding/json, and a screen sends one for
// whatever is no number (a cleared field, a division by zero). 0 means something in
// most calls: an empty shelf, a limit that forbids everything. So it is refused.

// nullIn finds a null that stands where a type has a number, and names its field.
// Pointers may be null: that is how a request says that it says nothing.
func nullIn(params json.RawMessage, t reflect.Type) (field string, found bool) {
	if !bytes.Contains(params, []byte("null")) {
		return "", false
	}
	var v any
	if json.Unmarshal(params, &v) != nil {
		return "", false
	}
	return nullAt(v, t, "")
}

var unmarshaler = reflect.TypeFor[json.Unmarshaler]()

func nullAt(v any, t reflect.Type, field string) (string, bool) {
	if t.Implements(unmarshaler) || reflect.PointerTo(t).Implements(unmarshaler) {
		return "", false
	}
	switch kind := t.Kind(); {
	case kind >= reflect.Int && kind <= reflect.Float64:
		return field, v == nil
	case kind == reflect.Pointer:
		if v != nil {
			return nullAt(v, t.Elem(), field)
		}
	case kind == reflect.Slice, kind == reflect.Array:
		list, _ := v.([]any)
		for _, x := range list {
			if f, bad := nullAt(x, t.Elem(), field); bad {
				return f, true
			}
		}
	case kind == reflect.Map:
		all, _ := v.(map[string]any)
		for k, x := range all {
			if f, bad := nullAt(x, t.Elem(), within(field, k)); bad {
				return f, true
			}
		}
	case kind == reflect.Struct:
		all, _ := v.(map[string]any)
		return nullOf(all, t, field)
	}
	return "", false
}

func nullOf(all map[string]any, t reflect.Type, field string) (string, bool) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if f.Anonymous && name == "" {
			if at, bad := nullOf(all, indirect(f.Type), field); bad {
				return at, true
			}
			continue
		}
		if name == "" {
			name = f.Name
		}
		for k, x := range all {
			if !strings.EqualFold(k, name) { // as encoding/json reads names
				continue
			}
			if at, bad := nullAt(x, f.Type, within(field, name)); bad {
				return at, true
			}
		}
	}
	return "", false
}

func indirect(t reflect.Type) reflect.Type {
	if t.Kind() == reflect.Pointer {
		return t.Elem()
	}
	return t
}

func within(field, name string) string {
	if field == "" {
		return name
	}
	return field + "." + name
}
