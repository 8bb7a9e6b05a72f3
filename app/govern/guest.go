package govern

import (
	"cmp"
	"crypto/ed25519"
	"crypto/sha256"
	"errors"
	"slices"
	"time"

	"jishan/app/fault"
	"jishan/crdt/seal"
	"jishan/crdt/store"
)

// KindGuest numbers the entry about a merchant of another community. Numbers are
// never reused.
const KindGuest Kind = 20

// Guest takes in a device of a partner's merchant, beside the Cert that enrols it.
// From here on the device's feed is judged as a guest's: it spends its home's
// credit. The latest counts, until the device is revoked.
type Guest struct {
	_      struct{} `cbor:",toarray"`
	Device [32]byte
	Scope  []byte // its ScopeCert, encoded
}

// Kind returns the entry's number.
func (Guest) Kind() Kind { return KindGuest }

func (g Guest) check() error {
	if g.Device == ([32]byte{}) || len(g.Scope) == 0 || len(g.Scope) > maxScope {
		return errors.New("a guest without device or certificate")
	}
	return nil
}

// guestsFit judges the guests of the change that follows a head and was written at a
// time (milliseconds, its own): a certificate for this device, of a partner, signed
// by the registrar that the agreement names, not run out, of a scope that reaches
// here; and that a guest is a merchant and nothing else. Faults: those of
// DecodeScope, guest.device, guest.role, guest.partner{name}, guest.signer{name},
// guest.expired{until}, guest.scope{scope, name}.
func (s *state) guestsFit(at Point, written int64, entries []Entry) error {
	for _, e := range entries {
		switch e := e.(type) {
		case Guest:
			if err := s.guestFits(at, written, e); err != nil {
				return err
			}
			if role := s.roleWith(e.Device, at, entries); role != Merchant {
				return fault.New("guest.role")
			}
		case Cert:
			if _, ok := s.guest(e.Device, at); ok && e.Role != Merchant {
				return fault.New("guest.role")
			}
		}
	}
	return nil
}

func (s *state) guestFits(at Point, written int64, g Guest) error {
	c, err := DecodeScope(g.Scope)
	if err != nil {
		return err
	}
	p, known := s.partner(c.Home(), at)
	switch {
	case c.Device != g.Device:
		return fault.New("guest.device")
	case !known || p.Root != c.Root:
		return fault.New("guest.partner", "name", c.HomeName)
	case c.Signer != p.Device:
		return fault.New("guest.signer", "name", p.Name)
	case written > c.NotAfter:
		return fault.New("guest.expired", "until", c.NotAfter)
	case !p.Site.Reaches(c.Scope, s.rules(at).Site):
		return fault.New("guest.scope", "scope", c.Scope, "name", p.Name)
	}
	return nil
}

// roleWith is a device's role once entries of this change are in force.
func (s *state) roleWith(device [32]byte, at Point, entries []Entry) (role Role) {
	if c, ok := s.cert(device, at); ok {
		role = c.Entry.Role
	}
	for _, e := range entries {
		if c, ok := e.(Cert); ok && c.Device == device {
			role = c.Role
		}
	}
	return role
}

// guest returns what a device was taken in with under a head, unless it was revoked
// since.
func (s *state) guest(device [32]byte, at Point) (dated[Guest], bool) {
	g, ok := latest(s, s.guests[device], at)
	if !ok {
		return g, false
	}
	r, revoked := latest(s, s.revokes[device], at)
	return g, !revoked || r.At.Before(g.At)
}

// GuestOf returns the certificate of a merchant of another community, under a
// head; false for the community's own devices.
func (n Snapshot) GuestOf(device [32]byte, at Point) (ScopeCert, bool) {
	return n.s.guestOf(device, at)
}

// Guest is GuestOf under what is in force.
func (c *Charter) Guest(device [32]byte) (ScopeCert, bool) {
	s := c.now()
	return s.guestOf(device, s.head())
}

func (s *state) guestOf(device [32]byte, at Point) (ScopeCert, bool) {
	g, ok := s.guest(device, at)
	if !ok {
		return ScopeCert{}, false
	}
	c, err := parseScope(g.Entry.Scope) // it was verified before it was taken
	return c, err == nil
}

// keyScope is a merchant's scope certificate: + device id.
const keyScope = "scope/"

// A certificate is good for a year, and is renewed when two months are left: time
// enough to carry the new one to where it is shown.
const (
	scopeLife  = 366 * 24 * time.Hour
	scopeRenew = 60 * 24 * time.Hour
)

// maxScopes bounds the certificates of one change: each is below a kilobyte.
const maxScopes = 40

// SetScope says how far a merchant, all devices of a place, takes points. Faults:
// govern.registrar.only, scope.unknown, scope.site{scope} where the community does
// not say where it lies, govern.place.unknown where no merchant stands.
func (c *Charter) SetScope(tx *store.Tx, place, scope string) error {
	s, err := c.registrarState(tx)
	if err != nil {
		return err
	}
	at := s.head()
	if site := s.rules(at).Site; scope != ScopeCommunity && !site.Reaches(scope, site) {
		if !slices.Contains(Scopes, scope) {
			return fault.New("scope.unknown")
		}
		return fault.New("scope.site", "scope", scope)
	}
	var entries []Entry
	found := false
	for _, d := range s.devices(at) {
		cert, ok := s.cert(d, at)
		if _, guest := s.guest(d, at); !ok || guest || cert.Entry.Role != Merchant || cert.Entry.Place != place {
			continue
		}
		found = true
		if cmp.Or(cert.Entry.Scope, ScopeCommunity) != scope {
			cert.Entry.Scope = scope
			entries = append(entries, cert.Entry)
		}
	}
	if !found {
		return fault.New("govern.place.unknown", "place", place)
	}
	if len(entries) == 0 {
		return nil
	}
	return c.Write(tx, "govern.scope", entries...)
}

// CertifyScopes writes the scope certificates that are missing, run out soon or say
// what holds no longer, and takes back those of merchants at home only. now is in
// milliseconds. It returns how many it wrote; call again while that is not 0.
// Fault: govern.registrar.only.
func (c *Charter) CertifyScopes(tx *store.Tx, registrar ed25519.PrivateKey, now int64) (int, error) {
	s, err := c.registrarState(tx)
	if err != nil {
		return 0, err
	}
	root, err := Root(tx)
	if err != nil {
		return 0, err
	}
	at := s.head()
	rules := s.rules(at)
	var out []Setting
	for _, d := range s.devices(at) {
		cert, ok := s.cert(d, at)
		if _, guest := s.guest(d, at); guest || cert.Entry.Role != Merchant {
			continue
		}
		want := ScopeCert{Root: root, HomeName: rules.Name, Site: rules.Site, Place: cert.Entry.Place, Merchant: cmp.Or(rules.Places[cert.Entry.Place], cert.Entry.Name),
			Device: d, Scope: cmp.Or(cert.Entry.Scope, ScopeCommunity), NotAfter: now + scopeLife.Milliseconds()}
		set, due, err := scopeSetting(rules, want, ok, registrar, now)
		if err != nil {
			return 0, err
		}
		if due && len(out) < maxScopes {
			out = append(out, set)
		}
	}
	if len(out) == 0 {
		return 0, nil
	}
	return len(out), c.Write(tx, "govern.scopes", Policy{Settings: out})
}

// scopeSetting is a device's certificate as a setting, if another one is in force.
func scopeSetting(rules Settings, want ScopeCert, certified bool, registrar ed25519.PrivateKey, now int64) (set Setting, due bool, err error) {
	set.Key = keyScope + DeviceText(want.Device)
	has := rules.Other[set.Key].Text
	if !certified || want.Scope == ScopeCommunity || !want.Site.Reaches(want.Scope, want.Site) {
		return set, has != "", nil
	}
	if old, err := ReadScope(has); err == nil && old.NotAfter > now+scopeRenew.Milliseconds() {
		same := want
		same.NotAfter = old.NotAfter
		if same, err = same.Sign(registrar); err == nil && same.String() == has { // Ed25519 signs alike each time
			return set, false, nil
		}
	}
	signed, err := want.Sign(registrar)
	set.Text = signed.String()
	return set, true, err
}

// ScopeOf returns the certificate of one of this community's own devices: what it
// shows elsewhere. False while it has none.
func (c *Charter) ScopeOf(device [32]byte) (ScopeCert, bool) {
	cert, err := ReadScope(c.Settings().Other[keyScope+seal.DeviceText(device)].Text)
	return cert, err == nil
}

// Root is what tells this charter from every other: SHA-256 over its first value.
func Root(q store.Querier) (root [32]byte, err error) {
	var raw []byte
	err = q.QueryRow(`SELECT value FROM govern_change WHERE term = 1 AND seq = 1`).Scan(&raw)
	return sha256.Sum256(raw), err
}

// RenewGuest takes a later certificate of a guest that is here already. Faults:
// govern.registrar.only, guest.unknown, those of a guest that joins.
func (c *Charter) RenewGuest(tx *store.Tx, scope ScopeCert) error {
	s, err := c.registrarState(tx)
	if err != nil {
		return err
	}
	at := s.head()
	cert, ok := s.cert(scope.Device, at)
	if _, guest := s.guest(scope.Device, at); !ok || !guest {
		return fault.New("guest.unknown")
	}
	cert.Entry.NotAfter, cert.Entry.Scope = scope.NotAfter, scope.Scope
	return c.Write(tx, "govern.guest", cert.Entry, Guest{Device: scope.Device, Scope: scope.Encode()})
}
