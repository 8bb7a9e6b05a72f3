package discover

import (
	"context"
	"encoding/base64"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/grandcat/zeroconf"
)

// Invitation is what a device announces while new devices may knock at it: for
// two minutes, and then no longer. It is a hint like any other: who answers there
// proves itself by digits that two persons compare.
type Invitation struct {
	Version   int
	Peer      string   // the device's id text: ASCII
	Community string   // its name, for people
	Office    string   // the device's name
	Addrs     []string // multiaddrs
}

// maxOffices bounds what one look returns: more is a flood.
const maxOffices = 32

// Invite announces an invitation until ctx ends. instance is [a-z0-9-], at most
// 63 bytes. Errors: ErrConfig, or that this machine can't announce just now.
func Invite(ctx context.Context, service, instance string, port int, v Invitation) error {
	text, err := v.text()
	if err != nil || !word(instance, "-") {
		return fmt.Errorf("%w: invitation", ErrConfig)
	}
	cfg := Config{Service: service, Instance: instance, Port: port}
	server, err := cfg.register(text)
	if err != nil {
		return err
	}
	<-ctx.Done()
	server.Shutdown()
	return nil
}

// text makes the TXT strings. Names travel in base64: a name server's text has
// escapes of its own for what is not ASCII.
func (v Invitation) text() ([]string, error) {
	out := []string{"v=" + strconv.Itoa(Version), "p=" + v.Peer, "n=" + encodeName(v.Community), "o=" + encodeName(v.Office)}
	size := 0
	for _, s := range out {
		if size += len(s) + 1; len(s) > maxString {
			return nil, ErrConfig
		}
	}
	for _, a := range v.Addrs {
		s := "a=" + a
		if announceable(a) && len(s) <= maxString && size+len(s)+1 <= maxText && len(out) < 4+maxAddresses {
			out, size = append(out, s), size+len(s)+1
		}
	}
	return out, nil
}

// maxNameBytes is what of a name fits into one string: 60 Chinese characters.
const maxNameBytes = 180

// encodeName cuts a name at a whole character.
func encodeName(s string) string {
	for len(s) > maxNameBytes {
		_, n := utf8.DecodeLastRuneInString(s)
		s = s[:len(s)-n]
	}
	return base64.RawURLEncoding.EncodeToString([]byte(s))
}

func parseInvitation(text []string) (v Invitation, ok bool) {
	for _, t := range text {
		key, value, _ := strings.Cut(t, "=")
		switch key {
		case "v":
			n, err := strconv.Atoi(value)
			if err != nil {
				return v, false
			}
			v.Version = n
		case "p":
			v.Peer = value
		case "n", "o":
			b, err := base64.RawURLEncoding.DecodeString(value)
			if err != nil || !utf8.Valid(b) {
				return v, false
			}
			if key == "n" {
				v.Community = string(b)
			} else {
				v.Office = string(b)
			}
		case "a":
			if len(v.Addrs) < maxAddresses && announceable(value) {
				v.Addrs = append(v.Addrs, value)
			}
		}
	}
	return v, v.Version >= 1 && word(strings.ToLower(v.Peer), "") && len(v.Addrs) > 0
}

// Invitations looks around until ctx ends and announces nothing. Of two
// invitations in one device's name the first counts.
func Invitations(ctx context.Context, service string) ([]Invitation, error) {
	r, err := resolver()
	if err != nil {
		return nil, fmt.Errorf("discover: %w", err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	entries := make(chan *zeroconf.ServiceEntry, 16)
	if err = r.Browse(ctx, service, "local.", entries); err != nil {
		cancel() // the resolver then closes entries
	}
	var out []Invitation
	seen := map[string]bool{}
	for e := range entries { // to its end: a resolver that can't report never ends
		if v, ok := parseInvitation(e.Text); ok && !seen[v.Peer] && len(out) < maxOffices {
			seen[v.Peer] = true
			out = append(out, v)
		}
	}
	if err != nil {
		return nil, fmt.Errorf("discover: %w", err)
	}
	return out, nil
}
