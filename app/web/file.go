package web

import (
	"context"
	"io"
	"mime"
	"net/http"
	"regexp"
	"time"

	"jishan/app/fault"
)

// fileName is what a file may be asked for by: people.xlsx, bundle.
var fileName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,40}(\.[a-z0-9]{1,8})?$`)

// file answers GET /api/file/<name>?... with something to save.
func (s *Site) file(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodGet {
		w.Header().Set("Allow", http.MethodGet)
		refuse(w, http.StatusMethodNotAllowed, fault.New("web.method"))
		return
	}
	name := r.PathValue("name")
	if !fileName.MatchString(name) {
		refuse(w, http.StatusNotFound, fault.New("file.unknown", "name", ""))
		return
	}
	// A slow reader may take longer than the request was given to arrive. (The
	// window's asset server has no deadlines, and says so.)
	_ = http.NewResponseController(w).SetReadDeadline(time.Time{})
	ctx, cancel := context.WithTimeout(r.Context(), callLimit)
	defer cancel()
	f, err := s.product.File(ctx, name, r.URL.Query())
	if err != nil {
		s.fail(w, name, err)
		return
	}
	s.send(w, name, f)
}

func (s *Site) send(w http.ResponseWriter, name string, f *File) {
	if c, ok := f.Body.(io.Closer); ok {
		defer c.Close()
	}
	h := w.Header()
	h.Set("Content-Type", f.Type)
	h.Set("Content-Disposition", mime.FormatMediaType("attachment", map[string]string{"filename": f.Name}))
	h.Set("Cache-Control", "no-store")
	if _, err := io.Copy(w, f.Body); err != nil {
		LogInternal(s.log, name, err)
		panic(http.ErrAbortHandler) // half a file must not look like a whole one
	}
}
