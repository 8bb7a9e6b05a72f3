package web

import (
	"log/slog"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"runtime/debug"
	"strings"

	"jishan/app/fault"
)

// policy is the content security policy of every page: nothing from anywhere
// else, and nobody puts these pages into a frame. Naive UI writes its styles
// into the page. Codes are read by scanner guns and typed: no camera, no worker.
const policy = "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; " +
	"img-src 'self' data:; font-src 'self'; connect-src 'self'; worker-src 'none'; frame-src 'none'; " +
	"object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// secured sets the headers that every answer carries.
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Permissions-Policy", "geolocation=(), microphone=(), camera=()")
		next.ServeHTTP(w, r)
	})
}

// Secure sets the same headers on the window's pages.
func Secure(next http.Handler) http.Handler { return secured(next) }

// sameMachine refuses what another web site made this machine's browser ask:
// the name in the address must be this machine's own (a foreign name that
// resolves to 127.0.0.1 is DNS rebinding) and so must the asking page's.
func sameMachine(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case !ownHost(r):
			refuse(w, http.StatusMisdirectedRequest, fault.New("web.host"))
		case !ownOrigin(r):
			refuse(w, http.StatusForbidden, fault.New("web.origin"))
		default:
			next.ServeHTTP(w, r)
		}
	})
}

// ownHost reports whether the request names this machine by "localhost", a
// loopback address or the very address it arrived at.
func ownHost(r *http.Request) bool {
	host := bareHost(r.Host)
	local, known := r.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !known {
		return false
	}
	at, err := netip.ParseAddrPort(local.String())
	if err != nil {
		return false
	}
	arrived := at.Addr().Unmap().WithZone("")
	if strings.EqualFold(host, "localhost") {
		return arrived.IsLoopback()
	}
	named, err := netip.ParseAddr(host)
	if err != nil {
		return false
	}
	named = named.Unmap().WithZone("")
	return named == arrived || named.IsLoopback() && arrived.IsLoopback()
}

// bareHost takes the port and the brackets off a Host header.
func bareHost(host string) string {
	if h, _, err := net.SplitHostPort(host); err == nil {
		return h
	}
	return strings.Trim(host, "[]")
}

// ownOrigin reports whether the asking page, where the browser names one, came
// from here. Browsers name it on every POST and, by Sec-Fetch-Site, on images
// and links of other sites too.
func ownOrigin(r *http.Request) bool {
	switch r.Header.Get("Sec-Fetch-Site") {
	case "", "same-origin":
	case "none": // typed or bookmarked
	default:
		return navigates(r)
	}
	origin := r.Header.Get("Origin")
	if origin == "" {
		return true
	}
	u, err := url.Parse(origin)
	return err == nil && u.Scheme == "http" && u.Host == r.Host
}

// navigates allows a link somewhere else to open the start page: it does
// nothing and shows nothing to the page that links.
func navigates(r *http.Request) bool {
	return r.Method == http.MethodGet && r.Header.Get("Sec-Fetch-Mode") == "navigate" && !strings.HasPrefix(r.URL.Path, "/api/")
}

// recovered turns a panic into "internal" and a line in the log with the place,
// without the value: it could hold somebody's name.
func (s *Site) recovered(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			v := recover()
			if v == nil {
				return
			}
			if v == http.ErrAbortHandler {
				panic(v)
			}
			LogPanic(s.log, r.URL.Path)
			refuse(w, http.StatusInternalServerError, fault.New("internal"))
		}()
		next.ServeHTTP(w, r)
	})
}

// LogPanic writes down where a call panicked; only while recovering.
func LogPanic(log *slog.Logger, name string) {
	log.Error("a call panicked", "call", name, "stack", string(debug.Stack()))
}
