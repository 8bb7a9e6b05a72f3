package law

import (
	"fmt"

	"jishan/app/ledger"
	"jishan/crdt/seal"
	"jishan/crdt/wire"
)

// Abroad implements ledger.Law: another community's charter as letters brought it,
// up to the place that this community's charter names under h. So a feed that was
// closed there counts alike on all devices here, whenever the letter reached them.
func (l *law) Abroad(h ledger.Head, community ledger.Subject) (ledger.Law, ledger.Head, error) {
	s, p, err := l.at(h)
	if err != nil || l.partners == nil {
		return nil, ledger.Head{}, unknown(community, err)
	}
	upto, hash, ok := s.Abroad(community, p)
	if !ok {
		return nil, ledger.Head{}, unknown(community, nil)
	}
	f, err := l.partners.Foreign(l.q, community.String())
	if err != nil {
		return nil, ledger.Head{}, err
	}
	theirs := f.Snapshot()
	if _, known := theirs.At(upto.Term, upto.Seq, hash); !known {
		return nil, ledger.Head{}, unknown(community, nil)
	}
	return &law{q: l.q, snap: &theirs, device: l.authorOf(community.String())}, ledger.Head{Term: upto.Term, Seq: upto.Seq, Hash: hash}, nil
}

func unknown(community ledger.Subject, err error) error {
	if err != nil {
		return err
	}
	return fmt.Errorf("the charter of community %s: %w", community, ledger.ErrUnknown)
}

// authorOf finds the devices of another community's incarnations.
func (l *law) authorOf(community string) func(wire.Actor) ([32]byte, bool, error) {
	return func(a wire.Actor) ([32]byte, bool, error) {
		cert, ok, err := l.partners.Author(l.q, community, a)
		return cert.Device, ok, err
	}
}

// Author implements ledger.Law.
func (l *law) Author(community ledger.Subject, who wire.Actor) (cert seal.Certificate, ok bool, err error) {
	if l.partners == nil {
		return cert, false, nil
	}
	return l.partners.Author(l.q, community.String(), who)
}
