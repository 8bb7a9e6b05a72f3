package bench

import (
	"fmt"

	"jishan/app/govern"
	"jishan/app/ledger"
	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// governance gives the ledger the charter's law, as a running device does.
type governance struct{ charter *govern.Charter }

// Law implements ledger.Governance.
func (g governance) Law(q store.Querier) ledger.Law { return &law{charter: g.charter, q: q} }

// law is the charter under one state of the database.
type law struct {
	charter *govern.Charter
	q       store.Querier
}

// at returns what is known, if the head h is; an unknown one is
// ledger.ErrUnknown.
func (l *law) at(h ledger.Head) (govern.Snapshot, govern.Point, error) {
	s, err := l.charter.Snapshot(l.q)
	p := govern.Point{Term: h.Term, Seq: h.Seq}
	if err == nil && h != (ledger.Head{}) && !s.Known(p, h.Hash) {
		err = fmt.Errorf("governance head %d.%d: %w", h.Term, h.Seq, ledger.ErrUnknown)
	}
	return s, p, err
}

// Head implements ledger.Law.
func (l *law) Head() (ledger.Head, error) {
	s, err := l.charter.Snapshot(l.q)
	if err != nil {
		return ledger.Head{}, err
	}
	p, hash, _ := s.Head()
	return ledger.Head{Term: p.Term, Seq: p.Seq, Hash: hash}, nil
}

// Member implements ledger.Law.
func (l *law) Member(h ledger.Head, who wire.Actor) (ledger.Member, error) {
	s, p, err := l.at(h)
	if err != nil {
		return ledger.Member{}, err
	}
	device, ok, err := l.charter.DeviceOf(l.q, who)
	if err == nil && !ok {
		err = fmt.Errorf("incarnation %s: %w", who, ledger.ErrUnknown)
	}
	role, registrar := s.Role(device, p)
	m := ledger.Member{Device: device}
	switch {
	case registrar:
		m.Role = ledger.Registrar
	case role.Staff():
		m.Role = ledger.Staff
	case role == govern.Merchant:
		m.Role = ledger.Merchant
	}
	return m, err
}

// Cut implements ledger.Law.
func (l *law) Cut(h ledger.Head, who wire.Actor) (ledger.Cut, bool, error) {
	s, p, err := l.at(h)
	if err != nil {
		return ledger.Cut{}, false, err
	}
	closes, ok := s.Cuts(who, p)
	var c ledger.Cut
	for _, x := range closes {
		if x.Number > 0 {
			c.Tips = append(c.Tips, ledger.Tip{Number: x.Number, Hash: x.Hash})
		}
	}
	return c, ok, nil
}

// Heir implements ledger.Law: in a bench nobody inherits.
func (l *law) Heir(h ledger.Head, _ wire.Actor) (ledger.Heir, bool, error) {
	_, _, err := l.at(h)
	return ledger.Heir{}, false, err
}

// Closed implements ledger.Law.
func (l *law) Closed(h ledger.Head) ([]wire.Actor, error) {
	s, p, err := l.at(h)
	if err != nil {
		return nil, err
	}
	return s.Closed(p), nil
}

// YearClosed implements ledger.Law.
func (l *law) YearClosed(h ledger.Head, period string) (bool, error) {
	s, p, err := l.at(h)
	return err == nil && s.YearClosed(period, p), err
}

// rules answer admission from charter and ledger.
type rules struct {
	*govern.Charter
	ledger *ledger.Ledger
}

func isFeed(doc store.DocID) bool {
	p, err := govern.ParsePath(doc)
	return err == nil && p.Author != ""
}

// Form implements admit.Rules.
func (r rules) Form(tx *store.Tx, doc store.DocID, device [32]byte, ch *wire.Change) error {
	if err := r.Charter.Form(tx, doc, device, ch); err != nil || !isFeed(doc) {
		return err
	}
	return r.ledger.Form(tx, doc, ch)
}

// Subject implements admit.Rules.
func (r rules) Subject(tx *store.Tx, doc store.DocID, ch *wire.Change, h wire.Hash, c seal.Context) error {
	if isFeed(doc) {
		return r.ledger.Subject(tx, doc, ch, h, c)
	}
	return r.Charter.Subject(tx, doc, ch, h, c)
}
