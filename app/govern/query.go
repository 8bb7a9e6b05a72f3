package govern

import (
	"encoding/hex"
	"errors"
	"fmt"
	"slices"

	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// ErrNoKeyring says that this device holds no community key: it is no staff,
// or its certificate has not arrived.
var ErrNoKeyring = errors.New("govern: this device has no keyring")

// Use tells the charter whose secrets open the keyring.
func (c *Charter) Use(d *Device) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.device = d
}

// Keyring returns the keyring in this device's own latest certificate. Errors:
// ErrNoKeyring.
func (c *Charter) Keyring() (Keyring, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	s := c.done
	if c.pending != nil { // a new certificate of this transaction is as good
		s = c.pending
	}
	if c.device == nil {
		return Keyring{}, ErrNoKeyring
	}
	cert, ok := s.cert(c.device.Public(), s.head())
	if !ok || len(cert.Entry.Keyring) == 0 {
		return Keyring{}, ErrNoKeyring
	}
	if c.ring.at == cert.At {
		return c.ring.ring, nil
	}
	ring, err := OpenKeyring(cert.Entry.Keyring, c.device.Identity)
	if err != nil { // whoever certifies a device encrypts its keys to it
		return Keyring{}, fmt.Errorf("%w: %w", store.ErrCorrupt, err)
	}
	c.ring = openRing{cert.At, ring}
	return ring, nil
}

// MayConnect tells whether a device may talk to this one: it is certified,
// not revoked, and its certificate has not run out. now is in milliseconds.
func (c *Charter) MayConnect(device [32]byte, now int64) bool {
	s := c.now()
	cert, ok := s.cert(device, s.head())
	return ok && (cert.Entry.NotAfter == 0 || now <= cert.Entry.NotAfter)
}

// MayRead tells whether a device gets a document.
func (c *Charter) MayRead(device [32]byte, doc store.DocID) bool {
	p, err := c.path(doc)
	if err != nil {
		return false
	}
	s := c.now()
	if s.allowed(p.Row.Read&^Author, device, s.head(), p.Place) {
		return true
	}
	return p.Row.Read&Author != 0 && s.who(device, s.head()) != 0 && c.wrote(device, p.Author)
}

// wrote tells whether the incarnation in a feed's path belongs to the device.
// It asks memory alone: sync may hold a connection while it asks.
func (c *Charter) wrote(device [32]byte, author string) bool {
	raw, err := hex.DecodeString(author)
	if err != nil || len(raw) != len(wire.Actor{}) {
		return false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	by, ok := c.wroteBy[wire.Actor(raw)]
	return ok && by == device
}

// MaySet tells whether a device gets one of the sets beside the documents.
func (c *Charter) MaySet(device [32]byte, set string) bool {
	s := c.now()
	return s.who(device, s.head())&Sets[set] != 0
}

// Known tells whether the genesis is here.
func (c *Charter) Known() bool { return c.now().genesis != nil }

// Root is SHA-256 over the charter's first value, by which other communities know
// it; zero before the genesis is here.
func (c *Charter) Root() [32]byte { return c.now().root }

// Settings returns the community's settings in force.
func (c *Charter) Settings() Settings {
	s := c.now()
	return s.rules(s.head())
}

// Enrolled is a device as the charter knows it.
type Enrolled struct {
	Device    [32]byte
	Role      Role
	Name      string
	Place     string
	PlaceName string
	Scope     string
	Home      string // of another community's merchant: that one's name
	NotAfter  int64
	Caps      map[string]uint64
	Registrar bool
	Standby   bool
	Revoked   bool
}

// Devices lists all devices that were ever enrolled, the registrar first, then
// by role and name.
func (c *Charter) Devices() []Enrolled {
	s := c.now()
	var out []Enrolled
	for _, d := range s.devices(s.head()) {
		if e, ok := s.enrolled(d); ok {
			out = append(out, e)
		}
	}
	slices.SortStableFunc(out, func(a, b Enrolled) int {
		switch {
		case a.Registrar != b.Registrar:
			return order(a.Registrar, b.Registrar)
		case a.Role != b.Role:
			return int(a.Role) - int(b.Role)
		}
		return order(a.Name < b.Name, b.Name < a.Name)
	})
	return out
}

func order(first, second bool) int {
	switch {
	case first:
		return -1
	case second:
		return 1
	}
	return 0
}

// Device returns one device; false if it was never enrolled.
func (c *Charter) Device(device [32]byte) (Enrolled, bool) { return c.now().enrolled(device) }

func (s *state) enrolled(device [32]byte) (Enrolled, bool) {
	at := s.head()
	last, ok := latest(s, s.certs[device], at)
	if !ok {
		return Enrolled{}, false
	}
	e := last.Entry
	_, valid := s.cert(device, at)
	by, named := s.standbyAt(at)
	home := ""
	if g, ok := latest(s, s.guests[device], at); ok {
		if _, stays := s.guest(device, at); stays || !valid { // also after it was revoked
			if c, err := parseScope(g.Entry.Scope); err == nil {
				home = c.HomeName
			}
		}
	}
	return Enrolled{
		Device: device, Role: e.Role, Name: e.Name, Place: e.Place, PlaceName: s.rules(at).Places[e.Place], Scope: e.Scope, Home: home,
		NotAfter: e.NotAfter, Caps: e.Caps, Registrar: s.registrar(device, at), Standby: named && by == device, Revoked: !valid,
	}, true
}

// Registrar returns the registrar's device and incarnation; false before the
// genesis is here.
func (c *Charter) Registrar() ([32]byte, wire.Actor, bool) {
	s := c.now()
	t, ok := s.terms[s.head().Term]
	return t.Device, t.Actor, ok
}

// RoleAt returns the role of a device under the head that a change names, 0 for none.
func (c *Charter) RoleAt(tx *store.Tx, device [32]byte, ctx seal.Context) (Role, error) {
	s, err := c.at(tx)
	if err != nil {
		return 0, err
	}
	cert, ok := s.cert(device, s.under(ctx))
	if !ok {
		return 0, nil
	}
	return cert.Entry.Role, nil
}
