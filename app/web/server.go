package web

import (
	"context"
	"errors"
	"log"
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"time"
)

const (
	headLimit = 5 * time.Second  // a request's head; slower is an attack or a dead link
	idleLimit = 60 * time.Second // a connection kept for the next request
	maxHead   = 16 << 10
	// A screen uploads 24 MiB over loopback and downloads a year of rows; a
	// phone sends a form over a weak radio link.
	screenRead, screenWrite = 60 * time.Second, 5 * time.Minute
	phoneRead, phoneWrite   = 15 * time.Second, 3 * time.Minute
	// Connections: a browser opens six per host, a hall holds two hundred phones.
	screenConns, phoneConns, phoneConnsEach = 256, 512, 24
)

// Server is one listener with its handler.
type Server struct {
	http *http.Server
	l    net.Listener
	end  context.CancelFunc
	done chan error
}

// ErrNotLoopback refuses to serve the screens to other machines.
var ErrNotLoopback = errors.New("the screens are plain HTTP, so they are served on this machine only (127.0.0.1 or [::1]); phones use --phone")

// ServeBrowser serves the screens on a loopback address, "host:port"; without a
// host it is 127.0.0.1, port 0 takes a free one.
func (s *Site) ServeBrowser(addr string) (*Server, error) {
	addr, err := loopback(addr)
	if err != nil {
		return nil, err
	}
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	l = newCrowd(l, screenConns, screenConns)
	return start(l, s.Browser(), screenRead, screenWrite, s.log), nil
}

// ServePhone serves the phone pages; "" as the host means every address of
// this machine.
func (s *Site) ServePhone(addr string) (*Server, error) {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		return nil, err
	}
	return start(newCrowd(l, phoneConns, phoneConnsEach), s.Phone(), phoneRead, phoneWrite, s.log), nil
}

func loopback(addr string) (string, error) {
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "", err
	}
	if host == "" || host == "localhost" {
		host = "127.0.0.1"
	}
	ip, err := netip.ParseAddr(host)
	if err != nil || !ip.IsLoopback() {
		return "", ErrNotLoopback
	}
	return net.JoinHostPort(host, port), nil
}

func start(l net.Listener, h http.Handler, read, write time.Duration, to *slog.Logger) *Server {
	base, end := context.WithCancel(context.Background())
	s := &Server{l: l, end: end, done: make(chan error, 1)}
	s.http = &http.Server{
		Handler: h, ReadHeaderTimeout: headLimit, ReadTimeout: read, WriteTimeout: write, IdleTimeout: idleLimit,
		MaxHeaderBytes: maxHead, BaseContext: func(net.Listener) context.Context { return base },
		ErrorLog: log.New(quiet{to}, "", 0),
	}
	go func() { s.done <- s.http.Serve(l) }()
	return s
}

// Addr is the address that was taken, "host:port".
func (s *Server) Addr() string { return s.l.Addr().String() }

// Close stops listening, ends the event streams, and waits for the calls that
// are under way until ctx ends.
func (s *Server) Close(ctx context.Context) error {
	s.end()
	err := s.http.Shutdown(ctx)
	if err != nil {
		err = errors.Join(err, s.http.Close())
	}
	if e := <-s.done; !errors.Is(e, http.ErrServerClosed) {
		err = errors.Join(err, e)
	}
	return err
}

// quiet keeps what net/http reports about broken connections out of the
// terminal and, as it may quote a request, out of the log but for the fact.
type quiet struct{ to *slog.Logger }

func (q quiet) Write(b []byte) (int, error) {
	q.to.Debug("a connection ended badly")
	return len(b), nil
}
