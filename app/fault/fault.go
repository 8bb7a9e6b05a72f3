// Package fault carries errors to the screens: a code and its parameters.
//
// The frontend owns every sentence; Go only names what went wrong. Codes are
// "subject.reason", for instance "people.phone.bad". Package fault must never
// know a subject, a language, or where a fault is shown.
package fault

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Fault is an error that a person at a screen can do something about.
type Fault struct {
	Code   string         `json:"code"`
	Params map[string]any `json:"params,omitempty"`
}

// New returns a fault with the code and the parameters given as key, value,
// key, value. It panics on an odd number, which is a programming error.
func New(code string, kv ...any) *Fault {
	if len(kv)%2 != 0 {
		panic("fault.New: a key without its value")
	}
	f := &Fault{Code: code}
	for i := 0; i < len(kv); i += 2 {
		if f.Params == nil {
			f.Params = map[string]any{}
		}
		f.Params[kv[i].(string)] = kv[i+1]
	}
	return f
}

// Error returns the code and its parameters in a fixed order, for logs.
func (f *Fault) Error() string {
	var b strings.Builder
	b.WriteString(f.Code)
	for _, k := range slices.Sorted(maps.Keys(f.Params)) {
		fmt.Fprintf(&b, " %s=%v", k, f.Params[k])
	}
	return b.String()
}

// Is makes errors.Is compare faults by code.
func (f *Fault) Is(target error) bool {
	t, ok := target.(*Fault)
	return ok && t.Code == f.Code
}

// Of returns the fault inside err. Whatever is no fault becomes "internal",
// whose parameters hold nothing: inner errors belong into the log.
func Of(err error) *Fault {
	if f, ok := errors.AsType[*Fault](err); ok {
		return f
	}
	return New("internal")
}
