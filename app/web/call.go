package web

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime"
	"net/http"
	"regexp"
	"strings"
	"time"

	"jishan/app/fault"
)

const (
	// maxCall is the largest request of a screen: a roster workbook or a bundle
	// as base64 (16 MiB of file) with room to spare.
	maxCall = 24 << 20
	// callLimit ends a call that no screen waits for any more.
	callLimit = 2 * time.Minute
)

// callName is what a use case may be called: subject.verb.
var callName = regexp.MustCompile(`^[a-z]{1,30}\.[a-zA-Z]{1,40}$`)

// runner is Product.Call or Product.PhoneCall.
type runner func(ctx context.Context, name string, params json.RawMessage) (any, error)

// call answers POST /api/call/<name>.
func (s *Site) call(w http.ResponseWriter, r *http.Request) {
	s.run(w, r, maxCall, s.product.Call)
}

// run reads one call, carries it out and answers. The call does not end when
// the page goes away: a command that was sent is carried out.
func (s *Site) run(w http.ResponseWriter, r *http.Request, limit int64, call runner) {
	name := r.PathValue("name")
	params, status, f := readCall(w, r, name, limit)
	if f != nil {
		refuse(w, status, f)
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(r.Context()), callLimit)
	defer cancel()
	result, err := call(ctx, name, params)
	if err != nil {
		s.fail(w, name, err)
		return
	}
	body, err := json.Marshal(result)
	if err != nil {
		s.fail(w, name, err)
		return
	}
	reply(w, http.StatusOK, body)
}

func readCall(w http.ResponseWriter, r *http.Request, name string, limit int64) (json.RawMessage, int, *fault.Fault) {
	if !callName.MatchString(name) {
		return nil, http.StatusNotFound, fault.New("call.unknown", "name", "")
	}
	return readJSON(w, r, limit)
}

// readOpen reads what a page shows at the gate.
func readOpen(w http.ResponseWriter, r *http.Request, p *proof) (int, *fault.Fault) {
	body, status, f := readJSON(w, r, maxOpen)
	if f != nil {
		return status, f
	}
	if json.Unmarshal(body, p) != nil {
		return http.StatusBadRequest, fault.New("web.json")
	}
	return 0, nil
}

// readJSON reads the body of a POST, at most limit bytes of it.
func readJSON(w http.ResponseWriter, r *http.Request, limit int64) (json.RawMessage, int, *fault.Fault) {
	if r.Method != http.MethodPost {
		w.Header().Set("Allow", http.MethodPost)
		return nil, http.StatusMethodNotAllowed, fault.New("web.method")
	}
	if kind, _, err := mime.ParseMediaType(r.Header.Get("Content-Type")); err != nil || kind != "application/json" {
		return nil, http.StatusUnsupportedMediaType, fault.New("web.type")
	}
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if _, big := errors.AsType[*http.MaxBytesError](err); big {
		return nil, http.StatusRequestEntityTooLarge, fault.New("web.large", "limit", limit)
	}
	if err != nil {
		return nil, http.StatusBadRequest, fault.New("web.cut")
	}
	if len(body) == 0 {
		body = []byte("{}")
	}
	if !json.Valid(body) {
		return nil, http.StatusBadRequest, fault.New("web.json")
	}
	return body, 0, nil
}

// fail answers an error: a fault as it is, everything else as "internal", whose
// text goes into the log only.
func (s *Site) fail(w http.ResponseWriter, name string, err error) {
	if errors.Is(err, context.DeadlineExceeded) {
		refuse(w, http.StatusServiceUnavailable, fault.New("web.slow"))
		return
	}
	f := fault.Of(err)
	if f.Code == "internal" {
		LogInternal(s.log, name, err)
	}
	refuse(w, statusOf(f), f)
}

// maxLogged cuts an error text: what is longer is somebody's input.
const maxLogged = 500

// LogInternal writes down an error that is no fault, for whoever looks after
// the program.
func LogInternal(log *slog.Logger, name string, err error) {
	text := err.Error()
	if len(text) > maxLogged {
		text = text[:maxLogged]
	}
	log.Error("a call failed", "call", name, "err", text)
}

func statusOf(f *fault.Fault) int {
	switch {
	case f.Code == "internal":
		return http.StatusInternalServerError
	case strings.HasSuffix(f.Code, ".unknown"):
		return http.StatusNotFound
	default:
		return http.StatusUnprocessableEntity
	}
}

// refuse answers with a fault.
func refuse(w http.ResponseWriter, status int, f *fault.Fault) {
	body, err := json.Marshal(f)
	if err != nil { // a parameter that is no JSON: the code must still arrive
		body, _ = json.Marshal(fault.New(f.Code))
	}
	reply(w, status, body)
}

func reply(w http.ResponseWriter, status int, body []byte) {
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_, _ = w.Write(body) // the reader has gone: there is nobody to tell
}

func unknownPath(w http.ResponseWriter, _ *http.Request) {
	refuse(w, http.StatusNotFound, fault.New("web.unknown"))
}
