// Package web serves the use cases over HTTP: to the browser on this machine,
// to the window's asset server, and, from a listener of its own, to the phones
// on the LAN.
//
// It must never know a subject: names, parameters and results pass through as
// they are. What it does know is HTTP: who may ask, how much, how fast, and how
// a fault becomes a reply. Start reading at New; guard.go is what keeps other
// web sites and other machines out, gate.go the other users of this machine,
// phone.go what phones may reach.
package web

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"io/fs"
	"log/slog"
	"net/http"
	"net/url"
	"time"
)

// Product is the part of a running device that the pages use.
type Product interface {
	// Call runs one use case of the screens; errors are faults or internal.
	Call(ctx context.Context, name string, params json.RawMessage) (any, error)
	// PhoneCall runs one use case of the phone pages.
	PhoneCall(ctx context.Context, name string, params json.RawMessage) (any, error)
	// File makes one file for saving.
	File(ctx context.Context, name string, q url.Values) (*File, error)
	// Events tells which topics changed until ctx ends; then it is closed.
	Events(ctx context.Context) <-chan []string
}

// File is something to save: its file name, its media type, its content. A Body
// that is an io.Closer is closed after use.
type File struct {
	Name, Type string
	Body       io.Reader
}

// Config is what a Site is made of.
type Config struct {
	Product Product
	Dist    fs.FS            // what vite built: index.html, phone.html, assets/
	Log     *slog.Logger     // internal errors and panics go here, never parameters
	Clock   func() time.Time // for the rate limits and the pauses
	Random  io.Reader        // for the words and sessions of this start
	// Fresh reports that there is nothing to protect yet: no community here. Then
	// the first browser is let in without a word.
	Fresh func() bool
}

// Site answers requests for one device.
type Site struct {
	product Product
	dist    fs.FS
	log     *slog.Logger
	clock   func() time.Time
	streams chan struct{} // one place per open event stream
	gate    *gate
}

// New returns the site of one device.
func New(cfg Config) (*Site, error) {
	if cfg.Product == nil || cfg.Dist == nil || cfg.Log == nil || cfg.Clock == nil || cfg.Random == nil || cfg.Fresh == nil {
		return nil, errors.New("web: a product, the pages, a log, a clock, randomness and whether it is fresh are needed")
	}
	g, err := newGate(cfg.Clock, cfg.Random, cfg.Fresh)
	if err != nil {
		return nil, err
	}
	return &Site{product: cfg.Product, dist: cfg.Dist, log: cfg.Log, clock: cfg.Clock,
		streams: make(chan struct{}, maxStreams), gate: g}, nil
}

// Browser is the whole site for browsers on this machine.
func (s *Site) Browser() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/api/open", s.open)
	mux.HandleFunc("/api/call/{name}", s.opened(s.call))
	mux.HandleFunc("/api/file/{name}", s.opened(s.file))
	mux.HandleFunc("/api/events", s.opened(s.events))
	mux.HandleFunc("/api/", unknownPath)
	mux.HandleFunc("/", s.page)
	return s.recovered(secured(sameMachine(mux)))
}

// Window is what the window's asset server can't answer from the pages
// themselves: files. It is called in this process only, so there is no host to
// check; calls and events go through bindings.
func (s *Site) Window() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("/api/file/{name}", s.file)
	mux.HandleFunc("/", unknownPath)
	return s.recovered(secured(mux))
}
