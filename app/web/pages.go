package web

import (
	"bytes"
	"errors"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"jishan/app/fault"
)

const (
	startPage = "index.html"
	phonePage = "phone.html"
)

// page answers with a file of dist; an address without a file behind it is one
// of the screens, which the start page finds by itself.
func (s *Site) page(w http.ResponseWriter, r *http.Request) {
	name := strings.TrimPrefix(path.Clean(r.URL.Path), "/")
	if name == "" || !s.exists(name) && isScreen(name) {
		name = startPage
	}
	s.serve(w, r, name)
}

// isScreen tells an address of the program from a file that should be there.
func isScreen(name string) bool {
	return path.Ext(name) == "" && !strings.HasPrefix(name+"/", "assets/")
}

func (s *Site) exists(name string) bool {
	i, err := fs.Stat(s.dist, name)
	return err == nil && !i.IsDir()
}

func (s *Site) serve(w http.ResponseWriter, r *http.Request, name string) {
	if r.Method != http.MethodGet && r.Method != http.MethodHead {
		w.Header().Set("Allow", "GET, HEAD")
		refuse(w, http.StatusMethodNotAllowed, fault.New("web.method"))
		return
	}
	if !s.exists(name) || path.Base(name)[0] == '.' {
		if name == startPage || name == phonePage {
			unbuilt(w)
			return
		}
		unknownPath(w, r)
		return
	}
	w.Header().Set("Cache-Control", caching(name))
	if kind, ok := kinds[path.Ext(name)]; ok {
		w.Header().Set("Content-Type", kind) // the machine's own table may be wrong (Windows registry)
	}
	b, err := fs.ReadFile(s.dist, name)
	if err != nil {
		s.fail(w, name, err)
		return
	}
	http.ServeContent(w, r, name, time.Time{}, bytes.NewReader(b))
}

// caching: vite puts a hash into the names under assets, so they never change.
func caching(name string) string {
	if strings.HasPrefix(name, "assets/") {
		return "public, max-age=31536000, immutable"
	}
	return "no-cache"
}

var kinds = map[string]string{
	".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
	".svg": "image/svg+xml", ".png": "image/png", ".ico": "image/x-icon", ".woff2": "font/woff2",
	".json": "application/json", ".webmanifest": "application/manifest+json",
}

// ErrNoPages says that the program was built without its screens.
var ErrNoPages = errors.New("the screens are not in this build: run `make build`")

// Built reports whether the pages are there.
func (s *Site) Built() error {
	if !s.exists(startPage) {
		return ErrNoPages
	}
	return nil
}

func unbuilt(w http.ResponseWriter) {
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(http.StatusServiceUnavailable)
	_, _ = w.Write([]byte("这个程序里没有界面：请先运行 make build\n" + ErrNoPages.Error() + "\n"))
}
