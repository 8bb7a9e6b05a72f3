package govern

import (
	"bytes"
	"errors"
	"slices"
	"strings"

	"jishan/app/fault"
	"jishan/crdt/store"
)

// The entries about other communities. Numbers are never reused.
const (
	KindPartner Kind = 16
	KindAbroad  Kind = 17
)

// Limits of an agreement.
const (
	// MaxCredit bounds what may be unsettled with another community at once, in
	// points; far beyond any purse, and small enough that times MaxPeg it stays
	// inside int64.
	MaxCredit = 1 << 40
	// MaxPeg bounds what one point is worth between communities, in fen: as for
	// merchants.
	MaxPeg = 100_000
)

// Partner is what was agreed with another community, all of it each time; the
// latest counts. Its charter is told from every other by Root alone: its devices
// and registrars of today follow from there.
type Partner struct {
	_         struct{} `cbor:",toarray"`
	Root      [32]byte // SHA-256 over the first value of its charter; half of it is its id
	Name      string
	Site      Site
	Device    [32]byte // its registrar's device when it was introduced
	Recipient string   // age recipient of that device: the first letter goes there
	Ours      uint64   // points that may be unsettled in our ledger at once; 0 = nothing goes
	Theirs    uint64   // the same in theirs, as it was agreed
	Peg       int64    // fen a point, in both directions
	Until     int64    // milliseconds UTC, 0 = without end; governs what is granted, never admission
}

// Community returns the partner's id text.
func (p Partner) Community() string { return IDText(p.Root[:16]) }

// Abroad says how much of a partner's charter the registrar took in. What hangs on
// that charter (whose writing counts there) is judged by it up to here at most, on
// every device alike.
type Abroad struct {
	_         struct{} `cbor:",toarray"`
	Community [16]byte
	Term, Seq uint64
	Head      [16]byte // the first half of the change's hash, as heads are named
}

// Kind returns the entry's number.
func (Partner) Kind() Kind { return KindPartner }
func (Abroad) Kind() Kind  { return KindAbroad }

func (p Partner) check() error {
	switch {
	case p.Root == [32]byte{} || p.Device == [32]byte{}:
		return errors.New("a partner without root or device")
	case strings.TrimSpace(p.Name) == "" || !text(p.Name, maxName) || !PlainLine(p.Name) || !text(p.Recipient, maxName):
		return errors.New("a bad name or recipient of a partner")
	case p.Ours > MaxCredit || p.Theirs > MaxCredit || p.Peg < 1 || p.Peg > MaxPeg || p.Until < 0:
		return errors.New("a bad cap, peg or end of an agreement")
	}
	return p.Site.check()
}

func (a Abroad) check() error {
	if a.Community == [16]byte{} || a.Term == 0 || a.Term > maxTerm || a.Seq == 0 {
		return errors.New("a bad head of another charter")
	}
	return nil
}

// partnersFit judges what is said about other communities in the change that
// follows a head: nobody is its own partner, and how much of a charter is known
// only grows.
func (s *state) partnersFit(community string, at Point, entries []Entry) error {
	listed := map[string]bool{}
	for _, e := range entries {
		switch e := e.(type) {
		case Partner:
			if e.Community() == community {
				return errors.New("govern: a community is not its own partner")
			}
			listed[e.Community()] = true
		case Abroad:
			_, ok := s.partner(IDText(e.Community[:]), at)
			if !ok && !listed[IDText(e.Community[:])] {
				return errors.New("govern: the charter of a community that is no partner")
			}
			if known, ok := s.abroad(e.Community, at); ok && (Point{Term: e.Term, Seq: e.Seq}).Before(Point{Term: known.Term, Seq: known.Seq}) {
				return errors.New("govern: what is known of another charter grows")
			}
		}
	}
	return nil
}

// partner returns the agreement with a community that counts under a head.
func (s *state) partner(community string, at Point) (Partner, bool) {
	d, ok := latest(s, s.partners[community], at)
	return d.Entry, ok
}

func (s *state) abroad(community [16]byte, at Point) (Abroad, bool) {
	d, ok := latest(s, s.abroads[community], at)
	return d.Entry, ok
}

// partnersAt lists all agreements that count under a head, by name.
func (s *state) partnersAt(at Point) (out []Partner) {
	for _, list := range s.partners {
		if d, ok := latest(s, list, at); ok {
			out = append(out, d.Entry)
		}
	}
	slices.SortFunc(out, func(a, b Partner) int {
		if n := strings.Compare(a.Name, b.Name); n != 0 {
			return n
		}
		return bytes.Compare(a.Root[:], b.Root[:])
	})
	return out
}

// Partners lists the agreements with other communities under a head, by name;
// those that have ended too.
func (n Snapshot) Partners(at Point) []Partner { return n.s.partnersAt(at) }

// Partner returns the agreement with a community, by its id text, under a head.
func (n Snapshot) Partner(community string, at Point) (Partner, bool) {
	return n.s.partner(community, at)
}

// Abroad returns how much of another community's charter counts under a head.
func (n Snapshot) Abroad(community [16]byte, at Point) (Point, [16]byte, bool) {
	a, ok := n.s.abroad(community, at)
	return Point{Term: a.Term, Seq: a.Seq}, a.Head, ok
}

// Partners lists the agreements in force now, by name.
func (c *Charter) Partners() []Partner {
	s := c.now()
	return s.partnersAt(s.head())
}

// Partner returns the agreement with a community, by its id text.
func (c *Charter) Partner(community string) (Partner, bool) {
	s := c.now()
	return s.partner(community, s.head())
}

// Agree writes an agreement, if it differs from what is in force. Faults:
// govern.registrar.only, partner.own, partner.terms.
func (c *Charter) Agree(tx *store.Tx, p Partner) error {
	s, err := c.registrarState(tx)
	if err != nil {
		return err
	}
	if p.Community() == c.community {
		return fault.New("partner.own")
	}
	if p.check() != nil {
		return fault.New("partner.terms")
	}
	if old, ok := s.partner(p.Community(), s.head()); ok && old == p {
		return nil
	}
	return c.Write(tx, "govern.partner", p)
}

// Settings that say where the community lies.
const (
	keyStreet   = "site/street"
	keyDistrict = "site/district"
	keyCity     = "site/city"
)

// SiteSettings says where the community lies. Fault: partner.site.
func SiteSettings(s Site) ([]Setting, error) {
	if s.check() != nil {
		return nil, fault.New("partner.site", "max", maxName)
	}
	return []Setting{{Key: keyStreet, Text: s.Street}, {Key: keyDistrict, Text: s.District}, {Key: keyCity, Text: s.City}}, nil
}
