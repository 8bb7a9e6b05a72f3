package govern

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"fmt"
	"io"
	"slices"

	"filippo.io/age"

	"jishan/app/fault"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Enrol is a device that joins, or changes its role, name or place.
type Enrol struct {
	Device    [32]byte
	Role      Role
	Name      string // of the device
	Place     string // id of its place; "" makes a new one named PlaceName
	PlaceName string
	Scope     string // merchants
	Recipient string // age recipient of the device
	NotAfter  int64  // milliseconds UTC, 0 = none
	Caps      map[string]uint64
	Guest     *ScopeCert // of a partner's merchant: what it showed
}

// Write appends entries to the charter as one change. Fault
// govern.registrar.only on every device but the registrar's.
func (c *Charter) Write(tx *store.Tx, action string, entries ...Entry) error {
	s, err := c.registrarState(tx)
	if err != nil {
		return err
	}
	p := s.head()
	if err := s.plain(entries, s.terms[p.Term].Device); err != nil {
		return err
	}
	if err := s.guestsFit(p, tx.Now(), entries); err != nil {
		return err
	}
	if err := s.people(c.community, p, entries); err != nil {
		return err
	}
	value, err := EncodeValue(entries...)
	if err != nil {
		return err
	}
	_, err = tx.Append(c.Doc(fmt.Sprintf("gov/%d", p.Term)), action, value)
	return err
}

// registrarState returns the state if this incarnation is the registrar.
func (c *Charter) registrarState(tx *store.Tx) (*state, error) {
	s, err := c.at(tx)
	if err != nil {
		return nil, err
	}
	if t, ok := s.terms[s.head().Term]; !ok || t.Actor != tx.Self() {
		return nil, fault.New("govern.registrar.only")
	}
	return s, nil
}

// Certify enrols a device. Staff get the community's keyring, wrapped to their
// recipient. Returns the id of the place. Faults: govern.registrar.only,
// govern.name.bad, govern.role.bad, govern.place.unknown, govern.recipient.bad; of a
// guest those of its certificate.
func (c *Charter) Certify(tx *store.Tx, e Enrol) (string, error) {
	s, err := c.registrarState(tx)
	if err != nil {
		return "", err
	}
	cert, entries, err := c.enrol(s, e)
	if err != nil {
		return "", err
	}
	if e.Guest != nil {
		entries = append(entries, Guest{Device: e.Device, Scope: e.Guest.Encode()})
	}
	return cert.Place, c.Write(tx, "govern.certify", entries...)
}

func (c *Charter) enrol(s *state, e Enrol) (Cert, []Entry, error) {
	if !e.Role.known() {
		return Cert{}, nil, fault.New("govern.role.bad")
	}
	if err := nameFault("govern.name.bad", e.Name); err != nil {
		return Cert{}, nil, err
	}
	cert := Cert{
		Device: e.Device, Role: e.Role, Name: e.Name, Place: e.Place, Scope: e.Scope,
		Recipient: e.Recipient, NotAfter: e.NotAfter, Caps: e.Caps,
	}
	var policy []Entry
	if e.Place == "" {
		if err := nameFault("govern.name.bad", e.PlaceName); err != nil {
			return Cert{}, nil, err
		}
		cert.Place = newPlace(e.Device)
		policy = []Entry{Policy{Settings: []Setting{{Key: keyPlace + cert.Place, Text: e.PlaceName}}}}
	} else if _, ok := s.rules(s.head()).Places[e.Place]; !ok {
		return Cert{}, nil, fault.New("govern.place.unknown", "place", e.Place)
	}
	if err := c.give(&cert); err != nil {
		return Cert{}, nil, err
	}
	return cert, append([]Entry{cert}, policy...), nil
}

// give wraps the current keyring into the certificate of a staff device.
func (c *Charter) give(cert *Cert) error {
	if !cert.Role.Staff() {
		return nil
	}
	if _, err := age.ParseX25519Recipient(cert.Recipient); err != nil {
		return fault.New("govern.recipient.bad")
	}
	ring, err := c.Keyring()
	if err != nil {
		return err
	}
	cert.Keyring, err = ring.Wrap(cert.Recipient)
	return err
}

// newPlace makes a place's id of the device that stands there first: short,
// and the same if the command runs twice.
func newPlace(device [32]byte) string {
	sum := sha256.Sum256(append([]byte("jishan place 1"), device[:]...))
	return "p" + IDText(sum[:5])
}

// Withdrawal is a device that is to be revoked.
type Withdrawal struct {
	Device [32]byte
	Why    string
	Cuts   []Close // what counts of its ledger feeds, one for each incarnation; ledger knows
	Marks  []Mark  // what stands of its record values; none: what is here of them
}

// Revoke ends a device's authority. If it was staff, the community key gets a
// new version, and all other staff devices get it in the same change. Faults:
// govern.registrar.only, govern.device.unknown, govern.device.revoked, govern.device.self.
func (c *Charter) Revoke(tx *store.Tx, rand io.Reader, w Withdrawal) error {
	s, err := c.registrarState(tx)
	if err != nil {
		return err
	}
	at := s.head()
	cert, ok := s.cert(w.Device, at)
	if _, was := latest(s, s.certs[w.Device], at); was && !ok {
		return fault.New("govern.device.revoked")
	}
	if !ok {
		return fault.New("govern.device.unknown")
	}
	if s.registrar(w.Device, at) {
		return fault.New("govern.device.self")
	}
	if w.Cuts, err = allCut(tx, w); err != nil {
		return err
	}
	if len(w.Marks) == 0 {
		if w.Marks, err = c.allMarked(tx, w.Device); err != nil {
			return err
		}
	}
	first := w.Marks[:min(len(w.Marks), maxMarks)]
	entries := []Entry{Revoke{Device: w.Device, Cuts: w.Cuts, Marks: first, Why: w.Why}}
	if cert.Entry.Role.Staff() {
		again, err := c.rotate(s, at, rand, w.Device)
		if err != nil {
			return err
		}
		entries = append(entries, again...)
	}
	if err := c.Write(tx, "govern.revoke", entries...); err != nil {
		return err
	}
	return c.mark(tx, "govern.revoke", Revoke{Device: w.Device, Why: w.Why}, w.Marks[len(first):])
}

// allCut closes those feeds of the device that the caller does not name, from
// their beginning: a revocation leaves nothing open.
func allCut(q store.Querier, w Withdrawal) ([]Close, error) {
	certs, err := Incarnations(q, w.Device)
	if err != nil {
		return nil, err
	}
	cuts := slices.Clone(w.Cuts)
	for _, cert := range certs {
		a := cert.Actor()
		if !slices.ContainsFunc(cuts, func(c Close) bool { return c.Feed == a }) {
			cuts = append(cuts, Close{Feed: a})
		}
	}
	return cuts, nil
}

// rotate certifies all staff devices but one again, with a new version of the
// community key.
func (c *Charter) rotate(s *state, at Point, rand io.Reader, without [32]byte) ([]Entry, error) {
	ring, err := c.Keyring()
	if err != nil {
		return nil, err
	}
	if ring, err = ring.Next(rand); err != nil {
		return nil, err
	}
	var out []Entry
	for _, device := range s.devices(at) {
		cert, ok := s.cert(device, at)
		if !ok || device == without || !cert.Entry.Role.Staff() {
			continue
		}
		if cert.Entry.Keyring, err = ring.Wrap(cert.Entry.Recipient); err != nil {
			return nil, err
		}
		out = append(out, cert.Entry)
	}
	return out, nil
}

// devices returns all devices that were ever certified, in a fixed order.
func (s *state) devices(Point) [][32]byte {
	out := make([][32]byte, 0, len(s.certs))
	for d := range s.certs {
		out = append(out, d)
	}
	slices.SortFunc(out, func(a, b [32]byte) int { return bytes.Compare(a[:], b[:]) })
	return out
}

// SetPolicy changes settings. Fault: govern.registrar.only, govern.setting.bad.
func (c *Charter) SetPolicy(tx *store.Tx, settings ...Setting) error {
	unclean := slices.ContainsFunc(settings, func(s Setting) bool { return !PlainLine(s.Text) })
	if p := (Policy{Settings: settings}); unclean || p.check() != nil {
		return fault.New("govern.setting.bad")
	}
	return c.Write(tx, "govern.policy", Policy{Settings: settings})
}

// TakeOver begins a new term with this device as registrar, by the printed
// recovery key. Everything of the old term that is here counts; what the old
// registrar wrote beyond it is void. The new registrar re-certifies itself in
// the same change; certificates of others stay in force. more
// holds the CLOSEs of the old registrar's ledger feeds (quotas.md rule 11). Fault:
// govern.recovery.other if the key is of another community.
func (c *Charter) TakeOver(tx *store.Tx, key RecoveryKey, inc seal.Certificate, self Cert, more ...Entry) error {
	return c.begin(tx, ByRecovery, key.Private(), inc, self, more)
}

// HandOver begins a new term by the key of the registrar's device: a new
// incarnation of that device, after a restored backup, goes on this way.
func (c *Charter) HandOver(tx *store.Tx, device ed25519.PrivateKey, inc seal.Certificate, self Cert, more ...Entry) error {
	return c.begin(tx, ByRegistrar, device, inc, self, more)
}

func (c *Charter) begin(tx *store.Tx, by Order, key ed25519.PrivateKey, inc seal.Certificate, self Cert, more []Entry) error {
	s, err := c.at(tx)
	if err != nil {
		return err
	}
	cut := s.head()
	if s.genesis == nil || inc.Actor() != tx.Self() || self.Device != inc.Device {
		return fault.New("govern.community.unknown")
	}
	t := Term{
		Term: cut.Term + 1, Device: inc.Device, Incarnation: inc.Encode(),
		CutSeq: cut.Seq, CutHash: s.heads[cut], By: by,
	}
	t.Sig = ed25519.Sign(key, t.statement(c.community))
	entries := []Entry{t, self}
	if by == ByAbove { // its order stands next to it
		entries = []Entry{t, more[0], self}
		more = more[1:]
	}
	if c.succession(s, t.Term, t, entries[1:]) != nil {
		return fault.New("govern.recovery.other")
	}
	value, err := EncodeValue(append(entries, more...)...)
	if err != nil {
		return err
	}
	_, err = tx.Append(c.Doc(fmt.Sprintf("gov/%d", t.Term)), "govern.term", value)
	return err
}

// CutOf makes the cut of a feed whose last transaction that counts is known by
// its running number and hash; number 0 lets nothing count.
func CutOf(feed wire.Actor, number uint64, hash wire.Hash, why string) Close {
	return Close{Feed: feed, Number: number, Hash: hash, Why: why}
}
