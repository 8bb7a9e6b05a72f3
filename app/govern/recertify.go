package govern

import (
	"bytes"
	"slices"

	"jishan/app/fault"
	"jishan/crdt/store"
)

// A new registrar certifies the devices anew. Those in force get its certificate in
// the step in which it takes over. Those that the registrar of before let in behind
// the cut are out: only a person can say whether that registrar still was in good
// hands then. Where it was, one more step lets them in again, and what they wrote
// since counts, because it waits for nothing but that.

// CertifyAnew gives every device in force but one (the registrar of before, if it is
// to be revoked) the certificate of this term, in as few changes as fit. Fault:
// govern.registrar.only.
func (c *Charter) CertifyAnew(tx *store.Tx, but [32]byte) (int, error) {
	s, err := c.registrarState(tx)
	if err != nil {
		return 0, err
	}
	at := s.head()
	var entries []Entry
	for _, d := range s.devices(at) {
		cert, ok := s.cert(d, at)
		if !ok || d == but || cert.At.Term == at.Term {
			continue
		}
		if err := c.give(&cert.Entry); err != nil {
			return 0, err
		}
		entries = append(entries, cert.Entry)
	}
	return c.resumeAll(tx, entries)
}

// Late lists the devices that are out only because a term that another device began
// does not reach to their certificate, by name.
func (c *Charter) Late() (out []Enrolled) {
	s := c.now()
	for _, d := range s.devices(s.head()) {
		if e, ok := s.late(d); ok {
			out = append(out, Enrolled{Device: d, Role: e.Role, Name: e.Name, Place: e.Place, PlaceName: s.placeOf(e), NotAfter: e.NotAfter})
		}
	}
	slices.SortFunc(out, func(a, b Enrolled) int { return bytes.Compare([]byte(a.Name), []byte(b.Name)) })
	return out
}

// late returns the certificate of a device that is void because of a succession by
// somebody else, and was the last word on that device.
func (s *state) late(device [32]byte) (Cert, bool) {
	var last dated[Cert]
	for _, d := range s.certs[device] {
		if !d.At.Before(last.At) {
			last = d
		}
	}
	if _, in := s.cert(device, s.head()); in || s.within(last.At, s.head()) || s.resumed(last.At) {
		return Cert{}, false
	}
	for _, r := range s.revokes[device] {
		if !r.At.Before(last.At) {
			return Cert{}, false
		}
	}
	return last.Entry, last.At != Point{}
}

// placeOf is the name of a certificate's place, also where the order that named it
// is void.
func (s *state) placeOf(e Cert) string {
	if name, ok := s.rules(s.head()).Places[e.Place]; ok {
		return name
	}
	for _, d := range slices.Backward(s.settings) {
		if d.Entry.Key == keyPlace+e.Place {
			return d.Entry.Text
		}
	}
	return ""
}

// Recertify lets late devices in again, all in one change, with their places. A guest
// of a partner is not among them: it shows its certificate anew. Faults:
// govern.registrar.only, govern.device.unknown for one that is not late.
func (c *Charter) Recertify(tx *store.Tx, devices ...[32]byte) error {
	s, err := c.registrarState(tx)
	if err != nil {
		return err
	}
	places := s.rules(s.head()).Places
	var entries []Entry
	for _, d := range devices {
		cert, ok := s.late(d)
		if !ok || len(s.guests[d]) > 0 {
			return fault.New("govern.device.unknown")
		}
		if err := c.give(&cert); err != nil {
			return err
		}
		if _, named := places[cert.Place]; !named {
			entries = append(entries, Policy{Settings: []Setting{{Key: keyPlace + cert.Place, Text: s.placeOf(cert)}}})
		}
		entries = append(entries, cert)
	}
	_, err = c.resumeAll(tx, entries)
	return err
}
