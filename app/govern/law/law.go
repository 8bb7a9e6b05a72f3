// Package law tells the ledger what the charter says: it is the one place
// where app/govern and app/ledger meet, so that neither imports the other.
//
// It must never decide anything by itself. Start reading at [New].
package law

import (
	"slices"

	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Governance implements ledger.Governance on a charter.
type Governance struct{ charter *govern.Charter }

// New returns the ledger's view of a charter.
func New(c *govern.Charter) Governance { return Governance{c} }

// Law implements ledger.Governance.
func (g Governance) Law(q store.Querier) ledger.Law { return law{g.charter, q} }

type law struct {
	charter *govern.Charter
	q       store.Querier
}

func head(p govern.Point, h [16]byte) ledger.Head {
	return ledger.Head{Term: p.Term, Seq: p.Seq, Hash: h}
}

// under returns the charter if the head is known here.
func (l law) under(h ledger.Head) (govern.Snapshot, govern.Point, error) {
	s, err := l.charter.Snapshot(l.q)
	at := govern.Point{Term: h.Term, Seq: h.Seq}
	if err == nil && !s.Known(at, h.Hash) {
		err = ledger.ErrUnknown
	}
	return s, at, err
}

// Head implements ledger.Law.
func (l law) Head() (ledger.Head, error) {
	s, err := l.charter.Snapshot(l.q)
	if err != nil {
		return ledger.Head{}, err
	}
	p, h, ok := s.Head()
	if !ok {
		return ledger.Head{}, ledger.ErrUnknown
	}
	return head(p, h), nil
}

// device finds the device of an incarnation, or ErrUnknown.
func (l law) device(who wire.Actor) ([32]byte, error) {
	d, ok, err := l.charter.DeviceOf(l.q, who)
	if err == nil && !ok {
		err = ledger.ErrUnknown
	}
	return d, err
}

// Member implements ledger.Law.
func (l law) Member(h ledger.Head, who wire.Actor) (ledger.Member, error) {
	s, at, err := l.under(h)
	if err != nil {
		return ledger.Member{}, err
	}
	device, err := l.device(who)
	if err != nil {
		return ledger.Member{}, err
	}
	role, registrar := s.Role(device, at)
	m := ledger.Member{Device: device}
	switch {
	case registrar:
		m.Role = ledger.Registrar
	case role.Staff():
		m.Role = ledger.Staff
	case role == govern.Merchant:
		m.Role = ledger.Merchant
	}
	return m, nil
}

// Cut implements ledger.Law. A feed of a revoked device that the revocation
// does not name is cut before its first transaction.
func (l law) Cut(h ledger.Head, who wire.Actor) (ledger.Cut, bool, error) {
	s, at, err := l.under(h)
	if err != nil {
		return ledger.Cut{}, false, err
	}
	if closes, ok := s.Cuts(who, at); ok {
		return cut(closes), true, nil
	}
	device, ok, err := l.charter.DeviceOf(l.q, who)
	return ledger.Cut{}, err == nil && ok && s.Revoked(device, at), err
}

func cut(closes []govern.Close) ledger.Cut {
	var c ledger.Cut
	for _, e := range closes {
		if e.Number > 0 {
			c.Tips = append(c.Tips, ledger.Tip{Number: e.Number, Hash: e.Hash})
		}
	}
	return c
}

// Heir implements ledger.Law.
func (l law) Heir(h ledger.Head, who wire.Actor) (ledger.Heir, bool, error) {
	s, at, err := l.under(h)
	if err != nil {
		return ledger.Heir{}, false, err
	}
	e, where, hash, ok := s.Heir(who, at)
	if !ok {
		return ledger.Heir{}, false, nil
	}
	heir := ledger.Heir{To: e.To, At: head(where, hash), Rights: map[[32]byte]int64{}}
	for _, r := range e.Rights {
		heir.Rights[r.Quota] += int64(r.Amount)
	}
	return heir, true, nil
}

// Closed implements ledger.Law: the feeds closed by name, and those of revoked
// devices.
func (l law) Closed(h ledger.Head) ([]wire.Actor, error) {
	s, at, err := l.under(h)
	if err != nil {
		return nil, err
	}
	out := s.Closed(at)
	for _, d := range l.charter.Devices() {
		if !s.Revoked(d.Device, at) {
			continue
		}
		certs, err := govern.Incarnations(l.q, d.Device)
		if err != nil {
			return nil, err
		}
		for _, c := range certs {
			if a := c.Actor(); !slices.Contains(out, a) {
				out = append(out, a)
			}
		}
	}
	slices.SortFunc(out, wire.Actor.Compare)
	return out, nil
}

// YearClosed implements ledger.Law.
func (l law) YearClosed(h ledger.Head, period string) (bool, error) {
	s, at, err := l.under(h)
	return err == nil && s.YearClosed(period, at), err
}

var _ ledger.Governance = Governance{}
