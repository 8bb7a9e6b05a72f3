package govern

import (
	"crypto/ed25519"

	"jishan/app/fault"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// The standby is a device that the registrar trusts to go on in its place. It
// holds everything that a registrar needs already, so its word is a signature by
// its device key under the TERM. How long it waits before it gives that word, the
// charter can't say: no clock takes part in what is admitted (app/node does).

// standbyAt returns the standby under a head: the device that was named last, as
// long as it is staff and not the registrar itself.
func (s *state) standbyAt(at Point) (device [32]byte, ok bool) {
	d, ok := latest(s, s.standby, at)
	if !ok || s.registrar(d.Entry.Device, at) {
		return device, false
	}
	cert, in := s.cert(d.Entry.Device, at)
	return d.Entry.Device, in && cert.Entry.Role.Staff()
}

// StandbyAt returns the standby in force, and when it was named, milliseconds by
// the registrar's clock; false if there is none.
func (c *Charter) StandbyAt() (device [32]byte, at int64, ok bool) {
	s := c.now()
	if device, ok = s.standbyAt(s.head()); !ok {
		return device, 0, false
	}
	d, _ := latest(s, s.standby, s.head())
	return device, s.times[d.At], true
}

// NameStandby names the device that may take over, or with the zero device
// nobody. What is so already is not written again. Faults: govern.registrar.only,
// govern.device.unknown, govern.device.self, govern.role.bad if it is no staff.
func (c *Charter) NameStandby(tx *store.Tx, device [32]byte) error {
	s, err := c.registrarState(tx)
	if err != nil {
		return err
	}
	at := s.head()
	named, ok := s.standbyAt(at)
	if ok && named == device || !ok && device == [32]byte{} {
		return nil
	}
	if device != [32]byte{} {
		cert, known := s.cert(device, at)
		switch {
		case !known:
			return fault.New("govern.device.unknown")
		case s.registrar(device, at):
			return fault.New("govern.device.self")
		case !cert.Entry.Role.Staff():
			return fault.New("govern.role.bad")
		}
	}
	return c.Write(tx, "govern.standby", Standby{Device: device})
}

// StandIn begins a new term as the standby, by this device's key; else as
// TakeOver. Fault: govern.standby.other if this device is not the standby.
func (c *Charter) StandIn(tx *store.Tx, device ed25519.PrivateKey, inc seal.Certificate, self Cert, more ...Entry) error {
	s, err := c.at(tx)
	if err != nil {
		return err
	}
	if named, ok := s.standbyAt(s.head()); !ok || named != self.Device {
		return fault.New("govern.standby.other")
	}
	return c.begin(tx, ByStandby, device, inc, self, more)
}

// Replacement is how somebody else became registrar.
type Replacement struct {
	By   [32]byte
	At   int64  // milliseconds, by the new registrar's clock
	Void uint64 // changes of the charter that the one before wrote behind the cut
}

// Replaced tells whether the present term took a device's place as registrar.
func (c *Charter) Replaced(device [32]byte) (r Replacement, ok bool) {
	s := c.now()
	n := s.head().Term
	now, before := s.terms[n], s.terms[n-1]
	if n < 2 || before.Device != device || now.Device == device {
		return r, false
	}
	return Replacement{By: now.Device, At: s.times[Point{Term: n, Seq: 1}], Void: s.void(n - 1)}, true
}

// WasMain tells whether a device was registrar once and is it no more.
func (c *Charter) WasMain(device [32]byte) bool {
	s := c.now()
	now, was := s.head().Term, false
	for n := range s.terms {
		was = was || n < now && s.terms[n].Device == device
	}
	return was && s.terms[now].Device != device
}

// Before tells who wrote the term before the present one, and when that ended by the
// new registrar's clock; false in the first term.
func (c *Charter) Before() (writer wire.Actor, until int64, ok bool) {
	s := c.now()
	n := s.head().Term
	if n < 2 {
		return writer, 0, false
	}
	return s.terms[n-1].Actor, s.times[Point{Term: n, Seq: 1}], true
}
