package web

import (
	"bytes"
	"context"
	"encoding/json"
	"io/fs"
	"net/http"
	"net/netip"
	"path"
	"sync"

	"jishan/app/fault"
)

// maxPhoneCall is the largest request of a phone page: a form of text fields.
const maxPhoneCall = 64 << 10

// Phone is the small site for phones on the LAN: one page, what that page
// loads, and its few calls. Anybody in the network can reach it, so everything
// is counted per address, and the calls themselves demand a token.
func (s *Site) Phone() http.Handler {
	p := &phone{site: s, calls: newRates(s.clock, phoneCalls), entries: newRates(s.clock, phoneEntries), applications: newRates(s.clock, phoneApplications), work: make(chan struct{}, phoneWork)}
	p.parts = sync.OnceValue(p.find)
	mux := http.NewServeMux()
	mux.HandleFunc("/phone/call/{name}", p.call)
	mux.HandleFunc("/", p.page)
	return s.recovered(secured(onlyByAddress(mux)))
}

type phone struct {
	site         *Site
	calls        *rates
	entries      *rates                 // of what is guarded
	applications *rates                 // of who has no card
	work         chan struct{}          // one place per call that is being carried out
	parts        func() map[string]bool // what phone.html loads
}

// phoneWork is how many calls of phones are carried out at a time: opening one
// that is sealed takes a tenth of a millisecond, so two keep up with a hall.
const phoneWork = 2

// signIn and applied are guarded more than the others: there a stranger would guess. apply
// is where one writes without a card.
const (
	signIn  = "phone.signIn"
	applied = "phone.applied"
	apply   = "phone.apply"
)

// paced tells whether an address may make a call now.
func (p *phone) paced(name, from string) bool {
	switch {
	case !p.calls.allow(from):
		return false
	case name == signIn || name == applied:
		return p.entries.allow(from)
	case name == apply:
		return p.applications.allow(from)
	}
	return true
}

func (p *phone) call(w http.ResponseWriter, r *http.Request) {
	name, from := r.PathValue("name"), r.RemoteAddr
	if !p.paced(name, from) {
		w.Header().Set("Retry-After", "10")
		refuse(w, http.StatusTooManyRequests, fault.New("web.fast"))
		return
	}
	p.site.run(w, r, maxPhoneCall, p.inTurn)
}

// inTurn lets few calls be carried out at a time, however many phones ask: the
// till of this device is served before them.
func (p *phone) inTurn(ctx context.Context, name string, params json.RawMessage) (any, error) {
	select {
	case p.work <- struct{}{}:
		defer func() { <-p.work }()
		return p.site.product.PhoneCall(ctx, name, params)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func (p *phone) page(w http.ResponseWriter, r *http.Request) {
	if !p.calls.allow(r.RemoteAddr) {
		refuse(w, http.StatusTooManyRequests, fault.New("web.fast"))
		return
	}
	name := path.Clean(r.URL.Path)[1:]
	if name == "" || name == phonePage {
		p.site.serve(w, r, phonePage)
		return
	}
	if !p.parts()[name] {
		unknownPath(w, r)
		return
	}
	p.site.serve(w, r, name)
}

// find lists the files that the phone page loads, directly or through another
// one: those whose name occurs in it. The rest of the program is no secret, but
// a station has no reason to hand it to every phone.
func (p *phone) find() map[string]bool {
	var all []string
	dist := p.site.dist
	_ = fs.WalkDir(dist, ".", func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() && path.Ext(name) != ".html" && path.Base(name)[0] != '.' {
			all = append(all, name)
		}
		return nil // what can't be read is not served
	})
	found, due := map[string]bool{}, []string{phonePage}
	for len(due) > 0 {
		text, err := fs.ReadFile(dist, due[0])
		due = due[1:]
		if err != nil {
			continue
		}
		for _, name := range all {
			if !found[name] && bytes.Contains(text, []byte(path.Base(name))) {
				found[name] = true
				due = append(due, name)
			}
		}
	}
	return found
}

// onlyByAddress admits requests that name the station by a number or as
// localhost, as the printed and scanned links do: a name in the address would
// mean that another web site has led the phone here.
func onlyByAddress(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := bareHost(r.Host)
		if _, err := netip.ParseAddr(host); err != nil && host != "localhost" {
			refuse(w, http.StatusMisdirectedRequest, fault.New("web.host"))
			return
		}
		if !ownOrigin(r) {
			refuse(w, http.StatusForbidden, fault.New("web.origin"))
			return
		}
		next.ServeHTTP(w, r)
	})
}
