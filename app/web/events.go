package web

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"

	"jishan/app/fault"
)

const (
	// maxStreams bounds the open event streams: a browser keeps one per tab.
	maxStreams = 64
	// beat is how often a stream says that it lives: a page that hears nothing
	// for twice as long takes the program for gone (frontend/src/bridge/http.ts).
	beat = 5 * time.Second
	// writeLimit ends a stream whose reader does not read.
	writeLimit = 10 * time.Second
)

// events answers GET /api/events with a stream of {"topics":[...]}.
func (s *Site) events(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		w.Header().Set("Allow", http.MethodGet)
		refuse(w, http.StatusMethodNotAllowed, fault.New("web.method"))
		return
	}
	select {
	case s.streams <- struct{}{}:
		defer func() { <-s.streams }()
	default:
		refuse(w, http.StatusTooManyRequests, fault.New("web.busy"))
		return
	}
	out := &stream{w: w, c: http.NewResponseController(w)}
	if out.c.SetReadDeadline(time.Time{}) != nil { // the server's would end the stream
		refuse(w, http.StatusNotImplemented, fault.New("web.stream"))
		return
	}
	h := w.Header()
	h.Set("Content-Type", "text/event-stream")
	h.Set("Cache-Control", "no-store")
	s.stream(out, r)
}

func (s *Site) stream(out *stream, r *http.Request) {
	topics := s.product.Events(r.Context())
	tick := time.NewTicker(beat)
	defer tick.Stop()
	err := out.say("retry: 1000\n\n")
	for err == nil {
		select {
		case <-r.Context().Done():
			return
		case t, open := <-topics:
			if !open {
				return
			}
			var b []byte
			if b, err = json.Marshal(map[string][]string{"topics": t}); err == nil {
				err = out.say(fmt.Sprintf("data: %s\n\n", b))
			}
		case <-tick.C:
			err = out.say("event: here\ndata: 1\n\n")
		}
	}
}

// stream writes with a deadline of its own: the server's would end it.
type stream struct {
	w http.ResponseWriter
	c *http.ResponseController
}

func (o *stream) say(text string) error {
	if err := o.c.SetWriteDeadline(time.Now().Add(writeLimit)); err != nil {
		return err
	}
	if _, err := o.w.Write([]byte(text)); err != nil {
		return err
	}
	return o.c.Flush()
}
