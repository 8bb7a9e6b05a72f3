package node

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"reflect"

	"jishan/app/fault"
)

// handler is one use case as the shells call it: JSON in, a value that
// becomes JSON out.
type handler struct {
	takes reflect.Type // what its JSON is read into: the sweep of bad input goes by it
	run   func(ctx context.Context, params json.RawMessage) (any, error)
}

// typed turns a use case with its own request and reply types into a handler.
// Unknown or ill-typed fields are refused: a screen that is newer than the
// program must learn so at once.
func typed[Req, Res any](f func(context.Context, Req) (Res, error)) handler {
	return handler{reflect.TypeFor[Req](), func(ctx context.Context, params json.RawMessage) (any, error) {
		var req Req
		if err := strict(params, &req); err != nil {
			return nil, err
		}
		return f(ctx, req)
	}}
}

func strict(params json.RawMessage, into any) error {
	if len(bytes.TrimSpace(params)) == 0 {
		params = json.RawMessage("{}")
	}
	d := json.NewDecoder(bytes.NewReader(params))
	d.DisallowUnknownFields()
	err := d.Decode(into)
	if err == nil {
		if _, e := d.Token(); !errors.Is(e, io.EOF) {
			err = errors.New("more than one value")
		}
	}
	if err == nil {
		if field, bad := nullIn(params, reflect.TypeOf(into).Elem()); bad {
			return fault.New("call.params", "field", field)
		}
		return nil
	}
	if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fault.New("call.params", "field", t.Field)
	}
	return fault.New("call.params", "field", "")
}

// none is the request or reply of a call that has nothing to say.
type none struct{}

// Call runs one use case of api.ts. Errors are *fault.Fault or become
// "internal" at the shell, which writes them to the log; "call.unknown" names a call that does not exist.
func (n *Node) Call(ctx context.Context, name string, params json.RawMessage) (any, error) {
	if _, known := n.calls[name]; known {
		if err := n.admits(name); err != nil {
			return nil, n.told(err)
		}
	}
	if onceCalls[name] {
		return n.once(ctx, name, params)
	}
	return n.dispatch(ctx, n.calls, name, params)
}

// May tells whether who is at the screen may make a call now. Faults: those of locked
// screens and of rights.
func (n *Node) May(name string) error { return n.told(n.admits(name)) }

// phoneStation tells a page what it needs to seal its calls; it is the only one
// that is asked in the clear.
const phoneStation = "phone.station"

// PhoneCall runs one of the few use cases that phone pages have. Parameters and
// result are boxes (app/page); an error that is no fault stays with the shell.
func (n *Node) PhoneCall(ctx context.Context, name string, params json.RawMessage) (any, error) {
	if name == phoneStation {
		return n.pages.Hello(), nil
	}
	r, err := n.pages.Open(name, params)
	if err != nil {
		return nil, err
	}
	result, err := n.phoneOpened(context.WithValue(ctx, pageKey{}, r.Page), name, r.Params)
	f, refused := errors.AsType[*fault.Fault](err)
	if err != nil && !refused {
		return nil, err
	}
	return r.Answer(result, f)
}

// pageKey is where a call keeps the key of the page that made it.
type pageKey struct{}

func pageOf(ctx context.Context) string {
	page, _ := ctx.Value(pageKey{}).(string)
	return page
}

func (n *Node) phoneOpened(ctx context.Context, name string, params json.RawMessage) (any, error) {
	return n.dispatch(context.WithValue(ctx, byPhone{}, true), n.phoneCalls, name, params)
}

func (n *Node) dispatch(ctx context.Context, calls map[string]handler, name string, params json.RawMessage) (any, error) {
	h, ok := calls[name]
	if !ok {
		return nil, fault.New("call.unknown", "name", clip(name, 60))
	}
	v, err := h.run(ctx, params)
	return v, n.told(err)
}

func clip(s string, n int) string {
	r := []rune(s)
	if len(r) > n {
		return string(r[:n])
	}
	return s
}
