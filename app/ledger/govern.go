package ledger

import (
	"errors"

	"jishan/crdt/seal"
	"jishan/crdt/store"
	"jishan/crdt/wire"
)

// Role is what a device may do in the ledger.
type Role uint8

// The roles, ascending: each may do what the ones below may.
const (
	Nobody    Role = 0
	Merchant  Role = 1 // a till: takes, redeems, keeps its own stock
	Staff     Role = 2 // office, station: awards where it holds the turn
	Registrar Role = 3 // makes budgets, turns, exposure
)

// Member is an incarnation as the community knows it.
type Member struct {
	Role   Role
	Device [32]byte
	Home   Subject // of a guest: the community whose merchant it is; zero for the community's own
}

// guest tells a merchant of another community, which spends that one's credit.
func (m Member) guest() bool { return m.Home != (Subject{}) }

func (m Member) credit() Quota { return Quota{Kind: Credit, Subject: m.Home} }

// Cut is what counts of a closed feed: everything up to its tips, more than
// one after a fork, none if nothing counts.
type Cut struct{ Tips []Tip }

// Covers tells whether a place lies within the cut.
func (c Cut) Covers(t Tip) bool {
	for _, tip := range c.Tips {
		if t.Number < tip.Number || t.Number == tip.Number && t.Hash == tip.Hash {
			return true
		}
	}
	return false
}

// last is the greatest number within the cut.
func (c Cut) last() (n uint64) {
	for _, tip := range c.Tips {
		n = max(n, tip.Number)
	}
	return n
}

// Heir says who follows a closed feed, and what of.
type Heir struct {
	To     wire.Actor
	At     Head               // where the SUCCEED stands
	Rights map[[32]byte]int64 // by Quota.Sum
}

// Law answers questions about the community under a named governance head: it
// looks at that head's past only, never at what came later. An unknown head or
// incarnation is ErrUnknown.
type Law interface {
	// Head is the newest head that this device holds.
	Head() (Head, error)
	// Member tells the role and the device of an incarnation. Nobody, without
	// an error, is one that the head's past does not allow to write.
	Member(h Head, who wire.Actor) (Member, error)
	// Cut tells whether the incarnation's feed in this community is closed.
	Cut(h Head, who wire.Actor) (Cut, bool, error)
	// Heir tells whether the feed was given a successor.
	Heir(h Head, who wire.Actor) (Heir, bool, error)
	// Closed lists the incarnations whose feeds are closed.
	Closed(h Head) ([]wire.Actor, error)
	// YearClosed tells whether the period's YEARCLOSE lies in the head's past.
	YearClosed(h Head, period string) (bool, error)
	// Abroad is the law of another community, and up to which of its heads it
	// counts here under h. ErrUnknown while its charter is not here so far.
	Abroad(h Head, community Subject) (Law, Head, error)
	// Author finds the certificate of an incarnation that another community named
	// as its own; false for one that is not known here.
	Author(community Subject, who wire.Actor) (cert seal.Certificate, ok bool, err error)
	// Together tells which subjects are one person, the leading one first: the
	// subject alone where it is joined with none. Not to be changed.
	Together(h Head, person Subject) ([]Subject, error)
}

// Governance gives the law as one state of the database holds it.
type Governance interface {
	Law(q store.Querier) Law
}

// ErrUnknown says that a governance head, an incarnation or a feed is not here
// yet: what needs it waits.
var ErrUnknown = errors.New("ledger: not here yet")
