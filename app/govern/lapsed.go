package govern

import (
	"io"
	"slices"
	"strings"

	"jishan/crdt/store"
)

// A main device that was put back to an older copy begins its new term where
// the charter of that copy ends. What it had ordered after the copy was made is
// void then, and comes back from the others as what it is: its own orders. So
// it gives them again, as far as nothing that it ordered since says otherwise.
// Only for a term that the registrar's own device key began: what somebody wrote
// with a stolen main device, before the recovery key took it over, stays void.

// resumed tells whether what stands at a place is void because the same device
// went on in a new term that does not reach so far.
func (s *state) resumed(p Point) bool {
	next, ok := s.terms[p.Term+1]
	return ok && !s.leadsTo(p, next.Cut) && next.By == ByRegistrar && next.Device == s.terms[p.Term].Device
}

// lapsedOf returns the last of the entries if it is void and was the device's own
// order, and no entry of a later term has taken its place.
func lapsedOf[E any](s *state, list []dated[E]) (dated[E], bool) {
	var last dated[E]
	for _, d := range list { // in the order of arrival, which may be late
		if !d.At.Before(last.At) {
			last = d
		}
	}
	return last, s.resumed(last.At)
}

// lapsed returns the certificate of a device that is void only because its
// registrar was put back to before it.
func (s *state) lapsed(device [32]byte) (dated[Cert], bool) {
	c, ok := lapsedOf(s, s.certs[device])
	for _, r := range s.revokes[device] {
		ok = ok && r.At.Before(c.At)
	}
	return c, ok
}

// Resumable tells whether anything of the charter is void like that.
func (c *Charter) Resumable() bool { return c.now().resumable() }

func (s *state) resumable() bool {
	for term, seq := range s.last {
		if s.resumed(Point{Term: term, Seq: seq}) {
			return true
		}
	}
	for i, d := range s.sides {
		if s.resumed(Point{Term: d.from.Term, Seq: d.last, side: i + 1}) {
			return true
		}
	}
	return false
}

// Resume gives the orders again that became void because this main device was
// put back to an older copy. It returns how many there were. rand makes a new
// version of the community key where a staff device is revoked again. Fault:
// govern.registrar.only.
func (c *Charter) Resume(tx *store.Tx, rand io.Reader) (n int, err error) {
	s, err := c.registrarState(tx)
	if err != nil || !s.resumable() {
		return 0, err
	}
	for _, again := range []func(*store.Tx, io.Reader) (int, error){c.resumeRing, c.resumePartners, c.resumeSettings, c.resumeCerts, c.resumeRevokes, c.resumeOperators, c.resumeRest} {
		k, err := again(tx, rand)
		if n += k; err != nil {
			return n, err
		}
	}
	return n, nil
}

// resumeRing takes over the community keys that were made after the copy:
// without them nobody reads who was registered since.
func (c *Charter) resumeRing(tx *store.Tx, _ io.Reader) (n int, err error) {
	s, err := c.at(tx)
	if err != nil {
		return 0, err
	}
	c.mu.Lock()
	device := c.device
	c.mu.Unlock()
	own, ok := lapsedRing(s, device.Public())
	if !ok {
		return 0, nil
	}
	later, err := OpenKeyring(own.Keyring, device.Identity)
	if err != nil {
		return 0, err
	}
	ring, err := c.Keyring()
	if err != nil || later.Current() <= ring.Current() {
		return 0, err
	}
	var entries []Entry
	for _, d := range s.devices(s.head()) {
		cert, ok := s.cert(d, s.head())
		if !ok || !cert.Entry.Role.Staff() {
			continue
		}
		if cert.Entry.Keyring, err = later.Wrap(cert.Entry.Recipient); err != nil {
			return 0, err
		}
		entries = append(entries, cert.Entry)
	}
	return len(entries), c.Write(tx, "govern.resume", entries...)
}

// lapsedRing is the newest certificate of a device with a keyring that is void:
// the registrar's own stands again in each new term, with older keys.
func lapsedRing(s *state, device [32]byte) (own Cert, ok bool) {
	for _, d := range s.certs[device] {
		if s.resumed(d.At) && len(d.Entry.Keyring) > 0 {
			own, ok = d.Entry, true
		}
	}
	return own, ok
}

// onceSetting tells a setting that is not given again: which of two copies stays
// is decided about the incarnations of the day.
func onceSetting(key string) bool { return strings.HasPrefix(key, keyLive) }

func (c *Charter) resumeSettings(tx *store.Tx, _ io.Reader) (n int, err error) {
	s, err := c.at(tx)
	if err != nil {
		return 0, err
	}
	by := map[string][]dated[Setting]{}
	for _, d := range s.settings {
		by[d.Entry.Key] = append(by[d.Entry.Key], d)
	}
	var list []Setting
	for key, all := range by {
		d, ok := lapsedOf(s, all)
		if !ok || onceSetting(key) {
			continue
		}
		if raised := s.keyed(s.head()) && s.raisesBudget(s.head(), []Entry{Policy{Settings: []Setting{d.Entry}}}); !raised { // takes two signatures
			list = append(list, d.Entry)
		}
	}
	slices.SortFunc(list, func(a, b Setting) int { return strings.Compare(a.Key, b.Key) })
	for part := range slices.Chunk(list, maxResumed) {
		if err := c.Write(tx, "govern.resume", Policy{Settings: part}); err != nil {
			return n, err
		}
		n += len(part)
	}
	return n, nil
}

// maxResumed bounds what one change gives again: certificates of some 500
// bytes stay below a change's 60 KiB.
const maxResumed = 50

// resumePartners gives again what was agreed with other communities; before the
// certificates, because guests are judged by it.
func (c *Charter) resumePartners(tx *store.Tx, _ io.Reader) (n int, err error) {
	s, err := c.at(tx)
	if err != nil {
		return 0, err
	}
	var entries []Entry
	for _, list := range s.partners {
		if d, ok := lapsedOf(s, list); ok {
			entries = append(entries, d.Entry)
		}
	}
	slices.SortFunc(entries, func(a, b Entry) int { return strings.Compare(a.(Partner).Community(), b.(Partner).Community()) })
	return c.resumeAll(tx, entries)
}

// resumeAll writes entries again, as many to a change as fit.
func (c *Charter) resumeAll(tx *store.Tx, entries []Entry) (n int, err error) {
	for part := range slices.Chunk(entries, maxResumed) {
		if err := c.Write(tx, "govern.resume", part...); err != nil {
			return n, err
		}
		n += len(part)
	}
	return n, nil
}

// resumeGuest gives a guest of a partner again: the certificate alone would make
// it one of our own merchants, whose sales nobody else pays for. One that no
// longer fits, because what it showed has run out, stays out.
func (c *Charter) resumeGuest(tx *store.Tx, cert Cert, g Guest) (n int, err error) {
	s, err := c.at(tx)
	if err != nil || s.guestsFit(s.head(), tx.Now(), []Entry{cert, g}) != nil {
		return 0, err
	}
	return 2, c.Write(tx, "govern.resume", cert, g)
}

func (c *Charter) resumeCerts(tx *store.Tx, _ io.Reader) (n int, err error) {
	s, err := c.at(tx)
	if err != nil {
		return 0, err
	}
	var entries []Entry
	for _, device := range s.devices(s.head()) {
		cert, ok := s.lapsed(device)
		if !ok || s.registrar(device, s.head()) {
			continue
		}
		if err := c.give(&cert.Entry); err != nil {
			return 0, err
		}
		if g, guest := lapsedOf(s, s.guests[device]); guest {
			k, err := c.resumeGuest(tx, cert.Entry, g.Entry)
			if n += k; err != nil {
				return n, err
			}
			continue
		}
		entries = append(entries, cert.Entry)
	}
	k, err := c.resumeAll(tx, entries)
	return n + k, err
}

func (c *Charter) resumeRevokes(tx *store.Tx, rand io.Reader) (n int, err error) {
	s, err := c.at(tx)
	if err != nil {
		return 0, err
	}
	for _, device := range s.devices(s.head()) {
		r, ok := lapsedOf(s, s.revokes[device])
		cert, in := s.cert(device, s.head())
		if !ok || !in || !cert.At.Before(r.At) || s.registrar(device, s.head()) {
			continue
		}
		w := s.again(device, cert.At, r.Entry.Why)
		if err := c.Revoke(tx, rand, w); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// resumeOperators gives again who works here and with which keys; one that does
// not fit any more, because somebody took the name since, is left out.
func (c *Charter) resumeOperators(tx *store.Tx, _ io.Reader) (n int, err error) {
	s, err := c.at(tx)
	if err != nil {
		return 0, err
	}
	var entries []Entry
	for _, list := range s.operators {
		if d, ok := lapsedOf(s, list); ok {
			entries = append(entries, d.Entry)
		}
	}
	for _, list := range s.operatorKeys {
		if d, ok := lapsedOf(s, list); ok {
			entries = append(entries, d.Entry)
		}
	}
	slices.SortStableFunc(entries, func(a, b Entry) int { return int(a.Kind()) - int(b.Kind()) })
	for _, e := range entries {
		if s, err = c.at(tx); err != nil {
			return n, err
		}
		if s.operatorsFit(c.community, s.head(), []Entry{e}) != nil {
			continue
		}
		if err := c.Write(tx, "govern.resume", e); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

// resumeRest gives again a renewed recovery key, a standby, how much of a
// partner's charter was taken in, and the close of a year, after which holders
// have burned.
func (c *Charter) resumeRest(tx *store.Tx, _ io.Reader) (n int, err error) {
	s, err := c.at(tx)
	if err != nil {
		return 0, err
	}
	var entries []Entry
	if d, ok := lapsedOf(s, s.recoveries); ok {
		entries = append(entries, d.Entry)
	}
	if d, ok := lapsedOf(s, s.standby); ok {
		entries = append(entries, d.Entry)
	}
	for _, list := range s.abroads {
		if d, ok := lapsedOf(s, list); ok && s.partnersFit(c.community, s.head(), []Entry{d.Entry}) == nil {
			entries = append(entries, d.Entry)
		}
	}
	for _, d := range s.yearCloses {
		if s.resumed(d.At) && !(Snapshot{s}).YearClosed(d.Entry.Period, s.head()) {
			entries = append(entries, d.Entry)
		}
	}
	if len(entries) == 0 {
		return 0, nil
	}
	return len(entries), c.Write(tx, "govern.resume", entries...)
}
